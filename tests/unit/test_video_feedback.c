/**
 * @file test_video_feedback.c  Bandwidth and reports of video
 */
#include "video_fb_rig.h"


static void remote_rr(struct vrig *rig, enum media_leg leg, uint8_t fraction)
{
	struct rtcp_block blk = {
		.ssrc = rig->endv[leg].ssrc, .fraction = fraction
	};
	uint8_t buf[200];
	size_t len;

	assert_int_equal(rtcp_report_write(buf, sizeof(buf), &len, 77, NULL,
					   &blk, "x"), 0);
	from_remote(rig, leg, buf, len);
}


static uint64_t last_bw(const struct vrig_sink *sink, enum fb_type type)
{
	static struct fb fb;
	uint64_t bw = 0;
	size_t i = 0;

	while ((i = find_fb(sink, i, type, &fb)))
		bw = fb.u.bw.bitrate;

	return bw;
}


static void flow(struct vrig *rig, struct vrig_src *src, enum media_leg leg,
		 unsigned frames)
{
	while (frames--) {
		send_frame(rig, src, leg, true);
		vsrc_frame(rig, src);
	}
}


/* The app is told the least of what the phone, its loss and we allow */
static void test_remb(void **state)
{
	struct vrig_sink *app;
	struct video_stats st;
	struct vrig_src src;
	struct vrig rig;
	uint8_t buf[100];
	uint64_t bw;
	unsigned i;
	size_t len;
	(void)state;

	vp8_start(&rig, &src, LEG_CUBE);
	rig.endv[LEG_SIP].bw_max = 500000;
	rig.endv[LEG_SIP].fb     = VIDEO_FB_TMMBR;
	vp8_set(&rig);
	app = &rig.sinkv[LEG_CUBE];

	flow(&rig, &src, LEG_CUBE, 60);
	assert_in_range(count_fb(app, FB_REMB), 2, 3);
	assert_in_range(last_bw(app, FB_REMB), 499000, 500000);

	/* the phone limits itself: at once, and is answered */
	vsink_flush(app);
	len = 0;
	assert_int_equal(fb_tmmb_write(buf, sizeof(buf), &len, true, 77,
				       rig.endv[LEG_SIP].ssrc, 300000, 40),
			 0);
	from_remote(&rig, LEG_SIP, buf, len);
	assert_in_range(last_bw(app, FB_REMB), 250000, 300000);
	assert_int_equal(count_fb(&rig.sinkv[LEG_SIP], FB_TMMBN), 1);
	assert_in_range(last_bw(&rig.sinkv[LEG_SIP], FB_TMMBN), 299000,
			300000);

	/* and loses packets */
	for (i=0; i<10; i++) {
		remote_rr(&rig, LEG_SIP, 100);
		flow(&rig, &src, LEG_CUBE, 30);
	}
	bw = last_bw(app, FB_REMB);
	assert_in_range(bw, rig.cfg.bitrate_min, 200000);

	video_pair_stats(rig.vp, LEG_SIP, &st);
	assert_in_range(st.tx.bw, bw, bw + 2000);
	video_pair_stats(rig.vp, LEG_CUBE, &st);
	assert_in_range(st.rx.bw, bw, bw + 2000);

	/* no packets, no timer */
	vrig_pass(&rig, 5000000);
	vsink_flush(app);
	vrig_pass(&rig, 60000000);
	assert_int_equal(app->rtcpc, 0);

	vrig_close(&rig);
}


/* A phone that knows TMMBR is told what the app can take */
static void test_tmmbr(void **state)
{
	struct vrig_sink *phone;
	struct vrig_src src;
	struct vrig rig;
	uint8_t buf[100];
	uint64_t bw;
	size_t len;
	(void)state;

	vp8_start(&rig, &src, LEG_SIP);
	rig.endv[LEG_SIP].fb = VIDEO_FB_TMMBR;
	vp8_set(&rig);
	phone = &rig.sinkv[LEG_SIP];

	flow(&rig, &src, LEG_SIP, 150);
	assert_int_equal(count_fb(phone, FB_TMMBR), 3);
	bw = last_bw(phone, FB_TMMBR);
	assert_in_range(bw, 2000000, 2100000);

	vsink_flush(phone);
	len = 0;
	assert_int_equal(fb_remb_write(buf, sizeof(buf), &len, 77, 200000,
				       &rig.endv[LEG_CUBE].ssrc, 1), 0);
	from_remote(&rig, LEG_CUBE, buf, len);
	assert_int_equal(count_fb(phone, FB_TMMBR), 1);
	assert_in_range(last_bw(phone, FB_TMMBR), 200000, 208000);

	/* confirmed: not repeated */
	len = 0;
	assert_int_equal(fb_tmmb_write(buf, sizeof(buf), &len, false, 66,
				       rig.endv[LEG_SIP].ssrc, 200000, 40),
			 0);
	from_remote(&rig, LEG_SIP, buf, len);
	flow(&rig, &src, LEG_SIP, 90);
	assert_int_equal(count_fb(phone, FB_TMMBR), 1);

	vrig_close(&rig);
}


