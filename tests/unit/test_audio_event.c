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
#include "media/media.h"
#include "media/rtp.h"
#include "media/rxstat.h"
#include "media/clock.h"
#include "media/telev.h"
#include "media/priv.h"
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
