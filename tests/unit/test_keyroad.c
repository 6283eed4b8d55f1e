/**
 * @file test_keyroad.c  One key that comes by two roads is one key
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>
#include "call/dtmf_dedup.h"


enum {
	W = KEYROAD_WINDOW,
};


/* What is passed on until a time, one after another */
static void assert_gets(struct keyroad *kr, const char *wanted, uint64_t now)
{
	uint32_t ms;
	char key;

	for (; *wanted; wanted++) {
		assert_true(keyroad_get(kr, &key, &ms, now));
		assert_int_equal(*wanted, key);
	}
	assert_false(keyroad_get(kr, &key, &ms, now));
}


/* Whatever a phone has: on one road nothing is dropped */
static void test_one_road(void **state)
{
	struct keyroad kr;
	uint64_t t;
	int can;
	(void)state;

	for (can = KEYROAD_NOTHING; can <= KEYROAD_EVENTS; can++) {

		memset(&kr, 0, sizeof(kr));
		keyroad_reset(&kr, can);
		for (t = 1000; t < 9000; t += 100)
			assert_int_equal(KEYROAD_PASS,
					 keyroad_rtp(&kr, '5', 60, t));
		assert_int_equal(0, keyroad_due(&kr));
	}

	memset(&kr, 0, sizeof(kr));
	for (t = 1000; t < 9000; t += 100)
		assert_int_equal(KEYROAD_PASS, keyroad_info(&kr, '5', 60, t));
	assert_int_equal(0, keyroad_due(&kr));
}


/* INFO alone: its first key waits, in case */
static void test_info_alone(void **state)
{
	struct keyroad kr = {.keyc = 0};
	(void)state;

	keyroad_reset(&kr, KEYROAD_EVENTS);
	assert_int_equal(KEYROAD_WAIT, keyroad_info(&kr, '1', 250, 1000));
	assert_int_equal(KEYROAD_WAIT, keyroad_info(&kr, '1', 250, 1300));
	assert_int_equal(KEYROAD_WAIT, keyroad_info(&kr, '2', 250, 1600));
	assert_int_equal(1000 + W, keyroad_due(&kr));
	assert_gets(&kr, "", 1000 + W - 1);
	assert_gets(&kr, "112", 1000 + W);
	assert_int_equal(0, keyroad_due(&kr));

	assert_int_equal(KEYROAD_PASS, keyroad_info(&kr, '2', 250, 2100));
	assert_int_equal(KEYROAD_PASS, keyroad_info(&kr, '3', 250, 2400));
	assert_false(keyroad_is_deaf(&kr));

	/* none overtakes those that wait */
	keyroad_reset(&kr, KEYROAD_EVENTS);
	assert_int_equal(KEYROAD_WAIT, keyroad_info(&kr, '4', 250, 9000));
	keyroad_reset(&kr, KEYROAD_NOTHING);
	assert_int_equal(KEYROAD_WAIT, keyroad_info(&kr, '5', 250, 9100));
	assert_gets(&kr, "45", 9000 + W);
}


/* Both, INFO when the key goes down */
static void test_info_first(void **state)
{
	struct keyroad kr = {.keyc = 0};
	(void)state;

	keyroad_reset(&kr, KEYROAD_EVENTS);
	assert_int_equal(KEYROAD_WAIT, keyroad_info(&kr, '1', 250, 1000));
	assert_int_equal(KEYROAD_WAIT, keyroad_info(&kr, '1', 250, 1400));
	assert_int_equal(KEYROAD_PASS, keyroad_rtp(&kr, '1', 200, 1410));
	assert_int_equal(KEYROAD_PASS, keyroad_rtp(&kr, '1', 200, 1610));
	assert_gets(&kr, "", 9000);

	/* known by now, however long a key is down */
	assert_int_equal(KEYROAD_DROP, keyroad_info(&kr, '2', 250, 10000));
	assert_int_equal(KEYROAD_PASS, keyroad_rtp(&kr, '2', 5000, 15000));
	assert_int_equal(0, keyroad_due(&kr));
}


