/**
 * @file upgradeturn.c  The turn of an instance
 *
 *   no more calls, its calls are waited for --> pinned to what it is to run
 *   --> stopped, started --> is it as it was? If not: pinned to what it ran
 *
 * Which version an instance is pinned to stands with its ports.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mem.h>
#include "cube/cli.h"
#include "console.h"
#include "interrupt.h"
#include "office.h"
#include "sync.h"
#include "drain.h"
#include "upgrade.h"


/* Those that run what is no more on the disk are of the version before */
static const char *version_of(const struct upgrade *u, const char *name,
			      const char *version)
{
	size_t i;

	for (i=0; i<u->instc; i++) {
		if (!strcmp(u->instv[i].name, name) &&
		    u->instv[i].runs == UPGRADE_GONE)
			return u->before;
	}

	return version;
}


static void set_pins(const struct upgrade *u, struct sync *s, const char *name,
		     const char *version)
{
	size_t i;

	for (i=0; i<s->portc; i++) {

		struct sync_ports *p = &s->portv[i];
		const char *pin = name ? version : version_of(u, p->name,
							       version);

		if (name ? !strcmp(p->name, name) : !p->pin[0])
			(void)re_snprintf(p->pin, sizeof(p->pin), "%s", pin);
	}
}


/**
 * An instance's config says which version it is to run. What runs is not
 * touched
 *
 * @param u       Upgrade
 * @param name    Instance, NULL: all that are pinned to none yet, each to what
 *                it runs
 * @param version Version, ""=what is installed; of those that run what is
 *                installed
 *
 * @return 0 if success, otherwise errorcode
 */
