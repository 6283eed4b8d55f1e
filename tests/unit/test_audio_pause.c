/**
 * @file test_audio_pause.c  Pauses: comfort noise and DTX, both ways
 *
 * Checked on what comes out: packets, levels, and the delay of the speech
 * that follows a pause, which must not grow from pause to pause.
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
#include "audio/cn.h"
#include "media_rig.h"


/* 8 kHz in frames of 10 ms, 80 bytes each; a pause ends a packet with a noise
   frame of 2 bytes that says how loud it is, as in G.729 */

enum {
	SID_FRAME = 80,
};


static int sid_decode(struct acodec_dec *dec, int16_t *sampv, size_t *sampc,
		      const uint8_t *buf, size_t len)
{
	const size_t n = len / SID_FRAME * SID_FRAME, rest = len - n;
	struct cn cn = {0};
	size_t i;
	(void)dec;

	if ((rest && rest != 2) || *sampc < n + SID_FRAME)
		return EBADMSG;

	for (i=0; i<n; i++)
		sampv[i] = g711_ulaw2pcm(buf[i]);
	*sampc = n;

	if (rest) {
		cn_set(&cn, buf[n]);
		cn_make(&cn, sampv + n, SID_FRAME);
		*sampc += SID_FRAME;
	}

	return 0;
}


static uint32_t sid_silent(const uint8_t *buf, size_t len)
{
	(void)buf;

	return len % SID_FRAME ? 10 : 0;
}


static int sid_enc_alloc(struct acodec_enc **encp, const struct acodec *ac,
			 const struct acodec_param *prm)
{
	(void)ac;
	(void)prm;
	*encp = mem_zalloc(sizeof(**encp), NULL);
	return 0;
}


static int sid_dec_alloc(struct acodec_dec **decp, const struct acodec *ac,
			 const struct acodec_param *prm)
{
	(void)ac;
	(void)prm;
	*decp = mem_zalloc(sizeof(**decp), NULL);
	return 0;
}


static struct acodec sid = {
	.name = "SID", .crate = 8000, .ch = 1, .srate = 8000,
	.enc_alloc = sid_enc_alloc, .encode = wb_encode,
	.dec_alloc = sid_dec_alloc, .decode = sid_decode,
	.silent = sid_silent,
};


static void set_end(struct rig *rig, enum media_leg leg, const char *name,
		    bool cn, const char *fmtp)
{
	struct media_end end;

	if (!strcmp(name, "SID")) {
		rig_codec_add(rig, &sid);
		rig_end(rig, &end, leg, "PCMU", 20);
		end.tx.pt = 99;
		strcpy(end.tx.name, name);
		end.rxv[end.rxc++] = end.tx;
	}
	else {
		rig_end(rig, &end, leg, name, 20);
	}

	str_ncpy(end.tx.fmtp, fmtp, sizeof(end.tx.fmtp));

	if (cn) {
		struct media_fmt *fmt = &end.rxv[end.rxc++];

		memset(fmt, 0, sizeof(*fmt));
		fmt->pt    = 13;
		fmt->crate = 8000;
		strcpy(fmt->name, "CN");
	}

	assert_int_equal(audio_pair_set_end(rig->ap, leg, &end), 0);
}


static void init(struct rig *rig, const char *sip, const char *cube,
		 bool cn, const char *fmtp)
{
	rig_init(rig);
	set_end(rig, LEG_SIP, sip, true, "");
	set_end(rig, LEG_CUBE, cube, cn, fmtp);
}


/* The source pauses: a CN packet, or none, and then time */
static void send_pause(struct rig *rig, struct rig_src *src, int level,
		       unsigned ms)
{
	uint8_t buf[13];
	unsigned i;

	if (level >= 0) {
		rtp_hdr_write(buf, false, 13, src->seq++, src->ts, src->ssrc);
		buf[12] = (uint8_t)level;
		audio_pair_rtp(rig->ap, LEG_SIP, buf, sizeof(buf));
	}

	for (i=0; i<ms; i++) {
		rig_now += 1000;
		audio_pair_poll(rig->ap, rig_now);
	}

	src->ts += ms * src->ac->crate / 1000;
	src->n  += ms * src->srate / 1000;
}


