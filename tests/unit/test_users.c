/**
 * @file test_users.c  The users file and its dialable patterns
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include <re.h>
#include "base/text.h"
#include "config/users.h"


static enum users_err decode(struct user_map **ump, const char *line)
{
	struct pl pl;

	*ump = NULL;
	pl_set_str(&pl, line);

	return users_decode(ump, &pl);
}


static void test_full_line(void **state)
{
	struct user_map *um;
	(void)state;

	assert_int_equal(USERS_OK, decode(&um,
		"\"Sales\" <sip:sales@pbx.example>;cube_login=sales"
		";cube_password=s3cret;call=12345,12346"
		";dial=\"sip:1001@pbx.example:5062;transport=tls;line=7\""
		";dialable=2??,+55*;department=\"Inside Sales; South\""));

	assert_string_equal("Sales", um->name);
	assert_string_equal("sip:sales@pbx.example", um->aor);
	assert_string_equal("sales", um->login);
	assert_string_equal("s3cret", um->password);
	assert_int_equal(2, um->callc);
	assert_string_equal("12345", um->callv[0]);
	assert_string_equal("12346", um->callv[1]);
	assert_string_equal("sip:1001@pbx.example:5062;transport=tls;line=7",
			    um->dial);
	assert_string_equal("2??,+55*", um->dialable);
	assert_string_equal("Inside Sales; South", um->department);

	mem_deref(um);
}


/* every parameter is shown again, but for secrets; others there are not */
static void test_print(void **state)
{
	static const char params[] = "call=1:20,2+3;callers=1??,login:maria"
		";dial=sip:1001@b;dialable=2??;country=55:11"
		";from_pbx=9*:1:;to_pbx=*:0:;number=7:100,200"
		";forward_busy=100;forward_no_answer=sip:v@b"
		";forward_offline=none;call_waiting=no;watch=sip:1001@b"
		";record=on_demand;record_mode=video;ami=control"
		";ami_contexts=from-internal+out;ami_answer=PJSIP/1001"
		";department=Sales";
	struct pl rest = PL(params), one;
	struct user_map *um;
	char buf[1024];
	size_t i;
	(void)state;

	(void)re_snprintf(buf, sizeof(buf), "\"A\" <sip:a@b>;cube_login=x"
			  ";cube_password=s3cret;%s", params);
	assert_int_equal(USERS_OK, decode(&um, buf));
	(void)re_snprintf(buf, sizeof(buf), "%H", users_print, um);
	mem_deref(um);

	assert_memory_equal(buf, "sip:a@b \"A\" login=x call=", 25);
	assert_null(strstr(buf, "s3cret"));

	while (text_next(&rest, &one, ';')) {
		char want[128];

		(void)re_snprintf(want, sizeof(want), " %r", &one);
		if (!strstr(buf, want))
			fail_msg("no%s in %s", want, buf);
	}

	for (i=0; i<users_paramc; i++) {
		if (!strstr(params, users_paramv[i]) &&
		    memcmp(users_paramv[i], "cube_", 5))
			fail_msg("%s is not tested", users_paramv[i]);
	}

	assert_int_equal(USERS_OK, decode(&um,
		"<sip:a@b>;cube_login=x;cube_password=y"));
	(void)re_snprintf(buf, sizeof(buf), "%H", users_print, um);
	mem_deref(um);
	assert_string_equal(buf, "sip:a@b \"\" login=x call=- dial=-\n");
}


static void test_smallest_line(void **state)
{
	struct user_map *um;
	(void)state;

	assert_int_equal(USERS_OK, decode(&um,
		"<sip:a@b>;cube_login=x;cube_password_file=/run/secret"));
	assert_string_equal("", um->name);
	assert_null(um->password);
	assert_int_equal(0, pl_strcmp(&um->pass_file, "/run/secret"));
	assert_int_equal(0, um->callc);
	assert_null(um->dial);
	mem_deref(um);
}


