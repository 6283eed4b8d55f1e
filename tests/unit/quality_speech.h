/**
 * @file quality_speech.h  Speech, and what has become of it
 *
 * The speech is espeak-ng's, made at build time (tests/unit/speech) and kept
 * next to the test's binary. Where it is missing a synthetic signal with
 * pitch, formants, noise and pauses takes its place. A windowed sinc, which
 * shares nothing with the resamplers under test, brings it to any rate and
 * shifts it by parts of a sample.
 */

enum {
	SPEECH_S   = 10,        /**< Length of the speech [s]              */
	SINC_ZC    = 16,        /**< Zero crossings on each side           */
	SINC_STEPS = 256,       /**< Table entries from one to the next    */
	LAG_MS     = 60,        /**< Longest delay that is looked for [ms] */
	FRACTIONS  = 8,         /**< Parts of a sample that are looked for */
};

/** Samples at a rate */
struct sig {
	uint32_t srate;         /**< Sampling rate [Hz]                    */
	size_t n;               /**< Samples                               */
	float *v;               /**< Values of 16 bits (owner)             */
};

/* The innermost loops, which alone would take most of the test's time */
#define QUICK __attribute__((no_sanitize("address"), \
			     no_sanitize("undefined"), noinline))

static float sinc_tab[SINC_ZC * SINC_STEPS + 2];


static inline void sig_destructor(void *arg)
{
	struct sig *s = arg;

	mem_deref(s->v);
}


static inline struct sig *sig_alloc(uint32_t srate, size_t n)
{
	struct sig *s = mem_zalloc(sizeof(*s), sig_destructor);

	assert_non_null(s);
	s->srate = srate;
	s->n     = n;
	s->v     = mem_zalloc((n + 1) * sizeof(*s->v), NULL);
	assert_non_null(s->v);

	return s;
}


/* Sinc under a Blackman-Harris window */
static inline void sinc_init(void)
{
	size_t i;

	for (i=0; i<ARRAY_SIZE(sinc_tab); i++) {

		const double x = (double)i / SINC_STEPS;
		const double w = M_PI * min(x / SINC_ZC, 1.0);

		sinc_tab[i] = (float)((x > 0 ? sin(M_PI * x) / (M_PI * x) : 1)
			* (0.35875 + 0.48829 * cos(w) + 0.14128 * cos(2 * w) +
			   0.01168 * cos(3 * w)));
	}
}


/* The value at a time of samples; band is 1 or less when going down */
static QUICK float sig_at(const struct sig *s, double t, double band)
{
	const double half = SINC_ZC / band;
	long k = (long)ceil(t - half), end = (long)floor(t + half);
	float sum = 0;

	k   = max(k, 0L);
	end = min(end, (long)s->n - 1);

	for (; k<=end; k++) {

		const float p = (float)(fabs((double)k - t) * band *
					SINC_STEPS);
		const size_t i = min((size_t)p, (size_t)SINC_ZC * SINC_STEPS);

		sum += s->v[k] * (sinc_tab[i] + (p - (float)i) *
				  (sinc_tab[i + 1] - sinc_tab[i]));
	}

	return sum * (float)band;
}


static inline struct sig *sig_resample(const struct sig *s, uint32_t srate)
{
	const double step = (double)s->srate / srate;
	const double band = step > 1 ? 0.96 / step : 1;
	struct sig *r;
	size_t i;

	if (srate == s->srate)
		return mem_ref((void *)s);

	r = sig_alloc(srate, (size_t)((double)s->n / step));

	for (i=0; i<r->n; i++)
		r->v[i] = sig_at(s, (double)i * step, band);

	return r;
}


static inline void sig_pcm(const struct sig *s, int16_t *v)
{
	size_t i;

	for (i=0; i<s->n; i++)
		v[i] = (int16_t)lrintf(max(min(s->v[i], 32767.f), -32768.f));
}


static QUICK double energy(const float *v, size_t n)
{
	double sum = 0;
	size_t i;

	for (i=0; i<n; i++)
		sum += (double)v[i] * v[i];

	return sum;
}


static inline struct sig *speech_synthetic(void)
{
	struct sig *s = sig_alloc(22050, 22050 * SPEECH_S);
	uint32_t seed = 1;
	double ph = 0;
	size_t i;

	for (i=0; i<s->n; i++) {

		const double t  = (double)i / s->srate;
		const double f0 = 120 + 30 * sin(2 * M_PI * 0.7 * t);
		const double f1 = 600 + 250 * sin(2 * M_PI * 1.3 * t);
		const double on = fmod(t, 2.5) > 2 ? 0 :
			0.55 - 0.45 * cos(2 * M_PI * 4 * t);
		double v = 0;
		unsigned k;

		ph += 2 * M_PI * f0 / s->srate;

		for (k=1; k*f0 < 8000; k++) {
			const double f = k * f0;

			v += (exp(-pow((f -   f1) / 250, 2)) +
			      exp(-pow((f - 1500) / 300, 2)) * 0.5 +
			      exp(-pow((f - 2700) / 400, 2)) * 0.2) *
				cos(k * ph);
		}

		seed = seed * 1664525 + 1013904223;
		s->v[i] = (float)(3000 * on * v +
				  ((int)(seed >> 24) - 128) * (0.1 + on));
	}

	return s;
}


static inline uint32_t le32(const uint8_t *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}


