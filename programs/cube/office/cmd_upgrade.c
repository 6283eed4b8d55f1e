/**
 * @file cmd_upgrade.c  cube upgrade, cube rollback
 *
 *   modules are kept as a version (version.c), all are pinned to it
 *   --> packages are installed, while all run on
 *   --> one instance after the other has its turn, the hub is last; the first
 *       one that fails is put back, and is the end of it
 *
 * So what has not had its turn starts as it was, whatever happens.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mem.h>
#include "cube/cli.h"
#include "interrupt.h"
#include "office.h"
#include "sync.h"
#include "upgrade.h"

/* Two at once would each undo what the other does */
static int lock(int *fdp, const char *root)
{
	struct sync s = {.all = false};
	int err;

	err = sync_folders(&s, root, NULL);
	if (!err)
		err = version_lock(fdp, &s);
	sync_reset(&s);

	return err == EWOULDBLOCK ? EALREADY : err;
}


static int prune(const struct upgrade *u)
{
	char pin[SYNC_VERSION];
	struct sync s = {.all = false};
	int err;

	err = upgrade_hub_pinned(pin, sizeof(pin), u->root);
	if (!err)
		err = sync_folders(&s, u->root, NULL);
	if (!err)
		err = sync_ports_load(&s);
	if (!err)
		err = version_prune(&s, pin);
	sync_reset(&s);

	return err;
}


/* What is installed is what those run that are pinned to nothing. Those that
   are pinned have not had their turn, the last time: they stay so */
static int keep(struct upgrade *u)
{
	struct sync s = {.all = false};
	int err;

	if (!u->keeps)
		return 0;

	err = sync_folders(&s, u->root, NULL);
	if (!err)
		err = version_keep(&s, u->installed);
	sync_reset(&s);
	if (!err)
		memcpy(u->before, u->installed, sizeof(u->before));

	return err ? err : prune(u);
}


/* Whoever dies meanwhile comes back as he was */
static int pin_all(struct upgrade *u, const char *installed)
{
	const struct upgrade_one *hub = &u->hub;
	const char *version = hub->runs == UPGRADE_GONE ? u->before :
		installed;
	int err;

	err = upgrade_pin(u, NULL, installed);
	if (!err && u->has_hub && !hub->pin[0] && version[0])
		err = upgrade_hub_pin(u, version);

	/* it has come since that version was kept */
	return err == ENOENT ? 0 : err;
}


static int turns(struct upgrade *u, const char *to)
{
	size_t i, left = 0;
	int err = 0;

	for (i=0; i<u->instc && !err; i++) {
		err = interrupt_was() ? EINTR : upgrade_turn(u, &u->instv[i], to);
		upgrade_say(u, &u->instv[i]);
	}

	if (!err) {
		err = interrupt_was() ? EINTR : upgrade_hub_turn(u, to);
		if (u->has_hub)
			upgrade_say(u, &u->hub);
	}

	for (i=0; i<u->instc; i++)
		left += u->instv[i].end == UPGRADE_WAITS;
	if (left || (u->has_hub && u->hub.end == UPGRADE_WAITS))
		cli_complain("%zu of %zu instances%s have not had their turn,"
			     " and are what they were", left, u->instc,
			     u->has_hub && u->hub.end == UPGRADE_WAITS ?
			     " and the hub" : "");

	return err;
}


static bool has_packages(const struct upgrade *u)
{
	return u->c->args->argc || u->c->args->optv[CLI_OPT_VERSION];
}


static void tell_dry(struct upgrade *u, const char *to)
{
	size_t i;

	for (i=0; i<=u->instc; i++) {

		struct upgrade_one *one = i < u->instc ? &u->instv[i] :
			&u->hub;
		const bool same = !has_packages(u) &&
			!strcmp(one->pin, to) &&
			(to[0] || (one->runs == UPGRADE_INSTALLED &&
				   !one->stale));

		one->end = one->was[0] ? UPGRADE_CHANGED :
			one->runs == UPGRADE_NOTHING ? UPGRADE_STOPPED : same ?
			UPGRADE_SAME : UPGRADE_CHANGED;
		if (i < u->instc || u->has_hub)
			upgrade_say_dry(u, one);
	}

	if (!u->c->json)
		cli_line(&u->c->out, CLI_PLAIN,
			 "nothing was done (--dry-run)");
}


