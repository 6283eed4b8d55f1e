/**
 * @file connectycube_av/hwdec.c  H.264 decoder in hardware, by libavcodec
 *
 * A stream that the device does not take (its profile, its size) is decoded
 * by libavcodec in software: nobody notices.
 */
#include <string.h>
#include <re.h>
#include <rem.h>
#include <libavcodec/avcodec.h>
#include <libavutil/hwcontext.h>
#include "audio/audio.h"
#include "video/video.h"
#include "video/payload/h264.h"
#include "video/xcode/codec.h"
#include "av.h"


enum {
	FRAME_MAX = 1 << 20,    /**< Largest encoded frame [bytes]         */
};

/** The codec of the list */
struct hw {
	struct vcodec vc;       /**< As the video room sees it             */
	const AVCodec *codec;   /**< libavcodec's (pointer)                */
	enum AVPixelFormat fmt; /**< Of pictures on the device             */
	AVBufferRef *device;    /**< Device (owned), NULL=in software      */
};

struct vcodec_dec {
	const struct hw *hw;    /**< Codec (pointer)                       */
	AVCodecContext *ctx;    /**< Decoder (owned)                       */
	AVPacket *pkt;          /**< What is decoded (owned)               */
	AVFrame *dev;           /**< Picture as decoded (owned)            */
	AVFrame *pic;           /**< The same in memory (owned)            */
	struct h264_unpack un;  /**< Payloads to NAL units                 */
	struct mbuf *mb;        /**< NAL units of a frame (owned)          */
};


static void dec_destructor(void *data)
{
	struct vcodec_dec *dec = data;

	avcodec_free_context(&dec->ctx);
	av_packet_free(&dec->pkt);
	av_frame_free(&dec->dev);
	av_frame_free(&dec->pic);
	mem_deref(dec->un.mb);
	mem_deref(dec->mb);
}


/* --- opening ------------------------------------------------------------ */

/* On the device if it offers that for this stream, else in memory */
static enum AVPixelFormat choose(AVCodecContext *ctx,
				 const enum AVPixelFormat *fmts)
{
	const struct vcodec_dec *dec = ctx->opaque;
	const enum AVPixelFormat *p;

	for (p = fmts; *p != AV_PIX_FMT_NONE; p++) {
		if (*p == dec->hw->fmt)
			return *p;
	}

	return avcodec_default_get_format(ctx, fmts);
}


static int decoder_open(struct vcodec_dec *dec)
{
	AVCodecContext *ctx;

	ctx = dec->ctx = avcodec_alloc_context3(dec->hw->codec);
	if (!ctx)
		return ENOMEM;

	ctx->opaque       = dec;
	ctx->thread_count = 1;
	ctx->flags       |= AV_CODEC_FLAG_LOW_DELAY;

	if (dec->hw->device) {
		ctx->get_format    = choose;
		ctx->hw_device_ctx = av_buffer_ref(dec->hw->device);
		if (!ctx->hw_device_ctx)
			return ENOMEM;
	}

	return avcodec_open2(ctx, dec->hw->codec, NULL) < 0 ? EIO : 0;
}


static int nal_handler(const uint8_t *nal, size_t len, bool marker, void *arg)
{
	static const uint8_t start_code[] = { 0, 0, 1 };
	struct vcodec_dec *dec = arg;
	int err;
	(void)marker;

	if (dec->mb->end + len > FRAME_MAX)
		return EOVERFLOW;

	err = mbuf_write_mem(dec->mb, start_code, sizeof(start_code));
	if (!err)
		err = mbuf_write_mem(dec->mb, nal, len);

	return err;
}


/* A phone may tell its parameter sets in SDP alone */
static int sprop_set(struct vcodec_dec *dec, const char *fmtp)
{
	struct h264_fmtp f;
	int err;

	if (h264_fmtp_decode(&f, fmtp) || !f.spslen || !f.ppslen)
		return 0;

	err = nal_handler(f.sps, f.spslen, false, dec);
	if (!err)
		err = nal_handler(f.pps, f.ppslen, false, dec);

	return err;
}


static int dec_alloc(struct vcodec_dec **decp, const struct vcodec *vc,
		     const char *fmtp)
{
	struct vcodec_dec *dec;
	int err = ENOMEM;

	dec = mem_zalloc(sizeof(*dec), dec_destructor);
	if (!dec)
		return ENOMEM;

	dec->hw  = vc->arg;
	dec->mb  = mbuf_alloc(VIDEO_PKT_MAX);
	dec->pkt = av_packet_alloc();
	dec->dev = av_frame_alloc();
	dec->pic = av_frame_alloc();
	if (!dec->mb || !dec->pkt || !dec->dev || !dec->pic)
		goto out;

	err = decoder_open(dec);
	if (!err)
		err = sprop_set(dec, fmtp);

 out:
	if (err)
		mem_deref(dec);
	else
		*decp = dec;

	return err;
}


/* --- decoding ----------------------------------------------------------- */

/* Into memory, where it is not there */
static AVFrame *download(struct vcodec_dec *dec)
{
	if (!dec->dev->hw_frames_ctx)
		return dec->dev;

	av_frame_unref(dec->pic);

	return av_hwframe_transfer_data(dec->pic, dec->dev, 0) < 0 ?
		NULL : dec->pic;
}