static void test_what_is_wrong(void **state)
{
	static const struct {
		const char *line;
		enum users_err err;
	} v[] = {
		{"", USERS_BAD_ADDR},
		{"hello", USERS_BAD_ADDR},
		{"<sip:pbx.example>;cube_login=a", USERS_BAD_ADDR},
		{"<sip:a b@c>;cube_login=x;cube_password=y", USERS_BAD_ADDR},
		{"<sip:a@b c>;cube_login=x;cube_password=y", USERS_BAD_ADDR},
		{"<sip: a@b>;cube_login=x;cube_password=y", USERS_BAD_ADDR},
		{"<sip:a\x7f@b>;cube_login=x;cube_password=y", USERS_BAD_ADDR},
		{"<sip:a<c@b>;cube_login=x;cube_password=y", USERS_BAD_ADDR},
		{"<sip:a@b>", USERS_NO_LOGIN},
		{"<sip:a@b>;cube_login=", USERS_NO_LOGIN},
		{"<sip:a@b>;cube_login=x", USERS_NO_PASSWORD},
		{"<sip:a@b>;cube_login=x;cube_password=\"y",
		 USERS_NO_PASSWORD},
		{"<sip:a@b>;cube_login=x;cube_password=y;call=1,,2",
		 USERS_BAD_CALL},
		{"<sip:a@b>;cube_login=x;cube_password=y;call=1,",
		 USERS_BAD_CALL},
		{"<sip:a@b>;cube_login=x;cube_password=y;call=bob",
		 USERS_BAD_CALL},
		{"<sip:a@b>;cube_login=x;cube_password=y;call="
		 "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17", USERS_TOO_MANY},
		{"<sip:a@b>;cube_login=x;cube_password=y;call=1:0",
		 USERS_BAD_TIME},
		{"<sip:a@b>;cube_login=x;cube_password=y;call=1,2:20",
		 USERS_NO_TIME},
		{"<sip:a@b>;cube_login=x;cube_password=y;dial=http:x",
		 USERS_BAD_DIAL},
		{"<sip:a@b>;cube_login=x;cube_password=y;dial=a@b",
		 USERS_BAD_DIAL},
		{"<sip:a@b>;cube_login=x;cube_password=y;dialable=1%2",
		 USERS_BAD_DIALABLE},
		{"<sip:a@b>;cube_login=x;cube_password=y;call_waiting=maybe",
		 USERS_BAD_WAITING},
		{"<sip:a@b>;cube_login=x;cube_password=y;call_waiting=",
		 USERS_BAD_WAITING},
		{"<sip:a@b>;cube_login=x;cube_password=y;call_waiting",
		 USERS_BAD_WAITING},
		{"<sip:a@b>;cube_login=x;cube_password=y;record=maybe",
		 USERS_BAD_RECORD},
		{"<sip:a@b>;cube_login=x;cube_password=y;record=",
		 USERS_BAD_RECORD},
		{"<sip:a@b>;cube_login=x;cube_password=y;record",
		 USERS_BAD_RECORD},
		{"<sip:a@b>;cube_login=x;cube_password=y;record=always"
		 ";record_mode=all", USERS_BAD_RECORD_MODE},
		{"<sip:a@b>;cube_login=x;cube_password=y;record_mode",
		 USERS_BAD_RECORD_MODE},
		{"<sip:a@b>;cube_login=x;cube_password=y;ami=all",
		 USERS_BAD_AMI},
		{"<sip:a@b>;cube_login=x;cube_password=y;ami",
		 USERS_BAD_AMI},
		{"<sip:a@b>;cube_login=x;cube_password=y;ami_contexts=a+",
		 USERS_BAD_AMI_CONTEXTS},
		{"<sip:a@b>;cube_login=x;cube_password=y;ami_contexts=a,b",
		 USERS_BAD_AMI_CONTEXTS},
		{"<sip:a@b>;cube_login=x;cube_password=y;ami_contexts=",
		 USERS_BAD_AMI_CONTEXTS},
		{"<sip:a@b>;cube_login=x;cube_password=y;ami_answer=1001",
		 USERS_BAD_AMI_ANSWER},
		{"<sip:a@b>;cube_login=x;cube_password=y"
		 ";ami_answer=Local/1@out", USERS_BAD_AMI_ANSWER},
		{"<sip:a@b>;cube_login=x;cube_password=y"
		 ";ami_answer=\"PJSIP/1 @t\"", USERS_BAD_AMI_ANSWER},
		{"<sip:a@b>;cube_login=x;cube_password=y"
		 ";ami_answer=PJSIP/1@", USERS_BAD_AMI_ANSWER},
		{"<sip:a@b>;cube_login=x;cube_password=y;ami_answer=PJSIP/",
		 USERS_BAD_AMI_ANSWER},
	};
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {
		struct user_map *um;

		assert_int_equal(v[i].err, decode(&um, v[i].line));
		assert_null(um);
		assert_true(strlen(users_strerror(v[i].err)) > 1);
	}
}


