/**
 * @file sip/mediatx.c  What is sent on a media line, and what it counts
 */
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <re.h>
#include <baresip.h>
#include "sip/sip.h"
#include "sip/leg.h"
#include "sip/pure/latch.h"
#include "sip/pure/seal.h"
#include "base/rxage.h"
#include "base/warm.h"
#include "base/wire.h"
#include "sip/pure/refusal.h"
#include "sip/media.h"


/* As it is read, see media.c */
static int send_directly(int fd, const struct sa *dst, const uint8_t *pkt,
			 size_t len)
{
	if (!sa_isset(dst, SA_ALL))
		return ENOTCONN;

	return sendto(fd, pkt, len, 0, &dst->u.sa, dst->len) < 0 ? errno : 0;
}


static int send_packet(struct udp_sock *us, struct udp_helper *uh,
		       const struct sa *dst, uint8_t *pkt, size_t len,
		       size_t size)
{
	struct mbuf mb;

	if (!us || !sa_isset(dst, SA_ALL))
		return ENOTCONN;

	mb.buf  = pkt;
	mb.size = size;
	mb.pos  = 0;
	mb.end  = len;

	return udp_send_helper(us, dst, &mb, uh);
}


static int send_rtp(const struct sipleg *leg, enum sipmedia_kind kind,
		    uint8_t *pkt, size_t len, size_t size)
{
	const struct sipmedia *sm = leg ? leg->mediav[kind] : NULL;

	int err;

	if (!sm)
		return ENOTCONN;

	err = seal_out(sm->seal, false, pkt, &len, size);
	if (err)
		return err;

	if (sm->fd >= 0)
		return send_directly(sm->fd, &sm->lrtp.raddr, pkt, len);

	return send_packet(sm->rtp, sm->uh_rtp, &sm->lrtp.raddr, pkt, len,
			   size);
}


static int send_rtcp(const struct sipleg *leg, enum sipmedia_kind kind,
		     uint8_t *pkt, size_t len, size_t size)
{
	const struct sipmedia *sm = leg ? leg->mediav[kind] : NULL;

	int err;

	if (!sm)
		return ENOTCONN;

	if (wire_wanted(WIRE_RTCP))
		sipmedia_tell(sm, true, pkt, len);

	err = seal_out(sm->seal, true, pkt, &len, size);
	if (err)
		return err;

	if (sm->mux)
		return send_packet(sm->rtp, sm->uh_rtp, &sm->lrtp.raddr, pkt,
				   len, size);

	return send_packet(sm->rtcp, sm->uh_rtcp, &sm->lrtcp.raddr, pkt, len,
			   size);
}


/**
 * Send an RTP packet of audio to the phone
 *
 * @param leg  Leg
 * @param pkt  Packet; changed in place if SRTP is on
 * @param len  Its length [bytes]
 * @param size Room at pkt [bytes], at least len + 160
 *
 * @return 0 if success, ENOTCONN if there is no media, EACCES if nothing may
 *         be sent (see seal.h), otherwise errorcode
 */
int sipleg_send_rtp(struct sipleg *leg, uint8_t *pkt, size_t len,
		    size_t size)
{
	return send_rtp(leg, SIPMEDIA_AUDIO, pkt, len, size);
}


/**
 * Send an RTCP packet of audio to the phone
 *
 * @param leg  Leg
 * @param pkt  Compound packet; changed in place if SRTP is on
 * @param len  Its length [bytes]
 * @param size Room at pkt [bytes], at least len + 160
 *
 * @return 0 if success, ENOTCONN if there is no media, EACCES if nothing may
 *         be sent (see seal.h), otherwise errorcode
 */
int sipleg_send_rtcp(struct sipleg *leg, uint8_t *pkt, size_t len,
		     size_t size)
{
	return send_rtcp(leg, SIPMEDIA_AUDIO, pkt, len, size);
}


/**
 * Send an RTP packet of video to the phone
 *
 * @param leg  Leg
 * @param pkt  Packet; changed in place if SRTP is on
 * @param len  Its length [bytes]
 * @param size Room at pkt [bytes], at least len + 160
 *
 * @return 0 if success, ENOTCONN if there is no media, EACCES if nothing may
 *         be sent (see seal.h), otherwise errorcode
 */
int sipleg_send_video_rtp(struct sipleg *leg, uint8_t *pkt, size_t len,
			  size_t size)
{
	return send_rtp(leg, SIPMEDIA_VIDEO, pkt, len, size);
}


