/**
 * @file connectycube_ami/host/waiting.c  Callers that wait at Asterisk, while
 *                                        apps ring for them
 *
 *   UserEvent --> ringing --accept--> Setvar BRIDGE_CALL, Redirect --> INVITE
 *                    |                                             (joined)
 *                    +--reject, time-out--> Redirect to a fallback, or Hangup
 *                    `--Hangup, answered elsewhere--> the app is told at once
 *
 * A channel rings apps once, whatever its dialplan says again: it is known
 * until it is gone.
 */
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "call/event.h"
#include "observe.h"
#include "connectycube_ami/message.h"
#include "connectycube_ami/table.h"
#include "connectycube_ami/session.h"
#include "connectycube_ami/client.h"
#include "connectycube_ami/order.h"
#include "connectycube_ami/detect.h"
#include "connectycube_ami/ami.h"
#include "connectycube_ami/host/answer.h"
#include "connectycube_ami/host/waiting.h"

#define VARIABLE "BRIDGE_CALL"


enum {
	WAITING_MAX = 1024,     /* channels that are known               */
	EARLY_MAX   = 64,       /* ... that were told of while the list of
				   channels came                         */
};

/** How far it is */
enum waiting_state {
	WAITING_RINGING = 0,
	WAITING_ACCEPTED,       /* Asterisk is to send it                */
	WAITING_DONE,           /* nothing is done with it any more      */
};

/** A channel that waits, or has waited */
struct waiting {
	struct le le;           /* member of all */
	struct ami_detected d;  /* who waits, for whom */
	char id[AMI_ID_SIZE];   /* Uniqueid, which stays when it is renamed */
	struct await *await;    /* the apps' call (owned), NULL=none */
	enum waiting_state state;
	bool up;                /* it was answered before */
};

static struct {
	const struct observe *observe;
	const struct ami_config *cfg; /* (pointer) */
	struct ami_client *client; /* (pointer) */
	struct list waitingl;   /* struct waiting (owned) */
	struct list earlyl;     /* the same, not looked at yet */
	char other[AMI_URI_SIZE]; /* whom the last one wanted that is not ours */
} wt;


static void destructor(void *data)
{
	struct waiting *w = data;

	list_unlink(&w->le);
	ami_session_forget(ami_client_session(wt.client), w);
	mem_deref(w->await);
}


static struct waiting *find(const char *id)
{
	struct le *le;

	for (le = wt.waitingl.head; le; le = le->next) {

		struct waiting *w = le->data;

		if (!str_cmp(w->id, id))
			return w;
	}

	return NULL;
}


static bool has_id(const struct ami_channel *chan, void *arg)
{
	return !chan->gone && !str_cmp(chan->id, arg);
}


/* As it is called now */
static const char *channel(struct waiting *w)
{
	const struct ami_channel *chan;

	chan = ami_table_apply(ami_session_table(ami_client_session(
						 wt.client)), has_id, w->id);

	return chan ? chan->name : w->d.channel;
}


/* --- nobody takes it --------------------------------------------------- */


static void away_handler(int err, const struct ami_message *msg,
			 const char *why, void *arg)
{
	struct waiting *w = arg;
	(void)msg;

	if (err)
		clog_warning("ami: %s, that nobody has taken, cannot be sent"
			     " away: %s\n", w->d.channel, why);
}


static int send_away(struct waiting *w, const struct await_over *over)
{
	struct ami_redirect r = {.channel = channel(w)};
	const uint32_t cause = ami_cause_of(over->reason);
	char buf[128];

	if (over->forward && ami_word_is_sane(over->forward)) {
		r.to.context = wt.cfg->context;
		r.to.exten   = over->forward;
	}
	else if (wt.cfg->fallback) {
		answer_split(&r.to, buf, sizeof(buf), wt.cfg->fallback,
			  w->d.user);
	}
	else {
		clog_info("ami: %s: %s: hung up (cause %u)\n", r.channel,
			  over->why, cause);
		return ami_hangup(wt.client, r.channel, cause, away_handler,
				  w);
	}

	clog_info("ami: %s: %s: sent to %s@%s\n", r.channel, over->why,
		  r.to.exten, r.to.context);

	return ami_redirect(wt.client, &r, away_handler, w);
}


static void over_handler(const struct await_over *over, void *arg)
{
	struct waiting *w = arg;
	int err;

	w->state = WAITING_DONE;
	err = send_away(w, over);
	if (err)
		clog_warning("ami: %s cannot be sent away: %m\n",
			     w->d.channel, err);
}


