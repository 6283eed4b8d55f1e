/**
 * @file vxcode_rig.h  A transcoder whose frames, keyframes and clock are ours
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


#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
