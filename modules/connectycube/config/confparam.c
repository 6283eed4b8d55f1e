/**
 * @file config/confparam.c  Parameters of a line: ;name=value;name="a; b"
 */
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "conftext.h"


enum {
	NAME_LEN = 64,          /**< Longest name [bytes]                  */
};


/* What is before the next ';' that does not stand in quotes */
static bool next_param(struct pl *param, struct pl *params)
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

	param->p = params->p;
	param->l = i;
	pl_advance(params, min(i + 1, params->l));

	return true;
}


static void get_name(struct pl *name, const struct pl *param)
{
	const char *eq = pl_strchr(param, '=');

	*name = *param;
	if (eq)
		name->l = eq - param->p;

	conf_trim(name);
}


/* Why not all of a value is read, NULL=it is */
static const char *cut_by(const struct pl *param)
{
	const char *eq = pl_strchr(param, '='), *quote;
	struct pl val;
	size_t i;

	if (!eq)
		return NULL;

	val.p = eq + 1;
	val.l = param->p + param->l - val.p;
	conf_trim(&val);

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
static bool is_empty(const struct pl *param)
{
	const char *eq = pl_strchr(param, '=');
	const char *end = param->p + param->l;

	if (!eq)
		return true;

	while (++eq < end) {
		if (!strchr(" \t\r\"", *eq))
			return false;
	}

	return true;
}


static bool is_known(const struct pl *name, const char *const *namev,
		     size_t namec, size_t *ix)
{
	for (*ix=0; *ix<namec; ++*ix) {
		if (!pl_strcasecmp(name, namev[*ix]))
			return true;
	}

	return false;
}


static size_t count(struct pl params, const struct pl *wanted)
{
	struct pl param, name;
	size_t n = 0;

	while (next_param(&param, &params)) {
		get_name(&name, &param);
		n += !pl_casecmp(&name, wanted);
	}

	return n;
}


/* Of what is no name at all something may be secret */
static void nameless(const char *path, unsigned line, size_t pos)
{
	clog_warning("%s:%u: a parameter after %zu characters is not of the"
		     " form ;name=value (a value with ';' stands in quotes)\n",
		     path, line, pos);
}


/* The end of a password that has a ';' in it, perhaps */
static bool may_be_secret(const struct pl *before)
{
	return pl_isset(before) && !re_regex(before->p, before->l, "pas");
}


static void unknown(const char *path, unsigned line, const struct pl *name,
		    const struct pl *before, size_t pos,
		    const char *const *namev, size_t namec)
{
	struct conf_near near;
	size_t i;

	conf_near_init(&near, name);
	for (i=0; i<namec; i++)
		conf_near_try(&near, namev[i]);

	if (!near.best && may_be_secret(before)) {
		nameless(path, line, pos);
		return;
	}

	clog_warning("%s:%u: unknown parameter ;%r%s%s%s\n", path, line, name,
		     near.best ? ": is " : "", near.best ? near.best : "",
		     near.best ? " meant?" : "");
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


/* What stands between the address and the first ';' is read by nobody */
static void check_begin(const char *path, unsigned line,
			const struct pl *params)
{
	size_t i = 0;

	while (i < params->l && strchr(" \t\r", params->p[i]))
		++i;

	if (i < params->l && params->p[i] != ';')
		clog_warning("%s:%u: what follows the address does not begin"
			     " with ;\n", path, line);
}


/**
 * Say which parameters stand inside the brackets of an address, where they are
 * the address's. Values are not shown
 *
 * @param path   File, for messages
 * @param line   Number of the line, for messages
 * @param params Parameters of the URI, beginning with ';'
 * @param namev  Names of those that do not belong there
 * @param namec  Number of names
 *
 * @return True if there is one
 */
bool conf_misplaced(const char *path, unsigned line, const struct pl *params,
		    const char *const *namev, size_t namec)
{
	struct pl rest, param, name;
	bool found = false;
	size_t i;

	if (!path || !params || !pl_isset(params))
		return false;

	for (rest = *params; next_param(&param, &rest); ) {

		get_name(&name, &param);
		if (!is_known(&name, namev, namec, &i))
			continue;

		clog_warning("%s:%u: ;%s= stands inside the brackets: its"
			     " place is behind the >\n", path, line,
			     namev[i]);
		found = true;
	}

	return found;
}


/**
 * Say which parameters are unknown, are empty, stand there twice or have a
 * value that would not be read to its end. Values are not shown
 *
 * @param path   File, for messages
 * @param line   Number of the line, for messages
 * @param params Parameters, beginning with ';'
 * @param namev  Names of those that are known
 * @param namec  Number of names
 *
 * @return True if a value would not be read to its end
 */
bool conf_params(const char *path, unsigned line, const struct pl *params,
		 const char *const *namev, size_t namec)
{
	struct pl rest, param, name, before = PL_INIT, last = PL_INIT;
	bool cut = false;
	const char *why;
	size_t i;

	if (!path || !params || !pl_isset(params))
		return false;

	check_begin(path, line, params);

	for (rest = *params; next_param(&param, &rest); ) {

		get_name(&name, &param);
		if (!name.l)
			continue;

		before = last;
		last   = name;

		if (!conf_is_name(&name)) {
			nameless(path, line, (size_t)(name.p - params->p));
			continue;
		}

		if (!is_known(&name, namev, namec, &i)) {
			unknown(path, line, &name, &before,
				(size_t)(name.p - params->p), namev, namec);
			continue;
		}

		if (is_empty(&param))
			clog_warning("%s:%u: ;%s= has no value\n", path,
				     line, namev[i]);

		if (count(rest, &name))
			clog_warning("%s:%u: ;%s= stands there twice: the"
				     " first one counts\n", path, line,
				     namev[i]);

		why = cut_by(&param);
		if (why) {
			clog_warning("%s:%u: ;%s= is cut: %s\n", path, line,
				     namev[i], why);
			cut = true;
		}
	}

	return cut;
}
