/**
 * @file video/rtp/fb_priv.h  What the files of fb.h have in common
 */

enum {
	FB_HDR = 12,            /**< Header and both SSRCs [bytes]         */
};

/** Formats (FMT) of transport layer feedback, RTCP_RTPFB */
enum {
	RTPFB_NACK  = 1,        /**< RFC 4585, 6.2.1                       */
	RTPFB_TMMBR = 3,        /**< RFC 5104, 4.2.1                       */
	RTPFB_TMMBN = 4,        /**< RFC 5104, 4.2.2                       */
	RTPFB_TWCC  = 15,       /**< transport-wide-cc-extensions, 3.1     */
};

/** Formats (FMT) of payload-specific feedback, RTCP_PSFB */
enum {
	PSFB_PLI = 1,           /**< RFC 4585, 6.3.1                       */
	PSFB_FIR = 4,           /**< RFC 5104, 4.3.1                       */
	PSFB_AFB = 15,          /**< RFC 4585, 6.4: REMB among others      */
};

int fb_twcc_decode(struct fb *fb, const struct rtcp_part *part);
int fb_append(uint8_t **pp, uint8_t *buf, size_t size, size_t *len,
	      uint8_t type, unsigned fmt, size_t n, uint32_t ssrc,
	      uint32_t media);
