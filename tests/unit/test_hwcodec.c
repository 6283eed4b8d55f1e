/**
 * @file test_hwcodec.c  Hardware codecs: what is there, and the way back
 *
 * No device is needed, and none is proven to work: libx264 stands in for an
 * encoder of hardware that takes its pictures from memory.
 */
#include "testutil.h"
#include <stdlib.h>
#include <rem.h>
#include <libavutil/log.h>
#include "audio/audio.h"
#include "video/video.h"
#include "video/payload/h264.h"
#include "video/xcode/codec.h"
#include "connectycube_av/av.h"
#include "vcodec_rig.h"


enum {
	MTU    = 300,
	WIDTH  = 128,
	HEIGHT = 96,
	FRAME  = 3000,          /**< [90 kHz]                              */
};

static struct {
	struct list vcodecl;
	struct vcodec sw;
	struct vcodec_dec *dec; /**< Of what is encoded, or NULL           */
	uint16_t seq;
	unsigned frames, fragments, idrs, sw_packets;
	unsigned seen;          /**< Pictures of the right shade           */
	unsigned shade;
	size_t longest;
	struct h264_fmtp ps;    /**< Parameter sets that came              */
	bool strip;             /**< They do not reach the decoder         */
	unsigned errors;        /**< Of the decoder                        */
} rig;


static const struct vcodec *codec(bool encoder)
{
	return vcodec_find(&rig.vcodecl, VIDEO_H264, encoder);
}


static void see(const struct vidframe *f)
{
	const uint8_t *p = f->data[0] +
		(size_t)f->size.h / 2 * f->linesize[0] + f->size.w / 2;

	assert_int_equal(WIDTH, f->size.w);
	assert_int_equal(HEIGHT, f->size.h);

	if (abs((int)*p - (int)rig.shade) < 12)
		++rig.seen;
}


static void decode(bool marker, const uint8_t *buf, size_t len)
{
	struct vidframe f;
	bool intra;

	if (codec(false)->decode(rig.dec, &f, &intra, marker, rig.seq++, buf,
				 len))
		++rig.errors;
	else if (f.data[0])
		see(&f);
}


static int packet_handler(bool marker, const uint8_t *buf, size_t len,
			  void *arg)
{
	const unsigned type = buf[0] & 0x1f;
	(void)arg;

	rig.frames += marker;
	rig.longest = max(rig.longest, len);
	rig.fragments += type == H264_FU_A;
	rig.idrs += type == H264_IDR ||
		(type == H264_FU_A && (buf[1] & 0x9f) == (0x80 | H264_IDR));

	if (type == H264_SPS)
		memcpy(rig.ps.sps, buf, rig.ps.spslen = len);
	if (type == H264_PPS)
		memcpy(rig.ps.pps, buf, rig.ps.ppslen = len);

	if (rig.dec && !(rig.strip && (type == H264_SPS || type == H264_PPS)))
		decode(marker, buf, len);

	return 0;
}


static int setup(void **state)
{
	(void)state;

	memset(&rig, 0, sizeof(rig));
	fake_reset();
	rig.sw = fake_codec;
	rig.sw.codec = VIDEO_H264;
	vcodec_register(&rig.vcodecl, &rig.sw);

	return 0;
}


static int teardown(void **state)
{
	(void)state;

	rig.dec = mem_deref(rig.dec);
	list_unlink(&rig.sw.le);
	list_flush(&rig.vcodecl);

	return fake_state().encc ? -1 : 0;
}


static struct vcodec_enc *encoder(const char *fmtp)
{
	const struct vcodec_param prm = {
		.bitrate = 500000, .fps = 30, .pktsize = MTU, .fmtp = fmtp,
	};
	struct vcodec_enc *enc = NULL;

	assert_int_equal(0, codec(true)->enc_alloc(&enc, codec(true), &prm,
						   packet_handler, NULL));

	return enc;
}


