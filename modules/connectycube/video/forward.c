/**
 * @file video/forward.c  Both legs share the codec: forward the packet
 *
 * Payload type, SSRC, sequence number and timestamp are rewritten; the
 * payload is copied once. CSRCs and padding stay behind. Gaps in the
 * sequence are kept, so that the receiver knows of every loss and can ask
 * for it; nothing is held back, the ends have jitter buffers of their own.
 * Who does not ask gets packets by inorder.c.
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


enum {
	JUMP = 2 * VIDEO_CRATE, /**< From the timeline: a new one          */
	AHEAD_MAX = 0x4000,     /**< From the number sent last: too far    */
	BEHIND_MAX = 16,        /**< Frames sent before one that is shown
				     earlier (H.264, max_num_reorder_frames) */
	KEY_WAIT = 1000000,     /**< For the keyframe of another source [us] */
};


/* A frame older than one before it: a receiver would take it for late, and not
   show it, nor those that follow until their time has come. Frames that are
   sent out of their order (B) are no such thing: they are few. But a keyframe
   is shown after all that came before it */
static bool is_back(struct video_route *rt, const struct video_in *in)
{
	if (in->key)
		return true;

	if (in->rp->ts != rt->behind_ts)
		++rt->behind;
	rt->behind_ts = in->rp->ts;

	return rt->behind > BEHIND_MAX;
}


/* Do a frame's timestamp and its arrival have nothing to do with those
   before? */
static bool ts_jumped(struct video_route *rt, const struct video_in *in)
{
	struct tline *tl = &rt->tl;
	const uint32_t ts = in->rp->ts;
	const int32_t on = (int32_t)(ts - tl->ts);
	int32_t ahead;

	if (!on)
		return false;

	ahead = (int32_t)(ts - tline_at(tl, in->now));
	if (ahead > JUMP || ahead < -JUMP || (on < 0 && is_back(rt, in)))
		return true;

	if (on > 0) {
		(void)tline_update(tl, ts, in->now);
		rt->behind = 0;
	}

	return false;
}


/**
 * Follow the timestamps of a source
 *
 * @param rt Route
 * @param in Packet, in sequence
 *
 * @return True if they began anew
 */
bool vforward_timeline(struct video_route *rt, const struct video_in *in)
{
	if (in->res != RXSTAT_NEW && rt->tl.on &&
	    !ts_jumped(rt, in))
		return false;

	rt->behind = 0;
	tline_start(&rt->tl, in->rp->ts, VIDEO_CRATE, in->now);

	return true;
}


/* Packets that are left out move the numbers, too: they must not come round to
   those that were sent, for each is good for one packet only (SRTP). Where
   packets are put in order they are made anew */
static bool seq_jumped(const struct video_route *rt, const struct video_in *in)
{
	const struct video_tx *tx = &rt->out->tx;

	if (!tx->on || rt->ordered)
		return false;

	return (uint16_t)(in->seq - tx->seq - 1) >= AHEAD_MAX;
}


/* Another source than before, or the same one after a while */
static bool is_other(const struct video_route *rt, const struct video_in *in)
{
	return in->res == RXSTAT_NEW || rt->resync ||
		rt->mode != VIDEO_FORWARD;
}


static bool jumped(struct video_route *rt, const struct video_in *in)
{
	return is_other(rt, in) || (in->res == RXSTAT_OK &&
		(seq_jumped(rt, in) || ts_jumped(rt, in)));
}


/* Who has shown one source gets no frames of another that build on what it
   never had, until the keyframe is there; for a while, as a source need not do
   as it is asked */
static bool waits_for_key(struct video_route *rt, const struct video_in *in)
{
	if (in->key || !rt->out->tx.on || !vkey_can_ask(rt->in))
		return false;

	if (!rt->key_wait || in->res == RXSTAT_NEW) {
		rt->key_wait = in->now;
		rt->resync   = true;
		vkey_start(rt->in, in->now);
	}

	return in->now - rt->key_wait < KEY_WAIT;
}


/* The source or its timestamps began anew: go on from what was sent last */
static void route_sync(struct video_route *rt, struct video_in *in)
{
	rt->mode     = VIDEO_FORWARD;
	rt->resync   = false;
	rt->key_wait = 0;
	rt->behind   = 0;
	rt->ts_off = vtx_next_ts(&rt->out->tx, in->now) - in->rp->ts;

	in->seq = vtx_next_seq(&rt->out->tx);
	seqmap_sync(&rt->map, in->rp->seq, in->seq);
	tline_start(&rt->tl, in->rp->ts, VIDEO_CRATE, in->now);
	vpay_ids_resync(&rt->out->tx.ids);
	vinorder_reset(rt);
	vh264_reset(rt);

	if (!in->key)
		vkey_start(rt->in, in->now);
}


