/**
 * @file test_consent.c  Nothing is kept of who has not heard the prompt
 */
#include "session_rig.h"


/* Nothing before all have heard it */
static void test_consent(void **state)
{
	(void)state;

	begin(&consent);
	start();
	assert_did("prompt0 ");
	start();
	pass(60000);
	assert_did("");

	heard(PROMPT_PLAYED);
	assert_did("");
	pass(0);
	opened();
	assert_did("record [started] ");

	/* the next one is asked for again */
	assert_int_equal(0, ask(SESSION_STOP, "app"));
	start();
	assert_did("stop [ended] prompt0 ");

	/* not wanted any more: it ends in the middle */
	assert_int_equal(0, ask(SESSION_STOP, "app"));
	assert_null(fx.play);
	assert_did("[ended] ");
	pass(1000);
	assert_did("");

	/* a pause that comes before it has begun */
	start();
	assert_int_equal(0, ask(SESSION_PAUSE, "app"));
	heard(PROMPT_PLAYED);
	pass(0);
	assert_true(fx.prm.paused);
	opened();
	assert_did("prompt0 record [started] [paused] ");
	assert_int_equal(0, ask(SESSION_RESUME, "app"));
	assert_did("resume [resumed] ");
	finish();
}


/* It fails closed */
static void test_consent_fails(void **state)
{
	(void)state;

	begin(&consent);
	fx.play_err = ENOENT;
	start();
	assert_did("failed [failed] ");
	pass(10000);
	look();
	assert_did("");

	fx.play_err = 0;
	start();
	heard(PROMPT_FAILED);
	assert_did("prompt0 failed [failed] ");
	pass(10000);
	assert_did("");

	start();
	heard(PROMPT_PLAYED);
	fx.start_err = ENOSPC;
	pass(0);
	assert_did("prompt0 failed [failed] ");
	fx.start_err = 0;

	/* the file cannot be made, which is known later */
	start();
	heard(PROMPT_PLAYED);
	pass(0);
	fx.recording = false;
	fx.cap.h(&fx.cap, CAPTURE_FAILED, "disk full", fx.cap.arg);
	assert_did("prompt0 record [failed] ");

	/* over before it is heard */
	start();
	fx.gone = true;
	heard(PROMPT_LEFT);
	sessions_over(fx.ss, CALL);
	assert_did("prompt0 failed ");
	sessions_over(fx.ss, CALL);
	finish();
	assert_did("");

	/* told as soon as that is known: its record is not closed yet */
	begin(&consent);
	start();
	fx.gone = true;
	look();
	assert_did("prompt0 failed ");
	look();
	sessions_over(fx.ss, CALL);
	finish();
	assert_did("");
}


/* Who comes hears it alone, and nothing is kept meanwhile */
static void test_new_party(void **state)
{
	(void)state;

	begin(&consent);
	start();
	heard(PROMPT_PLAYED);
	pass(0);
	opened();
	assert_did("prompt0 record [started] ");

	/* one leaves: that is no reason */
	fx.sc.partyc = 1;
	look();
	assert_did("");

	/* at once, before it has said anything */
	set_party(1, C, false);
	assert_did("pause [paused] ");
	pass(10);
	assert_did("");
	fx.sc.partyv[1].up = true;
	pass(200);
	assert_did("prompt13 ");
	heard(PROMPT_PLAYED);
	assert_did("resume [resumed] ");
	pass(1000);
	look();
	assert_did("");

	/* in a pause it stays paused */
	assert_int_equal(0, ask(SESSION_PAUSE, "app"));
	set_party(1, B, true);
	pass(0);
	assert_did("pause [paused] prompt12 ");
	assert_int_equal(0, ask(SESSION_RESUME, "app"));
	assert_did("");
	assert_int_equal(0, ask(SESSION_PAUSE, "app"));
	heard(PROMPT_PLAYED);
	assert_did("[paused] ");
	assert_int_equal(0, ask(SESSION_RESUME, "app"));
	assert_did("resume [resumed] ");

	/* it leaves in the middle of it, the next one is asked */
	set_party(1, C, true);
	pass(0);
	set_party(1, D, true);
	heard(PROMPT_LEFT);
	pass(0);
	assert_did("pause [paused] prompt13 prompt14 ");

	/* it does not hear it */
	heard(PROMPT_FAILED);
	assert_did("stop [ended] ");
	finish();
}


