/**
 * @file connectycube_record/host/order.c  Who orders recordings, in a bridge
 *
 *   apps: action=record --+                       +--> capture.c
 *   phones: keys ---------+--> sessions.c --------+--> prompt, tone
 *   events of calls ------+    (from a timer)     +--> event=recording, SIP
 *   console, hub ---------+
 */
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "base/mono.h"
#include "base/uuid.h"
#include "peer/peer.h"
#include "cube/cube.h"
#include "call/command.h"
#include "call/event.h"
#include "observe.h"
#include "connectycube_record/record.h"
#include "connectycube_record/capture.h"
#include "connectycube_record/session.h"
#include "connectycube_record/host/order.h"


static struct {
	const struct observe *ob;
	struct recorder *rec;
	const struct record_config *cfg;
	struct sessions *ss;
	struct event_sub *sub;
	struct steer_action *action;
	struct command_set *commands;
	struct steer_keys *keys;
	struct steer_keys *pause_keys;
	struct soundfile *prompt_file; /* NULL=none is wanted */
	struct sound *prompt;   /* NULL=cannot be played */
	struct sound *beep;
	struct tmr tmr;         /* what sessions have to do */
} od;


/* --- what sessions do -------------------------------------------------- */


static uint64_t clock_handler(void *arg)
{
	(void)arg;

	return mono_ms();
}


static int get_call(struct steer_call *sc, uint32_t call, void *arg)
{
	(void)arg;

	return od.ob->get_call(sc, call);
}


static int play(void **playp, uint32_t call, uint32_t leg,
		enum session_sound sound, prompt_h *h, void *harg, void *arg)
{
	const bool beep = sound == SESSION_BEEP;
	struct sound *s = beep ? od.beep : od.prompt;
	struct prompt *p = NULL;
	int err;
	(void)arg;

	if (!s)
		return ENOENT;

	err = od.ob->play(&p, call, leg, beep ? PROMPT_ANY : PROMPT_ALL, s, h,
			  harg);
	if (!err)
		*playp = p;

	return err;
}


static int start(struct capture **capp, const struct capture_prm *prm,
		 capture_h *h, void *harg, void *arg)
{
	(void)arg;

	return capture_start(capp, od.rec, prm, h, harg);
}


static void wake(void *arg);


static void tell(uint32_t call, enum session_told told, const char *why,
		 void *arg)
{
	const struct cube_info infov[] = {
		{"state",  session_told_name(told)},
		{"reason", str_isset(why) ? why : NULL},
	};
	const enum steer_record state =
		told == SESSION_PAUSED ? STEER_RECORD_PAUSED :
		told == SESSION_STARTED || told == SESSION_RESUMED
		? STEER_RECORD_ON : STEER_RECORD_OFF;
	(void)arg;

	(void)od.ob->tell_app(call, "recording", infov, ARRAY_SIZE(infov));

	/* it was never told that it is on */
	if (od.cfg->tell == RECORD_TELL_OFF || told == SESSION_FAILED)
		return;

	(void)od.ob->tell_phone(call, state, od.cfg->tell == RECORD_TELL_SDP
				? STEER_TELL_SDP : STEER_TELL_INFO);
}


/* As of recordings that have a file; this one has an id alone, by which it is
   in the record of its call */
static void failed(uint32_t call, const struct capture_prm *prm,
		   const char *why, void *arg)
{
	struct event_progress p;
	char id[UUID_SIZE];
	(void)arg;

	memset(&p, 0, sizeof(p));
	uuid_make(id);
	(void)re_snprintf(p.target, sizeof(p.target), "%s.rec", id);
	str_ncpy(p.state, "failed", sizeof(p.state));
	str_ncpy(p.text,  why,      sizeof(p.text));
	str_ncpy(p.by,    prm->by,  sizeof(p.by));
	str_ncpy(p.mode, prm->video ? "video" : "audio", sizeof(p.mode));

	clog_warning("record: call %u is not recorded: %s\n", call, why);
	od.ob->record(call, &p);
}


