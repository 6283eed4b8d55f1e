/**
 * @file session_rig.h  Calls of which is recorded what somebody wants
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


static inline void did(const char *fmt, ...)
{
	const size_t n = strlen(fx.log);
	va_list ap;

	va_start(ap, fmt);
	(void)re_vsnprintf(fx.log + n, sizeof(fx.log) - n, fmt, ap);
	va_end(ap);
}


/* What was done since it was asked last */
static inline void assert_did(const char *want)
{
	assert_string_equal(want, fx.log);
	fx.log[0] = '\0';
}


static inline uint64_t fake_clock(void *arg)
{
	(void)arg;

	return fx.now;
}


static inline void fake_wake(void *arg)
{
	(void)arg;

	fx.due = sessions_due(fx.ss);
}


static inline int fake_get(struct steer_call *sc, uint32_t call, void *arg)
{
	(void)arg;

	if (call != CALL || fx.gone)
		return ENOENT;

	*sc = fx.sc;

	return 0;
}


static inline void play_destructor(void *data)
{
	struct fake_play *p = data;

	if (fx.play == p)
		fx.play = NULL;
	if (fx.beep == p)
		fx.beep = NULL;
}


static inline int fake_play(void **playp, uint32_t call, uint32_t leg,
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


static inline int fake_start(struct capture **capp,
			     const struct capture_prm *prm, capture_h *h,
			     void *harg, void *arg)
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


static inline int fake_pause(struct capture *cap)
{
	assert_ptr_equal(cap, &fx.cap);
	if (cap->paused)
		return EALREADY;

	cap->paused = true;
	did("pause ");

	return 0;
}


static inline int fake_resume(struct capture *cap)
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


static inline void fake_stop(struct capture *cap, const char *why)
{
	assert_ptr_equal(cap, &fx.cap);
	assert_true(fx.recording);
	assert_non_null(why);
	fx.recording = false;
	cap->h = NULL;
	did("stop ");
}


static inline void fake_leave(struct capture *cap)
{
	cap->h = NULL;
	did("leave ");
}


static inline void fake_tell(uint32_t call, enum session_told told,
			     const char *why, void *arg)
{
	(void)arg;

	assert_int_equal(CALL, call);
	assert_true(told < SESSION_ENDED || why);
	did("[%s] ", session_told_name(told));
}


static inline void fake_failed(uint32_t call, const struct capture_prm *prm,
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


static inline void begin(const struct session_config *cfg)
{
	memset(&fx, 0, sizeof(fx));
	fx.now = 1000000;
	fx.sc.up = true;
	fx.sc.partyc = 2;
	fx.sc.partyv[0] = (struct steer_party){A, EVENT_PHONE, true};
	fx.sc.partyv[1] = (struct steer_party){B, EVENT_APP, true};
	assert_int_equal(0, sessions_alloc(&fx.ss, cfg, &ops, NULL));
}


static inline void finish(void)
{
	fx.ss = mem_deref(fx.ss);
	assert_null(fx.play);
	assert_null(fx.beep);
}


static inline void pass(uint32_t ms)
{
	fx.now += ms;
	if (fx.due && fx.due <= fx.now) {
		sessions_poll(fx.ss);
		fake_wake(NULL);
	}
	assert_int_equal(fx.due, sessions_due(fx.ss));
}


static inline void look(void)
{
	sessions_look(fx.ss, CALL);
	fake_wake(NULL);
}


static inline int ask(enum session_cmd cmd, const char *by)
{
	const char *reason = NULL;
	const int err = sessions_ask(fx.ss, CALL, cmd,
				     STEER_MODE_DEFAULT, by, &reason);

	fake_wake(NULL);
	assert_true(!err == !reason);

	return err;
}


/* What is played is through, or not */
static inline void heard(enum prompt_end end)
{
	struct fake_play *p = fx.play ? fx.play : fx.beep;

	assert_non_null(p);
	p->h(end, end ? "somebody holds" : NULL, p->arg);
	assert_null(p == fx.play ? fx.play : NULL);
}


static inline void opened(void)
{
	assert_non_null(fx.cap.h);
	fx.cap.h(&fx.cap, fx.cap.paused ? CAPTURE_PAUSED : CAPTURE_ON, "",
		 fx.cap.arg);
}


static inline void start(void)
{
	assert_int_equal(0, ask(SESSION_START, "app"));
	pass(0);
}


static const struct session_config demand = {
	.policy = STEER_POLICY_DEMAND,
};
static const struct session_config consent = {
	.policy = STEER_POLICY_DEMAND, .prompt = true,
};
static const struct session_config always = {
	.policy = STEER_POLICY_ALWAYS, .prompt = true, .video = true,
};


static inline void set_party(size_t i, uint32_t leg, bool up)
{
	fx.sc.partyv[i].leg = leg;
	fx.sc.partyv[i].up  = up;
	if (fx.sc.partyc <= i)
		fx.sc.partyc = i + 1;
	look();
}
