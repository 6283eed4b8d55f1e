/**
 * @file connectycube_hub/web/door.c  Where HTTP comes in
 *
 * unix:PATH, 127.0.0.1:PORT, [::1]:PORT, or any other address of this host.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_main.h>
#include <re_mem.h>
#include <re_sa.h>
#include <re_tmr.h>
#include "base/log.h"
#include "base/text.h"
#include "base/unixdoor.h"
#include "route.h"
#include "web.h"


enum {
	BACKLOG = 128,
	ACCEPTS = 32,           /**< Taken at once                         */
	FULL_WAIT = 1000,       /**< When there is no room for another [ms] */
	DEAD_WAIT = 30000,      /**< For a peer that takes nothing [ms]    */
};

struct web_door {
	int fd;                 /**< Socket (owned), -1=none               */
	struct unix_door *ls;   /**< Unix socket (owned), NULL=none        */
	struct tmr tmr;         /**< There may be room again               */
	bool tls;               /**< It speaks TLS                         */
	web_accept_h *accepth;  /**< Takes connections                     */
	void *arg;              /**< Its argument                          */
};


static void destructor(void *data)
{
	struct web_door *d = data;

	tmr_cancel(&d->tmr);
	mem_deref(d->ls);
	if (d->fd >= 0) {
		fd_close(d->fd);
		(void)close(d->fd);
	}
}


static void hand_over(struct web_door *d, struct web_peer *peer)
{
	peer->tls = d->tls;
	d->accepth(peer, d->arg);
}


static void unix_handler(int fd, void *arg)
{
	struct web_peer peer = {.fd = fd, .local = true, .loopback = true,
		.from = "unix", .net = "unix"};
	struct ucred cred;
	socklen_t len = sizeof(cred);

	if (!getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len)) {
		peer.uid   = cred.uid;
		peer.owner = cred.uid == 0 || cred.uid == geteuid();
	}

	hand_over(arg, &peer);
}


/* Who has an IPv6 address has 2^64 of them (RFC 6177) */
static void name_net(struct web_peer *peer, const struct sa *sa)
{
	struct sa net = *sa;

	if (sa_af(sa) == AF_INET6 && !IN6_IS_ADDR_V4MAPPED(
		&sa->u.in6.sin6_addr) && !peer->loopback)
		memset(&net.u.in6.sin6_addr.s6_addr[8], 0, 8);

	(void)re_snprintf(peer->net, sizeof(peer->net), "%j", &net);
}


static void tcp_peer(struct web_peer *peer, int fd, struct sa *sa)
{
	const unsigned wait = DEAD_WAIT;
	const int on = 1;

	peer->fd       = fd;
	peer->loopback = sa_is_loopback(sa);
	(void)re_snprintf(peer->from, sizeof(peer->from), "%j", sa);
	name_net(peer, sa);

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &wait,
			 sizeof(wait));
}


static void accept_handler(int flags, void *arg);


static void again_handler(void *arg)
{
	struct web_door *d = arg;

	if (fd_listen(d->fd, FD_READ, accept_handler, d))
		tmr_start(&d->tmr, FULL_WAIT, again_handler, d);
}


static void accept_handler(int flags, void *arg)
{
	struct web_door *d = arg;
	unsigned n;
	(void)flags;

	for (n=0; n<ACCEPTS; n++) {

		struct web_peer peer = {.fd = -1};
		struct sa sa;
		int fd;

		sa_init(&sa, AF_UNSPEC);
		sa.len = sizeof(sa.u);
		fd = accept4(d->fd, &sa.u.sa, &sa.len,
			     SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			tcp_peer(&peer, fd, &sa);
			hand_over(d, &peer);
			continue;
		}

		if (errno == EAGAIN)
			break;
		if (errno == EINTR || errno == ECONNABORTED)
			continue;

		/* the loop would be told of it again and again */
		clog_warning("hub: http: nobody can be taken now: %m\n",
			     errno);
		fd_close(d->fd);
		tmr_start(&d->tmr, FULL_WAIT, again_handler, d);
		break;
	}
}


