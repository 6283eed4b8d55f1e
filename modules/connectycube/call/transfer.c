/**
 * @file call/transfer.c  A party is replaced by another one
 *
 * Pure. See transfer.h and transfer_core.h. Who is reached, and how, stands in
 * transfer_dial.c.
 */
#include <re.h>
#include "base/phrase.h"
#include "audio/audio.h"
#include "video/video.h"
#include "call/event.h"
#include "call/raise.h"
#include "call/legmedia.h"
#include "call/leg.h"
#include "call/call.h"
#include "call/transfer.h"
#include "call/transfer_core.h"


enum {
	DELEGATE_TIME = 30000,  /* a server rings longer than we do, and tells
				   late [ms] */
};

static const struct leg_cause transferred = {
	.normal = true, .end = END_TRANSFERRED, .scode = 487,
	.reason = "transferred"
};


static void destructor(void *data)
{
	struct transfer *tr = data;

	tmr_cancel(&tr->tmr);

	if (tr->to) {
		tr->to->h        = NULL;
		tr->to->transfer = NULL;
		mem_deref(tr->to);
	}

	mem_deref(tr->work);
	mem_deref(tr->target);
	mem_deref(tr->arg);
}


/**
 * Tell how far a transfer is
 *
 * @param tr     Transfer
 * @param state  How far it is
 * @param scode  As SIP says it
 * @param reason Readable reason, or NULL
 */
void transfer_tell(struct transfer *tr, enum transfer_state state,
		   uint16_t scode, const char *reason)
{
	reason = phrase_of(scode, reason);

	raise_transfer(tr->bc, transfer_state_name(state), tr->target, scode,
		       reason);

	if (tr->toldh)
		tr->toldh(state, scode, reason, tr->arg);
}


/* It is the call's no more */
static void detach(struct transfer *tr)
{
	tmr_cancel(&tr->tmr);

	if (tr->bc)
		tr->bc->transfer = NULL;

	tr->bc   = NULL;
	tr->from = NULL;
}


static void fail(struct transfer *tr, uint16_t scode, const char *reason)
{
	transfer_end_new(tr, scode, reason);
	transfer_tell(tr, TRANSFER_FAILED, scode, reason);
	detach(tr);
	mem_deref(tr);
}


/**
 * A transfer has failed. The call is as it was before; or over, if who has
 * ordered it has gone
 *
 * @param tr     Transfer, freed
 * @param scode  SIP status code
 * @param reason Readable reason
 */
void transfer_fail(struct transfer *tr, uint16_t scode, const char *reason)
{
	const struct leg_cause cause = {.scode = scode, .reason = reason};
	struct bcall *bc;
	char why[128];
	bool alone;

	if (!tr || !tr->bc)
		return;

	bc    = tr->bc;
	alone = !tr->from;
	(void)re_snprintf(why, sizeof(why), "transfer: %s", reason);

	fail(tr, scode, reason);

	if (alone)
		bcall_end(bc, &cause, why);
}


/* --- who leaves --------------------------------------------------------- */


static void leave(struct bcall *bc, struct leg *leg)
{
	if (!leg)
		return;

	leg_end(leg, &transferred);
	raise_left(bc, leg, 0, "transferred");
	mem_deref(leg);
}


/**
 * The new one has the place. Whoever leaves is told before it is hung up on
 *
 * @param tr Transfer, freed
 */
void transfer_finish(struct transfer *tr)
{
	struct bcall *bc = tr->bc;
	struct leg *from = tr->from;

	transfer_tell(tr, TRANSFER_DONE, 200, "OK");
	detach(tr);
	mem_deref(tr);
	leave(bc, from);
}


/**
 * Whoever is reached does not answer
 *
 * @param arg Transfer, freed
 */
void transfer_timeout(void *arg)
{
	transfer_fail(arg, 408, "no answer");
}


/* --- who orders -------------------------------------------------------- */


/* ENOTCONN if it talks to nobody, EBUSY if the call is being transferred. Who
   was let in early only hears somebody, who would lose his caller */
static int may_begin(const struct leg *from)
{
	if (!from || !from->call || from->state == LEG_CLOSED ||
	    from->early || !bcall_other(from->call, from))
		return ENOTCONN;

	return from->call->transfer ? EBUSY : 0;
}


