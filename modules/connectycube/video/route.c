/**
 * @file video/route.c  What video takes from one port to another
 *
 * See video.h and priv.h for the picture.
 */
#include <string.h>
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
 * Part the ports of a route, which leads nowhere from then on
 *
 * @param rt Route
 */
void vroute_part(struct video_route *rt)
{
	if (!rt->in)
		return;

	/* their threads, which know the ports */
	vtrans_close(rt);
	rt->idle = mem_deref(rt->idle);

	tmr_cancel(&rt->in->tmr);
	tmr_cancel(&rt->out->tmr);
	rt->in->armed  = 0;
	rt->out->armed = 0;

	rt->in->to    = NULL;
	rt->out->from = NULL;
	rt->in  = NULL;
	rt->out = NULL;
}


static void destructor(void *arg)
{
	struct video_route *rt = arg;

	vroute_part(rt);
	mem_deref(rt->trans);
	mem_deref(rt->order);
	mem_deref(rt->h264);
}


/**
 * Something has happened outside of the room's own functions: look what is
 * due
 *
 * @param rt Route
 */
void vroute_wake(struct video_route *rt)
{
	const uint64_t now = media_clock();

	if (!vport_wired(rt->in) || !vport_wired(rt->out))
		return;

	vport_arm(rt->in, now);
	vport_arm(rt->out, now);
}


/**
 * Let what arrives on one port go out on another, as long as both are there,
 * and as soon as there is a route back. Freeing the route parts them again:
 * what is sent on the second one goes on where it was when something else is
 * wired to it
 *
 * @param rtp Route (output), owned by the caller
 * @param in  Port that no route leads away from yet
 * @param out Port that no route leads to yet
 *
 * @return 0 if success, EINVAL for missing arguments, EALREADY if either is
 *         wired already, ENOMEM
 */
int video_route_alloc(struct video_route **rtp, struct video_port *in,
		      struct video_port *out)
{
	struct video_route *rt;
	int err;

	if (!rtp || !in || !out)
		return EINVAL;
	if (in->to || out->from)
		return EALREADY;

	rt = mem_zalloc(sizeof(*rt), destructor);
	if (!rt)
		return ENOMEM;

	rt->in     = in;
	rt->out    = out;
	rt->resync = true;

	in->to    = rt;
	out->from = rt;

	err = vroute_prepare(rt);
	if (err) {
		mem_deref(rt);
		return err;
	}

	if (vport_wired(in))
		vport_changed(in);

	*rtp = rt;

	return 0;
}
