/**
 * @file test_emodel.c  Quality estimate
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <math.h>
#include <cmocka.h>
#include <re.h>
#include "audio/emodel.h"


static double r(const char *codec, double loss, double delay)
{
	const struct emodel em = {codec, loss, delay};

	return emodel_r(&em);
}


static bool near(double a, double b, double tol)
{
	return fabs(a - b) <= tol;
}


/* Values of G.107 and G.113 */
static void test_r(void **state)
{
	(void)state;

	assert_true(near(r("PCMU", 0, 0), 93.2, 0.01));
	assert_true(near(r("pcma", 0, 100), 93.2, 0.01));
	assert_true(near(r("G729", 0, 0), 82.2, 0.01));

	/* G.107, figure of Idd: about 3 at 200 ms, 15 at 300 ms */
	assert_true(near(93.2 - r("PCMU", 0, 200), 3.0, 1.0));
	assert_true(near(93.2 - r("PCMU", 0, 300), 14.5, 2.0));
	assert_true(r("PCMU", 0, 2000) < 50);

	/* 2 % loss, random, with concealment: Ie,eff = 95 2 / 27.1 */
	assert_true(near(r("PCMU", 2, 0), 93.2 - 7.01, 0.05));
	assert_true(r("G729", 5, 0) < r("PCMU", 5, 0));
	assert_true(r("PCMU", 100, 1000) >= 0);
	assert_true(near(r(NULL, -3, -1), 93.2, 0.01));
}


static void test_mos(void **state)
{
	(void)state;

	assert_int_equal(emodel_mos(93.2), 441);
	assert_int_equal(emodel_mos(0), 100);
	assert_int_equal(emodel_mos(-5), 100);
	assert_int_equal(emodel_mos(100), 450);
	assert_int_equal(emodel_mos(200), 450);
	assert_in_range(emodel_mos(80), 402, 404);
	assert_in_range(emodel_mos(70), 358, 362);
	assert_in_range(emodel_mos(60), 309, 311);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_r),
		cmocka_unit_test(test_mos),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
