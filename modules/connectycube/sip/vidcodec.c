/**
 * @file sip/vidcodec.c  baresip's video codec modules as the video room's
 *
 * Wraps every vidcodec that is loaded and whose payload format the bridge
 * knows (avcodec.so: H264; vp8.so; vp9.so), so that a codec module is all it
 * takes to transcode. What those of baresip 1.0 and 1.1 do in their own way
 * is put right here:
 *
 *  - all count presentation times in frames (a time base of 1/fps), whatever
 *    the unit of what they are given: they are given frames;
 *  - vp8.so takes its bitrate to be in kbit/s (that of 4.x does not);
 *  - vp9.so neither reads nor writes RFC 9628's P bit, nor reads layers;
 *  - avcodec.so cannot change a bitrate, and its decoder reads no
 *    sprop-parameter-sets and does not give back the picture it showed last.
 */
#include <string.h>
#include <re.h>
#include <rem.h>
#include <baresip.h>
#include "compat_baresip.h"
#include "audio/audio.h"
#include "video/video.h"
#include "video/payload/h264.h"
#include "video/xcode/codec.h"
#include "video/payload/vpay.h"
#include "sip/sip.h"


enum {
	VP9_P = 1<<6,           /**< Inter-picture predicted (RFC 9628)    */
	VP9_B = 1<<3,           /**< Start of a frame                      */
	VP9_E = 1<<2,           /**< End of a frame                        */
	VP9_DELTA = 1<<2,       /**< frame_type of the bitstream's header  */
	DELAYED_MAX = 16,       /**< Pictures that H.264 may hold back     */
};

/** A wrapped codec */
struct wrap {
	struct vcodec vc;           /**< As the video room sees it         */
	const struct vidcodec *vid; /**< baresip's (pointer)               */
};

struct vcodec_enc {
	const struct wrap *w;       /**< Codec (pointer)                   */
	struct videnc_state *st;    /**< Its state (owned)                 */
	struct mbuf *mb;            /**< One payload (owned)               */
	unsigned fps;               /**< Unit of presentation times        */
	bool on;                    /**< A frame was encoded               */
	bool delta;                 /**< VP9: this one is no keyframe      */
	uint32_t ts;                /**< Timestamp of the last [90 kHz]    */
	uint64_t t;                 /**< Its time on our line [90 kHz]     */
	uint64_t pts;               /**< The same [frames]                 */
	vcodec_packet_h *pkth;      /**< Packet handler                    */
	void *arg;                  /**< Handler argument                  */
};

struct vcodec_dec {
	const struct wrap *w;       /**< Codec (pointer)                   */
	struct viddec_state *st;    /**< Its state (owned)                 */
	struct mbuf *mb;            /**< One payload (owned)               */
};


/* Either part may be empty */
static int join(struct mbuf *mb, const uint8_t *hdr, size_t hlen,
		const uint8_t *pld, size_t plen)
{
	int err = 0;

	mbuf_rewind(mb);

	if (hlen)
		err = mbuf_write_mem(mb, hdr, hlen);
	if (!err && plen)
		err = mbuf_write_mem(mb, pld, plen);

	mbuf_set_pos(mb, 0);

	return err;
}


static void enc_destructor(void *data)
{
	struct vcodec_enc *enc = data;

	mem_deref(enc->st);
	mem_deref(enc->mb);
}


/* The P bit of all packets of a frame follows from the frame's own header */
static void vp9_mark_delta(struct vcodec_enc *enc, uint8_t *buf, size_t hdrlen,
			   size_t len)
{
	if (buf[0] & VP9_B)
		enc->delta = len > hdrlen && buf[hdrlen] & VP9_DELTA;

	if (enc->delta)
		buf[0] |= VP9_P;
}


static int packet_handler(bool marker, uint64_t rtp_ts, const uint8_t *hdr,
			  size_t hdr_len, const uint8_t *pld, size_t pld_len,
			  VIDENC_ARG *arg)
{
	struct vcodec_enc *enc = (void *)arg;
	int err;
	(void)rtp_ts;

	err = join(enc->mb, hdr, hdr_len, pld, pld_len);
	if (err)
		return err;

	if (enc->w->vc.codec == VIDEO_VP9 && hdr_len)
		vp9_mark_delta(enc, enc->mb->buf, hdr_len, enc->mb->end);

	return enc->pkth(marker, enc->mb->buf, enc->mb->end, enc->arg);
}


