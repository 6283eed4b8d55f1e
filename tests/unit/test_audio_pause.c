/**
 * @file test_audio_pause.c  Pauses: DTX and codecs with noise frames, both ways
 *
 * Checked on what comes out: packets, levels, and the delay of the speech
 * that follows a pause, which must not grow from pause to pause.
 */
#include "pause_rig.h"


/* Speech, and noise in the same packet: only that is noise. n: frames of
   speech before; the level does not hear of them */
static void check_speech_sid(bool cn, size_t n)
{
	const unsigned frames = 20 + (unsigned)n;
	uint8_t buf[RTP_HEADER_SIZE + 3 * SID_FRAME + 2];
	int16_t *v = mem_zalloc(16000 * 70 * sizeof(*v), NULL);
	struct rig_sink *sink;
	uint32_t srate, ts = 0;
	uint16_t seq = 1;
	struct rig rig;
	size_t i;
	double r;

	rig_init(&rig);
	set_end(&rig, LEG_SIP, "SID", true, "");
	set_end(&rig, LEG_CUBE, "PCMA", cn, "");
	sink = &rig.sinkv[LEG_CUBE];

	/* loud, and as much of it as there is */
	for (i=0; i<3*SID_FRAME; i++)
		buf[RTP_HEADER_SIZE + i] = g711_pcm2ulaw(i & 8 ? 8000 : -8000);

	for (i=0; i<10; i++, ts += 160) {
		rtp_hdr_write(buf, !i, 99, seq++, ts, 5);
		audio_pair_rtp(rig.ap, LEG_SIP, buf,
			       RTP_HEADER_SIZE + 2 * SID_FRAME);
		rig_now += 20000;
		audio_pair_poll(rig.ap, rig_now);
	}

	rtp_hdr_write(buf, false, 99, seq++, ts, 5);
	buf[RTP_HEADER_SIZE + n * SID_FRAME]     = 50;
	buf[RTP_HEADER_SIZE + n * SID_FRAME + 1] = 0;
	audio_pair_rtp(rig.ap, LEG_SIP, buf,
		       RTP_HEADER_SIZE + n * SID_FRAME + 2);

	if (cn) {
		const struct rig_pkt *p = &sink->pktv[sink->pktc - 1];

		assert_int_equal(sink->pktc, 10 + (n + 1) / 2 + 1);
		assert_int_equal(p->pt, 13);
		assert_in_range(p->buf[0], 48, 52);
		assert_int_equal(p->ts - sink->pktv[0].ts,
				 (frames + 1) / 2 * 160);
		--sink->pktc;
	}
	else {
		for (i=0; i<500; i++) {
			rig_now += 1000;
			audio_pair_poll(rig.ap, rig_now);
		}
	}

	/* all of the speech is there, and noise behind it */
	(void)sink_decode(sink, "PCMA", &srate, v, 16000 * 70);
	for (i=0; i<frames * SID_FRAME; i++)
		assert_in_range(abs(v[i]), 7000, 9000);

	if (frames & 1) {
		r = rms(v + i, SID_FRAME);
		assert_true(fabs(20 * log10(r / 32768) + 50) < 3.0);
	}

	mem_deref(v);
	rig_close(&rig);
}


static void test_speech_sid(void **state)
{
	size_t n;
	(void)state;

	for (n=0; n<=3; n++) {
		check_speech_sid(true, n);
		check_speech_sid(false, n);
	}
}


/* Opus with DTX sends next to nothing in silence, and says when it begins */
static void opus_dtx(struct rig *rig, struct rig_src *src, unsigned n,
		     double amp)
{
	uint8_t buf[MEDIA_PKT_MAX];
	int16_t sampv[960];

	while (n--) {
		size_t i, len = MEDIA_PKT_MAX - 12;

		for (i=0; i<960; i++, src->n++)
			sampv[i] = (int16_t)(amp * sin(2 * M_PI * 440 *
						(double)src->n / 48000));

		assert_int_equal(src->ac->encode(src->enc, buf + 12, &len,
						 sampv, 960), 0);
		if (len) {
			rtp_hdr_write(buf, false, src->pt, src->seq++,
				      src->ts, src->ssrc);
			audio_pair_rtp(rig->ap, LEG_CUBE, buf, 12 + len);
		}
		src->ts += 960;
		rig_now += 20000;
		audio_pair_poll(rig->ap, rig_now);
	}
}


