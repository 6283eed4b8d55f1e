/**
 * @file call/transfer.c  A party is replaced by another one
 *
 * Pure. See transfer.h. Who is reached, and how, stands in transfer_dial.c.
 */
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "audio/audio.h"
#include "video/video.h"
#include "call/event.h"
#include "call/raise.h"
#include "call/legmedia.h"
#include "call/leg.h"
#include "call/call.h"
#include "call/transfer.h"


/** A transfer */
struct transfer {
	struct bcall *bc;       /**< Call (parent), NULL=it is over        */
	struct leg *from;       /**< Who leaves (pointer), NULL=it has     */
	struct leg *to;         /**< The new one (owned), NULL=none yet    */
	struct tmr tmr;         /**< It is rung no longer                  */
	bool ringing;           /**< It was told that it rings             */
	char *target;           /**< To whom, for the log (owned)          */
	transfer_told_h *toldh; /**< Told of progress, or NULL             */
	void *arg;              /**< Its argument (owner of a reference)   */
};


/**
 * Name a state
 *
 * @param state State
 *
 * @return Name, as apps are told it
 */
const char *transfer_state_name(enum transfer_state state)
{
	switch (state) {

	case TRANSFER_TRYING:  return "trying";
	case TRANSFER_RINGING: return "ringing";
	case TRANSFER_DONE:    return "done";
	case TRANSFER_FAILED:  return "failed";
	default:               return "?";
	}
}


static void destructor(void *data)
{
	struct transfer *tr = data;

	tmr_cancel(&tr->tmr);

	if (tr->to) {
		tr->to->h        = NULL;
		tr->to->transfer = NULL;
		mem_deref(tr->to);
	}

	mem_deref(tr->target);
	mem_deref(tr->arg);
}


