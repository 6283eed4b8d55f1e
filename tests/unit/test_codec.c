/**
 * @file test_codec.c  Built-in codecs and concealment
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
#include "audio/plc.h"


static void tone(int16_t *v, size_t n, size_t from, uint32_t srate,
		 double freq)
{
	size_t i;

	for (i=0; i<n; i++) {
		v[i] = (int16_t)(8000 * sin(2 * M_PI * freq *
					    (double)(from + i) / srate));
	}
}


static void test_find(void **state)
{
	struct list l = LIST_INIT;
	(void)state;

	media_codec_register(&l, media_codec_opus());
	media_codec_register(&l, media_codec_pcmu());
	media_codec_register(&l, media_codec_pcmu());
	media_codec_register(&l, media_codec_pcma());
	assert_int_equal(list_count(&l), 3);

	assert_ptr_equal(media_codec_find(&l, "OPUS", 48000, 2),
			 media_codec_opus());
	assert_ptr_equal(media_codec_find(&l, "pcmu", 8000, 0),
			 media_codec_pcmu());
	assert_null(media_codec_find(&l, "opus", 48000, 1));
	assert_null(media_codec_find(&l, "PCMA", 16000, 1));
	assert_null(media_codec_find(&l, NULL, 8000, 1));
	assert_null(media_codec_find(NULL, "PCMA", 8000, 1));

	list_clear(&l);
}


/* Every sample value, the unnegatable one too */
static void test_g711_range(void **state)
{
	struct acodec *acv[2] = {media_codec_pcmu(), media_codec_pcma()};
	const struct acodec_param prm = {.srate = 8000, .ptime = 20};
	size_t k;
	(void)state;

	for (k=0; k<2; k++) {

		struct acodec_enc *enc = NULL;
		struct acodec_dec *dec = NULL;
		int s;

		assert_int_equal(acv[k]->enc_alloc(&enc, acv[k], &prm), 0);
		assert_int_equal(acv[k]->dec_alloc(&dec, acv[k], &prm), 0);

		for (s=-32768; s<=32767; s++) {

			int16_t in = (int16_t)s, out;
			size_t len = 1, n = 1;
			uint8_t b;

			assert_int_equal(acv[k]->encode(enc, &b, &len, &in,
							1), 0);
			assert_int_equal(acv[k]->decode(dec, &out, &n, &b, 1),
					 0);
			assert_true(abs(out - s) <= abs(s) / 16 + 16);
		}

		mem_deref(enc);
		mem_deref(dec);
	}
}


static void test_g711_room(void **state)
{
	const struct acodec_param prm = {.srate = 8000, .ptime = 20};
	const struct acodec_param bad = {.srate = 16000, .ptime = 20};
	struct acodec *ac = media_codec_pcmu();
	struct acodec_enc *enc = NULL;
	struct acodec_dec *dec = NULL;
	int16_t v[10] = {0};
	uint8_t b[10] = {0};
	size_t n = 9;
	(void)state;

	assert_int_equal(ac->enc_alloc(&enc, ac, &bad), EINVAL);
	assert_int_equal(ac->enc_alloc(&enc, ac, &prm), 0);
	assert_int_equal(ac->dec_alloc(&dec, ac, &prm), 0);
	assert_int_equal(ac->encode(enc, b, &n, v, 10), EOVERFLOW);
	assert_int_equal(ac->decode(dec, v, &n, b, 10), EOVERFLOW);
	mem_deref(enc);
	mem_deref(dec);
}


static size_t opus_bytes(uint32_t srate, const char *fmtp, double freq)
{
	const struct acodec_param prm = {
		.srate = srate, .ptime = 20, .fmtp = fmtp
	};
	struct acodec *ac = media_codec_opus();
	struct acodec_enc *enc = NULL;
	size_t i, sum = 0;

	assert_int_equal(ac->enc_alloc(&enc, ac, &prm), 0);

	for (i=0; i<100; i++) {

		int16_t v[960];
		uint8_t b[1500];
		size_t len = sizeof(b), n = srate / 50, k;

		tone(v, n, i * n, srate, freq);
		for (k=0; freq && k<n; k++)
			v[k] += (int16_t)(rand_u16() % 2000);

		assert_int_equal(ac->encode(enc, b, &len, v, n), 0);
		sum += len;
	}

	mem_deref(enc);

	return sum;
}


