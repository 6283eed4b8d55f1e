/**
 * @file test_video_xcode.c  Where the legs share no codec
 *
 * The real transcoder with codecs of cardboard: what is sent, and when.
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


/** Waits for a number of packets */
struct want {
	const struct vrig_sink *sink;
	size_t n;
};


static bool is_there(void *arg)
{
	const struct want *w = arg;

	return w->sink->pktc >= w->n;
}


static bool wait_pkts(const struct vrig_sink *sink, size_t n)
{
	struct want w = {sink, n};

	return tu_wait(is_there, &w, 60000);
}


static void xstart(struct vrig *rig, enum video_codec sip,
		   enum video_codec cube)
{
	vfake_init(&codecl);
	vrig_init(rig);
	rig->cfg.vcodecl = &codecl;
	(void)vrig_end(rig, LEG_SIP, sip, NULL);
	(void)vrig_end(rig, LEG_CUBE, cube, "packetization-mode=1");
	vrig_start(rig);
	vrig_set(rig, LEG_SIP);
	vrig_set(rig, LEG_CUBE);
}


static void frame_h264(struct vrig *rig, struct vrig_src *src,
		       enum media_leg leg, bool key)
{
	uint8_t buf[20] = {0x41};

	if (key)
		buf[0] = 0x65;
	vsrc_send(rig, leg, src, true, buf, sizeof(buf));
}


static void frame_vp8(struct vrig *rig, struct vrig_src *src,
		      enum media_leg leg, bool key)
{
	uint8_t buf[20] = {0x10, !key, 0, 0, 0x9d, 0x01, 0x2a};

	vsrc_send(rig, leg, src, true, buf, sizeof(buf));
}


/* One packet is in, its frame is out */
static void check_stream(const struct vrig_sink *sink, uint8_t pt)
{
	size_t i;

	for (i=0; i<sink->pktc; i++) {
		assert_int_equal(sink->pktv[i].pt, pt);
		assert_int_equal((uint16_t)(sink->pktv[i].seq -
					    sink->pktv[0].seq), i);
	}
}


/* H.264 of a phone to an app that has VP8 */
static void test_to_app(void **state)
{
	struct vrig_sink *app;
	struct video_stats st;
	struct vrig_src src;
	struct vrig rig;
	unsigned i, keys;
	size_t n;
	(void)state;

	xstart(&rig, VIDEO_H264, VIDEO_VP8);
	vsrc_init(&src, LEG_SIP, VIDEO_H264);
	app = &rig.sinkv[LEG_CUBE];

	frame_h264(&rig, &src, LEG_SIP, true);
	assert_int_equal(app->pktc, 0);
	assert_true(wait_pkts(app, 3));
	assert_true(vfake.pktsize <= 1200 - RTP_HEADER_SIZE);

	/* frame by frame, with the source's timestamps */
	for (i=1; i<10; i++) {
		vsrc_frame(&rig, &src);
		frame_h264(&rig, &src, LEG_SIP, false);
		assert_true(wait_pkts(app, 3 + i));
		assert_int_equal(vsink_last(app)->ts, app->pktv[0].ts +
				 3000 * i);
		assert_int_equal(vsink_last(app)->marker, true);
	}
	check_stream(app, vrig_pt(LEG_CUBE, VIDEO_VP8));

	/* picture ids go on by one */
	for (i=3; i<app->pktc; i++)
		assert_int_equal(rtp_get16(app->pktv[i].buf + 2) -
				 rtp_get16(app->pktv[0].buf + 2), i - 2);

	/* the app's request is answered by the encoder, not by the phone */
	keys = vfake.keyframes;
	n = app->pktc;
	rig.sinkv[LEG_SIP].infos = 0;
	vrig_pass(&rig, 2000000);
	src.ts += 180000;
	{
		uint8_t buf[50];
		size_t len = 0;

		assert_int_equal(fb_pli_write(buf, sizeof(buf), &len, 77,
					      rig.endv[LEG_CUBE].ssrc), 0);
		video_pair_rtcp(rig.vp, LEG_CUBE, buf, len);
	}
	frame_h264(&rig, &src, LEG_SIP, false);
	assert_true(wait_pkts(app, n + 3));
	assert_int_equal(vfake.keyframes, keys + 1);
	assert_int_equal(rig.sinkv[LEG_SIP].infos, 0);

	video_pair_stats(rig.vp, LEG_CUBE, &st);
	assert_false(st.relayed);
	assert_string_equal(st.tx_codec, "VP8");
	assert_int_equal(st.tx.keyframes, keys + 1);
	video_pair_stats(rig.vp, LEG_SIP, &st);
	assert_string_equal(st.rx_codec, "H264");

	vrig_close(&rig);
	list_clear(&codecl);
}


