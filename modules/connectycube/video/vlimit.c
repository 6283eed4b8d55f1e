/**
 * @file video/vlimit.c  Bandwidth: the narrower side limits the wider
 *
 *   source ---------------> route ------------------> receiver
 *     ^                       |                          |
 *     |  transport-cc,        | encoder, if it is        |  transport-cc,
 *     |  REMB, TMMBR          v transcoded               |  REMB, TMMBR,
 *     +------------ least of all limits <----------------+  loss, b=AS
 *
 * A source that knows transport-cc sees for itself how wide its path to us
 * is; to others REMB tells it. What the path from us to the receiver can
 * take is told to the source, unless an encoder in between obeys.
 */
#include <string.h>
#include <re.h>
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


enum {
	TWCC_TIME  = 100000,    /**< Between two transport-cc feedbacks [us] */
	TELL_FIRST = 100000,    /**< After the first packet [us]           */
	TELL_TIME  = 1000000,   /**< Between two REMB or TMMBR [us]        */
	TELL_DROP  = 3,         /**< Told at once if it falls by [%]       */
	TMMBR_TRIES = 3,        /**< Until a TMMBN comes                   */
	TYPICAL    = 1000,      /**< Size of a packet, for overhead [bytes] */
	OVERHEAD   = 40,        /**< IP, UDP, SRTP [bytes]                 */
};


static bool tells_remb(const struct video_leg *leg)
{
	return leg->end.fb & VIDEO_FB_REMB && leg->end.rtcph;
}


static bool tells_tmmbr(const struct video_leg *leg)
{
	return leg->end.fb & VIDEO_FB_TMMBR && !tells_remb(leg) &&
		leg->end.rtcph;
}


static bool has_twcc(const struct video_leg *leg)
{
	return leg->end.fb & VIDEO_FB_TWCC && leg->end.ext.twcc &&
		leg->end.rtcph;
}


/* Who tells us what it can take begins low; of others only loss is known,
   so that they begin with what was negotiated */
static int tx_alloc(struct video_leg *leg)
{
	const struct video_config *cfg = &leg->vp->cfg;
	uint32_t start = cfg->bitrate_max;

	if (leg->bwe_tx || !leg->end.tx.codec)
		return 0;

	if (leg->end.fb & (VIDEO_FB_TWCC | VIDEO_FB_REMB))
		start = cfg->bitrate_start;
	else if (leg->end.bw_max)
		start = min(start, leg->end.bw_max);

	start = min(start, cfg->bitrate_max);
	start = max(start, cfg->bitrate_min);

	return bwe_tx_alloc(&leg->bwe_tx, start, cfg->bitrate_min,
			    cfg->bitrate_max);
}


static int rx_alloc(struct video_leg *leg)
{
	const struct video_config *cfg = &leg->vp->cfg;

	if (has_twcc(leg))
		return leg->twcc ? 0 : twcc_rx_alloc(&leg->twcc);

	if (leg->bwe_rx || !tells_remb(leg))
		return 0;

	return bwe_rx_alloc(&leg->bwe_rx, cfg->bitrate_start,
			    cfg->bitrate_min, cfg->bitrate_max);
}


/**
 * Set a leg up for what was agreed
 *
 * @param leg Leg
 *
 * @return 0 if success, EINVAL for a configuration without sense, ENOMEM
 */
int vlimit_setup(struct video_leg *leg)
{
	int err;

	if (!has_twcc(leg))
		leg->twcc = mem_deref(leg->twcc);

	if (has_twcc(leg) || !tells_remb(leg))
		leg->bwe_rx = mem_deref(leg->bwe_rx);

	leg->tell_bw  = 0;
	leg->tell_due = 0;
	leg->twcc_due = 0;

	err = tx_alloc(leg);
	if (err)
		return err;

	return rx_alloc(leg);
}


/**
 * Account for a packet of whatever kind that was received
 *
 * @param leg Leg that it was received on
 * @param rp  Packet
 * @param len Length of the packet [bytes]
 * @param now Arrival time [us]
 */
void vlimit_rx(struct video_leg *leg, const struct rtp_pkt *rp, size_t len,
	       uint64_t now)
{
	const uint8_t *p;
	size_t plen;

	if (leg->bwe_rx)
		bwe_rx_packet(leg->bwe_rx, rp->ts, len, now);

	if (!leg->tell_due && (tells_remb(leg) || tells_tmmbr(leg)))
		leg->tell_due = now + TELL_FIRST;

	if (!leg->twcc)
		return;

	p = rtpext_find(rp, leg->end.ext.twcc, &plen);
	if (!p || plen < 2)
		return;

	twcc_rx_packet(leg->twcc, rtp_get16(p), now);

	if (!leg->twcc_due)
		leg->twcc_due = now + TWCC_TIME;
}


/**
 * Get the limit of what is sent on a leg
 *
 * @param leg Leg
 *
 * @return Limit [bit/s]
 */
uint32_t vlimit_tx(const struct video_leg *leg)
{
	uint32_t bw = leg->vp->cfg.bitrate_max;

	if (leg->end.bw_max)
		bw = min(bw, leg->end.bw_max);

	if (leg->bwe_tx && leg->bwe_heard)
		bw = min(bw, bwe_tx_bitrate(leg->bwe_tx));

	return bw;
}


/* What a source may send: as much as its path takes and, if nothing is
   encoded anew, as the receiver's */
static uint32_t limit_rx(const struct video_leg *leg)
{
	const struct video_route *rt = &leg->vp->routev[leg->id];
	uint32_t bw = leg->vp->cfg.bitrate_max;

	if (leg->bwe_rx)
		bw = min(bw, bwe_rx_bitrate(leg->bwe_rx));

	if (rt->out->end.send && !rt->trans)
		bw = min(bw, vlimit_tx(rt->out));

	return bw;
}


