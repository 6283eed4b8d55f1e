/**
 * @file test_amirequest.c  Actions of Asterisk's manager, and their answers
 */
#include "testutil.h"
#include "ami_rig.h"


static void test_requests(void **state)
{
	struct fix f;
	(void)state;

	to_ready(&f);

	/* an event in between, and answers of others */
	assert_int_equal(0, hang_up(&f, NULL));
	assert_string_equal("Action: Hangup\r\nActionID: cube-5\r\n"
			    "Channel: PJSIP/1-1\r\n\r\n", f.sent);
	assert_int_equal(0, input(&f, "Event: X\r\nActionID: cube-5\r\n\r\n"
		"Response: Success\r\nActionID: cube-99\r\n\r\n"
		"Response: Success\r\nActionID: 5\r\n\r\n"
		"Response: Success\r\n\r\n"));
	assert_int_equal(0, f.answers);
	assert_int_equal(0, input(&f, "Response: Success\r\n"
				  "ActionID: cube-5\r\n\r\n"));
	assert_int_equal(1, f.answers);
	assert_int_equal(0, f.err);

	/* an answer that comes twice is the first one's */
	assert_int_equal(0, input(&f, "Response: Error\r\n"
				  "ActionID: cube-5\r\n\r\n"));
	assert_int_equal(1, f.answers);

	assert_int_equal(0, hang_up(&f, NULL));
	assert_int_equal(0, input(&f, "Response: Error\r\nActionID: cube-6\r\n"
				  "Message: No such channel\r\n\r\n"));
	assert_int_equal(EREMOTEIO, f.err);
	assert_string_equal("No such channel", f.why);

	assert_int_equal(0, hang_up(&f, NULL));
	assert_int_equal(0, input(&f, "Response: Error\r\nActionID: cube-7\r\n"
				  "Message: Permission denied\r\n\r\n"));
	assert_int_equal(EPERM, f.err);
	assert_string_equal("Permission denied: bridge_ami needs write=call "
			    "in manager.conf", f.why);

	/* the hub does not know: that is no refusal */
	assert_int_equal(0, hang_up(&f, NULL));
	assert_int_equal(0, input(&f, "Response: Error\r\nActionID: cube-8\r\n"
				  "Outcome: lost\r\nMessage: it may be\r\n\r\n"));
	assert_int_equal(ENOTCONN, f.err);
	assert_string_equal("it may be", f.why);
	assert_int_equal(0, hang_up(&f, NULL));
	assert_int_equal(0, input(&f, "Response: Error\r\nActionID: cube-9\r\n"
				  "Outcome: late\r\nMessage: it may be\r\n\r\n"));
	assert_int_equal(ETIMEDOUT, f.err);

	/* nothing comes */
	assert_int_equal(0, hang_up(&f, NULL));
	assert_int_equal(11000, ami_session_next(f.s));
	assert_int_equal(0, ami_session_tick(f.s, 10999));
	assert_int_equal(0, f.answers);
	assert_int_equal(0, ami_session_tick(f.s, 11000));
	assert_int_equal(ETIMEDOUT, f.err);
	assert_string_equal("Asterisk does not answer: it may have been done",
			    f.why);

	/* whoever asked has gone */
	f.now = 11000;
	assert_int_equal(0, hang_up(&f, NULL));
	ami_session_forget(f.s, &f);
	assert_int_equal(0, input(&f, "Response: Success\r\n"
				  "ActionID: cube-11\r\n\r\n"));
	assert_int_equal(0, f.answers);
	mem_deref(f.s);
}


/* Of some the response says only that they were begun */
static void test_originate(void **state)
{
	struct fix f;
	(void)state;

	to_ready(&f);
	assert_int_equal(0, hang_up(&f, "OriginateResponse"));
	assert_int_equal(0, input(&f, "Response: Success\r\n"
		"ActionID: cube-5\r\nMessage: Originate successfully queued"
		"\r\n\r\n"));
	assert_int_equal(0, f.answers);
	assert_int_equal(0, input(&f, "Event: OriginateResponse\r\n"
		"ActionID: cube-5\r\nResponse: Success\r\nReason: 4\r\n\r\n"));
	assert_int_equal(1, f.answers);
	assert_int_equal(0, f.err);

	assert_int_equal(0, hang_up(&f, "OriginateResponse"));
	assert_int_equal(0, input(&f, "Event: OriginateResponse\r\n"
		"ActionID: cube-6\r\nResponse: Failure\r\n"
		"Reason: 0\r\n\r\n"));
	assert_int_equal(EREMOTEIO, f.err);

	assert_int_equal(0, hang_up(&f, "OriginateResponse"));
	assert_int_equal(0, input(&f, "Response: Error\r\nActionID: cube-7\r\n"
		"Message: Extension does not exist.\r\n\r\n"));
	assert_int_equal(EREMOTEIO, f.err);
	assert_string_equal("Extension does not exist.", f.why);
	mem_deref(f.s);
}


/* What was sent when the connection went is never sent again */
static void test_lost(void **state)
{
	struct fix f;
	(void)state;

	to_ready(&f);
	assert_int_equal(0, hang_up(&f, NULL));
	assert_int_equal(0, hang_up(&f, NULL));
	f.answers = 0;
	f.sent[0] = '\0';
	ami_session_close(f.s);
	assert_int_equal(AMI_CLOSED, f.state);
	assert_int_equal(2, f.answers);
	assert_int_equal(ENOTCONN, f.err);
	assert_int_equal(ENOTCONN, hang_up(&f, NULL));
	assert_int_equal(0, ami_session_next(f.s));

	assert_int_equal(0, ami_session_open(f.s, f.now));
	assert_int_equal(0, input(&f, BANNER));
	assert_null(strstr(f.sent, "Hangup"));
	mem_deref(f.s);
}


static void test_limits(void **state)
{
	struct fix f;
	unsigned i;
	(void)state;

	to_ready(&f);
	for (i=0; i<AMI_REQUESTS_MAX; i++)
		assert_int_equal(0, hang_up(&f, NULL));
	assert_int_equal(EAGAIN, hang_up(&f, NULL));
	mem_deref(f.s);

	/* what cannot be sent is not waited for */
	to_ready(&f);
	f.send_err = ENOMEM;
	assert_int_equal(ENOMEM, hang_up(&f, NULL));
	ami_session_close(f.s);
	assert_int_equal(0, f.answers);
	mem_deref(f.s);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_originate),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
