/**
 * @file video/rtp/vorder.h  Packets in order, where they are put together
 *
 * What is next in sequence goes straight through. When something is missing,
 * what follows is held back for a while: it may be on its way again, see
 * loss.h. Bounded; arithmetic only: the time is given.
 */

enum {
	VORDER_MAX = 128,       /**< Packets held, a power of two          */
};

/** A packet in order */
struct vorder_pkt {
	uint16_t seq;           /**< Sequence number                       */
	uint32_t ts;            /**< Timestamp [RTP clock]                 */
	bool marker;            /**< Marker bit                            */
	bool key;               /**< It begins a keyframe                  */
	const uint8_t *buf;     /**< Payload                               */
	size_t len;             /**< Its length [bytes]                    */
	unsigned lost;          /**< Packets lost before it                */
};

/** Takes packets in order. It must not use the order */
typedef void (vorder_h)(const struct vorder_pkt *pkt, void *arg);

struct vorder;

int      vorder_alloc(struct vorder **op, vorder_h *h, void *arg);
void     vorder_reset(struct vorder *o);
bool     vorder_put(struct vorder *o, const struct vorder_pkt *pkt,
		    uint64_t now);
uint64_t vorder_since(const struct vorder *o);
void     vorder_skip(struct vorder *o, uint64_t now);
