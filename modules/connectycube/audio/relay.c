/**
 * @file audio/relay.c  Both legs share the codec: forward the packet
 *
 * Payload type, SSRC, sequence number and timestamp are rewritten; the
 * payload is copied once. CSRCs, header extensions and padding of one leg
 * mean nothing on the other and stay behind. Gaps in the sequence are kept,
 * so that the receiver knows of every loss; nothing is held back, the ends
 * have jitter buffers of their own. A packet with a tone that is a key goes on
 * with silence in it (hear.c).
 */
#include <string.h>
#include <re.h>
#include "audio.h"
#include "rtp/rtp.h"
#include "rtp/rxstat.h"
#include "rtp/clock.h"
#include "telev.h"
#include "audio_priv.h"


/**
 * Something was put into the stream sent, or left out of it
 *
 * @param rt Route to the other leg
 * @param n  Packets more than were received
 */
void relay_shift(struct audio_route *rt, int n)
{
	rt->seq_off += n;
	rt->seq_min  = rt->in->rx.max_seq + 1;
}


/* The source or its timestamps began anew: go on from what was sent last */
static void relay_sync(struct audio_route *rt, const struct rtp_pkt *rp,
		       uint32_t crate, uint64_t now)
{
	rt->mode    = ROUTE_RELAY;
	rt->resync  = false;
	rt->paused  = false;
	rt->mark    = true;
	rt->crate   = crate;
	rt->seq_off = tx_next_seq(&rt->out->tx) - rp->seq;
	rt->seq_min = rp->seq;
	rt->ts_off  = tx_next_ts(&rt->out->tx, crate, now) - rp->ts;

	tline_start(&rt->tl, rp->ts, crate, now);
}


/* After a pause the timestamps still hold; what was not sent is not lost */
static void relay_resume(struct audio_route *rt, const struct rtp_pkt *rp)
{
	rt->paused  = false;
	rt->mark    = true;
	rt->seq_off = rt->out->tx.seq + 1 - rp->seq;
	rt->seq_min = rp->seq;
}


static bool relay_jumped(struct audio_route *rt, const struct audio_fmt *fmt,
			 const struct rtp_pkt *rp, enum rxstat_res res,
			 uint64_t now)
{
	if (res == RXSTAT_NEW || rt->resync || rt->mode != ROUTE_RELAY ||
	    rt->crate != fmt->crate)
		return true;

	return res == RXSTAT_OK && tline_update(&rt->tl, rp->ts, now);
}


/**
 * Check if a packet goes on where the one forwarded last ended
 *
 * @param rt  Route to the other leg
 * @param fmt Format of the packet
 * @param rp  Packet
 * @param res What the packet is to its stream
 * @param now Arrival time [us]
 *
 * @return True if the offset of its timestamps still holds
 */
bool relay_follows(struct audio_route *rt, const struct audio_fmt *fmt,
		   const struct rtp_pkt *rp, enum rxstat_res res,
		   uint64_t now)
{
	return res == RXSTAT_OK && !rt->paused && rt->out->tx.on &&
		!relay_jumped(rt, fmt, rp, res, now);
}


/**
 * Forward from now on what was transcoded up to here
 *
 * @param rt  Route to the other leg
 * @param fmt Format of the first packet
 * @param rp  First packet that is to be forwarded
 * @param ts  Timestamp to send it with [RTP clock]
 * @param now Arrival time [us]
 */
void relay_join(struct audio_route *rt, const struct audio_fmt *fmt,
		const struct rtp_pkt *rp, uint32_t ts, uint64_t now)
{
	relay_sync(rt, rp, fmt->crate, now);

	rt->mark   = false;
	rt->ts_off = ts - rp->ts;
}


/**
 * Forward a packet. See route_h
 *
 * @param rt  Route to the other leg
 * @param fmt Format of the packet
 * @param rp  Packet
 * @param res What the packet is to its stream
 * @param now Arrival time [us]
 *
 * @return 0 if success (or nothing is to be sent), EMSGSIZE if the packet
 *         is too long, ETIMEDOUT if it came too late
 */
int relay_rx(struct audio_route *rt, const struct audio_fmt *fmt,
	     const struct rtp_pkt *rp, enum rxstat_res res, uint64_t now)
{
	uint8_t buf[MEDIA_PKT_MAX + MEDIA_TAILROOM];
	bool marker, blank;

	if (rp->plen > MEDIA_PKT_MAX - RTP_HEADER_SIZE)
		return EMSGSIZE;

	/* first, since a key that is found begins to be sent */
	blank = rt->ear && hear_rx(rt, fmt, rp, res, now);

	if (!rp->plen) {
		relay_skip(rt, res);
		return 0;
	}

	/* numbered before something was put in or left out: its own number
	   is taken by now */
	if (res == RXSTAT_LATE && rt->mode == ROUTE_RELAY && !rt->resync &&
	    (int16_t)(rp->seq - rt->seq_min) < 0)
		return ETIMEDOUT;

	/* a key is being sent instead */
	if (telev_tx_busy(&rt->evtx)) {
		relay_skip(rt, res);
		rt->mark = true;
		return 0;
	}

	if (relay_jumped(rt, fmt, rp, res, now))
		relay_sync(rt, rp, fmt->crate, now);

	if (!rt->out->send) {
		rt->paused = true;
		return 0;
	}

	if (rt->paused) {
		if (res == RXSTAT_LATE)
			return 0;

		if (rt->out->tx.on)
			relay_resume(rt, rp);
		rt->paused = false;
	}

	marker = rp->marker || rt->mark;
	rt->mark = false;

	if (blank)
		hear_silence(rt->ear, buf + RTP_HEADER_SIZE, rp->plen);
	else
		memcpy(buf + RTP_HEADER_SIZE, rp->payload, rp->plen);

	tx_rtp(rt->out, fmt->h == cn_rx ? rt->out->cn.pt : rt->out->txf.pt,
	       marker, rp->seq + rt->seq_off, rp->ts + rt->ts_off, buf,
	       rp->plen, now);

	return 0;
}


/**
 * Leave out a packet that is not forwarded, so that it does not look lost
 *
 * @param rt  Route to the other leg
 * @param res What the packet is to its stream
 */
void relay_skip(struct audio_route *rt, enum rxstat_res res)
{
	if (res == RXSTAT_NEW)
		rt->resync = true;
	else if (res == RXSTAT_OK)
		relay_shift(rt, -1);
}
