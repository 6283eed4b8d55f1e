/**
 * @file audio/tx.c  What a leg has sent, and where its timestamps stand
 *
 * However often the source of a stream changes, the receiver sees one
 * stream: sequence numbers go on by one and timestamps by the time that
 * really passed.
 */
#include <re.h>
#include "audio.h"
#include "rtp/rtp.h"
#include "rtp/rxstat.h"
#include "rtp/clock.h"
#include "telev.h"
#include "audio_priv.h"


/**
 * Set the SSRC that is sent. Counters of sender reports begin anew
 *
 * @param tx   Sender
 * @param ssrc Our SSRC
 */
void tx_set_ssrc(struct audio_tx *tx, uint32_t ssrc)
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
uint16_t tx_next_seq(const struct audio_tx *tx)
{
	return tx->on ? tx->seq + 1 : rand_u16() & 0x7fff;
}


/**
 * Get the timestamp of a packet that does not follow from its source's: the
 * first one, or the first after a change
 *
 * @param tx    Sender
 * @param crate RTP clock rate [Hz]
 * @param now   Time [us]
 *
 * @return Timestamp [RTP clock]; random before the first packet
 */
uint32_t tx_next_ts(const struct audio_tx *tx, uint32_t crate, uint64_t now)
{
	uint64_t dt;

	if (!tx->on)
		return rand_u32();

	dt = (now - tx->t) * crate / 1000000;

	return tx->ts + (uint32_t)max(dt, (uint64_t)tx->dur);
}


/**
 * Get the packet time that is sent
 *
 * @param tx Sender
 *
 * @return Packet time [ms], 0=nothing was sent
 */
uint32_t tx_ptime(const struct audio_tx *tx)
{
	if (!tx->on)
		return 0;

	return (uint32_t)((uint64_t)tx->dur * 1000 / tx->tl.crate);
}


/* Timestamps of a new clock or beyond a jump begin a new timeline */
static void tx_follow(struct audio_tx *tx, uint16_t seq, uint32_t ts,
		      uint32_t crate, uint64_t now)
{
	const uint32_t dt = ts - tx->ts;

	if (tx->on && (int16_t)(seq - tx->seq) <= 0)
		return;

	if (!tx->on || tx->tl.crate != crate)
		tx->dur = crate / (1000 / PTIME_DEFAULT);
	else if (dt && dt <= crate / 1000 * PTIME_MAX)
		tx->dur = dt;

	if (!tx->on || tx->tl.crate != crate ||
	    tline_update(&tx->tl, ts, now))
		tline_start(&tx->tl, ts, crate, now);

	tx->on  = true;
	tx->seq = seq;
	tx->ts  = ts;
	tx->t   = now;
}


static void tx_send(struct audio_port *port, uint8_t *buf, size_t plen,
		    uint64_t now)
{
	struct audio_tx *tx = &port->tx;
	const size_t len = RTP_HEADER_SIZE + plen;

	if (port->rtph(buf, len, len + MEDIA_TAILROOM, port->arg)) {
		++tx->dropped;
		return;
	}

	port->alive_tx = now;
	++tx->packets;
	tx->bytes += plen;
	++tx->sr_packets;
	tx->sr_octets += (uint32_t)plen;
	tx->active = true;
}


/**
 * Send an RTP packet on a port. One that the handler refuses is counted
 *
 * @param port   Port, with a sending handler
 * @param pt     Payload type
 * @param marker Marker bit
 * @param seq    Sequence number
 * @param ts     Timestamp [RTP clock]
 * @param buf    Room for the header, payload from RTP_HEADER_SIZE on, and
 *               MEDIA_TAILROOM bytes behind it
 * @param plen   Length of the payload [bytes]
 * @param now    Time [us]
 */
void tx_rtp(struct audio_port *port, uint8_t pt, bool marker, uint16_t seq,
	    uint32_t ts, uint8_t *buf, size_t plen, uint64_t now)
{
	struct audio_tx *tx = &port->tx;

	rtp_hdr_write(buf, marker, pt, seq, ts, tx->ssrc);

	tx_follow(tx, seq, ts, port->txf.crate, now);
	tx_send(port, buf, plen, now);
}


/**
 * Send a packet that is no audio (telephone-event, keep-alive), next in
 * sequence. The audio's timeline does not follow its timestamp
 *
 * @param port   Port, with a sending handler
 * @param pt     Payload type
 * @param marker Marker bit
 * @param ts     Timestamp [RTP clock of the audio]
 * @param buf    See tx_rtp()
 * @param plen   Length of the payload [bytes]
 * @param now    Time [us]
 */
void tx_other(struct audio_port *port, uint8_t pt, bool marker, uint32_t ts,
	      uint8_t *buf, size_t plen, uint64_t now)
{
	struct audio_tx *tx = &port->tx;
	const uint16_t seq = tx_next_seq(tx);

	rtp_hdr_write(buf, marker, pt, seq, ts, tx->ssrc);

	if (tx->on)
		tx->seq = seq;
	else
		tx_follow(tx, seq, ts, port->txf.crate, now);

	tx_send(port, buf, plen, now);
}
