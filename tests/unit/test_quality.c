/**
 * @file test_quality.c  Speech through the bridge, against the same codecs
 */
#include "quality_pairs_rig.h"


/** What is asked for */
#define SEGSNR_MAX 1.0          /* Worse than offline [dB]                 */
#define DELAY_MAX  2.5          /* Later than offline [ms]                 */


/* What is sent of speech that somebody's codec has narrowed already */
static struct sig *reference(enum cod in, enum cod out, uint32_t srate)
{
	const uint32_t lo = min(codv[in].srate, codv[out].srate);
	struct sig *s = sig_resample(speechv[in], lo);
	struct sig *r = sig_resample(s, srate);

	mem_deref(s);

	return r;
}


/* Decode, resample and encode all of it at once */
static struct qstream *offline(const struct qstream *in, enum cod out,
			       uint32_t ptime)
{
	struct sig *s, *r;
	struct qstream *st;
	uint32_t srate = cod_rate(out, in->cod);

	s  = q_decode(in, codv[in->cod].srate);
	r  = sig_resample(s, srate);
	st = q_encode(out, ptime, r, opus_bitrate(srate), false);

	mem_deref(r);
	mem_deref(s);

	return st;
}


struct result {
	double snr;             /**< Segmental SNR [dB]                    */
	double delay;           /**< [ms]                                  */
};


static struct result measure(const struct qstream *st, enum cod in,
			     int lo, int hi)
{
	const uint32_t srate = cod_rate(st->cod, in);
	struct sig *ref = reference(in, st->cod, srate);
	struct sig *out = q_decode(st, srate), *s;
	struct result r;

	s = sig_align(ref, out, lo, hi, &r.delay);
	r.snr = sig_segsnr(s, out);

	mem_deref(s);
	mem_deref(out);
	mem_deref(ref);

	return r;
}


static void check_flow(const struct qstream *in, const struct qstream *out,
		       bool verbose)
{
	struct qstream *off = offline(in, out->cod, out->ptime);
	const struct result a = measure(off, in->cod, -LAG_MS / 10, LAG_MS);
	const struct result b = measure(out, in->cod, (int)a.delay - 5,
					(int)a.delay + 10);
	size_t i;

	if (verbose || b.snr < a.snr - SEGSNR_MAX)
		print_message("%5s -> %-5s %u to %u ms: offline %6.2f dB, bridge "
			      "%6.2f dB, %+.2f dB, %+.2f ms\n",
			      codv[in->cod].name, codv[out->cod].name,
			      in->ptime, out->ptime, a.snr, b.snr, b.snr - a.snr,
			      b.delay - a.delay);

	for (i=1; i<out->n; i++)
		assert_int_equal(out->v[i].ts - out->v[i - 1].ts,
				 codv[out->cod].crate / 1000 * out->ptime);

	assert_true(a.snr > 1);
	assert_true(b.snr >= a.snr - SEGSNR_MAX);
	assert_true(b.delay <= a.delay + DELAY_MAX);

	/* nothing waits but for the packet that its end comes in */
	assert_true(delay_max(out, NULL) <= (in->ptime % out->ptime ? in->ptime :
				       in->ptime - min(in->ptime,
						       out->ptime)));

	mem_deref(off);
}


/* Opus and U48 go as they are; G.722 and G.711 only if they are as long as
   they should be */
static bool is_relayed(const struct qstream *in, const struct qstream *out)
{
	const bool is_64k = in->cod == COD_PCMU || in->cod == COD_PCMA ||
		in->cod == COD_G722;

	return in->cod == out->cod && (in->ptime == out->ptime || !is_64k);
}


/* What comes out does not depend on the leg that it came in on */
static void check_out(const struct qstream *in, struct qstream *out,
		      struct qstream **seen, bool verbose)
{
	if (is_relayed(in, out))
		check_same(in, out);
	else if (*seen)
		check_same(*seen, out);
	else
		check_flow(in, out, verbose);

	if (*seen)
		mem_deref(out);
	else
		*seen = out;
}


/* No frames of 30 ms in Opus */
static uint32_t cod_ptime(enum cod cod, uint32_t ptime)
{
	return cod == COD_OPUS && ptime == 30 ? 20 : ptime;
}


