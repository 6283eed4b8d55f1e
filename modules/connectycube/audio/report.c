/**
 * @file audio/report.c  RTCP of each port (RFC 3550, 6)
 *
 * RTCP ends here on all ports: what we report on one is what we received and
 * sent on it, nothing is passed on. Sender reports pair our clock
 * with the timeline of the stream that we send, which follows the source's
 * without the network's jitter.
 */
#include <string.h>
#include <re.h>
#include "audio.h"
#include "rtp/rtp.h"
#include "rtp/rtcp.h"
#include "rtp/rxstat.h"
#include "rtp/clock.h"
#include "telev.h"
#include "rtp/avsync.h"
#include "audio_priv.h"


enum {
	REPORT_MAX = 8 + 20 + RTCP_BLOCK_LEN + 12 + 256 + RTCP_DLRR_LEN + 8,
};


static uint64_t ntp_now(const struct audio_port *port, uint64_t now)
{
	return ntp_from_us(now + port->ntp_off);
}


/* Round-trip time from the report's LSR and DLSR (RFC 3550, 6.4.1) */
static void update_rtt(struct audio_port *port, const struct rtcp_block *blk,
		       uint32_t now)
{
	const uint32_t rtt = now - blk->lsr - blk->dlsr;

	if (!blk->lsr || rtt > INT32_MAX)
		return;

	port->rtt = max(ntp_compact32_us(rtt), 1u);
	fold_add(&port->gauge.rtt, port->rtt);
}


/* What it was like since the report before */
static void fold_report(struct audio_port *port, const struct rtcp_block *blk)
{
	struct gauge *g = &port->gauge;
	const unsigned mos = audio_port_tx_mos(port, blk->fraction / 2.56);

	fold_add(&g->tx_jitter, port->tx.jitter);
	if (mos)
		fold_add(&g->tx_mos, mos);
}


/* What the remote says about the stream that we send */
static void handle_block(struct audio_port *port,
			 const struct rtcp_block *blk, uint64_t now)
{
	struct audio_tx *tx = &port->tx;

	if (!tx->on || blk->ssrc != tx->ssrc)
		return;

	tx->reported   = true;
	tx->lost       = blk->lost;
	port->fraction = blk->fraction;

	if (port->txf.crate)
		tx->jitter = (uint32_t)min((uint64_t)blk->jitter * 1000000 /
					   port->txf.crate,
					   (uint64_t)UINT32_MAX);

	update_rtt(port, blk, ntp_compact32(ntp_now(port, now)));
	fold_report(port, blk);

	if (port->from)
		xcode_loss(port->from, blk->fraction * 100u / 256);
}


/* A compound packet may hold the video's, too. The first report may come
   before the first packet */
static void handle_sender(struct audio_port *port,
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

	avsync_sender(port->av, AVSYNC_AUDIO, ssrc, &snd,
		      port->rxf ? port->rxf->crate : 0, now);
}


/* A receiver asks for its round-trip time (RFC 3611, 4.4) */
static void handle_rrtr(struct audio_port *port, const struct rtcp_part *part,
			uint64_t now)
{
	uint64_t ntp;

	if (rtcp_part_rrtr(part, &ntp))
		return;

	(void)rtcp_part_ssrc(part, &port->lrr_ssrc);
	port->lrr   = ntp_compact32(ntp);
	port->lrr_t = now;
}


/* And is answered once, with the next report */
static int write_dlrr(struct audio_port *port, uint8_t *buf, size_t *len,
		      uint64_t now)
{
	const uint32_t lrr = port->lrr;

	if (!lrr)
		return 0;

	port->lrr = 0;

	return rtcp_dlrr_write(buf, REPORT_MAX, len, port->tx.ssrc,
			       port->lrr_ssrc, lrr, (uint32_t)
			       (((now - port->lrr_t) << 16) / 1000000));
}


