/**
 * @file test_allow.c  Networks that may call
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include <re.h>
#include "sip/pure/allow.h"


static int add(struct allow *al, const char *str)
{
	struct pl pl;

	pl_set_str(&pl, str);

	return allow_add(al, &pl);
}


static bool has(const struct allow *al, const char *str)
{
	struct sa sa;

	assert_int_equal(0, sa_set_str(&sa, str, 5060));

	return allow_has(al, &sa);
}


static void test_networks(void **state)
{
	struct allow al = {.netc = 0};
	(void)state;

	assert_false(has(&al, "127.0.0.1"));
	assert_int_equal(0, add(&al, "registrar, 192.0.2.7\t10.16.0.0/12"));
	assert_int_equal(0, add(&al, "2001:db8::/33"));
	assert_int_equal(3, al.netc);

	assert_true(has(&al, "192.0.2.7"));
	assert_false(has(&al, "192.0.2.8"));
	assert_true(has(&al, "10.16.0.0"));
	assert_true(has(&al, "10.31.255.255"));
	assert_false(has(&al, "10.32.0.0"));
	assert_false(has(&al, "10.15.255.255"));
	assert_true(has(&al, "2001:db8:7fff::1"));
	assert_false(has(&al, "2001:db8:8000::1"));
	assert_false(has(&al, "::ffff:192.0.2.8"));
}


static void test_everybody(void **state)
{
	struct allow al = {.netc = 0};
	(void)state;

	assert_int_equal(0, add(&al, "0.0.0.0/0"));
	assert_true(has(&al, "203.0.113.9"));
	assert_false(has(&al, "2001:db8::1"));

	assert_int_equal(0, add(&al, "ANY"));
	assert_true(has(&al, "2001:db8::1"));
}


static void test_wrong(void **state)
{
	static const char *const wrong[] = {
		"pbx.example.com", "10.0.0", "10.0.0.0/", "10.0.0.0/33",
		"10.0.0.0/x", "10.0.0.0/-1", "10.0.0.0/8/8", "2001:db8::/129",
		"/8", "10.0.0.0/0008",
	};
	struct allow al = {.netc = 0};
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(wrong); i++)
		assert_int_equal(EINVAL, add(&al, wrong[i]));

	assert_int_equal(0, al.netc);
	assert_int_equal(0, add(&al, ""));

	for (i=0; i<ALLOW_MAX; i++)
		assert_int_equal(0, add(&al, "192.0.2.7"));
	assert_int_equal(E2BIG, add(&al, "192.0.2.7"));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_networks),
		cmocka_unit_test(test_everybody),
		cmocka_unit_test(test_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
