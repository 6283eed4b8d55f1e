/**
 * @file video/xcode/framer.h  From packets to frames: the transcoder's entry
 *
 * Packets are put into order, waiting for one that is missing (it may be on
 * its way again, see loss.h) for VXIN_WAIT at most, and collected to frames.
 * The time is given.
 */

enum {
	VXIN_HELD_MAX  = 128,     /**< Packets held back                   */
	VXIN_WAIT      = 100000,  /**< Longest wait for a lost packet [us] */
	VXIN_JUMP      = 1000,    /**< A step in sequence numbers that is
				       another stream                      */
	VXIN_FRAME_MAX = 1 << 20, /**< Largest frame [bytes]               */
};

/** A frame, owned by the callee */
typedef void (vxin_frame_h)(struct vpkts *frame, void *arg);

/** Entry; all zero but its handler is the initial state */
struct vxin {
	bool on;                /**< There was a packet                    */
	uint16_t next;          /**< Sequence number to come               */
	struct list heldl;      /**< Held back, sorted (owner)             */
	uint64_t since;         /**< When the first one was [us]           */
	struct vpkts *frame;    /**< Being collected (owner), or NULL      */
	bool gap;               /**< Something is missing before the next  */
	vxin_frame_h *frameh;   /**< Takes frames                          */
	void *arg;              /**< Handler argument                      */
};

void vxin_put(struct vxin *in, bool marker, uint16_t seq, uint32_t ts,
	      const uint8_t *buf, size_t len, uint64_t now);
void vxin_lost(struct vxin *in);
void vxin_reset(struct vxin *in);
