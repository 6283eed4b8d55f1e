/**
 * @file test_audio_order.c  Audio between two legs: order, pauses, clocks
 *
 * Checked on the decoded audio, as in test_audio.c.
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


static const char * const lossv[][2] = {
	{"PCMU", "opus"}, {"opus", "PCMU"}, {"PCMU", "PCMA"},
	{"opus", "opus"}, {"opus", "WB"}, {"WB", "PCMA"},
};


static int seq_cmp(const void *a, const void *b)
{
	const struct rig_pkt *p = a, *q = b;

	return (int16_t)(p->seq - q->seq);
}


/* Neighbours change places, and some packets come twice. gap: between those
   that were out of order [ms] */
static void check_reorder(const char *in, const char *out, uint32_t ptin,
			  uint32_t ptout, unsigned by, uint32_t gap)
{
	const bool relay = !strcmp(in, out);
	const unsigned n = 10 + 50 * (by + 1);
	const struct rig_sink *sink;
	struct media_stats st;
	struct rig_src a;
	struct rig rig;
	uint8_t bufv[4][MEDIA_PKT_MAX];
	size_t lenv[4];
	unsigned i, j;
	double share;

	rig_init(&rig);
	sink = &rig.sinkv[LEG_CUBE];
	rig_set(&rig, LEG_SIP, in, ptin);
	rig_set(&rig, LEG_CUBE, out, ptout);
	src_init(&a, LEG_SIP, in, ptin, 440, NULL);
	src_send(&rig, LEG_SIP, &a, 10);

	for (i=0; i<50; i++) {

		for (j=0; j<=by; j++)
			lenv[j] = src_next(&a, bufv[j]);

		for (j=0; j<=by; j++) {
			const unsigned k = (j + 1) % (by + 1);

			audio_pair_rtp(rig.ap, LEG_SIP, bufv[k], lenv[k]);
			if (i & 1)
				audio_pair_rtp(rig.ap, LEG_SIP, bufv[k],
					       lenv[k]);
			rig_now += gap * 1000;
			audio_pair_poll(rig.ap, rig_now);
		}

		rig_now += (by + 1) * (ptin - gap) * 1000;
		audio_pair_poll(rig.ap, rig_now);
	}

	audio_pair_stats(rig.ap, LEG_SIP, &st);
	assert_int_equal(st.reordered, 50);
	assert_int_equal(st.duplicates, 25 * (by + 1));

	if (!relay) {
		assert_int_equal(st.concealed, 0);
		assert_int_equal(st.rx.dropped, 0);
		sink_check(sink, dts(out, ptout));
	}
	assert_int_equal(sink->pktc, relay ? n : n * ptin / ptout);

	/* a decoder gets them in order */
	qsort(sink->pktv, sink->pktc, sizeof(*sink->pktv), seq_cmp);
	share = sink_tone(sink, out, 440);
	if (share < 0.95)
		fail_msg("%s %u->%s %u: %f", in, ptin, out, ptout, share);

	src_close(&a);
	rig_close(&rig);
}


static void test_reorder(void **state)
{
	(void)state;

	check_reorder("PCMU", "PCMU", 20, 20, 1, 20);
	check_reorder("PCMU", "PCMU", 20, 20, 2, 20);
	check_reorder("PCMU", "opus", 20, 20, 1, 20);
	check_reorder("PCMU", "opus", 20, 20, 2, 20);
	check_reorder("PCMU", "PCMA", 20, 20, 1, 20);
}


static void test_reorder_ptime(void **state)
{
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(lossv); i++) {

		const char *in = lossv[i][0], *out = lossv[i][1];

		check_reorder(in, out, 10, 10, 1, 10);
		check_reorder(in, out, 10, 20, 2, 10);
		check_reorder(in, out, 40, 40, 1, 40);
		check_reorder(in, out, 40, 20, 2, 20);
		check_reorder(in, out, 60, 60, 1, 59);
		check_reorder(in, out, 60, 20, 2, 20);
	}
}


