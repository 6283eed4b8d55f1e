/**
 * @file tests/unit/cli_rig.h  A command of cube, and a hub that answers it as a
 *                             test says
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include "cube/cli.h"

#define NOW 1796056691588ull    /* 2026-11-30T16:38:11.588Z */


/** What the hub answers */
struct reply {
	const char *path;       /**< To that, its beginning                */
	unsigned status;
	const char *json;       /**< NULL=what is no JSON                  */
};

/** A command, and its hub */
struct rig {
	bool tty;               /* somebody looks at it */
	struct cli_args args;
	struct cli c;
	const struct reply *replyv; /**< The last one has no path          */
	char asked[2048];       /**< METHOD PATH[ BODY]; of each request   */
	cli_follow_h *followh;  /**< Follows, if it is asked to            */
	cli_fetch_h *fetchh;    /**< Fetches, likewise                     */
	unsigned n;             /**< How often it was                      */
	char said[16384];       /**< On stdout                             */
	char wrong[2048];       /**< On stderr                             */
};


static inline void rig_ask(struct cli_answer *a, const char *method,
			   const char *path, const struct json_t *body,
			   void *arg)
{
	struct rig *rig = arg;
	const size_t n = strlen(rig->asked);
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	const struct reply *r;

	(void)re_snprintf(rig->asked + n, sizeof(rig->asked) - n,
			  "%s %s%s%s;", method, path, text ? " " : "",
			  text ? text : "");
	free(text);

	a->now = NOW;
	for (r = rig->replyv; r->path; r++) {

		if (strncmp(path, r->path, strlen(r->path)))
			continue;

		a->status = r->status;
		if (r->json)
			a->j = json_loads(r->json, 0, NULL);
		return;
	}

	a->exit = CLI_NOHUB;
	(void)re_snprintf(a->why, sizeof(a->why), "nobody is there");
}


/* What the process writes there goes to a file meanwhile */
static inline int take(int fd, FILE **fp)
{
	const int old = dup(fd);

	*fp = tmpfile();
	assert_true(old >= 0 && *fp);
	assert_true(dup2(fileno(*fp), fd) >= 0);

	return old;
}


static inline void give_back(int fd, int old, FILE *f, char *buf, size_t size)
{
	size_t n;

	(void)fflush(NULL);
	assert_true(dup2(old, fd) >= 0);
	(void)close(old);
	rewind(f);
	n = fread(buf, 1, size - 1, f);
	buf[n] = '\0';
	(void)fclose(f);
}


/* Run a command line; its exit status */
static inline int run_line(struct rig *rig, const char *line,
			   const struct reply *replyv)
{
	char buf[512], why[CLI_WHY];
	char *argv[16] = {"cube"};
	int argc = 1, status, out, err;
	FILE *fout, *ferr;
	char *p;

	(void)re_snprintf(buf, sizeof(buf), "%s", line);
	for (p = strtok(buf, " "); p; p = strtok(NULL, " "))
		argv[argc++] = p;

	rig->replyv = replyv;
	rig->asked[0] = '\0';
	rig->n = 0;
	assert_int_equal(0, cli_args_read(&rig->args, argc, argv, why,
					  sizeof(why)));
	assert_int_equal(0, setenv("TZ", "UTC", 1));
	tzset();

	memset(&rig->c, 0, sizeof(rig->c));
	assert_int_equal(0, cli_out_init(&rig->c.out));
	rig->c.out.utf8 = true;
	rig->c.out.tty = rig->tty;
	rig->c.out.color = false;
	rig->c.out.cols = 0;
	rig->c.args = &rig->args;
	rig->c.askh = rig_ask;
	rig->c.followh = rig->followh;
	rig->c.fetchh = rig->fetchh;
	rig->c.arg  = rig;
	rig->c.now  = NOW;
	rig->c.json = rig->args.optv[CLI_OPT_JSON] != NULL;

	(void)fflush(NULL);
	out = take(STDOUT_FILENO, &fout);
	err = take(STDERR_FILENO, &ferr);
	status = rig->args.cmd->h(&rig->c);
	if (cli_out_flush(&rig->c.out))
		status = -1;
	give_back(STDERR_FILENO, err, ferr, rig->wrong, sizeof(rig->wrong));
	give_back(STDOUT_FILENO, out, fout, rig->said, sizeof(rig->said));
	cli_out_close(&rig->c.out);

	return status;
}


/* ... which is to be done, and says nothing on stderr */
static inline void run_well(struct rig *rig, const char *line,
			    const struct reply *replyv)
{
	const int status = run_line(rig, line, replyv);

	assert_string_equal("", rig->wrong);
	assert_int_equal(CLI_OK, status);
}
