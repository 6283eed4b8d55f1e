/**
 * @file partfile.c  A file that is fetched: beside it until it is whole
 *
 *   FILE.part --(rest comes, SHA-256 is right)--> FILE
 *
 * What is there is never written over, and what is there in part is gone on
 * with, whoever has left it.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <re_types.h>
#include <re_fmt.h>
#include "base/filesum.h"
#include "cli.h"


enum {
	MODE = 0600,            /**< It is what people have said           */
};


/* Whoever had it before may have given it its name meanwhile */
static int take_part(struct cli_part *part)
{
	struct stat st, now;

	if (flock(part->fd, LOCK_EX | LOCK_NB))
		return errno == EWOULDBLOCK ? EBUSY : errno;
	if (fstat(part->fd, &st))
		return errno;
	if (!S_ISREG(st.st_mode))
		return EINVAL;
	if (lstat(part->path, &now) || now.st_ino != st.st_ino)
		return EBUSY;

	part->have = (uint64_t)st.st_size;

	return 0;
}


static int open_part(struct cli_part *part)
{
	int err;

	part->fd = open(part->path, O_RDWR | O_CREAT | O_NOFOLLOW |
			O_NONBLOCK | O_CLOEXEC, MODE);
	if (part->fd < 0)
		return errno;

	err = take_part(part);
	if (err) {
		(void)close(part->fd);
		part->fd = -1;
	}

	return err;
}


/**
 * Open what is to become a file
 *
 * @param part Set to it; cli_part_close() in either case
 * @param file What it shall be called; stays with the caller
 * @param sum  SHA-256 of what shall be in it, hex, ""=not known; likewise
 *
 * @return 0 if success, EEXIST if that is there, EBUSY if somebody else fetches
 *         it, ENAMETOOLONG, otherwise errorcode
 */
int cli_part_open(struct cli_part *part, const char *file, const char *sum)
{
	struct stat st;

	part->fd   = -1;
	part->have = 0;
	part->file = file;
	part->etag = sum;

	if (re_snprintf(part->path, sizeof(part->path), "%s.part", file) < 0)
		return ENAMETOOLONG;

	return lstat(file, &st) ? open_part(part) : EEXIST;
}


/**
 * Is it what it shall be?
 *
 * @param part All of it
 *
 * @return 0 if it is, or if nobody knows; EBADMSG if it is not, otherwise
 *         errorcode
 */
int cli_part_check(const struct cli_part *part)
{
	char hex[FILESUM_SIZE];
	uint64_t bytes;
	int err;

	if (strlen(part->etag) != FILESUM_SIZE - 1)
		return 0;

	err = filesum_sha256(hex, &bytes, part->fd);
	if (err)
		return err;

	return strcmp(hex, part->etag) ? EBADMSG : 0;
}


/**
 * Nothing of it is any good
 *
 * @param part What there is
 *
 * @return 0 if success, otherwise errorcode
 */
int cli_part_empty(struct cli_part *part)
{
	part->have = 0;

	return ftruncate(part->fd, 0) ? errno : 0;
}


/**
 * It is whole: it gets its name
 *
 * @param part All of it
 *
 * @return 0 if success, EEXIST if something has that name by now, otherwise
 *         errorcode
 */
int cli_part_done(struct cli_part *part)
{
	if (fsync(part->fd))
		return errno;

	if (!renameat2(AT_FDCWD, part->path, AT_FDCWD, part->file,
		       RENAME_NOREPLACE))
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return errno;

	/* not every file system knows how */
	if (link(part->path, part->file))
		return errno;
	(void)unlink(part->path);

	return 0;
}


/**
 * Close it. What there is of it stays, unless that is nothing
 *
 * @param part File
 */
void cli_part_close(struct cli_part *part)
{
	if (part->fd < 0)
		return;

	if (!part->have)
		(void)unlink(part->path);
	(void)close(part->fd);
	part->fd = -1;
}
