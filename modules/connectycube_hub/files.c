/**
 * @file connectycube_hub/files.c  Files: one hub alone, and names that last
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
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


/**
 * Have the name of a new file on the disk
 *
 * @param path Path of the file
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_sync_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	char dir[1024];
	int fd, err = 0;

	if (re_snprintf(dir, sizeof(dir), "%b", path,
			slash ? (size_t)(slash - path) + 1 : 0) < 0)
		return ENAMETOOLONG;

	fd = open(dir[0] ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno;

	if (fsync(fd))
		err = errno;
	(void)close(fd);

	return err;
}
