/**
 * @file connectycube_hub/live/model.c  What there is now: extensions and calls
 */
#include <errno.h>
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_list.h>
#include <re_mem.h>
#include "connectycube_hub/feed.h"
#include "live.h"
#include "model.h"


static void destructor(void *data)
{
	struct hlive *l = data;

	/* those that point to others first */
	l->changeh = NULL;
	list_flush(&l->calll);
	list_flush(&l->extl);
	list_flush(&l->bridgel);
	list_flush(&l->alarml);
	list_flush(&l->clearedl);
}


/**
 * Begin with nothing
 *
 * @param lp Pointer to it, freed by mem_deref()
 *
 * @return 0 if success, otherwise errorcode
 */
int hlive_alloc(struct hlive **lp)
{
	if (!lp)
		return EINVAL;

	*lp = mem_zalloc(sizeof(**lp), destructor);

	return *lp ? 0 : ENOMEM;
}


/**
 * Tell what the wall clock shows, for what is shown
 *
 * @param l    Model, may be NULL
 * @param now  Time
 * @param wall The same since 1970 [ms]
 */
void hlive_set_wall(struct hlive *l, uint64_t now, uint64_t wall)
{
	if (l)
		l->ahead = (int64_t)(wall - now);
}


/**
 * Get what the wall clock showed at some time, if it had always been right
 *
 * @param l Model
 * @param t Time, 0=unknown
 *
 * @return Time since 1970 [ms], 0=unknown
 */
uint64_t model_wall(const struct hlive *l, uint64_t t)
{
	return t ? t + (uint64_t)l->ahead : 0;
}


/**
 * Let somebody be told of what changes. What nobody wants is not made
 *
 * @param l       Model
 * @param changeh Handler, NULL=nobody
 * @param arg     Its argument
 */
void hlive_set_handler(struct hlive *l, hlive_change_h *changeh, void *arg)
{
	if (!l)
		return;

	l->changeh = changeh;
	l->arg     = arg;
}


/**
 * Tell that something is not as it was
 *
 * @param l    Model
 * @param type What it is
 * @param ext  Extension that it is about
 * @param j    What it is now, freed; NULL=no memory
 */
void model_change(const struct hlive *l, const char *type, const char *ext,
		  json_t *j)
{
	if (j && l->changeh)
		l->changeh(type, ext, j, l->arg);

	json_decref(j);
}


/**
 * A bridge has told something
 *
 * @param l   Model
 * @param t   What
 * @param now Time
 */
void hlive_tell(struct hlive *l, const struct hub_tell *t, uint64_t now)
{
	struct mbridge *b;

	if (!l || !t)
		return;

	if (t->what == HUB_TOLD_CAME)
		mbridge_came(l, t, now);
	else if (t->what == HUB_TOLD_RECORD)
		mcall_record(l, t->body);

	/* one that another one has taken the name of is not heard */
	b = mbridge_find(l, t->conn, NULL);
	if (!b || !t->conn)
		return;

	switch (t->what) {

	case HUB_TOLD_WENT:
		mbridge_went(l, t, now);
		break;

	case HUB_TOLD_EVENT:
		mevent(l, b, t->body, now);
		break;

	case HUB_TOLD_STATE:
		mbridge_state(l, b, t->body, now);
		break;

	case HUB_TOLD_STATS:
		mcall_stats(l, b, t->body, now);
		break;

	default:
		break;
	}
}


/**
 * Time passes: what was put off is told, what has gone is forgotten
 *
 * @param l   Model
 * @param now Time
 *
 * @return True if this is to be called again within a second
 */
bool hlive_tick(struct hlive *l, uint64_t now)
{
	bool again;

	if (!l)
		return false;

	again  = mcall_tick(l, now);
	again |= mext_tick(l, now);
	again |= mbridge_tick(l, now);

	return again;
}
