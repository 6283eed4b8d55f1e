/**
 * @file cmd_cdr.c  cube cdr, cube timeline, cube today: records of calls
 */
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include "cli.h"


enum {
	PAGE = 200,             /**< Records of a request, at most         */
	DEFAULT = 50,           /**< Records that are shown                */
	MOST = 100000,          /**< The same, at most                     */
	EXT = 128,              /**< Size of an extension, of an id        */
};

/** Shows an answer to people */
typedef void (view_h)(struct cli *c, const struct json_t *j);


/* One that has gone is none that the hub knows, but it has records: what looks
   like an address is taken as it is */
static int add_ext(struct cli *c, char *path, size_t size)
{
	const char *said = c->args->optv[CLI_OPT_EXTENSION];
	char ext[EXT];
	struct pl pl;
	int status;

	if (!said)
		return CLI_OK;

	pl_set_str(&pl, said);
	if (pl_strchr(&pl, ':') && pl_strchr(&pl, '@'))
		return cli_query(path, size, "extension", said);

	status = cli_find_ext(c, ext, sizeof(ext), said);

	return status ? status : cli_query(path, size, "extension", ext);
}


static int page_path(const char *base, char *path, size_t size, uint32_t n,
		     const char *cursor)
{
	int status = cli_path(path, size, "%s", base);
	char limit[16];

	re_snprintf(limit, sizeof(limit), "%u", min(n, (uint32_t)PAGE));
	if (!status)
		status = cli_query(path, size, "limit", limit);

	return status ? status : cli_query(path, size, "cursor", cursor);
}


/* One request after the other, until there are as many */
static int gather(struct cli *c, json_t *all, json_t **next,
		  const char *base, uint32_t limit)
{
	const char *cursor = c->args->optv[CLI_OPT_CURSOR];
	char path[CLI_PATH];
	int status;

	for (;;) {

		const size_t have = json_array_size(all);
		json_t *j = NULL;

		status = page_path(base, path, sizeof(path),
				   limit - (uint32_t)have, cursor);
		if (!status)
			status = cli_ask(c, &j, "GET", path, NULL);
		if (status)
			return status;

		(void)json_array_extend(all, json_object_get(j, "records"));
		json_decref(*next);
		*next = json_incref(json_object_get(j, "next"));
		json_decref(j);

		cursor = json_string_value(*next);
		if (!cursor || json_array_size(all) >= limit ||
		    json_array_size(all) == have)
			return CLI_OK;
	}
}


static int show(struct cli *c, const char *path, view_h *viewh)
{
	json_t *j = NULL;
	int status = cli_ask(c, &j, "GET", path, NULL);

	if (status)
		return status;

	if (c->json)
		cli_out_json(&c->out, j);
	else
		viewh(c, j);
	json_decref(j);

	return CLI_OK;
}


static int one(struct cli *c, const char *what, view_h *viewh)
{
	char id[EXT], path[CLI_PATH];
	int status = cli_find_record(c, id, sizeof(id), c->args->argv[0]);

	if (!status)
		status = cli_path(path, sizeof(path), "/api/v1/cdr/%H%s",
				  cli_escape, id, what);

	return status ? status : show(c, path, viewh);
}


static int list(struct cli *c)
{
	json_t *all = json_array(), *next = NULL, *j = NULL;
	char path[CLI_PATH] = "/api/v1/cdr";
	uint32_t limit;
	int status = CLI_USAGE;

	if (cli_arg_u32(c->args, CLI_OPT_LIMIT, &limit, DEFAULT, 1, MOST))
		status = cli_query_opts(c, path, sizeof(path));
	if (!status)
		status = add_ext(c, path, sizeof(path));
	if (!status)
		status = gather(c, all, &next, path, limit);
	if (status)
		goto out;

	if (c->json) {
		j = json_pack("{sO,sO?}", "records", all, "next", next);
		cli_out_json(&c->out, j);
	}
	else {
		cli_view_records(c, all);
		if (json_is_string(next))
			cli_line(&c->out, CLI_DIM, "there are more: --limit,"
				 " or --cursor %s", json_string_value(next));
	}
 out:
	json_decref(all);
	json_decref(next);
	json_decref(j);

	return status;
}


/**
 * cube timeline ID
 *
 * @param c What a command has
 *
 * @return Exit status
 */
int cmd_timeline(struct cli *c)
{
	return one(c, "/timeline", cli_view_timeline);
}


/**
 * cube cdr [ID]
 *
 * @param c What a command has
 *
 * @return Exit status
 */
int cmd_cdr(struct cli *c)
{
	return c->args->argc ? one(c, "", cli_view_record) : list(c);
}


/* The day as it is here */
static int default_day(const struct cli *c, char *path, size_t size)
{
	char from[24], to[24];
	int status;

	if (c->args->optv[CLI_OPT_FROM] || c->args->optv[CLI_OPT_TO])
		return CLI_OK;

	re_snprintf(from, sizeof(from), "%llu", cli_midnight(c->now, 0));
	re_snprintf(to, sizeof(to), "%llu", cli_midnight(c->now, 1));
	status = cli_query(path, size, "from", from);

	return status ? status : cli_query(path, size, "to", to);
}


/**
 * cube today
 *
 * @param c What a command has
 *
 * @return Exit status
 */
int cmd_today(struct cli *c)
{
	char path[CLI_PATH] = "/api/v1/today";
	int status = cli_query_opts(c, path, sizeof(path));

	if (!status)
		status = default_day(c, path, sizeof(path));
	if (!status)
		status = add_ext(c, path, sizeof(path));

	return status ? status : show(c, path, cli_view_today);
}
