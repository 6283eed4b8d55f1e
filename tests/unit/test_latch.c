/**
 * @file test_latch.c  Symmetric RTP: who may move the media
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include <re.h>
#include "sip/latch.h"


enum { WINDOW = 5000 };

struct fixture {
	struct latch l;
	struct sa phone;        /* as in the SDP */
	struct sa nat;          /* where the phone really sends from */
	struct sa evil;
};


static struct fixture fix(void)
{
	struct fixture f;

	assert_int_equal(0, sa_set_str(&f.phone, "192.168.1.2", 4000));
	assert_int_equal(0, sa_set_str(&f.nat, "203.0.113.5", 31000));
	assert_int_equal(0, sa_set_str(&f.evil, "198.51.100.9", 6666));
	memset(&f.l, 0, sizeof(f.l));
	latch_arm(&f.l, &f.phone, 1000, WINDOW);

	return f;
}


static void test_follows_the_real_source(void **state)
{
	struct fixture f = fix();
	(void)state;

	assert_false(latch_rtp(&f.l, &f.nat, 1, 10, 1100));
	assert_true(latch_rtp(&f.l, &f.nat, 1, 11, 1120));
	assert_true(sa_cmp(&f.l.raddr, &f.nat, SA_ALL));
	assert_true(f.l.moved);
	assert_true(latch_rtp(&f.l, &f.nat, 1, 12, 900000));
}


static void test_only_once(void **state)
{
	struct fixture f = fix();
	uint16_t i;
	(void)state;

	latch_rtp(&f.l, &f.nat, 1, 10, 1100);
	latch_rtp(&f.l, &f.nat, 1, 11, 1120);

	for (i=0; i<50; i++)
		assert_false(latch_rtp(&f.l, &f.evil, 7, i, 1200));

	assert_true(sa_cmp(&f.l.raddr, &f.nat, SA_ALL));
}


static void test_confirmed_source_stays(void **state)
{
	struct fixture f = fix();
	(void)state;

	assert_true(latch_rtp(&f.l, &f.phone, 1, 10, 1100));
	assert_true(latch_rtp(&f.l, &f.phone, 1, 11, 1120));

	assert_false(latch_rtp(&f.l, &f.evil, 7, 1, 1140));
	assert_false(latch_rtp(&f.l, &f.evil, 7, 2, 1160));
	assert_false(f.l.moved);
}


static void test_not_after_the_window(void **state)
{
	struct fixture f = fix();
	(void)state;

	assert_false(latch_rtp(&f.l, &f.nat, 1, 10, 1000 + WINDOW));
	assert_false(latch_rtp(&f.l, &f.nat, 1, 11, 1000 + WINDOW));
	assert_true(latch_rtp(&f.l, &f.phone, 1, 12, 1000 + WINDOW));
}


static void test_probation_needs_sequence(void **state)
{
	struct fixture f = fix();
	(void)state;

	/* neither random numbers nor changing SSRCs are a stream */
	assert_false(latch_rtp(&f.l, &f.evil, 7, 100, 1100));
	assert_false(latch_rtp(&f.l, &f.evil, 7, 900, 1101));
	assert_false(latch_rtp(&f.l, &f.evil, 8, 901, 1102));
	assert_false(latch_rtp(&f.l, &f.nat, 8, 902, 1103));
	assert_false(f.l.latched);
}


static void test_sequence_wraps(void **state)
{
	struct fixture f = fix();
	(void)state;

	assert_false(latch_rtp(&f.l, &f.nat, 1, 65535, 1100));
	assert_true(latch_rtp(&f.l, &f.nat, 1, 0, 1120));
}


static void test_reinvite_opens_again(void **state)
{
	struct fixture f = fix();
	struct sa moved;
	(void)state;

	latch_rtp(&f.l, &f.nat, 1, 10, 1100);
	latch_rtp(&f.l, &f.nat, 1, 11, 1120);

	/* same address in the SDP: what was learnt is kept */
	latch_arm(&f.l, &f.phone, 50000, WINDOW);
	assert_true(sa_cmp(&f.l.raddr, &f.nat, SA_ALL));
	assert_true(latch_rtp(&f.l, &f.nat, 1, 900, 50010));

	/* another address: start over with it */
	assert_int_equal(0, sa_set_str(&moved, "192.168.1.3", 4000));
	latch_arm(&f.l, &moved, 60000, WINDOW);
	assert_true(sa_cmp(&f.l.raddr, &moved, SA_ALL));
	assert_false(latch_rtp(&f.l, &f.nat, 2, 1, 60010));
	assert_true(latch_rtp(&f.l, &f.nat, 2, 2, 60030));
}


static void test_rtcp_follows_rtp(void **state)
{
	struct fixture f = fix();
	struct latch rtcp;
	struct sa sdp, src;
	(void)state;

	sa_cpy(&sdp, &f.phone);
	sa_set_port(&sdp, 4001);
	sa_cpy(&src, &f.nat);
	sa_set_port(&src, 31001);

	memset(&rtcp, 0, sizeof(rtcp));
	latch_arm(&rtcp, &sdp, 1000, WINDOW);

	assert_true(latch_rtcp(&rtcp, &f.l, &sdp, 1010));
	assert_false(latch_rtcp(&rtcp, &f.l, &src, 1010));

	latch_rtp(&f.l, &f.nat, 1, 10, 1100);
	latch_rtp(&f.l, &f.nat, 1, 11, 1120);

	assert_false(latch_rtcp(&rtcp, &f.l, &f.evil, 1130));
	assert_true(latch_rtcp(&rtcp, &f.l, &src, 1140));
	assert_true(sa_cmp(&rtcp.raddr, &src, SA_ALL));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_follows_the_real_source),
		cmocka_unit_test(test_only_once),
		cmocka_unit_test(test_confirmed_source_stays),
		cmocka_unit_test(test_not_after_the_window),
		cmocka_unit_test(test_probation_needs_sequence),
		cmocka_unit_test(test_sequence_wraps),
		cmocka_unit_test(test_reinvite_opens_again),
		cmocka_unit_test(test_rtcp_follows_rtp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
