/**
 * @file test_audio_event.c  Keys from one leg to the other
 *
 * Checked on the packets that come out: one press each, durations, the
 * sequence through audio and events, and no audio meanwhile.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <math.h>
#include <cmocka.h>
#include <re.h>
#include <rem.h>
#include "audio/audio.h"
#include "rtp/rtp.h"
#include "rtp/rxstat.h"
#include "rtp/clock.h"
#include "audio/telev.h"
#include "audio/audio_priv.h"
#include "media_rig.h"


enum {
	EV_SIP  = 101,
	EV_CUBE = 110,
};

static struct {
	unsigned n;
	enum media_leg leg;
	char str[64];
	uint32_t ms;
	bool sent;
	char down[LEG_MAX];     /* '\0'=none */
} keys;

struct seen {
	char str[64];
	size_t n;
	uint32_t durv[64];      /* [RTP clock] */
};


static void key_h(enum media_leg leg, char key, bool down, uint32_t ms,
		  bool sent, void *arg)
{
	assert_ptr_equal(arg, &keys);

	/* each goes down before it is up */
	if (down) {
		assert_int_equal(0, keys.down[leg]);
		assert_int_equal(0, ms);
		keys.down[leg] = key;
		return;
	}

	assert_int_equal(key, keys.down[leg]);
	keys.down[leg] = '\0';

	keys.leg  = leg;
	keys.ms   = ms;
	keys.sent = sent;
	keys.str[keys.n++ & 63] = key;
}


static void set_end(struct rig *rig, enum media_leg leg, const char *name,
		    uint8_t pt, uint32_t crate, bool inband)
{
	struct media_end end;
	struct media_fmt *fmt;

	rig_end(rig, &end, leg, name, 20);

	fmt = &end.rxv[end.rxc - 1];
	assert_string_equal(fmt->name, "telephone-event");

	if (crate) {
		fmt->pt    = pt;
		fmt->crate = crate;
		end.ev     = *fmt;
	}
	else {
		--end.rxc;
	}

	end.inband = inband;

	assert_int_equal(audio_pair_set_end(rig->ap, leg, &end), 0);
}


static void init(struct rig *rig, const char *sip, const char *cube,
		 uint32_t sipcrate, uint32_t cubecrate, bool inband)
{
	rig_init(rig);
	memset(&keys, 0, sizeof(keys));
	audio_pair_set_key_handler(rig->ap, key_h, &keys);
	set_end(rig, LEG_SIP, sip, EV_SIP, sipcrate, inband);
	set_end(rig, LEG_CUBE, cube, EV_CUBE, cubecrate, false);
}


/* One packet of an event, in the stream of the source */
static void send_event(struct rig *rig, enum media_leg leg,
		       struct rig_src *src, uint8_t pt, unsigned event,
		       uint16_t dur, bool end, bool marker)
{
	const struct telev te = {(uint8_t)event, end, 10, dur};
	uint8_t buf[16];

	rtp_hdr_write(buf, marker, pt, src->seq++, src->ts, src->ssrc);
	telev_encode(buf + 12, &te);
	audio_pair_rtp(rig->ap, leg, buf, sizeof(buf));
}


/* A whole key press of n steps of 20 ms, three ends */
static void press(struct rig *rig, enum media_leg leg, struct rig_src *src,
		  uint8_t pt, uint32_t crate, unsigned event, unsigned n)
{
	const uint32_t step = crate / 50;
	unsigned i;

	for (i=1; i<=n; i++) {
		send_event(rig, leg, src, pt, event, (uint16_t)(i * step),
			   i == n, i == 1);
		rig_now += 20000;
		audio_pair_poll(rig->ap, rig_now);
	}

	send_event(rig, leg, src, pt, event, (uint16_t)(n * step), true,
		   false);
	send_event(rig, leg, src, pt, event, (uint16_t)(n * step), true,
		   false);

	src->ts += n * src->ac->crate / 50;
	src->n  += n * src->srate / 50;
}


static void idle(struct rig *rig, unsigned ms)
{
	while (ms--) {
		rig_now += 1000;
		audio_pair_poll(rig->ap, rig_now);
	}
}


/* Read the keys that were sent, and check the stream that they are in */
static void read_keys(const struct rig_sink *sink, uint8_t pt,
		      struct seen *seen)
{
	uint32_t ts = 0, last = 0;
	unsigned ends = 0;
	size_t i;

