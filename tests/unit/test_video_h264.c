/**
 * @file test_video_h264.c  H.264 is repaired between two dialects
 *
 * NAL units that go in come out again, byte by byte, whatever the packets.
 */
#include "video_h264_rig.h"

static const uint8_t sps[] = {
	0x67, 0x42, 0xe0, 0x1f, 0xda, 0x01, 0x40, 0x16, 0xe9, 0x48
};
static const uint8_t pps[] = {0x68, 0xce, 0x3c, 0x80};


/* What a camera makes: parameter sets, an IDR in slices, pictures */
static void stream_make(struct nalset *ns)
{
	memset(ns, 0, sizeof(*ns));

	(void)nal_add(sps, sizeof(sps), false, ns);
	(void)nal_add(pps, sizeof(pps), false, ns);
	nal_make(ns, 0x65, 9000, false);
	nal_make(ns, 0x65, 700, true);
	nal_make(ns, 0x06, 30, false);
	nal_make(ns, 0x41, 1250, true);
	nal_make(ns, 0x41, 20, false);
	nal_make(ns, 0x41, 4000, true);
	nal_make(ns, 0x01, 300, true);
}


static void check_modes(unsigned in, size_t max, unsigned out, size_t mtu)
{
	const enum media_leg leg = LEG_CUBE;
	struct nalset a, b;
	struct vrig_src src;
	struct video_stats st;
	struct vrig rig;
	size_t i, over = 0;

	vrig_init(&rig);
	vrig_both(&rig, VIDEO_H264, out ? "packetization-mode=1" :
		  "profile-level-id=42801e", NULL);
	rig.endv[!leg].mtu = mtu;
	vrig_set(&rig, !leg);
	vsrc_init(&src, leg, VIDEO_H264);

	stream_make(&a);
	feed(&rig, leg, &src, &a, in, max);

	sink_nals(&rig.sinkv[!leg], &b);
	nals_equal(&a, &b);

	for (i=0; i<rig.sinkv[!leg].pktc; i++) {

		const struct vrig_pkt *p = &rig.sinkv[!leg].pktv[i];

		if (out)
			assert_true(p->len + RTP_HEADER_SIZE <= mtu);
		else
			assert_in_range(p->buf[0] & 0x1f, 1, 23);

		over += p->len + VTX_ROOM > mtu;
	}

	video_pair_stats(rig.vp, !leg, &st);
	assert_int_equal(st.oversize, out ? 0 : over);
	assert_int_equal(st.tx.dropped, 0);

	nals_flush(&a);
	nals_flush(&b);
	vrig_close(&rig);
}


static void test_modes(void **state)
{
	(void)state;

	check_modes(1, 1100, 0, 1400);
	check_modes(0, 1100, 0, 1400);
	check_modes(0, 1100, 1, 1400);
	check_modes(1, 1100, 1, 1400);

	/* packets longer than the receiver's, in fragments already or not */
	check_modes(1, 1400, 1, 1200);
	check_modes(1, 1400, 1, 500);
	check_modes(0, 1100, 1, 300);
}


/* Aggregates are taken apart where they must be, and only there */
static void test_stap(void **state)
{
	static const size_t mtuv[] = {1400, 60, 1400};
	unsigned k;
	(void)state;

	for (k=0; k<ARRAY_SIZE(mtuv); k++) {

		const bool mode = k < 2;
		struct vrig_sink *sink;
		struct vrig_src src;
		struct vrig rig;
		uint8_t buf[200];
		size_t len;

		vrig_init(&rig);
		vrig_both(&rig, VIDEO_H264, mode ? "packetization-mode=1" :
			  NULL, NULL);
		rig.endv[LEG_SIP].mtu = mtuv[k];
		vrig_set(&rig, LEG_SIP);
		vsrc_init(&src, LEG_CUBE, VIDEO_H264);
		sink = &rig.sinkv[LEG_SIP];

		/* SPS, PPS and a slice in one */
		assert_int_equal(h264_pack_ps(buf, sizeof(buf), &len, sps,
					      sizeof(sps), pps, sizeof(pps)),
				 0);
		buf[len++] = 0;
		buf[len++] = 20;
		memset(buf + len, 0x65, 20);
		len += 20;

		vsrc_send(&rig, LEG_CUBE, &src, true, buf, len);

		if (k == 0) {
			assert_int_equal(sink->pktc, 1);
			assert_int_equal(sink->pktv[0].len, len);
			assert_memory_equal(sink->pktv[0].buf, buf, len);
		}
		else {
			assert_int_equal(sink->pktc, 3);
			assert_memory_equal(sink->pktv[0].buf, sps,
					    sizeof(sps));
			assert_memory_equal(sink->pktv[1].buf, pps,
					    sizeof(pps));
			assert_int_equal(sink->pktv[2].len, 20);
			assert_false(sink->pktv[0].marker);
			assert_false(sink->pktv[1].marker);
			assert_true(sink->pktv[2].marker);
			assert_int_equal((uint16_t)(sink->pktv[2].seq -
						    sink->pktv[0].seq), 2);
		}

		/* the numbers go on */
		vsrc_frame(&rig, &src);
		buf[0] = 0x41;
		vsrc_send(&rig, LEG_CUBE, &src, true, buf, 10);
		assert_int_equal((uint16_t)(vsink_last(sink)->seq -
					    sink->pktv[0].seq), k ? 3 : 1);

		vrig_close(&rig);
	}
}


