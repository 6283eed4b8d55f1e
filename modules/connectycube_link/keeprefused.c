/**
 * @file connectycube_link/keeprefused.c  Calls that were refused before they
 *                                        became any
 *
 * Each has a record, but no more of them a minute than is configured: somebody
 * may call all day long, and is not to fill the disk.
 *
 * Pure.
 */
#include <re.h>
#include "base/log.h"
#include "base/text.h"
#include "call/event.h"
#include "record.h"
#include "spool.h"
#include "pending.h"
#include "keeper.h"
#include "keep.h"


enum {
	MINUTE = 60000,         /**< [ms]                                  */
};


/* Is there room for one more in this minute? */
static bool may(struct keeper *k, uint64_t now)
{
	if (!k->refused.since || now - k->refused.since >= MINUTE) {

		if (k->refused.missed)
			clog_warning("link: %u %s no record: more than %u in"
				     " a minute (connectycube_link_refused)"
				     "\n", k->refused.missed,
				     text_plural(k->refused.missed, "call that"
					" was refused has", "calls that were"
					" refused have"), k->refused.most);

		k->refused.since  = now;
		k->refused.n      = 0;
		k->refused.missed = 0;
	}

	if (k->refused.n < k->refused.most) {
		++k->refused.n;
		return true;
	}

	/* at once, as nothing may come for a long time */
	if (!k->refused.missed++)
		clog_warning("link: more than %u %s in a minute are"
			     " refused: the others have no record"
			     " (connectycube_link_refused)\n",
			     k->refused.most, text_plural(k->refused.most,
							  "call", "calls"));
	++k->refused.all_missed;

	return false;
}


/**
 * Set how many refused calls have records
 *
 * @param k    Keeper
 * @param most How many a minute, 0=none
 */
void keeper_set_refused(struct keeper *k, uint32_t most)
{
	if (k)
		k->refused.most = most;
}


/**
 * A call was refused before it became one
 *
 * @param k  Keeper
 * @param ev Event
 */
void keep_refused(struct keeper *k, const struct event *ev)
{
	struct record *r = NULL;
	int err;

	if (!k->refused.most || !may(k, ev->mono))
		return;

	err = record_refused(&r, ev);
	if (err)
		clog_warning("link: a refused call has no record: %m\n", err);
	else
		keep_ended(k, r);

	mem_deref(r);
}
