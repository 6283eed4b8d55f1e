/**
 * @file test_audio_stream_odd.c  One continuous stream, whatever is wrong with its source
 */
#include "audio_stream_rig.h"


/* Telephone-events that cannot be sent on are not taken for losses */
static void test_events(void **state)
{
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(outv); i++) {

		uint8_t buf[16] = {0x80, 101};
		struct media_stats st;
		struct rig_src a;
		struct rig rig;
		unsigned n;

		setup(&rig, &a, outv[i]);

		for (n=0; n<20; n++) {
			src_send(&rig, LEG_SIP, &a, 5);
			(void)rtp_hdr_write(buf, false, 101, a.seq++, a.ts,
					    a.ssrc);
			audio_pair_rtp(rig.ap, LEG_SIP, buf, sizeof(buf));
		}

		audio_pair_stats(rig.ap, LEG_SIP, &st);
		assert_int_equal(st.rx.lost, 0);
		assert_int_equal(st.rx.dropped, 0);
		assert_int_equal(st.keys, 19);
		assert_int_equal(st.rx.packets, 120);
		assert_int_equal(st.concealed, 0);
		assert_int_equal(rig.sinkv[LEG_CUBE].pktc, 100);
		sink_check(&rig.sinkv[LEG_CUBE],
			   rig_codec(outv[i])->crate / 50);
		assert_true(sink_tone(&rig.sinkv[LEG_CUBE], outv[i], 440) >
			    0.95);
		teardown(&rig, &a);
	}
}


/* Gaps stay visible to the far end of a relay */
static void test_relay_gap(void **state)
{
	const struct rig_sink *sink;
	uint8_t buf[MEDIA_PKT_MAX];
	struct rig_src a;
	struct rig rig;
	(void)state;

	setup(&rig, &a, "PCMU");
	sink = &rig.sinkv[LEG_CUBE];
	src_send(&rig, LEG_SIP, &a, 10);
	(void)src_next(&a, buf);
	(void)src_next(&a, buf);
	rig_now += 40000;
	src_send(&rig, LEG_SIP, &a, 10);

	assert_int_equal(sink->pktc, 20);
	assert_int_equal(sink->pktv[10].seq - sink->pktv[9].seq, 3);
	assert_int_equal(sink->pktv[10].ts - sink->pktv[9].ts, 480);
	assert_false(sink->pktv[10].marker);
	teardown(&rig, &a);
}


/* A stalled network delivers a heap at once: nothing is shifted */
static void test_stall(void **state)
{
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(outv); i++) {

		struct rig_src a;
		struct rig rig;
		uint8_t buf[MEDIA_PKT_MAX];
		unsigned n;

		setup(&rig, &a, outv[i]);
		src_send(&rig, LEG_SIP, &a, 100);
		rig_now += 5000000;
		for (n=0; n<250; n++) {
			const size_t len = src_next(&a, buf);
			audio_pair_rtp(rig.ap, LEG_SIP, buf, len);
		}
		src_send(&rig, LEG_SIP, &a, 100);

		assert_int_equal(rig.sinkv[LEG_CUBE].pktc, 450);
		sink_check(&rig.sinkv[LEG_CUBE],
			   rig_codec(outv[i])->crate / 50);
		assert_true(sink_tone(&rig.sinkv[LEG_CUBE], outv[i], 440) >
			    0.95);
		teardown(&rig, &a);
	}
}


static void test_send_error(void **state)
{
	struct media_stats st;
	struct rig_src a;
	struct rig rig;
	(void)state;

	setup(&rig, &a, "opus");
	src_send(&rig, LEG_SIP, &a, 10);
	rig.sinkv[LEG_CUBE].err = ENOBUFS;
	src_send(&rig, LEG_SIP, &a, 5);
	rig.sinkv[LEG_CUBE].err = 0;
	src_send(&rig, LEG_SIP, &a, 10);

	audio_pair_stats(rig.ap, LEG_CUBE, &st);
	assert_int_equal(st.tx.packets, 20);
	assert_int_equal(st.tx.dropped, 5);

	/* what was not sent is missing, and says so */
	assert_int_equal(dt_ms(&rig.sinkv[LEG_CUBE], "opus", 9, 10), 120);
	assert_int_equal(rig.sinkv[LEG_CUBE].pktv[10].seq -
			 rig.sinkv[LEG_CUBE].pktv[9].seq, 6);
	teardown(&rig, &a);
}


