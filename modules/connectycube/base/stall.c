/**
 * @file base/stall.c  How long the loop did nothing for anybody
 *
 *   timer, each 50 ms --late by 100 ms or more--> stall_ms(), and the log
 *
 * A handler that takes long, a machine that is too busy, a process that was
 * stopped: every packet of every call is late by as much. Looking at packets
 * finds that by chance alone, since only some of them are looked at. The timer
 * is one for all, and runs only while somebody has calls.
 */
#include <re.h>
#include "base/log.h"
#include "base/mono.h"
#include "base/stall.h"
#include "base/text.h"


enum {
	EACH = 50,              /**< A look comes after so long [ms]       */
	TELL = 60000,           /**< Told no more often than that [ms]     */
};

static struct {
	struct tmr tmr;
	uint64_t due;           /* when it is to fire [ms] */
	uint64_t ms;            /* of all stalls [ms] */
	uint64_t t_told;        /* when the log was told [ms] */
	uint32_t n;             /* stalls since then */
	uint64_t longest;       /* ... the longest one [ms] */
	uint64_t sum;           /* ... all of them [ms] */
} stall;


static void look_handler(void *arg);


static void start(uint64_t now)
{
	stall.due = now + EACH;
	tmr_start(&stall.tmr, EACH, look_handler, NULL);
}


static void tell(uint64_t now)
{
	if (!stall.n || (stall.t_told && now - stall.t_told < TELL))
		return;

	clog_info("the bridge did nothing for %llu ms in calls (%u %s,"
		  " the longest was %llu ms): the machine is too busy, or"
		  " waits for something\n", stall.sum, stall.n,
		  text_plural(stall.n, "time", "times"), stall.longest);

	stall.t_told  = now;
	stall.n       = 0;
	stall.sum     = 0;
	stall.longest = 0;
}


static void look_handler(void *arg)
{
	const uint64_t now = mono_ms();
	const uint64_t late = now > stall.due ? now - stall.due : 0;
	(void)arg;

	if (late >= STALL_MIN) {
		stall.ms += late;
		stall.sum += late;
		stall.longest = max(stall.longest, late);
		++stall.n;
	}

	tell(now);
	start(now);
}


/**
 * Begin to look; while it goes on nothing more begins
 */
void stall_watch(void)
{
	if (!tmr_isrunning(&stall.tmr))
		start(mono_ms());
}


/**
 * Look no more: nobody would have noticed
 */
void stall_rest(void)
{
	tmr_cancel(&stall.tmr);
}


/**
 * Get how long the loop stood still, while it was looked at
 *
 * @return All stalls since the start [ms]
 */
uint64_t stall_ms(void)
{
	return stall.ms;
}
