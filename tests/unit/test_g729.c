/**
 * @file test_g729.c  G.729: against bcg729 used directly, Annex B, losses
 */
#include "g729_rig.h"


enum {
	FRAMES  = 600,          /* 6 s */
	SAMPLES = FRAMES * G729_SAMPC,
};


/* Speech-like: a pitch that moves, three formants, syllables, and pauses of
   0.8 s every 2 s with some noise in them */
static void speech(int16_t *v, size_t n)
{
	double ph = 0;
	uint32_t seed = 1;
	size_t i;

	for (i=0; i<n; i++) {

		const double t = (double)i / G729_SRATE;
		const double f0 = 120 + 30 * sin(2 * M_PI * 0.7 * t);
		const bool pause = fmod(t, 2.0) > 1.2;
		const double syl = pause ? 0 : 0.55 - 0.45 *
			cos(2 * M_PI * 4 * t);
		double s = 0;
		unsigned k;

		ph += 2 * M_PI * f0 / G729_SRATE;

		for (k=1; k*f0 < 3400; k++) {
			const double f = k * f0;

			s += (exp(-pow((f -  600) / 250, 2)) +
			      exp(-pow((f - 1200) / 250, 2)) * 0.5 +
			      exp(-pow((f - 2500) / 300, 2)) * 0.25) *
				cos(k * ph);
		}

		seed = seed * 1664525 + 1013904223;
		v[i] = (int16_t)(3000 * syl * s +
				 ((int)(seed >> 24) - 128) / 4);
	}
}


static double correlation(const int16_t *a, const int16_t *b, size_t n)
{
	double ab = 0, aa = 0, bb = 0;
	size_t i;

	for (i=0; i<n; i++) {
		ab += (double)a[i] * b[i];
		aa += (double)a[i] * a[i];
		bb += (double)b[i] * b[i];
	}

	return ab / sqrt(aa * bb + 1);
}


/* The coder's own delay: 5 ms of look-ahead */
static double best_correlation(const int16_t *in, const int16_t *out,
			       size_t n)
{
	double best = 0;
	size_t lag;

	for (lag=0; lag<=2*G729_SAMPC; lag++)
		best = max(best, correlation(in, out + lag,
					     n - 2 * G729_SAMPC));

	return best;
}


static size_t encode(struct auenc_state *enc, uint8_t *buf,
		     const int16_t *v, size_t n)
{
	bool marker = false;
	size_t len = n / G729_SAMPC * G729_SPEECH;

	assert_int_equal(g729_encode(enc, &marker, buf, &len, AUFMT_S16LE, v,
				     n), 0);

	return len;
}


/* The reference: bcg729 frame by frame */
static void reference(int16_t *out, uint8_t *bits, const int16_t *in)
{
	bcg729EncoderChannelContextStruct *enc = initBcg729EncoderChannel(0);
	bcg729DecoderChannelContextStruct *dec = initBcg729DecoderChannel();
	size_t i;

	for (i=0; i<FRAMES; i++) {

		uint8_t *b = bits + i * G729_SPEECH, len;

		bcg729Encoder(enc, in + i * G729_SAMPC, b, &len);
		assert_int_equal(len, G729_SPEECH);
		bcg729Decoder(dec, b, len, 0, 0, 0, out + i * G729_SAMPC);
	}

	closeBcg729EncoderChannel(enc);
	closeBcg729DecoderChannel(dec);
}


/* In packets of 10 to 60 ms the bits and samples are those of bcg729, and
   they sound like what was said */
static void test_same_as_bcg729(void **state)
{
	static int16_t in[SAMPLES], ref[SAMPLES], out[SAMPLES];
	static uint8_t bits[FRAMES * G729_SPEECH];
	const size_t perv[] = {1, 2, 3, 4, 6};
	size_t k, i;
	(void)state;

	speech(in, SAMPLES);
	reference(ref, bits, in);

	for (k=0; k<ARRAY_SIZE(perv); k++) {

		const size_t sampc = perv[k] * G729_SAMPC;
		struct auenc_state *enc = encoder(&with_b, "annexb=no");
		struct audec_state *dec = decoder();

		memset(out, 0, sizeof(out));

		for (i=0; i<SAMPLES; i+=sampc) {

			uint8_t buf[6 * G729_SPEECH];
			size_t n = SAMPLES - i, len;

			len = encode(enc, buf, in + i, sampc);
			assert_int_equal(len, perv[k] * G729_SPEECH);
			assert_memory_equal(buf, bits + i / G729_SAMPC *
					    G729_SPEECH, len);

			assert_int_equal(g729_decode(dec, AUFMT_S16LE,
						     out + i, &n, false, buf,
						     len), 0);
			assert_int_equal(n, sampc);
		}

		assert_memory_equal(out, ref, sizeof(out));

		mem_deref(enc);
		mem_deref(dec);
	}

	assert_true(best_correlation(in, out, SAMPLES) > 0.8);
	assert_true(fabs(20 * log10(rms(out, SAMPLES) / rms(in, SAMPLES)))
		    < 2.0);
}


