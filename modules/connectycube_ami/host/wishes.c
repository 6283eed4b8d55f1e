/**
 * @file connectycube_ami/host/wishes.c  Apps steer an Asterisk
 *
 *   app: action=ami_* --> wish.c (may he?) --> order.c --> Asterisk
 *        event=done, error <-------------------------------'
 *        event=ami_call  <-- dialling.c: what becomes of a call that was begun
 *        event=ami_channel: one each, before the `done` of ami_channels
 *
 * docs/APPS.md tells app developers what there is.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "base/mono.h"
#include "base/text.h"
#include "peer/peer.h"
#include "cube/cube.h"
#include "cube/control.h"
#include "call/event.h"
#include "observe.h"
#include "connectycube_ami/message.h"
#include "connectycube_ami/table.h"
#include "connectycube_ami/session.h"
#include "connectycube_ami/client.h"
#include "connectycube_ami/order.h"
#include "connectycube_ami/rights.h"
#include "connectycube_ami/wish.h"
#include "connectycube_ami/dialling.h"
#include "connectycube_ami/host/wishes.h"


enum {
	LIST_MAX = 32,          /* channels that are told of at once     */
};

/** What was sent to Asterisk, until it is answered */
struct sent {
	char *ext;              /* (owned) */
	struct control *ctl;    /* what was asked for (reference) */
};

/** A wish that is looked at */
struct looking {
	const struct steer_ask *ask;
	struct ami_wish wish;
	const char **reasonp;
	int err;
};

/** Channels that are told of */
struct listing {
	const struct steer_ask *ask;
	const struct ami_extension *ext;
	const struct ami_table *table;
	size_t n;
};

static struct {
	const struct observe *observe;
	struct ami_client *client;
	const char *context;    /* of calls that name none (pointer) */
	struct steer_action *actionv[AMI_WISHES]; /* (owned) */
} wi;


static void sent_destructor(void *data)
{
	struct sent *s = data;

	mem_deref(s->ext);
	mem_deref(s->ctl);
}


static void reply_handler(int err, const struct ami_message *msg,
			  const char *why, void *arg)
{
	struct sent *s = arg;
	(void)msg;

	(void)wi.observe->answer(s->ext, s->ctl, err ? why : NULL);
	mem_deref(s);
}


static const char *value_handler(const char *name, void *arg)
{
	const struct looking *l = arg;

	return wi.observe->control_value(l->ask->ctl, name);
}


static int refuse(const struct looking *l, int err)
{
	*l->reasonp = err == ENOTCONN ? "Asterisk is not connected" :
		err == EAGAIN ? "too much waits for Asterisk's answer" :
		err == EINVAL ? "this cannot be sent to Asterisk" :
		*l->reasonp;

	return err;
}


/* Of a user whose extension it is: what he has asked for, a channel each */
static bool list_handler(const struct ami_channel *chan, void *arg)
{
	struct listing *li = arg;
	const char *held = chan->held ? "true" : NULL;
	struct cube_info infov[] = {
		{"channel", chan->name},
		{"state",   ami_state_name(chan->state)},
		{"number",  chan->number[0] ? chan->number : NULL},
		{"name",    chan->caller[0] ? chan->caller : NULL},
		{"with",    chan->peer_number[0] ? chan->peer_number : NULL},
		{"dialed",  chan->exten[0] ? chan->exten : NULL},
		{"linked",  chan->linked[0] ? chan->linked : NULL},
		{"held",    held},
	};

	if (!ami_may(li->ext, AMI_RIGHT_VIEW, li->table, chan))
		return false;

	(void)wi.observe->tell_user(li->ask->ext, li->ask->user,
				    "ami_channel", infov, ARRAY_SIZE(infov));

	return ++li->n == LIST_MAX;
}


static int list(struct looking *l, const struct ami_extension *ext,
		const struct ami_table *table)
{
	struct listing li = {l->ask, ext, table, 0};

	(void)ami_table_apply(table, list_handler, &li);

	return 0;
}


