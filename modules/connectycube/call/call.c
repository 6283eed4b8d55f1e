/**
 * @file call/call.c  A call: its states, and what its parties do to it
 *
 * Pure. See call.h. One party's end ends the call; what one side is told about
 * the other stands in policy.c.
 */
#include <string.h>
#include <re.h>
#include "base/mono.h"
#include "base/uuid.h"
#include "audio/audio.h"
#include "video/video.h"
#include "sip/pure/trace.h"
#include "call/event.h"
#include "call/raise.h"
#include "call/legmedia.h"
#include "call/leg.h"
#include "call/ring.h"
#include "call/call.h"
#include "call/transfer.h"
#include "call/rejoin.h"
#include "call/listen.h"
#include "call/tap.h"


static uint32_t last_id;


/**
 * Name a state
 *
 * @param state State
 *
 * @return Name
 */
const char *bcall_state_name(enum bcall_state state)
{
	switch (state) {

	case BCALL_IDLE:        return "IDLE";
	case BCALL_CALLING:     return "CALLING";
	case BCALL_RINGING:     return "RINGING";
	case BCALL_ANSWERED:    return "ANSWERED";
	case BCALL_ESTABLISHED: return "ESTABLISHED";
	case BCALL_CLOSED:      return "CLOSED";
	default:                return "?";
	}
}


/**
 * Change a call's state; the only place that does
 *
 * @param bc    Call
 * @param state New state
 */
void bcall_set_state(struct bcall *bc, enum bcall_state state)
{
	const char *prev = bcall_state_name(bc->state);

	if (bc->state == state)
		return;

	bc->state = state;
	raise_state(bc, prev);
}


/**
 * Was the call answered, by whichever party?
 *
 * @param bc Call
 *
 * @return True if it was
 */
bool bcall_is_answered(const struct bcall *bc)
{
	return bc->state == BCALL_ANSWERED || bc->state == BCALL_ESTABLISHED;
}


static void destructor(void *data)
{
	struct bcall *bc = data;
	struct ext *ext = bc->ext;
	size_t i;

	/* its extension goes with all its calls */
	if (bc->state != BCALL_IDLE && bc->state != BCALL_CLOSED) {

		const struct raise_end how = {
			.reason = END_SHUTDOWN, .why = "shutdown"
		};
		const char *prev = bcall_state_name(bc->state);

		bc->state = BCALL_CLOSED;
		bcall_listen_end(bc);
		bcall_tap_over(bc);
		raise_ended(bc, prev, &how);
	}

	bcall_tap_over(bc);
	list_unlink(&bc->le);
	tmr_cancel(&bc->tmr);
	tmr_cancel(&bc->tmr_watch);
	bc->transfer = mem_deref(bc->transfer);
	bc->rejoin = mem_deref(bc->rejoin);
	tmr_cancel(&bc->tmr_max);

	/* a handler may still have its leg */
	while (bc->legl.head) {

		struct leg *leg = bc->legl.head->data;

		list_unlink(&leg->le);
		leg->call = NULL;
		leg->h    = NULL;
		mem_deref(leg);
	}

	bcall_audio_unwire(bc);
	bcall_video_unwire(bc);
	mem_deref(bc->ring);
	mem_deref(bc->next);
	for (i=0; i<ARRAY_SIZE(bc->leftv); i++)
		bcall_left_reset(&bc->leftv[i]);

	if (bc->env->goneh)
		bc->env->goneh(ext);
}


static void end(struct bcall *bc, const struct leg_cause *cause,
		const struct raise_end *how)
{
	const char *prev = bcall_state_name(bc->state);
	struct le *le;

	/* told by one party while another one is being told */
	if (bc->state == BCALL_CLOSED)
		return;

	bc->state = BCALL_CLOSED;
	bcall_listen_end(bc);
	transfer_call_ended(bc);

	for (le = bc->legl.head; le; le = le->next)
		leg_end(le->data, cause);

	/* all have been told; nothing happens on it any more */
	bcall_tap_over(bc);
	raise_ended(bc, prev, how);
	mem_deref(bc);
}


/**
 * End a call on all sides that have not ended
 *
 * @param bc    Call, freed
 * @param cause What the parties are told
 * @param why   Why, for the log
 */
