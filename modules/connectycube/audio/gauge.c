/**
 * @file audio/gauge.c  Level, latency and quality, looked at now and then
 *
 *   each second --> the next few packets go by gauge_rx() --> their handler
 *                                     |
 *                     decoded, or heard by the transcoder
 *
 * A packet that is not measured costs nothing: the way that those of a format
 * take is changed for a moment, and no flag is asked. Of a codec that remembers,
 * what comes after a gap only brings its decoder to where the stream is; and
 * since that costs more, it is done every few seconds. Who was soft is looked at
 * each second, though: speech has pauses, and a few of them that were met by
 * chance are not to be taken for silence.
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
	BURST   = 4,            /**< Packets measured at a time            */
	SETTLE  = 2,            /**< ... of these, for a decoder           */
	REST    = 4,            /**< A costly codec's turn comes each [s]  */
	SOFT    = -500,         /**< A pause, or silence [1/10 dBov]       */
	SAMPC   = 48 * DECODE_MAX,
};


/**
 * Let go of what measures a port
 *
 * @param g Gauge
 */
void gauge_close(struct gauge *g)
{
	g->dec = mem_deref(g->dec);
	g->ac  = NULL;
}


/**
 * All packets of a port take the way of their format: its formats were set, or
 * enough has been measured
 *
 * @param port Port
 */
void gauge_stop(struct audio_port *port)
{
	size_t i;

	port->gauge.left = 0;

	for (i=0; i<port->fmtc; i++)
		tap_enter(port, &port->fmtv[i], port->fmtv[i].h);
}


static bool is_forwarded(const struct audio_fmt *fmt)
{
	return fmt->h == relay_rx || fmt->h == recut_rx;
}


/* What is decoded without a look at what came before */
static bool is_cheap(const struct audio_fmt *fmt)
{
	return hear_can(fmt) || !is_forwarded(fmt);
}


static void start(struct audio_port *port)
{
	struct gauge *g = &port->gauge;
	size_t i;

	if (g->rest)
		--g->rest;

	if (!port->open || (port->rxf && !is_cheap(port->rxf) && g->rest &&
			    !g->soft))
		return;

	g->left = BURST;
	g->rest = REST;

	for (i=0; i<port->fmtc; i++) {

		struct audio_fmt *fmt = &port->fmtv[i];

		if (is_forwarded(fmt) || fmt->h == xcode_rx ||
		    fmt->h == cn_rx)
			tap_enter(port, fmt, gauge_rx);
	}
}


/* A decoder of its own: those of the transcoder have gaps, too, and more to
   do than that */
static bool decode(struct gauge *g, const struct acodec *ac, int16_t *sampv,
		   size_t *sampc, const struct rtp_pkt *rp)
{
	struct acodec_param prm = {
		.srate = ac->srate ? ac->srate : 8000, .ptime = PTIME_DEFAULT
	};

	if (g->ac != ac) {
		gauge_close(g);
		if (ac->dec_alloc(&g->dec, ac, &prm))
			return false;
		g->ac = ac;
	}

	*sampc = prm.srate / 1000 * DECODE_MAX;

	return 0 == ac->decode(g->dec, sampv, sampc, rp->payload, rp->plen);
}


static void measure(struct gauge *g, const struct audio_fmt *fmt,
		    const struct rtp_pkt *rp)
{
	int16_t sampv[SAMPC];
	size_t sampc;

	if (!rp->plen)
		return;

	if (fmt->h == cn_rx)
		level_add_dbov(&g->level, rp->payload[0] & 0x7f);
	else if (fmt->ac && is_forwarded(fmt) &&
		 decode(g, fmt->ac, sampv, &sampc, rp) &&
		 (hear_can(fmt) || g->left <= BURST - SETTLE))
		gauge_samples(g, sampv, sampc);
}


/**
 * Measure samples of a packet that is decoded anyway
 *
 * @param g     Gauge
 * @param sampv Samples
 * @param sampc Number of samples
 */
void gauge_samples(struct gauge *g, const int16_t *sampv, size_t sampc)
{
	if (sampc)
		level_add(&g->level, level_energy(sampv, sampc));
}


/**
 * Measure a packet on its way. See route_h
 *
 * @param rt  Route to the other leg
 * @param fmt Format of the packet
 * @param rp  Packet
 * @param res What the packet is to its stream
 * @param now Arrival time [us]
 *
 * @return What the handler of its format returns
 */
int gauge_rx(struct audio_route *rt, const struct audio_fmt *fmt,
	     const struct rtp_pkt *rp, enum rxstat_res res, uint64_t now)
{
	struct audio_port *port = rt->in;
	const uint32_t age = port->ageh ? port->ageh(port->arg) : 1;
	const uint64_t begin = port->ageh ? media_clock() : now;
	struct gauge *g = &port->gauge;
	int err;

	g->pcm = fmt->h == xcode_rx;
	err = fmt->h(rt, fmt, rp, res, now);
	g->pcm = false;

	/* a late one would only confuse a decoder */
	if (err || res == RXSTAT_LATE || !g->left)
		return err;

	if (age)
		hist_add(&g->handled, age - 1 + media_clock() - begin);
	measure(g, fmt, rp);

	if (!--g->left)
		gauge_stop(port);

	return 0;
}


/* What has come since the last time */
static void look(struct audio_port *port, struct audio_look *l)
{
	const int64_t lost = rxstat_lost_total(&port->rx);
	struct gauge *g = &port->gauge;
	const uint64_t n = port->packets - g->packets;
	const int64_t gone = lost - g->lost;
	unsigned mos;

	g->packets = port->packets;
	g->lost    = lost;
	l->came    = g->came = n != 0;

	if (!n)
		return;

	fold_add(&g->jitter, rxstat_jitter_us(&port->rx));

	mos = audio_port_mos(port, gone > 0 ?
			     100.0 * (double)gone / (double)((int64_t)n + gone)
			     : 0.0);
	if (mos)
		fold_add(&g->mos, mos);
}


/* What is shown is the latest that is known, as long as something comes: a
   costly codec has a level in one second of a few alone */
static void settle_recent(struct gauge *g, const struct audio_look *l)
{
	if (l->level) {
		g->recent = l->level;
		g->soft   = l->level <= SOFT;
		g->aged   = 0;
	}
	else if (!l->came || ++g->aged > REST) {
		g->recent = 0;
	}
}


/**
 * Look at what has come on a port since the last time, and measure some of
 * what comes next. To be called about once a second, but not exactly so: what
 * is repeated in time is to be met at any point of it
 *
 * @param port Port
 * @param l    What has come (output)
 */
void audio_port_look(struct audio_port *port, struct audio_look *l)
{
	if (!port || !l)
		return;

	memset(l, 0, sizeof(*l));

	look(port, l);
	l->owed   = port->alive_owed && port->open;
	l->paused = port->alive_pause;
	l->opaque = port->rxf && !port->rxf->ac;
	l->level  = level_take(&port->gauge.level);
	settle_recent(&port->gauge, l);

	start(port);
}
