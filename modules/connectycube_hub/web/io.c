/**
 * @file connectycube_hub/web/io.c  Bytes of a connection, maybe with TLS
 */
#include <errno.h>
#include <unistd.h>
#include <sys/socket.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include "route.h"
#include "web.h"


static int tls_error(struct web_io *io, int ret, bool *waits)
{
	const int code = SSL_get_error(io->ssl, ret);

	ERR_clear_error();

	if (code == SSL_ERROR_WANT_READ || code == SSL_ERROR_WANT_WRITE) {
		*waits = true;
		return EAGAIN;
	}

	/* it is not to be asked any more, not even to say goodbye */
	if (code == SSL_ERROR_SSL || code == SSL_ERROR_SYSCALL)
		SSL_set_quiet_shutdown(io->ssl, 1);

	return ECONNRESET;
}


/**
 * Read what has come
 *
 * @param io   Socket
 * @param buf  Buffer
 * @param size Room there [bytes]
 * @param n    Set to what was read [bytes]
 *
 * @return 0 if success, EAGAIN nothing has come, ECONNRESET it has ended
 */
int web_io_read(struct web_io *io, void *buf, size_t size, size_t *n)
{
	bool waits = false;
	ssize_t len;
	int ret, err;

	*n = 0;
	if (!io->ssl) {
		do {
			len = recv(io->fd, buf, size, MSG_DONTWAIT);
		} while (len < 0 && errno == EINTR);

		if (len <= 0)
			return len < 0 && errno == EAGAIN ? EAGAIN :
				ECONNRESET;
		*n = (size_t)len;
		return 0;
	}

	ERR_clear_error();
	ret = SSL_read_ex(io->ssl, buf, size, n);
	err = ret ? 0 : tls_error(io, ret, &waits);
	io->read_waits = waits && SSL_want_write(io->ssl);

	return err;
}


/**
 * Write some
 *
 * @param io  Socket
 * @param buf What is to be written; the same again after EAGAIN
 * @param len Its length [bytes]
 * @param n   Set to what was written [bytes]
 *
 * @return 0 if success, EAGAIN not now, ECONNRESET it has ended
 */
int web_io_write(struct web_io *io, const void *buf, size_t len, size_t *n)
{
	bool waits = false;
	ssize_t sent;
	int ret, err;

	*n = 0;
	if (!io->ssl) {
		do {
			sent = send(io->fd, buf, len,
				    MSG_NOSIGNAL | MSG_DONTWAIT);
		} while (sent < 0 && errno == EINTR);

		if (sent < 0)
			return errno == EAGAIN ? EAGAIN : ECONNRESET;
		*n = (size_t)sent;
		return 0;
	}

	ERR_clear_error();
	ret = SSL_write_ex(io->ssl, buf, len, n);
	err = ret ? 0 : tls_error(io, ret, &waits);
	io->write_waits = waits && SSL_want_read(io->ssl);

	return err;
}


/**
 * Close a socket
 *
 * @param io Socket
 */
void web_io_close(struct web_io *io)
{
	if (io->ssl) {
		(void)SSL_shutdown(io->ssl);
		ERR_clear_error();
		SSL_free(io->ssl);
		io->ssl = NULL;
	}

	if (io->fd >= 0)
		(void)close(io->fd);
	io->fd = -1;
}
