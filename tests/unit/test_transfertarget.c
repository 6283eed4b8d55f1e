/**
 * @file test_transfertarget.c  Whom an app names for a transfer
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>
#include "sip/pure/referto.h"
#include "call/transfer_target.h"


static int decode(const char *str, struct transfer_target *t,
		  struct referto *rt)
{
	const struct pl domain = PL("pbx.example");

	return transfer_target_decode(t, rt, str, "2???,+55*", &domain);
}


static void check_number(const char *str, const char *number)
{
	struct transfer_target t;
	struct referto rt;

	if (decode(str, &t, &rt) || t.is_user)
		fail_msg("'%s'", str);

	assert_string_equal(rt.user, number);
	assert_string_equal(rt.host, "");
	assert_string_equal(rt.rep.callid, "");
}


static void check_user(const char *str, const char *user)
{
	struct transfer_target t;
	struct referto rt;

	if (decode(str, &t, &rt) || !t.is_user)
		fail_msg("'%s'", str);

	assert_string_equal(t.user, user);
}


static void check_refused(const char *str, int err)
{
	struct transfer_target t;
	struct referto rt;

	if (decode(str, &t, &rt) != err)
		fail_msg("'%s'", str);
}


static void test_target(void **state)
{
	(void)state;

	check_number("2000", "2000");
	check_number("+5511", "+5511");
	check_number("sip:2000@PBX.example", "2000");
	check_number("sips:2000@pbx.example:5061;x=y?Replaces="
		     "a%3Bto-tag%3D1%3Bfrom-tag%3D2", "2000");
	check_number("tel:+5511;phone-context=x", "+5511");

	check_user("101", "101");
	check_user("user:2000", "2000");

	check_refused("3000x", EPERM);
	check_refused("sip:3000@pbx.example", EPERM);
	check_refused("sip:2000@evil.example", EPERM);
	check_refused("sip:pbx.example", EPERM);
	check_refused("sip:2000%40evil@pbx.example", EPERM);
	check_refused("tel:112", EPERM);
	check_refused("http://pbx.example", EINVAL);
	check_refused("sip:2000@pbx.example\r\nX: y", EINVAL);
	check_refused("user:", EINVAL);
	check_refused("user:1a", EINVAL);
	check_refused("", EPERM);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_target),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