/* VP8 of an app to a phone that has H.264 and mode 0: no fragments */
static void test_to_phone(void **state)
{
	struct vrig_sink *phone;
	struct vrig_src src;
	struct vrig rig;
	unsigned i;
	(void)state;

	xstart(&rig, VIDEO_H264, VIDEO_VP8);
	vsrc_init(&src, LEG_CUBE, VIDEO_VP8);
	phone = &rig.sinkv[LEG_SIP];

	frame_vp8(&rig, &src, LEG_CUBE, true);
	assert_true(wait_pkts(phone, 3));
	assert_int_equal(phone->pktv[0].buf[0], 0x67);
	assert_int_equal(phone->pktv[1].buf[0], 0x68);
	assert_int_equal(phone->pktv[2].buf[0], 0x65);
	assert_int_equal(phone->pktv[2].len, 1 + 3 * (VFAKE_LEN - 2));
	assert_true(phone->pktv[2].marker);

	vsrc_frame(&rig, &src);
	frame_vp8(&rig, &src, LEG_CUBE, false);
	assert_true(wait_pkts(phone, 4));

	/* the next keyframe of the encoder gets its parameter sets */
	for (i=0; i<40; i++) {
		vsrc_frame(&rig, &src);
		frame_vp8(&rig, &src, LEG_CUBE, false);
		assert_true(wait_pkts(phone, 5 + i));
	}
	video_pair_fast_update(rig.vp, LEG_SIP);
	vsrc_frame(&rig, &src);
	frame_vp8(&rig, &src, LEG_CUBE, false);
	assert_true(wait_pkts(phone, 47));
	assert_int_equal(phone->pktv[44].buf[0], 0x67);
	assert_int_equal(phone->pktv[45].buf[0], 0x68);
	assert_int_equal(phone->pktv[46].buf[0], 0x65);
	check_stream(phone, vrig_pt(LEG_SIP, VIDEO_H264));

	vrig_close(&rig);
	list_clear(&codecl);
}


/* What the receiver takes the encoder obeys; the source is left alone */
static void test_bitrate(void **state)
{
	struct vrig_sink *app;
	struct vrig_src src;
	struct vrig rig;
	uint8_t buf[100];
	size_t len = 0;
	unsigned i;
	(void)state;

	xstart(&rig, VIDEO_H264, VIDEO_VP8);
	vsrc_init(&src, LEG_SIP, VIDEO_H264);
	app = &rig.sinkv[LEG_CUBE];
	frame_h264(&rig, &src, LEG_SIP, true);
	assert_true(wait_pkts(app, 3));
	assert_int_equal(vfake.bitrate, rig.cfg.bitrate_start);

	assert_int_equal(fb_remb_write(buf, sizeof(buf), &len, 77, 150000,
				       &rig.endv[LEG_CUBE].ssrc, 1), 0);
	video_pair_rtcp(rig.vp, LEG_CUBE, buf, len);

	for (i=0; i<120; i++) {
		vsrc_frame(&rig, &src);
		frame_h264(&rig, &src, LEG_SIP, false);
		assert_true(wait_pkts(app, 4 + i));
	}
	assert_in_range(vfake.bitrate, 100000, 150000);

	vrig_close(&rig);
	list_clear(&codecl);
}


