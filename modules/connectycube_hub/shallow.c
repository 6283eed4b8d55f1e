/**
 * @file connectycube_hub/shallow.c  JSON of others, before it is walked
 *
 * Pure.
 */
#include <jansson.h>
#include <re_types.h>
#include "shallow.h"


/**
 * Is JSON nested no deeper than that? Whatever walks it recurses
 *
 * @param j     JSON
 * @param depth How many objects and arrays may be in one another
 *
 * @return True if so
 */
bool json_is_shallow(const json_t *j, unsigned depth)
{
	const char *key;
	json_t *m;
	size_t i;

	if (!json_is_object(j) && !json_is_array(j))
		return true;
	if (!depth)
		return false;

	json_array_foreach(j, i, m) {
		if (!json_is_shallow(m, depth - 1))
			return false;
	}

	json_object_foreach((json_t *)j, key, m) {
		if (!json_is_shallow(m, depth - 1))
			return false;
	}

	return true;
}
