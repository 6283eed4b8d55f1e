/**
 * @file video/xcode/declimit.h  What a receiver can decode, by its fmtp
 */

/** Limits of a decoder, 0=not stated */
struct vxlimit {
	unsigned mbs;           /**< Macroblocks of a picture              */
	unsigned mbps;          /**< Macroblocks of a second               */
	unsigned fps;           /**< Frames per second                     */
	uint32_t bitrate;       /**< [bit/s]                               */
};

void vxlimit_decode(struct vxlimit *l, enum video_codec codec,
		    const char *fmtp);