/* Asterisk does not do its part */
static void failed(struct waiting *w, const char *what, const char *why)
{
	const struct await_over over = {
		.reason = END_UPSTREAM, .why = "not sent to the app"
	};
	char text[EVENT_TEXT];

	(void)re_snprintf(text, sizeof(text), "Asterisk: %s: %s", what, why);
	clog_warning("ami: %s, that an app has accepted: %s\n",
		     w->d.channel, text);

	wt.observe->await_end(w->await, END_UPSTREAM, text);
	over_handler(&over, w);
}


/* --- an app takes it --------------------------------------------------- */


static void redirect_handler(int err, const struct ami_message *msg,
			     const char *why, void *arg)
{
	struct waiting *w = arg;
	(void)msg;

	/* it may come nevertheless: how long it is awaited is known */
	if (err == ENOTCONN || err == ETIMEDOUT)
		clog_warning("ami: %s: Redirect: %s\n", w->d.channel, why);
	else if (err && w->state == WAITING_ACCEPTED)
		failed(w, "Redirect", why);
}


static void setvar_handler(int err, const struct ami_message *msg,
			   const char *why, void *arg)
{
	struct waiting *w = arg;
	struct ami_redirect r;
	char buf[128], text[64];
	(void)msg;

	if (w->state != WAITING_ACCEPTED)
		return;

	if (err) {
		failed(w, "Setvar", why);
		return;
	}

	memset(&r, 0, sizeof(r));
	r.channel = channel(w);
	answer_split(&r.to, buf, sizeof(buf), wt.cfg->accepted, w->d.user);
	clog_info("ami: %s: accepted: sent to %s@%s\n", r.channel, r.to.exten,
		  r.to.context);

	err = ami_redirect(wt.client, &r, redirect_handler, w);
	if (err) {
		(void)re_snprintf(text, sizeof(text), "%m", err);
		failed(w, "Redirect", text);
	}
}


/* He talks at another phone: the app's part is done */
static void answered_handler(int err, const struct ami_message *msg,
			     const char *why, void *arg)
{
	struct waiting *w = arg;
	(void)msg;

	if (w->state != WAITING_ACCEPTED)
		return;

	if (err) {
		failed(w, "Redirect", why);
		return;
	}

	w->state = WAITING_DONE;
	wt.observe->await_end(w->await, END_TRANSFERRED,
			      "the caller is sent to another phone");
}


/* No SIP here: to the number that the app names, or the desk phone */
static void send_elsewhere(struct waiting *w, const char *number)
{
	const char *at = strchr(wt.cfg->accepted, '@');
	const struct answer_env env = {
		wt.observe, wt.cfg->context, at ? at + 1 : NULL
	};
	struct answer_place place;
	struct ami_redirect r = {
		.channel = channel(w), .to = {place.context, place.exten}
	};
	int err;

	err = answer_find(&place, &env, w->d.user, number);
	if (!err) {
		clog_info("ami: %s: accepted: sent to %s@%s\n", r.channel,
			  place.exten, place.context);
		err = ami_redirect(wt.client, &r, answered_handler, w);
	}
	if (err)
		failed(w, "Redirect", err == ENOTCONN ?
		       "its manager is away" : strerror(err));
}


static void accepted_handler(const struct await_accepted *acc, void *arg)
{
	const struct ami_variable var = {VARIABLE, acc->token};
	struct waiting *w = arg;
	int err;

	w->state = WAITING_ACCEPTED;
	if (!wt.observe->has_sip()) {
		send_elsewhere(w, acc->answer);
		return;
	}

	err = ami_setvar(wt.client, channel(w), &var, setvar_handler, w);
	if (err)
		failed(w, "Setvar", err == ENOTCONN ?
		       "its manager is away" : strerror(err));
}


static void joined_handler(void *arg)
{
	struct waiting *w = arg;

	w->state = WAITING_DONE;
}


/* --- somebody waits ---------------------------------------------------- */