/**
 * Send an RTCP packet of video to the phone
 *
 * @param leg  Leg
 * @param pkt  Packet, compound or reduced-size; changed in place if SRTP is on
 * @param len  Its length [bytes]
 * @param size Room at pkt [bytes], at least len + 160
 *
 * @return 0 if success, ENOTCONN if there is no media, EACCES if nothing may
 *         be sent (see seal.h), otherwise errorcode
 */
int sipleg_send_video_rtcp(struct sipleg *leg, uint8_t *pkt, size_t len,
			   size_t size)
{
	return send_rtcp(leg, SIPMEDIA_VIDEO, pkt, len, size);
}


/* A socket that is bound to no address sends from what the kernel chooses */
static void local_addr(struct sa *local, const struct udp_sock *us,
		       const struct sa *remote)
{
	uint16_t port;
	int fd;

	if (udp_local_get(us, local)) {
		sa_init(local, AF_UNSPEC);
		return;
	}

	if (sa_isset(local, SA_ADDR) || !sa_isset(remote, SA_ALL))
		return;

	port = sa_port(local);
	fd = socket(sa_af(remote), SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;

	if (!connect(fd, &remote->u.sa, remote->len)) {
		local->len = sizeof(local->u);
		(void)getsockname(fd, &local->u.sa, &local->len);
		sa_set_port(local, port);
	}

	(void)close(fd);
}


/**
 * Show an RTCP packet of a media line to whoever looks
 *
 * @param sm  Media
 * @param tx  It is sent
 * @param pkt Packet, not encrypted
 * @param len Its length [bytes]
 */
void sipmedia_tell(const struct sipmedia *sm, bool tx, const uint8_t *pkt,
		   size_t len)
{
	const struct latch *l = sm->mux ? &sm->lrtp : &sm->lrtcp;
	const struct sa *remote = &l->raddr;
	struct sa local;
	const struct wire w = {
		.kind = WIRE_RTCP, .tx = tx, .proto = IPPROTO_UDP,
		.src = tx ? &local : remote, .dst = tx ? remote : &local,
		.id = sm->leg ? sipleg_id(sm->leg) : NULL,
		.buf = (const char *)pkt, .len = len,
	};

	local_addr(&local, sm->mux ? sm->rtp : sm->rtcp, remote);
	wire_tell(&w);
}


/**
 * Get the age of the packet that is being handled
 *
 * @param sm Media, may be NULL
 *
 * @return See rxage_us()
 */
uint32_t sipmedia_rx_age(const struct sipmedia *sm)
{
	return sm ? rxage_us(sm->fd) : 0;
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
	st->refused = sm->refused.count;
	st->suite   = seal_suite(sm->seal);
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


/**
 * Get our SSRC of a media line
 *
 * @param sm Media
 *
 * @return SSRC
 */
uint32_t sipmedia_ssrc(const struct sipmedia *sm)
{
	return sm->ssrc;
}


/**
 * Can what the phone says of a media line not be taken, since there is no key
 * for its encryption?
 *
 * @param sm Media
 *
 * @return True if it cannot
 */
bool sipmedia_is_barred(const struct sipmedia *sm)
{
	return sm->barred;
}


/**
 * Add what a packet of audio, in or out, needs of memory to a list
 *
 * @param leg Leg, may be NULL
 * @param w   List
 */
void sipleg_warm(const struct sipleg *leg, struct warm *w)
{
	const struct sipmedia *sm = leg ? leg->mediav[SIPMEDIA_AUDIO] : NULL;

	if (!sm)
		return;

	warm_add(w, sm, offsetof(struct sipmedia, lrtcp));
	warm_add(w, leg->mediav, sizeof(leg->mediav));
	warm_add(w, sm->seal, 48);
}


/**
 * Say what a packet of audio that comes will need of memory
 *
 * @param leg Leg, may be NULL
 * @param w   List, copied
 */
void sipleg_set_warm(struct sipleg *leg, const struct warm *w)
{
	struct sipmedia *sm = leg ? leg->mediav[SIPMEDIA_AUDIO] : NULL;

	if (!sm || !w)
		return;

	sm->warm = *w;
	warm_add(&sm->warm, sm->rxpt, sizeof(sm->rxpt));
	warm_add(&sm->warm, &leg->h, sizeof(*leg) - offsetof(struct sipleg, h));
}
