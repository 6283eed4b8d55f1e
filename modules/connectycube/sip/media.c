/**
 * @file sip/media.c  A leg's packets, between baresip's sockets and us
 *
 *      socket --> seal --> latch --> the leg's handlers
 *      socket <-- seal <-- mediatx.c
 *                  -X- baresip
 *
 * baresip opens the sockets; what it would send there (its own RTCP) is
 * swallowed, and what arrives never reaches it. The seal (seal.c) is SRTP, or
 * lets nothing through that was to be encrypted and is not.
 */
#include <string.h>
#include <re.h>
#include "compat_re.h"
#include <baresip.h>
#include "base/log.h"
#include "sip/sip.h"
#include "sip/leg.h"
#include "sip/pure/latch.h"
#include "sip/pure/refusal.h"
#include "sip/pure/seal.h"
#include "base/warm.h"
#include "base/mono.h"
#include "base/wire.h"
#include "sip/media.h"


enum {
	LAYER = 100,            /* above whatever else there may be */
	FORGED_TOLD = 100,      /* packets, until the log says it */
	VIDEO_SOCKBUF = 1 << 20,/* a keyframe waits in the socket [bytes] */
};

static void destructor(void *data)
{
	struct sipmedia *sm = data;

	sipmedia_detach(sm);

	/* back to libre */
	if (sm->fd >= 0)
		udp_give_back(sm->rtp, sm->fd);

	/* helpers before their sockets */
	mem_deref(sm->uh_rtp);
	mem_deref(sm->uh_rtcp);
	mem_deref(sm->rtp);
	mem_deref(sm->rtcp);
	mem_deref(sm->sdpm);
	mem_deref(sm->seal);
}


/* RFC 5761, 4: payload types 64-95 on an RTP port are RTCP */
static bool is_rtcp(const struct mbuf *mb)
{
	const uint8_t pt = mbuf_buf(mb)[1] & 0x7f;

	return pt >= 64 && pt <= 95;
}


static void give(const struct sipmedia *sm, bool rtcp, uint8_t *pkt,
		 size_t len)
{
	const struct sipleg *leg = sm->leg;
	sipleg_pkt_h *h;

	if (!leg)
		return;

	if (sm->kind == SIPMEDIA_VIDEO)
		h = rtcp ? leg->h.vrtcph : leg->h.vrtph;
	else
		h = rtcp ? leg->h.rtcph : leg->h.rtph;

	if (h)
		h(pkt, len, leg->arg);
}


/* Of the phone itself only what should have been a packet counts */
static void refuse(struct sipmedia *sm, const struct sa *src,
		   const struct mbuf *mb)
{
	if (refusal_is_keepalive(mbuf_buf(mb), mbuf_get_left(mb)) &&
	    (sa_cmp(src, &sm->lrtp.raddr, SA_ALL) ||
	     sa_cmp(src, &sm->lrtcp.raddr, SA_ALL)))
		return;

	refusal_add(&sm->refused, src);
}


static void recv_rtcp(struct sipmedia *sm, const struct sa *src,
		      struct mbuf *mb, struct latch *l, uint64_t now)
{
	const size_t len = mbuf_get_left(mb);
	const uint8_t *p = mbuf_buf(mb);

	/* RFC 3550 A.2: version 2, a report or feedback first */
	if (len < 8 || (p[0] >> 6) != RTCP_VERSION ||
	    p[1] < RTCP_SR || p[1] > RTCP_XR ||
	    (l == &sm->lrtp ? !sa_cmp(src, &l->raddr, SA_ALL)
		: !latch_rtcp(l, &sm->lrtp, src, now))) {
		refuse(sm, src, mb);
		return;
	}

	if (wire_wanted(WIRE_RTCP))
		sipmedia_tell(sm, false, p, len);

	give(sm, true, mbuf_buf(mb), len);
}


/* A payload type that was not negotiated (a keep-alive, RFC 6263, 4.6) has
   its place in the sequence if the known source sends it, and proves nothing
   of any other */
static bool is_other(const struct sipmedia *sm, const struct sa *src)
{
	return sm->kind == SIPMEDIA_AUDIO &&
		sa_cmp(src, &sm->lrtp.raddr, SA_ALL);
}


static bool is_phones(struct sipmedia *sm, const struct sa *src,
		      const struct rtp_header *hdr, uint64_t now)
{
	const bool known = sa_cmp(src, &sm->lrtp.raddr, SA_ALL);

	if (!known && latch_is_barred(&sm->bars, src))
		return false;

	if (!latch_rtp(&sm->lrtp, src, hdr->ssrc, hdr->seq, now))
		return false;

	if (!known)
		refusal_forgive(&sm->refused, src);

	if (sm->lrtcp.moved)
		latch_follow(&sm->lrtcp, &sm->lrtp);

	return true;
}