/* Noise, so that it takes some packets, around a middle of one shade */
static void draw(struct vidframe *f, unsigned shade)
{
	unsigned i, rnd = 1;

	for (i=0; i<f->size.h * (unsigned)f->linesize[0]; i++) {
		const unsigned y = i / f->linesize[0];

		rnd = rnd * 1103515245 + 12345;
		f->data[0][i] = y > f->size.h / 4 && y < f->size.h * 3 / 4 ?
			shade : rnd >> 24;
	}
	memset(f->data[1], 128, f->size.h / 2 * f->linesize[1]);
	memset(f->data[2], 128, f->size.h / 2 * f->linesize[2]);
	rig.shade = shade;
}


static void encode(struct vcodec_enc *enc, unsigned n, unsigned key)
{
	const struct vidsz sz = {WIDTH, HEIGHT};
	struct vidframe *f;
	unsigned i;

	assert_int_equal(0, vidframe_alloc(&f, VID_FMT_YUV420P, &sz));

	for (i=0; i<n; i++) {
		draw(f, 60 + i * 8);
		assert_int_equal(0, codec(true)->encode(enc, i == key, f,
							i * FRAME));
	}

	mem_deref(f);
}


static void add_x264(void)
{
	char why[128];

	if (hwenc_add(&rig.vcodecl, "libx264", NULL, why, sizeof(why)))
		skip();

	assert_ptr_not_equal(&rig.sw, codec(true));
	assert_ptr_equal(&rig.sw, codec(false));
}


static void test_no_encoder(void **state)
{
	static const struct {
		const char *name;
		const char *device;
		int err;
		const char *why;
	} testv[] = {
		{"h264_vaapi", "/dev/dri/none", ENODEV, "no device"},
		{"h264_none", NULL, ENOENT, "no such encoder"},
		{"mpeg4", NULL, ENOENT, "no such encoder"},
	};
	char why[128];
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(testv); i++) {
		assert_int_equal(testv[i].err,
				 hwenc_add(&rig.vcodecl, testv[i].name,
					   testv[i].device, why, sizeof(why)));
		assert_non_null(strstr(why, testv[i].why));
		assert_ptr_equal(&rig.sw, codec(true));
	}

	assert_int_equal(EINVAL, hwenc_add(&rig.vcodecl, NULL, NULL, why,
					   sizeof(why)));
}


static void test_no_decoder(void **state)
{
	char why[128];
	(void)state;

	assert_int_equal(ENODEV, hwdec_add(&rig.vcodecl, "vaapi",
					   "/dev/dri/none", why, sizeof(why)));
	assert_non_null(strstr(why, "no device"));
	assert_int_equal(ENOENT, hwdec_add(&rig.vcodecl, "none", NULL, why,
					   sizeof(why)));
	assert_non_null(strstr(why, "no such kind"));
	assert_int_equal(ENOTSUP, hwdec_add(&rig.vcodecl, "opencl", NULL, why,
					    sizeof(why)));
	assert_ptr_equal(&rig.sw, codec(false));
}


static void test_encode(void **state)
{
	struct vcodec_enc *enc;
	char why[128];
	(void)state;

	add_x264();
	assert_int_equal(0, hwdec_add(&rig.vcodecl, "software", NULL, why,
				      sizeof(why)));
	assert_int_equal(0, codec(false)->dec_alloc(&rig.dec, codec(false),
						    NULL));

	enc = encoder("packetization-mode=1");
	encode(enc, 20, 10);
	mem_deref(enc);

	assert_int_equal(20, rig.frames);
	assert_int_equal(20, rig.seen);
	assert_int_equal(0, rig.errors);
	assert_int_equal(2, rig.idrs);
	assert_true(rig.fragments > 0);
	assert_in_range(rig.longest, MTU / 2, MTU);
	assert_int_equal(0, fake_state().encoded);
}


/* A NAL unit is a packet, whatever its size */
static void test_mode_0(void **state)
{
	struct vcodec_enc *enc;
	(void)state;

	add_x264();
	enc = encoder(NULL);
	encode(enc, 3, 0);
	mem_deref(enc);

	assert_int_equal(3, rig.frames);
	assert_int_equal(0, rig.fragments);
	assert_true(rig.longest > MTU);
}


/* It cannot do a picture without width; it is not tried again then, in this
   call and others */
