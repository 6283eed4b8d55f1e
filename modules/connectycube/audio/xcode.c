/**
 * @file audio/xcode.c  Different codecs: decode, encode, send at once
 *
 *   packet -> reorder -> decode -> (resample) -> fifo -> encode -> packet
 *                          plc                   frame
 *
 * Here is when a transcoder is made and kept. The window in front of it is in
 * reorder_window.c, and what happens to the samples in xaudio.c.
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
	SRATE_ANY = 48000,      /**< If neither codec has a rate [Hz]      */
	SRATE_MAX = 48000,      /**< Highest sampling rate [Hz]            */
};


static void destructor(void *arg)
{
	struct xcode *xc = arg;

	mem_deref(xc->plc);
	mem_deref(xc->rs);
	mem_deref(xc->dec);
	mem_deref(xc->enc);
	mem_deref(xc->ifmtp);
	mem_deref(xc->ofmtp);
}


static bool any_rate_has(uint32_t srate)
{
	return srate == 8000 || srate == 16000 || srate == 24000 ||
		srate == 48000;
}


/* A codec without a rate of its own takes the other's */
static uint32_t rate_of(const struct acodec *ac, const struct acodec *other)
{
	if (ac->srate)
		return ac->srate;

	return any_rate_has(other->srate) ? other->srate : SRATE_ANY;
}


/**
 * Check if one format can be transcoded to another
 *
 * @param in  Format received
 * @param out Format sent
 *
 * @return True if both codecs are known and their rates fit, else false
 */
bool xcode_possible(const struct audio_fmt *in, const struct audio_fmt *out)
{
	uint32_t a, b;

	if (!in->ac || !out->ac)
		return false;

	a = rate_of(in->ac, out->ac);
	b = rate_of(out->ac, in->ac);

	if (a < 8000 || b < 8000 || a > SRATE_MAX || b > SRATE_MAX)
		return false;

	return max(a, b) % min(a, b) == 0;
}


/**
 * Get the timeline of what is transcoded
 *
 * @param rt Route
 *
 * @return The source's timeline, NULL if there is none yet
 */
const struct tline *xcode_tline(const struct audio_route *rt)
{
	return rt->xc && rt->xc->on ? &rt->xc->tl : NULL;
}


/**
 * Get the timestamp that a moment of the source is sent with
 *
 * @param rt Route, with a timeline
 * @param ts Timestamp of the source [its RTP clock]
 *
 * @return Timestamp [RTP clock of what is sent]
 */
uint32_t xcode_ts(const struct audio_route *rt, uint32_t ts)
{
	const struct xcode *xc = rt->xc;
	const int64_t pos = xc->tl.pos + (int32_t)(ts - xc->tl.ts);

	return xc->base + (uint32_t)
		((pos * xc->srate / xc->tl.crate + xc->adj) *
		 rt->out->txf.crate / xc->srate);
}


/**
 * Get the packet time that is sent on a leg when frames are made for it
 *
 * @param out Leg, with a codec to send
 *
 * @return What its remote asks for, as near as the codec can [ms]
 */
uint32_t xcode_ptime(const struct audio_port *out)
{
	uint32_t ptime = out->ptime ? out->ptime : PTIME_DEFAULT;

	if (out->maxptime)
		ptime = min(ptime, out->maxptime);

	ptime = min(ptime, (uint32_t)PTIME_MAX);
	ptime = max(ptime, (uint32_t)PTIME_MIN);

	if (out->txf.ac->enc_ptime)
		return out->txf.ac->enc_ptime(ptime);

	return ptime - ptime % 10;
}


static int codecs_alloc(struct xcode *xc, const struct audio_fmt *in,
			const struct audio_fmt *out)
{
	struct acodec_param prm;
	int err;

	prm.ptime = xc->ptime;
	prm.srate = xc->dsrate;
	prm.fmtp  = in->fmtp;

	err = xc->iac->dec_alloc(&xc->dec, xc->iac, &prm);
	if (err)
		return err;

	prm.srate = xc->srate;
	prm.fmtp  = out->fmtp;

	err = xc->oac->enc_alloc(&xc->enc, xc->oac, &prm);
	if (err)
		return err;

	if (!xc->iac->plc)
		err = plc_alloc(&xc->plc, xc->dsrate);

	if (!err && xc->dsrate != xc->srate)
		err = resamp_alloc(&xc->rs, xc->dsrate, xc->srate);

	return err;
}


