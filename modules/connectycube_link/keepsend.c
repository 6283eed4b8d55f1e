/**
 * @file connectycube_link/keepsend.c  Records on their way to the hub
 *
 * Pure.
 */
#include <re.h>
#include "base/log.h"
#include "spool.h"
#include "pending.h"
#include "keeper.h"
#include "keep.h"


enum {
	WINDOW = 16,            /**< Records that are on their way at once */
};


/**
 * The hub has a record, or it is given up
 *
 * @param k Keeper
 * @param e Record, which is gone then
 */
void keep_forget(struct keeper *k, struct entry *e)
{
	if (e->on_disk)
		(void)spool_remove(k->spool, e->name);

	mem_deref(e);
}


/**
 * A record cannot be read, or is none: it is not to hold up the others
 *
 * @param k   Keeper
 * @param e   Record, which is gone then
 * @param err Why
 */
void keep_aside(struct keeper *k, struct entry *e, int err)
{
	char why[64];

	(void)re_snprintf(why, sizeof(why), "%m", err);
	clog_warning("link: record %s cannot be sent: %s%s\n", e->name,
		     err == EBADMSG ? "it is damaged" : why,
		     e->on_disk ? "; it stays in the spool as *.bad" : "");
	++k->dropped;

	if (e->on_disk)
		(void)spool_aside(k->spool, e->name);

	mem_deref(e);
}


/* What no other attempt changes */
static bool is_for_ever(int err)
{
	return err == EMSGSIZE || err == EBADMSG;
}


/* What the disk does not take goes from memory; what it is about to take does
   not: it is on the disk first. What is read from a disk that says nothing is
   not to hold it up */
static struct entry *next_in_memory(const struct keeper *k)
{
	if (!k->disk_bad ||
	    pending_in_state(k->pending, ENTRY_SENT) >= WINDOW)
		return NULL;

	return pending_next(k->pending, ENTRY_UNSAVED);
}


/**
 * Send what there is, if the hub is there
 *
 * @param k Keeper
 */
void keep_send(struct keeper *k)
{
	struct entry *e;
	int err;

	while (k->up) {

		/* if it is not taken, it is tried again as ever */
		e = next_in_memory(k);
		if (e) {
			err = k->sendh(entry_id(e), e->mb, k->arg);
			if (is_for_ever(err))
				keep_aside(k, e, err);
			else if (err)
				break;
			else
				pending_set(e, ENTRY_SENT);
			continue;
		}

		if (pending_on_their_way(k->pending) >= WINDOW)
			break;

		e = pending_next(k->pending, ENTRY_SAVED);
		if (!e || spool_load(k->spool, e->name))
			break;
		pending_set(e, ENTRY_SENDING);
		keep_watch(k);
	}
}


/**
 * Send what a disk has not answered for, if the hub is there: it is written
 * nevertheless, as nobody can call that back. What the hub has is not sent
 * again each time that there is room for more
 *
 * @param k Keeper
 */
void keep_send_saving(struct keeper *k)
{
	struct entry *e = NULL;

	while (k->up && (e = pending_after(k->pending, e, ENTRY_SAVING))) {
		if (!e->acked)
			(void)k->sendh(entry_id(e), e->mb, k->arg);
	}
}


/**
 * The hub is there
 *
 * @param k Keeper
 */
void keeper_up(struct keeper *k)
{
	if (!k)
		return;

	k->up = true;
	keep_send(k);
	if (k->disk_slow)
		keep_send_saving(k);
}


/**
 * The hub is not there any more; what it has not acknowledged is sent again
 *
 * @param k Keeper
 */
void keeper_down(struct keeper *k)
{
	if (!k)
		return;

	k->up = false;
	pending_back(k->pending);

	/* those that are not on the disk are tried there, too */
	keep_retry(k);
}


/**
 * The hub has a record
 *
 * @param k  Keeper
 * @param id Id of the record
 */
void keeper_ack(struct keeper *k, const char *id)
{
	struct entry *e = k ? pending_find_id(k->pending, id) : NULL;
	bool listed;

	if (e && e->state == ENTRY_SAVING)
		e->acked = true;
	if (!e || e->state != ENTRY_SENT)
		return;

	listed = !e->on_disk;
	keep_forget(k, e);

	/* if it happens again, it is said again */
	if (pending_count(k->pending) < k->max / 2)
		k->full = false;

	if (listed)
		keep_journal(k);

	keep_send(k);
}
