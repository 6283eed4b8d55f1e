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
#include "media/rtcp.h"
#include "media/rxstat.h"
#include "media/clock.h"
#include "video.h"
#include "vpay.h"
#include "fb.h"
#include "rtpext.h"
#include "keyframe.h"
#include "loss.h"
#include "bwe.h"
#include "seqmap.h"
#include "priv.h"


/* The in x out table: the same codec is forwarded, H.264 is repaired */
static vroute_h *route_find(const struct video_route *rt,
			    const struct video_fmt *in)
{
	const struct video_fmt *out = &rt->out->end.tx;

	if (!rt->out->set || !in->codec || !out->codec)
		return NULL;

	if (in->codec == out->codec)
		return in->codec == VIDEO_H264 ? vh264_rx : vforward_rx;

	return video_can_transcode(&rt->vp->cfg, in->codec, out->codec) ?
		vtrans_rx : NULL;
}


static const char *handler_name(vroute_h *h)
{
	return h == vtrans_rx ? "transcode" : h ? "forward" : "nothing";
}


/* Nothing can be made of what arrives: said once */
static void tell_dead(struct video_route *rt)
{
	const struct video_leg *in = rt->in, *out = rt->out;
	const bool dead = in->end.rxc && in->end.recv && !in->hv[0] &&
		out->end.send;

	if (dead && !rt->dead)
		clog_info("video: %s for the %s cannot be made into %s\n",
			  video_codec_name(in->end.rxv[0].codec),
			  out->id == LEG_SIP ? "phone" : "app",
			  video_codec_name(out->end.tx.codec));

	rt->dead = dead;
}


/* Choose the handler of each format that may come in */
static void route_setup(struct video_route *rt)
{
	struct video_leg *in = rt->in, *out = rt->out;
	size_t i;

	for (i=0; i<in->end.rxc; i++) {
		in->hv[i] = route_find(rt, &in->end.rxv[i]);
	}

	vtrans_keep(rt);

	tell_dead(rt);

	clog_debug("video: %s->%s: %s to %s: %s\n",
		   in->id == LEG_SIP ? "sip" : "cube",
		   in->id == LEG_SIP ? "cube" : "sip",
		   in->end.rxc ? video_codec_name(in->end.rxv[0].codec) : "-",
		   video_codec_name(out->end.tx.codec),
		   handler_name(in->end.rxc ? in->hv[0] : NULL));
}


static void map_setup(struct video_leg *leg)
{
	size_t i;

	memset(leg->map, 0, sizeof(leg->map));

	/* of two with one type the first counts */
	for (i=leg->end.rxc; i; i--) {

		const struct video_fmt *fmt = &leg->end.rxv[i - 1];

		if (fmt->rtx_pt)
			leg->map[fmt->rtx_pt] = (uint8_t)i | MAP_RTX;
	}

	for (i=leg->end.rxc; i; i--)
		leg->map[leg->end.rxv[i - 1].pt] = (uint8_t)i;
}


static bool end_valid(const struct video_end *end)
{
	size_t i;

	if (end->rxc > VIDEO_FMT_MAX || end->tx.pt > 127 ||
	    end->tx.rtx_pt > 127)
		return false;

	if (end->mtu && end->mtu < VTX_MTU_MIN)
		return false;

	for (i=0; i<end->rxc; i++) {
		if (end->rxv[i].pt > 127 || end->rxv[i].rtx_pt > 127)
			return false;
	}

	return true;
}


static int routes_prepare(struct video_pair *vp)
{
	size_t i;
	int err = 0;

	for (i=0; i<LEG_MAX && !err; i++) {
		if (vp->legv[!i].end.tx.codec == VIDEO_H264)
			err = vh264_setup(&vp->routev[i]);
		if (!err)
			err = vlimit_setup(&vp->legv[i]);
	}

	return err;
}


static void end_apply(struct video_leg *l, const struct video_end *end)
{
	const struct video_end none = {.rxc = 0};
	const uint8_t pt = l->end.tx.pt;
	const enum video_codec codec = l->end.tx.codec;

	l->end = end ? *end : none;
	l->set = end != NULL;
	l->rxf = NULL;

	l->end.send = l->end.send && l->end.rtph && l->end.tx.codec;
	l->ext_on   = l->end.ext.abs_time || l->end.ext.twcc ||
		l->end.ext.orient;

	map_setup(l);

	/* packets of a codec that was given up are not sent again */
	if (l->end.tx.pt != pt)
		l->tx.cache = mem_deref(l->tx.cache);

	if (l->end.tx.codec != codec)
		l->feed->resync = true;

	if (end)
		vtx_set_ssrc(&l->tx, end->ssrc);

	rxstat_expect_new(&l->rx);
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
 *            called. None of them may free the pair's last reference
 *
 * @return 0 if success, EINVAL for bad arguments, ENOMEM. On EINVAL nothing
 *         has changed; on ENOMEM there is no video on the leg
 */
int video_pair_set_end(struct video_pair *vp, enum media_leg leg,
		       const struct video_end *end)
{
	uint64_t now;
	int err;

	if (!vp || leg >= LEG_MAX || (end && !end_valid(end)))
		return EINVAL;

	end_apply(&vp->legv[leg], end);

	err = routes_prepare(vp);
	if (err)
		end_apply(&vp->legv[leg], NULL);

	route_setup(&vp->routev[LEG_SIP]);
	route_setup(&vp->routev[LEG_CUBE]);

	/* either may have a new decoder behind it */
	now = media_clock();
	vkey_start(&vp->legv[LEG_SIP], now);
	vkey_start(&vp->legv[LEG_CUBE], now);

	vidle_setup(&vp->routev[LEG_SIP], now);
	vpair_wake(vp);

	return err;
}
