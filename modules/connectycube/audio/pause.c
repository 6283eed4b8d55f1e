/**
 * @file audio/pause.c  Pauses of a transcoded stream: DTX and comfort noise
 *
 *   source stops with         the other leg has CN    it has not
 *   CN (RFC 3389)             CN                      noise of its level
 *   its codec's DTX frame     CN of the same level    what its decoder makes
 *
 * A receiver without CN was promised a continuous stream, so it gets one:
 * noise is made and encoded while nothing comes, timed by the source's own
 * timeline, one packet behind it. An encoder with DTX of its own (Opus with
 * usedtx, G.729 Annex B) makes a pause of that again. When the source comes
 * back its timestamps count, and what was made up too far is cut off.
 *
 * A forwarded stream passes pauses on as they are: CN where the receiver has
 * CN, otherwise nothing.
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
#include "plc.h"
#include "cn.h"
#include "reorder.h"
#include "xcode.h"


enum {
	BEHIND    = 20,         /**< Noise behind the timeline [ms]        */
	BURST_MAX = 100,        /**< Noise made at once [ms]               */
	NOISE_MAX = 60,         /**< Longest noise without a packet [s]    */
};


/* Were comfort noise packets negotiated with the clock of the codec? */
static bool has_cn(const struct audio_port *out)
{
	return out->cn.crate && out->cn.crate == out->txf.crate;
}


/* They are for codecs without comfort noise of their own (RFC 3389, 1) */
static bool wants_cn(const struct audio_port *out)
{
	return has_cn(out) && !(out->txf.ac && out->txf.ac->silent);
}


static void send_cn(struct audio_route *rt, struct xcode *xc, uint8_t level,
		    uint64_t now)
{
	uint8_t buf[RTP_HEADER_SIZE + 1 + MEDIA_TAILROOM];
	struct audio_port *out = rt->out;
	uint32_t ts;

	if (telev_tx_busy(&rt->evtx))
		return;

	ts = xc->base + (uint32_t)(xc->pos * out->txf.crate / xc->srate);
	buf[RTP_HEADER_SIZE] = level;

	tx_rtp(out, out->cn.pt, false, tx_next_seq(&out->tx), ts, buf, 1,
	       now);

	xc->mark = true;
}


static void fill_later(struct audio_route *rt, struct xcode *xc,
		       enum xpause how, uint64_t now)
{
	if (xc->pause == PAUSE_NONE || xc->pause == PAUSE_SENT)
		rt->fill_due = now + (uint64_t)xc->ptime * 1000;

	xc->pause   = how;
	xc->pause_t = now;
}


/* Speech that does not fill a frame is followed by noise, not by nothing */
static size_t whole_frames(const struct xcode *xc, size_t sampc)
{
	const size_t n = (sampc + xc->frame - 1) / xc->frame * xc->frame;

	return min(n, xc->fifoc);
}


/**
 * The source's codec pauses: its last packet was decoded into the fifo
 *
 * @param rt   Route
 * @param xc   Transcoder
 * @param from Where in the fifo its noise begins [samples]
 * @param now  Time [us]
 */
void pause_codec(struct audio_route *rt, struct xcode *xc, size_t from,
		 uint64_t now)
{
	uint8_t level;

	if (!wants_cn(rt->out)) {
		fill_later(rt, xc, PAUSE_CODEC, now);
		return;
	}

	level = cn_level(xc->fifov + from, xc->fifoc - from);

	xc->fifoc = whole_frames(xc, from);
	xaudio_send(rt, xc, now);
	xaudio_flush(rt, xc, now);
	send_cn(rt, xc, level, now);

	xc->pause    = PAUSE_SENT;
	rt->fill_due = 0;
}


/**
 * The source pauses, and says how loud it is: comfort noise, in its place
 * in the stream
 *
 * @param rt  Route
 * @param xc  Transcoder
 * @param buf Payload (RFC 3389, 3)
 * @param len Length of the payload [bytes]
 * @param now Time [us]
 */
