/**
 * @file rtp/tap.c  Negotiations are numbered
 */
#include <re.h>
#include "tap.h"


/**
 * Number a negotiation
 *
 * @return A number that no other has
 */
uint32_t rtp_tap_nego(void)
{
	static uint32_t last;

	return ++last;
}