static int enc_set(struct vcodec_enc *enc, const struct vcodec_param *prm)
{
	const unsigned unit = enc->w->vc.codec == VIDEO_VP8
		? COMPAT_VP8_BITRATE : 1;
	struct videnc_param vprm = {
		.bitrate = prm->bitrate / unit,
		.pktsize = (unsigned)prm->pktsize,
		.fps     = prm->fps,
	};

	enc->fps = prm->fps;

	return enc->w->vid->encupdh(&enc->st, enc->w->vid, &vprm, prm->fmtp,
				    packet_handler, (VIDENC_ARG *)enc);
}


static int enc_alloc(struct vcodec_enc **encp, const struct vcodec *vc,
		     const struct vcodec_param *prm,
		     vcodec_packet_h *pkth, void *arg)
{
	struct vcodec_enc *enc;
	int err = ENOMEM;

	if (!prm->fps || !prm->bitrate || !prm->pktsize)
		return EINVAL;

	enc = mem_zalloc(sizeof(*enc), enc_destructor);
	if (!enc)
		return ENOMEM;

	enc->w    = vc->arg;
	enc->pkth = pkth;
	enc->arg  = arg;
	enc->mb   = mbuf_alloc(prm->pktsize);
	if (!enc->mb)
		goto out;

	err = enc_set(enc, prm);

 out:
	if (err)
		mem_deref(enc);
	else
		*encp = enc;

	return err;
}


/* A codec refuses a time that does not grow */
static uint64_t next_pts(struct vcodec_enc *enc, uint32_t ts)
{
	const int32_t dt = (int32_t)(ts - enc->ts);
	const uint64_t prev = enc->pts;

	if (enc->on)
		enc->t += max(dt, 0);

	enc->ts  = ts;
	enc->pts = enc->t * enc->fps / VIDEO_CRATE;

	if (enc->on && enc->pts <= prev)
		enc->pts = prev + 1;

	enc->on = true;

	return enc->pts;
}


static int encode(struct vcodec_enc *enc, bool keyframe,
		  const struct vidframe *frame, uint32_t ts)
{
	return enc->w->vid->ench(enc->st, keyframe, frame, next_pts(enc, ts));
}


/* The VPx modules begin anew with the next frame; picture ids go on */
static int vpx_update(struct vcodec_enc *enc, const struct vcodec_param *prm)
{
	enc->t   = 0;
	enc->pts = 0;
	enc->on  = false;

	return enc_set(enc, prm);
}


static int payload(struct vcodec_dec *dec, struct vidframe *frame, bool *intra,
		   bool marker, uint16_t seq, const uint8_t *hdr, size_t hlen,
		   const uint8_t *buf, size_t len)
{
	int err;

	memset(frame, 0, sizeof(*frame));
	*intra = false;

	err = join(dec->mb, hdr, hlen, buf, len);
	if (err)
		return err;

	return viddec_run(dec->w->vid, dec->st, frame, intra, marker, seq,
			  dec->mb);
}


/* After an end of sequence a decoder shows what it holds back, and then
   nothing: it holds no picture any more */
static void h264_empty(struct vcodec_dec *dec)
{
	static const uint8_t end_of_seq = 10;
	struct vidframe frame;
	bool intra;
	unsigned i;
	int err;

	for (i=0; i<=DELAYED_MAX; i++) {

		err = payload(dec, &frame, &intra, true, 0, NULL, 0,
			      &end_of_seq, 1);
		if (err || !frame.data[0])
			return;
	}
}


static void dec_destructor(void *data)
{
	struct vcodec_dec *dec = data;

	if (dec->st && dec->w->vc.codec == VIDEO_H264)
		h264_empty(dec);

	mem_deref(dec->st);
	mem_deref(dec->mb);
}


/* A phone may tell its parameter sets in SDP alone (RFC 6184, 8.2.1). They go
   in front of its first packet */
