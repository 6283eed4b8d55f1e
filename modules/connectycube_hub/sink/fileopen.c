/**
 * @file connectycube_hub/sink/fileopen.c  A file, opened after whatever was
 *
 * Lines beyond the known offset are read: a record that is there is not
 * written again. A line that has no end is cut off. A file that was moved away
 * meanwhile is looked for in the same folder, for the same reason.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <re.h>
#include "base/folder.h"
#include "../hub.h"
#include "sink.h"
#include "sinkfile.h"


enum {
	MODE = 0640,            /**< Of the file                           */
};


static int wrong(const char *path, int err, char *why, size_t size)
{
	(void)re_snprintf(why, size, "%s: %m%s", path, err, err == ENOENT ?
			  " (its folder is missing: it is not made)" : "");

	return err;
}


/**
 * Close a file
 *
 * @param f File
 */
void file_close(struct hub_file *f)
{
	if (f->fd >= 0)
		(void)close(f->fd);
	f->fd = -1;
}


static int read_line(struct hub_file *f, struct hub_store *s,
		     const char *line, size_t len, char *why, size_t size)
{
	char id[HUB_ID];
	int64_t seq;
	int err;

	/* the head, or of somebody else */
	if (f->form.id(id, sizeof(id), line, len, &f->form))
		return 0;

	err = hub_store_seq(s, &seq, id, why, size);
	if (!err && seq > f->pos.seq)
		f->pos.seq = seq;

	return err;
}


/* From the known offset on, which is set to the end of what is whole */
static int read_tail(struct hub_file *f, struct hub_store *s, int fd,
		     char *why, size_t size)
{
	const int fd2 = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	FILE *fp = fd2 >= 0 ? fdopen(fd2, "r") : NULL;
	char *line = NULL;
	size_t room = 0;
	ssize_t len;
	int err = 0;

	if (!fp) {
		err = errno;
		if (fd2 >= 0)
			(void)close(fd2);
		return wrong(f->path, err, why, size);
	}

	if (fseeko(fp, f->pos.offset, SEEK_SET))
		err = wrong(f->path, errno, why, size);

	while (!err && (len = getline(&line, &room, fp)) > 0) {

		if (line[len - 1] != '\n') {
			if (ftruncate(fd, f->pos.offset))
				err = wrong(f->path, errno, why, size);
			break;
		}

		err = read_line(f, s, line, (size_t)len - 1, why, size);
		f->pos.offset += len;
	}

	if (!err && ferror(fp))
		err = wrong(f->path, EIO, why, size);

	free(line);
	(void)fclose(fp);

	return err;
}


/* The file that was written to, under whatever name; -1=it is not there */
static int find_moved(const struct hub_file *f)
{
	const char *slash = strrchr(f->path, '/');
	const size_t len = slash ? (size_t)(slash - f->path) + 1 : 0;
	struct dirent *de;
	char path[1024];
	struct stat st;
	int fd = -1;
	DIR *dir;

	if (re_snprintf(path, sizeof(path), "%b", f->path, len) < 0)
		return -1;

	dir = opendir(len ? path : ".");
	if (!dir)
		return -1;

	while (fd < 0 && (de = readdir(dir))) {

		if (de->d_ino != f->pos.ino ||
		    re_snprintf(path, sizeof(path), "%b%s", f->path, len,
				de->d_name) < 0 ||
		    stat(path, &st) || st.st_dev != f->pos.dev ||
		    st.st_ino != f->pos.ino)
			continue;

		fd = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY);
	}

	(void)closedir(dir);

	return fd;
}


/* What a crash has left in the one before */
static int read_moved(struct hub_file *f, struct hub_store *s, char *why,
		      size_t size)
{
	const int fd = f->pos.ino ? find_moved(f) : -1;
	int err;

	if (fd < 0)
		return 0;

	err = read_tail(f, s, fd, why, size);
	(void)close(fd);

	return err;
}


/* The end of a line that somebody else has begun */
static int end_line(struct hub_file *f)
{
	char c;

	if (!f->pos.offset ||
	    pread(f->fd, &c, 1, f->pos.offset - 1) != 1 || c == '\n')
		return 0;

	if (write(f->fd, "\n", 1) != 1)
		return errno;

	++f->pos.offset;

	return 0;
}


/* It may be new, and is ours alone as long as we have it open */
static int get_fd(struct hub_file *f, struct stat *st)
{
	f->fd = open(f->path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC |
		     O_NOCTTY | O_NONBLOCK, MODE);
	if (f->fd < 0 || fstat(f->fd, st))
		return errno;

	/* of anything else nobody knows what is in it */
	if (!S_ISREG(st->st_mode))
		return ENOTSUP;

	if (flock(f->fd, LOCK_EX | LOCK_NB))
		return errno == EWOULDBLOCK ? EBUSY : errno;

	if (!st->st_size && fchmod(f->fd, MODE))
		return errno;

	return st->st_size ? 0 : folder_sync(f->path);
}


/**
 * Open a file, and find out how far it is
 *
 * @param f    File, closed
 * @param s    Store
 * @param why  Set to what is wrong
 * @param size Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int file_open(struct hub_file *f, struct hub_store *s, char *why,
	      size_t size)
{
	struct stat st;
	int err;

	err = hub_store_pos(s, f->name, &f->pos, why, size);
	if (err)
		return err;

	err = get_fd(f, &st);
	if (err)
		return wrong(f->path, err, why, size);

	if (f->pos.dev == st.st_dev && f->pos.ino == st.st_ino) {

		/* it was cut, after it was copied */
		if (f->pos.offset > st.st_size)
			f->pos.offset = 0;

		err = read_tail(f, s, f->fd, why, size);
	}
	else {
		err = read_moved(f, s, why, size);

		f->pos.dev    = st.st_dev;
		f->pos.ino    = st.st_ino;
		f->pos.offset = st.st_size;

		if (!err)
			err = end_line(f);
	}

	/* before the first line: this is where it will be looked for */
	return err ? err : hub_store_set_pos(s, f->name, &f->pos, why, size);
}
