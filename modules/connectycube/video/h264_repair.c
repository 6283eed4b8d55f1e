/**
 * @file video/h264_repair.c  H.264 between ends that packetize differently
 *
 *   mode 1 receiver: -----------------> h264_params.c --> h264_cut.c --> packets
 *   mode 0, or no NACK: inorder.c ---->
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
#include "video/payload/h264.h"
#include "video/rtp/fb.h"
#include "video/rtp/hdrext.h"
#include "keyframe.h"
#include "video/rtp/loss.h"
#include "video/bwe/bwe.h"
#include "video/rtp/seqmap.h"
#include "video_priv.h"
#include "h264_repair.h"


static void destructor(void *arg)
{
	struct vh264 *h = arg;

	h264_unpack_reset(&h->unpack);
}


/**
 * Set a route up for H.264
 *
 * @param rt Route
 *
 * @return 0 if success, ENOMEM
 */
int vh264_setup(struct video_route *rt)
{
	struct h264_fmtp f;
	unsigned mode = 0;

	if (!h264_fmtp_decode(&f, rt->out->end.tx.fmtp))
		mode = f.mode > 0;

	/* numbers are another matter in either */
	if (mode != rt->out->mode) {
		vh264_reset(rt);
		rt->resync = true;
	}

	rt->out->mode = mode;

	if (!rt->h264)
		rt->h264 = mem_zalloc(sizeof(*rt->h264), destructor);
	if (!rt->h264)
		return ENOMEM;

	vh264ps_init(rt->h264, rt->in);

	return 0;
}


static bool is_lost(int err)
{
	return err == EPROTO || err == EMSGSIZE || err == EOVERFLOW;
}


static int forward(struct video_route *rt, struct video_in *in)
{
	struct emit e = {
		.rt     = rt,
		.buf    = in->rp->payload,
		.len    = in->rp->plen,
		.pay    = &in->pay,
		.marker = in->rp->marker,
		.late   = in->res == RXSTAT_LATE,
		.now    = in->now,
	};
	int err;

	vforward_out(rt, in, &e.o);
	err = vh264cut_emit(&e);

	if (!e.late)
		seqmap_shift(&rt->map, e.n + e.gap - 1);

	if (is_lost(err))
		vkey_want(rt->in, in->now);

	return err;
}


/**
 * Forward a packet of H.264, repaired. See vroute_h
 *
 * @param rt Route to the other leg
 * @param in Packet
 *
 * @return 0 if success (or nothing is to be sent), EBADMSG if it holds no
 *         NAL unit that is known, EMSGSIZE if it is too long, ERANGE if it
 *         came too late
 */
int vh264_rx(struct video_route *rt, struct video_in *in)
{
	if (!vforward_follow(rt, in))
		return 0;

	if (!in->pay_ok) {
		vforward_skip(rt, in);
		return in->rp->plen ? EBADMSG : 0;
	}

	return forward(rt, in);
}


/**
 * The source of a route has changed: forget what is not whole
 *
 * @param rt Route
 */
void vh264_reset(struct video_route *rt)
{
	if (!rt->h264)
		return;

	rt->h264->unpack.frag = false;
	rt->h264->unpack.on   = false;
}


/**
 * Send a packet that an encoder of ours has made. It need not know what the
 * receiver's mode is
 *
 * @param rt  Route to the leg
 * @param o   Header
 * @param buf Payload
 * @param len Length of the payload [bytes]
 * @param pay What it holds
 * @param now Time [us]
 */
void vh264_made(struct video_route *rt, const struct video_out *o,
		const uint8_t *buf, size_t len, const struct vpay *pay,
		uint64_t now)
{
	struct emit e = {
		.rt     = rt,
		.buf    = buf,
		.len    = len,
		.pay    = pay,
		.seq    = rt->h264->seq++,
		.marker = o->marker,
		.now    = now,
		.o      = *o,
	};

	(void)vh264cut_emit(&e);
}
