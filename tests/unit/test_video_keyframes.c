/**
 * @file test_video_keyframes.c  Keyframes of video, asked for and sent
 */
#include "video_fb_rig.h"


static void remote_pli(struct vrig *rig, enum media_leg leg)
{
	uint8_t buf[50];
	size_t len = 0;

	assert_int_equal(fb_pli_write(buf, sizeof(buf), &len, 77,
				      rig->endv[leg].ssrc), 0);
	from_remote(rig, leg, buf, len);
}


static void remote_fir(struct vrig *rig, enum media_leg leg, uint8_t nr)
{
	uint8_t buf[50];
	size_t len = 0;

	assert_int_equal(fb_fir_write(buf, sizeof(buf), &len, 77,
				      rig->endv[leg].ssrc, nr), 0);
	from_remote(rig, leg, buf, len);
}


static const struct {
	uint32_t fb;
	bool fasth;
	unsigned pli, fir, info;
} roadv[] = {
	{VIDEO_FB_PLI | VIDEO_FB_FIR, true, 1, 0, 0},
	{VIDEO_FB_FIR, true, 0, 1, 0},
	{0, true, 0, 0, 1},
	{0, false, 0, 0, 0},
};


/* Each kind of request becomes what the phone understands */
static void test_roads(void **state)
{
	size_t i, k;
	(void)state;

	for (i=0; i<ARRAY_SIZE(roadv); i++) {

		for (k=0; k<2; k++) {

			struct vrig_sink *sink;
			struct video_stats st;
			struct vrig_src src;
			struct vrig rig;

			vp8_start(&rig, &src, LEG_SIP);
			rig.endv[LEG_SIP].fb = roadv[i].fb;
			if (!roadv[i].fasth)
				rig.endv[LEG_SIP].fasth = NULL;
			vp8_set(&rig);
			sink = &rig.sinkv[LEG_SIP];

			/* begins with one: none has to be asked for */
			send_frame(&rig, &src, LEG_SIP, true);
			vsrc_frame(&rig, &src);
			send_frame(&rig, &src, LEG_SIP, false);
			assert_int_equal(sink->rtcpc, 0);
			assert_int_equal(sink->infos, 0);

			if (k)
				remote_fir(&rig, LEG_CUBE, 1);
			else
				remote_pli(&rig, LEG_CUBE);

			assert_int_equal(count_fb(sink, FB_PLI), roadv[i].pli);
			assert_int_equal(count_fb(sink, FB_FIR), roadv[i].fir);
			assert_int_equal(sink->infos, roadv[i].info);

			video_pair_stats(rig.vp, LEG_SIP, &st);
			assert_int_equal(st.rx.plis, roadv[i].pli);
			assert_int_equal(st.rx.firs, roadv[i].fir);
			assert_int_equal(st.rx.infos, roadv[i].info);
			video_pair_stats(rig.vp, LEG_CUBE, &st);
			assert_int_equal(st.tx.plis, !k);
			assert_int_equal(st.tx.firs, k);

			vrig_close(&rig);
		}
	}
}


/* Without AVPF: in a compound, behind a report */
static void test_compound(void **state)
{
	struct vrig_sink *sink;
	struct rtcp_part part;
	struct vrig_src src;
	struct vrig rig;
	size_t pos = 0;
	(void)state;

	vp8_start(&rig, &src, LEG_SIP);
	rig.endv[LEG_SIP].fb = VIDEO_FB_PLI;
	vp8_set(&rig);
	sink = &rig.sinkv[LEG_SIP];
	send_frame(&rig, &src, LEG_SIP, false);

	assert_int_equal(sink->rtcpc, 1);
	assert_int_equal(rtcp_part_next(&part, sink->rtcpv[0].buf,
					sink->rtcpv[0].len, &pos), 0);
	assert_int_equal(part.type, RTCP_RR);
	assert_int_equal(rtcp_part_next(&part, sink->rtcpv[0].buf,
					sink->rtcpv[0].len, &pos), 0);
	assert_int_equal(part.type, RTCP_SDES);
	assert_int_equal(rtcp_part_next(&part, sink->rtcpv[0].buf,
					sink->rtcpv[0].len, &pos), 0);
	assert_int_equal(part.type, RTCP_PSFB);
	assert_int_equal(rtp_get32(part.p + 4), src.ssrc);

	vrig_close(&rig);
}


/* Coalesced, no more often than allowed, until one comes; the phone's own
   requests by INFO; and a FIR that was repeated is one */
