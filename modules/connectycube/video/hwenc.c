/**
 * @file video/hwenc.c  H.264 encoder in hardware, by libavcodec
 *
 * Any of libavcodec's H.264 encoders, by its name. Those that want their
 * pictures on the device (h264_vaapi) have them uploaded.
 */
#include <stdatomic.h>
#include <string.h>
#include <re.h>
#include <rem.h>
#include <libavcodec/avcodec.h>
#include <libavutil/hwcontext.h>
#include <libavutil/opt.h>
#include "media/media.h"
#include "video.h"
#include "h264.h"
#include "vcodec.h"
#include "hwcodec.h"


enum {
	POOL       = 8,         /**< Pictures on the device                */
	KEY_AFTER  = 10,        /**< Seconds between keyframes             */
	TRIAL_W    = 640,       /**< Picture of the trial                  */
	TRIAL_H    = 480,
	TRIAL_BITRATE = 500000,
	TRIAL_FPS  = 30,
	TRIAL_MTU  = 1200,
	START_CODE = 3,         /**< Bytes of a start code                 */
};

/** The codec of the list */
struct hw {
	struct vcodec vc;       /**< As the video room sees it             */
	const struct vcodec *sw;/**< Falls back to it (pointer), or NULL   */
	const AVCodec *codec;   /**< libavcodec's (pointer)                */
	enum AVPixelFormat fmt; /**< What it takes                         */
	AVBufferRef *device;    /**< Takes pictures (owned), or NULL       */
	atomic_bool failed;     /**< It did, in a call: no more of it      */
};

