/**
 * @file test_unheard.c  Dead air, one-way audio, and the verdict
 */
#include "testutil.h"
#include <string.h>
#include "call/unheard.h"
#include "call/reason.h"
#include "call/verdict.h"


enum {
	LIMIT = 20000,          /**< [ms]                                  */
};

static struct unheard u;
static struct unheard_change ch;
static uint64_t now;
static uint32_t numv[2] = {7, 9};


static void begin(void)
{
	const enum heard none[2] = {HEARD_PACKETS, HEARD_PACKETS};

	memset(&u, 0, sizeof(u));
	numv[0] = 7;
	numv[1] = 9;
	now = 1000000;
	assert_false(unheard_look(&u, &ch, numv, none, now, LIMIT));
}


/* Both are so for some seconds. Returns the seconds until something changed,
   0=nothing did */
static unsigned pass(enum heard a, enum heard b, unsigned seconds)
{
	const enum heard v[2] = {a, b};
	unsigned i;

	for (i=1; i<=seconds; i++) {
		now += 1000;
		if (unheard_look(&u, &ch, numv, v, now, LIMIT))
			return i;
	}

	return 0;
}


static void test_talk(void **state)
{
	unsigned i;
	(void)state;

	begin();
	assert_int_equal(pass(HEARD_SOUND, HEARD_SOUND, 100), 0);

	/* one listens, by whatever way, and it may not be measured */
	for (i=0; i<3; i++) {
		assert_int_equal(pass(HEARD_SOUND, HEARD_SILENCE, 100), 0);
		assert_int_equal(pass(HEARD_PAUSE, HEARD_SOUND, 100), 0);
		assert_int_equal(pass(HEARD_SOUND, HEARD_PAUSE, 100), 0);
		assert_int_equal(pass(HEARD_SOUND, HEARD_PACKETS, 100), 0);
	}

	/* pauses that are no longer than they are */
	for (i=0; i<10; i++) {
		assert_int_equal(pass(HEARD_SILENCE, HEARD_PAUSE, 19), 0);
		assert_int_equal(pass(HEARD_SILENCE, HEARD_SOUND, 1), 0);
	}

	/* one who has only listened, but says that it pauses */
	begin();
	assert_int_equal(pass(HEARD_SOUND, HEARD_PAUSE, 300), 0);
}


static void test_dead_air(void **state)
{
	(void)state;

	begin();
	assert_int_equal(pass(HEARD_SOUND, HEARD_SOUND, 5), 0);
	assert_int_equal(pass(HEARD_SILENCE, HEARD_PAUSE, 100), 20);
	assert_true(ch.begun);
	assert_int_equal(ch.over, UNHEARD_NO);
	assert_int_equal(u.state, UNHEARD_DEAD_AIR);
	assert_int_equal(now - u.since, 20000);

	/* once */
	assert_int_equal(pass(HEARD_NOTHING, HEARD_PACKETS, 40), 0);

	assert_int_equal(pass(HEARD_SOUND, HEARD_SILENCE, 10), 1);
	assert_false(ch.begun);
	assert_int_equal(ch.over, UNHEARD_DEAD_AIR);
	assert_int_equal(ch.over_ms, 61000);
	assert_int_equal(u.state, UNHEARD_NO);

	/* and again */
	assert_int_equal(pass(HEARD_SILENCE, HEARD_SILENCE, 100), 20);
	assert_int_equal(u.state, UNHEARD_DEAD_AIR);

	/* from the beginning */
	begin();
	assert_int_equal(pass(HEARD_SILENCE, HEARD_NOTHING, 100), 20);
	assert_int_equal(u.state, UNHEARD_DEAD_AIR);
}


