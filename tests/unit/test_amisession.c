/**
 * @file test_amisession.c  A connection with Asterisk's manager: how it begins,
 *                          and that it is noticed when it is gone
 */
#include "testutil.h"
#include "ami_rig.h"


/* As Asterisk 22 was logged in to; the secret is not sent */
static void test_login(void **state)
{
	struct fix f;
	(void)state;

	begin_as(&f, false);
	assert_int_equal(0, input(&f, BANNER));
	assert_string_equal("Action: Challenge\r\nActionID: cube-1\r\n"
			    "AuthType: MD5\r\n\r\n", f.sent);
	assert_string_equal("Asterisk Call Manager/11.0.0",
			    ami_session_banner(f.s));

	assert_int_equal(0, input(&f, "Response: Success\r\n"
		"ActionID: cube-1\r\nChallenge: 401341784\r\n\r\n"));
	assert_string_equal("Action: Login\r\nActionID: cube-2\r\n"
		"Username: bridge_ami\r\nAuthType: MD5\r\n"
		"Key: 4614ad3955cee31552924bafe915bd1b\r\n"
		"Events: call,user,system\r\n\r\n", f.sent);
	assert_int_equal(AMI_LOGIN, f.state);

	assert_int_equal(0, input(&f, "Response: Success\r\n"
		"ActionID: cube-2\r\n\r\n"));
	assert_int_equal(AMI_BOOTING, f.state);
	assert_string_equal("", f.sent);

	assert_int_equal(0, input(&f, "Event: FullyBooted\r\n\r\n"));
	assert_int_equal(AMI_LISTING, f.state);
	assert_ptr_equal(f.sent, strstr(f.sent, "Action: Filter\r\n"
		"ActionID: cube-3\r\nOperation: Add\r\n"
		"Filter: ^Event: (Newchannel|Newstate|"));
	assert_non_null(strstr(f.sent, "|UserEvent|OriginateResponse"
			       "|FullyBooted)\r\n\r\nAction: CoreShowChannels"
			       "\r\nActionID: cube-4\r\n\r\n"));

	/* the response is not the end of the list */
	assert_int_equal(0, input(&f, "Response: Success\r\n"
		"ActionID: cube-4\r\n\r\nEvent: CoreShowChannel\r\n"
		"ActionID: cube-4\r\nChannel: PJSIP/1-1\r\n"
		"Uniqueid: 1.1\r\n\r\n"));
	assert_int_equal(AMI_LISTING, f.state);
	assert_int_equal(0, input(&f, "Event: CoreShowChannelsComplete\r\n"
		"ActionID: cube-4\r\n\r\n"));
	assert_int_equal(AMI_READY, f.state);
	assert_int_equal(1, ami_table_count(ami_session_table(f.s)));
	assert_string_equal("", ami_session_why(f.s));
	mem_deref(f.s);
}


static void test_login_plain(void **state)
{
	struct fix f;
	(void)state;

	begin_as(&f, true);
	assert_int_equal(0, input(&f, BANNER));
	assert_string_equal("Action: Login\r\nActionID: cube-1\r\n"
		"Username: bridge_ami\r\nSecret: amisecret\r\n"
		"Events: call,user,system\r\n\r\n", f.sent);
	mem_deref(f.s);
}


/* The reason has the user in it, and never the secret */
static void test_login_refused(void **state)
{
	struct fix f;
	(void)state;

	begin_as(&f, false);
	assert_int_equal(0, input(&f, BANNER));
	assert_int_equal(0, input(&f, "Response: Success\r\n"
		"ActionID: cube-1\r\nChallenge: 1\r\n\r\n"));
	assert_int_equal(EACCES, input(&f, "Response: Error\r\n"
		"ActionID: cube-2\r\nMessage: Authentication failed\r\n\r\n"));
	assert_true(ami_session_is_refused(f.s));
	assert_non_null(strstr(ami_session_why(f.s), "bridge_ami"));
	assert_non_null(strstr(ami_session_why(f.s),
			       "Authentication failed"));
	assert_null(strstr(ami_session_why(f.s), "amisecret"));

	/* the next try begins anew */
	ami_session_close(f.s);
	assert_int_equal(0, ami_session_open(f.s, f.now));
	assert_false(ami_session_is_refused(f.s));
	assert_int_equal(0, input(&f, BANNER));
	assert_non_null(strstr(f.sent, "Challenge"));
	mem_deref(f.s);
}


