/**
 * @file test_userid.c  How a cloud user is named in the users file
 */
#include "testutil.h"
#include "config/userid.h"


static void next_is(const char *text, int err, const char *id,
		    const char *rest)
{
	struct pl pl, one = PL_INIT;

	pl_set_str(&pl, text);
	assert_int_equal(err, userid_next(&one, &pl));
	if (err)
		return;

	assert_int_equal(0, pl_strcmp(&one, id));
	assert_int_equal(strlen(rest), pl.l);
	assert_int_equal(0, memcmp(rest, pl.p, pl.l));
}


static void test_next(void **state)
{
	(void)state;

	/* whatever joins ids, and times behind them, is left there */
	next_is("12345", 0, "12345", "");
	next_is("12345,12346", 0, "12345", ",12346");
	next_is("12345:20,1", 0, "12345", ":20,1");
	next_is("12345+12346:30", 0, "12345", "+12346:30");
	next_is("login:maria,tel:1", 0, "login:maria", ",tel:1");
	next_is("login:maria:20", 0, "login:maria", ":20");
	next_is("login:maria+12", 0, "login:maria", "+12");
	next_is("login:m%2Ba%3a+12", 0, "login:m%2Ba%3a", "+12");
	next_is("tel:+5511987654321+7:5", 0, "tel:+5511987654321", "+7:5");
	next_is("tel:0800:20", 0, "tel:0800", ":20");
	next_is("email:a+b@c.de+12:3", 0, "email:a+b@c.de", "+12:3");
	next_is("email:a@c.de:20", 0, "email:a@c.de", ":20");
	next_is("ext:EMP-0042,3", 0, "ext:EMP-0042", ",3");

	next_is("", EBADMSG, NULL, NULL);
	next_is(",1", EBADMSG, NULL, NULL);
	next_is("maria", EBADMSG, NULL, NULL);
	next_is("login:", EBADMSG, NULL, NULL);
	next_is("login:,1", EBADMSG, NULL, NULL);
	next_is("tel:", EBADMSG, NULL, NULL);
	next_is("tel:+", EBADMSG, NULL, NULL);
	next_is("tel:x", EBADMSG, NULL, NULL);
	next_is("email:maria", EBADMSG, NULL, NULL);
	next_is("mail:a@b", EBADMSG, NULL, NULL);
}


static void test_long(void **state)
{
	char text[1100] = "login:";
	struct pl pl, id;
	(void)state;

	memset(&text[6], 'a', USERID_NAME);
	next_is(text, 0, text, "");
	text[6 + USERID_NAME] = 'b';
	next_is(text, EOVERFLOW, NULL, NULL);
	memset(text, '1', USERID_DIGITS);
	next_is(text, 0, text, "");
	text[USERID_DIGITS] = '1';
	next_is(text, EOVERFLOW, NULL, NULL);
	assert_int_equal(EINVAL, userid_next(&id, NULL));
	pl_set_str(&pl, "1");
	assert_int_equal(EINVAL, userid_next(NULL, &pl));
}


static void decodes(const char *text, enum userid_kind want,
		    const char *name)
{
	enum userid_kind kind;
	char *got = NULL;
	struct pl pl;

	pl_set_str(&pl, text);
	assert_int_equal(name ? 0 : EBADMSG,
			 userid_decode(&kind, &got, &pl));
	if (!name)
		return;

	assert_int_equal(want, kind);
	assert_int_equal(want, userid_kind(text));
	assert_string_equal(name, got);
	mem_deref(got);
}


static void test_decode(void **state)
{
	(void)state;

	decodes("12345", USERID_ID, "12345");
	decodes("login:m%2Ba%3a%2cx", USERID_LOGIN, "m+a:,x");
	decodes("email:a+b@c.de", USERID_EMAIL, "a+b@c.de");
	decodes("tel:+55119", USERID_TEL, "+55119");
	decodes("ext:E 1", 0, NULL);
	decodes("ext:E%201", USERID_EXT, "E 1");
	decodes("ext:E%0d%0aX", 0, NULL);
	decodes("login:a%00", 0, NULL);
	decodes("login:a%2", 0, NULL);
	decodes("12345,1", 0, NULL);
	assert_string_equal("phone", userid_field(USERID_TEL));
	assert_string_equal("external_id", userid_field(USERID_EXT));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_next),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_decode),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
