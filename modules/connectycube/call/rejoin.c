/**
 * @file call/rejoin.c  A party that has gone without a word, and comes back
 *
 * Pure. See rejoin.h.
 */
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "base/mono.h"
#include "audio/audio.h"
#include "video/video.h"
#include "call/event.h"
#include "call/raise.h"
#include "call/reason.h"
#include "call/legmedia.h"
#include "call/leg.h"
#include "call/call.h"
#include "call/rejoin.h"


/** Who may come back */
struct rejoin {
	struct bcall *bc;       /**< Call (parent)                         */
	struct tmr tmr;         /**< Until then                            */
	char *user;             /**< Its user id, or number (owned)        */
	char *session;          /**< Id of the leg that has gone (owned)   */
	char *why;              /**< Why that has (owned)                  */
	enum end_reason reason; /**< The same in one word                  */
};


static void destructor(void *data)
{
	struct rejoin *rj = data;

	tmr_cancel(&rj->tmr);
	mem_deref(rj->user);
	mem_deref(rj->session);
	mem_deref(rj->why);
}


static void end(struct bcall *bc, enum end_reason end, const char *reason)
{
	const struct leg_cause cause = {
		.end = end, .scode = end_reason_scode(end), .reason = reason
	};
	char why[256];

	(void)re_snprintf(why, sizeof(why), "%s, after: %s", reason,
			  bc->rejoin->why);
	bcall_end(bc, &cause, why);
}


static void time_handler(void *arg)
{
	struct rejoin *rj = arg;

	end(rj->bc, rj->reason, "the app has not come back");
}


/* What is left of the time [ms], 0=none */
static uint64_t left(const struct leg *leg)
{
	const uint64_t ms = (uint64_t)leg->call->env->rejoin * 1000;
	const uint64_t gone = leg->lost ? mono_ms() - leg->t_lost : 0;

	return ms > gone ? ms - gone : 0;
}


static struct rejoin *alloc(const struct leg *leg)
{
	struct rejoin *rj;
	int err;

	rj = mem_zalloc(sizeof(*rj), destructor);
	if (!rj)
		return NULL;

	rj->bc = leg->call;
	rj->reason = end_reason_find(&leg->cause, true, leg->incoming);
	err = str_dup(&rj->user, leg->peer.number);
	if (!err)
		err = str_dup(&rj->session, leg->ops->id(leg));
	if (!err)
		err = str_dup(&rj->why, leg->cause.reason ?
			      leg->cause.reason : "");

	return err ? mem_deref(rj) : rj;
}


/**
 * A party has gone. If it did so without a word, who is left is kept for a
 * while
 *
 * @param leg Leg that is over; freed if so
 *
 * @return True if the call lives on
 */
bool rejoin_left(struct leg *leg)
{
	struct bcall *bc = leg->call;
	const struct leg *other = bcall_other(bc, leg);
	const uint64_t ms = left(leg);
	struct rejoin *rj;

	if (!leg->cause.gone || !ms || bc->transfer ||
	    bc->state != BCALL_ESTABLISHED || !str_isset(leg->peer.number) ||
	    !other || other->state != LEG_UP)
		return false;

	rj = alloc(leg);
	if (!rj)
		return false;

	clog_info("call %u: the %s has gone: it may come back within %llu"
		  " s\n", bc->id, leg->ops->party,
		  (unsigned long long)(ms + 999) / 1000);

	bc->rejoin = rj;
	bcall_park_leg(leg);
	raise_left(bc, leg, leg->cause.scode, leg->cause.reason);
	mem_deref(leg);
	bcall_hold_update(bc);
	tmr_start(&rj->tmr, ms, time_handler, rj);

	return true;
}


/* A party that may be gone already, without that being known yet */
static struct leg *find_lost(const struct bcall *bc, const char *user)
{
	struct le *le;

