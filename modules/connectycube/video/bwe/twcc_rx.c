/**
 * @file video/bwe/twcc_rx.c  Transport-wide arrival times, for feedback
 *
 *         base          max
 *          v             v
 *   [told ][ to be told  ]     a ring, one slot for each sequence number
 *
 * A packet that comes after its feedback was sent moves the base back, and
 * what is behind it is told a second time.
 */
#include <string.h>
#include <re.h>
#include "rtp/rtcp.h"
#include "video/rtp/fb.h"
#include "bwe.h"


enum {
	SLOTS = 256,            /**< Packets remembered, a power of two    */
	IDLE  = 1000000,        /**< After that the older do not matter [us] */
};


struct twcc_rx {
	struct {
		bool received;
		uint64_t t;     /**< [us]                                  */
	} v[SLOTS];
	bool on;                /**< Has had a packet                      */
	bool pending;           /**< Something is to be told               */
	uint16_t base;          /**< First to be told                      */
	uint16_t max;           /**< Highest sequence number               */
	uint64_t last;          /**< Last arrival [us]                     */
	uint8_t nr;             /**< Feedback packet count                 */
};


/**
 * Allocate a record of arrival times
 *
 * @param tp Record (output)
 *
 * @return 0 if success, EINVAL for missing arguments, ENOMEM
 */
int twcc_rx_alloc(struct twcc_rx **tp)
{
	struct twcc_rx *t;

	if (!tp)
		return EINVAL;

	t = mem_zalloc(sizeof(*t), NULL);
	if (!t)
		return ENOMEM;

	*tp = t;

	return 0;
}


static void start(struct twcc_rx *t, uint16_t seq)
{
	memset(t->v, 0, sizeof(t->v));
	t->on   = true;
	t->base = t->max = seq;
}


/* Make the ring reach to a sequence number */
static void reach(struct twcc_rx *t, uint16_t seq)
{
	while (t->max != seq)
		t->v[++t->max % SLOTS].received = false;

	if ((uint16_t)(t->max - t->base) >= SLOTS)
		t->base = (uint16_t)(t->max - SLOTS + 1);
}


/**
 * A packet has arrived
 *
 * @param t   Record
 * @param seq Its transport-wide sequence number
 * @param now Time [us]
 */
void twcc_rx_packet(struct twcc_rx *t, uint16_t seq, uint64_t now)
{
	int16_t d;

	if (!t)
		return;

	d = (int16_t)(seq - t->max);

	if (!t->on || now > t->last + IDLE || d >= SLOTS || d <= -SLOTS)
		start(t, seq);
	else if (d > 0)
		reach(t, seq);
	else if (t->v[seq % SLOTS].received)
		return;
	else if ((int16_t)(seq - t->base) < 0)
		t->base = seq;

	t->v[seq % SLOTS].received = true;
	t->v[seq % SLOTS].t = now;
	t->pending = true;
	t->last = now;
}


/**
 * Append feedback on all that has arrived since the last
 *
 * @param t     Record
 * @param buf   Compound packet
 * @param size  Room at buf, len + 800 is always enough [bytes]
 * @param len   Length of the compound [bytes]
 * @param ssrc  Our SSRC
 * @param media One of the remote's SSRCs
 *
 * @return 0 if success, EINVAL for missing arguments, ENOENT if nothing is
 *         to be told, EOVERFLOW if the room is too small, ERANGE if one came
 *         too late to be told of (all are forgotten then)
 */
int twcc_rx_feedback(struct twcc_rx *t, uint8_t *buf, size_t size,
		     size_t *len, uint32_t ssrc, uint32_t media)
{
	struct fb_twcc_pkt pktv[SLOTS];
	size_t i, n;
	int err;

	if (!t)
		return EINVAL;

	if (!t->pending)
		return ENOENT;

	n = (uint16_t)(t->max - t->base) + 1u;

	for (i=0; i<n; i++) {

		const uint16_t seq = (uint16_t)(t->base + i);

		pktv[i].seq      = seq;
		pktv[i].received = t->v[seq % SLOTS].received;
		pktv[i].t        = (int64_t)t->v[seq % SLOTS].t;
	}

	err = fb_twcc_write(buf, size, len, ssrc, media, t->nr, pktv, n);
	if (err == EOVERFLOW)
		return err;

	t->nr += !err;
	t->base = (uint16_t)(t->max + 1);
	t->pending = false;

	return err;
}


/**
 * Check if something is to be told; feedback is due some 100 ms after the
 * first packet
 *
 * @param t Record
 *
 * @return True if so, otherwise false
 */
bool twcc_rx_pending(const struct twcc_rx *t)
{
	return t ? t->pending : false;
}