void bcall_end(struct bcall *bc, const struct leg_cause *cause,
	       const char *why)
{
	const struct raise_end how = {
		.scode = cause->scode, .why = why,
		.reason = cause->end ? cause->end
			: end_reason_by_scode(cause->scode),
	};

	end(bc, cause, &how);
}


/**
 * End a call on all sides
 *
 * @param bc     Call, freed. NULL is ignored
 * @param reason Why
 * @param why    The same, readable
 */
void bcall_hangup(struct bcall *bc, enum end_reason reason, const char *why)
{
	const struct leg_cause cause = {
		.end = reason, .scode = end_reason_scode(reason),
		.reason = why
	};

	if (bc)
		bcall_end(bc, &cause, why);
}


static int update_media(struct bcall *bc)
{
	const int err = bcall_audio_update(bc);

	if (!err)
		(void)bcall_video_update(bc);

	bcall_hold_update(bc);

	return err;
}


/* The party that waits for an answer, if any */
static struct leg *waiting(const struct bcall *bc)
{
	struct leg *leg = bcall_caller(bc);

	return leg && leg_waits(leg) ? leg : NULL;
}


static void ringing_handler(struct leg *leg)
{
	struct bcall *bc = leg->call;
	struct leg *caller;

	if (bc->state != BCALL_CALLING)
		return;

	bcall_set_state(bc, BCALL_RINGING);

	caller = waiting(bc);

	if (caller && caller->ops->ring && caller->ops->ring(caller))
		bcall_hangup(bc, END_INTERNAL, "cannot ring");
}


static void max_handler(void *arg)
{
	bcall_hangup(arg, END_LONGEST, "longest call");
}


/**
 * A call is answered: it lasts no longer than calls may, whoever takes part in
 * it, and however often it is passed on
 *
 * @param bc Call that was not answered yet
 */
void bcall_set_answered(struct bcall *bc)
{
	bc->t_answer = mono_ms();
	bcall_set_state(bc, BCALL_ANSWERED);
	bcall_early_over(bc);

	if (bc->env->call_max)
		tmr_start(&bc->tmr_max, 1000 * (uint64_t)bc->env->call_max,
			  max_handler, bc);
}


/* Who is to talk first is there: nobody has answered whom the call is for */
static void ring_second(struct bcall *bc, const struct leg *first)
{
	tmr_cancel(&bc->tmr);
	bc->first_num = first->num;

	if (bc->nexth(bc))
		bcall_hangup(bc, END_INTERNAL, "cannot dial");
}


static void answered_handler(struct leg *leg)
{
	struct bcall *bc = leg->call;
	const struct leg *other = bcall_other(bc, leg);
	struct leg *caller = waiting(bc);
	int err = 0;

	if (bc->nexth && !other) {
		ring_second(bc, leg);
		return;
	}

	/* the place of the first one was taken while the second one rings */
	if (bc->first && !(other && leg_is_answered(other)))
		return;

	tmr_cancel(&bc->tmr);

	if (!bcall_is_answered(bc))
		bcall_set_answered(bc);

	if (caller)
		err = leg_answer(caller, leg);
	if (!err)
		err = update_media(bc);
	if (err)
		bcall_hangup(bc, END_NO_CODEC, "cannot answer");
}


static bool all_up(const struct bcall *bc)
{
	struct le *le;

	for (le = bc->legl.head; le; le = le->next) {

		const struct leg *leg = le->data;

		if (leg->state != LEG_UP)
			return false;
	}

	return list_count(&bc->legl) > 1;
}


static void up_handler(struct leg *leg)
{
	struct bcall *bc = leg->call;

	if (!all_up(bc))
		return;

	if (!bc->t_estab)
		bc->t_estab = mono_ms();

	bcall_set_state(bc, BCALL_ESTABLISHED);
	bcall_warm(bc);
	bcall_listen(bc);
	bcall_watch(bc);        /* last: it may end the call */
}


static void audio_handler(struct leg *leg)
{
	struct bcall *bc = leg->call;
	const int err = bcall_audio_update(bc);

	if (err)
		raise_not_bridged(bc, "audio", err);
}


