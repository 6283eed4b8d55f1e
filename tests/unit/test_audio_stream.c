/**
 * @file test_audio_stream.c  One continuous stream, whatever its source does
 */
#include "audio_stream_rig.h"


static void test_wrap(void **state)
{
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(outv); i++) {

		struct rig_src a;
		struct rig rig;

		setup(&rig, &a, outv[i]);
		a.seq = 65500;
		a.ts  = (uint32_t)-160 * 20;
		src_send(&rig, LEG_SIP, &a, 100);

		assert_int_equal(rig.sinkv[LEG_CUBE].pktc, 100);
		sink_check(&rig.sinkv[LEG_CUBE], dt_ms(&rig.sinkv[LEG_CUBE],
			outv[i], 0, 1) / 20 *
			rig_codec(outv[i])->crate / 50);
		assert_int_equal(dt_ms(&rig.sinkv[LEG_CUBE], outv[i], 0, 99),
				 99 * 20);
		assert_true(sink_tone(&rig.sinkv[LEG_CUBE], outv[i], 440) >
			    0.95);
		teardown(&rig, &a);
	}
}


/* The output too, from wherever its random start is */
static void test_output_wrap(void **state)
{
	struct rig_src a;
	struct rig rig;
	(void)state;

	setup(&rig, &a, "PCMA");
	src_send(&rig, LEG_SIP, &a, 10);
	rig.ap->portv[LEG_CUBE]->tx.seq = 65530;
	rig.ap->routev[LEG_SIP]->xc = mem_deref(rig.ap->routev[LEG_SIP]->xc);
	rig.ap->portv[LEG_CUBE]->tx.ts = (uint32_t)-160 * 10;
	rig.sinkv[LEG_CUBE].pktc = 0;
	src_send(&rig, LEG_SIP, &a, 50);
	assert_int_equal(rig.sinkv[LEG_CUBE].pktc, 50);
	sink_check(&rig.sinkv[LEG_CUBE], 160);
	teardown(&rig, &a);
}


/* Transfer or music on hold: other SSRC, sequence and timestamps */
static void check_new_source(const char *out, bool ssrc, bool seq)
{
	struct media_stats st;
	const struct rig_sink *sink;
	struct rig_src a;
	struct rig rig;

	setup(&rig, &a, out);
	sink = &rig.sinkv[LEG_CUBE];
	src_send(&rig, LEG_SIP, &a, 50);

	if (ssrc)
		a.ssrc = 0x55;
	if (seq)
		a.seq += 20000;
	a.ts -= 123456789;

	src_send(&rig, LEG_SIP, &a, 50);

	/* the first of another SSRC or sequence is not believed yet */
	audio_pair_stats(rig.ap, LEG_SIP, &st);
	assert_int_equal(st.rx.dropped, ssrc || seq ? 1 : 0);
	assert_int_equal(st.rx.lost, 0);
	assert_int_equal(sink->pktc, ssrc || seq ? 99 : 100);

	/* time went on as it did */
	sink_check(sink, 0);
	assert_int_equal(dt_ms(sink, out, 0, sink->pktc - 1), 99 * 20);
	assert_true(sink->pktv[50].marker);

	teardown(&rig, &a);
}


static void test_new_source(void **state)
{
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(outv); i++) {
		check_new_source(outv[i], true, true);
		check_new_source(outv[i], true, false);
		check_new_source(outv[i], false, true);
		check_new_source(outv[i], false, false);
	}
}


/* A stray packet of someone else changes nothing */
static void test_stray(void **state)
{
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(outv); i++) {

		uint8_t buf[12 + 160] = {0x80, 0, 9, 9, 1, 1, 1, 1, 2, 3};
		struct rig_src a;
		struct rig rig;
		int n;

		setup(&rig, &a, outv[i]);
		for (n=0; n<10; n++) {
			src_send(&rig, LEG_SIP, &a, 10);
			buf[11] = (uint8_t)n;
			audio_pair_rtp(rig.ap, LEG_SIP, buf, sizeof(buf));
		}
		assert_int_equal(rig.sinkv[LEG_CUBE].pktc, 100);
		sink_check(&rig.sinkv[LEG_CUBE],
			   rig_codec(outv[i])->crate / 50);
		assert_true(sink_tone(&rig.sinkv[LEG_CUBE], outv[i], 440) >
			    0.95);
		teardown(&rig, &a);
	}
}


