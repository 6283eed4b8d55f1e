/**
 * @file upgradehub.c  The turn of the hub
 *
 * It is last, for it knows what bridges say that are newer than it is as well
 * as what they said before; they keep their records while it is started anew.
 * What it is pinned to is a drop-in of its unit, which puts the module that was
 * kept in the place of the one that is installed.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include "base/folder.h"
#include "cube/cli.h"
#include "office.h"
#include "sync.h"
#include "drain.h"
#include "upgrade.h"

#define UNITS "/etc/systemd/system"
#define DROPIN "connectycube-hub.service.d"
#define FILE_NAME "cube-upgrade.conf"
#define VERSIONS "/usr/lib/connectycube-bridge/versions/"
#define MODULE "/connectycube_hub.so"
#define MODULES "/usr/lib/baresip/modules"


static int folder_of_dropin(char *dir, size_t size, const char *root)
{
	return re_snprintf(dir, size, "%s" UNITS "/" DROPIN, root) < 0 ?
		ENAMETOOLONG : 0;
}


/**
 * What is the hub pinned to?
 *
 * @param version Set to the version, ""=what is installed
 * @param size    Room there [bytes]
 * @param root    Folder that all is in, ""=/
 *
 * @return 0 if success, otherwise errorcode
 */
int upgrade_hub_pinned(char *version, size_t size, const char *root)
{
	char dir[SYNC_PATH], path[SYNC_PATH];
	struct mbuf *mb;
	struct pl pl;
	int err;

	version[0] = '\0';
	err = folder_of_dropin(dir, sizeof(dir), root);
	if (err || sync_load(&mb, NULL, dir, FILE_NAME))
		return err;

	if (!re_regex((char *)mb->buf, mb->end, VERSIONS "[^/\n]+" MODULE ":",
		      &pl) && re_snprintf(version, size, "%r", &pl) < 0)
		err = ENAMETOOLONG;
	mem_deref(mb);

	/* what is kept no more is no one's */
	if (!err && version[0] && (re_snprintf(path, sizeof(path), "%s"
					       VERSIONS "%s" MODULE, root,
					       version) < 0 ||
				   access(path, F_OK)))
		version[0] = '\0';

	return err;
}


static int write_dropin(const char *dir, const char *version)
{
	struct mbuf *mb = mbuf_alloc(256);
	int err;

	err = mb ? mbuf_printf(mb, "# cube upgrade: until its turn has come,"
			       " or because what came has failed\n[Service]\n"
			       "BindReadOnlyPaths=-" VERSIONS "%s" MODULE ":"
			       MODULES MODULE "\n", version) : ENOMEM;
	if (!err)
		err = folder_make(dir, 0755);
	if (!err)
		err = sync_save(dir, FILE_NAME, mb, 0644);
	mem_deref(mb);

	return err;
}


static int remove_dropin(const char *dir)
{
	char path[SYNC_PATH];

	if (re_snprintf(path, sizeof(path), "%s/" FILE_NAME, dir) < 0)
		return ENAMETOOLONG;

	if (unlink(path))
		return errno == ENOENT ? 0 : errno;

	/* others may have theirs in there */
	(void)rmdir(dir);

	return 0;
}


static bool is_there(const char *dir)
{
	char path[SYNC_PATH];

	return re_snprintf(path, sizeof(path), "%s/" FILE_NAME, dir) > 0 &&
		!access(path, F_OK);
}


/**
 * Pin the hub to a version. What runs is not touched
 *
 * @param u       Upgrade
 * @param version Version, ""=what is installed
 *
 * @return 0 if success, ENOENT if none of that version is kept, otherwise
 *         errorcode
 */
