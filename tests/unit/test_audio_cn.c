/**
 * @file test_audio_cn.c  Pauses: comfort noise (RFC 3389), both ways
 *
 * Checked as in test_audio_pause.c.
 */
#include "pause_rig.h"


static void test_cn(void **state)
{
	struct cn cn = {0};
	const uint8_t pkt[] = {0x80 | 40, 1, 2};
	int16_t v[8000];
	uint8_t level;
	unsigned i;
	(void)state;

	assert_int_equal(cn_decode(&level, pkt, 3), 0);
	assert_int_equal(level, 40);
	assert_int_equal(cn_decode(&level, pkt, 0), EBADMSG);
	assert_int_equal(cn_decode(NULL, pkt, 1), EINVAL);

	for (i=20; i<80; i+=10) {
		cn_set(&cn, (uint8_t)i);
		cn_make(&cn, v, ARRAY_SIZE(v));
		assert_in_range(cn_level(v, ARRAY_SIZE(v)), i - 2, i + 2);
	}

	memset(v, 0, sizeof(v));
	assert_int_equal(cn_level(v, ARRAY_SIZE(v)), CN_SILENT);
	assert_int_equal(cn_level(v, 0), CN_SILENT);

	for (i=0; i<ARRAY_SIZE(v); i++)
		v[i] = i & 1 ? INT16_MIN : INT16_MAX;
	assert_int_equal(cn_level(v, ARRAY_SIZE(v)), 0);

	/* any level is without overflow */
	for (i=0; i<128; i++) {
		cn_set(&cn, (uint8_t)i);
		cn_make(&cn, v, 800);
	}
}


/* To a receiver without CN: a continuous stream of that level, and speech
   where it belongs */
static void check_fill(const char *cube, int level)
{
	int16_t *v = mem_zalloc(16000 * 70 * sizeof(*v), NULL);
	struct media_stats st;
	struct rig_sink *sink;
	struct rig_src src;
	struct rig rig;
	uint32_t srate;
	size_t i, n, pos;
	unsigned k;
	double r;

	init(&rig, "PCMU", cube, false, "");
	sink = &rig.sinkv[LEG_CUBE];
	src_init(&src, LEG_SIP, "PCMU", 20, 440, NULL);

	for (k=0; k<10; k++) {
		src_send(&rig, LEG_SIP, &src, 50);
		send_pause(&rig, &src, level, 2010 + k * 7);
	}
	src_send(&rig, LEG_SIP, &src, 50);

	n = sink_decode(sink, cube, &srate, v, 16000 * 70);

	/* no packet is missing, but where speech begins again */
	for (i=1; i<sink->pktc; i++) {
		const uint32_t dt = sink->pktv[i].ts - sink->pktv[i-1].ts;

		assert_true(dt > 0);
		assert_true(dt <= rig_codec(cube)->crate / 1000 *
			    (sink->pktv[i].marker ? 60 : 20));
		assert_int_equal(sink->pktv[i].seq -
				 (uint16_t)(sink->pktv[i-1].seq + 1), 0);
	}

	/* level in the first pause */
	r = rms(v + srate * 3 / 2, srate);
	assert_true(fabs(20 * log10(r / 32768) + level) < 3.0);

	/* each piece of speech is in phase: it stands where it stood */
	for (k=0, pos=0; k<=10; k++) {
		const double w = 2 * M_PI * 440.0 / srate;
		const size_t len = srate * 8 / 10;
		double re = 0, im = 0, sum = 0, ph;
		static double ph0;

		for (i=pos + srate / 10; i<pos + srate / 10 + len; i++) {
			re  += v[i] * cos(w * (double)i);
			im  += v[i] * sin(w * (double)i);
			sum += (double)v[i] * v[i];
		}
		assert_true(2 * (re * re + im * im) / (double)len / sum >
			    0.9);

		ph = atan2(im, re);
		if (!k)
			ph0 = ph;
		assert_true(fabs(remainder(ph - ph0, 2 * M_PI)) < 0.5);
		pos += srate + (2010 + k * 7) * srate / 1000;
	}
	assert_true(n > pos - srate * 5 / 2);

	audio_pair_stats(rig.ap, LEG_SIP, &st);
	assert_int_equal(st.rx.lost, 0);
	assert_int_equal(st.concealed, 0);
	assert_int_equal(st.rx.dropped, 0);

	mem_deref(v);
	src_close(&src);
	rig_close(&rig);
}


