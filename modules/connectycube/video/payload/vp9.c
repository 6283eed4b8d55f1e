/**
 * @file video/payload/vp9.c  VP9 in RTP (RFC 9628): descriptor and frame header
 *
 *    |I|P|L|F|B|E|V|Z|                           required
 *    |M| PICTURE ID  | [8 bits more if M]        if I
 *    | TID |U| SID |D|                           if L
 *    |   TL0PICIDX   |                           if L and not F
 *    |   P_DIFF    |N|  up to 3 times            if P and F
 *    | scalability structure ...                 if V
 *    payload
 */
#include <re.h>
#include "audio/audio.h"
#include "rtp/rtp.h"
#include "video/video.h"
#include "vpay.h"
#include "bits.h"


enum {
	P_DIFF_MAX = 3,         /**< Reference indices of a frame          */
	CS_RGB     = 7,         /**< color_space of VP9                    */
};


static int parse_layer(struct vpay *vp, uint8_t desc, const uint8_t *buf,
		       size_t len, size_t *pos, unsigned *sid)
{
	if (*pos >= len)
		return EBADMSG;

	*sid = buf[(*pos)++] >> 1 & 0x07;

	if (desc & VP9_DESC_F)
		return 0;

	if (*pos >= len)
		return EBADMSG;

	vp->tl0_pos   = *pos;
	vp->tl0picidx = buf[(*pos)++];

	return 0;
}


static int skip_refs(const uint8_t *buf, size_t len, size_t *pos)
{
	unsigned n;

	for (n = 0; n < P_DIFF_MAX; n++) {

		if (*pos >= len)
			return EBADMSG;

		if (!(buf[(*pos)++] & 0x01))
			return 0;
	}

	return EBADMSG;
}


/* Sizes of the spatial layers; that of the last is the picture's */
static int parse_sizes(struct vpay *vp, unsigned layers, const uint8_t *buf,
		       size_t len, size_t *pos)
{
	const size_t n = 4 * (size_t)layers;

	if (len - *pos < n)
		return EBADMSG;

	*pos += n;
	vp->width  = rtp_get16(&buf[*pos - 4]);
	vp->height = rtp_get16(&buf[*pos - 2]);

	return 0;
}


/* Picture group: for each picture |TID|U| R |-|-| and R times P_DIFF */
static int skip_group(const uint8_t *buf, size_t len, size_t *pos)
{
	unsigned n;

	if (*pos >= len)
		return EBADMSG;

	for (n = buf[(*pos)++]; n; n--) {

		if (*pos >= len)
			return EBADMSG;

		*pos += 1 + (buf[*pos] >> 2 & 0x03);
	}

	return 0;
}


/* | N_S |Y|G|-|-|-|, sizes if Y, picture group if G */
static int parse_ss(struct vpay *vp, const uint8_t *buf, size_t len,
		    size_t *pos)
{
	uint8_t ss;
	int err;

	if (*pos >= len)
		return EBADMSG;

	ss = buf[(*pos)++];

	if (ss & 0x10) {
		err = parse_sizes(vp, (ss >> 5) + 1u, buf, len, pos);
		if (err)
			return err;
	}

	return ss & 0x08 ? skip_group(buf, len, pos) : 0;
}


/* Size in an uncompressed header of profile 0 (VP9 bitstream specification,
   6.2), behind show_frame and error_resilient_mode. Other profiles are not
   in use, and senders that follow the RFC have told the size before */
static void parse_size(struct vpay *vp, struct bits *b)
{
	unsigned width, height;

	(void)bits_get(b, 2);

	if (bits_get(b, 24) != 0x498342 || bits_get(b, 3) == CS_RGB)
		return;

	(void)bits_flag(b);     /* color_range */

	width  = bits_get(b, 16) + 1;
	height = bits_get(b, 16) + 1;

	if (b->over)
		return;

	vp->width  = width;
	vp->height = height;
}


/* Whether a frame is a keyframe is asked of the frame itself: there are
   senders (FFmpeg, baresip) that never set P */
static void parse_frame(struct vpay *vp, const uint8_t *buf, size_t len)
{
	struct bits b = {.p = buf, .end = buf + len};
	unsigned marker, profile;

	marker  = bits_get(&b, 2);
	profile = bits_flag(&b);
	profile |= bits_get(&b, 1) << 1;

	if (marker != 2 || (profile == 3 && bits_flag(&b)))
		return;

	vp->key = !bits_flag(&b) &&     /* show_existing_frame */
		!bits_flag(&b);         /* frame_type */

	if (vp->key && !vp->width && profile == 0)
		parse_size(vp, &b);
}


static int parse_desc(struct vpay *vp, const uint8_t *buf, size_t len,
		      unsigned *sid)
{
	const uint8_t desc = buf[0];
	size_t pos = 1;
	int err = 0;

	if (desc & VP9_DESC_I)
		err = vpay_picid_parse(vp, buf, len, &pos);

	if (!err && desc & VP9_DESC_L)
		err = parse_layer(vp, desc, buf, len, &pos, sid);

	if (!err && desc & VP9_DESC_P && desc & VP9_DESC_F)
		err = skip_refs(buf, len, &pos);

	if (!err && desc & VP9_DESC_V)
		err = parse_ss(vp, buf, len, &pos);

	if (err)
		return err;

	vp->hdrlen = pos;

	return pos < len ? 0 : EBADMSG;
}


/**
 * Read a VP9 payload
 *
 * @param vp  Set to defaults by the caller
 * @param buf Payload
 * @param len Length of the payload [bytes]
 *
 * @return 0 if success, EBADMSG if the descriptor is truncated or not valid,
 *         or nothing follows it
 */
int vp9_parse(struct vpay *vp, const uint8_t *buf, size_t len)
{
	unsigned sid = 0;
	int err;

	/* flexible mode needs picture ids */
	if (!len || (buf[0] & VP9_DESC_F && !(buf[0] & VP9_DESC_I)))
		return EBADMSG;

	err = parse_desc(vp, buf, len, &sid);
	if (err)
		return err;

	vp->start = buf[0] & VP9_DESC_B;

	if (vp->start && !sid && !(buf[0] & VP9_DESC_P))
		parse_frame(vp, &buf[vp->hdrlen], len - vp->hdrlen);

	return 0;
}
