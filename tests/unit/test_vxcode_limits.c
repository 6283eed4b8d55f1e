/**
 * @file test_vxcode_limits.c  Transcoder: rates, sizes and limits that it keeps to
 */
#include "vxcode_rig.h"


/* No memory is taken for it */
static void test_enormous(void **state)
{
	(void)state;

	begin();
	put_and_wait(true, 1);
	put_sized(true, 2, 16383, 16383);
	put(false, 3);
	assert_int_equal(1, stats().errors);
	assert_int_equal(1, stats().late);
	assert_int_equal(1, rig.keyc);
	put_and_wait(true, 4);
	assert_int_equal(2, fake_state().decoded);
}


static void test_keyframes_coalesced(void **state)
{
	unsigned i, keys = 0;
	(void)state;

	begin();
	put_and_wait(true, 1);

	/* far from the first */
	rig.now += 1000000;

	for (i=0; i<12; i++) {
		if (i < 5) {
			vxcode_keyframe(rig.x);
			vxcode_keyframe(rig.x);
		}
		put_and_wait(false, 2 + i);
	}

	for (i=1; i<rig.outc; i++)
		keys += rig.outv[i].key;

	/* one at once, and one when 300 ms are over */
	assert_true(rig.outv[1].key);
	assert_int_equal(2, keys);
	assert_true(rig.outv[11].key);
}


static void test_bitrate(void **state)
{
	(void)state;

	begin();
	put_and_wait(true, 1);
	assert_int_equal(1000000, fake_state().bitrate);
	assert_int_equal(30, fake_state().fps);

	/* not worth a keyframe */
	vxcode_set_bitrate(rig.x, 1100000);
	put_and_wait(false, 1);
	assert_int_equal(1000000, fake_state().bitrate);

	/* the first change is free, the second one is not */
	vxcode_set_bitrate(rig.x, 1500000);
	put_and_wait(false, 1);
	assert_int_equal(1500000, fake_state().bitrate);
	vxcode_set_bitrate(rig.x, 2000000);
	put_and_wait(false, 1);
	assert_int_equal(1500000, fake_state().bitrate);
	rig.now += 2000000;
	put_and_wait(false, 1);
	assert_int_equal(2000000, fake_state().bitrate);

	/* a fall by half is at once, and no deeper than the lowest */
	vxcode_set_bitrate(rig.x, 1000000);
	put_and_wait(false, 1);
	assert_int_equal(1000000, fake_state().bitrate);
	vxcode_set_bitrate(rig.x, 1);
	put_and_wait(false, 1);
	assert_int_equal(50000, fake_state().bitrate);
	assert_int_equal(5, fake_state().encoders);
}


static void test_bitrate_update(void **state)
{
	(void)state;

	fake_codec.enc_update = fake_enc_update;
	begin();
	put_and_wait(true, 1);
	vxcode_set_bitrate(rig.x, 400000);
	put_and_wait(false, 1);
	assert_int_equal(400000, fake_state().bitrate);
	assert_int_equal(1, fake_state().encoders);
	assert_false(rig.outv[1].key);
}


static void test_size_follows_bitrate(void **state)
{
	static const struct {
		uint32_t bitrate;
		unsigned w;
	} testv[] = {
		{ 150000, 640}, { 130000, 480}, {  80000, 320}, {  30000, 160},
		/* up only where it clearly is enough */
		{  40000, 160}, {  60000, 320}, { 100000, 320}, { 120000, 480},
		{ 160000, 480}, { 200000, 640}, { 150000, 640},
	};
	struct vxcode_param prm = param();
	unsigned i;
	(void)state;

	prm.bitrate_min = 10000;
	begin_with(&prm);
	put_and_wait(true, 1);

	for (i=0; i<ARRAY_SIZE(testv); i++) {
		rig.now += 2000000;
		vxcode_set_bitrate(rig.x, testv[i].bitrate);
		put_and_wait(false, 50 + i);
		assert_int_equal(testv[i].w, fake_state().sz.w);
		assert_int_equal(testv[i].w * 3 / 4, fake_state().sz.h);
		/* and the picture is still there */
		assert_int_equal(50 + i, rig.outv[i + 1].shade);
	}
}


