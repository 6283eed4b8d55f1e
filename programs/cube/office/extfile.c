/**
 * @file office/extfile.c  extensions.conf, while it is changed
 *
 * One program at a time has it: a lock on its folder, which is no file that
 * stays. It is written beside the old one, which takes its place at once: who
 * reads meanwhile has the old one whole, or the new one. What somebody has
 * written meanwhile who knows of no lock (an editor) is not written over.
 *
 * It is the owner's whose it was. A new one is of the folder's group, root's:
 * not of connectycube-bridge, which all bridges are in, and a file that takes
 * another's place is not hidden from those that run (InaccessiblePaths=).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <re.h>
#include "base/fdwrite.h"
#include "config/conftext.h"
#include "extfile.h"

#define NAME "extensions.conf"


struct extfile {
	struct mbuf *mb;        /**< Text (owned)                          */
	char path[EXTFILE_PATH]; /**< Where it really is                   */
	int dirfd;              /**< Its folder, which is locked           */
	struct stat st;         /**< As it was read; st_nlink 0=not there  */
	gid_t gid;              /**< Whose group it is                     */
};


static void destructor(void *arg)
{
	struct extfile *f = arg;

	mem_deref(f->mb);
	if (f->dirfd >= 0)
		(void)close(f->dirfd);
}


static int fail(char *why, size_t size, const char *path, int err)
{
	(void)re_snprintf(why, size, "%s: %m", path, err);

	return err;
}


static int lock(struct extfile *f, const char *dir, char *why, size_t size)
{
	struct stat st;

	f->dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (f->dirfd < 0 || fstat(f->dirfd, &st))
		return fail(why, size, dir, errno);

	f->gid = st.st_gid;

	while (flock(f->dirfd, LOCK_EX)) {
		if (errno != EINTR)
			return fail(why, size, dir, errno);
	}

	return 0;
}


/* The file, or what a link of that name leads to */
static int find(struct extfile *f, const char *dir)
{
	char path[EXTFILE_PATH], *real;

	if (re_snprintf(path, sizeof(path), "%s/" NAME, dir) < 0)
		return ENAMETOOLONG;

	real = realpath(path, NULL);
	if (!real && errno != ENOENT)
		return errno;

	str_ncpy(f->path, real ? real : path, sizeof(f->path));
	free(real);

	return 0;
}


static int load(struct extfile *f)
{
	bool open;
	int err;

	/* looked at before it is read: a change in between is seen */
	if (stat(f->path, &f->st)) {

		f->mb = errno == ENOENT ? mbuf_alloc(256) : NULL;
		return f->mb ? 0 : errno;
	}

	err = conf_load(&f->mb, f->path, &open);
	f->gid = f->st.st_gid;

	return err;
}


static bool is_as_it_was(const struct extfile *f)
{
	struct stat st;

	if (stat(f->path, &st))
		return errno == ENOENT && !f->st.st_nlink;

	return st.st_ino == f->st.st_ino && st.st_size == f->st.st_size &&
		st.st_mtim.tv_sec == f->st.st_mtim.tv_sec &&
		st.st_mtim.tv_nsec == f->st.st_mtim.tv_nsec;
}


/**
 * Open extensions.conf to change it; waits until nobody else does
 *
 * @param fp   Pointer to it; mem_deref() lets others have it
 * @param dir  Folder that it is in. It need not be there yet
 * @param why  Set to what is wrong
 * @param size Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int extfile_open(struct extfile **fp, const char *dir, char *why, size_t size)
{
	struct extfile *f = mem_zalloc(sizeof(*f), destructor);
	int err;

	if (!f)
		return fail(why, size, dir, ENOMEM);

	f->dirfd = -1;
	err = lock(f, dir, why, size);
	if (err)
		goto out;

	err = find(f, dir);
	if (!err)
		err = load(f);
	if (err)
		err = fail(why, size, f->path[0] ? f->path : dir, err);

 out:
	if (err)
		mem_deref(f);
	else
		*fp = f;

	return err;
}


static int write_new(const struct extfile *f, const char *path, int fd)
{
	const mode_t mode = f->st.st_nlink ? f->st.st_mode & 0660 : 0640;
	const uid_t uid = f->st.st_nlink ? f->st.st_uid : (uid_t)-1;
	size_t done;
	int err;

	/* only root may give it away; without it is as safe */
	if (fchown(fd, uid, f->gid) && errno != EPERM)
		return errno;
	if (fchmod(fd, mode))
		return errno;

	err = fdwrite(fd, f->mb->buf, f->mb->end, &done);
	if (!err && fsync(fd))
		err = errno;
	if (!err && rename(path, f->path))
		err = errno;

	return err;
}


/**
 * Write it
 *
 * @param f    File
 * @param why  Set to what is wrong; the old one is still there then
 * @param size Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int extfile_save(struct extfile *f, char *why, size_t size)
{
	char path[EXTFILE_PATH + 8];
	int fd, err;

	if (!is_as_it_was(f)) {
		(void)re_snprintf(why, size, "%s: somebody else has changed it"
				  " meanwhile: nothing is done", f->path);
		return EAGAIN;
	}

	(void)re_snprintf(path, sizeof(path), "%s.XXXXXX", f->path);
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		return fail(why, size, f->path, errno);

	err = write_new(f, path, fd);
	if (close(fd) && !err)
		err = errno;
	if (err) {
		(void)unlink(path);
		return fail(why, size, f->path, err);
	}

	/* what fails here changes nothing that could be said */
	(void)fsync(f->dirfd);

	return 0;
}


/**
 * Get the text
 *
 * @param text Set to it; valid until extfile_set()
 * @param f    File
 */
void extfile_text(struct pl *text, const struct extfile *f)
{
	text->p = (const char *)f->mb->buf;
	text->l = f->mb->end;
}


/**
 * Set the text
 *
 * @param f  File
 * @param mb New text, whose reference is taken
 */
void extfile_set(struct extfile *f, struct mbuf *mb)
{
	mem_deref(f->mb);
	f->mb = mem_ref(mb);
}


/**
 * Get where the file is
 *
 * @param f File
 *
 * @return Its path
 */
const char *extfile_path(const struct extfile *f)
{
	return f->path;
}
