/**
 * @file test_h264.c  H.264: parameter sets
 */
#include <stdlib.h>
#include "testutil.h"
#include "audio/audio.h"
#include "video/video.h"
#include "video/payload/h264.h"
#include "video/payload/bits.h"


/* --- parameter sets ----------------------------------------------------- */

struct sample {
	struct h264_spsinfo sps;
	size_t len;
	uint8_t nal[32];
};

static const struct sample samplev[] = {
	/* x264, Baseline */
	{{66, 0xc0, 31, 640, 480}, 24,
	 {0x67, 0x42, 0xc0, 0x1f, 0xda, 0x02, 0x80, 0xf6, 0xc0, 0x44,
	  0x00, 0x00, 0x03, 0x00, 0x04, 0x00, 0x00, 0x03, 0x00, 0x78,
	  0x3c, 0x60, 0xca, 0x80}},
	/* x264, Main */
	{{77, 0x40, 31, 1280, 720}, 23,
	 {0x67, 0x4d, 0x40, 0x1f, 0xda, 0x01, 0x40, 0x16, 0xec, 0x04,
	  0x40, 0x00, 0x00, 0x03, 0x00, 0x40, 0x00, 0x00, 0x07, 0x83,
	  0xc6, 0x0c, 0xa8}},
	/* x264, High; 1088 lines cut to 1080 */
	{{100, 0x00, 40, 1920, 1080}, 27,
	 {0x67, 0x64, 0x00, 0x28, 0xac, 0xd9, 0x40, 0x78, 0x02, 0x27,
	  0xe5, 0xc0, 0x44, 0x00, 0x00, 0x03, 0x00, 0x04, 0x00, 0x00,
	  0x03, 0x00, 0x78, 0x3c, 0x60, 0xc6, 0x58}},
	/* the same, interlaced */
	{{100, 0x00, 40, 1920, 1080}, 27,
	 {0x67, 0x64, 0x00, 0x28, 0xac, 0xd9, 0x40, 0x78, 0x04, 0x4f,
	  0xde, 0x02, 0x20, 0x00, 0x00, 0x03, 0x00, 0x20, 0x00, 0x00,
	  0x03, 0x03, 0xc3, 0xe2, 0xc5, 0xb2, 0xc0}},
	/* High 4:4:4; odd sizes cut */
	{{244, 0x00, 22, 638, 358}, 26,
	 {0x67, 0xf4, 0x00, 0x16, 0x91, 0x96, 0x80, 0xa0, 0x2f, 0xee,
	  0x2f, 0x01, 0x10, 0x00, 0x00, 0x03, 0x00, 0x10, 0x00, 0x00,
	  0x03, 0x01, 0xe0, 0xf1, 0x62, 0xea}},
	/* High 4:2:2 */
	{{122, 0x00, 22, 638, 358}, 25,
	 {0x67, 0x7a, 0x00, 0x16, 0xbc, 0xb4, 0x05, 0x01, 0x7f, 0x51,
	  0x78, 0x08, 0x80, 0x00, 0x00, 0x03, 0x00, 0x80, 0x00, 0x00,
	  0x0f, 0x07, 0x8b, 0x17, 0x50}},
};


/* from a copy without room behind it, so that reading on is noticed */
static int sps_decode(struct h264_spsinfo *sps, const uint8_t *nal, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);
	int err;

	assert_non_null(copy);
	memcpy(copy, nal, len);
	err = h264_spsinfo_decode(sps, copy, len);
	free(copy);

	return err;
}


static void check_sps(const struct h264_spsinfo *sps,
		      const struct h264_spsinfo *want)
{
	assert_int_equal(sps->profile, want->profile);
	assert_int_equal(sps->iop, want->iop);
	assert_int_equal(sps->level, want->level);
	assert_int_equal(sps->width, want->width);
	assert_int_equal(sps->height, want->height);
}


static void test_sps(void **state)
{
	size_t i, n;
	(void)state;

	for (i = 0; i < ARRAY_SIZE(samplev); i++) {

		const struct sample *s = &samplev[i];
		struct h264_spsinfo sps;
		bool whole = false;

		assert_int_equal(sps_decode(&sps, s->nal, s->len), 0);
		check_sps(&sps, &s->sps);

		/* cut anywhere it is not valid, or (in the VUI) the same */
		for (n = 0; n < s->len; n++) {
			const int err = sps_decode(&sps, s->nal, n);

			assert_int_equal(err, whole ? 0 : err);
			whole = whole || !err;
			if (n < 8)
				assert_int_equal(err, EBADMSG);
			if (!err)
				check_sps(&sps, &s->sps);
		}
		assert_true(whole);
	}
}