	memset(seen, 0, sizeof(*seen));

	for (i=0; i<sink->pktc; i++) {

		const struct rig_pkt *p = &sink->pktv[i];
		struct telev te;

		if (i)
			assert_int_equal((uint16_t)(p->seq -
						    sink->pktv[i-1].seq), 1);

		if (p->pt != pt) {
			/* audio stays away while a key is sent */
			assert_true(!seen->n || ends == TELEV_ENDS);
			last = p->ts;
			continue;
		}

		assert_int_equal(p->len, TELEV_LEN);
		assert_int_equal(telev_decode(&te, p->buf, p->len), 0);

		if (!seen->n || p->ts != ts) {

			if (!p->marker && seen->n) {
				/* a segment */
				assert_int_equal(p->ts - ts, 0xffff);
				seen->durv[seen->n - 1] += 0;
			}
			else {
				assert_true(p->marker);
				assert_true(!last ||
					    (int32_t)(p->ts - last) > 0);
				seen->str[seen->n++] = telev_key(te.event);
				ends = 0;
			}
			ts = p->ts;
		}
		else {
			assert_false(p->marker);
		}

		ends += te.end;
		seen->durv[seen->n - 1] = te.dur;
	}

	if (seen->n)
		assert_int_equal(ends, TELEV_ENDS);
}


static void check_road(const char *from, const char *to, uint32_t crate_in,
		       uint32_t crate_out, enum media_leg leg)
{
	const uint8_t ptin = leg == LEG_SIP ? EV_SIP : EV_CUBE;
	const uint8_t ptout = leg == LEG_SIP ? EV_CUBE : EV_SIP;
	struct media_stats st;
	struct rig_src src;
	struct seen seen;
	struct rig rig;

	if (leg == LEG_SIP)
		init(&rig, from, to, crate_in, crate_out, false);
	else
		init(&rig, to, from, crate_out, crate_in, false);

	src_init(&src, leg, from, 20, 440, NULL);

	src_send(&rig, leg, &src, 20);
	press(&rig, leg, &src, ptin, crate_in, 5, 8);
	src_send(&rig, leg, &src, 10);
	press(&rig, leg, &src, ptin, crate_in, 11, 5);
	src_send(&rig, leg, &src, 20);

	read_keys(&rig.sinkv[!leg], ptout, &seen);
	assert_string_equal(seen.str, "5#");
	assert_int_equal(seen.durv[0], crate_out * 160 / 1000);
	assert_int_equal(seen.durv[1], crate_out * 100 / 1000);

	assert_int_equal(keys.n, 2);
	assert_string_equal(keys.str, "5#");
	assert_int_equal(keys.leg, leg);
	assert_int_equal(keys.ms, 100);
	assert_true(keys.sent);

	audio_pair_stats(rig.ap, leg, &st);
	assert_int_equal(st.keys, 2);
	assert_int_equal(st.rx.lost, 0);
	assert_int_equal(st.rx.dropped, 0);
	assert_int_equal(st.concealed, 0);

	src_close(&src);
	rig_close(&rig);
}


static void test_roads(void **state)
{
	(void)state;

	check_road("PCMU", "opus", 8000, 48000, LEG_SIP);
	check_road("opus", "PCMU", 48000, 8000, LEG_CUBE);
	check_road("PCMU", "PCMU", 8000, 8000, LEG_SIP);
	check_road("PCMU", "PCMU", 8000, 8000, LEG_CUBE);
	check_road("opus", "opus", 48000, 48000, LEG_SIP);
	check_road("opus", "opus", 8000, 48000, LEG_SIP);
	check_road("opus", "PCMA", 8000, 8000, LEG_SIP);
	check_road("WB", "PCMA", 8000, 8000, LEG_SIP);
}


