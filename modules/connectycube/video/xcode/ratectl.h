/**
 * @file video/xcode/ratectl.h  What the transcoder's encoder is asked for
 *
 * Picture size from the bitrate, frame rate, when a new bitrate is worth the
 * keyframe that it costs, and which frames would be too much for it.
 * Arithmetic only: times are given, or are those of the source's frames.
 */

enum {
	VXRATE_INTERVAL = 2000000, /**< Between two changes of bitrate [us] */
	VXRATE_BURST    = 500,     /**< Sent ahead of the bitrate [ms]      */
};

/** Limits, and the state; init with vxrate_init() */
struct vxrate {
	unsigned width_max;     /**< Largest picture [pixels]; turned where
				     the source is upright                 */
	unsigned height_max;
	unsigned mbs_max;       /**< Macroblocks of a picture, 0=any       */
	unsigned mbps_max;      /**< Macroblocks of a second, 0=any        */
	unsigned fps_max;       /**< Frames per second                     */
	uint32_t bitrate_min;   /**< Lowest [bit/s]                        */

	uint32_t wanted;        /**< Bitrate asked for [bit/s]             */
	uint32_t bitrate;       /**< Bitrate in force [bit/s]              */
	uint64_t changed;       /**< When it was changed last [us], 0=never */
	unsigned step;          /**< Of the picture sizes, 0=full          */
	bool on;                /**< There was a frame                     */
	uint32_t due;           /**< The next frame [90 kHz]               */
	uint32_t ts;            /**< The last one asked about [90 kHz]     */
	uint64_t debt;          /**< Sent, and not paid by time [bit]      */
};

void vxrate_init(struct vxrate *r, uint32_t bitrate);
void vxrate_want(struct vxrate *r, uint32_t bitrate);
bool vxrate_change(struct vxrate *r, uint64_t now);
void vxrate_size(struct vxrate *r, const struct vidsz *src,
		 struct vidsz *dst);
unsigned vxrate_fps(const struct vxrate *r, const struct vidsz *sz);
bool vxrate_due(struct vxrate *r, uint32_t ts, unsigned fps);
bool vxrate_afford(const struct vxrate *r);
void vxrate_sent(struct vxrate *r, size_t bytes);
