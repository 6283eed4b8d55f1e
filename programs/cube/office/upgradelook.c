/**
 * @file upgradelook.c  Who is there, and what each of them runs
 *
 * The kernel knows which file a module was loaded from, and whether that one
 * is there any more.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mem.h>
#include "base/version.h"
#include "cube/cli.h"
#include "office.h"
#include "sync.h"
#include "upgrade.h"

#define MODULE "connectycube.so"
#define HUB_MODULE "connectycube_hub.so"
#define HUB_UNIT "connectycube-hub.service"
#define DELETED " (deleted)"
#define KEPT "/connectycube-bridge/versions/"


/**
 * What does a line of /proc/PID/maps say of a module?
 *
 * @param line   Line, without its end
 * @param module Name of the module's file
 *
 * @return What is run; UPGRADE_UNKNOWN if it is of something else
 */
enum upgrade_runs upgrade_runs_map(const char *line, const char *module)
{
	const char *path = strchr(line, '/');
	const char *name = path ? strrchr(path, '/') + 1 : NULL;
	const size_t n = strlen(module);

	if (!name || strncmp(name, module, n) ||
	    (name[n] && strcmp(name + n, DELETED)))
		return UPGRADE_UNKNOWN;

	if (strstr(path, KEPT))
		return UPGRADE_KEPT;

	return name[n] ? UPGRADE_GONE : UPGRADE_INSTALLED;
}


/**
 * What does a process run?
 *
 * @param pid    Process, 0=not known
 * @param module Name of a module's file
 *
 * @return What it runs; UPGRADE_UNKNOWN if that cannot be found out
 */
enum upgrade_runs upgrade_runs(uint32_t pid, const char *module)
{
	enum upgrade_runs runs = UPGRADE_UNKNOWN;
	char path[64], *line = NULL;
	size_t size = 0;
	ssize_t n;
	FILE *f;

	(void)re_snprintf(path, sizeof(path), "/proc/%u/maps", pid);
	f = pid ? fopen(path, "re") : NULL;
	if (!f)
		return runs;

	while (runs == UPGRADE_UNKNOWN && (n = getline(&line, &size, f)) > 0) {
		if (line[n - 1] == '\n')
			line[n - 1] = '\0';
		runs = upgrade_runs_map(line, module);
	}

	free(line);
	(void)fclose(f);

	return runs;
}


/* The hub has the module that is kept in the place of the other */
static bool has_mount(uint32_t pid)
{
	char path[64], *line = NULL;
	bool found = false;
	size_t size = 0;
	FILE *f;

	(void)re_snprintf(path, sizeof(path), "/proc/%u/mountinfo", pid);
	f = pid ? fopen(path, "re") : NULL;

	while (f && !found && getline(&line, &size, f) > 0)
		found = strstr(line, KEPT) != NULL;

	free(line);
	if (f)
		(void)fclose(f);

	return found;
}


/**
 * Look at an instance, or the hub, once more: how it is, what it runs
 *
 * @param u   Upgrade
 * @param one Instance, or the hub
 *
 * @return 0 if success, otherwise errorcode
 */
int upgrade_look_at(const struct upgrade *u, struct upgrade_one *one)
{
	int err = systemctl_look(&one->how, one->unit);

	if (err)
		return err;

	if (strncmp(one->how.status, "active ", 7))
		one->runs = UPGRADE_NOTHING;
	else if (one == &u->hub && has_mount(one->how.pid))
		one->runs = UPGRADE_KEPT;
	else
		one->runs = upgrade_runs(one->how.pid, one == &u->hub ?
					 HUB_MODULE : MODULE);

	return 0;
}


static int add(struct upgrade *u, const struct sync *s, const char *name)
{
	struct upgrade_one *one = &u->instv[u->instc++];
	size_t i;

	if (re_snprintf(one->name, sizeof(one->name), "%s", name) < 0 ||
	    re_snprintf(one->unit, sizeof(one->unit), SYNC_UNIT, name) < 0)
		return ENAMETOOLONG;

	for (i=0; i<s->portc; i++) {
		if (!strcmp(s->portv[i].name, name))
			memcpy(one->pin, s->portv[i].pin, sizeof(one->pin));
	}

	upgrade_find_broken(u, one);

	return upgrade_look_at(u, one);
}


static int add_hub(struct upgrade *u)
{
	struct upgrade_one *hub = &u->hub;
	int err;

	(void)re_snprintf(hub->name, sizeof(hub->name), "hub");
	(void)re_snprintf(hub->unit, sizeof(hub->unit), HUB_UNIT);

	upgrade_find_broken(u, hub);
	err = upgrade_hub_pinned(hub->pin, sizeof(hub->pin), u->root);
	if (!err)
		err = upgrade_look_at(u, hub);
	u->has_hub = !err && (hub->runs != UPGRADE_NOTHING || hub->was[0]);

	return err;
}


