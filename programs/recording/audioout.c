/**
 * @file audioout.c  The time-line as a track of sound
 */
#include <string.h>
#include <re.h>
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/opt.h>
#include "recording.h"
#include "output.h"


enum {
	BITRATE = 64000,        /**< Both sides, apart from each other     */
	CHUNK   = 1024,         /**< Samples of a frame of PCM             */
};

struct rec_audioout {
	struct rec_timeline *tl; /**< (owner)                              */
	struct rec_mux *mux;    /**< (pointer)                             */
	AVCodecContext *ctx;    /**< (owner)                               */
	AVStream *st;           /**< (pointer)                             */
	AVFrame *frame;         /**< (owner)                               */
	AVPacket *pkt;          /**< (owner)                               */
	int64_t pts;            /**< Samples made                          */
	bool over;              /**< All are                               */
	int16_t *v;             /**< Room for a frame (owner)              */
};


static void destructor(void *arg)
{
	struct rec_audioout *a = arg;

	av_packet_free(&a->pkt);
	av_frame_free(&a->frame);
	avcodec_free_context(&a->ctx);
	mem_deref(a->tl);
	mem_deref(a->v);
}


static int encoder_open(struct rec_audioout *a, const struct rec_container *c,
			uint32_t rate, char *why, size_t size)
{
	const AVCodec *codec = avcodec_find_encoder_by_name(c->audio);
	int e;

	if (!codec) {
		re_snprintf(why, size, "libav has no encoder %s", c->audio);
		return ENOTSUP;
	}

	a->ctx = avcodec_alloc_context3(codec);
	if (!a->ctx)
		return ENOMEM;

	a->ctx->sample_rate  = (int)rate;
	a->ctx->sample_fmt   = codec->id == AV_CODEC_ID_AAC
		? AV_SAMPLE_FMT_FLTP : AV_SAMPLE_FMT_S16;
	a->ctx->bit_rate     = BITRATE;
	a->ctx->time_base    = (AVRational){1, (int)rate};
	a->ctx->thread_count = 1;
	a->ctx->flags       |= AV_CODEC_FLAG_BITEXACT;
	a->ctx->compression_level = 5;
	av_channel_layout_default(&a->ctx->ch_layout, REC_SIDES);
	if (codec->id == AV_CODEC_ID_AAC)
		(void)av_opt_set(a->ctx->priv_data, "aac_coder", "fast", 0);
	if (rec_mux_context(a->mux)->oformat->flags & AVFMT_GLOBALHEADER)
		a->ctx->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;

	e = avcodec_open2(a->ctx, codec, NULL);

	return e < 0 ? rec_av_error(why, size, c->audio, e) : 0;
}


static int frame_room(struct rec_audioout *a)
{
	AVFrame *f = a->frame;

	f->nb_samples  = a->ctx->frame_size ? a->ctx->frame_size : CHUNK;
	f->format      = a->ctx->sample_fmt;
	f->sample_rate = a->ctx->sample_rate;
	(void)av_channel_layout_copy(&f->ch_layout, &a->ctx->ch_layout);

	a->v = mem_zalloc((size_t)f->nb_samples * REC_SIDES * sizeof(*a->v),
			  NULL);

	return !a->v || av_frame_get_buffer(f, 0) < 0 ? ENOMEM : 0;
}


/**
 * Add a track of sound to a file
 *
 * @param ap   Pointer to allocated track
 * @param rec  What is in the raw file
 * @param mux  File
 * @param c    Its format
 * @param why  Set to what is wrong
 * @param size Size of that
 *
 * @return 0 if success, otherwise errorcode
 */
int rec_audioout_alloc(struct rec_audioout **ap, const struct rec *rec,
		       struct rec_mux *mux, const struct rec_container *c,
		       char *why, size_t size)
{
	const bool pcm = !strcmp(c->name, "wav");
	const uint32_t rate = pcm ? rec_best_rate(rec) : REC_RATE;
	struct rec_audioout *a;
	int err;

	a = mem_zalloc(sizeof(*a), destructor);
	if (!a)
		return ENOMEM;

	a->mux   = mux;
	a->frame = av_frame_alloc();
	a->pkt   = av_packet_alloc();
	a->st    = avformat_new_stream(rec_mux_context(mux), NULL);
	err = a->frame && a->pkt && a->st ? 0 : ENOMEM;
	if (!err)
		err = rec_timeline_alloc(&a->tl, rec, rate);
	if (!err)
		err = encoder_open(a, c, rate, why, size);
	if (!err)
		err = frame_room(a);
	if (err)
		goto out;

	a->st->time_base = a->ctx->time_base;
	if (avcodec_parameters_from_context(a->st->codecpar, a->ctx) < 0)
		err = ENOMEM;

 out:
	if (err)
		mem_deref(a);
	else
		*ap = a;

	return err;
}


static int take_packets(struct rec_audioout *a, char *why, size_t size)
{
	int err = 0;

	while (!err && avcodec_receive_packet(a->ctx, a->pkt) >= 0) {

		av_packet_rescale_ts(a->pkt, a->ctx->time_base,
				     a->st->time_base);
		a->pkt->stream_index = a->st->index;
		err = rec_mux_put(a->mux, a->pkt, why, size);
	}

	return err;
}


static void set_samples(AVFrame *f, const int16_t *v, size_t n)
{
	size_t i, ch;

	for (i=0; i<n; i++) {
		for (ch=0; ch<REC_SIDES; ch++) {

			const int16_t s = v[i * REC_SIDES + ch];

			if (f->format == AV_SAMPLE_FMT_FLTP)
				((float *)(void *)f->data[ch])[i] =
					s / 32768.0f;
			else
				((int16_t *)(void *)f->data[0])
					[i * REC_SIDES + ch] = s;
		}
	}
}


/**
 * Write a piece of the track
 *
 * @param a    Track
 * @param why  Set to what is wrong
 * @param size Size of that
 *
 * @return 0 if success, otherwise errorcode
 */
int rec_audioout_step(struct rec_audioout *a, char *why, size_t size)
{
	AVFrame *f = a->frame;
	const size_t room = a->ctx->frame_size ? (size_t)a->ctx->frame_size
		: CHUNK;
	size_t n = 0, k;
	int e, err;

	if (a->over)
		return 0;

	do {
		k   = room - n;
		err = rec_timeline_read(a->tl, a->v + n * REC_SIDES, &k);
		n  += k;
	}
	while (!err && k && n < room);

	if (!err && av_frame_make_writable(f) < 0)
		err = ENOMEM;
	if (err)
		return err;

	a->over = n < room;
	f->pts  = a->pts;
	f->nb_samples = (int)n;
	set_samples(f, a->v, n);
	a->pts += (int64_t)n;

	e = n ? avcodec_send_frame(a->ctx, f) : 0;
	if (e >= 0 && a->over)
		e = avcodec_send_frame(a->ctx, NULL);
	if (e < 0)
		return rec_av_error(why, size, "cannot encode sound", e);

	return take_packets(a, why, size);
}


/**
 * Tell how far a track has got
 *
 * @param a Track
 *
 * @return Time [s], negative if all of it is written
 */
double rec_audioout_time(const struct rec_audioout *a)
{
	return a->over ? -1 : (double)a->pts / a->ctx->sample_rate;
}


/**
 * Tell what was missing
 *
 * @param a    Track
 * @param loss Set to what was missing
 */
void rec_audioout_loss(const struct rec_audioout *a, struct rec_loss *loss)
{
	rec_timeline_loss(a->tl, loss);
}