static int xcode_alloc(struct xcode **xcp, const struct audio_fmt *in,
		       const struct audio_port *out)
{
	const struct acodec *iac = in->ac, *oac = out->txf.ac;
	const uint32_t srate = rate_of(oac, iac);
	const uint32_t ptime = xcode_ptime(out);
	const size_t fifosz = srate / 1000 * (ptime + DECODE_MAX);
	struct xcode *xc;
	int err;

	xc = mem_zalloc(sizeof(*xc) + fifosz * sizeof(int16_t), destructor);
	if (!xc)
		return ENOMEM;

	xc->fmt    = in;
	xc->iac    = iac;
	xc->oac    = oac;
	xc->ifmtp  = mem_ref(in->fmtp);
	xc->ofmtp  = mem_ref(out->txf.fmtp);
	xc->ptime  = ptime;
	xc->srate  = srate;
	xc->dsrate = rate_of(iac, oac);
	xc->frame  = srate / 1000 * ptime;
	xc->fifosz = fifosz;

	reorder_init(&xc->ro);

	err = codecs_alloc(xc, in, &out->txf);
	if (err)
		mem_deref(xc);
	else
		*xcp = xc;

	return err;
}


/**
 * Make the transcoder of a route ready for a format
 *
 * @param rt  Route to the other leg
 * @param fmt Format of the packets, see xcode_possible()
 *
 * @return 0 if success, otherwise errorcode of the codecs, or ENOMEM
 */
int xcode_prepare(struct audio_route *rt, const struct audio_fmt *fmt)
{
	struct xcode *xc = NULL;
	int err;

	if (rt->xc && rt->xc->fmt == fmt)
		return 0;

	err = xcode_alloc(&xc, fmt, rt->out);
	if (!err && rt->in->inband)
		err = hear_tones(rt, xc->dsrate);
	if (err) {
		mem_deref(xc);
		return err;
	}

	mem_deref(rt->xc);
	rt->xc  = xc;
	rt->due = 0;

	if (rt->loss)
		xcode_loss(rt, rt->loss);

	return 0;
}


static bool fmt_is(const struct audio_fmt *fmt, const struct acodec *ac,
		   const char *fmtp)
{
	return fmt->ac == ac && !str_casecmp(fmt->fmtp ? fmt->fmtp : "",
					     fmtp ? fmtp : "");
}


/**
 * After an end was set: keep the transcoder if it still fits, so that a
 * refreshed session is not heard
 *
 * @param rt Route to the other leg
 */
void xcode_keep(struct audio_route *rt)
{
	struct xcode *xc = rt->xc;
	size_t i;

	if (!rt->in->inband)
		rt->ib = mem_deref(rt->ib);

	if (!xc)
		return;

	xc->fmt = NULL;

	for (i=0; i<rt->in->fmtc && !xc->fmt; i++) {

		const struct audio_fmt *fmt = &rt->in->fmtv[i];

		if ((fmt->h == xcode_rx || fmt->h == recut_rx) &&
		    fmt_is(fmt, xc->iac, xc->ifmtp))
			xc->fmt = fmt;
	}

	if (xc->fmt && fmt_is(&rt->out->txf, xc->oac, xc->ofmtp) &&
	    xcode_ptime(rt->out) == xc->ptime)
		return;

	rt->due = 0;
	rt->xc  = mem_deref(rt->xc);
}


/**
 * Tell the encoder what the receiver loses
 *
 * @param rt  Route to the other leg
 * @param pct Loss [%]
 */
void xcode_loss(struct audio_route *rt, unsigned pct)
{
	rt->loss = (uint8_t)min(pct, 100u);

	if (rt->xc && rt->xc->oac->enc_loss)
		rt->xc->oac->enc_loss(rt->xc->enc, rt->loss);
}