/* The tone around a key stays in phase, on a forwarded stream */
static void test_audio_goes_on(void **state)
{
	struct rig_src src;
	struct rig_sink *sink;
	struct rig rig;
	size_t i, n = 0;
	(void)state;

	init(&rig, "PCMU", "PCMA", 8000, 8000, false);
	sink = &rig.sinkv[LEG_CUBE];
	src_init(&src, LEG_SIP, "PCMU", 20, 440, NULL);
	src_send(&rig, LEG_SIP, &src, 50);
	press(&rig, LEG_SIP, &src, EV_SIP, 8000, 1, 10);
	src_send(&rig, LEG_SIP, &src, 50);

	for (i=0; i<sink->pktc; i++) {
		if (sink->pktv[i].pt != EV_CUBE)
			sink->pktv[n++] = sink->pktv[i];
	}
	sink->pktc = n;

	/* 100 packets, less those while the end was repeated */
	assert_in_range(n, 97, 100);
	assert_int_equal(sink->pktv[n-1].ts - sink->pktv[0].ts, 109 * 160);
	assert_true(sink_tone(sink, "PCMA", 440) > 0.85);

	src_close(&src);
	rig_close(&rig);
}


/* Packets lost and repeated on the way in: one press each */
static void test_losses(void **state)
{
	struct rig_src src;
	struct seen seen;
	struct rig rig;
	unsigned i;
	(void)state;

	init(&rig, "PCMU", "opus", 8000, 48000, false);
	src_init(&src, LEG_SIP, "PCMU", 20, 440, NULL);
	src_send(&rig, LEG_SIP, &src, 10);

	/* the beginning is lost, and two of the ends */
	for (i=1; i<=6; i++) {
		if (i < 3)
			++src.seq;
		else
			send_event(&rig, LEG_SIP, &src, EV_SIP, 7,
				   (uint16_t)(160 * i), i == 6, false);
		rig_now += 20000;
		audio_pair_poll(rig.ap, rig_now);
	}
	src.seq += 2;
	src.ts  += 960;
	src_send(&rig, LEG_SIP, &src, 10);

	/* all ends are lost, and no audio follows */
	send_event(&rig, LEG_SIP, &src, EV_SIP, 8, 160, false, true);
	rig_now += 20000;
	send_event(&rig, LEG_SIP, &src, EV_SIP, 8, 320, false, false);
	idle(&rig, 400);
	src.seq += 3;
	src.ts  += 8000;
	src_send(&rig, LEG_SIP, &src, 10);

	read_keys(&rig.sinkv[LEG_CUBE], EV_CUBE, &seen);
	assert_string_equal(seen.str, "78");
	assert_int_equal(seen.durv[0], 960 * 6);
	assert_int_equal(seen.durv[1], 320 * 6);
	assert_int_equal(keys.n, 2);

	src_close(&src);
	rig_close(&rig);
}


/* 6 s: one segment at 8 kHz, five at 48 kHz */
static void test_long(void **state)
{
	struct rig_src src;
	struct seen seen;
	struct rig rig;
	(void)state;

	init(&rig, "PCMU", "opus", 8000, 48000, false);
	src_init(&src, LEG_SIP, "PCMU", 20, 440, NULL);
	src_send(&rig, LEG_SIP, &src, 10);
	press(&rig, LEG_SIP, &src, EV_SIP, 8000, 3, 300);
	src_send(&rig, LEG_SIP, &src, 10);

	read_keys(&rig.sinkv[LEG_CUBE], EV_CUBE, &seen);
	assert_string_equal(seen.str, "3");
	assert_int_equal(seen.durv[0], 288000 - 4 * 0xffff);
	assert_int_equal(keys.ms, 6000);

	src_close(&src);
	rig_close(&rig);
}


/* Keys from elsewhere: before, between and without audio */
static void test_send_key(void **state)
{
	struct rig_src src;
	struct seen seen;
	struct rig rig;
	const char *p;
	(void)state;

	init(&rig, "PCMU", "opus", 8000, 48000, false);
	assert_int_equal(audio_pair_send_key(rig.ap, LEG_SIP, 'x', 0),
			 EINVAL);

	for (p = "12"; *p; p++)
		assert_int_equal(audio_pair_send_key(rig.ap, LEG_SIP, *p, 0),
				 0);
	idle(&rig, 1000);

	src_init(&src, LEG_CUBE, "opus", 20, 440, NULL);
	src_send(&rig, LEG_CUBE, &src, 10);
	for (p = "*0d"; *p; p++)
		assert_int_equal(audio_pair_send_key(rig.ap, LEG_SIP, *p,
						     100), 0);
	src_send(&rig, LEG_CUBE, &src, 60);

	read_keys(&rig.sinkv[LEG_SIP], EV_SIP, &seen);
	assert_string_equal(seen.str, "12*0D");
	assert_int_equal(seen.durv[0], 8 * TELEV_DUR_DEF);
	assert_int_equal(seen.durv[4], 800);
	assert_int_equal(keys.n, 0);

	src_close(&src);
	rig_close(&rig);
}


