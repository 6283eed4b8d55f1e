/**
 * @file office/checking.c  Does all work that extensions need? Without a hub
 *
 * The script `check` is given the profile of each instance: see checkprofile.c.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include "cube/cli.h"
#include "office.h"
#include "place.h"
#include "sync.h"
#include "archive.h"
#include "interrupt.h"
#include "run.h"
#include "checking.h"
#include "checkprofile.h"

#define SHARE "/usr/share/connectycube-bridge"
#define API_SOCKET "/run/connectycube-bridge/api.sock"


enum {
	NOBODY = 75,            /**< Status of the script: none answers    */
};


static bool is_elsewhere(const struct cli *c)
{
	return c->args->optv[CLI_OPT_URL] || getenv("CUBE_URL");
}


static bool is_here(const struct cli *c)
{
	char path[CHECK_PATH];

	return !office_path(path, sizeof(path), c->args,
			    OFFICE_ETC "/extensions.conf") &&
		!access(path, R_OK);
}


/**
 * Read the office of this machine, whose hub is asked
 *
 * @param op Pointer to new office, NULL if there is none
 * @param c  What a command has
 *
 * @return CLI_OK, otherwise that has been said
 */
int office_here(struct office **op, const struct cli *c)
{
	*op = NULL;

	return is_elsewhere(c) || !is_here(c) ? CLI_OK
		: office_load(op, c->args);
}


/**
 * Is it this machine's office that is to look by itself?
 *
 * @param c What a command has
 *
 * @return True if that is said, or there is no hub but extensions
 */
bool office_checks(const struct cli *c)
{
	const struct cli_args *a = c->args;
	const char *socket = a->optv[CLI_OPT_SOCKET];

	if (a->optv[CLI_OPT_ALONE])
		return true;
	if (is_elsewhere(c))
		return false;

	if (!socket)
		socket = getenv("CUBE_SOCKET");
	if (!access(socket ? socket : API_SOCKET, F_OK))
		return false;

	return is_here(c);
}


/* The script asks those that run by us, wherever we are */
static void name_us(void)
{
	char path[CHECK_PATH];
	const ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (n > 0) {
		path[n] = '\0';
		(void)setenv("CUBE", path, 0);
	}
}


/* What root was shown by a bridge of its own, its service may not have seen */
static int put_failed(struct mbuf *mb, const char *inst)
{
	return mbuf_printf(mb, "FAIL its service " SYNC_UNIT " has failed\n"
			   "     -> journalctl -u " SYNC_UNIT " -n 20 says why;"
			   " then systemctl restart " SYNC_UNIT "\n",
			   inst, inst, inst);
}


static json_t *take(struct mbuf *mb, const struct office *o, const char *inst,
		    bool ok)
{
	json_t *lines = json_array();
	char *line, *rest = NULL;

	(void)mbuf_write_u8(mb, '\0');
	for (line = strtok_r((char *)mb->buf, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest))
		office_check_line(lines, line, o);

	return json_pack("{s:s,s:b,s:o}", "extension", inst, "ok", ok,
			 "lines", lines);
}


/* Its profile is its own: a bridge is started in none that somebody else may
   have made */
static int put_silent(struct mbuf *mb, const char *inst)
{
	return mbuf_printf(mb, "FAIL it runs, but does not answer at its"
			   " console\n     -> journalctl -u " SYNC_UNIT
			   " -n 20; if it hangs, systemctl restart " SYNC_UNIT
			   "\n", inst, inst);
}