static void test_garbage(void **state)
{
	struct media_stats st;
	struct rig_src a;
	struct rig rig;
	uint8_t buf[1600];
	unsigned i;
	(void)state;

	setup(&rig, &a, "opus");

	/* before any end, and on legs that are none */
	audio_pair_rtp(NULL, LEG_SIP, buf, 100);
	audio_pair_rtp(rig.ap, LEG_MAX, buf, 100);
	audio_pair_rtp(rig.ap, LEG_SIP, NULL, 100);
	audio_pair_rtcp(rig.ap, LEG_SIP, NULL, 100);

	srand(1);
	for (i=0; i<5000; i++) {

		size_t k, len = (size_t)rand() % sizeof(buf);

		for (k=0; k<len; k++)
			buf[k] = (uint8_t)rand();

		audio_pair_rtp(rig.ap, LEG_SIP, buf, len);
		audio_pair_rtcp(rig.ap, LEG_SIP, buf, len);
		audio_pair_rtp(rig.ap, LEG_CUBE, buf, len);

		if (i % 50 == 0)
			src_send(&rig, LEG_SIP, &a, 1);
	}

	src_send(&rig, LEG_SIP, &a, 100);
	audio_pair_stats(rig.ap, LEG_SIP, &st);
	assert_int_equal(st.rx.packets, 200);
	assert_int_equal(st.rx.dropped, 5000);
	assert_int_equal(st.rx.lost, 0);
	assert_int_equal(rig.sinkv[LEG_CUBE].pktc, 200);
	sink_check(&rig.sinkv[LEG_CUBE], 0);
	teardown(&rig, &a);
}


/* Payloads that cannot be decoded are concealed like losses */
static void test_bad_payload(void **state)
{
	uint8_t buf[MEDIA_PKT_MAX];
	struct media_stats st;
	struct rig_src a;
	struct rig rig;
	unsigned i;
	(void)state;

	rig_init(&rig);
	rig_set(&rig, LEG_SIP, "PCMU", 20);
	rig_set(&rig, LEG_CUBE, "opus", 20);
	src_init(&a, LEG_CUBE, "opus", 20, 440, NULL);

	for (i=0; i<100; i++) {
		size_t len = src_next(&a, buf);

		if (i % 10 == 5) {
			buf[12] = 0xff;         /* code 3, no frames */
			buf[13] = 0;
			len = 14;
		}
		audio_pair_rtp(rig.ap, LEG_CUBE, buf, len);
		rig_now += 20000;
	}

	audio_pair_stats(rig.ap, LEG_CUBE, &st);
	assert_int_equal(st.rx.dropped, 10);
	assert_int_equal(st.concealed, 10);
	assert_int_equal(rig.sinkv[LEG_SIP].pktc, 100);
	sink_check(&rig.sinkv[LEG_SIP], 160);
	src_close(&a);
	rig_close(&rig);
}


static void test_set_end_errors(void **state)
{
	struct media_end end;
	struct rig rig;
	(void)state;

	rig_init(&rig);
	rig_end(&rig, &end, LEG_SIP, "PCMU", 20);

	assert_int_equal(audio_pair_alloc(NULL, &rig.codecl), EINVAL);
	assert_int_equal(audio_pair_alloc(&rig.ap, NULL), EINVAL);
	assert_int_equal(audio_pair_set_end(NULL, LEG_SIP, &end), EINVAL);
	assert_int_equal(audio_pair_set_end(rig.ap, LEG_MAX, &end), EINVAL);
	assert_int_equal(audio_pair_set_end(rig.ap, LEG_SIP, NULL), EINVAL);
	end.rxc = MEDIA_FMT_MAX + 1;
	assert_int_equal(audio_pair_set_end(rig.ap, LEG_SIP, &end), EINVAL);
	end.rxc = 1;
	end.tx.crate = 0;
	assert_int_equal(audio_pair_set_end(rig.ap, LEG_SIP, &end), EINVAL);
	rig_close(&rig);
}


/* One end alone, and ends that send or receive nothing */
static void test_half(void **state)
{
	struct media_end end;
	struct rig_src a;
	struct rig rig;
	(void)state;

	rig_init(&rig);
	src_init(&a, LEG_SIP, "PCMU", 20, 440, NULL);
	src_send(&rig, LEG_SIP, &a, 10);
	rig_set(&rig, LEG_SIP, "PCMU", 20);
	src_send(&rig, LEG_SIP, &a, 10);
	memset(&end, 0, sizeof(end));
	end.send = true;
	assert_int_equal(audio_pair_set_end(rig.ap, LEG_CUBE, &end), 0);
	src_send(&rig, LEG_SIP, &a, 10);
	rig_now += 10000000;
	audio_pair_poll(rig.ap, rig_now);
	assert_int_equal(rig.sinkv[LEG_SIP].rtcpc, 1);
	src_close(&a);
	rig_close(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_relay_gap),
		cmocka_unit_test(test_stall),
		cmocka_unit_test(test_send_error),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_bad_payload),
		cmocka_unit_test(test_set_end_errors),
		cmocka_unit_test(test_half),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
