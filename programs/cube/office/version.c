/**
 * @file version.c  The modules of a version are kept, beside those of the next
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
#include "base/version.h"
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


/* The name of a folder */
static void tame(char *version)
{
	for (; *version; version++) {
		if (!strchr("0123456789.-+~abcdefghijklmnopqrstuvwxyz"
			    "ABCDEFGHIJKLMNOPQRSTUVWXYZ", *version))
			*version = '-';
	}
}


/**
 * Name what is installed, as nothing is that instances are pinned to: a version
 * that is built twice is called the same
 *
 * @param version Set to the name
 * @param size    Room there [bytes]
 * @param s       Sync: its instances' versions
 */
void version_name(char *version, size_t size, const struct sync *s)
{
	size_t i, n;

	(void)re_snprintf(version, size, "%s", build_version());
	tame(version);

	for (i=0; i<s->portc; ) {

		n = strlen(version);
		if (strcmp(s->portv[i].pin, version) || n + 1 >= size) {
			++i;
			continue;
		}

		memcpy(version + n, "+", 2);
		i = 0;
	}
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
