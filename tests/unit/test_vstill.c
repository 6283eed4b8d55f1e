/**
 * @file test_vstill.c  Still pictures: files, sizes, keyframes, lifetimes
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


/* The first one at once, the next ones twice a second */
static void test_png(void **state)
{
	uint64_t t;
	(void)state;

	write_png("a", 640, 480);
	t = tmr_jiffies();
	begin("a");
	wait_frames(1);
	assert_int_equal(1, rig.keys);
	assert_in_range(rig.first, 0, 45000);
	assert_int_equal(640, rig.w);
	assert_int_equal(480, rig.h);
	/* studio range: 128 of 255 is 126 */
	assert_in_range(rig.shade, 120, 132);

	wait_frames(3);
	assert_int_equal(1, rig.keys);
	/* the clock is the wall's, however late this process is run */
	assert_in_range(rig.ts - rig.first, 85000,
			90 * (tmr_jiffies() - t + 10));
	assert_int_equal(1, fake_state().encoders);
	assert_int_equal(2, fake_state().fps);
}


static void test_jpeg(void **state)
{
	(void)state;

	write_picture("a", AV_CODEC_ID_MJPEG, AV_PIX_FMT_YUVJ420P, 800, 600);
	begin("a");
	wait_frames(1);
	assert_int_equal(800, rig.w);
	assert_in_range(rig.shade, 120, 132);
}


static void test_keyframe(void **state)
{
	uint64_t t;
	(void)state;

	write_png("a", 64, 64);
	begin("a");
	wait_frames(1);

	t = tmr_jiffies();
	vstill_keyframe(rig.vs);
	vstill_keyframe(rig.vs);
	wait_frames(2);
	assert_true(tmr_jiffies() - t < 450);
	assert_int_equal(2, rig.keys);
	wait_frames(3);
	assert_int_equal(2, rig.keys);
	vstill_keyframe(NULL);
}


static void test_sizes(void **state)
{
	static const struct {
		int w, h;
		unsigned stream_w, stream_h;
	} testv[] = {
		{  64,   64,  480, 480},  /* enlarged                      */
		{ 100,   50,  640, 320},
		{ 700,  700,  700, 700},  /* as it is                      */
		{1920, 1080, 1280, 720},  /* reduced                       */
		{1080, 1920,  720, 1280}, /* upright                       */
		{ 333,  201,  640, 384},  /* odd                           */
		{2000,   10, 1280,  60},  /* with bars above and below     */
		{   1,    1,  480, 480},
	};
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(testv); i++) {
		write_png("a", testv[i].w, testv[i].h);
		rig.frames = 0;
		begin("a");
		wait_frames(1);
		assert_int_equal(testv[i].stream_w, rig.w);
		assert_int_equal(testv[i].stream_h, rig.h);
		rig.vs = mem_deref(rig.vs);
	}
}


static void test_receiver_limits(void **state)
{
	struct vcodec h264 = fake_codec;
	struct vstill_param prm;
	(void)state;

	write_png("a", 640, 480);
	prm = param(path("a"));
	h264.codec   = VIDEO_H264;
	prm.enc      = &h264;
	prm.enc_fmtp = "profile-level-id=42e00a";
	assert_int_equal(0, vstill_alloc(&rig.vs, &prm, out_handler, &rig));
	wait_frames(1);

	/* level 1: 99 macroblocks, 64 kbit/s */
	assert_true((rig.w + 15) / 16 * ((rig.h + 15) / 16) <= 99);
	assert_int_equal(64000, fake_state().bitrate);
	rig.vs = mem_deref(rig.vs);
	jobthread_wait();
}


static void test_frozen(void **state)
{
	struct mbuf *pktv[3];
	struct vstill_param prm = param(NULL);
	uint8_t buf[FAKE_LEN];
	unsigned i;
	(void)state;

	for (i=0; i<3; i++) {
		fake_write(buf, sizeof(buf), i == 0, true, 352, 288, 77);
		pktv[i] = mbuf_alloc(sizeof(buf));
		(void)mbuf_write_mem(pktv[i], buf, sizeof(buf));
		pktv[i]->pos = 0;
	}

	prm.dec  = &fake_codec;
	prm.keyv = (const struct mbuf *const *)pktv;
	prm.keyc = 3;
	assert_int_equal(0, vstill_alloc(&rig.vs, &prm, out_handler, &rig));

	/* they were copied */
	for (i=0; i<3; i++)
		mem_deref(pktv[i]);

	wait_frames(2);
	assert_int_equal(77, rig.shade);
	assert_int_equal(1, rig.keys);
	assert_int_equal(586, rig.w);
	assert_int_equal(480, rig.h);
	assert_int_equal(1, fake_state().decoded);
	assert_int_equal(0, fake_state().decc);
}


