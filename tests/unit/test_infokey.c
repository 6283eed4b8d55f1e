/**
 * @file test_infokey.c  Keys in SIP INFO bodies
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>
#include "sip/pure/infokey.h"


static void test_type(void **state)
{
	const struct pl app = PL("application"), text = PL("text");
	const struct pl relay = PL("DTMF-Relay"), plain = PL("dtmf");
	(void)state;

	assert_int_equal(INFOKEY_RELAY, infokey_type(&app, &relay));
	assert_int_equal(INFOKEY_PLAIN, infokey_type(&app, &plain));
	assert_int_equal(INFOKEY_NONE, infokey_type(&text, &plain));
	assert_int_equal(INFOKEY_NONE, infokey_type(&app, &text));
	assert_int_equal(INFOKEY_NONE, infokey_type(NULL, &text));
}


static void check(enum infokey_type type, const char *str, int err, char key,
		  uint32_t ms)
{
	struct pl body;
	uint32_t gotms = 0;
	char got = 0;

	pl_set_str(&body, str);

	if (infokey_decode(type, &body, &got, &gotms) != err)
		fail_msg("'%s'", str);

	if (!err) {
		assert_int_equal(got, key);
		assert_int_equal(gotms, ms);
	}
}


static void test_decode(void **state)
{
	(void)state;

	check(INFOKEY_RELAY, "Signal=5\r\nDuration=160\r\n", 0, '5', 160);
	check(INFOKEY_RELAY, "Signal= *\r\nDuration= 100\r\n", 0, '*', 100);
	check(INFOKEY_RELAY, "signal=#", 0, '#', INFOKEY_DUR);
	check(INFOKEY_RELAY, "Duration=90\nSignal=d\n", 0, 'D', 90);
	check(INFOKEY_RELAY, "Signal=10\r\n", 0, '*', INFOKEY_DUR);
	check(INFOKEY_RELAY, "Signal=11\r\nDuration=999999", 0, '#',
	      INFOKEY_DUR);
	check(INFOKEY_RELAY, "Signal=16\r\n", EBADMSG, 0, 0);
	check(INFOKEY_RELAY, "Signal=hf\r\n", EBADMSG, 0, 0);
	check(INFOKEY_RELAY, "Signal=\r\nDuration=1", EBADMSG, 0, 0);
	check(INFOKEY_RELAY, "5", EBADMSG, 0, 0);
	check(INFOKEY_RELAY, "", EBADMSG, 0, 0);

	check(INFOKEY_PLAIN, "7", 0, '7', INFOKEY_DUR);
	check(INFOKEY_PLAIN, " *\r\n", 0, '*', INFOKEY_DUR);
	check(INFOKEY_PLAIN, "15\r\n", 0, 'D', INFOKEY_DUR);
	check(INFOKEY_PLAIN, "77\r\n", EBADMSG, 0, 0);
	check(INFOKEY_PLAIN, "\r\n", EBADMSG, 0, 0);
	check(INFOKEY_PLAIN, "", EBADMSG, 0, 0);
	check(INFOKEY_NONE, "7", EINVAL, 0, 0);
}


static void test_encode(void **state)
{
	char buf[64];
	(void)state;

	assert_int_equal(0, infokey_encode(buf, sizeof(buf), INFOKEY_RELAY,
					   '#', 160));
	assert_string_equal(buf, "Signal=#\r\nDuration=160\r\n");
	assert_int_equal(0, infokey_encode(buf, sizeof(buf), INFOKEY_PLAIN,
					   '5', 160));
	assert_string_equal(buf, "5\r\n");
	assert_int_equal(EINVAL, infokey_encode(buf, sizeof(buf),
						INFOKEY_NONE, '5', 160));
	assert_int_equal(ENOMEM, infokey_encode(buf, 8, INFOKEY_RELAY, '5',
						160));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_type),
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_encode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
