/**
 * @file video/ends.c  The end of a port, and the in x out table of routes
 *
 * What is done with each format that may arrive is decided here, whenever
 * an end is set, and never for a single packet.
 */
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "audio/audio.h"
#include "rtp/rtp.h"
#include "rtp/rtcp.h"
#include "rtp/rxstat.h"
#include "rtp/clock.h"
#include "video.h"
#include "video/payload/vpay.h"
#include "video/rtp/fb.h"
#include "video/rtp/hdrext.h"
#include "keyframe.h"
#include "video/rtp/loss.h"
#include "video/bwe/bwe.h"
#include "video/rtp/seqmap.h"
#include "video_priv.h"


/* The in x out table: the same codec is forwarded, H.264 is repaired */
static vroute_h *route_find(const struct video_route *rt,
			    const struct video_fmt *in)
{
	const struct video_fmt *out = &rt->out->end.tx;

	if (!rt->out->set || !in->codec || !out->codec)
		return NULL;

	if (in->codec == out->codec)
		return rt->ordered ? vinorder_rx :
			in->codec == VIDEO_H264 ? vh264_rx : vforward_rx;

	return video_can_transcode(&rt->out->cfg, in->codec, out->codec) ?
		vtrans_rx : NULL;
}


static const char *handler_name(vroute_h *h)
{
	return h == vtrans_rx ? "transcode" : h ? "forward" : "nothing";
}


/* Nothing can be made of what arrives: said once */
static void tell_dead(struct video_route *rt)
{
	const struct video_port *in = rt->in, *out = rt->out;
	const bool dead = in->end.rxc && in->end.recv && !in->hv[0] &&
		out->end.send;

	if (dead && !rt->dead)
		clog_info("video: %s for the %s cannot be made into %s\n",
			  video_codec_name(in->end.rxv[0].codec),
			  out->name,
			  video_codec_name(out->end.tx.codec));

	rt->dead = dead;
}


/**
 * Choose the handler of each format that may come in
 *
 * @param rt Route
 */
void vroute_setup(struct video_route *rt)
{
	struct video_port *in = rt->in, *out = rt->out;
	size_t i;

	vinorder_setup(rt);

	for (i=0; i<in->end.rxc; i++) {
		in->hv[i] = route_find(rt, &in->end.rxv[i]);
	}

	vtrans_keep(rt);

	tell_dead(rt);

	clog_debug("video: %s->%s: %s to %s: %s\n",
		   in->name, out->name,
		   in->end.rxc ? video_codec_name(in->end.rxv[0].codec) : "-",
		   video_codec_name(out->end.tx.codec),
		   handler_name(in->end.rxc ? in->hv[0] : NULL));
}


static void map_setup(struct video_port *port)
{
	size_t i;

	memset(port->map, 0, sizeof(port->map));

	/* of two with one type the first counts */
	for (i=port->end.rxc; i; i--) {

		const struct video_fmt *fmt = &port->end.rxv[i - 1];

		if (fmt->rtx_pt)
			port->map[fmt->rtx_pt] = (uint8_t)i | MAP_RTX;
	}

	for (i=port->end.rxc; i; i--)
		port->map[port->end.rxv[i - 1].pt] = (uint8_t)i;
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


/**
 * Get what a route needs for its ends
 *
 * @param rt Route
 *
 * @return 0 if success, ENOMEM
 */
int vroute_prepare(struct video_route *rt)
{
	int err = 0;

	if (rt->out->end.tx.codec == VIDEO_H264)
		err = vh264_setup(rt);

	/* apps show nothing where there was video once; phones cope */
	if (!err && rt->out->end.still && !rt->idle)
		err = vidle_alloc(rt);

	return err;
}


/* What has been counted has a codec, though there may be none any more */
static void see_formats(struct video_port *port)
{
	struct video_stats *st = &port->st;

	if (port->rxf)
		str_ncpy(st->rx_codec, video_codec_name(port->rxf->codec),
			 sizeof(st->rx_codec));
	if (st->tx.packets && port->end.tx.codec)
		str_ncpy(st->tx_codec, video_codec_name(port->end.tx.codec),
			 sizeof(st->tx_codec));

	port->rxf = NULL;
}


static void end_apply(struct video_port *port, const struct video_end *end)
{
	const struct video_end none = {.rxc = 0};
	const uint8_t pt = port->end.tx.pt;
	const enum video_codec codec = port->end.tx.codec;

	see_formats(port);
	port->end = end ? *end : none;
	port->set = end != NULL;
	port->nego = rtp_tap_nego();

	port->end.send = port->end.send && port->end.rtph &&
		port->end.tx.codec;
	port->ext_on   = port->end.ext.abs_time || port->end.ext.twcc ||
		port->end.ext.orient;

	map_setup(port);

	/* packets of a codec that was given up are not sent again */
	if (port->end.tx.pt != pt)
		port->tx.cache = mem_deref(port->tx.cache);

	if (port->end.tx.codec != codec)
		port->from->resync = true;

	if (end)
		vtx_set_ssrc(&port->tx, end->ssrc);

	rxstat_expect_new(&port->rx);
}


/**
 * An end was set anew, or a port wired: choose what is done, and have those
 * who send begin with a keyframe
 *
 * @param port Port, which is wired
 */
void vport_changed(struct video_port *port)
{
	const uint64_t now = media_clock();

	vroute_setup(port->to);
	vroute_setup(port->from);

	/* either may have a new decoder behind it */
	vkey_start(port, now);
	vkey_start(port->to->out, now);

	vidle_setup(port->to, now);
	vidle_setup(port->from, now);
	vroute_wake(port->to);
}


/**
 * Set or change the end of a port, as negotiated on its leg
 *
 * It may be set again at any time. Counters go on and the stream sent stays
 * continuous.
 *
 * @param port Port
 * @param end  The end; copied. NULL if there is no video on this leg. Its
 *             handlers are called from within the functions of the room and
 *             from a timer, until the port is freed or video_port_close() is
 *             called. None of them may free the port's last reference
 *
 * @return 0 if success, EINVAL for bad arguments, ENOMEM. On EINVAL nothing
 *         has changed; on ENOMEM there is no video on the leg
 */
int video_port_set(struct video_port *port, const struct video_end *end)
{
	int err;

	if (!port || (end && !end_valid(end)))
		return EINVAL;

	end_apply(port, end);

	err = vlimit_setup(port);
	if (!err && port->from)
		err = vroute_prepare(port->from);
	if (!err && port->to)
		err = vroute_prepare(port->to);
	if (err)
		end_apply(port, NULL);

	if (vport_wired(port))
		vport_changed(port);

	return err;
}
