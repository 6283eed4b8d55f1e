/**
 * @file peer/peer_io.c  A peer's packets
 *
 *              first byte (RFC 7983)
 *   ice --recv--> 20-63: dtls
 *               128-191: srtp --> payload type (RFC 5761) --> rtph, rtcph
 *
 * Nothing is logged for a packet: errors are counted.
 */
#include <string.h>
#include <nice/agent.h>
#include <re.h>
#include "../base/warm.h"
#include "../base/wire.h"
#include "peer.h"
#include "cand.h"
#include "jsep.h"
#include "rtcpkind.h"
#include "srtp.h"
#include "dtls.h"
#include "ice.h"
#include "peer_core.h"


enum {
	RTP_MIN   = 12,         /**< RTP header [bytes]                    */
	RTCP_MIN  = 8,          /**< RTCP header and SSRC [bytes]          */
};

/** A DTLS datagram that came too early */
struct early {
	struct le le;
	struct sa src;          /**< Where from; not set=by libnice        */
	size_t len;             /**< Length [bytes]                        */
	uint8_t buf[];          /**< Datagram                              */
};


static void early_destructor(void *arg)
{
	struct early *e = arg;

	list_unlink(&e->le);
}


static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
		(uint32_t)p[2] << 8 | p[3];
}


static bool is_full(const struct peer *p, const struct sa *src)
{
	unsigned n = 0, all = 0;
	struct le *le;

	for (le = list_head(&p->earlyl); le; le = le->next) {
		const struct early *e = le->data;

		++all;
		if (sa_cmp(&e->src, src, SA_ALL))
			++n;
	}

	return n >= PEER_EARLY_MAX || all >= PEER_EARLY_ALL;
}


/* The remote may start as soon as it has our answer, or even our offer, and
 * that may be more than one */
static void keep_early(struct peer *p, const struct sa *src,
		       const uint8_t *buf, size_t len)
{
	struct early *e;

	if (is_full(p, src)) {
		++p->stat.rx_bad;
		return;
	}

	e = mem_zalloc(sizeof(*e) + len, early_destructor);
	if (!e)
		return;

	e->src = *src;
	e->len = len;
	memcpy(e->buf, buf, len);
	list_append(&p->earlyl, &e->le, e);
}


/* What libnice hands over is of a pair that it knows */
static bool is_remote(const struct peer *p, const struct sa *src)
{
	return !sa_isset(src, SA_ADDR) || ice_is_remote(p->ice, src);
}


/**
 * Take a DTLS datagram; one of another device than ours is dropped
 *
 * @param p   Peer; referenced once by the caller
 * @param src Where it came from
 * @param buf Datagram
 * @param len Length of the datagram, not 0 [bytes]
 */
void peer_recv_dtls(struct peer *p, const struct sa *src, const uint8_t *buf,
		    size_t len)
{
	if (!p->dtls || !p->dtls_started)
		keep_early(p, src, buf, len);
	else if (is_remote(p, src))
		dtlsx_recv(p->dtls, buf, len);
	else
		++p->stat.rx_bad;
}


/**
 * Hand over DTLS datagrams that came too early
 *
 * @param p Peer with DTLS; referenced once by the caller
 */
void peer_recv_early(struct peer *p)
{
	struct le *le;

	while (!p->failed && !peer_is_orphan(p) &&
	       (le = list_head(&p->earlyl))) {
		struct early *e = le->data;

		list_unlink(&e->le);
		if (is_remote(p, &e->src))
			dtlsx_recv(p->dtls, e->buf, e->len);
		mem_deref(e);
	}
}


static int find_ssrc(const struct peer *p, uint32_t ssrc)
{
	const size_t n = min(p->ssrcc, (size_t)PEER_SSRC_MAX);
	size_t i;

	for (i=0; i<n; i++) {
		if (p->ssrcv[i].ssrc == ssrc)
			return (int)p->ssrcv[i].kind;
	}

	return -1;
}


static void learn_ssrc(struct peer *p, uint32_t ssrc, enum peer_kind kind)
{
	struct peer_ssrc *s;

	if (find_ssrc(p, ssrc) >= 0)
		return;

	s = &p->ssrcv[p->ssrcc++ % PEER_SSRC_MAX];
	s->ssrc = ssrc;
	s->kind = kind;
}


