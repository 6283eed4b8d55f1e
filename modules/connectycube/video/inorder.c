/**
 * @file video/inorder.c  Packets in order, for a receiver that does not wait
 *
 *   source --> [packet] [missing] [packet held] --vorder.c--> receiver
 *                   |       ^
 *                   +--NACK-+
 *
 * A phone that knows no NACK expects nothing to be sent again: what comes
 * after that which follows it is late for its jitter buffer, some of which
 * have room for two packets. It then decodes what builds on what it never
 * had, shows damage, and does not know. Therefore packets behind a missing one
 * wait for it as long as it may still come; if it does not, a keyframe is
 * wanted. H.264 of mode 0 needs order to put its fragments together.
 *
 * Numbers are made anew: what was lost leaves a gap.
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
#include "video/rtp/vorder.h"
#include "video_priv.h"
#include "h264_repair.h"


enum {
	WAIT_OVERTAKEN = 20000, /**< For one that is not sent again [us] */
	WAIT_UNKNOWN = 100000,  /**< For one that is, no round trip known  */
	WAIT_MAX     = 200000,  /**< For one that is, at most [us]         */
	GAP_MAX      = 1000,    /**< Numbers left out for what was lost    */
};


/* Where the source sends nothing again there is nothing to wait for */
static bool is_ordered(const struct video_route *rt)
{
	const struct video_end *in = &rt->in->end, *out = &rt->out->end;

	if (out->tx.codec == VIDEO_H264 && !rt->out->mode)
		return true;

	return in->fb & VIDEO_FB_NACK && !(out->fb & VIDEO_FB_NACK);
}


/**
 * An end was set: decide if packets are put in order
 *
 * @param rt Route, with vh264_setup() done
 */
void vinorder_setup(struct video_route *rt)
{
	const bool ordered = is_ordered(rt);

	if (ordered == rt->ordered)
		return;

	/* numbers are another matter in either */
	rt->ordered = ordered;
	rt->resync  = true;
	vinorder_reset(rt);
}


/* A keyframe that begins with a packet, or after it, makes good what was lost
   before */
static bool needs_key(const struct video_port *in,
		      const struct vorder_pkt *pkt)
{
	return !pkt->key &&
		(!in->key_on || (int32_t)(pkt->ts - in->key_ts) >= 0);
}


static int send_h264(struct video_route *rt, const struct vorder_pkt *pkt,
		     const struct video_out *o, const struct vpay *pay,
		     uint64_t now)
{
	struct emit e = {
		.rt     = rt,
		.buf    = pkt->buf,
		.len    = pkt->len,
		.pay    = pay,
		.seq    = pkt->seq,
		.marker = pkt->marker,
		.now    = now,
		.o      = *o,
	};
	int err;

	err = vh264cut_emit(&e);

	rt->gap = (e.n ? 0 : rt->gap) + e.gap;

	return err;
}


static int send_vpx(struct video_route *rt, const struct vorder_pkt *pkt,
		    const struct video_out *o, const struct vpay *pay,
		    uint64_t now)
{
	uint8_t buf[VTX_ROOM + VIDEO_PKT_MAX + VIDEO_TAILROOM];
	size_t len = pkt->len;

	if (len > VIDEO_PKT_MAX - VTX_ROOM)
		return EMSGSIZE;

	memcpy(buf + VTX_ROOM, pkt->buf, len);

	if (pay)
		len = vforward_fit(rt->out, o, rt->out->end.tx.codec, pay,
				   buf + VTX_ROOM, len);

	rt->gap = 0;
	(void)vtx_send(rt->out, o, buf, len, now);

	return 0;
}


static int send_on(struct video_route *rt, const struct vorder_pkt *pkt,
		   uint64_t now)
{
	const enum video_codec codec = rt->out->end.tx.codec;
	struct video_tx *tx = &rt->out->tx;
	struct vpay pay;
	struct video_out o = {
		.seq    = vtx_next_seq(tx) + (tx->on ? rt->gap : 0),
		.ts     = pkt->ts + rt->ts_off,
		.marker = pkt->marker,
		.key    = pkt->key,
		.orient = -1,
	};
	int err;

	err = vpay_parse(&pay, codec, pkt->buf, pkt->len);

	if (codec != VIDEO_H264)
		return send_vpx(rt, pkt, &o, err ? NULL : &pay, now);

	return err ? err : send_h264(rt, pkt, &o, &pay, now);
}


static void order_handler(const struct vorder_pkt *pkt, void *arg)
{
	struct video_route *rt = arg;
	struct video_port *in = rt->in;
	const uint64_t now = media_clock();
	int err;

	rt->gap = min(rt->gap + pkt->lost, (unsigned)GAP_MAX);
	if (pkt->lost)
		vnack_hush(&in->nack, pkt->seq);

	/* padding alone: it does not look lost */
	if (!pkt->len)
		return;

	err = send_on(rt, pkt, now);
	if (err)
		++in->st.rx.dropped;

	if (err == EPROTO || err == EMSGSIZE || err == EOVERFLOW ||
	    (pkt->lost && needs_key(in, pkt)))
		vkey_want(in, now);
}


/* Nobody needs what a keyframe comes before */
static void skip_all(struct vorder *order, uint64_t now)
{
	while (vorder_since(order))
		vorder_skip(order, now);
}


/**
 * Forward a packet in order. See vroute_h
 *
 * @param rt Route to the other leg
 * @param in Packet
 *
 * @return 0 if success (or nothing is to be sent), ETIMEDOUT if it came too
 *         late, ENOMEM
 */
int vinorder_rx(struct video_route *rt, struct video_in *in)
{
	const struct vorder_pkt pkt = {
		.seq    = in->rp->seq,
		.ts     = in->rp->ts,
		.marker = in->rp->marker,
		.key    = in->key,
		.buf    = in->rp->payload,
		.len    = in->rp->plen,
	};
	int err = 0;

	if (!vforward_follow(rt, in))
		return 0;

	if (!rt->order)
		err = vorder_alloc(&rt->order, order_handler, rt);
	if (err)
		return err;

	if (in->key)
		skip_all(rt->order, in->now);

	if (!vorder_put(rt->order, &pkt, in->now))
		return ETIMEDOUT;

	if (in->key)
		skip_all(rt->order, in->now);

	return 0;
}


/**
 * The source of a route has changed: forget what is held
 *
 * @param rt Route
 */
void vinorder_reset(struct video_route *rt)
{
	vorder_reset(rt->order);
	rt->gap = 0;
}


/**
 * Get the time at which vinorder_poll() is to be called
 *
 * @param rt Route
 *
 * @return Time [us], 0=never
 */
uint64_t vinorder_due(const struct video_route *rt)
{
	const struct video_port *in = rt->in;
	const uint64_t since = vorder_since(rt->order);
	uint64_t wait = WAIT_OVERTAKEN;

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
void vinorder_poll(struct video_route *rt, uint64_t now)
{
	if (rt->out->end.send)
		vorder_skip(rt->order, now);
	else
		vinorder_reset(rt);
}