/**
 * Nothing goes on for a while: what comes then begins anew
 *
 * @param rt Route
 */
void vforward_stop(struct video_route *rt)
{
	rt->resync   = true;
	rt->key_wait = 0;
}


/**
 * Keep numbers and timestamps of a route continuous
 *
 * @param rt Route
 * @param in Packet; its number may be changed
 *
 * @return True if the packet is to be sent, with in->seq and rt->ts_off
 */
bool vforward_follow(struct video_route *rt, struct video_in *in)
{
	if (!rt->out->end.send) {
		vforward_stop(rt);
		return false;
	}

	if (!jumped(rt, in))
		return true;

	/* of a stream that was left in the meantime */
	if (in->res == RXSTAT_LATE ||
	    (is_other(rt, in) && waits_for_key(rt, in)))
		return false;

	route_sync(rt, in);

	return true;
}


/**
 * A packet is not forwarded, but taken by somebody else: the next one that is
 * begins anew
 *
 * @param rt Route
 */
void vforward_leave(struct video_route *rt)
{
	if (rt->mode == VIDEO_FORWARD)
		rt->mode = VIDEO_IDLE;
}


/**
 * Leave out a packet, so that it does not look lost
 *
 * @param rt Route to the other leg
 * @param in Packet
 */
void vforward_skip(struct video_route *rt, const struct video_in *in)
{
	if (in->res != RXSTAT_LATE)
		seqmap_shift(&rt->map, -1);
}


/* Only browsers know it, and only among themselves */
static int orientation(const struct video_route *rt, const struct rtp_pkt *rp)
{
	const uint8_t *p;
	size_t len;

	if (!rt->in->end.ext.orient || !rt->out->end.ext.orient)
		return -1;

	p = hdrext_find(rp, rt->in->end.ext.orient, &len);

	return p && len ? p[0] : -1;
}


/**
 * Make the header of a packet that is forwarded
 *
 * @param rt Route to the other leg
 * @param in Packet
 * @param o  Header (output)
 */
void vforward_out(const struct video_route *rt, const struct video_in *in,
		  struct video_out *o)
{
	o->seq    = in->seq;
	o->ts     = in->rp->ts + rt->ts_off;
	o->marker = in->rp->marker;
	o->key    = in->key;
	o->orient = orientation(rt, in->rp);
}


/**
 * Fit a payload of VP8 or VP9 to the stream that is sent, and to its receiver
 *
 * @param port  Leg it goes to
 * @param o     Its header
 * @param codec Codec
 * @param pay   What it holds
 * @param buf   Payload, changed in place
 * @param len   Length of the payload [bytes]
 *
 * @return New length of the payload [bytes]
 */
size_t vforward_fit(struct video_port *port, const struct video_out *o,
		    enum video_codec codec, const struct vpay *pay,
		    uint8_t *buf, size_t len)
{
	vpay_ids_rewrite(&port->tx.ids, codec, buf, len, pay);

	if (codec != VIDEO_VP9)
		return len;

	if (port->end.plain)
		return vp9_plain(buf, len, pay);

	vp9_predicted(&port->tx.vp9, buf, len, pay, o->ts);

	return len;
}


/**
 * Forward a packet as it is. See vroute_h
 *
 * @param rt Route to the other leg
 * @param in Packet
 *
 * @return 0 if success (or nothing is to be sent), EMSGSIZE if the packet
 *         is too long
 */
int vforward_rx(struct video_route *rt, struct video_in *in)
{
	uint8_t buf[VTX_ROOM + VIDEO_PKT_MAX + VIDEO_TAILROOM];
	const struct rtp_pkt *rp = in->rp;
	size_t len = rp->plen;
	struct video_out o;

	if (!vforward_follow(rt, in))
		return 0;

	if (rp->plen > VIDEO_PKT_MAX - VTX_ROOM)
		return EMSGSIZE;

	/* padding alone */
	if (!rp->plen) {
		vforward_skip(rt, in);
		return 0;
	}

	vforward_out(rt, in, &o);

	memcpy(buf + VTX_ROOM, rp->payload, rp->plen);

	if (in->pay_ok)
		len = vforward_fit(rt->out, &o, in->codec, &in->pay,
				   buf + VTX_ROOM, len);

	(void)vtx_send(rt->out, &o, buf, len, in->now);

	return 0;
}
