/**
 * @file test_audio_stream.c  One continuous stream, whatever its source does
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <math.h>
#include <cmocka.h>
#include <re.h>
#include <rem.h>
#include "audio/audio.h"
#include "rtp/rtp.h"
#include "rtp/rxstat.h"
#include "rtp/clock.h"
#include "audio/telev.h"
#include "audio/audio_priv.h"
#include "media_rig.h"


/* From PCMU to each of these: a relay and two transcoders */
static const char * const outv[] = {"PCMU", "PCMA", "opus"};


static void setup(struct rig *rig, struct rig_src *src, const char *out)
{
	rig_init(rig);
	rig_set(rig, LEG_SIP, "PCMU", 20);
	rig_set(rig, LEG_CUBE, out, 20);
	src_init(src, LEG_SIP, "PCMU", 20, 440, NULL);
}


static void teardown(struct rig *rig, struct rig_src *src)
{
	src_close(src);
	rig_close(rig);
}


/* Timestamp from one packet kept to another [ms] */
static uint32_t dt_ms(const struct rig_sink *sink, const char *name, size_t a,
		      size_t b)
{
	return (sink->pktv[b].ts - sink->pktv[a].ts) /
		(rig_codec(name)->crate / 1000);
}


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
		assert_int_equal(st.rx.lost, -10);
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
		cmocka_unit_test(test_codec_switch),
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
