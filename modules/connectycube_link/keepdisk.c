/**
 * @file connectycube_link/keepdisk.c  Records on the disk
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
	JOURNAL_TIME = 10000,   /**< Between journals [ms]                 */
	RETRY_TIME = 5000,      /**< Until a disk is tried again [ms]      */
};


static void retry_handler(void *arg);


static void disk_state(struct keeper *k, int err)
{
	if (err && !k->disk_bad)
		clog_warning("link: records cannot be written: %m: they are"
			     " kept in memory, and it is tried again\n", err);
	else if (!err && k->disk_bad)
		clog_info("link: records can be written again\n");

	k->disk_bad = err != 0;
}


static void unsaved(struct keeper *k, struct entry *e, struct mbuf *mb,
		    int err)
{
	pending_set(e, ENTRY_UNSAVED);
	e->mb = mb;
	disk_state(k, err);

	if (!tmr_isrunning(&k->tmr_retry))
		tmr_start(&k->tmr_retry, RETRY_TIME, retry_handler, k);
}


/**
 * Write a record
 *
 * @param k  Keeper
 * @param e  Record
 * @param mb Its text, owned by it
 */
void keep_save(struct keeper *k, struct entry *e, struct mbuf *mb)
{
	int err;

	pending_set(e, ENTRY_SAVING);
	e->mb = NULL;

	err = spool_save(k->spool, e->name, mb);
	if (err)
		unsaved(k, e, mb, err);
}


/* What is in it: calls that were answered, and records that are nowhere else.
   The latter end with their lines */
static struct mbuf *journal_text(const struct keeper *k)
{
	struct mbuf *mb = mbuf_alloc(4096);
	int err;

	if (!mb)
		return NULL;

	if (k->qualityh)
		opencalls_look(k->calls, k->qualityh);

	err = opencalls_journal(mb, k->calls, k->host);
	if (!err)
		err = pending_journal(mb, k->pending);

	return err ? mem_deref(mb) : mb;
}


/**
 * Write the journal: not while a record is being written, which is in neither
 * then
 *
 * @param k Keeper
 */
void keep_journal(struct keeper *k)
{
	struct mbuf *mb;

	k->journal_old = true;
	if (k->journal_busy || pending_is_saving(k->pending))
		return;

	mb = journal_text(k);
	if (!mb || spool_journal(k->spool, mb)) {
		mem_deref(mb);
		return;
	}

	k->journal_busy = true;
	k->journal_old  = false;
}


static void saved_handler(const char *name, struct mbuf *mb, int err,
			  void *arg)
{
	struct keeper *k = arg;
	struct entry *e = pending_find(k->pending, name);

	if (!e)
		return;

	if (err) {
		unsaved(k, e, mem_ref(mb), err);
	}
	else {
		disk_state(k, 0);
		pending_set(e, ENTRY_SAVED);
		e->on_disk = true;
	}

	if (k->journal_old)
		keep_journal(k);
	keep_send(k);
}


static void loaded_handler(const char *name, struct mbuf *mb, int err,
			   void *arg)
{
	struct keeper *k = arg;
	struct entry *e = pending_find(k->pending, name);
	bool later;

	if (!e || e->state != ENTRY_SENDING)
		return;

	if (!err) {
		err = k->up ? k->sendh(entry_id(e), mb, k->arg) : ENOTCONN;
		later = err && err != EMSGSIZE && err != EBADMSG;
	}
	else {
		later = err == EMFILE || err == ENFILE || err == ENOMEM;
		if (later && !tmr_isrunning(&k->tmr_retry))
			tmr_start(&k->tmr_retry, RETRY_TIME, retry_handler, k);
	}

	if (!err || later) {
		pending_set(e, err ? ENTRY_SAVED : ENTRY_SENT);
		return;
	}

	/* somebody may have removed it */
	e->on_disk = err != ENOENT;
	keep_aside(k, e, err);
	keep_send(k);
}


static void journal_handler(int err, void *arg)
{
	struct keeper *k = arg;

	k->journal_busy = false;
	disk_state(k, err);

	if (err)
		k->journal_old = true;
	else if (k->journal_old)
		keep_journal(k);

	if (err && !tmr_isrunning(&k->tmr_retry))
		tmr_start(&k->tmr_retry, RETRY_TIME, retry_handler, k);
}


/** What the spool tells */
const struct spool_h keep_handlers = {
	.saved   = saved_handler,
	.loaded  = loaded_handler,
	.journal = journal_handler,
};


static void tick_handler(void *arg)
{
	struct keeper *k = arg;

	if (!opencalls_count(k->calls, true))
		return;

	tmr_start(&k->tmr_journal, JOURNAL_TIME, tick_handler, k);
	keep_journal(k);
}


/**
 * A call has been answered: the journal has it, and is kept up to date
 *
 * @param k Keeper
 */
void keep_answered(struct keeper *k)
{
	tmr_start(&k->tmr_journal, JOURNAL_TIME, tick_handler, k);
	keep_journal(k);
}


/**
 * Try again what the disk has not taken
 *
 * @param k Keeper
 */
void keep_retry(struct keeper *k)
{
	struct entry *e;

	while ((e = pending_next(k->pending, ENTRY_UNSAVED))) {
		keep_save(k, e, e->mb);

		/* no thread: later */
		if (e->state == ENTRY_UNSAVED)
			break;
	}

	if (k->journal_old)
		keep_journal(k);
}


static void retry_handler(void *arg)
{
	keep_retry(arg);
	keep_send(arg);
}
