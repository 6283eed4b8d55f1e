/**
 * @file media/report.c  RTCP of each leg (RFC 3550, 6)
 *
 * RTCP ends here on both legs: what we report on a leg is what we received
 * and sent on that leg, nothing is passed on. Sender reports pair our clock
 * with the timeline of the stream that we send, which follows the source's
 * without the network's jitter.
 */
#include <string.h>
#include <re.h>
#include "media.h"
#include "rtp.h"
#include "rtcp.h"
#include "rxstat.h"
#include "clock.h"
#include "telev.h"
#include "avsync.h"
#include "priv.h"


enum {
	REPORT_MAX = 8 + 20 + RTCP_BLOCK_LEN + 12 + 256 + RTCP_DLRR_LEN + 8,
};


static uint64_t ntp_now(const struct audio_pair *ap, uint64_t now)
{
	return ntp_from_us(now + ap->ntp_off);
}


/* Round-trip time from the report's LSR and DLSR (RFC 3550, 6.4.1) */
static void update_rtt(struct audio_leg *leg, const struct rtcp_block *blk,
		       uint32_t now)
{
	const uint32_t rtt = now - blk->lsr - blk->dlsr;

	if (!blk->lsr || rtt > INT32_MAX)
		return;

	leg->rtt = max(ntp_compact32_us(rtt), 1u);
}


/* What the remote says about the stream that we send */
static void handle_block(struct audio_pair *ap, enum media_leg leg,
			 const struct rtcp_block *blk, uint64_t now)
{
	struct audio_leg *l = &ap->legv[leg];

	if (!l->tx.on || blk->ssrc != l->tx.ssrc)
		return;

	l->tx.reported = true;
	l->tx.lost = blk->lost;
	l->fraction = blk->fraction;

	if (l->txf.crate)
		l->tx.jitter = (uint32_t)min((uint64_t)blk->jitter * 1000000 /
					     l->txf.crate,
					     (uint64_t)UINT32_MAX);

	update_rtt(l, blk, ntp_compact32(ntp_now(ap, now)));

	xcode_loss(&ap->routev[!leg], blk->fraction * 100u / 256);
}


/* A compound packet may hold the video's, too. The first report may come
   before the first packet */
static void handle_sender(struct audio_pair *ap, enum media_leg id,
			  const struct rtcp_part *part, uint64_t now)
{
	struct audio_leg *leg = &ap->legv[id];
	struct rtcp_sender snd;
	uint32_t ssrc;

	if (rtcp_part_sender(part, &snd) || rtcp_part_ssrc(part, &ssrc))
		return;

	if (leg->rx.started && leg->rx.ssrc != ssrc)
		return;

	leg->lsr_ssrc = ssrc;
	leg->lsr      = ntp_compact32(snd.ntp);
	leg->lsr_t    = now;

	avsync_sender(ap->av, id, AVSYNC_AUDIO, ssrc, &snd,
		      leg->rxf ? leg->rxf->crate : 0, now);
}


/* A receiver asks for its round-trip time (RFC 3611, 4.4) */
static void handle_rrtr(struct audio_leg *leg, const struct rtcp_part *part,
			uint64_t now)
{
	uint64_t ntp;

	if (rtcp_part_rrtr(part, &ntp))
		return;

	(void)rtcp_part_ssrc(part, &leg->lrr_ssrc);
	leg->lrr   = ntp_compact32(ntp);
	leg->lrr_t = now;
}


/* And is answered once, with the next report */
static int write_dlrr(struct audio_leg *leg, uint8_t *buf, size_t *len,
		      uint64_t now)
{
	const uint32_t lrr = leg->lrr;

	if (!lrr)
		return 0;

	leg->lrr = 0;

	return rtcp_dlrr_write(buf, REPORT_MAX, len, leg->tx.ssrc,
			       leg->lrr_ssrc, lrr, (uint32_t)
			       (((now - leg->lrr_t) << 16) / 1000000));
}


/**
 * Handle RTCP received on a leg. What is not valid is left
 *
 * @param ap  Audio pair
 * @param leg Leg that it was received on
 * @param pkt Compound packet, or one of reduced size
 * @param len Length of the packet [bytes]
 * @param now Arrival time [us]
 */