/**
 * Begin to replace a party. Afterwards somebody is to be reached by
 * transfer_reach(), or the transfer to be failed
 *
 * @param trp   Pointer to the transfer, owned by the call
 * @param from  Party that is to leave
 * @param order Who wants it
 *
 * @return 0 if success, ENOTCONN if the party talks to nobody, EBUSY if
 *         the call is being transferred already, ENOMEM
 */
int transfer_begin(struct transfer **trp, struct leg *from,
		   const struct transfer_order *order)
{
	struct transfer *tr;
	int err;

	err = may_begin(from);
	if (err)
		return err;

	tr = mem_zalloc(sizeof(*tr), destructor);
	if (!tr)
		return ENOMEM;

	err = str_dup(&tr->target, order->target);
	if (err) {
		mem_deref(tr);
		return err;
	}

	tr->bc    = from->call;
	tr->from  = from;
	tr->toldh = order->toldh;
	tr->arg   = mem_ref(order->arg);
	tr->bc->transfer = tr;

	transfer_tell(tr, TRANSFER_TRYING, 100, "Trying");

	*trp = tr;

	return 0;
}


/**
 * Get the call that is transferred
 *
 * @param tr Transfer, or NULL
 *
 * @return Call, NULL if there is none any more
 */
struct bcall *transfer_call(const struct transfer *tr)
{
	return tr ? tr->bc : NULL;
}


/**
 * Get the party that stays
 *
 * @param tr Transfer
 *
 * @return Leg
 */
struct leg *transfer_stayer(const struct transfer *tr)
{
	struct le *le = tr->bc->legl.head;

	return tr->from ? bcall_other(tr->bc, tr->from) : list_ledata(le);
}


/**
 * Who stays is reaching somebody by itself: its call with us ends when it has
 *
 * @param tr   Transfer
 * @param work What does it, ends with the transfer
 */
void transfer_delegate(struct transfer *tr, void *work)
{
	tr->work = work;
	tmr_start(&tr->tmr, tr->bc->env->ring_time * 1000 + DELEGATE_TIME,
		  transfer_timeout, tr);
}


/**
 * A call is over, as its party is elsewhere now
 *
 * @param bc Call
 */
void transfer_end_call(struct bcall *bc)
{
	bcall_end(bc, &transferred, "transferred");
}


/**
 * Who stays has got so far
 *
 * @param tr     Transfer, freed with a final code
 * @param scode  As SIP says it
 * @param reason Readable reason
 */
void transfer_progress(struct transfer *tr, uint16_t scode,
		       const char *reason)
{
	struct bcall *bc = tr->bc;

	if (scode >= 300) {
		transfer_fail(tr, scode, reason);
	}
	else if (scode >= 200) {
		transfer_tell(tr, TRANSFER_DONE, scode, reason);
		detach(tr);
		mem_deref(tr);
		transfer_end_call(bc);
	}
	else {
		tr->accepted = true;

		if (scode > 100 && !tr->ringing) {
			tr->ringing = true;
			transfer_tell(tr, TRANSFER_RINGING, scode, reason);
		}
	}
}


/* --- what becomes of the call ------------------------------------------ */


/**
 * A party has gone, or cannot go on. If it was to leave anyway, the call lives
 * on until it is known what becomes of the transfer. If it is who stays, and
 * was reaching somebody itself, it is elsewhere now: servers hang up before
 * they tell the end, or instead (RFC 5589, 6.1)
 *
 * @param leg Party; freed if so
 *
 * @return True if the call lives on, or has been ended as transferred
 */
bool transfer_left(struct leg *leg)
{
	struct bcall *bc = leg->call;
	struct transfer *tr = bc->transfer;

	if (!tr)
		return false;

	if (tr->from != leg && tr->accepted &&
	    (leg->cause.normal || !leg->cause.scode)) {
		transfer_progress(tr, 202, "Accepted");
		return true;
	}

	if (tr->from != leg || (!tr->to && !tr->work))
		return false;

	tr->from = NULL;
	bcall_park_leg(leg);
	raise_left(bc, leg, leg->cause.scode, leg->cause.reason);
	mem_deref(leg);

	/* whoever stays alone for a while hears music */
	bcall_hold_update(bc);

	return true;
}


/**
 * A call is over, and so is what was going on in it
 *
 * @param bc Call
 */
void transfer_call_ended(struct bcall *bc)
{
	if (bc->transfer)
		fail(bc->transfer, 487, "the call has ended");
}
