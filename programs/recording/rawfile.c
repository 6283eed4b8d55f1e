/**
 * @file rawfile.c  A raw file: opened, not in use by its writer any more, mapped
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <re.h>
#include "recording.h"


struct rec_file {
	int fd;
	void *p;                /**< The file, mapped (owner)              */
	size_t len;             /**< Its length [bytes]                    */
	struct rec *rec;        /**< What is in it (owner)                 */
};


static void destructor(void *arg)
{
	struct rec_file *f = arg;

	mem_deref(f->rec);
	if (f->p)
		(void)munmap(f->p, f->len);
	if (f->fd >= 0)
		(void)close(f->fd);
}


static int map(struct rec_file *f, const char *path, char *why, size_t size)
{
	struct stat st;
	int err;

	f->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (f->fd < 0 || fstat(f->fd, &st)) {
		err = errno;
		re_snprintf(why, size, "cannot be opened: %m", err);
		return err;
	}

	if (!S_ISREG(st.st_mode) || st.st_size <= 0) {
		re_snprintf(why, size, st.st_size ? "is no file" : "is empty");
		return EBADMSG;
	}

	/* its writer has it locked as long as it writes */
	if (flock(f->fd, LOCK_SH | LOCK_NB)) {
		err = errno;
		re_snprintf(why, size, err == EWOULDBLOCK
			    ? "is still being written" : "cannot be locked");
		return err;
	}

	/* what was written last, before that lock */
	if (fstat(f->fd, &st))
		return errno;

	f->len = (size_t)st.st_size;
	f->p = mmap(NULL, f->len, PROT_READ, MAP_PRIVATE, f->fd, 0);
	if (f->p == MAP_FAILED) {
		f->p = NULL;
		re_snprintf(why, size, "cannot be mapped: %m", errno);
		return errno;
	}

	return 0;
}


/**
 * Open a raw file
 *
 * @param fp   Pointer to allocated file
 * @param path Its path
 * @param why  Set to what is wrong
 * @param size Size of that
 *
 * @return 0 if success, EWOULDBLOCK if it is still being written, EBADMSG or
 *         EPROTO as rec_parse(), otherwise errorcode
 */
int rec_file_open(struct rec_file **fp, const char *path, char *why,
		  size_t size)
{
	struct rec_file *f;
	int err;

	if (!fp || !path || !why)
		return EINVAL;

	f = mem_zalloc(sizeof(*f), destructor);
	if (!f)
		return ENOMEM;

	f->fd = -1;
	err = map(f, path, why, size);
	if (!err)
		err = rec_parse(&f->rec, f->p, f->len, why, size);

	if (err)
		mem_deref(f);
	else
		*fp = f;

	return err;
}


/**
 * Get what is in a raw file
 *
 * @param f File
 *
 * @return What is in it, as long as the file is open
 */
const struct rec *rec_file_rec(const struct rec_file *f)
{
	return f ? f->rec : NULL;
}
