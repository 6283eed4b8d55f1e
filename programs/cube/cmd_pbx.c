/**
 * @file cmd_pbx.c  cube pbx: channels at the extensions' PBX
 *
 *   cube pbx                              those that there are
 *   cube pbx hangup CHANNEL [CAUSE]
 *   cube pbx transfer CHANNEL TO [CHANNEL TO]
 *   cube pbx bridge CHANNEL CHANNEL
 *   cube pbx call EXT TO
 *
 * A channel is said by its full name, or its uniqueid: never by how it begins.
 * Of one that two PBXs have, --extension says which is meant.
 */
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mem.h>
#include "cli.h"


enum {
	ID = 192,               /**< Size of an id, of an extension        */
};

/** What can be done */
struct deed {
	const char *name;       /**< Said, and in the path                 */
	size_t min, max;        /**< Arguments behind it                   */
	const char *usage;
	const char *keyv[3];    /**< In the body, of the second one on     */
	const char *done;
};

static const struct deed deedv[] = {
	{"hangup",   1, 2, "CHANNEL [CAUSE]", {"cause"}, "hung up"},
	{"transfer", 2, 4, "CHANNEL TO [CHANNEL TO]",
	 {"to", "with", "with_to"}, "transferred"},
	{"bridge",   2, 2, "CHANNEL CHANNEL", {"with"}, "bridged"},
	{"call",     2, 2, "EXT TO", {"to"}, "answered"},
};


static const char *arg(const struct cli *c, size_t i)
{
	return i < c->args->argc ? c->args->argv[i] : NULL;
}


static int list(struct cli *c)
{
	json_t *j = NULL;
	int status = cli_ask_of_ext(c, &j, "/api/v1/pbx/channels");

	if (status)
		return status;

	if (c->json)
		cli_out_json(&c->out, j);
	else
		cli_view_channels(c, cli_get(j, "channels"));
	json_decref(j);

	return status;
}


/** A channel */
struct chan {
	char id[ID];            /**< Its uniqueid                          */
	char name[ID];          /**< Its full name                         */
};


/* Two PBXs may have channels of one name: which one is meant is never guessed */
static int find_channel(struct cli *c, struct chan *chan, const json_t *all,
			const char *said)
{
	const json_t *one;
	size_t i, n = 0;

	json_array_foreach(all, i, one) {

		const char *id = cli_str(one, "uniqueid");
		const char *name = cli_str(one, "channel");

		if (!id[0] || (strcmp(name, said) && strcmp(id, said)))
			continue;

		++n;
		(void)re_snprintf(chan->id, sizeof(chan->id), "%s", id);
		(void)re_snprintf(chan->name, sizeof(chan->name), "%s", name);
	}

	if (n == 1)
		return CLI_OK;

	if (n > 1)
		cli_complain("pbx: %s: may mean more than one channel (%zu):"
			     " say its uniqueid (cube pbx --json)%s", said, n,
			     c->args->optv[CLI_OPT_EXTENSION] ? "" :
			     ", or --extension");
	else
		cli_complain("pbx: %s: there is no such channel (cube pbx)",
			     said);

	return CLI_WRONG;
}


/* What is said of channels, as the hub wants it: the first one by its uniqueid,
   the other one by its name */
static int find_channels(struct cli *c, char *id, size_t size, json_t *body)
{
	const char *with = json_string_value(json_object_get(body, "with"));
	const json_t *all;
	struct chan chan;
	json_t *j = NULL;
	int status;

	status = cli_ask_of_ext(c, &j, "/api/v1/pbx/channels");
	if (status)
		return status;

	all = cli_get(j, "channels");
	status = find_channel(c, &chan, all, arg(c, 1));
	if (!status)
		(void)re_snprintf(id, size, "%s", chan.id);
	if (!status && with) {
		status = find_channel(c, &chan, all, with);
		if (!status)
			(void)json_object_set_new(body, "with",
						  json_string(chan.name));
	}
	json_decref(j);

	return status;
}


static void say_done(struct cli *c, const struct deed *deed, const char *who,
		     const json_t *j)
{
	if (c->json)
		cli_out_json(&c->out, j);
	else if (cli_has(j, "channel"))
		cli_line(&c->out, CLI_PLAIN, "%s: %s", cli_str(j, "channel"),
			 deed->done);
	else
		cli_line(&c->out, CLI_PLAIN, "%s: %s", who, deed->done);
}


static int steer(struct cli *c, const struct deed *deed)
{
	const bool begins = !strcmp(deed->name, "call");
	json_t *body = json_object(), *j = NULL;
	char id[ID], path[CLI_PATH] = "/api/v1/pbx/calls";
	int status;
	size_t i;

	for (i=2; i<c->args->argc; i++)
		(void)json_object_set_new(body, deed->keyv[i - 2],
					  json_string(arg(c, i)));

	if (begins) {
		status = cli_find_ext(c, id, sizeof(id), arg(c, 1));
		if (!status)
			(void)json_object_set_new(body, "extension",
						  json_string(id));
	}
	else {
		status = find_channels(c, id, sizeof(id), body);
		if (!status)
			status = cli_path(path, sizeof(path),
					  "/api/v1/pbx/channels/%H/%s",
					  cli_escape, id, deed->name);
	}
	if (!status)
		status = cli_ask(c, &j, "POST", path, body);
	if (!status)
		say_done(c, deed, arg(c, 1), j);

	json_decref(body);
	json_decref(j);

	return status;
}


/**
 * cube pbx [hangup|transfer|bridge|call ...]
 *
 * @param c What a command has
 *
 * @return Exit status
 */
int cmd_pbx(struct cli *c)
{
	const char *name = arg(c, 0);
	size_t i;

	if (!name)
		return list(c);

	for (i=0; i<ARRAY_SIZE(deedv); i++) {

		const struct deed *deed = &deedv[i];
		const size_t n = c->args->argc - 1;

		if (strcmp(name, deed->name))
			continue;

		/* where the other one goes is to be said, too */
		if (n >= deed->min && n <= deed->max && n != 3)
			return steer(c, deed);

		cli_complain("usage: cube pbx %s %s", name, deed->usage);

		return CLI_USAGE;
	}

	cli_complain("pbx: %s: must be one of: hangup transfer bridge call",
		     name);

	return CLI_USAGE;
}
