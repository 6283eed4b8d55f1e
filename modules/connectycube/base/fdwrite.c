/**
 * @file base/fdwrite.c  Writing all there is
 */
#include <errno.h>
#include <unistd.h>
#include <re_types.h>
#include "base/fdwrite.h"


/**
 * Write all of something
 *
 * @param fd   Where to
 * @param buf  What
 * @param len  Its length [bytes]
 * @param done Returned: how much was written, may be NULL [bytes]
 *
 * @return 0 if success, otherwise why not all was
 */
int fdwrite(int fd, const void *buf, size_t len, size_t *done)
{
	const char *p = buf;
	size_t n = 0;
	int err = 0;

	while (n < len && !err) {

		const ssize_t r = write(fd, p + n, len - n);

		if (r >= 0)
			n += (size_t)r;
		else if (errno != EINTR)
			err = errno;
	}

	if (done)
		*done = n;

	return err;
}