static const struct session_ops ops = {
	.clock    = clock_handler,
	.wake     = wake,
	.get_call = get_call,
	.play     = play,
	.start    = start,
	.pause    = capture_pause,
	.resume   = capture_resume,
	.stop     = capture_stop,
	.leave    = capture_detach,
	.tell     = tell,
	.failed   = failed,
};


/* --- what they are told ------------------------------------------------ */


static void poll_handler(void *arg);


static void arm(void)
{
	const uint64_t due = sessions_due(od.ss), now = mono_ms();

	if (due)
		tmr_start(&od.tmr, due > now ? due - now : 0, poll_handler,
			  NULL);
	else
		tmr_cancel(&od.tmr);
}


static void wake(void *arg)
{
	(void)arg;

	arm();
}


static void poll_handler(void *arg)
{
	(void)arg;

	sessions_poll(od.ss);
	arm();
}


/* Whoever raised it is in the middle of it: what is played follows */
static void event_handler(const struct event *ev, void *arg)
{
	(void)arg;

	if (!ev->id)
		return;

	if (ev->type == EVENT_CALL_ENDED)
		sessions_over(od.ss, ev->id);
	else if (ev->type == EVENT_LEG_IDENTITY)
		sessions_other(od.ss, ev->id, ev->leg_num);
	else
		sessions_look(od.ss, ev->id);

	arm();
}


static void keys_handler(uint32_t call, uint32_t leg, void *arg)
{
	const enum session_cmd cmd = arg ? SESSION_TOGGLE_PAUSE
		: SESSION_TOGGLE;
	const char *reason = NULL;
	(void)leg;

	if (order_ask(call, cmd, STEER_MODE_DEFAULT, "phone", &reason))
		clog_info("record: call %u: keys of the phone: %s\n", call,
			  reason ? reason : "out of memory");
}


/* state=start|stop|pause|resume, and mode=audio|video for the first */
static int ask_words(uint32_t call, const char *state, const char *mode,
		     const char *by, const char **reasonp)
{
	enum steer_mode m = STEER_MODE_DEFAULT;
	enum session_cmd cmd;

	if (session_cmd_find(&cmd, state)) {
		*reasonp = "state: start, stop, pause or resume";
		return EINVAL;
	}

	if (mode && !str_casecmp(mode, "video")) {
		m = STEER_MODE_VIDEO;
	}
	else if (mode && !str_casecmp(mode, "audio")) {
		m = STEER_MODE_AUDIO;
	}
	else if (mode) {
		*reasonp = "mode: audio or video";
		return EINVAL;
	}

	return order_ask(call, cmd, m, by, reasonp);
}


static int action_handler(const struct steer_ask *ask, const char **reasonp,
			  void *arg)
{
	(void)arg;

	return ask_words(ask->call, od.ob->control_value(ask->ctl, "state"),
			 od.ob->control_value(ask->ctl, "mode"), "app",
			 reasonp);
}


/* `record` of the hub; what is not so far is busy */
static int command_handler(struct command_req *req, void *arg)
{
	const char *reason = NULL;
	uint64_t call = 0;
	int err;
	(void)arg;

	if (odict_get_number(req->params, &call, "call") &&
	    call <= UINT32_MAX) {
		err = ask_words((uint32_t)call,
				odict_string(req->params, "state"),
				odict_string(req->params, "mode"), "api",
				&reason);
	}
	else {
		err    = EINVAL;
		reason = "call: its number is missing";
	}

	if (reason)
		str_ncpy(req->why, reason, sizeof(req->why));

	return err == ENOTCONN || err == EALREADY ? EBUSY : err;
}


static const struct command commandv[] = {
	{"record", command_handler, NULL, false},
};


/**
 * Somebody wants something of a recording
 *
 * @param call    Number of the call
 * @param cmd     What
 * @param mode    Audio, or video, too; for a start
 * @param by      Who: app, phone, console, api
 * @param reasonp Set to why not (pointer)
 *
 * @return As of sessions_ask()
 */
int order_ask(uint32_t call, enum session_cmd cmd, enum steer_mode mode,
	      const char *by, const char **reasonp)
{
	const int err = sessions_ask(od.ss, call, cmd, mode, by, reasonp);

	arm();

	return err;
}


