/**
 * @file connectycube_ami/dialling.c  Calls that apps have begun, watched
 *
 *   ami_originate --> the desk phone rings --> it answers --> the number
 *                     state=ringing            answered       bridged
 *                        `--> failed                `--> ended <--'
 *
 * The channel of the desk phone has an id that we have chosen, so that it is
 * known before Asterisk tells how the call went (OriginateResponse). Whoever
 * has begun it is told of each state by an event of his extension.
 */
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "base/text.h"
#include "base/uuid.h"
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
#include "connectycube_ami/publish.h"
#include "connectycube_ami/wish.h"
#include "connectycube_ami/dialling.h"


enum {
	RING_TIME = 30000,      /* of who is called first [ms]           */
	CALLS_MAX = 512,        /* that are watched, of all extensions   */
};

/** A call that an app has begun. Strings are owned */
struct dialling {
	struct le le;
	char id[UUID_SIZE];     /* of the first channel */
	char *ext;              /* extension's address */
	char *user;             /* who has begun it */
	char *call;             /* how he calls it */
	char *number;           /* whom it is to reach */
	bool answered;          /* the first one has */
	bool replied;           /* OriginateResponse has come, or will not */
	bool seen;              /* the first channel was there */
	bool gone;              /* ... and is not any more */
	uint32_t cause;         /* why, of Q.850; 0=not known */
	uint32_t reason;        /* ... that OriginateResponse has told */
	char why[128];          /* why there was none, "" = there was one */
	bool bridged;           /* that was told */
};

static struct {
	const struct observe *observe;
	struct ami_client *client;
	struct list l;          /* struct dialling (owned) */
} di;


static void destructor(void *data)
{
	struct dialling *d = data;

	list_unlink(&d->le);
	mem_deref(d->ext);
	mem_deref(d->user);
	mem_deref(d->call);
	mem_deref(d->number);
}


static void tell(const struct dialling *d, const char *state,
		 const char *channel, uint32_t cause, const char *reason)
{
	char digits[8];
	const struct cube_info infov[] = {
		{"call",    d->call},
		{"state",   state},
		{"number",  d->number},
		{"channel", channel},
		{"cause",   cause ? digits : NULL},
		{"reason",  str_isset(reason) ? reason : NULL},
	};

	(void)re_snprintf(digits, sizeof(digits), "%u", cause);
	clog_info("ami: call of user %s at %s to %s: %s%s%s\n", d->user,
		  d->ext, d->number, state, str_isset(reason) ? ": " : "",
		  reason ? reason : "");

	(void)di.observe->tell_user(d->ext, d->user, "ami_call", infov,
				    ARRAY_SIZE(infov));
}


static void answered(struct dialling *d, const char *channel)
{
	if (d->answered)
		return;

	d->answered = true;
	tell(d, "answered", channel, 0, NULL);
}


static void failed(const struct dialling *d)
{
	tell(d, "failed", NULL, d->cause, d->why[0] ? d->why :
	     ami_wish_failed(d->reason, d->cause));
}


/* OriginateResponse, or what is there instead of it. A channel that was there
   is about to hang up then, and knows better why. Of one that was never there (a
   trunk's, by the hub's link) nobody will tell that it hangs up */
static void reply_handler(int err, const struct ami_message *msg,
			  const char *why, void *arg)
{
	struct dialling *d = arg;
	char channel[AMI_NAME_SIZE];

	d->replied = true;

	if (!err) {
		if (ami_str(msg, "Channel", channel, sizeof(channel)))
			channel[0] = '\0';
		answered(d, channel[0] ? channel : NULL);
		d->gone |= !d->seen;
	}
	else if (!d->answered) {

		if (msg && ami_get(msg, "Reason"))
			d->reason = ami_u32(msg, "Reason");
		else
			str_ncpy(d->why, why, sizeof(d->why));

		if (d->seen && !d->gone && !d->why[0])
			return;

		d->gone = true;
		failed(d);
	}

	if (d->gone)
		mem_deref(d);
}


