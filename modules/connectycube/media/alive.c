/**
 * @file media/alive.c  Signs of life, given and missed
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
#include "media.h"
#include "rtp.h"
#include "rxstat.h"
#include "clock.h"
#include "telev.h"
#include "priv.h"


enum {
	PAUSE_MAX = 600000,     /**< A pause owes nothing for so long [ms] */
};


static uint8_t unused_pt(const struct audio_leg *leg)
{
	uint8_t pt;

	for (pt=127; pt>96; pt--) {
		if (!leg->map[pt] && pt != leg->txf.pt && pt != leg->ev.pt)
			break;
	}

	return pt;
}


/**
 * A leg was set anew
 *
 * @param leg  Leg
 * @param idle Keep-alive after so long without a packet [ms], 0=never
 * @param now  Time [us]
 */
void alive_setup(struct audio_leg *leg, uint32_t idle, uint64_t now)
{
	const bool owes = leg->send && leg->recv;

	if (owes && !leg->alive_owed) {
		leg->alive_rx    = now;
		leg->alive_pause = false;
	}

	leg->alive_owed = owes;
	leg->alive_pt   = unused_pt(leg);
	leg->alive_idle = leg->rtph ? (uint64_t)idle * 1000 : 0;

	if (!leg->alive_tx)
		leg->alive_tx = now;

	leg->alive_due = leg->alive_idle ? leg->alive_tx + leg->alive_idle
		: 0;
}


/**
 * A packet came that is not late
 *
 * @param leg Leg that it was received on
 * @param fmt Format of the packet
 * @param rp  Packet
 */
void alive_heard(struct audio_leg *leg, const struct audio_fmt *fmt,
		 const struct rtp_pkt *rp)
{
	if (fmt->h == cn_rx)
		leg->alive_pause = true;
	else if (fmt->ac && rp->plen)
		leg->alive_pause = fmt->ac->silent &&
			fmt->ac->silent(rp->payload, rp->plen);
}


/**
 * Send a keep-alive if nothing was sent for long
 *
 * @param rt  Route to the leg
 * @param now Time [us]
 */
void alive_poll(struct audio_route *rt, uint64_t now)
{
	uint8_t buf[RTP_HEADER_SIZE + MEDIA_TAILROOM];
	struct audio_leg *leg = rt->out;

	if (now >= leg->alive_tx + leg->alive_idle) {

		const uint32_t ts = tx_next_ts(&leg->tx, leg->txf.crate, now);

		tx_other(leg, leg->alive_pt, false, ts, buf, 0, now);

		/* sent or refused: the next is not due at once */
		leg->alive_tx = now;

		if (rt->mode == ROUTE_RELAY)
			relay_shift(rt, 1);
	}

	leg->alive_due = leg->alive_tx + leg->alive_idle;
}


/**
 * How long nothing came from the remote, though it might
 *
 * @param ap  Audio pair
 * @param leg Leg
 *
 * @return Time since the last RTP or RTCP packet, or since the leg was set
 *         or was taken off hold [ms]; while the remote pauses (CN, DTX) it
 *         counts from ten minutes later on; 0 if it owes no packets
 */
uint64_t audio_pair_silence(const struct audio_pair *ap, enum media_leg leg)
{
	const struct audio_leg *l;
	uint64_t ms;

	if (!ap || leg >= LEG_MAX)
		return 0;

	l = &ap->legv[leg];
	if (!l->alive_owed)
		return 0;

	ms = (media_clock() - l->alive_rx) / 1000;
	if (!l->alive_pause)
		return ms;

	return ms > PAUSE_MAX ? ms - PAUSE_MAX : 0;
}
