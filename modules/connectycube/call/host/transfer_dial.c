/**
 * @file call/host/transfer_dial.c  Whom a party is transferred to
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "peer/peer.h"
#include "cube/cube.h"
#include "audio/audio.h"
#include "video/video.h"
#include "sip/sip.h"
#include "sip/pure/referto.h"
#include "config/config.h"
#include "config/users.h"
#include "config/userid.h"
#include "call/event.h"
#include "call/legmedia.h"
#include "call/policy.h"
#include "call/policy_video.h"
#include "call/dtmf_dedup.h"
#include "call/leg.h"
#include "call/leg_cube.h"
#include "call/leg_sip.h"
#include "call/call.h"
#include "call/bridge.h"
#include "call/directory.h"
#include "call/transfer.h"
#include "call/transfer_dial.h"


/* Why a transfer is not begun, as SIP says it */
static uint16_t refusal(int err, const char **reasonp)
{
	switch (err) {

	case 0:
		return 0;

	case EBUSY:
		*reasonp = "the call is being transferred already";
		return 491;

	case ENOTCONN:
		*reasonp = "nobody to transfer";
		return 480;

	default:
		*reasonp = "Server Internal Error";
		return 500;
	}
}


static int dial(struct transfer *tr, struct ext *ext,
		const struct referto *to, const char *by)
{
	const struct leg *stayer = transfer_stayer(tr);
	const struct sip_transferred how = {
		.rep = to->rep.callid[0] ? &to->rep : NULL,
		.by  = by,
	};
	struct leg_media lm;
	struct leg_sip *ls;
	int err;

	stayer->ops->media(stayer, &lm);

	err = leg_sip_alloc(&ls, ext, false);
	if (err)
		return err;

	transfer_reach(tr, &ls->leg);

	/* a number is one of our server's */
	return leg_sip_dial(&ls->leg, ext, to->host[0] ? to->uri : to->user, &how,
			    stayer, &lm);
}


/* A number is an address of our server */
static int delegate(struct transfer *tr, struct leg *stayer,
		    const struct ext *ext, const struct referto *to)
{
	struct referto rt = *to;
	char *uri;
	int err;

	if (to->host[0])
		return stayer->ops->delegate(stayer, tr, to);

	err = leg_sip_complete(&uri, ext, to->user);
	if (err)
		return err;

	str_ncpy(rt.uri, uri, sizeof(rt.uri));
	mem_deref(uri);

	return stayer->ops->delegate(stayer, tr, &rt);
}


/**
 * Transfer whoever talks to a party to a SIP address
 *
 * @param from    Party that leaves
 * @param to      Address, and whom to replace there
 * @param by      Who has ordered it, as SIP says it, NULL=unset
 * @param order   Who wants it
 * @param reasonp Why it is not begun
 *
 * @return 0 if it is begun, and told from then on; else SIP status code
 */
uint16_t transfer_to_sip(struct leg *from, const struct referto *to,
			 const char *by, const struct transfer_order *order,
			 const char **reasonp)
{
	const struct ext *ext = from->call ? from->call->ext : NULL;
	struct transfer *tr;
	struct leg *stayer;
	int err;

	err = transfer_begin(&tr, from, order);
	if (err)
		return refusal(err, reasonp);

	stayer = transfer_stayer(tr);

	err = stayer->ops->delegate ? delegate(tr, stayer, ext, to) : ENOTSUP;
	if (err == ENOTSUP)
		err = dial(tr, from->call->ext, to, by);
	if (err)
		transfer_fail(tr, 500, "cannot be called");

	return 0;
}


/**
 * A phone orders a transfer. If whom it names has a call with it over this
 * bridge, too, the two that are left are joined without another call
 *
 * @param from    Its leg
 * @param to      Address, and whom to replace there
 * @param by      Who has ordered it, as SIP says it, NULL=unset
 * @param order   Who wants it
 * @param reasonp Why it is not begun
 *
 * @return 0 if it is begun, and told from then on; else SIP status code
 */