struct vcodec_enc {
	struct hw *hw;          /**< Codec (pointer)                       */
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

static int frames_set(AVCodecContext *ctx, const struct hw *hw)
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


/* --- pictures ----------------------------------------------------------- */

static void copy_plane(uint8_t *dst, size_t dstr, const uint8_t *src,
		       size_t sstr, unsigned w, unsigned h)
{
	unsigned y;

	for (y=0; y<h; y++)
		memcpy(dst + y * dstr, src + y * sstr, w);
}


static void interleave(uint8_t *dst, size_t dstr, const struct vidframe *src)
{
	unsigned x, y;

	for (y=0; y<src->size.h / 2; y++) {

		const uint8_t *u = src->data[1] + (size_t)y * src->linesize[1];
		const uint8_t *v = src->data[2] + (size_t)y * src->linesize[2];
		uint8_t *p = dst + y * dstr;

		for (x=0; x<src->size.w / 2; x++) {
			*p++ = u[x];
			*p++ = v[x];
		}
	}
}


static void fill(AVFrame *f, const struct vidframe *src)
{
	const unsigned w = src->size.w, h = src->size.h;

	copy_plane(f->data[0], f->linesize[0], src->data[0], src->linesize[0],
		   w, h);

	if (f->format == AV_PIX_FMT_NV12) {
		interleave(f->data[1], f->linesize[1], src);
		return;
	}

	copy_plane(f->data[1], f->linesize[1], src->data[1], src->linesize[1],
		   w / 2, h / 2);
	copy_plane(f->data[2], f->linesize[2], src->data[2], src->linesize[2],
		   w / 2, h / 2);
}


static int upload(AVFrame **fp, AVBufferRef *frames)
{
	AVFrame *dev = av_frame_alloc();
	int r;

	if (!dev)
		return AVERROR(ENOMEM);

	r = av_hwframe_get_buffer(frames, dev, 0);
	if (r >= 0)
		r = av_hwframe_transfer_data(dev, *fp, 0);

	if (r < 0) {
		av_frame_free(&dev);
		return r;
	}

	av_frame_free(fp);
	*fp = dev;

	return 0;
}


static int picture_set(struct vcodec_enc *enc, const struct vidframe *src)
{
	const enum AVPixelFormat fmt = enc->hw->device ? AV_PIX_FMT_NV12 :
		enc->hw->fmt;
	AVFrame *f;
	int r;

	av_frame_free(&enc->frame);

	f = enc->frame = av_frame_alloc();
	if (!f)
		return AVERROR(ENOMEM);

	f->format = fmt;
	f->width  = src->size.w;
	f->height = src->size.h;

	r = av_frame_get_buffer(f, 0);
	if (r < 0)
		return r;

	fill(f, src);

	return enc->hw->device ?
		upload(&enc->frame, enc->ctx->hw_frames_ctx) : 0;
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

	r = picture_set(enc, frame);
	if (r < 0)
		return r;

	enc->frame->pts = next_pts(enc, ts);
	enc->frame->pict_type = keyframe ? AV_PICTURE_TYPE_I :
		AV_PICTURE_TYPE_NONE;

	return avcodec_send_frame(enc->ctx, enc->frame);
}


/* Returns libavcodec's error; that of a handler is no fault of the codec */
static int hw_encode(struct vcodec_enc *enc, bool keyframe,
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


static int encode(struct vcodec_enc *enc, bool keyframe,
		  const struct vidframe *frame, uint32_t ts)
{
	int err = 0;

	if (!enc->sw && hw_encode(enc, keyframe, frame, ts, &err) < 0) {

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


static int enc_alloc(struct vcodec_enc **encp, const struct vcodec *vc,
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


/* --- the list ----------------------------------------------------------- */

static void hw_destructor(void *data)
{
	struct hw *hw = data;

	list_unlink(&hw->vc.le);
	av_buffer_unref(&hw->device);
}


static bool takes(const AVCodec *codec, enum AVPixelFormat fmt)
{
	const enum AVPixelFormat *p = codec->pix_fmts;

	while (p && *p != AV_PIX_FMT_NONE) {
		if (*p++ == fmt)
			return true;
	}

	return false;
}


/* Pictures from memory if it takes them, else on the device */
static int format_set(struct hw *hw, const char *device, char *why,
		      size_t size)
{
	const AVCodecHWConfig *cfg;

	if (takes(hw->codec, AV_PIX_FMT_YUV420P)) {
		hw->fmt = AV_PIX_FMT_YUV420P;
		return 0;
	}

	if (takes(hw->codec, AV_PIX_FMT_NV12)) {
		hw->fmt = AV_PIX_FMT_NV12;
		return 0;
	}

	cfg = avcodec_get_hw_config(hw->codec, 0);
	if (!cfg) {
		(void)re_snprintf(why, size, "takes no pictures of ours");
		return ENOTSUP;
	}

	hw->fmt = cfg->pix_fmt;

	return hwdev_open(&hw->device, cfg->device_type, device, why, size);
}


static int count(bool marker, const uint8_t *buf, size_t len, void *arg)
{
	(void)buf;
	(void)len;

	*(unsigned *)arg += marker;

	return 0;
}


/* One picture, since many a driver has a device and cannot encode */
static int trial(struct hw *hw, char *why, size_t size)
{
	const struct vcodec_param prm = {
		.bitrate = TRIAL_BITRATE,
		.fps     = TRIAL_FPS,
		.pktsize = TRIAL_MTU,
	};
	const struct vidsz sz = { TRIAL_W, TRIAL_H };
	struct vcodec_enc *enc = NULL;
	struct vidframe *frame = NULL;
	unsigned frames = 0;
	int err, r = 0;

	err = enc_alloc(&enc, &hw->vc, &prm, count, &frames);
	if (err)
		return err;

	err = vidframe_alloc(&frame, VID_FMT_YUV420P, &sz);
	if (err)
		goto out;

	vidframe_fill(frame, 0, 0, 0);

	r = hw_encode(enc, true, frame, 0, &err);
	if (r < 0)
		hwdev_why(why, size, "cannot encode", r);
	else if (!err && !frames)
		(void)re_snprintf(why, size, "is too late for calls");

	if (r < 0 || !frames)
		err = EIO;

 out:
	mem_deref(frame);
	mem_deref(enc);

	return err;
}


static int hw_alloc(struct hw **hwp, const char *name, char *why, size_t size)
{
	const AVCodec *codec = avcodec_find_encoder_by_name(name);
	struct hw *hw;

	if (!codec || codec->id != AV_CODEC_ID_H264) {
		(void)re_snprintf(why, size, "libavcodec has no such encoder");
		return ENOENT;
	}

	hw = mem_zalloc(sizeof(*hw), hw_destructor);
	if (!hw)
		return ENOMEM;

	hw->codec = codec;

	hw->vc.codec     = VIDEO_H264;
	hw->vc.arg       = hw;
	hw->vc.enc_alloc = enc_alloc;
	hw->vc.encode    = encode;

	*hwp = hw;

	return 0;
}


/**
 * Put a hardware encoder of H.264 in front of a list, if it works: a picture
 * is encoded to see. It falls back to the encoder that the list has
 *
 * @param vcodecl Codec list; frees the new member with list_flush()
 * @param name    libavcodec's name of the encoder, e.g. "h264_vaapi"
 * @param device  Device, e.g. "/dev/dri/renderD128"; NULL=the first one
 * @param why     Set to the reason if it does not work; it reads on from the
 *                encoder's name
 * @param size    Room at why [bytes]
 *
 * @return 0 if success, ENOENT if there is no such encoder, ENODEV if there
 *         is no such device, EIO if it cannot encode, otherwise errorcode
 */
int hwenc_add(struct list *vcodecl, const char *name, const char *device,
	      char *why, size_t size)
{
	struct hw *hw;
	int err;

	if (!vcodecl || !name || !why || !size)
		return EINVAL;

	why[0] = '\0';

	err = hw_alloc(&hw, name, why, size);
	if (err)
		return err;

	err = format_set(hw, device, why, size);
	if (!err)
		err = trial(hw, why, size);

	if (err) {
		mem_deref(hw);
		return err;
	}

	hw->sw = vcodec_find(vcodecl, VIDEO_H264, true);
	list_prepend(vcodecl, &hw->vc.le, &hw->vc);

	return 0;
}