/* A leg without telephone-event: the handler knows, nothing is sent */
static void test_no_event(void **state)
{
	struct rig_src src;
	struct seen seen;
	struct rig rig;
	(void)state;

	init(&rig, "PCMU", "PCMU", 8000, 0, false);
	src_init(&src, LEG_SIP, "PCMU", 20, 440, NULL);
	src_send(&rig, LEG_SIP, &src, 10);
	press(&rig, LEG_SIP, &src, EV_SIP, 8000, 9, 8);
	src_send(&rig, LEG_SIP, &src, 10);

	read_keys(&rig.sinkv[LEG_CUBE], EV_CUBE, &seen);
	assert_int_equal(seen.n, 0);
	assert_int_equal(keys.n, 1);
	assert_int_equal(keys.ms, 160);
	assert_false(keys.sent);
	assert_int_equal(audio_pair_send_key(rig.ap, LEG_CUBE, '1', 0),
			 ENOTSUP);

	src_close(&src);
	rig_close(&rig);
}


/* A late packet does not take the number of one that was sent since */
static void test_late(void **state)
{
	uint8_t a[MEDIA_PKT_MAX], b[MEDIA_PKT_MAX];
	struct rig_src src;
	struct rig rig;
	size_t alen, blen, i, j;
	(void)state;

	init(&rig, "PCMU", "PCMU", 8000, 8000, false);
	src_init(&src, LEG_SIP, "PCMU", 20, 440, NULL);
	src_send(&rig, LEG_SIP, &src, 10);
	alen = src_next(&src, a);
	blen = src_next(&src, b);
	audio_pair_rtp(rig.ap, LEG_SIP, b, blen);
	press(&rig, LEG_SIP, &src, EV_SIP, 8000, 9, 8);
	idle(&rig, 100);
	audio_pair_rtp(rig.ap, LEG_SIP, a, alen);
	src_send(&rig, LEG_SIP, &src, 10);

	for (i=0; i<rig.sinkv[LEG_CUBE].pktc; i++) {
		for (j=0; j<i; j++)
			assert_int_not_equal(rig.sinkv[LEG_CUBE].pktv[i].seq,
					     rig.sinkv[LEG_CUBE].pktv[j].seq);
	}

	src_close(&src);
	rig_close(&rig);
}


/* --- tones ------------------------------------------------------------ */

static void send_tone(struct rig *rig, struct rig_src *src, double f1,
		      double f2, double amp, unsigned n, double noise)
{
	int16_t sampv[960];
	uint8_t buf[MEDIA_PKT_MAX];
	const size_t sampc = src->srate / 50;

	while (n--) {
		size_t i, len = sizeof(buf) - 12;

		for (i=0; i<sampc; i++) {
			const double t = (double)src->n++ / src->srate;

			sampv[i] = (int16_t)(amp * (sin(2 * M_PI * f1 * t) +
						    sin(2 * M_PI * f2 * t)) +
				noise * ((double)rand() / RAND_MAX - 0.5));
		}

		assert_int_equal(src->ac->encode(src->enc, buf + 12, &len,
						 sampv, sampc), 0);
		rtp_hdr_write(buf, false, src->pt, src->seq++, src->ts,
			      src->ssrc);
		src->ts += src->ac->crate / 50;
		audio_pair_rtp(rig->ap, LEG_SIP, buf, 12 + len);
		rig_now += 20000;
		audio_pair_poll(rig->ap, rig_now);
	}
}


static void check_inband(const char *sip, const char *cube, double amp,
			 double noise)
{
	const double rowv[4] = {697, 770, 852, 941};
	const double colv[4] = {1209, 1336, 1477, 1633};
	struct rig_src src;
	struct seen seen;
	struct rig rig;
	unsigned i;

	init(&rig, sip, cube, 0, rig_codec(cube)->crate, true);
	src_init(&src, LEG_SIP, sip, 20, 440, NULL);
	send_tone(&rig, &src, 440, 300, 1000, 20, noise);

	for (i=0; i<16; i++) {
		send_tone(&rig, &src, rowv[i / 4], colv[i & 3], amp, 4,
			  noise);
		send_tone(&rig, &src, 440, 300, 1000, 8, noise);
	}

	read_keys(&rig.sinkv[LEG_CUBE], EV_CUBE, &seen);
	if (strcmp(seen.str, "123A456B789C*0#D"))
		fail_msg("%s->%s: %s", sip, cube, seen.str);
	assert_int_equal(keys.n, 16);
	assert_in_range(keys.ms, 50, 100);

	src_close(&src);
	rig_close(&rig);
}


