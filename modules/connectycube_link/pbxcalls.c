/**
 * @file connectycube_link/pbxcalls.c  Calls of the PBX that go on
 *
 * A call is what the channels of an extension's devices have in common that are
 * of one Linkedid: it has a record when the last of them has hung up, unless
 * all are the bridge's own, which makes records of its calls itself.
 *
 * Pure.
 */
#include <string.h>
#include <re.h>
#include "base/mono.h"
#include "call/event.h"
#include "record.h"
#include "keeper.h"
#include "recordpbx.h"
#include "pbxcalls_core.h"


static void destructor(void *data)
{
	struct pbxcalls *pc = data;

	list_flush(&pc->calll);
	list_flush(&pc->legl);
}


/**
 * Begin with no call
 *
 * @param pp Pointer to it, freed by mem_deref()
 *
 * @return 0 if success, otherwise errorcode
 */
int pbxcalls_alloc(struct pbxcalls **pp)
{
	if (!pp)
		return EINVAL;

	*pp = mem_zalloc(sizeof(**pp), destructor);

	return *pp ? 0 : ENOMEM;
}


static void call_destructor(void *data)
{
	struct pbxcall *call = data;

	list_unlink(&call->le);
}


static struct pbxchan *find(struct pbxcall **callp, const struct pbxcalls *pc,
			    const struct event *ev)
{
	struct le *le;
	size_t i;

	for (le = list_head(&pc->calll); le; le = le->next) {

		struct pbxcall *call = le->data;

		for (i=0; i<call->chanc; i++) {

			struct pbxchan *chan = &call->chanv[i];

			if (!chan->end && !strcmp(chan->id, ev->pbx.id) &&
			    !str_casecmp(call->ext, ev->ext)) {
				*callp = call;
				return chan;
			}
		}
	}

	return NULL;
}


static struct pbxcall *find_linked(const struct pbxcalls *pc,
				   const struct event *ev)
{
	struct le *le;

	for (le = list_head(&pc->calll); le && ev->pbx.linked[0];
	     le = le->next) {

		struct pbxcall *call = le->data;

		if (!strcmp(call->linked, ev->pbx.linked) &&
		    !str_casecmp(call->ext, ev->ext))
			return call;
	}

	return NULL;
}


static struct pbxcall *begin(struct pbxcalls *pc, const struct event *ev)
{
	struct pbxcall *call;

	if (list_count(&pc->calll) >= PBX_CALLS_MAX)
		return NULL;

	call = mem_zalloc(sizeof(*call), call_destructor);
	if (!call)
		return NULL;

	uuid_make(call->uuid);
	str_ncpy(call->ext, ev->ext, sizeof(call->ext));
	str_ncpy(call->linked, ev->pbx.linked, sizeof(call->linked));
	call->epoch = ev->wall - ev->mono;
	list_append(&pc->calll, &call->le, call);

	return call;
}


/* A device that calls waits in the dialplan from its beginning */
static enum record_pbx_way way_of(const char *state)
{
	if (!strcmp(state, "ring"))
		return RECORD_PBX_CALLS;

	return strcmp(state, "up") ? RECORD_PBX_CALLED : RECORD_PBX_UNKNOWN;
}


/* Numbers of a dialplan, not its words: s, h, i, t */
static bool is_dialled(const char *exten)
{
	return exten[0] && (exten[1] || (exten[0] >= '0' && exten[0] <= '9'));
}


static struct pbxchan *add(struct pbxcall **callp, struct pbxcalls *pc,
			   const struct event *ev)
{
	struct pbxcall *call = find_linked(pc, ev);
	struct pbxchan *chan;

	if (!call)
		call = begin(pc, ev);
	if (!call || call->chanc >= PBX_CHANNELS)
		return NULL;

	chan = &call->chanv[call->chanc++];
	str_ncpy(chan->id, ev->pbx.id, sizeof(chan->id));
	chan->way   = way_of(ev->pbx.state);
	chan->since = ev->pbx.t_start ? ev->pbx.t_start : ev->mono;
	if (chan->way == RECORD_PBX_CALLS && is_dialled(ev->pbx.exten))
		str_ncpy(chan->dialled, ev->pbx.exten, sizeof(chan->dialled));
	*callp = call;

	return chan;
}


static void on_transfer(struct pbxcall *call, const struct event *ev)
{
	struct record_transfer *t;

	if (call->transferc >= RECORD_TRANSFERS)
		return;

	t = &call->transferv[call->transferc++];
	t->time = ev->wall;
	str_ncpy(t->state, "done", sizeof(t->state));
	str_ncpy(t->target, ev->pbx.target, sizeof(t->target));
}


static void resume(struct pbxchan *chan, uint64_t now)
{
	if (chan->held_since && now > chan->held_since)
		chan->hold_ms += now - chan->held_since;

	chan->held_since = 0;
}


/* Whom it is connected with is known when it first hears somebody; who comes
   later does so by a transfer */
static void on_peer(struct pbxchan *chan, const struct event *ev)
{
	const struct event_pbx *p = &ev->pbx;

	if (chan->talked)
		return;

	record_keep(chan->number, sizeof(chan->number), p->peer_number);
	record_keep(chan->name, sizeof(chan->name), p->peer_name);
	chan->talked = ev->type == EVENT_PBX_BRIDGED;
}