static int order(const struct looking *l, const struct ami_wish *w)
{
	struct ami_redirect r = {
		.channel = w->channel, .to = {w->context, w->number},
		.extra = w->other[0] ? w->other : NULL,
		.extra_to = {w->other_context, w->other_number},
	};
	struct sent *s = mem_zalloc(sizeof(*s), sent_destructor);
	int err;

	if (!s)
		return ENOMEM;

	s->ctl = mem_ref((void *)l->ask->ctl);
	err = str_dup(&s->ext, l->ask->ext);
	if (err)
		goto out;

	switch (w->kind) {

	case AMI_WISH_HANGUP:
		err = ami_hangup(wi.client, w->channel, w->cause,
				 reply_handler, s);
		break;

	case AMI_WISH_TRANSFER:
		err = ami_redirect(wi.client, &r, reply_handler, s);
		break;

	default:
		err = ami_bridge(wi.client, w->channel, w->other,
				 reply_handler, s);
		break;
	}

 out:
	if (err)
		mem_deref(s);

	return err ? err : EINPROGRESS;
}


/* Who waits goes on to if Asterisk is away: to be asked for again */
static int answer(const struct looking *l, const struct ami_wish *w)
{
	if (w->kind == AMI_WISH_REJECT)
		return wi.observe->await_reject(l->ask, w->call, w->busy,
						l->reasonp);

	if (ami_session_state(ami_client_session(wi.client)) != AMI_READY)
		return ENOTCONN;

	return wi.observe->await_accept(l->ask, w->call, w->answer[0] ?
					w->answer : NULL, l->reasonp);
}


static bool extension_handler(const struct ami_extension *ext, void *arg)
{
	const struct ami_table *table =
		ami_session_table(ami_client_session(wi.client));
	struct looking *l = arg;
	struct ami_wish *w = &l->wish;

	l->err = ami_wish_check(w, ext, table, wi.context, l->reasonp);
	if (l->err)
		return true;

	if (w->kind == AMI_WISH_ANSWER || w->kind == AMI_WISH_REJECT)
		l->err = answer(l, w);
	else if (ami_session_state(ami_client_session(wi.client)) != AMI_READY)
		l->err = ENOTCONN;
	else if (w->kind == AMI_WISH_CHANNELS)
		l->err = list(l, ext, table);
	else if (w->kind == AMI_WISH_ORIGINATE)
		l->err = dialling_begin(ext, l->ask, w, l->reasonp);
	else
		l->err = order(l, w);

	return true;
}


/* See steer_action_h */
static int action_handler(const struct steer_ask *ask, const char **reasonp,
			  void *arg)
{
	struct looking l = {.ask = ask, .reasonp = reasonp, .err = ENOENT};
	int err;
	(void)arg;

	if (!wi.observe->ami_rings(ask->ext, ask->user)) {
		*reasonp = "this extension does not ring you";
		return EPERM;
	}

	err = ami_wish_read(&l.wish, ask->ctl->action, value_handler, &l,
			    reasonp);
	if (err)
		return err;

	(void)wi.observe->ami_extension(ask->ext, extension_handler, &l);

	clog_info("ami: %s of user %s to %s: %s\n", ask->ctl->action,
		  ask->user, ask->ext, l.err == EINPROGRESS ? "sent" :
		  l.err ? "refused" : "done");

	return l.err && l.err != EINPROGRESS ? refuse(&l, l.err) : l.err;
}


/**
 * A channel has changed, which may be of a call that an app has begun
 *
 * @param chan   Channel
 * @param change What has become of it
 */
void wishes_changed(const struct ami_channel *chan, enum ami_change change)
{
	dialling_changed(chan, change);
}


/**
 * Begin to do what apps ask for
 *
 * @param ob      The bridge; stays until wishes_stop()
 * @param client  Asterisk; until before that, for it tells what was not
 *                answered
 * @param context Where in the dialplan calls go that name no context; stays
 *
 * @return 0 if success, otherwise errorcode
 */
int wishes_start(const struct observe *ob, struct ami_client *client,
		 const char *context)
{
	unsigned i;
	int err = 0;

	wi.observe = ob;
	wi.client  = client;
	wi.context = context;
	dialling_start(ob, client);

	for (i=0; i<AMI_WISHES && !err; i++)
		err = ob->action(&wi.actionv[i], ami_wish_action(i), false,
				 action_handler, NULL);

	return err;
}


/**
 * End it
 */
void wishes_stop(void)
{
	size_t i;

	for (i=0; i<ARRAY_SIZE(wi.actionv); i++)
		mem_deref(wi.actionv[i]);

	dialling_stop();
	memset(&wi, 0, sizeof(wi));
}
