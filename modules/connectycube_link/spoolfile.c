/**
 * @file connectycube_link/spoolfile.c  The files of a spool
 *
 * What is here blocks: it is called by the spool's thread, and before the
 * loop begins. Pure.
 */
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <re.h>
#include "base/fdwrite.h"
#include "base/folder.h"
#include "spool.h"


#define JOURNAL "open"
#define SUFFIX  ".json"
#define ASIDE   ".bad"
#define TMP     ".tmp-"


/* What was being written when the process died */
static void torn_handler(int dir, const char *name, void *arg)
{
	(void)arg;

	if (!strncmp(name, TMP, strlen(TMP)))
		(void)unlinkat(dir, name, 0);
}


/**
 * Open a spool's folder, which is made if it is not there, for us alone
 *
 * @param dirp  Descriptor of the folder
 * @param lockp Descriptor that holds the lock
 * @param path  Path
 *
 * @return 0 if success, EBUSY if another process has it, otherwise errorcode
 */
int spoolfile_open(int *dirp, int *lockp, const char *path)
{
	int dir = -1, lock = -1, err;

	if (!dirp || !lockp || !path)
		return EINVAL;

	err = folder_make(path, 0700);
	if (err)
		return err;

	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return errno;

	lock = openat(dir, ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (lock < 0)
		err = errno;
	else if (flock(lock, LOCK_EX | LOCK_NB))
		err = errno == EWOULDBLOCK ? EBUSY : errno;

	if (err) {
		if (lock >= 0)
			(void)close(lock);
		(void)close(dir);
		return err;
	}

	folder_each(dir, torn_handler, NULL);

	*dirp  = dir;
	*lockp = lock;

	return 0;
}


/**
 * Write a file: whole, or not at all
 *
 * @param dir  Folder
 * @param name Its name there, NULL=the journal
 * @param mb   What is in it, from its first byte
 *
 * @return 0 if success, otherwise errorcode: what was there is there still
 */
int spoolfile_write(int dir, const char *name, const struct mbuf *mb)
{
	char tmp[SPOOL_NAME + 8], to[SPOOL_NAME + 8];
	int fd, err;

	if (!mb)
		return EINVAL;

	if (re_snprintf(to, sizeof(to), "%s%s", name ? name : JOURNAL,
			name ? SUFFIX : "") < 0 ||
	    re_snprintf(tmp, sizeof(tmp), TMP "%s",
			name ? name : JOURNAL) < 0)
		return ENAMETOOLONG;

	fd = openat(dir, tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno;

	err = fdwrite(fd, mb->buf, mb->end, NULL);
	if (!err && fsync(fd))
		err = errno;
	if (close(fd) && !err)
		err = errno;
	if (!err && renameat(dir, tmp, dir, to))
		err = errno;

	if (err) {
		(void)unlinkat(dir, tmp, 0);
		return err;
	}

	/* its name is to last, too */
	return fsync(dir) ? errno : 0;
}


static int read_all(struct mbuf *mb, int fd, size_t most)
{
	uint8_t buf[4096];
	ssize_t n;
	int err;

	while ((n = read(fd, buf, sizeof(buf)))) {

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		if (mb->end + (size_t)n > most)
			return EMSGSIZE;

		err = mbuf_write_mem(mb, buf, (size_t)n);
		if (err)
			return err;
	}

	mb->pos = 0;

	return 0;
}


static int read_file(struct mbuf **mbp, int dir, const char *file,
		     size_t most)
{
	struct mbuf *mb;
	int fd, err;

	fd = openat(dir, file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;

	mb  = mbuf_alloc(4096);
	err = mb ? read_all(mb, fd, most) : ENOMEM;
	(void)close(fd);

	if (err)
		mem_deref(mb);
	else
		*mbp = mb;

	return err;
}


/**
 * Read a record
 *
 * @param mbp  Pointer to its text, freed by mem_deref()
 * @param dir  Folder
 * @param name Its name
 *
 * @return 0 if success, otherwise errorcode
 */
int spoolfile_read(struct mbuf **mbp, int dir, const char *name)
{
	char file[SPOOL_NAME + 8];

	if (!mbp || !name)
		return EINVAL;

	if (re_snprintf(file, sizeof(file), "%s" SUFFIX, name) < 0)
		return ENAMETOOLONG;

	return read_file(mbp, dir, file, SPOOL_FILE_MAX);
}


/**
 * Remove a record
 *
 * @param dir  Folder
 * @param name Its name, NULL=the journal
 *
 * @return 0 if success or it is not there, otherwise errorcode
 */
int spoolfile_remove(int dir, const char *name)
{
	char file[SPOOL_NAME + 8];

	if (re_snprintf(file, sizeof(file), "%s%s", name ? name : JOURNAL,
			name ? SUFFIX : "") < 0)
		return ENAMETOOLONG;

	return unlinkat(dir, file, 0) && errno != ENOENT ? errno : 0;
}


/**
 * Give a record a name that is none of a record
 *
 * @param dir  Folder
 * @param name Its name
 *
 * @return 0 if success, otherwise errorcode
 */
int spoolfile_aside(int dir, const char *name)
{
	char from[SPOOL_NAME + 8], to[SPOOL_NAME + 8];

	if (!name)
		return EINVAL;

	if (re_snprintf(from, sizeof(from), "%s" SUFFIX, name) < 0 ||
	    re_snprintf(to, sizeof(to), "%s" ASIDE, name) < 0)
		return ENAMETOOLONG;

	return renameat(dir, from, dir, to) ? errno : 0;
}


static int is_record(const struct dirent *e)
{
	const size_t len = strlen(e->d_name), suffix = strlen(SUFFIX);

	return e->d_name[0] != '.' && len > suffix &&
		len - suffix < SPOOL_NAME &&
		!strcmp(&e->d_name[len - suffix], SUFFIX);
}


/**
 * Find all records, the oldest one first
 *
 * @param dir    Folder
 * @param foundh Takes each
 * @param arg    Its argument
 *
 * @return 0 if success, otherwise errorcode
 */
int spoolfile_list(int dir, spool_found_h *foundh, void *arg)
{
	struct dirent **namev = NULL;
	int i, n, err = 0;

	if (!foundh)
		return EINVAL;

	n = scandirat(dir, ".", &namev, is_record, alphasort);
	if (n < 0)
		return errno;

	for (i=0; i<n; i++) {

		namev[i]->d_name[strlen(namev[i]->d_name) -
				 strlen(SUFFIX)] = '\0';
		if (!err)
			err = foundh(namev[i]->d_name, NULL, arg);

		free(namev[i]);
	}

	free(namev);

	return err;
}


/**
 * Read the lines of the journal that a process has left
 *
 * @param dir    Folder
 * @param foundh Takes each
 * @param arg    Its argument
 *
 * @return 0 if success, or there is none; otherwise errorcode
 */
int spoolfile_journal(int dir, spool_found_h *foundh, void *arg)
{
	struct mbuf *mb = NULL;
	struct mbuf line;
	int err;

	if (!foundh)
		return EINVAL;

	err = read_file(&mb, dir, JOURNAL, SPOOL_JOURNAL_MAX);
	if (err)
		return err == ENOENT ? 0 : err;

	while (mb->pos < mb->end && !err) {

		const uint8_t *p = mbuf_buf(mb), *end;

		end = memchr(p, '\n', mbuf_get_left(mb));

		mbuf_init(&line);
		line.buf  = mbuf_buf(mb);
		line.end  = end ? (size_t)(end - p) : mbuf_get_left(mb);
		line.size = line.end;

		mb->pos += line.end + (end ? 1 : 0);

		if (line.end)
			err = foundh(NULL, &line, arg);
	}

	mem_deref(mb);

	return err;
}


/**
 * Make a record's name: it sorts by time
 *
 * @param name Set to the name
 * @param size Room there [bytes], SPOOL_NAME
 * @param ms   Time [ms], since 1970
 * @param uuid Its id
 *
 * @return True if there was room
 */
bool spoolfile_name(char *name, size_t size, uint64_t ms, const char *uuid)
{
	return re_snprintf(name, size, "%014llu-%s",
			   (unsigned long long)ms, uuid) > 0;
}
