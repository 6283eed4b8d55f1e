/**
 * @file test_latch.c  Symmetric RTP: who may move the media
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include <re.h>
#include "sip/pure/latch.h"


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


/* The latch was armed at 1000; the phone's real address has not spoken */
static const uint64_t LATE = 1000 + LATCH_SILENCE;


static void test_follows_the_real_source(void **state)
{
	struct fixture f = fix();
	(void)state;

	assert_false(latch_rtp(&f.l, &f.nat, 1, 10, LATE));
	assert_true(latch_rtp(&f.l, &f.nat, 1, 11, LATE + 20));
	assert_true(sa_cmp(&f.l.raddr, &f.nat, SA_ALL));
	assert_true(f.l.moved);
	assert_true(latch_rtp(&f.l, &f.nat, 1, 12, 900000));
}


/* A stream that begins at once is followed as soon as the SDP's address has
   been silent long enough: not two packets later */
static void test_waits_for_the_announced_one(void **state)
{
	struct fixture f = fix();
	uint16_t i;
	(void)state;

	for (i=0; i<25; i++)
		assert_false(latch_rtp(&f.l, &f.nat, 1, i, 1000 + i * 20));

	assert_true(latch_rtp(&f.l, &f.nat, 1, i, LATE));
}


/* The call that was lost: a stranger is there before the phone's first one */
static void test_first_stranger_does_not_keep_it(void **state)
{
	struct fixture f = fix();
	uint16_t i;
	(void)state;

	for (i=0; i<3; i++)
		latch_rtp(&f.l, &f.evil, 7, i, 1010 + i);

	assert_true(latch_rtp(&f.l, &f.phone, 1, 10, 1100));
	assert_true(sa_cmp(&f.l.raddr, &f.phone, SA_ALL));

	/* even if he was followed, as nobody else spoke, and goes on */
	f = fix();
	for (i=0; i<3; i++)
		latch_rtp(&f.l, &f.evil, 7, i, LATE + i);

	assert_true(f.l.moved);
	assert_true(latch_rtp(&f.l, &f.phone, 1, 10, 900000));
	assert_true(sa_cmp(&f.l.raddr, &f.phone, SA_ALL));
	assert_false(f.l.moved);
	assert_false(latch_rtp(&f.l, &f.evil, 7, 3, 900010));
}


/* The real address of a phone behind NAT, if the stranger came first */
static void test_silent_stranger_is_left(void **state)
{
	struct fixture f = fix();
	uint16_t i;
	(void)state;

	for (i=0; i<3; i++)
		latch_rtp(&f.l, &f.evil, 7, i, LATE + i);

	for (i=0; i<30; i++)
		latch_rtp(&f.l, &f.nat, 1, i, LATE + 10 + i * 20);

	assert_true(sa_cmp(&f.l.raddr, &f.nat, SA_ALL));
}


static void test_stranger_beside_the_right_one(void **state)
{
	struct fixture f = fix();
	uint16_t i;
	(void)state;

	latch_rtp(&f.l, &f.nat, 1, 10, LATE);
	latch_rtp(&f.l, &f.nat, 1, 11, LATE + 20);

	for (i=0; i<50; i++) {
		assert_true(latch_rtp(&f.l, &f.nat, 1, 12 + i,
				      LATE + 40 + i * 20));
		assert_false(latch_rtp(&f.l, &f.evil, 7, i,
				       LATE + 41 + i * 20));
	}

	assert_true(sa_cmp(&f.l.raddr, &f.nat, SA_ALL));
}


static void test_confirmed_source_stays(void **state)
{
	struct fixture f = fix();
	(void)state;

	assert_true(latch_rtp(&f.l, &f.phone, 1, 10, LATE));
	assert_true(latch_rtp(&f.l, &f.phone, 1, 11, LATE + 20));

	assert_false(latch_rtp(&f.l, &f.evil, 7, 1, LATE + 40));
	assert_false(latch_rtp(&f.l, &f.evil, 7, 2, LATE + 60));
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
	assert_false(latch_rtp(&f.l, &f.evil, 7, 100, LATE));
	assert_false(latch_rtp(&f.l, &f.evil, 7, 900, LATE + 1));
	assert_false(latch_rtp(&f.l, &f.evil, 8, 901, LATE + 2));
	assert_false(latch_rtp(&f.l, &f.nat, 8, 902, LATE + 3));
	assert_false(f.l.latched);
}


