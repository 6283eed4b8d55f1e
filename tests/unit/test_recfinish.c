/**
 * @file test_recfinish.c  A recording's two sides, from packets as they came
 */
#include "testutil.h"
#include <libavutil/log.h>
#include "recraw_rig.h"


enum { PHONE, APP };

#define TALKER(_leg, _hz, _from, _to) {.leg = (_leg), .seq = 65000, \
	.ts = 4294960000u, .ssrc = (_leg), .hz = (_hz), .from = (_from), \
	.to = (_to)}


static void two_legs(struct raw_rig *rig)
{
	raw_start(rig);
	raw_format(rig, 0, 1, false, 0, "PCMU", 8000, "");
	raw_format(rig, 0, 2, true, 0, "PCMU", 8000, "");
}


/* Up to 60 ms late, so that they change places */
static double shaky(unsigned n)
{
	return 20 + n * 7919 % 13 * 5;
}


static double lossy(unsigned n)
{
	return n % 10 == 4 ? -1 : shaky(n);
}


/* Each side is in its channel, whatever the network does */
static void test_sides(void **state)
{
	struct raw_talker a = TALKER(1, 440, 0, 5000);
	struct raw_talker b = TALKER(2, 1000, 1000, 4000);
	struct raw_rig rig;
	struct raw_heard h;
	(void)state;

	a.way = shaky;
	a.twice = true;
	b.way = shaky;
	two_legs(&rig);
	raw_talk(&rig, &a);
	raw_talk(&rig, &b);
	raw_end(&rig, 5100);
	raw_hear(&h, &rig);

	assert_int_equal(h.n, 8000 * 51 / 10);
	assert_true(raw_share(&h, PHONE, 440, 100, 4900) > 0.98);
	assert_true(raw_share(&h, APP, 1000, 1100, 3900) > 0.98);
	assert_true(raw_rms(&h, APP, 0, 990) < 10);
	assert_true(raw_rms(&h, APP, 4100, 5000) < 10);
	assert_true(fabs(raw_edge(&h, PHONE, 0, true) - 20) < 10);
	assert_true(fabs(raw_edge(&h, APP, 0, true) - 1020) < 10);
	assert_true(fabs(raw_edge(&h, APP, 1100, false) - 4020) < 10);
	assert_int_equal(h.loss.packets, 0);
	raw_forget(&h);
}


/* What is lost is made up, and counted */
static void test_lost(void **state)
{
	struct raw_talker a = TALKER(1, 440, 0, 5000);
	struct raw_rig rig;
	struct raw_heard h;
	(void)state;

	a.way = lossy;
	two_legs(&rig);
	raw_talk(&rig, &a);
	raw_end(&rig, 5000);
	raw_hear(&h, &rig);

	assert_int_equal(h.loss.packets, 25);
	assert_true(fabs(h.loss.ms - 500) < 1);
	assert_true(raw_share(&h, PHONE, 440, 100, 4900) > 0.95);
	assert_true(raw_edge(&h, PHONE, 100, false) > 4900);
	raw_forget(&h);
}


/* An outage is silent, and as long as it was */
static void test_outage(void **state)
{
	struct raw_talker a = TALKER(1, 440, 0, 2000), b = a;
	struct raw_talker other = TALKER(2, 1000, 0, 34000);
	struct raw_rig rig;
	struct raw_heard h;
	(void)state;

	two_legs(&rig);
	raw_talk(&rig, &a);
	b.from = 32000;
	b.to   = 34000;
	b.seq  = (uint16_t)(a.seq + 1600);
	b.ts   = a.ts + 1600 * 160;
	raw_talk(&rig, &b);
	raw_talk(&rig, &other);
	raw_end(&rig, 34000);
	raw_hear(&h, &rig);

	assert_true(raw_edge(&h, PHONE, 100, false) < 2110);
	assert_true(fabs(raw_edge(&h, PHONE, 2200, true) - 32000) < 10);
	assert_true(raw_share(&h, PHONE, 440, 32100, 33900) > 0.98);
	assert_int_equal(h.loss.packets, 1500);
	raw_forget(&h);
}


