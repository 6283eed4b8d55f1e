/**
 * @file rtp/hist.c  How times are distributed, in little memory
 *
 * Buckets are a quarter of their octave wide: a time that is read is off by an
 * eighth at most, whether it is a microsecond or a second.
 */
#include <re.h>
#include "hist.h"


static unsigned bucket(uint64_t us)
{
	unsigned b;

	if (us < 4)
		return (unsigned)us;

	b = 63 - (unsigned)__builtin_clzll(us);

	return (unsigned)min((b - 1) * 4 + (us >> (b - 2) & 3),
			     (uint64_t)(HIST_BUCKETS - 1));
}


/* The time in the middle of a bucket, which is one itself up to 8 */
static uint32_t middle(unsigned i)
{
	const unsigned b = i / 4;

	if (b < 2)
		return i;

	return (4 + i % 4) << (b - 1) | 1u << (b - 2);
}


/**
 * Add a time
 *
 * @param h  Histogram
 * @param us Time [us]
 */
void hist_add(struct hist *h, uint64_t us)
{
	++h->n;
	++h->v[bucket(us)];
}


/**
 * Get a percentile
 *
 * @param h   Histogram
 * @param pct Percent of the times that are no longer [0-100]
 *
 * @return Time [us], at least 1; 0 if there is none
 */
uint32_t hist_pct(const struct hist *h, unsigned pct)
{
	const uint64_t want = ((uint64_t)h->n * pct + 99) / 100;
	uint64_t n = 0;
	unsigned i;

	if (!h->n)
		return 0;

	for (i=0; i<HIST_BUCKETS - 1; i++) {

		n += h->v[i];
		if (n && n >= want)
			break;
	}

	return max(middle(i), 1u);
}
