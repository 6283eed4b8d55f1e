/**
 * @file clockshim.c  A wall clock that a test sets, for one process
 *
 * To be preloaded. Lines written to the FIFO $CLOCK_SHIM are what the wall clock
 * is ahead of the machine's [ms], in whatever moment that is. With $CLOCK_SHIM_ALL
 * time has passed: CLOCK_BOOTTIME, which the timers follow, is ahead as well, and with
 * $CLOCK_SHIM_MONO CLOCK_MONOTONIC, which libraries follow; of two numbers in a line the
 * second one is what the wall clock alone is ahead beyond that. Each line is written to
 * $CLOCK_SHIM.seen once it is so.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/syscall.h>
#include <sys/time.h>


#define EXPORT __attribute__((visibility("default")))

static _Atomic long long ahead; /* [ns] */
static _Atomic long long wrong; /* the same, of the wall clock alone */
static int passes;              /* time does, too */
static int mono;                /* ... to libraries, too */
static int seen = -1;


static void *thread(void *arg)
{
	char line[64], *end;
	FILE *f = arg;

	while (fgets(line, sizeof(line), f)) {
		ahead = strtoll(line, &end, 10) * 1000000;
		wrong = strtoll(end, NULL, 10) * 1000000;
		if (seen >= 0 && write(seen, line, strlen(line)) < 0)
			abort();
	}

	return NULL;
}


__attribute__((constructor))
static void init(void)
{
	const char *path = getenv("CLOCK_SHIM");
	sigset_t all, old;
	char name[4096];
	pthread_t tid;
	int fd;

	/* for writing too: it never ends */
	fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	if (fd < 0)
		return;

	passes = getenv("CLOCK_SHIM_ALL") != NULL;
	mono = getenv("CLOCK_SHIM_MONO") != NULL;
	if (passes) {
		snprintf(name, sizeof(name), "%s.seen", path);
		seen = open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
			    0600);
	}

	/* its signals are the process's */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	if (pthread_create(&tid, NULL, thread, fdopen(fd, "r")))
		abort();
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}


EXPORT
int clock_gettime(clockid_t id, struct timespec *ts)
{
	long long ns;

	if (syscall(SYS_clock_gettime, id, ts))
		return -1;

	if (id != CLOCK_REALTIME && id != CLOCK_REALTIME_COARSE &&
	    !(passes && id == CLOCK_BOOTTIME) &&
	    !(mono && id == CLOCK_MONOTONIC))
		return 0;

	ns = ts->tv_sec * 1000000000LL + ts->tv_nsec + ahead;
	if (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)
		ns += wrong;
	ts->tv_sec  = ns / 1000000000;
	ts->tv_nsec = ns % 1000000000;

	return 0;
}


EXPORT
int gettimeofday(struct timeval *restrict tv, void *restrict tz)
{
	struct timespec ts;
	(void)tz;

	if (clock_gettime(CLOCK_REALTIME, &ts))
		return -1;

	tv->tv_sec  = ts.tv_sec;
	tv->tv_usec = ts.tv_nsec / 1000;

	return 0;
}


EXPORT
time_t time(time_t *t)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_REALTIME, &ts);
	if (t)
		*t = ts.tv_sec;

	return ts.tv_sec;
}
