/**
 * @file sip/media.c  A leg's packets, between baresip's sockets and us
 *
 *      socket --> SRTP (layer 10) --> here (layer 100) -X-> baresip
 *      socket <-- SRTP            <-- here
 *
 * Packets are taken above SRTP's layer, so what arrives is plain and what is
 * sent is protected by baresip if SRTP was negotiated. What baresip itself
 * would send on these sockets (its own RTCP) is swallowed.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "sip/sip.h"
#include "sip/leg.h"
#include "sip/latch.h"


enum {
	LAYER = 100,            /* above baresip's SRTP and DTLS-SRTP */
	BUF_SIZE = 2048,        /* longest packet read directly [bytes] */
};

/** The audio media line of a leg */
struct sipmedia {
	struct sipleg *leg;     /**< Leg (pointer), NULL=detached          */
	struct sdp_media *sdpm; /**< SDP media (owned)                     */
	struct udp_sock *rtp;   /**< RTP socket (owned)                    */
	struct udp_sock *rtcp;  /**< RTCP socket (owned), NULL=rtcp-mux    */
	struct udp_helper *uh_rtp;  /**< Our place on it (owned)           */
	struct udp_helper *uh_rtcp; /**< Our place on it (owned)           */
	int fd;                 /**< RTP socket's, if read directly, or -1 */
	struct latch lrtp;      /**< Where RTP goes                        */
	struct latch lrtcp;     /**< Where RTCP goes                       */
	uint32_t latch_time;    /**< How long to latch [ms]                */
	uint64_t refused;       /**< Packets refused                       */
	uint32_t ssrc;          /**< Our SSRC                              */
	bool rxpt[128];         /**< Payload types that may arrive         */
	bool mux;               /**< rtcp-mux agreed (RFC 5761)            */
};


static void destructor(void *data)
{
	struct sipmedia *sm = data;

	sipmedia_detach(sm);

	/* back to libre */
	if (sm->fd >= 0)
		(void)udp_thread_attach(sm->rtp);

	/* helpers before their sockets */
	mem_deref(sm->uh_rtp);
	mem_deref(sm->uh_rtcp);
	mem_deref(sm->rtp);
	mem_deref(sm->rtcp);
	mem_deref(sm->sdpm);
}


/* RFC 5761, 4: payload types 64-95 on an RTP port are RTCP */
static bool is_rtcp(const struct mbuf *mb)
{
	const uint8_t pt = mbuf_buf(mb)[1] & 0x7f;

	return pt >= 64 && pt <= 95;
}


static void recv_rtcp(struct sipmedia *sm, const struct sa *src,
		      struct mbuf *mb, struct latch *l)
{
	const uint64_t now = tmr_jiffies();
	const size_t len = mbuf_get_left(mb);
	const uint8_t *p = mbuf_buf(mb);

	/* RFC 3550 A.2: version 2, a report or feedback first */
	if (len < 8 || (p[0] >> 6) != RTCP_VERSION ||
	    p[1] < RTCP_SR || p[1] > RTCP_XR ||
	    (l == &sm->lrtp ? !sa_cmp(src, &l->raddr, SA_ALL)
		: !latch_rtcp(l, &sm->lrtp, src, now))) {
		++sm->refused;
		return;
	}

	if (sm->leg && sm->leg->h.rtcph)
		sm->leg->h.rtcph(mbuf_buf(mb), len, sm->leg->arg);
}


static void recv_rtp(struct sipmedia *sm, const struct sa *src,
		     struct mbuf *mb)
{
	const size_t len = mbuf_get_left(mb), pos = mb->pos;
	struct rtp_header hdr;
	int err;

	err = rtp_hdr_decode(&hdr, mb);
	mb->pos = pos;

	if (err || hdr.ver != RTP_VERSION || !sm->rxpt[hdr.pt] ||
	    !latch_rtp(&sm->lrtp, src, hdr.ssrc, hdr.seq, tmr_jiffies())) {
		++sm->refused;
		return;
	}

