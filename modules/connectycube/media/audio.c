/**
 * @file media/audio.c  Audio of a call: two legs, a route each way
 *
 * See media.h and priv.h for the picture. What is done with a packet is
 * looked up here, by its payload type, in a table that is filled when an
 * end is set; and one timer serves the call's reports and waits, running
 * only while packets flow.
 */
#include <string.h>
#include <re.h>
#include "base/warm.h"
#include "base/mono.h"
#include "media.h"
#include "rtp.h"
#include "rtcp.h"
#include "rxstat.h"
#include "clock.h"
#include "emodel.h"
#include "telev.h"
#include "avsync.h"
#include "priv.h"


enum {
	RTCP_INTERVAL = 5000000, /**< RFC 3550, 6.2 [us]                   */
};

/** Whatever has a payload type that was not negotiated */
static const struct audio_fmt unknown = {.h = route_skip_rx};


static void destructor(void *arg)
{
	struct audio_pair *ap = arg;
	size_t i, j;

	tmr_cancel(&ap->tmr);
	mem_deref(ap->av);

	for (i=0; i<LEG_MAX; i++) {

		struct audio_leg *leg = &ap->legv[i];

		mem_deref(ap->routev[i].xc);
		mem_deref(ap->routev[i].ib);
		mem_deref(ap->routev[i].ear);

		for (j=0; j<leg->fmtc; j++)
			audio_fmt_reset(&leg->fmtv[j]);

		audio_fmt_reset(&leg->txf);
		mem_deref(leg->cname);
	}
}


static void poll_handler(void *arg)
{
	struct audio_pair *ap = arg;

	ap->armed = 0;
	audio_pair_poll(ap, media_clock());
}


static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a && b ? min(a, b) : a ? a : b;
}


/**
 * Let the timer run until the first thing that is due, if any
 *
 * @param ap  Audio pair
 * @param now Time [us]
 */
void audio_pair_arm(struct audio_pair *ap, uint64_t now)
{
	uint64_t due = ap->rtcp_due;

	due = earlier(due, ap->routev[LEG_SIP].due);
	due = earlier(due, ap->routev[LEG_CUBE].due);
	due = earlier(due, ap->legv[LEG_SIP].alive_due);
	due = earlier(due, ap->legv[LEG_CUBE].alive_due);
	due = earlier(due, ap->routev[LEG_SIP].fill_due);
	due = earlier(due, ap->routev[LEG_CUBE].fill_due);
	due = earlier(due, ap->routev[LEG_SIP].ev_due);
	due = earlier(due, ap->routev[LEG_CUBE].ev_due);

	/* a timer that fires too early is cheaper than one moved often */
	if (!due || (ap->armed && ap->armed <= due))
		return;

	ap->armed = due;
	tmr_start(&ap->tmr, due > now ? (due - now + 999) / 1000 : 1,
		  poll_handler, ap);
}


/* Half to one and a half of an interval (RFC 3550, 6.3.1) */
static uint64_t rtcp_delay(uint64_t interval)
{
	return interval / 2 + rand_u32() % interval;
}


static void report_all(struct audio_pair *ap, uint64_t now)
{
	bool sent = false;
	size_t i;

	ap->rtcp_due = 0;

	for (i=0; i<LEG_MAX; i++) {
		if (report_pending(&ap->legv[i])) {
			report_send(ap, &ap->legv[i], false, now);
			sent = true;
		}
	}

	/* with no packets there is nothing to say: the next one re-arms */
	if (sent)
		ap->rtcp_due = now + rtcp_delay(RTCP_INTERVAL);
}


/**
 * Do what is due: reports, and packets that were waited for long enough
 *
 * @param ap  Audio pair
 * @param now Time [us]
 */
void audio_pair_poll(struct audio_pair *ap, uint64_t now)
{
	size_t i;

	for (i=0; i<LEG_MAX; i++) {
		if (ap->routev[i].due && ap->routev[i].due <= now) {
			xcode_timeout(&ap->routev[i], now);
			hear_timeout(&ap->routev[i], now);
		}
		if (ap->legv[!i].alive_due && ap->legv[!i].alive_due <= now)
			alive_poll(&ap->routev[i], now);
		if (ap->routev[i].fill_due && ap->routev[i].fill_due <= now)
			pause_fill(&ap->routev[i], now);
		if (ap->routev[i].ev_due && ap->routev[i].ev_due <= now)
			event_poll(&ap->routev[i], now);
	}

	if (ap->rtcp_due && ap->rtcp_due <= now)
		report_all(ap, now);

	audio_pair_arm(ap, now);
}


/**
 * Allocate the audio of a call
 *
 * @param app    Audio pair (output), owned by the caller
 * @param codecl List of struct acodec, which must outlive the pair
 *
 * @return 0 if success, EINVAL for missing arguments, ENOMEM
 */