static void test_callers(void **state)
{
	static const char *const badv[] = {
		"", "abc", "1;2", "+1", "1 2", "1login:x", "login:", "tel:+",
		"login:a+login:b", "email:x", "tel:+55*", "login:a;1",
		"login:a,abc", "login:%0"
	};
	struct user_map *um;
	char line[128];
	struct pl pl;
	size_t i;
	(void)state;

	assert_true(users_may_call(NULL, "101"));
	assert_true(users_may_call("101", "101"));
	assert_false(users_may_call("101", "102"));
	assert_false(users_may_call("101", "1010"));
	assert_true(users_may_call("7,10?", "102"));
	assert_true(users_may_call("7,1*", "12345678901234567890123456789012"));
	assert_false(users_may_call("101", NULL));
	assert_false(users_may_call("*", ""));

	pl_set_str(&pl, "<sip:a@b>;cube_login=l;cube_password=p;callers=1,2?");
	assert_int_equal(USERS_OK, users_decode(&um, &pl));
	assert_string_equal("1,2?", um->callers);
	mem_deref(um);

	pl_set_str(&pl, "<sip:a@b>;cube_login=l;cube_password=p");
	assert_int_equal(USERS_OK, users_decode(&um, &pl));
	assert_null(um->callers);
	mem_deref(um);

	/* names, which no id is */
	pl_set_str(&pl, "<sip:a@b>;cube_login=l;cube_password=p"
		   ";callers=1?,login:m*,email:a+b@c.d,,tel:+55,ext:12%2c");
	assert_int_equal(USERS_OK, users_decode(&um, &pl));
	assert_int_equal(4, um->callerc);
	assert_string_equal("login:m*", um->callerv[0]);
	assert_string_equal("email:a+b@c.d", um->callerv[1]);
	assert_string_equal("tel:+55", um->callerv[2]);
	assert_string_equal("ext:12%2c", um->callerv[3]);
	assert_true(users_may_call(um->callers, "12"));
	assert_false(users_may_call(um->callers, "55"));
	mem_deref(um);

	/* a list without anybody is no list of everybody */
	pl_set_str(&pl, "<sip:a@b>;cube_login=l;cube_password=p;callers=");
	assert_int_equal(USERS_BAD_CALLERS, users_decode(&um, &pl));

	for (i=0; i<ARRAY_SIZE(badv); i++) {
		re_snprintf(line, sizeof(line), "<sip:a@b>;cube_login=l"
			    ";cube_password=p;callers=\"%s\"", badv[i]);
		pl_set_str(&pl, line);
		assert_int_equal(USERS_BAD_CALLERS, users_decode(&um, &pl));
	}
}


static void test_call_waiting(void **state)
{
	static const struct {
		const char *params;
		enum user_choice waiting;
	} v[] = {
		{"", USER_DEFAULT},
		{";call_waiting=yes", USER_YES},
		{";call_waiting=\"No\"", USER_NO},
	};
	char line[128];
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {
		struct user_map *um;

		re_snprintf(line, sizeof(line), "<sip:a@b>;cube_login=l"
			    ";cube_password=p%s", v[i].params);
		assert_int_equal(USERS_OK, decode(&um, line));
		assert_int_equal(v[i].waiting, um->waiting);
		mem_deref(um);
	}
}


