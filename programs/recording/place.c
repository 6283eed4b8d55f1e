/**
 * @file place.c  A file is there when it is whole, or not at all
 *
 *   DIR/.NAME.part -- written, synced --> DIR/NAME, which must not be there
 *
 * What a process leaves behind that was killed is overwritten by the next.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <re.h>
#include "base/folder.h"
#include "recording.h"
#include "output.h"


enum { MODE = 0640 };

struct rec_place {
	char *path;             /**< Where it goes (owner)                 */
	char *dir;              /**< Its folder (owner)                    */
	char *tmp;              /**< Where it is made (owner)              */
	int fd;                 /**< That, locked                          */
	bool done;              /**< It has its name                       */
};


static void destructor(void *arg)
{
	struct rec_place *p = arg;

	if (p->fd >= 0) {
		if (!p->done)
			(void)unlink(p->tmp);
		(void)close(p->fd);
	}
	mem_deref(p->tmp);
	mem_deref(p->dir);
	mem_deref(p->path);
}


static int make_names(struct rec_place *p, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	int err;

	if (!*name)
		return EISDIR;

	err = str_dup(&p->path, path);
	if (!err && !slash)
		err = str_dup(&p->dir, ".");
	else if (!err)
		err = re_sdprintf(&p->dir, "%b", path,
				  slash == path ? (size_t)1
				  : (size_t)(slash - path));
	if (!err)
		err = re_sdprintf(&p->tmp, "%s/.%s.part", p->dir, name);

	return err;
}


static int open_tmp(struct rec_place *p)
{
	struct stat mine, there;
	int fd, err;

	fd = open(p->tmp, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, MODE);
	if (fd < 0)
		return errno;

	/* another one may be at it, or have just given it its name */
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		err = errno == EWOULDBLOCK ? EBUSY : errno;
		goto out;
	}
	if (fstat(fd, &mine) || stat(p->tmp, &there) ||
	    mine.st_ino != there.st_ino) {
		err = EBUSY;
		goto out;
	}

	err = ftruncate(fd, 0) || fchmod(fd, MODE) ? errno : 0;

 out:
	if (err)
		(void)close(fd);
	else
		p->fd = fd;

	return err;
}


/**
 * Take the place for a file
 *
 * @param pp   Pointer to allocated place; without rec_place_done() nothing
 *             is left when it goes
 * @param path Path of the file
 * @param why  Set to what is wrong
 * @param size Size of that
 *
 * @return 0 if success, EEXIST if there is a file, EBUSY if another process
 *         makes it, otherwise errorcode
 */
int rec_place_alloc(struct rec_place **pp, const char *path, char *why,
		    size_t size)
{
	struct rec_place *p;
	struct stat st;
	int err;

	if (!pp || !path || !why)
		return EINVAL;

	p = mem_zalloc(sizeof(*p), destructor);
	if (!p)
		return ENOMEM;

	p->fd = -1;
	err = make_names(p, path);
	if (!err && !lstat(path, &st))
		err = EEXIST;
	if (!err)
		err = open_tmp(p);

	if (err) {
		re_snprintf(why, size, "%s: %s", path,
			    err == EBUSY ? "another process is making it"
			    : err == EEXIST ? "is there already, and is left"
			    : strerror(err));
		mem_deref(p);
	}
	else {
		*pp = p;
	}

	return err;
}


/**
 * Get the path where a file is made
 *
 * @param p Place
 *
 * @return Path
 */
const char *rec_place_tmp(const struct rec_place *p)
{
	return p ? p->tmp : NULL;
}


/**
 * A file is whole: give it its name
 *
 * @param p      Place
 * @param bytes  Set to its size
 * @param sha256 Set to its check sum
 * @param why    Set to what is wrong
 * @param size   Size of that
 *
 * @return 0 if success, when it is on the disk; otherwise errorcode
 */
int rec_place_done(struct rec_place *p, uint64_t *bytes,
		   char sha256[FILESUM_SIZE], char *why, size_t size)
{
	int err;

	if (!p || !bytes || !sha256)
		return EINVAL;

	err = fsync(p->fd) ? errno : 0;
	if (!err)
		err = filesum_sha256(sha256, bytes, p->fd);
	if (!err)
		err = folder_rename_new(p->tmp, p->path);
	if (!err) {
		p->done = true;
		err = folder_sync(p->path);
	}
	if (err)
		re_snprintf(why, size, "%s: %m", p->path, err);

	return err;
}
