/**
 * @file log/logfile.c  A file of the log: written, moved away, opened anew
 *
 *   bridge.log --full--> bridge.log.1 --> bridge.log.2 ... --> gone
 *
 * A file that is removed, or whose folder is, is made anew by the next line.
 *
 * What is no file but a pipe, a terminal or a socket has somebody at its other
 * end, who may not read. He is waited for once, until he reads again.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include <re.h>
#include "base/fdwrite.h"
#include "base/folder.h"
#include "log/logfile.h"


enum {
	WAIT_MAX = 1000,        /**< For who reads a pipe [ms]             */
};


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
	f->mode  = 0640;
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


static void look(struct logfile *f, int fd)
{
	struct stat st;

	f->size  = 0;
	f->lines = 0;
	f->waits = f->stuck = false;

	/* a device, or a pipe, is of no length, and is not moved away */
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		f->limit = 0;
		f->waits = true;
	}
	else {
		f->size = (uint64_t)st.st_size;
	}
}


/**
 * Write to what is open already: there is no path, and nothing to open anew
 *
 * @param f  File
 * @param fd Descriptor, which is copied
 *
 * @return 0 if success, otherwise errorcode
 */
int logfile_take(struct logfile *f, int fd)
{
	f->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (f->fd < 0)
		return errno;

	look(f, f->fd);

	return 0;
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
	int fd;

	/* a FIFO that nobody reads is waited for by nobody */
	fd = open(f->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC |
		  O_NOCTTY | O_NONBLOCK, f->mode);
	if (fd < 0)
		return errno;

	logfile_close(f);
	f->fd = fd;
	look(f, fd);

	return 0;
}


/* It has been moved to: a new one, or the old one is back */
static int open_next(struct logfile *f, const char *to)
{
	const int err = logfile_open(f);

	if (err)
		(void)rename(to, f->path);

	return err;
}


static int move_away(struct logfile *f, const char *to)
{
	return rename(f->path, to) ? errno : open_next(f, to);
}


/* If it cannot be moved away it begins anew: the disk is what matters */
static void rotate(struct logfile *f)
{
	char from[sizeof(f->path) + 16], to[sizeof(f->path) + 16];
	unsigned i;
	int err = 0;

	for (i = f->keep; i > 1; i--) {
		(void)re_snprintf(from, sizeof(from), "%s.%u", f->path, i - 1);
		(void)re_snprintf(to, sizeof(to), "%s.%u", f->path, i);
		(void)rename(from, to);
	}

	(void)re_snprintf(to, sizeof(to), "%s.1", f->path);

	if (f->keep) {
		err = move_away(f, to);
		if (!err)
			return;
	}

	if (!ftruncate(f->fd, 0)) {
		f->torn = false;
		f->gone += err ? f->lines : 0;
		f->err   = err;
	}

	f->size  = 0;
	f->lines = 0;
}


/* Nobody would see what is written to it any more. If its folder has gone, too,
   that is made as it was at the start */
static int look_for(struct logfile *f)
{
	char dir[sizeof(f->path)];
	struct stat st;
	int err;

	if (f->waits || !f->path[0] || fstat(f->fd, &st) || st.st_nlink)
		return 0;

	err = logfile_open(f);
	if (err != ENOENT || folder_of(dir, sizeof(dir), f->path) ||
	    mkdir(dir, 0750))
		return err;

	return logfile_open(f);
}


/**
 * Is there room for a line in what is no file?
 *
 * @param fd Descriptor
 * @param ms How long to wait for it [ms]
 *
 * @return 0 if PIPE_BUF bytes can be written at once, EAGAIN if not yet
 */
int logfile_room(int fd, int ms)
{
	struct pollfd pfd = {.fd = fd, .events = POLLOUT};
	int n;

	do {
		n = poll(&pfd, 1, ms);
	} while (n < 0 && errno == EINTR);

	return n < 0 ? errno : n ? 0 : EAGAIN;
}


/* Who does not read is waited for once, and not for each line */
static int write_stream(struct logfile *f, const char *p, size_t len,
			size_t *done)
{
	int err = 0;

	*done = 0;

	while (*done < len && !err) {

		size_t n = min(len - *done, (size_t)PIPE_BUF);

		err = logfile_room(f->fd, f->stuck ? 0 : WAIT_MAX);
		if (!err) {
			err = fdwrite(f->fd, p + *done, n, &n);
			*done += n;
		}
		f->stuck = err == EAGAIN;
	}

	return err;
}


static int write_all(struct logfile *f, const char *p, size_t len)
{
	size_t n;
	int err;

	err = f->waits ? write_stream(f, p, len, &n) :
		fdwrite(f->fd, p, len, &n);

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

	err = look_for(f);
	if (err)
		return err;

	if (f->limit && f->size && f->size + len > f->limit)
		rotate(f);

	/* the disk was full in the middle of a line */
	if (f->torn) {
		err = write_all(f, "\n", 1);
		if (err)
			return err;
	}

	err = write_all(f, buf, len);
	f->lines += !err;

	return err;
}