static void test_record(void **state)
{
	static const struct {
		const char *params;
		enum user_record record;
		enum user_choice video;
	} v[] = {
		{"", USER_RECORD_DEFAULT, USER_DEFAULT},
		{";record=off", USER_RECORD_OFF, USER_DEFAULT},
		{";record=on_demand", USER_RECORD_DEMAND, USER_DEFAULT},
		{";record=\"Always\";record_mode=audio", USER_RECORD_ALWAYS,
		 USER_NO},
		{";record_mode=Video", USER_RECORD_DEFAULT, USER_YES},
		{";record_mode=Video;record=off", USER_RECORD_OFF, USER_YES},
	};
	char line[128];
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {
		struct user_map *um;

		re_snprintf(line, sizeof(line), "<sip:a@b>;cube_login=l"
			    ";cube_password=p%s", v[i].params);
		assert_int_equal(USERS_OK, decode(&um, line));
		assert_int_equal(v[i].record, um->record);
		assert_int_equal(v[i].video, um->record_video);
		mem_deref(um);
	}
}


static void test_ami(void **state)
{
	static const struct {
		const char *params;
		enum user_ami ami;
		const char *contexts, *answer;
	} v[] = {
		{"", USER_AMI_NONE, "", ""},
		{";ami=none", USER_AMI_NONE, "", ""},
		{";ami=View", USER_AMI_VIEW, "", ""},
		{";ami_answer=PJSIP/2;ami=view", USER_AMI_VIEW, "",
		 "PJSIP/2"},
		{";ami=\"control\";ami_contexts=a", USER_AMI_CONTROL, "a",
		 ""},
		{";ami=control;ami_contexts=a-1+b.c;ami_answer=SIP/7@trunk",
		 USER_AMI_CONTROL, "a-1+b.c", "SIP/7@trunk"},
		{";ami_answer=PJSIP/desk-1", USER_AMI_NONE, "",
		 "PJSIP/desk-1"},
	};
	char line[128];
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {
		struct user_map *um;

		re_snprintf(line, sizeof(line), "<sip:a@b>;cube_login=l"
			    ";cube_password=p%s", v[i].params);
		assert_int_equal(USERS_OK, decode(&um, line));
		assert_int_equal(v[i].ami, um->ami);
		assert_string_equal(v[i].contexts, um->ami_contexts ?
				    um->ami_contexts : "");
		assert_string_equal(v[i].answer, um->ami_answer ?
				    um->ami_answer : "");
		mem_deref(um);
	}
}


static void test_dialable(void **state)
{
	(void)state;

	assert_false(users_dialable(NULL, "100"));
	assert_false(users_dialable("", "100"));
	assert_false(users_dialable("*", ""));
	assert_false(users_dialable("*", NULL));

	assert_true(users_dialable("100", "100"));
	assert_false(users_dialable("100", "1000"));
	assert_false(users_dialable("100", "10"));
	assert_true(users_dialable("1??", "123"));
	assert_false(users_dialable("1??", "12"));
	assert_true(users_dialable("+55*", "+5511999998888"));
	assert_false(users_dialable("+55*", "005511999998888"));
	assert_true(users_dialable("2??,+55*", "+55"));
	assert_true(users_dialable("*9*9", "1949"));
	assert_false(users_dialable("*9*9", "1948"));

	/* nothing that could change the SIP URI */
	assert_false(users_dialable("*", "100@evil.example"));
	assert_false(users_dialable("*", "100;transport=tcp"));
	assert_false(users_dialable("*", "sip:100"));
	assert_false(users_dialable("*", "1 0"));
	assert_false(users_dialable("*", "1\r\nVia: x"));
	assert_false(users_dialable("*", "1%40x"));
}


static void test_dialable_is_not_slow(void **state)
{
	char number[65], patterns[256] = "";
	size_t i;
	(void)state;

	memset(number, 'a', 64);
	number[64] = '\0';

	for (i=0; i<100; i++)
		strcat(patterns, "*a");
	strcat(patterns, "b");

	assert_false(users_dialable(patterns, number));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full_line),
		cmocka_unit_test(test_print),
		cmocka_unit_test(test_smallest_line),
		cmocka_unit_test(test_what_is_wrong),
		cmocka_unit_test(test_callers),
		cmocka_unit_test(test_call_waiting),
		cmocka_unit_test(test_record),
		cmocka_unit_test(test_ami),
		cmocka_unit_test(test_dialable),
		cmocka_unit_test(test_dialable_is_not_slow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