static void test_fall_back(void **state)
{
	const struct vidsz sz = {WIDTH, HEIGHT};
	struct vidframe *empty;
	struct vcodec_enc *enc;
	(void)state;

	add_x264();
	assert_int_equal(0, vidframe_alloc(&empty, VID_FMT_YUV420P, &sz));
	vidframe_fill(empty, 0, 0, 0);
	empty->size.w = 0;

	enc = encoder(NULL);
	encode(enc, 2, 0);
	assert_int_equal(0, fake_state().encoded);

	assert_int_equal(0, codec(true)->encode(enc, false, empty, 90000));
	assert_int_equal(1, fake_state().encoders);
	assert_int_equal(1, fake_state().encoded);
	assert_int_equal(500000, fake_state().bitrate);

	encode(enc, 2, 0);
	assert_int_equal(3, fake_state().encoded);
	mem_deref(enc);

	enc = encoder(NULL);
	assert_int_equal(2, fake_state().encoders);
	encode(enc, 1, 0);
	assert_int_equal(4, fake_state().encoded);
	mem_deref(enc);
	mem_deref(empty);
}


static void test_nothing_behind(void **state)
{
	const struct vidsz sz = {WIDTH, HEIGHT};
	struct vidframe *empty;
	struct vcodec_enc *enc;
	(void)state;

	list_unlink(&rig.sw.le);
	if (hwenc_add(&rig.vcodecl, "libx264", NULL, (char[64]){""}, 64))
		skip();

	assert_int_equal(0, vidframe_alloc(&empty, VID_FMT_YUV420P, &sz));
	vidframe_fill(empty, 0, 0, 0);
	empty->size.w = 0;
	enc = encoder(NULL);
	assert_int_equal(EIO, codec(true)->encode(enc, false, empty, 0));
	mem_deref(enc);
	mem_deref(empty);
}


static void decode_stripped(const char *fmtp)
{
	struct vcodec_enc *enc = encoder("packetization-mode=1");

	rig.seen   = 0;
	rig.errors = 0;
	assert_int_equal(0, codec(false)->dec_alloc(&rig.dec, codec(false),
						    fmtp));
	encode(enc, 3, 0);
	rig.dec = mem_deref(rig.dec);
	mem_deref(enc);
}


/* Parameter sets that are in SDP alone */
static void test_sprop(void **state)
{
	struct vcodec_enc *enc;
	char fmtp[256], why[128];
	(void)state;

	add_x264();
	assert_int_equal(0, hwdec_add(&rig.vcodecl, "software", NULL, why,
				      sizeof(why)));
	enc = encoder("packetization-mode=1");
	encode(enc, 1, 0);
	mem_deref(enc);
	(void)re_snprintf(fmtp, sizeof(fmtp), "%H", h264_fmtp_print, &rig.ps);

	rig.strip = true;
	decode_stripped(NULL);
	assert_int_equal(0, rig.seen);
	assert_int_equal(3, rig.errors);

	decode_stripped(fmtp);
	assert_int_equal(3, rig.seen);
	assert_int_equal(0, rig.errors);
}


/* Nothing that comes makes it crash */
static void test_decode_garbage(void **state)
{
	uint8_t buf[64];
	unsigned i, j, rnd = 7;
	char why[128];
	(void)state;

	assert_int_equal(0, hwdec_add(&rig.vcodecl, "software", NULL, why,
				      sizeof(why)));
	assert_int_equal(0, codec(false)->dec_alloc(&rig.dec, codec(false),
						    NULL));

	for (i=0; i<2000; i++) {
		struct vidframe f;
		bool intra;

		for (j=0; j<sizeof(buf); j++) {
			rnd = rnd * 1103515245 + 12345;
			buf[j] = rnd >> 24;
		}
		buf[0] = i % 32;
		(void)codec(false)->decode(rig.dec, &f, &intra, i % 3 == 0,
					   i, buf, 1 + i % sizeof(buf));
	}
}


#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_no_encoder),
		TEST(test_no_decoder),
		TEST(test_encode),
		TEST(test_mode_0),
		TEST(test_fall_back),
		TEST(test_nothing_behind),
		TEST(test_sprop),
		TEST(test_decode_garbage),
	};

	av_log_set_level(AV_LOG_QUIET);

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
