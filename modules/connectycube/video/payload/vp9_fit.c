/**
 * @file video/payload/vp9_fit.c  VP9 descriptors that the receiver can make use of
 *
 * What browsers write says more than phones can read, and what phones (FFmpeg,
 * baresip) write says less than browsers need.
 */
#include <string.h>
#include <re.h>
#include "audio/audio.h"
#include "video/video.h"
#include "vpay.h"


enum {
	LAYER_SID = 0x0e,       /**< Spatial layer in |TID|U| SID |D|      */
};


/**
 * Reduce the descriptor of a payload to the picture id and to where frames
 * begin and end, in place. This is all that there is in baresip's own streams,
 * and all that its decoder can read: it refuses F and L, and in version 1 it
 * takes P for a sign that a P_DIFF follows, so that P is not told either.
 * Frames tell by themselves what they need
 *
 * @param buf Payload
 * @param len Length of the payload [bytes]
 * @param vp  What vpay_parse() said about it
 *
 * @return New length of the payload [bytes]; the same if it has no picture id
 *         or is of a higher spatial layer, and is left alone
 */
size_t vp9_plain(uint8_t *buf, size_t len, const struct vpay *vp)
{
	size_t n;

	if (!buf || !vp || !vp->picid_pos || vp->hdrlen > len)
		return len;

	n = vp->picid_pos + (vp->picid15 ? 2 : 1);

	if (buf[0] & VP9_DESC_L && buf[n] & LAYER_SID)
		return len;

	buf[0] &= VP9_DESC_I | VP9_DESC_B | VP9_DESC_E;
	memmove(buf + n, buf + vp->hdrlen, len - vp->hdrlen);

	return len - (vp->hdrlen - n);
}


/**
 * Mark a payload whose frame is no keyframe by P, in place, if its source does
 * not. A browser takes every frame without P for a keyframe: it leaves out
 * others before it, decodes it on the wrong ones, and never asks for a real
 * one. Where there are layers or references P is theirs, and left alone
 *
 * @param fr  State of the stream
 * @param buf Payload
 * @param len Length of the payload [bytes]
 * @param vp  What vpay_parse() said about it
 * @param ts  Timestamp of its frame [RTP clock]
 */
void vp9_predicted(struct vp9_frame *fr, uint8_t *buf, size_t len,
		   const struct vpay *vp, uint32_t ts)
{
	if (!fr || !buf || !vp || !len ||
	    buf[0] & (VP9_DESC_P | VP9_DESC_L | VP9_DESC_F))
		return;

	if (vp->start) {
		fr->on    = true;
		fr->inter = !vp->key;
		fr->ts    = ts;
	}

	if (fr->on && fr->ts == ts && fr->inter)
		buf[0] |= VP9_DESC_P;
}
