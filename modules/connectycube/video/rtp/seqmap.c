/**
 * @file video/rtp/seqmap.c  Sequence numbers of a stream that is forwarded
 */
#include <string.h>
#include <re.h>
#include "seqmap.h"


static size_t slot(uint16_t seq)
{
	return seq & (SEQMAP_SIZE - 1);
}


static uint64_t bit(uint16_t seq)
{
	return (uint64_t)1 << (seq & 63);
}


static uint64_t *word(struct seqmap *m, uint16_t seq)
{
	return &m->missv[slot(seq) / 64];
}


/**
 * Begin anew: nothing older than this packet has a number any more
 *
 * @param m   Map
 * @param seq Number of a packet received
 * @param out Number that it is sent with
 */
void seqmap_sync(struct seqmap *m, uint16_t seq, uint16_t out)
{
	memset(m->missv, 0, sizeof(m->missv));

	m->max = seq;
	m->off = out - seq;
}


/* Keep a number for each of the n packets before seq */
static void reserve(struct seqmap *m, uint16_t seq, uint16_t n)
{
	n = min(n, (uint16_t)(SEQMAP_SIZE - 1));

	for (; n; n--) {
		const uint16_t s = seq - n;

		m->offv[slot(s)] = m->off;
		*word(m, s) |= bit(s);
	}
}


/**
 * Get the number of a packet that is ahead of all before
 *
 * @param m   Map
 * @param seq Its number as received
 *
 * @return Number to send it with
 */
uint16_t seqmap_next(struct seqmap *m, uint16_t seq)
{
	const uint16_t n = seq - m->max - 1;

	if (n)
		reserve(m, seq, n);

	*word(m, seq) &= ~bit(seq);
	m->max = seq;

	return seq + m->off;
}


/**
 * Check if a packet is one of the last, received or missing
 *
 * @param m   Map
 * @param seq Its number as received
 *
 * @return True if so, false if it is ahead of them or older
 */
bool seqmap_covers(const struct seqmap *m, uint16_t seq)
{
	return (uint16_t)(m->max - seq) < SEQMAP_SIZE;
}


/**
 * Check if a packet is one that is missing
 *
 * @param m   Map
 * @param seq Its number as received
 *
 * @return True if there is a number for it
 */
bool seqmap_missing(const struct seqmap *m, uint16_t seq)
{
	return seqmap_covers(m, seq) &&
		(m->missv[slot(seq) / 64] & bit(seq));
}


/**
 * Take the number that was kept for a packet that comes late
 *
 * @param m   Map
 * @param seq Its number as received
 * @param out Number to send it with (output)
 *
 * @return False if it is not missing: there is no number for it
 */
bool seqmap_late(struct seqmap *m, uint16_t seq, uint16_t *out)
{
	if (!seqmap_missing(m, seq))
		return false;

	*word(m, seq) &= ~bit(seq);
	*out = seq + m->offv[slot(seq)];

	return true;
}


/**
 * More or fewer packets were sent than were received
 *
 * @param m Map
 * @param n How many more, from the next one on
 */
void seqmap_shift(struct seqmap *m, int n)
{
	m->off += n;
}
