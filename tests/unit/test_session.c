/**
 * @file test_session.c  Who is recorded when: orders, pauses, tones
 */
#include "session_rig.h"


/* Without a prompt: at once, by whoever wants it, once */
static void test_demand(void **state)
{
	(void)state;

	begin(&demand);
	look();
	pass(1000);
	assert_did("");
	assert_int_equal(ENOENT, ask(SESSION_PAUSE, "app"));
	assert_int_equal(ENOENT, ask(SESSION_RESUME, "app"));
	assert_int_equal(0, ask(SESSION_STOP, "app"));

	start();
	assert_did("record ");
	assert_string_equal("app", fx.prm.by);
	assert_false(fx.prm.video);

	/* again, while it is being made, and when it is */
	assert_int_equal(0, ask(SESSION_START, "console"));
	opened();
	assert_did("[started] ");
	start();
	assert_int_equal(0, ask(SESSION_RESUME, "app"));
	look();
	pass(1000);
	assert_did("");

	assert_int_equal(0, ask(SESSION_PAUSE, "phone"));
	assert_int_equal(0, ask(SESSION_PAUSE, "phone"));
	assert_did("pause [paused] ");
	assert_int_equal(EALREADY, ask(SESSION_START, "app"));
	assert_int_equal(0, ask(SESSION_RESUME, "app"));
	assert_did("resume [resumed] ");

	assert_int_equal(0, ask(SESSION_STOP, "phone"));
	assert_int_equal(0, ask(SESSION_STOP, "phone"));
	assert_did("stop [ended] ");

	/* another one */
	assert_int_equal(0, ask(SESSION_TOGGLE, "phone"));
	pass(0);
	opened();
	assert_int_equal(0, ask(SESSION_TOGGLE_PAUSE, "phone"));
	assert_int_equal(0, ask(SESSION_TOGGLE_PAUSE, "phone"));
	assert_did("record [started] pause [paused] resume [resumed] ");
	assert_int_equal(0, ask(SESSION_TOGGLE, "phone"));
	assert_did("stop [ended] ");
	finish();
}


static void test_forbidden(void **state)
{
	const struct session_config off = {.policy = STEER_POLICY_OFF};
	const char *reason;
	(void)state;

	begin(&off);
	look();
	assert_int_equal(EPERM, ask(SESSION_START, "app"));
	assert_int_equal(EPERM, ask(SESSION_TOGGLE, "phone"));
	assert_int_equal(EPERM, ask(SESSION_START, "console"));
	assert_int_equal(EPERM, sessions_ask(fx.ss, CALL, SESSION_START,
					     STEER_MODE_VIDEO, "app",
					     &reason));
	assert_string_equal("forbidden", reason);

	/* the extension's own line counts */
	fx.sc.policy = STEER_POLICY_DEMAND;
	fx.sc.mode   = STEER_MODE_VIDEO;
	start();
	assert_did("record ");
	assert_true(fx.prm.video);
	finish();
	assert_did("leave ");

	begin(&demand);
	fx.sc.policy = STEER_POLICY_OFF;
	assert_int_equal(EPERM, ask(SESSION_START, "app"));
	fx.sc.up = false;
	assert_int_equal(ENOTCONN, ask(SESSION_START, "app"));
	fx.gone = true;
	assert_int_equal(ENOENT, ask(SESSION_START, "app"));
	finish();
	assert_did("");
}


static void test_always(void **state)
{
	const char *reason;
	(void)state;

	begin(&always);
	fx.sc.up = false;
	look();
	pass(1000);
	assert_did("");
	fx.sc.up = true;
	look();
	pass(0);
	assert_did("prompt0 ");
	heard(PROMPT_PLAYED);
	pass(0);
	opened();
	assert_did("record [started] ");
	assert_string_equal("always", fx.prm.by);
	assert_true(fx.prm.video);

	/* not for users to end, but a card's number may be said */
	assert_int_equal(EPERM, ask(SESSION_STOP, "app"));
	assert_int_equal(EPERM, ask(SESSION_TOGGLE, "phone"));
	assert_int_equal(EPERM, sessions_ask(fx.ss, CALL, SESSION_STOP,
					     STEER_MODE_DEFAULT, "app",
					     &reason));
	assert_int_equal(0, ask(SESSION_PAUSE, "app"));
	assert_int_equal(0, ask(SESSION_RESUME, "app"));
	assert_did("pause [paused] resume [resumed] ");

	assert_int_equal(0, ask(SESSION_STOP, "console"));
	assert_did("stop [ended] ");

	/* and it stays so */
	look();
	pass(1000);
	assert_did("");
	finish();
}


