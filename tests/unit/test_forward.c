/**
 * @file test_forward.c  Where a call goes that nobody takes, and what has been
 * passed on already
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include <re.h>
#include "config/users.h"
#include "call/ringing.h"
#include "call/forward.h"
#include "sip/pure/forwarded.h"


static void test_pick(void **state)
{
	char *own[FORWARD_MAX] = {"sip:busy@h", NULL, "none"};
	char *all[FORWARD_MAX] = {"1", "2", "3"};
	char *no[FORWARD_MAX] = {NULL};
	char *nowhere[FORWARD_MAX] = {"no", "None", "sip:no@h"};
	(void)state;

	assert_string_equal(forward_pick(own, all, RING_NO_BUSY),
			    "sip:busy@h");
	assert_string_equal(forward_pick(own, all, RING_NO_REJECTED),
			    "sip:busy@h");
	assert_string_equal(forward_pick(own, all, RING_NO_ANSWER), "2");
	assert_null(forward_pick(own, all, RING_NO_OFFLINE));
	assert_null(forward_pick(own, all, RING_NO_OTHER));
	assert_string_equal(forward_pick(no, all, RING_NO_OFFLINE), "3");
	assert_null(forward_pick(no, no, RING_NO_BUSY));
	assert_null(forward_pick(nowhere, all, RING_NO_BUSY));
	assert_null(forward_pick(nowhere, all, RING_NO_ANSWER));
	assert_non_null(forward_pick(nowhere, all, RING_NO_OFFLINE));

	assert_string_equal(forward_why(RING_NO_REJECTED), "user-busy");
	assert_string_equal(forward_why(RING_NO_ANSWER), "no-answer");
	assert_string_equal(forward_why(RING_NO_OFFLINE), "unavailable");
	assert_string_equal(forward_why(RING_NO_OTHER), "unknown");
}


static void test_caller(void **state)
{
	static const struct numplan none;
	struct numplan br = {.country = "55:11", .from_pbx = "9????:1:",
			     .to_pbx = "????:0:9"};
	(void)state;

	assert_true(forward_is_for(&none, "1001", "1001"));
	assert_true(forward_is_for(&none, "sip:1001@h;transport=tcp", "1001"));
	assert_false(forward_is_for(&none, "sip:1001@h", "1002"));
	assert_false(forward_is_for(&none, "sip:h", "h"));
	assert_false(forward_is_for(&none, "sip:1001@h", ""));
	assert_false(forward_is_for(&none, "sip:1001@h", NULL));
	assert_false(forward_is_for(&none, "sip:[", "1"));

	/* however it is written */
	assert_true(forward_is_for(&br, "1133334444", "+551133334444"));
	assert_true(forward_is_for(&br, "33334444", "+551133334444"));
	assert_true(forward_is_for(&br, "+551133334444", "+551133334444"));
	assert_true(forward_is_for(&br, "sip:02133334444@h",
				   "+552133334444"));
	assert_true(forward_is_for(&br, "1001", "1001"));
	assert_true(forward_is_for(&br, "91001", "1001"));
	assert_false(forward_is_for(&br, "33334444", "+552133334444"));
	assert_false(forward_is_for(&br, "33334444", "1001"));
}


static void assert_may(const char *hdrs, bool may)
{
	struct mbuf *mb = mbuf_alloc(512);
	struct sip_msg *msg;
	struct pl own;

	pl_set_str(&own, "1000");
	(void)mbuf_printf(mb, "INVITE sip:1000@h SIP/2.0\r\n"
			  "Via: SIP/2.0/UDP h;branch=z9hG4bK1\r\n"
			  "From: <sip:42@h>;tag=1\r\nTo: <sip:1000@h>\r\n"
			  "Call-ID: 1\r\nCSeq: 1 INVITE\r\n%s\r\n", hdrs);
	mb->pos = 0;
	assert_int_equal(0, sip_msg_decode(&msg, mb));
	if (forwarded_may(msg, &own) != may)
		fail_msg("%s", hdrs);
	mem_deref(msg);
	mem_deref(mb);
}


static void test_circles(void **state)
{
	(void)state;

	assert_may("", true);
	assert_may("Diversion: <sip:2000@h>;reason=user-busy\r\n", true);
	assert_may("Diversion: <sip:1000@h>;reason=user-busy\r\n", false);
	assert_may("Diversion: <sip:2000@h>, \"A, B\" <sip:%31000@x>\r\n",
		   false);
	assert_may("Diversion: <sip:2000@h>\r\nDiversion: <tel:1000>\r\n",
		   false);
	assert_may("Diversion: <sip:1@h>,<sip:2@h>,<sip:3@h>,<sip:4@h>\r\n",
		   true);
	assert_may("Diversion: <sip:1@h>,<sip:2@h>,<sip:3@h>,<sip:4@h>,"
		   "<sip:5@h>\r\n", false);
	assert_may("Diversion: <sip:1@h>;counter=4\r\n", true);
	assert_may("Diversion: <sip:1@h>;counter=5\r\n", false);
	assert_may("Diversion: <sip:1@h>;counter=99999999999\r\n", false);
	assert_may("Diversion: <sip:1@h>;counter=\r\n", true);
	assert_may("Diversion: sip:1@h\r\n", true);

	/* we are its last target; but not twice */
	assert_may("History-Info: <sip:1000@h>;index=1\r\n", true);
	assert_may("History-Info: <sip:1000@h>;index=1,"
		   "<sip:2000@h>;index=1.1,<sip:1000@h>;index=1.1.1\r\n",
		   false);
	assert_may("History-Info: <sip:1@h>,<sip:2@h>,<sip:3@h>,<sip:4@h>,"
		   "<sip:5@h>,<sip:6@h>,<sip:7@h>,<sip:8@h>,<sip:9@h>,"
		   "<sip:10@h>,<sip:11@h>\r\n", false);
}


static void test_line(void **state)
{
	static const struct {
		const char *more;
		enum users_err err;
	} v[] = {
		{"forward_busy=sip:1@h;forward_offline=none", USERS_OK},
		{"forward_no_answer=*98", USERS_OK},
		{"forward_busy=", USERS_BAD_FORWARD},
		{"forward_busy=a@h", USERS_BAD_FORWARD},
		{"forward_busy=tel:1", USERS_BAD_FORWARD},
		{"forward_busy=\"1 2\"", USERS_BAD_FORWARD},
		{"forward_offline=sip:A@B", USERS_FORWARD_SELF},
		{"forward_busy=A", USERS_FORWARD_SELF},
		{"forward_busy=sip:a@b;transport=tcp", USERS_FORWARD_SELF},
		{"forward_busy=sip:a@b:5070", USERS_OK},
		{"forward_busy=sip:a@c", USERS_OK},
	};
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {

		struct user_map *um = NULL;
		char line[128];
		struct pl pl;

		re_snprintf(line, sizeof(line), "<sip:a@b>;cube_login=x"
			    ";cube_password=y;%s", v[i].more);
		pl_set_str(&pl, line);
		if (users_decode(&um, &pl) != v[i].err)
			fail_msg("%s", line);
		if (!i) {
			assert_string_equal(um->forwardv[FORWARD_BUSY],
					    "sip:1@h");
			assert_null(um->forwardv[FORWARD_NO_ANSWER]);
			assert_string_equal(um->forwardv[FORWARD_OFFLINE],
					    "none");
		}
		mem_deref(um);
	}
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pick),
		cmocka_unit_test(test_caller),
		cmocka_unit_test(test_circles),
		cmocka_unit_test(test_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