static void test_one_way(void **state)
{
	(void)state;

	/* nothing comes of the second one any more */
	begin();
	assert_int_equal(pass(HEARD_SOUND, HEARD_SOUND, 50), 0);
	assert_int_equal(pass(HEARD_SOUND, HEARD_NOTHING, 100), 20);
	assert_true(ch.begun);
	assert_int_equal(u.state, UNHEARD_ONE_WAY);
	assert_int_equal(u.who, 1);
	assert_true(u.nothing);

	/* the other one stops as well, and goes on */
	assert_int_equal(pass(HEARD_SILENCE, HEARD_NOTHING, 100), 20);
	assert_int_equal(ch.over, UNHEARD_ONE_WAY);
	assert_int_equal(u.state, UNHEARD_DEAD_AIR);
	assert_int_equal(pass(HEARD_SOUND, HEARD_NOTHING, 100), 1);
	assert_int_equal(ch.over, UNHEARD_DEAD_AIR);
	assert_true(ch.begun);
	assert_int_equal(u.state, UNHEARD_ONE_WAY);
	assert_int_equal(pass(HEARD_SOUND, HEARD_SILENCE, 100), 1);
	assert_int_equal(ch.over, UNHEARD_ONE_WAY);
	assert_int_equal(u.state, UNHEARD_NO);

	/* only silence, from the first */
	begin();
	assert_int_equal(pass(HEARD_SILENCE, HEARD_SOUND, 100), 20);
	assert_int_equal(u.state, UNHEARD_ONE_WAY);
	assert_int_equal(u.who, 0);
	assert_false(u.nothing);
	assert_int_equal(pass(HEARD_NOTHING, HEARD_SOUND, 40), 0);
	assert_int_equal(pass(HEARD_SOUND, HEARD_SOUND, 40), 1);
	assert_int_equal(ch.over, UNHEARD_ONE_WAY);
	assert_false(ch.begun);

	/* who has been heard may be silent */
	assert_int_equal(pass(HEARD_SILENCE, HEARD_SOUND, 200), 0);
}


static void test_hold(void **state)
{
	(void)state;

	begin();
	assert_int_equal(pass(HEARD_SOUND, HEARD_SILENCE, 15), 0);
	assert_int_equal(pass(HEARD_FREE, HEARD_NOTHING, 300), 0);
	assert_int_equal(pass(HEARD_NOTHING, HEARD_NOTHING, 19), 0);
	assert_int_equal(pass(HEARD_NOTHING, HEARD_NOTHING, 19), 1);

	/* what was is over, once */
	assert_int_equal(pass(HEARD_FREE, HEARD_NOTHING, 300), 1);
	assert_int_equal(ch.over, UNHEARD_DEAD_AIR);
	assert_int_equal(pass(HEARD_FREE, HEARD_NOTHING, 300), 0);

	/* who was heard before is the same afterwards */
	assert_int_equal(pass(HEARD_SILENCE, HEARD_SOUND, 100), 0);

	/* another party is not */
	numv[0] = 8;
	assert_int_equal(pass(HEARD_SILENCE, HEARD_SOUND, 100), 21);
	assert_int_equal(u.state, UNHEARD_ONE_WAY);
	numv[1] = 10;
	assert_int_equal(pass(HEARD_SILENCE, HEARD_SOUND, 19), 1);
	assert_int_equal(ch.over, UNHEARD_ONE_WAY);

	/* nobody wants to know */
	assert_false(unheard_look(&u, &ch, numv, (enum heard [2]){
		HEARD_NOTHING, HEARD_NOTHING}, now + 100000, 0));
}