static void learn_pts(struct peer *p, enum peer_kind kind,
		      const struct peer_fmt *fmtv, size_t fmtc)
{
	size_t i;

	for (i=0; i<fmtc; i++) {
		p->ptv[fmtv[i].pt & 0x7f] = (int8_t)kind;
		if (fmtv[i].rtx)
			p->ptv[fmtv[i].rtx & 0x7f] = (int8_t)kind;
	}
}


/**
 * Learn from descriptions how to tell audio from video
 *
 * @param p    Peer
 * @param kind Kind of the m-line
 * @param m    Remote's m-line
 */
void peer_learn_media(struct peer *p, enum peer_kind kind,
		      const struct jsep_media *m)
{
	const struct peer_local *lcl = &p->lcl[kind];
	const struct peer_media *med = &p->media[kind];
	size_t i;

	/* what the remote sends has our numbers; they may differ from its */
	learn_pts(p, kind, med->fmtv, med->fmtc);
	learn_pts(p, kind, lcl->sdpv, lcl->sdpc);

	for (i=0; i<m->ssrcc; i++)
		learn_ssrc(p, m->ssrcv[i], kind);
}


static int rtp_kind(const struct peer *p, const uint8_t *buf)
{
	const int kind = p->ptv[buf[1] & 0x7f];

	return kind >= 0 ? kind : find_ssrc(p, get32(&buf[8]));
}


static int own_ssrc_kind(const struct peer *p, uint32_t ssrc)
{
	int i;

	for (i=0; i<PEER_KIND_MAX; i++) {
		if (p->lcl[i].ssrc == ssrc || p->lcl[i].ssrc_rtx == ssrc)
			return i;
	}

	return -1;
}


static uint32_t ssrc_kind(uint32_t ssrc, const void *arg)
{
	const struct peer *p = arg;
	int kind = own_ssrc_kind(p, ssrc);

	if (kind < 0)
		kind = find_ssrc(p, ssrc);

	return kind < 0 ? 0 : 1u << kind;
}


/* Not of a kind that is declared only, so that the app plays the audio */
static bool is_wanted(const struct peer *p, enum peer_kind kind)
{
	return p->lcl[kind].set && !p->media[kind].declared;
}


/* What names nobody known is left to the audio: it may ask for a round-trip
   time */
static uint32_t rtcp_kinds(const struct peer *p, const uint8_t *buf,
			   size_t len)
{
	uint32_t twcc = 0, kinds;
	int i;

	for (i=0; i<PEER_KIND_MAX; i++) {
		if (p->media[i].ext.twcc)
			twcc |= 1u << i;
	}

	kinds = rtcpkind(buf, len, twcc, ssrc_kind, p);
	if (kinds)
		return kinds;

	return 1u << (p->media[PEER_AUDIO].active ? PEER_AUDIO : PEER_VIDEO);
}


/* The packet is authentic: whatever ICE thought, the remote is there, and most
 * often we know the way to it. False if the owner is gone now */
static bool heard(struct peer *p)
{
	ice_heard(p->ice);
	if (!p->lost || !ice_revive(p->ice))
		return true;

	peer_set_lost(p, false);

	return !peer_is_orphan(p);
}


static void recv_rtcp(struct peer *p, uint8_t *buf, size_t len)
{
	uint32_t kinds;
	int i;

	if (srtpx_unprotect(p->srtp, true, buf, &len)) {
		++p->stat.rx_auth;
		return;
	}

	if (len < RTCP_MIN) {
		++p->stat.rx_bad;
		return;
	}

	++p->stat.rx;
	if (!heard(p))
		return;

	if (wire_wanted(WIRE_RTCP))
		peer_tell(p, false, buf, len);

	kinds = rtcp_kinds(p, buf, len);
	for (i=0; i<PEER_KIND_MAX && !peer_is_orphan(p) && p->h.rtcph; i++) {
		if (kinds & 1u << i && is_wanted(p, i))
			p->h.rtcph(i, buf, len, p->arg);
	}
}


static void recv_rtp(struct peer *p, uint8_t *buf, size_t len)
{
	const int kind = rtp_kind(p, buf);

	if (kind < 0) {
		++p->stat.rx_bad;
		return;
	}

	/* not worth decrypting */
	if (!is_wanted(p, kind) && !p->lost) {
		++p->stat.rx_unwanted;
		return;
	}

	if (srtpx_unprotect(p->srtp, false, buf, &len)) {
		++p->stat.rx_auth;
		return;
	}

	learn_ssrc(p, get32(&buf[8]), (enum peer_kind)kind);
	++p->stat.rx;
	if (heard(p) && p->h.rtph && is_wanted(p, kind))
		p->h.rtph((enum peer_kind)kind, buf, len, p->arg);
}


