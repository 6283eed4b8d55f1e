/**
 * @file log/logfile.c  A file of the log: written, moved away, opened anew
 *
 *   bridge.log --full--> bridge.log.1 --> bridge.log.2 ... --> gone
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include <re.h>
#include "base/fdwrite.h"
#include "log/logfile.h"


/**
 * Begin a file, which is not open and has no path yet
 *
 * @param f     File
 * @param limit How long it may get [bytes], 0=any
 * @param keep  How many older ones are kept
 */
void logfile_init(struct logfile *f, uint64_t limit, unsigned keep)
{
	memset(f, 0, sizeof(*f));
	f->fd    = -1;
	f->limit = limit;
	f->keep  = keep;
}


/**
 * Close a file
 *
 * @param f File
 */
void logfile_close(struct logfile *f)
{
	if (f->fd >= 0)
		(void)close(f->fd);
	f->fd   = -1;
	f->torn = false;
}


/**
 * Open a file, or open it anew after it has been moved away. If that fails
 * what was open stays so
 *
 * @param f File
 *
 * @return 0 if success, otherwise errorcode
 */
int logfile_open(struct logfile *f)
{
	struct stat st;
	int fd;

	fd = open(f->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC |
		  O_NOCTTY, 0640);
	if (fd < 0)
		return errno;

	logfile_close(f);
	f->fd   = fd;
	f->size = 0;

	/* a device, or a pipe, is of no length, and is not moved away */
	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		f->limit = 0;
	else
		f->size = (uint64_t)st.st_size;

	return 0;
}


/* If it cannot be moved away it begins anew: the disk is what matters */
static void rotate(struct logfile *f)
{
	char from[sizeof(f->path) + 16], to[sizeof(f->path) + 16];
	unsigned i;

	for (i = f->keep; i > 1; i--) {
		(void)re_snprintf(from, sizeof(from), "%s.%u", f->path, i - 1);
		(void)re_snprintf(to, sizeof(to), "%s.%u", f->path, i);
		(void)rename(from, to);
	}

	(void)re_snprintf(to, sizeof(to), "%s.1", f->path);

	if (f->keep && !rename(f->path, to) && !logfile_open(f))
		return;

	if (!ftruncate(f->fd, 0))
		f->torn = false;
	f->size = 0;
}


static int write_all(struct logfile *f, const char *p, size_t len)
{
	size_t n;
	int err;

	err = fdwrite(f->fd, p, len, &n);

	f->size += n;
	if (n)
		f->torn = p[n - 1] != '\n';

	return err;
}


/**
 * Append lines
 *
 * @param f   File, which is opened if it is not
 * @param buf Lines, with their ends
 * @param len Their length [bytes]
 *
 * @return 0 if success, otherwise why nothing, or not all, was written
 */
int logfile_write(struct logfile *f, const void *buf, size_t len)
{
	int err;

	if (f->fd < 0) {
		err = logfile_open(f);
		if (err)
			return err;
	}

	if (f->limit && f->size && f->size + len > f->limit)
		rotate(f);

	/* the disk was full in the middle of a line */
	if (f->torn) {
		err = write_all(f, "\n", 1);
		if (err)
			return err;
	}

	return write_all(f, buf, len);
}
