/**
 * @file video/vtx.c  What a leg has sent, and where its timestamps stand
 *
 * However often the source of a stream changes, the receiver sees one
 * stream: sequence numbers go on and timestamps move by the time that really
 * passed.
 */
#include <re.h>
#include "media/media.h"
#include "media/rtp.h"
#include "media/rxstat.h"
#include "media/clock.h"
#include "video.h"
#include "seqmap.h"
#include "priv.h"


enum {
	DUR_MIN = VIDEO_CRATE / 100, /**< Between two sources' frames      */
};


/**
 * Set the SSRC that is sent. Counters of sender reports begin anew
 *
 * @param tx   Sender
 * @param ssrc Our SSRC
 */
void vtx_set_ssrc(struct video_tx *tx, uint32_t ssrc)
{
	if (tx->ssrc == ssrc)
		return;

	tx->ssrc        = ssrc;
	tx->sr_packets  = 0;
	tx->sr_octets   = 0;
	tx->lost_prior += tx->lost;
	tx->lost        = 0;
}


/**
 * Get the sequence number that follows what was sent
 *
 * @param tx Sender
 *
 * @return Sequence number; random before the first packet, with the upper
 *         half left free for SRTP's first roll-over
 */
uint16_t vtx_next_seq(const struct video_tx *tx)
{
	return tx->on ? tx->seq + 1 : rand_u16() & 0x7fff;
}


/**
 * Get the timestamp of a frame that does not follow from its source's: the
 * first one, or the first after a change
 *
 * @param tx  Sender
 * @param now Time [us]
 *
 * @return Timestamp [RTP clock]; random before the first packet
 */
uint32_t vtx_next_ts(const struct video_tx *tx, uint64_t now)
{
	uint64_t dt;

	if (!tx->on)
		return rand_u32();

	dt = (now - tx->t) * (VIDEO_CRATE / 1000) / 1000;

	return tx->ts + (uint32_t)max(dt, (uint64_t)DUR_MIN);
}


/**
 * Get the longest payload that fits into the receiver's packets
 *
 * @param leg Leg
 *
 * @return Length [bytes]
 */
size_t vtx_payload_max(const struct video_leg *leg)
{
	const size_t mtu = leg->end.mtu ? leg->end.mtu : VTX_MTU;

	return min(mtu, (size_t)VIDEO_PKT_MAX) - VTX_ROOM;
}


/* A frame beyond a jump begins a new timeline */
static void follow(struct video_tx *tx, const struct video_out *o,
		   uint64_t now)
{
	if (tx->on && (int16_t)(o->seq - tx->seq) <= 0)
		return;

	if (!tx->on || (o->ts != tx->tl.ts &&
			tline_update(&tx->tl, o->ts, now)))
		tline_start(&tx->tl, o->ts, VIDEO_CRATE, now);

	tx->on  = true;
	tx->seq = o->seq;
	tx->ts  = o->ts;
	tx->t   = now;
}


static void count(struct video_leg *leg, const struct video_out *o,
		  size_t plen)
{
	struct video_dirstat *st = &leg->st.tx;

	++st->packets;
	st->bytes += plen;
	st->frames += o->marker;
	st->keyframes += o->key;

	++leg->tx.sr_packets;
	leg->tx.sr_octets += (uint32_t)plen;
	leg->tx.active = true;
}


/**
 * Send an RTP packet on a leg. One that the handler refuses is counted
 *
 * @param leg  Leg, with a sending handler
 * @param o    Its header
 * @param buf  Payload from VTX_ROOM on, and VIDEO_TAILROOM bytes behind it
 * @param plen Length of the payload [bytes]
 * @param now  Time [us]
 *
 * @return 0 if success, or the handler's error
 */
int vtx_send(struct video_leg *leg, const struct video_out *o, uint8_t *buf,
	     size_t plen, uint64_t now)
{
	uint8_t *pkt = buf + VTX_ROOM - RTP_HEADER_SIZE;
	const size_t len = RTP_HEADER_SIZE + plen;
	int err;

	rtp_hdr_write(pkt, o->marker, leg->end.tx.pt, o->seq, o->ts,
		      leg->tx.ssrc);

	follow(&leg->tx, o, now);

	err = leg->end.rtph(pkt, len, len + VIDEO_TAILROOM, leg->end.arg);
	if (err) {
		++leg->st.tx.dropped;
		return err;
	}

	count(leg, o, plen);

	return 0;
}