/* On hold nothing is kept of anybody: nothing is made up, nothing was lost */
static void test_hold(void **state)
{
	struct raw_talker a = TALKER(1, 440, 0, 2000), b = a, c = a, d = a;
	struct raw_rig rig;
	struct raw_heard h;
	(void)state;

	two_legs(&rig);
	raw_talk(&rig, &a);
	b.leg = 2;
	raw_talk(&rig, &b);
	c.from = 5000;
	c.to   = 7000;
	c.seq  = (uint16_t)(a.seq + 250);
	c.ts   = a.ts + 250 * 160;
	d      = c;
	d.leg  = 2;
	raw_talk(&rig, &c);
	raw_talk(&rig, &d);
	raw_end(&rig, 7000);
	raw_hear(&h, &rig);

	assert_true(fabs(raw_edge(&h, PHONE, 100, false) - 2000) < 5);
	assert_true(fabs(raw_edge(&h, APP, 2200, true) - 5000) < 5);
	assert_int_equal(h.loss.packets, 0);
	assert_true(rec_gap_us(h.rec) == 3020000);
	raw_forget(&h);
}


static void test_pause(void **state)
{
	struct raw_talker a = TALKER(1, 440, 0, 2000);
	struct raw_talker b = TALKER(1, 440, 5000, 7000);
	struct raw_rig rig;
	struct raw_heard h;
	(void)state;

	two_legs(&rig);
	raw_talk(&rig, &a);
	raw_put(&rig, 1990, RECFILE_PAUSE, 0, NULL, 0);
	raw_put(&rig, 4990, RECFILE_RESUME, 0, NULL, 0);
	raw_talk(&rig, &b);
	raw_end(&rig, 7000);
	raw_hear(&h, &rig);

	assert_int_equal(h.n, 7000 * 8);
	assert_true(fabs(raw_edge(&h, PHONE, 100, false) - 1990) < 4);
	assert_true(raw_rms(&h, PHONE, 1990, 4990) < 1);
	assert_true(fabs(raw_edge(&h, PHONE, 2000, true) - 5000) < 10);
	assert_true(rec_paused_us(h.rec) == 3000000);
	raw_forget(&h);
}


/* Silence without packets: timestamps go on, or stand */
static void test_gaps(void **state)
{
	struct raw_talker a = TALKER(1, 440, 0, 1000), b = a, c = a;
	struct raw_rig rig;
	struct raw_heard h;
	(void)state;

	two_legs(&rig);
	raw_talk(&rig, &a);
	b.from = 2500;
	b.to   = 3500;
	b.seq  = (uint16_t)(a.seq + 50);
	b.ts   = a.ts + 125 * 160;
	raw_talk(&rig, &b);
	c.from = 4700;
	c.to   = 6000;
	c.seq  = (uint16_t)(b.seq + 50);
	c.ts   = b.ts + 50 * 160;
	raw_talk(&rig, &c);
	raw_end(&rig, 6000);
	raw_hear(&h, &rig);

	assert_true(fabs(raw_edge(&h, PHONE, 100, false) - 1000) < 10);
	assert_true(fabs(raw_edge(&h, PHONE, 1100, true) - 2500) < 10);
	assert_true(fabs(raw_edge(&h, PHONE, 2600, false) - 3500) < 10);
	assert_true(fabs(raw_edge(&h, PHONE, 3600, true) - 4700) < 10);
	assert_true(raw_edge(&h, PHONE, 4800, false) > 5990);
	assert_int_equal(h.loss.packets, 0);
	raw_forget(&h);
}


