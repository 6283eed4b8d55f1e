/**
 * @file video/rtp/fb.h  RTCP feedback messages: parser and builders (pure)
 *
 * RFC 4585 (NACK, PLI), RFC 5104 (FIR, TMMBR, TMMBN), goog-remb
 * (draft-alvestrand-rmcat-remb-03), transport-wide congestion control
 * (draft-holmer-rmcat-transport-wide-cc-extensions-01). They are read from
 * one packet of a compound, see rtcp_part_next(), and written behind a
 * report.
 */

enum {
	FB_SEQ_MAX  = 256,      /**< Packets named by one NACK that we read */
	FB_TWCC_MAX = 1024,     /**< Packets of one transport-cc feedback  */
};

/** Kinds of feedback */
enum fb_type {
	FB_NONE = 0,            /**< None that we know                     */
	FB_NACK,
	FB_PLI,
	FB_FIR,
	FB_TMMBR,
	FB_TMMBN,
	FB_REMB,
	FB_TWCC,
};

/** One packet as transport-cc feedback has it */
struct fb_twcc_pkt {
	uint16_t seq;           /**< Transport-wide sequence number        */
	bool received;          /**< It arrived                            */
	int64_t t;              /**< When, on the receiver's clock [us]    */
};

/** A feedback message */
struct fb {
	enum fb_type type;
	uint32_t ssrc;          /**< Sender of the feedback                */
	uint32_t media;         /**< Source it is about (FIR, TMMBR: of the
				     first entry that is `want`)           */
	union {
		struct {
			uint16_t seqv[FB_SEQ_MAX]; /**< Lost               */
			size_t seqc;
		} nack;
		struct {
			uint8_t nr;     /**< Command sequence number       */
		} fir;
		struct {
			uint64_t bitrate; /**< [bit/s]                     */
			unsigned overhead; /**< [bytes], TMMBR, TMMBN      */
		} bw;
		struct {
			uint8_t nr;     /**< Feedback packet count         */
			struct fb_twcc_pkt pktv[FB_TWCC_MAX];
			size_t pktc;
		} twcc;
	} u;
};

int  fb_decode(struct fb *fb, const struct rtcp_part *part, uint32_t want);

int  fb_nack_write(uint8_t *buf, size_t size, size_t *len, uint32_t ssrc,
		   uint32_t media, const uint16_t *seqv, size_t seqc);
int  fb_pli_write(uint8_t *buf, size_t size, size_t *len, uint32_t ssrc,
		  uint32_t media);
int  fb_fir_write(uint8_t *buf, size_t size, size_t *len, uint32_t ssrc,
		  uint32_t media, uint8_t nr);
int  fb_tmmb_write(uint8_t *buf, size_t size, size_t *len, bool request,
		   uint32_t ssrc, uint32_t media, uint64_t bitrate,
		   unsigned overhead);
int  fb_remb_write(uint8_t *buf, size_t size, size_t *len, uint32_t ssrc,
		   uint64_t bitrate, const uint32_t *mediav, size_t mediac);
int  fb_twcc_write(uint8_t *buf, size_t size, size_t *len, uint32_t ssrc,
		   uint32_t media, uint8_t nr, const struct fb_twcc_pkt *pktv,
		   size_t pktc);
