/**
 * @file video/bwe/bwe_rx.c  Bandwidth from the remote to us
 *
 *   RTP timestamps, arrival --> trend --+
 *   bytes                   --> rate  --+--> aimd --> REMB, TMMBR
 *   loss                    ------------+
 *
 * A frame's timestamp stands for the time at which it was sent. Its first
 * packet tells of the queue; see trend.c.
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
	JUMP = 10 * 90000,      /**< Another source or a restart [RTP clock] */
};


struct bwe_rx {
	struct trend trend;
	struct rate rate;
	struct aimd aimd;
	bool on;                /**< Has had a packet                      */
	uint32_t ts;            /**< Newest timestamp [RTP clock]          */
	int64_t pos;            /**< The same, extended [RTP clock]        */
};


/**
 * Allocate an estimate of what we can receive
 *
 * @param bp    Estimate (output)
 * @param start First value [bit/s]
 * @param min_bw Least [bit/s]
 * @param max_bw Most [bit/s]
 *
 * @return 0 if success, EINVAL for missing or bad arguments, ENOMEM
 */
int bwe_rx_alloc(struct bwe_rx **bp, uint32_t start, uint32_t min_bw,
		 uint32_t max_bw)
{
	struct bwe_rx *b;

	if (!bp || min_bw > max_bw)
		return EINVAL;

	b = mem_zalloc(sizeof(*b), NULL);
	if (!b)
		return ENOMEM;

	aimd_init(&b->aimd, start, min_bw, max_bw);

	*bp = b;

	return 0;
}


/* Is it the first packet of a new frame */
static bool is_new_frame(struct bwe_rx *b, uint32_t ts)
{
	const int32_t d = (int32_t)(ts - b->ts);

	if (!b->on || d > JUMP || d < -JUMP) {
		trend_reset(&b->trend);
		b->on = true;
	}
	else if (d <= 0) {
		return false;
	}

	b->ts   = ts;
	b->pos += d;

	return true;
}


/**
 * A packet has arrived; retransmissions count as well
 *
 * @param b     Estimate
 * @param ts90k Its timestamp [1/90000 s]
 * @param len   Its length [bytes]
 * @param now   Time [us]
 */
void bwe_rx_packet(struct bwe_rx *b, uint32_t ts90k, size_t len,
		   uint64_t now)
{
	enum trend_state st;

	if (!b)
		return;

	rate_add(&b->rate, len, now);

	if (!is_new_frame(b, ts90k))
		return;

	st = trend_update(&b->trend, b->pos * 100 / 9, (int64_t)now);
	aimd_delay(&b->aimd, st, rate_get(&b->rate, now), now);
}


/**
 * A report on what we received is made
 *
 * @param b        Estimate
 * @param fraction Lost since the last report [1/256]
 * @param now      Time [us]
 */
void bwe_rx_loss(struct bwe_rx *b, uint8_t fraction, uint64_t now)
{
	if (b)
		aimd_loss(&b->aimd, fraction, now);
}


/**
 * Get the estimate of what we can receive
 *
 * @param b Estimate
 *
 * @return Bit rate [bit/s]
 */
uint32_t bwe_rx_bitrate(const struct bwe_rx *b)
{
	return b ? (uint32_t)b->aimd.est : 0;
}
