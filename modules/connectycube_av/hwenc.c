/**
 * @file connectycube_av/hwenc.c  H.264 encoder in hardware, by libavcodec
 *
 *   picture --> hwenc_pic.c --> libavcodec --> NAL units --> payloads
 *
 * One that fails in a call goes on with the software behind it.
 */
#include <stdatomic.h>
#include <string.h>
#include <re.h>
#include <rem.h>
#include <libavcodec/avcodec.h>
#include <libavutil/hwcontext.h>
#include <libavutil/opt.h>
#include "audio/audio.h"
#include "video/video.h"
#include "video/payload/h264.h"
#include "video/xcode/codec.h"
#include "hwenc.h"


enum {
	POOL       = 8,         /**< Pictures on the device                */
	KEY_AFTER  = 10,        /**< Seconds between keyframes             */
	START_CODE = 3,         /**< Bytes of a start code                 */
};

struct vcodec_enc {
	struct hwenc *hw;       /**< Codec (pointer)                       */
	struct vcodec_param prm;/**< Parameters; fmtp is below             */
	char *fmtp;             /**< fmtp of the receiver (owned), or NULL */
	struct vcodec_enc *sw;  /**< Encodes instead (owned), or NULL      */
	AVCodecContext *ctx;    /**< Encoder (owned), NULL=to be opened    */
	AVFrame *frame;         /**< Picture (owned)                       */
	AVPacket *pkt;          /**< What was encoded (owned)              */
	unsigned mode;          /**< packetization-mode of the receiver    */
	uint32_t ts;            /**< Last timestamp [90 kHz]               */
	int64_t pts;            /**< The same, extended                    */
	vcodec_packet_h *pkth;  /**< Packet handler                        */
	void *arg;              /**< Handler argument                      */
};


static void enc_destructor(void *data)
{
	struct vcodec_enc *enc = data;

	avcodec_free_context(&enc->ctx);
	av_frame_free(&enc->frame);
	av_packet_free(&enc->pkt);
	mem_deref(enc->sw);
	mem_deref(enc->fmtp);
}


/* --- opening ------------------------------------------------------------ */

static int frames_set(AVCodecContext *ctx, const struct hwenc *hw)
{
	AVHWFramesContext *frames;
	AVBufferRef *ref;

	ref = av_hwframe_ctx_alloc(hw->device);
	if (!ref)
		return AVERROR(ENOMEM);

	frames = (void *)ref->data;
	frames->format    = hw->fmt;
	frames->sw_format = AV_PIX_FMT_NV12;
	frames->width     = ctx->width;
	frames->height    = ctx->height;
	frames->initial_pool_size = POOL;

	ctx->hw_frames_ctx = ref;

	return av_hwframe_ctx_init(ref);
}


/* What an encoder does not know it does not need */
static void options_set(AVCodecContext *ctx)
{
	(void)av_opt_set(ctx->priv_data, "tune", "zerolatency", 0);
	(void)av_opt_set(ctx->priv_data, "async_depth", "1", 0);
	(void)av_opt_set(ctx->priv_data, "forced-idr", "1", 0);
}


static void context_set(AVCodecContext *ctx, const struct vcodec_enc *enc,
			const struct vidsz *sz)
{
	ctx->width     = sz->w;
	ctx->height    = sz->h;
	ctx->pix_fmt   = enc->hw->fmt;
	ctx->time_base = (AVRational){ 1, VIDEO_CRATE };
	ctx->framerate = (AVRational){ enc->prm.fps, 1 };
	ctx->bit_rate  = enc->prm.bitrate;
	ctx->rc_max_rate    = enc->prm.bitrate;
	ctx->rc_buffer_size = enc->prm.bitrate / 2;
	ctx->gop_size     = KEY_AFTER * enc->prm.fps;
	ctx->max_b_frames = 0;
	ctx->thread_count = 1;
	ctx->profile = FF_PROFILE_H264_CONSTRAINED_BASELINE;
	ctx->flags  |= AV_CODEC_FLAG_LOW_DELAY;

	options_set(ctx);
}


static int encoder_open(struct vcodec_enc *enc, const struct vidsz *sz)
{
	AVCodecContext *ctx;
	int r = 0;

	avcodec_free_context(&enc->ctx);

	ctx = avcodec_alloc_context3(enc->hw->codec);
	if (!ctx)
		return AVERROR(ENOMEM);

	context_set(ctx, enc, sz);

	if (enc->hw->device)
		r = frames_set(ctx, enc->hw);
	if (r >= 0)
		r = avcodec_open2(ctx, enc->hw->codec, NULL);

	if (r < 0)
		avcodec_free_context(&ctx);

	enc->ctx = ctx;

	return r;
}


/* --- packets ------------------------------------------------------------ */

static const uint8_t *start_code(const uint8_t *p, const uint8_t *end)
{
	for (; p + START_CODE <= end; p++) {
		if (!p[0] && !p[1] && p[2] == 1)
			return p;
	}

	return end;
}


/* The zeros before a start code are not of the NAL unit */
static size_t nal_len(const uint8_t *nal, const uint8_t *next)
{
	while (next > nal && !next[-1])
		--next;

	return next - nal;
}


static int payload_handler(const uint8_t *buf, size_t len, bool marker,
			   void *arg)
{
	struct vcodec_enc *enc = arg;

	return enc->pkth(marker, buf, len, enc->arg);
}


