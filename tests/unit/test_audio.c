/**
 * @file test_audio.c  Audio between two legs: codecs, packet times, losses
 *
 * Checked on the decoded audio: the tone must arrive with its frequency
 * and, over the whole time, in phase, which a shift of one frame would
 * destroy.
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


static const char * const codecv[] = {"PCMU", "PCMA", "opus", "WB"};


/* Both directions at once, a tone of its own each way. Who states a packet
   time gets it, but for Opus that need not be encoded */
static void check_pair(const char *sip, const char *cube, uint32_t ptin,
		       uint32_t ptout)
{
	const bool same = !strcmp(sip, cube);
	const bool recut = !strncmp(sip, "PCM", 3) && ptin != ptout;
	const bool relay = same && !recut;
	struct media_stats st;
	struct rig_src a, b;
	struct rig rig;
	double share;

	rig_init(&rig);
	rig_set(&rig, LEG_SIP, sip, ptout);
	rig_set(&rig, LEG_CUBE, cube, ptout);

	src_init(&a, LEG_SIP, sip, ptin, 440, NULL);
	src_init(&b, LEG_CUBE, cube, ptin, 1000, NULL);
	src_send(&rig, LEG_SIP, &a, 3000 / ptin);
	src_send(&rig, LEG_CUBE, &b, 3000 / ptin);

	sink_check(&rig.sinkv[LEG_CUBE], dts(cube, relay ? ptin : ptout));
	sink_check(&rig.sinkv[LEG_SIP], dts(sip, relay ? ptin : ptout));

	share = sink_tone(&rig.sinkv[LEG_CUBE], cube, 440);
	if (share < 0.95)
		fail_msg("%s->%s %u->%u: %f", sip, cube, ptin, ptout, share);

	share = sink_tone(&rig.sinkv[LEG_SIP], sip, 1000);
	if (share < 0.95)
		fail_msg("%s<-%s %u->%u: %f", sip, cube, ptin, ptout, share);

	assert_int_equal(rig.sinkv[LEG_CUBE].pktv[0].pt,
			 rig_pt(cube, LEG_CUBE));
	assert_int_equal(rig.sinkv[LEG_SIP].pktv[0].pt,
			 rig_pt(sip, LEG_SIP));
	assert_int_equal(rig.sinkv[LEG_SIP].pktv[0].ssrc, 0x51515151);
	assert_true(rig.sinkv[LEG_SIP].pktv[0].marker);

	audio_pair_stats(rig.ap, LEG_CUBE, &st);
	assert_int_equal(st.relayed, relay);
	assert_int_equal(st.rx.packets, 3000 / ptin);
	assert_int_equal(st.rx.lost, 0);
	assert_int_equal(st.rx.dropped, 0);
	assert_int_equal(st.concealed, 0);
	assert_int_equal(st.tx.packets, rig.sinkv[LEG_CUBE].total);
	assert_int_equal(st.rx.jitter, 0);

	src_close(&a);
	src_close(&b);
	rig_close(&rig);
}


static void test_pairs(void **state)
{
	size_t i, j;
	(void)state;

	for (i=0; i<ARRAY_SIZE(codecv); i++)
		for (j=0; j<ARRAY_SIZE(codecv); j++)
			check_pair(codecv[i], codecv[j], 20, 20);
}


static void test_ptime_in(void **state)
{
	const uint32_t ptv[] = {10, 20, 30, 40, 60};
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(ptv); i++) {
		check_pair("PCMU", "PCMA", ptv[i], 20);
		check_pair("PCMA", "WB", ptv[i], 20);
		if (ptv[i] != 30)
			check_pair("PCMU", "opus", ptv[i], 20);
	}
}


static void test_ptime_out(void **state)
{
	const uint32_t ptv[] = {10, 20, 40, 60};
	size_t i, j;
	(void)state;

	for (i=0; i<ARRAY_SIZE(ptv); i++) {
		for (j=0; j<ARRAY_SIZE(ptv); j++) {
			check_pair("PCMA", "opus", ptv[i], ptv[j]);
			check_pair("PCMU", "PCMA", ptv[i], ptv[j]);
		}
	}

	check_pair("PCMU", "PCMA", 20, 30);
	check_pair("PCMU", "PCMA", 30, 40);
	check_pair("WB", "PCMU", 20, 30);
}


/* The same codec: cut anew for who states a packet time */
static void test_ptime_same(void **state)
{
	const uint32_t ptv[] = {10, 20, 30, 40, 60};
	size_t i, j;
	(void)state;

	for (i=0; i<ARRAY_SIZE(ptv); i++) {
		for (j=0; j<ARRAY_SIZE(ptv); j++) {
			check_pair("PCMU", "PCMU", ptv[i], ptv[j]);
			check_pair("PCMA", "PCMA", ptv[i], ptv[j]);
			if (ptv[i] != 30)
				check_pair("opus", "opus", ptv[i], ptv[j]);
		}
	}
}


