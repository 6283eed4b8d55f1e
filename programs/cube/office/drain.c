/**
 * @file drain.c  An instance takes no more calls, and those that it has are
 *                waited for
 *
 * It is told by its console, and asked by systemd's status of it.
 */
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <re.h>
#include "interrupt.h"
#include "office.h"
#include "sync.h"
#include "drain.h"


enum {
	CONSOLE = 5,            /**< Longest that it may take [s]          */
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


/* Answered or not: its status tells */
static int tell(uint16_t port, const char *json)
{
	const struct sockaddr_in sin = {.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	const struct timeval tv = {.tv_sec = CONSOLE};
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char buf[256];
	int n, err = 0;

	if (fd < 0)
		return errno;

	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));

	n = re_snprintf(buf, sizeof(buf), "%zu:%s,", strlen(json), json);
	if (n < 0)
		err = ENOBUFS;
	else if (connect(fd, (const struct sockaddr *)&sin, sizeof(sin)) ||
		 send(fd, buf, (size_t)n, MSG_NOSIGNAL) != n)
		err = errno;
	else if (recv(fd, buf, sizeof(buf), 0) <= 0)
		err = errno ? errno : EPIPE;
	(void)close(fd);

	return err;
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
 * @param port Port of its console
 * @param on   No more
 *
 * @return 0 if success, otherwise why it could not be told
 */
int drain_tell(uint16_t port, bool on)
{
	return tell(port, on ? "{\"command\":\"cube_drain\","
		    "\"params\":\"on\"}" : "{\"command\":\"cube_drain\","
		    "\"params\":\"off\"}");
}


/**
 * Have an instance take no more calls, and wait for those that it has
 *
 * @param unit  Its unit
 * @param port  Port of its console
 * @param limit Longest that is waited [s]
 * @param left  Set to how many calls are left
 *
 * @return 0 if success, ETIMEDOUT if calls are left, EINTR if nobody wants it
 *         any more, otherwise why it could not be told, or asked; those that it
 *         has are waited for all the same
 */
int drain_wait(const char *unit, uint16_t port, uint32_t limit,
	       uint32_t *left)
{
	const uint64_t end = now_ms() + (uint64_t)limit * 1000;
	const int untold = drain_tell(port, true);
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
 * Is an instance registered and online?
 *
 * @param status What systemd says of it
 *
 * @return True if it is
 */
bool drain_is_well(const char *status)
{
	return !strncmp(status, "active ", 7) &&
		strstr(status, " registered and online, ") != NULL;
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
