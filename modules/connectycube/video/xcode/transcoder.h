/**
 * @file video/xcode/transcoder.h  Video transcoder on a worker thread
 *
 *   loop: vxcode_put() --> [queue] --> decode, scale, encode   worker
 *   loop: vxcode_out_h <-- [mqueue] <--------+
 *
 * The queue is bounded: what is late is dropped, never queued, and decoding
 * goes on with what is there. Everything that the worker needs it owns; the
 * loop only ever copies in and out. Resolution, frame rate and bitrate follow
 * vxcode_set_bitrate().
 */

struct vxcode;

/** Parameters; strings are copied */
struct vxcode_param {
	const struct vcodec *dec; /**< Decoder (pointer)                   */
	const char *dec_fmtp;   /**< fmtp of what arrives, or NULL         */
	const struct vcodec *enc; /**< Encoder (pointer)                   */
	const char *enc_fmtp;   /**< fmtp of the receiver, or NULL         */
	size_t pktsize;         /**< Largest RTP payload made [bytes]      */
	unsigned width_max;     /**< Largest picture encoded [pixels]      */
	unsigned height_max;    /**< Largest picture encoded [pixels]      */
	unsigned fps_max;       /**< Fastest encoded [frames/s]            */
	uint32_t bitrate;       /**< To begin with [bit/s]                 */
	uint32_t bitrate_min;   /**< Lowest [bit/s]                        */
};

/** Counters */
struct vxcode_stats {
	uint64_t decoded;       /**< Frames decoded                        */
	uint64_t encoded;       /**< Frames encoded                        */
	uint64_t late;          /**< Frames dropped: too slow, or too many
				     bits; not those over fps_max          */
	uint64_t errors;        /**< Frames that could not be decoded      */
	uint64_t failed;        /**< Frames that could not be encoded      */
	unsigned width, height; /**< Of the last decoded frame [pixels]    */
	unsigned out_width, out_height; /**< Of the last encoded one       */
	uint64_t cpu;           /**< CPU time spent in the codecs [us]     */
	uint64_t cpu_thread;    /**< CPU time of the worker in all [us]    */
};

/**
 * One packet to send, on the loop
 *
 * @param marker Last one of its frame
 * @param ts     Timestamp, that of the source's frame [90 kHz]
 * @param key    It is of a keyframe
 * @param buf    Payload
 * @param len    Its length [bytes]
 */
typedef void (vxcode_out_h)(bool marker, uint32_t ts, bool key,
			    const uint8_t *buf, size_t len, void *arg);

/** The decoder needs a keyframe, on the loop; rate-limiting is the caller's */
typedef void (vxcode_need_key_h)(void *arg);

int  vxcode_alloc(struct vxcode **xp, const struct vxcode_param *prm,
		  vxcode_out_h *outh, vxcode_need_key_h *keyh, void *arg);
void vxcode_put(struct vxcode *x, bool marker, uint16_t seq, uint32_t ts,
		const uint8_t *buf, size_t len);
void vxcode_lost(struct vxcode *x);
void vxcode_keyframe(struct vxcode *x);
void vxcode_set_bitrate(struct vxcode *x, uint32_t bitrate);
void vxcode_stats(const struct vxcode *x, struct vxcode_stats *st);
