/**
 * @file bridge/watch.c  Ends calls whose far end is gone without a word
 *
 * By config, for each leg: neither RTP nor RTCP for so long. A leg that is
 * held owes no packets, one that pauses (CN, DTX) none for a long time; what
 * is muted sends RTP or RTCP, or cannot be told from what is gone. The timer
 * sleeps until a leg could be due.
 */
#include <re.h>
#include <baresip.h>
#include "base/mono.h"
#include "peer/peer.h"
#include "cube/cube.h"
#include "media/media.h"
#include "video/video.h"
#include "sip/sip.h"
#include "config.h"
#include "bridge/users.h"
#include "bridge/bridge.h"


/* Time until a leg is due [ms], 0=it is, UINT64_MAX=never. Before media could
   flow nobody was silent, however long that took */
static uint64_t left(const struct bcall *bc, enum media_leg leg, uint32_t max)
{
	const uint64_t silence = min(audio_pair_silence(bc->audio, leg),
				     mono_ms() - bc->t_estab);
	const uint64_t ms = (uint64_t)max * 1000;

	if (!max)
		return UINT64_MAX;

	return silence >= ms ? 0 : ms - silence;
}


static void watch_handler(void *arg)
{
	const struct bridge_config *cfg = bridge_config();
	struct bcall *bc = arg;
	uint64_t sip, app, next;

	sip = left(bc, LEG_SIP, cfg->timeout_sip);
	app = left(bc, LEG_CUBE, cfg->timeout_app);

	if (!sip || !app) {
		bcall_end(bc, 480, sip ? "nothing comes from the app"
			  : "nothing comes from the phone");
		return;
	}

	next = min(sip, app);
	if (next == UINT64_MAX)
		return;

	tmr_start(&bc->tmr_watch, max(next, (uint64_t)1), watch_handler, bc);
}


/**
 * Media may flow: watch both legs from now on, if that is configured
 *
 * @param bc Call, whose t_estab is set; it may be gone afterwards
 */
void bcall_watch(struct bcall *bc)
{
	watch_handler(bc);
}
