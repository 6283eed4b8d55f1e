/**
 * @file connectycube_record/sessions.c  Recordings of all calls, as wanted
 *
 * Pure. See session.h.
 */
#include <string.h>
#include <re.h>
#include "call/event.h"
#include "call/steer.h"
#include "capture.h"
#include "session.h"
#include "session_core.h"


static const char *const cmdv[] = {
	"start", "stop", "pause", "resume", "toggle", "toggle_pause"
};


static void destructor(void *data)
{
	struct session *s = data;

	list_unlink(&s->le);
	mem_deref(s->prompt);
	mem_deref(s->beep);
	if (s->cap)
		s->ss->ops->leave(s->cap);
}


static void all_destructor(void *data)
{
	struct sessions *ss = data;

	list_flush(&ss->l);
}


/**
 * Get the time
 *
 * @param ss Sessions
 *
 * @return Time [ms]
 */
uint64_t session_now(const struct sessions *ss)
{
	return ss->ops->clock(ss->arg);
}


/**
 * Find a command by its name
 *
 * @param cmd  Set to it
 * @param name Name: start, stop, pause, resume
 *
 * @return 0 if success, ENOENT
 */
int session_cmd_find(enum session_cmd *cmd, const char *name)
{
	size_t i;

	if (!cmd || !name)
		return EINVAL;

	for (i=0; i<=SESSION_RESUME; i++) {

		if (!str_casecmp(name, cmdv[i])) {
			*cmd = (enum session_cmd)i;
			return 0;
		}
	}

	return ENOENT;
}


/**
 * Name what is told of a recording
 *
 * @param told What
 *
 * @return Name
 */
const char *session_told_name(enum session_told told)
{
	static const char *const v[] = {
		"started", "paused", "resumed", "ended", "failed"
	};

	return (size_t)told < ARRAY_SIZE(v) ? v[told] : "?";
}


/**
 * Begin to look after calls
 *
 * @param ssp Pointer to sessions
 * @param cfg What holds for all; copied
 * @param ops What they do; must outlive them
 * @param arg Argument of those
 *
 * @return 0 if success, otherwise errorcode
 */
int sessions_alloc(struct sessions **ssp, const struct session_config *cfg,
		   const struct session_ops *ops, void *arg)
{
	struct sessions *ss;

	if (!ssp || !cfg || !ops)
		return EINVAL;

	ss = mem_zalloc(sizeof(*ss), all_destructor);
	if (!ss)
		return ENOMEM;

	ss->cfg = *cfg;
	ss->ops = ops;
	ss->arg = arg;
	*ssp = ss;

	return 0;
}


static struct session *find(const struct sessions *ss, uint32_t call)
{
	struct le *le;

	for (le = ss->l.head; le; le = le->next) {

		struct session *s = le->data;

		if (s->call == call)
			return s;
	}

	return NULL;
}


static struct session *get(struct sessions *ss, uint32_t call)
{
	struct session *s = find(ss, call);

	if (s)
		return s;

	s = mem_zalloc(sizeof(*s), destructor);
	if (!s)
		return NULL;

	s->ss   = ss;
	s->call = call;
	list_append(&ss->l, &s->le, s);

	return s;
}


static enum steer_policy policy_of(const struct sessions *ss,
				   const struct steer_call *sc)
{
	return sc->policy ? sc->policy : ss->cfg.policy;
}


/* All that is played or begun follows from the loop */
static void order(struct session *s, const struct steer_call *sc,
		  enum steer_mode wanted, const char *by)
{
	const enum steer_mode mode = wanted ? wanted : sc->mode;

	s->prm.call  = s->call;
	s->prm.by    = by;
	s->prm.video = mode ? mode == STEER_MODE_VIDEO : s->ss->cfg.video;
	s->state  = SESSION_ASKING;
	s->paused = false;

	session_look(s);
}


/**
 * Something has happened in a call: parties came, or went, or are up. Nothing
 * of the call is changed from within
 *
 * @param ss   Sessions
 * @param call Number of the call
 */
void sessions_look(struct sessions *ss, uint32_t call)
{
	struct steer_call sc;
	struct session *s;

	if (!ss)
		return;

	/* what is told before it ends is in its record */
	if (ss->ops->get_call(&sc, call, ss->arg)) {
		s = find(ss, call);
		if (s && s->state == SESSION_ASKING)
			sessions_over(ss, call);
		return;
	}

	if (!sc.up)
		return;

	s = get(ss, call);
	if (!s)
		return;

	if (!s->up) {
		s->up = true;
		if (policy_of(ss, &sc) == STEER_POLICY_ALWAYS)
			order(s, &sc, STEER_MODE_DEFAULT, "always");
		return;
	}

	session_look(s);
}


/**
 * Somebody else is behind a party of a call, as a PBX says that has transferred
 * it: he is asked as who comes. Nothing of the call is changed from within
 *
 * @param ss   Sessions
 * @param call Number of the call
 * @param leg  Number of the party
 */
void sessions_other(struct sessions *ss, uint32_t call, uint32_t leg)
{
	struct session *s = ss ? find(ss, call) : NULL;

	if (s)
		session_other(s, leg);
}


/**
 * A call is over. Its recording is, too, by itself
 *
 * @param ss   Sessions
 * @param call Number of the call
 */
void sessions_over(struct sessions *ss, uint32_t call)
{
	struct session *s = ss ? find(ss, call) : NULL;

	if (!s)
		return;

	if (s->state == SESSION_ASKING)
		ss->ops->failed(call, &s->prm, "the call was over before the"
				" prompt was heard", ss->arg);

	mem_deref(s);
}


