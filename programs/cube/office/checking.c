/**
 * @file office/checking.c  Does all work that extensions need? Without a hub
 *
 * The script `check` is given the profile of each instance: of one that runs
 * its own, which it asks; of others what `cube sync` would make of the two
 * files, in a folder of its own, in memory, with which it starts a bridge that
 * takes no calls and ends by itself. If we are root, that one is a user who has
 * nothing else, as the instance itself will be.
 */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include "base/folder.h"
#include "cube/cli.h"
#include "office.h"
#include "sync.h"
#include "place.h"
#include "archive.h"
#include "interrupt.h"
#include "run.h"
#include "checking.h"

#define SHARE "/usr/share/connectycube-bridge"
#define API_SOCKET "/run/connectycube-bridge/api.sock"
#define RUN "/run/connectycube-bridge"
#define INSTANCES RUN "/instances"
#define USER "connectycube-check"


enum {
	PATH = 1024,            /**< Size of a path [bytes]                */
	READY_TRIES = 300,      /**< An instance is asked for so often     */
	READY_WAIT = 200,       /**< ... and then [ms]                     */
};


/** Extensions are looked at */
struct checking {
	struct cli *c;
	struct office *o;       /**< Owned                                 */
	char dir[PATH];         /**< With what sync makes, ""=not made yet */
	bool failed;            /**< The service looked at last has        */
	json_t *all;            /**< What came of it (pointer)             */
	const json_t *known;    /**< Those that the hub has, or NULL       */
};


static bool is_elsewhere(const struct cli *c)
{
	return c->args->optv[CLI_OPT_URL] || getenv("CUBE_URL");
}


