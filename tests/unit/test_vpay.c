/**
 * @file test_vpay.c  Video payloads: what they hold
 *
 * The frames are the beginnings of what libx264 and libvpx made of a test
 * picture.
 */
#include <stdlib.h>
#include "testutil.h"
#include "audio/audio.h"
#include "video/video.h"
#include "video/payload/vpay.h"
#include "video/payload/h264.h"


#define PAY(...) (const uint8_t []){__VA_ARGS__}, \
	sizeof((const uint8_t []){__VA_ARGS__})

/* frame header of a keyframe of 176x144 */
#define VP8_KEY   0xb0, 0x43, 0x00, 0x9d, 0x01, 0x2a, 0xb0, 0x00, 0x90, 0x00, \
		  0x00, 0x70
#define VP8_INTER 0x71, 0x06, 0x00, 0x07
#define VP9_KEY   0x82, 0x49, 0x83, 0x42, 0x00, 0x0a, 0xf0, 0x08, 0xf6, 0x06
#define VP9_INTER 0x86, 0x00, 0x40, 0x92

/* SPS of 1280x720 */
#define SPS_720   0x67, 0x42, 0x00, 0x1f, 0x95, 0xa8, 0x14, 0x01, 0x6e, 0x40


/* from a copy without room behind it, so that reading on is noticed */
static int parse(struct vpay *vp, enum video_codec codec, const uint8_t *buf,
		 size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);
	int err;

	assert_non_null(copy);
	memcpy(copy, buf, len);
	err = vpay_parse(vp, codec, copy, len);
	free(copy);

	return err;
}


/* a payload that is cut before `whole` bytes is not valid, else it is */
static void check_cut(enum video_codec codec, const uint8_t *buf, size_t len,
		      size_t whole)
{
	struct vpay vp;
	size_t n;

	for (n = 0; n < len; n++) {
		assert_int_equal(parse(&vp, codec, buf, n),
				 n < whole ? EBADMSG : 0);
	}
}


static void test_codec(void **state)
{
	(void)state;

	assert_string_equal(video_codec_name(VIDEO_H264), "H264");
	assert_string_equal(video_codec_name(VIDEO_VP8), "VP8");
	assert_string_equal(video_codec_name(VIDEO_VP9), "VP9");
	assert_string_equal(video_codec_name(VIDEO_NONE), "");
	assert_string_equal(video_codec_name(VIDEO_CODEC_MAX), "");

	assert_int_equal(video_codec_find("h264"), VIDEO_H264);
	assert_int_equal(video_codec_find("VP8"), VIDEO_VP8);
	assert_int_equal(video_codec_find("vp9"), VIDEO_VP9);
	assert_int_equal(video_codec_find("VP80"), VIDEO_NONE);
	assert_int_equal(video_codec_find(""), VIDEO_NONE);
	assert_int_equal(video_codec_find(NULL), VIDEO_NONE);
}


static void test_args(void **state)
{
	struct vpay vp = {.width = 1};
	const uint8_t b = 0x10;
	(void)state;

	assert_int_equal(vpay_parse(NULL, VIDEO_VP8, &b, 1), EINVAL);
	assert_int_equal(vpay_parse(&vp, VIDEO_VP8, NULL, 1), EINVAL);
	assert_int_equal(vpay_parse(&vp, VIDEO_NONE, &b, 1), ENOTSUP);
	assert_int_equal(vpay_parse(&vp, VIDEO_VP8, &b, 1), EBADMSG);
	assert_int_equal(vp.width, 1);
}


static void check_h264(const uint8_t *buf, size_t len, const char *want)
{
	struct vpay vp;
	char got[8];

	assert_int_equal(parse(&vp, VIDEO_H264, buf, len), 0);
	assert_true(re_snprintf(got, sizeof(got), "%s%s%s%s%s%s",
				vp.start ? "S" : "", vp.key ? "K" : "",
				vp.idr ? "i" : "", vp.sps ? "s" : "",
				vp.pps ? "p" : "", vp.discardable ? "d" : "")
		    >= 0);
	assert_string_equal(got, want);
	assert_int_equal(vp.picid, -1);
	assert_int_equal(vp.tl0picidx, -1);
	assert_int_equal(vp.picid_pos, 0);
	assert_int_equal(vp.width, vp.sps ? 1280 : 0);
	assert_int_equal(vp.height, vp.sps ? 720 : 0);
}


