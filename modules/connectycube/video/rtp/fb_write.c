/**
 * @file video/rtp/fb_write.c  RTCP feedback messages: builders
 *
 * Each appends one complete packet to a compound, like rtcp_dlrr_write()
 * does, and leaves the compound as it was on error. Where the remote knows
 * reduced size RTCP (RFC 5506) the compound may be empty to begin with.
 */
#include <string.h>
#include <re.h>
#include "rtp/rtp.h"
#include "rtp/rtcp.h"
#include "fb.h"
#include "fb_priv.h"


/**
 * Append a feedback packet: its header and both SSRCs (RFC 4585, 6.1)
 *
 * @param pp    Where the feedback control information goes (output)
 * @param buf   Compound packet
 * @param size  Room at buf [bytes]
 * @param len   Length of the compound, FB_HDR + n are added [bytes]
 * @param type  RTCP_RTPFB or RTCP_PSFB
 * @param fmt   Format
 * @param n     Length of the control information, a multiple of 4 [bytes]
 * @param ssrc  Our SSRC
 * @param media Source it is about
 *
 * @return 0 if success, EINVAL for missing arguments, EOVERFLOW if the room
 *         is too small
 */
int fb_append(uint8_t **pp, uint8_t *buf, size_t size, size_t *len,
	      uint8_t type, unsigned fmt, size_t n, uint32_t ssrc,
	      uint32_t media)
{
	uint8_t *p;

	if (!buf || !len)
		return EINVAL;

	if (*len > size || size - *len < FB_HDR + n)
		return EOVERFLOW;

	p = buf + *len;
	rtcp_hdr_write(p, fmt, type, FB_HDR + n);
	rtp_put32(p + 4, ssrc);
	rtp_put32(p + 8, media);

	*len += FB_HDR + n;
	*pp = p + FB_HDR;

	return 0;
}


/* How many of the numbers one entry takes, and its mask */
static size_t nack_entry(const uint16_t *seqv, size_t seqc, uint16_t *blp)
{
	size_t i;

	*blp = 0;

	for (i=1; i<seqc; i++) {

		const uint16_t d = (uint16_t)(seqv[i] - seqv[0]);

		if (d < 1 || d > 16)
			break;

		*blp |= 1u << (d - 1);
	}

	return i;
}


/**
 * Append a generic NACK (RFC 4585, 6.2.1)
 *
 * @param buf   Compound packet
 * @param size  Room at buf [bytes]
 * @param len   Length of the compound, at most 12 + 4 * seqc are added [bytes]
 * @param ssrc  Our SSRC
 * @param media Source that the packets are missing of
 * @param seqv  Missing sequence numbers, best in ascending order
 * @param seqc  Number of those, 1 or more
 *
 * @return 0 if success, EINVAL for missing arguments, EOVERFLOW if the room
 *         is too small
 */
int fb_nack_write(uint8_t *buf, size_t size, size_t *len, uint32_t ssrc,
		  uint32_t media, const uint16_t *seqv, size_t seqc)
{
	size_t i, n = 0;
	uint16_t blp;
	uint8_t *p;
	int err;

	if (!seqv || !seqc)
		return EINVAL;

	for (i=0; i<seqc; i += nack_entry(&seqv[i], seqc - i, &blp))
		n += 4;

	err = fb_append(&p, buf, size, len, RTCP_RTPFB, RTPFB_NACK, n, ssrc,
			media);
	if (err)
		return err;

	for (i=0; i<seqc; p += 4) {
		rtp_put16(p, seqv[i]);
		i += nack_entry(&seqv[i], seqc - i, &blp);
		rtp_put16(p + 2, blp);
	}

	return 0;
}


/**
 * Append a Picture Loss Indication (RFC 4585, 6.3.1)
 *
 * @param buf   Compound packet
 * @param size  Room at buf [bytes]
 * @param len   Length of the compound, 12 are added [bytes]
 * @param ssrc  Our SSRC
 * @param media Source to ask for a keyframe
 *
 * @return 0 if success, EINVAL for missing arguments, EOVERFLOW if the room
 *         is too small
 */
int fb_pli_write(uint8_t *buf, size_t size, size_t *len, uint32_t ssrc,
		 uint32_t media)
{
	uint8_t *p;

	return fb_append(&p, buf, size, len, RTCP_PSFB, PSFB_PLI, 0, ssrc,
			 media);
}