static void test_rates(void **state)
{
	struct vrig_sink *app;
	struct video_stats st;
	struct vrig_src src;
	struct vrig rig;
	unsigned i, n;
	(void)state;

	vp8_start(&rig, &src, LEG_CUBE);
	vp8_set(&rig);
	app = &rig.sinkv[LEG_CUBE];

	/* a start without one: some early ones, then every half second */
	for (i=0; i<30; i++) {
		send_frame(&rig, &src, LEG_CUBE, false);
		vsrc_frame(&rig, &src);
	}
	n = count_fb(app, FB_PLI);
	assert_in_range(n, 4, 5);
	for (i=0; i<60; i++) {
		send_frame(&rig, &src, LEG_CUBE, false);
		vsrc_frame(&rig, &src);
	}
	assert_in_range(count_fb(app, FB_PLI) - n, 3, 5);

	/* there it is */
	send_frame(&rig, &src, LEG_CUBE, true);
	vsink_flush(app);
	for (i=0; i<60; i++) {
		send_frame(&rig, &src, LEG_CUBE, false);
		vsrc_frame(&rig, &src);
	}
	assert_int_equal(count_fb(app, FB_PLI), 0);

	/* the phone asks by INFO, many times */
	for (i=0; i<10; i++)
		video_pair_fast_update(rig.vp, LEG_SIP);
	assert_int_equal(count_fb(app, FB_PLI), 1);
	send_frame(&rig, &src, LEG_CUBE, true);
	video_pair_fast_update(rig.vp, LEG_SIP);
	assert_int_equal(count_fb(app, FB_PLI), 1);
	for (i=0; i<20; i++) {
		vsrc_frame(&rig, &src);
		send_frame(&rig, &src, LEG_CUBE, i == 18);
	}
	assert_int_equal(count_fb(app, FB_PLI), 2);

	/* a command that was repeated is one command */
	vsink_flush(app);
	vrig_pass(&rig, 1000000);
	send_frame(&rig, &src, LEG_CUBE, true);
	remote_fir(&rig, LEG_SIP, 7);
	assert_int_equal(count_fb(app, FB_PLI), 1);
	vsrc_frame(&rig, &src);
	send_frame(&rig, &src, LEG_CUBE, true);
	vrig_pass(&rig, 1000000);
	remote_fir(&rig, LEG_SIP, 7);
	assert_int_equal(count_fb(app, FB_PLI), 1);
	remote_fir(&rig, LEG_SIP, 8);
	assert_int_equal(count_fb(app, FB_PLI), 2);

	video_pair_stats(rig.vp, LEG_SIP, &st);
	assert_int_equal(st.tx.infos, 11);
	assert_int_equal(st.tx.firs, 2);
	video_pair_stats(rig.vp, LEG_CUBE, &st);
	assert_int_equal(st.rx.keyframes, 5);

	/* a source that sends nothing is not asked for ever */
	vsink_flush(app);
	vrig_pass(&rig, 20000000);
	assert_in_range(count_fb(app, FB_PLI), 0, 4);

	vrig_close(&rig);
}


/* A receiver that comes later, or again, gets a keyframe */
static void test_starts(void **state)
{
	struct vrig_sink *app;
	struct vrig_src src;
	struct vrig rig;
	(void)state;

	vp8_start(&rig, &src, LEG_CUBE);
	vrig_set(&rig, LEG_CUBE);
	app = &rig.sinkv[LEG_CUBE];

	send_frame(&rig, &src, LEG_CUBE, true);
	vsrc_frame(&rig, &src);
	assert_int_equal(count_fb(app, FB_PLI), 0);

	vrig_set(&rig, LEG_SIP);
	assert_int_equal(count_fb(app, FB_PLI), 1);
	send_frame(&rig, &src, LEG_CUBE, true);

	/* hold and resume */
	vrig_pass(&rig, 1000000);
	rig.endv[LEG_SIP].send = false;
	vrig_set(&rig, LEG_SIP);
	send_frame(&rig, &src, LEG_CUBE, true);
	vrig_pass(&rig, 1000000);
	vsink_flush(app);
	send_frame(&rig, &src, LEG_CUBE, false);
	rig.endv[LEG_SIP].send = true;
	vrig_set(&rig, LEG_SIP);
	assert_int_equal(count_fb(app, FB_PLI), 1);
	vsink_flush(app);

	/* the app starts anew */
	vsrc_frame(&rig, &src);
	send_frame(&rig, &src, LEG_CUBE, true);
	vsink_flush(app);
	vrig_pass(&rig, 1000000);
	src.ssrc ^= 1;
	send_frame(&rig, &src, LEG_CUBE, false);
	send_frame(&rig, &src, LEG_CUBE, false);
	assert_int_equal(count_fb(app, FB_PLI), 1);

	vrig_close(&rig);
}


/* A phone that does not answer INFO is not asked for ever */
static void test_info_ends(void **state)
{
	struct vrig_sink *phone;
	struct vrig_src src;
	struct vrig rig;
	unsigned i;
	(void)state;

	vp8_start(&rig, &src, LEG_SIP);
	vp8_set(&rig);
	phone = &rig.sinkv[LEG_SIP];

	for (i=0; i<900; i++) {
		send_frame(&rig, &src, LEG_SIP, false);
		vsrc_frame(&rig, &src);
	}
	assert_int_equal(phone->infos, 10);

	/* but when somebody wants one again */
	remote_pli(&rig, LEG_CUBE);
	assert_int_equal(phone->infos, 11);

	vrig_close(&rig);
}


/* The path opens late: what could not be sent is asked for again */
static void test_path_opens(void **state)
{
	struct vrig_src src;
	struct vrig rig;
	(void)state;

	vp8_start(&rig, &src, LEG_SIP);
	vp8_set(&rig);

	rig.sinkv[LEG_CUBE].err = ENOTCONN;
	send_frame(&rig, &src, LEG_SIP, true);
	vsrc_frame(&rig, &src);
	send_frame(&rig, &src, LEG_SIP, false);
	vsrc_frame(&rig, &src);
	assert_int_equal(rig.sinkv[LEG_SIP].infos, 0);

	rig.sinkv[LEG_CUBE].err = 0;
	send_frame(&rig, &src, LEG_SIP, false);
	assert_int_equal(rig.sinkv[LEG_SIP].infos, 1);

	vrig_close(&rig);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_roads),
		cmocka_unit_test(test_compound),
		cmocka_unit_test(test_rates),
		cmocka_unit_test(test_starts),
		cmocka_unit_test(test_info_ends),
		cmocka_unit_test(test_path_opens),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