static void test_h264(void **state)
{
	(void)state;

	check_h264(PAY(0x65, 0x88), "SKi");
	check_h264(PAY(0x41, 0x9a), "S");
	check_h264(PAY(0x01, 0x9a), "Sd");
	check_h264(PAY(0x06, 0x05), "Sd");
	check_h264(PAY(0x68, 0xce), "Sp");
	check_h264(PAY(0x08, 0xce), "Sp");
	check_h264(PAY(SPS_720), "SKs");
	check_h264(PAY(0x65), "SKi");

	/* STAP-A: SPS and PPS; and with an IDR slice */
	check_h264(PAY(0x78, 0, 10, SPS_720, 0, 2, 0x68, 0xce), "SKsp");
	check_h264(PAY(0x78, 0, 10, SPS_720, 0, 2, 0x68, 0xce,
		       0, 3, 0x65, 1, 2), "SKisp");
	check_h264(PAY(0x18, 0, 2, 0x01, 0x9a, 0, 1, 0x01), "Sd");

	/* FU-A */
	check_h264(PAY(0x7c, 0x85, 1), "SKi");
	check_h264(PAY(0x7c, 0x05, 1), "Ki");
	check_h264(PAY(0x7c, 0x45, 1), "Ki");
	check_h264(PAY(0x5c, 0x81, 1), "S");
	check_h264(PAY(0x1c, 0x41, 1), "d");
}


static void check_h264_err(int err, const uint8_t *buf, size_t len)
{
	struct vpay vp;

	assert_int_equal(parse(&vp, VIDEO_H264, buf, len), err);
}


static void test_h264_bad(void **state)
{
	const uint8_t stap[] = {0x78, 0, 10, SPS_720, 0, 2, 0x68, 0xce};
	struct vpay vp;
	size_t n;
	(void)state;

	/* a STAP-A may end behind a NAL unit only */
	for (n = 0; n < sizeof(stap); n++) {
		assert_int_equal(parse(&vp, VIDEO_H264, stap, n),
				 n == 13 ? 0 : EBADMSG);
	}

	check_h264_err(EBADMSG, PAY(0x60, 1));
	check_h264_err(EBADMSG, PAY(0x7e, 1));
	check_h264_err(EBADMSG, PAY(0x7f, 1));
	check_h264_err(EBADMSG, PAY(0x78, 0, 0, 0x65));
	check_h264_err(EBADMSG, PAY(0x78, 0, 2, 0x78, 1));
	check_h264_err(EBADMSG, PAY(0x78, 0xff, 0xff, 0x65));
	check_h264_err(EBADMSG, PAY(0x7c));
	check_h264_err(EBADMSG, PAY(0x7c, 0x85));
	check_h264_err(EBADMSG, PAY(0x7c, 0x80, 1));
	check_h264_err(EBADMSG, PAY(0x7c, 0x9c, 1));

	check_h264_err(ENOTSUP, PAY(0x79, 0, 0, 0, 1, 0x65));
	check_h264_err(ENOTSUP, PAY(0x7a, 0, 0, 0, 1, 0x65));
	check_h264_err(ENOTSUP, PAY(0x7b, 0, 0, 0, 1, 0x65));
	check_h264_err(ENOTSUP, PAY(0x7d, 0x85, 0, 0, 1));

	/* an SPS that cannot be read is one still */
	assert_int_equal(parse(&vp, VIDEO_H264, PAY(0x67, 0x42)), 0);
	assert_true(vp.sps && vp.key);
	assert_int_equal(vp.width, 0);
}