int audio_pair_alloc(struct audio_pair **app, const struct list *codecl)
{
	struct audio_pair *ap;
	size_t i;

	if (!app || !codecl)
		return EINVAL;

	ap = mem_zalloc(sizeof(*ap), destructor);
	if (!ap)
		return ENOMEM;

	ap->codecl  = codecl;
	ap->ntp_off = ntp_offset_us();
	tmr_init(&ap->tmr);

	for (i=0; i<LEG_MAX; i++) {
		ap->routev[i].ap  = ap;
		ap->routev[i].in  = &ap->legv[i];
		ap->routev[i].out = &ap->legv[!i];
	}

	*app = ap;

	return 0;
}


/* How long a packet lasts is seen from the next one */
static void measure_ptime(struct audio_leg *leg, const struct rtp_pkt *rp,
			  uint32_t crate)
{
	const uint64_t ms = (uint64_t)(rp->ts - leg->rx_ts) * 1000 / crate;

	if (rp->seq == (uint16_t)(leg->rx_seq + 1) && ms && ms <= DECODE_MAX)
		leg->rx_ptime = (uint32_t)ms;

	leg->rx_seq = rp->seq;
	leg->rx_ts  = rp->ts;
}


/* Count a packet. False if it is to go no further */
static bool count_rx(struct audio_leg *leg, const struct audio_fmt *fmt,
		     const struct rtp_pkt *rp, enum rxstat_res res,
		     uint64_t now)
{
	if (res == RXSTAT_PROBATION) {
		++leg->dropped;
		return false;
	}

	++leg->packets;
	leg->bytes    += rp->plen;
	leg->rx_active = true;
	leg->rx_last   = now;
	leg->alive_rx  = now;

	if (res == RXSTAT_DUP) {
		++leg->duplicates;
		return false;
	}

	if (res == RXSTAT_LATE)
		++leg->reordered;
	else
		alive_heard(leg, fmt, rp);

	/* events repeat their first timestamp (RFC 4733, 2.5.1.2) */
	if (fmt->h != route_skip_rx && fmt->h != event_rx &&
	    fmt->h != cn_rx) {
		leg->rxf = fmt;
		measure_ptime(leg, rp, fmt->crate);
		rxstat_jitter(&leg->rx, rp->ts, fmt->crate, now);
	}

	return true;
}


/* That leaves nothing to be waited for */
static bool was_forwarded(const struct audio_route *rt,
			  const struct audio_fmt *fmt)
{
	return (fmt->h == relay_rx || fmt->h == recut_rx) &&
		rt->mode == ROUTE_RELAY && !rt->ear;
}


/**
 * Handle an RTP packet received on a leg: it is sent on the other leg, as
 * it is or transcoded, before this returns
 *
 * @param ap  Audio pair
 * @param leg Leg that it was received on
 * @param pkt Packet, decrypted; not changed
 * @param len Length of the packet [bytes]
 */
void audio_pair_rtp(struct audio_pair *ap, enum media_leg leg,
		    const uint8_t *pkt, size_t len)
{
	const struct audio_fmt *fmt;
	enum rxstat_res res;
	struct audio_leg *l;
	struct rtp_pkt rp;
	uint64_t now;
	uint8_t i;

	if (!ap || leg >= LEG_MAX || !pkt)
		return;

	l = &ap->legv[leg];

	if (rtp_pkt_parse(&rp, pkt, len)) {
		++l->dropped;
		return;
	}

	now = media_clock();
	i   = l->map[rp.pt];
	fmt = i ? &l->fmtv[i - 1] : &unknown;
	res = i ? rxstat_update(&l->rx, rp.ssrc, rp.seq)
		: rxstat_other(&l->rx, rp.ssrc, rp.seq);

	if (!count_rx(l, fmt, &rp, res, now))
		return;

	if (!l->recv || !ap->legv[!leg].set ||
	    fmt->h(&ap->routev[leg], fmt, &rp, res, now))
		++l->dropped;

	if (!ap->rtcp_due)
		ap->rtcp_due = now + rtcp_delay(RTCP_INTERVAL) / 2;

	if (!ap->armed || !was_forwarded(&ap->routev[leg], fmt))
		audio_pair_arm(ap, now);
}


/**
 * Handle an RTCP packet received on a leg
 *
 * @param ap  Audio pair
 * @param leg Leg that it was received on
 * @param pkt Packet, decrypted; compound or of reduced size
 * @param len Length of the packet [bytes]
 */
void audio_pair_rtcp(struct audio_pair *ap, enum media_leg leg,
		     const uint8_t *pkt, size_t len)
{
	if (!ap || leg >= LEG_MAX || !pkt)
		return;

	ap->legv[leg].alive_rx = media_clock();
	report_rx(ap, leg, pkt, len, ap->legv[leg].alive_rx);
}