static void test_opus_fmtp(void **state)
{
	size_t full, less, dtx;
	(void)state;

	/* 100 frames of 20 ms */
	full = opus_bytes(16000, NULL, 440);
	assert_in_range(full, 4000, 9000);

	less = opus_bytes(16000, "minptime=10; maxaveragebitrate=12000", 440);
	assert_in_range(less, 1500, 4000);

	assert_in_range(opus_bytes(8000, "cbr=1;maxaveragebitrate=16000",
				   440), 4000, 4000);

	/* names that only end alike, and rubbish */
	assert_in_range(opus_bytes(16000, "x-maxaveragebitrate=6000;;=;a=b;",
				   440), 4000, 9000);
	assert_in_range(opus_bytes(16000, "maxaveragebitrate=99999999999",
				   440), 4000, 9000);

	dtx = opus_bytes(16000, "usedtx=1;useinbandfec=1", 0);
	assert_true(dtx * 3 < opus_bytes(16000, "useinbandfec=1", 0));
}


/* A second of noise [bytes] */
static size_t second(const struct acodec *ac, struct acodec_enc *enc)
{
	int16_t sampv[320];
	uint8_t buf[1500];
	size_t i, j, sum = 0;
	static uint32_t seed = 1;

	for (i=0; i<50; i++) {

		size_t len = sizeof(buf);

		for (j=0; j<320; j++) {
			seed = seed * 1664525u + 1013904223u;
			sampv[j] = (int16_t)((int32_t)(seed >> 16) / 4);
		}

		assert_int_equal(ac->encode(enc, buf, &len, sampv, 320), 0);
		sum += len;
	}

	return sum;
}


/* The bitrate follows the loss down at once, and back slowly */
static void test_opus_adapts(void **state)
{
	const struct acodec *ac = media_codec_opus();
	struct acodec_param prm = {16000, 20,
		"maxaveragebitrate=24000;useinbandfec=1;cbr=1"};
	struct acodec_enc *enc = NULL;
	size_t full, low, lower;
	unsigned i;
	(void)state;

	assert_int_equal(ac->enc_alloc(&enc, ac, &prm), 0);
	full = second(ac, enc);
	assert_in_range(full, 2900, 3100);

	/* a little loss is FEC's business */
	ac->enc_loss(enc, 8);
	assert_in_range(second(ac, enc), 2900, 3100);

	ac->enc_loss(enc, 15);
	low = second(ac, enc);
	assert_in_range(low, 2150, 2350);

	ac->enc_loss(enc, 40);
	lower = second(ac, enc);
	assert_in_range(lower, 1400, 1600);

	/* one good report does not bring it back */
	ac->enc_loss(enc, 0);
	assert_in_range(second(ac, enc), 1400, 1600);

	for (i=0; i<3; i++)
		ac->enc_loss(enc, 0);
	assert_in_range(second(ac, enc), 2150, 2350);

	for (i=0; i<4; i++)
		ac->enc_loss(enc, 0);
	assert_in_range(second(ac, enc), 2900, 3100);

	/* between the marks nothing swings */
	ac->enc_loss(enc, 13);
	for (i=0; i<20; i++) {
		ac->enc_loss(enc, i & 1 ? 13 : 8);
		assert_in_range(second(ac, enc), 2150, 2350);
	}

	mem_deref(enc);
}


/* FEC of the last packet in the loss that was reported last: a mono packet of
   one SILK frame begins with its flags (RFC 6716, 4.2.3) */
