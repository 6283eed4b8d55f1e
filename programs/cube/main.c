/**
 * @file main.c  cube: what an operator does of a day, on the command line
 */
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <curl/curl.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include "base/version.h"
#include "cli.h"


static int usage(const struct cli_args *a, const char *why)
{
	cli_complain("%s (cube %s%s--help)", why, a->cmd ? a->cmd->name : "",
		     a->cmd ? " " : "");

	return CLI_USAGE;
}


/* Colours, if somebody says so */
static bool set_color(struct cli *c)
{
	const char *when = c->args->optv[CLI_OPT_COLOR];

	if (!when || !strcmp(when, "auto"))
		return true;

	if (strcmp(when, "always") && strcmp(when, "never")) {
		cli_complain("--color %s: must be auto, always or never",
			     when);
		return false;
	}

	c->out.color = !strcmp(when, "always");

	return true;
}


static int run(struct cli *c)
{
	const struct cli_args *a = c->args;
	struct cli_hub *hub = NULL;
	char why[CLI_WHY] = "";
	int status;

	if (a->version) {
		cli_line(&c->out, CLI_PLAIN, "cube %s (ConnectyCube bridge)",
			 build_version());
		return CLI_OK;
	}

	if (a->optv[CLI_OPT_HELP]) {
		c->out.err = mbuf_printf(c->out.mb, "%H", cli_help, a->cmd);
		return CLI_OK;
	}

	if (!set_color(c))
		return CLI_USAGE;

	if (a->cmd->opts & CLI_BIT(CLI_LOCAL))
		return a->cmd->h(c);

	status = cli_hub_alloc(&hub, a, why, sizeof(why));
	if (status) {
		if (why[0])
			cli_complain("%s", why);
		return status;
	}

	c->askh    = cli_hub_ask;
	c->followh = cli_hub_follow;
	c->fetchh  = cli_hub_fetch;
	c->arg     = hub;
	status = a->cmd->h(c);
	mem_deref(hub);

	return status;
}


int main(int argc, char *argv[])
{
	struct cli_args args;
	struct cli c = {.args = &args, .now = cli_now()};
	char why[CLI_WHY];
	int status, err;

	(void)setlocale(LC_CTYPE, "");

	if (cli_args_read(&args, argc, argv, why, sizeof(why)))
		return usage(&args, why);

	if (curl_global_init(CURL_GLOBAL_DEFAULT) || cli_out_init(&c.out)) {
		cli_complain("out of memory");
		return CLI_SOFTWARE;
	}

	c.json = args.optv[CLI_OPT_JSON] != NULL;
	status = run(&c);

	err = cli_out_flush(&c.out);
	if (err) {
		cli_complain("what is to be said cannot be written: %m", err);
		status = CLI_IO;
	}

	cli_out_close(&c.out);
	curl_global_cleanup();

	return status;
}
