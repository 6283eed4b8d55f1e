/**
 * @file test_audio_frames.c  Opus packets of several frames, as an app sends
 *                            them to save headers: 60 and 120 ms
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
#include <opus.h>
#include "audio/audio.h"
#include "rtp/rtp.h"
#include "rtp/rxstat.h"
#include "rtp/clock.h"
#include "audio/telev.h"
#include "audio/audio_priv.h"
#include "media_rig.h"


enum {
	FRAME_MS = 20,
	SECONDS  = 12,
	FREQ     = 440,
};

/** What the network does with packet i */
enum fate {
	COMES = 0,
	LOST,
	SWAPPED,                /**< With the next one, 10 ms apart        */
};


static enum fate all_come(unsigned i)
{
	(void)i;

	return COMES;
}


static enum fate some_lost(unsigned i)
{
	return i % 10 == 5 ? LOST : COMES;
}


static enum fate some_swapped(unsigned i)
{
	return i % 10 == 5 ? SWAPPED : COMES;
}


/* A packet of n frames of 20 ms (RFC 6716, 3.2) */
static size_t frames_next(struct rig_src *src, OpusRepacketizer *rp,
			  unsigned n, uint8_t *buf)
{
	const uint32_t ts = src->ts;
	const uint16_t seq = src->seq;
	uint8_t bufv[6][MEDIA_PKT_MAX];
	unsigned i;
	int len;

	opus_repacketizer_init(rp);

	for (i=0; i<n; i++) {

		const size_t l = src_next(src, bufv[i]);

		assert_int_equal(opus_repacketizer_cat(rp,
			bufv[i] + RTP_HEADER_SIZE,
			(opus_int32)(l - RTP_HEADER_SIZE)), OPUS_OK);
	}

	len = opus_repacketizer_out(rp, buf + RTP_HEADER_SIZE,
				    MEDIA_PKT_MAX - RTP_HEADER_SIZE);
	assert_true(len > 0);
	assert_int_equal(opus_packet_get_nb_frames(buf + RTP_HEADER_SIZE,
						   len), n);

	rtp_hdr_write(buf, false, src->pt, seq, ts, src->ssrc);
	src->seq = seq + 1;

	return RTP_HEADER_SIZE + (size_t)len;
}


static void pass(struct rig *rig, unsigned ms)
{
	while (ms--) {
		rig_now += 1000;
		audio_pair_poll(rig->ap, rig_now);
	}
}


static void check_frames(const char *out, unsigned n, uint32_t ptout,
			 enum fate (*fate)(unsigned i), double least)
{
	const unsigned ptin = n * FRAME_MS, pkts = SECONDS * 1000 / ptin;
	OpusRepacketizer *rp = opus_repacketizer_create();
	uint8_t a[MEDIA_PKT_MAX], b[MEDIA_PKT_MAX];
	const struct rig_sink *sink;
	struct media_stats st;
	struct rig_src src;
	struct rig rig;
	unsigned i, lost = 0, swapped = 0;
	uint32_t total;
	size_t alen, blen;
	double share;

	rig_init(&rig);
	sink = &rig.sinkv[LEG_SIP];
	rig_set(&rig, LEG_SIP, out, ptout);
	rig_set(&rig, LEG_CUBE, "opus", 20);
	src_init(&src, LEG_CUBE, "opus", FRAME_MS, FREQ, "useinbandfec=1");

	for (i=0; i<pkts; i++) {

		const enum fate f = i + 2 < pkts ? fate(i) : COMES;

		alen = frames_next(&src, rp, n, a);

		if (f == LOST) {
			++lost;
		}
		else if (f == SWAPPED) {
			++swapped;
			++i;
			blen = frames_next(&src, rp, n, b);
			pass(&rig, ptin - 10);
			audio_pair_rtp(rig.ap, LEG_CUBE, b, blen);
			pass(&rig, 10);
			audio_pair_rtp(rig.ap, LEG_CUBE, a, alen);
		}
		else {
			audio_pair_rtp(rig.ap, LEG_CUBE, a, alen);
		}

		/* nothing waits here but for what is missing */
		if (!lost)
			assert_int_equal(sink->pktc, (i + 1) * ptin / ptout);

		pass(&rig, ptin);
	}

	audio_pair_stats(rig.ap, LEG_CUBE, &st);
	assert_int_equal(st.rx.lost, lost);
	assert_int_equal(st.rx.dropped, 0);
	assert_int_equal(st.reordered, swapped);
	assert_int_equal(st.concealed, ptin <= 100 ? lost : 0);

	/* all in its place, to the end */
	sink_check(sink, rig_codec(out)->crate / 1000 * ptout);
	total = sink->pktv[sink->pktc - 1].ts - sink->pktv[0].ts;
	assert_int_equal(total, rig_codec(out)->crate / 1000 *
			 (pkts * ptin - ptout));

	share = sink_tone(sink, out, FREQ);
	if (share < least)
		fail_msg("%u frames -> %s %u: %f", n, out, ptout, share);

	opus_repacketizer_destroy(rp);
	src_close(&src);
	rig_close(&rig);
}


static void check_all(enum fate (*fate)(unsigned i), double least3,
		      double least6)
{
	static const char * const outv[] = {"PCMU", "WB"};
	size_t i;

	for (i=0; i<ARRAY_SIZE(outv); i++) {
		check_frames(outv[i], 3, 10, fate, least3);
		check_frames(outv[i], 3, 20, fate, least3);
		check_frames(outv[i], 3, 60, fate, least3);
		check_frames(outv[i], 6, 20, fate, least6);
		check_frames(outv[i], 6, 60, fate, least6);
	}
}


static void test_frames(void **state)
{
	(void)state;
	check_all(all_come, 0.95, 0.95);
}


/* 60 ms are concealed, 120 are left to the phone */
static void test_frames_lost(void **state)
{
	(void)state;
	check_all(some_lost, 0.85, 0.85);
}


static void test_frames_swapped(void **state)
{
	(void)state;
	check_all(some_swapped, 0.95, 0.95);
}


/* One frame that is as long as Opus has them, and many in one packet of the
   encoder's own making */
static void test_long_frames(void **state)
{
	static const uint32_t ptv[] = {60, 120};
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(ptv); i++) {

		const struct rig_sink *sink;
		struct rig_src src;
		struct rig rig;

		rig_init(&rig);
		sink = &rig.sinkv[LEG_SIP];
		rig_set(&rig, LEG_SIP, "PCMU", 20);
		rig_set(&rig, LEG_CUBE, "opus", 20);
		src_init(&src, LEG_CUBE, "opus", ptv[i], FREQ, NULL);
		src_send(&rig, LEG_CUBE, &src, 6000 / ptv[i]);

		assert_int_equal(sink->pktc, 300);
		sink_check(sink, 160);
		assert_true(sink_tone(sink, "PCMU", FREQ) > 0.95);

		src_close(&src);
		rig_close(&rig);
	}
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frames),
		cmocka_unit_test(test_frames_lost),
		cmocka_unit_test(test_frames_swapped),
		cmocka_unit_test(test_long_frames),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