/* A prompt, or a tone that is repeated: neither wrong, nor an end of what is */
static void test_covered(void **state)
{
	unsigned i, n = 0;
	(void)state;

	begin();
	assert_int_equal(pass(HEARD_SOUND, HEARD_SILENCE, 5), 0);
	assert_int_equal(pass(HEARD_COVERED, HEARD_COVERED, 300), 0);
	assert_int_equal(pass(HEARD_SOUND, HEARD_SILENCE, 14), 0);
	assert_int_equal(pass(HEARD_COVERED, HEARD_NOTHING, 300), 0);

	/* silence since the beginning, as before */
	assert_int_equal(pass(HEARD_SOUND, HEARD_SILENCE, 100), 1);
	assert_int_equal(u.state, UNHEARD_ONE_WAY);
	assert_int_equal(pass(HEARD_SOUND, HEARD_COVERED, 100), 0);
	assert_int_equal(pass(HEARD_SOUND, HEARD_SOUND, 100), 1);
	assert_int_equal(ch.over, UNHEARD_ONE_WAY);
	assert_int_equal(ch.over_ms, 21000);

	/* each third look meets a tone */
	begin();
	for (i=0; !n && i<100; i++) {
		assert_int_equal(pass(HEARD_COVERED, HEARD_COVERED, 1), 0);
		n = pass(HEARD_SILENCE, HEARD_SILENCE, 2) ? i : 0;
	}
	assert_int_equal(n, 9);
	assert_int_equal(u.state, UNHEARD_DEAD_AIR);

	/* hold is an end of it, for all that */
	assert_int_equal(pass(HEARD_COVERED, HEARD_FREE, 1), 1);
	assert_int_equal(ch.over, UNHEARD_DEAD_AIR);
}


/* --- the verdict ------------------------------------------------------- */


/* Two minutes in that all was well */
static const struct verdict_leg fine = {
	.received = 6000, .rx_lost = 10, .rx_jitter = 3000, .sent = 6000,
	.reported = true, .latency = 200, .latency_p99 = 3000,
};


#define MUTE(...) {.received = 6000, .sent = 6000, __VA_ARGS__}
#define LEG(...) MUTE(.reported = true, __VA_ARGS__)