static void test_inband(void **state)
{
	(void)state;

	check_inband("PCMU", "opus", 6000, 0);
	check_inband("PCMU", "PCMU", 6000, 300);
	check_inband("PCMA", "opus", 500, 0);
	check_inband("WB", "PCMA", 6000, 300);
	check_inband("opus", "PCMA", 6000, 100);
}


/* The same source goes on with another codec */
static void src_switch(struct rig_src *src, const char *name)
{
	const struct rig_src was = *src;

	src_close(src);
	src_init(src, LEG_SIP, name, 20, 440, NULL);
	src->seq  = was.seq;
	src->ts   = was.ts;
	src->ssrc = was.ssrc;
}


/* No key is lost, and none is pressed twice, while codecs change */
static void test_inband_change(void **state)
{
	struct rig_src src;
	struct seen seen;
	struct rig rig;
	(void)state;

	init(&rig, "PCMU", "opus", 0, 48000, true);
	src_init(&src, LEG_SIP, "PCMU", 20, 440, NULL);
	send_tone(&rig, &src, 440, 300, 1000, 150, 0);
	send_tone(&rig, &src, 697, 1209, 6000, 4, 0);
	send_tone(&rig, &src, 440, 300, 1000, 8, 0);

	/* another codec of that rate, and held through the next change */
	src_switch(&src, "PCMA");
	send_tone(&rig, &src, 697, 1336, 6000, 4, 0);
	send_tone(&rig, &src, 440, 300, 1000, 8, 0);
	send_tone(&rig, &src, 697, 1477, 6000, 4, 0);
	src_switch(&src, "PCMU");
	src.n = 4 * 160;
	send_tone(&rig, &src, 697, 1477, 6000, 4, 0);
	send_tone(&rig, &src, 440, 300, 1000, 8, 0);

	/* of another rate */
	src_switch(&src, "WB");
	send_tone(&rig, &src, 770, 1209, 6000, 4, 0);
	send_tone(&rig, &src, 440, 300, 1000, 8, 0);

	/* and a new answer of the app, to which it is forwarded if it can be */
	set_end(&rig, LEG_CUBE, "PCMA", EV_CUBE, 8000, false);
	src_switch(&src, "PCMA");
	send_tone(&rig, &src, 770, 1336, 6000, 4, 0);
	send_tone(&rig, &src, 440, 300, 1000, 8, 0);
	assert_int_equal(keys.n, 5);
	assert_string_equal(keys.str, "12345");

	/* tones are no keys any more, and are again */
	set_end(&rig, LEG_SIP, "PCMA", EV_SIP, 0, false);
	send_tone(&rig, &src, 770, 1477, 6000, 4, 0);
	send_tone(&rig, &src, 440, 300, 1000, 8, 0);
	set_end(&rig, LEG_SIP, "PCMA", EV_SIP, 0, true);
	send_tone(&rig, &src, 852, 1209, 6000, 4, 0);
	send_tone(&rig, &src, 440, 300, 1000, 8, 0);
	assert_string_equal(keys.str, "123457");

	read_keys(&rig.sinkv[LEG_CUBE], EV_CUBE, &seen);
	assert_string_equal(seen.str, "123457");

	src_close(&src);
	rig_close(&rig);
}


