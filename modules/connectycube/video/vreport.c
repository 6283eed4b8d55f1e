/**
 * @file video/vreport.c  Reports of each leg (RFC 3550, 6)
 *
 * RTCP ends here on both legs: what we report on a leg is what we received
 * and sent on that leg, nothing is passed on. Sender reports pair our clock
 * with the timestamps that the source means; as long as it does not say, with
 * those of what arrives.
 */
#include <string.h>
#include <re.h>
#include "media/media.h"
#include "media/rtp.h"
#include "media/rtcp.h"
#include "media/rxstat.h"
#include "media/clock.h"
#include "media/avsync.h"
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
	INTERVAL = 5000000,     /**< RFC 3550, 6.2 [us]                    */
	INTERVAL_FB = 1000000,  /**< Where feedback was agreed [us]        */
};


/* Round-trip time from the report's LSR and DLSR (RFC 3550, 6.4.1) */
static void update_rtt(struct video_leg *leg, const struct rtcp_block *blk,
		       uint32_t now)
{
	const uint32_t rtt = now - blk->lsr - blk->dlsr;

	if (!blk->lsr || rtt > INT32_MAX)
		return;

	leg->st.rtt = max(ntp_compact32_us(rtt), 1u);
}


/* What the remote says about the stream that we send */
static void handle_block(struct video_leg *leg, const struct rtcp_block *blk,
			 uint64_t now)
{
	if (!leg->tx.on || blk->ssrc != leg->tx.ssrc)
		return;

	leg->tx.lost = blk->lost;
	leg->st.tx.jitter = (uint32_t)min((uint64_t)blk->jitter * 1000 /
					  (VIDEO_CRATE / 1000),
					  (uint64_t)UINT32_MAX);

	vlimit_loss(leg, blk->fraction, now);
	update_rtt(leg, blk, ntp_compact32(vpair_ntp(leg->vp, now)));
}


static void handle_sender(struct video_leg *leg, const struct rtcp_part *part,
			  uint64_t now)
{
	struct rtcp_sender snd;
	uint32_t ssrc;

	if (rtcp_part_sender(part, &snd) || rtcp_part_ssrc(part, &ssrc))
		return;

	if (leg->rx.started && leg->rx.ssrc != ssrc)
		return;

	leg->lsr_ssrc = ssrc;
	leg->lsr      = ntp_compact32(snd.ntp);
	leg->lsr_t    = now;

	if (!leg->rx.started)
		return;

	avsync_sender(leg->vp->av, leg->id, AVSYNC_VIDEO, ssrc, &snd,
		      VIDEO_CRATE, now);
}


/**
 * Handle RTCP received on a leg. What is not valid is left
 *
 * @param leg Leg that it was received on
 * @param pkt Compound packet, or one of reduced size
 * @param len Length of the packet [bytes]
 * @param now Arrival time [us]
 */
void vreport_rx(struct video_leg *leg, const uint8_t *pkt, size_t len,
		uint64_t now)
{
	struct rtcp_part part;
	size_t pos = 0;

	while (0 == rtcp_part_next(&part, pkt, len, &pos)) {

		struct rtcp_block blk;
		unsigned i;

		handle_sender(leg, &part, now);

		for (i=0; !rtcp_part_block(&part, i, &blk); i++)
			handle_block(leg, &blk, now);

		vfeed_rx(leg, &part, now);

		/* another source may follow at once */
		if (rtcp_part_bye(&part, leg->rx.ssrc))
			rxstat_expect_new(&leg->rx);
	}
}


/* A report block about the source that we hear (RFC 3550, 6.4.1) */
static void block_make(struct video_leg *leg, struct rtcp_block *blk,
		       uint64_t now)
{
	const bool known = leg->lsr_ssrc == leg->rx.ssrc;

	rxstat_block(&leg->rx, blk, known ? leg->lsr : 0, now - leg->lsr_t);
	bwe_rx_loss(leg->bwe_rx, blk->fraction, now);
}


static uint32_t sender_ts(const struct video_leg *leg, uint64_t now)
{
	const struct video_route *rt = leg->feed;
	uint32_t ts;

	if (rt->mode != VIDEO_FORWARD && rt->mode != VIDEO_XCODE)
		return tline_at(&leg->tx.tl, now);

	ts = tline_at(&rt->tl, now);
	(void)avsync_ts(leg->vp->av, rt->in->id, AVSYNC_VIDEO,
			rt->in->rx.ssrc, now, &ts);

	return ts + rt->ts_off;
}


static void sender_make(const struct video_leg *leg, struct rtcp_sender *snd,
			uint64_t now)
{
	const struct video_tx *tx = &leg->tx;

	snd->ntp     = vpair_ntp(leg->vp, now);
	snd->ts      = sender_ts(leg, now);
	snd->packets = tx->sr_packets;
	snd->octets  = tx->sr_octets;
}


/**
 * Send a report on a leg: an SR if RTP was sent since the last, otherwise
 * an RR, with a block if RTP was received
 *
 * @param leg Leg, with a handler for RTCP
 * @param bye True to append a BYE
 * @param now Time [us]
 */
void vreport_send(struct video_leg *leg, bool bye, uint64_t now)
{
	uint8_t buf[VFEED_MAX + VIDEO_TAILROOM];
	struct rtcp_sender snd;
	struct rtcp_block blk;
	const bool is_snd = leg->tx.active, is_blk = leg->rx_active;
	size_t len;

	if (is_snd)
		sender_make(leg, &snd, now);
	if (is_blk)
		block_make(leg, &blk, now);

	if (rtcp_report_write(buf, VFEED_MAX, &len, leg->tx.ssrc,
			      is_snd ? &snd : NULL, is_blk ? &blk : NULL,
			      leg->end.cname))
		return;

	if (bye && rtcp_bye_write(buf, VFEED_MAX, &len, leg->tx.ssrc))
		return;

	leg->tx.active = false;
	leg->rx_active = false;

	(void)vfeed_send(leg, buf, len);
}


/* Half to one and a half of an interval (RFC 3550, 6.3.1) */
static uint64_t delay(const struct video_leg *leg)
{
	const uint64_t interval = leg->end.fb ? INTERVAL_FB : INTERVAL;

	return interval / 2 + rand_u32() % interval;
}


/**
 * RTP was sent or received on a leg: a report will be due
 *
 * @param leg Leg
 * @param now Time [us]
 */
void vreport_arm(struct video_leg *leg, uint64_t now)
{
	if (!leg->rtcp_due && leg->end.rtcph)
		leg->rtcp_due = now + delay(leg) / 2;
}


/**
 * Send the report that is due, if there is anything to report. With no
 * packets there is nothing to say: the next one re-arms
 *
 * @param leg Leg
 * @param now Time [us]
 */
void vreport_poll(struct video_leg *leg, uint64_t now)
{
	leg->rtcp_due = 0;

	if (!leg->end.rtcph || (!leg->tx.active && !leg->rx_active))
		return;

	vreport_send(leg, false, now);
	leg->rtcp_due = now + delay(leg);
}