static void test_verdict(void **state)
{
	static const struct {
		struct verdict_leg phone, app;
		enum end_reason reason;
		uint32_t dead_air_ms;
		enum verdict verdict;
	} v[] = {
		/* a little of everything, on both */
		{LEG(.rx_lost = 150, .rx_jitter = 30000),
		 LEG(.rx_lost = 100), END_NORMAL, 0, VERDICT_GOOD},
		/* duplicates are no loss */
		{LEG(.rx_lost = -300), LEG(.rx_lost = -1), END_NORMAL, 0,
		 VERDICT_GOOD},

		/* lost, or late, on the way to us */
		{LEG(.rx_lost = 400), LEG(.rx_lost = 10), END_NORMAL, 0,
		 VERDICT_NET_PHONE},
		{LEG(.rx_lost = 10), LEG(.rx_jitter = 90000), END_LONGEST, 0,
		 VERDICT_NET_APP},
		/* ... from us, as it reports; not if it does not */
		{LEG(.tx_lost = 400), LEG(.rx_lost = 1), END_NORMAL, 0,
		 VERDICT_NET_PHONE},
		{MUTE(.tx_lost = 400), LEG(.rx_lost = 1), END_NORMAL, 0,
		 VERDICT_UNSEEN},
		{LEG(.rx_lost = 1), MUTE(.rx_lost = 1), END_NORMAL, 0,
		 VERDICT_UNSEEN},
		/* ... which is no excuse for what is seen */
		{LEG(.rx_lost = 400), MUTE(.rx_lost = 1), END_NORMAL, 0,
		 VERDICT_NET_PHONE},
		/* what it reports had been lost before */
		{LEG(.relayed = true, .tx_lost = 400, .tx_jitter = 60000),
		 LEG(.rx_lost = 390, .rx_jitter = 55000), END_NORMAL, 0,
		 VERDICT_NET_APP},
		{LEG(.relayed = true, .tx_lost = 100),
		 LEG(.rx_lost = 90), END_NORMAL, 0, VERDICT_GOOD},
		/* on both, about the same; one much worse */
		{LEG(.rx_lost = 500), LEG(.rx_lost = 400), END_NORMAL, 0,
		 VERDICT_UNKNOWN},
		{LEG(.rx_lost = 3000), LEG(.rx_lost = 300), END_NORMAL, 0,
		 VERDICT_NET_PHONE},
		/* a path that was away for a while */
		{LEG(.rx_lost = 0), LEG(.out_ms = 5000), END_NORMAL, 0,
		 VERDICT_NET_APP},

		/* who was not heard */
		{LEG(.nothing = true), LEG(.rx_lost = 900), END_NORMAL, 0,
		 VERDICT_NET_PHONE},
		{LEG(.rx_lost = 0), LEG(.nothing = true), END_NORMAL, 0,
		 VERDICT_NET_APP},
		{LEG(.nothing = true), LEG(.nothing = true), END_NORMAL, 0,
		 VERDICT_UNKNOWN},
		{LEG(.silent = true), LEG(.rx_lost = 0), END_NORMAL, 0,
		 VERDICT_PHONE},
		{LEG(.rx_lost = 0), LEG(.silent = true), END_NORMAL, 0,
		 VERDICT_APP},
		{LEG(.rx_lost = 0), LEG(.nothing = true), END_SILENCE, 0,
		 VERDICT_NET_APP},

		/* by what it ended */
		{LEG(.rx_lost = 0), LEG(.rx_lost = 0), END_PATH_LOST, 0,
		 VERDICT_NET_APP},
		{LEG(.rx_lost = 0), LEG(.rx_lost = 0), END_GONE, 0,
		 VERDICT_NET_PHONE},
		{LEG(.rx_lost = 0), LEG(.rx_lost = 0), END_INTERNAL, 0,
		 VERDICT_BRIDGE},

		/* we */
		{LEG(.latency = 80000), LEG(.rx_lost = 900), END_NORMAL, 0,
		 VERDICT_BRIDGE},
		{LEG(.latency = 300, .latency_p99 = 240000), LEG(.rx_lost = 0),
		 END_NORMAL, 0, VERDICT_BRIDGE},
		{LEG(.latency = 300, .latency_p99 = 40000), LEG(.rx_lost = 0),
		 END_NORMAL, 0, VERDICT_GOOD},
		{LEG(.rx_lost = 0), LEG(.unsent = 200), END_NORMAL, 0,
		 VERDICT_BRIDGE},
		{LEG(.rx_lost = 0), LEG(.unsent = 20), END_NORMAL, 0,
		 VERDICT_GOOD},

		/* nobody said anything */
		{LEG(.rx_lost = 0), LEG(.rx_lost = 0), END_NORMAL, 30000,
		 VERDICT_GOOD},
		{LEG(.rx_lost = 0), LEG(.rx_lost = 0), END_NORMAL, 90000,
		 VERDICT_UNKNOWN},
	};
	struct verdict_call vc = {.media_ms = 120000, .phone = fine,
		.app = fine, .reason = END_NORMAL};
	size_t i;
	(void)state;

	assert_int_equal(verdict_find(&vc), VERDICT_GOOD);

	for (i=0; i<ARRAY_SIZE(v); i++) {
		vc.phone       = v[i].phone;
		vc.app         = v[i].app;
		vc.reason      = v[i].reason;
		vc.dead_air_ms = v[i].dead_air_ms;
		if (verdict_find(&vc) != v[i].verdict)
			fail_msg("case %zu: %s", i,
				 verdict_name(verdict_find(&vc)));
	}

	/* two seconds: the ways began one after the other */
	memset(&vc, 0, sizeof(vc));
	vc.media_ms = 2000;
	vc.phone = (struct verdict_leg){.received = 80, .rx_lost = 4,
		.sent = 80, .unsent = 2};
	vc.app   = vc.phone;
	assert_int_equal(verdict_find(&vc), VERDICT_GOOD);
	vc.phone.unsent = 20;
	assert_int_equal(verdict_find(&vc), VERDICT_BRIDGE);
	vc.phone.unsent  = 0;
	vc.phone.rx_lost = 20;
	assert_int_equal(verdict_find(&vc), VERDICT_NET_PHONE);

	/* it never came to media */
	memset(&vc, 0, sizeof(vc));
	vc.reason = END_BUSY;
	assert_int_equal(verdict_find(&vc), VERDICT_NONE);
	vc.reason = END_NO_PATH;
	assert_int_equal(verdict_find(&vc), VERDICT_NET_APP);

	/* without a packet, and at once */
	memset(&vc, 0, sizeof(vc));
	vc.media_ms = 1;
	assert_int_equal(verdict_find(&vc), VERDICT_GOOD);
}