static void idr(struct vrig *rig, struct vrig_src *src, bool with)
{
	uint8_t buf[600];
	size_t len;

	vsrc_frame(rig, src);

	if (with) {
		assert_int_equal(h264_pack_ps(buf, sizeof(buf), &len, sps,
					      sizeof(sps), pps, sizeof(pps)),
				 0);
		vsrc_send(rig, LEG_SIP, src, false, buf, len);
	}

	memset(buf, 0x11, sizeof(buf));
	buf[0] = 0x65;
	vsrc_send(rig, LEG_SIP, src, false, buf, sizeof(buf));
	vsrc_send(rig, LEG_SIP, src, true, buf, sizeof(buf));
}


static unsigned count_ps(const struct vrig_sink *sink)
{
	struct nalset ns;
	unsigned n = 0;
	size_t i;

	sink_nals(sink, &ns);
	for (i=0; i<ns.c; i++) {
		if (ns.v[i].p[0] == sps[0]) {
			assert_int_equal(ns.v[i].len, sizeof(sps));
			assert_memory_equal(ns.v[i].p, sps, sizeof(sps));
			++n;
		}
		if (ns.v[i].p[0] == pps[0]) {
			assert_int_equal(ns.v[i].len, sizeof(pps));
			assert_memory_equal(ns.v[i].p, pps, sizeof(pps));
			n += 100;
		}
	}
	nals_flush(&ns);

	return n;
}


/* Each IDR has its parameter sets, and has them once */
static void test_psets(void **state)
{
	struct vrig_sink *sink;
	struct vrig_src src;
	struct vrig rig;
	size_t i;
	(void)state;

	vrig_init(&rig);
	vrig_both(&rig, VIDEO_H264, NULL, "packetization-mode=1");
	vsrc_init(&src, LEG_SIP, VIDEO_H264);
	sink = &rig.sinkv[LEG_CUBE];

	/* none known yet */
	idr(&rig, &src, false);
	assert_int_equal(count_ps(sink), 0);
	assert_int_equal(sink->pktc, 2);

	idr(&rig, &src, true);
	assert_int_equal(count_ps(sink), 101);
	assert_int_equal(sink->pktc, 5);

	/* put in, in one packet, with the picture's timestamp */
	idr(&rig, &src, false);
	assert_int_equal(count_ps(sink), 202);
	assert_int_equal(sink->pktc, 8);
	assert_int_equal(sink->pktv[5].buf[0] & 0x1f, H264_STAP_A);
	for (i=5; i<8; i++) {
		assert_int_equal(sink->pktv[i].ts, sink->pktv[7].ts);
		assert_int_equal(sink->pktv[i].marker, i == 7);
	}

	idr(&rig, &src, true);
	assert_int_equal(count_ps(sink), 303);

	/* one of them brought alone: the other is put in */
	vsrc_frame(&rig, &src);
	vsrc_send(&rig, LEG_SIP, &src, false, sps, sizeof(sps));
	src.ts -= 3000;
	idr(&rig, &src, false);
	assert_int_equal(count_ps(sink), 404);

	vrig_close(&rig);
}