/* Both, INFO when the first key goes down, which is held for long */
static void test_held(void **state)
{
	struct keyroad kr = {.keyc = 0};
	(void)state;

	keyroad_reset(&kr, KEYROAD_EVENTS);
	assert_int_equal(KEYROAD_WAIT, keyroad_info(&kr, '1', 250, 1000));
	keyroad_down(&kr, '1', 1020);
	assert_gets(&kr, "", 1000 + W);
	assert_int_equal(KEYROAD_PASS, keyroad_rtp(&kr, '1', 5000, 6020));
	assert_gets(&kr, "", 9000);
	assert_int_equal(0, keyroad_due(&kr));

	/* it went down first */
	keyroad_reset(&kr, KEYROAD_TONES);
	keyroad_down(&kr, '2', 20000);
	assert_int_equal(KEYROAD_WAIT, keyroad_info(&kr, '2', 250, 20010));
	assert_gets(&kr, "", 20010 + W);
	assert_int_equal(KEYROAD_PASS, keyroad_rtp(&kr, '2', 5000, 25000));
	assert_gets(&kr, "", 26000);
	assert_true(keyroad_is_deaf(&kr));

	/* another key is down: it does not wait for that */
	keyroad_reset(&kr, KEYROAD_EVENTS);
	keyroad_down(&kr, '3', 40000);
	assert_int_equal(KEYROAD_WAIT, keyroad_info(&kr, '4', 250, 40010));
	assert_int_equal(40010 + W, keyroad_due(&kr));
	assert_gets(&kr, "4", 40010 + W);

	/* up without a word, or set anew meanwhile: not for ever */
	keyroad_reset(&kr, KEYROAD_EVENTS);
	assert_int_equal(KEYROAD_WAIT, keyroad_info(&kr, '5', 250, 60000));
	keyroad_down(&kr, '5', 60010);
	assert_int_equal(60010 + KEYROAD_MS_MAX, keyroad_due(&kr));
	keyroad_reset(&kr, KEYROAD_EVENTS);
	assert_int_equal(60000 + W, keyroad_due(&kr));
	keyroad_down(&kr, '5', 60010);
	assert_gets(&kr, "5", 60010 + KEYROAD_MS_MAX);
	keyroad_down(NULL, '5', 0);
}


/* Both, INFO when the key is up */
static void test_rtp_first(void **state)
{
	struct keyroad kr = {.keyc = 0};
	(void)state;

	keyroad_reset(&kr, KEYROAD_EVENTS);
	assert_int_equal(KEYROAD_PASS, keyroad_rtp(&kr, '1', 200, 1000));
	assert_int_equal(KEYROAD_DROP, keyroad_info(&kr, '1', 200, 1010));
	assert_int_equal(KEYROAD_PASS, keyroad_rtp(&kr, '1', 200, 1300));
	assert_int_equal(KEYROAD_DROP, keyroad_info(&kr, '1', 200, 1310));
	assert_int_equal(0, keyroad_due(&kr));

	/* another phone, that has INFO alone */
	keyroad_reset(&kr, KEYROAD_EVENTS);
	assert_int_equal(KEYROAD_WAIT, keyroad_info(&kr, '9', 200, 60000));
	assert_gets(&kr, "9", 60000 + W);
}


/* Another key, or the same much later, is no twin */
static void test_no_twin(void **state)
{
	struct keyroad kr = {.keyc = 0};
	(void)state;

	keyroad_reset(&kr, KEYROAD_EVENTS);
	assert_int_equal(KEYROAD_PASS, keyroad_rtp(&kr, '1', 200, 1000));
	assert_int_equal(KEYROAD_WAIT, keyroad_info(&kr, '2', 200, 1100));
	assert_gets(&kr, "2", 1100 + W);
	assert_int_equal(KEYROAD_PASS, keyroad_info(&kr, '1', 200, 3000));
	assert_int_equal(KEYROAD_PASS,
			 keyroad_rtp(&kr, '1', 200, 3000 + W + 201));

	/* down since before: it is */
	assert_int_equal(KEYROAD_WAIT, keyroad_info(&kr, '3', 200, 9000));
	assert_gets(&kr, "3", 9000 + W);
	assert_int_equal(KEYROAD_DROP, keyroad_rtp(&kr, '3', 5000, 13900));
}


