/**
 * @file video/send.c  What a leg has sent, and where its timestamps stand
 *
 * However often the source of a stream changes, the receiver sees one
 * stream: sequence numbers go on and timestamps move by the time that really
 * passed.
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
	DUR_MIN = VIDEO_CRATE / 100, /**< Between two sources' frames      */
	AGAIN_MIN = 64000,      /**< Sent again in a second, at least
				     [bytes]                               */
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
	tx->cache       = mem_deref(tx->cache);
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
 * @param port Leg
 *
 * @return Length [bytes]
 */
size_t vtx_payload_max(const struct video_port *port)
{
	const size_t mtu = port->end.mtu ? port->end.mtu : VTX_MTU;

	return min(mtu, (size_t)VIDEO_PKT_MAX) - VTX_ROOM;
}


/* A frame beyond a jump begins a new timeline. One that is older than another
   sent before (B) is not where time stands */
static void follow(struct video_tx *tx, const struct video_out *o,
		   uint64_t now)
{
	if (tx->on && (int16_t)(o->seq - tx->seq) <= 0)
		return;

	if (!tx->on || (o->ts != tx->tl.ts &&
			tline_update(&tx->tl, o->ts, now)))
		tline_start(&tx->tl, o->ts, VIDEO_CRATE, now);

	tx->seq = o->seq;

	if (!tx->on || (int32_t)(o->ts - tx->ts) >= 0) {
		tx->ts = o->ts;
		tx->t  = now;
	}

	tx->on = true;
}


static void count(struct video_port *port, const struct video_out *o,
		  size_t plen, uint64_t now)
{
	struct video_dirstat *st = &port->st.tx;

	++st->packets;
	st->bytes += plen;
	st->frames += o->marker;
	st->keyframes += o->key;
	vmeter_add(&port->tx_meter, plen, now);

	++port->tx.sr_packets;
	port->tx.sr_octets += (uint32_t)plen;
	port->tx.active = true;
}


/* Extensions that belong to one sending of a packet */
static void ext_make(struct video_port *port, struct hdrext *ext, uint64_t now)
{
	const struct video_end *end = &port->end;

	memset(ext, 0, sizeof(*ext));

	if (end->ext.abs_time) {
		ext->abs_id   = end->ext.abs_time;
		ext->abs_time = hdrext_abs_time(vport_ntp(port, now));
	}

	ext->twcc_id  = end->ext.twcc;
	ext->twcc_seq = port->tx.twcc_seq++;
}


static size_t ext_write(struct video_port *port, const struct video_out *o,
			uint8_t *buf, uint64_t now)
{
	struct hdrext ext;

	ext_make(port, &ext, now);

	if (!port->ext_on)
		return 0;

	if (o->orient >= 0) {
		ext.orient_id = port->end.ext.orient;
		ext.orient    = (uint8_t)o->orient;
	}

	return hdrext_write(buf, &ext);
}


/* The header goes right in front of the payload. Returns its length */
static size_t header_write(struct video_port *port, const struct video_out *o,
			   uint8_t *payload, uint64_t now)
{
	uint8_t ext[HDREXT_MAX], *pkt;
	const size_t n = ext_write(port, o, ext, now);

	pkt = payload - n - RTP_HEADER_SIZE;

	rtp_hdr_write(pkt, o->marker, port->end.tx.pt, o->seq, o->ts,
		      port->tx.ssrc);

	if (n) {
		pkt[0] |= 0x10;
		memcpy(pkt + RTP_HEADER_SIZE, ext, n);
	}

	return RTP_HEADER_SIZE + n;
}


/* For retransmissions, which only who knows NACK can ask for */
static void keep(struct video_port *port, const uint8_t *pkt, size_t len,
		 uint64_t now)
{
	struct video_tx *tx = &port->tx;

	if (!(port->end.fb & VIDEO_FB_NACK))
		return;

	if (!tx->cache && vcache_alloc(&tx->cache))
		return;

	(void)vcache_put(tx->cache, pkt, len, now);
}


