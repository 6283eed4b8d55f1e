/**
 * @file video/vpay.h  Video payload formats: what a packet holds (pure)
 *
 * H.264 (RFC 6184), VP8 (RFC 7741), VP9 (RFC 9628). Bytes in, struct out.
 */

/** What one RTP payload is to its stream */
struct vpay {
	bool start;             /**< Holds the beginning of a frame (VPx), or
				     of a NAL unit (H.264)                 */
	bool key;               /**< Of a keyframe: VPx intra, H.264 IDR or
				     its parameter sets                    */
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
};

int  vpay_parse(struct vpay *vp, enum video_codec codec, const uint8_t *buf,
		size_t len);

/** Rewrites the picture ids of a VPx stream, so that they go on over a
 * change of the source (and of the forwarded layer). All zero is the initial
 * state */
struct vpay_ids {
	bool on;
	uint16_t picid_off;     /**< Added to picture ids                  */
	uint8_t tl0_off;        /**< Added to TL0PICIDX                    */
	uint16_t picid;         /**< Highest picture id written            */
	uint8_t tl0;            /**< Last TL0PICIDX written                */
	bool resync;            /**< The next packet starts a new source   */
};

void vpay_ids_resync(struct vpay_ids *ids);
void vpay_ids_rewrite(struct vpay_ids *ids, enum video_codec codec,
		      uint8_t *buf, size_t len, const struct vpay *vp);
