/**
 * @file connectycube_hub/web/filepath.c  A file below a folder is opened
 *
 * Pure.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include <re_types.h>
#include <re_fmt.h>
#include "route.h"
#include "file.h"


enum {
	PART = 256,             /**< Size of a part of a name [bytes]      */
};


/* One part further down; the folder above is closed */
static int step(int *dirp, const char *part, int flags)
{
	const int fd = openat(*dirp, part, O_RDONLY | O_CLOEXEC | O_NOFOLLOW |
			      O_NONBLOCK | flags);
	const int err = fd < 0 ? errno : 0;

	(void)close(*dirp);
	*dirp = fd;

	return err;
}


static bool is_bad(const char *part, size_t len)
{
	return !len || len >= PART || (len == 1 && part[0] == '.') ||
		(len == 2 && !memcmp(part, "..", 2));
}


/**
 * Open a file below a folder. Part by part: neither `..` nor a link, wherever
 * it stands, leads out of there
 *
 * @param fdp   Set to it; the caller closes it
 * @param sizep Set to its size [bytes]
 * @param root  Folder
 * @param name  Its name below it
 *
 * @return 0 if success, EINVAL it is no name of a file there, otherwise
 *         errorcode
 */
int web_file_open(int *fdp, uint64_t *sizep, const char *root,
		  const char *name)
{
	char part[PART];
	struct stat st;
	size_t len;
	int fd, err = 0;

	if (!fdp || !sizep || !root || !name)
		return EINVAL;

	fd = open(root, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
	if (fd < 0)
		return errno;

	do {
		len = strcspn(name, "/");
		if (is_bad(name, len)) {
			err = EINVAL;
			break;
		}

		memcpy(part, name, len);
		part[len] = '\0';
		name += len;
		err = step(&fd, part, *name ? O_DIRECTORY : 0);
	} while (!err && *name++);

	if (!err && fstat(fd, &st))
		err = errno;
	if (!err && !S_ISREG(st.st_mode))
		err = EINVAL;
	if (err) {
		if (fd >= 0)
			(void)close(fd);
		return err;
	}

	*fdp   = fd;
	*sizep = (uint64_t)st.st_size;

	return 0;
}