/**
 * Print what is recorded, or about to be
 *
 * @param pf Print function
 *
 * @return 0 if success, otherwise errorcode
 */
int order_print(struct re_printf *pf)
{
	return sessions_print(pf, od.ss, 0);
}


/**
 * Print what becomes of one call
 *
 * @param pf   Print function
 * @param call Its number
 *
 * @return 0 if success, otherwise errorcode
 */
int order_print_call(struct re_printf *pf, uint32_t call)
{
	return sessions_print(pf, od.ss, call);
}


/* --- start and end ----------------------------------------------------- */


/* Without it there are calls, but no recordings; one that was good stays */
static void prompt_handler(struct sound *s, const char *why, bool again,
			   void *arg)
{
	const char *file = od.cfg->prompt;
	(void)arg;

	if (!s) {
		clog_warning("%s: %s: %s; %s\n", od.cfg->prompt_at, file, why,
			     od.prompt ? "what it was before is played" :
			     "nothing is recorded without it");
		return;
	}

	mem_deref(od.prompt);
	od.prompt = mem_ref(s);
	if (again)
		clog_info("connectycube_record_prompt: %s has been read"
			  " again\n", file);
}


static int wait_for(struct steer_keys **kp, const char *key,
		    const char *keys, void *arg, char *why, size_t size)
{
	int err;

	if (!str_isset(keys))
		return 0;

	err = od.ob->keys(kp, keys, keys_handler, arg);
	if (err)
		(void)re_snprintf(why, size, "%s: %s", key, err == EALREADY
				  ? "other keys begin alike" : "wants 2 to 8"
				  " of 0-9, *, #, A-D");

	return err == EALREADY ? EINVAL : err;
}


/**
 * Take orders from now on
 *
 * @param ob   The bridge
 * @param rec  Makes recordings
 * @param cfg  Configuration; stays until order_stop()
 * @param why  Set to why it cannot
 * @param size Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int order_start(const struct observe *ob, struct recorder *rec,
		const struct record_config *cfg, char *why, size_t size)
{
	const struct session_config scfg = {
		.policy = cfg->calls == RECORD_ALWAYS ? STEER_POLICY_ALWAYS :
			cfg->calls == RECORD_ON_DEMAND ? STEER_POLICY_DEMAND :
			STEER_POLICY_OFF,
		.video = cfg->video,
		.prompt = cfg->prompt != NULL, .beep = cfg->beep,
	};
	static char pause;
	int err = 0;

	od.ob  = ob;
	od.rec = rec;
	od.cfg = cfg;

	if (cfg->prompt)
		err = ob->sound_file(&od.prompt_file, cfg->prompt,
				     prompt_handler, NULL);
	if (!err)
		err = ob->sound_spec(&od.beep, SESSION_BEEP_TONE);
	if (!err)
		err = sessions_alloc(&od.ss, &scfg, &ops, NULL);
	if (!err)
		err = ob->action(&od.action, "record", true, action_handler,
				 NULL);
	if (!err)
		err = ob->commands(&od.commands, commandv,
				   ARRAY_SIZE(commandv));
	if (!err)
		err = wait_for(&od.keys, "connectycube_record_keys",
			       cfg->keys, NULL, why, size);
	if (!err)
		err = wait_for(&od.pause_keys,
			       "connectycube_record_pause_keys",
			       cfg->pause_keys, &pause, why, size);
	if (!err)
		err = ob->subscribe(&od.sub, EVENT_CALL | EVENT_LEG |
				    EVENT_MEDIA | EVENT_TRANSFERS |
				    EVENT_QUALITIES, event_handler, NULL);
	if (err && !why[0])
		(void)re_snprintf(why, size, "%m", err);

	return err;
}


/**
 * Take no orders any more; recordings go on
 */
void order_stop(void)
{
	tmr_cancel(&od.tmr);
	mem_deref(od.sub);
	mem_deref(od.action);
	mem_deref(od.commands);
	mem_deref(od.keys);
	mem_deref(od.pause_keys);
	mem_deref(od.ss);
	mem_deref(od.prompt_file);
	mem_deref(od.prompt);
	mem_deref(od.beep);
	memset(&od, 0, sizeof(od));
}
