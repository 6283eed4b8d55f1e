/**
 * @file config/confpath.c  Paths of the configuration: can there be a file?
 *
 * What is not there now, since a disk is missing, looks as a slip does: who
 * can wait for it says so, and waits.
 */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <re.h>
#include "base/folder.h"
#include "confget.h"


enum {
	PATH_SIZE = 1000,       /**< Longest, with what is added to it     */
};


/* Of the folder that a path is in */
static int above(const char *path)
{
	char dir[PATH_SIZE];
	struct stat st;
	int err;

	err = folder_of(dir, sizeof(dir), path);
	if (err)
		return err;

	if (stat(dir, &st))
		return errno;

	return !S_ISDIR(st.st_mode) ? ENOTDIR
		: access(dir, W_OK | X_OK) ? errno : 0;
}


/**
 * Why there can be no file, or no folder, of that path
 *
 * @param path   Path
 * @param folder It is a folder
 *
 * @return 0 if there is one, or can be; ENOENT if the folder that it would be
 *         in is not there, otherwise what is wrong
 */
int cfg_path_error(const char *path, bool folder)
{
	const size_t len = str_len(path);
	struct stat st;

	if (!len)
		return EINVAL;
	if (len >= PATH_SIZE)
		return ENAMETOOLONG;
	if (path[len - 1] == '/' && !folder)
		return EISDIR;

	if (stat(path, &st))
		return errno == ENOENT ? above(path) : errno;

	if (folder != S_ISDIR(st.st_mode))
		return folder ? ENOTDIR : EISDIR;

	return access(path, folder ? W_OK | X_OK : W_OK) ? errno : 0;
}


/**
 * Say what root has to do so that we may write a folder that users share
 *
 * @param why   Set to it
 * @param size  Room there [bytes]
 * @param path  Folder
 * @param group Group that they are in, NULL=ours
 */
void cfg_path_remedy(char *why, size_t size, const char *path,
		     const char *group)
{
	const struct passwd *pw = getpwuid(geteuid());
	const struct group *gr = group ? NULL : getgrgid(getegid());
	char user[16];

	(void)re_snprintf(user, sizeof(user), "%u", (unsigned)geteuid());

	(void)re_snprintf(why, size, "user %s may not make it, or not write"
			  " there; as root: install -d -m 2770 -g %s %s",
			  pw ? pw->pw_name : user, group ? group :
			  gr ? gr->gr_name : "GROUP", path);
}


/**
 * Check the path of a Unix socket
 *
 * @param cfg Unused
 * @param val Value
 *
 * @return 0 if success, otherwise errorcode, which has been said
 */
int cfg_check_socket(struct bridge_config *cfg, const struct cfg_val *val)
{
	const size_t most = sizeof(((struct sockaddr_un *)0)->sun_path) - 1;
	(void)cfg;

	return val->pl.l <= most ? 0 : cfg_wrong(val, ENAMETOOLONG, "is too"
		" long for a socket: %zu bytes, and %zu are the most",
		val->pl.l, most);
}
