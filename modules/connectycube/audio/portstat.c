/**
 * @file audio/portstat.c  What a port can tell of itself
 */
#include <string.h>
#include <re.h>
#include "base/warm.h"
#include "base/mono.h"
#include "audio.h"
#include "rtp/rtp.h"
#include "rtp/rxstat.h"
#include "rtp/clock.h"
#include "emodel.h"
#include "telev.h"
#include "audio_priv.h"


/* The codec of what is received, or was before the latest negotiation: what is
   counted is all of the call. NULL=nothing has come */
static const char *rx_name(const struct audio_port *port)
{
	return port->rxf ? port->rxf->name :
		port->rx_seen.name[0] ? port->rx_seen.name : NULL;
}


static const char *tx_name(const struct audio_port *port)
{
	return port->txf.name ? port->txf.name :
		port->tx_seen.name[0] ? port->tx_seen.name : NULL;
}


/* Mouth to ear: half the round trip, a jitter buffer, one packet [ms] */
static unsigned estimate(const struct audio_port *port, const char *codec,
			 double loss, uint32_t jitter, uint32_t ptime)
{
	struct emodel em;

	em.codec = codec;
	em.loss  = loss;
	em.delay = port->rtt / 2000.0 + 2.0 * jitter / 1000.0 +
		(ptime ? ptime : PTIME_DEFAULT);

	return emodel_mos(emodel_r(&em));
}


/**
 * Estimate how what comes on a port is heard, if that much of it is lost
 *
 * @param port Port
 * @param loss Packets lost [%]
 *
 * @return MOS, times 100; 0=unknown
 */
unsigned audio_port_mos(const struct audio_port *port, double loss)
{
	const char *codec = rx_name(port);

	return codec ? estimate(port, codec, loss, rxstat_jitter_us(&port->rx),
				port->rx_ptime) : 0;
}


/**
 * The same of what is sent there, as its receiver reports it
 *
 * @param port Port
 * @param loss Packets lost [%]
 *
 * @return MOS, times 100; 0=unknown
 */
unsigned audio_port_tx_mos(const struct audio_port *port, double loss)
{
	const struct audio_tx *tx = &port->tx;
	const char *codec = tx_name(port);

	return tx->reported && codec ?
		estimate(port, codec, loss, tx->jitter, tx_ptime(tx)) : 0;
}


/* Of n packets that were sent [%] */
static double loss_of(int64_t lost, uint64_t n)
{
	return lost > 0 && n ? 100.0 * (double)lost / (double)n : 0.0;
}


static void codec_name(char *str, size_t size, const struct audio_fmt *fmt,
		       const struct audio_seen *seen)
{
	const bool now = fmt && fmt->name;
	const char *name = now ? fmt->name : seen->name;
	const uint32_t crate = now ? fmt->crate : seen->crate;
	const uint8_t ch = now ? fmt->ch : seen->ch;

	if (!name[0])
		str[0] = '\0';
	else if (ch > 1)
		(void)re_snprintf(str, size, "%s/%u/%u", name, crate, ch);
	else
		(void)re_snprintf(str, size, "%s/%u", name, crate);
}


/* As mono_ms() has it, whatever clock media has */
static uint64_t mono_at(uint64_t us)
{
	return mono_ms() - (media_clock() - us) / 1000;
}


static void folded(struct media_stats *st, const struct gauge *g)
{
	st->rx.jitter_avg = fold_avg(&g->jitter);
	st->rx.jitter_max = max(g->jitter.max, st->rx.jitter);
	st->rx.mos_avg    = fold_avg(&g->mos);
	st->rx.mos_min    = g->mos.min;
	st->rx.mos_now    = g->came ? g->mos.last : 0;

	st->tx.jitter_avg = fold_avg(&g->tx_jitter);
	st->tx.jitter_max = g->tx_jitter.max;
	st->tx.mos_avg    = fold_avg(&g->tx_mos);
	st->tx.mos_min    = g->tx_mos.min;
	st->tx.mos_now    = g->tx_mos.last;

	st->rtt_avg     = fold_avg(&g->rtt);
	st->rtt_max     = g->rtt.max;
	st->level       = level_avg(&g->level);
	st->level_max   = g->level.max;
	st->level_now   = g->recent;
	st->latency_p50 = hist_pct(&g->handled, 50);
	st->latency_p99 = hist_pct(&g->handled, 99);
}


/**
 * Get the statistics of a port
 *
 * @param port Port
 * @param st   Statistics (output)
 */
void audio_port_stats(const struct audio_port *port, struct media_stats *st)
{
	const struct audio_tx *tx;

	if (!port || !st)
		return;

	tx = &port->tx;

	memset(st, 0, sizeof(*st));

	st->rx.packets = port->packets;
	st->rx.bytes   = port->bytes;
	st->rx.lost    = rxstat_lost_total(&port->rx);
	st->rx.jitter  = rxstat_jitter_us(&port->rx);
	st->rx.dropped = port->dropped;

	st->tx.packets = tx->packets;
	st->tx.bytes   = tx->bytes;
	st->tx.lost    = tx->lost_prior + tx->lost;
	st->tx.jitter  = tx->jitter;
	st->tx.unreported = !tx->reported;
	st->tx.dropped = tx->dropped;

	st->concealed  = port->concealed;
	st->reordered  = port->reordered;
	st->duplicates = port->duplicates;
	st->keys       = port->keys;
	st->rtt        = port->rtt;
	st->relayed    = port->from && port->from->mode == ROUTE_RELAY;
	st->played     = audio_player_covers(port->player);

	if (port->rx_last)
		st->rx_last = mono_at(port->rx_last);
	if (port->rx.first)
		st->rx_first = mono_at(port->rx.first);

	if (st->rx.packets)
		st->rx.mos = audio_port_mos(port, loss_of(st->rx.lost,
			port->packets - port->duplicates +
			(uint64_t)max(st->rx.lost, (int64_t)0)));

	/* only the receiver knows what became of what we send */
	if (tx->packets)
		st->tx.mos = audio_port_tx_mos(port, loss_of(st->tx.lost,
							     tx->packets));

	folded(st, &port->gauge);
	codec_name(st->rx_codec, sizeof(st->rx_codec), port->rxf,
		   &port->rx_seen);
	codec_name(st->tx_codec, sizeof(st->tx_codec), &port->txf,
		   &port->tx_seen);
}


/**
 * Add what a packet of audio needs of memory to a list
 *
 * @param port Port that it comes on, may be NULL
 * @param w    List
 */
void audio_port_warm(const struct audio_port *port, struct warm *w)
{
	const struct audio_port *out;

	if (!port)
		return;

	warm_add(w, port->fmtv, sizeof(port->fmtv[0]));
	warm_add(w, port->map, sizeof(port->map));
	warm_add(w, &port->open, offsetof(struct audio_port, tx) -
		 offsetof(struct audio_port, open));
	warm_add(w, &port->alive_rx, offsetof(struct audio_port, alive_tx) -
		 offsetof(struct audio_port, alive_rx));

	if (!port->to)
		return;

	out = port->to->out;

	warm_add(w, port->to, offsetof(struct audio_route, evrx));
	warm_add(w, &port->to->evtx.state, sizeof(port->to->evtx.state));
	warm_add(w, &out->txf, offsetof(struct audio_port, open) -
		 offsetof(struct audio_port, txf));
	warm_add(w, &out->tx, sizeof(out->tx));
	warm_add(w, &out->alive_tx, sizeof(out->alive_tx));
}
