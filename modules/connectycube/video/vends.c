/**
 * @file video/vends.c  The two ends of a call's video, and the in x out table
 *
 * What is done with each format that may arrive is decided here, whenever
 * an end is set, and never for a single packet.
 */
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "media/media.h"
#include "media/rtp.h"
#include "media/rxstat.h"
#include "media/clock.h"
#include "video.h"
#include "seqmap.h"
#include "priv.h"


static vroute_h *route_find(const struct video_fmt *in,
			    const struct video_fmt *out)
{
	if (in->codec == VIDEO_NONE || in->codec != out->codec)
		return NULL;

	return vforward_rx;
}


/* Choose the handler of each format that may come in */
static void route_setup(struct video_route *rt)
{
	struct video_leg *in = rt->in, *out = rt->out;
	const enum media_leg leg = in == &rt->vp->legv[LEG_SIP]
		? LEG_SIP : LEG_CUBE;
	size_t i;

	for (i=0; i<in->end.rxc; i++) {
		in->hv[i] = out->set ? route_find(&in->end.rxv[i],
						  &out->end.tx) : NULL;
	}

	clog_debug("video: %s->%s: %s to %s: %s\n",
		   leg == LEG_SIP ? "sip" : "cube",
		   leg == LEG_SIP ? "cube" : "sip",
		   in->end.rxc ? video_codec_name(in->end.rxv[0].codec) : "-",
		   video_codec_name(out->end.tx.codec),
		   in->end.rxc && in->hv[0] ? "forward" : "nothing");
}


static void map_setup(struct video_leg *leg)
{
	size_t i;

	memset(leg->map, 0, sizeof(leg->map));

	/* of two with one type the first counts */
	for (i=leg->end.rxc; i; i--)
		leg->map[leg->end.rxv[i - 1].pt] = (uint8_t)i;
}


static bool end_valid(const struct video_end *end)
{
	size_t i;

	if (end->rxc > VIDEO_FMT_MAX || end->tx.pt > 127 ||
	    end->tx.rtx_pt > 127)
		return false;

	for (i=0; i<end->rxc; i++) {
		if (end->rxv[i].pt > 127 || end->rxv[i].rtx_pt > 127)
			return false;
	}

	return true;
}


/**
 * Set or change one end, as negotiated on its leg
 *
 * Both ends may be set again at any time. Counters go on and the streams
 * sent stay continuous.
 *
 * @param vp  Video pair
 * @param leg Leg of the end
 * @param end The end; copied. NULL if there is no video on this leg. Its
 *            handlers are called from within the functions of the pair and
 *            from a timer, until the pair is freed or video_pair_close() is
 *            called
 *
 * @return 0 if success, EINVAL for bad arguments. On error nothing has
 *         changed
 */
int video_pair_set_end(struct video_pair *vp, enum media_leg leg,
		       const struct video_end *end)
{
	struct video_leg *l;

	if (!vp || leg >= LEG_MAX || (end && !end_valid(end)))
		return EINVAL;

	l = &vp->legv[leg];

	if (end)
		l->end = *end;
	else
		memset(&l->end, 0, sizeof(l->end));

	l->set = end != NULL;
	l->rxf = NULL;
	l->end.send = l->end.send && l->end.rtph && l->end.tx.codec;

	map_setup(l);

	if (end)
		vtx_set_ssrc(&l->tx, end->ssrc);

	rxstat_expect_new(&l->rx);

	route_setup(&vp->routev[LEG_SIP]);
	route_setup(&vp->routev[LEG_CUBE]);

	return 0;
}
