/**
 * @file connectycube_av/hwenc_add.c  Hardware encoders of H.264 for a list
 *
 * Any of libavcodec's H.264 encoders, by its name, if it can encode.
 */
#include <stdatomic.h>
#include <re.h>
#include <rem.h>
#include <libavcodec/avcodec.h>
#include <libavutil/hwcontext.h>
#include "audio/audio.h"
#include "video/video.h"
#include "video/xcode/codec.h"
#include "av.h"
#include "hwenc.h"


enum {
	TRIAL_W    = 640,       /**< Picture of the trial                  */
	TRIAL_H    = 480,
	TRIAL_BITRATE = 500000,
	TRIAL_FPS  = 30,
	TRIAL_MTU  = 1200,
};


static void hw_destructor(void *data)
{
	struct hwenc *hw = data;

	list_unlink(&hw->vc.le);
	av_buffer_unref(&hw->device);
}


static bool takes(const AVCodec *codec, enum AVPixelFormat fmt)
{
	const enum AVPixelFormat *p;

#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(61, 13, 100) /* 7.1 */
	if (avcodec_get_supported_config(NULL, codec,
					 AV_CODEC_CONFIG_PIX_FORMAT, 0,
					 (const void **)&p, NULL) < 0)
		return false;
#else
	p = codec->pix_fmts;
#endif

	while (p && *p != AV_PIX_FMT_NONE) {
		if (*p++ == fmt)
			return true;
	}

	return false;
}


/* Pictures from memory if it takes them, else on the device */
static int format_set(struct hwenc *hw, const char *device, char *why,
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
static int trial(struct hwenc *hw, char *why, size_t size)
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

	err = hwenc_alloc(&enc, &hw->vc, &prm, count, &frames);
	if (err)
		return err;

	err = vidframe_alloc(&frame, VID_FMT_YUV420P, &sz);
	if (err)
		goto out;

	vidframe_fill(frame, 0, 0, 0);

	r = hwenc_try(enc, true, frame, 0, &err);
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


static int hw_alloc(struct hwenc **hwp, const char *name, char *why,
		    size_t size)
{
	const AVCodec *codec = avcodec_find_encoder_by_name(name);
	struct hwenc *hw;

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
	hw->vc.enc_alloc = hwenc_alloc;
	hw->vc.encode    = hwenc_encode;

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
	struct hwenc *hw;
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
