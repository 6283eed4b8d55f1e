/**
 * @file test_video_resend.c  Lost packets of video
 */
#include "video_fb_rig.h"


static void remote_nack(struct vrig *rig, enum media_leg leg,
			const uint16_t *seqv, size_t seqc)
{
	uint8_t buf[500];
	size_t len = 0;

	assert_int_equal(fb_nack_write(buf, sizeof(buf), &len, 77,
				       rig->endv[leg].ssrc, seqv, seqc), 0);
	from_remote(rig, leg, buf, len);
}


/* The app misses packets: RTX has them, or they are sent once more */
static void check_resend(bool rtx)
{
	struct vrig_sink *sink;
	struct video_stats st;
	struct vrig_src src;
	struct vrig rig;
	uint16_t seqv[3];
	uint32_t twcc;
	size_t i;

	vp8_start(&rig, &src, LEG_SIP);
	if (!rtx)
		rig.endv[LEG_CUBE].tx.rtx_pt = 0;
	vp8_set(&rig);
	sink = &rig.sinkv[LEG_CUBE];

	for (i=0; i<20; i++) {
		send_frame(&rig, &src, LEG_SIP, i == 0);
		vsrc_frame(&rig, &src);
	}

	seqv[0] = sink->pktv[3].seq;
	seqv[1] = sink->pktv[5].seq;
	seqv[2] = sink->pktv[19].seq + 1;
	remote_nack(&rig, LEG_CUBE, seqv, 3);

	assert_int_equal(sink->pktc, 22);
	for (i=20; i<22; i++) {

		const struct vrig_pkt *p = &sink->pktv[i];
		const struct vrig_pkt *o = &sink->pktv[i == 20 ? 3 : 5];

		assert_int_equal(p->ts, o->ts);
		assert_int_equal(p->marker, o->marker);
		assert_int_equal(p->extlen, o->extlen);

		if (rtx) {
			assert_int_equal(p->pt, vrig_rtx(LEG_CUBE, VIDEO_VP8));
			assert_int_equal(p->ssrc,
					 rig.endv[LEG_CUBE].ssrc_rtx);
			assert_int_equal(p->len, o->len + 2);
			assert_int_equal(rtp_get16(p->buf), o->seq);
			assert_memory_equal(p->buf + 2, o->buf, o->len);
		}
		else {
			assert_int_equal(p->pt, o->pt);
			assert_int_equal(p->ssrc, o->ssrc);
			assert_int_equal(p->seq, o->seq);
			assert_int_equal(p->len, o->len);
			assert_memory_equal(p->buf, o->buf, o->len);
		}

		/* with the same number, all of it is the same (SRTP) */
		if (!rtx) {
			assert_memory_equal(p->ext, o->ext, o->extlen);
			continue;
		}

		/* abs-send-time 4 bytes, then transport-wide number */
		twcc = rtp_get16(p->ext + 5);
		assert_int_equal(p->ext[4], 0x31);
		assert_int_equal(twcc, rtp_get16(sink->pktv[19].ext + 5) +
				 i - 19);
	}
	if (rtx)
		assert_int_equal((uint16_t)(sink->pktv[21].seq -
					    sink->pktv[20].seq), 1);

	/* the same at once again: the answer is on its way */
	remote_nack(&rig, LEG_CUBE, seqv, 1);
	assert_int_equal(sink->pktc, 22);

	video_pair_stats(rig.vp, LEG_CUBE, &st);
	assert_int_equal(st.tx.nacks, 4);
	assert_int_equal(st.tx.retransmitted, 2);
	assert_int_equal(st.tx.packets, 20);

	/* too late */
	vrig_pass(&rig, 3000000);
	remote_nack(&rig, LEG_CUBE, seqv, 1);
	assert_int_equal(sink->pktc, 22);

	vrig_close(&rig);
}


static void test_resend(void **state)
{
	(void)state;

	check_resend(true);
	check_resend(false);
}


