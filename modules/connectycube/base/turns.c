/**
 * @file base/turns.c  Those who would begin all at once take turns
 *
 * A process with fifty extensions is to be no herd for the registrar and the
 * cloud: each begins a bit later than the one before, and not in step with
 * those of other processes.
 */
#include <re_types.h>
#include "turns.h"


enum {
	STEP = 20,              /**< Between two of them [ms]              */
	MOST = 5000,            /**< Longest that one waits [ms]           */
};


/**
 * Take a turn
 *
 * @param t      Turns of those who begin the same
 * @param now    Time [ms]
 * @param random Any number
 *
 * @return After how long it is [ms]: 0 for one that is alone
 */
uint32_t turns_take(struct turns *t, uint64_t now, uint16_t random)
{
	uint64_t wait;

	if (t->next <= now) {
		t->next = now + STEP;
		return 0;
	}

	/* so many that there is no room for steps */
	if (t->next - now > MOST - STEP)
		return random % MOST;

	wait = t->next - now + random % STEP;
	t->next += STEP;

	return (uint32_t)wait;
}