static void test_cn(void **state)
{
	struct cn cn = {0};
	const uint8_t pkt[] = {0x80 | 40, 1, 2};
	int16_t v[8000];
	uint8_t level;
	unsigned i;
	(void)state;

	assert_int_equal(cn_decode(&level, pkt, 3), 0);
	assert_int_equal(level, 40);
	assert_int_equal(cn_decode(&level, pkt, 0), EBADMSG);
	assert_int_equal(cn_decode(NULL, pkt, 1), EINVAL);

	for (i=20; i<80; i+=10) {
		cn_set(&cn, (uint8_t)i);
		cn_make(&cn, v, ARRAY_SIZE(v));
		assert_in_range(cn_level(v, ARRAY_SIZE(v)), i - 2, i + 2);
	}

	memset(v, 0, sizeof(v));
	assert_int_equal(cn_level(v, ARRAY_SIZE(v)), CN_SILENT);
	assert_int_equal(cn_level(v, 0), CN_SILENT);

	for (i=0; i<ARRAY_SIZE(v); i++)
		v[i] = i & 1 ? INT16_MIN : INT16_MAX;
	assert_int_equal(cn_level(v, ARRAY_SIZE(v)), 0);

	/* any level is without overflow */
	for (i=0; i<128; i++) {
		cn_set(&cn, (uint8_t)i);
		cn_make(&cn, v, 800);
	}
}


/* To a receiver without CN: a continuous stream of that level, and speech
   where it belongs */
static void check_fill(const char *cube, int level)
{
	int16_t *v = mem_zalloc(16000 * 70 * sizeof(*v), NULL);
	struct media_stats st;
	struct rig_sink *sink;
	struct rig_src src;
	struct rig rig;
	uint32_t srate;
	size_t i, n, pos;
	unsigned k;
	double r;

	init(&rig, "PCMU", cube, false, "");
	sink = &rig.sinkv[LEG_CUBE];
	src_init(&src, LEG_SIP, "PCMU", 20, 440, NULL);

	for (k=0; k<10; k++) {
		src_send(&rig, LEG_SIP, &src, 50);
		send_pause(&rig, &src, level, 2010 + k * 7);
	}
	src_send(&rig, LEG_SIP, &src, 50);

	n = sink_decode(sink, cube, &srate, v, 16000 * 70);

	/* no packet is missing, but where speech begins again */
	for (i=1; i<sink->pktc; i++) {
		const uint32_t dt = sink->pktv[i].ts - sink->pktv[i-1].ts;

		assert_true(dt > 0);
		assert_true(dt <= rig_codec(cube)->crate / 1000 *
			    (sink->pktv[i].marker ? 60 : 20));
		assert_int_equal(sink->pktv[i].seq -
				 (uint16_t)(sink->pktv[i-1].seq + 1), 0);
	}

	/* level in the first pause */
	r = rms(v + srate * 3 / 2, srate);
	assert_true(fabs(20 * log10(r / 32768) + level) < 3.0);

	/* each piece of speech is in phase: it stands where it stood */
	for (k=0, pos=0; k<=10; k++) {
		const double w = 2 * M_PI * 440.0 / srate;
		const size_t len = srate * 8 / 10;
		double re = 0, im = 0, sum = 0, ph;
		static double ph0;

		for (i=pos + srate / 10; i<pos + srate / 10 + len; i++) {
			re  += v[i] * cos(w * (double)i);
			im  += v[i] * sin(w * (double)i);
			sum += (double)v[i] * v[i];
		}
		assert_true(2 * (re * re + im * im) / (double)len / sum >
			    0.9);

		ph = atan2(im, re);
		if (!k)
			ph0 = ph;
		assert_true(fabs(remainder(ph - ph0, 2 * M_PI)) < 0.5);
		pos += srate + (2010 + k * 7) * srate / 1000;
	}
	assert_true(n > pos - srate * 5 / 2);

	audio_pair_stats(rig.ap, LEG_SIP, &st);
	assert_int_equal(st.rx.lost, 0);
	assert_int_equal(st.concealed, 0);
	assert_int_equal(st.rx.dropped, 0);

	mem_deref(v);
	src_close(&src);
	rig_close(&rig);
}


static void test_cn_to_noise(void **state)
{
	(void)state;

	check_fill("PCMA", 45);
	check_fill("WB", 50);
	check_fill("opus", 40);
}


