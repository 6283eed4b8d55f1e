/**
 * @file base/filelock.c  What one process alone may use
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include <sys/file.h>
#include <re.h>
#include "filelock.h"


enum {
	TRIES  = 30,            /**< To be the only one                    */
	TRY_MS = 100,           /**< Between them [ms]                     */
};


/**
 * Be the only one who uses something, until the process ends
 *
 * @param fdp  Set to what is to be closed to give it back
 * @param path Its path; PATH.lock is left behind
 *
 * @return 0 if success, EBUSY if another one does, otherwise errorcode
 */
int file_lock(int *fdp, const char *path)
{
	char lock[512];
	int fd, err = 0;

	if (!fdp || !path)
		return EINVAL;

	if (re_snprintf(lock, sizeof(lock), "%s.lock", path) < 0)
		return ENAMETOOLONG;

	fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return errno;

	if (flock(fd, LOCK_EX | LOCK_NB))
		err = errno == EWOULDBLOCK ? EBUSY : errno;

	if (err)
		(void)close(fd);
	else
		*fdp = fd;

	return err;
}


/**
 * The same, of a process that starts: what was killed a moment ago may have
 * begun a child, which has all that was open until it runs and closes it. It
 * waits for that, for up to three seconds
 *
 * @param fdp  Set to what is to be closed to give it back
 * @param path Its path; PATH.lock is left behind
 *
 * @return 0 if success, EBUSY if another one does, otherwise errorcode
 */
int file_lock_start(int *fdp, const char *path)
{
	unsigned n;
	int err;

	for (n=0; n<TRIES; n++) {

		err = file_lock(fdp, path);
		if (err != EBUSY)
			break;

		sys_msleep(TRY_MS);
	}

	return err;
}
