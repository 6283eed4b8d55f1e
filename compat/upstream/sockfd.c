/**
 * @file compat/upstream/sockfd.c  What is below sockets of libre 4.x
 *
 * The descriptor of a UDP socket, of a connection by TCP, and what OpenSSL has
 * of TLS: 2.0 tells all three.
 */
#include <unistd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <openssl/ssl.h>
#include <re.h>

#undef udp_sock_fd


/** First member of libre's TLS context, in every 4.x */
struct tls {
	SSL_CTX *ctx;
};


/**
 * Get the descriptor of a UDP socket
 *
 * @param us Socket
 * @param af Address family that it is to be of
 *
 * @return File descriptor, -1 if it is of another one
 */
int udp_fd_of(const struct udp_sock *us, int af)
{
	struct sa laddr;

	if (udp_local_get(us, &laddr) || sa_af(&laddr) != af)
		return -1;

	return udp_sock_fd(us);
}


static bool is_end(int fd, const struct sa *wanted,
		   int (*get)(int fd, struct sockaddr *addr, socklen_t *len))
{
	struct sa sa = {.len = sizeof(sa.u)};

	return !get(fd, &sa.u.sa, &sa.len) && sa_cmp(&sa, wanted, SA_ALL);
}


/**
 * Find the descriptor of a connection by TCP. libre does not tell it, so it
 * is known by its two ends; that takes a system call for each descriptor
 *
 * @param tc Connection
 *
 * @return File descriptor, -1 if it is not found
 */
int tcp_conn_fd(const struct tcp_conn *tc)
{
	const int max = getdtablesize();
	struct sa laddr, peer;
	int fd;

	if (tcp_conn_local_get(tc, &laddr) || tcp_conn_peer_get(tc, &peer))
		return -1;

	for (fd=0; fd<max; fd++) {
		if (is_end(fd, &peer, getpeername) &&
		    is_end(fd, &laddr, getsockname))
			return fd;
	}

	return -1;
}


/**
 * Get OpenSSL's side of a TLS context
 *
 * @param tls TLS context
 *
 * @return OpenSSL's
 */
SSL_CTX *tls_openssl_context(const struct tls *tls)
{
	return tls ? tls->ctx : NULL;
}