static void test_vp8(void **state)
{
	struct vpay vp;
	(void)state;

	/* no extension */
	assert_int_equal(parse(&vp, VIDEO_VP8, PAY(0x10, VP8_KEY)), 0);
	assert_true(vp.start && vp.key && !vp.discardable);
	assert_int_equal(vp.width, 176);
	assert_int_equal(vp.height, 144);
	assert_int_equal(vp.hdrlen, 1);
	assert_int_equal(vp.picid, -1);
	assert_int_equal(vp.picid_pos, 0);
	assert_int_equal(vp.tl0picidx, -1);

	/* X, I with 15 bits, L, T and K, as Chrome sends it */
	assert_int_equal(parse(&vp, VIDEO_VP8, PAY(0x90, 0xf0, 0xa3, 0x45,
						   0x77, 0x21, VP8_INTER)), 0);
	assert_true(vp.start && !vp.key);
	assert_int_equal(vp.picid, 0x2345);
	assert_true(vp.picid15);
	assert_int_equal(vp.picid_pos, 2);
	assert_int_equal(vp.tl0picidx, 0x77);
	assert_int_equal(vp.tl0_pos, 4);
	assert_int_equal(vp.hdrlen, 6);
	assert_int_equal(vp.width, 0);

	/* X, I with 7 bits; not a reference */
	assert_int_equal(parse(&vp, VIDEO_VP8, PAY(0xb0, 0x80, 0x7f,
						   VP8_INTER)), 0);
	assert_true(vp.start && vp.discardable && !vp.picid15);
	assert_int_equal(vp.picid, 0x7f);
	assert_int_equal(vp.hdrlen, 3);

	/* X with T alone, and with nothing */
	assert_int_equal(parse(&vp, VIDEO_VP8, PAY(0x90, 0x20, 0x40,
						   VP8_INTER)), 0);
	assert_int_equal(vp.hdrlen, 3);
	assert_int_equal(vp.tl0_pos, 0);
	assert_int_equal(parse(&vp, VIDEO_VP8, PAY(0x90, 0x00, VP8_KEY)), 0);
	assert_int_equal(vp.hdrlen, 2);
	assert_true(vp.key);

	/* not the first packet, not the first partition */
	assert_int_equal(parse(&vp, VIDEO_VP8, PAY(0x00, VP8_KEY)), 0);
	assert_true(!vp.start && !vp.key);
	assert_int_equal(parse(&vp, VIDEO_VP8, PAY(0x11, VP8_KEY)), 0);
	assert_true(!vp.start && !vp.key);

	/* a partition's number says nothing else; reserved bits do not
	   matter */
	assert_int_equal(parse(&vp, VIDEO_VP8, PAY(0x1f, VP8_KEY)), 0);
	assert_true(!vp.start && !vp.discardable);
	assert_int_equal(vp.hdrlen, 1);
	assert_int_equal(parse(&vp, VIDEO_VP8, PAY(0x58, VP8_KEY)), 0);
	assert_true(vp.start && vp.key);
	assert_int_equal(parse(&vp, VIDEO_VP8, PAY(0x90, 0x0f, VP8_KEY)), 0);
	assert_int_equal(vp.hdrlen, 2);
	assert_true(vp.key);

	/* scaling is no part of the size; a bad start code has none */
	assert_int_equal(parse(&vp, VIDEO_VP8,
			       PAY(0x10, 0xb0, 0x43, 0, 0x9d, 1, 0x2a,
				   0x81, 0x42, 0xe1, 0x81)), 0);
	assert_int_equal(vp.width, 641);
	assert_int_equal(vp.height, 481);
	assert_int_equal(parse(&vp, VIDEO_VP8,
			       PAY(0x10, 0xb0, 0x43, 0, 0x9d, 1, 0x2b,
				   0x80, 0x42, 0xe0, 0x81)), 0);
	assert_int_equal(vp.width, 0);

	check_cut(VIDEO_VP8, PAY(0x90, 0xf0, 0xa3, 0x45, 0x77, 0x21,
				 VP8_KEY), 7);
	check_cut(VIDEO_VP8, PAY(0x90, 0x10, 0x21, VP8_KEY), 4);
	check_cut(VIDEO_VP8, PAY(0x10, VP8_KEY), 2);
}