/* Another source, and a change to a codec that is shared: one stream */
static void test_changes(void **state)
{
	struct vrig_sink *app;
	struct video_stats st;
	struct vrig_src src;
	struct vrig rig;
	uint64_t cpu;
	(void)state;

	xstart(&rig, VIDEO_H264, VIDEO_VP8);
	vsrc_init(&src, LEG_SIP, VIDEO_H264);
	app = &rig.sinkv[LEG_CUBE];

	frame_h264(&rig, &src, LEG_SIP, true);
	assert_true(wait_pkts(app, 3));

	/* the same ends again: the transcoder is kept */
	vrig_set(&rig, LEG_SIP);
	vrig_set(&rig, LEG_CUBE);
	vsrc_frame(&rig, &src);
	frame_h264(&rig, &src, LEG_SIP, false);
	assert_true(wait_pkts(app, 4));

	video_pair_stats(rig.vp, LEG_CUBE, &st);
	assert_true(st.cpu_worker > 0);
	cpu = st.cpu_worker;

	/* another source has to begin with a keyframe */
	vrig_pass(&rig, 1000000);
	src.ssrc ^= 1;
	src.ts   += 12345678;
	rig.sinkv[LEG_SIP].infos = 0;
	vrig_set(&rig, LEG_SIP);
	frame_h264(&rig, &src, LEG_SIP, false);
	assert_true(rig.sinkv[LEG_SIP].infos > 0);
	vsrc_frame(&rig, &src);
	frame_h264(&rig, &src, LEG_SIP, true);
	assert_true(wait_pkts(app, 5));
	assert_in_range(vsink_last(app)->ts - app->pktv[3].ts, 90000, 102000);
	assert_int_equal(rtp_get16(vsink_last(app)->buf + 2),
			 rtp_get16(app->pktv[3].buf + 2) + 1);

	/* what the first transcoder did is not forgotten */
	video_pair_stats(rig.vp, LEG_CUBE, &st);
	assert_true(st.cpu_worker >= cpu);
	cpu = st.cpu_worker;

	/* the app can do H.264, too */
	vrig_end(&rig, LEG_CUBE, VIDEO_H264, "packetization-mode=1");
	vrig_set(&rig, LEG_CUBE);
	vsrc_frame(&rig, &src);
	frame_h264(&rig, &src, LEG_SIP, true);
	assert_int_equal(vsink_last(app)->pt, vrig_pt(LEG_CUBE, VIDEO_H264));
	video_pair_stats(rig.vp, LEG_CUBE, &st);
	assert_true(st.cpu_worker >= cpu);

	/* nor at the end */
	cpu = st.cpu_worker;
	video_pair_close(rig.vp);
	video_pair_stats(rig.vp, LEG_CUBE, &st);
	assert_true(st.cpu_worker >= cpu);

	{
		size_t i;

		for (i=0; i<app->pktc; i++)
			assert_int_equal((uint16_t)(app->pktv[i].seq -
						    app->pktv[0].seq), i);
	}

	vrig_close(&rig);
	list_clear(&codecl);
}


/* A source begins anew in its stream, with the timestamps that it had half a
   second ago: it is seen at once, and time goes on */
static void test_restart(void **state)
{
	struct vrig_sink *app;
	struct vrig_src src;
	struct vrig rig;
	unsigned i;
	(void)state;

	xstart(&rig, VIDEO_H264, VIDEO_VP8);
	vsrc_init(&src, LEG_SIP, VIDEO_H264);
	app = &rig.sinkv[LEG_CUBE];

	for (i=0; i<30; i++) {
		if (i == 15)
			src.ts -= 15 * 3000;
		frame_h264(&rig, &src, LEG_SIP, !(i % 15));
		assert_true(wait_pkts(app, 3 + i));
		assert_in_range(vsink_last(app)->ts - app->pktv[0].ts,
				i ? i * 3000 - 30 : 0, i * 3000 + 900);
		vsrc_frame(&rig, &src);
	}

	check_stream(app, vrig_pt(LEG_CUBE, VIDEO_VP8));

	vrig_close(&rig);
	list_clear(&codecl);
}