static int h264_sprop(struct vcodec_dec *dec, const char *fmtp)
{
	struct h264_fmtp f;
	struct vidframe frame;
	bool intra;
	int err;

	if (h264_fmtp_decode(&f, fmtp) || !f.spslen || !f.ppslen)
		return 0;

	err = payload(dec, &frame, &intra, false, 0, NULL, 0, f.sps, f.spslen);
	if (err)
		return err;

	return payload(dec, &frame, &intra, false, 1, NULL, 0, f.pps,
		       f.ppslen);
}


static int dec_alloc(struct vcodec_dec **decp, const struct vcodec *vc,
		     const char *fmtp)
{
	struct vcodec_dec *dec;
	int err = ENOMEM;

	dec = mem_zalloc(sizeof(*dec), dec_destructor);
	if (!dec)
		return ENOMEM;

	dec->w  = vc->arg;
	dec->mb = mbuf_alloc(VIDEO_PKT_MAX);
	if (!dec->mb)
		goto out;

	err = viddec_open(&dec->st, dec->w->vid, fmtp);
	if (!err && vc->codec == VIDEO_H264)
		err = h264_sprop(dec, fmtp);

 out:
	if (err)
		mem_deref(dec);
	else
		*decp = dec;

	return err;
}


static int decode(struct vcodec_dec *dec, struct vidframe *frame, bool *intra,
		  bool marker, uint16_t seq, const uint8_t *buf, size_t len)
{
	return payload(dec, frame, intra, marker, seq, NULL, 0, buf, len);
}


/* The module understands the beginning and the end of a frame */
static int vp9_decode(struct vcodec_dec *dec, struct vidframe *frame,
		      bool *intra, bool marker, uint16_t seq,
		      const uint8_t *buf, size_t len)
{
	struct vpay vp;
	uint8_t hdr;
	int err;

	err = vpay_parse(&vp, VIDEO_VP9, buf, len);
	if (err)
		return err;

	hdr = buf[0] & (VP9_B | VP9_E);

	return payload(dec, frame, intra, marker, seq, &hdr, 1,
		       buf + vp.hdrlen, len - vp.hdrlen);
}


static void wrap_destructor(void *data)
{
	struct wrap *w = data;

	list_unlink(&w->vc.le);
}


static int wrap_codec(struct list *vcodecl, const struct vidcodec *vid,
		      enum video_codec codec)
{
	const bool vpx = codec != VIDEO_H264;
	struct wrap *w;

	w = mem_zalloc(sizeof(*w), wrap_destructor);
	if (!w)
		return ENOMEM;

	w->vid = vid;

	w->vc.codec = codec;
	w->vc.arg   = w;

	if (vid->encupdh && vid->ench) {
		w->vc.enc_alloc  = enc_alloc;
		w->vc.enc_update = vpx ? vpx_update : NULL;
		w->vc.encode     = encode;
	}

	if (vid->decupdh && vid->dech) {
		w->vc.dec_alloc = dec_alloc;
		w->vc.decode    = codec == VIDEO_VP9 ? vp9_decode : decode;
	}

	vcodec_register(vcodecl, &w->vc);

	return 0;
}


static bool is_there(const struct list *vcodecl, enum video_codec codec)
{
	return vcodec_find(vcodecl, codec, true) ||
		vcodec_find(vcodecl, codec, false);
}


/**
 * Wrap all video codec modules whose payload format the bridge knows
 *
 * @param vcodecl Codec list; the new members are freed with list_flush(), when
 *                no encoder or decoder is left (see jobthread_wait())
 *
 * @return 0 if success, otherwise errorcode
 */
int sip_vidcodec_wrap(struct list *vcodecl)
{
	struct le *le;

	if (!vcodecl)
		return EINVAL;

	for (le = list_head(baresip_vidcodecl()); le; le = le->next) {

		const struct vidcodec *vid = le->data;
		const enum video_codec codec = video_codec_find(vid->name);
		int err;

		/* avcodec.so has H264 twice, once for each mode in SDP */
		if (codec == VIDEO_NONE || is_there(vcodecl, codec))
			continue;

		err = wrap_codec(vcodecl, vid, codec);
		if (err)
			return err;
	}

	return 0;
}