/**
 * Handle RTCP received on a port. What is not valid is left
 *
 * @param port Port that it was received on
 * @param pkt  Compound packet, or one of reduced size
 * @param len  Length of the packet [bytes]
 * @param now  Arrival time [us]
 */
void report_rx(struct audio_port *port, const uint8_t *pkt, size_t len,
	       uint64_t now)
{
	struct rtcp_part part;
	size_t pos = 0;

	while (0 == rtcp_part_next(&part, pkt, len, &pos)) {

		struct rtcp_block blk;
		unsigned i;

		handle_sender(port, &part, now);
		handle_rrtr(port, &part, now);

		for (i=0; !rtcp_part_block(&part, i, &blk); i++)
			handle_block(port, &blk, now);

		/* another source may follow at once */
		if (rtcp_part_bye(&part, port->rx.ssrc))
			rxstat_expect_new(&port->rx);
	}
}


/* A report block about the source that we hear (RFC 3550, 6.4.1) */
static void block_make(struct audio_port *port, struct rtcp_block *blk,
		       uint64_t now)
{
	const bool known = port->lsr_ssrc == port->rx.ssrc;

	rxstat_block(&port->rx, blk, known ? port->lsr : 0, now - port->lsr_t);
}


/* The timestamp that the source means, if it says so, as it is sent */
static bool source_ts(const struct audio_route *rt, uint32_t *ts,
		      uint64_t now)
{
	const struct tline *tl;
	uint32_t v;

	switch (rt ? rt->mode : ROUTE_NONE) {

	case ROUTE_RELAY: tl = &rt->tl;          break;
	case ROUTE_XCODE: tl = xcode_tline(rt);  break;
	default:          tl = NULL;             break;
	}

	if (!tl)
		return false;

	v = tline_at(tl, now);

	if (!avsync_ts(rt->in->av, AVSYNC_AUDIO, rt->in->rx.ssrc, now, &v))
		return false;

	*ts = rt->mode == ROUTE_RELAY ? v + rt->ts_off : xcode_ts(rt, v);

	return true;
}


static void sender_make(const struct audio_port *port,
			struct rtcp_sender *snd, uint64_t now)
{
	const struct audio_tx *tx = &port->tx;

	snd->ntp     = ntp_now(port, now);
	if (!source_ts(port->from, &snd->ts, now))
		snd->ts = tline_at(&tx->tl, now);
	snd->packets = tx->sr_packets;
	snd->octets  = tx->sr_octets;
}


/**
 * Check if there is anything to report
 *
 * @param port Port
 *
 * @return True if RTP was sent or received since the last report
 */
bool report_pending(const struct audio_port *port)
{
	return port->rtcph && (port->tx.active || port->rx_active);
}


/**
 * Send a report on a port: an SR if RTP was sent since the last, otherwise
 * an RR, with a block if RTP was received
 *
 * @param port Port, with a handler for RTCP
 * @param bye  True to append a BYE
 * @param now  Time [us]
 */
void report_send(struct audio_port *port, bool bye, uint64_t now)
{
	uint8_t buf[REPORT_MAX + MEDIA_TAILROOM];
	struct rtcp_sender snd;
	struct rtcp_block blk;
	const bool is_snd = port->tx.active, is_blk = port->rx_active;
	size_t len;

	if (is_snd)
		sender_make(port, &snd, now);
	if (is_blk)
		block_make(port, &blk, now);

	if (rtcp_report_write(buf, REPORT_MAX, &len, port->tx.ssrc,
			      is_snd ? &snd : NULL, is_blk ? &blk : NULL,
			      port->cname))
		return;

	if (write_dlrr(port, buf, &len, now))
		return;

	if (bye && rtcp_bye_write(buf, REPORT_MAX, &len, port->tx.ssrc))
		return;

	port->tx.active = false;
	port->rx_active = false;
	port->rtcp_sent = true;

	(void)port->rtcph(buf, len, len + MEDIA_TAILROOM, port->arg);
}
