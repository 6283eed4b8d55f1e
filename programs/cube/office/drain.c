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


enum {
	CONSOLE = 5,            /**< Longest that it may take [s]          */
	POLL = 200,             /**< How often it is looked [ms]           */
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


/**
 * Have an instance take calls again
 *
 * @param port Port of its console
 */
void drain_undo(uint16_t port)
{
	interrupt_hold();
	(void)tell(port, "{\"command\":\"cube_drain\","
		   "\"params\":\"off\"}");
	interrupt_release();
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
 * Have an instance take no more calls, and wait for those that it has
 *
 * @param name  Name of the instance
 * @param port  Port of its console
 * @param limit Longest that is waited [s]
 * @param left  Set to how many calls are left
 *
 * @return 0 if success, ETIMEDOUT if calls are left; ECANCELED if we are
 *         interrupted, or it cannot be asked: it takes calls again; otherwise
 *         why it could not be told, those that it has were waited for all the
 *         same
 */
int drain_wait(const char *name, uint16_t port, uint32_t limit,
	       uint32_t *left)
{
	const uint64_t end = now_ms() + (uint64_t)limit * 1000;
	const int untold = tell(port, "{\"command\":\"cube_drain\","
				"\"params\":\"on\"}");
	char status[SYNC_PATH];
	int err;

	*left = 0;

	for (;;) {

		err = systemctl_status(status, sizeof(status), name);
		if (err || interrupt_was()) {
			drain_undo(port);
			return ECANCELED;
		}

		/* it has ended by itself, or is waited for no more */
		*left = calls_of(status);
		if (!*left || strncmp(status, "active ", 7))
			return untold;
		if (now_ms() >= end)
			return ETIMEDOUT;

		wait_ms(POLL);
	}
}


static int end_calls(const char *name)
{
	char *unit = NULL;
	int err = re_sdprintf(&unit, "connectycube-bridge@%s.service", name);

	if (!err) {

		char *argv[] = {(char *)"systemctl", (char *)"kill",
			(char *)"--kill-whom=main", (char *)"--signal=TERM",
			(char *)"--", unit, NULL};

		err = systemd_run(argv);
	}
	mem_deref(unit);

	return err;
}


/**
 * Stop an instance, whose calls have had their time: it would wait for them
 * once more (connectycube_drain_time), if it were not told twice. It may not
 * have ended yet
 *
 * @param name Name of the instance
 *
 * @return 0 if success, otherwise errorcode
 */
int drain_end(const char *name)
{
	const uint64_t end = now_ms() + CONSOLE * 1000;
	const char *const namev[] = {name};
	char status[SYNC_PATH];
	int err;

	err = systemctl_run("stop", false, namev, 1);

	while (!err && now_ms() < end) {

		err = systemctl_status(status, sizeof(status), name);
		if (!err && strstr(status, ", ends when they have"))
			return end_calls(name);
		if (err || (strncmp(status, "active ", 7) &&
			    strncmp(status, "deactivating ", 13)))
			break;

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
 * Wait until an instance is registered and online
 *
 * @param name   Name of the instance
 * @param limit  Longest that is waited [s]
 * @param any    It is enough that it runs
 * @param status Set to what systemd says of it in the end
 * @param size   Room there [bytes]
 *
 * @return 0 if success, ETIMEDOUT if it is not, otherwise errorcode
 */
int drain_ready(const char *name, uint32_t limit, bool any, char *status,
		size_t size)
{
	const uint64_t end = now_ms() + (uint64_t)limit * 1000;
	int err;

	for (;;) {

		err = systemctl_status(status, size, name);
		if (err)
			return err;

		if (drain_is_well(status) ||
		    (any && !strncmp(status, "active ", 7)))
			return 0;

		/* it does not come back */
		if (!strncmp(status, "failed", 6) || now_ms() >= end)
			return ETIMEDOUT;

		wait_ms(POLL);
	}
}
