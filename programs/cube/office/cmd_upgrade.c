/**
 * @file cmd_upgrade.c  cube upgrade, cube rollback: one instance after the other
 *
 *   modules are kept as a version (version.c), all instances are pinned to it
 *   --> packages are installed, while all run on
 *   --> of each: no pin, no more calls, its calls are waited for, restart, is
 *       it registered and online? If not: pinned again, and that is the end
 *
 *
 * So what has not had its turn starts as it was, whatever happens. Which
 * version an instance has stands with its ports. Who interrupts it waits until
 * the one that has its turn runs and takes calls.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include "cube/cli.h"
#include "interrupt.h"
#include "office.h"
#include "sync.h"


enum {
	WAIT = 3600,            /**< For calls of an instance [s]          */
	READY = 60,             /**< Until it is registered, online [s]    */
};

/** An upgrade */
struct upgrade {
	struct cli *c;
	const char *root;       /**< Folder that all is in, ""=/           */
	uint32_t wait;          /**< For calls of an instance [s]          */
	char (*namev)[SYNC_NAME]; /**< Instances (owned)                   */
	size_t namec;
	bool installed;         /**< One of them runs what is installed    */
	char version[SYNC_VERSION]; /**< What that is called               */
};


static void say(struct upgrade *u, enum cli_style style, const char *name,
		const char *text)
{
	cli_line(&u->c->out, style, "%-9s %s", name, text);
	(void)cli_out_flush(&u->c->out);
}


/* Without a name: of those that have none */
static void set_pin(struct sync *s, const char *name, const char *pin)
{
	size_t i;

	for (i=0; i<s->portc; i++) {
		if (name ? !strcmp(s->portv[i].name, name)
		    : !s->portv[i].pin[0])
			(void)re_snprintf(s->portv[i].pin,
					  sizeof(s->portv[i].pin), "%s", pin);
	}
}


/* An instance's config says which version it is to run, or that of all that
   run what is installed. What runs is not touched */
static int pin(struct upgrade *u, const char *name, const char *version)
{
	struct sync s = {.quiet = true};
	struct office *o = NULL;
	int lock = -1, err;
	size_t i;

	err = sync_open(&s, &o, u->root, &lock);
	if (!err) {
		set_pin(&s, name, version);
		err = sync_plan(&s);
	}

	/* somebody may have changed the files meanwhile: there would be no
	   ports to write, or no config */
	if (!err && o->wrongv[OFFICE_COMMON])
		err = EINVAL;

	for (i=0; i<s.instc && name && !err; i++) {
		if (strcmp(s.instv[i].name, name))
			s.instv[i].verb = SYNC_NOTHING;
		else if (s.instv[i].verb == SYNC_KEEP)
			err = EINVAL;
	}

	if (!err)
		err = sync_write(&s);

	sync_reset(&s);
	mem_deref(o);
	if (lock >= 0)
		(void)close(lock);

	return err;
}


/* Of files that were changed and not put to work nothing comes by the way; what
   is wrong cannot be pinned */
static int check(const struct sync *s)
{
	size_t i;

	for (i=0; i<s->instc; i++) {

		const struct sync_inst *inst = &s->instv[i];

		if (inst->verb > SYNC_KEEP) {
			cli_complain("the two files have been changed: first"
				     " cube sync");
			return EAGAIN;
		}
		if (inst->verb == SYNC_KEEP && inst->there) {
			cli_complain("something is wrong with the two files:"
				     " cube sync says what");
			return EAGAIN;
		}
	}

	return 0;
}


static int look(struct upgrade *u)
{
	struct sync s = {.all = false};
	struct office *o = NULL;
	size_t i;
	int err;

	err = sync_open(&s, &o, u->root, NULL);
	if (!err)
		err = sync_plan(&s);
	if (!err)
		err = check(&s);

	u->namev = err ? NULL : mem_zalloc((s.instc + 1) * sizeof(*u->namev),
					   NULL);
	if (!err && !u->namev)
		err = ENOMEM;

	for (i=0; i<s.instc && !err; i++) {
		if (s.instv[i].there)
			(void)re_snprintf(u->namev[u->namec++], SYNC_NAME,
					  "%s", s.instv[i].name);
	}

	for (i=0; i<s.portc && !err; i++)
		u->installed |= !s.portv[i].pin[0];
	version_name(u->version, sizeof(u->version), &s);

	sync_reset(&s);
	mem_deref(o);

	return err;
}


static int ports_of(const struct upgrade *u, const char *name,
		    struct sync_ports *ports)
{
	struct sync s = {.all = false};
	struct office *o = NULL;
	size_t i;
	int err;

	memset(ports, 0, sizeof(*ports));
	err = sync_open(&s, &o, u->root, NULL);
	for (i=0; i<s.portc && !err; i++) {
		if (!strcmp(s.portv[i].name, name))
			*ports = s.portv[i];
	}

	sync_reset(&s);
	mem_deref(o);

	return err;
}


/* Not systemctl restart: that waits longer for one that never gets ready */
static int restart(const char *name, bool well, char *status, size_t size)
{
	const char *const namev[] = {name};
	int err;

	err = systemctl_run("stop", true, namev, 1);
	if (!err)
		err = systemctl_run("start", false, namev, 1);
	if (!err)
		err = drain_ready(name, READY, !well, status, size);

	return err;
}


