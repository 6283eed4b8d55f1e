/**
 * @file sip/pure/latch.h  Symmetric RTP: where to send, whom to listen to
 *
 * A phone behind NAT sends from another address than its SDP says. The latch
 * moves the remote address to the source that really sends (RFC 4961,
 * RFC 7362), under rules that keep strangers from taking the call:
 *
 *   1. The SDP's address wins whenever it speaks.
 *   2. So does, unless 1 speaks, where the phone was before a re-INVITE that
 *      names the same address.
 *   3. A stranger is followed in the first seconds alone, only if he sends
 *      valid RTP in sequence, and only once 1, 2 and whoever was followed
 *      before him have been silent for a while.
 *
 * Of several phones that one call rings, each may have been heard before another
 * one answers. They go on sending until they are told, and are barred.
 */

enum {
	LATCH_PROBATION = 2,    /**< Valid packets in sequence needed
	                             (RFC 3550 A.1, MIN_SEQUENTIAL)        */
	LATCH_SILENCE = 500,    /**< How long the right one must have been
	                             silent before another may speak [ms]  */
};

/** Where phones are that are not to be heard any more */
struct latch_bars {
	struct {
		struct sa sdp;  /**< As in its SDP                         */
		struct sa src;  /**< Where it sends from                   */
	} v[4];
	size_t n;               /**< How many were added, ever             */
};

struct latch {
	struct sa raddr;        /**< Remote address in use                 */
	struct sa sdp;          /**< Remote address in the SDP             */
	struct sa kept;         /**< Where it was before the re-INVITE     */
	struct sa cand;         /**< Source under probation                */
	uint64_t until;         /**< Strangers are refused from here [ms]  */
	uint64_t heard;         /**< raddr spoke last, or arming [ms]      */
	uint32_t ssrc;          /**< SSRC of the source under probation    */
	uint16_t seq;           /**< Its last sequence number              */
	unsigned count;         /**< Its valid packets in sequence         */
	bool trusted;           /**< Packets are authentic: no stranger's  */
	bool latched;           /**< raddr has spoken                      */
	bool moved;             /**< raddr was learnt from packets         */
};

void latch_arm(struct latch *l, const struct sa *raddr, uint64_t now,
	       uint32_t window);
bool latch_rtp(struct latch *l, const struct sa *src, uint32_t ssrc,
	       uint16_t seq, uint64_t now);
bool latch_rtcp(struct latch *l, const struct latch *rtp,
		const struct sa *src, uint64_t now);
void latch_bar(struct latch_bars *b, const struct latch *l);
void latch_lift(struct latch_bars *b, const struct sa *raddr);
bool latch_is_barred(const struct latch_bars *b, const struct sa *src);
void latch_follow(struct latch *l, const struct latch *rtp);
