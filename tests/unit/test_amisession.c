/**
 * @file test_amisession.c  A connection with Asterisk's manager; bytes and time
 *                          are the test's
 */
#include "testutil.h"
#include "connectycube_ami/message.h"
#include "connectycube_ami/table.h"
#include "connectycube_ami/session.h"

#define BANNER "Asterisk Call Manager/11.0.0\r\n"


/** A session, and what it said */
struct fix {
	struct ami_session *s;
	uint64_t now;
	char sent[2048];                /* since the last look */
	enum ami_session_state state;
	unsigned events;
	int send_err;
	int err;                        /* of the last answer */
	unsigned answers;
	char why[128];
};


static int send_handler(struct mbuf *mb, void *arg)
{
	struct fix *f = arg;
	size_t l = strlen(f->sent);

	if (f->send_err)
		return f->send_err;

	(void)re_snprintf(f->sent + l, sizeof(f->sent) - l, "%b",
			  mbuf_buf(mb), mbuf_get_left(mb));

	return 0;
}


static void state_handler(enum ami_session_state state, void *arg)
{
	struct fix *f = arg;

	f->state = state;
}


static void event_handler(const struct ami_message *msg, void *arg)
{
	struct fix *f = arg;
	(void)msg;

	++f->events;
}


static void change_handler(const struct ami_channel *chan,
			   enum ami_change change, const char *detail,
			   void *arg)
{
	(void)chan;
	(void)change;
	(void)detail;
	(void)arg;
}


static void reply_handler(int err, const struct ami_message *msg,
			  const char *why, void *arg)
{
	struct fix *f = arg;
	(void)msg;

	f->err = err;
	++f->answers;
	str_ncpy(f->why, why, sizeof(f->why));
}


static void begin_as(struct fix *f, bool plain)
{
	const struct ami_session_config cfg = {
		"bridge_ami", "amisecret", plain
	};
	const struct ami_session_handlers h = {
		send_handler, state_handler, event_handler, change_handler, f
	};

	memset(f, 0, sizeof(*f));
	f->now = 1000;
	assert_int_equal(0, ami_session_alloc(&f->s, &cfg, &h));
	assert_int_equal(0, ami_session_open(f->s, f->now));
	assert_int_equal(AMI_GREETING, f->state);
}


static int input(struct fix *f, const char *text)
{
	f->sent[0] = '\0';

	return ami_session_input(f->s, (const uint8_t *)text, strlen(text),
				 f->now);
}


static void to_ready(struct fix *f)
{
	begin_as(f, false);
	assert_int_equal(0, input(f, BANNER));
	assert_int_equal(0, input(f, "Response: Success\r\n"
		"ActionID: cube-1\r\nChallenge: 401341784\r\n\r\n"));
	assert_int_equal(0, input(f, "Response: Success\r\n"
		"ActionID: cube-2\r\nMessage: Authentication accepted\r\n\r\n"
		"Event: FullyBooted\r\n\r\n"));
	assert_int_equal(0, input(f, "Response: Success\r\n"
		"ActionID: cube-3\r\nEventList: start\r\n\r\n"
		"Event: CoreShowChannelsComplete\r\n"
		"ActionID: cube-3\r\n\r\n"));
	assert_int_equal(AMI_READY, f->state);
}


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
	assert_string_equal("Action: CoreShowChannels\r\n"
			    "ActionID: cube-3\r\n\r\n", f.sent);

	/* the response is not the end of the list */
	assert_int_equal(0, input(&f, "Response: Success\r\n"
		"ActionID: cube-3\r\n\r\nEvent: CoreShowChannel\r\n"
		"ActionID: cube-3\r\nChannel: PJSIP/1-1\r\n"
		"Uniqueid: 1.1\r\n\r\n"));
	assert_int_equal(AMI_LISTING, f.state);
	assert_int_equal(0, input(&f, "Event: CoreShowChannelsComplete\r\n"
		"ActionID: cube-3\r\n\r\n"));
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

	assert_int_equal(0, input(&f, "Response: Error\r\n"
		"ActionID: cube-2\r\nMessage: Permission denied\r\n\r\n"));
	assert_int_equal(AMI_READY, f.state);
	assert_string_equal("channels are not listed: Permission denied",
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
	assert_int_equal(31000, ami_session_next(f.s));
	assert_int_equal(0, ami_session_tick(f.s, 30999));
	f.sent[0] = '\0';
	assert_int_equal(0, ami_session_tick(f.s, 31000));
	assert_non_null(strstr(f.sent, "Action: Ping\r\n"));
	f.sent[0] = '\0';
	assert_int_equal(46000, ami_session_next(f.s));
	assert_int_equal(0, ami_session_tick(f.s, 45999));
	assert_string_equal("", f.sent);
	assert_int_equal(ETIMEDOUT, ami_session_tick(f.s, 46000));
	assert_string_equal("nothing heard for 45 s", ami_session_why(f.s));
	mem_deref(f.s);

	/* anything that is heard is a sign of life */
	to_ready(&f);
	assert_int_equal(0, ami_session_tick(f.s, 31000));
	f.now = 32000;
	assert_int_equal(0, input(&f, "Response: Success\r\n"
		"ActionID: cube-4\r\nPing: Pong\r\n\r\n"));
	assert_int_equal(62000, ami_session_next(f.s));
	assert_int_equal(0, ami_session_tick(f.s, 61999));
	assert_int_equal(0, ami_session_tick(f.s, 62000));
	assert_non_null(strstr(f.sent, "Action: Ping\r\n"));
	mem_deref(f.s);
}


