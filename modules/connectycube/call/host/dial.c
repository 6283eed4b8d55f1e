/**
 * @file call/host/dial.c  Who is rung for whom: calls begin here
 *
 *   a phone calls      its extension's cloud users are rung
 *   an app calls       dial= of the extension, or the number that it names
 *   who steers calls   originate.c
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "peer/peer.h"
#include "cube/cube.h"
#include "audio/audio.h"
#include "video/video.h"
#include "sip/sip.h"
#include "config/config.h"
#include "call/event.h"
#include "call/raise.h"
#include "config/users.h"
#include "call/legmedia.h"
#include "call/policy.h"
#include "call/policy_video.h"
#include "call/dtmf_dedup.h"
#include "call/leg.h"
#include "call/leg_cube.h"
#include "call/leg_sip.h"
#include "call/ring.h"
#include "call/forward.h"
#include "call/call.h"
#include "call/rejoin.h"
#include "call/bridge.h"
#include "call/mode.h"
#include "config/userid.h"
#include "call/directory.h"
#include "call/await.h"
#include "call/await_core.h"


static int call_alloc(struct bcall **bcp, struct ext *ext, bool from_app)
{
	return bcall_alloc(bcp, bridge_env(), ext, &ext->calll, from_app);
}


/* --- a phone calls ----------------------------------------------------- */


static int ring_apps(struct bcall *bc, const char *const *idv, size_t idc)
{
	const struct leg *phone = bcall_caller(bc);
	struct leg_peer caller = phone->peer;
	struct leg_media lm;

	if (!str_isset(caller.name))
		caller.name = caller.number;

	if (await_is_by_message(phone))
		return notice_ring(bc, idv, idc);

	phone->ops->media(phone, &lm);

	return leg_cube_connect(bc, idv, idc, &caller, &lm);
}


/* Whom the line means; who is not there is left out. The error is that of the
   last one, and of no use if somebody is */
static size_t find_users(const char **idv, const char *const *refv, size_t n,
			 int *errp)
{
	size_t i, found = 0;

	*errp = ENOENT;

	for (i=0; i<n; i++) {

		const int err = dirsync_find(refv[i], &idv[found]);

		if (!err)
			++found;
		else if (err != ENOENT)
			*errp = err;
	}

	return found;
}


/* Why nobody can be rung: the fault is ours, or the cloud is away */
static void ring_failed(const struct bcall *bc, int err,
			struct leg_cause *cause)
{
	const enum end_reason reason = end_reason_by_errno(err);

	if (reason) {
		cause->end   = reason;
		cause->scode = end_reason_scode(reason);
	}
	else {
		cause->no    = RING_NO_OFFLINE;
		cause->scode = 503;
		cause->retry_after = cube_retry_after(bc->ext->cube);
	}
}


/* Users of the line as it was when the call came. See bcall_group_h */
static int ring_group(struct bcall *bc, size_t first, size_t n,
		      struct leg_cause *cause, void *arg)
{
	const struct user_map *map = arg;
	const char *idv[USER_CALL_MAX];
	size_t i, idc = 0;
	int err;

	n = find_users(idv, (const char *const *)&map->callv[first], n, &err);
	for (i=0; i<n; i++) {
		if (ext_may_ring(bc->ext, idv[i], cause))
			idv[idc++] = idv[i];
	}

	if (n && !idc)
		return EBUSY;

	if (n)
		err = ring_apps(bc, idv, idc);

	if (err == ENOENT) {
		cause->no    = RING_NO_USER;
		cause->scode = 404;
	}
	else if (err) {
		ring_failed(bc, err, cause);
	}

	return err;
}


/* Nobody takes it. The code stays for a caller who may not go on elsewhere. See
   bcall_over_h */
static void ring_over(struct bcall *bc, struct leg_cause *cause, void *arg)
{
	const struct user_map *map = arg;
	const struct leg *phone = bcall_caller(bc);
	const char *target = forward_pick(map->forwardv,
					  bridge_config()->forwardv,
					  cause->no);
	struct pl pl;

	if (!target || !phone)
		return;

	pl_set_str(&pl, target);
	if (users_is_self(map, &pl) ||
	    forward_is_for(&map->numbers, target, phone->peer.number) ||
	    !phone->ops->may_forward || !phone->ops->may_forward(phone)) {
		clog_info("call %u: not sent to %s: it would go in"
			  " circles\n", bc->id, target);
		return;
	}

	cause->forward = target;
	cause->scode   = 302;
}


