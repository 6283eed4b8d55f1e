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


/* Mouth to ear: half the round trip, a jitter buffer, one packet [ms] */
static unsigned estimate(const struct audio_port *port,
			 const struct audio_fmt *fmt,
			 const struct media_dirstat *st, uint64_t sent,
			 uint32_t ptime)
{
	struct emodel em;

	if (!sent || !fmt)
		return 0;

	em.codec = fmt->name;
	em.loss  = st->lost > 0 ? 100.0 * (double)st->lost / (double)sent
		: 0.0;
	em.delay = port->rtt / 2000.0 + 2.0 * st->jitter / 1000.0 +
		(ptime ? ptime : PTIME_DEFAULT);

	return emodel_mos(emodel_r(&em));
}


static void codec_name(char *str, size_t size, const struct audio_fmt *fmt)
{
	if (!fmt || !fmt->name)
		str[0] = '\0';
	else if (fmt->ch > 1)
		(void)re_snprintf(str, size, "%s/%u/%u", fmt->name,
				  fmt->crate, fmt->ch);
	else
		(void)re_snprintf(str, size, "%s/%u", fmt->name, fmt->crate);
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
	st->tx.dropped = tx->dropped;

	st->concealed  = port->concealed;
	st->reordered  = port->reordered;
	st->duplicates = port->duplicates;
	st->keys       = port->keys;
	st->rtt        = port->rtt;
	st->relayed    = port->from && port->from->mode == ROUTE_RELAY;
	st->played     = audio_player_covers(port->player);

	if (port->rx_last)
		st->rx_last = mono_ms() -
			(media_clock() - port->rx_last) / 1000;

	st->rx.mos = estimate(port, port->rxf, &st->rx, st->rx.packets +
			      (uint64_t)max(st->rx.lost, (int64_t)0),
			      port->rx_ptime);

	/* only the receiver knows what became of what we send */
	if (tx->reported && port->txf.name)
		st->tx.mos = estimate(port, &port->txf, &st->tx,
				      st->tx.packets, tx_ptime(tx));

	codec_name(st->rx_codec, sizeof(st->rx_codec), port->rxf);
	codec_name(st->tx_codec, sizeof(st->tx_codec), &port->txf);
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
