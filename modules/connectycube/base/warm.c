/**
 * @file base/warm.c  Lists of memory that is fetched ahead
 */
#include <stdint.h>
#include <re.h>
#include "warm.h"


/**
 * Add a place to a list, in the order in which it will be needed. What finds
 * no room is left out, and so is what is beyond 4032 bytes
 *
 * @param w    List, NULL=none
 * @param p    Where it begins, NULL=nothing is added
 * @param size Its size [bytes]
 */
void warm_add(struct warm *w, const void *p, size_t size)
{
	const uintptr_t begin = (uintptr_t)p & ~(uintptr_t)(WARM_LINE - 1);
	size_t i, n;

	if (!w || !p || !size)
		return;

	for (i=0; w->placev[i]; i++)
		;
	if (i == WARM_MAX)
		return;

	n = ((uintptr_t)p + size - begin + WARM_LINE - 1) / WARM_LINE;
	w->placev[i] = begin | min(n, (size_t)WARM_LINES);
}
