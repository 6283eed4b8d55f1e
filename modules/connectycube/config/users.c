/**
 * @file config/users.c  Parser of the users file, and of dialable patterns
 *
 * Pure: one line in, one struct out.
 */
#include <string.h>
#include <re.h>
#include "config/conftext.h"
#include "config/pattern.h"
#include "config/userid.h"
#include "config/users.h"


/** Whatever is not here is named as unknown */
const char *const users_paramv[] = {
	"cube_login", "cube_password", "cube_password_file",
	"cube_password_env", "call", "callers", "dial", "dialable",
	"department", "country", "from_pbx", "to_pbx", "number",
	"forward_busy", "forward_no_answer", "forward_offline",
	"call_waiting", "watch", "record", "record_mode",
	"ami", "ami_contexts", "ami_answer",
};

const size_t users_paramc = ARRAY_SIZE(users_paramv);


static void destructor(void *data)
{
	struct user_map *um = data;
	size_t i;

	list_unlink(&um->le);

	mem_deref(um->name);
	mem_deref(um->aor);
	mem_deref(um->login);
	mem_deref(um->password);
	mem_deref(um->callers);
	for (i=0; i<um->callerc; i++)
		mem_deref(um->callerv[i]);
	mem_deref(um->dial);
	mem_deref(um->dialable);
	mem_deref(um->department);
	mem_deref(um->watch);
	mem_deref(um->ami_contexts);
	mem_deref(um->ami_answer);
	numplan_reset(&um->numbers);

	for (i=0; i<um->callc; i++)
		mem_deref(um->callv[i]);
	for (i=0; i<FORWARD_MAX; i++)
		mem_deref(um->forwardv[i]);
}


static enum users_err plan_err(enum ringplan_err err)
{
	switch (err) {

	case RINGPLAN_OK:       return USERS_OK;
	case RINGPLAN_BAD_TIME: return USERS_BAD_TIME;
	case RINGPLAN_NO_TIME:  return USERS_NO_TIME;
	case RINGPLAN_TOO_MANY: return USERS_TOO_MANY;
	default:                return USERS_BAD_CALL;
	}
}


static enum users_err decode_call(struct user_map *um, const struct pl *val)
{
	struct pl idv[RINGPLAN_MAX];
	enum ringplan_err err;
	size_t n;

	err = ringplan_decode(&um->plan, idv, &n, val);
	if (err)
		return plan_err(err);

	for (; um->callc < n; ++um->callc) {
		if (pl_strdup(&um->callv[um->callc], &idv[um->callc]))
			return USERS_NOMEM;
	}

	return USERS_OK;
}


/* Patterns up to a name, or the end. False if something else comes */
static bool skip_patterns(struct pl *rest)
{
	const size_t len = rest->l;

	while (rest->l && strchr("0123456789*?,", *rest->p) && *rest->p)
		pl_advance(rest, 1);

	return !rest->l || rest->l == len || rest->p[-1] == ',';
}


/* An empty list would say nothing, and is meant to forbid something */
static enum users_err decode_callers(struct user_map *um,
				     const struct pl *val)
{
	struct pl rest = *val, id;

	if (!val->l)
		return USERS_BAD_CALLERS;

	while (rest.l) {

		if (!skip_patterns(&rest))
			return USERS_BAD_CALLERS;
		if (!rest.l)
			break;

		if (userid_next(&id, &rest) || (rest.l && *rest.p != ','))
			return USERS_BAD_CALLERS;
		if (um->callerc >= USER_CALLER_MAX)
			return USERS_MANY_CALLERS;
		if (pl_strdup(&um->callerv[um->callerc], &id))
			return USERS_NOMEM;
		++um->callerc;
	}

	return pl_strdup(&um->callers, val) ? USERS_NOMEM : USERS_OK;
}


/**
 * Can this be called? "sip:user@host", or a bare number that the account's
 * domain completes
 *
 * @param val Address or number
 *
 * @return True if it can
 */