static void recv_rtp(struct sipmedia *sm, const struct sa *src,
		     struct mbuf *mb, uint64_t now)
{
	const size_t len = mbuf_get_left(mb), pos = mb->pos;
	struct rtp_header hdr;
	int err;

	err = rtp_hdr_decode(&hdr, mb);
	mb->pos = pos;

	if (err || hdr.ver != RTP_VERSION ||
	    !(sm->rxpt[hdr.pt] ? is_phones(sm, src, &hdr, now)
	      : is_other(sm, src))) {
		refuse(sm, src, mb);
		return;
	}

	give(sm, false, mbuf_buf(mb), len);
}


static bool open_seal(struct sipmedia *sm, bool rtcp, struct mbuf *mb,
		      uint64_t now)
{
	size_t len = mbuf_get_left(mb);
	int err;

	err = seal_in(sm->seal, rtcp, mbuf_buf(mb), &len, now);
	if (err == EAUTH && ++sm->forged == FORGED_TOLD)
		clog_warning("%s of %s: %u packets are not under the"
			     " key that was agreed on\n",
			     sdp_media_name(sm->sdpm),
			     sm->leg ? sm->leg->peer_uri : "", sm->forged);
	if (err)
		return false;

	mb->end = mb->pos + len;

	return true;
}


/**
 * Take what has come to the RTP socket, wherever it was read
 *
 * @param src Where it is from
 * @param mb  Packet, written to
 * @param arg Media (struct sipmedia)
 *
 * @return True: it is not for libre
 */
bool sipmedia_recv(struct sa *src, struct mbuf *mb, void *arg)
{
	struct sipmedia *sm = arg;
	const bool rtcp = mbuf_get_left(mb) >= 2 && sm->mux && is_rtcp(mb);
	const uint64_t now = mono_ms();

	if (mbuf_get_left(mb) < 2 || !open_seal(sm, rtcp, mb, now))
		refuse(sm, src, mb);
	else if (rtcp)
		recv_rtcp(sm, src, mb, &sm->lrtp, now);
	else
		recv_rtp(sm, src, mb, now);

	return true;
}