/* Is it a user whom the extension's phones ring? */
static bool is_rung(const struct leg *leg, void *arg)
{
	return leg->ops->side == EVENT_APP &&
		ext_rings(arg, leg->peer.number);
}


/* Somebody waits for an app of ours whose user calls this very phone */
static bool phone_meets(struct ext *ext, struct sipleg *sl)
{
	const char *user = sipleg_peer_user(sl);
	char number[NUMPLAN_SIZE];
	struct bcall *bc;
	struct leg *leg;

	/* as the leg of a phone that we call has it */
	numplan_from_pbx(number, sizeof(number), &ext->map->numbers,
			 user ? user : "");

	bc = bcall_find_meeting(&ext->calll, number, is_rung, ext);
	if (!bc || leg_sip_take(&leg, bc, sl))
		return false;

	bcall_meet(bc, leg);

	return true;
}


/**
 * Ring the users of a call's extension, for its caller
 *
 * @param bc Call with a caller who waits; freed if nobody can be rung
 *
 * @return 0 if success, also if the call has ended; ENOMEM
 */
int bcall_ring_users(struct bcall *bc)
{
	struct user_map *map = bc->ext->map;

	return bcall_ring(bc, &map->plan, ring_group, ring_over, map);
}


static uint16_t take_phone(struct ext *ext, struct sipleg *sl)
{
	struct bcall *bc;
	struct leg *leg;

	if (phone_meets(ext, sl))
		return 0;

	if (call_alloc(&bc, ext, false))
		return 500;

	if (leg_sip_take(&leg, bc, sl)) {
		mem_deref(bc);
		return 500;
	}

	if (bcall_ring_users(bc))
		bcall_hangup(bc, END_INTERNAL, "no memory");

	return 0;
}


/**
 * A phone calls: ring the extension's cloud users
 *
 * @param ext Extension
 * @param sl  SIP call, taken over
 */
void bcall_from_sip(struct ext *ext, struct sipleg *sl)
{
	struct raise_refused r = {
		.ext = ext, .aor = ext->map->aor, .uri = sipleg_peer_uri(sl),
		.callid = sipleg_id(sl)
	};

	if (await_take(ext, sl))
		return;

	if (admit_phone(&r, ext)) {
		r.scode  = take_phone(ext, sl);
		r.reason = END_INTERNAL;
		r.why    = "cannot be taken";
	}

	if (!r.scode)
		return;

	raise_sip_refused(&r);
	sipleg_end(sl, r.scode,
		   r.scode == 503 ? cube_retry_after(ext->cube) : 0);
	mem_deref(sl);
}


/* --- an app calls ------------------------------------------------------ */


static int dial_phone(struct bcall *bc, const char *number)
{
	const struct leg *app = list_ledata(bc->legl.head);
	struct leg_media lm;

	app->ops->media(app, &lm);

	return leg_sip_connect(bc, number, &lm);
}


/* The number that the app asks for, if it may */
static uint16_t dial_number(struct app_refusal *r, const char **numberp,
			    const struct ext *ext, const struct cube_call *cc)
{
	const char *number = cube_call_info(cc, "dial");

	*numberp = NULL;

	if (!mode_has_sip()) {
		r->reason = "This extension has no SIP: nobody is called";
		r->end    = END_NO_CODEC;
		return 488;
	}

	if (!str_isset(number)) {

		if (str_isset(ext->map->dial))
			return 0;

		str_ncpy(r->why, "no dial= in its line of the users file",
			 sizeof(r->why));
		return 404;
	}

	if (!users_dialable(ext->map->dialable, number)) {
		(void)re_snprintf(r->why, sizeof(r->why),
				  "%s is not in dialable=", number);
		r->end = END_FORBIDDEN;
		return 403;
	}

	*numberp = number;

	return 0;
}


