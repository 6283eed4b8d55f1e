/**
 * @file config/userrec.c  A line of the users file: recording
 *
 * Pure.
 */
#include <re.h>
#include "config/users.h"


static const char *const namev[] = {NULL, "off", "on_demand", "always"};


/**
 * Name whether calls are recorded, as it is written
 *
 * @param record Whether they are
 *
 * @return Name, NULL=as configured for all
 */
const char *users_record_name(enum user_record record)
{
	return (size_t)record < ARRAY_SIZE(namev) ? namev[record] : NULL;
}


/**
 * Decode the parameters of a line that are about recording
 *
 * @param um     The line
 * @param params Its parameters
 *
 * @return USERS_OK, or what is wrong
 */
enum users_err users_decode_record(struct user_map *um,
				   const struct pl *params)
{
	struct pl val;
	size_t i;

	if (users_has_param(params, "record", &val)) {

		for (i=1; i<ARRAY_SIZE(namev); i++) {
			if (!pl_strcasecmp(&val, namev[i]))
				um->record = (enum user_record)i;
		}

		if (!um->record)
			return USERS_BAD_RECORD;
	}

	if (users_has_param(params, "record_mode", &val)) {

		if (!pl_strcasecmp(&val, "video"))
			um->record_video = USER_YES;
		else if (!pl_strcasecmp(&val, "audio"))
			um->record_video = USER_NO;
		else
			return USERS_BAD_RECORD_MODE;
	}

	return USERS_OK;
}
