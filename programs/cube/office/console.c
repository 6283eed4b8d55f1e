/**
 * @file office/console.c  The console of a bridge or a hub, asked
 *
 * See modules/connectycube_console/console.h for what is said.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mbuf.h>
#include "base/unixaddr.h"
#include "console.h"


enum { TIME = 15 };             /* for each step [s] */


/**
 * Get the path of the console of an instance
 *
 * @param path  Set to it
 * @param size  Room there [bytes]
 * @param state Folder of what lasts of all instances
 * @param name  Name of the instance
 *
 * @return 0 if success, ENAMETOOLONG
 */
int console_path(char *path, size_t size, const char *state, const char *name)
{
	return re_snprintf(path, size, "%s/%s/" CONSOLE_SOCKET, state, name)
		< 0 ? ENAMETOOLONG : 0;
}


/**
 * Connect to a Unix socket; each step with it has its time
 *
 * @param fdp  Set to the descriptor
 * @param path Path of the socket
 *
 * @return 0 if success, otherwise errorcode
 */
int console_connect(int *fdp, const char *path)
{
	const struct timeval tv = {.tv_sec = TIME};
	struct unix_addr ua;
	int fd, err;

	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return errno;

	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));

	err = unix_addr_open(&ua, path);
	if (!err && connect(fd, (const struct sockaddr *)&ua.sun,
			    sizeof(ua.sun)))
		err = errno;
	unix_addr_close(&ua);
	if (err) {
		(void)close(fd);
		return err;
	}

	*fdp = fd;

	return 0;
}


static int send_line(int fd, const char *line)
{
	const size_t len = strlen(line);

	if (send(fd, line, len, MSG_NOSIGNAL) != (ssize_t)len ||
	    send(fd, "\n", 1, MSG_NOSIGNAL) != 1)
		return errno ? errno : EPIPE;

	return 0;
}


static int receive(int fd, struct mbuf *mb)
{
	uint8_t buf[4096];
	ssize_t n;
	int err = 0;

	while (!err && (n = recv(fd, buf, sizeof(buf), 0)) != 0) {

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? ETIMEDOUT : errno;

		if (mb->end + (size_t)n > CONSOLE_ANSWER)
			return EMSGSIZE;

		err = mbuf_write_mem(mb, buf, (size_t)n);
	}

	return err;
}


/**
 * Run a command of a console
 *
 * @param path   Path of its socket
 * @param line   Command and parameters, without a line end
 * @param answer Buffer that what it prints is appended to, `pos` is its
 *               beginning
 * @param okp    Set to whether it was done
 *
 * @return 0 if there was an answer; EACCES if we may not; ENOENT, ECONNREFUSED
 *         if nobody listens; ECONNRESET, EPIPE if it does not take us; ETIMEDOUT;
 *         EPROTO if it is no console, otherwise errorcode
 */
int console_ask(const char *path, const char *line, struct mbuf *answer,
		bool *okp)
{
	size_t begin;
	int fd = -1, err;

	if (!path || !line || !answer || !okp || strchr(line, '\n'))
		return EINVAL;

	err = console_connect(&fd, path);
	if (err)
		return err;

	begin = answer->pos = answer->end;
	err = send_line(fd, line);
	if (!err)
		err = receive(fd, answer);
	(void)close(fd);
	if (err)
		return err;

	if (answer->end - begin < 3)
		return answer->end == begin ? ECONNRESET : EPROTO;

	*okp = !memcmp(&answer->buf[begin], "ok\n", 3);
	if (!*okp && memcmp(&answer->buf[begin], "no\n", 3))
		return EPROTO;

	answer->pos = begin + 3;

	return 0;
}
