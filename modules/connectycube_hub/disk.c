/**
 * @file connectycube_hub/disk.c  How much room there is
 *
 * On a thread: a file system of another host may take its time.
 */
#include <string.h>
#include <sys/statvfs.h>
#include <re.h>
#include "base/folder.h"
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
	char dir[1024];
	struct statvfs sv;

	memset(d, 0, sizeof(*d));

	if (file && folder_of(dir, sizeof(dir), path))
		return;

	if (statvfs(file ? dir : path, &sv))
		return;

	d->size = (uint64_t)sv.f_blocks * sv.f_frsize;
	d->free = (uint64_t)sv.f_bavail * sv.f_frsize;
}
