/**
 * @file test_audio_inband.c  Keys that a phone sends as tones
 */
#include "keys_rig.h"


static void send_tone(struct rig *rig, struct rig_src *src, double f1,
		      double f2, double amp, unsigned n, double noise)
{
	int16_t sampv[960];
	uint8_t buf[MEDIA_PKT_MAX];
	const size_t sampc = src->srate / 50;

	while (n--) {
		size_t i, len = sizeof(buf) - 12;

		for (i=0; i<sampc; i++) {
			const double t = (double)src->n++ / src->srate;

			sampv[i] = (int16_t)(amp * (sin(2 * M_PI * f1 * t) +
						    sin(2 * M_PI * f2 * t)) +
				noise * ((double)rand() / RAND_MAX - 0.5));
		}

		assert_int_equal(src->ac->encode(src->enc, buf + 12, &len,
						 sampv, sampc), 0);
		rtp_hdr_write(buf, false, src->pt, src->seq++, src->ts,
			      src->ssrc);
		src->ts += src->ac->crate / 50;
		audio_pair_rtp(rig->ap, LEG_SIP, buf, 12 + len);
		rig_now += 20000;
		audio_pair_poll(rig->ap, rig_now);
	}
}


static void check_inband(const char *sip, const char *cube, double amp,
			 double noise)
{
	const double rowv[4] = {697, 770, 852, 941};
	const double colv[4] = {1209, 1336, 1477, 1633};
	struct rig_src src;
	struct seen seen;
	struct rig rig;
	unsigned i;

	init(&rig, sip, cube, 0, rig_codec(cube)->crate, true);
	src_init(&src, LEG_SIP, sip, 20, 440, NULL);
	send_tone(&rig, &src, 440, 300, 1000, 20, noise);

	for (i=0; i<16; i++) {
		send_tone(&rig, &src, rowv[i / 4], colv[i & 3], amp, 4,
			  noise);
		send_tone(&rig, &src, 440, 300, 1000, 8, noise);
	}

	read_keys(&rig.sinkv[LEG_CUBE], EV_CUBE, &seen);
	if (strcmp(seen.str, "123A456B789C*0#D"))
		fail_msg("%s->%s: %s", sip, cube, seen.str);
	assert_int_equal(keys.n, 16);
	assert_in_range(keys.ms, 50, 100);

	src_close(&src);
	rig_close(&rig);
}


static void test_inband(void **state)
{
	(void)state;

	check_inband("PCMU", "opus", 6000, 0);
	check_inband("PCMU", "PCMU", 6000, 300);
	check_inband("PCMA", "opus", 500, 0);
	check_inband("WB", "PCMA", 6000, 300);
	check_inband("opus", "PCMA", 6000, 100);
}


/* The same source goes on with another codec */
static void src_switch(struct rig_src *src, const char *name)
{
	const struct rig_src was = *src;

	src_close(src);
	src_init(src, LEG_SIP, name, 20, 440, NULL);
	src->seq  = was.seq;
	src->ts   = was.ts;
	src->ssrc = was.ssrc;
}


