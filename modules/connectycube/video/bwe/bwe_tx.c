/**
 * @file video/bwe/bwe_tx.c  Bandwidth from us to the remote
 *
 *   what we sent, when --+
 *   transport-cc --------+--> trend, rate, loss --> aimd --+
 *   reported loss ------------------------------------^    +--> least
 *   REMB, TMMBR -------------------------------------------+
 *
 * Without transport-cc only loss is left of what we can see ourselves; the
 * remote's REMB then carries its view of the delay.
 */
#include <string.h>
#include <re.h>
#include "rtp/rtcp.h"
#include "trend.h"
#include "video/rtp/rate.h"
#include "aimd.h"
#include "video/rtp/fb.h"
#include "bwe.h"


enum {
	HISTORY   = 1024,       /**< Packets remembered, a power of two    */
	LOSS_TIME = 1000000,    /**< Loss is counted over [us]             */
	LOSS_MIN  = 20,         /**< And over as many packets              */
	TWCC_LIVE = 5000000,    /**< Reports' loss is ignored for [us]     */
	TYPICAL   = 1000,       /**< Size of a packet, for overhead [bytes] */
};

/** Wrap of the remote's time [us] */
static const int64_t time_wrap = 64000LL << 24;


enum sent_state {
	SENT_NONE = 0,          /**< Nothing there                         */
	SENT_WAIT,              /**< No feedback yet                       */
	SENT_LOST,              /**< Told lost                             */
	SENT_OK,                /**< Told received                         */
};

struct sent {
	uint64_t t;             /**< When [us]                             */
	uint32_t len;           /**< Length [bytes]                        */
	uint16_t seq;           /**< Transport-wide sequence number        */
	uint8_t state;          /**< enum sent_state                       */
};

struct bwe_tx {
	struct trend trend;
	struct rate sent;       /**< What we sent, by our clock            */
	struct rate acked;      /**< What arrived, by the remote's clock   */
	struct aimd aimd;
	struct sent v[HISTORY]; /**< By transport-wide sequence number     */
	int64_t remote;         /**< The remote's time, unwrapped [us]     */
	uint64_t twcc;          /**< Last transport-cc feedback [us], 0=never */
	unsigned told;          /**< Packets told of, for the loss         */
	unsigned lost;          /**< Those lost                            */
	uint64_t loss_start;    /**< First of those [us]                   */
	uint64_t remb;          /**< [bit/s], UINT64_MAX=none              */
	uint64_t tmmbr;         /**< [bit/s], UINT64_MAX=none              */
};


/**
 * Allocate an estimate of what we can send
 *
 * @param bp     Estimate (output)
 * @param start  First value [bit/s]
 * @param min_bw Least, whatever the remote asks for [bit/s]
 * @param max_bw Most [bit/s]
 *
 * @return 0 if success, EINVAL for missing or bad arguments, ENOMEM
 */
int bwe_tx_alloc(struct bwe_tx **bp, uint32_t start, uint32_t min_bw,
		 uint32_t max_bw)
{
	struct bwe_tx *b;

	if (!bp || min_bw > max_bw)
		return EINVAL;

	b = mem_zalloc(sizeof(*b), NULL);
	if (!b)
		return ENOMEM;

	aimd_init(&b->aimd, start, min_bw, max_bw);
	b->remb = b->tmmbr = UINT64_MAX;

	*bp = b;

	return 0;
}


/**
 * A packet is sent; also to be told without transport-cc
 *
 * @param b        Estimate
 * @param twcc_seq Its transport-wide sequence number, if it has one
 * @param len      Its length [bytes]
 * @param now      Time [us]
 */
void bwe_tx_sent(struct bwe_tx *b, uint16_t twcc_seq, size_t len,
		 uint64_t now)
{
	struct sent *s;

	if (!b)
		return;

	rate_add(&b->sent, len, now);

	s = &b->v[twcc_seq % HISTORY];
	s->t     = now;
	s->len   = (uint32_t)len;
	s->seq   = twcc_seq;
	s->state = SENT_WAIT;
}