static void test_cn_to_noise(void **state)
{
	(void)state;

	check_fill("PCMA", 45);
	check_fill("WB", 50);
	check_fill("opus", 40);
}


/* CN to CN, transcoded and forwarded */
static void check_cn(const char *cube)
{
	struct rig_sink *sink;
	struct rig_src src;
	struct rig rig;
	(void)cube;

	init(&rig, "PCMU", cube, true, "");
	sink = &rig.sinkv[LEG_CUBE];
	src_init(&src, LEG_SIP, "PCMU", 20, 440, NULL);
	src_send(&rig, LEG_SIP, &src, 50);
	send_pause(&rig, &src, 45, 2000);
	src_send(&rig, LEG_SIP, &src, 50);

	assert_int_equal(sink->pktc, 101);
	assert_int_equal(sink->pktv[50].pt, 13);
	assert_int_equal(sink->pktv[50].len, 1);
	assert_int_equal(sink->pktv[50].buf[0], 45);
	assert_int_equal(sink->pktv[50].ts - sink->pktv[0].ts, 8000);
	assert_int_equal(sink->pktv[51].ts - sink->pktv[0].ts, 24000);
	assert_int_equal((uint16_t)(sink->pktv[51].seq -
				    sink->pktv[0].seq), 51);
	if (strcmp(cube, "PCMU"))
		assert_true(sink->pktv[51].marker);

	src_close(&src);
	rig_close(&rig);
}


static void test_cn_to_cn(void **state)
{
	(void)state;

	check_cn("PCMA");
	check_cn("PCMU");
}


/* The last packet but one is lost and the comfort noise waits with the last:
   it comes behind it. Or it overtakes the last and is put back */
static void check_cn_order(const char *cube, bool cn, bool lost)
{
	uint8_t a[MEDIA_PKT_MAX], b[MEDIA_PKT_MAX], c[13];
	int16_t *v = mem_zalloc(16000 * 70 * sizeof(*v), NULL);
	size_t i, alen, blen, cns = 0;
	struct media_stats st;
	struct rig_sink *sink;
	struct rig_src src;
	struct rig rig;
	uint32_t srate, crate;
	double r;

	init(&rig, "PCMU", cube, cn, "");
	sink  = &rig.sinkv[LEG_CUBE];
	crate = rig_codec(cube)->crate;
	src_init(&src, LEG_SIP, "PCMU", 20, 440, NULL);
	src_send(&rig, LEG_SIP, &src, 50);

	alen = src_next(&src, a);
	blen = src_next(&src, b);
	rtp_hdr_write(c, false, 13, src.seq++, src.ts, src.ssrc);
	c[12] = 45;

	if (lost) {
		rig_now += 20000;
		audio_pair_rtp(rig.ap, LEG_SIP, b, blen);
		rig_now += 20000;
		audio_pair_poll(rig.ap, rig_now);
		audio_pair_rtp(rig.ap, LEG_SIP, c, sizeof(c));
	}
	else {
		audio_pair_rtp(rig.ap, LEG_SIP, a, alen);
		rig_now += 40000;
		audio_pair_rtp(rig.ap, LEG_SIP, c, sizeof(c));
		audio_pair_rtp(rig.ap, LEG_SIP, b, blen);
	}

	send_pause(&rig, &src, -1, 2000);
	src_send(&rig, LEG_SIP, &src, 50);

	audio_pair_stats(rig.ap, LEG_SIP, &st);
	assert_int_equal(st.concealed, lost);
	assert_int_equal(st.rx.dropped, 0);

	for (i=1; i<sink->pktc; i++) {

		const struct rig_pkt *p = &sink->pktv[i];
		const uint32_t dt = p->ts - sink->pktv[i-1].ts;

		assert_int_equal((uint16_t)(p->seq - sink->pktv[i-1].seq), 1);

		if (p->pt == 13) {
			++cns;
			assert_int_equal(p->buf[0], 45);
			assert_int_equal(p->ts - sink->pktv[0].ts, 52 * 160);
		}
		if (!cn)
			assert_true(dt && dt <= crate / 1000 *
				    (p->marker ? 60 : 20));
	}

	assert_int_equal(cns, cn);
	assert_int_equal(sink->pktv[sink->pktc - 1].ts - sink->pktv[0].ts,
			 crate / 1000 * (101 * 20 + 2000));

	if (cn) {
		assert_int_equal(sink->pktc, 103);
		assert_int_equal(sink->pktv[52].pt, 13);
	}
	else {
		(void)sink_decode(sink, cube, &srate, v, 16000 * 70);
		r = rms(v + srate * 3 / 2, srate);
		assert_true(fabs(20 * log10(r / 32768) + 45) < 3.0);
	}

	mem_deref(v);
	src_close(&src);
	rig_close(&rig);
}


