/**
 * @file base/mono.c  Time that nobody sets, and timers that follow it
 *
 *   libre: tmr_jiffies() --> gettimeofday() --> ours: the wall clock of when
 *                                               we began, and what has passed
 *
 * Were libre's timers on the wall clock, an hour back (by hand, by an NTP
 * client) would put everything off by an hour, registration and pings
 * included; an hour ahead would end every wait at once. To hear of a jump from
 * the kernel and to move the timers then is not enough: a loop that is awake
 * in that moment looks at them first.
 *
 * Later versions of libre have such a clock of their own. So does the check at
 * the start find out who is asked, and leaves them alone.
 */
#include <errno.h>
#include <time.h>
#include <sys/time.h>
#include <re.h>
#include "hook.h"
#include "mono.h"


enum {
	SLACK = 1000,           /**< Less apart is the same clock [ms]     */
};


static struct {
	struct hook hook;
	uint64_t ahead;         /* wall clock of the start less ours [us] */
	unsigned asked;         /* times that it was told to libre */
} timers;


static uint64_t clock_us(clockid_t id)
{
	struct timespec ts;

	if (clock_gettime(id, &ts))
		return 0;

	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}


/**
 * Get the time since the machine was started, suspensions included
 *
 * @return Time [us]
 */
uint64_t mono_us(void)
{
	return clock_us(CLOCK_BOOTTIME);
}


/**
 * Get the time since the machine was started, suspensions included
 *
 * @return Time [ms]
 */
uint64_t mono_ms(void)
{
	return mono_us() / 1000;
}


/**
 * Get the wall clock's time, which anybody may set
 *
 * @return Time since 1970 [us]
 */
uint64_t wall_us(void)
{
	return clock_us(CLOCK_REALTIME);
}


/* gettimeofday(), for libre, which asks for no time zone */
static int libre_time(struct timeval *restrict tv, void *restrict tz)
{
	const uint64_t us = mono_us() + timers.ahead;
	(void)tz;

	__atomic_fetch_add(&timers.asked, 1, __ATOMIC_RELAXED);

	tv->tv_sec  = (time_t)(us / 1000000);
	tv->tv_usec = (suseconds_t)(us % 1000000);

	return 0;
}


static bool is_asked(void)
{
	const unsigned n = __atomic_load_n(&timers.asked, __ATOMIC_RELAXED);

	(void)tmr_jiffies();

	return n != __atomic_load_n(&timers.asked, __ATOMIC_RELAXED);
}


static bool follows_wall(void)
{
	const int64_t d = (int64_t)(tmr_jiffies() - wall_us() / 1000);

	return d > -SLACK && d < SLACK;
}


/**
 * Let libre's timers follow our time instead of the wall clock
 *
 * @return 0 if success; ENOTSUP if they do not follow the wall clock;
 *         EALREADY; otherwise errorcode: they go on following it
 */
int mono_timers_init(void)
{
	int err;

	if (timers.hook.slot)
		return EALREADY;

	timers.ahead = wall_us() - mono_us();

	err = hook_set(&timers.hook, (const void *)tmr_jiffies,
		       "gettimeofday", (void *)libre_time);
	if (!err && !is_asked()) {
		hook_clear(&timers.hook);
		err = ENOENT;
	}

	return err && !follows_wall() ? ENOTSUP : err;
}


/**
 * Leave libre's timers to libre
 */
void mono_timers_close(void)
{
	hook_clear(&timers.hook);
}
