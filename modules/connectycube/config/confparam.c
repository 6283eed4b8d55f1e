/**
 * @file config/confparam.c  Parameters of a line: what is wrong with them
 */
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "conftext.h"


static size_t count(struct pl params, const struct pl *wanted)
{
	struct conf_param param;
	size_t n = 0;

	while (conf_param_next(&param, &params))
		n += !pl_casecmp(&param.name, wanted);

	return n;
}


/* Of what is no name at all something may be secret */
static void nameless(const char *path, unsigned line, size_t pos)
{
	clog_warning("%s:%u: a parameter after %zu characters is not of the"
		     " form ;name=value (a value with ';' stands in quotes)\n",
		     path, line, pos);
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

	if (!near.best && conf_may_be_secret(before)) {
		nameless(path, line, pos);
		return;
	}

	clog_warning("%s:%u: unknown parameter ;%r%s%s%s\n", path, line, name,
		     near.best ? ": is " : "", near.best ? near.best : "",
		     near.best ? " meant?" : "");
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
	struct conf_param param;
	struct pl rest;
	bool found = false;
	size_t i;

	if (!path || !params || !pl_isset(params))
		return false;

	for (rest = *params; conf_param_next(&param, &rest); ) {

		if (!conf_param_find(&i, &param.name, namev, namec))
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
	struct pl rest, before = PL_INIT, last = PL_INIT;
	struct conf_param param;
	bool cut = false;
	size_t i;

	if (!path || !params || !pl_isset(params))
		return false;

	check_begin(path, line, params);

	for (rest = *params; conf_param_next(&param, &rest); ) {

		const struct pl *name = &param.name;

		if (!name->l)
			continue;

		before = last;
		last   = *name;

		if (!conf_is_name(name)) {
			nameless(path, line, (size_t)(name->p - params->p));
			continue;
		}

		if (!conf_param_find(&i, name, namev, namec)) {
			unknown(path, line, name, &before,
				(size_t)(name->p - params->p), namev, namec);
			continue;
		}

		if (param.empty)
			clog_warning("%s:%u: ;%s= has no value\n", path,
				     line, namev[i]);

		if (count(rest, name))
			clog_warning("%s:%u: ;%s= stands there twice: the"
				     " first one counts\n", path, line,
				     namev[i]);

		if (param.cut) {
			clog_warning("%s:%u: ;%s= is cut: %s\n", path, line,
				     namev[i], param.cut);
			cut = true;
		}
	}

	return cut;
}
