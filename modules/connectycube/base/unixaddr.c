/**
 * @file base/unixaddr.c  Address of a Unix socket, however long its path is
 *
 * An address has room for 107 bytes (unix(7)), and a profile may lie deeper
 * than that. Its folder then is opened, and named as /proc names what is open.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <re_types.h>
#include <re_fmt.h>
#include "unixaddr.h"


/**
 * Set the address of a socket
 *
 * @param ua   Set to it; closed by unix_addr_close() if success
 * @param path Path of the socket; its folder has to be there if it is longer
 *             than an address
 *
 * @return 0 if success, ENAMETOOLONG if its name alone is longer than that,
 *         otherwise errorcode
 */
int unix_addr_open(struct unix_addr *ua, const char *path)
{
	const char *slash;
	char dir[4096];

	if (!ua || !path)
		return EINVAL;

	memset(ua, 0, sizeof(*ua));
	ua->dir = -1;
	ua->sun.sun_family = AF_UNIX;

	if (strlen(path) < sizeof(ua->sun.sun_path)) {
		memcpy(ua->sun.sun_path, path, strlen(path) + 1);
		return 0;
	}

	slash = strrchr(path, '/');
	if (!slash ||
	    re_snprintf(dir, sizeof(dir), "%b", path,
			(size_t)(slash - path) + 1) < 0)
		return ENAMETOOLONG;

	ua->dir = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (ua->dir < 0)
		return errno;

	if (re_snprintf(ua->sun.sun_path, sizeof(ua->sun.sun_path),
			"/proc/self/fd/%d%s", ua->dir, slash) < 0) {
		unix_addr_close(ua);
		return ENAMETOOLONG;
	}

	return 0;
}


/**
 * Give back what an address needed; a socket that is bound or connected stays
 *
 * @param ua Address
 */
void unix_addr_close(struct unix_addr *ua)
{
	if (!ua || ua->dir < 0)
		return;

	(void)close(ua->dir);
	ua->dir = -1;
}
