/**
 * @file cmd_check.c  cube check: does all work that a bridge needs?
 *
 * The hub has the bridges look; where there is none, bridges of the office are
 * started for that alone (office/checking.c).
 */
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mem.h>
#include "cli.h"
#include "office/checking.h"


enum {
	EXT = 128,              /**< Size of an extension                  */
};


/**
 * Show what came of a check
 *
 * @param c What a command has
 * @param j What the bridge says
 */
void cli_view_check(struct cli *c, const struct json_t *j)
{
	struct cli_out *out = &c->out;
	const json_t *line;
	size_t i;

	json_array_foreach(cli_get(j, "lines"), i, line) {

		const bool ok = cli_is(line, "ok");
		const char *remedy = cli_str(line, "remedy");

		cli_line(out, ok ? CLI_GOOD : CLI_BAD, "  %-5s %s",
			 ok ? "ok" : "FAIL", cli_str(line, "text"));
		if (!ok && remedy[0])
			cli_line(out, CLI_PLAIN, "        %s", remedy);
	}
}


/* CLI_WRONG if something does not work */
static int check(struct cli *c, const struct office *o, const char *ext,
		 json_t *all)
{
	char path[CLI_PATH];
	json_t *j = NULL;
	int status;

	/* it takes its time */
	if (!c->json) {
		cli_line(&c->out, CLI_HEAD, "%H", cli_print_short, ext);
		(void)cli_out_flush(&c->out);
	}

	status = cli_path(path, sizeof(path), "/api/v1/extensions/%H/check",
			  cli_escape, ext);
	if (!status)
		status = cli_ask(c, &j, "POST", path, NULL);
	if (status)
		return status;

	office_check_names(json_object_get(j, "lines"), o);
	if (c->json) {
		(void)json_object_set_new(j, "extension", json_string(ext));
		(void)json_array_append(all, j);
	}
	else {
		cli_view_check(c, j);
	}

	status = cli_is(j, "ok") ? CLI_OK : CLI_WRONG;
	json_decref(j);

	return status;
}


/* What is checked is the bridge */
static bool is_checked(const json_t *exts, size_t n)
{
	const char *bridge = cli_str(json_array_get(exts, n), "bridge.name");
	size_t i;

	for (i=0; i<n; i++) {
		if (!strcmp(cli_str(json_array_get(exts, i), "bridge.name"),
			    bridge))
			return true;
	}

	return false;
}


/* One after the other; the first that is wrong says how it went */
static int check_all(struct cli *c, const struct office *o, json_t *all)
{
	json_t *j = NULL, *exts;
	int status = cli_ask(c, &j, "GET", "/api/v1/extensions", NULL);
	size_t i;

	exts = json_object_get(j, "extensions");
	if (!status && !json_array_size(exts) && !o) {
		cli_complain("there are no extensions: no bridge has come");
		status = CLI_WRONG;
	}

	for (i=0; i<json_array_size(exts); i++) {

		int one;

		if (is_checked(exts, i))
			continue;

		one = check(c, o, cli_str(json_array_get(exts, i),
					  "extension"), all);
		status = status ? status : one;
	}

	/* those that have just been started, or could not be */
	if (o && exts) {
		const int one = office_check(c, all, exts);

		status = status ? status : one;
	}
	json_decref(j);

	return status;
}


/**
 * cube check [EXT]
 *
 * @param c What a command has
 *
 * @return CLI_WRONG if something does not work
 */
int cmd_check(struct cli *c)
{
	json_t *all = json_array();
	struct office *o = NULL;
	char ext[EXT];
	int status;

	if (office_checks(c)) {
		status = office_check(c, all, NULL);
	}
	else if (!c->args->argc) {
		status = office_here(&o, c);
		if (!status)
			status = check_all(c, o, all);
	}
	else {
		status = cli_find_ext(c, ext, sizeof(ext), c->args->argv[0]);
		if (!status)
			status = office_here(&o, c);
		if (!status)
			status = check(c, o, ext, all);
	}
	mem_deref(o);

	if (c->json && json_array_size(all))
		cli_out_json(&c->out, all);
	json_decref(all);

	return status;
}
