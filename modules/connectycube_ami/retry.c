/**
 * @file connectycube_ami/retry.c  When a connection is tried again
 *
 * An Asterisk that is started anew is back in a few seconds, and its channels
 * are wanted at once. One that is away for longer is asked more and more
 * seldom, and one that has refused us hardly. Many bridges that have lost it at
 * the same time do not come back at the same time: 50 may be about to log in
 * (authlimit).
 *
 * Pure.
 */
#include <re.h>
#include "base/backoff.h"
#include "message.h"
#include "table.h"
#include "session.h"
#include "client.h"


/**
 * Get the time until the next try
 *
 * @param failures Tries that have failed, one after the other
 * @param refused  The login was refused
 * @param away     How long there has been no connection, since there was one
 *                 [ms]
 * @param random   Any number
 *
 * @return Time [ms], AMI_RETRY_MIN to AMI_RETRY_MAX
 */
uint32_t ami_retry_time(unsigned failures, bool refused, uint64_t away,
			uint16_t random)
{
	const uint32_t most = AMI_RETRY_MAX * 2 / 3;
	uint32_t t;

	if (refused)
		t = backoff_time(failures, AMI_RETRY_REFUSED, most);
	else
		t = backoff_time(failures, AMI_RETRY_MIN,
				 away < AMI_AWAY_SHORT ? AMI_RETRY_SOON : most);

	/* half of the first ones would be the shortest, all at once */
	if (t / 2 < AMI_RETRY_MIN)
		return AMI_RETRY_MIN + (uint32_t)((uint64_t)random *
			(t + t / 2 - AMI_RETRY_MIN) / UINT16_MAX);

	return backoff_spread(t, random);
}
