/**
 * @file base/folder.c  Folders of our own
 */
#include <string.h>
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