/* Returns false if it is of no use */
static bool ring(struct waiting *w)
{
	static const struct await_handlers h = {
		accepted_handler, joined_handler, over_handler
	};
	const struct ami_channel *chan;
	struct await_prm prm = {
		.to = w->d.to, .name = w->d.name, .number = w->d.number,
		.uri = w->d.uri[0] ? w->d.uri : NULL,
		.channel = w->d.channel, .by_message = wt.cfg->by_message,
	};
	int err;

	chan = ami_table_find(ami_session_table(ami_client_session(
						wt.client)), w->d.channel);
	if (!chan || chan->gone) {
		clog_info("ami: %s waits for %s, but has gone\n",
			  w->d.channel, w->d.to);
		return false;
	}

	if (find(chan->id)) {
		clog_debug("ami: %s waits for %s: told before\n",
			   w->d.channel, w->d.to);
		return false;
	}

	if (list_count(&wt.waitingl) >= WAITING_MAX) {
		clog_warning("ami: %s waits for %s, but so do %u others\n",
			     w->d.channel, w->d.to, WAITING_MAX);
		return false;
	}

	str_ncpy(w->id, chan->id, sizeof(w->id));
	w->up = chan->state == AMI_UP;
	prm.linked = chan->linked;

	err = wt.observe->await(&w->await, &prm, &h, w);
	if (err == ENOENT)
		str_ncpy(wt.other, w->d.to, sizeof(wt.other));
	else if (err)
		clog_warning("ami: %s waits for %s: %m\n", w->d.channel,
			     w->d.to, err);
	else
		clog_info("ami: %s (%s) waits for %s\n", w->d.channel,
			  w->d.number[0] ? w->d.number : "without a number",
			  w->d.to);

	return !err;
}


/**
 * Something was told: is it that somebody waits?
 *
 * @param msg Event
 */
void waiting_event(const struct ami_message *msg)
{
	const struct ami_session *s = ami_client_session(wt.client);
	struct ami_detected d;
	const char *why;
	struct waiting *w;

	switch (ami_detect(&d, msg, &why)) {

	case 0:
		break;

	case EBADMSG:
		clog_warning("ami: UserEvent BridgeCall: %s\n", why);
		return;

	default:
		return;
	}

	w = mem_zalloc(sizeof(*w), destructor);
	if (!w)
		return;

	w->d = d;

	/* its channel may come with the list */
	if (ami_session_state(s) != AMI_READY) {
		if (list_count(&wt.earlyl) >= EARLY_MAX)
			mem_deref(list_ledata(wt.earlyl.head));
		list_append(&wt.earlyl, &w->le, w);
	}
	else if (ring(w)) {
		list_append(&wt.waitingl, &w->le, w);
	}
	else {
		mem_deref(w);
	}
}


/**
 * Asterisk can be asked, or not any more. Whoever waits goes on to: his
 * dialplan knows how long
 *
 * @param ready It can
 */
void waiting_ready(bool ready)
{
	while (wt.earlyl.head) {

		struct waiting *w = wt.earlyl.head->data;

		list_unlink(&w->le);
		if (ready && ring(w))
			list_append(&wt.waitingl, &w->le, w);
		else
			mem_deref(w);
	}
}


/**
 * A channel has changed: who waits may have hung up, or talk to somebody else
 *
 * @param chan   Channel
 * @param change What has become of it
 */
void waiting_changed(const struct ami_channel *chan, enum ami_change change)
{
	struct waiting *w = wt.waitingl.head ? find(chan->id) : NULL;

	if (!w)
		return;

	if (change == AMI_HUNG_UP) {
		if (w->state != WAITING_DONE)
			wt.observe->await_end(w->await, END_CANCELED,
					      "the caller has hung up");
		mem_deref(w);
	}
	else if (w->state == WAITING_RINGING &&
		 (change == AMI_BRIDGED ||
		  (change == AMI_ANSWERED && !w->up))) {
		w->state = WAITING_DONE;
		wt.observe->await_end(w->await, END_ELSEWHERE,
				      "answered elsewhere");
	}
}


/**
 * Go through the channels that wait, as long as an app's call is about them
 *
 * @param h   Called for each
 * @param arg Its argument
 *
 * @return Whom the last one wanted that is not ours, "" if there was none
 */
const char *waiting_apply(waiting_h *h, void *arg)
{
	struct le *le;

	for (le = wt.waitingl.head; le; le = le->next) {
		const struct waiting *w = le->data;

		if (w->state != WAITING_DONE)
			h(w->id, w->state == WAITING_ACCEPTED, arg);
	}

	return wt.other;
}


/**
 * Begin to watch for callers that wait
 *
 * @param ob     The bridge
 * @param cfg    Configuration; stays until waiting_stop()
 * @param client Asterisk; the same
 */
void waiting_start(const struct observe *ob, const struct ami_config *cfg,
		   struct ami_client *client)
{
	wt.observe = ob;
	wt.cfg     = cfg;
	wt.client  = client;
}


/**
 * The end: apps stop ringing
 */
void waiting_stop(void)
{
	list_flush(&wt.waitingl);
	list_flush(&wt.earlyl);
	memset(&wt, 0, sizeof(wt));
}