static void test_no_asterisk(void **state)
{
	struct fix f;
	(void)state;

	begin_as(&f, false);
	assert_int_equal(EPROTO, input(&f, "220 mail ESMTP\r\n"));
	assert_string_equal("what listens there is not Asterisk's manager "
			    "interface", ami_session_why(f.s));
	mem_deref(f.s);

	begin_as(&f, false);
	assert_int_equal(11000, ami_session_next(f.s));
	assert_int_equal(0, ami_session_tick(f.s, 10999));
	assert_int_equal(ETIMEDOUT, ami_session_tick(f.s, 11000));
	assert_string_equal("connected, but no Asterisk says hello",
			    ami_session_why(f.s));
	mem_deref(f.s);
}


/* A user who may not read "system" is not told that it has booted; one who may
 * not list gets what comes */
static void test_few_rights(void **state)
{
	struct fix f;
	(void)state;

	begin_as(&f, true);
	assert_int_equal(0, input(&f, BANNER));
	assert_int_equal(0, input(&f, "Response: Success\r\n"
				  "ActionID: cube-1\r\n\r\n"));
	assert_int_equal(4000, ami_session_next(f.s));
	f.now = 4000;
	assert_int_equal(0, ami_session_tick(f.s, f.now));
	assert_int_equal(AMI_LISTING, f.state);

	/* that all events come is no fault */
	assert_int_equal(0, input(&f, "Response: Error\r\n"
		"ActionID: cube-2\r\nMessage: Permission denied\r\n\r\n"));
	assert_int_equal(AMI_LISTING, f.state);
	assert_string_equal("", ami_session_why(f.s));
	assert_false(ami_session_is_filtered(f.s));

	assert_int_equal(0, input(&f, "Response: Error\r\n"
		"ActionID: cube-3\r\nMessage: Permission denied\r\n\r\n"));
	assert_int_equal(AMI_READY, f.state);
	assert_string_equal("channels are not listed: Permission denied: "
			    "bridge_ami needs write=reporting in manager.conf",
			    ami_session_why(f.s));

	/* and are freed when they go */
	assert_int_equal(0, input(&f, "Event: Newchannel\r\n"
		"Channel: PJSIP/1-1\r\nUniqueid: 1.1\r\n\r\n"
		"Event: Hangup\r\nChannel: PJSIP/1-1\r\n"
		"Uniqueid: 1.1\r\n\r\n"));
	assert_int_equal(0, ami_table_count(ami_session_table(f.s)));
	mem_deref(f.s);
}


/* Half-open: nobody says so, within 45 s it is known */
static void test_silence(void **state)
{
	struct fix f;
	(void)state;

	to_ready(&f);
	assert_true(ami_session_is_filtered(f.s));
	assert_int_equal(31000, ami_session_next(f.s));
	assert_int_equal(0, ami_session_tick(f.s, 30999));
	f.sent[0] = '\0';
	assert_int_equal(0, ami_session_tick(f.s, 31000));
	assert_non_null(strstr(f.sent, "Action: Ping\r\nActionID: cube-5\r\n"));
	f.sent[0] = '\0';
	assert_int_equal(46000, ami_session_next(f.s));
	assert_int_equal(0, ami_session_tick(f.s, 45999));
	assert_string_equal("", f.sent);
	assert_int_equal(ETIMEDOUT, ami_session_tick(f.s, 46000));
	assert_string_equal("nothing heard for 45 s", ami_session_why(f.s));
	mem_deref(f.s);
}


/* Asked each 30 s; events are no answer, and neither are bytes that never end:
 * what is ordered may get nowhere all the same */
static void test_ping(void **state)
{
	struct fix f;
	(void)state;

	to_ready(&f);
	assert_int_equal(0, ami_session_tick(f.s, 31000));
	f.now = 32000;
	assert_int_equal(0, input(&f, "Response: Success\r\n"
		"ActionID: cube-5\r\nPing: Pong\r\n\r\n"));
	assert_int_equal(61000, ami_session_next(f.s));
	assert_int_equal(0, ami_session_tick(f.s, 60999));
	f.now = 60999;
	assert_int_equal(0, input(&f, "Event: X\r\n\r\n"));
	assert_int_equal(0, ami_session_tick(f.s, 61000));
	assert_non_null(strstr(f.sent, "Action: Ping\r\nActionID: cube-6\r\n"));

	/* as Asterisk 1.4 answers */
	assert_int_equal(0, input(&f, "Response: Pong\r\n"
				  "ActionID: cube-6\r\n\r\n"));
	assert_int_equal(0, ami_session_tick(f.s, 91000));
	f.now = 105999;
	assert_int_equal(0, input(&f, "Event: X\r\n\r\nEvent: "));
	assert_int_equal(0, ami_session_tick(f.s, 105999));
	assert_int_equal(ETIMEDOUT, ami_session_tick(f.s, 106000));
	assert_string_equal("a ping was not answered in 15 s, though events "
			    "come", ami_session_why(f.s));
	mem_deref(f.s);
}


