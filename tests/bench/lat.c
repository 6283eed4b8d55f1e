/**
 * @file tests/bench/lat.c  Times that packets took, and what part of them
 *                          does not exceed
 */
#include <stdlib.h>
#include <re.h>
#include "bench.h"


int lat_alloc(struct lat *lat, size_t max_n)
{
	lat->c  = 0;
	lat->sz = max_n;
	lat->v  = mem_zalloc(max_n * sizeof(*lat->v), NULL);

	return lat->v ? 0 : ENOMEM;
}


/* Both as the kernel stamps packets [ns] */
void lat_add(struct lat *lat, uint64_t sent, uint64_t came)
{
	if (lat->c >= lat->sz)
		return;

	lat->v[lat->c++] = came > sent
		? (uint32_t)min(came - sent, (uint64_t)UINT32_MAX) : 0;
}


static int cmp(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}


void lat_sort(struct lat *lat)
{
	if (lat->c)
		qsort(lat->v, lat->c, sizeof(*lat->v), cmp);
}


/* [ms], of sorted ones; -1=there are none */
double lat_percentile(const struct lat *lat, double p)
{
	if (!lat->c)
		return -1;

	return lat->v[min((size_t)(p * (double)lat->c), lat->c - 1)] / 1e6;
}