/* Mono of 16 bits, with whatever chunks */
static inline struct sig *speech_wav(const char *path)
{
	struct mbuf *mb = tu_read(path);
	struct sig *s = NULL;
	uint32_t srate = 0;
	size_t pos = 12, i;

	if (!mb)
		return NULL;

	while (!s && pos + 8 <= mb->end) {

		const uint8_t *p = mb->buf + pos;
		size_t len = min((size_t)le32(p + 4), mb->end - pos - 8);

		if (!memcmp(p, "fmt ", 4) && len >= 16)
			srate = le32(p + 12);

		if (!memcmp(p, "data", 4) && srate) {

			s = sig_alloc(srate, min(len / 2,
						 (size_t)srate * SPEECH_S));
			for (i=0; i<s->n; i++)
				s->v[i] = (int16_t)(p[8 + 2 * i] |
						    p[9 + 2 * i] << 8);
		}

		pos += 8 + len + (len & 1);
	}

	mem_deref(mb);

	if (s && s->n < (size_t)srate * SPEECH_S)
		s = mem_deref(s);

	return s;
}


/**
 * Correlation of a stretch with the same one, later by lag, of another
 * signal [-1 to 1]. Of high rates only every few samples are looked at
 */
static QUICK double likeness(const struct sig *a, const struct sig *b,
			     size_t from, size_t len, long lag)
{
	const size_t stride = max(a->srate / 16000, 1u);
	double ab = 0, aa = 1, bb = 1;
	size_t i;

	for (i=from; i<from+len && i<a->n; i+=stride) {

		const long k = (long)i + lag;

		if (k < 0 || k >= (long)b->n)
			continue;

		ab += (double)a->v[i] * b->v[k];
		aa += (double)a->v[i] * a->v[i];
		bb += (double)b->v[k] * b->v[k];
	}

	return ab / sqrt(aa * bb);
}


/** By how many samples is b later than a, seen from a stretch of it? */
static inline long sig_lag(const struct sig *a, const struct sig *b,
			   size_t from, size_t len, long lo, long hi)
{
	double top = -2;
	long lag, best = lo;

	for (lag=lo; lag<=hi; lag++) {

		const double l = likeness(a, b, from, len, lag);

		if (l > top) {
			top  = l;
			best = lag;
		}
	}

	return best;
}


/** A signal, later by so many samples */
static inline struct sig *sig_delay(const struct sig *s, double by,
				    size_t from, size_t len)
{
	struct sig *r = sig_alloc(s->srate, s->n);
	size_t i;

	for (i=from; i<min(from+len, s->n); i++)
		r->v[i] = sig_at(s, (double)i - by, 1);

	return r;
}


/**
 * Bring a signal to where the other one is, to a part of a sample
 *
 * @param ref    Signal
 * @param out    What has become of it
 * @param lo     Least delay to look for [ms]
 * @param hi     Longest delay to look for [ms]
 * @param delayp By how much it is later [ms] (output)
 *
 * @return The signal, delayed
 */
static inline struct sig *sig_align(const struct sig *ref,
				    const struct sig *out, int lo, int hi,
				    double *delayp)
{
	const size_t from = ref->srate, len = ref->srate / 2;
	const long ms = (long)ref->srate / 1000;
	const long lag = sig_lag(ref, out, from, len, lo * ms, hi * ms);
	double top = -2, best = (double)lag;
	int i;

	for (i=-FRACTIONS; i<=FRACTIONS; i++) {

		const double by = (double)lag + (double)i / FRACTIONS;
		struct sig *s = sig_delay(ref, by, from, len / 2);
		const double l = likeness(s, out, from, len / 2, 0);

		if (l > top) {
			top  = l;
			best = by;
		}
		mem_deref(s);
	}

	*delayp = best * 1000 / ref->srate;

	return sig_delay(ref, best, 0, ref->n);
}


/**
 * Segmental SNR [dB]: the mean of frames of 20 ms in which somebody speaks,
 * each limited to what can be heard, -10 to 35 dB
 */
static inline double sig_segsnr(const struct sig *ref, const struct sig *out)
{
	const size_t frame = ref->srate / 50, n = min(ref->n, out->n) / frame;
	const double floor_e = energy(ref->v, n * frame) / (double)n / 1000;
	double sum = 0;
	size_t i, k, used = 0;

	for (i=5; i<n-5; i++) {

		const float *a = ref->v + i * frame, *b = out->v + i * frame;
		const double e = energy(a, frame);
		double noise = 1e-3;

		if (e < floor_e)
			continue;

		for (k=0; k<frame; k++)
			noise += pow((double)a[k] - (double)b[k], 2);

		sum += max(min(10 * log10(e / noise), 35.0), -10.0);
		++used;
	}

	return used ? sum / (double)used : -10;
}


/**
 * Find holes: stretches in which a signal speaks, no weaker than 20 dB below
 * its mean, and the other one is 25 dB weaker than that, though it has
 * spoken shortly before. (Who begins to speak in a gap cannot be guessed.)
 *
 * @param ref  Signal
 * @param out  What has become of it
 * @param sump How long all of them are together [ms] (output)
 *
 * @return How long the longest one is [ms]
 */
static inline unsigned sig_hole(const struct sig *ref, const struct sig *out,
				unsigned *sump)
{
	const size_t frame = ref->srate / 200;
	const size_t n = min(ref->n, out->n) / frame;
	const double floor_e = energy(ref->v, n * frame) / (double)n / 100;
	unsigned run = 0, longest = 0, sum = 0, silent = 0;
	size_t i;

	for (i=0; i<n; i++) {

		const double e = energy(ref->v + i * frame, frame);
		const double o = energy(out->v + i * frame, frame);

		silent = o > floor_e ? 0 : silent + 5;

		if (e > floor_e && o < e / 316 && (run || silent <= 40)) {
			run += 5;
			sum += 5;
		}
		else {
			run = 0;
		}
		longest = max(longest, run);
	}

	*sump = sum;

	return longest;
}