uint16_t transfer_by_phone(struct leg *from, const struct referto *to,
			   const char *by, const struct transfer_order *order,
			   const char **reasonp)
{
	struct sipleg *sl = to->rep.callid[0] ? sipleg_find_dialog(&to->rep)
		: NULL;
	struct leg *other = sl ? sipleg_owner(sl) : NULL;

	if (!other || !other->call)
		return transfer_to_sip(from, to, by, order, reasonp);

	switch (transfer_join(from, other, order)) {

	case 0:
		return 0;

	case ENOENT:    /* was told */
		return 0;

	case EBUSY:
		return refusal(EBUSY, reasonp);

	default:
		return refusal(ENOTCONN, reasonp);
	}
}


/* Whom the bridge rings anyway, or who may call this extension */
static bool may_ring(const struct ext *ext, const char *id)
{
	struct le *le;

	if (ext->map->callers && !ext_may_call(ext, id))
		return true;

	for (le = list_head(bridge_exts()); le; le = le->next) {
		if (ext_rings(le->data, id))
			return true;
	}

	return false;
}


static int ring(struct transfer *tr, const struct ext *ext, const char *id)
{
	const struct leg *stayer = transfer_stayer(tr);
	struct leg_peer caller = stayer->peer;
	struct leg_media lm;
	struct leg *leg;
	int err;

	if (!str_isset(caller.name))
		caller.name = caller.number;

	stayer->ops->media(stayer, &lm);

	err = leg_cube_alloc(&leg);
	if (err)
		return err;

	transfer_reach(tr, leg);

	return leg_cube_ring(leg, ext, &id, 1, &caller, &lm);
}


/**
 * Transfer whoever talks to a party to a user of the cloud
 *
 * @param from    Party that leaves
 * @param id      User's id
 * @param order   Who wants it
 * @param reasonp Why it is not begun
 *
 * @return 0 if it is begun, and told from then on; else SIP status code
 */
uint16_t transfer_to_user(struct leg *from, const char *id,
			  const struct transfer_order *order,
			  const char **reasonp)
{
	struct transfer *tr;
	int err;

	if (!from->call || !may_ring(from->call->ext, id)) {
		*reasonp = "target: no such user in call= or callers=";
		return 404;
	}

	err = transfer_begin(&tr, from, order);
	if (err)
		return refusal(err, reasonp);

	err = ring(tr, from->call->ext, id);
	if (err)
		transfer_fail(tr, 503, end_reason_by_errno(err)
			      ? "there is no room for one more call"
			      : "the cloud cannot be reached");

	return 0;
}


/* Whoever runs the bridge may name what apps may not */
static int read_target(struct referto *rt, const char *target)
{
	struct pl pl;

	pl_set_str(&pl, target);
	if (strchr(target, ':'))
		return referto_decode(rt, &pl);

	memset(rt, 0, sizeof(*rt));
	str_ncpy(rt->user, target, sizeof(rt->user));

	return 0;
}


/**
 * The console orders a transfer
 *
 * @param bc      Call
 * @param side    Who leaves
 * @param target  To whom: number, address, or user: with an id, or a name as
 *                in the users file
 * @param reasonp Why it is not begun
 *
 * @return 0 if it is begun, otherwise errorcode
 */
int transfer_by_console(struct bcall *bc, enum event_side side,
			const char *target, const char **reasonp)
{
	const struct transfer_order order = {.target = target};
	struct leg *from = bcall_find_side(bc, side);
	const char *user;
	struct referto rt;

	if (!from || !leg_is_answered(from)) {
		*reasonp = "it has no such party, or none that has answered";
		return ENOTCONN;
	}

	if (!strncmp(target, "user:", 5)) {

		if (dirsync_find(target + 5, &user)) {
			*reasonp = "that user is not known, or not yet";
			return ENOENT;
		}

		return transfer_to_user(from, user, &order, reasonp)
			? EPERM : 0;
	}

	if (read_target(&rt, target)) {
		*reasonp = "no number, sip: or tel: address, or user:ID";
		return EINVAL;
	}

	return transfer_to_sip(from, &rt, NULL, &order, reasonp) ? EBUSY : 0;
}
