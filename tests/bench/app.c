/**
 * @file tests/bench/app.c  The app's end of a call: a WebRTC peer, or SRTP
 *
 * The linker puts the functions __wrap_...() in front of the peer room's
 * own calls, to learn when a packet goes out and when it came in.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1           /* recvmmsg() */
#endif
#include <string.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <unistd.h>
#include <nice/agent.h>
#include <openssl/ssl.h>
#include <re.h>
#include "peer/peer.h"
#include "peer/cand.h"
#include "peer/srtp.h"
#include "peer/ice.h"
#include "bench.h"


/** An app without ICE and DTLS, against the bare loop. It has the two sockets
 *  and the filter of all other apps, since on loopback the sender of a packet
 *  pays for its delivery */
struct app_raw {
	int fd;
	int fd_rest;            /**< Gets nothing: it would be STUN's      */
	struct srtpx *srtp;
	struct sockaddr_in dst;
};

uint64_t *app_sent;
static uint64_t app_came;       /* of the packet being handled [ns] */


int __real_ice_send(struct ice *ice, const uint8_t *buf, size_t len);
int __wrap_ice_send(struct ice *ice, const uint8_t *buf, size_t len);
ssize_t __real_recvfrom(int fd, void *buf, size_t len, int flags,
			struct sockaddr *src, socklen_t *srclen);
ssize_t __wrap_recvfrom(int fd, void *buf, size_t len, int flags,
			struct sockaddr *src, socklen_t *srclen);
int __real_recvmmsg(int fd, struct mmsghdr *msgv, unsigned n, int flags,
		    struct timespec *timeout);
int __wrap_recvmmsg(int fd, struct mmsghdr *msgv, unsigned n, int flags,
		    struct timespec *timeout);


int __real_SSL_CTX_set_tlsext_use_srtp(SSL_CTX *ctx, const char *profiles);
int __wrap_SSL_CTX_set_tlsext_use_srtp(SSL_CTX *ctx, const char *profiles);


/* An app that has the wanted profile alone */
int __wrap_SSL_CTX_set_tlsext_use_srtp(SSL_CTX *ctx, const char *profiles)
{
	(void)profiles;

	return __real_SSL_CTX_set_tlsext_use_srtp(ctx, bench.cm ?
						  "SRTP_AES128_CM_SHA1_80" :
						  "SRTP_AEAD_AES_128_GCM");
}


int __wrap_ice_send(struct ice *ice, const uint8_t *buf, size_t len)
{
	if (app_sent)
		*app_sent = now_ns();

	return __real_ice_send(ice, buf, len);
}


static void stamp_once(int fd)
{
	static bool stampedv[65536];

	if (fd < 65536 && !stampedv[fd]) {
		stampedv[fd] = true;
		(void)rtpsock_stamp(fd);
	}
}


/* The peer room's, for calls without video */
ssize_t __wrap_recvfrom(int fd, void *buf, size_t len, int flags,
			struct sockaddr *src, socklen_t *srclen)
{
	if (flags != MSG_DONTWAIT)
		return __real_recvfrom(fd, buf, len, flags, src, srclen);

	stamp_once(fd);

	return rx_stamped(fd, buf, len, src, srclen, &app_came);
}


/* The peer room's, which asks for no control data: one packet each time, so
   that there is one time of arrival */
int __wrap_recvmmsg(int fd, struct mmsghdr *msgv, unsigned n, int flags,
		    struct timespec *timeout)
{
	const struct iovec *iov = msgv->msg_hdr.msg_iov;
	ssize_t len;

	if (msgv->msg_hdr.msg_control)
		return __real_recvmmsg(fd, msgv, n, flags, timeout);

	stamp_once(fd);

	len = rx_stamped(fd, iov->iov_base, iov->iov_len, NULL, NULL,
			 &app_came);
	if (len < 0)
		return -1;

	msgv->msg_len = (unsigned)len;

	return 1;
}


static void raw_handler(int flags, void *arg)
{
	struct call *call = arg;
	uint8_t buf[PKT_ROOM];
	uint64_t t;
	ssize_t n;
	size_t len;
	(void)flags;

	n = rx_stamped(call->raw->fd, buf, sizeof(buf), NULL, NULL, &t);
	if (n <= 0)
		return;

	len = (size_t)n;
	if (srtpx_unprotect(call->raw->srtp, false, buf, &len))
		return;

	if ((buf[1] & 0x7f) == APP_VPT)
		vflow_app_rx(call, buf, len, t);
	else
		flow_app_rx(call, buf, len, t);
}


void app_send(struct call *call, unsigned kind, uint8_t *pkt, size_t len,
	      uint64_t *t)
{
	struct app_raw *raw = call->raw;

	if (raw) {
		if (srtpx_protect(raw->srtp, false, pkt, &len, PKT_ROOM))
			return;
		*t = now_ns();
		(void)sendto(raw->fd, pkt, len, 0,
			     (struct sockaddr *)&raw->dst, sizeof(raw->dst));
		return;
	}

	app_sent = t;
	(void)peer_send_rtp(call->peerv[kind], pkt, len, PKT_ROOM);
	app_sent = NULL;
}


