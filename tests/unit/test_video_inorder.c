/**
 * @file test_video_inorder.c  Video towards a phone that knows no NACK
 */
#include "video_fb_rig.h"


/* Time passes by, a frame every 33 ms */
static void send_frames(struct vrig *rig, struct vrig_src *src, unsigned n)
{
	while (n--) {
		vsrc_frame(rig, src);
		send_frame(rig, src, LEG_CUBE, false);
	}
}


/* To each packet of the phone the next one, but for these numbers left out */
static void check_in_order(const struct vrig_sink *sink, size_t n,
			   unsigned gaps)
{
	size_t i;

	assert_int_equal(sink->pktc, n);
	for (i=1; i<n; i++) {
		const uint16_t d = sink->pktv[i].seq - sink->pktv[i-1].seq;

		assert_in_range(d, 1, 1 + gaps);
		gaps -= d - 1;
	}
	assert_int_equal(gaps, 0);
}


/* A phone that knows no NACK takes nothing late: it gets packets in order, so
   that what is sent again is of use to it */
static void test_phone_order(void **state)
{
	struct vrig_sink *app, *phone;
	struct vrig_src src, again;
	struct video_stats st;
	struct vrig rig;
	uint8_t buf[40];
	(void)state;

	vp8_start(&rig, &src, LEG_CUBE);
	vp8_set(&rig);
	app   = &rig.sinkv[LEG_CUBE];
	phone = &rig.sinkv[LEG_SIP];

	send_frame(&rig, &src, LEG_CUBE, true);
	vsrc_frame(&rig, &src);
	again = src;
	++src.seq;
	send_frames(&rig, &src, 2);
	assert_int_equal(phone->pktc, 1);
	assert_int_equal(count_fb(app, FB_NACK), 1);

	again.pt   = vrig_rtx(LEG_CUBE, VIDEO_VP8);
	again.ssrc = 4242;
	rtp_put16(buf, again.seq);
	memcpy(buf + 2, vp8_inter, 30);
	vrig_rtp(&rig, LEG_CUBE, &again, 100, true, buf, 32);
	send_frames(&rig, &src, 60);
	check_in_order(phone, 64, 0);

	/* all is well: no keyframe, nothing is asked for any more */
	assert_int_equal(count_fb(app, FB_PLI), 0);
	assert_int_equal(count_fb(app, FB_NACK), 1);
	video_pair_stats(rig.vp, LEG_CUBE, &st);
	assert_int_equal(st.rx.retransmitted, 1);

	/* twice is once */
	vrig_rtp(&rig, LEG_CUBE, &again, 101, true, buf, 32);
	assert_int_equal(phone->pktc, 64);

	vrig_close(&rig);
}


/* What comes too late for it, or never, costs a keyframe, and soon; once it is
   there nothing older is asked for, nor shown */
static void test_phone_late(void **state)
{
	struct vrig_sink *app, *phone;
	struct vrig_src src, again;
	struct vrig rig;
	uint8_t buf[40];
	unsigned nacks;
	(void)state;

	vp8_start(&rig, &src, LEG_CUBE);
	vp8_set(&rig);
	app   = &rig.sinkv[LEG_CUBE];
	phone = &rig.sinkv[LEG_SIP];

	send_frame(&rig, &src, LEG_CUBE, true);
	send_frames(&rig, &src, 30);
	vsrc_frame(&rig, &src);
	again = src;
	++src.seq;
	send_frames(&rig, &src, 7);
	assert_int_equal(count_fb(app, FB_PLI), 1);
	check_in_order(phone, 38, 1);
	nacks = count_fb(app, FB_NACK);
	assert_true(nacks > 0);

	again.pt   = vrig_rtx(LEG_CUBE, VIDEO_VP8);
	again.ssrc = 4242;
	rtp_put16(buf, again.seq);
	memcpy(buf + 2, vp8_inter, 30);
	vrig_rtp(&rig, LEG_CUBE, &again, 100, true, buf, 32);
	assert_int_equal(phone->pktc, 38);

	/* another one is missing when the keyframe comes */
	++src.seq;
	send_frames(&rig, &src, 1);
	assert_int_equal(phone->pktc, 38);
	vsrc_frame(&rig, &src);
	send_frame(&rig, &src, LEG_CUBE, true);
	check_in_order(phone, 40, 2);
	send_frames(&rig, &src, 60);
	check_in_order(phone, 100, 2);
	assert_int_equal(count_fb(app, FB_PLI), 1);
	assert_in_range(count_fb(app, FB_NACK), nacks, nacks + 1);

	vrig_close(&rig);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_phone_order),
		cmocka_unit_test(test_phone_late),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
