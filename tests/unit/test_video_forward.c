/**
 * @file test_video_forward.c  Video that both legs share is forwarded
 */
#include "testutil.h"
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
#include "video/rtp/seqmap.h"
#include "video/video_priv.h"
#include "video_rig.h"


/* The first bytes of a frame of each codec, and of the rest of it */
static const uint8_t beginv[VIDEO_CODEC_MAX][8] = {
	[VIDEO_H264] = {0x41, 0x9a, 1, 2, 3},
	[VIDEO_VP8]  = {0x10, 0x01, 0x9d, 1, 2},
	[VIDEO_VP9]  = {0x48, 1, 2, 3, 4},
};


static size_t payload(uint8_t *buf, enum video_codec codec, size_t len,
		      uint8_t fill)
{
	memset(buf, fill, len);
	memcpy(buf, beginv[codec], 5);

	return len;
}


static void check_codec(enum video_codec codec, enum media_leg leg)
{
	struct vrig_sink *sink;
	struct vrig_src src;
	struct vrig rig;
	uint8_t buf[1000];
	uint16_t seq;
	uint32_t ts;
	size_t i;

	vrig_init(&rig);
	vrig_both(&rig, codec, "packetization-mode=1",
		  "packetization-mode=1");
	vsrc_init(&src, leg, codec);
	sink = &rig.sinkv[!leg];

	for (i=0; i<300; i++) {

		vsrc_send(&rig, leg, &src, i % 3 == 2, buf,
			  payload(buf, codec, 100 + i, (uint8_t)i));

		/* sent before it returns */
		assert_int_equal(sink->pktc, i + 1);

		if (i % 3 == 2)
			vsrc_frame(&rig, &src);
	}

	seq = sink->pktv[0].seq;
	ts  = sink->pktv[0].ts;

	for (i=0; i<300; i++) {

		const struct vrig_pkt *p = &sink->pktv[i];

		assert_int_equal(p->pt, vrig_pt(!leg, codec));
		assert_int_equal(p->ssrc, rig.endv[!leg].ssrc);
		assert_int_equal(p->seq, (uint16_t)(seq + i));
		assert_int_equal(p->ts, ts + i / 3 * 3000);
		assert_int_equal(p->marker, i % 3 == 2);
		assert_int_equal(p->len, payload(buf, codec, 100 + i,
						 (uint8_t)i));
		assert_memory_equal(p->buf, buf, p->len);
	}

	vrig_close(&rig);
}


static void test_codecs(void **state)
{
	(void)state;

	check_codec(VIDEO_H264, LEG_SIP);
	check_codec(VIDEO_H264, LEG_CUBE);
	check_codec(VIDEO_VP8, LEG_SIP);
	check_codec(VIDEO_VP8, LEG_CUBE);
	check_codec(VIDEO_VP9, LEG_SIP);
	check_codec(VIDEO_VP9, LEG_CUBE);
}


/* Towards who knows NACK gaps stay gaps, late packets get the number kept for
   them, and twice is once */
static void test_order(void **state)
{
	static const uint16_t inv[] = {
		0, 1, 4, 5, 3, 3, 5, 6, 2, 2, 100, 20, 21, 99, 101
	};
	static const uint16_t outv[] = {
		0, 1, 4, 5, 3, 6, 2, 100, 20, 21, 99, 101
	};
	struct video_stats st;
	struct vrig_sink *sink;
	struct vrig_src src;
	struct vrig rig;
	uint8_t buf[100];
	size_t i;
	(void)state;

	vrig_init(&rig);
	vrig_both(&rig, VIDEO_VP8, NULL, NULL);
	rig.endv[LEG_SIP].fb = VIDEO_FB_NACK;
	vrig_set(&rig, LEG_SIP);
	vsrc_init(&src, LEG_CUBE, VIDEO_VP8);
	sink = &rig.sinkv[LEG_SIP];

	for (i=0; i<ARRAY_SIZE(inv); i++) {
		vrig_rtp(&rig, LEG_CUBE, &src, src.seq + inv[i], false, buf,
			 payload(buf, VIDEO_VP8, sizeof(buf), 0));
	}

	assert_int_equal(sink->pktc, ARRAY_SIZE(outv));
	for (i=0; i<ARRAY_SIZE(outv); i++) {
		assert_int_equal((uint16_t)(sink->pktv[i].seq -
					    sink->pktv[0].seq), outv[i]);
	}

	video_pair_stats(rig.vp, LEG_CUBE, &st);
	assert_int_equal(st.rx.packets, ARRAY_SIZE(inv));
	video_pair_stats(rig.vp, LEG_SIP, &st);
	assert_int_equal(st.tx.packets, ARRAY_SIZE(outv));
	assert_true(st.relayed);

	vrig_close(&rig);
}


