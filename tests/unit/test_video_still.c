/**
 * @file test_video_still.c  What the app sees while the phone sends nothing
 *
 * The real still picture with codecs of cardboard: when it is shown, and
 * when it gives way.
 */
#include "testutil.h"
#include <rem.h>
#include "audio/audio.h"
#include "rtp/rtp.h"
#include "rtp/rtcp.h"
#include "rtp/rxstat.h"
#include "rtp/clock.h"
#include "video/video.h"
#include "video/payload/vpay.h"
#include "video/payload/h264.h"
#include "video/rtp/fb.h"
#include "video/rtp/hdrext.h"
#include "video/keyframe.h"
#include "video/rtp/loss.h"
#include "video/bwe/bwe.h"
#include "video/rtp/seqmap.h"
#include "video/video_priv.h"
#include "video_rig.h"
#include "video/xcode/codec.h"
#include "vfake_rig.h"

static struct list codecl;

/** A sink, and how much is expected of it */
struct want {
	struct vrig *rig;
	size_t n;
};


/* Real time drives the picture, so that it has to pass here, too */
static bool is_there(void *arg)
{
	const struct want *w = arg;

	video_pair_poll(w->rig->vp, vrig_now);

	return w->rig->sinkv[LEG_CUBE].pktc >= w->n;
}


static bool wait_more(struct vrig *rig, size_t n)
{
	struct want w = {rig, rig->sinkv[LEG_CUBE].pktc + n};

	return tu_wait(is_there, &w, 60000);
}


static bool is_still(struct vrig *rig)
{
	struct video_stats st;

	video_pair_stats(rig->vp, LEG_CUBE, &st);

	return st.still;
}


static void frame(struct vrig *rig, struct vrig_src *src, bool key)
{
	uint8_t buf[20] = {0x10, !key, 0, 0, 0x9d, 0x01, 0x2a};

	vsrc_frame(rig, src);
	vsrc_send(rig, LEG_SIP, src, true, buf, sizeof(buf));
}


static void start(struct vrig *rig, struct vrig_src *src, bool freeze)
{
	vfake_init(&codecl);
	vrig_init(rig);
	rig->cfg.vcodecl = &codecl;
	rig->cfg.freeze  = freeze;
	(void)vrig_end(rig, LEG_SIP, VIDEO_VP8, NULL);
	(void)vrig_end(rig, LEG_CUBE, VIDEO_VP8, NULL);
	vrig_start(rig);
	vsrc_init(src, LEG_SIP, VIDEO_VP8);
}


static void check_numbers(const struct vrig_sink *sink)
{
	size_t i;

	for (i=1; i<sink->pktc; i++) {
		assert_int_equal((uint16_t)(sink->pktv[i].seq -
					    sink->pktv[0].seq), i);
		assert_true((int32_t)(sink->pktv[i].ts -
				      sink->pktv[i - 1].ts) >= 0);
		assert_int_equal(sink->pktv[i].pt,
				 vrig_pt(LEG_CUBE, VIDEO_VP8));
	}
}


/* The last frame is frozen 2 s after the last packet, answers requests for
   keyframes itself, and gives way to the phone's next keyframe */
static void test_freeze(void **state)
{
	struct vrig_sink *app;
	struct vrig_src src;
	struct vrig rig;
	uint8_t buf[50];
	unsigned keys;
	size_t n, len = 0;
	(void)state;

	start(&rig, &src, true);
	vrig_set(&rig, LEG_SIP);
	vrig_set(&rig, LEG_CUBE);
	app = &rig.sinkv[LEG_CUBE];

	frame(&rig, &src, true);
	frame(&rig, &src, false);
	frame(&rig, &src, false);
	vrig_pass(&rig, 1900000);
	tu_run(50);
	assert_int_equal(app->pktc, 3);
	assert_false(is_still(&rig));

	vrig_pass(&rig, 200000);
	assert_true(wait_more(&rig, 1));
	assert_true(is_still(&rig));
	assert_int_equal(vfake.decoded, 1);

	keys = vfake.keyframes;
	assert_int_equal(fb_pli_write(buf, sizeof(buf), &len, 77,
				      rig.endv[LEG_CUBE].ssrc), 0);
	rig.sinkv[LEG_SIP].infos = 0;
	video_pair_rtcp(rig.vp, LEG_CUBE, buf, len);
	while (vfake.keyframes == keys)
		assert_true(wait_more(&rig, 1));
	assert_int_equal(rig.sinkv[LEG_SIP].infos, 0);

	/* back again, in the middle: not before there is a keyframe */
	n = app->pktc;
	frame(&rig, &src, false);
	assert_true(is_still(&rig));
	assert_int_equal(rig.sinkv[LEG_SIP].infos, 1);
	assert_int_equal(app->pktc, n);

	frame(&rig, &src, true);
	assert_int_equal(app->pktc, n + 1);
	assert_false(is_still(&rig));
	frame(&rig, &src, false);
	assert_int_equal(app->pktc, n + 2);
	check_numbers(app);

	vrig_close(&rig);
	list_clear(&codecl);
}


