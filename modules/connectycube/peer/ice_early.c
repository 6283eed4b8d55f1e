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
 * of our own beside libnice's (see ice_direct.c for how), which know. What is
 * in their queues by then, as a close_notify right behind the last flight, is
 * not lost with them.
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
	LEFT_MAX   = 16,        /**< Datagrams taken out of a queue        */
};

/** A socket beside one of libnice's */
struct door {
	struct le le;           /**< Member of its doorl                   */
	int fd;                 /**< Owner; -1 if none                     */
	struct ice_early *early;/**< Parent                                */
};

/** A datagram that was in a socket's queue when it was closed */
struct left {
	struct le le;           /**< Member of its leftl                   */
	struct sa src;          /**< Where it came from                    */
	size_t len;             /**< Its length [bytes]                    */
	uint8_t buf[];          /**< Datagram                              */
};

struct ice_early {
	struct list doorl;      /**< Owner; struct door                    */
	struct list leftl;      /**< Owner; struct left                    */
	struct tmr tmr;         /**< Hands them over                       */
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

	tmr_cancel(&early->tmr);
	list_flush(&early->doorl);
	list_flush(&early->leftl);
}


static void left_destructor(void *arg)
{
	struct left *l = arg;

	list_unlink(&l->le);
}


/* true if there was one */
static bool keep_one(struct ice_early *early, int fd)
{
	uint8_t buf[DTLS_SIZE];
	struct left *l;
	struct sa src;
	ssize_t n;

	src.len = sizeof(src.u);
	n = recvfrom(fd, buf, sizeof(buf), 0, &src.u.sa, &src.len);
	if (n <= 0)
		return false;

	l = mem_zalloc(sizeof(*l) + (size_t)n, left_destructor);
	if (!l)
		return false;

	l->src = src;
	l->len = (size_t)n;
	memcpy(l->buf, buf, l->len);
	list_append(&early->leftl, &l->le, l);

	return true;
}


static void left_handler(void *arg)
{
	struct ice_early *early = mem_ref(arg);
	struct le *le;

	while (mem_nrefs(early) > 1 && (le = list_head(&early->leftl))) {
		struct left *l = le->data;

		list_unlink(&l->le);
		early->h(&l->src, l->buf, l->len, early->arg);
		mem_deref(l);
	}

	mem_deref(early);
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


/**
 * Take DTLS past the agent no more. What has come until now is handed over in
 * the loop's next turn, as this may be asked for by what is being handed over
 *
 * @param early Object, may be closed already or NULL
 */
void ice_early_close(struct ice_early *early)
{
	struct le *le;
	unsigned i;

	if (!early)
		return;

	for (le = list_head(&early->doorl); le; le = le->next) {
		const struct door *d = le->data;

		for (i=0; i<LEFT_MAX && keep_one(early, d->fd); i++)
			;
	}

	list_flush(&early->doorl);

	if (!list_isempty(&early->leftl))
		tmr_start(&early->tmr, 0, left_handler, early);
}