static void test_tone(void **state)
{
	const double freqv[] = {200, 440, 1000, 2000};
	static int16_t in[SAMPLES], out[SAMPLES];
	size_t k, i;
	(void)state;

	for (k=0; k<ARRAY_SIZE(freqv); k++) {

		struct auenc_state *enc = encoder(&with_b, NULL);
		struct audec_state *dec = decoder();

		for (i=0; i<SAMPLES; i++)
			in[i] = (int16_t)(8000 * sin(2 * M_PI * freqv[k] *
						     (double)i / G729_SRATE));

		/* a tone is no silence, even where silence is suppressed */
		for (i=0; i<SAMPLES; i+=2*G729_SAMPC) {

			uint8_t buf[2 * G729_SPEECH];
			size_t n = SAMPLES - i;
			size_t len = encode(enc, buf, in + i, 2*G729_SAMPC);

			assert_int_equal(len, 2 * G729_SPEECH);
			assert_int_equal(g729_decode(dec, AUFMT_S16LE,
						     out + i, &n, false, buf,
						     len), 0);
		}

		assert_true(best_correlation(in + 4000, out + 4000,
					     SAMPLES - 4000) > 0.9);

		mem_deref(enc);
		mem_deref(dec);
	}
}


/* Pauses are not sent, but for noise frames; and are heard as noise */
static void test_annexb(void **state)
{
	static int16_t in[SAMPLES], out[SAMPLES];
	struct auenc_state *enc = encoder(&with_b, "annexb=yes");
	struct audec_state *dec = decoder();
	size_t i, none = 0, sid = 0, talks = 0, begun = 0, last = 20;
	(void)state;

	speech(in, SAMPLES);

	for (i=0; i<SAMPLES; i+=2*G729_SAMPC) {

		uint8_t buf[2 * G729_SPEECH];
		size_t len = sizeof(buf), n = 2 * G729_SAMPC;
		bool marker = false;

		assert_int_equal(g729_encode(enc, &marker, buf, &len,
					     AUFMT_S16LE, in + i,
					     2*G729_SAMPC), 0);

		assert_true(len == 0 || len == 2 || len == 10 || len == 12 ||
			    len == 20);

		if (len >= 10 && (last < 10 || !i))
			++talks;
		if (marker) {
			assert_true(len >= 10);
			++begun;
		}

		none += len == 0;
		sid  += len % 10 == 2;
		last  = len;

		if (len)
			assert_int_equal(g729_decode(dec, AUFMT_S16LE,
						     out + i, &n, false, buf,
						     len), 0);
		else
			assert_int_equal(g729_conceal(dec, AUFMT_S16LE,
						      out + i, &n, NULL, 0),
					 0);

		for (; n<2*G729_SAMPC; n++)
			out[i + n] = 0;
	}

	/* 3 pauses of 0.8 s are 120 packets */
	assert_true(none > 40);
	assert_true(sid >= 2 && sid < 40);
	assert_true(talks >= 3);
	assert_int_equal(begun, talks);

	/* the noise of a pause is neither silence nor speech */
	assert_true(rms(out + G729_SRATE * 7 / 2, G729_SRATE / 4) > 1);
	assert_true(rms(out + G729_SRATE * 7 / 2, G729_SRATE / 4) < 100);
	assert_true(rms(out + G729_SRATE * 9 / 2, G729_SRATE / 4) > 500);

	mem_deref(enc);
	mem_deref(dec);
}


