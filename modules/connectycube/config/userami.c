/**
 * @file config/userami.c  A line of the users file: Asterisk's manager
 *
 * Pure.
 */
#include <re.h>
#include "config/dialplan.h"
#include "config/users.h"


static const char *const namev[] = {"none", "view", "control"};


/**
 * Name what users may do with an Asterisk's channels, as it is written
 *
 * @param ami What they may do
 *
 * @return Name, NULL=nothing
 */
const char *users_ami_name(enum user_ami ami)
{
	return ami && (size_t)ami < ARRAY_SIZE(namev) ? namev[ami] : NULL;
}


static enum users_err decode_right(struct user_map *um, const struct pl *val)
{
	size_t i;

	for (i=0; i<ARRAY_SIZE(namev); i++) {

		if (!pl_strcasecmp(val, namev[i])) {
			um->ami = (enum user_ami)i;
			return USERS_OK;
		}
	}

	return USERS_BAD_AMI;
}


/**
 * Decode the parameters of a line that are about Asterisk's manager
 *
 * @param um     The line
 * @param params Its parameters
 *
 * @return USERS_OK, or what is wrong
 */
enum users_err users_decode_ami(struct user_map *um, const struct pl *params)
{
	struct pl val;

	if (users_has_param(params, "ami", &val) && decode_right(um, &val))
		return USERS_BAD_AMI;

	if (users_has_param(params, "ami_contexts", &val)) {

		if (!dialplan_is_contexts(&val))
			return USERS_BAD_AMI_CONTEXTS;
		if (pl_strdup(&um->ami_contexts, &val))
			return USERS_NOMEM;
	}

	if (users_has_param(params, "ami_answer", &val)) {

		if (!dialplan_is_device(&val))
			return USERS_BAD_AMI_ANSWER;
		if (pl_strdup(&um->ami_answer, &val))
			return USERS_NOMEM;
	}

	return USERS_OK;
}
