/**
 * @file upgradebroken.c  A turn that has come to no end
 *
 * Whoever is killed in the midst of it (kill -9, no memory) leaves an instance
 * that takes no calls, or is not started again. So how it was stands in a file
 * as long as its turn lasts: the next upgrade or rollback puts that right. A
 * machine that is started anew starts all of them, and has no such file.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include "cube/cli.h"
#include "console.h"
#include "office.h"
#include "sync.h"
#include "drain.h"
#include "upgrade.h"


/* Where it stands, and the folders of all of them */
static int place(char *dir, const char **name, struct sync *s,
		 const struct upgrade *u, const struct upgrade_one *one)
{
	int err = sync_folders(s, u->root, NULL);

	if (err)
		return err;

	*name = one == &u->hub ? SYNC_HUB_TURN : SYNC_TURN;

	return re_snprintf(dir, SYNC_PATH, one == &u->hub ? "%s" : "%s/%s",
			   s->instances, one->name) < 0 ? ENAMETOOLONG : 0;
}


/**
 * The turn of an instance, or of the hub, begins
 *
 * @param u   Upgrade
 * @param one Instance, or the hub
 * @param as  How it was
 *
 * @return 0 if success, otherwise errorcode
 */
int upgrade_begin(const struct upgrade *u, const struct upgrade_one *one,
		  const char *as)
{
	struct sync s = {.all = false};
	struct mbuf *mb = mbuf_alloc(256);
	char dir[SYNC_PATH];
	const char *name;
	int err;

	err = mb ? mbuf_write_str(mb, as) : ENOMEM;
	if (!err)
		err = place(dir, &name, &s, u, one);
	if (!err)
		err = sync_save(dir, name, mb, 0600);

	sync_reset(&s);
	mem_deref(mb);

	return err;
}


/**
 * The turn of an instance, or of the hub, is over
 *
 * @param u   Upgrade
 * @param one Instance, or the hub
 */
void upgrade_over(const struct upgrade *u, struct upgrade_one *one)
{
	struct sync s = {.all = false};
	char dir[SYNC_PATH], path[SYNC_PATH];
	const char *name;

	if (!place(dir, &name, &s, u, one) &&
	    re_snprintf(path, sizeof(path), "%s/%s", dir, name) > 0)
		(void)unlink(path);

	one->was[0] = '\0';
	sync_reset(&s);
}


/**
 * Look whether a turn has come to no end
 *
 * @param u   Upgrade
 * @param one Instance, or the hub: how it was is set
 */
void upgrade_find_broken(const struct upgrade *u, struct upgrade_one *one)
{
	struct sync s = {.all = false};
	struct mbuf *mb = NULL;
	char dir[SYNC_PATH];
	const char *name;

	one->was[0] = '\0';
	if (!place(dir, &name, &s, u, one) && !sync_load(&mb, NULL, dir, name))
		(void)re_snprintf(one->was, sizeof(one->was), "%b", mb->buf,
				  mb->end);

	mem_deref(mb);
	sync_reset(&s);
}


/**
 * Put right what turns have left that have come to no end: who runs takes calls
 * again. Who does not is started in his turn
 *
 * @param u Upgrade
 */
void upgrade_mend(struct upgrade *u)
{
	struct sync s = {.all = false};
	char console[SYNC_PATH];
	size_t i;

	if (sync_folders(&s, u->root, NULL))
		return;

	for (i=0; i<=u->instc; i++) {

		struct upgrade_one *one = i < u->instc ? &u->instv[i] :
			&u->hub;

		if (!one->was[0])
			continue;

		cli_complain("%s: an upgrade has come to no end in its turn:"
			     " it is put right", one->name);
		if (one->runs == UPGRADE_NOTHING)
			continue;

		if (one != &u->hub &&
		    !console_path(console, sizeof(console), s.state,
				  one->name))
			(void)drain_tell(console, false);
		upgrade_over(u, one);
	}

	sync_reset(&s);
}
