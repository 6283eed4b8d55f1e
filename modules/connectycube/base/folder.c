/**
 * @file base/folder.c  Folders of our own, and names in them that last
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include <re.h>
#include "base/folder.h"


/**
 * Make a folder, with all folders above it
 *
 * @param path Path
 * @param mode Who may do what in it; those above it are 0750
 *
 * @return 0 if success or it is there, otherwise errorcode
 */
int folder_make(const char *path, unsigned mode)
{
	char buf[512];
	char *p = buf;

	if (!path)
		return EINVAL;
	if (re_snprintf(buf, sizeof(buf), "%s", path) < 0)
		return ENAMETOOLONG;

	while ((p = strchr(p + 1, '/'))) {

		*p = '\0';
		if (mkdir(buf, 0750) && errno != EEXIST)
			return errno;
		*p = '/';
	}

	if (mkdir(buf, mode))
		return errno == EEXIST ? 0 : errno;

	/* whatever the umask says */
	return chmod(buf, mode) ? errno : 0;
}


/**
 * Get the folder that something is in
 *
 * @param dir  Set to it: what is before the name, or "."
 * @param size Room there [bytes]
 * @param path Path
 *
 * @return 0 if success, ENAMETOOLONG if there is no room
 */
int folder_of(char *dir, size_t size, const char *path)
{
	const char *slash = strrchr(path, '/');

	return re_snprintf(dir, size, "%b", slash ? path : ".",
			   slash ? (size_t)(slash - path) + 1 : 1) < 0
		? ENAMETOOLONG : 0;
}


/**
 * Have the name of a new file on the disk
 *
 * @param path Path of the file
 *
 * @return 0 if success, otherwise errorcode
 */
int folder_sync(const char *path)
{
	char dir[1024];
	int fd, err;

	err = folder_of(dir, sizeof(dir), path);
	if (err)
		return err;

	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno;

	if (fsync(fd))
		err = errno;
	(void)close(fd);

	return err;
}


/**
 * Give a file a name that nothing has. folder_sync() has it on the disk
 *
 * @param from Path that it has, on the same file system
 * @param to   Path that it gets
 *
 * @return 0 if success, EEXIST if something has that name, otherwise errorcode
 */
int folder_rename_new(const char *from, const char *to)
{
	if (!renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE))
		return 0;

	/* there are file systems that do not know that */
	if (errno != EINVAL && errno != ENOSYS)
		return errno;

	if (link(from, to))
		return errno;

	return unlink(from) ? errno : 0;
}


/**
 * Look at all that is in a folder. What cannot be read is passed over
 *
 * @param dir Folder
 * @param h   Handler, which may remove what it is told of
 * @param arg Handler argument
 */
void folder_each(int dir, folder_h *h, void *arg)
{
	const int fd = dup(dir);
	struct dirent *de;
	DIR *d;

	d = fd >= 0 ? fdopendir(fd) : NULL;
	if (!d) {
		if (fd >= 0)
			(void)close(fd);
		return;
	}

	rewinddir(d);
	while ((de = readdir(d)))
		h(dir, de->d_name, arg);

	(void)closedir(d);
}