/* Continue the remote's time beyond its wrap; positive, whatever comes */
static int64_t unwrap(struct bwe_tx *b, int64_t t)
{
	int64_t d = (t - b->remote) % time_wrap;

	if (!b->remote)
		d = t + time_wrap;
	else if (d > time_wrap / 2)
		d -= time_wrap;
	else if (d < -time_wrap / 2)
		d += time_wrap;

	return max(b->remote + d, (int64_t)1);
}


static void told_received(struct bwe_tx *b, struct sent *s, int64_t t)
{
	if (s->state == SENT_LOST && b->lost)
		--b->lost;
	else if (s->state == SENT_WAIT)
		++b->told;

	s->state  = SENT_OK;
	b->remote = unwrap(b, t);

	rate_add(&b->acked, s->len, (uint64_t)b->remote);
	(void)trend_update(&b->trend, (int64_t)s->t, b->remote);
}


static void told_lost(struct bwe_tx *b, struct sent *s)
{
	if (s->state != SENT_WAIT)
		return;

	s->state = SENT_LOST;
	++b->told;
	++b->lost;
}


/* Enough is known to speak of loss */
static void check_loss(struct bwe_tx *b, uint64_t now)
{
	if (b->told < LOSS_MIN || now < b->loss_start + LOSS_TIME)
		return;

	aimd_loss(&b->aimd, b->lost * 256 / b->told, now);
	b->told = b->lost = 0;
}


static void twcc(struct bwe_tx *b, const struct fb *fb, uint64_t now)
{
	size_t i;

	if (!b->told)
		b->loss_start = now;

	for (i=0; i<fb->u.twcc.pktc; i++) {

		const struct fb_twcc_pkt *pkt = &fb->u.twcc.pktv[i];
		struct sent *s = &b->v[pkt->seq % HISTORY];

		if (s->seq != pkt->seq || s->state == SENT_NONE ||
		    s->state == SENT_OK)
			continue;

		if (pkt->received)
			told_received(b, s, pkt->t);
		else
			told_lost(b, s);
	}

	b->twcc = now;
	check_loss(b, now);
	aimd_delay(&b->aimd, b->trend.state,
		   rate_get(&b->acked, (uint64_t)b->remote), now);
}


/**
 * Feedback of the remote has come that is about us; of all kinds, only those
 * about bandwidth are looked at
 *
 * @param b   Estimate
 * @param fb  Feedback
 * @param now Time [us]
 */
void bwe_tx_feedback(struct bwe_tx *b, const struct fb *fb, uint64_t now)
{
	if (!b || !fb)
		return;

	switch (fb->type) {

	case FB_TWCC:
		twcc(b, fb, now);
		break;

	case FB_REMB:
		b->remb = fb->u.bw.bitrate;
		aimd_raise(&b->aimd, b->remb);
		break;

	case FB_TMMBR:
		/* it limits what is below RTP as well */
		b->tmmbr = fb->u.bw.bitrate / (TYPICAL + fb->u.bw.overhead) *
			TYPICAL;
		break;

	default:
		break;
	}
}


/**
 * The remote has reported loss (RR). With transport-cc that is known
 * already, and sooner
 *
 * @param b        Estimate
 * @param fraction Lost since its last report [1/256]
 * @param now      Time [us]
 */
void bwe_tx_loss(struct bwe_tx *b, uint8_t fraction, uint64_t now)
{
	if (!b || (b->twcc && now < b->twcc + TWCC_LIVE))
		return;

	aimd_loss(&b->aimd, fraction, now);
	aimd_rise(&b->aimd, rate_get(&b->sent, now), now);
}


/**
 * Get the estimate of what we can send: the least of all
 *
 * @param b Estimate
 *
 * @return Bit rate [bit/s]
 */
uint32_t bwe_tx_bitrate(const struct bwe_tx *b)
{
	uint64_t bw;

	if (!b)
		return 0;

	bw = (uint64_t)b->aimd.est;
	bw = min(bw, b->remb);
	bw = min(bw, b->tmmbr);

	return (uint32_t)max(bw, (uint64_t)b->aimd.min);
}