static int packetize(struct vcodec_enc *enc, const uint8_t *buf, size_t size)
{
	const uint8_t *end = buf + size;
	const uint8_t *p = start_code(buf, end);
	int err = 0;

	while (!err && p < end) {

		const uint8_t *nal = p + START_CODE;
		size_t len;

		p   = start_code(nal, end);
		len = nal_len(nal, p);

		if (len)
			err = h264_pack(nal, len, enc->mode, enc->prm.pktsize,
					p == end, payload_handler, enc);
	}

	return err;
}


/* --- encoding ----------------------------------------------------------- */

static int64_t next_pts(struct vcodec_enc *enc, uint32_t ts)
{
	const int32_t dt = (int32_t)(ts - enc->ts);

	/* it has to grow */
	enc->pts += max(dt, 1);
	enc->ts   = ts;

	return enc->pts;
}


static int hw_send(struct vcodec_enc *enc, bool keyframe,
		   const struct vidframe *frame, uint32_t ts)
{
	const struct vidsz *sz = &frame->size;
	int r = 0;

	if (!enc->ctx || enc->ctx->width != (int)sz->w ||
	    enc->ctx->height != (int)sz->h)
		r = encoder_open(enc, sz);
	if (r < 0)
		return r;

	r = hwenc_picture(&enc->frame, enc->hw, enc->ctx->hw_frames_ctx,
			  frame);
	if (r < 0)
		return r;

	enc->frame->pts = next_pts(enc, ts);
	enc->frame->pict_type = keyframe ? AV_PICTURE_TYPE_I :
		AV_PICTURE_TYPE_NONE;

	return avcodec_send_frame(enc->ctx, enc->frame);
}


/**
 * Encode a picture, in hardware only
 *
 * @param enc      Encoder
 * @param keyframe It shall be a keyframe
 * @param frame    Picture, YUV420P
 * @param ts       Timestamp [90 kHz]
 * @param err      Set to the error of the packet handler, which is no fault
 *                 of the codec; 0 before
 *
 * @return 0 or more if success, otherwise libavcodec's error
 */
int hwenc_try(struct vcodec_enc *enc, bool keyframe,
	      const struct vidframe *frame, uint32_t ts, int *err)
{
	int r;

	r = hw_send(enc, keyframe, frame, ts);

	while (r >= 0 && !*err) {

		r = avcodec_receive_packet(enc->ctx, enc->pkt);
		if (r < 0)
			break;

		*err = packetize(enc, enc->pkt->data, enc->pkt->size);
		av_packet_unref(enc->pkt);
	}

	return r == AVERROR(EAGAIN) ? 0 : r;
}


static int fall_back(struct vcodec_enc *enc)
{
	const struct vcodec *sw = enc->hw->sw;

	avcodec_free_context(&enc->ctx);

	if (!sw)
		return EIO;

	return sw->enc_alloc(&enc->sw, sw, &enc->prm, enc->pkth, enc->arg);
}


/**
 * Encode a picture: a vcodec's encode
 *
 * @param enc      Encoder
 * @param keyframe It shall be a keyframe
 * @param frame    Picture, YUV420P
 * @param ts       Timestamp [90 kHz]
 *
 * @return 0 if success, EIO if neither hardware nor software encodes,
 *         otherwise errorcode
 */
int hwenc_encode(struct vcodec_enc *enc, bool keyframe,
		 const struct vidframe *frame, uint32_t ts)
{
	int err = 0;

	if (!enc->sw && hwenc_try(enc, keyframe, frame, ts, &err) < 0) {

		atomic_store(&enc->hw->failed, true);

		err = fall_back(enc);
		keyframe = true;
	}

	if (err || !enc->sw)
		return err;

	return enc->hw->sw->encode(enc->sw, keyframe, frame, ts);
}


static int enc_set(struct vcodec_enc *enc, const struct vcodec_param *prm)
{
	struct h264_fmtp f;
	int err;

	enc->prm = *prm;
	enc->prm.fmtp = NULL;

	if (prm->fmtp) {
		err = str_dup(&enc->fmtp, prm->fmtp);
		if (err)
			return err;

		enc->prm.fmtp = enc->fmtp;
	}

	err = h264_fmtp_decode(&f, prm->fmtp);
	if (err)
		return err;

	enc->mode = f.mode;
	enc->pkt  = av_packet_alloc();

	return enc->pkt ? 0 : ENOMEM;
}


/**
 * Make an encoder: a vcodec's enc_alloc
 *
 * @param encp Pointer to allocated encoder
 * @param vc   Codec; arg is the struct hwenc
 * @param prm  Parameters
 * @param pkth Packet handler
 * @param arg  Handler argument
 *
 * @return 0 if success, EIO if neither hardware nor software encodes,
 *         otherwise errorcode
 */
int hwenc_alloc(struct vcodec_enc **encp, const struct vcodec *vc,
		const struct vcodec_param *prm,
		vcodec_packet_h *pkth, void *arg)
{
	struct vcodec_enc *enc;
	int err;

	enc = mem_zalloc(sizeof(*enc), enc_destructor);
	if (!enc)
		return ENOMEM;

	enc->hw   = vc->arg;
	enc->pkth = pkth;
	enc->arg  = arg;

	err = enc_set(enc, prm);
	if (!err && atomic_load(&enc->hw->failed))
		err = fall_back(enc);

	if (err)
		mem_deref(enc);
	else
		*encp = enc;

	return err;
}