/* Opus has no frame of 30 ms: 20 is sent */
static void test_ptime_opus_30(void **state)
{
	struct rig_src a;
	struct rig rig;
	(void)state;

	rig_init(&rig);
	rig_set(&rig, LEG_SIP, "PCMU", 30);
	rig_set(&rig, LEG_CUBE, "opus", 30);
	src_init(&a, LEG_SIP, "PCMU", 30, 440, NULL);
	src_send(&rig, LEG_SIP, &a, 50);

	sink_check(&rig.sinkv[LEG_CUBE], 960);
	assert_int_equal(rig.sinkv[LEG_CUBE].total, 75);

	src_close(&a);
	rig_close(&rig);
}


/* The same codec is forwarded bit by bit, unless it is too long */
static void test_relay_exact(void **state)
{
	struct media_end end;
	struct rig_src a;
	struct rig rig;
	uint8_t buf[MEDIA_PKT_MAX];
	size_t i, len;
	(void)state;

	rig_init(&rig);
	rig_set(&rig, LEG_SIP, "opus", 0);
	rig_set(&rig, LEG_CUBE, "opus", 0);
	src_init(&a, LEG_SIP, "opus", 20, 440, NULL);

	for (i=0; i<100; i++) {
		const struct rig_sink *sink = &rig.sinkv[LEG_CUBE];

		len = src_next(&a, buf);
		audio_pair_rtp(rig.ap, LEG_SIP, buf, len);
		rig_now += 20000;
		assert_int_equal(sink->pktc, i + 1);
		assert_int_equal(sink->pktv[i].len, len - 12);
		assert_memory_equal(sink->pktv[i].buf, buf + 12, len - 12);
	}
	src_close(&a);

	/* 60 ms where 20 is the most */
	rig_set(&rig, LEG_SIP, "PCMU", 0);
	rig_end(&rig, &end, LEG_CUBE, "PCMU", 20);
	end.maxptime = 20;
	assert_int_equal(audio_pair_set_end(rig.ap, LEG_CUBE, &end), 0);

	src_init(&a, LEG_SIP, "PCMU", 60, 440, NULL);
	a.ssrc = 99;
	rig.sinkv[LEG_CUBE].pktc = 0;
	src_send(&rig, LEG_SIP, &a, 50);
	sink_check(&rig.sinkv[LEG_CUBE], 160);
	assert_int_equal(rig.sinkv[LEG_CUBE].pktc, 150);
	assert_true(sink_tone(&rig.sinkv[LEG_CUBE], "PCMU", 440) > 0.95);

	src_close(&a);
	rig_close(&rig);
}


/* What belongs to one leg does not get to the other */
static void test_relay_strips(void **state)
{
	uint8_t buf[12 + 8 + 8 + 160 + 4] = {
		0xb2, 0x80, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4,
		9, 9, 9, 9, 8, 8, 8, 8, 0xbe, 0xde, 0, 1, 0x10, 1, 0, 0
	};
	struct rig rig;
	(void)state;

	buf[sizeof(buf) - 1] = 4;

	rig_init(&rig);
	rig_set(&rig, LEG_SIP, "PCMU", 20);
	rig_set(&rig, LEG_CUBE, "PCMU", 20);

	audio_pair_rtp(rig.ap, LEG_CUBE, buf, sizeof(buf));
	assert_int_equal(rig.sinkv[LEG_SIP].pktc, 1);
	assert_true(rig.sinkv[LEG_SIP].raw_ok);
	assert_int_equal(rig.sinkv[LEG_SIP].pktv[0].len, 160);

	rig_close(&rig);
}


static bool lose_one(unsigned pct, bool burst, unsigned i)
{
	static unsigned left;

	if (i < 10)
		return false;

	if (left) {
		--left;
		return true;
	}

	if ((unsigned)rand() % 100 >= pct)
		return false;

	left = burst ? (unsigned)rand() % 4 : 0;

	return true;
}