static void follow(struct pbxcall *call, struct pbxchan *chan,
		   const struct event *ev)
{
	chan->p = ev->pbx;
	on_peer(chan, ev);

	switch (ev->type) {

	case EVENT_PBX_RINGING:
		if (!chan->ring)
			chan->ring = ev->mono;
		break;

	case EVENT_PBX_ANSWERED:
		if (!chan->answer)
			chan->answer = ev->mono;
		break;

	case EVENT_PBX_HELD:
		chan->held_since = ev->mono;
		++chan->holds;
		break;

	case EVENT_PBX_RESUMED:
		resume(chan, ev->mono);
		break;

	case EVENT_PBX_TRANSFERRED:
		on_transfer(call, ev);
		break;

	case EVENT_PBX_HUNG_UP:
		chan->end = ev->pbx.unseen && ev->pbx.t_seen >= chan->since ?
			ev->pbx.t_seen : ev->mono;
		resume(chan, chan->end);
		break;

	default:
		break;
	}
}


static void note(struct pbxcall *call, const struct event *ev)
{
	struct record_pbx_event *e;
	const struct event_pbx *p = &ev->pbx;

	/* its end always has a place */
	if (call->eventc >= RECORD_PBX_EVENTS - PBX_CHANNELS &&
	    (ev->type != EVENT_PBX_HUNG_UP ||
	     call->eventc >= RECORD_PBX_EVENTS))
		return;

	e = &call->eventv[call->eventc++];
	e->time  = ev->wall;
	e->type  = ev->type;
	e->cause = p->cause;
	str_ncpy(e->channel, p->channel, sizeof(e->channel));
	str_ncpy(e->with, ev->type == EVENT_PBX_TRANSFERRED ? p->target :
		 p->peer_number, sizeof(e->with));
}


static bool is_over(const struct pbxcall *call)
{
	size_t i;

	for (i=0; i<call->chanc; i++) {
		if (!call->chanv[i].end)
			return false;
	}

	return true;
}


/* No other channel is taken for what a party's was */
static void take_legs(const struct pbxcalls *pc, const struct pbxcall *call)
{
	size_t i;

	for (i=0; i<call->chanc; i++) {

		struct pbxleg *leg = pbxown_leg(pc, call, &call->chanv[i]);

		if (leg)
			str_ncpy(leg->taken, call->chanv[i].id,
				 sizeof(leg->taken));
	}
}


static int end(struct pbxcalls *pc, struct pbxcall *call,
	       struct record **endedp)
{
	int err;

	err = pbxrecord_make(endedp, pc, call);
	take_legs(pc, call);
	mem_deref(call);

	return err;
}


/**
 * Something has happened
 *
 * @param pc     Calls
 * @param ev     Event, of the PBX or of the bridge
 * @param endedp Set to the record of a call that is over now, freed by
 *               mem_deref(); NULL=none is, or it is the bridge's
 *
 * @return 0 if success, otherwise errorcode: the call has no record
 */
int pbxcalls_event(struct pbxcalls *pc, const struct event *ev,
		   struct record **endedp)
{
	struct pbxcall *call = NULL;
	struct pbxchan *chan;

	if (!pc || !ev || !endedp)
		return EINVAL;

	*endedp = NULL;

	if (1 << (ev->type >> 4) != EVENT_PBX) {
		pbxown_event(pc, ev);
		return 0;
	}

	if (!ev->pbx.record || !ev->pbx.id[0])
		return 0;

	chan = find(&call, pc, ev);
	if (!chan && ev->type == EVENT_PBX_CREATED)
		chan = add(&call, pc, ev);
	if (!chan)
		return 0;

	follow(call, chan, ev);
	note(call, ev);

	return is_over(call) ? end(pc, call, endedp) : 0;
}


static bool is_answered(const struct pbxcall *call)
{
	size_t i;

	for (i=0; i<call->chanc; i++) {
		if (call->chanv[i].answer)
			return true;
	}

	return false;
}


/**
 * How many calls go on that were answered?
 *
 * @param pc Calls
 *
 * @return Their number
 */
size_t pbxcalls_answered(const struct pbxcalls *pc)
{
	struct le *le;
	size_t n = 0;

	for (le = pc ? list_head(&pc->calll) : NULL; le; le = le->next)
		n += is_answered(le->data);

	return n;
}


/**
 * Append the records of those that were answered, a line each, as they are if
 * the process dies now
 *
 * @param mb   Buffer
 * @param pc   Calls
 * @param host Name of this host
 *
 * @return 0 if success, otherwise errorcode
 */
int pbxcalls_journal(struct mbuf *mb, const struct pbxcalls *pc,
		     const char *host)
{
	struct le *le;
	int err = 0;

	for (le = pc ? list_head(&pc->calll) : NULL; le && !err;
	     le = le->next) {

		struct record *r = NULL;

		if (!is_answered(le->data))
			continue;

		err = pbxrecord_make(&r, pc, le->data);
		if (r) {
			record_crash(r, mono_ms(), wall_us() / 1000);
			err = record_print(mb, r, host);
			mem_deref(r);
		}
	}

	return err;
}


/**
 * The bridge ends: what goes on at the PBX is seen no further
 *
 * @param pc  Calls
 * @param h   Is given the record of each, freed behind it
 * @param arg Its argument
 */
void pbxcalls_end(struct pbxcalls *pc, pbxcalls_h *h, void *arg)
{
	struct le *le;

	while (pc && (le = list_head(&pc->calll))) {

		struct record *r = NULL;

		(void)end(pc, le->data, &r);
		if (!r)
			continue;

		if (!r->t_end) {
			r->m_end  = mono_ms();
			r->t_end  = wall_us() / 1000;
			r->reason = END_SHUTDOWN;
		}
		h(r, arg);
		mem_deref(r);
	}
}
