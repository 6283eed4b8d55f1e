/**
 * @file audio/reorder.h  Bounded reordering window
 */

enum {
	REORDER_MAX  = 3,       /**< Most packets held for a missing one   */
	REORDER_SLOTS = REORDER_MAX + 1,
	REORDER_WAIT = 60000,   /**< Longest wait for a missing one [us]   */
	REORDER_LEN  = MEDIA_PKT_MAX, /**< Longest payload held [bytes]    */
};

/** One packet held back */
struct reorder_slot {
	bool used;              /**< Holds a packet                        */
	uint16_t seq;           /**< Sequence number                       */
	uint32_t ts;            /**< Timestamp [RTP clock]                 */
	bool marker;            /**< Marker bit                            */
	bool cn;                /**< Comfort noise, not audio              */
	size_t len;             /**< Length of the payload, 0=to be left out */
	uint8_t buf[REORDER_LEN]; /**< Payload                             */
};

/** Reordering window */
struct reorder {
	bool on;                /**< next is known                         */
	uint16_t next;          /**< Next sequence number to hand out      */
	unsigned held;          /**< Packets held                          */
	unsigned depth;         /**< Packets to hold for a missing one     */
	unsigned vain;          /**< Waits in vain since the last good one */
	uint64_t since;         /**< Begin of the current wait [us]        */
	struct reorder_slot slotv[REORDER_SLOTS];
};

/** What to do with a packet */
enum reorder_res {
	REORDER_NOW = 0,        /**< Use it at once                        */
	REORDER_HELD,           /**< It was copied and is held             */
	REORDER_LATE,           /**< Its place is taken: drop it           */
	REORDER_FLUSH,          /**< Take out all that is held, try again  */
};

void reorder_init(struct reorder *ro);
enum reorder_res reorder_put(struct reorder *ro, const struct rtp_pkt *rp,
			     bool cn, unsigned *lost, uint64_t now);
struct reorder_slot *reorder_get(struct reorder *ro, bool giveup,
				 unsigned *lost, uint64_t now);
bool reorder_full(const struct reorder *ro);
