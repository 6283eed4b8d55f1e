/**
 * @file ask.c  The hub is asked
 *
 * Pure, but for complaints.
 */
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include "cli.h"


/**
 * Ask, and complain if there is no good answer
 *
 * @param c      What a command has
 * @param jp     Set to the answer, json_decref(); NULL=nobody wants it
 * @param method GET, POST
 * @param path   What for: path and query
 * @param body   JSON, NULL=none
 *
 * @return CLI_OK, otherwise an exit status
 */
int cli_ask(struct cli *c, struct json_t **jp, const char *method,
	    const char *path, const struct json_t *body)
{
	struct cli_answer a;
	char why[CLI_WHY];
	int status = CLI_OK;

	memset(&a, 0, sizeof(a));
	a.steers = strcmp(method, "GET") != 0;
	c->askh(&a, method, path, body, c->arg);
	if (a.now)
		c->now = a.now;

	if (a.status / 100 != 2 || (!a.j && a.status != 204)) {
		status = cli_trouble(why, sizeof(why), &a);
		cli_complain("%s", why);
	}
	else if (jp) {
		*jp = a.j;
		a.j = NULL;
	}

	json_decref(a.j);

	return status;
}


static int put(struct re_printf *pf, char c)
{
	return pf->vph(&c, 1, pf->arg);
}


/**
 * Print a part of a path or query: all but what needs it not is escaped
 * (RFC 3986 section 2.3)
 *
 * @param pf  Print handler
 * @param str Text
 *
 * @return 0 if success, otherwise errorcode
 */
int cli_escape(struct re_printf *pf, const char *str)
{
	int err = 0;

	for (; *str && !err; str++) {

		const char c = *str;

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || strchr("-._~", c))
			err = put(pf, c);
		else
			err = re_hprintf(pf, "%%%02X", (uint8_t)c);
	}

	return err;
}


/**
 * Write a path
 *
 * @param path Set to it
 * @param size Room there [bytes]
 * @param fmt  Format; what somebody says is printed by cli_escape()
 *
 * @return CLI_OK, otherwise an exit status
 */
int cli_path(char *path, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = re_vsnprintf(path, size, fmt, ap);
	va_end(ap);

	if (n >= 0)
		return CLI_OK;

	cli_complain("what is asked for is too long");

	return CLI_USAGE;
}


/**
 * Add to a query
 *
 * @param path  Path, with what there is of a query
 * @param size  Room there [bytes]
 * @param name  Name
 * @param value Value, NULL=nothing is added
 *
 * @return CLI_OK, otherwise an exit status
 */
int cli_query(char *path, size_t size, const char *name, const char *value)
{
	const size_t n = strlen(path);

	return value ? cli_path(path + n, size - n, "%c%s=%H",
				strchr(path, '?') ? '&' : '?', name,
				cli_escape, value) : CLI_OK;
}


static int add_time(const struct cli *c, char *path, size_t size,
		    enum cli_opt opt)
{
	const char *str = c->args->optv[opt];
	char value[24];
	uint64_t t;

	if (!str)
		return CLI_OK;

	if (!cli_time_read(&t, str, c->now)) {
		cli_complain("--%s %s: is no time: today, yesterday, 15m, 2h,"
			     " 7d (ago), 10:00, 2026-11-30, 2026-11-30T10:00;"
			     " local, with a Z UTC", cli_option(opt)->name,
			     str);
		return CLI_USAGE;
	}

	re_snprintf(value, sizeof(value), "%llu", t);

	return cli_query(path, size, cli_option(opt)->name, value);
}


/**
 * Add what records are looked for
 *
 * @param c    What a command has
 * @param path Path, with what there is of a query
 * @param size Room there [bytes]
 *
 * @return CLI_OK, otherwise an exit status
 */
int cli_query_opts(const struct cli *c, char *path, size_t size)
{
	static const struct {
		enum cli_opt opt;
		const char *name;
	} v[] = {
		{CLI_OPT_USER, "user"}, {CLI_OPT_NUMBER, "number"},
		{CLI_OPT_DISPOSITION, "disposition"}, {CLI_OPT_SEARCH, "q"},
		{CLI_OPT_DIRECTION, "direction"}, {CLI_OPT_KIND, "kind"},
	};
	int status;
	size_t i;

	status = add_time(c, path, size, CLI_OPT_FROM);
	if (!status)
		status = add_time(c, path, size, CLI_OPT_TO);

	for (i=0; i<ARRAY_SIZE(v) && !status; i++)
		status = cli_query(path, size, v[i].name,
				   c->args->optv[v[i].opt]);

	return status;
}
