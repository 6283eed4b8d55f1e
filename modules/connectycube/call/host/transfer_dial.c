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
	struct transfer *tr;
	int err;

	err = transfer_begin(&tr, from, order);
	if (err)
		return refusal(err, reasonp);

	err = dial(tr, from->call->ext, to, by);
	if (err)
		transfer_fail(tr, 500, "cannot be called");

	return 0;
}
