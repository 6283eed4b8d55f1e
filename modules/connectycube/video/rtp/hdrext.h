/**
 * @file video/rtp/hdrext.h  RTP header extensions (RFC 8285): read, write (pure)
 */

enum {
	HDREXT_ID_MAX = 14,     /**< Largest number in the one-byte form   */
	HDREXT_MAX    = 16,     /**< Most that is written [bytes]          */
};

const uint8_t *hdrext_find(const struct rtp_pkt *rp, uint8_t id, size_t *len);

/** Extensions to write, one-byte form; an id of 0 leaves one out */
struct hdrext {
	uint8_t abs_id;         /**< abs-send-time                         */
	uint32_t abs_time;      /**< 24 bits, 6.18 fixed point [s]         */
	uint8_t twcc_id;        /**< transport-wide-cc                     */
	uint16_t twcc_seq;      /**< Its sequence number                   */
	uint8_t orient_id;      /**< video-orientation                     */
	uint8_t orient;         /**< As received                           */
};

size_t hdrext_write(uint8_t *buf, const struct hdrext *ext);
void   hdrext_patch(uint8_t *pkt, size_t len, const struct hdrext *ext);
uint32_t hdrext_abs_time(uint64_t ntp);