/* Tones beside INFO: told once, then INFO alone */
static void test_tones(void **state)
{
	struct keyroad kr = {.keyc = 0};
	(void)state;

	keyroad_reset(&kr, KEYROAD_TONES);
	assert_int_equal(KEYROAD_WAIT, keyroad_info(&kr, '1', 250, 1000));
	assert_false(keyroad_is_deaf(&kr));
	assert_int_equal(KEYROAD_PASS, keyroad_rtp(&kr, '1', 120, 1200));
	assert_true(keyroad_is_deaf(&kr));
	assert_int_equal(KEYROAD_PASS, keyroad_info(&kr, '1', 250, 1500));

	/* one that was being heard */
	assert_int_equal(KEYROAD_DROP, keyroad_rtp(&kr, '1', 120, 1600));
	assert_int_equal(KEYROAD_PASS, keyroad_rtp(&kr, '7', 120, 1700));
	assert_true(keyroad_is_deaf(&kr));

	/* negotiated anew: tones first */
	keyroad_reset(&kr, KEYROAD_TONES);
	assert_false(keyroad_is_deaf(&kr));
	assert_int_equal(KEYROAD_PASS, keyroad_rtp(&kr, '2', 120, 60000));
	assert_false(keyroad_is_deaf(&kr));
	assert_int_equal(KEYROAD_DROP, keyroad_info(&kr, '2', 250, 60010));
	assert_true(keyroad_is_deaf(&kr));

	/* quiet ones */
	keyroad_reset(&kr, KEYROAD_TONES);
	assert_int_equal(KEYROAD_WAIT, keyroad_info(&kr, '3', 250, 90000));
	assert_gets(&kr, "3", 90000 + W);
	assert_true(keyroad_is_deaf(&kr));
}


static void test_bounds(void **state)
{
	struct keyroad kr = {.keyc = 0};
	uint32_t ms;
	size_t i;
	char key;
	(void)state;

	/* more than can wait */
	keyroad_reset(&kr, KEYROAD_EVENTS);
	for (i=0; i<KEYROAD_KEYS; i++)
		assert_int_equal(KEYROAD_WAIT,
				 keyroad_info(&kr, '1', 250, 1000));
	assert_int_equal(KEYROAD_FULL, keyroad_info(&kr, '1', 250, 1000));
	for (i=0; i<KEYROAD_KEYS; i++)
		assert_true(keyroad_get(&kr, &key, &ms, 1000 + W));

	/* those that were passed make room */
	assert_int_equal(KEYROAD_PASS, keyroad_info(&kr, '2', 250, 2001));
	assert_int_equal(KEYROAD_KEYS, kr.keyc);
	assert_int_equal(KEYROAD_PASS, keyroad_info(&kr, '2', 250, 60000));
	assert_int_equal(1, kr.keyc);

	/* soon after the clock's zero, and absurdly long */
	memset(&kr, 0, sizeof(kr));
	assert_int_equal(KEYROAD_PASS,
			 keyroad_rtp(&kr, '1', UINT32_MAX, 50));

	assert_int_equal(KEYROAD_PASS, keyroad_rtp(NULL, '1', 100, 0));
	assert_int_equal(KEYROAD_PASS, keyroad_info(NULL, '1', 100, 0));
	assert_false(keyroad_get(NULL, &key, &ms, 0));
	assert_int_equal(0, keyroad_due(NULL));
	assert_false(keyroad_is_deaf(NULL));
	keyroad_reset(NULL, KEYROAD_TONES);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_road),
		cmocka_unit_test(test_info_alone),
		cmocka_unit_test(test_info_first),
		cmocka_unit_test(test_held),
		cmocka_unit_test(test_rtp_first),
		cmocka_unit_test(test_no_twin),
		cmocka_unit_test(test_tones),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