/* Nothing is shown, and nothing breaks */
static void test_not_a_keyframe(void **state)
{
	struct vstill_param prm = param(NULL);
	const struct mbuf *keyv[1];
	uint8_t buf[FAKE_LEN];
	struct mbuf *mb = mbuf_alloc(64);
	(void)state;

	fake_write(buf, sizeof(buf), true, false, 352, 288, 77);
	(void)mbuf_write_mem(mb, buf, sizeof(buf));
	mb->pos = 0;
	keyv[0] = mb;
	prm.dec  = &fake_codec;
	prm.keyv = keyv;
	prm.keyc = 1;
	assert_int_equal(0, vstill_alloc(&rig.vs, &prm, out_handler, &rig));
	mem_deref(mb);
	tu_run(700);
	assert_int_equal(0, rig.frames);
}


static void check(int err, const char *name, const char *part)
{
	char why[128] = "?";

	assert_int_equal(err, vstill_check(path(name), why, sizeof(why)));

	if (err)
		assert_non_null(strstr(why, part));
	else
		assert_string_equal("", why);
}


static void test_check(void **state)
{
	static const char text[] = "#EXTM3U\nfile:/etc/passwd\n";
	static const char ffconcat[] = "ffconcat version 1.0\nfile b\n";
	static const char svg[] = "<svg xmlns='http://www.w3.org/2000/svg'/>";
	uint8_t png[4096];
	struct stat st;
	FILE *f;
	size_t n;
	(void)state;

	write_png("a", 64, 64);
	check(0, "a", NULL);
	write_picture("b", AV_CODEC_ID_MJPEG, AV_PIX_FMT_YUVJ420P, 64, 64);
	check(0, "b", NULL);

	check(ENOENT, "missing", "No such file");
	check(ENOENT, ".", "not a file");
	write_file("b", "", 0);
	check(ENOENT, "b", "empty");
	write_file("b", text, sizeof(text));
	check(EBADMSG, "b", "not a PNG or JPEG");
	write_file("b", ffconcat, sizeof(ffconcat));
	check(EBADMSG, "b", "not a PNG or JPEG");
	write_file("b", svg, sizeof(svg));
	check(EBADMSG, "b", "not a PNG or JPEG");

	/* cut off, at every place */
	assert_int_equal(0, stat(path("a"), &st));
	assert_true(st.st_size < (off_t)sizeof(png));
	f = fopen(path("a"), "r");
	assert_non_null(f);
	assert_int_equal(st.st_size, fread(png, 1, sizeof(png), f));
	fclose(f);

	for (n=1; n<40; n++) {
		write_file("b", png, n);
		check(EBADMSG, "b", "not a PNG or JPEG");
	}

	/* one that says it is enormous */
	png[16] = png[20] = 0x00;
	png[17] = png[21] = 0x40;
	write_file("b", png, st.st_size);
	check(EBADMSG, "b", "too large");

	f = fopen(path("b"), "w");
	assert_non_null(f);
	assert_int_equal(0, ftruncate(fileno(f), VPICTURE_FILE_MAX + 1));
	fclose(f);
	check(ENOENT, "b", "larger than 8 MB");
}


static void test_bad_file(void **state)
{
	(void)state;

	write_file("a", "no picture", 10);
	begin("a");
	tu_run(700);
	assert_int_equal(0, rig.frames);
	assert_int_equal(0, fake_state().encoders);
}


static void test_stop(void **state)
{
	(void)state;

	write_png("a", 64, 64);
	begin("a");
	rig.vs = mem_deref(rig.vs);

	fake_gate(true);
	begin("a");
	assert_true(tu_wait(fake_is_waiting, NULL, TIMEOUT));
	rig.vs = mem_deref(rig.vs);
	fake_gate(false);
	tu_run(20);
	assert_int_equal(0, rig.frames);

	rig.free_in_handler = true;
	begin("a");
	wait_frames(1);
	assert_null(rig.vs);
}


/* A slow worker gets no second job */
static void test_busy(void **state)
{
	(void)state;

	write_png("a", 64, 64);
	fake_gate(true);
	begin("a");
	tu_run(1300);
	fake_gate(false);
	wait_frames(1);
	tu_run(50);
	assert_int_equal(1, rig.frames);
}


static void test_params(void **state)
{
	struct vcodec none = {.codec = VIDEO_VP8};
	struct vstill_param prm = param(NULL);
	(void)state;

	assert_int_equal(EINVAL, vstill_alloc(&rig.vs, &prm, out_handler,
					      NULL));
	prm = param("a");
	assert_int_equal(EINVAL, vstill_alloc(&rig.vs, &prm, NULL, NULL));
	prm.enc = &none;
	assert_int_equal(EINVAL, vstill_alloc(&rig.vs, &prm, out_handler,
					      NULL));
	assert_null(rig.vs);
}


#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_png),
		TEST(test_jpeg),
		TEST(test_keyframe),
		TEST(test_sizes),
		TEST(test_receiver_limits),
		TEST(test_frozen),
		TEST(test_not_a_keyframe),
		TEST(test_check),
		TEST(test_bad_file),
		TEST(test_stop),
		TEST(test_busy),
		TEST(test_params),
	};

	av_log_set_level(AV_LOG_QUIET);
	vav_set(&connectycube_av);

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