/* The phone drops its video in the call, and takes it up again */
static void test_dropped(void **state)
{
	struct vrig_sink *app;
	struct vrig_src src;
	struct vrig rig;
	size_t n;
	(void)state;

	start(&rig, &src, true);
	vrig_set(&rig, LEG_SIP);
	vrig_set(&rig, LEG_CUBE);
	app = &rig.sinkv[LEG_CUBE];

	frame(&rig, &src, true);
	assert_int_equal(video_pair_set_end(rig.vp, LEG_SIP, NULL), 0);
	vrig_pass(&rig, 600000);
	assert_true(wait_more(&rig, 1));
	assert_true(is_still(&rig));

	/* hold of the app stops it, resume brings it back */
	rig.endv[LEG_CUBE].send = false;
	vrig_set(&rig, LEG_CUBE);
	n = app->pktc;
	vrig_pass(&rig, 3000000);
	tu_run(50);
	assert_int_equal(app->pktc, n);
	rig.endv[LEG_CUBE].send = true;
	vrig_set(&rig, LEG_CUBE);
	vrig_pass(&rig, 600000);
	assert_true(wait_more(&rig, 1));

	vrig_set(&rig, LEG_SIP);
	frame(&rig, &src, true);
	assert_false(is_still(&rig));
	check_numbers(app);

	/* closed while it is shown: no handler any more */
	assert_int_equal(video_pair_set_end(rig.vp, LEG_SIP, NULL), 0);
	vrig_pass(&rig, 600000);
	assert_true(wait_more(&rig, 1));
	video_pair_close(rig.vp);
	n = app->pktc;
	tu_run(300);
	assert_int_equal(app->pktc, n);

	vrig_close(&rig);
	list_clear(&codecl);
}


/* Without a frame there is nothing to freeze; if it is not configured the
   stream just stops */
static void test_nothing(void **state)
{
	struct vrig_src src;
	struct vrig rig;
	unsigned k;
	(void)state;

	for (k=0; k<2; k++) {
		start(&rig, &src, k == 0);
		vrig_set(&rig, LEG_SIP);
		vrig_set(&rig, LEG_CUBE);

		if (k)
			frame(&rig, &src, true);
		vrig_pass(&rig, 5000000);
		tu_run(50);
		assert_int_equal(rig.sinkv[LEG_CUBE].pktc, k);
		assert_false(is_still(&rig));

		vrig_close(&rig);
		list_clear(&codecl);
	}
}


/* A keyframe with a packet missing is not kept: the one before it is */
static void test_kept_whole(void **state)
{
	struct vrig_src src;
	struct vrig rig;
	uint8_t buf[20] = {0x10, 0x00, 0, 0, 0x9d, 0x01, 0x2a};
	(void)state;

	start(&rig, &src, true);
	vrig_set(&rig, LEG_SIP);
	vrig_set(&rig, LEG_CUBE);

	vsrc_send(&rig, LEG_SIP, &src, false, buf, sizeof(buf));
	buf[0] = 0;
	++src.seq;
	vsrc_send(&rig, LEG_SIP, &src, true, buf, sizeof(buf));
	vrig_pass(&rig, 3000000);
	tu_run(50);
	assert_false(is_still(&rig));

	/* without the loss it is */
	vsrc_frame(&rig, &src);
	buf[0] = 0x10;
	vsrc_send(&rig, LEG_SIP, &src, false, buf, sizeof(buf));
	buf[0] = 0;
	vsrc_send(&rig, LEG_SIP, &src, true, buf, sizeof(buf));
	vrig_pass(&rig, 3000000);
	assert_true(wait_more(&rig, 1));
	assert_true(is_still(&rig));

	vrig_close(&rig);
	list_clear(&codecl);
}


/* Another source comes back before the picture does: what it sends goes on from
   what was sent, whatever its numbers are */
static void test_back(void **state)
{
	struct vrig_sink *app;
	struct vrig_src src;
	struct vrig rig;
	size_t n;
	(void)state;

	start(&rig, &src, true);
	vrig_set(&rig, LEG_SIP);
	vrig_set(&rig, LEG_CUBE);
	app = &rig.sinkv[LEG_CUBE];

	frame(&rig, &src, true);
	vrig_pass(&rig, 2100000);
	n = app->pktc;
	assert_int_equal(n, 1);

	vrig_set(&rig, LEG_SIP);
	++src.ssrc;
	src.seq = vsink_last(app)->seq + 100;
	src.ts += 190000;
	frame(&rig, &src, false);
	assert_int_equal(app->pktc, n);
	frame(&rig, &src, true);
	assert_int_equal(app->pktc, n + 1);
	check_numbers(app);

	vrig_close(&rig);
	list_clear(&codecl);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_freeze),
		cmocka_unit_test(test_dropped),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_kept_whole),
		cmocka_unit_test(test_back),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
