/**
 * @file call/host/leg_cube_transfer.c  Transfers that an app orders
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
#include "call/event.h"
#include "call/legmedia.h"
#include "call/policy.h"
#include "call/policy_video.h"
#include "call/leg.h"
#include "call/leg_cube.h"
#include "call/call.h"
#include "call/bridge.h"
#include "call/transfer.h"
#include "call/transfer_dial.h"
#include "call/transfer_target.h"


static void told_handler(enum transfer_state state, uint16_t scode,
			 const char *reason, void *arg)
{
	struct leg_cube *lc = arg;
	char code[8];
	const struct cube_info infov[] = {
		{"state",    transfer_state_name(state)},
		{"sip_code", code},
		{"reason",   reason},
	};

	(void)re_snprintf(code, sizeof(code), "%u", scode);

	if (state != TRANSFER_TRYING)
		(void)cube_call_tell(lc->cc, "transfer", infov,
				     ARRAY_SIZE(infov));
}


static struct leg *find_in(const struct bcall *bc, const struct leg *like,
			   const char *session)
{
	struct le *le;

	for (le = bc->legl.head; le; le = le->next) {

		struct leg *leg = le->data;

		if (leg != like && leg->ops == like->ops &&
		    !str_cmp(leg->ops->id(leg), session) &&
		    !str_cmp(leg->peer.number, like->peer.number))
			return leg;
	}

	return NULL;
}


/* Another call of the same user */
static struct leg *find_session(const struct leg *like, const char *session)
{
	struct le *le, *lec;

	for (le = list_head(bridge_exts()); le; le = le->next) {

		const struct ext *ext = le->data;

		for (lec = ext->calll.head; lec; lec = lec->next) {

			struct leg *leg = find_in(lec->data, like, session);

			if (leg)
				return leg;
		}
	}

	return NULL;
}


static int join(struct leg *leg, const struct transfer_order *order,
		const char **reasonp)
{
	struct leg *other = find_session(leg, order->target);
	int err;

	if (!other) {
		*reasonp = "target_session: no such call";
		return ENOENT;
	}

	err = transfer_join(leg, other, order);
	if (err == EBUSY)
		*reasonp = "the call is being transferred already";
	else if (err)
		*reasonp = "target_session: nobody to be joined with";

	return err;
}


static int reach(struct leg *leg, const struct transfer_order *order,
		 const char **reasonp)
{
	const struct ext *ext = leg->call->ext;
	struct transfer_target t;
	struct referto rt;
	int err;

	err = transfer_target_decode(&t, &rt, order->target,
				     ext->map->dialable,
				     &account_luri(ua_account(ext->ua))->host);
	if (err) {
		*reasonp = err == EPERM ? "target: not in dialable="
			: "target: a number, sip: or tel: address, or user";
		return err;
	}

	return (t.is_user ? transfer_to_user(leg, t.user, order, reasonp)
		: transfer_to_sip(leg, &rt, NULL, order, reasonp))
		? EBUSY : 0;
}


/**
 * An app wants a transfer. See leg_ops
 *
 * @param leg     App's leg
 * @param target  To whom, or NULL
 * @param session Session id of the call to be joined with, or NULL
 * @param reasonp Why not
 *
 * @return 0 if it is begun, otherwise errorcode
 */
int leg_cube_transfer(struct leg *leg, const char *target,
		      const char *session, const char **reasonp)
{
	const struct transfer_order order = {
		.target = target ? target : session,
		.toldh  = told_handler,
		.arg    = leg,
	};

	if (bridge_config()->transfer == TRANSFER_NO) {
		*reasonp = "transfers are turned off";
		return EPERM;
	}

	if (!leg->call || !leg->call->ext->ua) {
		*reasonp = "not in this call";
		return ENOTCONN;
	}

	return target ? reach(leg, &order, reasonp)
		: join(leg, &order, reasonp);
}