static int wrong(char *why, size_t size, const char *where, const char *what)
{
	(void)re_snprintf(why, size, "%s: %s", where, what);

	return EINVAL;
}


/**
 * Check what a door is to be
 *
 * @param where  unix:PATH, ADDRESS:PORT
 * @param remote Set if others than this machine can come in
 * @param why    Set to what is wrong
 * @param size   Room there [bytes]
 *
 * @return 0 if success, EINVAL otherwise
 */
int web_door_check(const char *where, bool *remote, char *why, size_t size)
{
	struct sa sa;

	*remote = false;
	if (!strncmp(where, "unix:", 5))
		return where[5] == '/' ? 0 : wrong(why, size, where, "write"
						   " the path as a whole:"
						   " unix:/PATH");

	if (sa_decode(&sa, where, strlen(where)) || !sa_port(&sa))
		return wrong(why, size, where, "is neither unix:/PATH nor"
			     " ADDRESS:PORT");

	*remote = !sa_is_loopback(&sa);

	return 0;
}


static int open_tcp(struct web_door *d, const char *where)
{
	const int on = 1;
	struct sa sa;
	int err;

	err = sa_decode(&sa, where, strlen(where));
	if (err)
		return err;

	d->fd = socket(sa_af(&sa), SOCK_STREAM | SOCK_NONBLOCK |
		       SOCK_CLOEXEC, 0);
	if (d->fd < 0)
		return errno;

	(void)setsockopt(d->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (sa_af(&sa) == AF_INET6)
		(void)setsockopt(d->fd, IPPROTO_IPV6, IPV6_V6ONLY, &on,
				 sizeof(on));

	if (bind(d->fd, &sa.u.sa, sa.len) || listen(d->fd, BACKLOG))
		return errno;

	return fd_listen(d->fd, FD_READ, accept_handler, d);
}


/* Who may not open the Unix socket is told so as HTTP tells it */
static void refuse(int fd, const char *why)
{
	char buf[512];
	const int n = re_snprintf(buf, sizeof(buf), "HTTP/1.1 403 Forbidden"
				  "\r\nConnection: close\r\nContent-Type:"
				  " application/problem+json\r\n\r\n"
				  "{\"title\":\"Forbidden\",\"status\":403,"
				  "\"detail\":\"%s\"}\n", why);

	if (n > 0)
		(void)!send(fd, buf, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL);
}


/**
 * Open a door
 *
 * @param dp      Pointer to it, freed by mem_deref()
 * @param where   unix:PATH, ADDRESS:PORT
 * @param tls     It speaks TLS, if it is no Unix socket
 * @param group   Whose members may come by a Unix socket, NULL=nobody's
 * @param accepth Takes connections
 * @param arg     Its argument
 * @param why     Set to what is wrong
 * @param size    Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int web_door_alloc(struct web_door **dp, const char *where, bool tls,
		   const char *group, web_accept_h *accepth, void *arg,
		   char *why, size_t size)
{
	const struct unix_door_prm prm = {
		.path = where + 5, .owner = "hub", .group = group,
		.group_key = "connectycube_hub_group", .refuseh = refuse,
	};
	struct web_door *d;
	int err;

	d = mem_zalloc(sizeof(*d), destructor);
	if (!d)
		return ENOMEM;

	d->fd      = -1;
	d->accepth = accepth;
	d->arg     = arg;
	why[0]     = '\0';

	if (!strncmp(where, "unix:", 5)) {
		err = unix_door_alloc(&d->ls, &prm, unix_handler, d, why,
				      size);
	}
	else {
		d->tls = tls;
		err = open_tcp(d, where);
	}

	if (err && !why[0])
		(void)re_snprintf(why, size, "connectycube_hub_http: %s: %m",
				  where, err);
	if (err)
		mem_deref(d);
	else
		*dp = d;

	return err;
}
