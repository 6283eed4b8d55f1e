/**
 * @file vstill_rig.h  What the tests of still pictures share
 */
#include "testutil.h"
#include <unistd.h>
#include <sys/stat.h>
#include <rem.h>
#include <libavcodec/avcodec.h>
#include "audio/audio.h"
#include "rtp/clock.h"
#include "video/video.h"
#include "video/xcode/codec.h"
#include "video/xcode/libav.h"
#include "video/xcode/picture.h"
#include "base/jobthread.h"
#include "video/xcode/transcoder.h"
#include "video/xcode/still.h"
#include "connectycube_av/av.h"
#include "vcodec_rig.h"


enum {
	TIMEOUT = 60000,        /**< For what must happen [ms]             */
	GREY    = 0x80,         /**< Shade of the pictures, in RGB         */
};

static struct {
	struct vstill *vs;
	char dir[64];
	unsigned frames;
	unsigned keys;
	unsigned want;
	uint32_t ts, first;
	uint8_t shade;
	unsigned w, h;
	bool free_in_handler;
} rig;


static const char *path(const char *name)
{
	static char buf[128];

	(void)re_snprintf(buf, sizeof(buf), "%s/%s", rig.dir, name);

	return buf;
}


static void write_file(const char *name, const void *buf, size_t len)
{
	FILE *f = fopen(path(name), "w");

	assert_non_null(f);
	assert_int_equal(len, fwrite(buf, 1, len, f));
	assert_int_equal(0, fclose(f));
}


/* One shade of grey, by libavcodec */
static void write_picture(const char *name, enum AVCodecID id,
			  enum AVPixelFormat fmt, int w, int h)
{
	const AVCodec *codec = avcodec_find_encoder(id);
	AVCodecContext *ctx = avcodec_alloc_context3(codec);
	AVFrame *f = av_frame_alloc();
	AVPacket *pkt = av_packet_alloc();
	int i;

	assert_true(ctx && f && pkt);
	f->format = ctx->pix_fmt = fmt;
	f->width  = ctx->width  = w;
	f->height = ctx->height = h;
	ctx->time_base = (AVRational){1, 1};
	assert_int_equal(0, avcodec_open2(ctx, codec, NULL));
	assert_int_equal(0, av_frame_get_buffer(f, 0));

	for (i=0; i<3 && f->data[i]; i++)
		memset(f->data[i], GREY, (size_t)f->linesize[i] *
		       (i && fmt == AV_PIX_FMT_YUVJ420P ? (h + 1) / 2 : h));

	assert_int_equal(0, avcodec_send_frame(ctx, f));
	(void)avcodec_send_frame(ctx, NULL);
	assert_int_equal(0, avcodec_receive_packet(ctx, pkt));
	write_file(name, pkt->data, pkt->size);

	av_packet_free(&pkt);
	av_frame_free(&f);
	avcodec_free_context(&ctx);
}


static void write_png(const char *name, int w, int h)
{
	write_picture(name, AV_CODEC_ID_PNG, AV_PIX_FMT_RGB24, w, h);
}


static void out_handler(bool marker, uint32_t ts, bool key,
			const uint8_t *buf, size_t len, void *arg)
{
	assert_ptr_equal(arg, &rig);
	assert_true(len >= FAKE_LEN);

	if (!rig.frames)
		rig.first = ts;

	rig.ts    = ts;
	rig.shade = buf[FAKE_SHADE];
	rig.w     = buf[7] | buf[8] << 8;
	rig.h     = buf[9] | buf[10] << 8;

	if (rig.free_in_handler)
		rig.vs = mem_deref(rig.vs);

	if (marker) {
		++rig.frames;
		rig.keys += key;
	}
}


static int setup(void **state)
{
	(void)state;

	memset(&rig, 0, sizeof(rig));
	str_ncpy(rig.dir, "/tmp/test_vstill.XXXXXX", sizeof(rig.dir));
	fake_reset();

	return mkdtemp(rig.dir) ? 0 : -1;
}


static int teardown(void **state)
{
	static const char *const namev[] = {"a", "b", "c"};
	struct fake_state st;
	size_t i;
	(void)state;

	fake_gate(false);
	rig.vs = mem_deref(rig.vs);
	jobthread_wait();

	for (i=0; i<ARRAY_SIZE(namev); i++)
		(void)unlink(path(namev[i]));
	(void)rmdir(rig.dir);

	st = fake_state();

	return st.encc || st.decc || st.onloop ? -1 : 0;
}


static struct vstill_param param(const char *file)
{
	return (struct vstill_param) {
		.enc        = &fake_codec,
		.pktsize    = 1000,
		.width_max  = 1280,
		.height_max = 720,
		.bitrate    = 100000,
		.file       = file,
	};
}


static void begin(const char *name)
{
	const struct vstill_param prm = param(path(name));

	assert_int_equal(0, vstill_alloc(&rig.vs, &prm, out_handler, &rig));
}


static bool has_frames(void *arg)
{
	(void)arg;

	return rig.frames >= rig.want;
}


static void wait_frames(unsigned n)
{
	rig.want = n;
	assert_true(tu_wait(has_frames, NULL, TIMEOUT));
}


#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
