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
#include "sip/pure/target.h"


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


static bool target(const struct target_list *tl, const char *host)
{
	struct pl pl;

	pl_set_str(&pl, host);

	return target_has(tl, &pl);
}


static int add_target(struct target_list *tl, const char *str)
{
	struct pl pl;

	pl_set_str(&pl, str);

	return target_add(tl, &pl);
}


/* Whom a REFER or 3xx may name */
static void test_targets(void **state)
{
	static const char *const wrong[] = {
		"yes", "none", "off", "pbx", "pbx.example;x", "10.0.0", "<x.y>",
		"10.0.0.0/33", "sip:pbx.example", "pbx.example:5060",
	};
	struct target_list tl = {.hostc = 0};
	char name[TARGET_HOST + 8];
	size_t i;
	(void)state;

	assert_false(target(&tl, "pbx.example"));
	assert_false(target(&tl, "192.0.2.7"));
	assert_int_equal(0, add_target(&tl, "domain, PBX2.example,10.0.0.0/8"
				       " 2001:db8::1"));
	assert_int_equal(0, add_target(&tl, "registrar,gw-1.example"));
	assert_false(tl.no);
	assert_true(target(&tl, "pbx2.EXAMPLE"));
	assert_true(target(&tl, "gw-1.example"));
	assert_true(target(&tl, "10.1.2.3"));
	assert_true(target(&tl, "2001:db8::1"));
	assert_false(target(&tl, "2001:db8::2"));
	assert_false(target(&tl, "pbx2.example.evil"));
	assert_false(target(&tl, "x.pbx2.example"));
	assert_false(target(&tl, "11.1.2.3"));
	assert_false(target(&tl, ""));
	assert_false(target(&tl, "domain"));

	assert_int_equal(0, add_target(&tl, "no"));
	assert_true(tl.no);
	assert_int_equal(0, add_target(&tl, "ANY"));
	assert_true(target(&tl, "evil.example"));

	memset(&tl, 0, sizeof(tl));
	for (i=0; i<ARRAY_SIZE(wrong); i++)
		assert_int_equal(EINVAL, add_target(&tl, wrong[i]));

	memset(name, 'a', sizeof(name));
	name[1] = '.';
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(EINVAL, add_target(&tl, name));
	assert_int_equal(0, tl.hostc);

	for (i=0; i<TARGET_HOSTS; i++)
		assert_int_equal(0, add_target(&tl, "a.b"));
	assert_int_equal(E2BIG, add_target(&tl, "a.b"));
}


/* Who may ring from anywhere is not to be called anywhere */
static void test_named(void **state)
{
	struct allow al = {.netc = 0};
	struct target_list tl = {.hostc = 0};
	const struct pl host = PL("192.0.2.7"), name = PL("pbx.example");
	(void)state;

	assert_int_equal(0, add(&al, "any,0.0.0.0/0"));
	assert_false(target_in(&al, &host));
	assert_false(target_in(NULL, &host));
	assert_int_equal(0, add(&al, "192.0.2.0/24"));
	assert_true(target_in(&al, &host));
	assert_false(target_in(&al, &name));

	/* but who says so of those that are called means it */
	assert_int_equal(0, add_target(&tl, "0.0.0.0/0"));
	assert_true(target(&tl, "192.0.2.7"));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_networks),
		cmocka_unit_test(test_everybody),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_targets),
		cmocka_unit_test(test_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
