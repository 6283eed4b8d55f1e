/**
 * @file audio/xaudio.c  The samples of a transcoder
 *
 * Nothing is buffered but what a packet time of the other leg needs. Every
 * sample has a position on the source's timeline, taken from its packet's
 * timestamp; the timestamps sent are computed from positions alone, so that
 * a gap stays a gap of the same length and nothing drifts. Short losses are
 * concealed, since the encoder wants a whole frame; a longer one, whose
 * replacement would come too late to be played, is left to the receiver.
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
#include "resamp.h"
#include "inband.h"
#include "cn.h"
#include "reorder.h"
#include "xcode.h"


enum {
	CONCEAL_MAX = 100,      /**< Longest loss that is concealed [ms]   */
	SAMPC_MAX   = 48 * DECODE_MAX,
};


static void send_frame(struct audio_route *rt, struct xcode *xc, uint64_t now)
{
	uint8_t buf[MEDIA_PKT_MAX + MEDIA_TAILROOM];
	size_t len = MEDIA_PKT_MAX - RTP_HEADER_SIZE;
	struct audio_port *out = rt->out;
	uint32_t ts;

	/* a key is being sent instead */
	if (telev_tx_busy(&rt->evtx)) {
		xc->mark = true;
		return;
	}

	if (xc->oac->encode(xc->enc, buf + RTP_HEADER_SIZE, &len, xc->fifov,
			    xc->frame)) {
		++out->tx.dropped;
		return;
	}

	/* silence that needs no packet: what follows begins a talkspurt */
	if (!len) {
		xc->mark = true;
		return;
	}

	ts = xc->base + (uint32_t)(xc->pos * out->txf.crate / xc->srate);

	tx_rtp(out, out->txf.pt, xc->mark, tx_next_seq(&out->tx), ts, buf,
	       len, now);

	xc->mark = false;
}


/**
 * Send the whole frames that wait
 *
 * @param rt  Route
 * @param xc  Transcoder
 * @param now Time [us]
 */
void xaudio_send(struct audio_route *rt, struct xcode *xc, uint64_t now)
{
	while (xc->fifoc >= xc->frame) {

		send_frame(rt, xc, now);

		xc->pos   += xc->frame;
		xc->fifoc -= xc->frame;

		memmove(xc->fifov, xc->fifov + xc->frame,
			xc->fifoc * sizeof(int16_t));
	}
}


static void append_silence(struct xcode *xc, size_t sampc)
{
	sampc = min(sampc, xc->fifosz - xc->fifoc);

	memset(xc->fifov + xc->fifoc, 0, sampc * sizeof(int16_t));
	xc->fifoc += sampc;
}


/**
 * Send a frame that has begun, filled up with silence, before the timeline
 * jumps
 *
 * @param rt  Route
 * @param xc  Transcoder
 * @param now Time [us]
 */
void xaudio_flush(struct audio_route *rt, struct xcode *xc, uint64_t now)
{
	if (!xc->fifoc)
		return;

	append_silence(xc, xc->frame - xc->fifoc);
	xaudio_send(rt, xc, now);
}


/* Append decoded samples, which stand in the fifo already if the rates are
   the same */
static int append(struct xcode *xc, const int16_t *sampv, size_t sampc)
{
	size_t n = xc->fifosz - xc->fifoc;
	int err;

	if (xc->dsrate == xc->srate) {
		xc->fifoc += sampc;
		return 0;
	}

	err = resamp(xc->rs, xc->fifov + xc->fifoc, &n, sampv, sampc);
	if (err)
		return err;

	xc->fifoc += n;

	return 0;
}


static int16_t *decode_room(struct xcode *xc, int16_t *tmpv, size_t *sampc)
{
	*sampc = xc->dsrate / 1000 * DECODE_MAX;

	return xc->dsrate == xc->srate ? xc->fifov + xc->fifoc : tmpv;
}


static void probe(struct audio_route *rt, int16_t *sampv, size_t sampc,
		  uint64_t now)
{
	struct telev te;
	uint32_t ts;

	/* what was forwarded since may have had another rate */
	if (hear_tones(rt, rt->xc->dsrate))
		return;

	if (inband_probe(rt->ib, sampv, sampc, &te, &ts))
		(void)event_put(rt, &te, INBAND_CRATE, ts, false, now);
}


static int decode(struct audio_route *rt, struct xcode *xc,
		  const uint8_t *buf, size_t len, uint64_t now)
{
	int16_t tmpv[SAMPC_MAX], *sampv;
	size_t sampc;
	int err;

	sampv = decode_room(xc, tmpv, &sampc);

	err = xc->iac->decode(xc->dec, sampv, &sampc, buf, len);
	if (err)
		return err;

	if (xc->plc)
		plc_good(xc->plc, sampv, sampc);

	if (rt->in->gauge.pcm)
		gauge_samples(&rt->in->gauge, sampv, sampc);

	if (rt->in->inband)
		probe(rt, sampv, sampc, now);

	return append(xc, sampv, sampc);
}


