/**
 * @file base/unixpeer.c  Who listens at a Unix socket
 */
#include <unistd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <re.h>
#include "base/folder.h"
#include "base/unixpeer.h"


/**
 * May anybody be listening at a socket? In a folder where everybody may write
 * anybody may have made it, to hear of all calls, and to say whatever he likes
 *
 * @param fd   Socket, connected
 * @param path Where
 *
 * @return true if everybody may write there, and it is neither root nor our own
 *         user who listens
 */
bool unix_peer_may_be_anybody(int fd, const char *path)
{
	char dir[sizeof(((struct sockaddr_un *)0)->sun_path)];
	struct ucred cred;
	socklen_t len = sizeof(cred);
	struct stat st;

	if (!folder_of(dir, sizeof(dir), path) && !stat(dir, &st) &&
	    !(st.st_mode & S_IWOTH))
		return false;

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) ||
		(cred.uid && cred.uid != geteuid());
}