static void test_sequence_wraps(void **state)
{
	struct fixture f = fix();
	(void)state;

	assert_false(latch_rtp(&f.l, &f.nat, 1, 65535, LATE));
	assert_true(latch_rtp(&f.l, &f.nat, 1, 0, LATE + 20));
}


/* Authentic packets need no such care: nothing of them is missed */
static void test_authentic_is_followed_at_once(void **state)
{
	struct fixture f = fix();
	(void)state;

	f.l.trusted = true;
	assert_false(latch_rtp(&f.l, &f.nat, 1, 10, 1010));
	assert_true(latch_rtp(&f.l, &f.nat, 1, 11, 1030));
}


static void test_reinvite_opens_again(void **state)
{
	struct fixture f = fix();
	struct sa moved;
	(void)state;

	latch_rtp(&f.l, &f.nat, 1, 10, LATE);
	latch_rtp(&f.l, &f.nat, 1, 11, LATE + 20);

	/* same address in the SDP: what was learnt is kept */
	latch_arm(&f.l, &f.phone, 50000, WINDOW);
	assert_true(sa_cmp(&f.l.raddr, &f.nat, SA_ALL));
	assert_true(latch_rtp(&f.l, &f.nat, 1, 900, 50010));

	/* another address: start over with it */
	assert_int_equal(0, sa_set_str(&moved, "192.168.1.3", 4000));
	latch_arm(&f.l, &moved, 60000, WINDOW);
	assert_true(sa_cmp(&f.l.raddr, &moved, SA_ALL));
	assert_false(latch_rtp(&f.l, &f.nat, 2, 1, 60500));
	assert_true(latch_rtp(&f.l, &f.nat, 2, 2, 60520));
}


/* The window after a re-INVITE with the same SDP: the phone is where it was,
   even if it was on hold and a stranger is the first to speak */
static void test_reinvite_is_no_way_in(void **state)
{
	struct fixture f = fix();
	uint16_t i;
	(void)state;

	latch_rtp(&f.l, &f.nat, 1, 10, LATE);
	latch_rtp(&f.l, &f.nat, 1, 11, LATE + 20);
	latch_arm(&f.l, &f.phone, 50000, WINDOW);

	for (i=0; i<3; i++)
		assert_false(latch_rtp(&f.l, &f.evil, 7, i, 50001 + i));

	/* he may have it while nobody speaks, but not for good */
	for (i=10; i<13; i++)
		latch_rtp(&f.l, &f.evil, 7, i, 50600 + i);

	assert_true(sa_cmp(&f.l.raddr, &f.evil, SA_ALL));
	assert_true(latch_rtp(&f.l, &f.nat, 1, 900, 51000));
	assert_false(latch_rtp(&f.l, &f.evil, 7, 13, 51010));
	assert_true(latch_rtp(&f.l, &f.nat, 1, 901, 900000));

	/* who was kept does not take it from the SDP's address */
	assert_true(latch_rtp(&f.l, &f.phone, 1, 1, 900010));
	assert_false(latch_rtp(&f.l, &f.nat, 1, 902, 900020));
	assert_true(latch_rtp(&f.l, &f.phone, 1, 2, 900030));
}