static void test_cn_order(void **state)
{
	(void)state;

	check_cn_order("PCMA", true, true);
	check_cn_order("PCMA", true, false);
	check_cn_order("PCMA", false, true);
	check_cn_order("PCMA", false, false);
	check_cn_order("opus", false, true);
	check_cn_order("opus", false, false);
}


/* Held when the receiver goes on hold: nothing is sent there any more */
static void test_cn_hold(void **state)
{
	uint8_t buf[MEDIA_PKT_MAX];
	struct media_end end;
	struct rig_sink *sink;
	struct rig_src src;
	struct rig rig;
	size_t len;
	(void)state;

	init(&rig, "PCMU", "PCMA", true, "");
	sink = &rig.sinkv[LEG_CUBE];
	src_init(&src, LEG_SIP, "PCMU", 20, 440, NULL);
	src_send(&rig, LEG_SIP, &src, 10);

	(void)src_next(&src, buf);
	len = src_next(&src, buf);
	audio_pair_rtp(rig.ap, LEG_SIP, buf, len);

	rig_end(&rig, &end, LEG_CUBE, "PCMA", 20);
	end.send = false;
	assert_int_equal(audio_pair_set_end(rig.ap, LEG_CUBE, &end), 0);
	send_pause(&rig, &src, 45, 1000);
	assert_int_equal(sink->pktc, 10);

	src_close(&src);
	rig_close(&rig);
}


/* A codec with comfort noise of its own gets no other */
static void test_cn_to_own(void **state)
{
	struct rig_sink *sink;
	struct rig_src src;
	struct rig rig;
	size_t i;
	(void)state;

	rig_init(&rig);
	set_end(&rig, LEG_SIP, "PCMU", true, "");
	set_end(&rig, LEG_CUBE, "SID", true, "");
	sink = &rig.sinkv[LEG_CUBE];
	src_init(&src, LEG_SIP, "PCMU", 20, 440, NULL);
	src_send(&rig, LEG_SIP, &src, 50);
	send_pause(&rig, &src, 45, 1000);

	assert_in_range(sink->pktc, 98, 100);
	for (i=0; i<sink->pktc; i++)
		assert_int_equal(sink->pktv[i].pt, 99);

	src_close(&src);
	rig_close(&rig);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cn),
		cmocka_unit_test(test_cn_to_noise),
		cmocka_unit_test(test_cn_to_cn),
		cmocka_unit_test(test_cn_order),
		cmocka_unit_test(test_cn_hold),
		cmocka_unit_test(test_cn_to_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