/* The SDP has them, and mode 0 gets them one by one */
static void test_sprop(void **state)
{
	static const uint8_t own[] = {
		0x67, 0x42, 0xe0, 0x1e, 0xda, 0x01, 0x40, 0x16, 0xe9
	};
	struct vrig_sink *sink;
	struct vrig_src src;
	struct vrig rig;
	char b64s[64] = "", b64p[64] = "";
	size_t n;
	(void)state;

	n = sizeof(b64s) - 1;
	assert_int_equal(base64_encode(sps, sizeof(sps), b64s, &n), 0);
	n = sizeof(b64p) - 1;
	assert_int_equal(base64_encode(pps, sizeof(pps), b64p, &n), 0);

	vrig_init(&rig);
	(void)vrig_end(&rig, LEG_SIP, VIDEO_H264, NULL);
	(void)vrig_end(&rig, LEG_CUBE, VIDEO_H264, NULL);
	re_snprintf(rig.endv[LEG_SIP].rxv[0].fmtp,
		    sizeof(rig.endv[LEG_SIP].rxv[0].fmtp),
		    "profile-level-id=42e01f;sprop-parameter-sets=%s,%s",
		    b64s, b64p);
	vrig_start(&rig);
	vrig_set(&rig, LEG_SIP);
	vrig_set(&rig, LEG_CUBE);
	vsrc_init(&src, LEG_SIP, VIDEO_H264);
	sink = &rig.sinkv[LEG_CUBE];

	idr(&rig, &src, false);
	assert_int_equal(count_ps(sink), 101);
	assert_int_equal(sink->pktc, 4);
	assert_int_equal(sink->pktv[0].buf[0], sps[0]);
	assert_int_equal(sink->pktv[1].buf[0], pps[0]);

	/* the stream's own are newer, also than those of a re-INVITE */
	vsrc_frame(&rig, &src);
	vsrc_send(&rig, LEG_SIP, &src, false, own, sizeof(own));
	src.ts -= 3000;
	idr(&rig, &src, false);
	vrig_set(&rig, LEG_SIP);
	vsink_flush(sink);
	idr(&rig, &src, false);
	assert_int_equal(sink->pktc, 4);
	assert_int_equal(sink->pktv[0].len, sizeof(own));
	assert_memory_equal(sink->pktv[0].buf, own, sizeof(own));

	/* but one with others tells of another encoder */
	re_snprintf(rig.endv[LEG_SIP].rxv[0].fmtp,
		    sizeof(rig.endv[LEG_SIP].rxv[0].fmtp),
		    "sprop-parameter-sets=%s,aM48gQ==", b64s);
	vrig_set(&rig, LEG_SIP);
	vsink_flush(sink);
	idr(&rig, &src, false);
	assert_memory_equal(sink->pktv[0].buf, sps, sizeof(sps));

	vrig_close(&rig);
}


/* Towards mode 0: what follows a missing packet waits for it, for a while */
static void test_wait(void **state)
{
	struct vrig_sink *sink;
	struct vrig_src src;
	struct vrig rig;
	unsigned i;
	(void)state;

	vrig_init(&rig);
	vrig_both(&rig, VIDEO_H264, NULL, "packetization-mode=1");
	vsrc_init(&src, LEG_CUBE, VIDEO_H264);
	src.seq = 100;
	sink = &rig.sinkv[LEG_SIP];

	/* a fragment comes 60 ms late, by a retransmission */
	single(&rig, &src, 100);
	src.ts += 3000;
	fu(&rig, &src, 101, H264_FU_S);
	fu(&rig, &src, 103, H264_FU_E);
	vrig_pass(&rig, 30000);
	src.ts += 3000;
	single(&rig, &src, 104);
	vrig_pass(&rig, 30000);
	assert_int_equal(sink->pktc, 1);
	src.ts -= 3000;
	fu(&rig, &src, 102, 0);
	assert_int_equal(sink->pktc, 3);
	assert_int_equal(sink->pktv[1].len, 1 + 3 * 498);
	assert_int_equal(sink->pktv[1].ts, sink->pktv[0].ts + 3000);
	assert_int_equal(sink->pktv[2].ts, sink->pktv[0].ts + 6000);
	for (i=0; i<3; i++) {
		assert_true(sink->pktv[i].marker);
		assert_int_equal((uint16_t)(sink->pktv[i].seq -
					    sink->pktv[0].seq), i);
	}

	/* nothing waits longer than a retransmission may take */
	src.ts += 6000;
	single(&rig, &src, 106);
	vrig_pass(&rig, 50000);
	assert_int_equal(sink->pktc, 3);
	vrig_pass(&rig, 100000);
	assert_int_equal(sink->pktc, 4);
	assert_int_equal((uint16_t)(sink->pktv[3].seq - sink->pktv[0].seq), 4);
	single(&rig, &src, 105);
	assert_int_equal(sink->pktc, 4);

	vrig_close(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_modes), cmocka_unit_test(test_stap),
		cmocka_unit_test(test_psets), cmocka_unit_test(test_sprop),
		cmocka_unit_test(test_wait),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
