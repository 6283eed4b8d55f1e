/**
 * @file cmd_fetch.c  cube recordings, cube fetch: what was recorded of a call
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include "cli.h"


enum {
	ID = 128,               /**< Size of an id                         */
	TRIES = 3,              /**< Without anything more coming          */
};


static int get_record(struct cli *c, json_t **jp)
{
	char id[ID], path[CLI_PATH];
	int status = cli_find_record(c, id, sizeof(id), c->args->argv[0]);

	if (!status)
		status = cli_path(path, sizeof(path), "/api/v1/cdr/%H",
				  cli_escape, id);

	return status ? status : cli_ask(c, jp, "GET", path, NULL);
}


/**
 * cube recordings ID
 *
 * @param c What a command has
 *
 * @return Exit status
 */
int cmd_recordings(struct cli *c)
{
	json_t *r = NULL, *j;
	const json_t *v;
	int status = get_record(c, &r);

	if (status)
		return status;

	v = cli_get(r, "recordings");
	if (c->json) {
		j = json_pack("{sO?}", "recordings", v);
		cli_out_json(&c->out, j);
		json_decref(j);
	}
	else if (json_array_size(v)) {
		cli_view_recordings(c, v);
	}
	else {
		cli_line(&c->out, CLI_PLAIN, "nothing was recorded");
	}
	json_decref(r);

	return CLI_OK;
}


/* Its name at the hub, if that is one that does no harm here */
static int own_name(char *name, size_t size, const json_t *rec)
{
	const char *file = cli_str(rec, "file");
	const char *slash = strrchr(file, '/'), *p;
	int n;

	if (slash)
		file = slash + 1;

	for (p = file; *p > ' ' && *p != 0x7f; p++)
		;

	n = *p || !file[0] || strchr(".-", file[0])
		? re_snprintf(name, size, "recording-%s", cli_str(rec, "id"))
		: re_snprintf(name, size, "%s", file);

	return n < 0 || strchr(name, '/') ? CLI_PROTOCOL : CLI_OK;
}


/* Where it shall be: a file, or a folder in which it keeps its name */
static int where(const struct cli *c, char *path, size_t size,
		 const json_t *rec)
{
	const char *said = c->args->optv[CLI_OPT_OUTPUT];
	char name[256];
	struct stat st;
	int status = own_name(name, sizeof(name), rec);

	if (status) {
		cli_complain("%s: the hub has no name for it that can be used"
			     " here: --output FILE", cli_str(rec, "id"));
		return status;
	}

	if (said && (stat(said, &st) || !S_ISDIR(st.st_mode)))
		return cli_path(path, size, "%s", said);

	return cli_path(path, size, "%s%s%s", said ? said : "",
			said ? "/" : "", name);
}


static bool may_come(const struct cli_answer *a)
{
	return !a->status && (a->exit == CLI_NOHUB || a->exit == CLI_LATER);
}


/* Go on as long as more comes; 416: there is no more */
static int fetch_all(struct cli *c, struct cli_part *part, const char *path)
{
	struct cli_answer a;
	char why[CLI_WHY];
	unsigned tries = 0;
	int status, err;

	for (;;) {

		const uint64_t have = part->have;

		memset(&a, 0, sizeof(a));
		err = c->fetchh(&a, path, part, c->arg);
		if (err || a.status == 200 || a.status == 206 ||
		    (a.status == 416 && have))
			break;

		tries = part->have > have ? 0 : tries + 1;
		if (!may_come(&a) || tries >= TRIES)
			break;
		json_decref(a.j);
	}

	if (err) {
		cli_complain("%s: %m", part->path, err);
		status = err == EPROTO ? CLI_PROTOCOL : CLI_IO;
	}
	else if (a.status == 200 || a.status == 206 || a.status == 416) {
		status = CLI_OK;
	}
	else {
		status = cli_trouble(why, sizeof(why), &a);
		cli_complain("%s%s", why, part->have ? "; say it again to have"
			     " the rest" : "");
	}
	json_decref(a.j);

	return status;
}


