/**
 * @file samples.h  What stands in samples: a tone, and how loud they are
 */
#pragma once
#include <math.h>
#include <stddef.h>
#include <stdint.h>


/* Share of the energy that is the tone, of any phase that stays [0-1] */
static inline double tone_share(const int16_t *sampv, size_t sampc,
				uint32_t srate, double freq)
{
	double re = 0, im = 0, sum = 0;
	size_t i;

	for (i=0; i<sampc; i++) {
		const double w = 2.0 * M_PI * freq * (double)i / srate;

		re  += sampv[i] * cos(w);
		im  += sampv[i] * sin(w);
		sum += (double)sampv[i] * sampv[i];
	}

	if (sum < 1.0)
		return 0.0;

	return 2.0 * (re * re + im * im) / (double)sampc / sum;
}


static inline double rms(const int16_t *v, size_t n)
{
	double sum = 0;
	size_t i;

	for (i=0; i<n; i++)
		sum += (double)v[i] * v[i];

	return sqrt(sum / (double)n);
}
