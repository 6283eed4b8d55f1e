/**
 * @file rtp/rtp.c  RTP header: parser and writer
 *
 * Pure: bytes in, struct out. What RFC 3550, A.1 lets a receiver check on
 * one packet is checked here; what needs a history is in rxstat.c.
 */
#include <string.h>
#include <re.h>
#include "rtp.h"


/* With RTP and RTCP on one port these are RTCP's types (RFC 5761, 4) */
static bool is_rtcp_type(uint8_t pt)
{
	return pt >= 72 && pt <= 79;
}


static int parse_ext(struct rtp_pkt *rp, const uint8_t *buf, size_t len,
		     size_t *pos)
{
	size_t extlen;

	if (len - *pos < 4)
		return EBADMSG;

	rp->ext_id = rtp_get16(&buf[*pos]);
	extlen = 4 * (size_t)rtp_get16(&buf[*pos + 2]);
	*pos += 4;

	if (len - *pos < extlen)
		return EBADMSG;

	rp->ext = &buf[*pos];
	rp->extlen = extlen;
	*pos += extlen;

	return 0;
}


/**
 * Parse and validate an RTP packet (RFC 3550, 5.1 and A.1)
 *
 * @param rp  Parsed packet, pointing into buf (set only on success)
 * @param buf Packet
 * @param len Length of the packet [bytes]
 *
 * @return 0 if success, EINVAL for missing arguments, EBADMSG if it is no
 *         valid RTP: too short, not version 2, a payload type that is
 *         RTCP's, or CSRCs, extension or padding that do not fit
 */
int rtp_pkt_parse(struct rtp_pkt *rp, const uint8_t *buf, size_t len)
{
	struct rtp_pkt p;
	size_t pos;
	int err;

	if (!rp || !buf)
		return EINVAL;

	if (len < RTP_HEADER_SIZE || buf[0] >> 6 != RTP_VERSION)
		return EBADMSG;

	memset(&p, 0, sizeof(p));

	p.csrcc  = buf[0] & 0x0f;
	p.marker = buf[1] >> 7;
	p.pt     = buf[1] & 0x7f;
	p.seq    = rtp_get16(&buf[2]);
	p.ts     = rtp_get32(&buf[4]);
	p.ssrc   = rtp_get32(&buf[8]);

	pos = RTP_HEADER_SIZE + 4 * (size_t)p.csrcc;

	if (is_rtcp_type(p.pt) || pos > len)
		return EBADMSG;

	if (buf[0] & 0x10) {
		err = parse_ext(&p, buf, len, &pos);
		if (err)
			return err;
	}

	if (buf[0] & 0x20) {
		p.padlen = pos < len ? buf[len - 1] : 0;
		if (!p.padlen || p.padlen > len - pos)
			return EBADMSG;
	}

	p.payload = &buf[pos];
	p.plen    = len - pos - p.padlen;

	*rp = p;

	return 0;
}


/**
 * Write an RTP header without CSRCs, extension and padding
 *
 * @param buf    Destination, room for RTP_HEADER_SIZE (12) bytes
 * @param marker Marker bit
 * @param pt     Payload type [0-127]
 * @param seq    Sequence number
 * @param ts     Timestamp [RTP clock]
 * @param ssrc   Synchronization source
 *
 * @return Number of bytes written
 */
size_t rtp_hdr_write(uint8_t *buf, bool marker, uint8_t pt, uint16_t seq,
		     uint32_t ts, uint32_t ssrc)
{
	buf[0] = RTP_VERSION << 6;
	buf[1] = (marker ? 0x80 : 0x00) | (pt & 0x7f);
	rtp_put16(&buf[2], seq);
	rtp_put32(&buf[4], ts);
	rtp_put32(&buf[8], ssrc);

	return RTP_HEADER_SIZE;
}
