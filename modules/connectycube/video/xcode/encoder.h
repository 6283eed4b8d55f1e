/**
 * @file video/xcode/encoder.h  An encoder that follows its picture and its bitrate
 *
 * For one thread.
 */

struct vxenc;

/** What an encoder is to make; strings are copied */
struct vxenc_param {
	const struct vcodec *vc; /**< Codec (pointer)                      */
	const char *fmtp;       /**< fmtp of the receiver, or NULL         */
	size_t pktsize;         /**< Largest RTP payload made [bytes]      */
};

int  vxenc_alloc(struct vxenc **ep, const struct vxenc_param *prm);
int  vxenc_set(struct vxenc *e, const struct vidsz *sz, unsigned fps,
	       uint32_t bitrate);
void vxenc_skip(struct vxenc *e, uint32_t dt);
int  vxenc_encode(struct vxenc *e, struct vpkts **out, bool keyframe,
		  const struct vidframe *frame, uint32_t ts);
