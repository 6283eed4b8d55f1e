/**
 * @file test_amiallow.c  The hub's manager link: what may be ordered
 */
#include "testutil.h"
#include "connectycube_ami/message.h"
#include "connectycube_ami/table.h"
#include "connectycube_ami/proxy/allow.h"
#include "connectycube_ami/proxy/routes.h"
#include "connectycube_ami/proxy/proxy_core.h"


static struct ami_message msg;


static struct ami_message *decode(const char *text)
{
	ami_message_decode(&msg, text, strlen(text));

	return &msg;
}


static void check_refused(const char *text, const char *said)
{
	char why[128] = "";

	assert_null(ami_allow(decode(text), why, sizeof(why)));
	if (!strstr(why, said))
		fail_msg("%s: %s", text, why);
}


#define PLACE "Context: ctx\r\nExten: 900\r\nPriority: 1\r\n"
#define CALL "Action: Originate\r\nChannel: PJSIP/1001\r\n" PLACE \
	"Async: true\r\n"

static void test_allowed(void **state)
{
	static const char *const goodv[] = {
		"Action: hangup\r\nActionID: 1\r\n"
		"Channel: PJSIP/1001-0000000c\r\nCause: 21\r\n",
		"Action: Redirect\r\nChannel: PJSIP/1001-0c\r\n" PLACE,
		"Action: Bridge\r\nChannel1: PJSIP/1-0c\r\n"
		"Channel2: PJSIP/2-0c\r\nTone: no\r\n",
		"Action: Setvar\r\nChannel: PJSIP/1-0c\r\nVariable: A\r\n"
		"Value: b\r\n",
		CALL "CallerID: \"Ann\" <1>\r\nVariable: A=b\r\n"
		"Variable: C=d\r\nTimeout: 30000\r\n",
		CALL "ChannelId: cube-1-a.2\r\nVariable: CALLERID(num)=101\r\n"
		"Variable: CALLERID(name)=Ann $ Co\r\n"
		"Variable: CONNECTEDLINE(num)=900\r\n",
	};
	char why[128] = "";
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(goodv); i++) {
		if (!ami_allow(decode(goodv[i]), why, sizeof(why)))
			fail_msg("%s: %s", goodv[i], why);
	}

	assert_int_equal(35000, ami_allow_wait(ami_allow(decode(CALL), why,
		sizeof(why)), &msg));
	assert_int_equal(605000, ami_allow_wait(ami_allow(decode(CALL
		"Timeout: 4000000000\r\n"), why, sizeof(why)), &msg));
	assert_int_equal(10000, ami_allow_wait(ami_allow(decode(goodv[0]),
		why, sizeof(why)), &msg));
}


static void test_refused(void **state)
{
	(void)state;

	check_refused("Action: Command\r\nCommand: core stop now\r\n",
		      "Permission denied");
	check_refused("Action: AGI\r\nChannel: PJSIP/1-0c\r\n",
		      "Permission denied");
	check_refused("ActionID: 7\r\n", "Permission denied");
	check_refused(CALL "Application: System\r\n", "not pass Application");
	check_refused(CALL "Data: rm\r\n", "not pass Data");
	check_refused("Action: Originate\r\nChannel: PJSIP/1\r\n"
		      "Async: true\r\n", "is missing");
	check_refused("Action: Originate\r\n" PLACE "Async: true\r\n",
		      "is missing");
	check_refused("Action: Originate\r\nChannel: Local/1@x\r\n" PLACE
		      "Async: true\r\n", "Channel is wrong");
	check_refused("Action: Originate\r\nChannel: PJSIP/1\r\n" PLACE
		      "Async: no\r\n", "Async is wrong");
	check_refused(CALL "Variable: SHELL(rm)=1\r\n", "Variable is wrong");
	check_refused(CALL "Variable: A=${SHELL(rm)}\r\n",
		      "Variable is wrong");
	check_refused(CALL "Variable: CALLERID(num)=$[1]\r\n",
		      "Variable is wrong");
	check_refused(CALL "Variable: CALLERID(all)=1\r\n",
		      "Variable is wrong");
	check_refused(CALL "ChannelId: a b\r\n", "ChannelId is wrong");
	check_refused("Action: Setvar\r\nChannel: PJSIP/1-0c\r\nVariable:"
		      " CALLERID(num)\r\nValue: 1\r\n", "Variable is wrong");
	check_refused("Action: Setvar\r\nChannel: PJSIP/1-0c\r\nVariable:"
		      " A\r\nValue: ${SHELL(rm)}\r\n", "Value is wrong");
	check_refused(CALL "Variable: A\r\n", "Variable is wrong");
	check_refused("Action: Hangup\r\nChannel: /^PJSIP/\r\n",
		      "Channel is wrong");
	check_refused("Action: Hangup\r\nChannel: PJSIP/1-0c\r\n"
		      "Cause: 16 x\r\n", "Cause is wrong");
	check_refused(CALL "Timeout: -1\r\n", "Timeout is wrong");
	check_refused("Action: Hangup\r\n", "is missing");
	check_refused("Action: Setvar\r\nVariable: GLOBAL\r\nValue: 1\r\n",
		      "is missing");
	check_refused("Action: Redirect\r\nChannel: PJSIP/1-0c\r\n"
		      "Context: a,b\r\nExten: 1\r\nPriority: 1\r\n",
		      "Context is wrong");
	check_refused("Action: Redirect\r\nChannel: PJSIP/1-0c\r\n"
		      "Context: a\r\nExten: 1\r\nPriority: 2\r\n",
		      "Priority is wrong");
	check_refused("Action: Bridge\r\nChannel1: PJSIP/1-0c\r\n",
		      "is missing");
}


/* Nobody knows what has come of it: told otherwise than what Asterisk refuses */
static void test_unknown(void **state)
{
	struct mbuf *mb = mbuf_alloc(128);
	struct pl id = PL("x-7");
	(void)state;

	assert_non_null(mb);
	assert_int_equal(0, ami_write_unknown(mb, &id, false, "perhaps"));
	assert_int_equal(0, ami_write_unknown(mb, NULL, true, "perhaps"));
	assert_int_equal(0, mbuf_write_u8(mb, 0));
	assert_string_equal("Response: Error\r\nActionID: x-7\r\n"
			    "Outcome: lost\r\nMessage: perhaps\r\n\r\n"
			    "Response: Error\r\n"
			    "Outcome: late\r\nMessage: perhaps\r\n\r\n",
			    (char *)mb->buf);
	mem_deref(mb);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_allowed),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
