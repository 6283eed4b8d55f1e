/**
 * @file connectycube_hub/live/find.c
 * Who has a call, or an extension, and by which number
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


/**
 * Find the bridge that has a call
 *
 * @param l   Model
 * @param id  Id of the call
 * @param num Set to its number there
 *
 * @return Name of the bridge, NULL if there is none that is here
 */
const char *hlive_call_bridge(const struct hlive *l, const char *id,
			      uint32_t *num)
{
	const struct mcall *c = mcall_find_id(l, id);

	if (!c || !c->bridge->conn)
		return NULL;

	*num = c->num;

	return c->bridge->name;
}


/**
 * Find the bridge that has an extension
 *
 * @param l   Model
 * @param ext Its SIP address
 *
 * @return Name of the bridge, NULL if there is none that is here
 */
const char *hlive_ext_bridge(const struct hlive *l, const char *ext)
{
	const struct mext *e = mext_find(l, ext);

	return e && e->bridge->conn ? e->bridge->name : NULL;
}
