/**
 * @file cmd_steer.c  cube hangup, hold, resume, transfer, dtmf, record, dnd,
 *                    reload, drain: calls and extensions are steered
 *
 * Each is a POST to a path that ends with its name.
 */
#include <stdio.h>
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include "cli.h"


enum {
	ID = 128,               /**< Size of an id, of an extension        */
	KEYS = 32,              /**< Most keys at once                     */
};

/** Adds to the body what was said; CLI_OK, otherwise that has been said */
typedef int (body_h)(const struct cli *c, json_t *body);

/** A way to steer */
struct steer {
	const char *name;       /**< Of the command, and in the path       */
	bool ext;               /**< Not a call, but an extension          */
	body_h *bodyh;          /**< NULL=nothing is to be said            */
	const char *done;       /**< What is said then; NULL=that it is so */
};


static const char *arg(const struct cli *c, size_t i)
{
	return i < c->args->argc ? c->args->argv[i] : NULL;
}


static void set(json_t *body, const char *key, const char *value)
{
	if (value)
		(void)json_object_set_new(body, key, json_string(value));
}


/* One of words, which blanks divide */
static bool is_word(const char *word, const char *words)
{
	const size_t n = word ? strlen(word) : 0;
	const char *p;

	for (p = words; n && (p = strstr(p, word)); p += n) {
		if ((p == words || p[-1] == ' ') && (!p[n] || p[n] == ' '))
			return true;
	}

	return false;
}


static int say_words(const struct cli *c, const char *said,
		     const char *words)
{
	cli_complain("%s: %s: must be one of: %s", c->args->cmd->name,
		     said, words);

	return CLI_USAGE;
}


static int add_word(const struct cli *c, json_t *body, const char *key,
		    const char *said, const char *words)
{
	if (said && !is_word(said, words))
		return say_words(c, said, words);

	set(body, key, said);

	return CLI_OK;
}


static int side_body(const struct cli *c, json_t *body)
{
	return add_word(c, body, "side", c->args->optv[CLI_OPT_SIDE],
			"app phone");
}


static int transfer_body(const struct cli *c, json_t *body)
{
	set(body, "target", arg(c, 1));

	return side_body(c, body);
}


/* Arguments are read by everybody on the machine, keys are nobody's matter */
static int dtmf_body(const struct cli *c, json_t *body)
{
	char keys[KEYS + 2] = "";

	if (!fgets(keys, sizeof(keys), stdin))
		keys[0] = '\0';
	keys[strcspn(keys, "\r\n")] = '\0';

	if (!keys[0] || strlen(keys) > KEYS ||
	    strspn(keys, "0123456789*#ABCD") != strlen(keys)) {
		cli_complain("dtmf: a line of up to %u of 0-9 * # A-D is"
			     " read from stdin", KEYS);
		return CLI_USAGE;
	}

	set(body, "keys", keys);
	explicit_bzero(keys, sizeof(keys));

	return add_word(c, body, "to", c->args->optv[CLI_OPT_SIDE],
			"app phone");
}


static int record_body(const struct cli *c, json_t *body)
{
	int status = add_word(c, body, "state", arg(c, 1),
			      "start stop pause resume");

	return status ? status : add_word(c, body, "mode",
					  c->args->optv[CLI_OPT_MODE],
					  "audio video");
}


static int on_body(const struct cli *c, json_t *body)
{
	const char *said = arg(c, 1);

	if (said && !is_word(said, "on off"))
		return say_words(c, said, "on off");

	(void)json_object_set_new(body, "on", json_boolean(
		!said || !strcmp(said, "on")));
	set(body, "user", c->args->optv[CLI_OPT_USER]);

	return CLI_OK;
}


static const struct steer steerv[] = {
	{"hangup",   false, NULL,          "hung up"},
	{"hold",     false, side_body,     "on hold"},
	{"resume",   false, side_body,     "goes on"},
	{"transfer", false, transfer_body, "transfer has begun"},
	{"dtmf",     false, dtmf_body,     "pressed"},
	{"record",   false, record_body,   NULL},
	{"dnd",      true,  on_body,       NULL},
	{"reload",   true,  NULL,          "its bridge reads again"},
	{"drain",    true,  on_body,       NULL},
};


static const struct steer *find(const char *name)
{
	size_t i;

	for (i=0; i<ARRAY_SIZE(steerv); i++) {
		if (!strcmp(steerv[i].name, name))
			return &steerv[i];
	}

	return NULL;
}


/* What takes a word says which one it was: "record pause: done" */
static void say_done(struct cli *c, const struct steer *s, const char *id,
		     const json_t *j)
{
	char done[64], calls[48] = "";

	if (s->done)
		(void)re_snprintf(done, sizeof(done), "%s", s->done);
	else
		(void)re_snprintf(done, sizeof(done), "%s %s: done", s->name,
				  arg(c, 1) ? arg(c, 1) : "on");

	if (cli_has(j, "calls"))
		(void)re_snprintf(calls, sizeof(calls), "; %lld calls are up",
				  cli_int(j, "calls"));

	cli_line(&c->out, CLI_PLAIN, "%s: %s%s", id, done, calls);
}


static int post(struct cli *c, const struct steer *s, const json_t *body)
{
	char id[ID], path[CLI_PATH];
	json_t *j = NULL;
	int status;

	status = s->ext ? cli_find_ext(c, id, sizeof(id), arg(c, 0))
		: cli_find_call(c, id, sizeof(id), arg(c, 0));
	if (!status)
		status = cli_path(path, sizeof(path), "/api/v1/%s/%H/%s",
				  s->ext ? "extensions" : "calls", cli_escape,
				  id, s->name);
	if (!status)
		status = cli_ask(c, &j, "POST", path, body);
	if (status)
		return status;

	if (c->json)
		cli_out_json(&c->out, j);
	else
		say_done(c, s, id, j);
	json_decref(j);

	return status;
}


/**
 * Steer: the command's name says how
 *
 * @param c What a command has
 *
 * @return Exit status
 */
int cmd_steer(struct cli *c)
{
	const struct steer *s = find(c->args->cmd->name);
	json_t *body = json_object();
	int status = body && s ? CLI_OK : CLI_SOFTWARE;

	if (!status && s->bodyh)
		status = s->bodyh(c, body);
	if (!status)
		status = post(c, s, body);

	json_decref(body);

	return status;
}


/**
 * cube call EXT TO [FROM]: begin a call
 *
 * @param c What a command has
 *
 * @return Exit status
 */
int cmd_call(struct cli *c)
{
	json_t *body = json_object(), *j = NULL;
	char ext[ID];
	int status = cli_find_ext(c, ext, sizeof(ext), arg(c, 0));

	if (!status) {
		set(body, "extension", ext);
		set(body, "to", arg(c, 1));
		set(body, "from", arg(c, 2));
		if (c->args->optv[CLI_OPT_VIDEO])
			(void)json_object_set_new(body, "video", json_true());
		status = cli_ask(c, &j, "POST", "/api/v1/calls", body);
	}
	if (!status && c->json)
		cli_out_json(&c->out, j);
	else if (!status)
		cli_line(&c->out, CLI_PLAIN, "%s: rings", cli_str(j, "id"));

	json_decref(body);
	json_decref(j);

	return status;
}