/* A PBX has put somebody else behind a party, and says so */
static void test_other_behind(void **state)
{
	(void)state;

	begin(&consent);
	sessions_other(fx.ss, CALL, A);
	start();

	/* while he who was there hears it */
	sessions_other(fx.ss, CALL, A);
	heard(PROMPT_PLAYED);
	fake_wake(NULL);
	pass(0);
	assert_did("prompt0 prompt11 ");
	heard(PROMPT_PLAYED);
	fake_wake(NULL);
	pass(0);
	opened();
	assert_did("record [started] ");

	/* nothing of him is kept before he has heard it */
	sessions_other(fx.ss, CALL, A);
	fake_wake(NULL);
	assert_did("pause [paused] ");
	pass(0);
	assert_did("prompt11 ");
	heard(PROMPT_PLAYED);
	assert_did("resume [resumed] ");
	sessions_other(fx.ss, CALL, 4711);
	sessions_other(fx.ss, CALL + 1, A);
	sessions_other(NULL, CALL, A);
	assert_did("");
	finish();

	/* without a prompt he is told */
	begin(&demand);
	start();
	opened();
	sessions_other(fx.ss, CALL, B);
	assert_did("record [started] [started] ");
	finish();
}


/* As often as the call is passed on */
static void test_many_parties(void **state)
{
	uint32_t leg;
	(void)state;

	begin(&consent);
	start();
	heard(PROMPT_PLAYED);
	pass(0);
	opened();
	assert_did("prompt0 record [started] ");

	for (leg=20; leg<20 + 3 * STEER_PARTIES; leg++) {

		char want[64];

		set_party(1, leg, true);
		pass(0);
		heard(PROMPT_PLAYED);
		pass(0);
		re_snprintf(want, sizeof(want), "pause [paused] prompt%u"
			    " resume [resumed] ", leg);
		assert_did(want);
	}

	finish();
}


/* There is no room for one of them: he is not passed over */
static void test_too_many_parties(void **state)
{
	(void)state;

	begin(&consent);
	fx.sc.more = true;
	start();
	assert_did("failed [failed] ");

	fx.sc.more = false;
	start();
	heard(PROMPT_PLAYED);
	pass(0);
	opened();
	assert_did("prompt0 record [started] ");

	fx.sc.more = true;
	look();
	assert_did("pause [paused] ");
	pass(100000);
	assert_did("");

	/* somebody of them takes the place of who leaves */
	set_party(1, C, true);
	pass(0);
	heard(PROMPT_PLAYED);
	pass(1000);
	assert_did("prompt13 ");
	fx.sc.more = false;
	look();
	assert_did("resume [resumed] ");
	finish();

	/* without a prompt they are no matter */
	begin(&demand);
	fx.sc.more = true;
	start();
	opened();
	assert_did("record [started] ");
	finish();
}


/* Without a prompt who comes is told that it is recorded */
static void test_greet(void **state)
{
	(void)state;

	begin(&demand);
	start();
	opened();
	assert_did("record [started] ");
	look();
	assert_did("");
	set_party(1, C, true);
	assert_did("[started] ");
	look();
	assert_did("");
	assert_int_equal(0, ask(SESSION_PAUSE, "app"));
	set_party(1, B, true);
	assert_did("pause [paused] [paused] ");
	finish();
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_consent),
		cmocka_unit_test(test_consent_fails),
		cmocka_unit_test(test_new_party),
		cmocka_unit_test(test_other_behind),
		cmocka_unit_test(test_many_parties),
		cmocka_unit_test(test_too_many_parties),
		cmocka_unit_test(test_greet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
