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
#include "sip/pure/referto.h"
#include "call/event.h"
#include "call/legmedia.h"
#include "call/policy_video.h"
#include "call/dtmf_dedup.h"
#include "call/leg.h"
#include "call/leg_sip.h"
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

	scode = transfer_to_sip(leg, refer->to, refer->by, &order, &reason);
	if (scode)
		referral_notify(r, scode, reason);
}