static void send_other(struct rig *rig, uint32_t ssrc, uint16_t seq,
		       uint32_t ts)
{
	uint8_t buf[RTP_HEADER_SIZE + 1] = {0};

	rtp_hdr_write(buf, false, 19, seq, ts, ssrc);
	audio_pair_rtp(rig->ap, LEG_SIP, buf, sizeof(buf));
}


/* A keep-alive, or comfort noise of long ago: not lost, not waited for */
static void test_unknown_pt(void **state)
{
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(outv); i++) {

		const struct rig_sink *sink;
		struct media_stats st;
		struct rig_src a;
		struct rig rig;
		int n;

		setup(&rig, &a, outv[i]);
		sink = &rig.sinkv[LEG_CUBE];
		for (n=0; n<10; n++) {
			src_send(&rig, LEG_SIP, &a, 10);
			assert_int_equal(sink->pktc, 10 * (n + 1));
			send_other(&rig, a.ssrc, a.seq, a.ts);
			send_other(&rig, a.ssrc, a.seq++, a.ts);
			assert_int_equal(audio_pair_silence(rig.ap, LEG_SIP),
					 0);
		}
		sink_check(sink, rig_codec(outv[i])->crate / 50);
		assert_true(sink_tone(sink, outv[i], 440) > 0.95);

		audio_pair_stats(rig.ap, LEG_SIP, &st);
		assert_int_equal(st.rx.lost, 0);
		assert_int_equal(st.rx.packets, 120);
		assert_int_equal(st.rx.dropped, 10);
		assert_int_equal(st.duplicates, 10);
		assert_int_equal(st.concealed, 0);
		assert_string_equal(st.rx_codec, "PCMU/8000");
		teardown(&rig, &a);
	}
}


/* From someone else, or far from the stream, it does nothing at all */
static void test_unknown_stranger(void **state)
{
	const struct rig_sink *sink;
	struct media_stats st;
	struct rig_src a;
	struct rig rig;
	int n;
	(void)state;

	setup(&rig, &a, "PCMU");
	sink = &rig.sinkv[LEG_CUBE];

	/* nobody is known yet */
	for (n=0; n<5; n++)
		send_other(&rig, a.ssrc, (uint16_t)n, 0);
	src_send(&rig, LEG_SIP, &a, 10);
	assert_int_equal(sink->pktc, 10);

	for (n=0; n<5; n++) {
		send_other(&rig, 99, (uint16_t)(a.seq + n), a.ts);
		send_other(&rig, a.ssrc, (uint16_t)(a.seq + 20000 + n), a.ts);
	}

	audio_pair_stats(rig.ap, LEG_SIP, &st);
	assert_int_equal(st.rx.packets, 10);
	assert_int_equal(st.rx.dropped, 15);
	assert_int_equal(st.rx.lost, 0);
	src_send(&rig, LEG_SIP, &a, 10);
	assert_int_equal(sink->pktc, 20);

	/* another source is on probation as ever */
	a.ssrc = 99;
	send_other(&rig, a.ssrc, a.seq++, a.ts);
	src_send(&rig, LEG_SIP, &a, 1);
	assert_int_equal(sink->pktc, 20);
	send_other(&rig, a.ssrc, a.seq++, a.ts);
	src_send(&rig, LEG_SIP, &a, 1);
	assert_int_equal(sink->pktc, 20);
	src_send(&rig, LEG_SIP, &a, 1);
	assert_int_equal(sink->pktc, 21);

	/* and taken at once after signalling, whatever the old one sends */
	rig_set(&rig, LEG_SIP, "PCMU", 20);
	send_other(&rig, a.ssrc, a.seq++, a.ts);
	a.ssrc = 100;
	src_send(&rig, LEG_SIP, &a, 1);
	assert_int_equal(sink->pktc, 22);

	teardown(&rig, &a);
}


static void set_send(struct rig *rig, const char *out, bool snd)
{
	struct media_end end;

	rig_end(rig, &end, LEG_CUBE, out, 20);
	end.send = snd;
	assert_int_equal(audio_pair_set_end(rig->ap, LEG_CUBE, &end), 0);
}