/* Another SSRC, numbers from somewhere else, at once */
static void test_anew(void **state)
{
	struct raw_talker a = TALKER(1, 440, 0, 2000), b = a, c = a;
	struct raw_rig rig;
	struct raw_heard h;
	(void)state;

	two_legs(&rig);
	raw_talk(&rig, &a);
	b.from = 2000;
	b.to   = 4000;
	b.ssrc = 99;
	b.seq  = 7;
	b.ts   = 123;
	b.hz   = 600;
	raw_talk(&rig, &b);
	c.from = 4000;
	c.to   = 6000;
	c.ssrc = 99;
	c.seq  = 40000;
	c.ts   = 3000000000u;
	c.hz   = 800;
	raw_talk(&rig, &c);
	raw_end(&rig, 6000);
	raw_hear(&h, &rig);

	assert_true(raw_share(&h, PHONE, 440, 100, 1950) > 0.98);
	assert_true(raw_share(&h, PHONE, 600, 2050, 3950) > 0.98);
	assert_true(raw_share(&h, PHONE, 800, 4050, 5950) > 0.98);
	assert_true(raw_edge(&h, PHONE, 100, false) > 5990);
	raw_forget(&h);
}


/* Two phones in a conference, the first leaves, one takes its place */
static void test_parties(void **state)
{
	struct raw_talker a = TALKER(1, 440, 0, 4000);
	struct raw_talker b = TALKER(3, 900, 2000, 6000);
	struct raw_rig rig;
	struct raw_heard h;
	(void)state;

	two_legs(&rig);
	raw_talk(&rig, &a);
	raw_format(&rig, 1500, 3, false, 8, "PCMU", 8000, "");
	b.pt = 8;
	raw_talk(&rig, &b);
	raw_end(&rig, 6000);
	raw_hear(&h, &rig);

	assert_true(raw_share(&h, PHONE, 440, 100, 1900) > 0.98);
	assert_true(raw_share(&h, PHONE, 440, 2100, 3900) > 0.45);
	assert_true(raw_share(&h, PHONE, 900, 2100, 3900) > 0.45);
	assert_true(raw_share(&h, PHONE, 900, 4100, 5900) > 0.98);
	assert_true(raw_rms(&h, APP, 0, 6000) < 1);
	raw_forget(&h);
}


static void opus_talk(struct raw_rig *rig, uint8_t leg, double hz, double from,
		      double to, unsigned lost)
{
	const struct acodec *ac = media_codec_opus();
	const struct acodec_param prm = {.srate = 48000, .ptime = 20,
					 .fmtp = "useinbandfec=1"};
	struct acodec_enc *enc = NULL;
	int16_t v[960];
	uint8_t buf[1500];
	unsigned n;

	assert_int_equal(0, ac->enc_alloc(&enc, ac, &prm));
	ac->enc_loss(enc, 20);

	for (n=0; from + n * 20 < to; n++) {

		size_t len = sizeof(buf);

		raw_tone(v, 960, hz, 48000, n * 960.0);
		assert_int_equal(0, ac->encode(enc, buf, &len, v, 960));
		if (!lost || n % lost)
			raw_rtp(rig, from + n * 20, leg, 111, (uint16_t)n,
				n * 960, 5, buf, len);
	}

	mem_deref(enc);
}


/* Opus becomes PCMU in the middle of a call */
static void test_change(void **state)
{
	struct raw_talker a = TALKER(2, 1000, 3000, 6000);
	struct raw_rig rig;
	struct raw_heard h;
	(void)state;

	two_legs(&rig);
	raw_format(&rig, 0, 2, true, 111, "opus", 48000, "");
	opus_talk(&rig, 2, 440, 0, 3000, 25);
	raw_talk(&rig, &a);
	raw_end(&rig, 6000);
	raw_hear(&h, &rig);

	assert_int_equal(h.rate, 48000);
	assert_true(raw_share(&h, APP, 440, 100, 490) > 0.98);
	assert_true(raw_share(&h, APP, 440, 100, 2950) > 0.85);
	assert_true(raw_share(&h, APP, 1000, 3050, 5950) > 0.98);
	assert_true(raw_edge(&h, APP, 2900, false) > 5990);
	assert_int_equal(h.loss.packets, 5);
	raw_forget(&h);
}


