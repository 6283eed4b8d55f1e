/**
 * @file spoolfolder.c  Where an instance records
 *
 * The folder is the hub's, who collects from it, and the group's, who writes
 * there; and each instance sees its own alone, in the place of the spool
 * (connectycube-bridge@.service).
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include <sys/stat.h>
#include <re.h>
#include "office.h"
#include "sync.h"

#define FROM "from"


/* What is above it is the hub's: it is not to lead us elsewhere. Its group goes
   on to what is in it (setgid), without our doing (RestrictSUIDSGID=) */
static int open_in(int *fdp, int dir, const char *name, mode_t mode,
		   const struct stat *like)
{
	const mode_t mask = umask(0);
	const bool made = !mkdirat(dir, name, mode);
	const int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC |
			      O_NOFOLLOW);
	int err = fd < 0 ? errno : 0;

	(void)umask(mask);
	if (err)
		return err;

	if (made && fchown(fd, like->st_uid, like->st_gid))
		err = errno;

	if (err)
		(void)close(fd);
	else
		*fdp = fd;

	return err;
}


/**
 * Make the folder that an instance records into, if there is a spool
 *
 * @param s    Sync
 * @param name Name of the instance
 *
 * @return 0 if success, also if there is no spool; otherwise errorcode
 */
int sync_spool(const struct sync *s, const char *name)
{
	const int spool = open(s->spool, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int from = -1, fd = -1, err = 0;
	struct stat st;

	if (spool < 0)
		return errno == ENOENT ? 0 : errno;

	if (fstat(spool, &st))
		err = errno;
	if (!err)
		err = open_in(&from, spool, FROM, 0750, &st);
	if (!err)
		err = open_in(&fd, from, name, 0770, &st);

	if (fd >= 0)
		(void)close(fd);
	if (from >= 0)
		(void)close(from);
	(void)close(spool);

	return err;
}
