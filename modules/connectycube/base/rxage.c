/**
 * @file base/rxage.c  How long a datagram has waited to be read
 *
 * Linux stamps datagrams of a socket from the first time on that it is asked
 * for that, and remembers the stamp of the one that was read last: who wants to
 * know it of some asks for those, and no other one costs a system call.
 */
#include <time.h>
#include <sys/ioctl.h>
#include <linux/sockios.h>
#include <re.h>
#include "base/mono.h"
#include "base/rxage.h"


enum {
	AGE_MAX = 5000000,      /**< More is a clock that was set [us]     */
};


/**
 * Get the time since the kernel has got the datagram that was read last
 *
 * @param fd Socket
 *
 * @return Time, at least 1 [us]; 0 if it is not known: the first time, or
 *         when the clock was set in between
 */
uint32_t rxage_us(int fd)
{
	struct timespec ts;
	uint64_t us;

	if (fd < 0 || ioctl(fd, SIOCGSTAMPNS, &ts))
		return 0;

	us = wall_us() - ((uint64_t)ts.tv_sec * 1000000 +
			  (uint64_t)ts.tv_nsec / 1000);

	return us > AGE_MAX ? 0 : (uint32_t)max(us, (uint64_t)1);
}