/* Keys and comfort noise are silence; what nobody can decode is, too */
static void test_masked(void **state)
{
	struct raw_talker a = TALKER(1, 440, 0, 1000), b = a;
	struct raw_talker c = TALKER(2, 440, 0, 1000);
	static const uint8_t noise[] = {60}, key[] = {1, 10, 3, 32};
	struct raw_rig rig;
	struct raw_heard h;
	unsigned n;
	(void)state;

	two_legs(&rig);
	raw_format(&rig, 0, 1, false, 101, "telephone-event", 8000, "0-15");
	raw_format(&rig, 0, 2, true, 0, "X-WHO", 8000, "");
	raw_talk(&rig, &a);
	raw_rtp(&rig, 1000, 1, 13, (uint16_t)(a.seq + 50), a.ts + 8000, 1,
		noise, sizeof(noise));
	for (n=0; n<20; n++)
		raw_rtp(&rig, 1500 + n * 20, 1, 101,
			(uint16_t)(a.seq + 51 + n), a.ts + 12000, 1, key,
			sizeof(key));
	b.from = 2000;
	b.to   = 3000;
	b.seq  = (uint16_t)(a.seq + 71);
	b.ts   = a.ts + 16000;
	raw_talk(&rig, &b);
	raw_talk(&rig, &c);
	raw_end(&rig, 3000);
	raw_hear(&h, &rig);

	assert_true(fabs(raw_edge(&h, PHONE, 100, false) - 1000) < 10);
	assert_true(fabs(raw_edge(&h, PHONE, 1100, true) - 2000) < 10);
	assert_true(raw_rms(&h, APP, 0, 3000) < 1);
	assert_int_equal(h.loss.packets, 0);
	raw_forget(&h);
}


static double quick(unsigned n)
{
	return 30 + n * 7919 % 101 * 0.6;
}


/* An hour of a clock that is 200 ppm off */
static void check_drift(double ppm)
{
	const double frame = 20 / (1 + ppm / 1e6);
	const unsigned count = 180000;
	struct rec_packet *v;
	struct rec_format fmt = {.f = {.clock = 8000, .codec = "PCMU"}};
	struct rec rec = {.fmtv = &fmt, .fmtc = 1};
	struct rec_stream st = {.pktc = count};
	struct rec_runs *runs;
	unsigned n;

	v = mem_zalloc(count * sizeof(*v), NULL);
	st.pktv = v;
	for (n=0; n<count; n++) {
		v[n].us  = (uint64_t)((n * frame + quick(n)) * 1000);
		v[n].ts  = n * 160;
		v[n].seq = (uint16_t)n;
	}

	assert_int_equal(0, rec_order(&runs, &rec, &st));
	assert_int_equal(runs->runc, 1);
	assert_int_equal(runs->unitc, count);

	for (n=0; n<count; n+=1000) {

		const double pos = rec_map_pos(&runs->runv[0].map, n * 0.02);
		const double t = rec_map_time(&runs->runv[0].map, pos);

		assert_true(fabs(pos * 1000 - n * frame - 30) < 5);
		assert_true(fabs(t - n * 0.02) < 1e-6);
	}

	mem_deref(runs);
	mem_deref(v);
}


static void test_drift(void **state)
{
	(void)state;

	check_drift(0);
	check_drift(200);
	check_drift(-200);
}


/* And what is heard of it: a tone that is neither cut nor in pieces */
static void test_drift_heard(void **state)
{
	struct raw_talker a = TALKER(1, 440, 0, 120000);
	struct raw_rig rig;
	struct raw_heard h;
	double t;
	(void)state;

	/* 6005 packets of 19.98 ms */
	a.ppm = 1000;
	a.way = shaky;
	two_legs(&rig);
	raw_talk(&rig, &a);
	raw_end(&rig, 121000);
	raw_hear(&h, &rig);

	for (t=200; t<119000; t+=500)
		assert_true(raw_share(&h, PHONE, 440.44, t, t + 300) > 0.98);
	assert_true(fabs(raw_edge(&h, PHONE, 100, false) - 120000) < 10);
	raw_forget(&h);
}


