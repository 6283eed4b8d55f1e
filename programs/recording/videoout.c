/**
 * @file videoout.c  A track of pictures: copied as they came, or made anew
 *
 * What is made anew is a canvas on which frames are drawn as they come, of
 * which a picture is taken 25 times a second, if it has changed.
 */
#include <math.h>
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mem.h>
#include <re_mbuf.h>
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include "audio/audio.h"
#include "video/video.h"
#include "recording.h"
#include "pictures.h"
#include "output.h"
#include "encoder.h"


enum {
	CLOCK  = 90000,         /**< Of copied pictures [Hz]               */
	FPS    = 25,            /**< Of what is made anew                  */
	CELL_W = 640,           /**< Of a picture side by side [pixels]    */
	CELL_H = 480,
	MAX_W  = 1920,          /**< Larger is not made                    */
	MAX_H  = 1920,
};

/** A side that is seen */
struct seen {
	bool app;
	struct rec_side *side;  /**< (owner)                               */
	struct rec_frame next;  /**< What follows                          */
	bool any;               /**< There is one                          */
};

struct rec_videoout {
	struct rec_mux *mux;    /**< (pointer)                             */
	AVStream *st;           /**< (pointer)                             */
	AVPacket *pkt;          /**< Written when the next one is known
				     (owner)                               */
	bool pending;           /**< There is one                          */
	AVPacket *tmp;          /**< (owner)                               */
	struct seen seenv[REC_CELLS];
	size_t seenc;
	struct rec_canvas *canvas; /**< (owner), NULL=copied               */
	AVCodecContext *ctx;    /**< Of what is made anew (owner)          */
	enum video_codec codec;
	unsigned width, height; /**< [pixels]                              */
	int64_t tick;           /**< Picture that is taken next            */
	bool dirty;             /**< Something was drawn since the last    */
	double end;             /**< Of the recording [s]                  */
	uint64_t frames;
	bool over;
};


static void destructor(void *arg)
{
	struct rec_videoout *v = arg;
	size_t i;

	for (i=0; i<v->seenc; i++)
		mem_deref(v->seenv[i].side);
	mem_deref(v->canvas);
	avcodec_free_context(&v->ctx);
	av_packet_free(&v->tmp);
	av_packet_free(&v->pkt);
}


/**
 * Tell if a file can hold pictures as they are
 *
 * @param c     Its format
 * @param sight What pictures
 *
 * @return true if so
 */
bool rec_video_fits(const struct rec_container *c,
		    const struct rec_sight *sight)
{
	if (sight->mixed || !sight->width)
		return false;

	switch (sight->codec) {

	case VIDEO_H264: return !strcmp(c->name, "mp4") && sight->headlen;
	case VIDEO_VP8:  return !strcmp(c->name, "webm");
	case VIDEO_VP9:  return true;
	default:         return false;
	}
}


static int add_side(struct rec_videoout *v, const struct rec *rec, bool app)
{
	struct seen *s = &v->seenv[v->seenc];
	int err;

	s->app = app;
	err = rec_side_alloc(&s->side, rec, app);
	if (err)
		return err;

	s->any = rec_side_next(s->side, &s->next);
	++v->seenc;

	return 0;
}


static int set_copied(struct rec_videoout *v, const struct rec_sight *sight)
{
	AVCodecParameters *par = v->st->codecpar;

	v->codec  = sight->codec;
	v->width  = v->seenv[0].next.width ? v->seenv[0].next.width
		: sight->width;
	v->height = v->seenv[0].next.height ? v->seenv[0].next.height
		: sight->height;

	par->codec_type = AVMEDIA_TYPE_VIDEO;
	par->codec_id   = sight->codec == VIDEO_H264 ? AV_CODEC_ID_H264
		: sight->codec == VIDEO_VP8 ? AV_CODEC_ID_VP8
		: AV_CODEC_ID_VP9;
	par->format     = AV_PIX_FMT_YUV420P;
	par->width      = (int)v->width;
	par->height     = (int)v->height;
	v->st->time_base = (AVRational){1, CLOCK};

	if (!sight->headlen)
		return 0;

	par->extradata = av_mallocz(sight->headlen +
				    AV_INPUT_BUFFER_PADDING_SIZE);
	if (!par->extradata)
		return ENOMEM;

	memcpy(par->extradata, sight->head, sight->headlen);
	par->extradata_size = (int)sight->headlen;

	return 0;
}


