/**
 * @file sip/pure/refusal.c  Packets refused, without those of a healthy call
 *
 * A phone behind NAT is refused until it is known that it is the phone, and what
 * only keeps its NAT open is no packet at all. Neither is a fault that anybody
 * should look for.
 */
#include <string.h>
#include <re.h>
#include "refusal.h"


enum {
	RTCP_LEAST  = 8,        /* nothing that is smaller says anything */
	STUN_HEADER = 20,
};

static const uint8_t stun_cookie[] = {0x21, 0x12, 0xa4, 0x42};


/**
 * Count a packet that is refused
 *
 * @param r   Refusals
 * @param src Where it came from
 */
void refusal_add(struct refusal *r, const struct sa *src)
{
	if (!r || !src)
		return;

	if (!r->his || !sa_cmp(src, &r->src, SA_ALL)) {
		sa_cpy(&r->src, src);
		r->his = 0;
	}

	++r->his;
	++r->count;
}


/**
 * It was the phone after all: what was refused of it does not count
 *
 * @param r   Refusals
 * @param src The phone's address
 */
void refusal_forgive(struct refusal *r, const struct sa *src)
{
	if (!r || !src || !r->his || !sa_cmp(src, &r->src, SA_ALL))
		return;

	r->count -= r->his;
	r->his    = 0;
}


/**
 * Whether a packet does nothing but keep a NAT open (RFC 6263, 4): too short for
 * anything, or a STUN binding
 *
 * @param p   Packet
 * @param len Length [bytes]
 *
 * @return True if it is one
 */
bool refusal_is_keepalive(const uint8_t *p, size_t len)
{
	if (len < RTCP_LEAST)
		return true;

	return p && len >= STUN_HEADER && !(p[0] & 0xc0) &&
		!memcmp(p + 4, stun_cookie, sizeof(stun_cookie));
}