static void hung_up(struct dialling *d, const struct ami_channel *chan)
{
	d->gone  = true;
	d->cause = chan->cause;

	if (d->answered) {
		tell(d, "ended", chan->name, chan->cause,
		     ami_cause_text(chan->cause));
	}
	else if (d->replied) {
		failed(d);
	}

	if (d->replied)
		mem_deref(d);
}


/**
 * A channel has changed, which may be the first one of such a call
 *
 * @param chan   Channel
 * @param change What has become of it
 */
void dialling_changed(const struct ami_channel *chan,
		      enum ami_change change)
{
	struct dialling *d;
	struct le *le;

	for (le = di.l.head; le; le = le->next) {

		d = le->data;
		if (!strcmp(d->id, chan->id))
			break;
	}
	if (!le)
		return;

	d->seen = true;

	switch (change) {

	case AMI_RANG:
		tell(d, "ringing", chan->name, 0, NULL);
		break;

	case AMI_ANSWERED:
		answered(d, chan->name);
		break;

	case AMI_BRIDGED:
		if (!d->bridged)
			tell(d, "bridged", chan->name, 0, NULL);
		d->bridged = true;
		break;

	case AMI_HUNG_UP:
		hung_up(d, chan);
		break;

	default:
		break;
	}
}


static bool is_room(const char *ext, const char **reasonp)
{
	size_t all = 0, own = 0;
	struct le *le;

	for (le = di.l.head; le; le = le->next) {

		const struct dialling *d = le->data;

		++all;
		own += !d->answered && !str_casecmp(d->ext, ext);
	}

	if (all < CALLS_MAX && own < AMI_WISH_PENDING)
		return true;

	*reasonp = "too many calls are being begun";

	return false;
}


static int alloc(struct dialling **dp, const struct steer_ask *ask,
		 const struct ami_wish *w)
{
	struct dialling *d = mem_zalloc(sizeof(*d), destructor);
	int err;

	if (!d)
		return ENOMEM;

	uuid_make(d->id);
	err  = str_dup(&d->ext, ask->ext);
	err |= str_dup(&d->user, ask->user);
	err |= str_dup(&d->call, ask->ctl->request ? ask->ctl->request
		       : d->id);
	err |= str_dup(&d->number, w->number);
	if (err)
		mem_deref(d);
	else
		*dp = d;

	return err;
}


/**
 * Begin a call: the extension's desk phone rings, then the number
 *
 * @param ext     Extension
 * @param ask     Who wants it
 * @param w       What he wants, which he may
 * @param reasonp Set to why not
 *
 * @return 0 if it is begun; EBUSY if there are too many; ENODEV if the
 *         extension has no device; as ami_originate()
 */
int dialling_begin(const struct ami_extension *ext,
		   const struct steer_ask *ask, const struct ami_wish *w,
		   const char **reasonp)
{
	struct ami_originate o = {
		.to = {w->context, w->number}, .wait = RING_TIME,
		.shown = w->number,
	};
	struct ami_parties p;
	struct dialling *d;
	int err;

	if (!is_room(ask->ext, reasonp))
		return EBUSY;

	if (ami_wish_parties(&p, ext)) {
		*reasonp = "this extension has no phone (ami_answer=)";
		return ENODEV;
	}

	err = alloc(&d, ask, w);
	if (err)
		return err;

	o.device = p.device;
	o.id     = d->id;
	o.number = p.number[0] ? p.number : NULL;
	o.name   = p.name[0] ? p.name : NULL;

	list_append(&di.l, &d->le, d);
	err = ami_originate(di.client, &o, reply_handler, d);
	if (err)
		mem_deref(d);

	return err;
}


/**
 * Begin to watch
 *
 * @param ob     The bridge; stays until dialling_stop()
 * @param client Asterisk; until before that
 */
void dialling_start(const struct observe *ob, struct ami_client *client)
{
	di.observe = ob;
	di.client  = client;
}


/**
 * End it
 */
void dialling_stop(void)
{
	list_flush(&di.l);
	memset(&di, 0, sizeof(di));
}