/* What has begun by itself is stopped by nobody but the operator */
static const char *forbidden(const struct sessions *ss,
			     const struct steer_call *sc,
			     enum session_cmd cmd, const char *by)
{
	const enum steer_policy policy = policy_of(ss, sc);
	const bool user = !str_cmp(by, "app") || !str_cmp(by, "phone");

	if (policy != STEER_POLICY_DEMAND && policy != STEER_POLICY_ALWAYS)
		return "forbidden";

	return policy == STEER_POLICY_ALWAYS && user && cmd == SESSION_STOP
		? "forbidden: all calls are recorded" : NULL;
}


static int set_pause(struct session *s, bool on, const char **reasonp)
{
	if (s->state == SESSION_OFF) {
		*reasonp = "nothing is recorded";
		return ENOENT;
	}

	s->paused = on;
	session_set_pause(s);

	return 0;
}


static int start(struct session *s, const struct steer_call *sc,
		 enum steer_mode mode, const char *by, const char **reasonp)
{
	if (s->paused) {
		*reasonp = "it is paused: resume it";
		return EALREADY;
	}

	if (s->state == SESSION_OFF)
		order(s, sc, mode, by);

	return 0;
}


static int stop(struct session *s, const char *by)
{
	char why[32];

	if (s->state == SESSION_OFF)
		return 0;

	(void)re_snprintf(why, sizeof(why), "stopped by %s", by);
	session_stop(s, why);

	return 0;
}


/* What a key means depends on what is so */
static enum session_cmd resolve(enum session_cmd cmd, const struct session *s)
{
	switch (cmd) {

	case SESSION_TOGGLE:
		return s->state == SESSION_OFF ? SESSION_START : SESSION_STOP;

	case SESSION_TOGGLE_PAUSE:
		return s->paused ? SESSION_RESUME : SESSION_PAUSE;

	default:
		return cmd;
	}
}


/**
 * Somebody wants something of a recording. What is so already is no error
 *
 * @param ss      Sessions
 * @param call    Number of the call
 * @param cmd     What
 * @param mode    Audio, or video, too; for a start
 * @param by      Who: app, phone, console, api
 * @param reasonp Set to why not (pointer)
 *
 * @return 0 if it is done, or begun; ENOENT if there is no such call, or
 *         nothing is recorded; ENOTCONN if it is not up, EPERM if that may not
 *         be, EALREADY
 */
int sessions_ask(struct sessions *ss, uint32_t call, enum session_cmd cmd,
		 enum steer_mode mode, const char *by, const char **reasonp)
{
	struct steer_call sc;
	struct session *s;

	if (!ss || !by || !reasonp)
		return EINVAL;

	if (ss->ops->get_call(&sc, call, ss->arg)) {
		*reasonp = "no such call";
		return ENOENT;
	}

	if (!sc.up) {
		*reasonp = "the call is not answered yet";
		return ENOTCONN;
	}

	s = get(ss, call);
	if (!s)
		return ENOMEM;

	s->up = true;
	cmd = resolve(cmd, s);

	*reasonp = forbidden(ss, &sc, cmd, by);
	if (*reasonp)
		return EPERM;

	switch (cmd) {

	case SESSION_START:  return start(s, &sc, mode, by, reasonp);
	case SESSION_STOP:   return stop(s, by);
	case SESSION_PAUSE:  return set_pause(s, true, reasonp);
	case SESSION_RESUME: return set_pause(s, false, reasonp);
	default:             return EINVAL;
	}
}


/**
 * When sessions_poll() is to be called next
 *
 * @param ss Sessions
 *
 * @return Time [ms], perhaps in the past; 0=never
 */
uint64_t sessions_due(const struct sessions *ss)
{
	uint64_t due = 0;
	struct le *le;

	for (le = ss ? ss->l.head : NULL; le; le = le->next) {

		const struct session *s = le->data;

		if (s->due && (!due || s->due < due))
			due = s->due;
		if (s->beep_due && (!due || s->beep_due < due))
			due = s->beep_due;
	}

	return due;
}


/**
 * Do what is due. Not from inside a handler of the bridge
 *
 * @param ss Sessions
 */
void sessions_poll(struct sessions *ss)
{
	const uint64_t now = ss ? session_now(ss) : 0;
	struct le *le;

	for (le = ss ? ss->l.head : NULL; le; le = le->next) {

		struct session *s = le->data;

		if (s->due && s->due <= now)
			session_go_on(s);
		if (s->beep_due && s->beep_due <= now)
			session_beep(s);
	}
}


static int print(struct re_printf *pf, const struct session *s)
{
	const char *what = !s->open ? "to be recorded" :
		s->paused || s->waits ? "paused" : "recording";

	if (s->state == SESSION_OFF)
		return re_hprintf(pf, "call %u: not recorded\n", s->call);

	return re_hprintf(pf, "call %u: %s, by %s%s%s\n", s->call, what,
			  s->prm.by, s->waits ?
			  ", a party is to hear the prompt" : "",
			  s->prm.video ? ", with video" : "");
}


/**
 * Print what is about to be recorded, or waits for a party to hear the prompt:
 * a line each. What is recorded recorder_print() has
 *
 * @param pf   Print function
 * @param ss   Sessions
 * @param call Number of the only call that is to be printed, whatever it is;
 *             0=all
 *
 * @return 0 if success, otherwise errorcode
 */
int sessions_print(struct re_printf *pf, const struct sessions *ss,
		   uint32_t call)
{
	struct le *le;
	int err = 0;

	for (le = ss ? ss->l.head : NULL; le && !err; le = le->next) {

		const struct session *s = le->data;

		if (call ? s->call == call : s->state != SESSION_OFF &&
		    (!s->open || s->waits))
			err = print(pf, s);
	}

	return err;
}
