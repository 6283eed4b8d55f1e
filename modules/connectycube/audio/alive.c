/**
 * @file audio/alive.c  Signs of life, given and missed
 *
 * NATs forget a phone that nothing is sent to: where no packet went out for
 * the configured time an RTP packet of a payload type that was not
 * negotiated is sent, which every receiver ignores (RFC 6263, 4.6; RFC 3550,
 * 5.1). It goes through SRTP like any other, and when the call is on hold.
 *
 * In return RTP and RTCP count as signs of life of the remote. A leg that is
 * held, by whichever side, owes none; one that pauses (its last audio was
 * comfort noise or a DTX frame) owes none for a long time, since nothing need
 * be sent as long as the noise does not change (RFC 3389, 4). Who stops
 * without a word and sends no RTCP either cannot be told from the dead.
 */
#include <string.h>
#include <re.h>
#include "audio.h"
#include "rtp/rtp.h"
#include "rtp/rxstat.h"
#include "rtp/clock.h"
#include "telev.h"
#include "audio_priv.h"


enum {
	PAUSE_MAX = 600000,     /**< A pause owes nothing for so long [ms] */
};


static uint8_t unused_pt(const struct audio_port *port)
{
	uint8_t pt;

	for (pt=127; pt>96; pt--) {
		if (!port->map[pt] && pt != port->txf.pt && pt != port->ev.pt)
			break;
	}

	return pt;
}


/**
 * An end was set anew
 *
 * @param port Port
 * @param idle Keep-alive after so long without a packet [ms], 0=never
 * @param now  Time [us]
 */
void alive_setup(struct audio_port *port, uint32_t idle, uint64_t now)
{
	const bool owes = port->send && port->recv;

	if (owes && !port->alive_owed) {
		port->alive_rx    = now;
		port->alive_pause = false;
	}

	port->alive_owed = owes;
	port->alive_pt   = unused_pt(port);
	port->alive_idle = port->rtph ? (uint64_t)idle * 1000 : 0;

	if (!port->alive_tx)
		port->alive_tx = now;

	port->alive_due = port->alive_idle ? port->alive_tx + port->alive_idle
		: 0;
}


/**
 * A packet came that is not late
 *
 * @param port Port that it was received on
 * @param fmt  Format of the packet
 * @param rp   Packet
 */
void alive_heard(struct audio_port *port, const struct audio_fmt *fmt,
		 const struct rtp_pkt *rp)
{
	if (fmt->h == cn_rx)
		port->alive_pause = true;
	else if (fmt->ac && rp->plen)
		port->alive_pause = fmt->ac->silent &&
			fmt->ac->silent(rp->payload, rp->plen);
}


/**
 * Send a keep-alive if nothing was sent for long
 *
 * @param port Port
 * @param now  Time [us]
 */
void alive_poll(struct audio_port *port, uint64_t now)
{
	uint8_t buf[RTP_HEADER_SIZE + MEDIA_TAILROOM];
	struct audio_route *rt = port->from;

	if (now >= port->alive_tx + port->alive_idle) {

		const uint32_t ts = tx_next_ts(&port->tx, port->txf.crate,
					       now);

		tx_other(port, port->alive_pt, false, ts, buf, 0, now);

		/* sent or refused: the next is not due at once */
		port->alive_tx = now;

		if (rt && rt->mode == ROUTE_RELAY)
			relay_shift(rt, 1);
	}

	port->alive_due = port->alive_tx + port->alive_idle;
}


/**
 * How long nothing came from the remote, though it might
 *
 * @param port Port
 *
 * @return Time since the last RTP or RTCP packet, or since the end was set
 *         or was taken off hold [ms]; while the remote pauses (CN, DTX) it
 *         counts from ten minutes later on; 0 if it owes no packets
 */
uint64_t audio_port_silence(const struct audio_port *port)
{
	uint64_t ms;

	if (!port || !port->alive_owed)
		return 0;

	ms = (media_clock() - port->alive_rx) / 1000;
	if (!port->alive_pause)
		return ms;

	return ms > PAUSE_MAX ? ms - PAUSE_MAX : 0;
}