/**
 * Append a Full Intra Request with one entry (RFC 5104, 4.3.1)
 *
 * @param buf   Compound packet
 * @param size  Room at buf [bytes]
 * @param len   Length of the compound, 20 are added [bytes]
 * @param ssrc  Our SSRC
 * @param media Source to ask for a keyframe
 * @param nr    Command sequence number: another for each new request
 *
 * @return 0 if success, EINVAL for missing arguments, EOVERFLOW if the room
 *         is too small
 */
int fb_fir_write(uint8_t *buf, size_t size, size_t *len, uint32_t ssrc,
		 uint32_t media, uint8_t nr)
{
	uint8_t *p;
	int err;

	/* the source is in the entry, and 0 in the header */
	err = fb_append(&p, buf, size, len, RTCP_PSFB, PSFB_FIR, 8, ssrc, 0);
	if (err)
		return err;

	rtp_put32(p, media);
	rtp_put32(p + 4, (uint32_t)nr << 24);

	return 0;
}


/* Split a rate into mantissa and exponent, never rounding up */
static uint32_t rate_split(uint64_t bitrate, unsigned bits, unsigned *exp)
{
	*exp = 0;

	while (bitrate >> bits) {
		bitrate >>= 1;
		++*exp;
	}

	return (uint32_t)bitrate;
}


/**
 * Append a TMMBR or a TMMBN with one entry (RFC 5104, 4.2)
 *
 * @param buf      Compound packet
 * @param size     Room at buf [bytes]
 * @param len      Length of the compound, 20 are added [bytes]
 * @param request  True for a TMMBR, false for the TMMBN that answers it
 * @param ssrc     Our SSRC
 * @param media    TMMBR: the source to limit. TMMBN: who asked for the limit
 * @param bitrate  Limit, rounded down to 17 bits [bit/s]
 * @param overhead Bytes below RTP that it includes for each packet [0-511]
 *
 * @return 0 if success, EINVAL for missing arguments, EOVERFLOW if the room
 *         is too small
 */
int fb_tmmb_write(uint8_t *buf, size_t size, size_t *len, bool request,
		  uint32_t ssrc, uint32_t media, uint64_t bitrate,
		  unsigned overhead)
{
	uint32_t mantissa;
	unsigned exp;
	uint8_t *p;
	int err;

	err = fb_append(&p, buf, size, len, RTCP_RTPFB,
			request ? RTPFB_TMMBR : RTPFB_TMMBN, 8, ssrc, 0);
	if (err)
		return err;

	mantissa = rate_split(bitrate, 17, &exp);

	rtp_put32(p, media);
	rtp_put32(p + 4, (uint32_t)exp << 26 | mantissa << 9 |
		  min(overhead, 0x1ffu));

	return 0;
}


/**
 * Append a REMB (draft-alvestrand-rmcat-remb-03)
 *
 * @param buf     Compound packet
 * @param size    Room at buf [bytes]
 * @param len     Length of the compound, 20 + 4 * mediac are added [bytes]
 * @param ssrc    Our SSRC
 * @param bitrate What we can receive, rounded down to 18 bits [bit/s]
 * @param mediav  Sources that share it
 * @param mediac  Number of those [0-255]
 *
 * @return 0 if success, EINVAL for missing or bad arguments, EOVERFLOW if
 *         the room is too small
 */
int fb_remb_write(uint8_t *buf, size_t size, size_t *len, uint32_t ssrc,
		  uint64_t bitrate, const uint32_t *mediav, size_t mediac)
{
	uint32_t mantissa;
	unsigned exp;
	uint8_t *p;
	size_t i;
	int err;

	if ((mediac && !mediav) || mediac > 255)
		return EINVAL;

	err = fb_append(&p, buf, size, len, RTCP_PSFB, PSFB_AFB,
			8 + 4*mediac, ssrc, 0);
	if (err)
		return err;

	mantissa = rate_split(bitrate, 18, &exp);

	memcpy(p, "REMB", 4);
	rtp_put32(p + 4, (uint32_t)mediac << 24 | (uint32_t)exp << 18 |
		  mantissa);

	for (i=0; i<mediac; i++)
		rtp_put32(p + 8 + 4*i, mediav[i]);

	return 0;
}