static void tell(struct transfer *tr, enum transfer_state state,
		 uint16_t scode, const char *reason)
{
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


static struct leg *take_new(struct transfer *tr)
{
	struct leg *to = tr->to;

	tr->to = NULL;
	if (to) {
		to->h        = NULL;
		to->transfer = NULL;
	}

	return to;
}


static void end_new(struct transfer *tr, uint16_t scode, const char *reason)
{
	const struct leg_cause cause = {
		.normal = true, .scode = scode, .reason = reason
	};
	struct leg *to = take_new(tr);

	if (to)
		leg_end(to, &cause);

	mem_deref(to);
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

	end_new(tr, scode, reason);
	tell(tr, TRANSFER_FAILED, scode, reason);
	detach(tr);
	mem_deref(tr);

	if (alone)
		bcall_end(bc, &cause, why);
}


/* --- the new party ----------------------------------------------------- */


static void ringing_handler(struct leg *leg)
{
	struct transfer *tr = leg->transfer;

	if (tr->ringing)
		return;

	tr->ringing = true;
	tell(tr, TRANSFER_RINGING, 180, "Ringing");
}


static void leave(struct bcall *bc, struct leg *leg)
{
	const struct leg_cause cause = {
		.normal = true, .scode = 487, .reason = "transferred"
	};

	if (!leg)
		return;

	leg_end(leg, &cause);
	raise_left(bc, leg, 0, "transferred");
	mem_deref(leg);
}


/* The new one has the place. Whoever leaves is told before it is hung up on */
static void finish(struct transfer *tr, struct leg *to)
{
	struct bcall *bc = tr->bc;
	struct leg *from = tr->from, *stayer = bcall_other(bc, to);

	tell(tr, TRANSFER_DONE, 200, "OK");
	detach(tr);
	mem_deref(tr);
	leave(bc, from);

	if (stayer && stayer->ops->joined)
		stayer->ops->joined(stayer, to);
}


static int join(struct bcall *bc, struct leg *from, struct leg *to)
{
	if (bcall_is_answered(bc))
		return from ? bcall_replace_leg(bc, from, to)
			: bcall_join_leg(bc, to);

	/* another one answers than was called */
	if (from)
		bcall_park_leg(from);

	bcall_add_leg(bc, to);

	return 0;
}


/* Until it is heard, who stays hears whom it has heard */
static void up_handler(struct leg *leg)
{
	const struct leg_cause cause = {
		.scode = 488, .reason = "nothing that both could hear"
	};
	struct transfer *tr = leg->transfer;
	struct bcall *bc = mem_ref(tr->bc);
	const bool answered = bcall_is_answered(bc);

	(void)take_new(tr);

	if (join(bc, tr->from, leg)) {
		leg_end(leg, &cause);
		mem_deref(leg);
		transfer_fail(tr, cause.scode, cause.reason);
	}
	else {
		finish(tr, leg);

		if (!answered && bc->state != BCALL_CLOSED)
			bcall_handlers.answeredh(leg);
		if (bc->state != BCALL_ESTABLISHED &&
		    bc->state != BCALL_CLOSED)
			bcall_handlers.uph(leg);
	}

	mem_deref(bc);
}


static void failed_handler(struct leg *leg)
{
	const struct leg_cause cause = leg->cause;
	struct transfer *tr = leg->transfer;

	transfer_fail(tr, cause.scode, cause.reason);
}


static void closed_handler(struct leg *leg)
{
	const struct leg_cause cause = leg->cause;
	struct transfer *tr = leg->transfer;

	(void)take_new(tr);
	transfer_fail(tr, cause.scode ? cause.scode : 480, cause.reason);
	mem_deref(leg);
}


/* Of a leg that is being reached: nobody hears it yet */
static const struct leg_handlers handlers = {
	.ringingh = ringing_handler,
	.uph      = up_handler,
	.failedh  = failed_handler,
	.closedh  = closed_handler,
};


static void timeout_handler(void *arg)
{
	transfer_fail(arg, 408, "no answer");
}


/* --- who orders -------------------------------------------------------- */


/**
 * May a party be replaced now?
 *
 * @param from Party
 *
 * @return 0 if it may, ENOTCONN if it talks to nobody, EBUSY if the call is
 *         being transferred already
 */
int transfer_may(const struct leg *from)
{
	if (!from || !from->call || from->state == LEG_CLOSED ||
	    !bcall_other(from->call, from))
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
 * @return 0 if success, otherwise as of transfer_may(), or ENOMEM
 */
int transfer_begin(struct transfer **trp, struct leg *from,
		   const struct transfer_order *order)
{
	struct transfer *tr;
	int err;

	err = transfer_may(from);
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

	tell(tr, TRANSFER_TRYING, 100, "Trying");

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
 * Somebody is about to be reached: when it is up, it takes the place
 *
 * @param tr Transfer
 * @param to Its leg, of no call; owned by the transfer from now on
 */
void transfer_reach(struct transfer *tr, struct leg *to)
{
	tr->to       = to;
	to->transfer = tr;
	to->h        = &handlers;

	tmr_start(&tr->tmr, tr->bc->env->ring_time * 1000, timeout_handler,
		  tr);
}


/* A call's other party becomes ours, and the call ends with the one left */
static void take_over(struct bcall *b)
{
	const struct leg_cause cause = {
		.normal = true, .scode = 487, .reason = "transferred"
	};

	bcall_end(b, &cause, "transferred");
}


/**
 * Join the two that talk to one and the same, who has a leg in either call and
 * leaves both. A party that only rings is joined when it is up
 *
 * @param from  Its leg in the call that stays
 * @param other Its leg in the call that ends
 * @param order Who wants it
 *
 * @return 0 if success, ENOTCONN if there are no two, EBUSY if one of them is
 *         being transferred, ENOENT if they have no codec, otherwise
 *         errorcode. On error all is as it was
 */
int transfer_join(struct leg *from, struct leg *other,
		  const struct transfer_order *order)
{
	struct bcall *b = other->call;
	struct leg *to = b ? bcall_other(b, other) : NULL;
	struct transfer *tr;
	int err;

	if (!to || from->call == b || leg_waits(to))
		return ENOTCONN;
	if (b->transfer)
		return EBUSY;

	err = transfer_begin(&tr, from, order);
	if (err)
		return err;

	bcall_park_leg(to);

	if (to->state != LEG_UP) {
		transfer_reach(tr, to);
		if (to->state == LEG_RINGING)
			ringing_handler(to);
		take_over(b);
		return 0;
	}

	err = bcall_replace_leg(tr->bc, from, to);
	if (err) {
		bcall_add_leg(b, to);
		(void)bcall_audio_update(b);
		(void)bcall_video_update(b);
		transfer_fail(tr, 488, "nothing that both could hear");
	}
	else {
		finish(tr, to);
		take_over(b);
	}

	return err;
}


/* --- what becomes of the call ------------------------------------------ */


/**
 * A party has gone, or cannot go on. If it was to leave anyway, the call lives
 * on until it is known what becomes of the transfer
 *
 * @param leg Party; freed if so
 *
 * @return True if the call lives on
 */
bool transfer_left(struct leg *leg)
{
	struct bcall *bc = leg->call;
	struct transfer *tr = bc->transfer;

	if (!tr || tr->from != leg || !tr->to)
		return false;

	tr->from = NULL;
	bcall_park_leg(leg);
	raise_left(bc, leg, leg->cause.scode, leg->cause.reason);
	mem_deref(leg);

	return true;
}


/**
 * A call is over, and so is what was going on in it
 *
 * @param bc Call
 */
void transfer_call_ended(struct bcall *bc)
{
	struct transfer *tr = bc->transfer;

	if (!tr)
		return;

	end_new(tr, 487, "the call has ended");
	tell(tr, TRANSFER_FAILED, 487, "the call has ended");
	detach(tr);
	mem_deref(tr);
}
