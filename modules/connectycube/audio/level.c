/**
 * @file audio/level.c  How loud audio is
 */
#include <math.h>
#include <re.h>
#include "level.h"


/**
 * Get the energy of samples
 *
 * @param sampv Samples
 * @param sampc Number of samples
 *
 * @return Mean square, 1=full scale
 */
double level_energy(const int16_t *sampv, size_t sampc)
{
	uint64_t sum = 0;
	size_t i;

	for (i=0; i<sampc; i++)
		sum += (uint64_t)((int32_t)sampv[i] * sampv[i]);

	return sampc ? (double)sum / (double)sampc / (32768.0 * 32768.0)
		: 0.0;
}


/**
 * Get the level of an energy
 *
 * @param energy Mean square, 1=full scale
 *
 * @return Level [1/10 dBov], never 0
 */
int16_t level_of(double energy)
{
	if (energy <= 0.0)
		return LEVEL_MIN;

	return (int16_t)fmin(fmax(lround(100.0 * log10(energy)), LEVEL_MIN),
			     LEVEL_MAX);
}


static void add(struct level *l, double energy, int16_t level)
{
	l->energy += energy;
	++l->n;

	if (!l->max || level > l->max)
		l->max = level;
	if (!l->recent || level > l->recent)
		l->recent = level;
}


/**
 * A packet was measured
 *
 * @param l      Level of its stream
 * @param energy Mean square of its samples, 1=full scale
 */
void level_add(struct level *l, double energy)
{
	add(l, energy, level_of(energy));
}


/**
 * A packet says how loud it is (RFC 3389, 3; RFC 6464, 3)
 *
 * @param l     Level of its stream
 * @param below So far below full scale [dB]
 */
void level_add_dbov(struct level *l, unsigned below)
{
	const double db = below;

	level_add(l, pow(10.0, -db / 10.0));
}


/**
 * Get the level of all that was measured
 *
 * @param l Level
 *
 * @return Of its mean energy [1/10 dBov], 0=nothing was
 */
int16_t level_avg(const struct level *l)
{
	return l->n ? level_of(l->energy / l->n) : 0;
}


/**
 * Get the level of the loudest packet since the last call of this
 *
 * @param l Level
 *
 * @return Level [1/10 dBov], 0=nothing was measured
 */
int16_t level_take(struct level *l)
{
	const int16_t recent = l->recent;

	l->recent = 0;

	return recent;
}