/* Every codec of a phone with every codec of an app, both ways */
static void check_pairs(uint32_t ptime, uint32_t ptout, uint32_t seconds)
{
	struct qstream *srcv[COD_MAX] = {NULL};
	struct qstream *seen[COD_MAX][COD_MAX] = {{NULL}};
	const bool verbose = seconds == SPEECH_S;
	enum cod sip, cube;

	speech_length(seconds);

	for (sip=0; sip<COD_MAX; sip++) {

		/* too long for a packet in U48 */
		if (!cod_ac(sip) || (sip >= COD_U24 && (ptime > 20 ||
							ptout > 20)))
			continue;

		srcv[sip] = q_encode(sip, cod_ptime(sip, ptime), speechv[sip],
				     32000, false);
	}

	for (sip=0; sip<COD_MAX; sip++) {
		for (cube=0; cube<COD_PHONE; cube++) {

			const struct qstream *a = srcv[sip], *b = srcv[cube];
			struct qstream *to_sip, *to_cube;

			if (!a || !b || (sip >= COD_U24 && cube != COD_OPUS))
				continue;

			to_sip  = q_sink(sip, cod_ptime(sip, ptout));
			to_cube = q_sink(cube, cod_ptime(cube, ptout));

			q_call(a, b, to_sip, to_cube);
			check_out(a, to_cube, &seen[sip][cube], verbose);
			check_out(b, to_sip, &seen[cube][sip], verbose);
		}
	}

	for (sip=0; sip<COD_MAX; sip++) {
		mem_deref(srcv[sip]);
		for (cube=0; cube<COD_MAX; cube++)
			mem_deref(seen[sip][cube]);
	}
}


static void test_pairs(void **state)
{
	(void)state;
	check_pairs(20, 20, SPEECH_S);
}


static void test_ptimes(void **state)
{
	(void)state;
	check_pairs(10, 20, 2);
	check_pairs(30, 20, 2);
	check_pairs(40, 20, 2);
	check_pairs(60, 20, 2);
}


/* What a receiver asks for; decoded, it sounds like what it would get of the
   same codecs without a bridge */
static void test_ptimes_out(void **state)
{
	(void)state;
	check_pairs(20, 10, 2);
	check_pairs(20, 30, 2);
	check_pairs(20, 40, 2);
	check_pairs(20, 60, 2);
	check_pairs(60, 10, 2);
	check_pairs(30, 40, 2);
}


/* G.729 says that it pauses behind its last speech: that is heard, and the
   level of the pause is not that of the speech */
static void test_sid(void **state)
{
	const struct acodec *ac = cod_ac(COD_G729);
	struct qstream *in, *out, *back;
	struct audio_pair *ap;
	struct media_end end;
	struct sig *s;
	double sum = 0;
	size_t i;
	(void)state;

	if (!ac)
		return;

	assert_int_equal(ac->silent((const uint8_t *)"", 10), 0);
	assert_int_equal(ac->silent((const uint8_t *)"", 20), 0);
	assert_int_equal(ac->silent((const uint8_t *)"", 2), 10);
	assert_int_equal(ac->silent((const uint8_t *)"", 12), 10);

	/* a tone of 1 s, and a noise frame that is hardly heard with it */
	s = sig_alloc(8000, 8000);
	for (i=0; i<s->n; i++)
		s->v[i] = 8000 * sin(2 * M_PI * 440 * (double)i / 8000);
	in = q_encode(COD_G729, 20, s, 0, false);
	mem_deref(s);
	in->v[in->n - 1].buf[10] = 0;
	in->v[in->n - 1].buf[11] = 0;
	in->v[in->n - 1].len     = 12;

	out  = q_sink(COD_PCMU, 20);
	back = q_sink(COD_G729, 20);
	q_now = T0;
	assert_int_equal(audio_pair_alloc(&ap, &q_codecl), 0);
	q_set_end(ap, LEG_SIP, COD_G729, 20, back);
	q_end(&end, COD_PCMU, 20, out);
	end.rxv[1].pt    = 13;
	end.rxv[1].crate = 8000;
	strcpy(end.rxv[1].name, "CN");
	end.rxc = 2;
	assert_int_equal(audio_pair_set_end(ap, LEG_CUBE, &end), 0);

	for (i=0; i<in->n; i++) {
		q_pass(ap, T0 + in->v[i].t);
		q_put(ap, LEG_SIP, in, i);
	}

	/* the CN is in its place and quieter than the speech, which is at
	   -15 dBov and rings in the decoder */
	assert_int_equal(out->n, in->n + 1);
	assert_int_equal(out->v[out->n - 1].len, 1);
	assert_int_equal(out->v[out->n - 1].ts, in->n * 160);
	assert_true(out->v[out->n - 1].buf[0] > 22);

	/* the tone goes on into the last packet's first half */
	for (i=5; i<75; i++) {
		const double v = g711_ulaw2pcm(out->v[in->n - 1].buf[i]);

		sum += v * v;
	}
	assert_true(sqrt(sum / 70) > 3000);

	mem_deref(ap);
	mem_deref(in);
	mem_deref(out);
	mem_deref(back);
}