static bool has_fec(const struct acodec *ac, struct acodec_enc *enc)
{
	bool fec = false;
	size_t i, k;

	for (i=0; i<50; i++) {

		int16_t v[160];
		uint8_t b[1500];
		size_t len = sizeof(b);

		for (k=0; k<160; k++) {
			const double t = (i * 160 + (double)k) / 8000;

			v[k] = (int16_t)(6000 * sin(2 * M_PI * (200 * t +
				5 * sin(2 * M_PI * 4 * t)))
				* sin(2 * M_PI * 700 * t));
		}

		assert_int_equal(ac->encode(enc, b, &len, v, 160), 0);
		assert_true(len > 2);
		fec = b[1] & 0x40;
	}

	return fec;
}


/* Redundancy is sent for who loses packets, and is said to understand it */
static void test_opus_fec_by_loss(void **state)
{
	const struct acodec *ac = media_codec_opus();
	const struct acodec_param with = {8000, 20, "useinbandfec=1"};
	const struct acodec_param without = {8000, 20, ""};
	struct acodec_enc *enc = NULL;
	unsigned i;
	(void)state;

	assert_int_equal(ac->enc_alloc(&enc, ac, &with), 0);
	assert_false(has_fec(ac, enc));

	ac->enc_loss(enc, 1);
	assert_false(has_fec(ac, enc));
	ac->enc_loss(enc, 5);
	assert_true(has_fec(ac, enc));

	/* and no more when it is over */
	for (i=0; i<20; i++)
		ac->enc_loss(enc, 0);
	assert_false(has_fec(ac, enc));
	mem_deref(enc);

	assert_int_equal(ac->enc_alloc(&enc, ac, &without), 0);
	ac->enc_loss(enc, 20);
	assert_false(has_fec(ac, enc));
	mem_deref(enc);
}


static void test_opus_ptime(void **state)
{
	const struct acodec *ac = media_codec_opus();
	(void)state;

	assert_int_equal(ac->enc_ptime(10), 10);
	assert_int_equal(ac->enc_ptime(20), 20);
	assert_int_equal(ac->enc_ptime(30), 20);
	assert_int_equal(ac->enc_ptime(50), 40);
	assert_int_equal(ac->enc_ptime(120), 60);
}


/* 20 ms of a vowel whose pitch and formants glide, which repetition cannot
 * guess; FEC is made for voices, and of little use for a whistle */
static void voice(int16_t *v, unsigned frame)
{
	static double phase;
	size_t k;

	if (!frame)
		phase = 0;

	for (k=0; k<320; k++) {

		const double t  = (frame * 320 + (double)k) / 16000;
		const double hz = 140 + 60 * sin(2 * M_PI * 0.7 * t);
		const double f1 = 600 + 300 * sin(2 * M_PI * 2 * t);
		const double f2 = 1600 - 500 * sin(2 * M_PI * 1.3 * t);
		double sum = 0;
		unsigned h;

		phase += hz / 16000;
		for (h=1; h<20; h++) {
			const double a = 1 / (1 + pow((h * hz - f1) / 200, 2))
				+ 0.5 / (1 + pow((h * hz - f2) / 300, 2));

			sum += a * sin(2 * M_PI * phase * h);
		}

		v[k] = (int16_t)(2500 * sum *
				 (0.6 + 0.4 * sin(2 * M_PI * 4 * t)));
	}
}


