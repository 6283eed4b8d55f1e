/**
 * @file video/payload/vpay.h  Video payload formats: what a packet holds (pure)
 *
 * H.264 (RFC 6184), VP8 (RFC 7741), VP9 (RFC 9628). Bytes in, struct out.
 */

/** What one RTP payload is to its stream */
struct vpay {
	bool start;             /**< Holds the beginning of a frame (VPx), or
				     of a NAL unit (H.264)                 */
	bool key;               /**< VPx: begins a keyframe; H.264: holds (a
				     part of) an IDR slice, or an SPS      */
	bool idr;               /**< H.264: holds (a part of) an IDR slice */
	bool sps;               /**< H.264: holds an SPS                   */
	bool pps;               /**< H.264: holds a PPS                    */
	bool discardable;       /**< No later frame needs it               */
	unsigned width;         /**< Picture [pixels], 0=not told here     */
	unsigned height;
	int32_t picid;          /**< VPx picture id, -1=none               */
	bool picid15;           /**< It has 15 bits, not 7                 */
	int16_t tl0picidx;      /**< VPx TL0PICIDX, -1=none                */
	size_t hdrlen;          /**< VPx payload descriptor [bytes]        */
	size_t picid_pos;       /**< Where the picture id is, 0=none       */
	size_t tl0_pos;         /**< Where the TL0PICIDX is, 0=none        */
};

int  vpay_parse(struct vpay *vp, enum video_codec codec, const uint8_t *buf,
		size_t len);

/** A counter that goes on over a change of the source; all zero is the
 * initial state */
struct vpay_seq {
	bool on;                /**< It has been written                   */
	bool resync;            /**< The next value is a new source's      */
	uint16_t off;           /**< Added to the source's values          */
	uint16_t max;           /**< Highest written                       */
};

/** Rewrites the picture ids of a VPx stream; all zero is the initial state */
struct vpay_ids {
	struct vpay_seq picid;  /**< Picture ids, 7 or 15 bits             */
	struct vpay_seq tl0;    /**< TL0PICIDX, 8 bits                     */
};

void vpay_ids_resync(struct vpay_ids *ids);
void vpay_ids_rewrite(struct vpay_ids *ids, enum video_codec codec,
		      uint8_t *buf, size_t len, const struct vpay *vp);

/** First byte of a VP9 payload descriptor */
enum {
	VP9_DESC_I = 0x80,      /**< Picture id present                    */
	VP9_DESC_P = 0x40,      /**< Inter-picture predicted               */
	VP9_DESC_L = 0x20,      /**< Layer indices present                 */
	VP9_DESC_F = 0x10,      /**< Flexible mode                         */
	VP9_DESC_B = 0x08,      /**< Start of a frame                      */
	VP9_DESC_E = 0x04,      /**< End of a frame                        */
	VP9_DESC_V = 0x02,      /**< Scalability structure present         */
};

/** The frame of a VP9 stream that was begun last; all zero is the initial
 * state */
struct vp9_frame {
	bool on;                /**< There was one                         */
	bool inter;             /**< It is no keyframe                     */
	uint32_t ts;            /**< Its timestamp [RTP clock]             */
};

/* vp9_fit.c */
size_t vp9_plain(uint8_t *buf, size_t len, const struct vpay *vp);
void vp9_predicted(struct vp9_frame *fr, uint8_t *buf, size_t len,
		   const struct vpay *vp, uint32_t ts);

/* the formats themselves: h264_pay.c, vp8.c, vp9.c */
int  h264_pay_parse(struct vpay *vp, const uint8_t *buf, size_t len);
int  vp8_parse(struct vpay *vp, const uint8_t *buf, size_t len);
int  vp9_parse(struct vpay *vp, const uint8_t *buf, size_t len);
int  vpay_picid_parse(struct vpay *vp, const uint8_t *buf, size_t len,
		      size_t *pos);