/* How much of a tone gets through */
static void test_inband_is_silenced(void **state)
{
	int16_t *v = mem_zalloc(8000 * 2 * sizeof(*v), NULL);
	struct rig_src src;
	struct rig_sink *sink;
	struct rig rig;
	uint32_t srate;
	size_t i, n, loud = 0;
	(void)state;

	init(&rig, "PCMU", "PCMA", 0, 8000, true);
	sink = &rig.sinkv[LEG_CUBE];
	src_init(&src, LEG_SIP, "PCMU", 20, 440, NULL);
	send_tone(&rig, &src, 440, 300, 10, 10, 0);
	send_tone(&rig, &src, 770, 1336, 8000, 10, 0);
	send_tone(&rig, &src, 440, 300, 10, 20, 0);

	for (i=n=0; i<sink->pktc; i++) {
		if (sink->pktv[i].pt != EV_CUBE)
			sink->pktv[n++] = sink->pktv[i];
	}
	sink->pktc = n;

	n = sink_decode(sink, "PCMA", &srate, v, 16000);
	for (i=0; i<n; i++)
		loud += abs(v[i]) > 1000;

	/* no more than the packet that it began in */
	assert_in_range(loud, 0, 160);

	mem_deref(v);
	src_close(&src);
	rig_close(&rig);
}


/* Music and other tones are no keys */
static void test_inband_other(void **state)
{
	struct rig_src src;
	struct rig rig;
	double f;
	(void)state;

	init(&rig, "PCMU", "opus", 0, 48000, true);
	src_init(&src, LEG_SIP, "PCMU", 20, 440, NULL);

	for (f=300; f<3000; f+=50) {
		send_tone(&rig, &src, f, f, 6000, 5, 0);
		send_tone(&rig, &src, f, f * 2, 6000, 5, 0);
		send_tone(&rig, &src, 0, 0, 0, 5, 20000);
	}

	/* a dial tone is not one either */
	send_tone(&rig, &src, 350, 440, 6000, 20, 0);
	assert_int_equal(keys.n, 0);

	src_close(&src);
	rig_close(&rig);
}


/* --- tones in what is forwarded ---------------------------------------- */

/** What a phone sends, of which packets may be lost or come late */
struct road {
	struct rig rig;
	struct rig_src src;
	uint8_t pktv[1024][172];/**< As sent                               */
	size_t n;
};


static void road_init(struct road *rd, const char *cube, uint32_t ev_crate)
{
	init(&rd->rig, "PCMU", cube, 0, ev_crate, true);
	src_init(&rd->src, LEG_SIP, "PCMU", 20, 440, NULL);
	rd->n = 0;
}


static void road_close(struct road *rd)
{
	src_close(&rd->src);
	rig_close(&rd->rig);
}


static bool road_relayed(const struct road *rd)
{
	struct media_stats st;

	audio_pair_stats(rd->rig.ap, LEG_CUBE, &st);

	return st.relayed;
}


/* Packets of two tones are made, and kept */
static void road_make(struct road *rd, double f1, double f2, double amp,
		      unsigned n)
{
	struct rig_src *src = &rd->src;
	int16_t sampv[160];
	size_t i;

	while (n--) {
		uint8_t *pkt = rd->pktv[rd->n++];
		size_t len = 160;

		for (i=0; i<160; i++) {
			const double t = (double)src->n++ / 8000;

			sampv[i] = (int16_t)(amp * (sin(2 * M_PI * f1 * t) +
						    sin(2 * M_PI * f2 * t)));
		}
		assert_int_equal(src->ac->encode(src->enc, pkt + 12, &len,
						 sampv, 160), 0);
		rtp_hdr_write(pkt, false, src->pt, src->seq++, src->ts,
			      src->ssrc);
		src->ts += 160;
	}
}


static void road_go(struct road *rd, size_t i)
{
	audio_pair_rtp(rd->rig.ap, LEG_SIP, rd->pktv[i], sizeof(rd->pktv[i]));
	rig_now += 20000;
	audio_pair_poll(rd->rig.ap, rig_now);
}


/* Is what was sent packet i, but for its header? */
static bool is_packet(const struct road *rd, const struct rig_pkt *p, size_t i)
{
	return p->pt == 0 && p->len == 160 &&
		!memcmp(p->buf, rd->pktv[i] + 12, 160);
}


static bool is_silence(const struct rig_pkt *p)
{
	size_t i;

	for (i=0; i<p->len && p->buf[i] == 0xff; i++)
		;

	return p->pt == 0 && p->len == 160 && i == p->len;
}


/* Nothing is touched but the key; the app has no telephone-event, so that
   every packet comes out */
