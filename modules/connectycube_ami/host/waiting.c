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
#include "connectycube_ami/host/waiting_core.h"


enum {
	WAITING_MAX = 1024,     /* channels that are known               */
	EARLY_MAX   = 64,       /* ... that were told of while the list of
				   channels came                         */
};

struct waiting_env waits;


static void destructor(void *data)
{
	struct waiting *w = data;

	list_unlink(&w->le);
	ami_session_forget(ami_client_session(waits.client), w);
	mem_deref(w->await);
}


static struct waiting *find(const char *id)
{
	struct le *le;

	for (le = waits.waitingl.head; le; le = le->next) {

		struct waiting *w = le->data;

		if (!str_cmp(w->id, id))
			return w;
	}

	return NULL;
}


/* --- somebody waits ---------------------------------------------------- */


/* Returns false if it is of no use */
static bool ring(struct waiting *w)
{
	static const struct await_handlers h = {
		waiting_accepted, waiting_joined, waiting_over
	};
	const struct ami_channel *chan;
	struct await_prm prm = {
		.to = w->d.to, .name = w->d.name, .number = w->d.number,
		.uri = w->d.uri[0] ? w->d.uri : NULL,
		.channel = w->d.channel, .by_message = waits.cfg->by_message,
	};
	int err;

	chan = ami_table_find(ami_session_table(ami_client_session(
						waits.client)), w->d.channel);
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

	if (list_count(&waits.waitingl) >= WAITING_MAX) {
		clog_warning("ami: %s waits for %s, but so do %u others\n",
			     w->d.channel, w->d.to, WAITING_MAX);
		return false;
	}

	str_ncpy(w->id, chan->id, sizeof(w->id));
	w->up = chan->state == AMI_UP;
	prm.linked = chan->linked;

	err = waits.observe->await(&w->await, &prm, &h, w);
	if (err == ENOENT)
		str_ncpy(waits.other, w->d.to, sizeof(waits.other));
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
	const struct ami_session *s = ami_client_session(waits.client);
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
		if (list_count(&waits.earlyl) >= EARLY_MAX)
			mem_deref(list_ledata(waits.earlyl.head));
		list_append(&waits.earlyl, &w->le, w);
	}
	else if (ring(w)) {
		list_append(&waits.waitingl, &w->le, w);
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
	while (waits.earlyl.head) {

		struct waiting *w = waits.earlyl.head->data;

		list_unlink(&w->le);
		if (ready && ring(w))
			list_append(&waits.waitingl, &w->le, w);
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
	struct waiting *w = waits.waitingl.head ? find(chan->id) : NULL;

	if (!w)
		return;

	if (change == AMI_HUNG_UP) {
		if (w->state != WAITING_DONE)
			waits.observe->await_end(w->await, END_CANCELED,
					      "the caller has hung up");
		mem_deref(w);
	}
	else if (w->state < WAITING_SENT &&
		 (change == AMI_BRIDGED ||
		  (change == AMI_ANSWERED && !w->up))) {
		w->state = WAITING_DONE;
		waits.observe->await_end(w->await, END_ELSEWHERE,
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

	for (le = waits.waitingl.head; le; le = le->next) {
		const struct waiting *w = le->data;

		if (w->state != WAITING_DONE)
			h(w->id, w->state != WAITING_RINGING, arg);
	}

	return waits.other;
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
	waits.observe = ob;
	waits.cfg     = cfg;
	waits.client  = client;
}


/**
 * The end: apps stop ringing, and whoever waits for them is sent on. He would
 * wait for nobody, as long as his dialplan lets him
 */
void waiting_stop(void)
{
	struct le *le;

	for (le = waits.waitingl.head; le; le = le->next) {

		struct waiting *w = le->data;

		if (w->state < WAITING_SENT)
			waiting_shutdown(w);
	}

	list_flush(&waits.waitingl);
	list_flush(&waits.earlyl);
	memset(&waits, 0, sizeof(waits));
}
