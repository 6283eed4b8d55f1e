/**
 * @file audio/recut.c  Both legs share the codec, but not the packet time
 *
 * G.711 and G.722 have a length for each packet time. Packets of the length
 * that the receiver asked for are forwarded; when others come, the stream is
 * cut anew by the transcoder. It goes back to forwarding only after a while
 * of the right length, and before a packet that nothing is left to be sent
 * of: a source that changes its packet time often does not make the bridge
 * change as often. Either way the timestamps go on exactly.
 *
 * Opus never gets here: what it costs to encode it anew, in quality, is more
 * than the packet time is worth, and its decoders take any.
 */
#include <re.h>
#include "audio.h"
#include "rtp/rtp.h"
#include "rtp/rxstat.h"
#include "rtp/clock.h"
#include "telev.h"
#include "audio_priv.h"
#include "cn.h"
#include "reorder.h"
#include "xcode.h"


enum {
	BYTES_MS   = 8,         /**< All three: 64 kbit/s [bytes/ms]       */
	RECUT_BACK = 50,        /**< Packets of the right length until the
				     stream is forwarded again             */
};


static bool is_64k(const struct audio_fmt *fmt)
{
	return !str_casecmp(fmt->name, "PCMU") ||
		!str_casecmp(fmt->name, "PCMA") ||
		!str_casecmp(fmt->name, "G722");
}


/**
 * Decide if the length of a format's packets matters, and which one is right
 *
 * @param rt  Route to the other leg
 * @param fmt Format that may be forwarded
 *
 * @return True if it does: its handler is recut_rx(). False if packets of
 *         any length are to be forwarded
 */
bool recut_setup(struct audio_route *rt, const struct audio_fmt *fmt)
{
	const struct audio_port *out = rt->out;

	if (!is_64k(fmt) || !xcode_possible(fmt, &out->txf))
		return false;

	if (out->ptime) {
		rt->plen_min  = xcode_ptime(out) * BYTES_MS;
		rt->plen_span = 0;
	}
	else if (out->maxptime) {
		rt->plen_min  = 0;
		rt->plen_span = max(out->maxptime, (uint32_t)PTIME_MIN) *
			BYTES_MS;
	}
	else {
		return false;
	}

	return true;
}


/* The timestamp that is due, if all before this packet has been sent */
static bool is_even(const struct audio_route *rt, const struct rtp_pkt *rp,
		    uint32_t *ts)
{
	const struct xcode *xc = rt->xc;

	if (rt->mode != ROUTE_XCODE || rt->resync || !xcode_tline(rt))
		return false;

	if (xc->fifoc || xc->ro.held || xc->lost || xc->pause != PAUSE_NONE)
		return false;

	*ts = xc->base + (uint32_t)(xc->pos * rt->out->txf.crate / xc->srate);

	return *ts == xcode_ts(rt, rp->ts);
}


/* Count the packets of the right length. True if this one may go as it is */
static bool go_back(struct audio_route *rt, const struct audio_fmt *fmt,
		    const struct rtp_pkt *rp, enum rxstat_res res,
		    uint64_t now)
{
	uint32_t ts;

	if (res != RXSTAT_OK)
		return false;

	if (rt->recut > 1) {
		--rt->recut;
		return false;
	}

	if (!is_even(rt, rp, &ts))
		return false;

	rt->recut = 0;
	rt->xc    = mem_deref(rt->xc);
	relay_join(rt, fmt, rp, ts, now);

	return true;
}


/**
 * Forward a packet if it has the right length, else cut it anew. See route_h
 *
 * @param rt  Route to the other leg
 * @param fmt Format of the packet
 * @param rp  Packet
 * @param res What the packet is to its stream
 * @param now Arrival time [us]
 *
 * @return See relay_rx() and xcode_rx()
 */
int recut_rx(struct audio_route *rt, const struct audio_fmt *fmt,
	     const struct rtp_pkt *rp, enum rxstat_res res, uint64_t now)
{
	const bool fits = rp->plen - rt->plen_min <= rt->plen_span;
	int err;

	if (fits && (!rt->recut || go_back(rt, fmt, rp, res, now)))
		return relay_rx(rt, fmt, rp, res, now);

	/* nothing to cut, or no place to begin */
	if (!rt->recut && (!rp->plen || res == RXSTAT_LATE))
		return relay_rx(rt, fmt, rp, res, now);

	if (!fits)
		rt->recut = RECUT_BACK;

	rt->join = relay_follows(rt, fmt, rp, res, now);
	rt->join_ts = rp->ts + rt->ts_off;

	err = xcode_rx(rt, fmt, rp, res, now);
	rt->join = false;

	return err;
}