static void test_forwarded(void **state)
{
	static struct road rd;
	const struct rig_sink *sink = &rd.rig.sinkv[LEG_CUBE];
	size_t i, blank = 0;
	(void)state;

	road_init(&rd, "PCMU", 0);
	road_make(&rd, 440, 300, 3000, 50);
	road_make(&rd, 770, 1336, 6000, 10);
	road_make(&rd, 440, 300, 3000, 50);
	for (i=0; i<rd.n; i++)
		road_go(&rd, i);

	assert_true(road_relayed(&rd));
	assert_int_equal(sink->pktc, 110);

	for (i=0; i<110; i++) {

		const struct rig_pkt *p = &sink->pktv[i];

		/* the first 20 ms of the key, and it ends within 40 ms */
		if (is_silence(p))
			++blank;
		else
			assert_true(is_packet(&rd, p, i));

		assert_int_equal(is_silence(p), is_silence(p) && i >= 50 &&
				 i < 62);
		assert_true(i < 51 || i >= 60 || is_silence(p));
		assert_int_equal(p->seq, (uint16_t)(sink->pktv[0].seq + i));
		assert_int_equal(p->ts, sink->pktv[0].ts + 160 * i);
	}

	assert_in_range(blank, 9, 12);
	assert_string_equal(keys.str, "5");
	assert_in_range(keys.ms, 180, 215);
	assert_false(keys.sent);

	road_close(&rd);
}


/* An app with telephone-event: it is not told by a tone, too */
static void test_forwarded_event(void **state)
{
	static struct road rd;
	const struct rig_sink *sink = &rd.rig.sinkv[LEG_CUBE];
	struct seen seen;
	uint32_t off;
	size_t i, k = 0, others = 0;
	(void)state;

	road_init(&rd, "PCMU", 8000);
	road_make(&rd, 440, 300, 3000, 50);
	road_make(&rd, 941, 1477, 6000, 10);
	road_make(&rd, 440, 300, 3000, 50);
	for (i=0; i<rd.n; i++)
		road_go(&rd, i);

	assert_true(road_relayed(&rd));
	read_keys(&rd.rig.sinkv[LEG_CUBE], EV_CUBE, &seen);
	assert_string_equal(seen.str, "#");
	assert_in_range(seen.durv[0], 8 * 180, 8 * 215);
	assert_string_equal(keys.str, "#");

	/* each packet in its place, silence, or none */
	off = sink->pktv[0].ts;
	for (i=0; i<sink->pktc; i++) {

		const struct rig_pkt *p = &sink->pktv[i];

		if (p->pt == EV_CUBE)
			continue;

		k = (p->ts - off) / 160;
		assert_int_equal(p->ts, off + 160 * k);
		assert_true(is_silence(p) || is_packet(&rd, p, k));
		assert_true(k < 51 || k >= 60 || is_silence(p));
		++others;
	}
	assert_int_equal(k, 109);
	assert_in_range(others, 95, 102);

	road_close(&rd);
}


static void disorder(struct road *rd, unsigned lost, unsigned late)
{
	size_t orderv[1024], i, n = 0;

	srand(4711);

	for (i=0; i<rd->n; i++) {
		if (i < 20 || (unsigned)rand() % 100 >= lost)
			orderv[n++] = i;
	}

	for (i=20; i+1<n; i++) {
		if ((unsigned)rand() % 100 < late) {
			const size_t k = orderv[i];

			orderv[i]     = orderv[i + 1];
			orderv[i + 1] = k;
		}
	}

	for (i=0; i<n; i++)
		road_go(rd, orderv[i]);
}


/* Short keys through a network: what is found, and how long */
static void find_keys(const char *cube, unsigned lost, unsigned late,
		      char *str, size_t *loud)
{
	const double rowv[4] = {697, 770, 852, 941};
	const double colv[4] = {1209, 1336, 1477, 1633};
	static struct road rd;
	const struct rig_sink *sink = &rd.rig.sinkv[LEG_CUBE];
	size_t i, j;

	road_init(&rd, cube, 0);
	road_make(&rd, 440, 300, 100, 20);
	for (i=0; i<48; i++) {
		road_make(&rd, rowv[i / 4 % 4], colv[i & 3], 6000,
			  3 + (unsigned)i % 5);
		road_make(&rd, 440, 300, 100, 6 + (unsigned)i % 3);
	}
	disorder(&rd, lost, late);
	idle(&rd.rig, 500);

	memcpy(str, keys.str, sizeof(keys.str));
	assert_true(keys.n < 64);
	assert_int_equal(road_relayed(&rd), !strcmp(cube, "PCMU"));

	*loud = 0;
	for (i=0; i<sink->pktc; i++) {
		const struct rig_pkt *p = &sink->pktv[i];
		bool tone = false;

		for (j=0; j<i; j++)
			assert_int_not_equal(p->seq, sink->pktv[j].seq);
		for (j=0; j<p->len; j++)
			tone |= abs(p->pt ? g711_alaw2pcm(p->buf[j]) :
				    g711_ulaw2pcm(p->buf[j])) > 1000;
		*loud += tone;
	}

	road_close(&rd);
}


