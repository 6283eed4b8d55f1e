/**
 * @file video/vstats.c  Statistics of a leg
 */
#include <re.h>
#include "media/media.h"
#include "media/rtp.h"
#include "media/rxstat.h"
#include "media/clock.h"
#include "video.h"
#include "seqmap.h"
#include "priv.h"


/**
 * Get the statistics of a leg
 *
 * @param vp  Video pair
 * @param leg Leg
 * @param st  Statistics (output)
 */
void video_pair_stats(const struct video_pair *vp, enum media_leg leg,
		      struct video_stats *st)
{
	const struct video_leg *l;

	if (!vp || leg >= LEG_MAX || !st)
		return;

	l = &vp->legv[leg];

	*st = l->st;

	st->rx.lost   = rxstat_lost_total(&l->rx);
	st->rx.jitter = rxstat_jitter_us(&l->rx);
	st->tx.lost   = l->tx.lost_prior + l->tx.lost;
	st->relayed   = vp->routev[!leg].mode == VIDEO_FORWARD;

	str_ncpy(st->rx_codec, l->rxf ? video_codec_name(l->rxf->codec) : "",
		 sizeof(st->rx_codec));
	str_ncpy(st->tx_codec, video_codec_name(l->end.tx.codec),
		 sizeof(st->tx_codec));
}