static void test_vp9(void **state)
{
	struct vpay vp;
	(void)state;

	/* keyframe of a non-flexible stream with an SS, as Chrome sends it:
	   I L B V; picture group of one */
	assert_int_equal(parse(&vp, VIDEO_VP9,
			       PAY(0xaa, 0x92, 0x34, 0x00, 0x56,
				   0x18, 0x02, 0x80, 0x01, 0xe0,
				   0x01, 0x04, 0x01, VP9_KEY)), 0);
	assert_true(vp.start && vp.key && vp.picid15);
	assert_int_equal(vp.picid, 0x1234);
	assert_int_equal(vp.picid_pos, 1);
	assert_int_equal(vp.tl0picidx, 0x56);
	assert_int_equal(vp.tl0_pos, 4);
	assert_int_equal(vp.hdrlen, 13);
	assert_int_equal(vp.width, 640);
	assert_int_equal(vp.height, 480);

	/* an inter frame: I P L B E */
	assert_int_equal(parse(&vp, VIDEO_VP9, PAY(0xec, 0x12, 0x00, 0x57,
						   VP9_INTER)), 0);
	assert_true(vp.start && !vp.key && !vp.picid15);
	assert_int_equal(vp.picid, 0x12);
	assert_int_equal(vp.hdrlen, 4);

	/* flexible: I P L F B, two references; no TL0PICIDX */
	assert_int_equal(parse(&vp, VIDEO_VP9, PAY(0xf8, 0x12, 0x00,
						   0x03, 0x04, VP9_INTER)), 0);
	assert_int_equal(vp.hdrlen, 5);
	assert_int_equal(vp.tl0picidx, -1);
	assert_int_equal(vp.tl0_pos, 0);
	check_cut(VIDEO_VP9, PAY(0xf8, 0x12, 0x00, 0x03, 0x04, VP9_INTER), 6);

	/* three spatial layers: the picture is the last one's size; only
	   the base layer begins a keyframe */
	assert_int_equal(parse(&vp, VIDEO_VP9,
			       PAY(0xaa, 0x01, 0x00, 0x01, 0x50,
				   0x00, 0xa0, 0x00, 0x5a,
				   0x01, 0x40, 0x00, 0xb4,
				   0x02, 0x80, 0x01, 0x68, VP9_KEY)), 0);
	assert_int_equal(vp.width, 640);
	assert_int_equal(vp.height, 360);
	assert_true(vp.key);
	assert_int_equal(parse(&vp, VIDEO_VP9, PAY(0xa8, 0x01, 0x03, 0x01,
						   VP9_KEY)), 0);
	assert_true(vp.start && !vp.key);

	/* an SS with nothing in it but reserved bits */
	assert_int_equal(parse(&vp, VIDEO_VP9, PAY(0x0a, 0x07, VP9_KEY)), 0);
	assert_int_equal(vp.hdrlen, 2);
	assert_int_equal(vp.width, 176);

	/* not the start of a frame */
	assert_int_equal(parse(&vp, VIDEO_VP9, PAY(0x80, 0x01, VP9_KEY)), 0);
	assert_true(!vp.start && !vp.key);

	/* without an SS, the frame tells its size */
	assert_int_equal(parse(&vp, VIDEO_VP9, PAY(0x08, VP9_KEY)), 0);
	assert_true(vp.start && vp.key);
	assert_int_equal(vp.width, 176);
	assert_int_equal(vp.height, 144);
	assert_int_equal(vp.hdrlen, 1);

	/* P is never set by some; the frame is asked */
	assert_int_equal(parse(&vp, VIDEO_VP9, PAY(0x08, VP9_INTER)), 0);
	assert_true(vp.start && !vp.key);

	/* a shown existing frame; profiles 2 and 3 */
	assert_int_equal(parse(&vp, VIDEO_VP9, PAY(0x08, 0x88)), 0);
	assert_false(vp.key);
	assert_int_equal(parse(&vp, VIDEO_VP9, PAY(0x08, 0x92, 0x49)), 0);
	assert_true(vp.key);
	assert_int_equal(parse(&vp, VIDEO_VP9, PAY(0x08, 0xb1, 0x24)), 0);
	assert_true(vp.key);
	assert_int_equal(parse(&vp, VIDEO_VP9, PAY(0x08, 0xb2, 0x24)), 0);
	assert_false(vp.key);
	assert_int_equal(parse(&vp, VIDEO_VP9, PAY(0x08, 0x42, 0x49)), 0);
	assert_false(vp.key);
}


static void check_plain(const uint8_t *buf, size_t len, const uint8_t *want,
			size_t wlen)
{
	uint8_t copy[64];
	struct vpay vp;

	assert_int_equal(parse(&vp, VIDEO_VP9, buf, len), 0);
	memcpy(copy, buf, len);
	assert_int_equal(vp9_plain(copy, len, &vp), wlen);
	assert_memory_equal(copy, want, wlen);
}