static void test_hold(void **state)
{
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(outv); i++) {

		const struct rig_sink *sink;
		struct rig_src a;
		struct rig rig;

		setup(&rig, &a, outv[i]);
		sink = &rig.sinkv[LEG_CUBE];
		src_send(&rig, LEG_SIP, &a, 50);

		set_send(&rig, outv[i], false);
		src_send(&rig, LEG_SIP, &a, 200);
		assert_int_equal(sink->pktc, 50);

		set_send(&rig, outv[i], true);
		src_send(&rig, LEG_SIP, &a, 50);
		assert_int_equal(sink->pktc, 100);
		assert_true(sink->pktv[50].marker);

		sink_check(sink, 0);
		assert_int_equal(dt_ms(sink, outv[i], 0, 99), 299 * 20);
		teardown(&rig, &a);
	}
}


/* Held from the start (early media the other way only) */
static void test_hold_first(void **state)
{
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(outv); i++) {

		struct rig_src a;
		struct rig rig;

		setup(&rig, &a, outv[i]);
		set_send(&rig, outv[i], false);
		src_send(&rig, LEG_SIP, &a, 20);
		set_send(&rig, outv[i], true);
		src_send(&rig, LEG_SIP, &a, 50);
		assert_int_equal(rig.sinkv[LEG_CUBE].pktc, 50);
		sink_check(&rig.sinkv[LEG_CUBE],
			   rig_codec(outv[i])->crate / 50);
		assert_true(rig.sinkv[LEG_CUBE].pktv[0].marker);
		teardown(&rig, &a);
	}
}


static void test_recv_off(void **state)
{
	struct media_end end;
	struct media_stats st;
	struct rig_src a;
	struct rig rig;
	(void)state;

	setup(&rig, &a, "opus");
	rig_end(&rig, &end, LEG_SIP, "PCMU", 20);
	end.recv = false;
	assert_int_equal(audio_pair_set_end(rig.ap, LEG_SIP, &end), 0);
	src_send(&rig, LEG_SIP, &a, 20);
	assert_int_equal(rig.sinkv[LEG_CUBE].pktc, 0);
	audio_pair_stats(rig.ap, LEG_SIP, &st);
	assert_int_equal(st.rx.packets, 20);
	assert_int_equal(st.rx.dropped, 20);
	teardown(&rig, &a);
}


/* A refreshed session is not heard; another codec keeps the stream */
static void test_renegotiate(void **state)
{
	const struct rig_sink *sink;
	const struct xcode *xc;
	struct rig_src a;
	struct rig rig;
	size_t i;
	(void)state;

	setup(&rig, &a, "opus");
	sink = &rig.sinkv[LEG_CUBE];

	for (i=0; i<5; i++) {
		src_send(&rig, LEG_SIP, &a, 20);
		xc = rig.ap->routev[LEG_SIP]->xc;
		rig_set(&rig, LEG_CUBE, "opus", 20);
		rig_set(&rig, LEG_SIP, "PCMU", 20);
		assert_ptr_equal(xc, rig.ap->routev[LEG_SIP]->xc);
	}
	assert_int_equal(sink->pktc, 100);
	sink_check(sink, 960);
	for (i=1; i<100; i++)
		assert_false(sink->pktv[i].marker);
	assert_true(sink_tone(sink, "opus", 440) > 0.95);

	/* opus -> PCMU (relay) -> PCMA (transcode) -> 40 ms */
	rig_set(&rig, LEG_CUBE, "PCMU", 20);
	src_send(&rig, LEG_SIP, &a, 20);
	rig_set(&rig, LEG_CUBE, "PCMA", 20);
	src_send(&rig, LEG_SIP, &a, 20);
	rig_set(&rig, LEG_CUBE, "PCMA", 40);
	src_send(&rig, LEG_SIP, &a, 20);

	assert_int_equal(sink->pktc, 100 + 20 + 20 + 10);
	sink_check(sink, 0);
	assert_int_equal(sink->pktv[100].pt, 0);
	assert_true(sink->pktv[100].marker);
	assert_int_equal(sink->pktv[120].pt, 8);
	assert_true(sink->pktv[120].marker);
	assert_int_equal(dt_ms(sink, "PCMA", 100, 120), 400);
	assert_int_equal(sink->pktv[149].len, 320);

	/* nothing fits any more, then it does again */
	rig_set(&rig, LEG_SIP, "WB", 20);
	rig.ap->portv[LEG_SIP]->map[0] = 0;
	src_send(&rig, LEG_SIP, &a, 10);
	assert_int_equal(sink->pktc, 150);
	rig_set(&rig, LEG_SIP, "PCMU", 20);
	src_send(&rig, LEG_SIP, &a, 20);
	assert_int_equal(sink->pktc, 160);
	sink_check(sink, 0);

	teardown(&rig, &a);
}


