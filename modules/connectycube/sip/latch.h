/**
 * @file sip/latch.h  Symmetric RTP: where to send, whom to listen to
 *
 * A phone behind NAT sends from another address than its SDP says. The latch
 * moves the remote address to the source that really sends, under rules that
 * keep strangers out (RFC 4961, RFC 7362): once, only in the first seconds,
 * and only onto a source that sends valid RTP.
 */

enum {
	LATCH_PROBATION = 2,    /**< Valid packets in sequence needed
	                             (RFC 3550 A.1, MIN_SEQUENTIAL)        */
};

struct latch {
	struct sa raddr;        /**< Remote address in use                 */
	struct sa sdp;          /**< Remote address in the SDP             */
	struct sa cand;         /**< Source under probation                */
	uint64_t until;         /**< Latching ends [ms], tmr_jiffies()     */
	uint32_t ssrc;          /**< SSRC of the source under probation    */
	uint16_t seq;           /**< Its last sequence number              */
	unsigned count;         /**< Its valid packets in sequence         */
	bool latched;           /**< Moved, or confirmed where it was      */
	bool moved;             /**< raddr was learnt from packets         */
};

void latch_arm(struct latch *l, const struct sa *raddr, uint64_t now,
	       uint32_t window);
bool latch_rtp(struct latch *l, const struct sa *src, uint32_t ssrc,
	       uint16_t seq, uint64_t now);
bool latch_rtcp(struct latch *l, const struct latch *rtp,
		const struct sa *src, uint64_t now);