int upgrade_hub_pin(const struct upgrade *u, const char *version)
{
	char dir[SYNC_PATH], path[SYNC_PATH], was[SYNC_VERSION];
	int err;

	err = upgrade_hub_pinned(was, sizeof(was), u->root);
	if (!err)
		err = folder_of_dropin(dir, sizeof(dir), u->root);
	if (!err && !strcmp(was, version) && (version[0] || !is_there(dir)))
		return 0;

	if (!err && re_snprintf(path, sizeof(path), "%s" VERSIONS "%s" MODULE,
				u->root, version) < 0)
		err = ENAMETOOLONG;
	if (!err && version[0] && access(path, F_OK))
		err = errno;
	if (!err)
		err = version[0] ? write_dropin(dir, version) :
			remove_dropin(dir);

	return err ? err : systemctl_unit("daemon-reload", true, NULL);
}


/* UINT32_MAX: it does not say */
static uint32_t bridges_of(const char *status)
{
	struct pl n;

	return re_regex(status, strlen(status), "[0-9]+ bridge", &n) ?
		UINT32_MAX : pl_u32(&n);
}


static bool is_well(const char *status)
{
	return !strncmp(status, "active ", 7) &&
		!strstr(status, " degraded") &&
		bridges_of(status) != UINT32_MAX;
}


/* as: how it was. All bridges are to be there again that were */
static bool is_ready(const char *status, const void *as)
{
	if (!is_well(as))
		return !strncmp(status, "active ", 7);

	return is_well(status) && bridges_of(status) >= bridges_of(as);
}


static int restart(struct upgrade_one *hub, const char *as)
{
	int err = systemctl_unit("stop", true, hub->unit);

	if (!err)
		err = systemctl_unit("start", false, hub->unit);
	if (!err)
		err = drain_ready(&hub->how, hub->unit, UPGRADE_READY,
				  is_ready, as);

	return err;
}


static int swap(struct upgrade *u, const char *was, const char *to,
		const char *as)
{
	struct upgrade_one *hub = &u->hub;
	const int err = restart(hub, as);

	if (!err) {
		hub->end = UPGRADE_CHANGED;
		return 0;
	}

	if (err == ETIMEDOUT)
		cli_complain("hub: is not what it was before: %s",
			     hub->how.status);
	else
		cli_complain("hub: %m", err);
	hub->end = strcmp(was, to) && !upgrade_hub_pin(u, was) &&
		!restart(hub, as) ? UPGRADE_BACK : UPGRADE_FAILED;

	return UPGRADE_SAID;
}


/**
 * Have the hub run a version; if it does not do with it what it did before, it
 * runs what it ran again
 *
 * @param u  Upgrade: its hub's end is set
 * @param to Version, ""=what is installed
 *
 * @return 0 if success, UPGRADE_SAID, otherwise errorcode
 */
int upgrade_hub_turn(struct upgrade *u, const char *to)
{
	struct upgrade_one *hub = &u->hub;
	char was[SYNC_VERSION], as[SYNC_PATH];
	int err;

	err = upgrade_hub_pinned(was, sizeof(was), u->root);
	if (!err)
		err = upgrade_settle(u, hub);
	if (err)
		return err;

	if (hub->was[0])
		;
	else if (hub->runs == UPGRADE_NOTHING)
		hub->end = UPGRADE_STOPPED;
	else if (to[0] ? !strcmp(was, to) : hub->runs == UPGRADE_INSTALLED)
		hub->end = UPGRADE_SAME;

	err = upgrade_hub_pin(u, to);
	if (err == ENOENT) {
		if (hub->end != UPGRADE_STOPPED)
			cli_complain("hub: none of that version was kept:"
				     " stays what it is");
		/* one that an upgrade has left stopped is started as it is */
		if (!hub->was[0])
			hub->end = UPGRADE_STOPPED;
		err = 0;
	}
	if (err || hub->end != UPGRADE_WAITS)
		return err;

	memcpy(as, hub->was[0] ? hub->was : hub->how.status, sizeof(as));
	err = upgrade_begin(u, hub, as);
	if (!err)
		err = swap(u, was, to, as);
	upgrade_over(u, hub);

	return err;
}
