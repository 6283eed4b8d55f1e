/**
 * @file test_rxstat.c  Receive statistics, clock and timeline
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>
#include "rtp/rxstat.h"
#include "rtp/clock.h"


static void run(struct rxstat *rx, uint32_t ssrc, uint16_t first, unsigned n)
{
	while (n--)
		(void)rxstat_update(rx, ssrc, first++);
}


static void test_sequence(void **state)
{
	struct rxstat rx;
	(void)state;

	memset(&rx, 0, sizeof(rx));

	assert_int_equal(rxstat_lost(&rx), 0);
	assert_int_equal(rxstat_update(&rx, 1, 65530), RXSTAT_NEW);
	run(&rx, 1, 65531, 20);

	assert_int_equal(rxstat_ext_seq(&rx), 65536 + 14);
	assert_int_equal(rxstat_lost(&rx), 0);
	assert_int_equal(rxstat_fraction(&rx), 0);
}


static void test_loss(void **state)
{
	struct rxstat rx;
	(void)state;

	memset(&rx, 0, sizeof(rx));
	run(&rx, 1, 0, 50);
	assert_int_equal(rxstat_update(&rx, 1, 75), RXSTAT_OK);
	run(&rx, 1, 76, 24);
	assert_int_equal(rxstat_lost(&rx), 25);
	assert_int_equal(rxstat_fraction(&rx), 64);
	assert_int_equal(rxstat_fraction(&rx), 0);

	/* one comes late after all, once */
	assert_int_equal(rxstat_update(&rx, 1, 60), RXSTAT_LATE);
	assert_int_equal(rxstat_update(&rx, 1, 60), RXSTAT_DUP);
	assert_int_equal(rxstat_update(&rx, 1, 99), RXSTAT_DUP);
	assert_int_equal(rxstat_update(&rx, 1, 98), RXSTAT_DUP);
	assert_int_equal(rxstat_lost(&rx), 21);
	assert_int_equal(rxstat_fraction(&rx), 0);

	/* older than the memory */
	assert_int_equal(rxstat_update(&rx, 1, 20), RXSTAT_PROBATION);
	assert_int_equal(rxstat_update(&rx, 1, 21), RXSTAT_NEW);
}


static void test_jump(void **state)
{
	struct rxstat rx;
	(void)state;

	memset(&rx, 0, sizeof(rx));
	run(&rx, 1, 0, 50);
	assert_int_equal(rxstat_update(&rx, 1, 55), RXSTAT_OK);

	/* a stray one, twice, then a real restart */
	assert_int_equal(rxstat_update(&rx, 1, 30000), RXSTAT_PROBATION);
	assert_int_equal(rxstat_update(&rx, 1, 56), RXSTAT_OK);
	assert_int_equal(rxstat_update(&rx, 1, 20000), RXSTAT_PROBATION);
	assert_int_equal(rxstat_update(&rx, 1, 20001), RXSTAT_NEW);
	assert_int_equal(rxstat_lost(&rx), 0);
	assert_int_equal(rxstat_lost_total(&rx), 5);
	assert_int_equal(rxstat_ext_seq(&rx), 20001);
}


static void test_ssrc(void **state)
{
	struct rxstat rx;
	(void)state;

	memset(&rx, 0, sizeof(rx));
	run(&rx, 1, 0, 50);

	assert_int_equal(rxstat_update(&rx, 2, 50), RXSTAT_PROBATION);
	assert_int_equal(rxstat_update(&rx, 1, 50), RXSTAT_OK);
	assert_int_equal(rxstat_update(&rx, 3, 51), RXSTAT_PROBATION);
	assert_int_equal(rxstat_update(&rx, 2, 51), RXSTAT_PROBATION);
	assert_int_equal(rxstat_update(&rx, 2, 52), RXSTAT_NEW);
	assert_int_equal(rx.ssrc, 2);

	/* signalling told of a change */
	rxstat_expect_new(&rx);
	assert_int_equal(rxstat_update(&rx, 9, 7), RXSTAT_NEW);
	assert_int_equal(rxstat_update(&rx, 8, 7), RXSTAT_PROBATION);

	/* or of none */
	rxstat_expect_new(&rx);
	assert_int_equal(rxstat_update(&rx, 9, 8), RXSTAT_OK);
	assert_int_equal(rxstat_update(&rx, 8, 1), RXSTAT_PROBATION);
}