/* Silence is suppressed only if both want it; a change is taken up */
static void test_annexb_wanted(void **state)
{
	static const struct {
		const struct g729 *g729;
		const char *fmtp;
		bool vad;
	} v[] = {
		{&with_b,    NULL,         true},
		{&with_b,    "annexb=yes", true},
		{&with_b,    "annexb=no",  false},
		{&without_b, NULL,         false},
		{&without_b, "annexb=yes", false},
	};
	const int16_t zero[2 * G729_SAMPC] = {0};
	struct auenc_state *enc, *old;
	struct auenc_param prm = {.ptime = 20};
	uint8_t buf[2 * G729_SPEECH];
	size_t k, i, len = 0;
	(void)state;

	for (k=0; k<ARRAY_SIZE(v); k++) {

		enc = encoder(v[k].g729, v[k].fmtp);

		for (i=0; i<20; i++)
			len = encode(enc, buf, zero, ARRAY_SIZE(zero));

		assert_int_equal(len, v[k].vad ? 0 : sizeof(buf));
		mem_deref(enc);
	}

	enc = old = encoder(&with_b, "annexb=no");
	assert_int_equal(g729_encode_update(&enc, &with_b.ac, &prm,
					    "annexb=NO"), 0);
	assert_ptr_equal(enc, old);
	assert_int_equal(g729_encode_update(&enc, &with_b.ac, &prm, NULL),
			 0);

	for (i=0; i<20; i++)
		len = encode(enc, buf, zero, ARRAY_SIZE(zero));

	assert_int_equal(len, 0);
	mem_deref(enc);
}


/* A lost packet is bridged over, many fade away */
static void test_loss(void **state)
{
	static int16_t in[SAMPLES], ref[SAMPLES];
	static uint8_t bits[FRAMES * G729_SPEECH];
	struct audec_state *dec = decoder();
	int16_t out[4 * G729_SAMPC];
	size_t i, n;
	(void)state;

	for (i=0; i<SAMPLES; i++)
		in[i] = (int16_t)(8000 * sin(2 * M_PI * 300 *
					     (double)i / G729_SRATE));
	reference(ref, bits, in);

	/* before anything was heard */
	n = ARRAY_SIZE(out);
	assert_int_equal(g729_conceal(dec, AUFMT_S16LE, out, &n, NULL, 0),
			 0);
	assert_int_equal(n, 2 * G729_SAMPC);

	for (i=0; i<50; i++) {
		n = ARRAY_SIZE(out);
		assert_int_equal(g729_decode(dec, AUFMT_S16LE, out, &n,
					     false, bits + i * 30, 30), 0);
		assert_int_equal(n, 3 * G729_SAMPC);
	}

	/* as many frames as the last packet had, if there is room */
	n = ARRAY_SIZE(out);
	assert_int_equal(g729_conceal(dec, AUFMT_S16LE, out, &n, bits, 10),
			 0);
	assert_int_equal(n, 3 * G729_SAMPC);
	assert_true(rms(out, n) > 1000);

	n = G729_SAMPC + 79;
	assert_int_equal(g729_conceal(dec, AUFMT_S16LE, out, &n, NULL, 0),
			 0);
	assert_int_equal(n, G729_SAMPC);

	n = 79;
	assert_int_equal(g729_conceal(dec, AUFMT_S16LE, out, &n, NULL, 0),
			 0);
	assert_int_equal(n, 0);

	for (i=0; i<20; i++) {
		n = ARRAY_SIZE(out);
		assert_int_equal(g729_conceal(dec, AUFMT_S16LE, out, &n,
					      NULL, 0), 0);
	}
	assert_true(rms(out, n) < 100);

	/* and it is there again soon */
	for (i=60; i<100; i++) {
		n = ARRAY_SIZE(out);
		assert_int_equal(g729_decode(dec, AUFMT_S16LE, out, &n,
					     false, bits + i * 30, 30), 0);
	}
	assert_true(fabs(20 * log10(rms(out, n) /
				    rms(ref + 297 * G729_SAMPC, n))) < 2.0);

	mem_deref(dec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_as_bcg729),
		cmocka_unit_test(test_tone), cmocka_unit_test(test_annexb),
		cmocka_unit_test(test_annexb_wanted),
		cmocka_unit_test(test_loss),
	};

	return cmocka_run_group_tests_name("g729", tests, tu_setup,
					   tu_teardown);
}
