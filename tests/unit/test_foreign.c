/**
 * @file test_foreign.c  What baresip says, without its secrets
 */
#include "testutil.h"
#include "log/foreign.h"


static void test_hide(void **state)
{
	static const struct {
		const char *msg, *want;
	} v[] = {
		{"ctrl_tcp: handle_command:  cmd='hub_command', params:'10 dtmf"
		 " 4711', token='t'\n",
		 "ctrl_tcp: handle_command:  cmd='hub_command ***\n"},
		{"ctrl_tcp: handle_command:  cmd='hub_command 10 dtmf 4711',"
		 " params:'', token=''\n",
		 "ctrl_tcp: handle_command:  cmd='hub_command ***\n"},
		{"mqtt: handle_command:  cmd='x\n4711', token=''\n",
		 "mqtt: handle_command:  cmd='x ***\n"},
		{"x: handle_command: 4711\n", "x: handle_command ***\n"},
		{"audio: send DTMF digit: '4'\n",
		 "audio: send DTMF digit ***\n"},
		{"audio: send DTMF digit end: '4'\n",
		 "audio: send DTMF digit end ***\n"},
		{"audio: invalid DTMF digit (0x34)\n",
		 "audio: invalid DTMF digit ***\n"},
		{"call: received DTMF: '4' (duration=160)\n",
		 "call: received DTMF ***\n"},
		{"echo: relaying DTMF event: key = '4'\n",
		 "echo: relaying DTMF event ***\n"},
		{"DTMF", "DTMF ***\n"},
		{"call: sip:ann:SECRET@192.0.2.1:5060: session closed\n",
		 "call: sip:ann:***@192.0.2.1:5060: session closed\n"},
		{"ua: <sips:ann:x@h> and sip:bob@h:5060 sip:c:SECRET@h\n",
		 "ua: <sips:ann:*@h> and sip:bob@h:5060 sip:c:***@h\n"},
	};
	char buf[256];
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {
		assert_true(foreign_hide(buf, sizeof(buf), v[i].msg));
		assert_string_equal(buf, v[i].want);
	}

	assert_false(foreign_hide(buf, sizeof(buf), "ua: all is well\n"));
	assert_false(foreign_hide(buf, sizeof(buf), ""));
	assert_false(foreign_hide(buf, sizeof(buf), "ua: sip:1000@192.0.2.1:5060"
				  ": 200 OK [2 bindings]\n"));

	/* what is cut may have one in it */
	assert_true(foreign_hide(buf, 24, "a sip:bob@h sip:ann:SECRET@h\n"));
	assert_string_equal(buf, "a sip:bob@h \n");

	/* no room for any of it */
	assert_true(foreign_hide(buf, 8, v[0].msg));
	assert_string_equal(buf, "***\n");
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hide),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
