/**
 * @file tests/bench/vencode.c  A moving picture, as H.264 and as VP8
 *
 * 640x480 at 30 frames/s and some 800 kbit/s, encoded once as a camera would
 * (no B frames, one keyframe at the start), in packets as they are sent.
 */
#include <math.h>
#include <string.h>
#include <libavcodec/avcodec.h>
#include <libavutil/opt.h>
#include <re.h>
#include "video/payload/h264.h"
#include "bench.h"


enum {
	WIDTH   = 640,
	HEIGHT  = 480,
	FRAMES  = 3 * FPS,
	BITRATE = 800000,       /**< [bit/s]                               */
	FRAG    = 1140,         /**< Longest payload [bytes]               */
};


/* Somebody in front of a wall: a textured background that stands still, a
   textured disc that moves about, and a camera's noise */
static uint8_t luma(int x, int y, int n)
{
	static uint32_t s = 7;
	const double t = (double)n / FPS;
	const int cx = (int)(WIDTH / 2 + 120 * sin(2 * M_PI * t / 3));
	const int cy = (int)(HEIGHT / 2 + 40 * sin(4 * M_PI * t / 3));
	const int dx = x - cx, dy = y - cy;
	int v;

	s = s * 1664525 + 1013904223;

	if (dx * dx + dy * dy < 130 * 130)
		v = 150 + ((dx / 9 + dy / 7) & 3) * 12;
	else
		v = 60 + ((x / 16) ^ (y / 16)) % 8 * 8 + x / 16;

	return (uint8_t)(v + (int)(s >> 30));
}


static void draw(AVFrame *fr, int n)
{
	int x, y;

	for (y=0; y<HEIGHT; y++) {
		for (x=0; x<WIDTH; x++)
			fr->data[0][y * fr->linesize[0] + x] = luma(x, y, n);
	}

	for (y=0; y<HEIGHT / 2; y++) {
		memset(fr->data[1] + y * fr->linesize[1], 110 + y / 16,
		       WIDTH / 2);
		memset(fr->data[2] + y * fr->linesize[2], 140 - y / 16,
		       WIDTH / 2);
	}

	fr->pts = n;
}


static AVCodecContext *open_encoder(bool h264)
{
	const AVCodec *codec;
	AVCodecContext *ctx;

	codec = avcodec_find_encoder_by_name(h264 ? "libx264" : "libvpx");
	ctx   = codec ? avcodec_alloc_context3(codec) : NULL;
	if (!ctx)
		return NULL;

	ctx->width        = WIDTH;
	ctx->height       = HEIGHT;
	ctx->time_base    = (AVRational){1, FPS};
	ctx->framerate    = (AVRational){FPS, 1};
	ctx->pix_fmt      = AV_PIX_FMT_YUV420P;
	ctx->bit_rate     = BITRATE;
	ctx->rc_max_rate  = BITRATE;
	ctx->rc_buffer_size = BITRATE / 2;
	ctx->gop_size     = FRAMES;
	ctx->max_b_frames = 0;

	if (h264) {
		(void)av_opt_set(ctx->priv_data, "preset", "veryfast", 0);
		(void)av_opt_set(ctx->priv_data, "tune", "zerolatency", 0);
		(void)av_opt_set(ctx->priv_data, "profile", "baseline", 0);
		(void)av_opt_set(ctx->priv_data, "x264-params",
				 "repeat-headers=1:sliced-threads=0", 0);
	}
	else {
		(void)av_opt_set(ctx->priv_data, "deadline", "realtime", 0);
		(void)av_opt_set_int(ctx->priv_data, "cpu-used", 8, 0);
		(void)av_opt_set_int(ctx->priv_data, "lag-in-frames", 0, 0);
	}

	if (avcodec_open2(ctx, codec, NULL) < 0)
		avcodec_free_context(&ctx);

	return ctx;
}


static int add_handler(const uint8_t *buf, size_t len, bool marker, void *arg)
{
	(void)marker;

	return vstream_add(arg, buf, len) ? 0 : ENOMEM;
}


/* The next start code, or the end (ITU-T H.264 annex B) */
static const uint8_t *start_code(const uint8_t *p, const uint8_t *end)
{
	for (; p + 3 <= end; p++) {
		if (!p[0] && !p[1] && p[2] == 1)
			return p;
	}

	return end;
}


static int add_h264(struct vframe *frame, const uint8_t *p, size_t len)
{
	const uint8_t *end = p + len, *nal, *next;
	int err = 0;

	for (nal = start_code(p, end); nal < end && !err; nal = next) {

		nal += 3;
		next = start_code(nal, end);
		len  = (size_t)(next - nal);
		if (next < end && !nal[len - 1])
			--len;

		err = h264_pack(nal, len, 1, FRAG, true, add_handler, frame);
	}

	return err;
}


/* RFC 7741: the short descriptor, with the S bit where the frame begins */
static int add_vp8(struct vframe *frame, const uint8_t *p, size_t len)
{
	uint8_t buf[FRAG];
	size_t n;

	for (buf[0] = 0x10; len; buf[0] = 0) {

		n = min(len, sizeof(buf) - 1);
		memcpy(buf + 1, p, n);
		if (!vstream_add(frame, buf, n + 1))
			return ENOMEM;

		p   += n;
		len -= n;
	}

	return 0;
}


static int encode_all(struct vstream *st, bool h264, AVCodecContext *ctx,
		      AVFrame *fr, AVPacket *pkt)
{
	int n, err = 0;

	for (n=0; n<FRAMES && !err; n++) {

		draw(fr, n);
		if (avcodec_send_frame(ctx, fr) < 0 ||
		    avcodec_receive_packet(ctx, pkt) < 0)
			return EPROTO;

		err = (h264 ? add_h264 : add_vp8)(&st->framev[n], pkt->data,
						  (size_t)pkt->size);
		av_packet_unref(pkt);
		st->framec = (size_t)n + 1;
	}

	return err;
}


int vencode(struct vstream *st, bool h264)
{
	AVCodecContext *ctx;
	AVPacket *pkt = av_packet_alloc();
	AVFrame *fr = av_frame_alloc();
	int err = ENOMEM;

	av_log_set_level(AV_LOG_ERROR);
	ctx = open_encoder(h264);
	st->framev = mem_zalloc(FRAMES * sizeof(*st->framev), NULL);
	if (!ctx || !pkt || !fr || !st->framev)
		goto out;

	fr->format = AV_PIX_FMT_YUV420P;
	fr->width  = WIDTH;
	fr->height = HEIGHT;
	if (av_frame_get_buffer(fr, 0) < 0)
		goto out;

	err = encode_all(st, h264, ctx, fr, pkt);

 out:
	av_frame_free(&fr);
	av_packet_free(&pkt);
	avcodec_free_context(&ctx);

	return err;
}
