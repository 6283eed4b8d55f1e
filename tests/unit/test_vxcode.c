/**
 * @file test_vxcode.c  Transcoder: queue, lateness, lifetimes, what it asks
 */
#include "testutil.h"
#include <rem.h>
#include "audio/audio.h"
#include "rtp/clock.h"
#include "video/video.h"
#include "video/xcode/codec.h"
#include "base/jobthread.h"
#include "video/xcode/transcoder.h"
#include "vcodec_rig.h"


enum {
	FRAME   = 3000,         /**< Of 30 a second [90 kHz]               */
	TIMEOUT = 60000,        /**< For what must happen [ms]             */
	OUT_MAX = 256,          /**< Frames kept                           */
};

/** A frame that came out */
struct out {
	uint32_t ts;
	bool key;
	uint8_t shade;
	unsigned w;
	size_t pktc;
	size_t longest;
};

static struct {
	struct vxcode *x;
	struct out outv[OUT_MAX];
	size_t outc;
	unsigned keyc;          /**< Keyframes asked of the source         */
	size_t want;            /**< Frames to wait for                    */
	uint16_t seq;
	uint32_t ts;
	uint64_t now;
	bool free_in_handler;
} rig;


static uint64_t clock_handler(void)
{
	return rig.now;
}


static void out_handler(bool marker, uint32_t ts, bool key,
			const uint8_t *buf, size_t len, void *arg)
{
	struct out *o = &rig.outv[rig.outc];

	assert_ptr_equal(arg, &rig);
	assert_true(len >= FAKE_LEN);

	o->ts    = ts;
	o->key   = key;
	o->shade = buf[FAKE_SHADE];
	o->w     = buf[7] | buf[8] << 8;
	++o->pktc;
	o->longest = max(o->longest, len);

	if (rig.free_in_handler)
		rig.x = mem_deref(rig.x);

	if (marker && rig.outc < OUT_MAX - 1)
		++rig.outc;
}


static void key_handler(void *arg)
{
	assert_ptr_equal(arg, &rig);
	++rig.keyc;
}


static struct vxcode_param param(void)
{
	return (struct vxcode_param) {
		.dec         = &fake_codec,
		.enc         = &fake_codec,
		.pktsize     = 1000,
		.width_max   = 1280,
		.height_max  = 720,
		.fps_max     = 30,
		.bitrate     = 1000000,
		.bitrate_min = 50000,
	};
}


static void begin_with(const struct vxcode_param *prm)
{
	assert_int_equal(0, vxcode_alloc(&rig.x, prm, out_handler,
					 key_handler, &rig));
}


static void begin(void)
{
	const struct vxcode_param prm = param();

	begin_with(&prm);
}


static int setup(void **state)
{
	(void)state;

	memset(&rig, 0, sizeof(rig));
	rig.seq = 65530;        /* wraps soon */
	rig.ts  = 0xfffff000;
	rig.now = 1000000;
	media_clock_set(clock_handler);
	fake_reset();
	fake_codec.enc_update = NULL;

	return 0;
}


static int teardown(void **state)
{
	struct fake_state st;
	(void)state;

	fake_gate(false);
	rig.x = mem_deref(rig.x);
	jobthread_wait();
	media_clock_set(NULL);

	st = fake_state();
	if (st.encc || st.decc || st.onloop) {
		fprintf(stderr, "left: %u encoders, %u decoders; %u calls on "
			"the loop\n", st.encc, st.decc, st.onloop);
		return -1;
	}

	return 0;
}


static void put_sized(bool key, uint8_t shade, unsigned w, unsigned h)
{
	uint8_t buf[FAKE_LEN];

	fake_write(buf, sizeof(buf), true, key, w, h, shade);
	vxcode_put(rig.x, true, rig.seq++, rig.ts, buf, sizeof(buf));
	rig.ts  += FRAME;
	rig.now += FRAME * 100 / 9;
}


static void put(bool key, uint8_t shade)
{
	put_sized(key, shade, 640, 480);
}


static bool has_out(void *arg)
{
	(void)arg;

	return rig.outc >= rig.want;
}


static void wait_out(size_t n)
{
	rig.want = n;
	assert_true(tu_wait(has_out, NULL, TIMEOUT));
	assert_int_equal(n, rig.outc);
}


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


/* One after the other, so that none is late */
static void put_and_wait(bool key, uint8_t shade)
{
	const size_t n = rig.outc;

	put(key, shade);
	wait_out(n + 1);
}


static bool is_decoded(void *arg)
{
	const unsigned *n = arg;
	struct vxcode_stats st;

	vxcode_stats(rig.x, &st);

	return st.decoded + st.errors >= *n;
}


static void wait_decoded(unsigned n)
{
	assert_true(tu_wait(is_decoded, &n, TIMEOUT));
}


static struct vxcode_stats stats(void)
{
	struct vxcode_stats st;

	memset(&st, 0, sizeof(st));
	vxcode_stats(rig.x, &st);

	return st;
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


#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_frames),
		TEST(test_packets),
		TEST(test_late),
		TEST(test_hopeless),
		TEST(test_decoder_needs_key),
		TEST(test_hopeless_stream),
		TEST(test_enormous),
		TEST(test_keyframes_coalesced),
		TEST(test_bitrate),
		TEST(test_bitrate_update),
		TEST(test_size_follows_bitrate),
		TEST(test_fps_limited),
		TEST(test_bits_limited),
		TEST(test_bits_limited_clock),
		TEST(test_pause_clock),
		TEST(test_receiver_limits),
		TEST(test_width_max),
		TEST(test_reordered),
		TEST(test_lost),
		TEST(test_lost_end),
		TEST(test_jump),
		TEST(test_padding),
		TEST(test_free_while_decoding),
		TEST(test_free_in_handler),
		TEST(test_free_unused),
		TEST(test_many),
		TEST(test_encoder_fails),
		TEST(test_params),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
