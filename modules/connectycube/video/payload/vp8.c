/**
 * @file video/payload/vp8.c  VP8 in RTP (RFC 7741): descriptor and frame header
 *
 *    |X|R|N|S|R| PID |                           required
 *    |I|L|T|K| RSV   |                           if X
 *    |M| PictureID   | [8 bits more if M]        if I
 *    |   TL0PICIDX   |                           if L
 *    |TID|Y| KEYIDX  |                           if T or K
 *    payload
 */
#include <re.h>
#include "audio/audio.h"
#include "video/video.h"
#include "vpay.h"


static int parse_ext(struct vpay *vp, const uint8_t *buf, size_t len,
		     size_t *pos)
{
	uint8_t x;
	int err;

	if (*pos >= len)
		return EBADMSG;

	x = buf[(*pos)++];

	if (x & 0x80) {
		err = vpay_picid_parse(vp, buf, len, pos);
		if (err)
			return err;
	}

	if (x & 0x40) {
		if (*pos >= len)
			return EBADMSG;

		vp->tl0_pos   = *pos;
		vp->tl0picidx = buf[(*pos)++];
	}

	if (x & 0x30)
		++*pos;

	return 0;
}


/* Uncompressed data chunk (RFC 6386, 9.1): a frame tag, and of a keyframe a
   start code and the size. A packet may end anywhere in it */
static void parse_frame(struct vpay *vp, const uint8_t *p, size_t len)
{
	vp->key = !(p[0] & 0x01);

	if (!vp->key || len < 10 ||
	    p[3] != 0x9d || p[4] != 0x01 || p[5] != 0x2a)
		return;

	vp->width  = (p[7] << 8 | p[6]) & 0x3fff;
	vp->height = (p[9] << 8 | p[8]) & 0x3fff;
}


/**
 * Read a VP8 payload
 *
 * @param vp  Set to defaults by the caller
 * @param buf Payload
 * @param len Length of the payload [bytes]
 *
 * @return 0 if success, EBADMSG if the descriptor is truncated or nothing
 *         follows it
 */
int vp8_parse(struct vpay *vp, const uint8_t *buf, size_t len)
{
	size_t pos = 1;
	int err;

	if (!len)
		return EBADMSG;

	if (buf[0] & 0x80) {
		err = parse_ext(vp, buf, len, &pos);
		if (err)
			return err;
	}

	if (pos >= len)
		return EBADMSG;

	vp->hdrlen      = pos;
	vp->discardable = buf[0] & 0x20;
	vp->start       = (buf[0] & 0x17) == 0x10;

	if (vp->start)
		parse_frame(vp, &buf[pos], len - pos);

	return 0;
}
