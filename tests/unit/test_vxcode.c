/**
 * @file test_vxcode.c  Transcoder: queue, lateness, lifetimes
 */
#include "vxcode_rig.h"


static bool has_key(void *arg)
{
	(void)arg;

	return rig.keyc >= rig.want;
}


static void wait_key(size_t n)
{
	rig.want = n;
	assert_true(tu_wait(has_key, NULL, TIMEOUT));
}


static void test_frames(void **state)
{
	const uint32_t ts = rig.ts;
	struct vxcode_stats st;
	unsigned i;
	(void)state;

	begin();

	for (i=0; i<20; i++)
		put_and_wait(!i, 40 + i);

	for (i=0; i<20; i++) {
		assert_int_equal(ts + i * FRAME, rig.outv[i].ts);
		assert_int_equal(40 + i, rig.outv[i].shade);
		assert_int_equal(!i, rig.outv[i].key);
		assert_int_equal(640, rig.outv[i].w);
	}

	st = stats();
	assert_int_equal(20, st.decoded);
	assert_int_equal(20, st.encoded);
	assert_int_equal(0, st.late);
	assert_int_equal(0, st.errors);
	assert_int_equal(640, st.width);
	assert_int_equal(480, st.out_height);
	assert_int_equal(0, rig.keyc);
	assert_int_equal(1, fake_state().encoders);
}


static void test_packets(void **state)
{
	(void)state;

	begin();
	fake.size = 2500;
	put_and_wait(true, 1);

	assert_int_equal(3, rig.outv[0].pktc);
	assert_int_equal(1000, rig.outv[0].longest);
}


/* The worker was held up: it decodes all, and encodes what is new */
static void test_late(void **state)
{
	unsigned i;
	(void)state;

	begin();
	fake_gate(true);
	put(true, 10);
	assert_true(tu_wait(fake_is_waiting, NULL, TIMEOUT));

	for (i=1; i<6; i++)
		put(false, 10 + i);

	fake_gate(false);
	wait_out(2);

	assert_int_equal(10, rig.outv[0].shade);
	assert_int_equal(15, rig.outv[1].shade);
	assert_int_equal(6, stats().decoded);
	assert_int_equal(2, stats().encoded);
	assert_int_equal(4, stats().late);
	assert_int_equal(0, rig.keyc);
}


/* Hopelessly late: nothing before the next keyframe, which is asked for */
static void test_hopeless(void **state)
{
	unsigned i;
	(void)state;

	begin();
	fake_gate(true);
	put(true, 10);
	assert_true(tu_wait(fake_is_waiting, NULL, TIMEOUT));

	for (i=0; i<30; i++)
		put(false, 11 + i);

	assert_true(rig.keyc >= 1);
	assert_int_equal(30, stats().late);

	put(true, 100);
	fake_gate(false);
	wait_out(2);

	assert_int_equal(10, rig.outv[0].shade);
	assert_int_equal(100, rig.outv[1].shade);
	assert_int_equal(30, stats().late);

	put_and_wait(false, 101);
	assert_int_equal(101, rig.outv[2].shade);
}


static void test_decoder_needs_key(void **state)
{
	(void)state;

	begin();
	put(false, 10);
	wait_key(1);
	put(false, 11);
	wait_key(2);
	assert_int_equal(2, stats().errors);
	assert_int_equal(0, rig.outc);

	put_and_wait(true, 12);
	assert_int_equal(2, rig.keyc);
	assert_int_equal(12, rig.outv[0].shade);
}


/* It is not tried with every frame of a stream that cannot be decoded */
static void test_hopeless_stream(void **state)
{
	unsigned i;
	(void)state;

	begin();
	for (i=0; i<100; i++) {
		put(false, 1);
		wait_decoded(i + 1);
	}

	assert_int_equal(100, stats().errors);
	assert_int_equal(100, rig.keyc);
	assert_in_range(fake_state().tried, 6, 9);

	put_and_wait(true, 2);
	put_and_wait(false, 3);
}


/* Three packets each, in disorder and twice */
static void test_reordered(void **state)
{
	static const unsigned order[] = {0, 2, 1, 4, 3, 3, 5, 8, 7, 6, 0, 11,
		9, 10};
	uint8_t pktv[12][FAKE_LEN];
	unsigned i, done = 0;
	(void)state;

	begin();

	for (i=0; i<12; i++)
		fake_write(pktv[i], FAKE_LEN, i % 3 == 0, i < 3, 640, 480,
			   i / 3);

	/* no time passes within a frame, so that none is late */
	for (i=0; i<ARRAY_SIZE(order); i++) {
		const unsigned n = order[i];

		vxcode_put(rig.x, n % 3 == 2, rig.seq + n,
			   rig.ts + n / 3 * FRAME, pktv[n], FAKE_LEN);
		if (i == 2 || i == 6 || i == 9)
			wait_out(++done);
	}

	wait_out(4);
	for (i=0; i<4; i++)
		assert_int_equal(i, rig.outv[i].shade);
	assert_int_equal(0, rig.keyc);
}


static void put_part(unsigned n, bool last, bool key)
{
	uint8_t buf[FAKE_LEN];

	fake_write(buf, sizeof(buf), n == 0, key, 640, 480, 9);
	vxcode_put(rig.x, last, rig.seq + n, rig.ts, buf, sizeof(buf));
}


