/**
 * @file call/watch.c  Ends calls whose far end is gone without a word
 *
 * Pure. By config, for each leg: neither RTP nor RTCP for so long. A leg that
 * is held owes no packets, one that pauses (CN, DTX) none for a long time;
 * what is muted sends RTP or RTCP, or cannot be told from what is gone. The
 * timer sleeps until a leg could be due.
 */
#include <re.h>
#include "base/mono.h"
#include "audio/audio.h"
#include "video/video.h"
#include "call/event.h"
#include "call/raise.h"
#include "call/legmedia.h"
#include "call/leg.h"
#include "call/call.h"


/* Time until a leg is due [ms], 0=it is, UINT64_MAX=never. Before media could
   flow nobody was silent, however long that took */
static uint64_t left(const struct bcall *bc, const struct leg *leg)
{
	const uint64_t silence = min(audio_port_silence(leg->audio),
				     mono_ms() - bc->t_estab);
	const uint64_t ms = (uint64_t)leg->timeout * 1000;

	if (!ms)
		return UINT64_MAX;

	return silence >= ms ? 0 : ms - silence;
}


static void gone(struct bcall *bc, const struct leg *leg)
{
	char why[64];

	(void)re_snprintf(why, sizeof(why), "nothing comes from the %s",
			  leg->ops->party);

	bcall_hangup(bc, END_SILENCE, why);
}


static void watch_handler(void *arg)
{
	struct bcall *bc = arg;
	uint64_t next = UINT64_MAX;
	struct le *le;

	for (le = bc->legl.head; le; le = le->next) {

		const uint64_t ms = left(bc, le->data);

		if (!ms) {
			gone(bc, le->data);
			return;
		}

		next = min(next, ms);
	}

	if (next != UINT64_MAX)
		tmr_start(&bc->tmr_watch, next, watch_handler, bc);
}


/**
 * Media may flow: watch all legs from now on, if that is configured
 *
 * @param bc Call, whose t_estab is set; it may be gone afterwards
 */
void bcall_watch(struct bcall *bc)
{
	watch_handler(bc);
}