static double slower(unsigned n)
{
	return n < 250 ? 20 : 170;
}


/* Five seconds of nothing, then all of it at once; said without a gap */
static double burst(unsigned n)
{
	return n >= 100 && n < 350 ? (350 - n) * 20.0 + 20 : 20;
}


/* The network takes longer from one moment on; or stands, and delivers all */
static void test_ways(void **state)
{
	struct raw_talker a = TALKER(1, 440, 0, 10000);
	struct raw_talker b = TALKER(2, 1000, 0, 10000);
	struct raw_rig rig;
	struct raw_heard h;
	(void)state;

	a.way = slower;
	b.way = burst;
	two_legs(&rig);
	raw_talk(&rig, &a);
	raw_talk(&rig, &b);
	raw_end(&rig, 10200);
	raw_hear(&h, &rig);

	assert_true(fabs(raw_edge(&h, PHONE, 4000, false) - 5020) < 10);
	assert_true(fabs(raw_edge(&h, PHONE, 5050, true) - 5170) < 10);
	assert_true(raw_share(&h, PHONE, 440, 5200, 10100) > 0.98);
	assert_true(raw_share(&h, APP, 1000, 100, 9900) > 0.95);
	raw_forget(&h);
}


/* The bridge was killed: up to the last second, wherever it was cut */
static void test_torn(void **state)
{
	struct raw_talker a = TALKER(1, 440, 0, 1000);
	struct raw_rig rig;
	struct mbuf *mb;
	struct rec *rec;
	char why[128] = "";
	size_t cut, begin = 0;
	uint64_t us = 0;
	(void)state;

	two_legs(&rig);
	raw_talk(&rig, &a);
	raw_put(&rig, 1500, RECFILE_ALIVE, 0, NULL, 0);
	raw_end(&rig, 2000);
	mb = raw_write(&rig);

	for (cut=1; cut<mb->end; cut++) {

		const int err = rec_parse(&rec, mb->buf, cut, why,
					  sizeof(why));

		if (err) {
			assert_int_equal(err, EBADMSG);
			assert_true(why[0] && !begin);
			continue;
		}
		begin = begin ? begin : cut;
		assert_true(rec->us >= us);
		assert_string_equal(rec_state(rec), "degraded");
		assert_string_equal(rec_reason(rec), "crash");
		us = rec->us;
		mem_deref(rec);
	}

	assert_true(us == 1500000);
	assert_int_equal(0, rec_parse(&rec, mb->buf, cut, why, sizeof(why)));
	assert_true(rec->us == 2000000);
	assert_string_equal(rec_state(rec), "complete");
	mem_deref(rec);
	mem_deref(mb);
}


/** Frames of AMR that were found */
struct found {
	size_t n, none, len;
	uint8_t buf[64];
};


static int amr_handler(const uint8_t *p, size_t len, bool none, void *arg)
{
	struct found *f = arg;

	++f->n;
	f->none += none;
	f->len = len;
	if (p)
		memcpy(f->buf, p, len);

	return 0;
}