static void test_sps_args(void **state)
{
	const uint8_t pps[] = {0x68, 0xce, 0x38, 0x80};
	struct h264_spsinfo sps = {.width = 1};
	uint8_t nal[sizeof(samplev[0].nal)];
	(void)state;

	assert_int_equal(h264_spsinfo_decode(NULL, pps, 4), EINVAL);
	assert_int_equal(h264_spsinfo_decode(&sps, NULL, 4), EINVAL);
	assert_int_equal(h264_spsinfo_decode(&sps, pps, 4), EBADMSG);
	assert_int_equal(h264_spsinfo_decode(&sps, pps, 0), EBADMSG);

	/* a subset SPS reads as one, but is none */
	memcpy(nal, samplev[0].nal, sizeof(nal));
	nal[0] = 0x6f;
	assert_int_equal(h264_spsinfo_decode(&sps, nal, samplev[0].len), EBADMSG);
	assert_int_equal(sps.width, 1);
}


/* an SPS writer, for what encoders at hand do not write */

struct writer {
	uint8_t buf[1024];
	size_t bits;
};


static void put(struct writer *w, uint32_t v, unsigned n)
{
	while (n--) {
		assert_true(w->bits < 8 * sizeof(w->buf));
		w->buf[w->bits / 8] |= (v >> n & 1) << (7 - w->bits % 8);
		++w->bits;
	}
}


static void put_ue(struct writer *w, uint32_t v)
{
	unsigned n = 0;

	while ((uint64_t)v + 1 >= (uint64_t)1 << (n + 1))
		++n;

	put(w, 0, n);
	put(w, 1, 1);
	put(w, v + 1 - (1u << n), n);
}


static void put_se(struct writer *w, int32_t v)
{
	put_ue(w, v > 0 ? 2 * (uint32_t)v - 1 : 2 * (uint32_t)-v);
}


/* with emulation prevention bytes (ITU-T H.264, 7.3.1) */
static size_t finish(struct writer *w, uint8_t *nal)
{
	size_t i, n = 0, zeros = 0;

	put(w, 1, 1);
	nal[n++] = 0x67;

	for (i = 0; i < (w->bits + 7) / 8; i++) {
		if (zeros == 2 && w->buf[i] <= 3) {
			nal[n++] = 3;
			zeros = 0;
		}
		nal[n++] = w->buf[i];
		zeros = w->buf[i] ? 0 : zeros + 1;
	}

	return n;
}


static void put_head(struct writer *w, uint8_t profile, uint32_t chroma)
{
	memset(w, 0, sizeof(*w));
	put(w, profile, 8);
	put(w, 0, 16);          /* constraints, level 0: to be escaped */
	put_ue(w, 31);

	if (profile != 100)
		return;

	put_ue(w, chroma);
	if (chroma == 3)
		put(w, 0, 1);
	put_ue(w, 6);
	put_ue(w, 6);
	put(w, 1, 1);
}


static void put_size(struct writer *w, uint32_t mbs_x, uint32_t mbs_y,
		     bool frame_mbs)
{
	put_ue(w, 16);
	put(w, 1, 1);
	put_ue(w, mbs_x - 1);
	put_ue(w, mbs_y - 1);
	put(w, frame_mbs, 1);
	if (!frame_mbs)
		put(w, 1, 1);
	put(w, 1, 1);
}


static void check_written(struct writer *w, int err, unsigned width,
			  unsigned height)
{
	struct h264_spsinfo sps;
	uint8_t nal[1600];
	const size_t len = finish(w, nal);

	assert_int_equal(sps_decode(&sps, nal, len), err);
	if (err)
		return;

	assert_int_equal(sps.width, width);
	assert_int_equal(sps.height, height);
}


static void put_scaling(struct writer *w, unsigned lists)
{
	unsigned i, k;

	put(w, 1, 1);
	for (i = 0; i < lists; i++) {

		const unsigned size = i < 6 ? 16 : 64;

		put(w, i != 1, 1);
		if (i == 1)
			continue;

		if (i == 2) {           /* default, at once */
			put_se(w, -8);
			continue;
		}

		for (k = 0; k < size; k++)
			put_se(w, k % 2 ? -127 : 127);
	}
}


static void test_sps_scaling(void **state)
{
	uint32_t chroma;
	(void)state;

	for (chroma = 0; chroma <= 3; chroma++) {

		struct writer w;

		put_head(&w, 100, chroma);
		put_scaling(&w, chroma == 3 ? 12 : 8);
		put_ue(&w, 0);
		put_ue(&w, 2);
		put_size(&w, 40, 23, true);
		put(&w, 1, 1);
		put_ue(&w, 1);
		put_ue(&w, 2);
		put_ue(&w, 3);
		put_ue(&w, 4);
		check_written(&w, 0,
			      640 - 3 * (chroma == 1 || chroma == 2 ? 2 : 1),
			      368 - 7 * (chroma == 1 ? 2 : 1));
	}
}