static int send_remb(struct video_leg *leg, uint32_t bw)
{
	uint8_t buf[VFEED_MAX + VIDEO_TAILROOM];
	size_t len;
	int err;

	err = vfeed_begin(leg, buf, &len);
	if (!err)
		err = fb_remb_write(buf, VFEED_MAX, &len, leg->tx.ssrc, bw,
				    &leg->rx.ssrc, 1);
	if (err)
		return err;

	return vfeed_send(leg, buf, len);
}


static int send_tmmb(struct video_leg *leg, bool request, uint32_t media,
		     uint64_t bw, unsigned overhead)
{
	uint8_t buf[VFEED_MAX + VIDEO_TAILROOM];
	size_t len;
	int err;

	err = vfeed_begin(leg, buf, &len);
	if (!err)
		err = fb_tmmb_write(buf, VFEED_MAX, &len, request,
				    leg->tx.ssrc, media, bw, overhead);
	if (err)
		return err;

	return vfeed_send(leg, buf, len);
}


static bool differs(uint32_t a, uint32_t b)
{
	const uint32_t d = a > b ? a - b : b - a;

	return (uint64_t)d * 100 > (uint64_t)TELL_DROP * max(a, b);
}


/* A limit is good until it is changed: it is repeated only until the phone
   has confirmed it */
static void tell_tmmbr(struct video_leg *leg, uint32_t bw)
{
	if (!leg->tell_bw || differs(bw, leg->tell_bw))
		leg->tmmbr_tries = TMMBR_TRIES;
	else
		bw = leg->tell_bw;

	if (!leg->tmmbr_tries)
		return;

	--leg->tmmbr_tries;
	leg->tell_bw = bw;
	(void)send_tmmb(leg, true, leg->rx.ssrc,
			bw + (uint64_t)bw * OVERHEAD / TYPICAL, OVERHEAD);
}


static void tell(struct video_leg *leg, uint64_t now)
{
	const uint32_t bw = limit_rx(leg);

	leg->tell_due = now + TELL_TIME;

	/* who has stopped sending is told again with the next packet */
	if (!leg->rx.started || now - leg->rx_last > TELL_TIME) {
		leg->tell_due = 0;
	}
	else if (tells_remb(leg)) {
		leg->tell_bw = bw;
		(void)send_remb(leg, bw);
	}
	else if (tells_tmmbr(leg)) {
		tell_tmmbr(leg, bw);
	}
}


/* The limit of what is sent on a leg may have changed */
static void changed(struct video_leg *leg, uint64_t now)
{
	struct video_leg *src = leg->feed->in;

	leg->bwe_heard = true;

	if (leg->feed->trans)
		vtrans_set_bitrate(leg->feed, vlimit_tx(leg));
	else if (src->tell_due && src->tell_bw &&
		 limit_rx(src) < src->tell_bw &&
		 differs(limit_rx(src), src->tell_bw))
		tell(src, now);
}


/**
 * The remote has told what it can take of what we send
 *
 * @param leg Leg
 * @param fb  REMB, TMMBR or transport-cc
 * @param now Time [us]
 */
void vlimit_feedback(struct video_leg *leg, const struct fb *fb, uint64_t now)
{
	bwe_tx_feedback(leg->bwe_tx, fb, now);

	if (fb->type == FB_TMMBR) {
		leg->tmmbn.due      = true;
		leg->tmmbn.ssrc     = fb->ssrc;
		leg->tmmbn.bitrate  = fb->u.bw.bitrate;
		leg->tmmbn.overhead = fb->u.bw.overhead;
	}

	changed(leg, now);
}


/**
 * A compound was handled: confirm the limit that it has set, if TMMBR was
 * agreed. Of more than one the last counts
 *
 * @param leg Leg
 */
void vlimit_answer(struct video_leg *leg)
{
	if (!leg->tmmbn.due)
		return;

	leg->tmmbn.due = false;

	if (leg->end.fb & VIDEO_FB_TMMBR)
		(void)send_tmmb(leg, false, leg->tmmbn.ssrc,
				leg->tmmbn.bitrate, leg->tmmbn.overhead);
}


/**
 * The remote has confirmed our limit
 *
 * @param leg Leg
 * @param fb  TMMBN
 */
void vlimit_confirmed(struct video_leg *leg, const struct fb *fb)
{
	if (fb->media == leg->tx.ssrc)
		leg->tmmbr_tries = 0;
}


/**
 * The remote has reported loss of what we send
 *
 * @param leg      Leg
 * @param fraction Lost since its last report [1/256]
 * @param now      Time [us]
 */
void vlimit_loss(struct video_leg *leg, uint8_t fraction, uint64_t now)
{
	bwe_tx_loss(leg->bwe_tx, fraction, now);
	changed(leg, now);
}


/**
 * Send transport-cc feedback that is due
 *
 * @param leg Leg
 * @param now Time [us]
 */
void vlimit_twcc(struct video_leg *leg, uint64_t now)
{
	uint8_t buf[VFEED_MAX + VIDEO_TAILROOM];
	size_t len;

	leg->twcc_due = 0;

	if (vfeed_begin(leg, buf, &len) ||
	    twcc_rx_feedback(leg->twcc, buf, VFEED_MAX, &len, leg->tx.ssrc,
			     leg->rx.ssrc))
		return;

	(void)vfeed_send(leg, buf, len);

	if (twcc_rx_pending(leg->twcc))
		leg->twcc_due = now + TWCC_TIME;
}


/**
 * Tell the source of a leg its limit; it is due
 *
 * @param leg Leg
 * @param now Time [us]
 */
void vlimit_poll(struct video_leg *leg, uint64_t now)
{
	tell(leg, now);
}
