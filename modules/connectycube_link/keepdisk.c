/**
 * @file connectycube_link/keepdisk.c  Records on the disk
 *
 * Pure.
 */
#include <re.h>
#include "base/log.h"
#include "call/event.h"
#include "record.h"
#include "spool.h"
#include "pending.h"
#include "keeper.h"
#include "recordpbx.h"
#include "keep.h"


enum {
	JOURNAL_TIME = 10000,   /**< Between journals [ms]                 */
	RETRY_TIME = 5000,      /**< Until a disk is tried again [ms]      */
	SLOW_TIME = 5000,       /**< A disk that says nothing [ms]         */
	AT_ONCE = 32,           /**< Records that are written at once      */
};


static void retry_handler(void *arg);


/* What is wrong is said once, and that nothing is any more */
static void disk_state(struct keeper *k, bool failing, bool slow, int err)
{
	const bool bad = failing || slow;

	k->disk_failing = failing;
	k->disk_slow    = slow;

	if (bad == k->disk_bad)
		return;

	k->disk_bad = bad;

	if (slow)
		clog_warning("link: the spool's disk has not answered for %u s:"
			     " records are kept in memory\n",
			     SLOW_TIME / 1000);
	else if (failing)
		clog_warning("link: records cannot be written: %m: they are"
			     " kept in memory, and it is tried again\n", err);
	else
		clog_info("link: records can be written again\n");
}


static void disk_failed(struct keeper *k, int err)
{
	disk_state(k, true, k->disk_slow, err);

	if (!tmr_isrunning(&k->tmr_retry))
		tmr_start(&k->tmr_retry, RETRY_TIME, retry_handler, k);
}


/* It has taken something. All is well when it takes everything */
static void disk_took(struct keeper *k)
{
	if (!k->journal_bad && !pending_has_failed(k->pending))
		disk_state(k, false, k->disk_slow, 0);
}


/* What it holds up may reach the hub nevertheless */
static void slow_handler(void *arg)
{
	struct keeper *k = arg;

	disk_state(k, k->disk_failing, true, 0);
	keep_send(k);
	keep_send_saving(k);
}


/**
 * The disk has something to do: it is to answer in time
 *
 * @param k Keeper
 */
void keep_watch(struct keeper *k)
{
	if (k->disk_slow || tmr_isrunning(&k->tmr_slow))
		return;

	if (k->journal_busy || pending_in_state(k->pending, ENTRY_SAVING) ||
	    pending_in_state(k->pending, ENTRY_SENDING))
		tmr_start(&k->tmr_slow, SLOW_TIME, slow_handler, k);
}


/* It has answered; what it says is known already, so that one that fails is not
   said to work in between */
static void disk_answered(struct keeper *k)
{
	tmr_cancel(&k->tmr_slow);
	disk_state(k, k->disk_failing, false, 0);
	keep_watch(k);
}


static void unsaved(struct keeper *k, struct entry *e, int err)
{
	k->save_bad = true;
	pending_set(e, ENTRY_UNSAVED);
	pending_set_failed(e, true);
	disk_failed(k, err);
}


/**
 * Write a record, if it is its turn
 *
 * @param k Keeper
 * @param e Record, with its text
 */
void keep_save(struct keeper *k, struct entry *e)
{
	int err;

	if (pending_in_state(k->pending, ENTRY_SAVING) >=
	    min(AT_ONCE, k->max))
		return;

	pending_set(e, ENTRY_SAVING);

	err = spool_save(k->spool, e->name, mem_ref(e->mb));
	if (err) {
		mem_deref(e->mb);
		unsaved(k, e, err);
		return;
	}

	keep_watch(k);
}


static void save_next(struct keeper *k)
{
	struct entry *e;

	while ((e = pending_next(k->pending, ENTRY_UNSAVED))) {
		keep_save(k, e);

		/* too many at once, or no thread */
		if (e->state == ENTRY_UNSAVED)
			break;
	}
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
		err = pbxcalls_journal(mb, k->pbxcalls, k->host);
	if (!err)
		err = pending_journal(mb, k->pending);

	return err ? mem_deref(mb) : mb;
}


/* Records that are being written are in it as well: then it is to be written
   anew */
static void write_journal(struct keeper *k)
{
	struct mbuf *mb;

	if (k->journal_busy || k->journal_behind)
		return;

	mb = journal_text(k);
	if (!mb || spool_journal(k->spool, mb)) {
		mem_deref(mb);
		if (!tmr_isrunning(&k->tmr_retry))
			tmr_start(&k->tmr_retry, RETRY_TIME, retry_handler, k);
		return;
	}

	k->journal_busy   = true;
	k->journal_empty  = !mb->end;
	k->journal_behind = pending_in_state(k->pending, ENTRY_SAVING);
	k->journal_old    = k->journal_behind > 0;
	keep_watch(k);
}


/**
 * Write the journal, behind the records that are being written now
 *
 * @param k Keeper
 */
void keep_journal(struct keeper *k)
{
	if (!k->journal_old)
		k->journal_behind = pending_in_state(k->pending, ENTRY_SAVING);

	k->journal_old = true;
	write_journal(k);
}


/* On the disk, or not. Maybe the hub has it meanwhile */
static void on_saved(struct keeper *k, struct entry *e, int err)
{
	if (err) {
		unsaved(k, e, err);
	}
	else {
		pending_set(e, ENTRY_SAVED);
		pending_set_failed(e, false);
		e->on_disk = true;
		e->mb = mem_deref(e->mb);
		k->save_bad = false;
		disk_took(k);
	}

	if (e->acked)
		keep_forget(k, e);
}


static void saved_handler(const char *name, struct mbuf *mb, int err,
			  void *arg)
{
	struct keeper *k = arg;
	struct entry *e = pending_find(k->pending, name);
	(void)mb;

	if (k->journal_behind)
		--k->journal_behind;
	if (e)
		on_saved(k, e, err);
	disk_answered(k);
	if (!err)
		save_next(k);
	if (k->journal_old)
		write_journal(k);
	keep_send(k);
}


static void on_loaded(struct keeper *k, struct entry *e, struct mbuf *mb,
		      int err)
{
	bool later;

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


static void loaded_handler(const char *name, struct mbuf *mb, int err,
			   void *arg)
{
	struct keeper *k = arg;
	struct entry *e = pending_find(k->pending, name);

	if (e && e->state == ENTRY_SENDING)
		on_loaded(k, e, mb, err);
	disk_answered(k);
}


static void journal_handler(int err, void *arg)
{
	struct keeper *k = arg;

	k->journal_busy = false;
	k->journal_bad  = err != 0;

	/* a full one removes as well as ever */
	if (err)
		disk_failed(k, err);
	else if (!k->journal_empty || !k->save_bad)
		disk_took(k);
	disk_answered(k);

	if (err)
		k->journal_old = true;
	else if (k->journal_old)
		write_journal(k);
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

	if (!opencalls_count(k->calls, true) &&
	    !pbxcalls_answered(k->pbxcalls))
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
	save_next(k);

	if (k->journal_old)
		write_journal(k);
}


/**
 * Wait until the disk has all that it can take; the loop stands still meanwhile
 *
 * @param k Keeper
 */
void keep_settle(struct keeper *k)
{
	while (k->journal_busy || pending_in_state(k->pending, ENTRY_SAVING))
		spool_settle(k->spool);
}


static void retry_handler(void *arg)
{
	keep_retry(arg);
	keep_send(arg);
}
