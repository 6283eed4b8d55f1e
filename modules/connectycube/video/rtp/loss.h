/**
 * @file video/rtp/loss.h  Lost packets: cache, retransmission, requests
 *
 * Sending side: struct vcache keeps what was sent and finds it again for a
 * NACK. Receiving side: struct vnack knows what is missing, when to ask
 * for it (again), and when it is hopeless. Both bounded, arithmetic only:
 * the time is given.
 */

enum {
	VCACHE_SLOTS = 512,     /**< Packets kept, a power of two          */
	VCACHE_BYTES = 1 << 20, /**< No more than that together [bytes]    */
	VCACHE_AGE   = 1000000, /**< No longer than [us]                   */
	VCACHE_AGAIN = 5000,    /**< Between two resendings, at least [us] */
	VNACK_MAX    = 256,     /**< Missing packets kept track of         */
	VNACK_TRIES  = 10,      /**< Requests for one packet               */
	VNACK_GRACE  = 5000,    /**< For those that were only overtaken [us] */
	VNACK_REPEAT = 20000,   /**< Between two requests, at least [us]   */
	VNACK_REPEAT_UNKNOWN = 100000, /**< While no round trip is known [us] */
	VNACK_AGE    = 1000000, /**< Then it is hopeless [us]              */
};

struct vcache;

int  vcache_alloc(struct vcache **vcp);
int  vcache_put(struct vcache *vc, const uint8_t *pkt, size_t len,
		uint64_t now);
const uint8_t *vcache_get(struct vcache *vc, uint16_t seq, size_t *len,
			  uint64_t rtt, uint64_t now);
size_t vcache_bytes(const struct vcache *vc);

size_t vcache_rtx_write(uint8_t *buf, size_t size, const uint8_t *pkt,
			size_t len, uint8_t pt, uint32_t ssrc, uint16_t seq);
int  vcache_rtx_read(uint8_t *pkt, size_t *len, uint8_t pt, uint32_t ssrc);

/** Missing packets of a stream; all zero is the initial state */
struct vnack {
	bool on;                /**< A packet was seen                     */
	bool hopeless;          /**< Something was given up, not yet told  */
	uint16_t max;           /**< Highest sequence number seen          */
	struct {
		uint16_t seq;
		uint8_t tries;  /**< Requests made                         */
		bool quiet;     /**< Not to be asked for any more          */
		uint64_t since; /**< When it was found missing [us]        */
		uint64_t due;   /**< When to ask (again) [us]              */
	} v[VNACK_MAX];         /**< In the order of sequence numbers      */
	size_t c;
};

bool   vnack_recv(struct vnack *n, uint16_t seq, bool key, uint64_t now);
size_t vnack_due(struct vnack *n, uint16_t *seqv, size_t max, uint64_t rtt,
		 uint64_t now, bool *hopeless);
uint64_t vnack_next(const struct vnack *n);
void   vnack_hush(struct vnack *n, uint16_t seq);
void   vnack_reset(struct vnack *n);
