/**
 * @file connectycube_hub/recording/place.c
 * Files and folders of recordings, for good
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include <re.h>
#include "base/folder.h"
#include "../hub.h"
#include "place.h"


enum {
	MODE_FILE = 0640,
	MODE_FOLDER = 0750,
};


/**
 * Get the path of a file
 *
 * @param path Set to it
 * @param size Room there [bytes]
 * @param root Folder
 * @param name Name below it
 *
 * @return 0 if success, otherwise errorcode
 */
int place_path(char *path, size_t size, const char *root, const char *name)
{
	return re_snprintf(path, size, "%s/%s", root, name) < 0 ?
		ENAMETOOLONG : 0;
}


/* Umask is whoever's has started us */
static int make_folder(const char *path)
{
	if (mkdir(path, MODE_FOLDER))
		return errno == EEXIST ? 0 : errno;

	return chmod(path, MODE_FOLDER) ? errno : folder_sync(path);
}


/**
 * Make the folders that a file is in
 *
 * @param root Folder; it is made, too, if the one above is there
 * @param name Name of the file below it
 *
 * @return 0 if success, otherwise errorcode
 */
int place_folders(const char *root, const char *name)
{
	char path[PLACE_PATH];
	char *slash;
	int err;

	err = make_folder(root);
	if (!err)
		err = place_path(path, sizeof(path), root, name);
	if (err)
		return err;

	slash = path + strlen(root) + 1;

	while (!err && (slash = strchr(slash, '/'))) {
		*slash = '\0';
		err = make_folder(path);
		*slash++ = '/';
	}

	return err;
}


/**
 * Give a file its name, which nothing has yet. When this returns it is on the
 * disk
 *
 * @param from Path that it has, on the same file system; its content is on the
 *             disk
 * @param root Folder
 * @param name Name below it
 *
 * @return 0 if success, EEXIST if something has that name, otherwise errorcode
 */
int place_file(const char *from, const char *root, const char *name)
{
	char to[PLACE_PATH];
	int err;

	err = place_path(to, sizeof(to), root, name);
	if (!err)
		err = place_folders(root, name);
	if (!err && chmod(from, MODE_FILE))
		err = errno;
	if (!err)
		err = folder_rename_new(from, to);

	return err ? err : folder_sync(to);
}


/**
 * Get the SHA-256 of a file
 *
 * @param hex    Set to it, in hex (FILESUM_SIZE bytes)
 * @param bytesp Set to its size
 * @param path   Path
 *
 * @return 0 if success, otherwise errorcode
 */
int place_hash(char *hex, uint64_t *bytesp, const char *path)
{
	int fd, err;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return errno;

	err = filesum_sha256(hex, bytesp, fd);
	(void)close(fd);

	return err;
}


/**
 * Remove a file, and the folders above it that are empty then
 *
 * @param root Folder, which stays
 * @param name Name of the file below it
 *
 * @return 0 if it is gone, otherwise errorcode
 */
int place_remove(const char *root, const char *name)
{
	char path[PLACE_PATH];
	char *slash;
	int err;

	err = place_path(path, sizeof(path), root, name);
	if (err)
		return err;

	if (unlink(path) && errno != ENOENT)
		return errno;

	while ((slash = strrchr(path, '/')) && slash > path + strlen(root)) {
		*slash = '\0';
		if (rmdir(path))
			break;
	}

	return 0;
}


/**
 * Remove a folder with the files in it, if it is there
 *
 * @param path Path
 *
 * @return 0 if it is gone, otherwise errorcode
 */
int place_clear(const char *path)
{
	char one[PLACE_PATH];
	struct dirent *de;
	DIR *dir;
	int err = 0;

	dir = opendir(path);
	if (!dir)
		return errno == ENOENT ? 0 : errno;

	while (!err && (de = readdir(dir))) {

		if (!strcmp(de->d_name, ".") || !strcmp(de->d_name, ".."))
			continue;

		err = place_path(one, sizeof(one), path, de->d_name);
		if (!err && unlink(one) && errno != ENOENT)
			err = errno == EISDIR ? place_clear(one) : errno;
	}

	(void)closedir(dir);

	if (!err && rmdir(path) && errno != ENOENT)
		err = errno;

	return err;
}
