/**
 * @file test_session.c  Who is recorded when: consent, pauses, parties
 *
 * The bridge and the recordings are fakes: what is done is written down, and
 * the test says when it is through.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>
#include "call/event.h"
#include "call/steer.h"
#include "connectycube_record/capture.h"
#include "connectycube_record/session.h"


enum { CALL = 7, A = 11, B = 12, C = 13, D = 14 };

/** A sound that is being played */
struct fake_play {
	uint32_t leg;
	enum session_sound sound;
	prompt_h *h;
	void *arg;
};

struct capture {
	bool paused;
	capture_h *h;
	void *arg;
};

static struct {
	struct sessions *ss;
	struct steer_call sc;
	bool gone;              /* the call is */
	uint64_t now;
	uint64_t due;           /* the bridge was last told */
	char log[512];          /* what was done */
	struct fake_play *play; /* the prompt */
	struct fake_play *beep;
	int play_err, start_err, resume_err;
	struct capture cap;     /* the only one */
	bool recording;
	struct capture_prm prm;
} fx;


static void did(const char *fmt, ...)
{
	const size_t n = strlen(fx.log);
	va_list ap;

	va_start(ap, fmt);
	(void)re_vsnprintf(fx.log + n, sizeof(fx.log) - n, fmt, ap);
	va_end(ap);
}


/* What was done since it was asked last */
static void assert_did(const char *want)
{
	assert_string_equal(want, fx.log);
	fx.log[0] = '\0';
}


static uint64_t fake_clock(void *arg)
{
	(void)arg;

	return fx.now;
}


static void fake_wake(void *arg)
{
	(void)arg;

	fx.due = sessions_due(fx.ss);
}


static int fake_get(struct steer_call *sc, uint32_t call, void *arg)
{
	(void)arg;

	if (call != CALL || fx.gone)
		return ENOENT;

	*sc = fx.sc;

	return 0;
}


static void play_destructor(void *data)
{
	struct fake_play *p = data;

	if (fx.play == p)
		fx.play = NULL;
	if (fx.beep == p)
		fx.beep = NULL;
}


static int fake_play(void **playp, uint32_t call, uint32_t leg,
		     enum session_sound sound, prompt_h *h, void *harg,
		     void *arg)
{
	struct fake_play *p;
	(void)arg;

	assert_int_equal(CALL, call);
	if (fx.play_err)
		return fx.play_err;

	p = mem_zalloc(sizeof(*p), play_destructor);
	assert_non_null(p);
	*p = (struct fake_play){leg, sound, h, harg};

	if (sound == SESSION_BEEP) {
		assert_null(fx.beep);
		fx.beep = p;
		did("beep ");
	}
	else {
		assert_null(fx.play);
		fx.play = p;
		did("prompt%u ", leg);
	}

	*playp = p;

	return 0;
}


static int fake_start(struct capture **capp, const struct capture_prm *prm,
		      capture_h *h, void *harg, void *arg)
{
	(void)arg;

	/* one at a time, and never while somebody hears the prompt */
	assert_false(fx.recording);
	assert_null(fx.play);
	if (fx.start_err)
		return fx.start_err;

	fx.recording  = true;
	fx.prm        = *prm;
	fx.cap.paused = prm->paused;
	fx.cap.h      = h;
	fx.cap.arg    = harg;
	*capp = &fx.cap;
	did("record ");

	return 0;
}


static int fake_pause(struct capture *cap)
{
	assert_ptr_equal(cap, &fx.cap);
	if (cap->paused)
		return EALREADY;

	cap->paused = true;
	did("pause ");

	return 0;
}


static int fake_resume(struct capture *cap)
{
	assert_ptr_equal(cap, &fx.cap);
	if (!cap->paused)
		return EALREADY;
	if (fx.resume_err)
		return fx.resume_err;

	cap->paused = false;
	did("resume ");

	return 0;
}


static void fake_stop(struct capture *cap, const char *why)
{
	assert_ptr_equal(cap, &fx.cap);
	assert_true(fx.recording);
	assert_non_null(why);
	fx.recording = false;
	cap->h = NULL;
	did("stop ");
}


