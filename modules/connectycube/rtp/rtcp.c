/**
 * @file rtp/rtcp.c  RTCP compound packets: parser and builders
 *
 * Pure: bytes in, struct out. A compound packet is walked one packet at a
 * time; types that nobody asks about are stepped over safely, and reduced
 * size packets (RFC 5506), which need not begin with a report, are read
 * like any other.
 */
#include <string.h>
#include <re.h>
#include "rtp.h"
#include "rtcp.h"


enum {
	SENDER_LEN = 20,        /**< Sender information of an SR [bytes]   */
	CNAME_MAX  = 255,       /**< Longest SDES item [bytes]             */
	XR_RRTR    = 4,         /**< Receiver reference time (RFC 3611)    */
	XR_DLRR    = 5,         /**< Delay since that (RFC 3611, 4.5)      */
	RTPFB_TWCC = 15,        /**< Transport-wide congestion control     */
};


/*
 * Padding is for the last packet of a compound and comes in words, but not
 * in transport-cc feedback, which ends on any byte
 */
static bool pads_freely(const uint8_t *p)
{
	return p[1] == RTCP_RTPFB && (p[0] & 0x1f) == RTPFB_TWCC;
}


/**
 * Step to the next packet of a compound (RFC 3550, 6.1 and A.2)
 *
 * @param part Packet found (set only on success)
 * @param buf  Compound packet
 * @param len  Length of the compound packet [bytes]
 * @param pos  Position, 0 to begin with; moved behind the packet [bytes]
 *
 * @return 0 if success, ENOENT at the end, EINVAL for missing arguments,
 *         EBADMSG if the rest is no valid RTCP
 */
int rtcp_part_next(struct rtcp_part *part, const uint8_t *buf, size_t len,
		   size_t *pos)
{
	const uint8_t *p;
	size_t plen, pad = 0;

	if (!part || !buf || !pos)
		return EINVAL;

	if (*pos >= len)
		return *pos == len ? ENOENT : EBADMSG;

	p = buf + *pos;

	if (len - *pos < RTCP_PART_HDR || p[0] >> 6 != RTCP_VERSION ||
	    p[1] < 192 || p[1] > 223)
		return EBADMSG;

	plen = 4 * (size_t)rtp_get16(&p[2]);

	if (plen > len - *pos - RTCP_PART_HDR)
		return EBADMSG;

	if (p[0] & 0x20) {
		pad = plen ? p[RTCP_PART_HDR + plen - 1] : 0;

		if (!pad || pad > plen)
			return EBADMSG;

		if (!pads_freely(p) &&
		    (pad & 3 || *pos + RTCP_PART_HDR + plen != len))
			return EBADMSG;
	}

	part->type  = p[1];
	part->count = p[0] & 0x1f;
	part->p     = p + RTCP_PART_HDR;
	part->len   = plen - pad;

	*pos += RTCP_PART_HDR + plen;

	return 0;
}


/**
 * Get the SSRC of a packet's sender: its first word
 *
 * @param part One packet of a compound
 * @param ssrc SSRC (output)
 *
 * @return 0 if success, EINVAL for missing arguments, EBADMSG if too short
 */
int rtcp_part_ssrc(const struct rtcp_part *part, uint32_t *ssrc)
{
	if (!part || !ssrc)
		return EINVAL;

	if (part->len < 4)
		return EBADMSG;

	*ssrc = rtp_get32(part->p);

	return 0;
}


/**
 * Get the sender information of an SR (RFC 3550, 6.4.1)
 *
 * @param part One packet of a compound
 * @param snd  Sender information (output)
 *
 * @return 0 if success, EINVAL for missing arguments, ENOENT if it is no
 *         SR, EBADMSG if too short
 */
int rtcp_part_sender(const struct rtcp_part *part, struct rtcp_sender *snd)
{
	if (!part || !snd)
		return EINVAL;

	if (part->type != RTCP_SR)
		return ENOENT;

	if (part->len < 4 + SENDER_LEN)
		return EBADMSG;

	snd->ntp     = (uint64_t)rtp_get32(part->p + 4) << 32 |
		rtp_get32(part->p + 8);
	snd->ts      = rtp_get32(part->p + 12);
	snd->packets = rtp_get32(part->p + 16);
	snd->octets  = rtp_get32(part->p + 20);

	return 0;
}


/**
 * Get one report block of an SR or RR (RFC 3550, 6.4.1)
 *
 * @param part One packet of a compound
 * @param i    Index of the block, from 0
 * @param blk  Report block (output)
 *
 * @return 0 if success, EINVAL for missing arguments, ENOENT if there is no
 *         such block, EBADMSG if the packet is too short for it
 */
int rtcp_part_block(const struct rtcp_part *part, unsigned i,
		    struct rtcp_block *blk)
{
	const uint8_t *p;
	size_t pos = 4;

	if (!part || !blk)
		return EINVAL;

	if (i >= part->count)
		return ENOENT;