/* A loop that stands still now and then: half of all packets, and those that
   are looked at, go through in no time */
static void test_verdict_stall(void **state)
{
	struct verdict_call vc = {.media_ms = 120000, .phone = fine,
		.app = fine, .reason = END_NORMAL};
	(void)state;

	/* 300 ms each ten seconds */
	vc.stalled_ms = 3600;
	assert_int_equal(verdict_find(&vc), VERDICT_BRIDGE);

	/* once */
	vc.stalled_ms = 300;
	assert_int_equal(verdict_find(&vc), VERDICT_GOOD);

	/* a short call, and something took long while it began; then more */
	vc.media_ms   = 4000;
	vc.stalled_ms = 150;
	assert_int_equal(verdict_find(&vc), VERDICT_GOOD);
	vc.stalled_ms = 700;
	assert_int_equal(verdict_find(&vc), VERDICT_BRIDGE);

	/* nobody was there to hear it */
	vc.media_ms = 120000;
	vc.app.nothing = true;
	assert_int_equal(verdict_find(&vc), VERDICT_NET_APP);

	/* of a short call one packet of 100 is one alone */
	vc.app = fine;
	vc.stalled_ms = 0;
	vc.phone.latency_p99 = 240000;
	assert_int_equal(verdict_find(&vc), VERDICT_BRIDGE);
	vc.media_ms = 20000;
	assert_int_equal(verdict_find(&vc), VERDICT_GOOD);
}


/* Who never says what he gets may have got nothing */
static void test_verdict_unseen(void **state)
{
	struct verdict_call vc = {.media_ms = 120000, .phone = fine,
		.app = fine, .reason = END_NORMAL};
	(void)state;

	vc.phone.reported = false;
	assert_int_equal(verdict_find(&vc), VERDICT_UNSEEN);
	assert_true(VERDICT_UNSEEN < VERDICT_GOOD);

	/* his report was not due yet */
	vc.media_ms = 8000;
	assert_int_equal(verdict_find(&vc), VERDICT_GOOD);

	/* nothing was there to be reported: he held, or the other paused */
	vc.media_ms = 120000;
	vc.phone.sent = 20;
	assert_int_equal(verdict_find(&vc), VERDICT_GOOD);
}


static void test_verdict_name(void **state)
{
	int i, j;
	(void)state;

	assert_null(verdict_name(VERDICT_NONE));
	assert_null(verdict_name(-1));
	assert_string_equal(verdict_name(VERDICT_UNSEEN), "unknown");

	for (i=VERDICT_GOOD; i<=VERDICT_UNKNOWN; i++) {
		for (j=VERDICT_GOOD; j<i; j++)
			assert_string_not_equal(verdict_name(i),
						verdict_name(j));
	}
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_talk),
		cmocka_unit_test(test_dead_air),
		cmocka_unit_test(test_one_way),
		cmocka_unit_test(test_hold),
		cmocka_unit_test(test_covered),
		cmocka_unit_test(test_verdict),
		cmocka_unit_test(test_verdict_stall),
		cmocka_unit_test(test_verdict_unseen),
		cmocka_unit_test(test_verdict_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
