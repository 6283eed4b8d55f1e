/**
 * @file cmd_calls.c  cube calls: those that are up, or one of them
 */
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include "cli.h"


enum {
	ID = 128,               /**< Size of an id, of an extension        */
};


static int one(struct cli *c, const char *said)
{
	json_t *call = NULL, *stats = NULL, *all = NULL;
	char id[ID], path[CLI_PATH];
	int status = cli_find_call(c, id, sizeof(id), said);

	if (!status)
		status = cli_path(path, sizeof(path), "/api/v1/calls/%H",
				  cli_escape, id);
	if (!status)
		status = cli_ask(c, &call, "GET", path, NULL);
	if (!status)
		status = cli_path(path, sizeof(path), "/api/v1/calls/%H/stats",
				  cli_escape, id);
	if (!status)
		status = cli_ask(c, &stats, "GET", path, NULL);
	if (status)
		goto out;

	if (c->json) {
		/* the legs of stats are those of the call, with samples */
		all = json_copy(call);
		(void)json_object_update(all, stats);
		cli_out_json(&c->out, all);
	}
	else {
		cli_view_call(c, call, stats);
	}
 out:
	json_decref(all);
	json_decref(call);
	json_decref(stats);

	return status;
}


static int list(struct cli *c)
{
	json_t *j = NULL;
	int status = cli_ask_of_ext(c, &j, "/api/v1/calls");

	if (status)
		return status;

	if (c->json)
		cli_out_json(&c->out, j);
	else
		cli_view_calls(c, cli_get(j, "calls"));
	json_decref(j);

	return status;
}


/**
 * cube calls [ID]
 *
 * @param c What a command has
 *
 * @return Exit status
 */
int cmd_calls(struct cli *c)
{
	return c->args->argc ? one(c, c->args->argv[0]) : list(c);
}