/* One missing packet holds others for a bounded time, also at the end */
static void test_reorder_timeout(void **state)
{
	const struct rig_sink *sink;
	struct rig_src a;
	struct rig rig;
	uint8_t buf[MEDIA_PKT_MAX];
	size_t len, n;
	(void)state;

	rig_init(&rig);
	sink = &rig.sinkv[LEG_CUBE];
	rig_set(&rig, LEG_SIP, "PCMU", 20);
	rig_set(&rig, LEG_CUBE, "PCMA", 20);
	src_init(&a, LEG_SIP, "PCMU", 20, 440, NULL);
	src_send(&rig, LEG_SIP, &a, 10);
	n = sink->pktc;

	(void)src_next(&a, buf);
	rig_now += 20000;
	len = src_next(&a, buf);
	audio_pair_rtp(rig.ap, LEG_SIP, buf, len);
	assert_int_equal(sink->pktc, n);

	rig_now += 59000;
	audio_pair_poll(rig.ap, rig_now);
	assert_int_equal(sink->pktc, n);

	rig_now += 1000;
	audio_pair_poll(rig.ap, rig_now);
	assert_int_equal(sink->pktc, n + 2);
	sink_check(sink, 160);

	src_close(&a);
	rig_close(&rig);
}


/* Where packets are lost but never reordered, waiting stops */
static void test_reorder_learns(void **state)
{
	struct rig_src a;
	struct rig rig;
	uint8_t bufv[2][MEDIA_PKT_MAX];
	size_t lenv[2], n;
	unsigned i;
	(void)state;

	rig_init(&rig);
	rig_set(&rig, LEG_SIP, "PCMU", 20);
	rig_set(&rig, LEG_CUBE, "PCMA", 20);
	src_init(&a, LEG_SIP, "PCMU", 20, 440, NULL);
	src_send(&rig, LEG_SIP, &a, 10);

	for (i=0; i<10; i++) {
		(void)src_next(&a, bufv[0]);
		rig_now += 20000;
		src_send(&rig, LEG_SIP, &a, 10);
	}

	/* by now the loss is concealed in the moment that it is seen */
	n = rig.sinkv[LEG_CUBE].pktc;
	(void)src_next(&a, bufv[0]);
	rig_now += 20000;
	src_send(&rig, LEG_SIP, &a, 1);
	assert_int_equal(rig.sinkv[LEG_CUBE].pktc, n + 2);

	/* a late packet is too late once, and waited for from then on */
	for (i=0; i<2; i++) {
		lenv[0] = src_next(&a, bufv[0]);
		lenv[1] = src_next(&a, bufv[1]);
		n = rig.sinkv[LEG_CUBE].pktc;
		audio_pair_rtp(rig.ap, LEG_SIP, bufv[1], lenv[1]);
		assert_int_equal(rig.sinkv[LEG_CUBE].pktc, n + (i ? 0 : 2));
		audio_pair_rtp(rig.ap, LEG_SIP, bufv[0], lenv[0]);
		assert_int_equal(rig.sinkv[LEG_CUBE].pktc, n + 2);
		rig_now += 40000;
	}

	sink_check(&rig.sinkv[LEG_CUBE], 160);

	src_close(&a);
	rig_close(&rig);
}


/* Silence that the sender did not send stays silence */
static void test_dtx(void **state)
{
	const struct rig_sink *sink;
	struct rig_src a;
	struct rig rig;
	uint32_t ts;
	size_t n;
	(void)state;

	rig_init(&rig);
	sink = &rig.sinkv[LEG_SIP];
	rig_set(&rig, LEG_SIP, "PCMU", 20);
	rig_set(&rig, LEG_CUBE, "opus", 20);
	src_init(&a, LEG_CUBE, "opus", 20, 440, NULL);
	src_send(&rig, LEG_CUBE, &a, 50);
	n  = sink->pktc;
	ts = sink->pktv[n-1].ts;

	a.ts    += 960 * 500;
	rig_now += 20000 * 500;
	src_send(&rig, LEG_CUBE, &a, 50);

	assert_int_equal(sink->pktc, n + 50);
	assert_int_equal(sink->pktv[n].ts - ts, 160 * 501);
	assert_true(sink->pktv[n].marker);
	sink_check(sink, 160);

	src_close(&a);
	rig_close(&rig);
}


