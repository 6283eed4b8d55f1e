/**
 * @file call/transfer_new.c  The new party of a transfer, until it has the place
 *
 * Pure. See transfer.h and transfer_core.h.
 */
#include <re.h>
#include "audio/audio.h"
#include "video/video.h"
#include "call/event.h"
#include "call/raise.h"
#include "call/legmedia.h"
#include "call/leg.h"
#include "call/call.h"
#include "call/transfer.h"
#include "call/transfer_core.h"


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


/**
 * Whoever is reached is not wanted any more
 *
 * @param tr     Transfer
 * @param scode  What it is told: SIP status code
 * @param reason The same, readable
 */
void transfer_end_new(struct transfer *tr, uint16_t scode, const char *reason)
{
	const struct leg_cause cause = {
		.normal = true, .scode = scode, .reason = reason
	};
	struct leg *to = take_new(tr);

	if (to) {
		leg_end(to, &cause);
		raise_leg_ended(tr->bc, to, scode, reason);
	}

	mem_deref(to);
}


static void ringing_handler(struct leg *leg)
{
	struct transfer *tr = leg->transfer;

	if (tr->ringing)
		return;

	tr->ringing = true;
	transfer_tell(tr, TRANSFER_RINGING, 180, "Ringing");
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
	raise_leg(to, EVENT_LEG_IDENTITY, leg_address(to));

	return 0;
}


/* Until it is heard, who stays hears whom it has heard */
static void up_handler(struct leg *leg)
{
	const struct leg_cause cause = {
		.end = END_NO_CODEC, .scode = 488,
		.reason = "nothing that both could hear"
	};
	struct transfer *tr = leg->transfer;
	struct bcall *bc = mem_ref(tr->bc);
	const bool answered = bcall_is_answered(bc);

	(void)take_new(tr);

	if (join(bc, tr->from, leg)) {
		leg_end(leg, &cause);
		raise_leg_ended(bc, leg, cause.scode, cause.reason);
		mem_deref(leg);
		transfer_fail(tr, cause.scode, cause.reason);
	}
	else {
		transfer_finish(tr);

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
	raise_leg_ended(tr->bc, leg, cause.scode, cause.reason);
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

	tmr_start(&tr->tmr, tr->bc->env->ring_time * 1000, transfer_timeout,
		  tr);

	if (to->state == LEG_RINGING)
		ringing_handler(to);
}
