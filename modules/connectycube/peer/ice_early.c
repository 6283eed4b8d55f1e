/**
 * @file peer/ice_early.c  Whose DTLS it is, before one of several has won
 *
 *                      first byte (RFC 7983)
 *   port --> kernel --- 20-63 --> our socket --> peer, with its source
 *                 `---- the rest -> libnice's socket
 *
 * An offer may reach several devices, and each may start with our one port
 * before it is known which of them is to be in the call. libnice hands their
 * datagrams on without saying whose they are, and two ClientHellos in one
 * association are none. So until there is media, DTLS is taken from sockets
 * of our own beside libnice's (see ice_direct.c for how), which know.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <nice/agent.h>
#include <re.h>
#include "../base/fdset.h"
#include "../base/log.h"
#include "peer.h"
#include "cand.h"
#include "ice.h"


enum {
	DTLS_FIRST = 20,        /**< First byte of DTLS datagrams, from    */
	DTLS_LAST  = 63,        /**< ... to (RFC 7983)                     */
	DTLS_SIZE  = 2048,      /**< Longest DTLS datagram [bytes]         */
};

/** A socket beside one of libnice's */
struct door {
	struct le le;           /**< Member of its doorl                   */
	int fd;                 /**< Owner; -1 if none                     */
	struct ice_early *early;/**< Parent                                */
};

struct ice_early {
	struct list doorl;      /**< Owner; struct door                    */
	ice_early_h *h;         /**< Takes datagrams                       */
	void *arg;              /**< Handler argument                      */
};


static void door_destructor(void *arg)
{
	struct door *d = arg;

	list_unlink(&d->le);
	if (d->fd >= 0) {
		fdset_close(d->fd);
		(void)close(d->fd);
	}
}


static void destructor(void *arg)
{
	struct ice_early *early = arg;

	list_flush(&early->doorl);
}


static void read_handler(int flags, void *arg)
{
	struct door *d = arg;
	uint8_t buf[DTLS_SIZE];
	struct sa src;
	ssize_t n;
	(void)flags;

	src.len = sizeof(src.u);
	n = recvfrom(d->fd, buf, sizeof(buf), 0, &src.u.sa, &src.len);

	/* last: it may be the end of all this */
	if (n > 0)
		d->early->h(&src, buf, (size_t)n, d->early->arg);
}


static int open_door(struct ice_early *early, int nfd)
{
	struct sa laddr;
	struct door *d;
	int err;

	laddr.len = sizeof(laddr.u);
	if (getsockname(nfd, &laddr.u.sa, &laddr.len))
		return errno;

	d = mem_zalloc(sizeof(*d), door_destructor);
	if (!d)
		return ENOMEM;

	d->early = early;
	d->fd    = socket(sa_af(&laddr), SOCK_DGRAM | SOCK_NONBLOCK |
			  SOCK_CLOEXEC, 0);
	err = d->fd < 0 ? errno
		: ice_direct_join(d->fd, nfd, DTLS_FIRST, DTLS_LAST);
	if (!err)
		err = fdset_listen(&d->fd, read_handler, d);

	if (err)
		mem_deref(d);
	else
		list_append(&early->doorl, &d->le, d);

	return err;
}


/**
 * Take DTLS past an agent. What comes by TURN still comes by the agent
 *
 * @param earlyp Pointer to allocated object
 * @param agent  Agent, gathering
 * @param stream Stream, of one component
 * @param h      Takes datagrams; may deref the object's owner
 * @param arg    Handler argument
 *
 * @return 0 if success; ENOMEM, or the error of a system call
 */
int ice_early_alloc(struct ice_early **earlyp, NiceAgent *agent,
		    unsigned stream, ice_early_h *h, void *arg)
{
	struct ice_early *early;
	GPtrArray *v;
	guint i;
	int err = 0;

	if (!earlyp || !h)
		return EINVAL;

	early = mem_zalloc(sizeof(*early), destructor);
	if (!early)
		return ENOMEM;

	early->h   = h;
	early->arg = arg;

	v = nice_agent_get_sockets(agent, stream, 1);
	for (i=0; v && i<v->len && !err; i++) {
		GSocket *sock = g_ptr_array_index(v, i);

		if (g_socket_get_socket_type(sock) == G_SOCKET_TYPE_DATAGRAM)
			err = open_door(early, g_socket_get_fd(sock));
	}

	if (v)
		g_ptr_array_unref(v);

	if (err)
		mem_deref(early);
	else
		*earlyp = early;

	return err;
}
