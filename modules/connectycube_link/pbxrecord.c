/**
 * @file connectycube_link/pbxrecord.c  The record of a call of the PBX, of what
 *                                      its channels are
 *
 * Pure.
 */
#include <string.h>
#include <re.h>
#include "call/event.h"
#include "record.h"
#include "recordpbx.h"
#include "pbxcalls_core.h"


#define COPY(dst, src) str_ncpy((dst), (src), sizeof(dst))


static uint64_t wall(const struct pbxcall *call, uint64_t mono)
{
	return mono ? call->epoch + mono : 0;
}


static void earliest(uint64_t *t, uint64_t value)
{
	if (value && (!*t || value < *t))
		*t = value;
}


static void add_leg(struct record *r, const struct pbxcall *call,
		    const struct pbxchan *chan)
{
	struct record_leg *leg;

	if (r->legc >= RECORD_LEGS) {
		++r->legs_lost;
		return;
	}

	leg = &r->legv[r->legc++];
	leg->num  = (uint32_t)r->legc;
	leg->side = EVENT_PHONE;
	COPY(leg->remote, chan->p.channel);
	COPY(leg->number, chan->number);
	COPY(leg->name, chan->name);
	leg->t_new    = chan->way == RECORD_PBX_CALLS ? 0 :
		wall(call, chan->since);
	leg->t_answer = wall(call, chan->answer);
	leg->t_end    = wall(call, chan->end);
	leg->holds      = chan->holds;
	leg->hold_ms    = chan->hold_ms;
	leg->held_since = chan->held_since;
}


/* Of all its channels; who talked on one is told of the first that answered */
static void add_channel(struct record *r, const struct pbxcall *call,
			const struct pbxchan *chan)
{
	earliest(&r->m_start, chan->since);
	earliest(&r->m_ring, chan->ring);
	earliest(&r->m_answer, chan->answer);
	r->m_end = max(r->m_end, chan->end);
	add_leg(r, call, chan);
}


static void add_main(struct record *r, const struct pbxcall *call,
		     const struct pbxchan *chan)
{
	struct record_pbx *p = r->pbx;

	p->way    = chan->way;
	p->cause  = chan->p.cause;
	p->by     = chan->p.by;
	p->unseen = chan->p.unseen;
	COPY(p->channel, chan->p.channel);
	COPY(p->linked, call->linked);
	COPY(p->number, chan->p.number);
	COPY(p->name, chan->p.name);
	COPY(p->peer_number, chan->number);
	COPY(p->peer_name, chan->name);
	COPY(p->dialled, chan->dialled);
}


static bool is_better(const struct pbxchan *chan, const struct pbxchan *than)
{
	return !than || (chan->answer &&
			 (!than->answer || chan->answer < than->answer));
}


static bool is_of(const struct record *r, const char *channel)
{
	size_t i;

	for (i=0; i<r->legc; i++) {
		if (!strcmp(r->legv[i].remote, channel))
			return true;
	}

	return false;
}


static void add_history(struct record *r, const struct pbxcall *call)
{
	size_t i;

	for (i=0; i<call->eventc; i++) {
		if (is_of(r, call->eventv[i].channel))
			r->pbx->eventv[r->pbx->eventc++] = call->eventv[i];
	}

	memcpy(r->transferv, call->transferv, sizeof(r->transferv));
	r->transferc = call->transferc;
}


static void set_times(struct record *r, const struct pbxcall *call, bool over)
{
	r->t_start  = wall(call, r->m_start);
	r->t_ring   = wall(call, r->m_ring);
	r->t_answer = wall(call, r->m_answer);

	/* whoever is held at the end is held until then */
	if (!over)
		r->m_end = 0;
	r->t_end = wall(call, r->m_end);
}


/**
 * Make the record of a call, as it stands
 *
 * @param rp   Set to it, freed by mem_deref(); NULL=all its channels are the
 *             bridge's own
 * @param pc   Calls
 * @param call Call
 *
 * @return 0 if success, otherwise errorcode
 */
int pbxrecord_make(struct record **rp, const struct pbxcalls *pc,
		   const struct pbxcall *call)
{
	const struct pbxchan *best = NULL;
	struct record *r = NULL;
	const char *linked;
	bool over = true;
	size_t i;
	int err;

	*rp = NULL;

	err = record_pbx_alloc(&r, call->ext);
	if (err)
		return err;

	for (i=0; i<call->chanc; i++) {

		const struct pbxchan *chan = &call->chanv[i];

		if (pbxown_leg(pc, call, chan))
			continue;

		add_channel(r, call, chan);
		over = over && chan->end;
		if (is_better(chan, best))
			best = chan;
	}

	if (!best) {
		mem_deref(r);
		return 0;
	}

	linked = pbxown_linked(pc, call);
	COPY(r->id, call->uuid);
	COPY(r->linked, linked ? linked : call->uuid);
	add_main(r, call, best);
	add_history(r, call);
	set_times(r, call, over);
	if (r->t_end)
		r->reason = record_pbx_reason(r);
	*rp = r;

	return 0;
}