static int set_made(struct rec_videoout *v, const struct rec_container *c,
		    const struct rec_sight *sight, char *why, size_t size)
{
	int err;

	v->codec  = !strcmp(c->name, "mp4") ? VIDEO_H264 : VIDEO_VP8;
	v->width  = v->seenc > 1 ? (unsigned)(v->seenc * CELL_W)
		: min(max(sight->width, 16u), (unsigned)MAX_W) & ~1u;
	v->height = v->seenc > 1 ? CELL_H
		: min(max(sight->height, 16u), (unsigned)MAX_H) & ~1u;

	err = rec_canvas_alloc(&v->canvas, v->width, v->height,
			       (unsigned)v->seenc);
	if (!err)
		err = rec_encoder_open(&v->ctx, v->codec, v->width, v->height,
				       FPS, rec_mux_context(v->mux)
				       ->oformat->flags & AVFMT_GLOBALHEADER,
				       why, size);
	if (err)
		return err;

	v->st->time_base      = v->ctx->time_base;
	v->st->avg_frame_rate = (AVRational){FPS, 1};

	return avcodec_parameters_from_context(v->st->codecpar, v->ctx) < 0
		? ENOMEM : 0;
}


/**
 * Add a track of pictures to a file
 *
 * @param vp   Pointer to allocated track
 * @param rec  What is in the raw file
 * @param mux  File
 * @param c    Its format
 * @param view What is to be seen
 * @param why  Set to what is wrong
 * @param size Size of that
 *
 * @return 0 if success, otherwise errorcode
 */
int rec_videoout_alloc(struct rec_videoout **vp, const struct rec *rec,
		       struct rec_mux *mux, const struct rec_container *c,
		       const struct rec_view *view, char *why, size_t size)
{
	struct rec_videoout *v;
	int err = 0;

	v = mem_zalloc(sizeof(*v), destructor);
	if (!v)
		return ENOMEM;

	v->mux = mux;
	v->end = (double)rec->us / 1e6;
	v->pkt = av_packet_alloc();
	v->tmp = av_packet_alloc();
	v->st  = avformat_new_stream(rec_mux_context(mux), NULL);
	if (!v->pkt || !v->tmp || !v->st)
		err = ENOMEM;

	if (!err && view->phone)
		err = add_side(v, rec, false);
	if (!err && view->app)
		err = add_side(v, rec, true);
	if (!err)
		err = view->made ? set_made(v, c, view->sight, why, size)
			: set_copied(v, view->sight);

	if (err)
		mem_deref(v);
	else
		*vp = v;

	return err;
}


/* It is seen until then, in the packets' own time */
static int flush(struct rec_videoout *v, double until, char *why, size_t size)
{
	AVPacket *p = v->pkt;
	const int64_t to = llrint(until * v->st->time_base.den /
				  v->st->time_base.num);

	if (!v->pending)
		return 0;

	v->pending = false;
	p->duration = max(to - p->pts, (int64_t)1);
	p->stream_index = v->st->index;

	return rec_mux_put(v->mux, p, why, size);
}


/* Times go up by one at least */
static int emit(struct rec_videoout *v, AVPacket *p, char *why, size_t size)
{
	const AVRational tb = v->st->time_base;
	int err;

	if (v->pending && p->pts <= v->pkt->pts)
		p->pts = v->pkt->pts + 1;
	p->dts = p->pts;

	err = flush(v, (double)p->pts * tb.num / tb.den, why, size);
	if (err)
		return err;

	av_packet_move_ref(v->pkt, p);
	v->pending = true;
	++v->frames;

	return 0;
}