static void test_fps_limited(void **state)
{
	struct vxcode_param prm = param();
	unsigned i;
	(void)state;

	prm.fps_max = 10;
	begin_with(&prm);

	for (i=0; i<30; i++) {
		put(!i, i);
		wait_decoded(i + 1);
	}

	assert_int_equal(10, rig.outc);
	assert_int_equal(10, stats().encoded);
	assert_int_equal(0, stats().late);
	assert_int_equal(3, rig.outv[1].shade);
}


/* What one frame was too large the next ones are left out for */
static void test_bits_limited(void **state)
{
	struct vxcode_param prm = param();
	unsigned i;
	(void)state;

	prm.bitrate = 240000;   /* 1000 bytes a frame */
	begin_with(&prm);
	fake.size = 30000;
	put_and_wait(true, 1);
	fake.size = FAKE_LEN;

	/* 500 ms of 30 frames' worth stay owed: the other half is waited for */
	for (i=0; i<20; i++) {
		put(false, 2 + i);
		wait_decoded(2 + i);
	}

	assert_in_range(stats().late, 12, 18);
	assert_int_equal(20, stats().late + stats().encoded - 1);
}


/* Nor does the encoder see a gap, which it would fill with a larger frame */
static void test_bits_limited_clock(void **state)
{
	struct vxcode_param prm = param();
	uint32_t ts;
	(void)state;

	prm.bitrate = 240000;
	begin_with(&prm);
	fake.size = 30000;
	put_and_wait(true, 1);
	ts = fake_state().ts;

	for (rig.want = 1; !stats().late || rig.outc < 2; rig.want++) {
		put(false, 2);
		wait_decoded(1 + rig.want);
		assert_true(rig.want < 30);
	}

	assert_int_equal(FRAME, fake_state().ts - ts);
	assert_true(rig.outv[1].ts - rig.outv[0].ts > 10 * FRAME);
}


/* A source that pauses has not saved bits for its next frame */
static void test_pause_clock(void **state)
{
	uint32_t ts;
	(void)state;

	begin();
	put_and_wait(true, 1);
	ts = fake_state().ts;
	rig.ts += 50 * FRAME;
	put_and_wait(false, 2);
	assert_int_equal(3 * FRAME, fake_state().ts - ts);

	put_and_wait(false, 3);
	assert_int_equal(4 * FRAME, fake_state().ts - ts);
	assert_int_equal(51 * FRAME, rig.outv[1].ts - rig.outv[0].ts);
}


static void test_receiver_limits(void **state)
{
	struct vxcode_param prm = param();
	struct vcodec h264 = fake_codec;
	(void)state;

	h264.codec   = VIDEO_H264;
	prm.enc      = &h264;
	prm.enc_fmtp = "profile-level-id=42e00d;packetization-mode=1";
	begin_with(&prm);
	put_and_wait(true, 1);

	/* level 1.3: 396 macroblocks, 11880 a second, 768 kbit/s */
	assert_true((fake_state().sz.w + 15) / 16 *
		    ((fake_state().sz.h + 15) / 16) <= 396);
	assert_in_range(fake_state().sz.w, 352, 384);
	assert_int_equal(768000, fake_state().bitrate);

	vxcode_set_bitrate(rig.x, 5000000);
	put_and_wait(false, 1);
	assert_int_equal(768000, fake_state().bitrate);
}


static void test_width_max(void **state)
{
	struct vxcode_param prm = param();
	(void)state;

	prm.width_max  = 320;
	prm.height_max = 240;
	begin_with(&prm);
	put_sized(true, 1, 640, 480);
	wait_out(1);
	assert_int_equal(320, fake_state().sz.w);
	assert_int_equal(240, fake_state().sz.h);

	/* the phone was turned */
	put_sized(true, 1, 480, 640);
	wait_out(2);
	assert_int_equal(240, fake_state().sz.w);
	assert_int_equal(320, fake_state().sz.h);

	/* and what is smaller stays */
	put_sized(true, 1, 176, 144);
	wait_out(3);
	assert_int_equal(176, fake_state().sz.w);
}
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_enormous), TEST(test_keyframes_coalesced),
		TEST(test_bitrate), TEST(test_bitrate_update),
		TEST(test_size_follows_bitrate), TEST(test_fps_limited),
		TEST(test_bits_limited), TEST(test_bits_limited_clock),
		TEST(test_pause_clock), TEST(test_receiver_limits),
		TEST(test_width_max),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