/* Those that came more than once are no less lost than others */
static void test_lost_total(void **state)
{
	struct rxstat rx;
	(void)state;

	memset(&rx, 0, sizeof(rx));
	run(&rx, 1, 10, 5);
	assert_int_equal(rxstat_update(&rx, 1, 14), RXSTAT_DUP);
	assert_int_equal(rxstat_update(&rx, 1, 12), RXSTAT_DUP);
	assert_int_equal(rxstat_update(&rx, 1, 18), RXSTAT_OK);
	assert_int_equal(rxstat_lost(&rx), 1);
	assert_int_equal(rxstat_lost_total(&rx), 3);

	/* one that was missing, and comes twice after all */
	rxstat_late(&rx, 16);
	assert_int_equal(rxstat_lost_total(&rx), 2);
	rxstat_late(&rx, 16);
	assert_int_equal(rxstat_lost_total(&rx), 2);

	/* the first one was overtaken by the second */
	assert_int_equal(rxstat_update(&rx, 1, 9), RXSTAT_LATE);
	assert_int_equal(rxstat_lost_total(&rx), 2);
	assert_int_equal(rxstat_update(&rx, 1, 7), RXSTAT_LATE);
	assert_int_equal(rxstat_lost_total(&rx), 3);

	/* it stays so when there is another source */
	rxstat_expect_new(&rx);
	assert_int_equal(rxstat_update(&rx, 2, 65535), RXSTAT_NEW);
	assert_int_equal(rxstat_update(&rx, 2, 65535), RXSTAT_DUP);
	assert_int_equal(rxstat_update(&rx, 2, 1), RXSTAT_OK);
	assert_int_equal(rxstat_lost_total(&rx), 4);
}


/* What nobody understands has its place in the stream, and no other effect */
static void test_other(void **state)
{
	struct rxstat rx, was;
	(void)state;

	memset(&rx, 0, sizeof(rx));
	assert_int_equal(rxstat_other(&rx, 1, 7), RXSTAT_PROBATION);
	assert_false(rx.started);

	run(&rx, 1, 10, 5);
	assert_int_equal(rxstat_other(&rx, 1, 15), RXSTAT_OK);
	assert_int_equal(rxstat_other(&rx, 1, 15), RXSTAT_DUP);
	assert_int_equal(rxstat_update(&rx, 1, 17), RXSTAT_OK);
	assert_int_equal(rxstat_other(&rx, 1, 16), RXSTAT_LATE);
	assert_int_equal(rxstat_lost(&rx), -1);

	/* no probation of its own, and none of others is disturbed */
	assert_int_equal(rxstat_update(&rx, 2, 100), RXSTAT_PROBATION);
	was = rx;
	assert_int_equal(rxstat_other(&rx, 2, 101), RXSTAT_PROBATION);
	assert_int_equal(rxstat_other(&rx, 3, 5), RXSTAT_PROBATION);
	assert_int_equal(rxstat_other(&rx, 1, 20000), RXSTAT_PROBATION);
	assert_int_equal(rxstat_other(&rx, 1, 20001), RXSTAT_PROBATION);
	assert_memory_equal(&rx, &was, sizeof(rx));
	assert_int_equal(rxstat_update(&rx, 2, 101), RXSTAT_NEW);

	/* signalling has said that another may come */
	rxstat_expect_new(&rx);
	assert_int_equal(rxstat_other(&rx, 2, 102), RXSTAT_OK);
	assert_int_equal(rxstat_update(&rx, 3, 9), RXSTAT_NEW);
}


