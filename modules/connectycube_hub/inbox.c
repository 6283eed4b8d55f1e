/**
 * @file connectycube_hub/inbox.c  From bridges into the store
 *
 * What came while one transaction was being written makes the next one. If it
 * fails, everything waits: the bridges keep their records, and are not read
 * from when too many of theirs wait here.
 */
#include <string.h>
#include <re.h>
#include "base/backoff.h"
#include "base/jobthread.h"
#include "base/log.h"
#include "base/text.h"
#include "hub.h"


enum {
	BATCH_MAX = 256,        /**< Records of a transaction              */
	RETRY_FIRST = 500,      /**< After it has failed [ms]              */
	RETRY_MOST = 30000,     /**< Longest [ms]                          */
};

/** A transaction */
struct batch {
	struct le le;           /**< Of the thread                         */
	struct list recordl;    /**< What is to be stored (owner)          */
	uint32_t fresh;         /**< Records that had not been there       */
	int err;                /**< What came of it                       */
	char why[HUB_WHY];
	bool opened;            /**< The database was opened for it:       */
	uint64_t total;         /**< ... records there                     */
	struct list recentl;    /**< ... the last of them (owner)          */
};

/** What the thread works with */
struct worker {
	char *path;             /**< Of the database (owned)               */
	struct hub_store *store; /**< If it is open (owned)                */
};

struct hub_inbox {
	struct jobthread *jt;   /**< Writes                                */
	struct list queuel;     /**< Records that wait (owner)             */
	struct list recentl;    /**< The last that were stored (owner)     */
	struct tmr tmr;         /**< Until it is tried again               */
	bool busy;              /**< A transaction is being written        */
	unsigned failures;      /**< One after the other                   */
	char why[HUB_WHY];      /**< Why the last one failed               */
	char *path;             /**< Of the database (owned)               */
	bool known;             /**< Records have been counted             */
	uint64_t stored;        /**< Records there                         */
	uint64_t fresh;         /**< ... that were stored since the start  */
	uint64_t doubles;       /**< Records that came again               */
	hub_ack_h *ackh;        /**< A record is stored                    */
	hub_fresh_h *freshh;    /**< New ones are                          */
	void *arg;              /**< Handlers' argument                    */
};

static void begin(struct hub_inbox *ib);


static void batch_destructor(void *data)
{
	struct batch *b = data;

	list_unlink(&b->le);
	list_flush(&b->recordl);
	list_flush(&b->recentl);
}


static void worker_destructor(void *data)
{
	struct worker *w = data;

	mem_deref(w->store);
	mem_deref(w->path);
}


static int open_store(struct worker *w, struct batch *b)
{
	int err;

	err = hub_store_open(&w->store, w->path, b->why, sizeof(b->why));
	if (err)
		return err;

	err = hub_store_count(w->store, &b->total, b->why, sizeof(b->why));
	if (!err)
		err = hub_store_recent(w->store, &b->recentl, b->why,
				       sizeof(b->why));

	b->opened = !err;

	return err;
}


static void work_handler(void *job, size_t behind, void *arg)
{
	struct worker *w = arg;
	struct batch *b = job;
	int err = 0;
	(void)behind;

	if (w->store && hub_store_check(w->store, b->why, sizeof(b->why)))
		w->store = mem_deref(w->store);

	if (!w->store)
		err = open_store(w, b);
	if (!err && !list_isempty(&b->recordl))
		err = hub_store_put(w->store, &b->recordl, &b->fresh, b->why,
				    sizeof(b->why));

	/* whatever it was, a new beginning is what helps if anything does */
	if (err)
		w->store = mem_deref(w->store);

	b->err = err;
}


static void retry_handler(void *arg)
{
	begin(arg);
}


static void keep_recent(struct hub_inbox *ib, struct hub_record *r)
{
	list_unlink(&r->le);
	list_append(&ib->recentl, &r->le, r);

	while (list_count(&ib->recentl) > HUB_RECENT)
		mem_deref(list_ledata(list_head(&ib->recentl)));
}


static void batch_failed(struct hub_inbox *ib, struct batch *b)
{
	struct le *le;

	while ((le = list_tail(&b->recordl))) {
		list_unlink(le);
		list_prepend(&ib->queuel, le, le->data);
	}

	if (!ib->failures++ || strcmp(ib->why, b->why))
		clog_warning("hub: records cannot be stored, they wait at the"
			     " bridges: %s\n", b->why);

	(void)str_ncpy(ib->why, b->why, sizeof(ib->why));
	tmr_start(&ib->tmr, backoff_time(ib->failures, RETRY_FIRST,
					RETRY_MOST), retry_handler, ib);
}


static void batch_stored(struct hub_inbox *ib, struct batch *b)
{
	const bool again = ib->failures > 0;
	struct le *le;

	if (again)
		clog_info("hub: records are stored again\n");
	ib->failures = 0;

	if (b->opened) {
		list_flush(&ib->recentl);
		while ((le = list_head(&b->recentl)))
			keep_recent(ib, le->data);
		ib->stored = b->total;
		ib->known  = true;
	}

	ib->stored  += b->fresh;
	ib->fresh   += b->fresh;
	ib->doubles += list_count(&b->recordl) - b->fresh;

	while ((le = list_head(&b->recordl))) {

		struct hub_record *r = le->data;

		ib->ackh(r, ib->arg);

		if (r->fresh)
			keep_recent(ib, r);
		else
			mem_deref(r);
	}

	/* what failed may be there for all that; sinks wait until it opens */
	if (b->fresh || again || b->opened)
		ib->freshh(b->fresh, ib->arg);
}