/* The remote changes its codec without a word, among those agreed */
static void test_codec_switch(void **state)
{
	const char * const v[] = {"PCMU", "PCMA", "opus", "WB", "PCMU"};
	struct rig rig;
	uint16_t seq = 5;
	size_t i;
	(void)state;

	rig_init(&rig);
	rig_set(&rig, LEG_SIP, "PCMU", 20);
	rig_set(&rig, LEG_CUBE, "PCMU", 20);

	for (i=0; i<ARRAY_SIZE(v); i++) {

		struct rig_src a;
		struct media_stats st;

		src_init(&a, LEG_SIP, v[i], 20, 440, NULL);
		a.seq = seq;
		src_send(&rig, LEG_SIP, &a, 50);
		seq = a.seq;
		src_close(&a);

		audio_pair_stats(rig.ap, LEG_SIP, &st);
		assert_int_equal(strncmp(st.rx_codec, v[i], strlen(v[i])), 0);
		assert_string_equal(st.tx_codec, "PCMU/8000");
	}

	assert_int_equal(rig.sinkv[LEG_CUBE].pktc, 250);
	sink_check(&rig.sinkv[LEG_CUBE], 160);
	assert_int_equal(dt_ms(&rig.sinkv[LEG_CUBE], "PCMU", 0, 249),
			 249 * 20);

	rig_close(&rig);
}



/* What is negotiated anew changes nothing of what was counted, nor what it was:
   even if nothing comes after it */
static void test_renegotiated_stats(void **state)
{
	struct media_stats st, before;
	struct media_end end;
	struct rig_src a;
	struct rig rig;
	(void)state;

	setup(&rig, &a, "PCMU");
	src_send(&rig, LEG_SIP, &a, 50);
	audio_pair_stats(rig.ap, LEG_SIP, &before);
	assert_string_equal(before.rx_codec, "PCMU/8000");
	assert_true(before.rx.mos > 300);

	/* another codec, and then none at all */
	rig_set(&rig, LEG_SIP, "PCMA", 20);
	audio_pair_stats(rig.ap, LEG_SIP, &st);
	assert_string_equal(st.rx_codec, "PCMU/8000");
	assert_int_equal(st.rx.mos, before.rx.mos);
	rig_end(&rig, &end, LEG_SIP, "PCMA", 20);
	end.rxc = 0;
	end.tx.name[0] = '\0';
	assert_int_equal(audio_pair_set_end(rig.ap, LEG_SIP, &end), 0);
	assert_int_equal(audio_pair_set_end(rig.ap, LEG_CUBE, &end), 0);

	audio_pair_stats(rig.ap, LEG_SIP, &st);
	assert_string_equal(st.rx_codec, "PCMU/8000");
	assert_int_equal(st.rx.packets, 50);
	assert_int_equal(st.rx.bytes, before.rx.bytes);
	assert_int_equal(st.rx.mos, before.rx.mos);
	assert_string_equal(st.tx_codec, "");
	audio_pair_stats(rig.ap, LEG_CUBE, &st);
	assert_string_equal(st.tx_codec, "PCMU/8000");
	assert_int_equal(st.tx.packets, 50);
	teardown(&rig, &a);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_output_wrap),
		cmocka_unit_test(test_new_source),
		cmocka_unit_test(test_stray),
		cmocka_unit_test(test_unknown_pt),
		cmocka_unit_test(test_unknown_stranger),
		cmocka_unit_test(test_hold),
		cmocka_unit_test(test_hold_first),
		cmocka_unit_test(test_recv_off),
		cmocka_unit_test(test_renegotiate),
		cmocka_unit_test(test_renegotiated_stats),
		cmocka_unit_test(test_codec_switch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
