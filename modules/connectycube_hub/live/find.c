/**
 * @file live/find.c  Calls that others know by their bridge's number
 */
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include "live.h"
#include "model.h"


/**
 * Find the id of a call of a bridge that is here
 *
 * @param l      Model
 * @param bridge Name of the bridge
 * @param num    Number of the call there
 *
 * @return Id (pointer, until the model is told something), NULL if there is no
 *         such call
 */
const char *hlive_call_of(const struct hlive *l, const char *bridge,
			  uint32_t num)
{
	const struct le *le;

	for (le = l ? l->calll.head : NULL; le; le = le->next) {

		const struct mcall *c = le->data;

		if (c->num == num && c->bridge->conn &&
		    !strcmp(c->bridge->name, bridge))
			return c->id;
	}

	return NULL;
}
