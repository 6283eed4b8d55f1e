/**
 * @file test_amidetect.c  What a dialplan tells of who waits
 */
#include "testutil.h"
#include "call/event.h"
#include "connectycube_ami/message.h"
#include "connectycube_ami/table.h"
#include "connectycube_ami/detect.h"

/* as Asterisk 22 puts it before what a dialplan says */
#define HEAD "Event: UserEvent\r\nPrivilege: user,all\r\n"		\
	"Channel: PJSIP/1001-0000000c\r\nChannelState: 4\r\n"		\
	"CallerIDNum: 1001\r\nCallerIDName: Test 1001\r\n"		\
	"ConnectedLineNum: <unknown>\r\nExten: 1002\r\n"		\
	"Uniqueid: 1795369217.14\r\nUserEvent: BridgeCall\r\n"


static struct ami_detected d;
static const char *why;


static int detect(const char *text)
{
	struct ami_message msg;

	why = "";
	memset(&d, 'x', sizeof(d));
	ami_message_decode(&msg, text, strlen(text));

	return ami_detect(&d, &msg, &why);
}


/* The dialplan's own words are the last ones */
static void test_event(void **state)
{
	(void)state;

	assert_int_equal(detect(HEAD "Channel: PJSIP/trunk-0000001a\r\n"
				"From: \"Ann \\\"the\\\" Boss\""
				" <sip:+5511@pbx.example:5080;user=phone>\r\n"
				"To: sip:1000@pbx.example\r\n"
				"UniqueId: 1795369217.15\r\n"), 0);
	assert_string_equal(d.channel, "PJSIP/trunk-0000001a");
	assert_string_equal(d.to, "sip:1000@pbx.example");
	assert_string_equal(d.user, "1000");
	assert_string_equal(d.name, "Ann \"the\" Boss");
	assert_string_equal(d.number, "+5511");
	assert_string_equal(d.uri, "sip:+5511@pbx.example");

	/* without: the channel's own; names in any case */
	assert_int_equal(detect(HEAD "TO:  1000 \r\n"), 0);
	assert_string_equal(d.channel, "PJSIP/1001-0000000c");
	assert_string_equal(d.user, "1000");
	assert_string_equal(d.name, "Test 1001");
	assert_string_equal(d.number, "1001");
	assert_string_equal(d.uri, "");
}


static void test_wrong(void **state)
{
	char text[2048];
	(void)state;

	assert_int_equal(detect("Event: Hangup\r\nTo: 1000\r\n"), ENOENT);
	assert_int_equal(detect("Event: UserEvent\r\nUserEvent: Other\r\n"
				"To: 1000\r\n"), ENOENT);
	assert_int_equal(detect(HEAD), EBADMSG);
	assert_non_null(strstr(why, "To"));
	assert_int_equal(detect(HEAD "To: \r\n"), EBADMSG);
	assert_int_equal(detect(HEAD "To: sip:pbx.example\r\n"), EBADMSG);
	assert_int_equal(detect(HEAD "To: two words\r\n"), EBADMSG);
	assert_int_equal(detect(HEAD "To: sip:a\x1b[1m@h\r\n"), EBADMSG);
	assert_int_equal(detect(HEAD "To: sip:1000\"@h\r\n"), EBADMSG);

	/* a pattern of channels is none */
	assert_int_equal(detect(HEAD "To: 1000\r\nChannel: /PJSIP/\r\n"),
			 EBADMSG);
	assert_non_null(strstr(why, "Channel"));
	assert_int_equal(detect(HEAD "To: 1000\r\nChannel: \r\n"), EBADMSG);

	(void)re_snprintf(text, sizeof(text), "%sTo: sip:%0300d@h\r\n", HEAD,
			  1);
	assert_int_equal(detect(text), EBADMSG);
}


static void check(const char *from, const char *name, const char *number,
		  const char *uri)
{
	struct pl pl;

	pl_set_str(&pl, from);
	memset(&d, 'x', sizeof(d));
	ami_detect_from(&d, &pl);

	if (strcmp(d.name, name) || strcmp(d.number, number) ||
	    strcmp(d.uri, uri))
		fail_msg("%s: '%s' '%s' '%s'", from, d.name, d.number, d.uri);
}


static void test_from(void **state)
{
	static char text[2048];
	(void)state;

	check("\"José\" <sip:42@h>", "José", "42", "sip:42@h");
	check("José <42>", "José", "42", "");
	check("\"\" <42>", "", "42", "");
	check("<42>", "", "42", "");
	check("  42 ", "", "42", "");
	check("sip:42@h", "", "42", "sip:42@h");
	check("<sips:ann@h:5061>;tag=1", "", "ann", "sip:ann@h");
	check("tel:+55-11-4002;ext=7", "", "+55-11-4002", "");
	check("Ann", "Ann", "", "");
	check("Ann Lee", "Ann Lee", "", "");
	check("\"A <b> c\" <42>", "A <b> c", "42", "");

	/* nobody */
	check("", "", "", "");
	check("\"\" <>", "", "", "");
	check("<unknown>", "", "", "");
	check("Anonymous", "", "", "");
	check("\"Anonymous\" <anonymous>", "Anonymous", "", "");
	check("Ann <unknown>", "Ann", "", "");
	check("Ann <sip:anonymous@anonymous.invalid>", "Ann", "", "");

	/* what cannot be a number is none */
	check("Ann <4 2>", "Ann", "", "");
	check("Ann <4,2>", "Ann", "", "");
	check("Ann <http://h/>", "Ann", "", "");
	check("Ann <sip:@h>", "Ann", "", "");
	check("Ann > 42 <", "Ann > 42 <", "", "");

	(void)re_snprintf(text, sizeof(text), "\"%0900d\" <%0900d>", 1, 1);
	{
		struct pl pl;

		pl_set_str(&pl, text);
		ami_detect_from(&d, &pl);
		assert_int_equal(strlen(d.name), AMI_TEXT_SIZE - 1);
		assert_string_equal(d.number, "");
	}
}


static void test_cause(void **state)
{
	int reason;
	(void)state;

	assert_int_equal(ami_cause_of(END_BUSY), 17);
	assert_int_equal(ami_cause_of(END_NO_ANSWER), 19);
	assert_int_equal(ami_cause_of(END_REJECTED), 21);
	assert_int_equal(ami_cause_of(END_CLOUD), 41);
	for (reason=0; reason<END_REASONS; reason++)
		assert_in_range(ami_cause_of(reason), 1, 127);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_event),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_from),
		cmocka_unit_test(test_cause),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