int upgrade_pin(const struct upgrade *u, const char *name, const char *version)
{
	struct sync s = {.quiet = true};
	struct office *o = NULL;
	int lock = -1, err;
	size_t i;

	err = sync_open(&s, &o, u->root, &lock);
	if (!err) {
		set_pins(u, &s, name, version);
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
	if (!err && name)
		sync_no_delay(&s, name);

	sync_reset(&s);
	mem_deref(o);
	if (lock >= 0)
		(void)close(lock);

	return err;
}


/** How an instance is, before its turn */
struct was {
	char console[SYNC_PATH]; /**< Path of its console                  */
	char pin[SYNC_VERSION]; /**< Version that it was pinned to         */
};


static int look_at(const struct upgrade *u, const char *name, struct was *was)
{
	struct sync s = {.all = false};
	size_t i;
	int err;

	was->pin[0] = '\0';
	err = sync_folders(&s, u->root, NULL);
	if (!err)
		err = console_path(was->console, sizeof(was->console),
				   s.state, name);
	if (!err)
		err = sync_ports_load(&s);
	for (i=0; i<s.portc && !err; i++) {
		if (!strcmp(s.portv[i].name, name))
			memcpy(was->pin, s.portv[i].pin, sizeof(was->pin));
	}
	sync_reset(&s);

	return err;
}


/* as: how it was */
static bool is_ready(const char *status, const void *as)
{
	return drain_is_well(status) ||
		(!drain_is_well(as) && !strncmp(status, "active ", 7));
}


/* Not systemctl restart: that waits longer for one that never gets ready */
static int restart(struct upgrade_one *one, const char *as)
{
	int err = systemctl_unit("stop", true, one->unit);

	if (!err)
		err = systemctl_unit("start", false, one->unit);
	if (!err)
		err = drain_ready(&one->how, one->unit, UPGRADE_READY,
				  is_ready, as);

	return err;
}


static void complain(const struct upgrade *u, const struct upgrade_one *one,
		     int err)
{
	switch (err) {

	case 0:
		break;

	case ETIMEDOUT:
		cli_complain("%s: %u %s not ended within %u s: they end now",
			     one->name, one->calls, one->calls == 1 ?
			     "call has" : "calls have", u->wait);
		break;

	case ENOENT:
	case ECONNREFUSED:
		cli_complain("%s: is of a version that cannot be told to take"
			     " no more calls: it was waited for until it had"
			     " none", one->name);
		break;

	default:
		cli_complain("%s: could not be told to take no more calls: %m",
			     one->name, err);
		break;
	}
}


/* EINTR: it takes calls again */
static int drain(const struct upgrade *u, struct upgrade_one *one,
		 const char *console)
{
	int err = drain_wait(one->unit, console, u->wait, &one->calls);

	if (err == EINTR) {

		interrupt_hold();
		(void)drain_tell(console, false);
		interrupt_release();
		if (!u->c->json)
			cli_line(&u->c->out, CLI_WARN, "%-9s takes calls again,"
				 " and is what it was", one->name);
		return err;
	}

	complain(u, one, err);

	return 0;
}


/* as: how it was */
static int swap(struct upgrade *u, struct upgrade_one *one,
		const struct was *was, const char *to, const char *as)
{
	int err = one->was[0] ? 0 : drain(u, one, was->console);

	if (err)
		return err;

	err = upgrade_pin(u, one->name, to);
	if (err) {
		(void)drain_tell(was->console, false);
		cli_complain("%s: cannot be told what to run: %m", one->name,
			     err);
		return UPGRADE_SAID;
	}

	if (one->calls)
		(void)drain_end(one->unit);

	err = restart(one, as);
	if (!err) {
		one->end = UPGRADE_CHANGED;
		return 0;
	}

	if (err == ETIMEDOUT)
		cli_complain("%s: is not what it was before: %s", one->name,
			     one->how.status);
	else
		cli_complain("%s: %m", one->name, err);
	one->end = strcmp(was->pin, to) &&
		!upgrade_pin(u, one->name, was->pin) && !restart(one, as) ?
		UPGRADE_BACK : UPGRADE_FAILED;

	return UPGRADE_SAID;
}


static bool is_settled(const char *status, const void *arg)
{
	(void)arg;

	return !strncmp(status, "active ", 7) ||
		!strncmp(status, "inactive ", 9);
}


/**
 * Look at an instance, or the hub. One that is on its way is waited for
 *
 * @param u   Upgrade
 * @param one Instance, or the hub
 *
 * @return 0 if success, also if it does not arrive; otherwise errorcode
 */
int upgrade_settle(const struct upgrade *u, struct upgrade_one *one)
{
	int err = drain_ready(&one->how, one->unit, UPGRADE_READY, is_settled,
			      NULL);

	return err && err != ETIMEDOUT ? err : upgrade_look_at(u, one);
}


/**
 * Have an instance run a version; if it does not do with it what it did before,
 * it runs what it ran again
 *
 * @param u   Upgrade
 * @param one Instance; its end is set
 * @param to  Version, ""=what is installed
 *
 * @return 0 if success, EINTR if nobody wants it any more, UPGRADE_SAID,
 *         otherwise errorcode
 */
int upgrade_turn(struct upgrade *u, struct upgrade_one *one, const char *to)
{
	char as[SYNC_PATH];
	struct was was;
	int err;

	err = look_at(u, one->name, &was);
	if (!err)
		err = upgrade_settle(u, one);
	if (err)
		return err;

	if (one->was[0])
		;
	else if (one->runs == UPGRADE_NOTHING)
		one->end = UPGRADE_STOPPED;
	else if (to[0] ? !strcmp(was.pin, to) :
		 one->runs == UPGRADE_INSTALLED && !one->stale)
		one->end = UPGRADE_SAME;

	if (one->end != UPGRADE_WAITS)
		return strcmp(was.pin, to) ? upgrade_pin(u, one->name, to) : 0;

	memcpy(as, one->was[0] ? one->was : one->how.status, sizeof(as));
	err = upgrade_begin(u, one, as);
	if (!err)
		err = swap(u, one, &was, to, as);
	/* what was left stopped, and still is, is the next one's business */
	if (!one->was[0] || one->end != UPGRADE_WAITS)
		upgrade_over(u, one);

	return err;
}