static void recv_media(struct peer *p, uint8_t *buf, size_t len)
{
	const bool rtcp = len > 1 && buf[1] >= 192 && buf[1] <= 223;

	if (!p->srtp || len < (rtcp ? (size_t)RTCP_MIN : (size_t)RTP_MIN)) {
		++p->stat.rx_bad;
		return;
	}

	if (rtcp)
		recv_rtcp(p, buf, len);
	else
		recv_rtp(p, buf, len);
}


/**
 * Take a datagram from ICE
 *
 * @param p   Peer; referenced once by the caller
 * @param buf Datagram, changed in place
 * @param len Length of the datagram, not 0 [bytes]
 */
void peer_recv(struct peer *p, uint8_t *buf, size_t len)
{
	if (buf[0] >= 20 && buf[0] <= 63) {
		struct sa src;

		sa_init(&src, AF_UNSPEC);
		peer_recv_dtls(p, &src, buf, len);
	}
	else if (buf[0] >= 128 && buf[0] <= 191) {
		recv_media(p, buf, len);
	}
	else {
		++p->stat.rx_bad;
	}
}


static int send_media(struct peer *p, bool rtcp, uint8_t *pkt, size_t len,
		      size_t size)
{
	int err;

	if (!p || !pkt)
		return EINVAL;
	if (!p->srtp)
		return ENOTCONN;

	err = srtpx_protect(p->srtp, rtcp, pkt, &len, size);
	if (!err)
		err = ice_send(p->ice, pkt, len);

	if (err == EAGAIN)
		++p->stat.tx_full;
	else if (err)
		++p->stat.tx_fail;
	else
		++p->stat.tx;

	return err;
}


/**
 * Send an RTP packet. Video that was agreed to be repeated (NACK) without a
 * format for it (RFC 4588) may be sent again, as it was to the bit: the last
 * 1024 sequence numbers
 *
 * @param p    Peer
 * @param pkt  Plain packet; becomes the protected one
 * @param len  Length of the packet [bytes]
 * @param size Room at pkt, at least len + PEER_RTP_ROOM [bytes]
 *
 * @return 0 if success; EINVAL; ENOTCONN if not established or the path is
 *         lost; EAGAIN if the kernel takes no more just now, and the packet
 *         is lost; EOVERFLOW if there is too little room; EALREADY if the
 *         sequence number was used before; EBADMSG if it is not RTP
 */
int peer_send_rtp(struct peer *p, uint8_t *pkt, size_t len, size_t size)
{
	return send_media(p, false, pkt, len, size);
}


/**
 * Send an RTCP packet, compound or of reduced size (RFC 5506)
 *
 * @param p    Peer
 * @param pkt  Plain packet; becomes the protected one
 * @param len  Length of the packet [bytes]
 * @param size Room at pkt, at least len + PEER_RTP_ROOM [bytes]
 *
 * @return as peer_send_rtp()
 */
int peer_send_rtcp(struct peer *p, uint8_t *pkt, size_t len, size_t size)
{
	if (p && pkt && wire_wanted(WIRE_RTCP))
		peer_tell(p, true, pkt, len);

	return send_media(p, true, pkt, len, size);
}


/**
 * Add what a packet, in or out, needs of memory to a list
 *
 * @param p Peer
 * @param w List
 */
void peer_warm(const struct peer *p, struct warm *w)
{
	if (!p)
		return;

	warm_add(w, p, offsetof(struct peer, sess_id));
	warm_add(w, &p->stat, sizeof(*p) - offsetof(struct peer, stat));
	srtpx_warm(p->srtp, w);
	ice_warm(p->ice, w);
}


/**
 * Say what a packet that comes will need of memory
 *
 * @param p Peer
 * @param w List, copied
 */
void peer_set_warm(struct peer *p, const struct warm *w)
{
	struct warm all;

	if (!p || !w)
		return;

	all = *w;
	warm_add(&all, p->media, sizeof(p->media));
	warm_add(&all, p->ptv, sizeof(p->ptv));
	ice_set_warm(p->ice, &all);
}
