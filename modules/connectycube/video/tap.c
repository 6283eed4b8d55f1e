/**
 * @file video/tap.c  What a port receives, to somebody who listens
 *
 *   packet --> port->routeh = vtap_route() --> vrx_route()
 *                                |
 *                                `--> listener
 */
#include <re.h>
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


/**
 * Hand out a packet that somebody listens to, when it is on its way
 *
 * @param port Port that it was received on
 * @param rt   Route from there
 * @param in   Packet
 *
 * @return What vrx_route() returns
 */
int vtap_route(struct video_port *port, struct video_route *rt,
	       struct video_in *in)
{
	const struct video_fmt *vf = port->rxf;
	struct rtp_tap_fmt tf;
	int err;

	tf.video = true;
	tf.pt    = vf->pt;
	tf.ch    = 0;
	tf.clock = VIDEO_CRATE;
	tf.nego  = port->nego;
	tf.late  = in->res == RXSTAT_LATE;
	tf.name  = video_codec_name(vf->codec);
	tf.fmtp  = vf->fmtp[0] ? vf->fmtp : NULL;

	err = vrx_route(port, rt, in);

	if (port->tap.h && port->end.recv && vf->codec)
		port->tap.h(&tf, in->rp, in->now, port->tap.arg);

	return err;
}


/**
 * Set who listens to what is received on a port. It begins with a keyframe, as
 * soon as the source makes one
 *
 * @param port Port, may be NULL
 * @param h    Gets its packets, NULL=nobody listens
 * @param arg  Its argument
 */
void video_port_set_tap(struct video_port *port, rtp_tap_h *h, void *arg)
{
	uint64_t now;

	if (!port)
		return;

	port->tap.h   = h;
	port->tap.arg = arg;
	port->routeh  = h ? vtap_route : vrx_route;

	if (!h || !vport_wired(port))
		return;

	now = media_clock();
	vkey_want(port, now);
	vport_arm(port, now);
}
