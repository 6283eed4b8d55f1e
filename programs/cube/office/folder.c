/**
 * @file folder.c  Folders of instances, and files in them that are replaced at
 *                 once
 *
 * Most are in memory (/run), where there is no disk to wait for. The folder
 * stays, for it is mounted into the instance.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <re.h>
#include "base/fdwrite.h"
#include "base/folder.h"
#include "base/text.h"
#include "config/conftext.h"
#include "office.h"
#include "parsing.h"
#include "sync.h"

#define GROUP "connectycube-bridge"


/* Root's, and readable for the group, where there is one */
static int give(int fd)
{
	const struct group *gr;

	if (geteuid())
		return 0;

	gr = getgrnam(GROUP);

	return gr && fchown(fd, (uid_t)-1, gr->gr_gid) ? errno : 0;
}


static int give_dir(const char *path, mode_t mode)
{
	const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC |
			    O_NOFOLLOW);
	int err;

	if (fd < 0)
		return errno;

	err = give(fd);
	if (!err && fchmod(fd, mode))
		err = errno;
	(void)close(fd);

	return err;
}


/**
 * Where folders are that are needed for a moment, and whose secrets no disk sees
 *
 * Not /dev/shm under systemd: RemoveIPC= has it remove what is of a service's
 * group there when the last service of that group ends, ours as well.
 *
 * @return Folder
 */
const char *sync_memory(void)
{
	return access("/run/systemd/system", F_OK) || access("/run", W_OK) ?
		"/dev/shm" : "/run";
}


/**
 * Load a file of an instance
 *
 * @param mbp    Pointer to new buffer, which is wiped when it is freed
 * @param worldp Set to whether every user of the machine can read it, or NULL
 * @param dir    Folder
 * @param name   Name of the file
 *
 * @return 0 if success, otherwise errorcode
 */
int sync_load(struct mbuf **mbp, bool *worldp, const char *dir,
	      const char *name)
{
	char path[SYNC_PATH];
	bool world;

	if (re_snprintf(path, sizeof(path), "%s/%s", dir, name) < 0)
		return ENAMETOOLONG;

	return conf_load(mbp, path, worldp ? worldp : &world);
}


static int write_tmp(const char *path, const struct mbuf *mb, unsigned mode)
{
	const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC |
			    O_NOFOLLOW, 0600);
	size_t done;
	int err;

	if (fd < 0)
		return errno;

	err = fdwrite(fd, mb->buf, mb->end, &done);
	if (!err)
		err = give(fd);
	if (!err && (fchmod(fd, mode) || fsync(fd)))
		err = errno;
	if (close(fd) && !err)
		err = errno;

	return err;
}


/**
 * Replace a file: it is the old one or the new one at any time
 *
 * @param dir  Folder; it is made
 * @param name Name of the file
 * @param mb   What it shall be, all of it
 * @param mode Its mode
 *
 * @return 0 if success, otherwise errorcode
 */
int sync_save(const char *dir, const char *name, const struct mbuf *mb,
	      unsigned mode)
{
	char path[SYNC_PATH], tmp[SYNC_PATH];
	int err;

	if (re_snprintf(path, sizeof(path), "%s/%s", dir, name) < 0 ||
	    re_snprintf(tmp, sizeof(tmp), "%s/.%s.new", dir, name) < 0)
		return ENAMETOOLONG;

	if (!mkdir(dir, 0750))
		err = give_dir(dir, 0750);
	else
		err = errno == EEXIST ? 0 : errno;
	if (err)
		return err;

	err = write_tmp(tmp, mb, mode);
	if (!err && rename(tmp, path))
		err = errno;
	if (err)
		(void)unlink(tmp);

	return err;
}


static int found(struct sync *s, const char *name)
{
	struct sync_inst *inst;
	struct pl pl;
	int err;

	err = office_grow(&s->instv, s->instc, sizeof(*s->instv));
	if (err)
		return err;

	inst = &s->instv[s->instc];
	pl_set_str(&pl, name);
	if (text_str(inst->name, sizeof(inst->name), &pl))
		return 0;

	inst->there = true;
	++s->instc;

	return 0;
}


static int compare(const void *a, const void *b)
{
	return strcmp(((const struct sync_inst *)a)->name,
		      ((const struct sync_inst *)b)->name);
}


/* Ours, whoever may write above it; nobody else syncs as long as it is open */
static int lock(int *fdp, const char *path)
{
	struct stat st;
	int err;

	err = folder_make(path, 0700);
	if (err)
		return err;

	*fdp = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (*fdp < 0 || fstat(*fdp, &st))
		return errno;

	if (st.st_uid != geteuid())
		return EPERM;

	return flock(*fdp, LOCK_EX) ? errno : 0;
}


/**
 * Find the folders, and the instances that there are
 *
 * @param s     Sync
 * @param root  Folder that all is in; "" = /
 * @param lockp Set to a file that is to be closed at the end: until then
 *              nobody else syncs. NULL: nothing will be written
 *
 * @return 0 if success, otherwise errorcode
 */
int sync_folders(struct sync *s, const char *root, int *lockp)
{
	struct dirent *de;
	DIR *dir;
	int err = 0;

	if (re_snprintf(s->instances, sizeof(s->instances),
			"%s/run/connectycube-bridge/instances", root) < 0 ||
	    re_snprintf(s->state, sizeof(s->state),
			"%s/var/lib/connectycube-bridge", root) < 0 ||
	    re_snprintf(s->creds, sizeof(s->creds),
			"%s/etc/connectycube-bridge/credstore", root) < 0 ||
	    re_snprintf(s->versions, sizeof(s->versions),
			"%s/usr/lib/connectycube-bridge/versions", root) < 0 ||
	    re_snprintf(s->spool, sizeof(s->spool),
			"%s/var/spool/connectycube-bridge", root) < 0 ||
	    re_snprintf(s->modules, sizeof(s->modules),
			"%s/usr/lib/baresip/modules", root) < 0)
		return ENAMETOOLONG;

	if (lockp)
		err = lock(lockp, s->instances);
	if (err)
		return err;

	dir = opendir(s->instances);
	if (!dir)
		return errno == ENOENT ? 0 : errno;

	while (!err && (de = readdir(dir))) {

		char path[SYNC_PATH];

		if (de->d_name[0] != '.' &&
		    re_snprintf(path, sizeof(path), "%s/%s/config",
				s->instances, de->d_name) > 0 &&
		    !access(path, F_OK))
			err = found(s, de->d_name);
	}

	(void)closedir(dir);
	if (s->instc)
		qsort(s->instv, s->instc, sizeof(*s->instv), compare);

	return err;
}


static void remove_one(int dir, const char *name, void *arg)
{
	(void)arg;

	(void)unlinkat(dir, name, 0);
}


/**
 * Remove what an instance ran with. What it keeps in /var/lib stays
 *
 * @param s    Sync
 * @param name Name of the instance
 *
 * @return 0 if success, otherwise errorcode
 */
int sync_remove(const struct sync *s, const char *name)
{
	char path[SYNC_PATH];
	int fd;

	if (re_snprintf(path, sizeof(path), "%s/%s", s->instances, name) < 0)
		return ENAMETOOLONG;

	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return errno == ENOENT ? 0 : errno;

	folder_each(fd, remove_one, NULL);
	(void)close(fd);

	return rmdir(path) ? errno : 0;
}