/* Forwarding finds the very keys that transcoding finds, whatever the
   network does, and no more of their tones gets through */
static void test_forwarded_disorder(void **state)
{
	static const unsigned netv[][2] = {
		{0, 0}, {0, 10}, {0, 40}, {5, 0}, {5, 10}, {20, 20},
	};
	size_t i, loud, least;
	(void)state;

	for (i=0; i<ARRAY_SIZE(netv); i++) {

		char a[64], b[64];

		find_keys("PCMA", netv[i][0], netv[i][1], a, &least);
		find_keys("PCMU", netv[i][0], netv[i][1], b, &loud);

		print_message("lost %2u %%, swapped %2u %%: %u keys, loud: "
			      "transcoded %u, forwarded %u\n", netv[i][0],
			      netv[i][1], (unsigned)strlen(a),
			      (unsigned)least, (unsigned)loud);
		assert_string_equal(a, b);
		assert_true(strlen(a) >= (netv[i][0] ? 32 : 48));
		assert_true(loud <= least + least / 10 + 1);
	}
}


/* A session that is refreshed in the middle of a key; packets of another
   length; comfort noise between */
static void test_forwarded_changes(void **state)
{
	static struct road rd;
	uint8_t cn[13];
	struct seen seen;
	size_t i;
	(void)state;

	road_init(&rd, "PCMU", 8000);
	road_make(&rd, 440, 300, 3000, 20);
	road_make(&rd, 697, 1209, 6000, 6);
	for (i=0; i<rd.n; i++)
		road_go(&rd, i);
	set_end(&rd.rig, LEG_SIP, "PCMU", EV_SIP, 0, true);
	road_make(&rd, 697, 1209, 6000, 6);
	road_make(&rd, 440, 300, 3000, 20);
	for (; i<rd.n; i++)
		road_go(&rd, i);
	assert_string_equal(keys.str, "1");

	/* not known to anybody: its number is no gap in what is heard */
	rtp_hdr_write(cn, false, 13, rd.src.seq++, rd.src.ts, rd.src.ssrc);
	cn[12] = 50;
	audio_pair_rtp(rd.rig.ap, LEG_SIP, cn, sizeof(cn));
	road_make(&rd, 697, 1336, 6000, 3);
	road_make(&rd, 440, 300, 3000, 10);
	for (; i<rd.n; i++)
		road_go(&rd, i);
	assert_string_equal(keys.str, "12");
	assert_true(road_relayed(&rd));

	/* the app wants 40 ms, then 20 */
	rig_set(&rd.rig, LEG_CUBE, "PCMU", 40);
	set_end(&rd.rig, LEG_CUBE, "PCMU", EV_CUBE, 8000, false);
	road_make(&rd, 697, 1477, 6000, 4);
	road_make(&rd, 440, 300, 3000, 80);
	road_make(&rd, 770, 1209, 6000, 4);
	road_make(&rd, 440, 300, 3000, 10);
	for (; i<rd.n; i++)
		road_go(&rd, i);
	assert_string_equal(keys.str, "1234");
	assert_true(road_relayed(&rd));
	read_keys(&rd.rig.sinkv[LEG_CUBE], EV_CUBE, &seen);
	assert_string_equal(seen.str, "1234");

	road_close(&rd);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_roads),
		cmocka_unit_test(test_audio_goes_on),
		cmocka_unit_test(test_losses),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_send_key),
		cmocka_unit_test(test_no_event),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_inband),
		cmocka_unit_test(test_inband_change),
		cmocka_unit_test(test_inband_is_silenced),
		cmocka_unit_test(test_inband_other),
		cmocka_unit_test(test_forwarded),
		cmocka_unit_test(test_forwarded_event),
		cmocka_unit_test(test_forwarded_disorder),
		cmocka_unit_test(test_forwarded_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
