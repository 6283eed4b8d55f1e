/**
 * @file office/cmd_console.c  cube console: a command to a bridge or the hub
 *
 * Of an office by its instance (or "hub"), of a folder of one's own by its path.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include "config/conftext.h"
#include "cube/cli.h"
#include "office.h"
#include "place.h"
#include "console.h"

#define KEY "connectycube_console_socket"


enum {
	PATH = 512,             /* size of a path [bytes] */
	LINE = 4096,            /* of a command [bytes] */
};


/* Where the profile in a folder has it; by default there */
static int of_folder(char *path, size_t size, const char *dir)
{
	char config[PATH];
	struct conf_line cl = {.line = 0};
	struct mbuf *mb;
	struct pl rest;
	bool open;

	if (re_snprintf(config, sizeof(config), "%s/config", dir) < 0 ||
	    re_snprintf(path, size, "%s/" CONSOLE_SOCKET, dir) < 0)
		return ENAMETOOLONG;

	if (conf_load(&mb, config, &open))
		return 0;

	rest.p = (const char *)mb->buf;
	rest.l = mb->end;
	while (conf_next_key(&cl, &rest)) {
		if (!pl_strcasecmp(&cl.key, KEY))
			(void)pl_strcpy(&cl.val, path, size);
	}
	mem_deref(mb);

	return 0;
}


static bool is_there(const char *path)
{
	struct stat st;

	return !stat(path, &st);
}


/* A process that has them all is all's */
static int of_office(char *path, size_t size, const struct cli_args *a,
		     const char *name)
{
	char inst[PATH];
	int status;

	if (!strcmp(name, OFFICE_HUB_NAME))
		return office_path(path, size, a, OFFICE_HUB "/" CONSOLE_SOCKET);

	(void)re_snprintf(inst, sizeof(inst), OFFICE_STATE "/%s/" CONSOLE_SOCKET,
			  name);
	status = office_path(path, size, a, inst);
	if (status || is_there(path))
		return status;

	status = office_path(inst, sizeof(inst), a,
			     OFFICE_STATE "/all/" CONSOLE_SOCKET);
	if (!status && is_there(inst) && strlen(inst) < size)
		memcpy(path, inst, strlen(inst) + 1);

	return status;
}


static int find(char *path, size_t size, const struct cli_args *a)
{
	const char *where = a->argv[0];
	struct stat st;

	if (!strchr(where, '/'))
		return of_office(path, size, a, where);

	if (!stat(where, &st) && S_ISSOCK(st.st_mode) && strlen(where) < size)
		memcpy(path, where, strlen(where) + 1);
	else if (of_folder(path, size, where)) {
		cli_complain("%s: is too long", where);
		return CLI_USAGE;
	}

	return CLI_OK;
}


/* The words behind the first one, as one line */
static int line_of(char *line, size_t size, const struct cli_args *a)
{
	size_t i, n = 0;

	line[0] = '\0';
	for (i=1; i<a->argc; i++) {

		const size_t len = strlen(a->argv[i]);

		if (n + len + 2 > size || strpbrk(a->argv[i], "\r\n")) {
			cli_complain("a command is one line of at most %u"
				     " bytes", LINE - 1);
			return CLI_USAGE;
		}

		if (n)
			line[n++] = ' ';
		memcpy(&line[n], a->argv[i], len + 1);
		n += len;
	}

	return CLI_OK;
}


static int complain(const char *path, int err)
{
	switch (err) {

	case ENOENT:
	case ECONNREFUSED:
		cli_complain("%s: nobody listens there: does it run, with"
			     " `module_app connectycube_console.so'?", path);
		return CLI_NOHUB;

	case EACCES:
	case ECONNRESET:
	case EPIPE:
		cli_complain("%s: is for root, and the user that it runs as",
			     path);
		return CLI_DENIED;

	case EPROTO:
		cli_complain("%s: what answers there is no console", path);
		return CLI_PROTOCOL;

	default:
		cli_complain("%s: %m", path, err);
		return CLI_NOHUB;
	}
}


/* What comes of callers gets to a terminal as text alone */
static void show(struct cli *c, const struct mbuf *mb, bool ok)
{
	struct pl rest = {(const char *)&mb->buf[mb->pos],
		mb->end - mb->pos};

	if (c->json) {
		json_t *text = json_stringn(rest.p, rest.l);
		json_t *j = json_pack("{s:b,s:o}", "ok", ok, "text", text ?
				      text : json_string("is no UTF-8"));

		cli_out_json(&c->out, j);
		json_decref(j);
		return;
	}

	while (rest.l) {

		const char *end = memchr(rest.p, '\n', rest.l);
		const size_t n = end ? (size_t)(end - rest.p) : rest.l;

		cli_line(&c->out, CLI_PLAIN, "%b", rest.p, n);
		pl_advance(&rest, (ssize_t)(end ? n + 1 : n));
	}
}


/**
 * cube console
 *
 * @param c What a command has
 *
 * @return CLI_OK; CLI_WRONG if there is no such command, or it cannot be done;
 *         CLI_NOHUB, CLI_DENIED if it cannot be asked
 */
int cmd_console(struct cli *c)
{
	char path[PATH], line[LINE];
	struct mbuf *mb;
	bool ok = false;
	int status, err;

	status = find(path, sizeof(path), c->args);
	if (!status)
		status = line_of(line, sizeof(line), c->args);
	if (status)
		return status;

	mb = mbuf_alloc(4096);
	if (!mb)
		return CLI_SOFTWARE;

	err = console_ask(path, line, mb, &ok);
	if (err) {
		status = complain(path, err);
	}
	else {
		show(c, mb, ok);
		status = ok ? CLI_OK : CLI_WRONG;
	}
	mem_deref(mb);

	return status;
}
