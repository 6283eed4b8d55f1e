/**
 * @file test_audio_event.c  Keys from one leg to the other
 *
 * Checked on the packets that come out: one press each, durations, the
 * sequence through audio and events, and no audio meanwhile.
 */
#include "keys_rig.h"


/* One packet of an event, in the stream of the source */
static void send_event(struct rig *rig, enum media_leg leg,
		       struct rig_src *src, uint8_t pt, unsigned event,
		       uint16_t dur, bool end, bool marker)
{
	const struct telev te = {(uint8_t)event, end, 10, dur};
	uint8_t buf[16];

	rtp_hdr_write(buf, marker, pt, src->seq++, src->ts, src->ssrc);
	telev_encode(buf + 12, &te);
	audio_pair_rtp(rig->ap, leg, buf, sizeof(buf));
}


/* A whole key press of n steps of 20 ms, three ends */
static void press(struct rig *rig, enum media_leg leg, struct rig_src *src,
		  uint8_t pt, uint32_t crate, unsigned event, unsigned n)
{
	const uint32_t step = crate / 50;
	unsigned i;

	for (i=1; i<=n; i++) {
		send_event(rig, leg, src, pt, event, (uint16_t)(i * step),
			   i == n, i == 1);
		rig_now += 20000;
		audio_pair_poll(rig->ap, rig_now);
	}

	send_event(rig, leg, src, pt, event, (uint16_t)(n * step), true,
		   false);
	send_event(rig, leg, src, pt, event, (uint16_t)(n * step), true,
		   false);

	src->ts += n * src->ac->crate / 50;
	src->n  += n * src->srate / 50;
}


static void check_road(const char *from, const char *to, uint32_t crate_in,
		       uint32_t crate_out, enum media_leg leg)
{
	const uint8_t ptin = leg == LEG_SIP ? EV_SIP : EV_CUBE;
	const uint8_t ptout = leg == LEG_SIP ? EV_CUBE : EV_SIP;
	struct media_stats st;
	struct rig_src src;
	struct seen seen;
	struct rig rig;

	if (leg == LEG_SIP)
		init(&rig, from, to, crate_in, crate_out, false);
	else
		init(&rig, to, from, crate_out, crate_in, false);

	src_init(&src, leg, from, 20, 440, NULL);

	src_send(&rig, leg, &src, 20);
	press(&rig, leg, &src, ptin, crate_in, 5, 8);
	src_send(&rig, leg, &src, 10);
	press(&rig, leg, &src, ptin, crate_in, 11, 5);
	src_send(&rig, leg, &src, 20);

	read_keys(&rig.sinkv[!leg], ptout, &seen);
	assert_string_equal(seen.str, "5#");
	assert_int_equal(seen.durv[0], crate_out * 160 / 1000);
	assert_int_equal(seen.durv[1], crate_out * 100 / 1000);

	assert_int_equal(keys.n, 2);
	assert_string_equal(keys.str, "5#");
	assert_int_equal(keys.leg, leg);
	assert_int_equal(keys.ms, 100);
	assert_true(keys.sent);

	audio_pair_stats(rig.ap, leg, &st);
	assert_int_equal(st.keys, 2);
	assert_int_equal(st.rx.lost, 0);
	assert_int_equal(st.rx.dropped, 0);
	assert_int_equal(st.concealed, 0);

	src_close(&src);
	rig_close(&rig);
}


static void test_roads(void **state)
{
	(void)state;

	check_road("PCMU", "opus", 8000, 48000, LEG_SIP);
	check_road("opus", "PCMU", 48000, 8000, LEG_CUBE);
	check_road("PCMU", "PCMU", 8000, 8000, LEG_SIP);
	check_road("PCMU", "PCMU", 8000, 8000, LEG_CUBE);
	check_road("opus", "opus", 48000, 48000, LEG_SIP);
	check_road("opus", "opus", 8000, 48000, LEG_SIP);
	check_road("opus", "PCMA", 8000, 8000, LEG_SIP);
	check_road("WB", "PCMA", 8000, 8000, LEG_SIP);
}


