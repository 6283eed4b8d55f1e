/**
 * @file video/xcode/encoder.c  An encoder that follows its picture and its bitrate
 */
#include <re.h>
#include <rem.h>
#include "audio/audio.h"
#include "video/video.h"
#include "codec.h"
#include "video/payload/vpay.h"
#include "frame.h"
#include "encoder.h"


enum {
	PAUSE = 3,              /**< Longest gap that is none [frames]     */
};


struct vxenc {
	const struct vcodec *vc;/**< Codec (pointer)                       */
	char *fmtp;             /**< fmtp of the receiver (owned), or NULL */
	size_t pktsize;         /**< Largest RTP payload made [bytes]      */
	struct vcodec_enc *enc; /**< Encoder (owned), NULL=to be made      */
	struct vidsz sz;        /**< What it encodes                       */
	unsigned fps;           /**< Frames per second                     */
	uint32_t bitrate;       /**< [bit/s]                               */
	uint32_t skipped;       /**< Time its clock stood still [90 kHz]   */
	uint32_t clock;         /**< Its clock at the last frame [90 kHz]  */
	uint16_t seq;           /**< Counts payloads                       */
	struct vpkts *out;      /**< Frame in the making (owned)           */
};


static void destructor(void *data)
{
	struct vxenc *e = data;

	mem_deref(e->enc);
	mem_deref(e->out);
	mem_deref(e->fmtp);
}


/**
 * Allocate an encoder; it begins with the first frame
 *
 * @param ep  Pointer to allocated encoder
 * @param prm Parameters
 *
 * @return 0 if success, EINVAL for a codec that cannot encode, ENOMEM
 */
int vxenc_alloc(struct vxenc **ep, const struct vxenc_param *prm)
{
	struct vxenc *e;
	int err = 0;

	if (!prm->vc || !prm->vc->enc_alloc || !prm->pktsize)
		return EINVAL;

	e = mem_zalloc(sizeof(*e), destructor);
	if (!e)
		return ENOMEM;

	e->vc      = prm->vc;
	e->pktsize = prm->pktsize;

	if (prm->fmtp)
		err = str_dup(&e->fmtp, prm->fmtp);

	if (err)
		mem_deref(e);
	else
		*ep = e;

	return err;
}


/* Keyframes are told by what the packets say: nobody else does */
static int packet_handler(bool marker, const uint8_t *buf, size_t len,
			  void *arg)
{
	struct vxenc *e = arg;
	struct vpay vp;

	if (!e->out)
		return 0;

	if (!e->out->key && !vpay_parse(&vp, e->vc->codec, buf, len))
		e->out->key = vp.key;

	return vpkts_add(e->out, marker, e->seq++, buf, len);
}


/**
 * Set what is to be encoded. Nothing is done where nothing changes; else the
 * next frame is likely to be a keyframe
 *
 * @param e       Encoder
 * @param sz      Size of the picture
 * @param fps     Frames per second
 * @param bitrate [bit/s]
 *
 * @return 0 if success, otherwise the codec's errorcode
 */
int vxenc_set(struct vxenc *e, const struct vidsz *sz, unsigned fps,
	      uint32_t bitrate)
{
	const struct vcodec_param prm = {
		.bitrate = bitrate,
		.fps     = fps,
		.pktsize = e->pktsize,
		.fmtp    = e->fmtp,
	};
	int err;

	if (e->enc && vidsz_cmp(&e->sz, sz) && e->fps == fps &&
	    e->bitrate == bitrate)
		return 0;

	e->sz      = *sz;
	e->fps     = fps;
	e->bitrate = bitrate;

	if (e->enc && e->vc->enc_update) {
		err = e->vc->enc_update(e->enc, &prm);
		if (!err)
			return 0;
	}

	e->enc = mem_deref(e->enc);

	return e->vc->enc_alloc(&e->enc, e->vc, &prm, packet_handler, e);
}


/**
 * A frame was left out for want of bits or time: the encoder's clock stands
 * still for it. An encoder that saw the gap would spend all that was saved on
 * the next frame, and the one after that would have to be left out again
 *
 * @param e  Encoder
 * @param dt Time from the frame before it [90 kHz]
 */
void vxenc_skip(struct vxenc *e, uint32_t dt)
{
	e->skipped += dt;
}


/* Nor does it see a pause of the source, for the same reason */
static uint32_t next_clock(struct vxenc *e, uint32_t ts)
{
	const int32_t dt = (int32_t)(ts - e->skipped - e->clock);
	const int32_t dt_max = PAUSE * VIDEO_CRATE / (int32_t)max(e->fps, 1u);

	if (dt > dt_max)
		vxenc_skip(e, dt - dt_max);

	e->clock = ts - e->skipped;

	return e->clock;
}


/**
 * Encode a frame
 *
 * @param e        Encoder, after vxenc_set()
 * @param out      Its packets, owned by the caller; NULL if there are none
 * @param keyframe It shall be a keyframe
 * @param frame    Picture of the size that was set
 * @param ts       Timestamp [90 kHz]
 *
 * @return 0 if success, otherwise errorcode: the next vxenc_set() makes a new
 *         encoder
 */
int vxenc_encode(struct vxenc *e, struct vpkts **out, bool keyframe,
		 const struct vidframe *frame, uint32_t ts)
{
	int err;

	*out = NULL;

	if (!e->enc)
		return ENOENT;

	err = vpkts_alloc(&e->out, ts);
	if (err)
		return err;

	err = e->vc->encode(e->enc, keyframe, frame, next_clock(e, ts));
	if (err) {
		e->enc = mem_deref(e->enc);
		goto out;
	}

	if (e->out->n) {
		*out = e->out;
		e->out = NULL;
	}

 out:
	e->out = mem_deref(e->out);

	return err;
}