static void test_opus_dtx_in(void **state)
{
	struct media_stats st;
	struct rig_sink *sink;
	struct rig_src src;
	struct rig rig;
	size_t i;
	unsigned k, cn;
	(void)state;

	for (cn=0; cn<2; cn++) {

		unsigned cns = 0, audio = 0;

		rig_init(&rig);
		set_end(&rig, LEG_SIP, "PCMU", cn, "");
		set_end(&rig, LEG_CUBE, "opus", false, "");
		sink = &rig.sinkv[LEG_SIP];
		src_init(&src, LEG_CUBE, "opus", 20, 440, "usedtx=1");

		for (k=0; k<5; k++) {
			opus_dtx(&rig, &src, 50, 8000);
			opus_dtx(&rig, &src, 150, 0);
		}
		opus_dtx(&rig, &src, 50, 8000);

		audio_pair_stats(rig.ap, LEG_CUBE, &st);
		assert_true(st.rx.packets < 700);
		assert_int_equal(st.rx.lost, 0);
		assert_int_equal(st.concealed, 0);

		for (i=0; i<sink->pktc; i++) {
			cns   += sink->pktv[i].pt == 13;
			audio += sink->pktv[i].pt == 0;
		}

		if (cn) {
			assert_in_range(cns, 5, 60);
			assert_true(audio < 750);
		}
		else {
			/* 1050 packets, less some where speech begins */
			assert_int_equal(cns, 0);
			assert_in_range(audio, 1030, 1050);
		}

		/* no delay was gathered */
		assert_in_range(sink->pktv[sink->pktc - 1].ts -
				sink->pktv[0].ts, 1048 * 160, 1050 * 160);

		src_close(&src);
		rig_close(&rig);
	}
}


/* The app asked for DTX: the phone's silence costs it nothing */
static void test_opus_dtx_out(void **state)
{
	struct rig_sink *sink;
	struct rig_src src;
	struct rig rig;
	uint8_t buf[172];
	unsigned i;
	size_t n;
	(void)state;

	init(&rig, "PCMU", "opus", false, "usedtx=1");
	sink = &rig.sinkv[LEG_CUBE];
	src_init(&src, LEG_SIP, "PCMU", 20, 440, NULL);
	src_send(&rig, LEG_SIP, &src, 50);

	n = sink->pktc;
	for (i=0; i<500; i++) {
		rtp_hdr_write(buf, false, 0, src.seq++, src.ts, src.ssrc);
		memset(buf + 12, 0xff, 160);
		src.ts += 160;
		audio_pair_rtp(rig.ap, LEG_SIP, buf, sizeof(buf));
		rig_now += 20000;
		audio_pair_poll(rig.ap, rig_now);
	}
	n = sink->pktc - n;
	assert_in_range(n, 10, 100);

	src_send(&rig, LEG_SIP, &src, 50);
	assert_int_equal(sink->pktv[sink->pktc - 1].ts - sink->pktv[0].ts,
			 599 * 960);

	src_close(&src);
	rig_close(&rig);
}


/* Noise does not go on for ever, and not while the call is on hold */
static void test_end_of_noise(void **state)
{
	struct rig_sink *sink;
	struct rig_src src;
	struct rig rig;
	size_t n;
	(void)state;

	init(&rig, "PCMU", "PCMA", false, "");
	sink = &rig.sinkv[LEG_CUBE];
	src_init(&src, LEG_SIP, "PCMU", 20, 440, NULL);
	src_send(&rig, LEG_SIP, &src, 50);
	send_pause(&rig, &src, 60, 65000);
	n = sink->pktc;
	assert_in_range(n, 3000, 3060);
	send_pause(&rig, &src, -1, 1000);
	assert_int_equal(sink->pktc, n);

	src_close(&src);
	rig_close(&rig);
}


/* A frame of 10 ms that begins a pause, as G.729 Annex B has them, fills half
   of the other leg's packet: what follows does not wait for it */
static void test_lone_frame(void **state)
{
	/* Opus in 10 ms, narrowband SILK: a TOC alone is DTX */
	const uint8_t toc = 0x00;
	struct rig_sink *sink;
	struct rig_src src;
	struct rig rig;
	uint8_t buf[RTP_HEADER_SIZE + 1];
	size_t i, n;
	(void)state;

	init(&rig, "opus", "PCMA", false, "");
	sink = &rig.sinkv[LEG_CUBE];
	src_init(&src, LEG_SIP, "opus", 10, 440, NULL);
	src_send(&rig, LEG_SIP, &src, 100);
	n = sink->pktc;
	assert_int_equal(n, 50);

	rtp_hdr_write(buf, false, src.pt, src.seq++, src.ts, src.ssrc);
	buf[RTP_HEADER_SIZE] = toc;
	audio_pair_rtp(rig.ap, LEG_SIP, buf, sizeof(buf));
	send_pause(&rig, &src, -1, 1000);

	/* one packet behind the source, and it goes on */
	assert_in_range(sink->pktc - n, 48, 50);
	for (i=n; i<sink->pktc; i++)
		assert_int_equal(sink->pktv[i].ts - sink->pktv[i-1].ts, 160);

	/* speech comes back at its place, after what the noise was behind:
	   nothing of the half is left over */
	n = sink->pktc;
	src_send(&rig, LEG_SIP, &src, 20);
	assert_in_range(sink->pktc - n, 10, 12);
	assert_in_range(sink->pktv[sink->pktc - 1].ts - sink->pktv[0].ts,
			8 * 2160, 8 * 2200);

	src_close(&src);
	rig_close(&rig);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_speech_sid),
		cmocka_unit_test(test_opus_dtx_in),
		cmocka_unit_test(test_opus_dtx_out),
		cmocka_unit_test(test_end_of_noise),
		cmocka_unit_test(test_lone_frame),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
