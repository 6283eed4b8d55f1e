/**
 * @file cmd_tail.c  cube tail: what happens, as it happens
 *
 * Whatever becomes of the connection, or the hub: it goes on behind what was
 * told last. What cannot be told any more is said (`gap`).
 */
#include <errno.h>
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mem.h>
#include "cli.h"


enum {
	RETRY = 1000,           /**< When to come back at first [ms]       */
	RETRY_MOST = 30000,     /**< ... and at last [ms]                  */
	EXT = 128,              /**< Size of an extension                  */
};

/** What is going on */
struct tail {
	struct cli *c;
	struct cli_seen *seen;  /**< What was told last (owned)            */
	struct cli_sse *sse;    /**< Reads events (owned)                  */
	uint32_t count;         /**< Events to go, 0=no end                */
};


/* The hub tells of a call each second, with what is measured of it */
static bool is_news(struct tail *t, const struct cli_event *ev,
		    const char *text)
{
	char key[256];

	/* who knows what was meanwhile */
	if (!strcmp(ev->name, "gap"))
		cli_seen_clear(t->seen);

	if (cli_event_key(key, sizeof(key), ev))
		return true;

	if (!cli_event_over(ev))
		return !cli_seen(t->seen, key, text);

	cli_seen_forget(t->seen, key);

	return true;
}


static bool say(struct tail *t, const struct cli_event *ev)
{
	const struct cli_when now = {cli_now(), cli_now()};
	char *text = NULL;
	bool said = false;

	if (re_sdprintf(&text, "%H", cli_print_event, ev))
		return false;

	if (is_news(t, ev, text)) {
		cli_line(&t->c->out, cli_event_style(ev), "%H  %s",
			 cli_print_when, &now, text);
		said = true;
	}
	mem_deref(text);

	return said;
}


/* A line each, also where somebody looks at it */
static bool say_json(struct tail *t, const struct cli_event *ev,
		     const char *id)
{
	json_t *o = json_pack("{ss,ss*,sO}", "event", ev->name, "id",
			      id[0] ? id : NULL, "data", ev->j);

	cli_out_json_line(&t->c->out, o);
	json_decref(o);

	return true;
}


static int event_handler(const char *name, const char *id, const char *data,
			 size_t len, void *arg)
{
	json_t *j = json_loadb(data, len, JSON_DECODE_ANY, NULL);
	const struct cli_event ev = {name, j};
	struct tail *t = arg;
	bool said;

	if (!j)
		return EBADMSG;

	said = t->c->json ? say_json(t, &ev, id) : say(t, &ev);
	json_decref(j);

	if (cli_out_flush(&t->c->out))
		return EIO;

	return said && t->count && !--t->count ? ECANCELED : 0;
}


/* That may pass */
static bool passes(const struct cli_answer *a)
{
	return !a->status ? a->exit == CLI_NOHUB || a->exit == CLI_LATER
		: a->status == 200 || a->status == 429 || a->status >= 500;
}


static int ended(int err)
{
	switch (err) {

	case ECANCELED: return CLI_OK;
	case EIO:       return CLI_IO;
	default:
		cli_complain("what comes are no events of a hub");
		return CLI_PROTOCOL;
	}
}


static int follow(struct tail *t, const char *path)
{
	uint32_t wait = 0;
	bool begun = false, gone = false;

	for (;;) {

		struct cli_answer a;
		char why[CLI_WHY];
		int status, err;

		memset(&a, 0, sizeof(a));
		err = t->c->followh(&a, path, t->sse, wait, t->c->arg);
		status = err ? ended(err) : a.status == 200 ? CLI_NOHUB
			: (int)cli_trouble(why, sizeof(why), &a);
		json_decref(a.j);
		if (err)
			return status;

		if (!(passes(&a) && (begun || a.status == 200))) {
			cli_complain("%s", why);
			return status;
		}

		/* it had been there: it is waited for, and that is said once */
		if (a.status == 200) {
			begun = true;
			gone = false;
			wait = cli_sse_retry(t->sse);
			wait = wait ? wait : RETRY;
		}
		else {
			wait = min(2 * wait, (uint32_t)RETRY_MOST);
		}
		if (!gone)
			cli_complain("the hub has gone; it is waited for");
		gone = true;
	}
}


static int tail_path(struct cli *c, char *path, size_t size)
{
	const char *said = c->args->optv[CLI_OPT_EXTENSION];
	char ext[EXT];
	int status;

	status = cli_path(path, size, "/api/v1/events");
	if (!status && said) {
		status = cli_find_ext(c, ext, sizeof(ext), said);
		if (!status)
			status = cli_query(path, size, "extension", ext);
	}

	return status ? status : cli_query(path, size, "type",
					   c->args->optv[CLI_OPT_TYPE]);
}


/**
 * cube tail
 *
 * @param c What a command has
 *
 * @return Exit status
 */
int cmd_tail(struct cli *c)
{
	struct tail t = {.c = c};
	char path[CLI_PATH];
	int status = CLI_USAGE;

	if (cli_arg_u32(c->args, CLI_OPT_COUNT, &t.count, 0, 1, 1000000))
		status = tail_path(c, path, sizeof(path));
	if (status)
		return status;

	if (cli_seen_alloc(&t.seen) ||
	    cli_sse_alloc(&t.sse, event_handler, &t))
		status = CLI_SOFTWARE;
	else
		status = follow(&t, path);

	mem_deref(t.seen);
	mem_deref(t.sse);

	return status;
}
