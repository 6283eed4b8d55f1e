/**
 * @file video/rtp/rate.c  Bit rate over the last half second
 */
#include <string.h>
#include <re.h>
#include "rate.h"


enum {
	SLOT = RATE_WINDOW / RATE_SLOTS, /**< Length of a slot [us]        */
};


/*
 * Empty the slots that have passed; time that goes back a little is taken as
 * still
 */
static void turn(struct rate *r, uint64_t slot)
{
	if (slot >= r->cur + RATE_SLOTS || slot + RATE_SLOTS <= r->cur) {
		/* nothing for as long as is remembered, or another clock */
		memset(r->v, 0, sizeof(r->v));
		r->first = r->cur = slot;
	}

	while (r->cur < slot)
		r->v[++r->cur % RATE_SLOTS] = 0;
}


/**
 * Count bytes
 *
 * @param r     Rate
 * @param bytes Number of bytes
 * @param now   Time [us]
 */
void rate_add(struct rate *r, size_t bytes, uint64_t now)
{
	const uint64_t slot = now / SLOT;

	if (!r->on) {
		memset(r, 0, sizeof(*r));
		r->on = true;
		r->first = r->cur = slot;
	}

	turn(r, slot);
	r->v[r->cur % RATE_SLOTS] += bytes;
}


/**
 * Get the rate
 *
 * @param r   Rate
 * @param now Time [us]
 *
 * @return Bit rate [bit/s], 0 if there was nothing, or not yet for long
 *         enough
 */
uint32_t rate_get(struct rate *r, uint64_t now)
{
	uint64_t sum = 0;
	unsigned i;

	if (!r->on)
		return 0;

	turn(r, now / SLOT);

	if (r->cur < r->first + RATE_SLOTS)
		return 0;

	/* the current slot is not full yet */
	for (i=1; i<RATE_SLOTS; i++)
		sum += r->v[(r->cur + i) % RATE_SLOTS];

	sum = sum * 8 * 1000000 / (RATE_WINDOW - SLOT);

	return (uint32_t)min(sum, (uint64_t)UINT32_MAX);
}