	if (!bc->env->rejoin || bc->transfer ||
	    bc->state != BCALL_ESTABLISHED)
		return NULL;

	for (le = bc->legl.head; le; le = le->next) {

		struct leg *leg = le->data;

		if (leg->lost && left(leg) && leg->state == LEG_UP &&
		    bcall_other(bc, leg) && !str_cmp(leg->peer.number, user))
			return leg;
	}

	return NULL;
}


/* Who waits for a user in a call, NULL=nobody */
static struct leg *find_stayer(const struct bcall *bc, const char *user)
{
	const struct leg *lost;

	if (bc->rejoin)
		return str_cmp(bc->rejoin->user, user) ? NULL :
			list_ledata(bc->legl.head);

	lost = find_lost(bc, user);

	return lost ? bcall_other(bc, lost) : NULL;
}


/**
 * Find the call that a user may come back to
 *
 * @param calll Calls (struct bcall)
 * @param user  User id
 * @param is_h  Whether the one who waits there is whom the user calls
 * @param arg   Handler argument
 *
 * @return Call, NULL if there is none
 */
struct bcall *rejoin_find(const struct list *calll, const char *user,
			  bcall_is_h *is_h, void *arg)
{
	struct le *le;

	for (le = list_head(calll); le; le = le->next) {

		struct bcall *bc = le->data;
		const struct leg *stayer = find_stayer(bc, user);

		if (bc->state == BCALL_ESTABLISHED && stayer &&
		    is_h(stayer, arg))
			return bc;
	}

	return NULL;
}


static int take(struct bcall *bc, struct leg *lost, struct leg *leg)
{
	const struct leg_cause cause = {
		.normal = true, .scode = 480, .reason = "has come back"
	};
	int err;

	if (!lost)
		return bcall_join_leg(bc, leg);

	err = bcall_replace_leg(bc, lost, leg);
	if (err)
		return err;

	leg_end(lost, &cause);
	raise_left(bc, lost, 0, cause.reason);
	mem_deref(lost);

	return 0;
}


/**
 * A user has called again: answer, and let it talk to who was kept
 *
 * @param bc  Call, of rejoin_find()
 * @param leg Leg of no call, which waits for an answer; owned by the call on
 *            success
 *
 * @return 0 if success, otherwise errorcode: the call waits on, and the leg is
 *         to be ended
 */
int rejoin_take(struct bcall *bc, struct leg *leg)
{
	const struct leg *stayer = find_stayer(bc, leg->peer.number);
	struct leg *lost = bc->rejoin ? NULL
		: find_lost(bc, leg->peer.number);
	int err;

	if (!stayer)
		return ENOTCONN;

	err = leg_answer(leg, stayer);
	if (err)
		return err;

	/* it may end while it is watched again */
	mem_ref(bc);

	err = take(bc, lost, leg);
	if (!err && bc->state != BCALL_CLOSED) {
		bc->rejoin = mem_deref(bc->rejoin);
		clog_info("call %u: the %s has come back\n", bc->id,
			  leg->ops->party);
		raise_leg(leg, EVENT_LEG_ANSWERED, leg->peer.number);
	}

	mem_deref(bc);

	return err;
}


/**
 * A user hangs up in a session that is over: that word came late
 *
 * @param calll   Calls (struct bcall); one of them may end
 * @param session Id of the session
 * @param user    User id
 *
 * @return True if a call has ended
 */
bool rejoin_hangup(const struct list *calll, const char *session,
		   const char *user)
{
	struct le *le;

	for (le = list_head(calll); le; le = le->next) {

		struct bcall *bc = le->data;
		const struct rejoin *rj = bc->rejoin;

		/* UUIDs are the same in either case */
		if (rj && bc->state != BCALL_CLOSED &&
		    !str_cmp(rj->user, user) &&
		    !str_casecmp(rj->session, session)) {
			end(bc, END_NORMAL, "the app hung up");
			return true;
		}
	}

	return false;
}