/* Requests for everything, again and again, are not answered without end */
static void test_resend_bounded(void **state)
{
	struct vrig_sink *sink;
	struct vrig_src src;
	struct vrig rig;
	uint8_t buf[1000];
	uint16_t seqv[200];
	size_t i, k, sent, bytes = 0;
	(void)state;

	vp8_start(&rig, &src, LEG_SIP);
	vp8_set(&rig);
	sink = &rig.sinkv[LEG_CUBE];
	memset(buf, 0x10, sizeof(buf));

	for (i=0; i<200; i++) {
		vsrc_send(&rig, LEG_SIP, &src, true, buf, sizeof(buf));
		seqv[i] = vsink_last(sink)->seq;
		vrig_pass(&rig, 4000);
		src.ts += 360;
	}
	sent = sink->pktc;

	for (k=0; k<30; k++) {
		remote_nack(&rig, LEG_CUBE, seqv, 200);
		vrig_now += 6000;
	}
	for (i=sent; i<sink->pktc; i++)
		bytes += sink->pktv[i].len;
	assert_in_range(bytes, 50000, 300000);

	vrig_close(&rig);
}


/* A phone that states nack gets packets again, one that does not does not */
static void test_resend_phone(void **state)
{
	unsigned nack;
	(void)state;

	for (nack=0; nack<2; nack++) {
		struct vrig_src src;
		struct vrig rig;
		uint16_t seq;

		vp8_start(&rig, &src, LEG_CUBE);
		rig.endv[LEG_SIP].fb = nack ? VIDEO_FB_NACK : 0;
		vp8_set(&rig);
		send_frame(&rig, &src, LEG_CUBE, true);
		seq = rig.sinkv[LEG_SIP].pktv[0].seq;
		remote_nack(&rig, LEG_SIP, &seq, 1);

		assert_int_equal(rig.sinkv[LEG_SIP].pktc, 1 + nack);
		assert_int_equal(rig.sinkv[LEG_SIP].pktv[nack].seq, seq);
		assert_int_equal(rig.sinkv[LEG_SIP].pktv[nack].extlen, 0);
		vrig_close(&rig);
	}
}


/* The bridge misses packets of the app, asks, and gets them by RTX or as they
   were, however far behind; the phone knows NACK as well */
static void check_ask(bool rtx)
{
	static struct fb fb;
	struct vrig_sink *app, *phone;
	struct video_stats st;
	struct vrig_src src, again;
	struct vrig rig;
	uint8_t buf[40];
	uint16_t lost, first;
	size_t i, at;

	vp8_start(&rig, &src, LEG_CUBE);
	rig.endv[LEG_SIP].fb = VIDEO_FB_NACK;
	vp8_set(&rig);
	app   = &rig.sinkv[LEG_CUBE];
	phone = &rig.sinkv[LEG_SIP];

	send_frame(&rig, &src, LEG_CUBE, true);
	vsrc_frame(&rig, &src);
	first = phone->pktv[0].seq;
	lost  = src.seq;
	src.seq += 2;

	for (i=0; i<100; i++) {
		send_frame(&rig, &src, LEG_CUBE, false);
		vrig_pass(&rig, 1000);
		src.ts += 90;
	}

	at = find_fb(app, 0, FB_NACK, &fb);
	assert_true(at > 0);
	assert_int_equal(fb.media, src.ssrc);
	assert_int_equal(fb.u.nack.seqc, 2);
	assert_int_equal(fb.u.nack.seqv[0], lost);
	assert_int_equal(fb.u.nack.seqv[1], (uint16_t)(lost + 1));

	/* reduced size: nothing but the request */
	assert_int_equal(app->rtcpv[at - 1].len, 16);

	/* a hundred packets later */
	again = src;
	if (rtx) {
		again.pt   = vrig_rtx(LEG_CUBE, VIDEO_VP8);
		again.ssrc = 4242;
	}
	for (i=0; i<2; i++) {
		rtp_put16(buf, lost + (uint16_t)i);
		memcpy(buf + (rtx ? 2 : 0), vp8_inter, 30);
		vrig_rtp(&rig, LEG_CUBE, &again, rtx ? 100 + (uint16_t)i :
			 (uint16_t)(lost + i), true, buf, rtx ? 32 : 30);
		assert_int_equal(phone->pktc, 102 + i);
		assert_int_equal((uint16_t)(vsink_last(phone)->seq - first),
				 1 + i);
		assert_int_equal(vsink_last(phone)->len, 30);
	}

	/* twice is once; padding to probe with is nothing */
	vrig_rtp(&rig, LEG_CUBE, &again, 101, true, buf, rtx ? 32 : 30);
	vrig_rtp(&rig, LEG_CUBE, &again, 102, true, buf, 0);
	assert_int_equal(phone->pktc, 103);

	app->rtcpc = 0;
	send_frame(&rig, &src, LEG_CUBE, false);
	vrig_pass(&rig, 2000000);
	assert_int_equal(count_fb(app, FB_NACK), 0);

	video_pair_stats(rig.vp, LEG_CUBE, &st);
	assert_true(st.rx.nacks >= 2);
	assert_int_equal(st.rx.retransmitted, rtx ? 2 : 0);
	assert_int_equal(st.rx.lost, rtx ? 2 : 0);

	vrig_close(&rig);
}


