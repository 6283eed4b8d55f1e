/**
 * @file video/rtp/vnack.c  Packets that are missing, and when to ask for them
 *
 * A packet that the sequence numbers skip is asked for after a short grace,
 * since it may only have been overtaken, and then once in a round trip. It
 * is given up after VNACK_TRIES requests or VNACK_AGE, or with all others
 * when there are too many: only a keyframe helps then. A keyframe makes
 * everything older needless; such packets are not asked for any more, but
 * those that come on their own are still new.
 */
#include <string.h>
#include <re.h>
#include "loss.h"


static void drop(struct vnack *n, size_t i)
{
	--n->c;
	memmove(&n->v[i], &n->v[i + 1], (n->c - i) * sizeof(n->v[0]));
}


/* Those that nobody asks for any more must not keep others out */
static void drop_quiet(struct vnack *n, uint64_t older)
{
	size_t i = 0;

	while (i < n->c) {
		if (n->v[i].quiet && n->v[i].since <= older)
			drop(n, i);
		else
			++i;
	}
}


static bool find(const struct vnack *n, uint16_t seq, size_t *ix)
{
	size_t i;

	for (i=0; i<n->c; i++) {
		if (n->v[i].seq == seq) {
			*ix = i;
			return true;
		}
	}

	return false;
}


/* All between the highest number and a new one are missing */
static void add_gap(struct vnack *n, uint16_t seq, uint64_t now)
{
	const size_t gap = (uint16_t)(seq - n->max - 1);
	uint16_t s;

	if (n->c + gap > VNACK_MAX)
		drop_quiet(n, UINT64_MAX);

	if (n->c + gap > VNACK_MAX) {
		n->c = 0;
		n->hopeless = true;
		return;
	}

	for (s = (uint16_t)(n->max + 1); s != seq; s++) {
		n->v[n->c].seq   = s;
		n->v[n->c].tries = 0;
		n->v[n->c].quiet = false;
		n->v[n->c].since = now;
		n->v[n->c].due   = now + VNACK_GRACE;
		++n->c;
	}
}


/**
 * Nothing older is needed: a keyframe begins, or the receiver went on. It is
 * not asked for any more
 *
 * @param n   Missing packets
 * @param seq Sequence number of the first one that is needed
 */
void vnack_hush(struct vnack *n, uint16_t seq)
{
	size_t i;

	if (!n)
		return;

	for (i=0; i<n->c; i++) {
		if ((int16_t)(n->v[i].seq - seq) < 0)
			n->v[i].quiet = true;
	}

	if (seq == n->max)
		n->hopeless = false;
}


/**
 * A packet has come, in any way: also one that was sent again
 *
 * @param n   Missing packets
 * @param seq Its sequence number
 * @param key True if it is the first packet of a keyframe
 * @param now Time [us]
 *
 * @return True if it is new: the first, one ahead of all others, or one
 *         that was missing. False if it came before, or was given up, or is
 *         older than the first: the caller drops it. A stream that starts
 *         anew at a lower number has to be told by vnack_reset()
 */
bool vnack_recv(struct vnack *n, uint16_t seq, bool key, uint64_t now)
{
	int16_t d;
	size_t i;

	if (!n)
		return false;

	if (!n->on) {
		n->on  = true;
		n->max = seq;
		return true;
	}

	d = (int16_t)(seq - n->max);

	if (d > 0) {
		add_gap(n, seq, now);
		n->max = seq;
	}
	else if (d < 0 && find(n, seq, &i)) {
		drop(n, i);
	}
	else {
		return false;
	}

	if (key)
		vnack_hush(n, seq);

	return true;
}


static bool is_hopeless(const struct vnack *n, size_t i, uint64_t now)
{
	return n->v[i].tries >= VNACK_TRIES ||
		now >= n->v[i].since + VNACK_AGE;
}


/**
 * Get what is to be asked for now; it is taken as asked for
 *
 * @param n        Missing packets
 * @param seqv     Sequence numbers, ascending (output)
 * @param max      Room at seqv; what does not fit stays due
 * @param rtt      Round-trip time [us], 0=unknown
 * @param now      Time [us]
 * @param hopeless True if something was given up that only a keyframe makes
 *                 good (output), told once
 *
 * @return Number of sequence numbers
 */
size_t vnack_due(struct vnack *n, uint16_t *seqv, size_t max, uint64_t rtt,
		 uint64_t now, bool *hopeless)
{
	const uint64_t wait = rtt ? max(rtt, (uint64_t)VNACK_REPEAT)
		: VNACK_REPEAT_UNKNOWN;
	size_t i = 0, c = 0;

	if (!n || !seqv || !hopeless)
		return 0;

	if (now > VNACK_AGE)
		drop_quiet(n, now - VNACK_AGE);

	while (i < n->c) {

		if (n->v[i].quiet || now < n->v[i].due) {
			++i;
		}
		else if (is_hopeless(n, i, now)) {
			n->hopeless = true;
			drop(n, i);
		}
		else if (c < max) {
			n->v[i].due = now + wait;
			++n->v[i].tries;
			seqv[c++] = n->v[i++].seq;
		}
		else {
			break;
		}
	}

	*hopeless = n->hopeless;
	n->hopeless = false;

	return c;
}


/**
 * Get the time at which vnack_due() is to be called
 *
 * @param n Missing packets
 *
 * @return Time [us], in the past if at once; 0=nothing is due ever
 */
uint64_t vnack_next(const struct vnack *n)
{
	uint64_t next = 0;
	size_t i;

	if (!n)
		return 0;

	if (n->hopeless)
		return 1;

	for (i=0; i<n->c; i++) {
		if (!n->v[i].quiet && (!next || n->v[i].due < next))
			next = n->v[i].due;
	}

	return next;
}


/**
 * Forget all: the stream begins anew
 *
 * @param n Missing packets
 */
void vnack_reset(struct vnack *n)
{
	if (!n)
		return;

	n->on = n->hopeless = false;
	n->c  = 0;
}