static void fake_leave(struct capture *cap)
{
	cap->h = NULL;
	did("leave ");
}


static void fake_tell(uint32_t call, enum session_told told, const char *why,
		      void *arg)
{
	(void)arg;

	assert_int_equal(CALL, call);
	assert_true(told < SESSION_ENDED || why);
	did("[%s] ", session_told_name(told));
}


static void fake_failed(uint32_t call, const struct capture_prm *prm,
			const char *why, void *arg)
{
	(void)arg;

	assert_int_equal(CALL, call);
	assert_int_equal(CALL, prm->call);
	assert_true(str_isset(why));
	did("failed ");
}


static const struct session_ops ops = {
	.clock    = fake_clock,
	.wake     = fake_wake,
	.get_call = fake_get,
	.play     = fake_play,
	.start    = fake_start,
	.pause    = fake_pause,
	.resume   = fake_resume,
	.stop     = fake_stop,
	.leave    = fake_leave,
	.tell     = fake_tell,
	.failed   = fake_failed,
};


/* --- what happens ------------------------------------------------------ */


static void begin(const struct session_config *cfg)
{
	memset(&fx, 0, sizeof(fx));
	fx.now = 1000000;
	fx.sc.up = true;
	fx.sc.partyc = 2;
	fx.sc.partyv[0] = (struct steer_party){A, EVENT_PHONE, true};
	fx.sc.partyv[1] = (struct steer_party){B, EVENT_APP, true};
	assert_int_equal(0, sessions_alloc(&fx.ss, cfg, &ops, NULL));
}


static void finish(void)
{
	fx.ss = mem_deref(fx.ss);
	assert_null(fx.play);
	assert_null(fx.beep);
}


static void pass(uint32_t ms)
{
	fx.now += ms;
	if (fx.due && fx.due <= fx.now) {
		sessions_poll(fx.ss);
		fake_wake(NULL);
	}
	assert_int_equal(fx.due, sessions_due(fx.ss));
}


static void look(void)
{
	sessions_look(fx.ss, CALL);
	fake_wake(NULL);
}


static int ask(enum session_cmd cmd, const char *by)
{
	const char *reason = NULL;
	const int err = sessions_ask(fx.ss, CALL, cmd,
				     STEER_MODE_DEFAULT, by, &reason);

	fake_wake(NULL);
	assert_true(!err == !reason);

	return err;
}


/* What is played is through, or not */
static void heard(enum prompt_end end)
{
	struct fake_play *p = fx.play ? fx.play : fx.beep;

	assert_non_null(p);
	p->h(end, end ? "somebody holds" : NULL, p->arg);
	assert_null(p == fx.play ? fx.play : NULL);
}


static void opened(void)
{
	assert_non_null(fx.cap.h);
	fx.cap.h(&fx.cap, fx.cap.paused ? CAPTURE_PAUSED : CAPTURE_ON, "",
		 fx.cap.arg);
}


static void start(void)
{
	assert_int_equal(0, ask(SESSION_START, "app"));
	pass(0);
}


/* --- tests ------------------------------------------------------------- */


static const struct session_config demand = {
	.policy = STEER_POLICY_DEMAND,
};
static const struct session_config consent = {
	.policy = STEER_POLICY_DEMAND, .prompt = true,
};
static const struct session_config always = {
	.policy = STEER_POLICY_ALWAYS, .prompt = true, .video = true,
};


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
}


static void set_party(size_t i, uint32_t leg, bool up)
{
	fx.sc.partyv[i].leg = leg;
	fx.sc.partyv[i].up  = up;
	if (fx.sc.partyc <= i)
		fx.sc.partyc = i + 1;
	look();
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
		cmocka_unit_test(test_consent),
		cmocka_unit_test(test_consent_fails),
		cmocka_unit_test(test_new_party),
		cmocka_unit_test(test_other_behind),
		cmocka_unit_test(test_many_parties),
		cmocka_unit_test(test_too_many_parties),
		cmocka_unit_test(test_greet),
		cmocka_unit_test(test_always),
		cmocka_unit_test(test_beep),
		cmocka_unit_test(test_resume_fails),
		cmocka_unit_test(test_print),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
