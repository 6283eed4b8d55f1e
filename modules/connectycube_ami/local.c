/**
 * @file connectycube_ami/local.c  A connection at a Unix socket
 *
 * What the other side does not take waits, up to AMI_LOCAL_OUT.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <re.h>
#include "base/unixaddr.h"
#include "base/unixpeer.h"
#include "local.h"


enum {
	READ_MAX = 16384,       /* at a time [bytes]                     */
};

/** A connection */
struct ami_local {
	int fd;                 /* socket (owned), -1=gone */
	struct mbuf *out;       /* from `pos` on to be sent (owned) */
	bool writing;           /* it is told when there is room */
	struct ami_local_handlers h;
};


static void close_socket(struct ami_local *l)
{
	if (l->fd < 0)
		return;

	fd_close(l->fd);
	(void)close(l->fd);
	l->fd = -1;
}


static void destructor(void *data)
{
	struct ami_local *l = data;

	close_socket(l);
	mem_deref(l->out);
}


static void fd_handler(int flags, void *arg);


static int listen_again(struct ami_local *l)
{
	const bool writing = mbuf_get_left(l->out) > 0;
	int err;

	if (writing == l->writing)
		return 0;

	err = fd_listen(l->fd, FD_READ | (writing ? FD_WRITE : 0),
			fd_handler, l);
	if (!err)
		l->writing = writing;

	return err;
}


static int flush(struct ami_local *l)
{
	struct mbuf *mb = l->out;
	size_t left;

	while (mbuf_get_left(mb)) {

		const ssize_t n = send(l->fd, mbuf_buf(mb),
				       mbuf_get_left(mb),
				       MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN)
			return errno;
		if (n < 0)
			break;

		mbuf_advance(mb, n);
	}

	left = mbuf_get_left(mb);
	if (!left) {
		mbuf_rewind(mb);
	}
	else if (mb->pos > mb->end / 2) {
		memmove(mb->buf, mbuf_buf(mb), left);
		mb->pos = 0;
		mb->end = left;
	}

	return listen_again(l);
}


static void gone(struct ami_local *l, int err)
{
	close_socket(l);
	l->h.closeh(err, l->h.arg);
}


static void receive(struct ami_local *l)
{
	uint8_t buf[READ_MAX];
	const ssize_t n = recv(l->fd, buf, sizeof(buf), MSG_DONTWAIT);

	if (n > 0)
		l->h.recvh(buf, (size_t)n, l->h.arg);
	else if (!n)
		gone(l, 0);
	else if (errno != EAGAIN && errno != EINTR)
		gone(l, errno);
}


static void fd_handler(int flags, void *arg)
{
	struct ami_local *l = mem_ref(arg);
	int err;

	if (flags & FD_WRITE) {
		err = flush(l);
		if (err)
			gone(l, err);
	}

	if (l->fd >= 0 && flags & ~FD_WRITE)
		receive(l);

	mem_deref(l);
}


/**
 * Take a socket that is connected
 *
 * @param lp Pointer to the connection, freed by mem_deref(), which tells
 *           nothing
 * @param fd Socket, which does not block; owned by it if this succeeds
 * @param h  What is told; all must be there
 *
 * @return 0 if success, otherwise errorcode
 */
int ami_local_alloc(struct ami_local **lp, int fd,
		    const struct ami_local_handlers *h)
{
	struct ami_local *l;
	int err;

	if (!lp || fd < 0 || !h || !h->recvh || !h->closeh)
		return EINVAL;

	l = mem_zalloc(sizeof(*l), destructor);
	if (!l)
		return ENOMEM;

	l->fd  = -1;
	l->h   = *h;
	l->out = mbuf_alloc(1024);

	err = l->out ? fd_listen(fd, FD_READ, fd_handler, l) : ENOMEM;
	if (err) {
		mem_deref(l);
		return err;
	}

	l->fd = fd;
	*lp = l;

	return 0;
}


/**
 * Connect
 *
 * @param lp   Pointer to the connection, as of ami_local_alloc()
 * @param path Path of the socket
 * @param h    What is told; all must be there
 *
 * @return 0 if it is connected; ENOENT, ECONNREFUSED if nobody listens there;
 *         EACCES if we may not; EPERM if neither root nor our own user listens
 *         in a folder where everybody may write; otherwise errorcode
 */
int ami_local_connect(struct ami_local **lp, const char *path,
		      const struct ami_local_handlers *h)
{
	struct unix_addr ua;
	int fd, err;

	if (!lp || !path || !h)
		return EINVAL;

	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return errno;

	err = unix_addr_open(&ua, path);
	if (!err) {
		if (connect(fd, (struct sockaddr *)&ua.sun, sizeof(ua.sun)))
			err = errno;
		unix_addr_close(&ua);
	}
	if (!err && unix_peer_may_be_anybody(fd, path))
		err = EPERM;
	if (!err)
		err = ami_local_alloc(lp, fd, h);
	if (err)
		(void)close(fd);

	return err;
}


/**
 * Send
 *
 * @param l   Connection
 * @param buf Bytes
 * @param len Number of bytes
 *
 * @return 0 if success: they are sent, or wait; ENOTCONN if it is gone; ENOBUFS
 *         if the other side takes nothing; otherwise errorcode. No handler is
 *         called from here
 */
int ami_local_send(struct ami_local *l, const uint8_t *buf, size_t len)
{
	size_t pos;
	int err;

	if (!l || !buf)
		return EINVAL;
	if (l->fd < 0)
		return ENOTCONN;
	if (mbuf_get_left(l->out) + len > AMI_LOCAL_OUT)
		return ENOBUFS;

	pos = l->out->pos;
	l->out->pos = l->out->end;
	err = mbuf_write_mem(l->out, buf, len);
	l->out->pos = pos;

	return err ? err : l->writing ? 0 : flush(l);
}
