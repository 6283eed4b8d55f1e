/**
 * @file call/notice_reply.c  What apps answer that were told of a call by
 *                            message
 *
 * Pure. See leg_notice.h. The first device that accepts has the call; what
 * comes again, or too late, changes nothing, and is told so.
 */
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "base/mono.h"
#include "peer/peer.h"
#include "cube/cube.h"
#include "audio/audio.h"
#include "video/video.h"
#include "sip/sip.h"
#include "config/config.h"
#include "call/event.h"
#include "call/raise.h"
#include "call/legmedia.h"
#include "call/policy.h"
#include "call/leg.h"
#include "call/call.h"
#include "call/token.h"
#include "call/leg_notice.h"
#include "call/notice_core.h"


static int refuse(const char **reasonp, int err, const char *reason)
{
	*reasonp = reason;

	return err;
}


static struct notice_user *find_user(struct leg_notice *ln, const char *id)
{
	size_t i;

	for (i=0; i<ln->userc; i++) {
		if (!str_cmp(ln->userv[i].id, id))
			return &ln->userv[i];
	}

	return NULL;
}


/* Whom it does not ring learns nothing of it, not even whether it exists */
static int find(struct leg_notice **lnp, struct notice_user **userp,
		const struct notice_reply *r, const char **reasonp)
{
	void *what = NULL;

	switch (token_look(notice_calls(), r->call, r->ext, &what,
			   mono_ms())) {

	case TOKEN_WAITING:
		break;

	case TOKEN_USED:
		return refuse(reasonp, EALREADY, "this call was answered");

	case TOKEN_OVER:
		return refuse(reasonp, ECANCELED, "this call is over");

	default:
		return refuse(reasonp, ENOENT, "no such call");
	}

	*lnp   = what;
	*userp = find_user(*lnp, r->user);

	return *userp ? 0 : refuse(reasonp, ENOENT, "no such call");
}


/* Somebody has taken it: the others, and his other devices, ring no more */
static void tell_all(struct leg_notice *ln, struct notice_user *winner)
{
	size_t i;

	for (i=0; i<ln->userc; i++) {

		struct notice_user *user = &ln->userv[i];

		if (user == winner)
			notice_tell_answered(ln, user);
		else if (user->state == NOTICE_RINGING)
			notice_tell_end(ln, user, "answered_elsewhere");
	}
}


static int take(struct leg_notice *ln, struct notice_user *user,
		const struct notice_reply *r)
{
	int err;

	err = str_dup(&ln->jid, r->jid);
	if (!err && str_isset(r->number))
		err = str_dup(&ln->number, r->number);
	if (!err)
		err = leg_set_peer(&ln->leg, NULL, user->id, NULL);
	if (err) {
		ln->jid    = mem_deref(ln->jid);
		ln->number = mem_deref(ln->number);
		return err;
	}

	tmr_cancel(&ln->tmr);
	user->state = NOTICE_ANSWERED;
	tell_all(ln, user);
	raise_leg(&ln->leg, EVENT_LEG_ANSWERED, ln->jid);

	/* it may be gone afterwards */
	if (ln->leg.state == LEG_CALLING)
		leg_ringing(&ln->leg);
	leg_answered(&ln->leg);

	return 0;
}


/**
 * An app accepts a call that it was told of
 *
 * @param r       What it answers
 * @param reasonp Set to why that is refused
 *
 * @return 0 if success, also if this very device has accepted it before; ENOENT
 *         there is no such call for its user; EALREADY another device was
 *         first, or its user has rejected it; ECANCELED it is over; ENOMEM
 */
int notice_answer(const struct notice_reply *r, const char **reasonp)
{
	struct notice_user *user;
	struct leg_notice *ln;
	int err;

	if (!r || !r->user || !r->jid || !reasonp)
		return EINVAL;

	err = find(&ln, &user, r, reasonp);
	if (err)
		return err;

	if (ln->jid)
		return !str_cmp(ln->jid, r->jid) ? 0 :
			refuse(reasonp, EALREADY, "this call was answered");
	if (user->state != NOTICE_RINGING)
		return refuse(reasonp, EALREADY, "this call was rejected");

	mem_ref(ln);
	err = take(ln, user, r);
	mem_deref(ln);

	return err;
}


/* Does anybody ring still? If not, were all of them busy? */
static bool rings(const struct leg_notice *ln, bool *busyp)
{
	size_t i;

	*busyp = true;

	for (i=0; i<ln->userc; i++) {

		if (ln->userv[i].state == NOTICE_RINGING)
			return true;

		*busyp &= ln->userv[i].state == NOTICE_BUSY;
	}

	return false;
}


/* The last one does not want it */
static void close_leg(struct leg_notice *ln, bool busy)
{
	const enum cube_end why = busy ? CUBE_END_BUSY : CUBE_END_REJECTED;
	const struct leg_cause cause = {
		.no     = policy_ring_no(why),
		.end    = policy_end(why),
		.scode  = policy_scode(why, ln->reject_code),
		.reason = busy ? "busy" : "rejected",
	};

	tmr_cancel(&ln->tmr);
	token_over(notice_calls(), ln->call, mono_ms());
	leg_closed(&ln->leg, &cause);
}


/**
 * A user does not want a call that he was told of: all his devices are told so
 *
 * @param r       What its app answers
 * @param reasonp Set to why that is refused
 *
 * @return 0 if success, otherwise as of notice_answer()
 */
int notice_reject(const struct notice_reply *r, const char **reasonp)
{
	struct notice_user *user;
	struct leg_notice *ln;
	bool busy;
	int err;

	if (!r || !r->user || !reasonp)
		return EINVAL;

	err = find(&ln, &user, r, reasonp);
	if (err)
		return err;

	if (ln->jid)
		return refuse(reasonp, EALREADY, "this call was answered");
	if (user->state != NOTICE_RINGING)
		return refuse(reasonp, EALREADY, "this call was rejected");

	user->state = r->busy ? NOTICE_BUSY : NOTICE_REJECTED;
	notice_tell_end(ln, user, r->busy ? "busy" : "rejected");
	if (!r->busy && ln->declinedh && ln->leg.call)
		ln->declinedh(ln->leg.call, user->id);

	mem_ref(ln);
	if (!rings(ln, &busy))
		close_leg(ln, busy);
	mem_deref(ln);

	return 0;
}
