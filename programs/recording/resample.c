/**
 * @file resample.c  From a source's rate to that of the time-line, or nearly
 *
 * A sinc under a Kaiser window, at any place between samples; the step from
 * one place to the next is as fine as the drift of clocks needs it. The rate
 * is never made lower.
 *
 * Pure.
 */
#include <math.h>
#include <string.h>
#include <re.h>
#include "recording.h"


enum {
	TAPS   = 32,
	PHASES = 1024,
	HELD   = 4096,          /**< Samples of the source kept            */
	SKIP   = 1024,          /**< Passed over at a time                 */
};

struct rec_resamp {
	rec_pull_h *pullh;      /**< Gives samples                         */
	void *arg;
	int64_t base;           /**< Which sample of the source is v[0]    */
	size_t n;               /**< Samples held                          */
	float v[HELD];
};

/* The same for all of them */
static float tapv[PHASES + 1][TAPS];


static double bessel(double x)
{
	double sum = 1, term = 1;
	unsigned k;

	for (k=1; k<50 && term > sum * 1e-12; k++) {
		term *= x / 2 / k * (x / 2 / k);
		sum  += term;
	}

	return sum;
}


static void make_taps(void)
{
	const double beta = 8.0, cut = 0.93;
	unsigned ph, i;

	if (tapv[0][TAPS / 2 - 1] > 0)
		return;

	for (ph=0; ph<=PHASES; ph++) {

		double sum = 0;

		for (i=0; i<TAPS; i++) {

			const double x = (double)i - (TAPS / 2 - 1) -
				(double)ph / PHASES;
			const double w = 2 * x / TAPS;
			const double y = x * cut * M_PI;
			const double k = fabs(w) >= 1 ? 0
				: bessel(beta * sqrt(1 - w * w));

			tapv[ph][i] = (float)((fabs(y) < 1e-9 ? 1
					       : sin(y) / y) * k);
			sum += tapv[ph][i];
		}
		for (i=0; i<TAPS; i++)
			tapv[ph][i] /= (float)sum;
	}
}


/**
 * Allocate a resampler
 *
 * @param rp    Pointer to allocated resampler
 * @param pullh Gives samples of the source, from its first on
 * @param arg   Its argument
 *
 * @return 0 if success, otherwise errorcode
 */
int rec_resamp_alloc(struct rec_resamp **rp, rec_pull_h *pullh, void *arg)
{
	struct rec_resamp *r;

	if (!rp || !pullh)
		return EINVAL;

	r = mem_zalloc(sizeof(*r), NULL);
	if (!r)
		return ENOMEM;

	r->pullh = pullh;
	r->arg   = arg;
	make_taps();
	rec_resamp_start(r);
	*rp = r;

	return 0;
}


/**
 * Begin with another source, before which there is silence
 *
 * @param r Resampler
 */
void rec_resamp_start(struct rec_resamp *r)
{
	if (!r)
		return;

	memset(r->v, 0, sizeof(r->v));
	r->n    = TAPS;
	r->base = -TAPS;
}


/* Have the samples that a place needs */
static const float *around(struct rec_resamp *r, int64_t at)
{
	const int64_t first = at - (TAPS / 2 - 1);

	if (first < r->base)
		return r->v;

	while (first + TAPS > r->base + (int64_t)r->n) {

		const int64_t gone = first - r->base;

		/* of what lies before nothing is needed any more */
		if (gone >= (int64_t)r->n) {
			r->base += (int64_t)r->n;
			r->n = 0;
		}
		else if (r->n + SKIP > HELD) {
			memmove(r->v, r->v + gone,
				(r->n - (size_t)gone) * sizeof(*r->v));
			r->base += gone;
			r->n    -= (size_t)gone;
		}

		r->pullh(r->v + r->n, SKIP, r->arg);
		r->n += SKIP;
	}

	return r->v + (first - r->base);
}


static float convolve(const float *a, const float *b)
{
	float s[8] = {0};
	unsigned i, k;

	for (i=0; i<TAPS; i+=8)
		for (k=0; k<8; k++)
			s[k] += a[i+k] * b[i+k];

	return ((s[0] + s[1]) + (s[2] + s[3])) +
		((s[4] + s[5]) + (s[6] + s[7]));
}


/**
 * Read samples
 *
 * @param r    Resampler
 * @param v    Samples are added to these
 * @param n    Number of samples
 * @param from Where the first one is [samples of the source]; not before what
 *             was read last
 * @param step From one to the next [samples of the source]
 */
void rec_resamp_read(struct rec_resamp *r, float *v, size_t n, double from,
		     double step)
{
	size_t i;

	for (i=0; i<n; i++) {

		const double at = from + (double)i * step;
		const double whole = floor(at);
		const unsigned ph = (unsigned)((at - whole) * PHASES + 0.5);

		v[i] += convolve(around(r, (int64_t)whole), tapv[ph]);
	}
}
