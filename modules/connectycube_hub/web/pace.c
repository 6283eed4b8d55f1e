/**
 * @file connectycube_hub/web/pace.c  How fast somebody takes an answer
 *
 * What the kernel has taken says little: it has room for megabytes, and tells
 * that there is room again when a third of it is free. So it is asked what the
 * other side has not acknowledged. Who takes a byte now and then has a
 * connection, and a file, for himself as long as he likes.
 *
 * Pure, but for asking the kernel.
 */
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include "route.h"
#include "web.h"


enum {
	LEAST = 32768,          /**< Between two looks [bytes]             */
};


/* What is still on this side [bytes] */
static int64_t waits(int fd)
{
	int n = 0;

	return ioctl(fd, SIOCOUTQ, &n) ? 0 : n;
}


/**
 * Another answer goes out
 *
 * @param p  Pace
 * @param fd Socket
 */
void web_pace_begin(struct web_pace *p, int fd)
{
	p->taken = p->sent - waits(fd);
}


/**
 * Was enough taken since the last look?
 *
 * @param p  Pace
 * @param fd Socket
 *
 * @return True if so
 */
bool web_pace_holds(struct web_pace *p, int fd)
{
	const int64_t taken = p->sent - waits(fd);
	const bool holds = taken >= p->taken + LEAST;

	p->taken = taken;

	return holds;
}
