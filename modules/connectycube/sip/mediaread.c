/**
 * @file sip/mediaread.c  The reading of a leg's RTP sockets
 *
 * Part of media.c that knows how packets are read fast.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1           /* recvmmsg() */
#endif
#include <string.h>
#include <sys/socket.h>
#include <re.h>
#include "compat_re.h"
#include <baresip.h>
#include "sip/sip.h"
#include "sip/leg.h"
#include "sip/pure/latch.h"
#include "sip/pure/refusal.h"
#include "base/warm.h"
#include "sip/media.h"


enum {
	AUDIO_SIZE = 2048,      /* longest packet of audio [bytes] */
	VIDEO_BURST = 8,        /* packets of a frame read at once */
};


/* libre's buffers and lists are not needed: they cost a tenth of a forwarded
 * packet */
static void read_audio_handler(int flags, void *arg)
{
	struct sipmedia *sm = arg;
	uint8_t buf[AUDIO_SIZE];
	struct mbuf mb = {.buf = buf, .size = sizeof(buf)};
	struct sa src;
	ssize_t n;
	(void)flags;

	warm_fetch(&sm->warm);

	src.len = sizeof(src.u);
	n = recvfrom(sm->fd, buf, sizeof(buf), MSG_DONTWAIT, &src.u.sa,
		     &src.len);
	if (n < 0)
		return;

	mb.end = (size_t)n;
	(void)sipmedia_recv(&src, &mb, sm);
}


/* A frame is a burst of packets, and a system call for each costs more than
   all that is done with it here */
static void read_video_handler(int flags, void *arg)
{
	static uint8_t bufv[VIDEO_BURST][VIDEO_SIZE]; /* used to the end here */
	struct mmsghdr msgv[VIDEO_BURST];
	struct iovec iov[VIDEO_BURST];
	struct sa srcv[VIDEO_BURST];
	struct sipmedia *sm = mem_ref(arg);
	int i, n;
	(void)flags;

	memset(msgv, 0, sizeof(msgv));

	for (i=0; i<VIDEO_BURST; i++) {
		iov[i].iov_base = bufv[i];
		iov[i].iov_len  = VIDEO_SIZE;
		msgv[i].msg_hdr.msg_iov     = &iov[i];
		msgv[i].msg_hdr.msg_iovlen  = 1;
		msgv[i].msg_hdr.msg_name    = &srcv[i].u;
		msgv[i].msg_hdr.msg_namelen = sizeof(srcv[i].u);
	}

	n = recvmmsg(sm->fd, msgv, VIDEO_BURST, MSG_DONTWAIT, NULL);

	for (i=0; i<n && sm->leg; i++) {

		struct mbuf mb = {
			.buf  = bufv[i],
			.size = VIDEO_SIZE,
			.end  = msgv[i].msg_len,
		};

		srcv[i].len = msgv[i].msg_hdr.msg_namelen;
		(void)sipmedia_recv(&srcv[i], &mb, sm);
	}

	mem_deref(sm);
}


/**
 * Read a media's RTP socket here instead of in libre. It stays with libre
 * where that cannot be done
 *
 * @param sm Media
 */
void sipmedia_read_directly(struct sipmedia *sm)
{
	fd_h *readh = sm->kind == SIPMEDIA_VIDEO ? read_video_handler
		: read_audio_handler;
	int fd = udp_sock_fd(sm->rtp, AF_INET);

	if (fd < 0)
		fd = udp_sock_fd(sm->rtp, AF_INET6);

	if (fd >= 0 && !udp_take(sm->rtp, fd, readh, sm))
		sm->fd = fd;
}