/* A packet of many requests gets one answer, to the last of them, and none
   where TMMBR was not agreed */
static void test_tmmbn(void **state)
{
	unsigned agreed;
	(void)state;

	for (agreed=0; agreed<2; agreed++) {

		struct vrig_sink *phone;
		struct vrig_src src;
		struct vrig rig;
		uint8_t buf[1500];
		size_t len = 0;
		unsigned i;

		vp8_start(&rig, &src, LEG_CUBE);
		rig.endv[LEG_SIP].fb = agreed ? VIDEO_FB_TMMBR : 0;
		vp8_set(&rig);
		phone = &rig.sinkv[LEG_SIP];
		flow(&rig, &src, LEG_CUBE, 10);
		vsink_flush(phone);

		for (i=0; i<70; i++)
			assert_int_equal(fb_tmmb_write(
				buf, sizeof(buf), &len, true, 77,
				rig.endv[LEG_SIP].ssrc, 400000 - i * 1000,
				40), 0);
		from_remote(&rig, LEG_SIP, buf, len);

		assert_int_equal(count_fb(phone, FB_TMMBN), agreed);
		if (agreed)
			assert_in_range(last_bw(phone, FB_TMMBN), 330000,
					331000);

		/* one answer was all */
		len = 0;
		assert_int_equal(fb_pli_write(buf, sizeof(buf), &len, 77,
					      rig.endv[LEG_SIP].ssrc), 0);
		from_remote(&rig, LEG_SIP, buf, len);
		assert_int_equal(count_fb(phone, FB_TMMBN), agreed);

		vrig_close(&rig);
	}
}


/* Transport-wide feedback on all that arrives, ten times a second */
static void test_twcc(void **state)
{
	static struct fb fb;
	struct vrig_sink *app;
	struct vrig_src src;
	struct vrig rig;
	unsigned i, n = 0;
	uint16_t seq = 65500;
	size_t at = 0;
	(void)state;

	vp8_start(&rig, &src, LEG_CUBE);
	vp8_set(&rig);
	app = &rig.sinkv[LEG_CUBE];

	for (i=0; i<100; i++) {
		uint8_t buf[60];

		(void)rtp_hdr_write(buf, true, src.pt, src.seq++, src.ts,
				    src.ssrc);
		buf[0] |= 0x10;
		memcpy(buf + 12, "\xbe\xde\x00\x01\x31", 5);
		rtp_put16(buf + 17, seq++);
		buf[19] = 0;
		memcpy(buf + 20, vp8_inter, 30);
		video_pair_rtp(rig.vp, LEG_CUBE, buf, 50);
		vrig_pass(&rig, 10000);
		src.ts += 900;

		/* the phone hears nothing of it */
		assert_int_equal(vsink_last(&rig.sinkv[LEG_SIP])->extlen, 0);
	}

	while ((at = find_fb(app, at, FB_TWCC, &fb)))
		n += fb.u.twcc.pktc;
	assert_in_range(count_fb(app, FB_TWCC), 8, 11);
	assert_in_range(n, 88, 100);

	vrig_close(&rig);
}


/* What is sent to the app has the extensions that were agreed; orientation
   only if both ends know it */
static void test_ext(void **state)
{
	struct vrig_sink *app;
	struct vrig_src src;
	struct vrig rig;
	uint8_t buf[60];
	unsigned i, k;
	(void)state;

	for (k=0; k<2; k++) {
		vp8_start(&rig, &src, LEG_SIP);
		rig.endv[LEG_SIP].ext.orient = k ? 7 : 0;
		vp8_set(&rig);
		app = &rig.sinkv[LEG_CUBE];

		for (i=0; i<3; i++) {
			(void)rtp_hdr_write(buf, true, src.pt, src.seq++,
					    src.ts, src.ssrc);
			buf[0] |= 0x10;
			memcpy(buf + 12, "\xbe\xde\x00\x01\x70\x02\x00\x00",
			       8);
			memcpy(buf + 20, vp8_inter, 30);
			video_pair_rtp(rig.vp, LEG_SIP, buf, 50);
			vsrc_frame(&rig, &src);
		}

		for (i=0; i<3; i++) {
			const struct vrig_pkt *p = vsink_pkt(app, i);

			assert_int_equal(p->len, 30);
			assert_int_equal(p->extlen, k ? 12 : 8);
			assert_int_equal(p->ext[0], 0x22);
			assert_int_equal(p->ext[4], 0x31);
			if (i)
				assert_int_equal(rtp_get16(p->ext + 5),
						 (uint16_t)(rtp_get16(
						 app->pktv[i-1].ext + 5) + 1));
			if (k) {
				assert_int_equal(p->ext[7], 0x40);
				assert_int_equal(p->ext[8], 0x02);
			}
		}
		vrig_close(&rig);
	}
}