/* A lost frame is better restored by FEC than made up */
static void test_opus_fec(void **state)
{
	const struct acodec_param prm = {
		.srate = 16000, .ptime = 20, .fmtp = "useinbandfec=1"
	};
	const struct acodec *ac = media_codec_opus();
	struct acodec_enc *enc = NULL;
	struct acodec_dec *dv[3] = {NULL, NULL, NULL};
	double efec = 0, eplc = 0;
	unsigned i;
	size_t k;
	(void)state;

	assert_int_equal(ac->enc_alloc(&enc, ac, &prm), 0);
	ac->enc_loss(enc, 20);
	for (k=0; k<3; k++)
		assert_int_equal(ac->dec_alloc(&dv[k], ac, &prm), 0);

	for (i=0; i<200; i++) {

		static int16_t ref[320];
		int16_t v[320], out[3][3200];
		uint8_t b[1500];
		size_t len = sizeof(b), n;

		voice(v, i);
		assert_int_equal(ac->encode(enc, b, &len, v, 320), 0);

		/* every fourth is lost by the second and third decoder */
		if (i % 4 == 2) {
			n = 3200;
			assert_int_equal(ac->decode(dv[0], ref, &n, b, len),
					 0);
			continue;
		}
		if (i > 20 && i % 4 == 3) {
			n = 320;
			assert_int_equal(ac->plc(dv[1], out[1], &n, b, len),
					 0);
			assert_int_equal(n, 320);
			assert_int_equal(ac->plc(dv[2], out[2], &n, NULL, 0),
					 0);
			for (k=0; k<320; k++) {
				efec += pow(out[1][k] - ref[k], 2);
				eplc += pow(out[2][k] - ref[k], 2);
			}
		}

		for (k=0; k<3; k++) {
			n = 3200;
			assert_int_equal(ac->decode(dv[k], out[k], &n, b,
						    len), 0);
			assert_int_equal(n, 320);
		}
	}

	/* 0.06 with libopus 1.3, 0.09 with 1.5 */
	assert_true(efec < eplc * 0.3);

	mem_deref(enc);
	for (k=0; k<3; k++)
		mem_deref(dv[k]);
}


static void test_opus_garbage(void **state)
{
	const struct acodec_param prm = {.srate = 8000, .ptime = 20};
	const struct acodec *ac = media_codec_opus();
	struct acodec_dec *dec = NULL;
	unsigned i;
	(void)state;

	assert_int_equal(ac->dec_alloc(&dec, ac, &prm), 0);

	for (i=0; i<3000; i++) {

		int16_t v[1600];
		uint8_t b[200];
		size_t n = 1600, len = rand_u32() % sizeof(b);

		rand_bytes(b, sizeof(b));
		(void)ac->decode(dec, v, &n, b, len);
		assert_true(n <= 1600);
		n = rand_u32() % 1600;
		(void)ac->plc(dec, v, &n, i & 1 ? b : NULL, len);
		assert_true(n <= 1600);
	}

	mem_deref(dec);
}


static void test_plc(void **state)
{
	int16_t v[160], good[160];
	struct plc *plc = NULL;
	double err = 0, sum = 0;
	unsigned i;
	size_t k;
	(void)state;

	assert_int_equal(plc_alloc(&plc, 500), EINVAL);
	assert_int_equal(plc_alloc(&plc, 8000), 0);

	for (i=0; i<10; i++) {
		tone(v, 160, i * 160, 8000, 200);
		plc_good(plc, v, 160);
	}

	/* the tone goes on in phase, then fades to silence */
	tone(good, 160, 10 * 160, 8000, 200);
	plc_lost(plc, v, 160);
	for (k=0; k<80; k++) {
		err += pow(v[k] - good[k], 2);
		sum += pow(good[k], 2);
	}
	assert_true(err < sum / 50);

	for (i=0; i<4; i++)
		plc_lost(plc, v, 160);
	for (k=0; k<160; k++)
		assert_int_equal(v[k], 0);

	/* silence is faded in, no step */
	tone(v, 160, 15 * 160 + 10, 8000, 200);
	plc_good(plc, v, 160);
	assert_int_equal(v[0], 0);

	mem_deref(plc);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_g711_range),
		cmocka_unit_test(test_g711_room),
		cmocka_unit_test(test_opus_fmtp),
		cmocka_unit_test(test_opus_adapts),
		cmocka_unit_test(test_opus_fec_by_loss),
		cmocka_unit_test(test_opus_ptime),
		cmocka_unit_test(test_opus_fec),
		cmocka_unit_test(test_opus_garbage),
		cmocka_unit_test(test_plc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
