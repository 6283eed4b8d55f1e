/**
 * @file cmd_status.c  cube status: is all well?
 */
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include "cli.h"


static size_t count_state(const struct json_t *calls, const char *state)
{
	const json_t *call;
	size_t i, n = 0;

	json_array_foreach(calls, i, call)
		n += !strcmp(cli_str(call, "state"), state);

	return n;
}


static void say_extensions(struct cli_out *out, const struct json_t *exts)
{
	const size_t all = json_array_size(exts);
	const json_t *ext;
	size_t i, n = 0;

	json_array_foreach(exts, i, ext)
		n += cli_ext_takes(ext);

	if (!all)
		cli_line(out, CLI_BAD, "extensions  none: no bridge has come"
			 " (module_app connectycube_link.so)");
	else
		cli_line(out, n < all ? CLI_BAD : CLI_GOOD, "extensions  %zu"
			 " of %zu take%s calls", n, all, n == 1 ? "s" : "");
}


static void show(struct cli *c, const struct json_t *exts,
		 const struct json_t *calls, const struct json_t *alarms)
{
	const size_t all = json_array_size(calls);
	const size_t up = count_state(calls, "up");
	const size_t on = json_array_size(alarms);
	struct cli_out *out = &c->out;

	say_extensions(out, exts);
	cli_line(out, CLI_PLAIN, "calls       %zu up, %zu not answered yet", up,
		 all - up);
	cli_line(out, on ? CLI_BAD : CLI_PLAIN, on ? "alarms      %zu"
		 : "alarms      none", on);

	if (json_array_size(exts)) {
		cli_line(out, CLI_PLAIN, "");
		cli_view_exts(c, exts, calls);
	}
	if (on) {
		cli_line(out, CLI_PLAIN, "");
		cli_view_alarms(c, alarms, false);
	}
}


/**
 * cube status
 *
 * @param c What a command has
 *
 * @return CLI_WRONG if an extension takes no calls, or an alarm is on
 */
int cmd_status(struct cli *c)
{
	json_t *health = NULL, *exts = NULL, *calls = NULL, *all = NULL;
	int status = cli_ask(c, &health, "GET", "/api/v1/health", NULL);

	if (!status)
		status = cli_ask(c, &exts, "GET", "/api/v1/extensions", NULL);
	if (!status)
		status = cli_ask(c, &calls, "GET", "/api/v1/calls", NULL);
	if (status)
		goto out;

	if (c->json) {
		all = json_pack("{sO,sO*,sO*}", "health", health, "extensions",
				cli_get(exts, "extensions"), "calls",
				cli_get(calls, "calls"));
		cli_out_json(&c->out, all);
	}
	else {
		show(c, cli_get(exts, "extensions"), cli_get(calls, "calls"),
		     cli_get(health, "alarms"));
	}

	if (!cli_is(health, "ready") ||
	    json_array_size(cli_get(health, "alarms")))
		status = CLI_WRONG;
 out:
	json_decref(all);
	json_decref(health);
	json_decref(exts);
	json_decref(calls);

	return status;
}