	if (sm->leg && sm->leg->h.rtph)
		sm->leg->h.rtph(mbuf_buf(mb), len, sm->leg->arg);
}


static bool rtp_handler(struct sa *src, struct mbuf *mb, void *arg)
{
	struct sipmedia *sm = arg;

	if (mbuf_get_left(mb) < 2)
		++sm->refused;
	else if (sm->mux && is_rtcp(mb))
		recv_rtcp(sm, src, mb, &sm->lrtp);
	else
		recv_rtp(sm, src, mb);

	return true;
}


static bool rtcp_handler(struct sa *src, struct mbuf *mb, void *arg)
{
	struct sipmedia *sm = arg;

	if (mbuf_get_left(mb) < 2)
		++sm->refused;
	else
		recv_rtcp(sm, src, mb, &sm->lrtcp);

	return true;
}


/* Where nothing is below us, libre's buffers and lists are not needed: they
 * cost a tenth of a forwarded packet */
static void read_handler(int flags, void *arg)
{
	struct sipmedia *sm = arg;
	uint8_t buf[BUF_SIZE];
	struct mbuf mb = {.buf = buf, .size = sizeof(buf)};
	struct sa src;
	ssize_t n;
	(void)flags;

	src.len = sizeof(src.u);
	n = recvfrom(sm->fd, buf, sizeof(buf), 0, &src.u.sa, &src.len);
	if (n < 0)
		return;

	mb.end = (size_t)n;
	(void)rtp_handler(&src, &mb, sm);
}


static void read_directly(struct sipmedia *sm)
{
	int fd = udp_sock_fd(sm->rtp, AF_INET);

	if (fd < 0)
		fd = udp_sock_fd(sm->rtp, AF_INET6);

	if (fd >= 0 && !fd_listen(fd, FD_READ, read_handler, sm))
		sm->fd = fd;
}


/* baresip's own RTCP: the bridge sends its own */
static bool swallow_handler(int *err, struct sa *dst, struct mbuf *mb,
			    void *arg)
{
	(void)err;
	(void)dst;
	(void)mb;
	(void)arg;

	return true;
}


/**
 * Take the packets of a media line
 *
 * @param smp        Pointer to allocated media
 * @param leg        Leg; its media is set
 * @param rtp        RTP socket
 * @param rtcp       RTCP socket, NULL if multiplexed
 * @param sdpm       SDP media line
 * @param latch_time How long it may latch after an answer [ms]
 *
 * @return 0 if success, otherwise errorcode
 */
int sipmedia_alloc(struct sipmedia **smp, struct sipleg *leg,
		   struct udp_sock *rtp, struct udp_sock *rtcp,
		   struct sdp_media *sdpm, uint32_t latch_time)
{
	struct sipmedia *sm;
	int err;

	if (!smp || !leg || !rtp || !sdpm)
		return EINVAL;

	sm = mem_zalloc(sizeof(*sm), destructor);
	if (!sm)
		return ENOMEM;

	sm->leg  = leg;
	sm->sdpm = mem_ref(sdpm);
	sm->rtp  = mem_ref(rtp);
	sm->rtcp = mem_ref(rtcp);
	sm->fd   = -1;
	sm->ssrc = rand_u32();
	sm->latch_time = latch_time;

	err = udp_register_helper(&sm->uh_rtp, rtp, LAYER, swallow_handler,
				  rtp_handler, sm);
	if (err)
		goto out;

	if (rtcp) {
		err = udp_register_helper(&sm->uh_rtcp, rtcp, LAYER,
					  swallow_handler, rtcp_handler, sm);
		if (err)
			goto out;
	}

	if (!str_isset(account_mediaenc(ua_account(leg->ua))))
		read_directly(sm);

