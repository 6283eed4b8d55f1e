/**
 * @file rtp/rtp.h  RTP header: parser and writer (pure)
 */

/** A parsed RTP packet; pointers go into the parsed buffer */
struct rtp_pkt {
	uint8_t pt;             /**< Payload type [0-127]                  */
	bool marker;            /**< Marker bit                            */
	uint16_t seq;           /**< Sequence number                       */
	uint32_t ts;            /**< Timestamp [RTP clock]                 */
	uint32_t ssrc;          /**< Synchronization source                */
	uint8_t csrcc;          /**< Number of contributing sources [0-15] */
	uint16_t ext_id;        /**< "Defined by profile" of the extension */
	const uint8_t *ext;     /**< Extension data, NULL=none             */
	size_t extlen;          /**< Length of the extension [bytes]       */
	const uint8_t *payload; /**< Payload, padding excluded             */
	size_t plen;            /**< Length of the payload [bytes]         */
	size_t padlen;          /**< Length of the padding [bytes]         */
};

int    rtp_pkt_parse(struct rtp_pkt *rp, const uint8_t *buf, size_t len);
size_t rtp_hdr_write(uint8_t *buf, bool marker, uint8_t pt, uint16_t seq,
		     uint32_t ts, uint32_t ssrc);


static inline uint16_t rtp_get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}


static inline uint32_t rtp_get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
		(uint32_t)p[2] << 8 | p[3];
}


static inline void rtp_put16(uint8_t *p, uint16_t v)
{
	p[0] = v >> 8;
	p[1] = v & 0xff;
}


static inline void rtp_put32(uint8_t *p, uint32_t v)
{
	rtp_put16(p, v >> 16);
	rtp_put16(p + 2, v & 0xffff);
}