/* The tone around a key stays in phase, on a forwarded stream */
static void test_audio_goes_on(void **state)
{
	struct rig_src src;
	struct rig_sink *sink;
	struct rig rig;
	size_t i, n = 0;
	(void)state;

	init(&rig, "PCMU", "PCMA", 8000, 8000, false);
	sink = &rig.sinkv[LEG_CUBE];
	src_init(&src, LEG_SIP, "PCMU", 20, 440, NULL);
	src_send(&rig, LEG_SIP, &src, 50);
	press(&rig, LEG_SIP, &src, EV_SIP, 8000, 1, 10);
	src_send(&rig, LEG_SIP, &src, 50);

	for (i=0; i<sink->pktc; i++) {
		if (sink->pktv[i].pt != EV_CUBE)
			sink->pktv[n++] = sink->pktv[i];
	}
	sink->pktc = n;

	/* 100 packets, less those while the end was repeated */
	assert_in_range(n, 97, 100);
	assert_int_equal(sink->pktv[n-1].ts - sink->pktv[0].ts, 109 * 160);
	assert_true(sink_tone(sink, "PCMA", 440) > 0.85);

	src_close(&src);
	rig_close(&rig);
}


/* Packets lost and repeated on the way in: one press each */
static void test_losses(void **state)
{
	struct rig_src src;
	struct seen seen;
	struct rig rig;
	unsigned i;
	(void)state;

	init(&rig, "PCMU", "opus", 8000, 48000, false);
	src_init(&src, LEG_SIP, "PCMU", 20, 440, NULL);
	src_send(&rig, LEG_SIP, &src, 10);

	/* the beginning is lost, and two of the ends */
	for (i=1; i<=6; i++) {
		if (i < 3)
			++src.seq;
		else
			send_event(&rig, LEG_SIP, &src, EV_SIP, 7,
				   (uint16_t)(160 * i), i == 6, false);
		rig_now += 20000;
		audio_pair_poll(rig.ap, rig_now);
	}
	src.seq += 2;
	src.ts  += 960;
	src_send(&rig, LEG_SIP, &src, 10);

	/* all ends are lost, and no audio follows */
	send_event(&rig, LEG_SIP, &src, EV_SIP, 8, 160, false, true);
	rig_now += 20000;
	send_event(&rig, LEG_SIP, &src, EV_SIP, 8, 320, false, false);
	idle(&rig, 400);
	src.seq += 3;
	src.ts  += 8000;
	src_send(&rig, LEG_SIP, &src, 10);

	read_keys(&rig.sinkv[LEG_CUBE], EV_CUBE, &seen);
	assert_string_equal(seen.str, "78");
	assert_int_equal(seen.durv[0], 960 * 6);
	assert_int_equal(seen.durv[1], 320 * 6);
	assert_int_equal(keys.n, 2);

	src_close(&src);
	rig_close(&rig);
}


/* 6 s: one segment at 8 kHz, five at 48 kHz */
static void test_long(void **state)
{
	struct rig_src src;
	struct seen seen;
	struct rig rig;
	(void)state;

	init(&rig, "PCMU", "opus", 8000, 48000, false);
	src_init(&src, LEG_SIP, "PCMU", 20, 440, NULL);
	src_send(&rig, LEG_SIP, &src, 10);
	press(&rig, LEG_SIP, &src, EV_SIP, 8000, 3, 300);
	src_send(&rig, LEG_SIP, &src, 10);

	read_keys(&rig.sinkv[LEG_CUBE], EV_CUBE, &seen);
	assert_string_equal(seen.str, "3");
	assert_int_equal(seen.durv[0], 288000 - 4 * 0xffff);
	assert_int_equal(keys.ms, 6000);

	src_close(&src);
	rig_close(&rig);
}