/**
 * Send an RTP packet on a leg. One that the handler refuses is counted
 *
 * @param port Leg. A handler of what went before may have ended it
 * @param o    Its header
 * @param buf  Payload from VTX_ROOM on, and VIDEO_TAILROOM bytes behind it
 * @param plen Length of the payload [bytes]
 * @param now  Time [us]
 *
 * @return 0 if success, ENOTCONN if the handler is gone, or its error
 */
int vtx_send(struct video_port *port, const struct video_out *o, uint8_t *buf,
	     size_t plen, uint64_t now)
{
	uint8_t *payload = buf + VTX_ROOM, *pkt;
	size_t hlen;
	int err;

	if (!port->end.rtph)
		return ENOTCONN;

	hlen = header_write(port, o, payload, now);
	pkt  = payload - hlen;

	follow(&port->tx, o, now);
	keep(port, pkt, hlen + plen, now);

	bwe_tx_sent(port->bwe_tx, port->tx.twcc_seq - 1, hlen + plen, now);

	err = port->end.rtph(pkt, hlen + plen, hlen + plen + VIDEO_TAILROOM,
			    port->end.arg);
	if (err) {
		port->tx.failed = true;
		++port->st.tx.dropped;
		return err;
	}

	count(port, o, plen, now);

	/* the path has opened: what went before it is missed */
	if (port->tx.failed) {
		port->tx.failed = false;
		vkey_asked(port, now);
	}

	return 0;
}


/* Who asks for everything again and again gets no more than was sent: the
   answers to a request are many times its size */
static bool again_allowed(struct video_port *port, size_t len, uint64_t now)
{
	const uint64_t bytes = vmeter_rate(&port->tx_meter, now) / 8;
	struct vmeter *m = &port->again_meter;

	if (now - m->t >= VMETER_TIME) {
		m->t     = now;
		m->bytes = 0;
	}

	if (m->bytes + len > max(bytes, (uint64_t)AGAIN_MIN))
		return false;

	m->bytes += len;

	return true;
}


/* By RTX (RFC 4588): another packet, with extensions of its own */
static size_t again_rtx(struct video_port *port, uint8_t *buf, size_t size,
			const uint8_t *pkt, size_t len, uint64_t now)
{
	const struct video_end *end = &port->end;
	struct hdrext ext;

	len = vcache_rtx_write(buf, size, pkt, len, end->tx.rtx_pt,
			       end->ssrc_rtx, port->tx.rtx_seq++);
	if (!len)
		return 0;

	ext_make(port, &ext, now);
	hdrext_patch(buf, len, &ext);
	bwe_tx_sent(port->bwe_tx, port->tx.twcc_seq - 1, len, now);

	return len;
}


/* Without RTX the very same packet, extensions and all: with SRTP its number
   is good for no other */
static size_t again_write(struct video_port *port, uint8_t *buf, size_t size,
			  const uint8_t *pkt, size_t len, uint64_t now)
{
	const struct video_end *end = &port->end;

	if (end->tx.rtx_pt && end->ssrc_rtx)
		return again_rtx(port, buf, size, pkt, len, now);

	if (len > size)
		return 0;

	memcpy(buf, pkt, len);

	return len;
}


/**
 * Send a packet again that the remote misses, if it is still there
 *
 * @param port Leg, with a sending handler
 * @param seq Sequence number
 * @param now Time [us]
 */
void vtx_again(struct video_port *port, uint16_t seq, uint64_t now)
{
	uint8_t buf[VIDEO_PKT_MAX + VIDEO_TAILROOM];
	const uint8_t *pkt;
	size_t len;

	if (!port->end.send)
		return;

	pkt = vcache_get(port->tx.cache, seq, &len, port->st.rtt, now);
	if (!pkt || !again_allowed(port, len, now))
		return;

	len = again_write(port, buf, VIDEO_PKT_MAX, pkt, len, now);
	if (!len)
		return;

	if (!port->end.rtph(buf, len, len + VIDEO_TAILROOM, port->end.arg))
		++port->st.tx.retransmitted;
}
