/**
 * @file cube/linkpace.c  When a link that is down is tried again
 *
 * Pure. At random within the upper half of the time, so that many bridges do
 * not come back all at once.
 */
#include <re.h>
#include "base/backoff.h"
#include "peer/peer.h"
#include "cube.h"
#include "link.h"


static uint32_t delay(const struct link_pace *p, unsigned failures,
		      uint32_t rnd)
{
	return backoff_within(backoff_time(failures, p->min, p->max), rnd);
}


/**
 * An attempt failed
 *
 * @param p   Pace
 * @param rnd A random number
 *
 * @return Delay of the next one [ms]
 */
uint32_t link_pace_failed(struct link_pace *p, uint32_t rnd)
{
	return delay(p, ++p->attempts, rnd);
}


/**
 * An attempt was refused. That may be the cloud's fault, and over in a moment
 *
 * @param p   Pace
 * @param rnd A random number
 *
 * @return Delay of the next one [ms]
 */
uint32_t link_pace_refused(struct link_pace *p, uint32_t rnd)
{
	return delay(p, ++p->refusals, rnd);
}


/**
 * A link was lost. One that worked is made again at once, but for some
 * jitter: all bridges lose it in the same moment. One that never works for
 * long has a back-off of its own, however often it comes up
 *
 * @param p      Pace
 * @param online Time that it was online [ms]
 * @param rnd    A random number
 *
 * @return Delay of the next attempt [ms]
 */
uint32_t link_pace_lost(struct link_pace *p, uint64_t online, uint32_t rnd)
{
	if (online < LINK_STABLE)
		return delay(p, ++p->flaps, rnd);

	p->flaps = 0;

	return rnd % (p->min / 4 + 1);
}


/**
 * The link is there: what failed before is forgotten
 *
 * @param p Pace
 */
void link_pace_online(struct link_pace *p)
{
	p->attempts = 0;
	p->refusals = 0;
}