/* Keys from elsewhere: before, between and without audio */
static void test_send_key(void **state)
{
	struct rig_src src;
	struct seen seen;
	struct rig rig;
	const char *p;
	(void)state;

	init(&rig, "PCMU", "opus", 8000, 48000, false);
	assert_int_equal(audio_pair_send_key(rig.ap, LEG_SIP, 'x', 0),
			 EINVAL);

	for (p = "12"; *p; p++)
		assert_int_equal(audio_pair_send_key(rig.ap, LEG_SIP, *p, 0),
				 0);
	idle(&rig, 1000);

	src_init(&src, LEG_CUBE, "opus", 20, 440, NULL);
	src_send(&rig, LEG_CUBE, &src, 10);
	for (p = "*0d"; *p; p++)
		assert_int_equal(audio_pair_send_key(rig.ap, LEG_SIP, *p,
						     100), 0);
	src_send(&rig, LEG_CUBE, &src, 60);

	read_keys(&rig.sinkv[LEG_SIP], EV_SIP, &seen);
	assert_string_equal(seen.str, "12*0D");
	assert_int_equal(seen.durv[0], 8 * TELEV_DUR_DEF);
	assert_int_equal(seen.durv[4], 800);
	assert_int_equal(keys.n, 0);

	src_close(&src);
	rig_close(&rig);
}


/* A leg without telephone-event: the handler knows, nothing is sent */
static void test_no_event(void **state)
{
	struct rig_src src;
	struct seen seen;
	struct rig rig;
	(void)state;

	init(&rig, "PCMU", "PCMU", 8000, 0, false);
	src_init(&src, LEG_SIP, "PCMU", 20, 440, NULL);
	src_send(&rig, LEG_SIP, &src, 10);
	press(&rig, LEG_SIP, &src, EV_SIP, 8000, 9, 8);
	src_send(&rig, LEG_SIP, &src, 10);

	read_keys(&rig.sinkv[LEG_CUBE], EV_CUBE, &seen);
	assert_int_equal(seen.n, 0);
	assert_int_equal(keys.n, 1);
	assert_int_equal(keys.ms, 160);
	assert_false(keys.sent);
	assert_int_equal(audio_pair_send_key(rig.ap, LEG_CUBE, '1', 0),
			 ENOTSUP);

	src_close(&src);
	rig_close(&rig);
}


/* A late packet does not take the number of one that was sent since */
static void test_late(void **state)
{
	uint8_t a[MEDIA_PKT_MAX], b[MEDIA_PKT_MAX];
	struct rig_src src;
	struct rig rig;
	size_t alen, blen, i, j;
	(void)state;

	init(&rig, "PCMU", "PCMU", 8000, 8000, false);
	src_init(&src, LEG_SIP, "PCMU", 20, 440, NULL);
	src_send(&rig, LEG_SIP, &src, 10);
	alen = src_next(&src, a);
	blen = src_next(&src, b);
	audio_pair_rtp(rig.ap, LEG_SIP, b, blen);
	press(&rig, LEG_SIP, &src, EV_SIP, 8000, 9, 8);
	idle(&rig, 100);
	audio_pair_rtp(rig.ap, LEG_SIP, a, alen);
	src_send(&rig, LEG_SIP, &src, 10);

	for (i=0; i<rig.sinkv[LEG_CUBE].pktc; i++) {
		for (j=0; j<i; j++)
			assert_int_not_equal(rig.sinkv[LEG_CUBE].pktv[i].seq,
					     rig.sinkv[LEG_CUBE].pktv[j].seq);
	}

	src_close(&src);
	rig_close(&rig);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_roads),
		cmocka_unit_test(test_audio_goes_on),
		cmocka_unit_test(test_losses),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_send_key),
		cmocka_unit_test(test_no_event),
		cmocka_unit_test(test_late),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