/* Is it the phone that is to be dialled? */
static bool is_target(const struct leg *leg, void *arg)
{
	return leg->ops->side == EVENT_PHONE &&
		forward_is_for(&leg->call->ext->map->numbers, arg,
			       leg->peer.number);
}


/* The phone that is to be dialled calls the app of this very user */
static bool app_meets(struct ext *ext, struct cube_call *cc,
		      const char *target)
{
	struct bcall *bc = bcall_find_meeting(&ext->calll,
					      cube_call_user(cc), is_target,
					      (void *)target);
	struct leg *leg;

	if (!bc || leg_cube_take(&leg, bc, cc))
		return false;

	bcall_meet(bc, leg);

	return true;
}


static int take_app(struct ext *ext, struct cube_call *cc, const char *number)
{
	struct bcall *bc;
	struct leg *leg;
	int err;

	if (app_meets(ext, cc, number ? number : ext->map->dial))
		return 0;

	err = call_alloc(&bc, ext, true);
	if (err)
		return err;

	err = leg_cube_take(&leg, bc, cc);
	if (err) {
		mem_deref(bc);
		return err;
	}

	bcall_start_ringing(bc);

	if (dial_phone(bc, number))
		bcall_hangup(bc, END_INTERNAL, "cannot dial");

	return 0;
}


/* Unless the app names somebody else */
static bool is_called(const struct leg *leg, void *arg)
{
	return !str_isset(arg) ||
		forward_is_for(&leg->call->ext->map->numbers, arg,
			       leg->peer.number);
}


/* The call that its user was in */
static struct bcall *find_left(const struct ext *ext,
			       const struct cube_call *cc)
{
	return rejoin_find(&ext->calll, cube_call_user(cc), is_called,
			   (void *)cube_call_info(cc, "dial"));
}


static uint16_t come_back(struct bcall *bc, struct cube_call *cc)
{
	static const struct leg_cause cause = {
		.scode = 488, .reason = "cannot be joined"
	};
	struct leg *leg;
	uint16_t scode;

	scode = end_reason_scode(leg_cube_prepare(cc));
	if (!scode && leg_cube_park(&leg, cc))
		scode = 500;
	if (scode)
		return scode;

	if (rejoin_take(bc, leg)) {
		clog_warning("call %u: the app has come back, but"
			     " cannot be joined\n", bc->id);
		leg_end(leg, &cause);
		mem_deref(leg);
	}

	return 0;
}


/* Is one more call taken, whoever makes it? */
static uint16_t admit_any(struct app_refusal *r, const struct ext *ext)
{
	r->end = ext->leaving || bridge_is_draining() ? END_SHUTDOWN :
		bridge_full(true) ? END_CONGESTION : END_UNSET;

	if (r->end == END_CONGESTION)
		return 486;

	return !r->end ? 0 : ext->leaving ? 404 : 503;
}


/* As of a new call */
static uint16_t begin_app(struct app_refusal *r, struct ext *ext,
			  struct cube_call *cc)
{
	const char *number = NULL;
	uint16_t scode;

	scode = admit_any(r, ext);
	if (!scode)
		scode = dial_number(r, &number, ext, cc);
	if (!scode)
		scode = admit_app(r, ext, cc, number);
	if (scode)
		return scode;

	r->end = leg_cube_prepare(cc);
	if (!r->end && take_app(ext, cc, number))
		r->end = END_INTERNAL;

	return end_reason_scode(r->end);
}


/**
 * An app calls: dial the extension's SIP address, or the number that the app
 * names if it may
 *
 * @param ext Extension
 * @param cc  Cloud call, taken over
 */
void bcall_from_app(struct ext *ext, struct cube_call *cc)
{
	struct app_refusal r = {.reason = NULL};
	struct bcall *bc = find_left(ext, cc);
	const uint16_t scode = bc ? come_back(bc, cc)
		: begin_app(&r, ext, cc);

	if (!scode)
		return;

	if (!r.reason)
		r.reason = sip_reason(scode);
	raise_refused(ext, cube_call_user(cc), cube_call_id(cc), scode, &r);
	leg_cube_refuse(cc, scode, r.reason); /* never ours: no handlers set */
}
