/**
 * @file connectycube_av/hwenc_pic.c  Pictures as hardware encoders take them
 *
 * Those that want them on the device (h264_vaapi) have them uploaded.
 */
#include <stdatomic.h>
#include <string.h>
#include <re.h>
#include <rem.h>
#include <libavcodec/avcodec.h>
#include <libavutil/hwcontext.h>
#include "audio/audio.h"
#include "video/video.h"
#include "video/xcode/codec.h"
#include "hwenc.h"


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


/**
 * Make a picture for an encoder
 *
 * @param fp     Pointer to the picture, of libavutil; the last one is freed
 * @param hw     Codec
 * @param frames Pictures on its device, used if it has one
 * @param src    Picture, YUV420P
 *
 * @return 0 or more if success, otherwise libavutil's error
 */
int hwenc_picture(AVFrame **fp, const struct hwenc *hw, AVBufferRef *frames,
		  const struct vidframe *src)
{
	AVFrame *f;
	int r;

	av_frame_free(fp);

	f = *fp = av_frame_alloc();
	if (!f)
		return AVERROR(ENOMEM);

	f->format = hw->device ? AV_PIX_FMT_NV12 : hw->fmt;
	f->width  = src->size.w;
	f->height = src->size.h;

	r = av_frame_get_buffer(f, 0);
	if (r < 0)
		return r;

	fill(f, src);

	return hw->device ? upload(fp, frames) : 0;
}