void report_rx(struct audio_pair *ap, enum media_leg leg, const uint8_t *pkt,
	       size_t len, uint64_t now)
{
	struct audio_leg *l = &ap->legv[leg];
	struct rtcp_part part;
	size_t pos = 0;

	while (0 == rtcp_part_next(&part, pkt, len, &pos)) {

		struct rtcp_block blk;
		unsigned i;

		handle_sender(ap, leg, &part, now);
		handle_rrtr(l, &part, now);

		for (i=0; !rtcp_part_block(&part, i, &blk); i++)
			handle_block(ap, leg, &blk, now);

		/* another source may follow at once */
		if (rtcp_part_bye(&part, l->rx.ssrc))
			rxstat_expect_new(&l->rx);
	}
}


/* A report block about the source that we hear (RFC 3550, 6.4.1) */
static void block_make(struct audio_leg *leg, struct rtcp_block *blk,
		       uint64_t now)
{
	const bool known = leg->lsr_ssrc == leg->rx.ssrc;

	rxstat_block(&leg->rx, blk, known ? leg->lsr : 0, now - leg->lsr_t);
}


/* The timestamp that the source means, if it says so, as it is sent */
static bool source_ts(const struct audio_route *rt, uint32_t *ts,
		      uint64_t now)
{
	const enum media_leg leg = rt->in == &rt->ap->legv[LEG_SIP]
		? LEG_SIP : LEG_CUBE;
	const struct tline *tl;
	uint32_t v;

	switch (rt->mode) {

	case ROUTE_RELAY: tl = &rt->tl;          break;
	case ROUTE_XCODE: tl = xcode_tline(rt);  break;
	default:          tl = NULL;             break;
	}

	if (!tl)
		return false;

	v = tline_at(tl, now);

	if (!avsync_ts(rt->ap->av, leg, AVSYNC_AUDIO, rt->in->rx.ssrc, now,
		       &v))
		return false;

	*ts = rt->mode == ROUTE_RELAY ? v + rt->ts_off : xcode_ts(rt, v);

	return true;
}


static void sender_make(const struct audio_pair *ap,
			const struct audio_leg *leg, struct rtcp_sender *snd,
			uint64_t now)
{
	const struct audio_route *rt = &ap->routev[leg == ap->legv];
	const struct audio_tx *tx = &leg->tx;

	snd->ntp     = ntp_now(ap, now);
	if (!source_ts(rt, &snd->ts, now))
		snd->ts = tline_at(&tx->tl, now);
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
bool report_pending(const struct audio_leg *leg)
{
	return leg->rtcph && (leg->tx.active || leg->rx_active);
}


/**
 * Send a report on a leg: an SR if RTP was sent since the last, otherwise
 * an RR, with a block if RTP was received
 *
 * @param ap  Audio pair
 * @param leg Leg, with a handler for RTCP
 * @param bye True to append a BYE
 * @param now Time [us]
 */
void report_send(struct audio_pair *ap, struct audio_leg *leg, bool bye,
		 uint64_t now)
{
	uint8_t buf[REPORT_MAX + MEDIA_TAILROOM];
	struct rtcp_sender snd;
	struct rtcp_block blk;
	const bool is_snd = leg->tx.active, is_blk = leg->rx_active;
	size_t len;

	if (is_snd)
		sender_make(ap, leg, &snd, now);
	if (is_blk)
		block_make(leg, &blk, now);

	if (rtcp_report_write(buf, REPORT_MAX, &len, leg->tx.ssrc,
			      is_snd ? &snd : NULL, is_blk ? &blk : NULL,
			      leg->cname))
		return;

	if (write_dlrr(leg, buf, &len, now))
		return;

	if (bye && rtcp_bye_write(buf, REPORT_MAX, &len, leg->tx.ssrc))
		return;

	leg->tx.active = false;
	leg->rx_active = false;
	leg->rtcp_sent = true;

	(void)leg->rtcph(buf, len, len + MEDIA_TAILROOM, leg->arg);
}
