/**
 * @file connectycube_ami/host/waitingdo.c  What becomes of callers that wait
 *                                          at Asterisk
 *
 * See waiting.c.
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
#include "connectycube_ami/host/waiting_core.h"

#define VARIABLE "BRIDGE_CALL"


static bool has_id(const struct ami_channel *chan, void *arg)
{
	return !chan->gone && !str_cmp(chan->id, arg);
}


/* As it is called now */
static const char *channel(struct waiting *w)
{
	const struct ami_channel *chan;

	chan = ami_table_apply(ami_session_table(ami_client_session(
						 waits.client)), has_id, w->id);

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
		r.to.context = waits.cfg->context;
		r.to.exten   = over->forward;
	}
	else if (waits.cfg->fallback) {
		answer_split(&r.to, buf, sizeof(buf), waits.cfg->fallback,
			  w->d.user);
	}
	else {
		clog_info("ami: %s: %s: hung up (cause %u)\n", r.channel,
			  over->why, cause);
		return ami_hangup(waits.client, r.channel, cause, away_handler,
				  w);
	}

	clog_info("ami: %s: %s: sent to %s@%s\n", r.channel, over->why,
		  r.to.exten, r.to.context);

	return ami_redirect(waits.client, &r, away_handler, w);
}


static void finish(struct waiting *w, const struct await_over *over)
{
	int err;

	w->state = WAITING_DONE;
	err = send_away(w, over);
	if (err)
		clog_warning("ami: %s cannot be sent away: %m\n",
			     w->d.channel, err);
}


/**
 * The app's call is over
 *
 * @param over How
 * @param arg  Who waits
 */
void waiting_over(const struct await_over *over, void *arg)
{
	struct waiting *w = arg;

	/* without SIP that is all of it: he is on the way to another phone,
	   which the app may know before we do */
	if (w->state == WAITING_SENT && !waits.observe->has_sip())
		return;

	finish(w, over);
}


/**
 * This process ends: he is sent away, if Asterisk can be told so
 *
 * @param w Who waits
 */
void waiting_shutdown(struct waiting *w)
{
	const struct await_over over = {
		.reason = END_SHUTDOWN, .why = "the bridge ends"
	};

	waits.observe->await_end(w->await, over.reason, over.why);
	finish(w, &over);
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

	waits.observe->await_end(w->await, END_UPSTREAM, text);
	finish(w, &over);
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
	else if (err && w->state == WAITING_SENT)
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
	answer_split(&r.to, buf, sizeof(buf), waits.cfg->accepted, w->d.user);
	clog_info("ami: %s: accepted: sent to %s@%s\n", r.channel, r.to.exten,
		  r.to.context);

	w->state = WAITING_SENT;
	err = ami_redirect(waits.client, &r, redirect_handler, w);
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

	if (w->state != WAITING_SENT)
		return;

	if (err) {
		failed(w, "Redirect", why);
		return;
	}

	w->state = WAITING_DONE;
	waits.observe->await_end(w->await, END_TRANSFERRED,
			      "the caller is sent to another phone");
}


/* No SIP here: to the number that the app names, or the desk phone */
static void send_elsewhere(struct waiting *w, const char *number)
{
	const char *at = strchr(waits.cfg->accepted, '@');
	const struct answer_env env = {
		waits.observe, waits.cfg->context, at ? at + 1 : NULL
	};
	struct answer_place place;
	struct ami_redirect r = {
		.channel = channel(w), .to = {place.context, place.exten}
	};
	int err;

	w->state = WAITING_SENT;
	err = answer_find(&place, &env, w->d.user, number);
	if (!err) {
		clog_info("ami: %s: accepted: sent to %s@%s\n", r.channel,
			  place.exten, place.context);
		err = ami_redirect(waits.client, &r, answered_handler, w);
	}
	if (err)
		failed(w, "Redirect", err == ENOTCONN ?
		       "its manager is away" : strerror(err));
}


/**
 * An app takes who waits
 *
 * @param acc Token, and where its user answers
 * @param arg Who waits
 */
void waiting_accepted(const struct await_accepted *acc, void *arg)
{
	const struct ami_variable var = {VARIABLE, acc->token};
	struct waiting *w = arg;
	int err;

	w->state = WAITING_ACCEPTED;
	if (!waits.observe->has_sip()) {
		send_elsewhere(w, acc->answer);
		return;
	}

	err = ami_setvar(waits.client, channel(w), &var, setvar_handler, w);
	if (err)
		failed(w, "Setvar", err == ENOTCONN ?
		       "its manager is away" : strerror(err));
}


/**
 * Who waited has come
 *
 * @param arg Who waits
 */
void waiting_joined(void *arg)
{
	struct waiting *w = arg;

	w->state = WAITING_DONE;
}
