/**
 * @file peer/rtcpkind.c  Which kinds of media an RTCP packet is about
 *
 * One transport carries the reports and the feedback of both, and one
 * compound packet may hold some of each. What each packet of it is about, its
 * SSRCs tell:
 *
 *   SR, RR, APP, XR  the sender's, and that of each report block
 *   SDES, BYE        those of the chunks, those that leave
 *   feedback         that of the media; FIR, TMMBR, TMMBN and REMB list more;
 *                    transport-cc is about the whole transport
 *
 * Pure: bytes in, bits out.
 */
#include <string.h>
#include <re.h>
#include "rtcpkind.h"


enum {
	HDR_LEN     = 4,        /**< Common header [bytes]                 */
	SENDER_LEN  = 20,       /**< Sender information of an SR [bytes]   */
	BLOCK_LEN   = 24,       /**< Report block [bytes]                  */
	FB_LEN      = 8,        /**< SSRCs of the sender and of the media  */
	FCI_LEN     = 8,        /**< One entry of FIR and TMMBR [bytes]    */
	REMB_SSRC   = 8,        /**< REMB's SSRCs in its FCI [bytes]       */
	RTCP_XR_PT  = 207,      /**< Extended report (RFC 3611)            */
	FMT_TMMBR   = 3,        /**< RTPFB (RFC 5104)                      */
	FMT_TMMBN   = 4,        /**< RTPFB                                 */
	FMT_TWCC    = 15,       /**< RTPFB                                 */
	FMT_FIR     = 4,        /**< PSFB (RFC 5104)                       */
	FMT_AFB     = 15,       /**< PSFB (RFC 4585), REMB                 */
};

/** One packet of a compound, and what is asked for it */
struct part {
	uint8_t pt;             /**< Packet type                           */
	uint8_t count;          /**< Count or format                       */
	const uint8_t *p;       /**< Body                                  */
	size_t len;             /**< Length of the body [bytes]            */
	uint32_t twcc;          /**< Kinds with transport-cc               */
	rtcpkind_ssrc_h *ssrch;
	const void *arg;
};


/* The kind of the SSRC at an offset; none if the packet is too short */
static uint32_t kind_at(const struct part *part, size_t off)
{
	const uint8_t *p = &part->p[off];

	if (off + 4 > part->len)
		return 0;

	return part->ssrch((uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
			   (uint32_t)p[2] << 8 | p[3], part->arg);
}


/* Those of a row of SSRCs, one each `step` bytes */
static uint32_t kinds_of(const struct part *part, size_t off, size_t n,
			 size_t step)
{
	uint32_t kinds = 0;

	while (n-- && off + 4 <= part->len) {
		kinds |= kind_at(part, off);
		off += step;
	}

	return kinds;
}


static uint32_t report_kinds(const struct part *part, size_t off)
{
	return kind_at(part, 0) |
		kinds_of(part, off, part->count, BLOCK_LEN);
}


/* Each chunk's items end with a null byte, padded to 32 bits */
static uint32_t sdes_kinds(const struct part *part)
{
	uint32_t kinds = 0;
	size_t pos = 0;
	unsigned i;

	for (i=0; i<part->count && pos + 4 <= part->len; i++) {

		kinds |= kind_at(part, pos);
		pos += 4;

		while (pos + 1 < part->len && part->p[pos])
			pos += 2 + (size_t)part->p[pos + 1];

		pos = (pos + 4) & ~(size_t)3;
	}

	return kinds;
}


static uint32_t rtpfb_kinds(const struct part *part)
{
	const uint32_t kinds = kind_at(part, 4);

	switch (part->count) {

	case FMT_TWCC:
		return part->twcc ? part->twcc : kinds;

	case FMT_TMMBR:
	case FMT_TMMBN:
		return kinds | kinds_of(part, FB_LEN, SIZE_MAX, FCI_LEN);

	default:
		return kinds;
	}
}


static uint32_t psfb_kinds(const struct part *part)
{
	const uint32_t kinds = kind_at(part, 4);

	if (part->count == FMT_FIR)
		return kinds | kinds_of(part, FB_LEN, SIZE_MAX, FCI_LEN);

	if (part->count == FMT_AFB && part->len >= FB_LEN + REMB_SSRC &&
	    !memcmp(&part->p[FB_LEN], "REMB", 4))
		return kinds | kinds_of(part, FB_LEN + REMB_SSRC,
					part->p[FB_LEN + 4], 4);

	return kinds;
}


static uint32_t part_kinds(const struct part *part)
{
	switch (part->pt) {

	case RTCP_SR:
		return report_kinds(part, 4 + SENDER_LEN);

	case RTCP_RR:
		return report_kinds(part, 4);

	case RTCP_SDES:
		return sdes_kinds(part);

	case RTCP_BYE:
		return kinds_of(part, 0, part->count, 4);

	case RTCP_RTPFB:
		return rtpfb_kinds(part);

	case RTCP_PSFB:
		return psfb_kinds(part);

	case RTCP_APP:
	case RTCP_XR_PT:
		return kind_at(part, 0);

	default:
		return 0;
	}
}


/* False at the end, or if the rest is no RTCP */
static bool next(struct part *part, const uint8_t *buf, size_t len,
		 size_t *pos)
{
	const uint8_t *p = &buf[*pos];
	size_t n;

	if (len - *pos < HDR_LEN || p[0] >> 6 != 2)
		return false;

	n = 4 * ((size_t)p[2] << 8 | p[3]);
	if (n > len - *pos - HDR_LEN)
		return false;

	part->pt    = p[1];
	part->count = p[0] & 0x1f;
	part->p     = p + HDR_LEN;
	part->len   = n;
	*pos += HDR_LEN + n;

	return true;
}


/**
 * Find the kinds of media that an RTCP packet is about
 *
 * @param buf   Packet, compound or of reduced size (RFC 5506)
 * @param len   Length of the packet [bytes]
 * @param twcc  Kinds that have transport-cc, as bits
 * @param ssrch Tells the kind of an SSRC
 * @param arg   Its argument
 *
 * @return Kinds as bits, 0 if nothing in it is known
 */
uint32_t rtcpkind(const uint8_t *buf, size_t len, uint32_t twcc,
		  rtcpkind_ssrc_h *ssrch, const void *arg)
{
	struct part part = {.twcc = twcc, .ssrch = ssrch, .arg = arg};
	uint32_t kinds = 0;
	size_t pos = 0;

	if (!buf || !ssrch)
		return 0;

	while (next(&part, buf, len, &pos))
		kinds |= part_kinds(&part);

	return kinds;
}
