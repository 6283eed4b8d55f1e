/**
 * @file video/h264_repair.c  H.264 between ends that packetize differently
 *
 *   mode 1 receiver: -----------------> h264_params.c --> h264_cut.c --> packets
 *   mode 0 receiver: --> vorder.c ---->
 *
 * Towards mode 0 packets are needed in order: those behind a missing one wait
 * for it as long as it may still come. Elsewhere nothing waits.
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
#include "video/rtp/rtpext.h"
#include "keyframe.h"
#include "video/rtp/loss.h"
#include "video/bwe/bwe.h"
#include "video/rtp/seqmap.h"
#include "video/rtp/vorder.h"
#include "video_priv.h"
#include "h264_repair.h"


enum {
	WAIT_OVERTAKEN = 20000, /**< For one that is not sent again [us] */
	WAIT_UNKNOWN = 100000,  /**< For one that is, no round trip known  */
	WAIT_MAX     = 200000,  /**< For one that is, at most [us]         */
	GAP_MAX      = 1000,    /**< Numbers left out for what was lost    */
};


static void destructor(void *arg)
{
	struct vh264 *h = arg;

	mem_deref(h->order);
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


static int rx_mode1(struct video_route *rt, struct video_in *in)
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


/* A packet for mode 0, in order. Numbers are its own matter: what was lost
   leaves a gap in front of the next NAL unit */
static void order_handler(const struct vorder_pkt *pkt, void *arg)
{
	struct video_route *rt = arg;
	struct vh264 *h = rt->h264;
	struct vpay pay;
	struct emit e = {
		.rt     = rt,
		.buf    = pkt->buf,
		.len    = pkt->len,
		.pay    = &pay,
		.seq    = pkt->seq,
		.marker = pkt->marker,
		.now    = media_clock(),
	};
	int err;

	h->gap = min(h->gap + pkt->lost, (unsigned)GAP_MAX);

	/* padding alone */
	if (!pkt->len)
		return;

	err = vpay_parse(&pay, VIDEO_H264, pkt->buf, pkt->len);
	if (err)
		goto out;

	e.o.seq = vtx_next_seq(&rt->out->tx) + (rt->out->tx.on ? h->gap : 0);
	e.o.ts  = pkt->ts + rt->ts_off;
	e.o.key = pkt->key;
	e.o.orient = -1;

	err = vh264cut_emit(&e);

	h->gap = (e.n ? 0 : h->gap) + e.gap;

 out:
	if (err)
		++rt->in->st.rx.dropped;

	if (pkt->lost || is_lost(err))
		vkey_want(rt->in, e.now);
}


static int rx_mode0(struct video_route *rt, const struct video_in *in)
{
	const struct vorder_pkt pkt = {
		.seq    = in->rp->seq,
		.ts     = in->rp->ts,
		.marker = in->rp->marker,
		.key    = in->key,
		.buf    = in->rp->payload,
		.len    = in->rp->plen,
	};
	struct vh264 *h = rt->h264;
	int err;

	if (!h->order) {
		err = vorder_alloc(&h->order, order_handler, rt);
		if (err)
			return err;
	}

	return vorder_put(h->order, &pkt, in->now) ? 0 : ETIMEDOUT;
}


/**
 * Forward a packet of H.264, repaired. See vroute_h
 *
 * @param rt Route to the other leg
 * @param in Packet
 *
 * @return 0 if success (or nothing is to be sent), EBADMSG if it holds no
 *         NAL unit that is known, EMSGSIZE if it is too long, ERANGE or
 *         ETIMEDOUT if it came too late, ENOMEM
 */
int vh264_rx(struct video_route *rt, struct video_in *in)
{
	if (!vforward_follow(rt, in))
		return 0;

	if (!rt->out->mode)
		return rx_mode0(rt, in);

	if (!in->pay_ok) {
		vforward_skip(rt, in);
		return in->rp->plen ? EBADMSG : 0;
	}

	return rx_mode1(rt, in);
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

	vorder_reset(rt->h264->order);
	rt->h264->unpack.frag = false;
	rt->h264->unpack.on   = false;
	rt->h264->gap = 0;
}


/**
 * Get the time at which vh264_poll() is to be called
 *
 * @param rt Route
 *
 * @return Time [us], 0=never
 */
uint64_t vh264_due(const struct video_route *rt)
{
	const struct video_port *in = rt->in;
	uint64_t since, wait = WAIT_OVERTAKEN;

	since = rt->h264 ? vorder_since(rt->h264->order) : 0;
	if (!since)
		return 0;

	if (in->end.fb & VIDEO_FB_NACK)
		wait += in->st.rtt ? 2 * (uint64_t)in->st.rtt : WAIT_UNKNOWN;

	return since + min(wait, (uint64_t)WAIT_MAX);
}


/**
 * A packet was waited for long enough, or in vain
 *
 * @param rt  Route
 * @param now Time [us]
 */
void vh264_poll(struct video_route *rt, uint64_t now)
{
	if (rt->out->end.send)
		vorder_skip(rt->h264->order, now);
	else
		vh264_reset(rt);
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
