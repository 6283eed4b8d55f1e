/**
 * @file connectycube_link/pbxown.c  Which channels of the PBX are the bridge's
 *                                   own
 *
 * A call of the bridge is a call of the PBX, too, whose channel the manager
 * tells of, but not that it is this one: it does not tell SIP's Call-ID. Who
 * waited at the PBX is known by its Linkedid; a channel of any other call is
 * the one of the same device that began nearest in time.
 *
 * Pure.
 */
#include <string.h>
#include <re.h>
#include "call/event.h"
#include "record.h"
#include "recordpbx.h"
#include "pbxcalls_core.h"


static void destructor(void *data)
{
	struct pbxleg *leg = data;

	list_unlink(&leg->le);
}


static void add(struct pbxcalls *pc, const struct event *ev, uint64_t time,
		enum record_pbx_way way)
{
	struct pbxleg *leg = mem_zalloc(sizeof(*leg), destructor);

	if (!leg)
		return;

	if (list_count(&pc->legl) >= PBX_LEGS)
		mem_deref(list_ledata(list_head(&pc->legl)));

	str_ncpy(leg->ext, ev->ext, sizeof(leg->ext));
	str_ncpy(leg->linked, ev->linked[0] ? ev->linked : ev->record,
		 sizeof(leg->linked));
	leg->call = ev->id;
	leg->time = time;
	leg->way  = way;
	list_append(&pc->legl, &leg->le, leg);
}


static struct pbxleg *last_of(const struct pbxcalls *pc, uint32_t call)
{
	struct le *le;

	for (le = list_tail(&pc->legl); le && call; le = le->prev) {

		struct pbxleg *leg = le->data;

		if (leg->call == call)
			return leg;
	}

	return NULL;
}


/* Its records may be joined with others later, and who waits is known first
   when it does */
static void update(const struct pbxcalls *pc, const struct event *ev)
{
	const bool call = 1 << (ev->type >> 4) == EVENT_CALL;
	struct le *le;

	for (le = list_head(&pc->legl); le && ev->id; le = le->next) {

		struct pbxleg *leg = le->data;

		if (leg->call != ev->id)
			continue;

		if (ev->linked[0])
			str_ncpy(leg->linked, ev->linked,
				 sizeof(leg->linked));
		if (call && ev->call.channel_linked[0])
			str_ncpy(leg->channel_linked, ev->call.channel_linked,
				 sizeof(leg->channel_linked));
	}
}


/**
 * Something has happened to a call of the bridge
 *
 * @param pc Calls of the PBX
 * @param ev Event
 */
void pbxown_event(struct pbxcalls *pc, const struct event *ev)
{
	switch (ev->type) {

	case EVENT_CALL_NEW:
		if (!ev->call.from_app && !last_of(pc, ev->id))
			add(pc, ev, ev->call.t_start ? ev->call.t_start :
			    ev->mono, RECORD_PBX_CALLED);
		break;

	case EVENT_CALL_REFUSED:
		if (!ev->call.from_app)
			add(pc, ev, ev->mono, RECORD_PBX_CALLED);
		break;

	case EVENT_LEG_NEW:
		if (ev->leg.side == EVENT_PHONE)
			add(pc, ev, ev->mono, RECORD_PBX_CALLS);
		break;

	default:
		break;
	}

	update(pc, ev);
}


static uint64_t apart(const struct pbxleg *leg, const struct pbxchan *chan)
{
	return leg->time > chan->since ? leg->time - chan->since :
		chan->since - leg->time;
}


static bool fits(const struct pbxleg *leg, const struct pbxcall *call,
		 const struct pbxchan *chan)
{
	return !str_casecmp(leg->ext, call->ext) &&
		(!leg->taken[0] || !strcmp(leg->taken, chan->id)) &&
		(!chan->way || leg->way == chan->way) &&
		apart(leg, chan) <= PBX_LEG_NEAR;
}


/* Is there another channel that began nearer to it? */
static bool has_nearer(const struct pbxcalls *pc, const struct pbxleg *leg,
		       const struct pbxchan *than)
{
	struct le *le;
	size_t i;

	for (le = list_head(&pc->calll); le; le = le->next) {

		const struct pbxcall *call = le->data;

		for (i=0; i<call->chanc; i++) {

			const struct pbxchan *chan = &call->chanv[i];

			if (chan != than && chan->p.account &&
			    fits(leg, call, chan) &&
			    apart(leg, chan) < apart(leg, than))
				return true;
		}
	}

	return false;
}


/**
 * Find the bridge's party that a channel is of
 *
 * @param pc   Calls of the PBX
 * @param call Call that it is of
 * @param chan Channel
 *
 * @return Party, NULL: the channel is of a phone
 */
struct pbxleg *pbxown_leg(const struct pbxcalls *pc,
			  const struct pbxcall *call,
			  const struct pbxchan *chan)
{
	struct pbxleg *best = NULL;
	struct le *le;

	if (!chan->p.account)
		return NULL;

	for (le = list_head(&pc->legl); le; le = le->next) {

		struct pbxleg *leg = le->data;

		if (leg->channel_linked[0] &&
		    !str_casecmp(leg->ext, call->ext) &&
		    !strcmp(leg->channel_linked, chan->p.linked))
			return leg;

		if (fits(leg, call, chan) && !has_nearer(pc, leg, chan) &&
		    (!best || apart(leg, chan) < apart(best, chan)))
			best = leg;
	}

	return best;
}


/**
 * Find the records of the bridge that a call of the PBX belongs to
 *
 * @param pc   Calls of the PBX
 * @param call Call
 *
 * @return What these are linked by, NULL=there are none
 */
const char *pbxown_linked(const struct pbxcalls *pc,
			  const struct pbxcall *call)
{
	struct le *le;
	size_t i;

	for (i=0; i<call->chanc; i++) {

		const struct pbxleg *leg = pbxown_leg(pc, call,
						      &call->chanv[i]);

		if (leg && leg->linked[0])
			return leg->linked;
	}

	for (le = list_tail(&pc->legl); le; le = le->prev) {

		const struct pbxleg *leg = le->data;

		if (leg->linked[0] && leg->channel_linked[0] &&
		    !strcmp(leg->channel_linked, call->linked))
			return leg->linked;
	}

	return NULL;
}
