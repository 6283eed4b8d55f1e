/**
 * @file call/ringing.c  A call that rings by a plan
 *
 * Pure. See ringing.h.
 */
#include <string.h>
#include <re.h>
#include "call/ringing.h"


/**
 * Begin to ring by a plan: nobody rings yet
 *
 * @param r         State
 * @param plan      Plan, copied
 * @param ring_time How long a group without a time rings [s]
 */
void ringing_init(struct ringing *r, const struct ringplan *plan,
		  uint32_t ring_time)
{
	memset(r, 0, sizeof(*r));

	r->plan      = *plan;
	r->ring_time = ring_time;
}


/**
 * The next group is to ring
 *
 * @param r   State
 * @param now Time [ms]
 *
 * @return True if r->first, r->n and r->until are set; false if there is none
 */
bool ringing_next(struct ringing *r, uint64_t now)
{
	const struct ring_group *group;

	r->first += r->n;
	r->n      = 0;

	if (!ringing_more(r))
		return false;

	group = &r->plan.groupv[r->nextc++];

	r->n     = group->n;
	r->until = now + 1000 * (uint64_t)(group->time ? group->time
					   : r->ring_time);

	return true;
}


/**
 * Is there a group that has not rung yet?
 *
 * @param r State
 *
 * @return True if there is
 */
bool ringing_more(const struct ringing *r)
{
	return r->nextc < r->plan.groupc;
}


/**
 * How long does the group that rings go on?
 *
 * @param r   State
 * @param now Time [ms]
 *
 * @return Time that is left [ms], 0=none
 */
uint32_t ringing_left(const struct ringing *r, uint64_t now)
{
	return r->until > now ? (uint32_t)(r->until - now) : 0;
}


/**
 * A group, or some of it, was not reached. If nobody is, the caller gets the
 * one answer that says most
 *
 * @param r     State
 * @param no    Why
 * @param scode The same as SIP status code
 *
 * @return True if that is the answer from now on
 */
bool ringing_note(struct ringing *r, enum ring_no no, uint16_t scode)
{
	if (r->scode && no <= r->no)
		return false;

	r->no    = no;
	r->scode = scode;

	return true;
}
