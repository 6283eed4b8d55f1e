/**
 * @file call/ring.c  How long a call rings: by a plan, one group after another,
 *                   or for the ring time
 *
 * Pure. See ring.h. Each group is a leg, with a session of its own in the
 * cloud: so a user may be in several groups, and whoever answers when his time
 * is over is told so.
 */
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "base/mono.h"
#include "audio/audio.h"
#include "video/video.h"
#include "call/event.h"
#include "call/raise.h"
#include "call/legmedia.h"
#include "call/leg.h"
#include "call/ring.h"
#include "call/call.h"


/** How a call rings */
struct ring_call {
	struct ringing r;       /**< Who rings, until when                 */
	bcall_group_h *grouph;  /**< Makes a group's leg                   */
	bcall_over_h *overh;    /**< Nobody is left, or NULL               */
	void *arg;              /**< Handler argument (owned)              */
	enum end_reason end;    /**< Why nobody has answered, END_UNSET=as
				     its code, or r.no, has it             */
	uint32_t retry_after;   /**< Worth another try after that [s]      */
};


static void destructor(void *data)
{
	struct ring_call *ring = data;

	mem_deref(ring->arg);
}


static void note(struct ring_call *ring, const struct leg_cause *cause)
{
	if (ringing_note(&ring->r, cause->no, cause->scode))
		ring->end = cause->end;
	ring->retry_after = max(ring->retry_after, cause->retry_after);
}


static const char *reason(enum ring_no no)
{
	switch (no) {

	case RING_NO_USER:     return "no such user in the cloud";
	case RING_NO_OFFLINE:  return "the cloud is not online";
	case RING_NO_BUSY:     return "busy";
	case RING_NO_REJECTED: return "rejected";
	case RING_NO_ANSWER:   return "No answer";
	default:               return "nobody can be rung";
	}
}


/* The same in one word, END_UNSET=that of who could not be rung */
static enum end_reason end_of(enum ring_no no)
{
	switch (no) {

	case RING_NO_USER:     return END_NOT_FOUND;
	case RING_NO_OFFLINE:  return END_CLOUD;
	case RING_NO_BUSY:     return END_BUSY;
	case RING_NO_REJECTED: return END_REJECTED;
	case RING_NO_ANSWER:   return END_NO_ANSWER;
	default:               return END_UNSET;
	}
}


/**
 * End the legs of whoever was called, and is no party yet
 *
 * @param bc    Call
 * @param cause What they are told
 */
void bcall_drop_callees(struct bcall *bc, const struct leg_cause *cause)
{
	struct le *le = bc->legl.head;

	while (le) {

		struct leg *leg = le->data;

		le = le->next;

		if (leg->incoming)
			continue;

		bcall_park_leg(leg);
		leg_end(leg, cause);
		raise_leg_ended(bc, leg, cause->scode, cause->reason);
		mem_deref(leg);
	}
}


static void over(struct bcall *bc)
{
	struct leg_cause cause = {.scode = 480};

	bcall_ring_ended(bc, &cause);
	cause.reason = reason(cause.no);
	bcall_end(bc, &cause, cause.reason);
}


static void time_handler(void *arg);


/* Returns false if nobody is left */
static bool ring_next(struct bcall *bc)
{
	struct ring_call *ring = bc->ring;

	while (ringing_next(&ring->r, mono_ms())) {

		struct leg_cause cause = {
			.end = END_INTERNAL, .scode = 500,
			.reason = "cannot call"
		};

		if (!ring->grouph(bc, ring->r.first, ring->r.n, &cause,
				  ring->arg)) {

			tmr_start(&bc->tmr, ringing_left(&ring->r, mono_ms()),
				  time_handler, bc);
			return true;
		}

		note(ring, &cause);
	}

	return false;
}


static void time_handler(void *arg)
{
	static const struct leg_cause cause = {
		.no = RING_NO_ANSWER, .end = END_NO_ANSWER,
		.scode = 480, .reason = "No answer"
	};
	struct bcall *bc = arg;
	struct ring_call *ring = bc->ring;

	note(ring, &cause);

	if (!ringing_more(&ring->r)) {
		over(bc);
		return;
	}

	clog_debug("call %u: group %zu does not answer\n", bc->id,
		   ring->r.nextc);
	bcall_drop_callees(bc, &cause);

	if (!ring_next(bc))
		over(bc);
}


/**
 * Ring by a plan: group by group, until one answers
 *
 * @param bc     Call, without callees; freed if nobody can be rung
 * @param plan   Whom, and how long; copied
 * @param grouph Makes a group's leg
 * @param overh  Told when nobody is left, or NULL
 * @param arg    Handler argument: memory, to which a reference is kept
 *
 * @return 0 if success, also if the call has ended; ENOMEM
 */
int bcall_ring(struct bcall *bc, const struct ringplan *plan,
	       bcall_group_h *grouph, bcall_over_h *overh, void *arg)
{
	struct ring_call *ring;

	ring = mem_zalloc(sizeof(*ring), destructor);
	if (!ring)
		return ENOMEM;

	ringing_init(&ring->r, plan, bc->env->ring_time);
	ring->grouph = grouph;
	ring->overh  = overh;
	ring->arg    = mem_ref(arg);

	mem_deref(bc->ring);
	bc->ring = ring;
	bcall_set_state(bc, BCALL_CALLING);

	if (!ring_next(bc))
		over(bc);

	return 0;
}


/**
 * The leg of a group is over: ring the next one
 *
 * @param leg Leg of a call, over; gone if true is returned
 *
 * @return True if that was all, false if its end is that of the call
 */
bool bcall_ring_goes_on(struct leg *leg)
{
	const struct leg_cause cause = leg->cause;
	struct bcall *bc = leg->call;

	if (!bc->ring || leg->incoming || bcall_is_answered(bc))
		return false;

	note(bc->ring, &cause);

	if (!ringing_more(&bc->ring->r))
		return false;

	bcall_drop_callees(bc, &cause);

	if (!ring_next(bc))
		over(bc);

	return true;
}


/**
 * A call that rang by a plan ends: if that is because nobody took it, its
 * caller is told what says most of all groups, or where to call instead
 *
 * @param bc    Call
 * @param cause What the caller is told, changed
 */
void bcall_ring_ended(struct bcall *bc, struct leg_cause *cause)
{
	const struct ring_call *ring = bc->ring;

	if (!ring || bcall_is_answered(bc) || !ring->r.scode)
		return;

	cause->no          = ring->r.no;
	cause->end         = end_of(cause->no);
	if (!cause->end)
		cause->end = ring->end;
	cause->scode       = ring->r.scode;
	cause->retry_after = ring->retry_after;

	if (ring->overh)
		ring->overh(bc, cause, ring->arg);

	if (cause->forward)
		cause->end = END_FORWARDED;
}


static void ring_timeout(void *arg)
{
	bcall_hangup(arg, END_NO_ANSWER, "No answer");
}


/**
 * Somebody is being reached, for no longer than the ring time
 *
 * @param bc Call
 */
void bcall_start_ringing(struct bcall *bc)
{
	tmr_start(&bc->tmr, bc->env->ring_time * 1000, ring_timeout, bc);

	/* of two who are rung, one has rung already */
	if (bc->state == BCALL_IDLE)
		bcall_set_state(bc, BCALL_CALLING);
}