/* The name of a folder */
static void tame(char *version)
{
	for (; *version; version++) {
		if (!strchr("0123456789.-+~abcdefghijklmnopqrstuvwxyz"
			    "ABCDEFGHIJKLMNOPQRSTUVWXYZ", *version))
			*version = '-';
	}
}


static bool is_pin(const struct upgrade *u, const struct sync *s,
		   const char *version)
{
	size_t i;

	for (i=0; i<s->portc; i++) {
		if (!strcmp(s->portv[i].pin, version))
			return true;
	}

	return !strcmp(u->hub.pin, version);
}


/* What is installed, under a name that is no other's: a version that is built
   twice is called the same */
static void call_it(struct upgrade *u, const struct sync *s)
{
	char *version = u->installed;
	size_t n;

	(void)re_snprintf(version, sizeof(u->installed), "%s",
			  build_version());
	tame(version);

	while (is_pin(u, s, version)) {
		n = strlen(version);
		if (n + 1 >= sizeof(u->installed))
			break;
		memcpy(version + n, "+", 2);
	}
}


/* Is there anything that runs what is installed? If nothing runs at all, that
   was what ran */
static bool is_to_be_kept(const struct upgrade *u)
{
	bool other = false;
	size_t i;

	for (i=0; i<=u->instc; i++) {

		const struct upgrade_one *one = i < u->instc ? &u->instv[i] :
			&u->hub;

		if (one->pin[0] || one->runs == UPGRADE_GONE)
			other = true;
		else if (one->runs != UPGRADE_NOTHING)
			return true;
	}

	return !other;
}


static int look_at_all(struct upgrade *u, const struct sync *s)
{
	size_t i;
	int err = 0;

	u->instv = mem_zalloc((s->instc + 1) * sizeof(*u->instv), NULL);
	if (!u->instv)
		return ENOMEM;

	for (i=0; i<s->instc && !err; i++) {
		if (s->instv[i].there)
			err = add(u, s, s->instv[i].name);
	}
	if (!err)
		err = add_hub(u);
	if (err)
		return err;

	u->keeps = is_to_be_kept(u);
	call_it(u, s);
	if (version_previous(u->before, sizeof(u->before), s))
		u->before[0] = '\0';

	return 0;
}


static void set_stale(struct upgrade *u, const char *name)
{
	size_t i;

	for (i=0; i<u->instc; i++) {
		if (!strcmp(u->instv[i].name, name))
			u->instv[i].stale = true;
	}
}


/**
 * Find out who is there. Of files that were changed and not put to work nothing
 * comes by the way; what this version of cube writes in another way than the
 * one before does
 *
 * @param u Upgrade
 *
 * @return 0 if success, UPGRADE_SAID if they were changed; otherwise errorcode
 */
int upgrade_look(struct upgrade *u)
{
	struct sync s = {.all = false};
	struct office *o = NULL;
	bool done;
	size_t i;
	int err;

	err = sync_open(&s, &o, u->root, NULL);
	if (!err)
		err = look_at_all(u, &s);
	if (!err)
		err = sync_plan(&s);

	done = !err && sync_is_stamped(&s, u->root);

	for (i=0; i<s.instc && !err; i++) {

		const struct sync_inst *inst = &s.instv[i];

		if (inst->verb > (done ? SYNC_RESTART : SYNC_KEEP)) {
			cli_complain("%s has been changed in the two files:"
				     " first cube sync", inst->name);
			err = UPGRADE_SAID;
		}
		else if (inst->verb == SYNC_KEEP && inst->there) {
			cli_complain("something is wrong with the two files:"
				     " cube sync says what");
			err = UPGRADE_SAID;
		}
		else if (inst->verb == SYNC_RESTART) {
			set_stale(u, inst->name);
		}
	}

	sync_reset(&s);
	mem_deref(o);

	return err;
}


/**
 * Find out who is there, whatever is in the two files
 *
 * @param u Upgrade
 *
 * @return 0 if success, otherwise errorcode
 */
int upgrade_look_kept(struct upgrade *u)
{
	struct sync s = {.all = false};
	int err;

	err = sync_folders(&s, u->root, NULL);
	if (!err)
		err = sync_ports_load(&s);
	if (!err)
		err = look_at_all(u, &s);
	sync_reset(&s);

	return err;
}
