/**
 * @file call/host/leg_sip_refer.c  Transfers that a phone orders
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "peer/peer.h"
#include "cube/cube.h"
#include "audio/audio.h"
#include "video/video.h"
#include "sip/sip.h"
#include "config/config.h"
#include "sip/pure/referto.h"
#include "call/event.h"
#include "call/legmedia.h"
#include "call/policy_video.h"
#include "call/dtmf_dedup.h"
#include "call/leg.h"
#include "call/leg_sip.h"
#include "call/call.h"
#include "call/bridge.h"
#include "call/transfer.h"
#include "call/transfer_dial.h"


static void told_handler(enum transfer_state state, uint16_t scode,
			 const char *reason, void *arg)
{
	if (state != TRANSFER_TRYING)
		referral_notify(arg, scode, reason);
}


/**
 * The phone of a leg is transferred, by its own order: REFER. See
 * sipleg_refer_h
 *
 * @param refer To whom
 * @param r     Whom to tell of progress
 * @param arg   Leg
 */
void leg_sip_refer(const struct sip_refer *refer, struct referral *r,
		   void *arg)
{
	const struct transfer_order order = {
		.target = refer->to->uri, .toldh = told_handler, .arg = r
	};
	struct leg *leg = arg;
	const char *reason;
	uint16_t scode;

	scode = transfer_by_phone(leg, refer->to, refer->by, &order, &reason);
	if (scode)
		referral_notify(r, scode, reason);
}


/* The new phone is answered as the old one was: whoever is there talks on */
static int take_place(struct transfer *tr, const struct ext *ext,
		      struct sipleg *sl)
{
	struct leg *leg;
	int err;

	err = leg_sip_park(&leg, ext, sl);
	if (err) {
		sipleg_end(sl, 500, 0);
		mem_deref(sl);
		return err;
	}

	transfer_reach(tr, leg);

	return leg_answer(leg, transfer_stayer(tr));
}


/**
 * Another phone's call takes the place of a leg: INVITE with Replaces. See
 * sipleg_replace_h
 *
 * @param sl  New SIP call
 * @param arg Leg that it replaces
 */
void leg_sip_replace(struct sipleg *sl, void *arg)
{
	const struct transfer_order order = {.target = sipleg_peer_uri(sl)};
	struct transfer *tr;
	struct leg *leg = arg;

	if (transfer_begin(&tr, leg, &order)) {
		sipleg_end(sl, 486, 0);
		mem_deref(sl);
		return;
	}

	if (take_place(tr, leg->call->ext, sl))
		transfer_fail(tr, 488, "cannot be answered");
}


static void referred_handler(uint16_t scode, const char *reason, void *arg)
{
	transfer_progress(arg, scode, reason);
}


/**
 * The SIP server is to do a transfer, by configuration. See leg_ops
 *
 * @param leg Phone that is transferred
 * @param tr  Transfer
 * @param to  To whom
 *
 * @return 0 if success, ENOTSUP if we do it ourselves, otherwise errorcode
 */
int leg_sip_delegate(struct leg *leg, struct transfer *tr,
		     const struct referto *to)
{
	struct leg_sip *ls = (struct leg_sip *)leg;
	struct refertx *tx;
	int err;

	if (bridge_config()->transfer != TRANSFER_PBX)
		return ENOTSUP;

	err = sipleg_refer(&tx, ls->sl, to, referred_handler, tr);
	if (!err)
		transfer_delegate(tr, tx);

	return err;
}
