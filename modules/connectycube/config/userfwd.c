/**
 * @file config/userfwd.c  The users file: where calls are sent on to
 *
 * Pure.
 */
#include <string.h>
#include <re.h>
#include "config/users.h"


/**
 * May calls be sent on to this? It is written into a header
 *
 * @param val Value
 *
 * @return True if it is a SIP URI or a number, and nothing more
 */
bool users_is_forward(const struct pl *val)
{
	size_t i;

	for (i=0; i<val->l; i++) {
		if ((uint8_t)val->p[i] <= ' ' || strchr("<>\"", val->p[i]))
			return false;
	}

	return users_is_target(val);
}


/**
 * Does this lead back to the extension? Its number does, which the account's
 * domain completes, and its address, whatever parameters that has
 *
 * @param um  Extension
 * @param val Address or number
 *
 * @return True if it does
 */
bool users_is_self(const struct user_map *um, const struct pl *val)
{
	struct uri own, uri;
	struct pl aor;

	if (!um || !val)
		return false;

	pl_set_str(&aor, um->aor);
	if (uri_decode(&own, &aor))
		return false;

	if (!pl_strchr(val, ':'))
		return !pl_casecmp(val, &own.user);

	return !uri_decode(&uri, val) &&
		!pl_casecmp(&uri.user, &own.user) &&
		!pl_casecmp(&uri.host, &own.host) && uri.port == own.port;
}


/* What leads back to us is of no use */
static enum users_err check_forward(const struct user_map *um,
				    const struct pl *val)
{
	if (!users_is_forward(val))
		return USERS_BAD_FORWARD;

	return users_is_self(um, val) ? USERS_FORWARD_SELF : USERS_OK;
}


/**
 * Decode where calls of an extension are sent on to
 *
 * @param um     Extension
 * @param params Parameters of its line
 *
 * @return USERS_OK, or what is wrong with them
 */
enum users_err users_decode_forwards(struct user_map *um,
				     const struct pl *params)
{
	static const char *const namev[FORWARD_MAX] = {
		[FORWARD_BUSY]      = "forward_busy",
		[FORWARD_NO_ANSWER] = "forward_no_answer",
		[FORWARD_OFFLINE]   = "forward_offline",
	};
	enum users_err err;
	struct pl val;
	size_t i;

	for (i=0; i<FORWARD_MAX; i++) {

		if (users_param(params, namev[i], &val)) {
			if (users_has_param(params, namev[i], &val))
				return USERS_BAD_FORWARD;
			continue;
		}

		err = check_forward(um, &val);
		if (err)
			return err;

		if (pl_strdup(&um->forwardv[i], &val))
			return USERS_NOMEM;
	}

	return USERS_OK;
}
