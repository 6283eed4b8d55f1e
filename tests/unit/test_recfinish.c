/**
 * @file test_recfinish.c  A recording's two sides, from packets as they came
 */
#include "testutil.h"
#include "recraw_rig.h"


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
		cmocka_unit_test(test_torn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
