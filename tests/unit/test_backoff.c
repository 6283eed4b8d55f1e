/**
 * @file test_backoff.c  How long to wait before the next try
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <re.h>
#include "base/backoff.h"


static void test_time(void **state)
{
	(void)state;

	assert_int_equal(500,   backoff_time(0, 500, 30000));
	assert_int_equal(500,   backoff_time(1, 500, 30000));
	assert_int_equal(1000,  backoff_time(2, 500, 30000));
	assert_int_equal(16000, backoff_time(6, 500, 30000));
	assert_int_equal(30000, backoff_time(7, 500, 30000));
	assert_int_equal(30000, backoff_time(~0u, 500, 30000));
	assert_int_equal(UINT32_MAX, backoff_time(99, 1u << 31, UINT32_MAX));
}


static void test_spread(void **state)
{
	(void)state;

	assert_int_equal(500,  backoff_spread(1000, 0));
	assert_int_equal(1000, backoff_spread(1000, UINT16_MAX / 2 + 1));
	assert_int_equal(1500, backoff_spread(1000, UINT16_MAX));

	assert_int_equal(500, backoff_within(1000, 0));
	assert_int_equal(1000, backoff_within(1000, 500));
	assert_int_equal(500, backoff_within(1000, 501));
	assert_int_equal(1, backoff_within(1, 7));
	assert_int_equal(0, backoff_within(0, 7));
	assert_int_equal(0,    backoff_spread(0, UINT16_MAX));
	assert_int_equal(90000000, backoff_spread(60000000, UINT16_MAX));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_spread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
