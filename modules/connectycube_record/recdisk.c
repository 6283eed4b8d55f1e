/**
 * @file connectycube_record/recdisk.c  The files of recordings, on the disk
 *
 * Pure.
 */
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <string.h>
#include <unistd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <re.h>
#include "base/fdwrite.h"
#include "base/folder.h"
#include "base/mono.h"
#include "recdisk.h"


#define TMP ".tmp"

enum {
	TMP_AGE = 60,           /**< Who has died, not begun [s]           */
};


static bool is_tmp(const char *name)
{
	const size_t len = strlen(name), suffix = strlen(TMP);

	return name[0] == '.' && len > suffix &&
		!strcmp(name + len - suffix, TMP);
}


/* Of a process that died before its recording was one. Those that are locked
   are of others, who have the same folder */
static void tmp_handler(int dir, const char *name, void *arg)
{
	struct stat st;
	int fd;
	(void)arg;

	if (!is_tmp(name))
		return;

	fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
		    O_CLOEXEC);
	if (fd < 0)
		return;

	if (!fstat(fd, &st) && S_ISREG(st.st_mode) &&
	    time(NULL) - st.st_mtime >= TMP_AGE &&
	    !flock(fd, LOCK_EX | LOCK_NB))
		(void)unlinkat(dir, name, 0);

	(void)close(fd);
}


/* One that may not be written would be found out by the first call. Whatever
   has that name is not ours */
static int probe(int dir)
{
	char name[RECDISK_NAME];
	int fd;

	(void)re_snprintf(name, sizeof(name), ".probe-%d" TMP, (int)getpid());

	(void)unlinkat(dir, name, 0);
	fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	if (fd < 0)
		return errno;

	(void)close(fd);

	return unlinkat(dir, name, 0) ? errno : 0;
}


/**
 * Open the folder of recordings, which is made if it is not there. Others may
 * have it, too
 *
 * @param dirp Set to its descriptor
 * @param path Path
 *
 * @return 0 if success, otherwise why nothing can be written there
 */
int recdisk_spool(int *dirp, const char *path)
{
	int dir, err;

	if (!dirp || !path)
		return EINVAL;

	err = folder_make(path, 0750);
	if (err)
		return err;

	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return errno;

	err = probe(dir);
	if (err) {
		(void)close(dir);
		return err;
	}

	folder_each(dir, tmp_handler, NULL);
	*dirp = dir;

	return 0;
}


/* It has a name when it is a recording, and is locked before that */
static int publish(int fd, int dir, const char *tmp, const char *name,
		   const struct mbuf *mb)
{
	int err;

	/* whatever the umask says: its readers may be of the same group */
	if (flock(fd, LOCK_EX | LOCK_NB) || fchmod(fd, 0640))
		return errno;

	err = fdwrite(fd, mb->buf, mb->end, NULL);
	if (err)
		return err;

	if (fsync(fd) ||
	    renameat2(dir, tmp, dir, name, RENAME_NOREPLACE))
		return errno;

	/* one that was told to have failed is not to be found later */
	if (fsync(dir)) {
		err = errno;
		(void)unlinkat(dir, name, 0);
	}

	return err;
}


/**
 * Create a file, and have it on the disk
 *
 * @param rd   File
 * @param dir  Folder
 * @param name Its name there
 * @param mb   What is in it, from its first byte
 *
 * @return 0 if success, otherwise errorcode: there is no file
 */
int recdisk_create(struct recdisk *rd, int dir, const char *name,
		   const struct mbuf *mb)
{
	char tmp[RECDISK_NAME + 8];
	int fd, err;

	if (!rd || !name || !mb)
		return EINVAL;
	if (re_snprintf(tmp, sizeof(tmp), ".%s" TMP, name) < 0)
		return ENAMETOOLONG;

	fd = openat(dir, tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	if (fd < 0)
		return errno;

	err = publish(fd, dir, tmp, name, mb);
	if (err) {
		(void)unlinkat(dir, tmp, 0);
		(void)close(fd);
		return err;
	}

	rd->fd     = fd;
	rd->good   = (off_t)mb->end;
	rd->torn   = false;
	rd->dirty  = false;
	rd->t_sync = mono_us();

	return 0;
}


/* A piece that was begun would hide all behind it */
static int mend(struct recdisk *rd)
{
	if (!rd->torn)
		return 0;

	if (ftruncate(rd->fd, rd->good) ||
	    lseek(rd->fd, rd->good, SEEK_SET) < 0)
		return errno;

	rd->torn = false;

	return 0;
}


/**
 * Append to a file, all or nothing
 *
 * @param rd File
 * @param mb What is appended, from its first byte
 *
 * @return 0 if success, otherwise errorcode
 */
int recdisk_append(struct recdisk *rd, const struct mbuf *mb)
{
	int err;

	if (!rd || !mb || rd->fd < 0)
		return EINVAL;

	err = mend(rd);
	if (err)
		return err;

	rd->torn = true;
	err = fdwrite(rd->fd, mb->buf, mb->end, NULL);
	if (err) {
		(void)mend(rd);
		return err;
	}

	rd->torn  = false;
	rd->dirty = true;
	rd->good += (off_t)mb->end;

	return 0;
}


/**
 * Have on the disk what was appended
 *
 * @param rd File
 *
 * @return 0 if success, otherwise errorcode
 */
int recdisk_sync(struct recdisk *rd)
{
	if (!rd || rd->fd < 0)
		return EINVAL;

	rd->t_sync = mono_us();
	if (!rd->dirty)
		return 0;

	rd->dirty = false;

	return fdatasync(rd->fd) ? errno : 0;
}


/**
 * Close a file. Whoever waits for its lock has it then
 *
 * @param rd File
 *
 * @return 0 if success, or there is none; otherwise what was not written
 */
int recdisk_close(struct recdisk *rd)
{
	int err;

	if (!rd || rd->fd < 0)
		return 0;

	err = recdisk_sync(rd);
	if (close(rd->fd) && !err)
		err = errno;
	rd->fd = -1;

	return err;
}