static void video_handler(struct leg *leg)
{
	(void)bcall_video_update(leg->call);
}


static void identity_handler(struct leg *leg)
{
	bcall_tell_identity(leg->call, leg);
}


/* By telephone-event if the party has that, else as its protocol does */
static int send_key(struct leg *leg, char key, uint32_t ms)
{
	const int err = audio_port_send_key(leg->audio, key, ms);

	return err == ENOTSUP ? leg->ops->key_send(leg, key, ms) : err;
}


static int keys_handler(struct leg *leg, const char *keys, size_t n,
			uint32_t ms)
{
	struct bcall *bc = leg->call;
	struct leg *other = bcall_other(bc, leg);
	char why[128] = "";
	size_t i, lost = 0;
	int e, err = 0;

	if (!other)
		return ENOTCONN;

	for (i=0; i<n; i++) {

		e = send_key(other, keys[i], ms);
		if (e) {
			err = e;
			++lost;
		}
	}

	/* how many, but not which: they may be a PIN */
	if (err)
		(void)re_snprintf(why, sizeof(why), "%m", err);

	raise_keys(bc, other->ops->side, n - lost, lost, why);

	return err;
}


static void keys_told_handler(struct leg *leg, size_t sent, size_t lost,
			      const char *why)
{
	const struct leg *other = bcall_other(leg->call, leg);

	if (other)
		raise_keys(leg->call, other->ops->side, sent, lost, why);
}


static void failed_handler(struct leg *leg)
{
	struct bcall *bc = leg->call;
	const struct leg_cause cause = leg->cause;

	leg_end(leg, &cause);
	if (!transfer_left(leg))
		bcall_end(bc, &cause, cause.reason);
}


static void closed_handler(struct leg *leg)
{
	struct leg_cause cause = leg->cause;
	struct raise_end how = {
		.by = cause.ours ? EVENT_BRIDGE : leg->ops->side
	};
	char why[256];

	if (bcall_ring_goes_on(leg))
		return;

	if (transfer_left(leg) || rejoin_left(leg))
		return;

	(void)re_snprintf(why, sizeof(why), "%s: %s", leg->ops->name,
			  cause.text ? cause.text : cause.reason);

	if (!leg->incoming)
		bcall_ring_ended(leg->call, &cause);

	how.scode  = cause.normal ? 0 : cause.scode;
	how.why    = why;
	how.reason = end_reason_find(&cause, bcall_is_answered(leg->call),
				     leg->incoming ||
				     leg->num == leg->call->first_num);
	end(leg->call, &cause, &how);
}


/* A party of a call is told of by these */
const struct leg_handlers bcall_handlers = {
	.ringingh  = ringing_handler,
	.earlyh    = bcall_early,
	.answeredh = answered_handler,
	.uph       = up_handler,
	.audioh    = audio_handler,
	.videoh    = video_handler,
	.heldh     = bcall_held,
	.identityh = identity_handler,
	.keysh     = keys_handler,
	.keys_toldh = keys_told_handler,
	.failedh   = failed_handler,
	.closedh   = closed_handler,
};


/* --- the call ---------------------------------------------------------- */


/**
 * Make a call without parties
 *
 * @param bcp      Pointer to the new call; freed when it ends
 * @param env      What all calls have in common
 * @param ext      Extension
 * @param calll    Its list of calls
 * @param from_app True if the app calls
 *
 * @return 0 if success, otherwise errorcode
 */
int bcall_alloc(struct bcall **bcp, const struct bcall_env *env,
		struct ext *ext, struct list *calll, bool from_app)
{
	struct bcall *bc;

	bc = mem_zalloc(sizeof(*bc), destructor);
	if (!bc)
		return ENOMEM;

	bc->env       = env;
	bc->ext       = ext;
	bc->from_app  = from_app;
	bc->id        = ++last_id;
	bc->linked_id = bc->id;
	uuid_make(bc->record);
	str_ncpy(bc->linked, bc->record, sizeof(bc->linked));
	bc->t_start   = mono_ms();
	trace_make(bc->trace, sizeof(bc->trace));
	list_append(calll, &bc->le, bc);

	*bcp = bc;

	return 0;
}