/* Another source, a hold, another codec: one stream to the receiver */
static void test_continuity(void **state)
{
	static const uint8_t key[20] = {0x10, 0x00, 0, 0, 0x9d, 0x01, 0x2a};
	const enum media_leg leg = LEG_SIP;
	struct vrig_sink *sink;
	struct vrig_src src;
	struct vrig rig;
	uint8_t buf[100];
	uint32_t ts;
	size_t i;
	(void)state;

	vrig_init(&rig);
	vrig_both(&rig, VIDEO_VP8, NULL, NULL);
	vsrc_init(&src, leg, VIDEO_VP8);
	sink = &rig.sinkv[!leg];

	payload(buf, VIDEO_VP8, sizeof(buf), 0);
	vsrc_send(&rig, leg, &src, true, buf, sizeof(buf));
	vsrc_frame(&rig, &src);
	vsrc_send(&rig, leg, &src, true, buf, sizeof(buf));

	/* another source 2 s later; a set end takes it at once */
	vrig_pass(&rig, 2000000);
	vrig_set(&rig, leg);
	src.ssrc = 99;
	src.seq  = 7;
	src.ts   = 12345;
	vsrc_send(&rig, leg, &src, true, key, sizeof(key));

	/* hold for a second: nothing is sent, nothing looks lost */
	rig.endv[!leg].send = false;
	vrig_set(&rig, !leg);
	for (i=0; i<30; i++) {
		vsrc_frame(&rig, &src);
		vsrc_send(&rig, leg, &src, true, buf, sizeof(buf));
	}
	assert_int_equal(sink->pktc, 3);
	rig.endv[!leg].send = true;
	vrig_set(&rig, !leg);
	vsrc_frame(&rig, &src);
	vsrc_send(&rig, leg, &src, true, key, sizeof(key));

	/* another codec */
	for (i=0; i<LEG_MAX; i++) {
		rig.endv[i].tx.codec = VIDEO_H264;
		rig.endv[i].tx.pt    = vrig_pt((enum media_leg)i, VIDEO_H264);
		vrig_set(&rig, (enum media_leg)i);
	}
	vsrc_frame(&rig, &src);
	src.pt = vrig_pt(leg, VIDEO_H264);
	payload(buf, VIDEO_H264, sizeof(buf), 0);
	buf[0] = 0x65;
	vsrc_send(&rig, leg, &src, true, buf, sizeof(buf));

	assert_int_equal(sink->pktc, 5);
	for (i=1; i<sink->pktc; i++) {
		ts = sink->pktv[i].ts - sink->pktv[i-1].ts;

		assert_int_equal((uint16_t)(sink->pktv[i].seq -
					    sink->pktv[i-1].seq), 1);
		/* timestamps move with the time that passed */
		assert_in_range(ts, (sink->pktv[i].t - sink->pktv[i-1].t) * 9
				/ 100 - 30,
				(sink->pktv[i].t - sink->pktv[i-1].t) * 9
				/ 100 + 930);
	}
	assert_int_equal(vsink_last(sink)->pt, vrig_pt(!leg, VIDEO_H264));

	vrig_close(&rig);
}


/* A source begins anew in its stream, half a second after it began, with the
   very timestamps that it had: to the receiver time goes on. What goes back
   only a little, and is no keyframe, is a frame out of its order (B) */
