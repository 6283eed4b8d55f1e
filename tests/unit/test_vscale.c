/**
 * @file test_vscale.c  Scaler: by libswscale, and without it
 */
#include "testutil.h"
#include <stdlib.h>
#include <rem.h>
#include "connectycube_av/av.h"
#include "video/xcode/libav.h"
#include "video/xcode/scale.h"


static struct vscale *scaler;


static int setup(void **state)
{
	vav_set(*state);

	return vscale_alloc(&scaler);
}


static int teardown(void **state)
{
	(void)state;

	scaler = mem_deref(scaler);
	vav_set(NULL);

	return 0;
}


/* Left half dark, right half bright */
static struct vidframe *halves(enum vidfmt fmt, unsigned w, unsigned h)
{
	const struct vidsz sz = {w, h};
	struct vidframe *f;
	unsigned y;

	assert_int_equal(0, vidframe_alloc(&f, fmt, &sz));
	vidframe_fill(f, 128, 128, 128);

	for (y=0; y<h; y++) {
		memset(f->data[0] + y * f->linesize[0], 40, w / 2);
		memset(f->data[0] + y * f->linesize[0] + w / 2, 200, w / 2);
	}

	if (fmt == VID_FMT_NV12)
		memset(f->data[1], 128, (size_t)f->linesize[1] * (h / 2));

	return f;
}


static unsigned luma(const struct vidframe *f, unsigned x, unsigned y)
{
	return f->data[0][(size_t)y * f->linesize[0] + x];
}


static void check(const struct vidframe *f, unsigned w, unsigned h)
{
	assert_int_equal(VID_FMT_YUV420P, f->fmt);
	assert_int_equal(w, f->size.w);
	assert_int_equal(h, f->size.h);
	assert_in_range(luma(f, w / 8, h / 2), 36, 44);
	assert_in_range(luma(f, w - w / 8, h / 2), 196, 204);
	assert_in_range(f->data[1][0], 124, 132);
	assert_in_range(f->data[2][0], 124, 132);
}


static void scale(enum vidfmt fmt, unsigned w, unsigned h)
{
	struct vidframe *src = halves(fmt, 128, 96);
	const struct vidsz sz = {w, h};
	const struct vidframe *dst;

	assert_int_equal(0, vscale_run(scaler, &dst, &sz, src));
	check(dst, w, h);
	mem_deref(src);
}


static void test_sizes(void **state)
{
	(void)state;

	scale(VID_FMT_YUV420P, 64, 48);
	scale(VID_FMT_YUV420P, 320, 240);
	scale(VID_FMT_YUV420P, 98, 50);
	scale(VID_FMT_NV12, 128, 96);
	scale(VID_FMT_NV12, 64, 48);
}


static void test_nothing_to_do(void **state)
{
	struct vidframe *src = halves(VID_FMT_YUV420P, 128, 96);
	const struct vidframe *dst;
	(void)state;

	assert_int_equal(0, vscale_run(scaler, &dst, &src->size, src));
	assert_ptr_equal(src, dst);
	mem_deref(src);
}


static void test_bars(void **state)
{
	struct vidframe *src = halves(VID_FMT_YUV420P, 128, 96);
	const struct vidsz box = {128, 192};
	const struct vidframe *dst;
	(void)state;

	assert_int_equal(0, vscale_fit(scaler, &dst, &box, src));
	check(dst, 128, 192);
	assert_in_range(luma(dst, 16, 4), 0, 20);
	assert_in_range(luma(dst, 112, 188), 0, 20);
	mem_deref(src);
}


static void test_wrong(void **state)
{
	struct vidframe *src = halves(VID_FMT_YUV420P, 128, 96);
	const struct vidsz none = {0, 96}, sz = {64, 48};
	const struct vidframe *dst = NULL;
	(void)state;

	assert_int_equal(ERANGE, vscale_run(scaler, &dst, &none, src));
	src->fmt = VID_FMT_N;
	assert_int_equal(ENOTSUP, vscale_run(scaler, &dst, &sz, src));
	assert_null(dst);
	mem_deref(src);
}


/* A column of one pixel does not get lost, nor stay what it was */
static void test_fine(void **state)
{
	const struct vidsz sz = {64, 48};
	const struct vidframe *dst;
	struct vidframe *src = halves(VID_FMT_YUV420P, 128, 96);
	unsigned y;
	(void)state;

	for (y=0; y<96; y++)
		src->data[0][y * src->linesize[0] + 32] = 240;

	assert_int_equal(0, vscale_run(scaler, &dst, &sz, src));
	assert_in_range(luma(dst, 16, 24), 60, 180);
	mem_deref(src);
}


#define AV(f)    {"libswscale: " #f, f, setup, teardown, \
		  (void *)&connectycube_av}
#define NO_AV(f) {"without: " #f, f, setup, teardown, NULL}

int main(void)
{
	const struct CMUnitTest tests[] = {
		AV(test_sizes),
		AV(test_nothing_to_do),
		AV(test_bars),
		AV(test_wrong),
		AV(test_fine),
		NO_AV(test_sizes),
		NO_AV(test_nothing_to_do),
		NO_AV(test_bars),
		NO_AV(test_wrong),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