/* Any pieces make the same samples, and none is made beyond the room */
static void test_resamp(void **state)
{
	static const uint32_t ratev[][2] = {
		{8000, 16000}, {16000, 8000}, {8000, 48000}, {48000, 8000},
		{48000, 16000}, {16000, 16000}, {16000, 24000},
		{44100, 16000}, {11025, 16000},
	};
	struct resamp *a, *b;
	int16_t in[480], x[480 * 6], y[480 * 6];
	size_t i, k, n;
	(void)state;

	assert_int_equal(resamp_alloc(NULL, 8000, 16000), EINVAL);
	assert_int_equal(resamp_alloc(&a, 0, 16000), EINVAL);
	assert_int_equal(resamp_alloc(&a, 16000, 0), EINVAL);
	assert_int_equal(resamp_alloc(&a, 44101, 16000), ENOTSUP);
	assert_int_equal(resamp_alloc(&a, 8000, 64000), ENOTSUP);

	/* as loud as can be, of either sign, in the worst places */
	for (i=0; i<ARRAY_SIZE(in); i++)
		in[i] = (i * 7919 >> 3) & 1 ? INT16_MAX : INT16_MIN;

	for (i=0; i<ARRAY_SIZE(ratev); i++) {

		size_t total = 0, left, want;

		assert_int_equal(resamp_alloc(&a, ratev[i][0], ratev[i][1]),
				 0);
		assert_int_equal(resamp_alloc(&b, ratev[i][0], ratev[i][1]),
				 0);
		want = (ARRAY_SIZE(in) * ratev[i][1] + ratev[i][0] - 1) /
			ratev[i][0];

		n = want - 1;
		assert_int_equal(resamp(a, x, &n, in, ARRAY_SIZE(in)),
				 EOVERFLOW);
		n = want;
		assert_int_equal(resamp(a, x, &n, in, ARRAY_SIZE(in)), 0);
		assert_int_equal(n, want);

		for (k=0; k<ARRAY_SIZE(in); k+=left) {
			left = min(1 + k % 13, ARRAY_SIZE(in) - k);
			n = ARRAY_SIZE(y) - total;
			assert_int_equal(resamp(b, y + total, &n, in + k,
						left), 0);
			total += n;
		}

		assert_int_equal(total, want);
		assert_memory_equal(x, y, want * sizeof(*x));
		assert_int_equal(resamp(a, x, NULL, in, 1), EINVAL);

		/* what stands still comes out as it is */
		for (k=0; k<ARRAY_SIZE(in); k++)
			y[k] = 10000;
		n = ARRAY_SIZE(x);
		assert_int_equal(resamp(a, x, &n, y, ARRAY_SIZE(in)), 0);
		assert_in_range(x[n - 1], 9980, 10020);

		mem_deref(a);
		mem_deref(b);
	}
}


int main(int argc, char *argv[])
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_resamp),
		cmocka_unit_test(test_sid),
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_ptimes),
		cmocka_unit_test(test_ptimes_out),
	};
	struct sig *s;
	char path[512], *slash;
	int err;
	enum cod i;

	/* it stands next to this program */
	(void)re_snprintf(path, sizeof(path), "%s", argc > 0 ? argv[0] : "");
	slash = strrchr(path, '/');
	if (slash)
		*slash = '\0';
	strncat(path, "/speech.wav", sizeof(path) - strlen(path) - 1);

	sinc_init();
	s = speech_wav(path);
	if (!s) {
		print_message("no %s (espeak-ng): the speech is synthetic\n",
			      path);
		s = speech_synthetic();
	}
	for (i=0; i<COD_MAX; i++)
		speechv[i] = sig_resample(s, codv[i].srate);
	mem_deref(s);

	codecs_init();
	media_clock_set(q_clock);
	err = cmocka_run_group_tests(tests, NULL, NULL);
	codecs_close();
	for (i=0; i<COD_MAX; i++)
		mem_deref(speechv[i]);

	return err;
}
