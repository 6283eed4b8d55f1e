/**
 * @file test_callrate.c  How often somebody may call
 */
#include "testutil.h"
#include "call/callrate.h"


static void test_bucket(void **state)
{
	struct callrate *cr;
	uint64_t now = 1000;
	unsigned i;
	(void)state;

	assert_int_equal(0, callrate_alloc(&cr, 6));

	for (i=0; i<6; i++)
		assert_true(callrate_allow(cr, "101", now));
	assert_false(callrate_allow(cr, "101", now));

	/* others are not meant */
	assert_true(callrate_allow(cr, "102", now));

	/* one more each ten seconds, and what is refused costs nothing */
	now += 9999;
	assert_false(callrate_allow(cr, "101", now));
	now += 1;
	assert_true(callrate_allow(cr, "101", now));
	assert_false(callrate_allow(cr, "101", now));

	now += 60000;
	for (i=0; i<6; i++)
		assert_true(callrate_allow(cr, "101", now));
	assert_false(callrate_allow(cr, "101", now));

	/* a time that goes back gives nothing and takes nothing */
	assert_false(callrate_allow(cr, "101", now - 5000));
	mem_deref(cr);
}


static void test_many(void **state)
{
	struct callrate *cr;
	char id[16];
	unsigned i;
	(void)state;

	assert_int_equal(0, callrate_alloc(&cr, 1));
	assert_true(callrate_allow(cr, "101", 0));
	for (i=0; i<255; i++) {
		re_snprintf(id, sizeof(id), "x%u", i);
		assert_true(callrate_allow(cr, id, 0));
	}
	assert_false(callrate_allow(cr, "101", 0));

	/* not remembered any more: the one that called first */
	assert_true(callrate_allow(cr, "new", 0));
	assert_true(callrate_allow(cr, "x0", 0));
	assert_false(callrate_allow(cr, "101", 0));
	mem_deref(cr);
}


static void test_unlimited(void **state)
{
	struct callrate *cr;
	unsigned i;
	(void)state;

	assert_int_equal(EINVAL, callrate_alloc(NULL, 1));
	assert_int_equal(0, callrate_alloc(&cr, 0));
	for (i=0; i<1000; i++)
		assert_true(callrate_allow(cr, "101", 0));
	assert_true(callrate_allow(NULL, "101", 0));
	mem_deref(cr);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bucket),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_unlimited),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