static void test_restart(void **state)
{
	static const uint8_t key[20] = {0x10, 0x00, 0, 0, 0x9d, 0x01, 0x2a};
	const enum media_leg leg = LEG_SIP;
	const struct vrig_sink *sink;
	struct video_stats st;
	struct vrig_src src;
	struct vrig rig;
	uint8_t buf[20];
	uint64_t ts;
	size_t i;
	(void)state;

	vrig_init(&rig);
	vrig_both(&rig, VIDEO_VP8, NULL, NULL);
	vsrc_init(&src, leg, VIDEO_VP8);
	sink = &rig.sinkv[!leg];
	payload(buf, VIDEO_VP8, sizeof(buf), 0);

	for (i=0; i<30; i++) {
		if (i == 15)
			src.ts -= 15 * 3000;
		if (i % 15)
			vsrc_send(&rig, leg, &src, true, buf, sizeof(buf));
		else {
			vsrc_send(&rig, leg, &src, false, key, sizeof(key));
			vsrc_send(&rig, leg, &src, true, key, sizeof(key));
		}
		vsrc_frame(&rig, &src);
	}

	assert_int_equal(sink->pktc, 32);
	for (i=1; i<sink->pktc; i++) {
		ts = (sink->pktv[i].t - sink->pktv[0].t) * 9 / 100;

		assert_in_range(sink->pktv[i].ts - sink->pktv[0].ts + 30, ts,
				ts + 960);
		assert_int_equal((uint16_t)(sink->pktv[i].seq -
					    sink->pktv[0].seq), i);
	}
	video_pair_stats(rig.vp, leg, &st);
	assert_int_equal(st.rx.keyframes, 2);

	src.ts -= 3 * 3000;
	vsrc_send(&rig, leg, &src, true, buf, sizeof(buf));
	assert_int_equal(vsink_last(&rig.sinkv[!leg])->ts,
			 sink->pktv[31].ts - 2 * 3000);

	vrig_close(&rig);
}


/* Another source takes its place, in the middle of its stream; `n` frames */
static void switch_source(struct vrig *rig, struct vrig_src *src, unsigned n)
{
	uint8_t buf[20];

	payload(buf, VIDEO_VP8, sizeof(buf), 0);
	vrig_set(rig, LEG_CUBE);
	++src->ssrc;
	src->seq -= 5000;
	src->ts  += 777777;

	while (n--) {
		vsrc_send(rig, LEG_CUBE, src, true, buf, sizeof(buf));
		vsrc_frame(rig, src);
	}
}


/* Frames of another source build on what the phone never had: it gets them
   from a keyframe on, of each source, if that comes soon */
static void test_other_source(void **state)
{
	static const uint8_t key[20] = {0x10, 0x00, 0, 0, 0x9d, 0x01, 0x2a};
	struct vrig_sink *sink;
	struct video_stats st;
	struct vrig_src src;
	struct vrig rig;
	uint64_t plis;
	size_t i;
	(void)state;

	vrig_init(&rig);
	vrig_both(&rig, VIDEO_VP8, NULL, NULL);
	vsrc_init(&src, LEG_CUBE, VIDEO_VP8);
	sink = &rig.sinkv[LEG_SIP];

	/* who has shown nothing shows no damage */
	switch_source(&rig, &src, 3);
	assert_int_equal(sink->pktc, 3);

	for (i=0; i<2; i++) {
		video_pair_stats(rig.vp, LEG_CUBE, &st);
		plis = st.rx.plis;
		switch_source(&rig, &src, 10);
		assert_int_equal(sink->pktc, 3 + 2 * i);
		video_pair_stats(rig.vp, LEG_CUBE, &st);
		assert_true(st.rx.plis > plis);

		vsrc_send(&rig, LEG_CUBE, &src, true, key, sizeof(key));
		vsrc_frame(&rig, &src);
		vsrc_send(&rig, LEG_CUBE, &src, true, key, sizeof(key));
		assert_int_equal(sink->pktc, 5 + 2 * i);
		assert_int_equal((uint16_t)(sink->pktv[4 + 2 * i].seq -
					    sink->pktv[0].seq), 4 + 2 * i);
	}

	/* one that sends none, whatever it is asked: after a second */
	switch_source(&rig, &src, 45);
	assert_in_range(sink->pktc, 7 + 13, 7 + 17);

	/* one that cannot be asked */
	rig.endv[LEG_CUBE].fb = 0;
	vsink_flush(sink);
	switch_source(&rig, &src, 3);
	assert_int_equal(sink->pktc, 3);

	vrig_close(&rig);
}


/* Timestamps that go back by less than two seconds, without a keyframe, and
   stay there are no frames out of their order: time goes on */