	/* comfort noise (RFC 3389), which baresip has not */
	err = sdp_format_add(NULL, sdpm, false, "13", "CN", 8000, 1, NULL,
			     NULL, NULL, false, NULL);
	if (err)
		goto out;

	/* baresip stated the SSRC of its own sender */
	err = sdp_media_set_lattr(sdpm, true, "ssrc", "%u cname:%s",
				  sm->ssrc, account_aor(ua_account(leg->ua)));

 out:
	if (err) {
		mem_deref(sm);
	}
	else {
		leg->media = sm;
		*smp = sm;
	}

	return err;
}


/**
 * The call goes away, or the leg: no handler is called any more
 *
 * @param sm Media, may be NULL
 */
void sipmedia_detach(struct sipmedia *sm)
{
	if (!sm || !sm->leg)
		return;

	sm->leg->media = NULL;
	sm->leg = NULL;
}


static void fmt_copy(struct sipleg_fmt *dst, const struct sdp_media *m,
		     const struct sdp_format *src, const char *fmtp)
{
	const int pt = src->pt;

	memset(dst, 0, sizeof(*dst));

	/* static payload types need no rtpmap (RFC 3551, 6): ours has one */
	if (!str_isset(src->name))
		src = sdp_media_lformat(m, pt);
	if (!src)
		return;

	dst->pt    = (uint8_t)pt;
	dst->crate = src->srate;
	dst->ch    = src->ch;
	str_ncpy(dst->name, src->name ? src->name : "", sizeof(dst->name));
	str_ncpy(dst->fmtp, fmtp ? fmtp : "", sizeof(dst->fmtp));
}


/**
 * List the formats that both sides have
 *
 * @param fmtv  Formats, room for SIPLEG_FMT_MAX
 * @param m     SDP media line, with the remote's description
 * @param local True for what we receive, false for what the remote does
 *
 * @return Number of formats
 */
size_t sipmedia_formats(struct sipleg_fmt *fmtv, const struct sdp_media *m,
			bool local)
{
	struct le *le;
	size_t n = 0;

	for (le = list_head(sdp_media_format_lst(m, local));
	     le && n < SIPLEG_FMT_MAX; le = le->next) {

		const struct sdp_format *fmt = le->data;

		if (!fmt->sup || fmt->pt < 0 || fmt->pt > 127)
			continue;

		fmt_copy(&fmtv[n], m, fmt,
			 local ? fmt->rparams : fmt->params);

		if (fmtv[n].crate)
			++n;
	}

	return n;
}


static uint32_t rattr_u32(const struct sdp_media *m, const char *name)
{
	const char *val = sdp_media_rattr(m, name);
	struct pl pl;

	if (!val)
		return 0;

	pl_set_str(&pl, val);

	return pl_u32(&pl);
}


/* A new address, or a new session at the old one, may latch anew */
static void update_latch(struct sipmedia *sm)
{
	const uint64_t now = tmr_jiffies();
	struct sa rtcp;

	latch_arm(&sm->lrtp, sdp_media_raddr(sm->sdpm), now, sm->latch_time);

	sdp_media_raddr_rtcp(sm->sdpm, &rtcp);
	latch_arm(&sm->lrtcp, &rtcp, now, sm->latch_time);
}


/**
 * SDP was negotiated: tell the leg what there is now
 *
 * @param sm Media
 */