static void test_amr(void **state)
{
	/* CMR 15, FT 7 (244 bits) good, then no data; octets */
	uint8_t octet[3 + 31] = {0xf0, 0x80 | 7 << 3 | 4, 15 << 3 | 4};
	/* CMR 15, FT 0 (95 bits), good; all bits set: bandwidth-efficient */
	uint8_t tight[14];
	struct found f = {0};
	size_t i;
	(void)state;

	octet[3] = 0xab;
	assert_int_equal(0, rec_amr_split(false, true, octet, sizeof(octet),
					  amr_handler, &f));
	assert_int_equal(f.n, 2);
	assert_int_equal(f.none, 1);
	assert_int_equal(f.buf[0], 7 << 3 | 4);
	assert_int_equal(f.buf[1], 0xab);

	memset(tight, 0xff, sizeof(tight));
	tight[0] = 0xf0;        /* 1111 0 000 */
	tight[1] = 0x7f;        /* 0 1 and six bits of speech */
	memset(&f, 0, sizeof(f));
	assert_int_equal(0, rec_amr_split(false, false, tight, sizeof(tight),
					  amr_handler, &f));
	assert_int_equal(f.n, 1);
	assert_int_equal(f.len, 13);
	assert_int_equal(f.buf[0], 4);
	assert_int_equal(f.buf[12], 0xfe);

	for (i=0; i<sizeof(octet); i++)
		assert_int_equal(EBADMSG, rec_amr_split(false, true, octet, i,
							amr_handler, &f));
}


/* What libav decodes: a tone is one */
static void test_codecs(void **state)
{
	static const struct {
		const char *codec;
		uint32_t clock, srate;
		bool known;
	} v[] = {
		{"PCMA", 8000, 8000, true},
		{"pcmu", 16000, 16000, true},
		{"G722", 8000, 16000, true},
		{"L16", 44100, 44100, true},
		{"AMR-WB", 16000, 16000, true},
		{"G729", 8000, 8000, true},
		{"L16", 192000, 8000, false},
		{"EVS", 16000, 8000, false},
	};
	uint8_t buf[160];
	size_t i, n, len;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {

		struct recfile_format f = {.channels = 1,
					   .clock = v[i].clock};
		struct rec_dec *dec = NULL;
		int16_t sampv[REC_FRAME];

		str_ncpy(f.codec, v[i].codec, sizeof(f.codec));
		assert_int_equal(rec_dec_known(&f), v[i].known);
		assert_int_equal(rec_dec_srate(&f), v[i].srate);
		assert_int_equal(rec_dec_alloc(&dec, &f),
				 v[i].known ? 0 : ENOTSUP);
		if (!dec)
			continue;

		/* of rubbish, nothing worse than rubbish */
		for (len=1; len<=sizeof(buf); len++) {
			memset(buf, (int)len * 37, sizeof(buf));
			n = REC_FRAME;
			(void)rec_dec_put(dec, sampv, &n, buf, len);
			assert_true(n <= REC_FRAME);
			n = 160;
			rec_dec_lost(dec, sampv, &n, NULL, 0);
		}
		mem_deref(dec);
	}
}


static void test_g711(void **state)
{
	const struct recfile_format f = {.channels = 1, .clock = 8000,
					 .codec = "PCMU"};
	struct rec_dec *dec;
	uint8_t buf[160];
	int16_t v[REC_FRAME];
	size_t n = REC_FRAME, len;
	(void)state;

	len = raw_mulaw(buf, 1000, 0);
	assert_int_equal(0, rec_dec_alloc(&dec, &f));
	assert_int_equal(0, rec_dec_put(dec, v, &n, buf, len));
	assert_int_equal(n, 160);
	assert_true(tone_share(v, n, 8000, 1000) > 0.99);
	mem_deref(dec);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sides),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_outage),
		cmocka_unit_test(test_hold),
		cmocka_unit_test(test_pause),
		cmocka_unit_test(test_gaps),
		cmocka_unit_test(test_anew),
		cmocka_unit_test(test_parties),
		cmocka_unit_test(test_change),
		cmocka_unit_test(test_masked),
		cmocka_unit_test(test_drift),
		cmocka_unit_test(test_drift_heard),
		cmocka_unit_test(test_ways),
		cmocka_unit_test(test_torn),
		cmocka_unit_test(test_amr),
		cmocka_unit_test(test_codecs),
		cmocka_unit_test(test_g711),
	};

	av_log_set_level(AV_LOG_QUIET);

	return cmocka_run_group_tests(tests, NULL, NULL);
}