/**
 * Keep the audio in sync with the video of the call
 *
 * @param ap Audio pair
 * @param av Clock that the video pair has too; a reference is held. NULL=none
 */
void audio_pair_set_sync(struct audio_pair *ap, struct avsync *av)
{
	if (!ap)
		return;

	mem_deref(ap->av);
	ap->av = mem_ref(av);

	if (av)
		ap->ntp_off = avsync_ntp_off(av);
}


/**
 * Say goodbye on both legs (RTCP BYE, where RTCP was sent) and send nothing
 * more. Freeing a pair alone calls no handler
 *
 * @param ap Audio pair
 */
void audio_pair_close(struct audio_pair *ap)
{
	size_t i;

	if (!ap)
		return;

	tmr_cancel(&ap->tmr);

	for (i=0; i<LEG_MAX; i++) {

		struct audio_leg *leg = &ap->legv[i];

		if (leg->rtcph && leg->rtcp_sent)
			report_send(ap, leg, true, media_clock());

		leg->send  = false;
		leg->recv  = false;
		leg->rtph  = NULL;
		leg->ev.crate = 0;
		leg->alive_due = 0;
		leg->alive_owed = false;
		leg->rtcph = NULL;
	}
}


/* Mouth to ear: half the round trip, a jitter buffer, one packet [ms] */
static unsigned estimate(const struct audio_leg *leg,
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
	em.delay = leg->rtt / 2000.0 + 2.0 * st->jitter / 1000.0 +
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
 * Get the statistics of a leg
 *
 * @param ap  Audio pair
 * @param leg Leg
 * @param st  Statistics (output)
 */
void audio_pair_stats(const struct audio_pair *ap, enum media_leg leg,
		      struct media_stats *st)
{
	const struct audio_leg *l;
	const struct audio_tx *tx;

	if (!ap || leg >= LEG_MAX || !st)
		return;

	l  = &ap->legv[leg];
	tx = &l->tx;

	memset(st, 0, sizeof(*st));

	st->rx.packets = l->packets;
	st->rx.bytes   = l->bytes;
	st->rx.lost    = rxstat_lost_total(&l->rx);
	st->rx.jitter  = rxstat_jitter_us(&l->rx);
	st->rx.dropped = l->dropped;

	st->tx.packets = tx->packets;
	st->tx.bytes   = tx->bytes;
	st->tx.lost    = tx->lost_prior + tx->lost;
	st->tx.jitter  = tx->jitter;
	st->tx.dropped = tx->dropped;

	st->concealed  = l->concealed;
	st->reordered  = l->reordered;
	st->duplicates = l->duplicates;
	st->keys       = l->keys;
	st->rtt        = l->rtt;
	st->relayed    = ap->routev[!leg].mode == ROUTE_RELAY;

	if (l->rx_last)
		st->rx_last = mono_ms() -
			(media_clock() - l->rx_last) / 1000;

	st->rx.mos = estimate(l, l->rxf, &st->rx, st->rx.packets +
			      (uint64_t)max(st->rx.lost, (int64_t)0),
			      l->rx_ptime);

	/* only the receiver knows what became of what we send */
	if (tx->reported && l->txf.name)
		st->tx.mos = estimate(l, &l->txf, &st->tx, st->tx.packets,
				      tx_ptime(tx));

	codec_name(st->rx_codec, sizeof(st->rx_codec), l->rxf);
	codec_name(st->tx_codec, sizeof(st->tx_codec), &l->txf);
}


/**
 * Add what a packet of audio needs of memory to a list
 *
 * @param ap  Audio pair, may be NULL
 * @param leg Leg that it comes on
 * @param w   List
 */
void audio_pair_warm(const struct audio_pair *ap, enum media_leg leg,
		     struct warm *w)
{
	const struct audio_leg *in, *out;

	if (!ap || leg >= LEG_MAX)
		return;

	in  = &ap->legv[leg];
	out = &ap->legv[!leg];

	warm_add(w, in->fmtv, sizeof(in->fmtv[0]));
	warm_add(w, in->map, sizeof(in->map));
	warm_add(w, &in->recv, offsetof(struct audio_leg, tx) -
		 offsetof(struct audio_leg, recv));
	warm_add(w, &in->alive_rx, sizeof(in->alive_rx));
	warm_add(w, &ap->routev[leg], offsetof(struct audio_route, evrx));
	warm_add(w, &ap->routev[leg].evtx.state,
		 sizeof(ap->routev[leg].evtx.state));
	warm_add(w, &out->txf, offsetof(struct audio_leg, rx) -
		 offsetof(struct audio_leg, txf));
	warm_add(w, &out->tx, sizeof(out->tx));
	warm_add(w, &out->alive_tx, sizeof(out->alive_tx));
	warm_add(w, &ap->rtcp_due, sizeof(ap->rtcp_due) + sizeof(ap->armed));
}
