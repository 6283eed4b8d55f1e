/**
 * @file encoder.c  An encoder of pictures, whichever libav was built with
 */
#include <re.h>
#include <libavcodec/avcodec.h>
#include <libavutil/opt.h>
#include "audio/audio.h"
#include "video/video.h"
#include "recording.h"
#include "output.h"
#include "encoder.h"


/** One of libav's encoders, and what makes it quick rather than small */
struct known {
	enum video_codec codec;
	const char *name;
	const char *optv[3][2];
};

static const struct known knownv[] = {
	{VIDEO_H264, "libx264", {{"preset", "veryfast"},
				 {"tune", "zerolatency"}}},
	{VIDEO_H264, "libopenh264", {{NULL, NULL}}},
	{VIDEO_VP8, "libvpx", {{"deadline", "realtime"}, {"cpu-used", "6"},
			       {"lag-in-frames", "0"}}},
};


static const AVCodec *find(const struct known **kp, enum video_codec codec)
{
	size_t i;

	for (i=0; i<ARRAY_SIZE(knownv); i++) {

		const AVCodec *av = knownv[i].codec == codec
			? avcodec_find_encoder_by_name(knownv[i].name) : NULL;

		if (av) {
			*kp = &knownv[i];
			return av;
		}
	}

	return NULL;
}


/**
 * Open an encoder
 *
 * @param ctxp   Pointer to the encoder, freed by avcodec_free_context()
 * @param codec  Codec
 * @param width  Width [pixels]
 * @param height Height [pixels]
 * @param fps    Most pictures a second
 * @param global The file wants its parameters in its head
 * @param why    Set to what is wrong
 * @param size   Size of that
 *
 * @return 0 if success, ENOTSUP if there is none, otherwise errorcode
 */
int rec_encoder_open(struct AVCodecContext **ctxp, enum video_codec codec,
		     unsigned width, unsigned height, int fps, bool global,
		     char *why, size_t size)
{
	const struct known *k = NULL;
	const AVCodec *av = find(&k, codec);
	AVCodecContext *ctx;
	size_t i;
	int e;

	if (!av) {
		re_snprintf(why, size, "libav has no encoder of %s",
			    video_codec_name(codec));
		return ENOTSUP;
	}

	ctx = avcodec_alloc_context3(av);
	if (!ctx)
		return ENOMEM;

	ctx->width        = (int)width;
	ctx->height       = (int)height;
	ctx->pix_fmt      = AV_PIX_FMT_YUV420P;
	ctx->time_base    = (AVRational){1, fps};
	ctx->framerate    = (AVRational){fps, 1};
	ctx->bit_rate     = 200000 + (int64_t)width * height * 2;
	ctx->gop_size     = 10 * fps;
	ctx->max_b_frames = 0;
	ctx->thread_count = 1;
	ctx->flags       |= AV_CODEC_FLAG_BITEXACT |
		(global ? AV_CODEC_FLAG_GLOBAL_HEADER : 0);
	for (i=0; i<ARRAY_SIZE(k->optv); i++)
		if (k->optv[i][0])
			(void)av_opt_set(ctx->priv_data, k->optv[i][0],
					 k->optv[i][1], 0);

	e = avcodec_open2(ctx, av, NULL);
	if (e < 0) {
		avcodec_free_context(&ctx);
		return rec_av_error(why, size, k->name, e);
	}

	*ctxp = ctx;

	return 0;
}