/* Ask it, or one that is made for this alone; code: status of the script */
static int look(struct checking *ck, struct mbuf *mb, int *code,
		const char *inst)
{
	const char *share = getenv("CUBE_SHARE");
	char script[CHECK_PATH], profile[CHECK_PATH];
	char *askv[] = {script, (char *)"--ask", profile, NULL};
	char *argv[] = {script, profile, NULL};
	int err;

	(void)re_snprintf(script, sizeof(script), "%s/check",
			  share ? share : SHARE);

	*code = NOBODY;
	if (check_running(ck, profile, sizeof(profile), inst)) {
		err = run_output(code, askv, mb);
		if (err || *code != NOBODY)
			goto out;

		/* it may have been on its way down */
		if (check_running(ck, profile, sizeof(profile), inst)) {
			mbuf_rewind(mb);
			*code = 1;
			return put_silent(mb, inst);
		}
	}

	if (check_made(ck, profile, sizeof(profile), inst))
		return ECANCELED;

	err = run_output(code, argv, mb);

 out:
	if (err)
		cli_complain("%s: %m", script, err);
	else if (check_has_failed(ck, inst)) {
		*code = 1;
		err = put_failed(mb, inst);
	}

	return err;
}


static int check(struct checking *ck, const char *inst)
{
	struct mbuf *mb = mbuf_alloc(4096);
	int code = 1;
	json_t *j;

	if (!mb)
		return CLI_WRONG;

	/* it takes its time */
	if (!ck->c->json) {
		cli_line(&ck->c->out, CLI_HEAD, "%s", inst);
		(void)cli_out_flush(&ck->c->out);
	}

	if (look(ck, mb, &code, inst) || interrupt_was()) {
		mem_deref(mb);
		return CLI_WRONG;
	}

	j = take(mb, ck->o, inst, !code);
	mem_deref(mb);
	if (ck->c->json)
		(void)json_array_append(ck->all, j);
	else
		cli_view_check(ck->c, j);
	json_decref(j);

	return code ? CLI_WRONG : CLI_OK;
}


/* Has the hub, which was asked about it? */
static bool is_known(const struct checking *ck, const struct office_ext *ext)
{
	const json_t *one;
	size_t i;

	json_array_foreach(ck->known, i, one) {
		if (ext->aor && !strcmp(cli_str(one, "extension"), ext->aor))
			return true;
	}

	return false;
}


static int check_one(struct checking *ck)
{
	size_t i;

	for (i=0; i<ck->o->extc; i++) {
		if (is_known(ck, &ck->o->extv[i]))
			return CLI_OK;
	}

	return check(ck, OFFICE_ONE);
}


static int check_exts(struct checking *ck, const struct office_ext *only)
{
	int status = CLI_OK;
	size_t i;

	if (ck->o->one)
		return check_one(ck);

	for (i=0; i<ck->o->extc && !interrupt_was(); i++) {

		const struct office_ext *ext = &ck->o->extv[i];
		int one = CLI_WRONG;

		if ((only && ext != only) || is_known(ck, ext))
			continue;

		if (ext->good)
			one = check(ck, ext->inst);
		else
			cli_complain("extensions.conf:%u: does not count: cube"
				     " list", ext->line);
		status = status ? status : one;
	}

	return status;
}


/**
 * Look at an extension of the office, or at all
 *
 * @param c     What a command has
 * @param all   What came of it is added there, if that is JSON
 * @param known Those that have been looked at through the hub, or NULL
 *
 * @return CLI_WRONG if something does not work
 */
int office_check(struct cli *c, struct json_t *all,
		 const struct json_t *known)
{
	const char *said = c->args->argc ? c->args->argv[0] : NULL;
	struct checking ck = {.c = c, .all = all, .known = known};
	const struct office_ext *only = NULL;
	int status = office_load(&ck.o, c->args);

	if (status)
		return status;

	if (said)
		only = office_find(ck.o, said);

	if ((said && !only) || (!ck.o->extc && !json_array_size(known))) {
		cli_complain("%s: there is no such extension, or several: cube"
			     " list", said ? said : "extensions.conf");
		status = CLI_WRONG;
	}
	else {
		name_us();
		status = check_exts(&ck, only);
	}

	if (ck.dir[0])
		archive_remove(ck.dir);
	mem_deref(ck.o);

	return status;
}