/* Half an hour, with a sender whose clock is off by 200 ppm */
static void check_long(const char *in, const char *out, int ppm)
{
	const uint64_t dt = 20000 - 20000 * ppm / 1000000;
	struct rig_src a;
	struct rig rig;
	uint8_t bufv[64][MEDIA_PKT_MAX];
	size_t lenv[64], i, n = 50 * 60 * 30;
	const struct rig_sink *sink;
	uint32_t ts0, seq0;
	uint64_t total;

	rig_init(&rig);
	sink = &rig.sinkv[LEG_CUBE];
	rig_set(&rig, LEG_SIP, in, 20);
	rig_set(&rig, LEG_CUBE, out, 20);
	src_init(&a, LEG_SIP, in, 20, 440, NULL);

	for (i=0; i<64; i++)
		lenv[i] = src_next(&a, bufv[i]);

	rig.sinkv[LEG_CUBE].pktc = 0;
	audio_pair_rtp(rig.ap, LEG_SIP, bufv[0], lenv[0]);
	ts0  = sink->pktv[0].ts;
	seq0 = sink->pktv[0].seq;

	for (i=1; i<n; i++) {

		uint8_t *b = bufv[i % 64];

		rig_now += dt;
		(void)rtp_hdr_write(b, false, a.pt, (uint16_t)(1000 + i),
				    (uint32_t)(77777 + i * dts(in, 20)),
				    a.ssrc);

		rig.sinkv[LEG_CUBE].pktc = 0;
		total = sink->total;
		audio_pair_rtp(rig.ap, LEG_SIP, b, lenv[i % 64]);

		/* one in, one out, in the same moment, exactly in its place */
		assert_int_equal(sink->total, total + 1);
		assert_int_equal(sink->pktv[0].ts,
				 (uint32_t)(ts0 + i * dts(out, 20)));
		assert_int_equal(sink->pktv[0].seq, (uint16_t)(seq0 + i));
	}

	src_close(&a);
	rig_close(&rig);
}


/* A minute of it, heard: one tone in phase, whole frames and no gap */
static void check_skew(const char *in, const char *out, int ppm)
{
	const uint64_t dt = 20000 - 20000 * ppm / 1000000;
	const struct rig_sink *sink;
	struct media_stats st;
	struct rig_src a;
	struct rig rig;
	uint8_t buf[MEDIA_PKT_MAX];
	size_t i;
	double share;

	rig_init(&rig);
	sink = &rig.sinkv[LEG_CUBE];
	rig_set(&rig, LEG_SIP, in, 20);
	rig_set(&rig, LEG_CUBE, out, 20);
	src_init(&a, LEG_SIP, in, 20, 440, NULL);

	for (i=0; i<3000; i++) {

		const size_t len = src_next(&a, buf);

		audio_pair_rtp(rig.ap, LEG_SIP, buf, len);
		rig_now += dt;
		audio_pair_poll(rig.ap, rig_now);
	}

	assert_int_equal(sink->pktc, 3000);
	sink_check(sink, dts(out, 20));
	share = sink_tone(sink, out, 440);
	if (share < 0.95)
		fail_msg("%s->%s %d ppm: %f", in, out, ppm, share);

	audio_pair_stats(rig.ap, LEG_SIP, &st);
	assert_int_equal(st.concealed, 0);
	assert_int_equal(st.rx.dropped, 0);

	src_close(&a);
	rig_close(&rig);
}


static void test_skew_heard(void **state)
{
	(void)state;

	check_skew("opus", "PCMU", -200);
	check_skew("PCMU", "opus", -200);
	check_skew("opus", "WB", 200);
}


static void test_no_drift(void **state)
{
	(void)state;

	check_long("PCMU", "PCMU", 200);
	check_long("PCMU", "PCMA", -200);
	check_long("PCMA", "WB", 200);
	check_long("opus", "PCMU", 200);
	check_long("opus", "PCMU", -200);
	check_long("PCMU", "opus", -200);
	check_long("opus", "opus", -200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reorder),
		cmocka_unit_test(test_reorder_ptime),
		cmocka_unit_test(test_reorder_timeout),
		cmocka_unit_test(test_reorder_learns),
		cmocka_unit_test(test_dtx), cmocka_unit_test(test_skew_heard),
		cmocka_unit_test(test_no_drift),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
