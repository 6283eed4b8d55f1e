/**
 * @file peer/ice_direct.c  Media past libnice, on the selected pair
 *
 *                      first byte (RFC 7983)
 *   port --> kernel --- 128-191 --> our socket  --> peer
 *                 `---- the rest -> libnice's socket: STUN, DTLS
 *
 * A packet costs libnice several system calls, locks and allocations: more
 * than all the rest of forwarding it. So once there is a pair, a second
 * socket is bound to the same address as libnice's (SO_REUSEPORT), and a
 * filter of four instructions tells the kernel which datagrams are for it.
 * Where that cannot be done, all goes through libnice as before.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1           /* recvmmsg() */
#endif
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <linux/filter.h>
#include <nice/agent.h>
#include <re.h>
#include "../base/fdset.h"
#include "../base/rxage.h"
#include "../base/warm.h"
#include "peer.h"
#include "cand.h"
#include "ice.h"


enum {
	BUF_SIZE  = 2048,       /**< Largest media datagram [bytes]        */
	BATCH_MAX = 16,         /**< Datagrams read at once                */
};

struct ice_direct {
	int fd;                 /**< Owner; -1 if none                     */
	bool bursts;            /**< BATCH_MAX datagrams are read at once  */
	const struct warm *warm;/**< What a packet needs (pointer)         */
	ice_direct_h *recvh;    /**< Takes packets                         */
	void *arg;              /**< Handler argument                      */
	struct sa raddr;        /**< The remote                            */
	struct le le;           /**< Member of its owner's list, or none   */
};


static void destructor(void *arg)
{
	struct ice_direct *d = arg;

	list_unlink(&d->le);
	if (d->fd >= 0) {
		fdset_close(d->fd);
		(void)close(d->fd);
	}
}


static void read_one(struct ice_direct *d)
{
	uint8_t buf[BUF_SIZE];
	struct sa src;
	ssize_t n;

	src.len = sizeof(src.u);
	n = recvfrom(d->fd, buf, sizeof(buf), MSG_DONTWAIT, &src.u.sa,
		     &src.len);
	if (n > 0)
		d->recvh(d, &src, buf, (size_t)n, d->arg);
}


/* As many as one system call gives; what is left comes with the next turn of
   the loop. The owner may go away in between */
static void read_many(struct ice_direct *d)
{
	uint8_t buf[BATCH_MAX][BUF_SIZE];
	struct mmsghdr msgv[BATCH_MAX];
	struct iovec iov[BATCH_MAX];
	struct sa srcv[BATCH_MAX];
	unsigned i;
	int n;

	for (i=0; i<BATCH_MAX; i++) {
		iov[i].iov_base = buf[i];
		iov[i].iov_len  = BUF_SIZE;
		memset(&msgv[i], 0, sizeof(msgv[i]));
		msgv[i].msg_hdr.msg_iov    = &iov[i];
		msgv[i].msg_hdr.msg_iovlen = 1;
		msgv[i].msg_hdr.msg_name    = &srcv[i].u;
		msgv[i].msg_hdr.msg_namelen = sizeof(srcv[i].u);
	}

	n = recvmmsg(d->fd, msgv, BATCH_MAX, 0, NULL);

	mem_ref(d);
	for (i=0; (int)i<n && mem_nrefs(d) > 1; i++) {
		srcv[i].len = msgv[i].msg_hdr.msg_namelen;
		if (msgv[i].msg_len)
			d->recvh(d, &srcv[i], buf[i], msgv[i].msg_len,
				 d->arg);
	}
	mem_deref(d);
}


static void read_handler(int flags, void *arg)
{
	struct ice_direct *d = arg;
	(void)flags;

	warm_fetch(d->warm);

	if (d->bursts)
		read_many(d);
	else
		read_one(d);
}


/* Sockets of a group are numbered in the order of joining: libnice's is 0.
   The filter sees the datagram's payload */
static int steer(int fd, uint8_t first, uint8_t last)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, first, 0, 2),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, last, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog prog;

	/* with its padding */
	memset(&prog, 0, sizeof(prog));
	prog.len    = ARRAY_SIZE(code);
	prog.filter = code;

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &prog,
			  sizeof(prog)) ? errno : 0;
}


/**
 * Bind a socket to the address of another one, and have the kernel give it
 * the datagrams of one kind, which their first byte tells (RFC 7983)
 *
 * @param fd    UDP socket, not bound yet
 * @param nfd   UDP socket that is bound; it keeps all the rest
 * @param first First byte of those datagrams, from
 * @param last  ... to
 *
 * @return 0 if success, otherwise the error of a system call
 */
