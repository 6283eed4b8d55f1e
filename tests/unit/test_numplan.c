/**
 * @file test_numplan.c  Numbers as a PBX writes them, and as apps see them
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>
#include "config/numplan.h"


static void check_from(struct numplan *np, const char *number,
		       const char *want)
{
	char buf[NUMPLAN_SIZE];

	numplan_from_pbx(buf, sizeof(buf), np, number);
	assert_string_equal(want, buf);
}


static void check_to(struct numplan *np, const char *number,
		     const char *want)
{
	char buf[NUMPLAN_SIZE];

	numplan_to_pbx(buf, sizeof(buf), np, number);
	assert_string_equal(want, buf);
}


static void test_brazil(void **state)
{
	struct numplan np = {.country = "55:11"};
	(void)state;

	/* extensions and services */
	check_from(&np, "1001", "1001");
	check_from(&np, "190", "190");
	check_from(&np, "ann", "ann");
	check_from(&np, "*31#11", "*31#11");
	check_from(&np, "", "");

	check_from(&np, "33334444", "+551133334444");
	check_from(&np, "987654321", "+5511987654321");
	check_from(&np, "2133334444", "+552133334444");
	check_from(&np, "21987654321", "+5521987654321");
	check_from(&np, "02133334444", "+552133334444");
	check_from(&np, "0152133334444", "+552133334444");
	check_from(&np, "01521987654321", "+5521987654321");
	check_from(&np, "08007212777", "+558007212777");
	check_from(&np, "5511987654321", "+5511987654321");
	check_from(&np, "+5511987654321", "+5511987654321");
	check_from(&np, "0014155550100", "+14155550100");
	/* area 55 is in the south */
	check_from(&np, "55999887766", "+5555999887766");

	check_to(&np, "1001", "1001");
	check_to(&np, "+551133334444", "33334444");
	check_to(&np, "+5511987654321", "987654321");
	check_to(&np, "+552133334444", "02133334444");
	check_to(&np, "+14155550100", "0014155550100");
	check_to(&np, "02133334444", "02133334444");
	check_to(&np, "ann", "ann");

	np.country = "55";
	check_from(&np, "33334444", "33334444");
	check_from(&np, "1133334444", "+551133334444");
	check_to(&np, "+551133334444", "01133334444");
}


static void test_rules(void **state)
{
	struct numplan np = {
		.country  = "55:11",
		.from_pbx = "0????????????*:3:+55,9*:1:",
		.to_pbx   = "*:0:",
	};
	(void)state;

	check_from(&np, "0211133334444", "+551133334444");
	check_from(&np, "91001", "1001");
	check_from(&np, "33334444", "+551133334444");
	check_to(&np, "+551133334444", "+551133334444");

	memset(&np, 0, sizeof(np));
	check_from(&np, "0014155550100", "0014155550100");
	np.to_pbx = "+55*:3:0,+*:1:00,????:0:8";
	check_to(&np, "+5511", "011");
	check_to(&np, "+1415", "001415");
	check_to(&np, "1001", "81001");
	np.to_pbx = "1*:9:5";
	check_to(&np, "12", "12");
}


static void test_numbers(void **state)
{
	struct numplan np = {.number = "101:2001,102:+5511,2000"};
	char buf[NUMPLAN_SIZE];
	(void)state;

	assert_true(numplan_of_user(buf, sizeof(buf), &np, "101"));
	assert_string_equal("2001", buf);
	assert_true(numplan_of_user(buf, sizeof(buf), &np, "102"));
	assert_string_equal("+5511", buf);
	assert_true(numplan_of_user(buf, sizeof(buf), &np, "10"));
	assert_string_equal("2000", buf);
	assert_true(numplan_of_user(buf, sizeof(buf), &np, NULL));
	assert_string_equal("2000", buf);

	np.number = "101:2001";
	assert_false(numplan_of_user(buf, sizeof(buf), &np, "102"));
	np.number = NULL;
	assert_false(numplan_of_user(buf, sizeof(buf), &np, "101"));
}


static void test_wrong(void **state)
{
	static const char *const rulev[] = {"", "0*", "0*:1", "0*:x:1",
		"0*::1", ":1:2", "0*:1:2:3", "0*:33:1", "a*:1:2", "0*:1:x",
		"0*:1:2,", "0*:111:2"};
	static const char *const countryv[] = {"", ":11", "55:", "0",
		"5555", "55:11:1", "x", "55:1x", "55:123456",
		"55:011"};
	static const char *const numberv[] = {"", ":1", "a:1", "101:",
		"101:x", "1,", "101:2:3"};
	struct pl pl;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(rulev); i++) {
		pl_set_str(&pl, rulev[i]);
		if (numplan_is_rules(&pl))
			fail_msg("%s", rulev[i]);
	}
	for (i=0; i<ARRAY_SIZE(countryv); i++) {
		pl_set_str(&pl, countryv[i]);
		if (numplan_is_country(&pl))
			fail_msg("%s", countryv[i]);
	}
	for (i=0; i<ARRAY_SIZE(numberv); i++) {
		pl_set_str(&pl, numberv[i]);
		if (numplan_is_numbers(&pl))
			fail_msg("%s", numberv[i]);
	}
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_brazil),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
