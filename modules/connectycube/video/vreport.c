/**
 * @file video/vreport.c  Reports of each leg (RFC 3550, 6)
 *
 * RTCP ends here on both legs: what we report on a leg is what we received
 * and sent on that leg, nothing is passed on. Sender reports pair our clock
 * with the timeline of the stream that we send.
 */
#include <string.h>
#include <re.h>
#include "media/media.h"
#include "media/rtp.h"
#include "media/rtcp.h"
#include "media/rxstat.h"
#include "media/clock.h"
#include "video.h"
#include "seqmap.h"
#include "priv.h"


enum {
	REPORT_MAX = 8 + 20 + RTCP_BLOCK_LEN + 12 + 256 + 8,
};


static uint64_t ntp_now(const struct video_pair *vp, uint64_t now)
{
	return ntp_from_us(now + vp->ntp_off);
}


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
static void handle_block(struct video_pair *vp, struct video_leg *leg,
			 const struct rtcp_block *blk, uint64_t now)
{
	if (!leg->tx.on || blk->ssrc != leg->tx.ssrc)
		return;

	leg->tx.lost = blk->lost;
	leg->st.tx.jitter = (uint32_t)min((uint64_t)blk->jitter * 1000 /
					  (VIDEO_CRATE / 1000),
					  (uint64_t)UINT32_MAX);

	update_rtt(leg, blk, ntp_compact32(ntp_now(vp, now)));
}


static void handle_sender(struct video_leg *leg, const struct rtcp_part *part,
			  uint64_t now)
{
	struct rtcp_sender snd;

	if (rtcp_part_sender(part, &snd))
		return;

	(void)rtcp_part_ssrc(part, &leg->lsr_ssrc);
	leg->lsr   = ntp_compact32(snd.ntp);
	leg->lsr_t = now;
}


/**
 * Handle RTCP received on a leg. What is not valid is left
 *
 * @param vp  Video pair
 * @param leg Leg that it was received on
 * @param pkt Compound packet, or one of reduced size
 * @param len Length of the packet [bytes]
 * @param now Arrival time [us]
 */
void vreport_rx(struct video_pair *vp, enum media_leg leg, const uint8_t *pkt,
		size_t len, uint64_t now)
{
	struct video_leg *l = &vp->legv[leg];
	struct rtcp_part part;
	size_t pos = 0;

	while (0 == rtcp_part_next(&part, pkt, len, &pos)) {

		struct rtcp_block blk;
		unsigned i;

		handle_sender(l, &part, now);

		for (i=0; !rtcp_part_block(&part, i, &blk); i++)
			handle_block(vp, l, &blk, now);

		/* another source may follow at once */
		if (rtcp_part_bye(&part, l->rx.ssrc))
			rxstat_expect_new(&l->rx);
	}
}


/* A report block about the source that we hear (RFC 3550, 6.4.1) */
static void block_make(struct video_leg *leg, struct rtcp_block *blk,
		       uint64_t now)
{
	struct rxstat *rx = &leg->rx;
	const int64_t lost = rxstat_lost(rx);

	memset(blk, 0, sizeof(*blk));

	blk->ssrc     = rx->ssrc;
	blk->fraction = rxstat_fraction(rx);
	blk->lost     = (int32_t)min(lost, (int64_t)0x7fffff);
	blk->last_seq = rxstat_ext_seq(rx);
	blk->jitter   = rx->jitter >> 4;

	if (leg->lsr && leg->lsr_ssrc == rx->ssrc) {
		blk->lsr  = leg->lsr;
		blk->dlsr = (uint32_t)(((now - leg->lsr_t) << 16) / 1000000);
	}
}


static void sender_make(const struct video_pair *vp,
			const struct video_tx *tx, struct rtcp_sender *snd,
			uint64_t now)
{
	snd->ntp     = ntp_now(vp, now);
	snd->ts      = tline_at(&tx->tl, now);
	snd->packets = tx->sr_packets;
	snd->octets  = tx->sr_octets;
}


/**
 * Check if there is anything to report
 *
 * @param leg Leg
 *
 * @return True if RTP was sent or received since the last report
 */
bool vreport_pending(const struct video_leg *leg)
{
	return leg->end.rtcph && (leg->tx.active || leg->rx_active);
}


/**
 * Send a report on a leg: an SR if RTP was sent since the last, otherwise
 * an RR, with a block if RTP was received
 *
 * @param vp  Video pair
 * @param leg Leg, with a handler for RTCP
 * @param bye True to append a BYE
 * @param now Time [us]
 */
void vreport_send(struct video_pair *vp, struct video_leg *leg, bool bye,
		  uint64_t now)
{
	uint8_t buf[REPORT_MAX + VIDEO_TAILROOM];
	struct rtcp_sender snd;
	struct rtcp_block blk;
	const bool is_snd = leg->tx.active, is_blk = leg->rx_active;
	size_t len;

	if (is_snd)
		sender_make(vp, &leg->tx, &snd, now);
	if (is_blk)
		block_make(leg, &blk, now);

	if (rtcp_report_write(buf, REPORT_MAX, &len, leg->tx.ssrc,
			      is_snd ? &snd : NULL, is_blk ? &blk : NULL,
			      leg->end.cname))
		return;

	if (bye && rtcp_bye_write(buf, REPORT_MAX, &len, leg->tx.ssrc))
		return;

	leg->tx.active = false;
	leg->rx_active = false;
	leg->rtcp_sent = true;

	(void)leg->end.rtcph(buf, len, len + VIDEO_TAILROOM, leg->end.arg);
}
