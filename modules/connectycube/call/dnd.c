/**
 * @file call/dnd.c  Who is not to be disturbed
 *
 * Pure. See dnd.h.
 */
#include <string.h>
#include <re.h>
#include "call/dnd.h"


/** Somebody who is not to be disturbed */
struct dnd {
	struct le le;           /**< Member of the extension's list        */
	char *user;             /**< User id (owned), NULL=all             */
};


static void destructor(void *data)
{
	struct dnd *dnd = data;

	list_unlink(&dnd->le);
	mem_deref(dnd->user);
}


static struct dnd *find(const struct list *dndl, const char *user)
{
	struct le *le;

	for (le = list_head(dndl); le; le = le->next) {

		struct dnd *dnd = le->data;

		if (user ? dnd->user && !strcmp(dnd->user, user) : !dnd->user)
			return dnd;
	}

	return NULL;
}


/**
 * Set whether a user is to be disturbed
 *
 * @param dndl     List
 * @param user     User id, NULL=all of them. Each is remembered for itself
 * @param on       True if not to be disturbed
 * @param changedp Whether that is new (output), optional
 *
 * @return 0 if success, otherwise errorcode
 */
int dnd_set(struct list *dndl, const char *user, bool on, bool *changedp)
{
	struct dnd *dnd = find(dndl, user);

	if (changedp)
		*changedp = on != (dnd != NULL);

	if (!on) {
		mem_deref(dnd);
		return 0;
	}

	if (dnd)
		return 0;

	dnd = mem_zalloc(sizeof(*dnd), destructor);
	if (!dnd)
		return ENOMEM;

	if (user && str_dup(&dnd->user, user)) {
		mem_deref(dnd);
		return ENOMEM;
	}

	list_append(dndl, &dnd->le, dnd);

	return 0;
}


/**
 * Is a user not to be disturbed, by itself or with all others?
 *
 * @param dndl List
 * @param user User id
 *
 * @return True if it is not to be rung
 */
bool dnd_spares(const struct list *dndl, const char *user)
{
	return find(dndl, user) || find(dndl, NULL);
}


/**
 * Print who is not to be disturbed, joined by commas; "all" are all of them
 *
 * @param pf   Print handler
 * @param dndl List
 *
 * @return 0 if success, otherwise errorcode
 */
int dnd_print(struct re_printf *pf, const struct list *dndl)
{
	struct le *le;
	int err = 0;

	for (le = list_head(dndl); le; le = le->next) {

		const struct dnd *dnd = le->data;

		err |= re_hprintf(pf, "%s%s", le->prev ? "," : "",
				  dnd->user ? dnd->user : "all");
	}

	return err;
}
