/**
 * @file audio/plc.c  Packet loss concealment for codecs without their own
 *
 * The last pitch period of what was heard is repeated and fades away, and
 * the first samples after the gap are faded in over it: the idea of G.711,
 * Appendix I, without its delay.
 */
#include <string.h>
#include <re.h>
#include "plc.h"


enum {
	HIST_MS  = 40,          /**< Samples kept [ms]                     */
	MATCH_MS = 10,          /**< Samples compared for the pitch [ms]   */
	FULL_MS  = 10,          /**< Repeated at full level [ms]           */
	FADE_MS  = 60,          /**< Faded to silence after that [ms]      */
	CROSS_MS = 4,           /**< Cross-fade after the gap [ms]         */
};

/** Concealment of one stream */
struct plc {
	uint32_t ms;            /**< Samples in a millisecond              */
	size_t histc;           /**< Samples kept                          */
	size_t lost;            /**< Samples made up since the last good   */
	size_t lag;             /**< Pitch period [samples]                */
	int16_t histv[];        /**< Last good samples                     */
};


/**
 * Allocate a concealment
 *
 * @param plcp  Concealment (output)
 * @param srate Sampling rate [Hz], at least 1000
 *
 * @return 0 if success, EINVAL for bad arguments, ENOMEM
 */
int plc_alloc(struct plc **plcp, uint32_t srate)
{
	struct plc *plc;
	size_t histc;

	if (!plcp || srate < 1000)
		return EINVAL;

	histc = srate / 1000 * HIST_MS;

	plc = mem_zalloc(sizeof(*plc) + histc * sizeof(int16_t), NULL);
	if (!plc)
		return ENOMEM;

	plc->ms    = srate / 1000;
	plc->histc = histc;

	*plcp = plc;

	return 0;
}


/* Likeness of the newest samples to those lag samples before */
static double likeness(const struct plc *plc, size_t lag)
{
	const size_t n = (size_t)plc->ms * MATCH_MS;
	const int16_t *a = &plc->histv[plc->histc - n];
	const int16_t *b = a - lag;
	int64_t ab = 0, bb = 0;
	size_t i;

	for (i=0; i<n; i++) {
		ab += a[i] * b[i];
		bb += b[i] * b[i];
	}

	return ab > 0 ? (double)ab * (double)ab / (double)(bb + 1) : 0.0;
}


/* Pitch periods from 2.5 to 15 ms, 400 to 66 Hz */
static size_t find_lag(const struct plc *plc)
{
	const size_t lo = plc->ms * 5 / 2, hi = (size_t)plc->ms * 15;
	size_t lag, best = hi;
	double top = 0.0;

	for (lag=lo; lag<=hi; lag++) {

		const double l = likeness(plc, lag);

		if (l > top) {
			top  = l;
			best = lag;
		}
	}

	return best;
}


static int32_t made_up(const struct plc *plc, size_t k)
{
	const size_t full = (size_t)plc->ms * FULL_MS;
	const size_t fade = (size_t)plc->ms * FADE_MS;
	const int32_t s = plc->histv[plc->histc - plc->lag + k % plc->lag];

	if (k < full)
		return s;

	if (k >= full + fade)
		return 0;

	return s * (int32_t)(full + fade - k) / (int32_t)fade;
}


/**
 * Pass samples that were received. After a gap the first ones are changed
 *
 * @param plc   Concealment
 * @param sampv Samples
 * @param sampc Number of samples
 */
void plc_good(struct plc *plc, int16_t *sampv, size_t sampc)
{
	size_t i, n;

	n = min((size_t)plc->ms * CROSS_MS, sampc);

	for (i=0; plc->lost && i<n; i++) {

		const int32_t s = made_up(plc, plc->lost + i);

		sampv[i] = (int16_t)(s + (sampv[i] - s) * (int32_t)i /
				     (int32_t)n);
	}

	plc->lost = 0;

	n = min(plc->histc, sampc);

	memmove(plc->histv, plc->histv + n,
		(plc->histc - n) * sizeof(int16_t));
	memcpy(plc->histv + plc->histc - n, sampv + sampc - n,
	       n * sizeof(int16_t));
}


/**
 * Make up samples for lost ones
 *
 * @param plc   Concealment
 * @param sampv Samples (output)
 * @param sampc Number of samples wanted
 */
void plc_lost(struct plc *plc, int16_t *sampv, size_t sampc)
{
	size_t i;

	if (!plc->lost)
		plc->lag = find_lag(plc);

	for (i=0; i<sampc; i++)
		sampv[i] = (int16_t)made_up(plc, plc->lost++);
}
