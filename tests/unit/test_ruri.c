/**
 * @file test_ruri.c  Whom a Request-URI is for
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>
#include "sip/pure/ruri.h"


static void test_user(void **state)
{
	static const struct {
		const char *uri, *user;
		bool is;
	} v[] = {
		{"sip:1000@h", "1000", true},
		{"sip:%31000@h", "1000", true},
		{"sip:%31%30%30%30@h", "1000", true},
		{"sip:1000;phone-context=x@h", "1000", true},
		{"sip:1000;phone-context=+55:pw@h:5070;user=phone", "1000",
		 true},
		{"sip:%2B55@h", "+55", true},
		{"sip:%2b55@h", "+55", true},
		{"sip:+55@h", "%2B55", true},
		{"sips:Ann@h", "ann", true},
		{"tel:1000", "1000", true},
		{"tel:+55-(11).1;phone-context=x", "+55111", true},
		{"sip:1%3b000@h", "1%3B000", true},
		{"sip:%3b@h", ";", false},
		{"sip:10001@h", "1000", false},
		{"sip:100@h", "1000", false},
		{"sip:10-00@h", "1000", false},
		{"sip:1000", "1000", false},
		{"sip:%31%00@h", "1", false},
		{"sip:%3@h", "3", false},
		{"sip:%zz@h", "%zz", true},
		{"sip:;x@h", "1000", false},
		{"sip:1000@h", "", false},
	};
	char buf[1024] = "sip:";
	struct pl pl, user;
	struct uri uri;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {
		pl_set_str(&pl, v[i].uri);
		pl_set_str(&user, v[i].user);
		assert_int_equal(0, uri_decode(&uri, &pl));
		if (ruri_is_for(&uri, &user) != v[i].is)
			fail_msg("%s: %s", v[i].uri, v[i].user);
	}

	memset(buf + 4, '1', 600);
	strcpy(buf + 604, "@h");
	pl_set_str(&pl, buf);
	assert_int_equal(0, uri_decode(&uri, &pl));
	assert_false(ruri_is_for(&uri, &uri.user));
	assert_false(ruri_is_for(NULL, &user));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