int ice_direct_join(int fd, int nfd, uint8_t first, uint8_t last)
{
	struct sa laddr;
	int on = 1;

	laddr.len = sizeof(laddr.u);
	if (getsockname(nfd, &laddr.u.sa, &laddr.len))
		return errno;

	if (setsockopt(nfd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) ||
	    bind(fd, &laddr.u.sa, laddr.len))
		return errno;

	return steer(fd, first, last);
}


static int open_socket(struct ice_direct *d, int nfd)
{
	struct sa laddr;

	laddr.len = sizeof(laddr.u);
	if (getsockname(nfd, &laddr.u.sa, &laddr.len))
		return errno;

	d->fd = socket(sa_af(&laddr), SOCK_DGRAM | SOCK_NONBLOCK |
		       SOCK_CLOEXEC, 0);
	if (d->fd < 0)
		return errno;

	ice_setup_buffers(d->fd);

	return ice_direct_join(d->fd, nfd, ICE_MEDIA_FIRST, ICE_MEDIA_LAST);
}


/**
 * Take the media that comes to one of an agent's sockets from libnice
 *
 * @param dp     Pointer to allocated object
 * @param nfd    The agent's UDP socket
 * @param raddr  Where to send to, NULL=nothing is sent
 * @param bursts Datagrams come in bursts: many are read at once. A second one
 *               that is not there costs some hundred ns
 * @param warm   What a packet needs of memory; must outlive the object
 * @param recvh  Takes packets; may deref the object's owner
 * @param arg    Handler argument
 *
 * @return 0 if success; ENOMEM, or the error of a system call
 */
int ice_direct_alloc(struct ice_direct **dp, int nfd, const struct sa *raddr,
		     bool bursts, const struct warm *warm,
		     ice_direct_h *recvh, void *arg)
{
	struct ice_direct *d;
	int err;

	d = mem_zalloc(sizeof(*d), destructor);
	if (!d)
		return ENOMEM;

	d->fd     = -1;
	d->bursts = bursts;
	d->warm   = warm;
	d->recvh  = recvh;
	d->arg    = arg;
	if (raddr)
		d->raddr = *raddr;

	err = open_socket(d, nfd);
	if (!err)
		err = fdset_listen(&d->fd, read_handler, d);

	if (err)
		mem_deref(d);
	else
		*dp = d;

	return err;
}


/**
 * Send to another address from now on, if that goes by the same socket
 *
 * @param d      Direct path, or NULL
 * @param nfd    The agent's UDP socket
 * @param raddr  Where to send to
 * @param bursts Datagrams come in bursts
 *
 * @return true if so, false if another path is needed
 */
bool ice_direct_move(struct ice_direct *d, int nfd, const struct sa *raddr,
		     bool bursts)
{
	struct sa ours, theirs;

	theirs.len = sizeof(theirs.u);
	if (!d || ice_direct_local(d, &ours) ||
	    getsockname(nfd, &theirs.u.sa, &theirs.len) ||
	    !sa_cmp(&ours, &theirs, SA_ALL))
		return false;

	d->raddr  = *raddr;
	d->bursts = bursts;

	return true;
}


/**
 * Get the local address
 *
 * @param d  Direct path
 * @param sa Address, written
 *
 * @return 0 if success, otherwise the error of a system call
 */
int ice_direct_local(const struct ice_direct *d, struct sa *sa)
{
	sa->len = sizeof(sa->u);

	return getsockname(d->fd, &sa->u.sa, &sa->len) ? errno : 0;
}


/**
 * Add to a list, which then owns it
 *
 * @param d Direct path
 * @param l List
 */
void ice_direct_append(struct ice_direct *d, struct list *l)
{
	list_append(l, &d->le, d);
}


/**
 * Tell if something came from where this path sends to
 *
 * @param d   Direct path
 * @param src Source of a datagram
 *
 * @return true if so
 */
bool ice_direct_is_remote(const struct ice_direct *d, const struct sa *src)
{
	return sa_cmp(&d->raddr, src, SA_ALL);
}


/**
 * Send a datagram to the remote
 *
 * @param d   Direct path
 * @param buf Datagram
 * @param len Length of the datagram [bytes]
 *
 * @return 0 if success; EAGAIN if the socket is full; otherwise errorcode
 */
int ice_direct_send(struct ice_direct *d, const uint8_t *buf, size_t len)
{
	return sendto(d->fd, buf, len, 0, &d->raddr.u.sa, d->raddr.len) < 0 ?
		errno : 0;
}


/**
 * Get the age of the datagram that was read last
 *
 * @param d Socket
 *
 * @return See rxage_us()
 */
uint32_t ice_direct_rx_age(const struct ice_direct *d)
{
	return rxage_us(d->fd);
}


/**
 * Add what sending needs to a list
 *
 * @param d Direct path
 * @param w List
 */
void ice_direct_warm(const struct ice_direct *d, struct warm *w)
{
	warm_add(w, d, sizeof(*d));
}