static bool is_here(const struct cli *c)
{
	char path[PATH];

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


/* What sync would make, where nothing else is */
static int make(struct checking *ck)
{
	struct cli c = *ck->c;
	struct cli_args a = {.argc = 0};
	char etc[PATH], link[PATH + 32], *real;
	int status, err = 0;

	(void)re_snprintf(link, sizeof(link), "%s/cube-check", sync_memory());
	status = office_path(etc, sizeof(etc), ck->c->args, OFFICE_ETC);
	if (!status)
		status = archive_folder(ck->dir, sizeof(ck->dir), link);
	if (status) {
		ck->dir[0] = '\0';
		return status;
	}

	(void)re_snprintf(link, sizeof(link), "%s/etc", ck->dir);
	if (mkdir(link, 0700))
		err = errno;
	(void)re_snprintf(link, sizeof(link), "%s" OFFICE_ETC, ck->dir);
	real = realpath(etc, NULL);
	if (!err && (!real || symlink(real, link)))
		err = errno;
	free(real);
	if (err || cli_out_init(&c.out)) {
		cli_complain("%s: %m", link, err ? err : ENOMEM);
		return CLI_WRONG;
	}

	/* what is wrong with a line it says, and makes the others */
	a.optv[CLI_OPT_ROOT] = ck->dir;
	c.args = &a;
	c.json = false;
	(void)cmd_sync(&c);
	mbuf_rewind(c.out.mb);
	cli_out_close(&c.out);

	return CLI_OK;
}


/* Does it run, or has it failed? One that is being started, or stopped, is
   waited for: it is ready when it has tried all that it needs */
static bool is_running(struct checking *ck, const char *inst)
{
	char unit[PATH];
	char *argv[] = {(char *)"systemctl", (char *)"is-active", unit, NULL};
	unsigned i;

	if (ck->c->args->optv[CLI_OPT_ROOT] ||
	    access("/run/systemd/system", F_OK))
		return true;

	(void)re_snprintf(unit, sizeof(unit), SYNC_UNIT, inst);

	for (i=0; i<READY_TRIES && !interrupt_was(); i++) {

		struct mbuf *mb = mbuf_alloc(64);
		bool starts;
		int code = 1;

		if (!mb || run_output(&code, argv, mb)) {
			mem_deref(mb);
			return false;
		}

		starts = code && mb->end > 4 &&
			(!memcmp(mb->buf, "acti", 4) ||
			 !memcmp(mb->buf, "deac", 4));
		ck->failed = mb->end > 4 && !memcmp(mb->buf, "fail", 4);
		mem_deref(mb);
		if (!starts)
			return !code;

		(void)usleep(READY_WAIT * 1000);
	}

	return false;
}


static bool has_failed(struct checking *ck, const char *inst)
{
	ck->failed = false;

	return !is_running(ck, inst) && ck->failed;
}


/** Files are given to somebody */
struct giving {
	const struct passwd *pw; /**< Who                                  */
	int err;
};


static void give_one(int dir, const char *name, void *arg)
{
	struct giving *g = arg;

	if (fchownat(dir, name, g->pw->pw_uid, g->pw->pw_gid,
		     AT_SYMLINK_NOFOLLOW))
		g->err = errno;
}


/* The script runs a bridge as whoever owns its folder. All above it is ours,
   and can be gone through */
static int give(const struct checking *ck, const char *dir)
{
	static const char *const abovev[] = {"", "/run", RUN, INSTANCES};
	struct giving g = {.pw = getpwnam(USER)};
	char path[PATH];
	int fd, err = 0;
	size_t i;

	if (geteuid())
		return 0;

	if (!g.pw)
		g.pw = getpwnam("nobody");
	if (!g.pw)
		return ENOENT;

	for (i=0; i<sizeof(abovev) / sizeof(abovev[0]) && !err; i++) {
		(void)re_snprintf(path, sizeof(path), "%s%s", ck->dir,
				  abovev[i]);
		if (chmod(path, 0711))
			err = errno;
	}

	fd = err ? -1 : open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err ? err : errno;

	folder_each(fd, give_one, &g);
	if (fchown(fd, g.pw->pw_uid, g.pw->pw_gid))
		g.err = errno;
	(void)close(fd);

	return g.err;
}


/* Of an instance that is there already, or of the one that is made */
static int find_profile(struct checking *ck, char *path, size_t size,
			const char *inst)
{
	char name[PATH], config[PATH];
	int status, err;

	(void)re_snprintf(name, sizeof(name), INSTANCES "/%s/config", inst);
	status = office_path(config, sizeof(config), ck->c->args, name);
	(void)re_snprintf(name, sizeof(name), OFFICE_STATE "/%s", inst);
	if (!status)
		status = office_path(path, size, ck->c->args, name);
	if (status)
		return status;

	if (!access(config, R_OK) && is_running(ck, inst)) {
		(void)re_snprintf(name, sizeof(name), "%s/config", path);
		if (!access(name, R_OK))
			return CLI_OK;
	}

	if (!ck->dir[0])
		status = make(ck);
	if (!status && re_snprintf(path, size, "%s" INSTANCES "/%s", ck->dir,
				   inst) < 0)
		status = CLI_WRONG;
	if (status)
		return status;

	err = give(ck, path);
	if (err)
		cli_complain("%s: cannot be given to " USER ": %m", path, err);

	return err ? CLI_WRONG : CLI_OK;
}


/* The script asks those that run by us, wherever we are */
static void name_us(void)
{
	char path[PATH];
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


static int check(struct checking *ck, const char *inst)
{
	const char *share = getenv("CUBE_SHARE");
	char script[PATH], profile[PATH];
	char *argv[] = {script, profile, NULL};
	struct mbuf *mb = NULL;
	int status, code = 0, err;
	json_t *j;

	(void)re_snprintf(script, sizeof(script), "%s/check",
			  share ? share : SHARE);
	status = find_profile(ck, profile, sizeof(profile), inst);
	if (status || interrupt_was())
		return CLI_WRONG;

	/* it takes its time */
	if (!ck->c->json) {
		cli_line(&ck->c->out, CLI_HEAD, "%s", inst);
		(void)cli_out_flush(&ck->c->out);
	}

	mb = mbuf_alloc(4096);
	err = mb ? run_output(&code, argv, mb) : ENOMEM;
	/* it may have been on its way down when it was looked at before */
	if (!err && has_failed(ck, inst)) {
		code = 1;
		err = put_failed(mb, inst);
	}
	if (err) {
		cli_complain("%s: %m", script, err);
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