bool users_is_target(const struct pl *val)
{
	struct uri uri;

	if (!val)
		return false;

	if (!pl_strchr(val, ':'))
		return val->l && !pl_strchr(val, '@');

	return !uri_decode(&uri, val) &&
		(!pl_strcasecmp(&uri.scheme, "sip") ||
		 !pl_strcasecmp(&uri.scheme, "sips"));
}


static enum users_err decode_dial(struct user_map *um, const struct pl *val)
{
	if (!users_is_target(val))
		return USERS_BAD_DIAL;

	return pl_strdup(&um->dial, val) ? USERS_NOMEM : USERS_OK;
}


static bool is_dial_char(char c, bool pattern)
{
	if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z'))
		return true;

	if (!c || !strchr(pattern ? "+#.-_*?," : "+#.-_*", c))
		return false;

	return true;
}


static enum users_err decode_dialable(struct user_map *um,
				      const struct pl *val)
{
	size_t i;

	for (i=0; i<val->l; i++) {
		if (!is_dial_char(val->p[i], true))
			return USERS_BAD_DIALABLE;
	}

	return pl_strdup(&um->dialable, val) ? USERS_NOMEM : USERS_OK;
}


/**
 * Get a parameter's value, which may stand in quotes to hold spaces and ';'
 *
 * @param params Parameters of a line
 * @param name   Name
 * @param val    Value (output)
 *
 * @return 0 if success; ENOENT; EBADMSG without the closing quote
 */
int users_param(const struct pl *params, const char *name,
		struct pl *val)
{
	const char *quote;

	if (!pl_isset(params) || msg_param_decode(params, name, val))
		return ENOENT;

	if (!val->l || *val->p != '"')
		return 0;

	++val->p;
	quote = memchr(val->p, '"', params->p + params->l - val->p);
	if (!quote)
		return EBADMSG;

	val->l = quote - val->p;

	return 0;
}


/**
 * Is a parameter there, with a value or not?
 *
 * @param params Parameters of a line
 * @param name   Name
 * @param val    Value (output), unset if there is none
 *
 * @return false if it is not
 */
bool users_has_param(const struct pl *params, const char *name,
		     struct pl *val)
{
	struct conf_param param;
	struct pl rest = *params;

	*val = pl_null;

	/* libre's msg_param_exists() stops at a longer name that begins so */
	while (conf_param_next(&param, &rest)) {

		if (pl_strcasecmp(&param.name, name))
			continue;

		if (users_param(params, name, val))
			*val = pl_null;

		return true;
	}

	return false;
}


static enum users_err decode_numbers(struct numplan *np,
				     const struct pl *params)
{
	const struct {
		const char *name;
		char **dst;
		bool (*checkh)(const struct pl *val);
		enum users_err err;
	} v[] = {
		{"country",  &np->country,  numplan_is_country,
		 USERS_BAD_COUNTRY},
		{"from_pbx", &np->from_pbx, numplan_is_rules,
		 USERS_BAD_RULES},
		{"to_pbx",   &np->to_pbx,   numplan_is_rules,
		 USERS_BAD_RULES},
		{"number",   &np->number,   numplan_is_numbers,
		 USERS_BAD_NUMBER},
	};
	struct pl val;
	size_t i;

	for (i=0; i<ARRAY_SIZE(v); i++) {

		if (users_param(params, v[i].name, &val))
			continue;

		if (!v[i].checkh(&val))
			return v[i].err;

		if (pl_strdup(v[i].dst, &val))
			return USERS_NOMEM;
	}

	return USERS_OK;
}


static enum users_err decode_waiting(struct user_map *um,
				     const struct pl *params)
{
	struct pl val = PL_INIT;

	if (!users_has_param(params, "call_waiting", &val))
		return USERS_OK;

	if (!pl_strcasecmp(&val, "yes"))
		um->waiting = USER_YES;
	else if (!pl_strcasecmp(&val, "no"))
		um->waiting = USER_NO;
	else
		return USERS_BAD_WAITING;

	return USERS_OK;
}


