/**
 * @file extparam.c  Parameters of an extension: whose they are
 *
 * Pure. The names are those of the bridge's own tables.
 */
#include <string.h>
#include <re.h>
#include "config/accountparam.h"
#include "config/conftext.h"
#include "config/users.h"
#include "office.h"
#include "parsing.h"


/* Secrets, and where they are */
static const struct {
	const char *name;
	enum office_owner owner;
	enum office_place place;
} secretv[] = {
	{"auth_pass",          OFFICE_SIP_SECRET,  OFFICE_INLINE},
	{"auth_pass_file",     OFFICE_SIP_SECRET,  OFFICE_PATH},
	{"auth_pass_env",      OFFICE_SIP_SECRET,  OFFICE_ENV},
	{"auth_pass_cred",     OFFICE_SIP_SECRET,  OFFICE_CRED},
	{"cube_password",      OFFICE_CUBE_SECRET, OFFICE_INLINE},
	{"cube_password_file", OFFICE_CUBE_SECRET, OFFICE_PATH},
	{"cube_password_env",  OFFICE_CUBE_SECRET, OFFICE_ENV},
	{"cube_password_cred", OFFICE_CUBE_SECRET, OFFICE_CRED},
};


/**
 * Whose is a parameter?
 *
 * @param name  Its name
 * @param place Set to where a secret is, for one
 *
 * @return Whose it is
 */
enum office_owner office_owner(const struct pl *name, enum office_place *place)
{
	size_t i;

	*place = OFFICE_NONE;

	for (i=0; i<ARRAY_SIZE(secretv); i++) {

		if (pl_strcasecmp(name, secretv[i].name))
			continue;

		*place = secretv[i].place;
		return secretv[i].owner;
	}

	if (conf_param_find(&i, name, users_paramv, users_paramc))
		return OFFICE_USERS;

	return conf_param_find(&i, name, account_paramv, account_paramc) ?
		OFFICE_ACCOUNT : OFFICE_NOBODY;
}


/**
 * Find the parameter that was meant
 *
 * @param name Name as it was written
 *
 * @return Name, NULL if none is like it
 */
const char *office_nearest(const struct pl *name)
{
	struct conf_near near;
	size_t i;

	conf_near_init(&near, name);

	for (i=0; i<ARRAY_SIZE(secretv); i++)
		conf_near_try(&near, secretv[i].name);
	for (i=0; i<users_paramc; i++)
		conf_near_try(&near, users_paramv[i]);
	for (i=0; i<account_paramc; i++)
		conf_near_try(&near, account_paramv[i]);

	return near.best;
}
