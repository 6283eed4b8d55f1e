/**
 * @file video/rtp/hdrext.c  RTP header extensions (RFC 8285)
 *
 * Both forms are read, the one-byte form is written: what is sent here is
 * short and the numbers are our own or Chrome's, which stay below 15.
 */
#include <string.h>
#include <re.h>
#include "rtp/rtp.h"
#include "hdrext.h"


enum {
	ONE_BYTE = 0xbede,      /**< Profile of the one-byte form          */
	TWO_BYTE = 0x100,       /**< Of the two-byte form, upper 12 bits   */
	STOP     = 15,          /**< Reserved number that ends the reading */
};


static const uint8_t *find_one(const uint8_t *p, size_t n, uint8_t id,
			       size_t *len)
{
	while (n) {

		const uint8_t eid = p[0] >> 4;
		const size_t elen = p[0] ? (p[0] & 0x0fu) + 1 : 0;

		/* a length behind number 0 ends it, as 15 does (4.2) */
		if ((!eid && elen) || eid == STOP || elen > n - 1)
			return NULL;

		if (eid && eid == id) {
			*len = elen;
			return p + 1;
		}

		p += 1 + elen;
		n -= 1 + elen;
	}

	return NULL;
}


static const uint8_t *find_two(const uint8_t *p, size_t n, uint8_t id,
			       size_t *len)
{
	while (n) {

		size_t elen;

		if (!p[0]) {
			++p;
			--n;
			continue;
		}

		if (n < 2 || p[1] > n - 2)
			return NULL;

		elen = p[1];
		if (p[0] == id) {
			*len = elen;
			return p + 2;
		}

		p += 2 + elen;
		n -= 2 + elen;
	}

	return NULL;
}


/**
 * Find a header extension of a packet, one- or two-byte form
 *
 * @param rp  Packet
 * @param id  Number of the extension, 0 is never found
 * @param len Length of its data, 0 is possible in the two-byte form [bytes]
 *            (set only if found)
 *
 * @return Its data in the packet, NULL if not there
 */
const uint8_t *hdrext_find(const struct rtp_pkt *rp, uint8_t id, size_t *len)
{
	if (!rp || !rp->ext || !id || !len)
		return NULL;

	if (rp->ext_id == ONE_BYTE)
		return find_one(rp->ext, rp->extlen, id, len);

	if (rp->ext_id >> 4 == TWO_BYTE)
		return find_two(rp->ext, rp->extlen, id, len);

	return NULL;
}


static uint8_t *put_elem(uint8_t *p, uint8_t id, size_t len)
{
	*p = (uint8_t)(id << 4 | (len - 1));

	return p + 1;
}


static bool can_write(uint8_t id)
{
	return id && id <= HDREXT_ID_MAX;
}


static void put24(uint8_t *p, uint32_t v)
{
	p[0] = v >> 16 & 0xff;
	rtp_put16(p + 1, v & 0xffff);
}


/**
 * Write an extension header with its elements, one-byte form. It follows the
 * RTP header and the CSRCs; the caller sets the header's X bit if anything
 * was written
 *
 * @param buf Destination, room for HDREXT_MAX bytes
 * @param ext Extensions; numbers of 0 and over HDREXT_ID_MAX are left out
 *
 * @return Number of bytes written, 0=none
 */
size_t hdrext_write(uint8_t *buf, const struct hdrext *ext)
{
	uint8_t *p;

	if (!buf || !ext)
		return 0;

	p = buf + 4;

	if (can_write(ext->abs_id)) {
		p = put_elem(p, ext->abs_id, 3);
		put24(p, ext->abs_time);
		p += 3;
	}

	if (can_write(ext->twcc_id)) {
		p = put_elem(p, ext->twcc_id, 2);
		rtp_put16(p, ext->twcc_seq);
		p += 2;
	}

	if (can_write(ext->orient_id)) {
		p = put_elem(p, ext->orient_id, 1);
		*p++ = ext->orient;
	}

	if (p == buf + 4)
		return 0;

	while ((p - buf) & 3)
		*p++ = 0;

	rtp_put16(buf, ONE_BYTE);
	rtp_put16(buf + 2, (uint16_t)((p - buf) / 4 - 1));

	return p - buf;
}


/* An extension of a packet that is ours to change; NULL=not there */
static uint8_t *find_mut(uint8_t *pkt, const struct rtp_pkt *rp, uint8_t id,
			 size_t want)
{
	size_t len;
	const uint8_t *p = hdrext_find(rp, id, &len);

	return p && len == want ? pkt + (p - pkt) : NULL;
}


/**
 * Rewrite what belongs to one sending of a packet, abs-send-time and the
 * transport-wide sequence number, where the packet has them: for a packet
 * that is sent again
 *
 * @param pkt RTP packet; what is none is left alone
 * @param len Length of the packet [bytes]
 * @param ext Extensions; orientation is not changed
 */
void hdrext_patch(uint8_t *pkt, size_t len, const struct hdrext *ext)
{
	struct rtp_pkt rp;
	uint8_t *p;

	if (!ext || rtp_pkt_parse(&rp, pkt, len))
		return;

	p = find_mut(pkt, &rp, ext->abs_id, 3);
	if (p)
		put24(p, ext->abs_time);

	p = find_mut(pkt, &rp, ext->twcc_id, 2);
	if (p)
		rtp_put16(p, ext->twcc_seq);
}


/**
 * Get the abs-send-time of a time
 *
 * @param ntp Time, NTP 32.32 [s]
 *
 * @return The same, 6.18 fixed point, 24 bits [s]
 */
uint32_t hdrext_abs_time(uint64_t ntp)
{
	return ntp >> 14 & 0xffffff;
}