/* Gaps stay where they are, and what is lost is not stretched */
static void check_loss(const char *in, const char *out, uint32_t ptin,
		       uint32_t ptout, unsigned pct, bool burst, double least)
{
	const bool relay = !strcmp(in, out);
	const struct rig_sink *sink;
	struct media_stats st;
	struct rig_src a;
	struct rig rig;
	uint8_t buf[MEDIA_PKT_MAX];
	const unsigned n = 20000 / ptin;
	unsigned i, lost = 0;
	uint32_t end;
	double share;

	srand(4711 + pct);
	rig_init(&rig);
	sink = &rig.sinkv[LEG_CUBE];
	rig_set(&rig, LEG_SIP, in, ptin);
	rig_set(&rig, LEG_CUBE, out, ptout);
	src_init(&a, LEG_SIP, in, ptin, 440, "useinbandfec=1");

	for (i=0; i<n; i++) {

		const size_t len = src_next(&a, buf);

		if (i < n - 1 && lose_one(pct, burst, i))
			++lost;
		else
			audio_pair_rtp(rig.ap, LEG_SIP, buf, len);

		rig_now += ptin * 1000;
		audio_pair_poll(rig.ap, rig_now);
	}

	rig_now += 100000;
	audio_pair_poll(rig.ap, rig_now);

	/* the last packet ends where the source does; less than a packet is
	   left where a jump has moved the others */
	end = sink->pktv[sink->pktc - 1].ts - sink->pktv[0].ts +
		dts(out, relay ? ptin : ptout);
	assert_in_range(dts(out, n * ptin) - end, 0,
			ptin == ptout ? 0 : dts(out, ptout) - 1);

	audio_pair_stats(rig.ap, LEG_SIP, &st);
	assert_int_equal(st.rx.lost, lost);
	assert_int_equal(st.rx.packets, n - lost);
	assert_int_equal(st.reordered, 0);

	if (!relay) {
		sink_check(sink, dts(out, ptout));
		assert_true(st.concealed <= lost);
		if (!burst && (ptin <= 20 || pct <= 5))
			assert_true(st.concealed >= lost * 3 / 4);
	}
	else {
		assert_int_equal(sink->pktc, n - lost);
	}

	share = sink_tone(sink, out, 440);
	if (share < least)
		fail_msg("%s %u->%s %u %u%%: %f", in, ptin, out, ptout, pct,
			 share);

	src_close(&a);
	rig_close(&rig);
}


static const char * const lossv[][2] = {
	{"PCMU", "opus"}, {"opus", "PCMU"}, {"PCMU", "PCMA"},
	{"opus", "opus"}, {"opus", "WB"}, {"WB", "PCMA"},
};


static void test_loss(void **state)
{
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(lossv); i++) {

		const char *in = lossv[i][0], *out = lossv[i][1];

		check_loss(in, out, 20, 20, 0, false, 0.95);
		check_loss(in, out, 20, 20, 1, false, 0.93);
		check_loss(in, out, 20, 20, 5, false, 0.88);
		check_loss(in, out, 20, 20, 20, false, 0.60);
		check_loss(in, out, 20, 20, 5, true, 0.75);
	}
}


static void test_loss_ptime(void **state)
{
	static const uint32_t ptv[][2] = {
		{10, 10}, {10, 20}, {40, 40}, {40, 20}, {60, 60}, {60, 20},
		{20, 10}, {20, 40}, {20, 60},
	};
	size_t i, k;
	(void)state;

	/* Opus and G.711; the others are in test_loss */
	for (i=0; i<3; i++) {
		for (k=0; k<ARRAY_SIZE(ptv); k++) {

			const char *in = lossv[i][0], *out = lossv[i][1];
			const uint32_t a = ptv[k][0], b = ptv[k][1];

			check_loss(in, out, a, b, 5, false, 0.80);
			check_loss(in, out, a, b, 20, false, 0.50);
			check_loss(in, out, a, b, 5, true, 0.65);
		}
	}
}


/* Longer than can be concealed in time: a jump with a marker */
static void test_long_gap(void **state)
{
	const struct rig_sink *sink;
	struct media_stats st;
	struct rig_src a;
	struct rig rig;
	uint8_t buf[MEDIA_PKT_MAX];
	size_t n;
	int i;
	(void)state;

	rig_init(&rig);
	sink = &rig.sinkv[LEG_CUBE];
	rig_set(&rig, LEG_SIP, "PCMU", 20);
	rig_set(&rig, LEG_CUBE, "opus", 20);
	src_init(&a, LEG_SIP, "PCMU", 20, 440, NULL);
	src_send(&rig, LEG_SIP, &a, 50);
	n = sink->pktc;

	for (i=0; i<50; i++) {
		(void)src_next(&a, buf);
		rig_now += 20000;
	}
	src_send(&rig, LEG_SIP, &a, 50);

	assert_int_equal(sink->pktc, n + 50);
	assert_true(sink->pktv[n].marker);
	assert_int_equal(sink->pktv[n].ts - sink->pktv[n-1].ts, 51 * 960);
	audio_pair_stats(rig.ap, LEG_SIP, &st);
	assert_int_equal(st.concealed, 0);
	assert_int_equal(st.rx.lost, 50);

	src_close(&a);
	rig_close(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pairs), cmocka_unit_test(test_ptime_in),
		cmocka_unit_test(test_ptime_out),
		cmocka_unit_test(test_ptime_same),
		cmocka_unit_test(test_ptime_opus_30),
		cmocka_unit_test(test_relay_exact),
		cmocka_unit_test(test_relay_strips),
		cmocka_unit_test(test_loss),
		cmocka_unit_test(test_loss_ptime),
		cmocka_unit_test(test_long_gap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
