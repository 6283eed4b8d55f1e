/**
 * @file test_video_hostile.c  Sources that mean ill, and ends that go away
 *
 * Whatever a source does to its sequence numbers, no number is sent twice:
 * with SRTP it would be the same key stream.
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
#include "video/bwe/bwe.h"
#include "video/rtp/seqmap.h"
#include "video/video_priv.h"
#include "video_rig.h"

enum {
	JUMP = 2999,            /**< As far as a source is believed        */
	JUMPS = 45,             /**< More than once around                 */
};


static void start(struct vrig *rig, struct vrig_src *src,
		  enum video_codec codec, const char *sip_fmtp)
{
	vrig_init(rig);
	vrig_both(rig, codec, sip_fmtp, "packetization-mode=1");
	vsrc_init(src, LEG_CUBE, codec);
}


/* Each packet is ahead of the one before, and not so far that it could be
   taken for one behind */
static void check_ahead(const struct vrig_sink *sink)
{
	size_t i;

	for (i=1; i<sink->pktc; i++)
		assert_in_range((uint16_t)(sink->pktv[i].seq -
					   sink->pktv[i - 1].seq),
				1, 0x7fff);
}


/* A row of packets that are not sent on, each far ahead of the one before,
   and one that is */
static void check_jumps(enum video_codec codec, const char *fmtp,
			const uint8_t *bad, size_t badlen,
			const uint8_t *good, size_t goodlen)
{
	struct vrig_sink *sink;
	struct vrig_src src;
	struct vrig rig;
	unsigned n, i;

	for (n=1; n<JUMPS; n++) {

		start(&rig, &src, codec, fmtp);
		sink = &rig.sinkv[LEG_SIP];

		for (i=0; i<100; i++)
			vsrc_send(&rig, LEG_CUBE, &src, true, good, goodlen);

		for (i=0; i<n; i++) {
			src.seq += JUMP - 1;
			vsrc_send(&rig, LEG_CUBE, &src, false, bad, badlen);
			vrig_now += 100000;
			video_pair_poll(rig.vp, vrig_now);
			src.ts += 9000;
		}

		for (i=0; i<3; i++)
			vsrc_send(&rig, LEG_CUBE, &src, true, good, goodlen);
		vrig_pass(&rig, 300000);

		assert_int_equal(sink->pktc, 103);
		check_ahead(sink);
		vrig_close(&rig);
	}
}


static void test_jumps(void **state)
{
	static uint8_t vp8[1495] = {0x10, 0x01};
	static const uint8_t none[1], nal[20] = {0x41};
	static const uint8_t frag[20] = {0x5c, H264_FU_S | 1};
	(void)state;

	/* too long; padding alone; no NAL unit; a NAL unit without end */
	check_jumps(VIDEO_VP8, NULL, vp8, sizeof(vp8), vp8, 30);
	check_jumps(VIDEO_VP8, NULL, none, 0, vp8, 30);
	check_jumps(VIDEO_H264, "packetization-mode=1", none, 1, nal, 20);
	check_jumps(VIDEO_H264, NULL, frag, sizeof(frag), nal, 20);
}


/* Packets that came long ago come again, in a row: as the answers to requests
   that were repeated do where there is no RTX. No stream starts with them */
static void test_twice(void **state)
{
	static const uint8_t key[20] = {0x10, 0x00, 0, 0, 0x9d, 0x01, 0x2a};
	static const uint8_t vp8[30] = {0x10, 0x01};
	struct vrig_sink *sink;
	struct vrig_src src, old;
	struct vrig rig;
	unsigned i;
	(void)state;

	start(&rig, &src, VIDEO_VP8, NULL);
	sink = &rig.sinkv[LEG_SIP];
	old = src;

	for (i=0; i<200; i++) {
		vsrc_send(&rig, LEG_CUBE, &src, true, vp8, sizeof(vp8));
		vrig_pass(&rig, 10000);
		src.ts += 900;
		if (i == 50)
			old = src;
	}
	assert_int_equal(sink->pktc, 200);

	for (i=0; i<5; i++)
		vsrc_send(&rig, LEG_CUBE, &old, true, vp8, sizeof(vp8));
	assert_int_equal(sink->pktc, 200);

	vsrc_send(&rig, LEG_CUBE, &src, true, vp8, sizeof(vp8));
	assert_int_equal(sink->pktc, 201);
	assert_int_equal((uint16_t)(sink->pktv[200].seq -
				    sink->pktv[199].seq), 1);

	/* but with timestamps that go on it is one that started anew */
	src.seq -= 100;
	for (i=0; i<5; i++) {
		src.ts += 900;
		vsrc_send(&rig, LEG_CUBE, &src, true, i < 2 ? key : vp8,
			  i < 2 ? sizeof(key) : sizeof(vp8));
	}
	assert_int_equal(sink->pktc, 205);
	check_ahead(sink);

	vrig_close(&rig);
}


/* The phone's video goes while packets towards it wait for another one */
static void check_gone(bool close)
{
	static const uint8_t nal[20] = {0x41};
	struct vrig_src src;
	struct vrig rig;

	start(&rig, &src, VIDEO_H264, NULL);

	vsrc_send(&rig, LEG_CUBE, &src, true, nal, sizeof(nal));
	++src.seq;
	vsrc_send(&rig, LEG_CUBE, &src, true, nal, sizeof(nal));
	assert_int_equal(rig.sinkv[LEG_SIP].pktc, 1);

	if (close)
		video_pair_close(rig.vp);
	else
		assert_int_equal(video_pair_set_end(rig.vp, LEG_SIP, NULL),
				 0);

	vrig_pass(&rig, 500000);
	assert_int_equal(rig.sinkv[LEG_SIP].pktc, 1);

	vrig_close(&rig);
}


static void test_gone(void **state)
{
	(void)state;

	check_gone(false);
	check_gone(true);
}


/* What a handler that ends the video is given for an argument */
struct ender {
	struct vrig *rig;
	unsigned n;
};


static int end_h(uint8_t *pkt, size_t len, size_t size, void *arg)
{
	struct ender *e = arg;
	(void)pkt;
	(void)len;
	(void)size;

	++e->n;
	assert_int_equal(video_pair_set_end(e->rig->vp, LEG_SIP, NULL), 0);

	return ENOTCONN;
}


/* A handler ends the video of its leg in the middle of a packet */
static void test_end_inside(void **state)
{
	static const uint8_t stap[] = {
		0x18, 0, 3, 0x41, 1, 2, 0, 3, 0x41, 3, 4, 0, 3, 0x41, 5, 6
	};
	struct ender e = {.n = 0};
	struct vrig_src src;
	struct vrig rig;
	(void)state;

	start(&rig, &src, VIDEO_H264, NULL);
	e.rig = &rig;
	rig.endv[LEG_SIP].rtph  = end_h;
	rig.endv[LEG_SIP].rtcph = NULL;
	rig.endv[LEG_SIP].fasth = NULL;
	rig.endv[LEG_SIP].arg   = &e;
	vrig_set(&rig, LEG_SIP);

	vsrc_send(&rig, LEG_CUBE, &src, true, stap, sizeof(stap));
	vsrc_send(&rig, LEG_CUBE, &src, true, stap, sizeof(stap));
	assert_int_equal(e.n, 1);

	vrig_close(&rig);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_jumps),
		cmocka_unit_test(test_twice),
		cmocka_unit_test(test_gone),
		cmocka_unit_test(test_end_inside),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