static int format(enum vidfmt *fmt, int avfmt)
{
	switch (avfmt) {

	case AV_PIX_FMT_YUV420P:
	case AV_PIX_FMT_YUVJ420P: *fmt = VID_FMT_YUV420P; return 0;
	case AV_PIX_FMT_NV12:     *fmt = VID_FMT_NV12;    return 0;
	case AV_PIX_FMT_YUV444P:  *fmt = VID_FMT_YUV444P; return 0;
	default:                  return ENOTSUP;
	}
}


static int picture(struct vcodec_dec *dec, struct vidframe *frame)
{
	const AVFrame *f = download(dec);
	unsigned i;
	int err;

	if (!f)
		return EIO;

	err = format(&frame->fmt, f->format);
	if (err)
		return err;

	for (i=0; i<4; i++) {
		frame->data[i]     = f->data[i];
		frame->linesize[i] = f->linesize[i];
	}

	frame->size.w = dec->dev->width;
	frame->size.h = dec->dev->height;

	return 0;
}


static bool is_key(const AVFrame *frame)
{
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 7, 100) /* 6.1 */
	return frame->flags & AV_FRAME_FLAG_KEY;
#else
	return frame->key_frame;
#endif
}


static int decode_frame(struct vcodec_dec *dec, struct vidframe *frame,
			bool *intra)
{
	int r;

	/* libavcodec copies what is not its own, with the zeros behind it */
	r = av_new_packet(dec->pkt, (int)dec->mb->end);
	if (r < 0)
		return ENOMEM;

	memcpy(dec->pkt->data, dec->mb->buf, dec->mb->end);

	r = avcodec_send_packet(dec->ctx, dec->pkt);
	av_packet_unref(dec->pkt);
	if (r < 0)
		return EPROTO;

	r = avcodec_receive_frame(dec->ctx, dec->dev);
	if (r == AVERROR(EAGAIN))
		return 0;
	if (r < 0)
		return EPROTO;

	*intra = is_key(dec->dev);

	return picture(dec, frame);
}


static int decode(struct vcodec_dec *dec, struct vidframe *frame, bool *intra,
		  bool marker, uint16_t seq, const uint8_t *buf, size_t len)
{
	int err;

	memset(frame, 0, sizeof(*frame));
	*intra = false;

	err = h264_unpack(&dec->un, marker, seq, buf, len, nal_handler, dec);

	if (!marker)
		return err;

	/* what there is of it */
	if (dec->mb->end)
		err = decode_frame(dec, frame, intra);

	mbuf_rewind(dec->mb);

	return err;
}


/* --- the list ----------------------------------------------------------- */

static void hw_destructor(void *data)
{
	struct hw *hw = data;

	list_unlink(&hw->vc.le);
	av_buffer_unref(&hw->device);
}


static int device_set(struct hw *hw, const char *type, const char *device,
		      char *why, size_t size)
{
	const enum AVHWDeviceType t = av_hwdevice_find_type_by_name(type);
	const AVCodecHWConfig *cfg;
	int i;

	if (t == AV_HWDEVICE_TYPE_NONE) {
		(void)re_snprintf(why, size, "libavutil has no such kind of "
				  "device");
		return ENOENT;
	}

	for (i=0; (cfg = avcodec_get_hw_config(hw->codec, i)); i++) {
		if (cfg->device_type == t && cfg->methods &
		    AV_CODEC_HW_CONFIG_METHOD_HW_DEVICE_CTX) {
			hw->fmt = cfg->pix_fmt;
			return hwdev_open(&hw->device, t, device, why, size);
		}
	}

	(void)re_snprintf(why, size, "libavcodec decodes no H.264 on it");

	return ENOTSUP;
}


/**
 * Put libavcodec's decoder of H.264 in front of a list, with a device that
 * does the work
 *
 * @param vcodecl Codec list; frees the new member with list_flush()
 * @param type    libavutil's name of the kind of device, e.g. "vaapi", or
 *                "software" for none
 * @param device  Device, e.g. "/dev/dri/renderD128"; NULL=the first one
 * @param why     Set to the reason if it does not work; it reads on from the
 *                type
 * @param size    Room at why [bytes]
 *
 * @return 0 if success, ENOENT if there is no such kind, ENOTSUP if it has no
 *         H.264, ENODEV if there is no such device, otherwise errorcode
 */
int hwdec_add(struct list *vcodecl, const char *type, const char *device,
	      char *why, size_t size)
{
	struct hw *hw;
	int err = 0;

	if (!vcodecl || !type || !why || !size)
		return EINVAL;

	why[0] = '\0';

	hw = mem_zalloc(sizeof(*hw), hw_destructor);
	if (!hw)
		return ENOMEM;

	hw->vc.codec     = VIDEO_H264;
	hw->vc.arg       = hw;
	hw->vc.dec_alloc = dec_alloc;
	hw->vc.decode    = decode;

	hw->codec = avcodec_find_decoder(AV_CODEC_ID_H264);
	if (!hw->codec)
		err = ENOTSUP;
	else if (str_casecmp(type, "software"))
		err = device_set(hw, type, device, why, size);

	if (err)
		mem_deref(hw);
	else
		list_prepend(vcodecl, &hw->vc.le, &hw->vc);

	return err;
}