/* What there was may have been of something else */
static int fetch_right(struct cli *c, struct cli_part *part, const char *path)
{
	bool resumed = part->have > 0;
	int status, err;

	for (;;) {

		status = fetch_all(c, part, path);
		if (status)
			return status;

		err = cli_part_check(part);
		if (err != EBADMSG || !resumed)
			break;

		resumed = false;
		err = cli_part_empty(part);
		if (err)
			break;
	}

	if (err == EBADMSG) {
		(void)cli_part_empty(part);
		cli_complain("%s: what has come is not what was recorded: its"
			     " SHA-256 is another one", part->file);
		return CLI_PROTOCOL;
	}

	if (!err)
		err = cli_part_done(part);
	if (err)
		cli_complain("%s: %m", part->file, err);

	return err == EEXIST ? CLI_WRONG : err ? CLI_IO : CLI_OK;
}


static int open_it(struct cli_part *part, const char *file, const char *sum)
{
	const int err = cli_part_open(part, file, sum);

	switch (err) {

	case 0:
		return CLI_OK;

	case EEXIST:
		cli_complain("%s: is there already, and stays as it is", file);
		return CLI_WRONG;

	case EBUSY:
		cli_complain("%s: another cube fetches it", file);
		return CLI_WRONG;

	default:
		cli_complain("%s.part: %m", file, err);
		return CLI_IO;
	}
}


static int fetch(struct cli *c, const json_t *rec, json_t *done)
{
	const char *id = cli_str(rec, "id"), *state = cli_str(rec, "state");
	char path[CLI_PATH], file[CLI_PATH];
	struct cli_part part;
	int status;

	if (!cli_has(rec, "file")) {
		cli_complain("%s: has no file%s", id, strcmp(state, "failed")
			     ? " yet" : ": it has failed");
		return CLI_WRONG;
	}

	status = where(c, file, sizeof(file), rec);
	if (!status)
		status = cli_path(path, sizeof(path), "/api/v1/recordings/%H",
				  cli_escape, id);
	if (status)
		return status;

	status = open_it(&part, file, cli_str(rec, "sha256"));
	if (!status)
		status = fetch_right(c, &part, path);
	if (!status) {
		(void)json_array_append_new(done, json_pack("{ss,ss,sI}", "id",
			id, "file", file, "bytes", (json_int_t)part.have));
		if (!c->json)
			cli_line(&c->out, CLI_PLAIN, "%s: %llu bytes", file,
				 part.have);
	}
	cli_part_close(&part);

	return status;
}


static bool is_meant(const struct cli *c, const json_t *rec)
{
	const char *said = c->args->argc > 1 ? c->args->argv[1] : "";

	return !strncmp(cli_str(rec, "id"), said, strlen(said));
}


/* A file has one recording in it */
static int check_meant(const struct cli *c, const json_t *v)
{
	const char *said = c->args->optv[CLI_OPT_OUTPUT];
	const json_t *rec;
	size_t i, n = 0;
	struct stat st;

	json_array_foreach(v, i, rec)
		n += is_meant(c, rec);

	if (!n)
		cli_complain("%s: %s", c->args->argv[0], json_array_size(v)
			     ? "has no such recording"
			     : "nothing was recorded of it");
	else if (n > 1 && said && (stat(said, &st) || !S_ISDIR(st.st_mode)))
		cli_complain("%s: has %zu recordings: say which one, or a"
			     " folder that there is", c->args->argv[0], n);
	else
		return CLI_OK;

	return CLI_WRONG;
}


/**
 * cube fetch ID [RECORDING]
 *
 * @param c What a command has
 *
 * @return Exit status, of the first one that was not fetched
 */
int cmd_fetch(struct cli *c)
{
	json_t *r = NULL, *done = json_array(), *j;
	const json_t *v, *rec;
	int status = get_record(c, &r);
	size_t i;

	v = cli_get(r, "recordings");
	if (!status)
		status = check_meant(c, v);
	if (status)
		goto out;

	json_array_foreach(v, i, rec) {

		const int err = is_meant(c, rec) ? fetch(c, rec, done)
			: CLI_OK;

		status = status ? status : err;
	}

	if (c->json) {
		j = json_pack("{sO}", "files", done);
		cli_out_json(&c->out, j);
		json_decref(j);
	}
 out:
	json_decref(done);
	json_decref(r);

	return status;
}