/* --- reports ------------------------------------------------------------ */

/* SR and RR are true; a leg with feedback gets them more often */
static void test_reports(void **state)
{
	struct vrig_sink *app, *phone;
	struct rtcp_sender snd;
	struct rtcp_block blk;
	struct rtcp_part part;
	struct video_stats st;
	struct vrig_src src;
	struct vrig rig;
	unsigned i, sr = 0, rr = 0;
	size_t pos;
	(void)state;

	vp8_start(&rig, &src, LEG_SIP);
	vp8_set(&rig);
	app   = &rig.sinkv[LEG_CUBE];
	phone = &rig.sinkv[LEG_SIP];

	for (i=0; i<600; i++) {
		if (i % 10 != 5)
			send_frame(&rig, &src, LEG_SIP, true);
		else
			++src.seq;
		vsrc_frame(&rig, &src);
	}

	for (i=0; i<app->rtcpc; i++) {
		pos = 0;
		assert_int_equal(rtcp_part_next(&part, app->rtcpv[i].buf,
						app->rtcpv[i].len, &pos), 0);
		if (rtcp_part_sender(&part, &snd))
			continue;
		++sr;
		assert_int_equal(snd.ntp, vport_ntp(rig.vp->portv[LEG_CUBE],
						    app->rtcpv[i].t));
		assert_in_range(snd.packets, 1, app->pktc);
	}
	assert_in_range(sr, 14, 40);
	assert_int_equal(snd.octets, snd.packets * 30);

	for (i=0; i<phone->rtcpc; i++) {
		pos = 0;
		assert_int_equal(rtcp_part_next(&part, phone->rtcpv[i].buf,
						phone->rtcpv[i].len, &pos),
				 0);
		if (rtcp_part_block(&part, 0, &blk))
			continue;
		++rr;
		assert_int_equal(blk.ssrc, src.ssrc);
		assert_in_range(blk.fraction, 20, 31);
	}
	assert_in_range(rr, 3, 9);
	assert_in_range(blk.lost, 20, 60);

	/* round trip: the app had our SR for 500 ms */
	memset(&blk, 0, sizeof(blk));
	blk.ssrc = rig.endv[LEG_CUBE].ssrc;
	blk.lsr  = (uint32_t)(snd.ntp >> 16);
	blk.lost = 3;
	for (i=(unsigned)app->rtcpc; i; i--) {
		if (app->rtcpv[i - 1].buf[1] == RTCP_SR)
			break;
	}
	blk.dlsr = (uint32_t)(((vrig_now - app->rtcpv[i - 1].t) << 16) /
			      1000000);
	vrig_now += 80000;
	{
		uint8_t buf[200];
		size_t len;

		assert_int_equal(rtcp_report_write(buf, sizeof(buf), &len, 77,
						   NULL, &blk, "x"), 0);
		from_remote(&rig, LEG_CUBE, buf, len);
	}
	video_pair_stats(rig.vp, LEG_CUBE, &st);
	assert_in_range(st.rtt, 79900, 80100);
	assert_int_equal(st.tx.lost, 3);
	assert_int_equal(st.tx.frames, st.tx.packets);

	/* 30 bytes, 27 times a second */
	assert_in_range(st.tx.bitrate, 6000, 7000);

	/* goodbye where there was RTCP */
	video_pair_close(rig.vp);
	for (i=0; i<LEG_MAX; i++) {
		const struct vrig_sink *s = &rig.sinkv[i];

		assert_int_equal(s->rtcpv[s->rtcpc - 1].buf[
			s->rtcpv[s->rtcpc - 1].len - 7], RTCP_BYE);
	}

	vrig_close(&rig);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_remb),
		cmocka_unit_test(test_tmmbr),
		cmocka_unit_test(test_tmmbn),
		cmocka_unit_test(test_twcc),
		cmocka_unit_test(test_ext),
		cmocka_unit_test(test_reports),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
