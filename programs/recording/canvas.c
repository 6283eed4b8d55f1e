/**
 * @file canvas.c  Pictures drawn into one, side by side, each as large as fits
 */
#include <string.h>
#include <re.h>
#include <libavcodec/avcodec.h>
#include <libswscale/swscale.h>
#include "audio/audio.h"
#include "video/video.h"
#include "recording.h"
#include "pictures.h"


enum {
	SIDE_MAX = 8192,        /**< Of a picture that is looked at        */
	BLACK    = 16,
	GREY     = 128,
};

/** Where one party is seen */
struct cell {
	enum video_codec codec; /**< Of its decoder                        */
	AVCodecContext *ctx;    /**< (owner), NULL=none yet                */
	struct SwsContext *sws; /**< (owner)                               */
	AVFrame *fit;           /**< Its picture, as large as fits (owner) */
	int x, w;               /**< Its place                             */
};

struct rec_canvas {
	AVFrame *pic;           /**< What is drawn (owner)                 */
	AVFrame *frame;         /**< What was decoded (owner)              */
	AVPacket *pkt;          /**< (owner)                               */
	struct cell cellv[REC_CELLS];
	unsigned cellc;
};


static void destructor(void *arg)
{
	struct rec_canvas *c = arg;
	unsigned i;

	for (i=0; i<c->cellc; i++) {
		avcodec_free_context(&c->cellv[i].ctx);
		sws_freeContext(c->cellv[i].sws);
		av_frame_free(&c->cellv[i].fit);
	}
	av_packet_free(&c->pkt);
	av_frame_free(&c->frame);
	av_frame_free(&c->pic);
}


static void clear(AVFrame *f, int x, int w)
{
	int plane, y;

	for (plane=0; plane<3; plane++) {

		const int s = !!plane;

		for (y=0; y<f->height >> s; y++)
			memset(f->data[plane] + y * f->linesize[plane] +
			       (x >> s), plane ? GREY : BLACK,
			       (size_t)(w >> s));
	}
}


/**
 * Allocate a canvas, which is black
 *
 * @param cp     Pointer to allocated canvas
 * @param width  Width, a multiple of 2 for each of its cells [pixels]
 * @param height Height, even [pixels]
 * @param cells  How many pictures are next to each other
 *
 * @return 0 if success, otherwise errorcode
 */
int rec_canvas_alloc(struct rec_canvas **cp, unsigned width, unsigned height,
		     unsigned cells)
{
	struct rec_canvas *c;
	unsigned i;
	int err = 0;

	if (!cp || !cells || cells > REC_CELLS || !width || !height)
		return EINVAL;

	c = mem_zalloc(sizeof(*c), destructor);
	if (!c)
		return ENOMEM;

	c->pic   = av_frame_alloc();
	c->frame = av_frame_alloc();
	c->pkt   = av_packet_alloc();
	if (!c->pic || !c->frame || !c->pkt) {
		err = ENOMEM;
		goto out;
	}

	c->pic->format = AV_PIX_FMT_YUV420P;
	c->pic->width  = (int)width;
	c->pic->height = (int)height;
	if (av_frame_get_buffer(c->pic, 0) < 0) {
		err = ENOMEM;
		goto out;
	}

	c->cellc = cells;
	for (i=0; i<cells; i++) {
		c->cellv[i].w = (int)(width / cells);
		c->cellv[i].x = (int)(i * (width / cells));
	}
	clear(c->pic, 0, (int)width);

 out:
	if (err)
		mem_deref(c);
	else
		*cp = c;

	return err;
}


static enum AVCodecID codec_id(enum video_codec codec)
{
	switch (codec) {

	case VIDEO_H264: return AV_CODEC_ID_H264;
	case VIDEO_VP8:  return AV_CODEC_ID_VP8;
	case VIDEO_VP9:  return AV_CODEC_ID_VP9;
	default:         return AV_CODEC_ID_NONE;
	}
}


static int need_decoder(struct cell *cell, enum video_codec codec)
{
	const AVCodec *av = avcodec_find_decoder(codec_id(codec));

	if (cell->ctx && cell->codec == codec)
		return 0;

	avcodec_free_context(&cell->ctx);
	if (!av)
		return ENOTSUP;

	cell->ctx = avcodec_alloc_context3(av);
	if (!cell->ctx)
		return ENOMEM;

	cell->codec = codec;
	cell->ctx->flags |= AV_CODEC_FLAG_LOW_DELAY;
	cell->ctx->thread_count = 1;

	return avcodec_open2(cell->ctx, av, NULL) < 0 ? ENOTSUP : 0;
}


