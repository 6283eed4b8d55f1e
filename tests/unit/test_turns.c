/**
 * @file test_turns.c  Those who would begin all at once take turns
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <re_types.h>
#include "base/turns.h"


static void test_alone(void **state)
{
	struct turns t = {0};
	(void)state;

	assert_int_equal(0, turns_take(&t, 1000, 65535));
	assert_int_equal(0, turns_take(&t, 1020, 65535));
	assert_int_equal(0, turns_take(&t, 90000, 7));
}


static void test_many(void **state)
{
	struct turns t = {0};
	uint32_t wait, before = 0;
	unsigned i;
	(void)state;

	assert_int_equal(0, turns_take(&t, 1000, 0));

	/* one after the other, and not in step */
	for (i=1; i<50; i++) {
		wait = turns_take(&t, 1000, (uint16_t)(i * 7));
		assert_in_range(wait, i * 20, i * 20 + 19);
		assert_true(wait > before);
		before = wait;
	}

	/* nobody waits for ever */
	for (i=0; i<1000; i++)
		assert_true(turns_take(&t, 1000, (uint16_t)(i * 77)) < 5000);

	/* who comes when all have begun waits for nobody */
	assert_int_equal(0, turns_take(&t, 6000, 1));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alone),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