/* False if it is not to be swapped now; *overp: it has calls nevertheless */
static bool drain(struct upgrade *u, const char *name, uint16_t port,
		  bool *overp)
{
	uint32_t left = 0;
	int err;

	*overp = false;
	err = drain_wait(name, port, u->wait, &left);

	if (err == ECANCELED) {
		say(u, CLI_WARN, name, "takes calls again, and is what it was");
		return false;
	}
	if (err == ETIMEDOUT) {
		cli_complain("%s: %u calls have not ended within %u s: they"
			     " end now", name, left, u->wait);
		*overp = true;
	}
	else if (err)
		cli_complain("%s: could not be told to take no more calls: %m",
			     name, err);

	return true;
}


static int swap(struct upgrade *u, const char *name, const char *to)
{
	char status[SYNC_PATH] = "";
	struct sync_ports was;
	bool well, over;
	int err;

	err = ports_of(u, name, &was);
	if (!err)
		err = systemctl_status(status, sizeof(status), name);
	if (err)
		return err;

	if (strncmp(status, "active ", 7)) {
		say(u, CLI_WARN, name, "does not run: is left so");
		return pin(u, name, to);
	}

	well = drain_is_well(status);
	if (!drain(u, name, was.ctrl, &over))
		return EINTR;

	err = pin(u, name, to);
	if (err) {
		drain_undo(was.ctrl);
		cli_complain("%s: %m: is what it was", name, err);
		return err;
	}

	if (over)
		(void)drain_end(name);
	err = restart(name, well, status, sizeof(status));
	if (!err) {
		say(u, CLI_GOOD, name, status);
		return 0;
	}

	cli_complain("%s: %m: %s", name, err, status);
	if ((strcmp(was.pin, to) || interrupt_was()) &&
	    !pin(u, name, was.pin) && !restart(name, well, status,
						  sizeof(status)))
		say(u, CLI_WARN, name, "is what it was again");
	else
		say(u, CLI_BAD, name, "does not run as it should");

	return err;
}


static int swap_all(struct upgrade *u, const char *to)
{
	size_t i;
	int err = 0;

	for (i=0; i<u->namec && !err; i++) {

		if (interrupt_was()) {
			err = EINTR;
			break;
		}
		err = swap(u, u->namev[i], to);
	}

	if (err && i < u->namec)
		cli_complain("%zu instances have not had their turn, and are"
			     " what they were", u->namec - i);

	return err;
}


static int install(const struct upgrade *u)
{
	const struct cli_args *a = u->c->args;
	char *argv[CLI_ARGS + 5], *pathv[CLI_ARGS] = {NULL};
	size_t i, n = 0;
	int err = 0;

	argv[n++] = (char *)"apt-get";
	argv[n++] = (char *)"install";
	argv[n++] = (char *)"-y";
	argv[n++] = (char *)"--allow-downgrades";

	/* to apt a file is what has a slash */
	for (i=0; i<a->argc && !err; i++) {
		err = re_sdprintf(&pathv[i], "%s%s", !strchr(a->argv[i], '/')
				  && !access(a->argv[i], F_OK) ? "./" : "",
				  a->argv[i]);
		argv[n++] = pathv[i];
	}
	argv[n] = NULL;

	if (!err)
		err = systemd_run(argv);
	for (i=0; i<a->argc; i++)
		mem_deref(pathv[i]);

	return err;
}


/* What is installed is what those run that have no pin. Those that have one
   have not had their turn, the last time: they keep it */
static int keep(struct upgrade *u)
{
	struct sync s = {.all = false};
	int err;

	if (!u->installed)
		return 0;

	err = sync_folders(&s, u->root, NULL);
	if (!err)
		err = version_keep(&s, u->version);
	sync_reset(&s);

	return err ? err : pin(u, NULL, u->version);
}


static int upgrade(struct upgrade *u)
{
	int err;

	err = look(u);
	if (!err && u->c->args->argc) {
		err = keep(u);
		if (!err)
			err = install(u);
	}

	return err ? err : swap_all(u, "");
}


static int rollback(struct upgrade *u)
{
	char version[SYNC_VERSION];
	struct sync s = {.all = false};
	int err;

	err = look(u);
	if (!err)
		err = sync_folders(&s, u->root, NULL);
	if (!err)
		err = version_previous(version, sizeof(version), &s);
	if (err == ENOENT)
		cli_complain("no version is kept that was there before");
	sync_reset(&s);

	return err ? err : swap_all(u, version);
}


static int only(const struct upgrade *u, int *lockp)
{
	struct sync s = {.all = false};
	int err;

	err = sync_folders(&s, u->root, NULL);
	if (!err)
		err = version_lock(lockp, &s);
	if (err == EWOULDBLOCK)
		cli_complain("somebody else upgrades, or goes back");
	sync_reset(&s);

	return err;
}


static int run(struct cli *c, int (*h)(struct upgrade *u))
{
	const char *root = c->args->optv[CLI_OPT_ROOT];
	struct upgrade u = {.c = c, .root = root ? root : ""};
	int lock = -1, err;

	if (!cli_arg_u32(c->args, CLI_OPT_WAIT, &u.wait, WAIT, 0, 86400))
		return CLI_USAGE;

	err = only(&u, &lock);
	if (!err) {
		interrupt_catch();
		err = h(&u);
	}
	if (err)
		cli_complain("%s: %m", c->args->cmd->name, err);
	interrupt_forget();
	mem_deref(u.namev);
	if (lock >= 0)
		(void)close(lock);

	return err ? CLI_WRONG : CLI_OK;
}


/**
 * cube upgrade [PACKAGE]...
 *
 * @param c What a command has
 *
 * @return CLI_WRONG if an instance is not what it should be
 */
int cmd_upgrade(struct cli *c)
{
	return run(c, upgrade);
}


/**
 * cube rollback
 *
 * @param c What a command has
 *
 * @return CLI_WRONG if an instance is not what it should be
 */
int cmd_rollback(struct cli *c)
{
	return run(c, rollback);
}