static bool rtcp_handler(struct sa *src, struct mbuf *mb, void *arg)
{
	struct sipmedia *sm = arg;
	const uint64_t now = mono_ms();

	if (mbuf_get_left(mb) < 2 || !open_seal(sm, true, mb, now))
		refuse(sm, src, mb);
	else
		recv_rtcp(sm, src, mb, &sm->lrtcp, now);

	return true;
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
 * @param leg        Leg; its media of this kind is set
 * @param kind       Audio or video
 * @param rtp        RTP socket
 * @param rtcp       RTCP socket, NULL if multiplexed
 * @param sdpm       SDP media line
 * @param latch_time How long it may latch after an answer [ms]
 * @param offerer    Our SDP comes first
 *
 * @return 0 if success, otherwise errorcode
 */
int sipmedia_alloc(struct sipmedia **smp, struct sipleg *leg,
		   enum sipmedia_kind kind,
		   struct udp_sock *rtp, struct udp_sock *rtcp,
		   struct sdp_media *sdpm, uint32_t latch_time, bool offerer)
{
	struct sipmedia *sm;
	int err;

	if (!smp || !leg || !rtp || !sdpm)
		return EINVAL;

	sm = mem_zalloc(sizeof(*sm), destructor);
	if (!sm)
		return ENOMEM;

	sm->leg  = leg;
	sm->kind = kind;
	sm->sdpm = mem_ref(sdpm);
	sm->rtp  = mem_ref(rtp);
	sm->rtcp = mem_ref(rtcp);
	sm->fd   = -1;
	sm->ssrc = rand_u32();
	sm->latch_time = latch_time;

	err = udp_register_helper(&sm->uh_rtp, rtp, LAYER, swallow_handler,
				  sipmedia_recv, sm);
	if (err)
		goto out;

	if (rtcp) {
		err = udp_register_helper(&sm->uh_rtcp, rtcp, LAYER,
					  swallow_handler, rtcp_handler, sm);
		if (err)
			goto out;
	}

	if (kind == SIPMEDIA_VIDEO) {
		(void)udp_sockbuf_set(rtp, VIDEO_SOCKBUF);
		udp_rxsz_set(rtp, VIDEO_SIZE);
	}

	/* lost video is sent again as it was */
	err = seal_alloc(&sm->seal, leg->sdes,
			 kind == SIPMEDIA_VIDEO ? sm->ssrc : 0);
	if (!err && offerer)
		err = seal_offer(sm->seal, sdpm);
	if (err)
		goto out;

	sipmedia_read_directly(sm);

	/* baresip stated the SSRC of its own sender */
	err = sdp_media_set_lattr(sdpm, true, "ssrc", "%u cname:%s",
				  sm->ssrc, account_aor(ua_account(leg->ua)));

 out:
	if (err) {
		mem_deref(sm);
	}
	else {
		leg->mediav[kind] = sm;
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

	sm->leg->mediav[sm->kind] = NULL;
	sm->leg = NULL;
}


/**
 * Whoever is heard is not heard any more, until an SDP names somebody
 *
 * @param sm Media, may be NULL
 */
void sipmedia_hush(struct sipmedia *sm)
{
	const uint64_t now = mono_ms();

	if (!sm)
		return;

	sipmedia_set_rx(sm, NULL, 0);
	latch_bar(&sm->bars, &sm->lrtp);
	latch_arm(&sm->lrtp, NULL, now, 0);
	latch_arm(&sm->lrtcp, NULL, now, 0);
}


/* A new address, or a new session at the old one, may latch anew */
static void update_latch(struct sipmedia *sm)
{
	const uint64_t now = mono_ms();
	struct sa rtcp;

	if (sm->leg->other)
		latch_bar(&sm->bars, &sm->lrtp);
	latch_lift(&sm->bars, sdp_media_raddr(sm->sdpm));

	sm->lrtp.trusted = seal_state(sm->seal) == SEAL_SECURE;
	latch_arm(&sm->lrtp, sdp_media_raddr(sm->sdpm), now, sm->latch_time);

	sdp_media_raddr_rtcp(sm->sdpm, &rtcp);
	latch_arm(&sm->lrtcp, &rtcp, now, sm->latch_time);
}


/* The key itself is never logged */
static bool agree_seal(struct sipmedia *sm)
{
	const struct sipleg *leg = sm->leg;
	const char *before = seal_suite(sm->seal), *suite;
	const enum seal_state was = seal_state(sm->seal);
	int err;

	err = seal_agree(sm->seal, sm->sdpm, leg->offer, mono_ms());
	if (err) {
		clog_warning_of(leg->id,
				"%s: %s of %s: no key for SRTP that can"
				" be used, nothing is sent or taken (%m)\n",
				account_aor(ua_account(leg->ua)),
				sdp_media_name(sm->sdpm), leg->peer_uri, err);
		return true;
	}

	suite = seal_suite(sm->seal);
	if (suite != before || seal_state(sm->seal) != was)
		clog_info_of(leg->id, "%s of %s: %s\n",
			     sdp_media_name(sm->sdpm), leg->peer_uri,
			     suite ? suite : "not encrypted");

	return false;
}


/**
 * Set which payload types may arrive
 *
 * @param sm   Media
 * @param fmtv Formats
 * @param fmtc Number of formats
 */
void sipmedia_set_rx(struct sipmedia *sm, const struct sipleg_fmt *fmtv,
		     size_t fmtc)
{
	size_t i;

	memset(sm->rxpt, 0, sizeof(sm->rxpt));

	for (i=0; i<fmtc; i++)
		sm->rxpt[fmtv[i].pt & 0x7f] = true;
}


static bool is_usable(const struct sipmedia *sm)
{
	return sm->kind == SIPMEDIA_VIDEO ||
		(!sm->barred && sipaudio_is_usable(sm->sdpm));
}


/**
 * SDP was negotiated: tell the leg what there is now
 *
 * @param sm   Media
 * @param sess SDP session of the media
 *
 * @return 0 if success or if it may still come, EPROTO if there is no audio
 *         that can be used
 */
int sipmedia_update(struct sipmedia *sm, const struct sdp_session *sess)
{
	if (!sm || !sm->leg)
		return 0;

	sm->mux = !sm->rtcp && sdp_media_rattr(sm->sdpm, "rtcp-mux");
	sm->barred = agree_seal(sm);

	if (!is_usable(sm))
		return sm->leg->early ? 0 : EPROTO;

	update_latch(sm);

	if (sm->kind == SIPMEDIA_VIDEO)
		sipvideo_update(sm->leg, sm, sess);
	else
		sipaudio_update(sm->leg, sm);

	return 0;
}
