/**
 * @file video/rtp/vrtx.c  Retransmission payload format (RFC 4588)
 *
 *   | header, extension as they were | OSN, 2 bytes | payload as it was |
 *
 * The retransmission has a payload type, a source and sequence numbers of
 * its own; the original sequence number (OSN) goes in front of the payload.
 */
#include <string.h>
#include <re.h>
#include "rtp/rtp.h"
#include "loss.h"


enum {
	OSN_LEN = 2,            /**< Original sequence number [bytes]      */
	P_BIT   = 0x20,         /**< Padding is there, in the first byte   */
};


static void set_header(uint8_t *pkt, uint8_t pt, uint16_t seq, uint32_t ssrc)
{
	pkt[0] &= ~P_BIT;
	pkt[1] = (pkt[1] & 0x80) | (pt & 0x7f);
	rtp_put16(pkt + 2, seq);
	rtp_put32(pkt + 8, ssrc);
}


/**
 * Make the retransmission of a packet. Marker, timestamp, CSRCs and header
 * extension are kept (see hdrext_patch()), padding is not
 *
 * @param buf  Destination, not where the packet is
 * @param size Room at buf, len + 2 is always enough [bytes]
 * @param pkt  RTP packet as it was sent
 * @param len  Length of the packet [bytes]
 * @param pt   Payload type of retransmissions
 * @param ssrc Source of retransmissions
 * @param seq  Sequence number there
 *
 * @return Length of the retransmission [bytes], 0 if the packet is no valid
 *         RTP or the room is too small
 */
size_t vcache_rtx_write(uint8_t *buf, size_t size, const uint8_t *pkt,
			size_t len, uint8_t pt, uint32_t ssrc, uint16_t seq)
{
	struct rtp_pkt rp;
	size_t hlen;

	if (!buf || rtp_pkt_parse(&rp, pkt, len))
		return 0;

	hlen = rp.payload - pkt;
	if (size < hlen + OSN_LEN + rp.plen)
		return 0;

	memcpy(buf, pkt, hlen);
	set_header(buf, pt, seq, ssrc);
	rtp_put16(buf + hlen, rp.seq);
	memcpy(buf + hlen + OSN_LEN, rp.payload, rp.plen);

	return hlen + OSN_LEN + rp.plen;
}


/**
 * Turn a retransmission back into the packet that was lost, in place
 *
 * @param pkt  RTP packet; changed only on success
 * @param len  Length of the packet; of the original on success [bytes]
 * @param pt   Payload type of the original
 * @param ssrc Source of the original
 *
 * @return 0 if success, EINVAL for missing arguments, EBADMSG if it is no
 *         valid RTP, ENODATA if there is nothing in it: a sender that wants
 *         to know its bandwidth sends such, or mere padding
 */
int vcache_rtx_read(uint8_t *pkt, size_t *len, uint8_t pt, uint32_t ssrc)
{
	struct rtp_pkt rp;
	size_t hlen, plen;

	if (!pkt || !len)
		return EINVAL;

	if (rtp_pkt_parse(&rp, pkt, *len))
		return EBADMSG;

	if (rp.plen <= OSN_LEN)
		return ENODATA;

	hlen = rp.payload - pkt;
	plen = rp.plen - OSN_LEN;

	set_header(pkt, pt, rtp_get16(rp.payload), ssrc);
	memmove(pkt + hlen, pkt + hlen + OSN_LEN, plen);
	*len = hlen + plen;

	return 0;
}
