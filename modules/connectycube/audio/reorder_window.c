/**
 * @file audio/reorder_window.c  The reordering window in front of a transcoder
 *
 * Whatever belongs to the stream goes through it: audio, comfort noise, and
 * the places of packets that are left out. What is next in sequence passes at
 * once, what it holds follows in its order.
 */
#include <string.h>
#include <re.h>
#include <rem.h>
#include "audio.h"
#include "rtp/rtp.h"
#include "rtp/rxstat.h"
#include "rtp/clock.h"
#include "telev.h"
#include "audio_priv.h"
#include "cn.h"
#include "reorder.h"
#include "xcode.h"


static int use(struct audio_route *rt, struct xcode *xc, uint32_t ts,
	       bool marker, bool cn, const uint8_t *buf, size_t len,
	       uint64_t now)
{
	if (cn) {
		pause_noise(rt, xc, buf, len, now);
		return 0;
	}

	return xaudio_put(rt, xc, ts, marker, buf, len, now);
}


/* Use what the window holds, giving up one missing packet, or all */
static void drain(struct audio_route *rt, struct xcode *xc, bool giveup,
		  bool all, uint64_t now)
{
	struct reorder_slot *slot;
	unsigned lost;

	while ((slot = reorder_get(&xc->ro, giveup, &lost, now))) {

		xc->lost += lost;

		if (use(rt, xc, slot->ts, slot->marker, slot->cn, slot->buf,
			slot->len, now))
			++rt->in->dropped;

		giveup = all;
	}
}


static int window(struct audio_route *rt, struct xcode *xc,
		  const struct rtp_pkt *rp, bool cn, uint64_t now)
{
	enum reorder_res res;
	unsigned lost = 0;
	int err = 0;

	res = reorder_put(&xc->ro, rp, cn, &lost, now);

	if (res == REORDER_FLUSH) {
		drain(rt, xc, true, true, now);
		res = reorder_put(&xc->ro, rp, cn, &lost, now);
	}

	if (res == REORDER_LATE)
		return ETIMEDOUT;

	if (res == REORDER_NOW) {
		xc->lost += lost;
		err = use(rt, xc, rp->ts, rp->marker, cn, rp->payload,
			  rp->plen, now);
	}

	drain(rt, xc, reorder_full(&xc->ro), false, now);

	rt->due = xc->ro.held ? xc->ro.since + REORDER_WAIT : 0;

	return err;
}


/* What the old source left is used before the new one begins */
static void restart(struct audio_route *rt, struct xcode *xc, uint64_t now)
{
	if (xc->on && rt->mode == ROUTE_XCODE && !rt->resync) {
		drain(rt, xc, true, true, now);
		xaudio_flush(rt, xc, now);
	}

	reorder_init(&xc->ro);

	pause_end(rt, xc);

	xc->on     = false;
	xc->fifoc  = 0;
	rt->mode   = ROUTE_XCODE;
	rt->resync = false;
	rt->due    = 0;
}


/**
 * Transcode a packet. See route_h
 *
 * @param rt  Route to the other leg
 * @param fmt Format of the packet
 * @param rp  Packet
 * @param res What the packet is to its stream
 * @param now Arrival time [us]
 *
 * @return 0 if success (or nothing is to be sent yet), EMSGSIZE if the
 *         packet is too long, ETIMEDOUT if it came too late, or an error of
 *         the codecs
 */
int xcode_rx(struct audio_route *rt, const struct audio_fmt *fmt,
	     const struct rtp_pkt *rp, enum rxstat_res res, uint64_t now)
{
	int err;

	if (rp->plen > REORDER_LEN)
		return EMSGSIZE;

	if (!rt->out->send) {
		rt->resync = true;
		rt->due    = 0;
		return 0;
	}

	if (!rt->xc || rt->xc->fmt != fmt) {

		rt->resync = true;

		err = xcode_prepare(rt, fmt);
		if (err)
			return err;
	}

	if (res == RXSTAT_NEW || rt->resync || rt->mode != ROUTE_XCODE)
		restart(rt, rt->xc, now);

	return window(rt, rt->xc, rp, false, now);
}


/* Packets that are no audio have their place in the window, too */
static void other_rx(struct audio_route *rt, const struct rtp_pkt *rp,
		     bool cn, enum rxstat_res res, uint64_t now)
{
	if (res == RXSTAT_NEW || !rt->out->send)
		rt->resync = true;

	if (!rt->xc || rt->resync || rt->mode != ROUTE_XCODE)
		return;

	(void)window(rt, rt->xc, rp, cn, now);
}


/**
 * Leave out a packet that is not transcoded, so that it does not look lost
 *
 * @param rt  Route to the other leg
 * @param rp  Packet
 * @param res What the packet is to its stream
 * @param now Arrival time [us]
 */
void xcode_skip(struct audio_route *rt, const struct rtp_pkt *rp,
		enum rxstat_res res, uint64_t now)
{
	struct rtp_pkt empty = *rp;

	empty.plen = 0;

	other_rx(rt, &empty, false, res, now);
}


/**
 * Put a comfort noise packet in its place behind the audio before it
 *
 * @param rt  Route to the other leg
 * @param rp  Packet
 * @param res What the packet is to its stream
 * @param now Arrival time [us]
 */
void xcode_cn(struct audio_route *rt, const struct rtp_pkt *rp,
	      enum rxstat_res res, uint64_t now)
{
	struct rtp_pkt cn = *rp;

	/* a description of the spectrum may follow the level */
	cn.plen = min(cn.plen, (size_t)1);

	other_rx(rt, &cn, true, res, now);
}


/**
 * Give up a packet that was waited for
 *
 * @param rt  Route to the other leg
 * @param now Time [us]
 */
void xcode_timeout(struct audio_route *rt, uint64_t now)
{
	struct xcode *xc = rt->xc;

	rt->due = 0;

	if (!xc || rt->mode != ROUTE_XCODE || rt->resync || !rt->out->send)
		return;

	drain(rt, xc, true, false, now);

	if (xc->ro.held)
		rt->due = xc->ro.since + REORDER_WAIT;
}
