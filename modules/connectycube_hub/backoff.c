/**
 * @file connectycube_hub/backoff.c  How long to wait before the next try
 */
#include <re_types.h>
#include <re_list.h>
#include <re_tmr.h>
#include "hub.h"


/**
 * Get the time to wait
 *
 * @param failures Tries that have failed, one after the other
 * @param first    After the first one [ms]; it doubles with each
 * @param most     Longest [ms]
 *
 * @return Time [ms]
 */
uint32_t hub_backoff(unsigned failures, uint32_t first, uint32_t most)
{
	uint64_t t = first;

	while (failures-- > 1 && t < most)
		t *= 2;

	return t < most ? (uint32_t)t : most;
}