/* A tone each so often, while it is recorded */
static void test_beep(void **state)
{
	const struct session_config cfg = {
		.policy = STEER_POLICY_DEMAND, .prompt = true, .beep = 15,
	};
	(void)state;

	begin(&cfg);
	start();
	heard(PROMPT_PLAYED);
	pass(0);
	pass(14999);
	assert_did("prompt0 record ");
	opened();
	assert_did("[started] ");
	pass(14999);
	assert_did("");
	pass(1);
	assert_did("beep ");

	/* one that is heard for long is not begun again */
	pass(15000);
	assert_did("");
	heard(PROMPT_PLAYED);
	pass(15000);
	assert_did("beep ");
	heard(PROMPT_FAILED);
	assert_did("");

	/* cannot be played: the next one may */
	fx.play_err = ENOMEM;
	pass(15000);
	fx.play_err = 0;
	pass(15000);
	assert_did("beep ");

	/* a prompt goes first */
	set_party(1, C, true);
	pass(0);
	assert_null(fx.beep);
	assert_did("pause [paused] prompt13 ");
	pass(60000);
	assert_did("");
	heard(PROMPT_PLAYED);
	pass(15000);
	assert_did("resume [resumed] beep ");

	assert_int_equal(0, ask(SESSION_PAUSE, "app"));
	heard(PROMPT_PLAYED);
	pass(60000);
	assert_did("pause [paused] ");
	assert_int_equal(0, sessions_due(fx.ss));
	finish();
}


static void test_resume_fails(void **state)
{
	(void)state;

	begin(&demand);
	start();
	opened();
	assert_int_equal(0, ask(SESSION_PAUSE, "app"));
	fx.resume_err = ENOMEM;
	assert_int_equal(0, ask(SESSION_RESUME, "app"));
	assert_did("record [started] pause [paused] stop [ended] ");
	finish();
}


static int print_all(struct re_printf *pf, const struct sessions *ss)
{
	return sessions_print(pf, ss, 0);
}


static int print_one(struct re_printf *pf, const struct sessions *ss)
{
	return sessions_print(pf, ss, CALL);
}


static void test_print(void **state)
{
	char buf[256];
	(void)state;

	begin(&always);
	(void)re_snprintf(buf, sizeof(buf), "%H", print_all, fx.ss);
	assert_string_equal("", buf);
	look();
	pass(0);
	(void)re_snprintf(buf, sizeof(buf), "%H", print_all, fx.ss);
	assert_string_equal("call 7: to be recorded, by always, a party is to"
			    " hear the prompt, with video\n", buf);
	heard(PROMPT_PLAYED);
	pass(0);
	opened();
	(void)re_snprintf(buf, sizeof(buf), "%H", print_all, fx.ss);
	assert_string_equal("", buf);
	(void)re_snprintf(buf, sizeof(buf), "%H", print_one, fx.ss);
	assert_string_equal("call 7: recording, by always, with video\n",
			    buf);
	(void)ask(SESSION_PAUSE, "console");
	(void)re_snprintf(buf, sizeof(buf), "%H", print_one, fx.ss);
	assert_string_equal("call 7: paused, by always, with video\n", buf);
	set_party(1, C, true);
	(void)re_snprintf(buf, sizeof(buf), "%H", print_all, fx.ss);
	assert_string_equal("call 7: paused, by always, a party is to hear"
			    " the prompt, with video\n", buf);
	(void)ask(SESSION_STOP, "console");
	(void)re_snprintf(buf, sizeof(buf), "%H", print_one, fx.ss);
	assert_string_equal("call 7: not recorded\n", buf);
	finish();
}


static void test_names(void **state)
{
	enum session_cmd cmd;
	(void)state;

	assert_int_equal(0, session_cmd_find(&cmd, "resume"));
	assert_int_equal(SESSION_RESUME, cmd);
	assert_int_equal(ENOENT, session_cmd_find(&cmd, "toggle"));
	assert_int_equal(ENOENT, session_cmd_find(&cmd, ""));
	assert_int_equal(EINVAL, session_cmd_find(&cmd, NULL));
	assert_string_equal("?", session_told_name((enum session_told)99));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_demand),
		cmocka_unit_test(test_forbidden),
		cmocka_unit_test(test_always),
		cmocka_unit_test(test_beep),
		cmocka_unit_test(test_resume_fails),
		cmocka_unit_test(test_print),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