/* CN to CN, transcoded and forwarded */
static void check_cn(const char *cube)
{
	struct rig_sink *sink;
	struct rig_src src;
	struct rig rig;
	(void)cube;

	init(&rig, "PCMU", cube, true, "");
	sink = &rig.sinkv[LEG_CUBE];
	src_init(&src, LEG_SIP, "PCMU", 20, 440, NULL);
	src_send(&rig, LEG_SIP, &src, 50);
	send_pause(&rig, &src, 45, 2000);
	src_send(&rig, LEG_SIP, &src, 50);

	assert_int_equal(sink->pktc, 101);
	assert_int_equal(sink->pktv[50].pt, 13);
	assert_int_equal(sink->pktv[50].len, 1);
	assert_int_equal(sink->pktv[50].buf[0], 45);
	assert_int_equal(sink->pktv[50].ts - sink->pktv[0].ts, 8000);
	assert_int_equal(sink->pktv[51].ts - sink->pktv[0].ts, 24000);
	assert_int_equal((uint16_t)(sink->pktv[51].seq -
				    sink->pktv[0].seq), 51);
	if (strcmp(cube, "PCMU"))
		assert_true(sink->pktv[51].marker);

	src_close(&src);
	rig_close(&rig);
}


static void test_cn_to_cn(void **state)
{
	(void)state;

	check_cn("PCMA");
	check_cn("PCMU");
}


/* The last packet but one is lost and the comfort noise waits with the last:
   it comes behind it. Or it overtakes the last and is put back */
static void check_cn_order(const char *cube, bool cn, bool lost)
{
	uint8_t a[MEDIA_PKT_MAX], b[MEDIA_PKT_MAX], c[13];
	int16_t *v = mem_zalloc(16000 * 70 * sizeof(*v), NULL);
	size_t i, alen, blen, cns = 0;
	struct media_stats st;
	struct rig_sink *sink;
	struct rig_src src;
	struct rig rig;
	uint32_t srate, crate;
	double r;

	init(&rig, "PCMU", cube, cn, "");
	sink  = &rig.sinkv[LEG_CUBE];
	crate = rig_codec(cube)->crate;
	src_init(&src, LEG_SIP, "PCMU", 20, 440, NULL);
	src_send(&rig, LEG_SIP, &src, 50);

	alen = src_next(&src, a);
	blen = src_next(&src, b);
	rtp_hdr_write(c, false, 13, src.seq++, src.ts, src.ssrc);
	c[12] = 45;

	if (lost) {
		rig_now += 20000;
		audio_pair_rtp(rig.ap, LEG_SIP, b, blen);
		rig_now += 20000;
		audio_pair_poll(rig.ap, rig_now);
		audio_pair_rtp(rig.ap, LEG_SIP, c, sizeof(c));
	}
	else {
		audio_pair_rtp(rig.ap, LEG_SIP, a, alen);
		rig_now += 40000;
		audio_pair_rtp(rig.ap, LEG_SIP, c, sizeof(c));
		audio_pair_rtp(rig.ap, LEG_SIP, b, blen);
	}

	send_pause(&rig, &src, -1, 2000);
	src_send(&rig, LEG_SIP, &src, 50);

	audio_pair_stats(rig.ap, LEG_SIP, &st);
	assert_int_equal(st.concealed, lost);
	assert_int_equal(st.rx.dropped, 0);

	for (i=1; i<sink->pktc; i++) {

		const struct rig_pkt *p = &sink->pktv[i];
		const uint32_t dt = p->ts - sink->pktv[i-1].ts;

		assert_int_equal((uint16_t)(p->seq - sink->pktv[i-1].seq), 1);

		if (p->pt == 13) {
			++cns;
			assert_int_equal(p->buf[0], 45);
			assert_int_equal(p->ts - sink->pktv[0].ts, 52 * 160);
		}
		if (!cn)
			assert_true(dt && dt <= crate / 1000 *
				    (p->marker ? 60 : 20));
	}

	assert_int_equal(cns, cn);
	assert_int_equal(sink->pktv[sink->pktc - 1].ts - sink->pktv[0].ts,
			 crate / 1000 * (101 * 20 + 2000));

	if (cn) {
		assert_int_equal(sink->pktc, 103);
		assert_int_equal(sink->pktv[52].pt, 13);
	}
	else {
		(void)sink_decode(sink, cube, &srate, v, 16000 * 70);
		r = rms(v + srate * 3 / 2, srate);
		assert_true(fabs(20 * log10(r / 32768) + 45) < 3.0);
	}

	mem_deref(v);
	src_close(&src);
	rig_close(&rig);
}