static int hang_up(struct fix *f, const char *until)
{
	struct mbuf *mb = mbuf_alloc(64);
	int err;

	f->answers = 0;
	f->sent[0] = '\0';
	assert_int_equal(0, ami_session_begin(f->s, mb, "Hangup"));
	assert_int_equal(0, ami_action_add(mb, "Channel", "PJSIP/1-1"));
	err = ami_session_request(f->s, mb, f->now, AMI_TIMEOUT, until,
				  reply_handler, f);
	mem_deref(mb);

	return err;
}


static void test_requests(void **state)
{
	struct fix f;
	(void)state;

	to_ready(&f);

	/* an event in between, and answers of others */
	assert_int_equal(0, hang_up(&f, NULL));
	assert_string_equal("Action: Hangup\r\nActionID: cube-4\r\n"
			    "Channel: PJSIP/1-1\r\n\r\n", f.sent);
	assert_int_equal(0, input(&f, "Event: X\r\nActionID: cube-4\r\n\r\n"
		"Response: Success\r\nActionID: cube-9\r\n\r\n"
		"Response: Success\r\nActionID: 4\r\n\r\n"
		"Response: Success\r\n\r\n"));
	assert_int_equal(0, f.answers);
	assert_int_equal(0, input(&f, "Response: Success\r\n"
				  "ActionID: cube-4\r\n\r\n"));
	assert_int_equal(1, f.answers);
	assert_int_equal(0, f.err);

	/* an answer that comes twice is the first one's */
	assert_int_equal(0, input(&f, "Response: Error\r\n"
				  "ActionID: cube-4\r\n\r\n"));
	assert_int_equal(1, f.answers);

	assert_int_equal(0, hang_up(&f, NULL));
	assert_int_equal(0, input(&f, "Response: Error\r\nActionID: cube-5\r\n"
				  "Message: No such channel\r\n\r\n"));
	assert_int_equal(EREMOTEIO, f.err);
	assert_string_equal("No such channel", f.why);

	assert_int_equal(0, hang_up(&f, NULL));
	assert_int_equal(0, input(&f, "Response: Error\r\nActionID: cube-6\r\n"
				  "Message: Permission denied\r\n\r\n"));
	assert_int_equal(EPERM, f.err);

	/* nothing comes */
	assert_int_equal(0, hang_up(&f, NULL));
	assert_int_equal(11000, ami_session_next(f.s));
	assert_int_equal(0, ami_session_tick(f.s, 10999));
	assert_int_equal(0, f.answers);
	assert_int_equal(0, ami_session_tick(f.s, 11000));
	assert_int_equal(ETIMEDOUT, f.err);

	/* whoever asked has gone */
	f.now = 11000;
	assert_int_equal(0, hang_up(&f, NULL));
	ami_session_forget(f.s, &f);
	assert_int_equal(0, input(&f, "Response: Success\r\n"
				  "ActionID: cube-8\r\n\r\n"));
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
		"ActionID: cube-4\r\nMessage: Originate successfully queued"
		"\r\n\r\n"));
	assert_int_equal(0, f.answers);
	assert_int_equal(0, input(&f, "Event: OriginateResponse\r\n"
		"ActionID: cube-4\r\nResponse: Success\r\nReason: 4\r\n\r\n"));
	assert_int_equal(1, f.answers);
	assert_int_equal(0, f.err);

	assert_int_equal(0, hang_up(&f, "OriginateResponse"));
	assert_int_equal(0, input(&f, "Event: OriginateResponse\r\n"
		"ActionID: cube-5\r\nResponse: Failure\r\n"
		"Reason: 0\r\n\r\n"));
	assert_int_equal(EREMOTEIO, f.err);

	assert_int_equal(0, hang_up(&f, "OriginateResponse"));
	assert_int_equal(0, input(&f, "Response: Error\r\nActionID: cube-6\r\n"
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
		cmocka_unit_test(test_login),
		cmocka_unit_test(test_login_plain),
		cmocka_unit_test(test_login_refused),
		cmocka_unit_test(test_no_asterisk),
		cmocka_unit_test(test_few_rights),
		cmocka_unit_test(test_silence),
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_originate),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
