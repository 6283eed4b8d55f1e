/**
 * @file test_keyframe.c  Keyframe broker
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>
#include "video/keyframe.h"


enum {
	MS = 1000,
	T0 = 5000000,
};


/* Poll each millisecond; when the requests were sent, from T0 on [ms] */
static size_t run(struct keybroker *kb, unsigned from, unsigned to,
		  unsigned *v, size_t max)
{
	size_t n = 0;
	unsigned ms;

	for (ms=from; ms<to; ms++) {

		const uint64_t now = T0 + (uint64_t)ms * MS;
		const bool due = kb->due && now >= kb->due;

		assert_int_equal(keybroker_poll(kb, now), due);
		if (!due)
			continue;

		assert_true(n < max);
		v[n++] = ms;
	}

	return n;
}


static void test_start(void **state)
{
	static const unsigned want[] = {0, 200, 400, 600, 1100, 1600};
	struct keybroker kb;
	unsigned v[16];
	(void)state;

	memset(&kb, 0, sizeof(kb));
	assert_false(keybroker_poll(&kb, T0));

	keybroker_start(&kb, T0);
	assert_int_equal(run(&kb, 0, 1700, v, ARRAY_SIZE(v)), 6);
	assert_memory_equal(v, want, sizeof(want));
	assert_int_equal(kb.nr, 6);

	keybroker_got(&kb);
	assert_int_equal(run(&kb, 1700, 9000, v, ARRAY_SIZE(v)), 0);
}


static void test_want(void **state)
{
	struct keybroker kb;
	unsigned v[16], ms;
	(void)state;

	memset(&kb, 0, sizeof(kb));

	/* the first at once, all others are one */
	for (ms=0; ms<100; ms++)
		keybroker_want(&kb, T0 + ms * MS);
	assert_int_equal(run(&kb, 0, 1200, v, ARRAY_SIZE(v)), 3);
	assert_int_equal(v[0], 0);
	assert_int_equal(v[1], 500);
	assert_int_equal(v[2], 1000);

	/* it came; wanted again soon after: not before the limit */
	keybroker_got(&kb);
	keybroker_want(&kb, T0 + 1200 * MS);
	assert_int_equal(run(&kb, 1200, 1501, v, ARRAY_SIZE(v)), 1);
	assert_int_equal(v[0], 1500);

	/* long after: at once */
	keybroker_got(&kb);
	keybroker_want(&kb, T0 + 9000 * MS);
	assert_int_equal(run(&kb, 9000, 9100, v, ARRAY_SIZE(v)), 1);
	assert_int_equal(v[0], 9000);
}


/* A new start (another source, a re-INVITE) hurries what is awaited */
static void test_restart(void **state)
{
	struct keybroker kb;
	unsigned v[16];
	(void)state;

	memset(&kb, 0, sizeof(kb));

	keybroker_want(&kb, T0);
	assert_int_equal(run(&kb, 0, 100, v, ARRAY_SIZE(v)), 1);
	keybroker_start(&kb, T0 + 100 * MS);
	assert_int_equal(run(&kb, 100, 1000, v, ARRAY_SIZE(v)), 4);
	assert_int_equal(v[0], 200);
	assert_int_equal(v[3], 800);

	/* the early ones end with the first keyframe */
	keybroker_start(&kb, T0 + 2000 * MS);
	assert_int_equal(run(&kb, 2000, 2100, v, ARRAY_SIZE(v)), 1);
	keybroker_got(&kb);
	keybroker_want(&kb, T0 + 2100 * MS);
	assert_int_equal(run(&kb, 2100, 2501, v, ARRAY_SIZE(v)), 1);
	assert_int_equal(v[0], 2500);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_start),
		cmocka_unit_test(test_want),
		cmocka_unit_test(test_restart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