static void test_cn_order(void **state)
{
	(void)state;

	check_cn_order("PCMA", true, true);
	check_cn_order("PCMA", true, false);
	check_cn_order("PCMA", false, true);
	check_cn_order("PCMA", false, false);
	check_cn_order("opus", false, true);
	check_cn_order("opus", false, false);
}


/* Held when the receiver goes on hold: nothing is sent there any more */
static void test_cn_hold(void **state)
{
	uint8_t buf[MEDIA_PKT_MAX];
	struct media_end end;
	struct rig_sink *sink;
	struct rig_src src;
	struct rig rig;
	size_t len;
	(void)state;

	init(&rig, "PCMU", "PCMA", true, "");
	sink = &rig.sinkv[LEG_CUBE];
	src_init(&src, LEG_SIP, "PCMU", 20, 440, NULL);
	src_send(&rig, LEG_SIP, &src, 10);

	(void)src_next(&src, buf);
	len = src_next(&src, buf);
	audio_pair_rtp(rig.ap, LEG_SIP, buf, len);

	rig_end(&rig, &end, LEG_CUBE, "PCMA", 20);
	end.send = false;
	assert_int_equal(audio_pair_set_end(rig.ap, LEG_CUBE, &end), 0);
	send_pause(&rig, &src, 45, 1000);
	assert_int_equal(sink->pktc, 10);

	src_close(&src);
	rig_close(&rig);
}


/* A codec with comfort noise of its own gets no other */
static void test_cn_to_own(void **state)
{
	struct rig_sink *sink;
	struct rig_src src;
	struct rig rig;
	size_t i;
	(void)state;

	rig_init(&rig);
	set_end(&rig, LEG_SIP, "PCMU", true, "");
	set_end(&rig, LEG_CUBE, "SID", true, "");
	sink = &rig.sinkv[LEG_CUBE];
	src_init(&src, LEG_SIP, "PCMU", 20, 440, NULL);
	src_send(&rig, LEG_SIP, &src, 50);
	send_pause(&rig, &src, 45, 1000);

	assert_in_range(sink->pktc, 98, 100);
	for (i=0; i<sink->pktc; i++)
		assert_int_equal(sink->pktv[i].pt, 99);

	src_close(&src);
	rig_close(&rig);
}


/* Speech, and noise in the same packet: only that is noise. n: frames of
   speech before; the level does not hear of them */
static void check_speech_sid(bool cn, size_t n)
{
	const unsigned frames = 20 + (unsigned)n;
	uint8_t buf[RTP_HEADER_SIZE + 3 * SID_FRAME + 2];
	int16_t *v = mem_zalloc(16000 * 70 * sizeof(*v), NULL);
	struct rig_sink *sink;
	uint32_t srate, ts = 0;
	uint16_t seq = 1;
	struct rig rig;
	size_t i;
	double r;

	rig_init(&rig);
	set_end(&rig, LEG_SIP, "SID", true, "");
	set_end(&rig, LEG_CUBE, "PCMA", cn, "");
	sink = &rig.sinkv[LEG_CUBE];

	/* loud, and as much of it as there is */
	for (i=0; i<3*SID_FRAME; i++)
		buf[RTP_HEADER_SIZE + i] = g711_pcm2ulaw(i & 8 ? 8000 : -8000);

	for (i=0; i<10; i++, ts += 160) {
		rtp_hdr_write(buf, !i, 99, seq++, ts, 5);
		audio_pair_rtp(rig.ap, LEG_SIP, buf,
			       RTP_HEADER_SIZE + 2 * SID_FRAME);
		rig_now += 20000;
		audio_pair_poll(rig.ap, rig_now);
	}

	rtp_hdr_write(buf, false, 99, seq++, ts, 5);
	buf[RTP_HEADER_SIZE + n * SID_FRAME]     = 50;
	buf[RTP_HEADER_SIZE + n * SID_FRAME + 1] = 0;
	audio_pair_rtp(rig.ap, LEG_SIP, buf,
		       RTP_HEADER_SIZE + n * SID_FRAME + 2);

	if (cn) {
		const struct rig_pkt *p = &sink->pktv[sink->pktc - 1];

		assert_int_equal(sink->pktc, 10 + (n + 1) / 2 + 1);
		assert_int_equal(p->pt, 13);
		assert_in_range(p->buf[0], 48, 52);
		assert_int_equal(p->ts - sink->pktv[0].ts,
				 (frames + 1) / 2 * 160);
		--sink->pktc;
	}
	else {
		for (i=0; i<500; i++) {
			rig_now += 1000;
			audio_pair_poll(rig.ap, rig_now);
		}
	}

	/* all of the speech is there, and noise behind it */
	(void)sink_decode(sink, "PCMA", &srate, v, 16000 * 70);
	for (i=0; i<frames * SID_FRAME; i++)
		assert_in_range(abs(v[i]), 7000, 9000);

	if (frames & 1) {
		r = rms(v + i, SID_FRAME);
		assert_true(fabs(20 * log10(r / 32768) + 50) < 3.0);
	}

	mem_deref(v);
	rig_close(&rig);
}


