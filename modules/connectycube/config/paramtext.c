/**
 * @file config/paramtext.c  Parameters of a line: ;name=value;name="a; b"
 *
 * Pure.
 */
#include <string.h>
#include <re.h>
#include "conftext.h"


enum {
	NAME_LEN = 64,          /**< Longest name [bytes]                  */
};


/* Why not all of a value is read, NULL=it is */
static const char *cut_by(struct pl val)
{
	const char *quote;
	size_t i;

	if (val.l && *val.p == '"') {

		pl_advance(&val, 1);
		quote = pl_strchr(&val, '"');

		return !quote ? "the quote is not closed" :
			quote + 1 < val.p + val.l ?
			"there is more behind the quotes" : NULL;
	}

	for (i=0; i<val.l; i++) {
		if (conf_is_blank(val.p[i]))
			return "a value with blanks stands in quotes";
	}

	return NULL;
}


/* Nothing, or quotes with nothing between them */
static bool is_empty(const struct pl *val)
{
	size_t i;

	for (i=0; i<val->l; i++) {
		if (!strchr(" \t\r\"", val->p[i]))
			return false;
	}

	return true;
}


static void split(struct conf_param *param)
{
	const char *eq = pl_strchr(&param->all, '=');

	param->name = param->all;
	param->val  = pl_null;

	if (eq) {
		param->name.l = eq - param->all.p;
		param->val.p  = eq + 1;
		param->val.l  = param->all.p + param->all.l - param->val.p;
		conf_trim(&param->val);
	}

	conf_trim(&param->name);
	param->empty = is_empty(&param->val);
	param->cut   = cut_by(param->val);
}


/**
 * Get the next parameter: what is before the next ';' that does not stand in
 * quotes
 *
 * @param param  Parameter
 * @param params Parameters, what is left of them afterwards
 *
 * @return False at the end
 */
bool conf_param_next(struct conf_param *param, struct pl *params)
{
	bool quoted = false;
	size_t i;

	if (!params->l)
		return false;

	for (i=0; i<params->l; i++) {

		if (params->p[i] == '"')
			quoted = !quoted;
		else if (params->p[i] == ';' && !quoted)
			break;
	}

	param->all.p = params->p;
	param->all.l = i;
	pl_advance(params, min(i + 1, params->l));
	split(param);

	return true;
}


/**
 * Find a name, whatever its case
 *
 * @param ix    Set to which one it is
 * @param name  Name
 * @param namev Names of those that are known
 * @param namec Number of names
 *
 * @return True if it is one of them
 */
bool conf_param_find(size_t *ix, const struct pl *name,
		     const char *const *namev, size_t namec)
{
	for (*ix=0; *ix<namec; ++*ix) {
		if (!pl_strcasecmp(name, namev[*ix]))
			return true;
	}

	return false;
}


/**
 * Is a word a name? What is none may hold a secret, and is not for the log:
 * a value that stands where a name is awaited, or right behind it
 *
 * @param name Word
 *
 * @return True if it is
 */
bool conf_is_name(const struct pl *name)
{
	size_t i;

	for (i=0; i<name->l; i++) {

		const char c = name->p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		      (c >= '0' && c <= '9') || c == '_' || c == '-'))
			return false;
	}

	return name->l > 0 && name->l <= NAME_LEN;
}


/**
 * May what looks like a name be the end of a password that has a ';' in it?
 *
 * @param before Name of the parameter before it
 *
 * @return True if it may
 */
bool conf_may_be_secret(const struct pl *before)
{
	return pl_isset(before) && !re_regex(before->p, before->l, "pas");
}