static int step_copied(struct rec_videoout *v, char *why, size_t size)
{
	struct seen *s = &v->seenv[0];
	const AVRational tb = v->st->time_base;
	int err;

	if (!s->any || s->next.pos >= v->end) {
		v->over = true;
		return flush(v, v->end, why, size);
	}

	if (av_new_packet(v->tmp, (int)s->next.len) < 0)
		return ENOMEM;

	memcpy(v->tmp->data, s->next.p, s->next.len);
	v->tmp->pts = llrint(fmax(s->next.pos, 0) * tb.den / tb.num);
	if (s->next.key)
		v->tmp->flags |= AV_PKT_FLAG_KEY;

	err = emit(v, v->tmp, why, size);
	av_packet_unref(v->tmp);
	s->any = rec_side_next(s->side, &s->next);

	return err;
}


/* NULL: no more */
static int encode(struct rec_videoout *v, AVFrame *f, char *why, size_t size)
{
	int e, err = 0;

	e = avcodec_send_frame(v->ctx, f);
	if (e < 0)
		return rec_av_error(why, size, "cannot encode pictures", e);

	while (!err && avcodec_receive_packet(v->ctx, v->tmp) >= 0) {
		av_packet_rescale_ts(v->tmp, v->ctx->time_base,
				     v->st->time_base);
		err = emit(v, v->tmp, why, size);
		av_packet_unref(v->tmp);
	}

	return err;
}


static struct seen *earliest(struct rec_videoout *v)
{
	struct seen *best = NULL;
	size_t i;

	for (i=0; i<v->seenc; i++) {

		struct seen *s = &v->seenv[i];

		if (s->any && s->next.pos < v->end &&
		    (!best || s->next.pos < best->next.pos))
			best = s;
	}

	return best;
}


static int step_made(struct rec_videoout *v, char *why, size_t size)
{
	struct seen *s = earliest(v);
	AVFrame *f = rec_canvas_frame(v->canvas);
	int err;

	if (s && s->next.pos <= (double)v->tick / FPS) {
		err = rec_canvas_draw(v->canvas, (unsigned)(s - v->seenv),
				      &s->next);
		v->dirty = true;
		s->any = rec_side_next(s->side, &s->next);
		return err;
	}

	if (v->dirty) {
		f->pts = v->tick++;
		v->dirty = false;
		return encode(v, f, why, size);
	}

	if (s) {
		v->tick = max(v->tick, (int64_t)ceil(s->next.pos * FPS));
		return 0;
	}

	v->over = true;
	err = encode(v, NULL, why, size);

	return err ? err : flush(v, v->end, why, size);
}


/**
 * Write a piece of the track
 *
 * @param v    Track
 * @param why  Set to what is wrong
 * @param size Size of that
 *
 * @return 0 if success, otherwise errorcode
 */
int rec_videoout_step(struct rec_videoout *v, char *why, size_t size)
{
	if (v->over)
		return 0;

	return v->canvas ? step_made(v, why, size)
		: step_copied(v, why, size);
}


/**
 * Tell how far a track has got
 *
 * @param v Track
 *
 * @return Time [s], negative if all of it is written
 */
double rec_videoout_time(const struct rec_videoout *v)
{
	if (v->over)
		return -1;
	if (v->canvas)
		return (double)v->tick / FPS;

	return v->seenv[0].any ? fmax(v->seenv[0].next.pos, 0) : v->end;
}


/**
 * Say what is in the track
 *
 * @param v Track
 *
 * @return JSON object, NULL if there is no memory
 */
json_t *rec_videoout_report(const struct rec_videoout *v)
{
	uint64_t lost = 0;
	size_t i;

	for (i=0; i<v->seenc; i++)
		lost += rec_side_lost(v->seenv[i].side);

	return json_pack("{s:s, s:s, s:i, s:i, s:I, s:I, s:b}",
			 "side", v->seenc > 1 ? "both"
			 : v->seenv[0].app ? "app" : "phone",
			 "codec", video_codec_name(v->codec),
			 "width", (int)v->width, "height", (int)v->height,
			 "frames", (json_int_t)v->frames,
			 "lost_frames", (json_int_t)lost,
			 "transcoded", v->canvas != NULL);
}