static void test_speech_sid(void **state)
{
	size_t n;
	(void)state;

	for (n=0; n<=3; n++) {
		check_speech_sid(true, n);
		check_speech_sid(false, n);
	}
}


/* Opus with DTX sends next to nothing in silence, and says when it begins */
static void opus_dtx(struct rig *rig, struct rig_src *src, unsigned n,
		     double amp)
{
	uint8_t buf[MEDIA_PKT_MAX];
	int16_t sampv[960];

	while (n--) {
		size_t i, len = MEDIA_PKT_MAX - 12;

		for (i=0; i<960; i++, src->n++)
			sampv[i] = (int16_t)(amp * sin(2 * M_PI * 440 *
						(double)src->n / 48000));

		assert_int_equal(src->ac->encode(src->enc, buf + 12, &len,
						 sampv, 960), 0);
		if (len) {
			rtp_hdr_write(buf, false, src->pt, src->seq++,
				      src->ts, src->ssrc);
			audio_pair_rtp(rig->ap, LEG_CUBE, buf, 12 + len);
		}
		src->ts += 960;
		rig_now += 20000;
		audio_pair_poll(rig->ap, rig_now);
	}
}


static void test_opus_dtx_in(void **state)
{
	struct media_stats st;
	struct rig_sink *sink;
	struct rig_src src;
	struct rig rig;
	size_t i;
	unsigned k, cn;
	(void)state;

	for (cn=0; cn<2; cn++) {

		unsigned cns = 0, audio = 0;

		rig_init(&rig);
		set_end(&rig, LEG_SIP, "PCMU", cn, "");
		set_end(&rig, LEG_CUBE, "opus", false, "");
		sink = &rig.sinkv[LEG_SIP];
		src_init(&src, LEG_CUBE, "opus", 20, 440, "usedtx=1");

		for (k=0; k<5; k++) {
			opus_dtx(&rig, &src, 50, 8000);
			opus_dtx(&rig, &src, 150, 0);
		}
		opus_dtx(&rig, &src, 50, 8000);

		audio_pair_stats(rig.ap, LEG_CUBE, &st);
		assert_true(st.rx.packets < 700);
		assert_int_equal(st.rx.lost, 0);
		assert_int_equal(st.concealed, 0);

		for (i=0; i<sink->pktc; i++) {
			cns   += sink->pktv[i].pt == 13;
			audio += sink->pktv[i].pt == 0;
		}

		if (cn) {
			assert_in_range(cns, 5, 60);
			assert_true(audio < 750);
		}
		else {
			/* 1050 packets, less some where speech begins */
			assert_int_equal(cns, 0);
			assert_in_range(audio, 1030, 1050);
		}

		/* no delay was gathered */
		assert_in_range(sink->pktv[sink->pktc - 1].ts -
				sink->pktv[0].ts, 1048 * 160, 1050 * 160);

		src_close(&src);
		rig_close(&rig);
	}
}