static void test_back(void **state)
{
	const enum media_leg leg = LEG_SIP;
	const struct vrig_sink *sink;
	struct vrig_src src;
	struct vrig rig;
	uint8_t buf[20];
	uint64_t ts;
	size_t i;
	(void)state;

	vrig_init(&rig);
	vrig_both(&rig, VIDEO_VP8, NULL, NULL);
	vsrc_init(&src, leg, VIDEO_VP8);
	sink = &rig.sinkv[!leg];
	payload(buf, VIDEO_VP8, sizeof(buf), 0);

	for (i=0; i<60; i++) {
		if (i == 30)
			src.ts -= 90000;
		vsrc_send(&rig, leg, &src, true, buf, sizeof(buf));
		vsrc_frame(&rig, &src);
	}

	assert_int_equal(sink->pktc, 60);
	for (i=48; i<60; i++) {
		ts = (sink->pktv[i].t - sink->pktv[0].t) * 9 / 100;
		assert_in_range(sink->pktv[i].ts - sink->pktv[0].ts, ts - 3000,
				ts + 3000);
	}

	vrig_close(&rig);
}


/* A leg without video: nothing is forwarded, and it goes on later */
static void test_no_end(void **state)
{
	static const uint8_t key[20] = {0x10, 0x00, 0, 0, 0x9d, 0x01, 0x2a};
	struct video_stats st;
	struct vrig_src src;
	struct vrig rig;
	uint8_t buf[100];
	(void)state;

	vrig_init(&rig);
	vrig_both(&rig, VIDEO_VP8, NULL, NULL);
	vsrc_init(&src, LEG_CUBE, VIDEO_VP8);
	payload(buf, VIDEO_VP8, sizeof(buf), 0);

	vsrc_send(&rig, LEG_CUBE, &src, true, buf, sizeof(buf));
	assert_int_equal(video_pair_set_end(rig.vp, LEG_SIP, NULL), 0);
	vsrc_send(&rig, LEG_CUBE, &src, true, buf, sizeof(buf));
	vsrc_send(&rig, LEG_CUBE, &src, true, buf, sizeof(buf));
	assert_int_equal(rig.sinkv[LEG_SIP].pktc, 1);

	video_pair_stats(rig.vp, LEG_CUBE, &st);
	assert_int_equal(st.rx.packets, 3);
	assert_int_equal(st.rx.dropped, 2);

	vrig_set(&rig, LEG_SIP);
	vsrc_send(&rig, LEG_CUBE, &src, true, key, sizeof(key));
	assert_int_equal(rig.sinkv[LEG_SIP].pktc, 2);
	assert_int_equal((uint16_t)(rig.sinkv[LEG_SIP].pktv[1].seq -
				    rig.sinkv[LEG_SIP].pktv[0].seq), 1);

	vrig_close(&rig);
}


/* What was counted stays, and what it was, when there is no video any more */
static void test_removed(void **state)
{
	struct video_stats st;
	struct vrig_src src;
	struct vrig rig;
	uint8_t buf[1000];
	unsigned i;
	(void)state;

	vrig_init(&rig);
	vrig_both(&rig, VIDEO_VP8, NULL, NULL);
	vsrc_init(&src, LEG_SIP, VIDEO_VP8);
	for (i=0; i<30; i++) {
		vsrc_send(&rig, LEG_SIP, &src, true, buf,
			  payload(buf, VIDEO_VP8, 100, 1));
		vsrc_frame(&rig, &src);
	}

	assert_int_equal(video_pair_set_end(rig.vp, LEG_SIP, NULL), 0);
	assert_int_equal(video_pair_set_end(rig.vp, LEG_CUBE, NULL), 0);
	video_pair_stats(rig.vp, LEG_SIP, &st);
	assert_string_equal(st.rx_codec, "VP8");
	assert_string_equal(st.tx_codec, "");
	assert_int_equal(st.rx.packets, 30);
	assert_int_equal(st.rx.frames, 30);
	video_pair_stats(rig.vp, LEG_CUBE, &st);
	assert_string_equal(st.tx_codec, "VP8");
	assert_string_equal(st.rx_codec, "");
	assert_int_equal(st.tx.packets, 30);
	vrig_close(&rig);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_removed),
		cmocka_unit_test(test_codecs),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_continuity),
		cmocka_unit_test(test_restart),
		cmocka_unit_test(test_other_source),
		cmocka_unit_test(test_back),
		cmocka_unit_test(test_no_end),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