/* As large as fits, all of it seen */
static void fit_size(int *w, int *h, const AVFrame *f, int maxw, int maxh)
{
	*w = maxw;
	*h = (int)((int64_t)maxw * f->height / f->width);
	if (*h > maxh) {
		*h = maxh;
		*w = (int)((int64_t)maxh * f->width / f->height);
	}
	*w = max(*w & ~1, 2);
	*h = max(*h & ~1, 2);
}


static int need_fit(struct rec_canvas *c, struct cell *cell, int w, int h)
{
	if (cell->fit && cell->fit->width == w && cell->fit->height == h)
		return 0;

	av_frame_free(&cell->fit);
	cell->fit = av_frame_alloc();
	if (!cell->fit)
		return ENOMEM;

	cell->fit->format = AV_PIX_FMT_YUV420P;
	cell->fit->width  = w;
	cell->fit->height = h;
	clear(c->pic, cell->x, cell->w);

	return av_frame_get_buffer(cell->fit, 0) < 0 ? ENOMEM : 0;
}


static void copy(struct rec_canvas *c, const struct cell *cell)
{
	const AVFrame *f = cell->fit;
	const int x0 = cell->x + ((cell->w - f->width) / 2 & ~1);
	const int y0 = (c->pic->height - f->height) / 2 & ~1;
	int plane, y;

	for (plane=0; plane<3; plane++) {

		const int s = !!plane, to = c->pic->linesize[plane];
		uint8_t *dst = c->pic->data[plane] + (y0 >> s) * to +
			(x0 >> s);

		for (y=0; y<f->height >> s; y++)
			memcpy(dst + y * to, f->data[plane] +
			       y * f->linesize[plane],
			       (size_t)(f->width >> s));
	}
}


static int take(struct rec_canvas *c, struct cell *cell)
{
	const AVFrame *f = c->frame;
	int w, h, err;

	if (f->width <= 0 || f->height <= 0 || f->width > SIDE_MAX ||
	    f->height > SIDE_MAX)
		return EBADMSG;

	/* who was encoding has it still */
	if (av_frame_make_writable(c->pic) < 0)
		return ENOMEM;

	fit_size(&w, &h, f, cell->w, c->pic->height);
	err = need_fit(c, cell, w, h);
	if (err)
		return err;

	cell->sws = sws_getCachedContext(cell->sws, f->width, f->height,
					 f->format, w, h, AV_PIX_FMT_YUV420P,
					 SWS_BILINEAR, NULL, NULL, NULL);
	if (!cell->sws)
		return ENOTSUP;

	(void)sws_scale(cell->sws, (const uint8_t *const *)f->data,
			f->linesize, 0, f->height, cell->fit->data,
			cell->fit->linesize);
	copy(c, cell);

	return 0;
}


/**
 * Draw a frame into a cell
 *
 * @param c    Canvas
 * @param cell Number of the cell
 * @param fr   Frame
 *
 * @return 0 if success, ENOMEM. A frame that cannot be decoded is not drawn
 */
int rec_canvas_draw(struct rec_canvas *c, unsigned cell,
		    const struct rec_frame *fr)
{
	struct cell *ce;
	int n, err;

	if (!c || cell >= c->cellc || !fr)
		return EINVAL;

	ce  = &c->cellv[cell];
	err = need_decoder(ce, fr->codec);
	if (err)
		return err == ENOMEM ? err : 0;

	if (av_new_packet(c->pkt, (int)fr->len) < 0)
		return ENOMEM;
	memcpy(c->pkt->data, fr->p, fr->len);

	n = avcodec_send_packet(ce->ctx, c->pkt);
	av_packet_unref(c->pkt);

	while (n >= 0 && err != ENOMEM) {
		n = avcodec_receive_frame(ce->ctx, c->frame);
		if (n >= 0)
			err = take(c, ce);
	}

	return err == ENOMEM ? err : 0;
}


/**
 * Get what is drawn
 *
 * @param c Canvas
 *
 * @return Picture (pointer)
 */
struct AVFrame *rec_canvas_frame(const struct rec_canvas *c)
{
	return c->pic;
}