/* A list that stops is no list: what is not of it is not gone */
static void test_list_stops(void **state)
{
	struct fix f;
	(void)state;

	to_ready(&f);
	assert_int_equal(0, input(&f, "Event: Newchannel\r\n"
		"Channel: PJSIP/1-1\r\nUniqueid: 1.1\r\n\r\n"));
	ami_session_close(f.s);
	assert_int_equal(0, ami_session_open(f.s, f.now));
	assert_int_equal(0, input(&f, BANNER));
	assert_int_equal(0, input(&f, "Response: Success\r\n"
		"ActionID: cube-5\r\nChallenge: 1\r\n\r\n"));
	assert_int_equal(0, input(&f, "Response: Success\r\n"
		"ActionID: cube-6\r\n\r\nEvent: FullyBooted\r\n\r\n"));
	assert_int_equal(0, input(&f, "Response: Success\r\n"
		"ActionID: cube-8\r\n\r\n"));
	assert_int_equal(AMI_LISTING, f.state);
	assert_int_equal(11000, ami_session_next(f.s));
	assert_int_not_equal(0, ami_session_tick(f.s, 11000));
	assert_string_equal("channels are not listed: Asterisk does not "
			    "answer", ami_session_why(f.s));
	assert_int_equal(1, ami_table_count(ami_session_table(f.s)));
	mem_deref(f.s);
}


/* That it was asked is not that we are in */
static void test_no_challenge(void **state)
{
	static const char *const saidv[] = {
		"", "Challenge: 0123456789012345678901234567890123456789"
		"0123456789012345678901234567890123456789\r\n",
	};
	char text[256];
	struct fix f;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(saidv); i++) {
		begin_as(&f, false);
		assert_int_equal(0, input(&f, BANNER));
		(void)re_snprintf(text, sizeof(text), "Response: Success\r\n"
				  "ActionID: cube-1\r\n%s\r\n", saidv[i]);
		assert_int_equal(EPROTO, input(&f, text));
		assert_string_equal("it gives no challenge to log in by",
				    ami_session_why(f.s));
		assert_int_equal(AMI_LOGIN, f.state);
		mem_deref(f.s);
	}
}


/* One of thousands of channels takes its time; one without an end is none */
static void test_long_list(void **state)
{
	static const char row[] = "Event: CoreShowChannel\r\n"
		"ActionID: cube-4\r\nChannel: PJSIP/1-1\r\n"
		"Uniqueid: 1.1\r\n\r\n";
	struct fix f;
	int i;
	(void)state;

	begin_as(&f, false);
	assert_int_equal(0, input(&f, BANNER));
	assert_int_equal(0, input(&f, "Response: Success\r\n"
		"ActionID: cube-1\r\nChallenge: 1\r\n\r\n"));
	assert_int_equal(0, input(&f, "Response: Success\r\n"
		"ActionID: cube-2\r\n\r\nEvent: FullyBooted\r\n\r\n"
		"Response: Success\r\nActionID: cube-4\r\n\r\n"));

	for (i=0; i<6; i++) {
		assert_int_equal(AMI_LISTING, f.state);
		assert_int_equal(0, ami_session_tick(f.s, f.now));
		assert_int_equal(0, input(&f, row));
		f.now += AMI_TIMEOUT - 1;
	}
	assert_int_equal(0, input(&f, row));
	assert_int_not_equal(0, ami_session_tick(f.s, 1000 +
						 6 * AMI_TIMEOUT));
	mem_deref(f.s);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_login),
		cmocka_unit_test(test_login_plain),
		cmocka_unit_test(test_login_refused),
		cmocka_unit_test(test_no_asterisk),
		cmocka_unit_test(test_few_rights),
		cmocka_unit_test(test_silence),
		cmocka_unit_test(test_ping),
		cmocka_unit_test(test_list_stops),
		cmocka_unit_test(test_no_challenge),
		cmocka_unit_test(test_long_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