/* The app asked for DTX: the phone's silence costs it nothing */
static void test_opus_dtx_out(void **state)
{
	struct rig_sink *sink;
	struct rig_src src;
	struct rig rig;
	uint8_t buf[172];
	unsigned i;
	size_t n;
	(void)state;

	init(&rig, "PCMU", "opus", false, "usedtx=1");
	sink = &rig.sinkv[LEG_CUBE];
	src_init(&src, LEG_SIP, "PCMU", 20, 440, NULL);
	src_send(&rig, LEG_SIP, &src, 50);

	n = sink->pktc;
	for (i=0; i<500; i++) {
		rtp_hdr_write(buf, false, 0, src.seq++, src.ts, src.ssrc);
		memset(buf + 12, 0xff, 160);
		src.ts += 160;
		audio_pair_rtp(rig.ap, LEG_SIP, buf, sizeof(buf));
		rig_now += 20000;
		audio_pair_poll(rig.ap, rig_now);
	}
	n = sink->pktc - n;
	assert_in_range(n, 10, 100);

	src_send(&rig, LEG_SIP, &src, 50);
	assert_int_equal(sink->pktv[sink->pktc - 1].ts - sink->pktv[0].ts,
			 599 * 960);

	src_close(&src);
	rig_close(&rig);
}


/* Noise does not go on for ever, and not while the call is on hold */
static void test_end_of_noise(void **state)
{
	struct rig_sink *sink;
	struct rig_src src;
	struct rig rig;
	size_t n;
	(void)state;

	init(&rig, "PCMU", "PCMA", false, "");
	sink = &rig.sinkv[LEG_CUBE];
	src_init(&src, LEG_SIP, "PCMU", 20, 440, NULL);
	src_send(&rig, LEG_SIP, &src, 50);
	send_pause(&rig, &src, 60, 65000);
	n = sink->pktc;
	assert_in_range(n, 3000, 3060);
	send_pause(&rig, &src, -1, 1000);
	assert_int_equal(sink->pktc, n);

	src_close(&src);
	rig_close(&rig);
}


/* A frame of 10 ms that begins a pause, as G.729 Annex B has them, fills half
   of the other leg's packet: what follows does not wait for it */
static void test_lone_frame(void **state)
{
	/* Opus in 10 ms, narrowband SILK: a TOC alone is DTX */
	const uint8_t toc = 0x00;
	struct rig_sink *sink;
	struct rig_src src;
	struct rig rig;
	uint8_t buf[RTP_HEADER_SIZE + 1];
	size_t i, n;
	(void)state;

	init(&rig, "opus", "PCMA", false, "");
	sink = &rig.sinkv[LEG_CUBE];
	src_init(&src, LEG_SIP, "opus", 10, 440, NULL);
	src_send(&rig, LEG_SIP, &src, 100);
	n = sink->pktc;
	assert_int_equal(n, 50);

	rtp_hdr_write(buf, false, src.pt, src.seq++, src.ts, src.ssrc);
	buf[RTP_HEADER_SIZE] = toc;
	audio_pair_rtp(rig.ap, LEG_SIP, buf, sizeof(buf));
	send_pause(&rig, &src, -1, 1000);

	/* one packet behind the source, and it goes on */
	assert_in_range(sink->pktc - n, 48, 50);
	for (i=n; i<sink->pktc; i++)
		assert_int_equal(sink->pktv[i].ts - sink->pktv[i-1].ts, 160);

	/* speech comes back at its place, after what the noise was behind:
	   nothing of the half is left over */
	n = sink->pktc;
	src_send(&rig, LEG_SIP, &src, 20);
	assert_in_range(sink->pktc - n, 10, 12);
	assert_in_range(sink->pktv[sink->pktc - 1].ts - sink->pktv[0].ts,
			8 * 2160, 8 * 2200);

	src_close(&src);
	rig_close(&rig);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cn),
		cmocka_unit_test(test_cn_to_noise),
		cmocka_unit_test(test_cn_to_cn),
		cmocka_unit_test(test_cn_order),
		cmocka_unit_test(test_cn_hold),
		cmocka_unit_test(test_cn_to_own),
		cmocka_unit_test(test_speech_sid),
		cmocka_unit_test(test_opus_dtx_in),
		cmocka_unit_test(test_opus_dtx_out),
		cmocka_unit_test(test_end_of_noise),
		cmocka_unit_test(test_lone_frame),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