static void test_ask(void **state)
{
	(void)state;

	check_ask(true);
	check_ask(false);
}


/* What does not come in spite of all requests needs a keyframe: after a second,
   if the receiver waits as long; that asks for one itself if it does not */
static void test_hopeless(void **state)
{
	struct vrig_sink *app;
	struct vrig_src src;
	struct vrig rig;
	unsigned i;
	(void)state;

	vp8_start(&rig, &src, LEG_CUBE);
	rig.endv[LEG_SIP].fb = VIDEO_FB_NACK;
	vp8_set(&rig);
	app = &rig.sinkv[LEG_CUBE];

	send_frame(&rig, &src, LEG_CUBE, true);
	++src.seq;
	for (i=0; i<60; i++) {
		vsrc_frame(&rig, &src);
		send_frame(&rig, &src, LEG_CUBE, false);
		if (i == 15)
			assert_int_equal(count_fb(app, FB_PLI), 0);
	}
	assert_true(count_fb(app, FB_NACK) >= 3);
	assert_true(count_fb(app, FB_PLI) >= 1);

	vrig_close(&rig);
}


/* A keyframe that begins with a retransmission is the one that was awaited:
   none is asked for on top */
static void test_key_again(void **state)
{
	struct vrig_sink *app;
	struct video_stats st;
	struct vrig_src src, again;
	struct vrig rig;
	uint8_t buf[2 + sizeof(vp8_key)];
	unsigned i;
	(void)state;

	vp8_start(&rig, &src, LEG_CUBE);
	vp8_set(&rig);
	app = &rig.sinkv[LEG_CUBE];

	send_frame(&rig, &src, LEG_CUBE, true);
	for (i=0; i<60; i++) {
		vsrc_frame(&rig, &src);
		send_frame(&rig, &src, LEG_CUBE, false);
	}

	/* the phone wants one; its first packet is lost, the rest comes */
	video_pair_fast_update(rig.vp, LEG_SIP);
	assert_int_equal(count_fb(app, FB_PLI), 1);
	vsrc_frame(&rig, &src);
	again = src;
	++src.seq;
	send_frame(&rig, &src, LEG_CUBE, false);
	vrig_pass(&rig, 20000);

	again.pt   = vrig_rtx(LEG_CUBE, VIDEO_VP8);
	again.ssrc = 0xabababab;
	rtp_put16(buf, again.seq);
	memcpy(buf + 2, vp8_key, sizeof(vp8_key));
	vrig_rtp(&rig, LEG_CUBE, &again, 7000, false, buf, sizeof(buf));

	for (i=0; i<60; i++) {
		vsrc_frame(&rig, &src);
		send_frame(&rig, &src, LEG_CUBE, false);
	}
	assert_int_equal(count_fb(app, FB_PLI), 1);
	video_pair_stats(rig.vp, LEG_CUBE, &st);
	assert_int_equal(st.rx.keyframes, 2);
	assert_int_equal(st.rx.retransmitted, 1);

	vrig_close(&rig);
}


/* A phone cannot be asked: a keyframe at once */
static void test_hopeless_phone(void **state)
{
	struct vrig_src src;
	struct vrig rig;
	(void)state;

	vp8_start(&rig, &src, LEG_SIP);
	vp8_set(&rig);

	send_frame(&rig, &src, LEG_SIP, true);
	vsrc_frame(&rig, &src);
	send_frame(&rig, &src, LEG_SIP, false);
	vsrc_frame(&rig, &src);
	assert_int_equal(rig.sinkv[LEG_SIP].infos, 0);
	++src.seq;
	send_frame(&rig, &src, LEG_SIP, false);
	vsrc_frame(&rig, &src);
	assert_int_equal(rig.sinkv[LEG_SIP].infos, 1);
	assert_int_equal(count_fb(&rig.sinkv[LEG_SIP], FB_NACK), 0);

	vrig_close(&rig);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_resend),
		cmocka_unit_test(test_resend_bounded),
		cmocka_unit_test(test_resend_phone),
		cmocka_unit_test(test_ask),
		cmocka_unit_test(test_key_again),
		cmocka_unit_test(test_hopeless),
		cmocka_unit_test(test_hopeless_phone),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
