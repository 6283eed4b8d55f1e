/**
 * @file base/backoff.c  How long to wait before the next try
 */
#include <re_types.h>
#include "backoff.h"


/**
 * Get the time to wait
 *
 * @param failures Tries that have failed, one after the other
 * @param first    After the first one [ms]; it doubles with each
 * @param most     Longest [ms]
 *
 * @return Time [ms]
 */
uint32_t backoff_time(unsigned failures, uint32_t first, uint32_t most)
{
	uint64_t t = first;

	while (failures-- > 1 && t < most)
		t *= 2;

	return t < most ? (uint32_t)t : most;
}


/**
 * Spread times that are alike: many who were cut off at once are not to come
 * back at once
 *
 * @param t      Time [ms]
 * @param random Any number
 *
 * @return Half of it to one and a half [ms]
 */
uint32_t backoff_spread(uint32_t t, uint16_t random)
{
	return t / 2 + (uint32_t)((uint64_t)t * random / UINT16_MAX);
}


/**
 * Spread times that are alike, and let none be longer
 *
 * @param t      Time [ms]
 * @param random Any number
 *
 * @return Half of it to all of it [ms]
 */
uint32_t backoff_within(uint32_t t, uint32_t random)
{
	return t - t / 2 + (uint32_t)(random % ((uint64_t)t / 2 + 1));
}