static bool app_opus(void)
{
	return bench.mode == MODE_RELAY_OPUS || bench.mode == MODE_XCODE;
}


/* What the app offers or accepts */
struct peer_media_prm app_prm(void)
{
	static const struct peer_fmt opus = {
		.pt = APP_PT, .name = "opus", .crate = 48000, .ch = 2,
		.fmtp = "minptime=10;useinbandfec=1",
	};
	static const struct peer_fmt pcmu = {
		.pt = 0, .name = "PCMU", .crate = 8000, .ch = 1,
	};

	return (struct peer_media_prm) {
		.fmtv  = app_opus() ? &opus : &pcmu,
		.fmtc  = 1,
		.ptime = 20,
	};
}


/* The same for video, NULL=none. What Chromium offers for it */
const struct peer_media_prm *app_vprm(void)
{
	enum { FB = PEER_FB_NACK | PEER_FB_NACK_PLI | PEER_FB_CCM_FIR |
		PEER_FB_REMB | PEER_FB_TWCC };
	static const struct peer_fmt h264 = {
		.pt = APP_VPT, .name = "H264", .crate = 90000, .ch = 1,
		.fmtp = "level-asymmetry-allowed=1;packetization-mode=1;"
		"profile-level-id=42e01f", .fb = FB, .rtx = APP_VPT + 1,
	};
	static const struct peer_fmt vp8 = {
		.pt = APP_VPT, .name = "VP8", .crate = 90000, .ch = 1,
		.fb = FB, .rtx = APP_VPT + 1,
	};
	static struct peer_media_prm prm = {
		.fmtc = 1, .ext = {.abs_time = 2, .twcc = 3},
	};

	prm.fmtv = bench.mode == MODE_VIDEO_XCODE ? &vp8 : &h264;

	return bench_video() ? &prm : NULL;
}


static void learn_video(struct app_video *av, const struct peer_media *m)
{
	av->pt      = m->fmtv[0].pt;
	av->ssrc    = m->ssrc;
	av->abs_id  = m->ext.abs_time;
	av->twcc_id = m->ext.twcc;
}


/* The peer is established, which carries this kind */
void app_learn(struct call *call, unsigned kind, struct peer *peer)
{
	const struct peer_media *m = peer_media(peer, kind);

	call->peerv[kind] = peer;
	if (!m || !m->active || !m->fmtc)
		return;

	if (kind == VIDEO)
		learn_video(&call->appv, m);
	else if (app_opus())
		call->app_pt = m->fmtv[0].pt;
}


/* The handler of a peer's packets, called by the set-up that owns it */
void app_peer_rtp(struct call *call, unsigned kind, uint8_t *pkt, size_t len)
{
	const uint64_t t = app_came ? app_came : now_ns();

	(kind == VIDEO ? vflow_app_rx : flow_app_rx)(call, pkt, len, t);
	app_came = 0;
}


int app_raw_srtp(struct srtpx **sp, bool app)
{
	struct srtpx_key a, b;

	(void)srtpx_init();
	memset(&a, 0x11, sizeof(a));
	memset(&b, 0x22, sizeof(b));

	return srtpx_alloc(sp, bench.cm ? SRTPX_AES128_CM_SHA1_80 :
			   SRTPX_AEAD_AES_128_GCM, app ? &a : &b,
			   app ? &b : &a);
}


const char *app_srtp_name(void)
{
	return bench.cm ? "AES128_CM_HMAC_SHA1_80" : "AEAD_AES_128_GCM";
}


static int raw_sockets(struct app_raw *raw)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};

	raw->dst     = sin;
	raw->fd_rest = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	raw->fd      = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	if (bind(raw->fd_rest, (struct sockaddr *)&sin, sizeof(sin)))
		return errno;

	return ice_direct_join(raw->fd, raw->fd_rest, ICE_MEDIA_FIRST,
			       ICE_MEDIA_LAST);
}


int app_raw_alloc(struct call *call)
{
	struct app_raw *raw = mem_zalloc(sizeof(*raw), NULL);
	int err;

	if (!raw || app_raw_srtp(&raw->srtp, true))
		return ENOMEM;

	call->raw     = raw;
	call->appv.pt = APP_VPT;
	err = raw_sockets(raw);
	if (err)
		return err;

	(void)rtpsock_stamp(raw->fd);

	return fd_listen(raw->fd, FD_READ, raw_handler, call);
}


void app_raw_close(struct call *call)
{
	if (!call->raw)
		return;

	fd_close(call->raw->fd);
	(void)close(call->raw->fd);
	(void)close(call->raw->fd_rest);
	mem_deref(call->raw->srtp);
	call->raw = mem_deref(call->raw);
}


uint16_t app_raw_port(const struct call *call)
{
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);

	(void)getsockname(call->raw->fd, (struct sockaddr *)&sin, &len);

	return ntohs(sin.sin_port);
}


void app_raw_dst(struct call *call, uint16_t port)
{
	call->raw->dst.sin_port = htons(port);
}
