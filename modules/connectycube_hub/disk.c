/**
 * @file connectycube_hub/disk.c  How much room there is
 *
 * On a thread: a file system of another host may take its time.
 */
#include <string.h>
#include <sys/statvfs.h>
#include <re.h>
#include "hub.h"


/**
 * Look how much room there is
 *
 * @param d    Set to it; it is 0 if that cannot be known
 * @param path Path
 * @param file It is that of a file: its folder is looked at
 */
void hub_disk_look(struct hub_disk *d, const char *path, bool file)
{
	const char *slash = strrchr(path, '/');
	char dir[1024];
	struct statvfs sv;

	memset(d, 0, sizeof(*d));

	if (re_snprintf(dir, sizeof(dir), "%b", path, file ? (slash ?
			(size_t)(slash - path) + 1 : 0) : strlen(path)) < 0)
		return;

	if (statvfs(dir[0] ? dir : ".", &sv))
		return;

	d->size = (uint64_t)sv.f_blocks * sv.f_frsize;
	d->free = (uint64_t)sv.f_bavail * sv.f_frsize;
}