static void test_rtcp_leaves_with_rtp(void **state)
{
	struct fixture f = fix();
	struct latch rtcp;
	struct sa sdp, src;
	(void)state;

	sa_cpy(&sdp, &f.phone);
	sa_set_port(&sdp, 4001);
	sa_cpy(&src, &f.evil);
	sa_set_port(&src, 31001);

	memset(&rtcp, 0, sizeof(rtcp));
	latch_arm(&rtcp, &sdp, 1000, WINDOW);

	latch_rtp(&f.l, &f.evil, 1, 10, LATE);
	latch_rtp(&f.l, &f.evil, 1, 11, LATE + 20);
	assert_true(latch_rtcp(&rtcp, &f.l, &src, LATE + 30));
	latch_follow(&rtcp, &f.l);
	assert_true(sa_cmp(&rtcp.raddr, &src, SA_ALL));

	assert_true(latch_rtp(&f.l, &f.phone, 1, 11, LATE + 40));
	latch_follow(&rtcp, &f.l);
	assert_true(sa_cmp(&rtcp.raddr, &sdp, SA_ALL));
	assert_false(latch_rtcp(&rtcp, &f.l, &src, LATE + 50));
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

	latch_rtp(&f.l, &f.nat, 1, 10, LATE);
	latch_rtp(&f.l, &f.nat, 1, 11, LATE + 20);

	assert_false(latch_rtcp(&rtcp, &f.l, &f.evil, LATE + 30));
	assert_true(latch_rtcp(&rtcp, &f.l, &src, LATE + 40));
	assert_true(sa_cmp(&rtcp.raddr, &src, SA_ALL));
}


static void test_barred(void **state)
{
	struct fixture f = fix();
	struct latch_bars bars;
	(void)state;

	memset(&bars, 0, sizeof(bars));
	assert_false(latch_is_barred(&bars, &f.phone));

	/* the first phone is behind a NAT; another one has answered */
	assert_false(latch_rtp(&f.l, &f.nat, 1, 10, LATE));
	assert_true(latch_rtp(&f.l, &f.nat, 1, 11, LATE + 20));
	latch_bar(&bars, &f.l);
	latch_lift(&bars, &f.evil);
	latch_lift(&bars, NULL);
	assert_true(latch_is_barred(&bars, &f.phone));
	assert_true(latch_is_barred(&bars, &f.nat));
	assert_false(latch_is_barred(&bars, &f.evil));

	/* and the first one again, or one behind the same relay */
	latch_lift(&bars, &f.phone);
	assert_false(latch_is_barred(&bars, &f.phone));
	assert_false(latch_is_barred(&bars, &f.nat));

	/* nobody was heard yet */
	memset(&f.l, 0, sizeof(f.l));
	latch_bar(&bars, &f.l);
	assert_int_equal(bars.n, 1);
}


static void test_barred_bounds(void **state)
{
	struct fixture f = fix();
	struct latch_bars bars;
	uint16_t i;
	(void)state;

	memset(&bars, 0, sizeof(bars));

	for (i=0; i<=ARRAY_SIZE(bars.v); i++) {
		sa_set_port(&f.phone, 4000 + i);
		latch_arm(&f.l, &f.phone, 0, WINDOW);
		latch_bar(&bars, &f.l);
	}

	/* the oldest is forgotten */
	assert_true(latch_is_barred(&bars, &f.phone));
	sa_set_port(&f.phone, 4000);
	assert_false(latch_is_barred(&bars, &f.phone));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_barred),
		cmocka_unit_test(test_barred_bounds),
		cmocka_unit_test(test_follows_the_real_source),
		cmocka_unit_test(test_waits_for_the_announced_one),
		cmocka_unit_test(test_first_stranger_does_not_keep_it),
		cmocka_unit_test(test_silent_stranger_is_left),
		cmocka_unit_test(test_stranger_beside_the_right_one),
		cmocka_unit_test(test_confirmed_source_stays),
		cmocka_unit_test(test_not_after_the_window),
		cmocka_unit_test(test_probation_needs_sequence),
		cmocka_unit_test(test_sequence_wraps),
		cmocka_unit_test(test_authentic_is_followed_at_once),
		cmocka_unit_test(test_reinvite_opens_again),
		cmocka_unit_test(test_reinvite_is_no_way_in),
		cmocka_unit_test(test_rtcp_leaves_with_rtp),
		cmocka_unit_test(test_rtcp_follows_rtp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
