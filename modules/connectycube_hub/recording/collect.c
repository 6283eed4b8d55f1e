/**
 * @file connectycube_hub/recording/collect.c
 * Recordings of bridges that see nothing of each other come into the spool
 *
 *   SPOOL/from/NAME/UUID.rec --> SPOOL/UUID.rec
 *
 * In an office each bridge has its own folder in the place of the spool
 * (connectycube-bridge@.service), and writes there. What is in it is its word
 * alone: only files are taken, and none takes the place of another one.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include <re.h>
#include "base/folder.h"
#include "base/log.h"
#include "../hub.h"
#include "recfacts.h"
#include "recording.h"
#include "place.h"

#define FROM "from"

/** All of them are looked through */
struct collect {
	const char *spool;
	const char *bridge;     /**< Whose folder it is now                */
	uint32_t writing;       /**< That are being written                */
};


static int move(const struct collect *co, const char *name)
{
	char from[PLACE_PATH], to[PLACE_PATH];
	int err;

	if (re_snprintf(from, sizeof(from), "%s/" FROM "/%s/%s", co->spool,
			co->bridge, name) < 0)
		return ENAMETOOLONG;

	err = place_path(to, sizeof(to), co->spool, name);

	return err ? err : folder_rename_new(from, to);
}


static void file_handler(int dir, const char *name, void *arg)
{
	struct collect *co = arg;
	struct stat st;
	int err;

	if (!hrec_is_raw(name) ||
	    fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) ||
	    !S_ISREG(st.st_mode))
		return;

	if (hrec_is_written(dir, name)) {
		++co->writing;
		return;
	}

	err = move(co, name);
	if (err)
		clog_warning("hub: %s/" FROM "/%s/%s: %m\n", co->spool,
			     co->bridge, name, err);
}


static void bridge_handler(int dir, const char *name, void *arg)
{
	struct collect *co = arg;
	int fd;

	if (name[0] == '.')
		return;

	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC |
		    O_NOFOLLOW);
	if (fd < 0)
		return;

	co->bridge = name;
	folder_each(fd, file_handler, co);
	(void)close(fd);
}


/**
 * Collect what bridges have finished
 *
 * @param spool Spool
 *
 * @return How many are being written
 */
uint32_t hrec_collect(const char *spool)
{
	struct collect co = {.spool = spool};
	char path[PLACE_PATH];
	int fd = -1;

	if (!place_path(path, sizeof(path), spool, FROM))
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC |
			  O_NOFOLLOW);
	if (fd >= 0) {
		folder_each(fd, bridge_handler, &co);
		(void)close(fd);
	}

	return co.writing;
}
