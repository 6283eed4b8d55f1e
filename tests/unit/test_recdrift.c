/**
 * @file test_recdrift.c  When was it said: clocks that are off, ways that change
 */
#include "testutil.h"
#include "recraw_rig.h"


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


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_drift),
		cmocka_unit_test(test_drift_heard),
		cmocka_unit_test(test_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