/* No key is lost, and none is pressed twice, while codecs change */
static void test_inband_change(void **state)
{
	struct rig_src src;
	struct seen seen;
	struct rig rig;
	(void)state;

	init(&rig, "PCMU", "opus", 0, 48000, true);
	src_init(&src, LEG_SIP, "PCMU", 20, 440, NULL);
	send_tone(&rig, &src, 440, 300, 1000, 150, 0);
	send_tone(&rig, &src, 697, 1209, 6000, 4, 0);
	send_tone(&rig, &src, 440, 300, 1000, 8, 0);

	/* another codec of that rate, and held through the next change */
	src_switch(&src, "PCMA");
	send_tone(&rig, &src, 697, 1336, 6000, 4, 0);
	send_tone(&rig, &src, 440, 300, 1000, 8, 0);
	send_tone(&rig, &src, 697, 1477, 6000, 4, 0);
	src_switch(&src, "PCMU");
	src.n = 4 * 160;
	send_tone(&rig, &src, 697, 1477, 6000, 4, 0);
	send_tone(&rig, &src, 440, 300, 1000, 8, 0);

	/* of another rate */
	src_switch(&src, "WB");
	send_tone(&rig, &src, 770, 1209, 6000, 4, 0);
	send_tone(&rig, &src, 440, 300, 1000, 8, 0);

	/* and a new answer of the app, to which it is forwarded if it can be */
	set_end(&rig, LEG_CUBE, "PCMA", EV_CUBE, 8000, false);
	src_switch(&src, "PCMA");
	send_tone(&rig, &src, 770, 1336, 6000, 4, 0);
	send_tone(&rig, &src, 440, 300, 1000, 8, 0);
	assert_int_equal(keys.n, 5);
	assert_string_equal(keys.str, "12345");

	/* tones are no keys any more, and are again */
	set_end(&rig, LEG_SIP, "PCMA", EV_SIP, 0, false);
	send_tone(&rig, &src, 770, 1477, 6000, 4, 0);
	send_tone(&rig, &src, 440, 300, 1000, 8, 0);
	set_end(&rig, LEG_SIP, "PCMA", EV_SIP, 0, true);
	send_tone(&rig, &src, 852, 1209, 6000, 4, 0);
	send_tone(&rig, &src, 440, 300, 1000, 8, 0);
	assert_string_equal(keys.str, "123457");

	read_keys(&rig.sinkv[LEG_CUBE], EV_CUBE, &seen);
	assert_string_equal(seen.str, "123457");

	src_close(&src);
	rig_close(&rig);
}


/* How much of a tone gets through */
static void test_inband_is_silenced(void **state)
{
	int16_t *v = mem_zalloc(8000 * 2 * sizeof(*v), NULL);
	struct rig_src src;
	struct rig_sink *sink;
	struct rig rig;
	uint32_t srate;
	size_t i, n, loud = 0;
	(void)state;

	init(&rig, "PCMU", "PCMA", 0, 8000, true);
	sink = &rig.sinkv[LEG_CUBE];
	src_init(&src, LEG_SIP, "PCMU", 20, 440, NULL);
	send_tone(&rig, &src, 440, 300, 10, 10, 0);
	send_tone(&rig, &src, 770, 1336, 8000, 10, 0);
	send_tone(&rig, &src, 440, 300, 10, 20, 0);

	for (i=n=0; i<sink->pktc; i++) {
		if (sink->pktv[i].pt != EV_CUBE)
			sink->pktv[n++] = sink->pktv[i];
	}
	sink->pktc = n;

	n = sink_decode(sink, "PCMA", &srate, v, 16000);
	for (i=0; i<n; i++)
		loud += abs(v[i]) > 1000;

	/* no more than the packet that it began in */
	assert_in_range(loud, 0, 160);

	mem_deref(v);
	src_close(&src);
	rig_close(&rig);
}


/* Music and other tones are no keys */
static void test_inband_other(void **state)
{
	struct rig_src src;
	struct rig rig;
	double f;
	(void)state;

	init(&rig, "PCMU", "opus", 0, 48000, true);
	src_init(&src, LEG_SIP, "PCMU", 20, 440, NULL);

	for (f=300; f<3000; f+=50) {
		send_tone(&rig, &src, f, f, 6000, 5, 0);
		send_tone(&rig, &src, f, f * 2, 6000, 5, 0);
		send_tone(&rig, &src, 0, 0, 0, 5, 20000);
	}

	/* a dial tone is not one either */
	send_tone(&rig, &src, 350, 440, 6000, 20, 0);
	assert_int_equal(keys.n, 0);

	src_close(&src);
	rig_close(&rig);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_inband),
		cmocka_unit_test(test_inband_change),
		cmocka_unit_test(test_inband_is_silenced),
		cmocka_unit_test(test_inband_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
