/**
 * @file test_noted.c  Which user has heard of which call
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <re.h>
#include "call/noted.h"

#define ANN "sip:ann@pbx"


static void test_calls_that_are_one(void **state)
{
	struct list l = LIST_INIT;
	(void)state;

	assert_false(noted_has(&l, "101", ANN, 1000));
	noted_add(&l, "101", ANN, 5000);

	/* it rang meanwhile, or was what the first one was sent on to */
	assert_true(noted_has(&l, "101", ANN, 1000));
	assert_true(noted_has(&l, "101", ANN, 5000));
	assert_true(noted_has(&l, "101", ANN, 5000 + NOTED_NEXT));

	/* she has called again; others, or whom she did not reach before */
	assert_false(noted_has(&l, "101", ANN, 5001 + NOTED_NEXT));
	assert_false(noted_has(&l, "102", ANN, 1000));
	assert_false(noted_has(&l, "101", "sip:bob@pbx", 1000));

	/* a later one of somebody else hides it not */
	noted_add(&l, "102", "sip:bob@pbx", 6000);
	assert_true(noted_has(&l, "101", ANN, 5500));

	list_flush(&l);
}


static void test_bounds(void **state)
{
	struct list l = LIST_INIT;
	uint64_t i;
	(void)state;

	/* who is nobody is told apart from nobody */
	noted_add(&l, "101", "", 1);
	noted_add(&l, NULL, ANN, 1);
	noted_add(NULL, "101", ANN, 1);
	assert_true(list_isempty(&l));
	assert_false(noted_has(NULL, "101", ANN, 1));

	noted_add(&l, "100", ANN, 1);
	for (i=0; i<NOTED_MAX; i++)
		noted_add(&l, "101", ANN, 2 + i);
	assert_int_equal(list_count(&l), NOTED_MAX);
	assert_false(noted_has(&l, "100", ANN, 1));
	assert_true(noted_has(&l, "101", ANN, 1));

	list_flush(&l);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calls_that_are_one),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
