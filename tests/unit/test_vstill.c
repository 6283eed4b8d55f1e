/**
 * @file test_vstill.c  Still pictures: keyframes, lifetimes
 */
#include "vstill_rig.h"


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
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_keyframe), TEST(test_sizes),
		TEST(test_receiver_limits), TEST(test_frozen),
		TEST(test_not_a_keyframe), TEST(test_stop), TEST(test_busy),
		TEST(test_params),
	};

	av_log_set_level(AV_LOG_QUIET);
	vav_set(&connectycube_av);

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
