/**
 * @file rtp/rtcp.h  RTCP compound packets: parser and builders (pure)
 */

enum {
	RTCP_PART_HDR  = 4,     /**< Common header [bytes]                 */
	RTCP_BLOCK_LEN = 24,    /**< One report block [bytes]              */
	RTCP_DLRR_LEN  = 24,    /**< XR packet with one DLRR block [bytes] */
};

/** One packet of a compound; pointers go into the parsed buffer */
struct rtcp_part {
	uint8_t type;           /**< Packet type, enum rtcp_type           */
	uint8_t count;          /**< Report/source count or subtype [0-31] */
	const uint8_t *p;       /**< Body, behind the common header        */
	size_t len;             /**< Length of the body, no padding [bytes] */
};

/** Sender information of an SR */
struct rtcp_sender {
	uint64_t ntp;           /**< Wallclock time, NTP 32.32             */
	uint32_t ts;            /**< The same time [RTP clock]             */
	uint32_t packets;       /**< Packets sent                          */
	uint32_t octets;        /**< Payload bytes sent                    */
};

/** One report block */
struct rtcp_block {
	uint32_t ssrc;          /**< Source that is reported on            */
	uint8_t fraction;       /**< Fraction lost since last [1/256]      */
	int32_t lost;           /**< Cumulative packets lost, 24 bits      */
	uint32_t last_seq;      /**< Extended highest sequence number      */
	uint32_t jitter;        /**< Interarrival jitter [RTP clock]       */
	uint32_t lsr;           /**< Last SR, NTP 16.16, 0=none            */
	uint32_t dlsr;          /**< Delay since last SR [1/65536 s]       */
};

int  rtcp_part_next(struct rtcp_part *part, const uint8_t *buf, size_t len,
		    size_t *pos);
int  rtcp_part_ssrc(const struct rtcp_part *part, uint32_t *ssrc);
int  rtcp_part_sender(const struct rtcp_part *part, struct rtcp_sender *snd);
int  rtcp_part_block(const struct rtcp_part *part, unsigned i,
		     struct rtcp_block *blk);
int  rtcp_part_cname(const struct rtcp_part *part, uint32_t ssrc,
		     struct pl *cname);
int  rtcp_part_rrtr(const struct rtcp_part *part, uint64_t *ntp);
bool rtcp_part_bye(const struct rtcp_part *part, uint32_t ssrc);

void rtcp_hdr_write(uint8_t *p, unsigned count, uint8_t type, size_t len);
int  rtcp_report_write(uint8_t *buf, size_t size, size_t *len, uint32_t ssrc,
		       const struct rtcp_sender *snd,
		       const struct rtcp_block *blk, const char *cname);
int  rtcp_dlrr_write(uint8_t *buf, size_t size, size_t *len, uint32_t ssrc,
		     uint32_t src, uint32_t lrr, uint32_t dlrr);
int  rtcp_bye_write(uint8_t *buf, size_t size, size_t *len, uint32_t ssrc);
