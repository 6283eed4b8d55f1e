/**
 * @file cube/attend.c  Whether users are there, for as long as we are online
 *
 *   cube_attend() --> who is there? --> server
 *                     tell of changes
 *   handler <-------- there, or not <-- server
 *
 * Where the server knows no answer, everybody counts as there.
 */
#include <re.h>
#include "base/log.h"
#include "peer/peer.h"
#include "cube.h"
#include "xml.h"
#include "signal.h"
#include "activity.h"
#include "core.h"


/** A user that is looked after */
struct attended {
	struct le le;           /**< Member of cube's list                 */
	char *user;             /**< User id (owned)                       */
	bool away;              /**< Known not to be there                 */
	bool keep;              /**< Still wanted                          */
};


static void destructor(void *data)
{
	struct attended *a = data;

	list_unlink(&a->le);
	mem_deref(a->user);
}


static struct attended *find(const struct cube *c, const char *user)
{
	struct le *le;

	for (le = list_head(&c->attendl); le; le = le->next) {

		struct attended *a = le->data;

		if (0 == str_cmp(a->user, user))
			return a;
	}

	return NULL;
}


static void ask(struct cube *c, const struct attended *a)
{
	(void)cube_ask_activity(c, a->user, true, true);
	(void)cube_ask_activity(c, a->user, false, false);
}


static void add(struct cube *c, const char *user)
{
	struct attended *a = find(c, user);

	if (a) {
		a->keep = true;
		return;
	}

	a = mem_zalloc(sizeof(*a), destructor);
	if (!a)
		return;

	if (str_dup(&a->user, user)) {
		mem_deref(a);
		return;
	}

	a->keep = true;
	list_append(&c->attendl, &a->le, a);

	if (cube_is_up(c))
		ask(c, a);
}


/**
 * Set whose being there is looked after
 *
 * @param c     Our user
 * @param userv User ids
 * @param userc Number of users
 */
void cube_attend(struct cube *c, const char *const *userv, size_t userc)
{
	struct le *le;
	size_t i;

	if (!c)
		return;

	for (le = list_head(&c->attendl); le; le = le->next)
		((struct attended *)le->data)->keep = false;

	for (i=0; i<userc; i++)
		add(c, userv[i]);

	le = list_head(&c->attendl);
	while (le) {

		struct attended *a = le->data;

		le = le->next;
		if (a->keep)
			continue;

		list_unlink(&a->le);
		if (cube_is_up(c) && !cube_is_streamed(c, a->user))
			(void)cube_ask_activity(c, a->user, true, false);
		mem_deref(a);
	}
}


/**
 * Is a user there, as far as is known?
 *
 * @param c    Our user
 * @param user User id
 *
 * @return False if it is known not to be
 */
bool cube_is_there(const struct cube *c, const char *user)
{
	const struct attended *a = c ? find(c, user) : NULL;

	return !a || !a->away;
}


/**
 * Set who is told when somebody comes or goes
 *
 * @param c Our user
 * @param h Handler, NULL=nobody
 */
void cube_set_attend_handler(struct cube *c, cube_attend_h *h)
{
	if (c)
		c->attendh = h;
}


/**
 * Is a user looked after?
 *
 * @param c    Our user
 * @param user User id
 *
 * @return True if so
 */
bool cube_attends(const struct cube *c, const char *user)
{
	return find(c, user) != NULL;
}


/**
 * We are online: what was known may be old
 *
 * @param c Our user
 */
void cube_attend_online(struct cube *c)
{
	struct le *le;

	for (le = list_head(&c->attendl); le; le = le->next)
		ask(c, le->data);
}


/**
 * A stanza tells of a user
 *
 * @param c    Our user
 * @param user User id
 * @param act  What it tells
 * @param one  It is of one of its devices, and there may be others
 */
void cube_attend_recv(struct cube *c, const char *user, enum activity act,
		      bool one)
{
	struct attended *a = find(c, user);
	const bool away = act == ACTIVITY_OFFLINE;

	if (!a || act == ACTIVITY_NONE)
		return;

	if (away && one) {
		(void)cube_ask_activity(c, user, false, false);
		return;
	}

	if (a->away == away)
		return;

	a->away = away;
	clog_debug("cube: user %s is %s\n", user, away ? "away" : "there");
	if (c->attendh)
		c->attendh(c->arg);
}