/* Told that it is lost, or after a while: go on, and ask for a keyframe */
static void test_lost(void **state)
{
	(void)state;

	begin();
	put_and_wait(true, 1);

	put_part(0, false, false);
	put_part(2, true, false);
	rig.seq += 3;
	rig.ts  += FRAME;
	put(false, 2);
	tu_run(20);
	assert_int_equal(1, rig.outc);
	assert_int_equal(0, rig.keyc);

	vxcode_lost(rig.x);
	wait_out(2);
	assert_int_equal(2, rig.outv[1].shade);
	assert_true(rig.keyc >= 1);
	rig.keyc = 0;

	/* a whole frame */
	++rig.seq;
	put(false, 3);
	put(false, 4);
	assert_int_equal(2, rig.outc);
	rig.now += 100000;
	put(false, 5);
	wait_key(1);
	assert_true(tu_wait(is_decoded, &(unsigned){5}, TIMEOUT));
	assert_int_equal(5, stats().decoded);
}


/* The marker was lost with the last packet */
static void test_lost_end(void **state)
{
	(void)state;

	begin();
	put_and_wait(true, 1);
	put_part(0, false, false);
	rig.seq += 2;
	rig.ts  += FRAME;
	put(false, 2);
	vxcode_lost(rig.x);
	wait_decoded(3);
	wait_key(1);
	assert_int_equal(2, rig.outv[rig.outc - 1].shade);
}


static void test_jump(void **state)
{
	(void)state;

	begin();
	put_and_wait(true, 1);
	rig.seq += 20000;
	rig.ts  += 123456789;
	put_and_wait(true, 2);
	rig.seq -= 30000;
	rig.ts  -= 987654321;
	put_and_wait(true, 3);
	assert_int_equal(3, rig.outv[2].shade);
}


static void test_padding(void **state)
{
	(void)state;

	begin();
	put_and_wait(true, 1);
	vxcode_put(rig.x, false, rig.seq++, rig.ts, NULL, 0);
	put_and_wait(false, 2);
	assert_int_equal(0, rig.keyc);
}


/* The loop does not wait, and hears nothing any more */
static void test_free_while_decoding(void **state)
{
	uint64_t t;
	(void)state;

	begin();
	fake_gate(true);
	put(true, 1);
	assert_true(tu_wait(fake_is_waiting, NULL, TIMEOUT));
	put(false, 2);

	t = tmr_jiffies();
	rig.x = mem_deref(rig.x);
	assert_true(tmr_jiffies() - t < 100);
	assert_int_equal(1, fake_state().waiting);

	fake_gate(false);
	tu_run(20);
	assert_int_equal(0, rig.outc);

	jobthread_wait();
	assert_int_equal(0, fake_state().decc);
	assert_int_equal(1, fake_state().decoded);
}


static bool is_freed(void *arg)
{
	(void)arg;

	return !rig.x;
}


/* The packets that would follow are not handed on any more */
static void test_free_in_handler(void **state)
{
	(void)state;

	begin();
	fake.size = 2500;
	rig.free_in_handler = true;
	put(true, 1);
	assert_true(tu_wait(is_freed, NULL, TIMEOUT));
	tu_run(50);
	assert_int_equal(1, rig.outv[0].pktc);
}


static void test_free_unused(void **state)
{
	(void)state;

	begin();
	rig.x = mem_deref(rig.x);
	assert_int_equal(0, fake_state().encoders);
}


/* Calls come and go while workers are busy */
static void test_many(void **state)
{
	unsigned i, j;
	(void)state;

	for (i=0; i<40; i++) {
		begin();
		for (j=0; j<=i % 5; j++)
			put(!j, j);
		if (i & 1)
			tu_run(2);
		rig.x = mem_deref(rig.x);
	}
}


static void test_encoder_fails(void **state)
{
	(void)state;

	begin();
	fake_set_err(EIO);
	put(true, 1);
	wait_decoded(1);
	assert_int_equal(1, stats().failed);

	/* not with every frame */
	put(false, 2);
	wait_decoded(2);
	assert_int_equal(1, stats().failed);
	assert_int_equal(0, rig.outc);

	fake_set_err(0);
	rig.now += 1000000;
	put_and_wait(false, 3);
	assert_true(rig.outv[0].key);
	assert_int_equal(3, rig.outv[0].shade);
}


static void test_params(void **state)
{
	struct vxcode_param prm = param();
	struct vcodec none = {.codec = VIDEO_VP8};
	struct vxcode *x = NULL;
	(void)state;

	assert_int_equal(EINVAL, vxcode_alloc(NULL, &prm, out_handler, NULL,
					      NULL));
	assert_int_equal(EINVAL, vxcode_alloc(&x, &prm, NULL, NULL, NULL));
	prm.dec = &none;
	assert_int_equal(EINVAL, vxcode_alloc(&x, &prm, out_handler, NULL,
					      NULL));
	prm = param();
	prm.enc = &none;
	assert_int_equal(EINVAL, vxcode_alloc(&x, &prm, out_handler, NULL,
					      NULL));
	assert_null(x);

	vxcode_put(NULL, true, 0, 0, NULL, 0);
	vxcode_lost(NULL);
	vxcode_keyframe(NULL);
	vxcode_set_bitrate(NULL, 1);
}
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_frames), TEST(test_packets), TEST(test_late),
		TEST(test_hopeless), TEST(test_decoder_needs_key),
		TEST(test_hopeless_stream), TEST(test_reordered),
		TEST(test_lost), TEST(test_lost_end), TEST(test_jump),
		TEST(test_padding), TEST(test_free_while_decoding),
		TEST(test_free_in_handler), TEST(test_free_unused),
		TEST(test_many), TEST(test_encoder_fails), TEST(test_params),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
