/**
 * @file base/warm.c  Lists of memory that is fetched ahead
 */
#include <stdint.h>
#include <re.h>
#include "warm.h"


/**
 * Add a place to a list, in the order in which it will be needed. What finds
 * no room is left out
 *
 * @param w    List, NULL=none
 * @param p    Where it begins, NULL=nothing is added
 * @param size Its size [bytes]
 */
void warm_add(struct warm *w, const void *p, size_t size)
{
	const uintptr_t begin = (uintptr_t)p & ~(uintptr_t)(WARM_LINE - 1);
	struct warm_place *pl;

	if (!w || !p || !size || w->placec >= WARM_MAX)
		return;

	pl = &w->placev[w->placec++];
	pl->p    = (const uint8_t *)begin;
	pl->size = (uintptr_t)p + size - begin;
}
