/**
 * @file drain.c  An instance takes no more calls, and those that it has are
 *                waited for
 *
 * It is told by its console, and asked by systemd's status of it.
 */
#include <errno.h>
#include <string.h>
#include <time.h>
#include <re.h>
#include "console.h"
#include "interrupt.h"
#include "office.h"
#include "sync.h"
#include "drain.h"


enum {
	POLL = 200,             /**< How often it is looked [ms]           */
	END = 25,               /**< Longest that an end may take [s]      */
};


static void wait_ms(long ms)
{
	const struct timespec ts = {ms / 1000, ms % 1000 * 1000000};

	(void)nanosleep(&ts, NULL);
}


static uint64_t now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);

	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}


/* UINT32_MAX if it does not say */
static uint32_t calls_of(const char *status)
{
	struct pl n;

	if (re_regex(status, strlen(status), ", [0-9]+ call", &n))
		return UINT32_MAX;

	return pl_u32(&n);
}


/**
 * Have an instance take calls, or no more
 *
 * @param console Path of its console
 * @param on      No more
 *
 * @return 0 if success, ENOENT or ECONNREFUSED if it has no such console (one
 *         that a version made that had another), otherwise why it could not be
 *         told
 */
int drain_tell(const char *console, bool on)
{
	struct mbuf *mb = mbuf_alloc(256);
	bool ok = false;
	int err;

	if (!mb)
		return ENOMEM;

	err = console_ask(console, on ? "cube_drain on" : "cube_drain off",
			  mb, &ok);
	mem_deref(mb);

	return err ? err : ok ? 0 : EPROTO;
}


/**
 * Have an instance take no more calls, and wait for those that it has
 *
 * @param unit    Its unit
 * @param console Path of its console
 * @param limit   Longest that is waited [s]
 * @param left    Set to how many calls are left
 *
 * @return 0 if success, ETIMEDOUT if calls are left, EINTR if nobody wants it
 *         any more, otherwise why it could not be told, or asked; those that it
 *         has are waited for all the same
 */
int drain_wait(const char *unit, const char *console, uint32_t limit,
	       uint32_t *left)
{
	const uint64_t end = now_ms() + (uint64_t)limit * 1000;
	const int untold = drain_tell(console, true);
	struct unit_look how;
	int err;

	*left = 0;

	for (;;) {

		if (interrupt_was())
			return EINTR;

		err = systemctl_look(&how, unit);
		if (err)
			return err;

		/* it has ended by itself, or is waited for no more */
		*left = calls_of(how.status);
		if (!*left || strncmp(how.status, "active ", 7))
			return untold;
		if (now_ms() >= end)
			return ETIMEDOUT;

		wait_ms(POLL);
	}
}


/**
 * End an instance with the calls that it has. systemd's stop would wait for
 * them (connectycube_drain_time)
 *
 * @param unit Its unit
 *
 * @return 0 if success, otherwise errorcode
 */
int drain_end(const char *unit)
{
	const uint64_t end = now_ms() + END * 1000;
	struct unit_look how;
	int err;

	err = systemctl_interrupt(unit);

	while (!err) {

		err = systemctl_look(&how, unit);
		if (err || !strncmp(how.status, "inactive ", 9) ||
		    !strncmp(how.status, "failed ", 7))
			break;
		if (now_ms() >= end)
			return ETIMEDOUT;

		wait_ms(POLL);
	}

	return err;
}


/**
 * Is an instance registered (or with Asterisk's manager), and online?
 *
 * @param status What systemd says of it
 *
 * @return True if it is
 */
bool drain_is_well(const char *status)
{
	return !strncmp(status, "active ", 7) &&
		strstr(status, " and online, ") != NULL;
}


/**
 * Wait until a unit is as it should be
 *
 * @param how    Set to how it is in the end
 * @param unit   Unit
 * @param limit  Longest that is waited [s]
 * @param readyh Is it?
 * @param arg    Handler argument
 *
 * @return 0 if success, ETIMEDOUT if it is not, otherwise errorcode
 */
int drain_ready(struct unit_look *how, const char *unit, uint32_t limit,
		drain_ready_h *readyh, const void *arg)
{
	const uint64_t end = now_ms() + (uint64_t)limit * 1000;
	int err;

	for (;;) {

		err = systemctl_look(how, unit);
		if (err)
			return err;

		if (readyh(how->status, arg))
			return 0;

		/* it does not come back */
		if (!strncmp(how->status, "failed ", 7) || now_ms() >= end)
			return ETIMEDOUT;

		wait_ms(POLL);
	}
}