static void conceal(struct xcode *xc, size_t want, const uint8_t *next,
		    size_t nlen)
{
	int16_t tmpv[SAMPC_MAX], *sampv;
	size_t n, sampc;

	sampv = decode_room(xc, tmpv, &sampc);
	sampc = min(sampc, want * xc->dsrate / xc->srate);
	n = sampc;

	if (xc->plc)
		plc_lost(xc->plc, sampv, n);
	else if (xc->iac->plc(xc->dec, sampv, &n, next, nlen))
		n = 0;

	if (n < sampc)
		memset(sampv + n, 0, (sampc - n) * sizeof(int16_t));

	(void)append(xc, sampv, sampc);
}


/**
 * Let the decoder go on without a packet
 *
 * @param xc   Transcoder
 * @param want Samples wanted
 */
void xaudio_conceal(struct xcode *xc, size_t want)
{
	conceal(xc, want, NULL, 0);
}


/* A short loss: one frame for each packet, the last by FEC if it can be */
static void conceal_gap(struct audio_route *rt, struct xcode *xc, size_t gap,
			const uint8_t *next, size_t nlen, uint64_t now)
{
	const size_t least = xc->srate / 400;
	unsigned i, n = (unsigned)min((size_t)xc->lost, gap / least);
	size_t per;

	n   = max(n, 1u);
	per = gap / n;

	for (i=0; i<n; i++) {

		const bool last = i + 1 == n;

		conceal(xc, last ? gap - per * i : per, last ? next : NULL,
			last ? nlen : 0);
		++rt->in->concealed;
		xaudio_send(rt, xc, now);
	}
}


/* Bring the fifo to the position where the next packet begins. Returns the
   samples of that packet that noise was made up for already */
static size_t to_position(struct audio_route *rt, struct xcode *xc,
			  int64_t pos, const uint8_t *next, size_t nlen,
			  uint64_t now)
{
	const int64_t gap = pos - (xc->pos + (int64_t)xc->fifoc);
	const int64_t ms = xc->srate / 1000;

	if (gap < 0 && xc->pause != PAUSE_NONE)
		return (size_t)-gap;

	if (gap < 0) {
		/* timestamps slower than samples: the samples are right */
		if (gap <= -ms)
			xc->adj -= gap;
	}
	else if (gap < ms || pause_rest(rt, xc, gap, now)) {
		return 0;
	}
	else if (xc->lost && gap <= ms * CONCEAL_MAX) {
		conceal_gap(rt, xc, (size_t)gap, next, nlen, now);
	}
	else if (gap < (int64_t)xc->frame) {
		append_silence(xc, (size_t)gap);
	}
	else {
		xaudio_flush(rt, xc, now);
		xc->pos  = pos;
		xc->mark = true;
	}

	return 0;
}


static void start(struct audio_route *rt, struct xcode *xc, uint32_t ts,
		  uint64_t now)
{
	xaudio_flush(rt, xc, now);
	pause_end(rt, xc);

	xc->on    = true;
	xc->lost  = 0;
	xc->adj   = 0;
	xc->pos   = 0;
	xc->mark  = !rt->join;
	xc->base  = rt->join ? rt->join_ts :
		tx_next_ts(&rt->out->tx, rt->out->txf.crate, now);

	tline_start(&xc->tl, ts, xc->fmt->crate, now);
}


/* Take out samples that came too late */
static void drop(struct xcode *xc, size_t from, size_t n)
{
	n = min(n, xc->fifoc - from);

	memmove(xc->fifov + from, xc->fifov + from + n,
		(xc->fifoc - from - n) * sizeof(int16_t));

	xc->fifoc -= n;
}


/* Does the source pause from here on, or speak? */
static void see_pause(struct audio_route *rt, struct xcode *xc, size_t from,
		      const uint8_t *buf, size_t len, uint64_t now)
{
	const uint32_t ms = xc->iac->silent ? xc->iac->silent(buf, len) : 0;
	const uint64_t noise = (uint64_t)ms * (xc->srate / 1000);

	if (!ms)
		pause_end(rt, xc);
	else if (noise < xc->fifoc - from)
		pause_codec(rt, xc, xc->fifoc - (size_t)noise, now);
	else
		pause_codec(rt, xc, from, now);
}


/**
 * Put the next packet in sequence, and send the frames that it completes
 *
 * @param rt     Route
 * @param xc     Transcoder; its count of lost packets is used and cleared
 * @param ts     Packet's timestamp [RTP clock]
 * @param marker Packet's marker bit
 * @param buf    Payload
 * @param len    Length of the payload, 0=a packet to be left out [bytes]
 * @param now    Time [us]
 *
 * @return 0 if success, otherwise errorcode of the decoder (the packet is
 *         then concealed like a lost one)
 */
int xaudio_put(struct audio_route *rt, struct xcode *xc, uint32_t ts,
	       bool marker, const uint8_t *buf, size_t len, uint64_t now)
{
	size_t from, cut;
	int64_t pos;
	int err;

	if (!len)
		return 0;

	if (!xc->on || tline_update(&xc->tl, ts, now))
		start(rt, xc, ts, now);

	pos = xc->tl.pos * xc->srate / xc->tl.crate + xc->adj;
	cut = to_position(rt, xc, pos, buf, len, now);

	xc->lost  = 0;
	xc->mark |= marker;

	from = xc->fifoc;
	err = decode(rt, xc, buf, len, now);
	if (err) {
		/* as good as lost */
		xc->lost = 1;
		return err;
	}

	if (cut)
		drop(xc, from, cut);

	see_pause(rt, xc, from, buf, len, now);

	xaudio_send(rt, xc, now);

	return 0;
}
