/**
 * @file version.c  The modules of a version are kept, beside those of the next
 *
 * One that was there before is gone back to; others stay as long as something
 * is pinned to them.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <re.h>
#include "base/fdwrite.h"
#include "base/folder.h"
#include "office.h"
#include "sync.h"

#define PREVIOUS ".previous"


static bool is_ours(const char *name)
{
	return !strncmp(name, "connectycube", 12) || !strcmp(name, "g729.so");
}


static int copy_to(int out, const char *from)
{
	const int in = open(from, O_RDONLY | O_CLOEXEC);
	uint8_t buf[65536];
	ssize_t n;
	int err = 0;

	if (in < 0)
		return errno;

	while (!err && (n = read(in, buf, sizeof(buf))) != 0)
		err = n < 0 ? errno : fdwrite(out, buf, (size_t)n, NULL);

	(void)close(in);

	return err;
}


/* What is there is not touched: something may have it open */
static int copy(const char *from, const char *to)
{
	char tmp[SYNC_PATH];
	int fd, err;

	if (re_snprintf(tmp, sizeof(tmp), "%s.new", to) < 0)
		return ENAMETOOLONG;

	fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return errno;

	err = copy_to(fd, from);
	if (!err && (fchmod(fd, 0644) || fsync(fd)))
		err = errno;
	if (close(fd) && !err)
		err = errno;
	if (!err && rename(tmp, to))
		err = errno;
	if (err)
		(void)unlink(tmp);

	return err;
}


static int keep(const char *modules, const char *dir, const char *name)
{
	char from[SYNC_PATH], to[SYNC_PATH];

	if (re_snprintf(from, sizeof(from), "%s/%s", modules, name) < 0 ||
	    re_snprintf(to, sizeof(to), "%s/%s", dir, name) < 0)
		return ENAMETOOLONG;

	if (is_ours(name))
		return copy(from, to);

	return symlink(from, to) && errno != EEXIST ? errno : 0;
}


/* Whatever the umask is, for bridges are no root's */
static int make_folders(const char *path)
{
	char dir[SYNC_PATH];
	int err;

	err = re_snprintf(dir, sizeof(dir), "%s", path) < 0 ? ENAMETOOLONG : 0;
	if (err)
		return err;

	*strrchr(dir, '/') = '\0';
	err = folder_make(dir, 0755);

	return err ? err : folder_make(path, 0755);
}


/**
 * Be the only one who upgrades
 *
 * @param fdp Set to a file that is to be closed at the end
 * @param s   Sync: its folders
 *
 * @return 0 if success, EWOULDBLOCK if somebody else does, otherwise errorcode
 */
int version_lock(int *fdp, const struct sync *s)
{
	int err = make_folders(s->versions);

	if (err)
		return err;

	*fdp = open(s->versions, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*fdp < 0)
		return errno;

	return flock(*fdp, LOCK_EX | LOCK_NB) ? errno : 0;
}


/**
 * Keep the modules that are installed; those that are not ours stay where they
 * are
 *
 * @param s       Sync: its folders
 * @param version What they are called
 *
 * @return 0 if success, otherwise errorcode
 */
int version_keep(const struct sync *s, const char *version)
{
	struct mbuf *mb = mbuf_alloc(64);
	char path[SYNC_PATH];
	struct dirent *de;
	DIR *dir;
	int err;

	err = mb ? mbuf_write_str(mb, version) : ENOMEM;
	if (!err && re_snprintf(path, sizeof(path), "%s/%s", s->versions,
				version) < 0)
		err = ENAMETOOLONG;
	if (!err)
		err = make_folders(s->versions);
	if (!err)
		err = folder_make(path, 0755);

	dir = err ? NULL : opendir(s->modules);
	if (!err && !dir)
		err = errno;

	while (!err && (de = readdir(dir))) {
		if (de->d_name[0] != '.')
			err = keep(s->modules, path, de->d_name);
	}
	if (dir)
		(void)closedir(dir);

	if (!err)
		err = sync_save(s->versions, PREVIOUS, mb, 0644);
	mem_deref(mb);

	return err;
}


/**
 * Are the modules of a version there?
 *
 * @param s       Sync: its folders
 * @param version What they are called
 *
 * @return True if they are
 */
bool version_is_kept(const struct sync *s, const char *version)
{
	char path[SYNC_PATH];

	return re_snprintf(path, sizeof(path), "%s/%s/connectycube.so",
			   s->versions, version) > 0 && !access(path, F_OK);
}


/**
 * Which version was installed before?
 *
 * @param version Set to it
 * @param size    Room there [bytes]
 * @param s       Sync: its folders
 *
 * @return 0 if success, ENOENT if none is kept
 */
int version_previous(char *version, size_t size, const struct sync *s)
{
	struct mbuf *mb;
	int err;

	err = sync_load(&mb, NULL, s->versions, PREVIOUS);
	if (err)
		return err;

	if (!mb->end || memchr(mb->buf, '/', mb->end) ||
	    re_snprintf(version, size, "%b", mb->buf, mb->end) < 0 ||
	    !version_is_kept(s, version))
		err = ENOENT;
	mem_deref(mb);

	return err;
}


static bool is_needed(const struct sync *s, const char *version)
{
	size_t i;

	for (i=0; i<s->portc; i++) {
		if (!strcmp(s->portv[i].pin, version))
			return true;
	}

	return false;
}


static void remove_file(int dir, const char *name, void *arg)
{
	(void)arg;

	(void)unlinkat(dir, name, 0);
}


static int remove_version(int versions, const char *name)
{
	const int fd = openat(versions, name, O_RDONLY | O_DIRECTORY |
			      O_CLOEXEC | O_NOFOLLOW);

	/* not a version */
	if (fd < 0)
		return errno == ENOTDIR || errno == ELOOP ? 0 : errno;

	folder_each(fd, remove_file, NULL);
	(void)close(fd);

	return unlinkat(versions, name, AT_REMOVEDIR) ? errno : 0;
}


/**
 * Remove versions that nothing is pinned to, but the one that is gone back to
 *
 * @param s     Sync: its folders, and the ports
 * @param other Version that something else is pinned to, ""=none
 *
 * @return 0 if success, otherwise errorcode
 */
int version_prune(const struct sync *s, const char *other)
{
	char previous[SYNC_VERSION] = "";
	struct dirent *de;
	int err = 0, e;
	DIR *dir;

	if (version_previous(previous, sizeof(previous), s))
		return 0;

	dir = opendir(s->versions);
	if (!dir)
		return errno == ENOENT ? 0 : errno;

	while ((de = readdir(dir))) {

		if (de->d_name[0] == '.' || !strcmp(de->d_name, previous) ||
		    !strcmp(de->d_name, other) || is_needed(s, de->d_name))
			continue;

		e = remove_version(dirfd(dir), de->d_name);
		err = err ? err : e;
	}

	(void)closedir(dir);

	return err;
}
