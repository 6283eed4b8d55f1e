/**
 * @file video/xcode/frame.h  The RTP payloads of one frame, in one piece
 *
 * They change threads as a whole: whoever has one owns all of it.
 */

/** Payloads of one frame */
struct vpkts {
	uint32_t ts;            /**< Timestamp [90 kHz]                    */
	bool key;               /**< Of a keyframe                         */
	bool gap;               /**< Something is missing in or before it  */
	size_t n;               /**< Number of payloads                    */
	struct mbuf *mb;        /**< Payloads, each behind its header (owned) */
};

/** One of them */
struct vpkt {
	bool marker;            /**< Last one of the frame                 */
	uint16_t seq;           /**< Sequence number                       */
	const uint8_t *buf;     /**< Payload (pointer)                     */
	size_t len;             /**< Its length [bytes]                    */
};

int  vpkts_alloc(struct vpkts **pp, uint32_t ts);
int  vpkts_add(struct vpkts *p, bool marker, uint16_t seq,
	       const uint8_t *buf, size_t len);
bool vpkts_next(struct vpkts *p, struct vpkt *pkt);
void vpkts_rewind(struct vpkts *p);