/* A source whose format changes with each packet gets five transcoders a
   second, not one for each of them */
static void test_churn(void **state)
{
	struct video_stats st;
	struct vrig_src src;
	struct vrig rig;
	unsigned i;
	(void)state;

	xstart(&rig, VIDEO_H264, VIDEO_VP8);
	rig.endv[LEG_SIP].rxv[1].codec = VIDEO_H264;
	str_ncpy(rig.endv[LEG_SIP].rxv[1].fmtp, "packetization-mode=1",
		 sizeof(rig.endv[LEG_SIP].rxv[1].fmtp));
	vrig_set(&rig, LEG_SIP);
	vsrc_init(&src, LEG_SIP, VIDEO_H264);

	for (i=0; i<100; i++) {
		src.pt = rig.endv[LEG_SIP].rxv[i & 1].pt;
		frame_h264(&rig, &src, LEG_SIP, true);
		src.ts += 900;
		vrig_pass(&rig, 10000);
	}

	video_pair_stats(rig.vp, LEG_SIP, &st);
	assert_int_equal(st.rx.packets, 100);
	assert_int_equal(st.rx.dropped, 95);

	/* one that has come to rest is transcoded */
	vrig_pass(&rig, 200000);
	src.ts += 18000;
	frame_h264(&rig, &src, LEG_SIP, true);
	vsink_flush(&rig.sinkv[LEG_CUBE]);
	vsrc_frame(&rig, &src);
	frame_h264(&rig, &src, LEG_SIP, true);
	assert_true(wait_pkts(&rig.sinkv[LEG_CUBE], 1));

	vrig_close(&rig);
	list_clear(&codecl);
}


/* No codec for it, or none for this: dropped, and seen in the statistics */
static void test_cannot(void **state)
{
	struct video_stats st;
	struct vrig_src src;
	struct vrig rig;
	(void)state;

	vfake_init(&codecl);
	vrig_init(&rig);
	rig.cfg.vcodecl = &codecl;
	assert_true(video_can_transcode(&rig.cfg, VIDEO_H264, VIDEO_VP8));
	assert_false(video_can_transcode(&rig.cfg, VIDEO_H264, VIDEO_VP9));
	assert_false(video_can_transcode(&rig.cfg, VIDEO_VP9, VIDEO_VP8));
	assert_false(video_can_transcode(&rig.cfg, VIDEO_NONE, VIDEO_VP8));
	rig.cfg.vcodecl = NULL;
	assert_false(video_can_transcode(&rig.cfg, VIDEO_H264, VIDEO_VP8));
	rig.cfg.vcodecl = &codecl;
	rig.cfg.stills_only = true;
	assert_false(video_can_transcode(&rig.cfg, VIDEO_H264, VIDEO_VP8));

	(void)vrig_end(&rig, LEG_SIP, VIDEO_H264, NULL);
	(void)vrig_end(&rig, LEG_CUBE, VIDEO_VP8, NULL);
	vrig_start(&rig);
	vrig_set(&rig, LEG_SIP);
	vrig_set(&rig, LEG_CUBE);
	vsrc_init(&src, LEG_SIP, VIDEO_H264);
	frame_h264(&rig, &src, LEG_SIP, true);

	assert_int_equal(rig.sinkv[LEG_CUBE].pktc, 0);
	video_pair_stats(rig.vp, LEG_SIP, &st);
	assert_int_equal(st.rx.packets, 1);
	assert_int_equal(st.rx.dropped, 1);

	vrig_close(&rig);
	list_clear(&codecl);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_to_app),
		cmocka_unit_test(test_to_phone),
		cmocka_unit_test(test_bitrate),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_restart),
		cmocka_unit_test(test_churn),
		cmocka_unit_test(test_cannot),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
