/**
 * @file cmd_alarms.c  cube alarms: those that are on
 */
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include "cli.h"


static void show(struct cli *c, const struct json_t *on,
		 const struct json_t *over)
{
	struct cli_out *out = &c->out;

	if (json_array_size(on))
		cli_view_alarms(c, on, false);
	else
		cli_line(out, CLI_GOOD, "no alarms");

	if (json_array_size(over)) {
		cli_line(out, CLI_PLAIN, "");
		cli_line(out, CLI_DIM, "over");
		cli_view_alarms(c, over, true);
	}
}


/**
 * cube alarms
 *
 * @param c What a command has
 *
 * @return CLI_WRONG if one is on
 */
int cmd_alarms(struct cli *c)
{
	json_t *j = NULL;
	int status = cli_ask(c, &j, "GET", "/api/v1/alarms", NULL);

	if (status)
		return status;

	if (c->json)
		cli_out_json(&c->out, j);
	else
		show(c, cli_get(j, "alarms"), c->args->optv[CLI_OPT_ALL]
		     ? cli_get(j, "cleared") : NULL);

	if (json_array_size(cli_get(j, "alarms")))
		status = CLI_WRONG;
	json_decref(j);

	return status;
}