	if (part->type == RTCP_SR)
		pos += SENDER_LEN;
	else if (part->type != RTCP_RR)
		return ENOENT;

	pos += i * (size_t)RTCP_BLOCK_LEN;

	if (part->len < pos + RTCP_BLOCK_LEN)
		return EBADMSG;

	p = part->p + pos;

	blk->ssrc     = rtp_get32(p);
	blk->fraction = p[4];
	blk->lost     = (int32_t)(rtp_get32(p + 4) << 8) >> 8;
	blk->last_seq = rtp_get32(p + 8);
	blk->jitter   = rtp_get32(p + 12);
	blk->lsr      = rtp_get32(p + 16);
	blk->dlsr     = rtp_get32(p + 20);

	return 0;
}


/* Step over the items of one SDES chunk, noting the CNAME */
static size_t chunk_items(const struct rtcp_part *part, size_t pos,
			  struct pl *cname)
{
	while (pos < part->len && part->p[pos]) {

		size_t n;

		if (part->len - pos < 2)
			return part->len;

		n = part->p[pos + 1];
		if (n > part->len - pos - 2)
			return part->len;

		if (part->p[pos] == RTCP_SDES_CNAME) {
			cname->p = (const char *)part->p + pos + 2;
			cname->l = n;
		}

		pos += 2 + n;
	}

	/* one to four null bytes end a chunk on a 32-bit boundary */
	return (pos + 4) & ~(size_t)3;
}


/**
 * Find the CNAME of a source in an SDES packet (RFC 3550, 6.5)
 *
 * @param part  One packet of a compound
 * @param ssrc  Source to look for
 * @param cname CNAME, pointing into the packet (output)
 *
 * @return 0 if success, EINVAL for missing arguments, ENOENT if not there
 */
int rtcp_part_cname(const struct rtcp_part *part, uint32_t ssrc,
		    struct pl *cname)
{
	size_t pos = 0;
	unsigned i;

	if (!part || !cname)
		return EINVAL;

	if (part->type != RTCP_SDES)
		return ENOENT;

	for (i=0; i<part->count && pos < part->len; i++) {

		struct pl cn = PL_INIT;
		uint32_t src;

		if (part->len - pos < 4)
			break;

		src = rtp_get32(part->p + pos);
		pos = chunk_items(part, pos + 4, &cn);

		if (src == ssrc && cn.p) {
			*cname = cn;
			return 0;
		}
	}

	return ENOENT;
}


/**
 * Find the receiver reference time in an extended report (RFC 3611, 4.4): a
 * receiver that sends nothing asks for its round-trip time
 *
 * @param part One packet of a compound
 * @param ntp  Its time, NTP 32.32 (output)
 *
 * @return 0 if success, EINVAL for missing arguments, ENOENT if not there
 */
int rtcp_part_rrtr(const struct rtcp_part *part, uint64_t *ntp)
{
	size_t pos = 4;

	if (!part || !ntp)
		return EINVAL;

	if (part->type != RTCP_XR)
		return ENOENT;

	while (pos + 4 <= part->len) {

		const uint8_t *p = part->p + pos;
		const size_t len = 4 * (size_t)rtp_get16(p + 2);

		if (len > part->len - pos - 4)
			break;

		if (p[0] == XR_RRTR && len == 8) {
			*ntp = (uint64_t)rtp_get32(p + 4) << 32 |
				rtp_get32(p + 8);
			return 0;
		}

		pos += 4 + len;
	}

	return ENOENT;
}


/**
 * Check if a BYE names a source (RFC 3550, 6.6)
 *
 * @param part One packet of a compound
 * @param ssrc Source to look for
 *
 * @return True if it is a BYE of that source, otherwise false
 */
bool rtcp_part_bye(const struct rtcp_part *part, uint32_t ssrc)
{
	size_t i;

	if (!part || part->type != RTCP_BYE)
		return false;

	for (i=0; i<part->count && 4*i + 4 <= part->len; i++) {
		if (rtp_get32(part->p + 4*i) == ssrc)
			return true;
	}

	return false;
}


/**
 * Write the common header of an RTCP packet (RFC 3550, 6.4.1)
 *
 * @param p     Destination, room for RTCP_PART_HDR bytes
 * @param count Report/source count, or subtype [0-31]
 * @param type  Packet type
 * @param len   Length of the whole packet, a multiple of 4 [bytes]
 */
void rtcp_hdr_write(uint8_t *p, unsigned count, uint8_t type, size_t len)
{
	p[0] = RTCP_VERSION << 6 | (count & 0x1f);
	p[1] = type;
	rtp_put16(p + 2, (uint16_t)(len / 4 - 1));
}


static size_t sender_write(uint8_t *p, const struct rtcp_sender *snd)
{
	rtp_put32(p, snd->ntp >> 32);
	rtp_put32(p + 4, snd->ntp & 0xffffffff);
	rtp_put32(p + 8, snd->ts);
	rtp_put32(p + 12, snd->packets);
	rtp_put32(p + 16, snd->octets);

	return SENDER_LEN;
}