static enum users_err decode_watch(struct user_map *um,
				   const struct pl *params)
{
	struct pl val;

	if (users_param(params, "watch", &val))
		return USERS_OK;

	if (!users_is_target(&val) || !pl_strchr(&val, ':'))
		return USERS_BAD_WATCH;

	return pl_strdup(&um->watch, &val) ? USERS_NOMEM : USERS_OK;
}


static enum users_err decode_params(struct user_map *um,
				    const struct pl *params)
{
	enum users_err err;
	struct pl val;

	if (users_param(params, "cube_login", &val) || !val.l)
		return USERS_NO_LOGIN;

	if (pl_strdup(&um->login, &val))
		return USERS_NOMEM;

	if (0 == users_param(params, "cube_password", &val)) {
		if (pl_strdup(&um->password, &val))
			return USERS_NOMEM;
	}
	else if (users_param(params, "cube_password_file", &um->pass_file) &&
		 users_param(params, "cube_password_env", &um->pass_env)) {
		return USERS_NO_PASSWORD;
	}

	if (0 == users_param(params, "call", &val)) {
		err = decode_call(um, &val);
		if (err)
			return err;
	}

	if (0 == users_param(params, "callers", &val)) {
		err = decode_callers(um, &val);
		if (err)
			return err;
	}
	else if (users_has_param(params, "callers", &val)) {
		return USERS_BAD_CALLERS;
	}

	if (0 == users_param(params, "dial", &val)) {
		err = decode_dial(um, &val);
		if (err)
			return err;
	}

	if (0 == users_param(params, "dialable", &val)) {
		err = decode_dialable(um, &val);
		if (err)
			return err;
	}

	if (0 == users_param(params, "department", &val) &&
	    pl_strdup(&um->department, &val))
		return USERS_NOMEM;

	err = decode_watch(um, params);
	if (!err)
		err = decode_numbers(&um->numbers, params);
	if (!err)
		err = users_decode_forwards(um, params);
	if (!err)
		err = users_decode_record(um, params);
	if (!err)
		err = users_decode_ami(um, params);

	return err ? err : decode_waiting(um, params);
}


/**
 * Decode one line of the users file
 *
 * @param ump  Pointer to new extension
 * @param line Line, without its line end
 *
 * @return USERS_OK, or what is wrong with the line
 */
enum users_err users_decode(struct user_map **ump, const struct pl *line)
{
	struct user_map *um;
	struct sip_addr addr;
	enum users_err err;

	if (!ump || !line)
		return USERS_BAD_ADDR;

	if (users_address(&addr, line))
		return USERS_BAD_ADDR;

	um = mem_zalloc(sizeof(*um), destructor);
	if (!um)
		return USERS_NOMEM;

	err = USERS_NOMEM;

	if (re_sdprintf(&um->name, "%r", &addr.dname) ||
	    re_sdprintf(&um->aor, "%H", users_print_aor, &addr.uri))
		goto out;

	err = decode_params(um, &addr.params);

 out:
	if (err)
		mem_deref(um);
	else
		*ump = um;

	return err;
}


/**
 * May a cloud user call, as far as patterns say? For names see
 * ext_may_call()
 *
 * @param patterns Patterns joined by commas, NULL=everybody may
 * @param id       User id
 *
 * @return True if it may
 */
bool users_may_call(const char *patterns, const char *id)
{
	return !patterns || (str_isset(id) && pattern_match_any(patterns, id));
}


/**
 * May an app dial this number?
 *
 * @param patterns Patterns joined by commas, NULL=none: nothing is allowed
 * @param number   Number as the app sent it
 *
 * @return True if the number is a plain user part, at most 64 characters
 *         long, and matches a pattern
 */
bool users_dialable(const char *patterns, const char *number)
{
	size_t i, len;

	if (!str_isset(patterns) || !str_isset(number))
		return false;

	len = str_len(number);
	if (len > 64)
		return false;

	/* nothing that could end the user part of a SIP URI */
	for (i=0; i<len; i++) {
		if (!is_dial_char(number[i], false))
			return false;
	}

	return pattern_match_any(patterns, number);
}
