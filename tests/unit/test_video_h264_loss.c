/**
 * @file test_video_h264_loss.c  H.264 is repaired between two dialects: what is lost, late, or too long
 *
 * NAL units that go in come out again, byte by byte, whatever the packets.
 */
#include "video_h264_rig.h"


/* A fragment is lost: the NAL unit with it, and the receiver can tell */
static void test_loss(void **state)
{
	struct video_stats st;
	struct vrig_sink *sink;
	struct vrig_src src;
	struct vrig rig;
	(void)state;

	vrig_init(&rig);
	vrig_both(&rig, VIDEO_H264, NULL, "packetization-mode=1");
	vsrc_init(&src, LEG_CUBE, VIDEO_H264);
	src.seq = 100;
	sink = &rig.sinkv[LEG_SIP];

	single(&rig, &src, 100);
	src.ts += 3000;
	fu(&rig, &src, 101, H264_FU_S);
	fu(&rig, &src, 102, 0);
	fu(&rig, &src, 104, 0);
	fu(&rig, &src, 105, H264_FU_E);
	src.ts += 3000;
	single(&rig, &src, 106);
	vrig_pass(&rig, 300000);

	assert_int_equal(sink->pktc, 2);
	assert_int_equal((uint16_t)(sink->pktv[1].seq - sink->pktv[0].seq), 2);

	/* a keyframe has been asked for */
	video_pair_stats(rig.vp, LEG_CUBE, &st);
	assert_true(st.rx.plis > 0);

	vrig_close(&rig);
}


/* Towards mode 1 and NACK nothing waits: a packet that comes late gets the number that
   was kept for it, even if packets were split in the meantime */
static void test_late(void **state)
{
	struct vrig_sink *sink;
	struct vrig_src src;
	struct vrig rig;
	uint8_t buf[1400] = {0x41};
	(void)state;

	vrig_init(&rig);
	vrig_both(&rig, VIDEO_H264, "packetization-mode=1", NULL);
	rig.endv[LEG_SIP].mtu = 1000;
	rig.endv[LEG_SIP].fb  = VIDEO_FB_NACK;
	vrig_set(&rig, LEG_SIP);
	vsrc_init(&src, LEG_CUBE, VIDEO_H264);
	sink = &rig.sinkv[LEG_SIP];

	vrig_rtp(&rig, LEG_CUBE, &src, 100, true, buf, 1400);
	assert_int_equal(sink->pktc, 2);
	src.ts += 3000;
	vrig_rtp(&rig, LEG_CUBE, &src, 102, true, buf, 1400);
	assert_int_equal(sink->pktc, 4);
	assert_int_equal((uint16_t)(sink->pktv[2].seq - sink->pktv[1].seq), 2);

	/* whole, since there is one number for it */
	src.ts -= 3000;
	vrig_rtp(&rig, LEG_CUBE, &src, 101, true, buf, 1400);
	assert_int_equal(sink->pktc, 5);
	assert_int_equal((uint16_t)(sink->pktv[4].seq - sink->pktv[1].seq), 1);
	assert_int_equal(sink->pktv[4].len, 1400);

	vrig_close(&rig);
}


/* Nothing is lost silently: large is sent, too large is counted */
static void test_oversize(void **state)
{
	struct video_stats st;
	struct vrig_sink *sink;
	struct nalset a, b;
	struct vrig_src src;
	struct vrig rig;
	uint64_t plis;
	(void)state;

	vrig_init(&rig);
	vrig_both(&rig, VIDEO_H264, NULL, "packetization-mode=1");
	vsrc_init(&src, LEG_CUBE, VIDEO_H264);
	sink = &rig.sinkv[LEG_SIP];

	memset(&a, 0, sizeof(a));
	nal_make(&a, 0x65, 64000, true);
	feed(&rig, LEG_CUBE, &src, &a, 1, 1100);
	sink_nals(sink, &b);
	nals_equal(&a, &b);
	video_pair_stats(rig.vp, LEG_SIP, &st);
	assert_int_equal(st.oversize, 1);
	assert_int_equal(st.tx.dropped, 0);
	nals_flush(&a);
	nals_flush(&b);

	vrig_pass(&rig, 3000000);
	video_pair_stats(rig.vp, LEG_CUBE, &st);
	plis = st.rx.plis;

	nal_make(&a, 0x41, 66000, true);
	nal_make(&a, 0x41, 100, true);
	feed(&rig, LEG_CUBE, &src, &a, 1, 1100);
	assert_int_equal(sink->pktc, 2);
	assert_int_equal((uint16_t)(sink->pktv[1].seq - sink->pktv[0].seq), 2);
	video_pair_stats(rig.vp, LEG_SIP, &st);
	assert_int_equal(st.oversize, 2);
	assert_int_equal(st.tx.dropped, 1);
	video_pair_stats(rig.vp, LEG_CUBE, &st);
	assert_int_equal(st.rx.plis, plis + 1);
	nals_flush(&a);

	vrig_close(&rig);
}


/* Packets with no room behind the header cannot be asked for */
static void test_mtu(void **state)
{
	static const struct {
		size_t mtu;
		int err;
	} v[] = {
		{0, 0}, {1, EINVAL}, {VTX_ROOM - 1, EINVAL},
		{VTX_ROOM, EINVAL}, {VTX_MTU_MIN - 1, EINVAL},
		{VTX_MTU_MIN, 0}, {1400, 0}, {SIZE_MAX, 0},
	};
	struct vrig rig;
	size_t i;
	(void)state;

	vrig_init(&rig);
	(void)vrig_end(&rig, LEG_SIP, VIDEO_H264, NULL);
	vrig_start(&rig);

	for (i=0; i<ARRAY_SIZE(v); i++) {
		rig.endv[LEG_SIP].mtu = v[i].mtu;
		assert_int_equal(video_pair_set_end(rig.vp, LEG_SIP,
						    &rig.endv[LEG_SIP]),
				 v[i].err);
		assert_in_range(vtx_payload_max(rig.vp->portv[LEG_SIP]), 1,
				VIDEO_PKT_MAX - VTX_ROOM);
	}

	vrig_close(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_loss), cmocka_unit_test(test_late),
		cmocka_unit_test(test_oversize), cmocka_unit_test(test_mtu),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
