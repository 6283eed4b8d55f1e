/**
 * @file sip/pure/latch.c  Symmetric RTP: where to send, whom to listen to
 *
 * Pure state: no sockets, no clock of its own.
 */
#include <string.h>
#include <re.h>
#include "latch.h"


/**
 * Allow latching for a while. Called at the answer and at every re-INVITE.
 * What was learnt is kept while the SDP's address stays the same: a session
 * refresh must not send packets behind the NAT again
 *
 * @param l      Latch
 * @param raddr  Remote address from the SDP, NULL if there is none
 * @param now    Current time [ms]
 * @param window How long latching is allowed [ms]
 */
void latch_arm(struct latch *l, const struct sa *raddr, uint64_t now,
	       uint32_t window)
{
	bool trusted;

	if (!l)
		return;

	trusted = l->trusted;

	if (raddr && l->moved && sa_cmp(raddr, &l->sdp, SA_ALL)) {
		sa_cpy(&l->kept, &l->raddr);
	}
	else {
		memset(l, 0, sizeof(*l));

		if (raddr) {
			sa_cpy(&l->raddr, raddr);
			sa_cpy(&l->sdp, raddr);
		}
	}

	l->trusted = trusted;
	l->latched = false;
	l->count   = 0;
	l->heard   = now;
	l->until   = now + window;
}


static bool probation(struct latch *l, const struct sa *src, uint32_t ssrc,
		      uint16_t seq)
{
	const bool next = l->count && ssrc == l->ssrc &&
		sa_cmp(src, &l->cand, SA_ALL) &&
		seq == (uint16_t)(l->seq + 1);

	if (!next) {
		sa_cpy(&l->cand, src);
		l->ssrc  = ssrc;
		l->count = 0;
	}

	l->seq = seq;

	return ++l->count >= LATCH_PROBATION;
}


static bool speaks(struct latch *l, const struct sa *src, uint64_t now)
{
	if (!sa_cmp(src, &l->raddr, SA_ALL))
		sa_cpy(&l->raddr, src);

	l->moved   = !sa_cmp(src, &l->sdp, SA_ALL);
	l->latched = true;
	l->heard   = now;
	l->count   = 0;

	return true;
}


static bool is_silent(const struct latch *l, uint64_t now)
{
	return l->trusted || now >= l->heard + LATCH_SILENCE;
}


/* Nobody outranks him who is there, but the SDP's address */
static bool may_return(const struct latch *l, const struct sa *src,
		       uint64_t now)
{
	if (!sa_isset(&l->kept, SA_ALL) || !sa_cmp(src, &l->kept, SA_ALL))
		return false;

	return !l->latched || l->moved || is_silent(l, now);
}


/**
 * Judge a valid RTP packet by its source
 *
 * @param l    Latch
 * @param src  Source address of the packet
 * @param ssrc Its SSRC
 * @param seq  Its sequence number
 * @param now  Current time [ms]
 *
 * @return True to take the packet, false if it is a stranger's
 */
bool latch_rtp(struct latch *l, const struct sa *src, uint32_t ssrc,
	       uint16_t seq, uint64_t now)
{
	if (!l || !src)
		return false;

	if (sa_cmp(src, &l->raddr, SA_ALL) || sa_cmp(src, &l->sdp, SA_ALL) ||
	    may_return(l, src, now))
		return speaks(l, src, now);

	if (now >= l->until || !probation(l, src, ssrc, seq) ||
	    !is_silent(l, now))
		return false;

	return speaks(l, src, now);
}


/**
 * Judge a valid RTCP packet by its source. RTCP may only move to the host
 * that RTP comes from
 *
 * @param l   Latch of RTCP
 * @param rtp Latch of RTP
 * @param src Source address of the packet
 * @param now Current time [ms]
 *
 * @return True to take the packet, false if it is a stranger's
 */
bool latch_rtcp(struct latch *l, const struct latch *rtp,
		const struct sa *src, uint64_t now)
{
	if (!l || !rtp || !src)
		return false;

	if (sa_cmp(src, &l->raddr, SA_ALL))
		return true;

	if (sa_cmp(src, &l->sdp, SA_ALL)) {
		sa_cpy(&l->raddr, src);
		l->moved   = false;
		l->latched = false;
		return true;
	}

	if (l->latched || now >= l->until || !rtp->latched)
		return false;

	if (!sa_cmp(src, &rtp->raddr, SA_ADDR))
		return false;

	return speaks(l, src, now);
}


/**
 * RTP has moved: RTCP must not stay with whom RTP has left
 *
 * @param l   Latch of RTCP
 * @param rtp Latch of RTP
 */
void latch_follow(struct latch *l, const struct latch *rtp)
{
	if (!l || !rtp || !l->moved || sa_cmp(&l->raddr, &rtp->raddr, SA_ADDR))
		return;

	sa_cpy(&l->raddr, &l->sdp);
	l->moved   = false;
	l->latched = false;
}


/**
 * Whoever is heard is not to be heard any more
 *
 * @param b Bars
 * @param l Latch of the one that was heard
 */
void latch_bar(struct latch_bars *b, const struct latch *l)
{
	const size_t i = b->n % ARRAY_SIZE(b->v);

	if (!sa_isset(&l->sdp, SA_ALL))
		return;

	sa_cpy(&b->v[i].sdp, &l->sdp);
	sa_cpy(&b->v[i].src, &l->raddr);
	++b->n;
}


/**
 * An SDP names an address: who is there may be heard. Two phones behind one relay
 * are at one address
 *
 * @param b     Bars
 * @param raddr Address, may be NULL
 */
void latch_lift(struct latch_bars *b, const struct sa *raddr)
{
	size_t i;

	for (i=0; raddr && i<ARRAY_SIZE(b->v); i++) {

		if (sa_cmp(raddr, &b->v[i].sdp, SA_ALL) ||
		    sa_cmp(raddr, &b->v[i].src, SA_ALL)) {
			sa_init(&b->v[i].sdp, AF_UNSPEC);
			sa_init(&b->v[i].src, AF_UNSPEC);
		}
	}
}


/**
 * Is somebody not to be heard any more?
 *
 * @param b   Bars
 * @param src Where a packet is from
 *
 * @return True if not
 */
bool latch_is_barred(const struct latch_bars *b, const struct sa *src)
{
	size_t i;

	for (i=0; i<ARRAY_SIZE(b->v); i++) {

		if (sa_isset(&b->v[i].sdp, SA_ALL) &&
		    (sa_cmp(src, &b->v[i].sdp, SA_ALL) ||
		     sa_cmp(src, &b->v[i].src, SA_ALL)))
			return true;
	}

	return false;
}
