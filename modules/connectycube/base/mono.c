/**
 * @file base/mono.c  Time that nobody sets, and timers that follow it
 *
 *   wall clock is set --> timer fd (ECANCELED) --> all of libre's timers are
 *                                                 moved by as much
 *
 * The kernel cancels a timer fd of the wall clock in the moment that it is set,
 * by hand, by an NTP client, or after a suspension. Otherwise an hour back
 * would put everything off by an hour, registration and pings included; an hour
 * ahead would end every wait at once.
 *
 * libre's timers are one sorted list of struct tmr, and any timer that runs
 * tells which. Where that is not so (later versions take another clock), the
 * check at the start finds it, and nothing is moved.
 */
#include <errno.h>
#include <time.h>
#include <unistd.h>
#include <sys/timerfd.h>
#include <re.h>
#include "log.h"
#include "fdset.h"
#include "mono.h"


enum {
	ANCHOR  = 1000000000,   /**< Some ten days; then anew [ms]         */
	AHEAD   = 315360000,    /**< Ten years [s]                         */
	SLACK   = 50,           /**< Less is no jump [ms]                  */
};

#ifndef TFD_TIMER_CANCEL_ON_SET
#define TFD_TIMER_CANCEL_ON_SET (1 << 1)
#endif


static struct {
	struct tmr anchor;      /* runs always: it knows the list */
	int fd;                 /* timer fd, -1 if none (owned) */
	int64_t offset;         /* wall clock less ours [ms] */
} watch = {.fd = -1};


static uint64_t clock_ms(clockid_t id)
{
	struct timespec ts;

	if (clock_gettime(id, &ts))
		return 0;

	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}


/**
 * Get the time since the machine was started, suspensions included
 *
 * @return Time [ms]
 */
uint64_t mono_ms(void)
{
	return clock_ms(CLOCK_BOOTTIME);
}


static void anchor_handler(void *arg)
{
	(void)arg;

	tmr_start(&watch.anchor, ANCHOR, anchor_handler, NULL);
}


/**
 * Move all timers of libre's loop
 *
 * @param ms By so much, later if positive [ms]
 *
 * @return Number of timers moved
 */
size_t clockwatch_shift(int64_t ms)
{
	struct le *le;
	size_t n = 0;

	if (!watch.anchor.le.list)
		return 0;

	/* all by the same: the list stays sorted */
	for (le = watch.anchor.le.list->head; le; le = le->next) {

		struct tmr *tmr = le->data;

		tmr->jfs += (uint64_t)ms;
		++n;
	}

	return n;
}


static int64_t offset(void)
{
	return (int64_t)tmr_jiffies() - (int64_t)mono_ms();
}


static int arm(void)
{
	struct itimerspec its = {.it_value = {.tv_sec = 0}};
	struct timespec now;

	if (clock_gettime(CLOCK_REALTIME, &now))
		return errno;

	its.it_value.tv_sec = now.tv_sec + AHEAD;

	return timerfd_settime(watch.fd, TFD_TIMER_ABSTIME |
			       TFD_TIMER_CANCEL_ON_SET, &its, NULL)
		? errno : 0;
}


static void fd_handler(int flags, void *arg)
{
	uint64_t n;
	int64_t jump;
	(void)flags;
	(void)arg;

	if (read(watch.fd, &n, sizeof(n)) < 0 && errno == EAGAIN)
		return;

	/* first: whatever is set from now on is heard of again */
	if (arm())
		clog_warning("clock: jumps are not seen any more (%m)\n",
			     errno);

	jump = offset() - watch.offset;
	watch.offset += jump;
	if (jump > -SLACK && jump < SLACK)
		return;

	n = clockwatch_shift(jump);
	clog_info("the wall clock was set by %lld ms: %zu timers go on as"
		  " before\n", (long long)jump, (size_t)n);
}


/* Are timers what we think they are, and on the wall clock? */
static bool check(void)
{
	const struct tmr *tmr = &watch.anchor;
	const int64_t d = (int64_t)(tmr->jfs - clock_ms(CLOCK_REALTIME)) -
		ANCHOR;

	return tmr->le.list && tmr->le.data == tmr && d > -SLACK && d < SLACK;
}


/**
 * Begin to watch the wall clock, on libre's loop
 *
 * @return 0 if success; ENOTSUP if libre's timers are no concern of it;
 *         otherwise errorcode
 */
int clockwatch_init(void)
{
	int err;

	if (watch.fd >= 0)
		return EALREADY;

	anchor_handler(NULL);
	if (!check()) {
		tmr_cancel(&watch.anchor);
		return ENOTSUP;
	}

	watch.offset = offset();
	watch.fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	if (watch.fd < 0) {
		err = errno;
		goto out;
	}

	err = arm();
	if (!err)
		err = fdset_listen(&watch.fd, fd_handler, NULL);

 out:
	if (err)
		clockwatch_close();

	return err;
}


/**
 * Watch the wall clock no more
 */
void clockwatch_close(void)
{
	tmr_cancel(&watch.anchor);

	if (watch.fd < 0)
		return;

	fdset_close(watch.fd);
	(void)close(watch.fd);
	watch.fd = -1;
}