void sipmedia_update(struct sipmedia *sm)
{
	struct sipleg_audio *au;
	enum sdp_dir dir;
	size_t i;

	if (!sm || !sm->leg)
		return;

	au = &sm->leg->au;
	memset(au, 0, sizeof(*au));

	dir = sdp_media_rport(sm->sdpm) ? sdp_media_dir(sm->sdpm)
		: SDP_INACTIVE;

	au->rxc  = sipmedia_formats(au->rxv, sm->sdpm, true);
	au->txc  = sipmedia_formats(au->txv, sm->sdpm, false);
	au->ssrc = sm->ssrc;
	/* 0.0.0.0 is a hold, too (RFC 3264, 8.4) */
	au->send = dir & SDP_SENDONLY &&
		sa_isset(sdp_media_raddr(sm->sdpm), SA_ADDR);
	au->recv = dir & SDP_RECVONLY;
	au->ptime      = rattr_u32(sm->sdpm, sdp_attr_ptime);
	au->maxptime   = rattr_u32(sm->sdpm, sdp_attr_maxptime);
	au->rtcp_rsize = sdp_media_rattr(sm->sdpm, "rtcp-rsize") != NULL;

	sm->mux = !sm->rtcp && sdp_media_rattr(sm->sdpm, "rtcp-mux");

	memset(sm->rxpt, 0, sizeof(sm->rxpt));
	for (i=0; i<au->rxc; i++)
		sm->rxpt[au->rxv[i].pt] = true;

	update_latch(sm);

	if (sm->leg->h.mediah)
		sm->leg->h.mediah(au, sm->leg->arg);
}


static int send_packet(struct udp_sock *us, struct udp_helper *uh,
		       const struct sa *dst, uint8_t *pkt, size_t len,
		       size_t size)
{
	struct mbuf mb;

	if (!us || !sa_isset(dst, SA_ALL))
		return ENOTCONN;

	/* SRTP writes behind the packet and must not reallocate it */
	mb.buf  = pkt;
	mb.size = size;
	mb.pos  = 0;
	mb.end  = len;

	return udp_send_helper(us, dst, &mb, uh);
}


/**
 * Send an RTP packet to the phone
 *
 * @param leg  Leg
 * @param pkt  Packet; changed in place if SRTP is on
 * @param len  Its length [bytes]
 * @param size Room at pkt [bytes], at least len + 160
 *
 * @return 0 if success, ENOTCONN if there is no media, otherwise errorcode
 */
int sipleg_send_rtp(struct sipleg *leg, uint8_t *pkt, size_t len,
		    size_t size)
{
	struct sipmedia *sm = leg ? leg->media : NULL;

	if (!sm)
		return ENOTCONN;

	return send_packet(sm->rtp, sm->uh_rtp, &sm->lrtp.raddr, pkt, len,
			   size);
}


/**
 * Send an RTCP packet to the phone
 *
 * @param leg  Leg
 * @param pkt  Compound packet; changed in place if SRTP is on
 * @param len  Its length [bytes]
 * @param size Room at pkt [bytes], at least len + 160
 *
 * @return 0 if success, ENOTCONN if there is no media, otherwise errorcode
 */
int sipleg_send_rtcp(struct sipleg *leg, uint8_t *pkt, size_t len,
		     size_t size)
{
	struct sipmedia *sm = leg ? leg->media : NULL;

	if (!sm)
		return ENOTCONN;

	if (sm->mux)
		return send_packet(sm->rtp, sm->uh_rtp, &sm->lrtp.raddr, pkt,
				   len, size);

	return send_packet(sm->rtcp, sm->uh_rtcp, &sm->lrtcp.raddr, pkt, len,
			   size);
}


/**
 * Get the counters and addresses of a media line
 *
 * @param sm Media, may be NULL
 * @param st Filled in
 */
void sipmedia_stats(const struct sipmedia *sm, struct sipleg_stats *st)
{
	memset(st, 0, sizeof(*st));

	if (!sm)
		return;

	sa_cpy(&st->raddr, &sm->lrtp.raddr);
	st->lport   = sa_port(sdp_media_laddr(sm->sdpm));
	st->latched = sm->lrtp.moved;
	st->refused = sm->refused;
}


/**
 * Get the SDP of a media line
 *
 * @param sm Media, may be NULL
 *
 * @return SDP media line, NULL if there is none
 */
struct sdp_media *sipmedia_sdp(const struct sipmedia *sm)
{
	return sm ? sm->sdpm : NULL;
}