static void test_sps_order(void **state)
{
	struct writer w;
	int i;
	(void)state;

	/* pic_order_cnt_type 1 with the longest cycle, fields */
	put_head(&w, 77, 0);
	put_ue(&w, 12);
	put_ue(&w, 1);
	put(&w, 0, 1);
	put_se(&w, -0x7fffffff);
	put_se(&w, 0x7fffffff);
	put_ue(&w, 255);
	for (i = 0; i < 255; i++)
		put_se(&w, i - 128);
	put_size(&w, 45, 18, false);
	put(&w, 1, 1);
	put_ue(&w, 0);
	put_ue(&w, 8);
	put_ue(&w, 0);
	put_ue(&w, 1);
	check_written(&w, 0, 704, 572);

	put_head(&w, 77, 0);
	put_ue(&w, 0);
	put_ue(&w, 3);
	put_size(&w, 45, 36, true);
	put(&w, 0, 1);
	check_written(&w, EBADMSG, 0, 0);

	put_head(&w, 77, 0);
	put_ue(&w, 0);
	put_ue(&w, 1);
	put(&w, 0, 1);
	put_se(&w, 0);
	put_se(&w, 0);
	put_ue(&w, 256);
	for (i = 0; i < 256; i++)
		put_se(&w, 0);
	put_size(&w, 45, 36, true);
	put(&w, 0, 1);
	check_written(&w, EBADMSG, 0, 0);
}


static void check_size(int err, uint32_t mbs_x, uint32_t mbs_y, uint32_t right,
		       uint32_t bottom)
{
	struct writer w;

	put_head(&w, 66, 0);
	put_ue(&w, 0);
	put_ue(&w, 2);
	put_size(&w, mbs_x, mbs_y, true);
	put(&w, 1, 1);
	put_ue(&w, right);
	put_ue(&w, right);
	put_ue(&w, 0);
	put_ue(&w, bottom);
	check_written(&w, err, 16 * mbs_x - 4 * right,
		      16 * mbs_y - 2 * bottom);
}


static void test_sps_bounds(void **state)
{
	struct writer w;
	(void)state;

	check_size(0, 1055, 1055, 0, 0);
	check_size(EBADMSG, 1056, 1, 0, 0);
	check_size(EBADMSG, 1, 1056, 0, 0);
	check_size(EBADMSG, 0xffffffff, 1, 0, 0);

	check_size(0, 1, 1, 3, 7);
	check_size(EBADMSG, 1, 1, 4, 0);
	check_size(EBADMSG, 1, 1, 0, 8);
	check_size(EBADMSG, 1, 1, 0xfffffffe, 0);
	check_size(EBADMSG, 1, 1, 0x80000000, 0x80000000);

	/* chroma_format_idc 4 */
	put_head(&w, 100, 4);
	put(&w, 0, 1);
	put_ue(&w, 0);
	put_ue(&w, 2);
	put_size(&w, 1, 1, true);
	put(&w, 0, 1);
	check_written(&w, EBADMSG, 0, 0);
}


static void test_bits(void **state)
{
	const uint8_t raw[] = {0xa5, 0x00, 0x00, 0x03, 0x01, 0x00, 0x00, 0x03};
	const uint8_t zeros[16] = {0}, one[] = {0, 3, 0, 3, 0, 0, 1, 3};
	const uint32_t uev[] = {0, 1, 2, 3, 254, 255, 65535, 0x7ffffffe,
				0x7fffffff, 0xfffffffe};
	struct bits b = {.p = raw, .end = raw + sizeof(raw), .emul = true};
	struct writer w;
	size_t i;
	(void)state;

	assert_int_equal(bits_get(&b, 0), 0);
	assert_int_equal(bits_get(&b, 3), 5);
	assert_int_equal(bits_get(&b, 5), 5);
	assert_int_equal(bits_get(&b, 32), 0x00000100);
	assert_int_equal(bits_get(&b, 8), 0x00);
	assert_false(b.over);
	assert_int_equal(bits_get(&b, 1), 0);
	assert_true(b.over);

	b = (struct bits){.p = raw, .end = raw + sizeof(raw)};
	assert_int_equal(bits_get(&b, 32), 0xa5000003);

	/* a 3 is left out behind two zeros only */
	b = (struct bits){.p = one, .end = one + sizeof(one), .emul = true};
	assert_int_equal(bits_get(&b, 32), 0x00030003);
	assert_int_equal(bits_get(&b, 32), 0x00000103);
	assert_false(b.over);

	memset(&w, 0, sizeof(w));
	for (i = 0; i < ARRAY_SIZE(uev); i++)
		put_ue(&w, uev[i]);
	b = (struct bits){.p = w.buf, .end = w.buf + sizeof(w.buf)};
	for (i = 0; i < ARRAY_SIZE(uev); i++)
		assert_int_equal(bits_ue(&b), uev[i]);
	assert_false(b.over);

	b = (struct bits){.p = zeros, .end = zeros + sizeof(zeros)};
	assert_int_equal(bits_ue(&b), 0);
	assert_true(b.over);
	assert_int_equal(bits_se(&b), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sps), cmocka_unit_test(test_sps_args),
		cmocka_unit_test(test_sps_scaling),
		cmocka_unit_test(test_sps_order),
		cmocka_unit_test(test_sps_bounds),
		cmocka_unit_test(test_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
