/**
 * @file connectycube_av/scale.c  Scaling by libswscale
 */
#include <re.h>
#include <rem.h>
#include <libswscale/swscale.h>
#include <libavutil/pixfmt.h>
#include "av.h"


struct vav_scaler {
	struct SwsContext *sws; /**< For the last pair of sizes (owned)    */
};


static void destructor(void *data)
{
	struct vav_scaler *s = data;

	sws_freeContext(s->sws);
}


/**
 * Allocate a scaler
 *
 * @param sp Pointer to allocated scaler
 *
 * @return 0 if success, otherwise errorcode
 */
int scaler_alloc(struct vav_scaler **sp)
{
	struct vav_scaler *s;

	s = mem_zalloc(sizeof(*s), destructor);
	if (!s)
		return ENOMEM;

	*sp = s;

	return 0;
}


static enum AVPixelFormat pixfmt(enum vidfmt fmt)
{
	switch (fmt) {

	case VID_FMT_YUV420P: return AV_PIX_FMT_YUV420P;
	case VID_FMT_YUV444P: return AV_PIX_FMT_YUV444P;
	case VID_FMT_NV12:    return AV_PIX_FMT_NV12;
	case VID_FMT_NV21:    return AV_PIX_FMT_NV21;
	case VID_FMT_RGB32:   return AV_PIX_FMT_RGB32;
	default:              return AV_PIX_FMT_NONE;
	}
}


/**
 * Scale a picture
 *
 * @param s   Scaler
 * @param dst Where the result goes, YUV420P. Lines have room for whole
 *            blocks, which are written beyond the last pixel too
 * @param src Picture
 *
 * @return 0 if success, ENOTSUP for a format that is not known, ENOMEM
 */
int scaler_run(struct vav_scaler *s, const struct vidframe *dst,
	       const struct vidframe *src)
{
	const enum AVPixelFormat fmt = pixfmt(src->fmt);
	int srcstr[4], dststr[4];
	unsigned i;

	if (fmt == AV_PIX_FMT_NONE)
		return ENOTSUP;

	for (i=0; i<4; i++) {
		srcstr[i] = src->linesize[i];
		dststr[i] = dst->linesize[i];
	}

	s->sws = sws_getCachedContext(s->sws, src->size.w, src->size.h, fmt,
				      dst->size.w, dst->size.h,
				      AV_PIX_FMT_YUV420P, SWS_BILINEAR,
				      NULL, NULL, NULL);
	if (!s->sws)
		return ENOMEM;

	(void)sws_scale(s->sws, (const uint8_t *const *)src->data, srcstr, 0,
			src->size.h, dst->data, dststr);

	return 0;
}
