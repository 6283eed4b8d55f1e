/**
 * @file video/xcode/scale.c  Scaler of pictures, to YUV420P
 *
 * By libswscale where connectycube_av.so is loaded: librem's vidconv() takes
 * the nearest pixel, which flickers along edges and costs bitrate.
 */
#include <string.h>
#include <re.h>
#include <rem.h>
#include "libav.h"
#include "scale.h"


enum {
	SIDE_MAX = 8192,        /**< Largest width and height [pixels]     */
	ALIGN    = 64,          /**< Of lines: it writes whole blocks      */
};

struct vscale {
	struct vav_scaler *av;  /**< libswscale's (owned), or NULL         */
	struct vidframe frame;  /**< What was scaled                       */
	uint8_t *buf;           /**< Its memory (owned), or NULL           */
	struct vidframe *canvas;/**< With bars around it (owned), or NULL  */
};


static void destructor(void *data)
{
	struct vscale *s = data;

	mem_deref(s->av);
	mem_deref(s->buf);
	mem_deref(s->canvas);
}


/**
 * Allocate a scaler
 *
 * @param sp Pointer to allocated scaler
 *
 * @return 0 if success, otherwise errorcode
 */
int vscale_alloc(struct vscale **sp)
{
	const struct vav *av = vav_get();
	struct vscale *s;
	int err = 0;

	s = mem_zalloc(sizeof(*s), destructor);
	if (!s)
		return ENOMEM;

	if (av)
		err = av->scaler_alloc(&s->av);

	if (err)
		mem_deref(s);
	else
		*sp = s;

	return err;
}


static bool size_ok(const struct vidsz *sz)
{
	return sz->w && sz->h && sz->w <= SIDE_MAX && sz->h <= SIDE_MAX;
}


static unsigned align(unsigned n)
{
	return (n + ALIGN - 1) / ALIGN * ALIGN;
}


/* libswscale writes whole blocks, beyond the last pixel of a line too */
static int frame_set(struct vscale *s, const struct vidsz *sz)
{
	struct vidframe *f = &s->frame;
	const size_t luma   = (size_t)align(sz->w) * sz->h;
	const size_t chroma = (size_t)align(sz->w / 2) * (sz->h / 2);
	uint8_t *p;

	if (s->buf && vidsz_cmp(&f->size, sz))
		return 0;

	mem_deref(s->buf);
	s->buf = mem_zalloc(luma + 2 * chroma + 2 * ALIGN, NULL);
	if (!s->buf)
		return ENOMEM;

	p = s->buf + ALIGN - (uintptr_t)s->buf % ALIGN;

	f->fmt  = VID_FMT_YUV420P;
	f->size = *sz;
	f->data[0] = p;
	f->data[1] = p + luma;
	f->data[2] = p + luma + chroma;
	f->linesize[0] = align(sz->w);
	f->linesize[1] = f->linesize[2] = align(sz->w / 2);

	return 0;
}


static int scale(struct vscale *s, const struct vidframe *src)
{
	if (s->av)
		return vav_get()->scale(s->av, &s->frame, src);

	/* vidconv() would write of it to standard output and do nothing */
	if (src->fmt != VID_FMT_YUV420P && src->fmt != VID_FMT_NV12)
		return ENOTSUP;

	vidconv(&s->frame, src, NULL);

	return 0;
}


/**
 * Scale a picture
 *
 * @param s   Scaler
 * @param dst Set to the result: the source itself if nothing is to be done,
 *            else valid until the next call
 * @param sz  Size wanted, even
 * @param src Picture of any format that codecs make
 *
 * @return 0 if success, ERANGE for an impossible size, ENOTSUP for a format
 *         that is not known, ENOMEM
 */
int vscale_run(struct vscale *s, const struct vidframe **dst,
	       const struct vidsz *sz, const struct vidframe *src)
{
	int err;

	if (!size_ok(sz) || !size_ok(&src->size))
		return ERANGE;

	if (src->fmt == VID_FMT_YUV420P && vidsz_cmp(&src->size, sz)) {
		*dst = src;
		return 0;
	}

	err = frame_set(s, sz);
	if (err)
		return err;

	err = scale(s, src);
	if (err)
		return err;

	*dst = &s->frame;

	return 0;
}


/* The largest picture of the source's proportions */
static void fit(struct vidsz *sz, const struct vidsz *box,
		const struct vidsz *src)
{
	*sz = *box;

	if ((uint64_t)src->w * box->h > (uint64_t)src->h * box->w)
		sz->h = max((src->h * box->w / src->w) & ~1u, 2u);
	else
		sz->w = max((src->w * box->h / src->h) & ~1u, 2u);
}


/* Into the middle, where sizes are even */
static void paste(struct vidframe *dst, const struct vidframe *src)
{
	const unsigned x = ((dst->size.w - src->size.w) / 2) & ~1u;
	const unsigned y = ((dst->size.h - src->size.h) / 2) & ~1u;
	unsigned i, line;

	for (i=0; i<3; i++) {

		const unsigned sub = i ? 2 : 1;

		for (line=0; line<src->size.h / sub; line++) {

			const size_t to = (size_t)(y / sub + line) *
				dst->linesize[i] + x / sub;

			memcpy(dst->data[i] + to,
			       src->data[i] + (size_t)line * src->linesize[i],
			       src->size.w / sub);
		}
	}
}


/**
 * Scale a picture and keep its proportions, with black bars where it does
 * not fill the size
 *
 * @param s   Scaler
 * @param dst Set to the result, valid until the next call
 * @param box Size wanted, even
 * @param src Picture of any format that codecs make
 *
 * @return 0 if success, otherwise errorcode, see vscale_run()
 */
int vscale_fit(struct vscale *s, const struct vidframe **dst,
	       const struct vidsz *box, const struct vidframe *src)
{
	const struct vidframe *scaled;
	struct vidsz sz;
	int err;

	if (!size_ok(box) || !size_ok(&src->size))
		return ERANGE;

	fit(&sz, box, &src->size);

	err = vscale_run(s, &scaled, &sz, src);
	if (err)
		return err;

	s->canvas = mem_deref(s->canvas);
	err = vidframe_alloc(&s->canvas, VID_FMT_YUV420P, box);
	if (err)
		return err;

	vidframe_fill(s->canvas, 0, 0, 0);
	paste(s->canvas, scaled);

	*dst = s->canvas;

	return 0;
}
