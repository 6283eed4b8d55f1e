/**
 * @file video/payload/vpay.c  What a packet of video holds: one door to the formats
 *
 *   vpay_parse --> h264_pay.c, vp8.c, vp9.c
 */
#include <string.h>
#include <re.h>
#include "audio/audio.h"
#include "video/video.h"
#include "vpay.h"


/**
 * Read what an RTP payload says about itself
 *
 * @param vp    Set only on success
 * @param codec Codec
 * @param buf   Payload, without padding
 * @param len   Length of the payload [bytes]
 *
 * @return 0 if success, EINVAL for missing arguments, ENOTSUP for a codec
 *         that we do not know and for H.264's interleaved packets, EBADMSG
 *         if it is truncated or not valid. An empty payload, as probing for
 *         bandwidth sends it, is EBADMSG too
 */
int vpay_parse(struct vpay *vp, enum video_codec codec, const uint8_t *buf,
	       size_t len)
{
	struct vpay v;
	int err;

	if (!vp || !buf)
		return EINVAL;

	memset(&v, 0, sizeof(v));
	v.picid     = -1;
	v.tl0picidx = -1;

	switch (codec) {

	case VIDEO_H264: err = h264_pay_parse(&v, buf, len); break;
	case VIDEO_VP8:  err = vp8_parse(&v, buf, len);      break;
	case VIDEO_VP9:  err = vp9_parse(&v, buf, len);      break;
	default:         err = ENOTSUP;                      break;
	}

	if (!err)
		*vp = v;

	return err;
}


/**
 * Read a picture id, which VP8 and VP9 write the same way (RFC 7741, 4.2;
 * RFC 9628, 4.2)
 *
 * @param vp  Picture id, its size and its place are set
 * @param buf Payload
 * @param len Length of the payload [bytes]
 * @param pos Where the picture id is; moved behind it
 *
 * @return 0 if success, EBADMSG if it is truncated
 */
int vpay_picid_parse(struct vpay *vp, const uint8_t *buf, size_t len,
		     size_t *pos)
{
	size_t p = *pos;

	if (p >= len)
		return EBADMSG;

	vp->picid_pos = p;
	vp->picid15   = buf[p] >> 7;
	vp->picid     = buf[p++] & 0x7f;

	if (vp->picid15) {
		if (p >= len)
			return EBADMSG;

		vp->picid = vp->picid << 8 | buf[p++];
	}

	*pos = p;

	return 0;
}
