/**
 * @file tests/bench/rtpsock.c  The phones' RTP: a socket for all calls, and
 *                              one for their video
 *
 * The bridge has a socket for each call, so its port tells which call a
 * packet is of.
 */
#include <string.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <unistd.h>
#include <re.h>
#include "bench.h"


enum {
	RCVBUF = 8 << 20,       /**< Nothing may get lost here [bytes]     */
	BATCH  = 32,            /**< Packets read at once                  */
};

static struct rtpsock {
	int fd, fd_rtcp;
	uint16_t port;
	bool video;
	struct call *callv[65536]; /* by the bridge's port */
} rsv[KINDS];


int rtpsock_stamp(int fd)
{
	int on = 1, sz = RCVBUF;

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &sz, sizeof(sz));

	return setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on))
		? errno : 0;
}


static uint64_t stamp(struct msghdr *mh)
{
	struct cmsghdr *cm;

	for (cm = CMSG_FIRSTHDR(mh); cm; cm = CMSG_NXTHDR(mh, cm)) {

		struct timespec ts;

		if (cm->cmsg_level != SOL_SOCKET ||
		    cm->cmsg_type != SCM_TIMESTAMPNS)
			continue;

		memcpy(&ts, CMSG_DATA(cm), sizeof(ts));

		return (uint64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
	}

	return now_ns();
}


/* recvfrom() that tells when the packet came [ns] */
ssize_t rx_stamped(int fd, void *buf, size_t len, struct sockaddr *src,
		   socklen_t *srclen, uint64_t *t)
{
	struct iovec iov = {buf, len};
	uint8_t ctrl[64];
	struct msghdr mh = {
		.msg_name = src, .msg_namelen = srclen ? *srclen : 0,
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = ctrl, .msg_controllen = sizeof(ctrl),
	};
	ssize_t n;

	n = recvmsg(fd, &mh, MSG_DONTWAIT);
	if (n >= 0) {
		*t = stamp(&mh);
		if (srclen)
			*srclen = mh.msg_namelen;
	}

	return n;
}


static void rtp_handler(int flags, void *arg)
{
	static uint8_t bufv[BATCH][PKT_ROOM];
	static uint8_t ctrlv[BATCH][64];
	struct sockaddr_in srcv[BATCH];
	struct mmsghdr mv[BATCH];
	struct iovec iov[BATCH];
	struct rtpsock *rs = arg;
	int i, n;
	(void)flags;

	memset(mv, 0, sizeof(mv));
	for (i=0; i<BATCH; i++) {
		iov[i].iov_base = bufv[i];
		iov[i].iov_len  = PKT_ROOM;
		mv[i].msg_hdr.msg_iov        = &iov[i];
		mv[i].msg_hdr.msg_iovlen     = 1;
		mv[i].msg_hdr.msg_name       = &srcv[i];
		mv[i].msg_hdr.msg_namelen    = sizeof(srcv[i]);
		mv[i].msg_hdr.msg_control    = ctrlv[i];
		mv[i].msg_hdr.msg_controllen = sizeof(ctrlv[i]);
	}

	n = recvmmsg(rs->fd, mv, BATCH, MSG_DONTWAIT, NULL);

	for (i=0; i<n; i++) {

		struct call *call = rs->callv[ntohs(srcv[i].sin_port)];
		const uint64_t t = stamp(&mv[i].msg_hdr);

		if (call && rs->video)
			vflow_sip_rx(call, bufv[i], mv[i].msg_len, t);
		else if (call)
			flow_sip_rx(call, bufv[i], mv[i].msg_len, t);
	}
}


/* Their RTCP comes from the port above */
static void rtcp_handler(int flags, void *arg)
{
	struct rtpsock *rs = arg;
	struct sockaddr_in src;
	socklen_t srclen = sizeof(src);
	uint8_t buf[PKT_ROOM];
	struct call *call;
	ssize_t n;
	(void)flags;

	n = recvfrom(rs->fd_rtcp, buf, sizeof(buf), MSG_DONTWAIT,
		     (struct sockaddr *)&src, &srclen);
	if (n < 0 || !rs->video)
		return;

	call = rs->callv[ntohs(src.sin_port) - 1];
	if (call)
		vflow_rtcp(call, TO_APP, buf, (size_t)n);
}


static int bind_port(int *fdp, uint16_t port)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET, .sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return errno;

	if (bind(fd, (struct sockaddr *)&sin, sizeof(sin))) {
		(void)close(fd);
		return errno;
	}

	*fdp = fd;

	return 0;
}


static int open_pair(struct rtpsock *rs)
{
	uint16_t port;

	for (port = 9000; port < 9900; port += 2) {

		if (bind_port(&rs->fd, port))
			continue;
		if (!bind_port(&rs->fd_rtcp, port + 1))
			break;
		(void)close(rs->fd);
	}

	rs->port = port;
	if (rtpsock_stamp(rs->fd))
		return EADDRINUSE;

	return fd_listen(rs->fd, FD_READ, rtp_handler, rs) ||
		fd_listen(rs->fd_rtcp, FD_READ, rtcp_handler, rs);
}


int rtpsock_open(void)
{
	rsv[VIDEO].video = true;

	return open_pair(&rsv[AUDIO]) || open_pair(&rsv[VIDEO]);
}


void rtpsock_close(void)
{
	unsigned k;

	for (k=0; k<KINDS; k++) {
		fd_close(rsv[k].fd);
		fd_close(rsv[k].fd_rtcp);
		(void)close(rsv[k].fd);
		(void)close(rsv[k].fd_rtcp);
	}
}


uint16_t rtpsock_port(unsigned kind)
{
	return rsv[kind].port;
}


void rtpsock_learn(struct call *call, unsigned kind)
{
	rsv[kind].callv[sa_port(&call->sipv[kind])] = call;
}


void rtpsock_send(struct call *call, unsigned kind, const uint8_t *pkt,
		  size_t len)
{
	const struct sa *dst = &call->sipv[kind];

	(void)sendto(rsv[kind].fd, pkt, len, 0, &dst->u.sa, dst->len);
}