static void test_jitter(void **state)
{
	struct rxstat rx;
	uint64_t now = 0xffffffffULL * 125 - 1000000;
	uint32_t ts = 0xffffff00;
	unsigned i;
	(void)state;

	memset(&rx, 0, sizeof(rx));
	run(&rx, 1, 0, 1);

	/* perfect timing across the wrap of both clocks */
	for (i=0; i<200; i++, ts += 160, now += 20000)
		rxstat_jitter(&rx, ts, 8000, now);
	assert_int_equal(rxstat_jitter_us(&rx), 0);

	/* every other packet 4 ms late: differences of 4 ms */
	for (i=0; i<500; i++, ts += 160, now += 20000)
		rxstat_jitter(&rx, ts, 8000, now + (i & 1) * 4000);
	assert_in_range(rxstat_jitter_us(&rx), 3500, 4000);

	/* a jump of the timestamps is no jitter */
	ts += 8000 * 3600;
	rxstat_jitter(&rx, ts, 8000, now);
	assert_in_range(rxstat_jitter_us(&rx), 3500, 4000);

	/* nor is another clock rate, which keeps the value */
	rxstat_jitter(&rx, 5, 48000, now);
	assert_in_range(rxstat_jitter_us(&rx), 3400, 4000);
}


static void test_ntp(void **state)
{
	(void)state;

	/* 2004-01-01 00:00:00.5 UTC */
	assert_true(ntp_from_us(1072915200500000ULL) ==
		    0xc39de18080000000ULL);
	assert_int_equal(ntp_compact32(0x1122334455667788ULL), 0x33445566);
	assert_int_equal(ntp_compact32_us(65536), 1000000);
	assert_int_equal(ntp_compact32_us(66), 1007);
}


static void test_timeline(void **state)
{
	struct tline tl;
	uint64_t now = 5000000;
	uint32_t ts = 0xfffff000;
	unsigned i;
	(void)state;

	tline_start(&tl, ts, 8000, now);

	/* jitter of up to 30 ms only ever delays */
	for (i=0; i<1000; i++) {
		now += 20000;
		ts += 160;
		assert_false(tline_update(&tl, ts, now + i * 7 % 30 * 1000));
	}
	assert_in_range(ts - tline_at(&tl, now) + 80, 0, 160);
	assert_in_range(tline_at(&tl, now + 1000000) - ts, 7920, 8080);

	/* silence is no jump; the future and the past are */
	now += 60000000;
	ts += 60 * 8000;
	assert_false(tline_update(&tl, ts, now));
	assert_true(tline_update(&tl, ts + 3 * 8000, now));
	assert_true(tline_update(&tl, ts - 160, now));
	assert_false(tline_update(&tl, ts + 160, now + 20000));
}


/* A sender 200 ppm fast or slow is followed for hours */
static void test_skew(void **state)
{
	const int ppmv[] = {200, -200};
	size_t k;
	(void)state;

	for (k=0; k<2; k++) {

		struct tline tl;
		uint64_t now = 777;
		uint32_t ts = 1;
		unsigned i;

		tline_start(&tl, ts, 48000, now);

		for (i=0; i<50*3600*4; i++) {
			ts  += 960;
			now += 20000 - 20000 * ppmv[k] / 1000000;
			assert_false(tline_update(&tl, ts, now));
		}

		assert_in_range(tline_at(&tl, now) - ts + 480, 0, 960);
	}
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sequence),
		cmocka_unit_test(test_loss),
		cmocka_unit_test(test_jump),
		cmocka_unit_test(test_ssrc),
		cmocka_unit_test(test_lost_total),
		cmocka_unit_test(test_other),
		cmocka_unit_test(test_jitter),
		cmocka_unit_test(test_ntp),
		cmocka_unit_test(test_timeline),
		cmocka_unit_test(test_skew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