static size_t block_write(uint8_t *p, const struct rtcp_block *blk)
{
	int32_t lost = blk->lost;

	lost = min(lost, 0x7fffff);
	lost = max(lost, -0x800000);

	rtp_put32(p, blk->ssrc);
	rtp_put32(p + 4, (uint32_t)lost & 0xffffff);
	p[4] = blk->fraction;
	rtp_put32(p + 8, blk->last_seq);
	rtp_put32(p + 12, blk->jitter);
	rtp_put32(p + 16, blk->lsr);
	rtp_put32(p + 20, blk->dlsr);

	return RTCP_BLOCK_LEN;
}


/**
 * Build a compound packet: SR or RR, and SDES with the CNAME
 *
 * @param buf   Destination
 * @param size  Room at buf [bytes]; 60 + CNAME + 4 are always enough
 * @param len   Length of the packet [bytes] (output)
 * @param ssrc  Our SSRC
 * @param snd   Sender information, NULL makes an RR
 * @param blk   Report block, NULL=none
 * @param cname CNAME, cut at 255 bytes; NULL=empty
 *
 * @return 0 if success, EINVAL for missing arguments, EOVERFLOW if the room
 *         is too small
 */
int rtcp_report_write(uint8_t *buf, size_t size, size_t *len, uint32_t ssrc,
		      const struct rtcp_sender *snd,
		      const struct rtcp_block *blk, const char *cname)
{
	size_t n, rlen, slen;
	uint8_t *p = buf;

	if (!buf || !len)
		return EINVAL;

	n = min(str_len(cname), (size_t)CNAME_MAX);

	rlen = 8 + (snd ? SENDER_LEN : 0) + (blk ? RTCP_BLOCK_LEN : 0);
	slen = 8 + ((2 + n + 4) & ~(size_t)3);

	if (size < rlen + slen)
		return EOVERFLOW;

	rtcp_hdr_write(p, blk ? 1 : 0, snd ? RTCP_SR : RTCP_RR, rlen);
	rtp_put32(p + 4, ssrc);
	p += 8;

	if (snd)
		p += sender_write(p, snd);
	if (blk)
		p += block_write(p, blk);

	memset(p, 0, slen);
	rtcp_hdr_write(p, 1, RTCP_SDES, slen);
	rtp_put32(p + 4, ssrc);
	p[8] = RTCP_SDES_CNAME;
	p[9] = (uint8_t)n;
	if (n)
		memcpy(p + 10, cname, n);

	*len = rlen + slen;

	return 0;
}


/**
 * Append an extended report that answers a receiver's reference time
 * (RFC 3611, 4.5) to a compound packet
 *
 * @param buf  Compound packet
 * @param size Room at buf [bytes]
 * @param len  Length of the packet; RTCP_DLRR_LEN is added [bytes]
 * @param ssrc Our SSRC
 * @param src  SSRC of the receiver that asked
 * @param lrr  Its time, NTP 16.16
 * @param dlrr Delay since it was received [1/65536 s]
 *
 * @return 0 if success, EINVAL for missing arguments, EOVERFLOW if the room
 *         is too small
 */
int rtcp_dlrr_write(uint8_t *buf, size_t size, size_t *len, uint32_t ssrc,
		    uint32_t src, uint32_t lrr, uint32_t dlrr)
{
	uint8_t *p;

	if (!buf || !len)
		return EINVAL;

	if (*len > size || size - *len < RTCP_DLRR_LEN)
		return EOVERFLOW;

	p = buf + *len;
	rtcp_hdr_write(p, 0, RTCP_XR, RTCP_DLRR_LEN);
	rtp_put32(p + 4, ssrc);
	p[8] = XR_DLRR;
	p[9] = 0;
	rtp_put16(p + 10, 3);
	rtp_put32(p + 12, src);
	rtp_put32(p + 16, lrr);
	rtp_put32(p + 20, dlrr);
	*len += RTCP_DLRR_LEN;

	return 0;
}


/**
 * Append a BYE to a compound packet (RFC 3550, 6.6)
 *
 * @param buf  Compound packet
 * @param size Room at buf [bytes]
 * @param len  Length of the packet; 8 bytes are added [bytes]
 * @param ssrc Our SSRC
 *
 * @return 0 if success, EINVAL for missing arguments, EOVERFLOW if the room
 *         is too small
 */
int rtcp_bye_write(uint8_t *buf, size_t size, size_t *len, uint32_t ssrc)
{
	if (!buf || !len)
		return EINVAL;

	if (*len > size || size - *len < 8)
		return EOVERFLOW;

	rtcp_hdr_write(buf + *len, 1, RTCP_BYE, 8);
	rtp_put32(buf + *len + 4, ssrc);
	*len += 8;

	return 0;
}
