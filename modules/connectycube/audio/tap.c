/**
 * @file audio/tap.c  What a port receives, to somebody who listens
 *
 *   packet --> tap_rx() --> gauge_rx(), or the handler of its format
 *                |
 *                `--> listener
 *
 * As with gauge.c, the way that the packets of a format take is changed, and no
 * flag is asked.
 */
#include <re.h>
#include "audio.h"
#include "rtp/rtp.h"
#include "rtp/rxstat.h"
#include "rtp/clock.h"
#include "telev.h"
#include "inband.h"
#include "audio_priv.h"


/**
 * Choose how the packets of a format come to a handler
 *
 * @param port Port
 * @param fmt  One of its formats
 * @param h    That one's handler, or gauge_rx()
 */
void tap_enter(const struct audio_port *port, struct audio_fmt *fmt,
	       route_h *h)
{
	const bool tap = port->tap.h && fmt->h != event_rx;

	fmt->next = h;
	fmt->rx   = tap ? tap_rx : h;
}


/**
 * Hand out a packet that somebody listens to. See route_h. While a key is down
 * nothing is handed out: it may be heard; nor while something covers what comes
 * of a phone whose keys are tones, which nobody listens for then
 *
 * @param rt  Route to the other leg
 * @param fmt Format of the packet
 * @param rp  Packet
 * @param res What the packet is to its stream
 * @param now Arrival time [us]
 *
 * @return What the handler of its format returns
 */
int tap_rx(struct audio_route *rt, const struct audio_fmt *fmt,
	   const struct rtp_pkt *rp, enum rxstat_res res, uint64_t now)
{
	const struct audio_port *port = rt->in;
	struct rtp_tap_fmt tf;
	int err;

	err = fmt->next(rt, fmt, rp, res, now);

	/* what a key has brought about may have ended it */
	if (!port->tap.h || rt->evrx.on ||
	    (port->inband && (fmt->h == cover_rx || now < port->tap_deaf)))
		return err;

	tf.video = false;
	tf.pt    = fmt->pt;
	tf.ch    = fmt->ch;
	tf.clock = fmt->crate;
	tf.nego  = port->nego;
	tf.late  = res == RXSTAT_LATE;
	tf.tones = port->inband;
	tf.name  = fmt->name;
	tf.fmtp  = fmt->fmtp;

	port->tap.h(&tf, rp, now, port->tap.arg);

	return err;
}


/**
 * A key has gone down on a port
 *
 * @param port Port
 * @param ms   It has been down for so long, as its sender says [ms]
 */
void tap_key(const struct audio_port *port, uint32_t ms)
{
	if (port->tap.keyh)
		port->tap.keyh(ms, port->tap.arg);
}


/**
 * What comes on a port is about to be covered, or is not any more. A tone that
 * has just begun will never be known as a key, nor will the end of one
 *
 * @param port   Port
 * @param covers It is covered
 */
void tap_cover(struct audio_port *port, bool covers)
{
	if (!port->inband)
		return;

	if (covers)
		tap_key(port, 0);
	else
		port->tap_deaf = media_clock() + INBAND_TIME * 1000;
}


/**
 * Set who listens to what is received on a port
 *
 * @param port Port
 * @param h    Gets its packets, NULL=nobody listens
 * @param keyh Is told when a key goes down, NULL=nobody is
 * @param arg  Argument of both
 */
void audio_port_set_tap(struct audio_port *port, rtp_tap_h *h,
			rtp_tap_key_h *keyh, void *arg)
{
	if (!port)
		return;

	port->tap.h    = h;
	port->tap.keyh = keyh;
	port->tap.arg  = arg;

	/* all formats enter anew */
	gauge_stop(port);
}