static int install(const struct upgrade *u)
{
	int err = upgrade_install(u);

	if (err == EPROTO)
		cli_complain("apt-get has failed: what runs was not touched");

	return interrupt_was() ? EINTR : err == EPROTO ? UPGRADE_SAID : err;
}


static int upgrade(struct upgrade *u)
{
	int err = 0;

	if (u->dry) {
		if (has_packages(u))
			err = install(u);
		if (!err)
			tell_dry(u, "");
		return err;
	}

	if (has_packages(u)) {
		err = keep(u);
		if (!err)
			err = pin_all(u, u->before);
		if (!err)
			err = install(u);
	}
	else {
		err = pin_all(u, "");
	}

	if (!err)
		err = turns(u, "");

	return err ? err : prune(u);
}


static int rollback(struct upgrade *u)
{
	if (!u->before[0]) {
		cli_complain("no version is kept that was there before");
		return UPGRADE_SAID;
	}

	if (u->dry) {
		tell_dry(u, u->before);
		return 0;
	}

	return turns(u, u->before);
}


/* Its units would be looked for among ours. (--keep asks none of them for
   more than what they run) */
static bool has_systemd(const struct upgrade *u)
{
	char path[SYNC_PATH];

	if (re_snprintf(path, sizeof(path), "%s/run/systemd/system",
			u->root) > 0 && !access(path, F_OK))
		return true;

	cli_complain("%s: no systemd runs in %s: nothing runs there that could"
		     " be started anew", u->c->args->cmd->name,
		     u->root[0] ? u->root : "/");

	return false;
}


static int run(struct upgrade *u)
{
	const bool kept = u->c->args->optv[CLI_OPT_KEEP] != NULL;
	int fd = -1, err = 0;

	if (!has_systemd(u))
		return UPGRADE_SAID;

	if (!u->dry)
		err = lock(&fd, u->root);

	/* a package that we have installed ourselves asks for what is done */
	if (err == EALREADY && !kept)
		cli_complain("%s: another one is under way",
			     u->c->args->cmd->name);
	if (err)
		goto out;

	err = kept ? upgrade_look_kept(u) : upgrade_look(u);
	if (err)
		goto out;

	if (kept) {
		err = keep(u);
		goto out;
	}

	interrupt_catch();
	if (!u->dry)
		upgrade_mend(u);
	err = u->back ? rollback(u) : upgrade(u);
	interrupt_forget();
	if (u->c->json)
		upgrade_say_json(u, !err);

 out:
	if (fd >= 0)
		(void)close(fd);

	return err;
}


static int status_of(const struct upgrade *u, int err)
{
	if (err == EALREADY)
		return u->c->args->optv[CLI_OPT_KEEP] ? CLI_OK : CLI_LATER;

	if (err == EINTR)
		cli_complain("%s: interrupted", u->c->args->cmd->name);
	else if (err && err != UPGRADE_SAID)
		cli_complain("%s: %m", u->c->args->cmd->name, err);

	return err ? CLI_WRONG : CLI_OK;
}


static int begin(struct cli *c, bool back)
{
	const struct cli_args *a = c->args;
	const char *root = a->optv[CLI_OPT_ROOT];
	const char *version = a->optv[CLI_OPT_VERSION];
	struct upgrade u = {.c = c, .root = root ? root : "", .back = back,
		.dry = a->optv[CLI_OPT_DRY_RUN] != NULL};
	int err;

	if (!cli_arg_u32(a, CLI_OPT_WAIT, &u.wait, UPGRADE_WAIT, 0, 86400))
		return CLI_USAGE;

	if (version && !upgrade_is_version(version)) {
		cli_complain("--version %s: must be a version, as 0.9.1",
			     version);
		return CLI_USAGE;
	}

	if ((version != NULL) + (a->argc > 0) +
	    (a->optv[CLI_OPT_KEEP] != NULL) > 1) {
		cli_complain("packages, --version or --keep: one of them");
		return CLI_USAGE;
	}

	err = run(&u);
	mem_deref(u.instv);

	return status_of(&u, err);
}


/**
 * cube upgrade [PACKAGE]...
 *
 * @param c What a command has
 *
 * @return CLI_WRONG if something is not what it should be, CLI_LATER if another
 *         one is under way, CLI_USAGE
 */
int cmd_upgrade(struct cli *c)
{
	return begin(c, false);
}


/**
 * cube rollback
 *
 * @param c What a command has
 *
 * @return As cmd_upgrade()
 */
int cmd_rollback(struct cli *c)
{
	return begin(c, true);
}