void pause_noise(struct audio_route *rt, struct xcode *xc, const uint8_t *buf,
		 size_t len, uint64_t now)
{
	uint8_t level = CN_LEVEL;

	/* what was lost before it is noise, too */
	xc->lost = 0;

	if (!xc->on)
		return;

	(void)cn_decode(&level, buf, len);

	if (!wants_cn(rt->out)) {
		cn_set(&xc->cn, level);
		fill_later(rt, xc, PAUSE_NOISE, now);
		return;
	}

	xaudio_flush(rt, xc, now);
	send_cn(rt, xc, level, now);

	xc->pause    = PAUSE_SENT;
	rt->fill_due = 0;
}


/**
 * The source speaks again, or begins anew
 *
 * @param rt Route
 * @param xc Transcoder
 */
void pause_end(struct audio_route *rt, struct xcode *xc)
{
	xc->pause    = PAUSE_NONE;
	rt->fill_due = 0;
}


/**
 * Handle a comfort noise packet. See route_h
 *
 * @param rt  Route to the other leg
 * @param fmt Format of the packet
 * @param rp  Packet
 * @param res What the packet is to its stream
 * @param now Arrival time [us]
 *
 * @return 0 if success, or an error of relay_rx()
 */
int cn_rx(struct audio_route *rt, const struct audio_fmt *fmt,
	  const struct rtp_pkt *rp, enum rxstat_res res, uint64_t now)
{
	if (rt->mode == ROUTE_RELAY && has_cn(rt->out) &&
	    rt->crate == fmt->crate)
		return relay_rx(rt, fmt, rp, res, now);

	if (rt->mode == ROUTE_XCODE)
		xcode_cn(rt, rp, res, now);
	else
		(void)route_skip_rx(rt, fmt, rp, res, now);

	return 0;
}


/* Where the source's timeline stands now [samples] */
static int64_t position(const struct xcode *xc, uint64_t now)
{
	const struct tline *tl = &xc->tl;
	const int32_t dt = (int32_t)(tline_at(tl, now) - tl->ts);

	return (tl->pos + dt) * xc->srate / tl->crate + xc->adj;
}


static void make(struct audio_route *rt, struct xcode *xc, size_t n,
		 uint64_t now)
{
	if (xc->pause == PAUSE_CODEC) {
		xaudio_conceal(xc, n);
	}
	else {
		cn_make(&xc->cn, xc->fifov + xc->fifoc, n);
		xc->fifoc += n;
	}

	xaudio_send(rt, xc, now);
}


/**
 * Make the rest of the noise before a packet
 *
 * @param rt  Route
 * @param xc  Transcoder
 * @param gap Samples that are missing
 * @param now Time [us]
 *
 * @return False if no noise was being made, or it is too much
 */
bool pause_rest(struct audio_route *rt, struct xcode *xc, int64_t gap,
		uint64_t now)
{
	if ((xc->pause != PAUSE_CODEC && xc->pause != PAUSE_NOISE) ||
	    gap > (int64_t)(xc->srate / 1000 * BURST_MAX))
		return false;

	make(rt, xc, (size_t)gap, now);

	return true;
}


/**
 * Make as much noise as is due
 *
 * @param rt  Route
 * @param now Time [us]
 */
void pause_fill(struct audio_route *rt, uint64_t now)
{
	struct xcode *xc = rt->xc;
	int64_t end;

	rt->fill_due = 0;

	if (!xc || rt->mode != ROUTE_XCODE || rt->resync || !xc->on ||
	    !rt->out->send ||
	    (xc->pause != PAUSE_CODEC && xc->pause != PAUSE_NOISE) ||
	    now - xc->pause_t > (uint64_t)NOISE_MAX * 1000000)
		return;

	end = position(xc, now) - (int64_t)(xc->srate / 1000 * BEHIND);

	/* asleep for long: the receiver has gone on without */
	if (end - xc->pos > (int64_t)(xc->srate / 1000 * BURST_MAX)) {
		xaudio_flush(rt, xc, now);
		xc->pos  = max(xc->pos, end - (int64_t)xc->frame);
		xc->mark = true;
	}

	while (xc->pos + (int64_t)(xc->fifoc + xc->frame) <= end)
		make(rt, xc, xc->frame, now);

	rt->fill_due = now + (uint64_t)xc->ptime * 1000;
}
