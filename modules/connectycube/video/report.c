/**
 * @file video/report.c  Reports of each leg (RFC 3550, 6)
 *
 * RTCP ends here on both legs: what we report on a leg is what we received
 * and sent on that leg, nothing is passed on. Sender reports pair our clock
 * with the timestamps that the source means; as long as it does not say, with
 * those of what arrives.
 */
#include <string.h>
#include <re.h>
#include "audio/audio.h"
#include "rtp/rtp.h"
#include "rtp/rtcp.h"
#include "rtp/rxstat.h"
#include "rtp/clock.h"
#include "rtp/avsync.h"
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
	INTERVAL = 5000000,     /**< RFC 3550, 6.2 [us]                    */
	INTERVAL_FB = 1000000,  /**< Where feedback was agreed [us]        */
};


/* Round-trip time from the report's LSR and DLSR (RFC 3550, 6.4.1) */
static void update_rtt(struct video_port *port, const struct rtcp_block *blk,
		       uint32_t now)
{
	const uint32_t rtt = now - blk->lsr - blk->dlsr;

	if (!blk->lsr || rtt > INT32_MAX)
		return;

	port->st.rtt = max(ntp_compact32_us(rtt), 1u);
}


/* What the remote says about the stream that we send */
static void handle_block(struct video_port *port, const struct rtcp_block *blk,
			 uint64_t now)
{
	if (!port->tx.on || blk->ssrc != port->tx.ssrc)
		return;

	port->tx.reported = true;
	port->tx.lost     = blk->lost;
	port->st.tx.jitter = (uint32_t)min((uint64_t)blk->jitter * 1000 /
					  (VIDEO_CRATE / 1000),
					  (uint64_t)UINT32_MAX);

	vlimit_loss(port, blk->fraction, now);
	update_rtt(port, blk, ntp_compact32(vport_ntp(port, now)));
}


static void handle_sender(struct video_port *port,
			  const struct rtcp_part *part, uint64_t now)
{
	struct rtcp_sender snd;
	uint32_t ssrc;

	if (rtcp_part_sender(part, &snd) || rtcp_part_ssrc(part, &ssrc))
		return;

	if (port->rx.started && port->rx.ssrc != ssrc)
		return;

	port->lsr_ssrc = ssrc;
	port->lsr      = ntp_compact32(snd.ntp);
	port->lsr_t    = now;

	if (!port->rx.started)
		return;

	avsync_sender(port->av, AVSYNC_VIDEO, ssrc, &snd,
		      VIDEO_CRATE, now);
}


/**
 * Handle RTCP received on a leg. What is not valid is left
 *
 * @param port Leg that it was received on
 * @param pkt Compound packet, or one of reduced size
 * @param len Length of the packet [bytes]
 * @param now Arrival time [us]
 */
void vreport_rx(struct video_port *port, const uint8_t *pkt, size_t len,
		uint64_t now)
{
	struct rtcp_part part;
	size_t pos = 0;

	while (0 == rtcp_part_next(&part, pkt, len, &pos)) {

		struct rtcp_block blk;
		unsigned i;

		handle_sender(port, &part, now);

		for (i=0; !rtcp_part_block(&part, i, &blk); i++)
			handle_block(port, &blk, now);

		vfeed_rx(port, &part, now);

		/* another source may follow at once */
		if (rtcp_part_bye(&part, port->rx.ssrc))
			rxstat_expect_new(&port->rx);
	}
}


/* A report block about the source that we hear (RFC 3550, 6.4.1) */
static void block_make(struct video_port *port, struct rtcp_block *blk,
		       uint64_t now)
{
	const bool known = port->lsr_ssrc == port->rx.ssrc;

	rxstat_block(&port->rx, blk, known ? port->lsr : 0, now - port->lsr_t);
	bwe_rx_loss(port->bwe_rx, blk->fraction, now);
}


static uint32_t sender_ts(const struct video_port *port, uint64_t now)
{
	const struct video_route *rt = port->from;
	uint32_t ts;

	if (rt->mode != VIDEO_FORWARD && rt->mode != VIDEO_XCODE)
		return tline_at(&port->tx.tl, now);

	ts = tline_at(&rt->tl, now);
	(void)avsync_ts(rt->in->av, AVSYNC_VIDEO, rt->in->rx.ssrc, now, &ts);

	return ts + rt->ts_off;
}


static void sender_make(const struct video_port *port, struct rtcp_sender *snd,
			uint64_t now)
{
	const struct video_tx *tx = &port->tx;

	snd->ntp     = vport_ntp(port, now);
	snd->ts      = sender_ts(port, now);
	snd->packets = tx->sr_packets;
	snd->octets  = tx->sr_octets;
}


/**
 * Send a report on a leg: an SR if RTP was sent since the last, otherwise
 * an RR, with a block if RTP was received
 *
 * @param port Leg, with a handler for RTCP
 * @param bye True to append a BYE
 * @param now Time [us]
 */
void vreport_send(struct video_port *port, bool bye, uint64_t now)
{
	uint8_t buf[VFEED_MAX + VIDEO_TAILROOM];
	struct rtcp_sender snd;
	struct rtcp_block blk;
	const bool is_snd = port->tx.active, is_blk = port->rx_active;
	size_t len;

	if (is_snd)
		sender_make(port, &snd, now);
	if (is_blk)
		block_make(port, &blk, now);

	if (rtcp_report_write(buf, VFEED_MAX, &len, port->tx.ssrc,
			      is_snd ? &snd : NULL, is_blk ? &blk : NULL,
			      port->end.cname))
		return;

	if (bye && rtcp_bye_write(buf, VFEED_MAX, &len, port->tx.ssrc))
		return;

	port->tx.active = false;
	port->rx_active = false;

	(void)vfeed_send(port, buf, len);
}


/* Half to one and a half of an interval (RFC 3550, 6.3.1) */
static uint64_t delay(const struct video_port *port)
{
	const uint64_t interval = port->end.fb ? INTERVAL_FB : INTERVAL;

	return interval / 2 + rand_u32() % interval;
}


/**
 * RTP was sent or received on a leg: a report will be due
 *
 * @param port Leg
 * @param now Time [us]
 */
void vreport_arm(struct video_port *port, uint64_t now)
{
	if (!port->rtcp_due && port->end.rtcph)
		port->rtcp_due = now + delay(port) / 2;
}


/**
 * Send the report that is due, if there is anything to report. With no
 * packets there is nothing to say: the next one re-arms
 *
 * @param port Leg
 * @param now Time [us]
 */
void vreport_poll(struct video_port *port, uint64_t now)
{
	port->rtcp_due = 0;

	if (!port->end.rtcph || (!port->tx.active && !port->rx_active))
		return;

	vreport_send(port, false, now);
	port->rtcp_due = now + delay(port);
}
