/**
 * @file connectycube_hub/files.c  Files: one hub alone
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include <sys/file.h>
#include <re.h>
#include "hub.h"


/**
 * Be the only one who uses something, until the process ends
 *
 * @param fdp  Set to what is to be closed to give it back
 * @param path Its path; PATH.lock is left behind
 *
 * @return 0 if success, EBUSY if another one does, otherwise errorcode
 */
int hub_lock(int *fdp, const char *path)
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