static void done_handler(void *job, void *arg)
{
	struct hub_inbox *ib = arg;
	struct batch *b = job;

	ib->busy = false;

	if (b->err)
		batch_failed(ib, b);
	else
		batch_stored(ib, b);

	mem_deref(b);

	if (!tmr_isrunning(&ib->tmr) && !list_isempty(&ib->queuel))
		begin(ib);
}


/* With nothing to store, it opens the database */
static void begin(struct hub_inbox *ib)
{
	struct batch *b;
	struct le *le;
	unsigned n = 0;
	int err;

	if (ib->busy || tmr_isrunning(&ib->tmr))
		return;

	b = mem_zalloc(sizeof(*b), batch_destructor);
	if (!b)
		return;

	while (n++ < BATCH_MAX && (le = list_head(&ib->queuel))) {
		list_unlink(le);
		list_append(&b->recordl, le, le->data);
	}

	err = jobthread_push(ib->jt, &b->le, b);
	if (!err) {
		ib->busy = true;
		return;
	}

	(void)re_snprintf(b->why, sizeof(b->why), "no thread: %m", err);
	batch_failed(ib, b);
	mem_deref(b);
}


static void destructor(void *data)
{
	struct hub_inbox *ib = data;

	tmr_cancel(&ib->tmr);
	jobthread_stop(ib->jt);
	list_flush(&ib->queuel);
	list_flush(&ib->recentl);
	mem_deref(ib->path);
}


/**
 * Make the way into the store
 *
 * @param ibp    Pointer to it, freed by mem_deref()
 * @param path   Path of the database
 * @param ackh   A record is on the disk
 * @param freshh New ones are
 * @param arg    Handlers' argument
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_inbox_alloc(struct hub_inbox **ibp, const char *path,
		    hub_ack_h *ackh, hub_fresh_h *freshh, void *arg)
{
	struct hub_inbox *ib;
	struct worker *w;
	int err;

	if (!ibp || !path || !ackh || !freshh)
		return EINVAL;

	ib = mem_zalloc(sizeof(*ib), destructor);
	w  = mem_zalloc(sizeof(*w), worker_destructor);
	if (!ib || !w) {
		err = ENOMEM;
		goto out;
	}

	ib->ackh   = ackh;
	ib->freshh = freshh;
	ib->arg    = arg;

	err  = str_dup(&ib->path, path);
	err |= str_dup(&w->path, path);
	if (err)
		goto out;

	err = jobthread_alloc(&ib->jt, work_handler, w, done_handler, ib);
	if (err)
		goto out;

	w = NULL;
	begin(ib);

 out:
	mem_deref(w);
	if (err)
		mem_deref(ib);
	else
		*ibp = ib;

	return err;
}


/**
 * Have a record stored
 *
 * @param ib Inbox
 * @param r  Record, owned by the inbox from here on
 */
void hub_inbox_put(struct hub_inbox *ib, struct hub_record *r)
{
	list_append(&ib->queuel, &r->le, r);
	begin(ib);
}


/**
 * A connection is gone. Its bridge has what was not acknowledged, and brings
 * it again: what waits here is dropped
 *
 * @param ib   Inbox
 * @param conn Number of the connection
 */
void hub_inbox_forget(struct hub_inbox *ib, uint64_t conn)
{
	struct le *le = list_head(&ib->queuel);

	while (le) {

		struct hub_record *r = le->data;

		le = le->next;
		if (r->conn == conn)
			mem_deref(r);
	}
}


/**
 * Get the records that were stored last
 *
 * @param ib Inbox
 *
 * @return List of struct hub_record, the last one last
 */
const struct list *hub_inbox_recent(const struct hub_inbox *ib)
{
	return &ib->recentl;
}


/**
 * Count what became of records
 *
 * @param n  Set to it
 * @param ib Inbox
 */
void hub_inbox_counts(struct hub_inbox_counts *n, const struct hub_inbox *ib)
{
	n->known    = ib->known;
	n->stored   = ib->stored;
	n->fresh    = ib->fresh;
	n->doubles  = ib->doubles;
	n->waiting  = list_count(&ib->queuel);
	n->failures = ib->failures;
}


/**
 * Print what became of records
 *
 * @param pf Print handler
 * @param ib Inbox
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_inbox_print(struct re_printf *pf, const struct hub_inbox *ib)
{
	int err;

	err = re_hprintf(pf, "records stored=");
	err |= ib->known ? re_hprintf(pf, "%llu", ib->stored)
		: re_hprintf(pf, "?");
	err |= re_hprintf(pf, " again=%llu waiting=%u %s", ib->doubles,
			  list_count(&ib->queuel), ib->path);
	if (ib->failures)
		err |= re_hprintf(pf, "\n        failed %u %s: %s",
				  ib->failures, text_plural(ib->failures,
				  "time", "times"), ib->why);

	return err | re_hprintf(pf, "\n");
}