static void test_vp9_plain(void **state)
{
	struct vpay vp;
	(void)state;

	/* layers, TL0PICIDX and a scalability structure */
	check_plain(PAY(0xaa, 0x92, 0x34, 0x00, 0x56, 0x18, 0x02, 0x80, 0x01,
			0x68, 0x01, 0x04, 0x01, VP9_KEY),
		    PAY(0x88, 0x92, 0x34, VP9_KEY));

	/* flexible mode with references, the end of a frame */
	check_plain(PAY(0xd4, 0x12, 0x03, 0x04, VP9_INTER),
		    PAY(0x84, 0x12, VP9_INTER));

	/* plain already */
	check_plain(PAY(0x8c, 0x92, 0x34, VP9_KEY),
		    PAY(0x8c, 0x92, 0x34, VP9_KEY));

	/* a higher spatial layer, and no picture id */
	check_plain(PAY(0xa8, 0x01, 0x03, 0x01, VP9_KEY),
		    PAY(0xa8, 0x01, 0x03, 0x01, VP9_KEY));
	check_plain(PAY(0x48, VP9_INTER), PAY(0x48, VP9_INTER));

	memset(&vp, 0, sizeof(vp));
	assert_int_equal(vp9_plain(NULL, 5, &vp), 5);
}


static void check_predicted(struct vp9_frame *fr, uint32_t ts,
			    const uint8_t *buf, size_t len, uint8_t want)
{
	uint8_t copy[64];
	struct vpay vp;

	assert_int_equal(parse(&vp, VIDEO_VP9, buf, len), 0);
	memcpy(copy, buf, len);
	vp9_predicted(fr, copy, len, &vp, ts);
	assert_int_equal(copy[0], want);
	assert_memory_equal(copy + 1, buf + 1, len - 1);
}


static void test_vp9_predicted(void **state)
{
	struct vp9_frame fr;
	(void)state;

	memset(&fr, 0, sizeof(fr));

	/* nothing is known before the start of a frame */
	check_predicted(&fr, 0, PAY(0x80, 0x07, 1, 2), 0x80);

	/* a keyframe, all of its packets; then one that is none */
	check_predicted(&fr, 10, PAY(0x88, 0x08, VP9_KEY), 0x88);
	check_predicted(&fr, 10, PAY(0x84, 0x08, 1, 2), 0x84);
	check_predicted(&fr, 20, PAY(0x88, 0x09, VP9_INTER), 0xc8);
	check_predicted(&fr, 20, PAY(0x84, 0x09, 1, 2), 0xc4);

	/* the start of the next frame is lost */
	check_predicted(&fr, 30, PAY(0x84, 0x0a, 1, 2), 0x84);

	/* who tells P, layers or references knows what it does */
	check_predicted(&fr, 40, PAY(0xc8, 0x0b, VP9_INTER), 0xc8);
	check_predicted(&fr, 50, PAY(0xa8, 0x0c, 0x02, 0x01, VP9_INTER), 0xa8);
	check_predicted(&fr, 60, PAY(0x98, 0x0d, VP9_INTER), 0x98);

	vp9_predicted(NULL, NULL, 0, NULL, 0);
}


static void test_vp9_bad(void **state)
{
	struct vpay vp;
	(void)state;

	/* flexible mode without picture ids; four references */
	assert_int_equal(parse(&vp, VIDEO_VP9, PAY(0x18, VP9_KEY)), EBADMSG);
	assert_int_equal(parse(&vp, VIDEO_VP9, PAY(0xd8, 1, 3, 3, 3, 2,
						   VP9_INTER)), EBADMSG);

	check_cut(VIDEO_VP9, PAY(0xaa, 0x92, 0x34, 0x00, 0x56,
				 0x18, 0x02, 0x80, 0x01, 0xe0,
				 0x02, 0x04, 0x01, 0x08, 0x01, 0x02,
				 VP9_KEY), 17);
	check_cut(VIDEO_VP9, PAY(0x08, VP9_KEY), 2);
	check_cut(VIDEO_VP9, PAY(0x0a, 0x10, 0, 1, 0, 1, VP9_KEY), 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_codec), cmocka_unit_test(test_args),
		cmocka_unit_test(test_h264), cmocka_unit_test(test_h264_bad),
		cmocka_unit_test(test_vp8), cmocka_unit_test(test_vp9),
		cmocka_unit_test(test_vp9_plain),
		cmocka_unit_test(test_vp9_predicted),
		cmocka_unit_test(test_vp9_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
