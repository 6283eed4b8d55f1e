/**
 * @file connectycube_hub/recording/slot.c
 * Threads that finish recordings, and one that looks
 */
#include <string.h>
#include <unistd.h>
#include <re.h>
#include "base/jobthread.h"
#include "base/log.h"
#include "../hub.h"
#include "recfacts.h"
#include "recording.h"
#include "queue.h"
#include "seal.h"


/** What a thread works with */
struct worker {
	struct hrec_env env;
	struct hub_seal *seal;      /**< (owned)                               */
	char *db;               /**< Path of the database (owned)          */
	struct hub_store *store; /**< If it is open (owned)                */
	int lock;               /**< Of the spool (owned), -1=none         */
};


static void worker_destructor(void *data)
{
	struct worker *w = data;

	mem_deref(w->store);
	mem_deref(w->seal);
	mem_deref(w->db);
	if (w->lock >= 0)
		(void)close(w->lock);
}


static int open_store(struct worker *w, char *why)
{
	if (w->store && hub_store_check(w->store, why, HUB_WHY))
		w->store = mem_deref(w->store);
	why[0] = '\0';

	return w->store ? 0 : hub_store_open(&w->store, w->db, why, HUB_WHY);
}


static void finish_handler(void *data, size_t behind, void *arg)
{
	struct hrec_job *job = data;
	struct worker *w = arg;
	(void)behind;

	if (open_store(w, job->why))
		job->result = REC_LATER;
	else
		hrec_finish(job, w->store, &w->env);

	/* it may be the database */
	if (job->result == REC_LATER)
		w->store = mem_deref(w->store);
}


static void look_handler(void *data, size_t behind, void *arg)
{
	struct hrec_scan *sc = data;
	struct worker *w = arg;
	(void)behind;

	hub_disk_look(&sc->diskv[HUB_DISK_DB], w->db, true);
	hub_disk_look(&sc->diskv[HUB_DISK_ROOT], w->env.cfg->root, false);
	hub_disk_look(&sc->diskv[HUB_DISK_SPOOL], w->env.cfg->spool, false);

	sc->err = open_store(w, sc->why);
	if (!sc->err)
		hrec_scan_run(sc, w->store, &w->env, &w->lock);
	if (sc->err)
		w->store = mem_deref(w->store);
}


static void slot_destructor(void *data)
{
	struct hrec_slot *slot = data;

	list_unlink(&slot->le);
	jobthread_stop(slot->jt);
}


static int worker_alloc(struct worker **wp, const struct hrec_queue *q,
			bool looks)
{
	struct worker *w = mem_zalloc(sizeof(*w), worker_destructor);
	char why[HUB_WHY] = "no memory";
	int err;

	if (!w)
		return ENOMEM;

	w->lock    = -1;
	w->env.cfg = q->cfg;
	err = str_dup(&w->db, q->db);

	/* each has its own: references are not counted for threads */
	if (!err && !looks && q->cfg->cert)
		err = hub_seal_alloc(&w->seal, q->cfg->cert, why, sizeof(why));
	if (err)
		clog_warning("hub: connectycube_hub_recording_encrypt: %s\n",
			     why);
	w->env.seal = w->seal;

	if (err)
		mem_deref(w);
	else
		*wp = w;

	return err;
}


/**
 * Make a thread
 *
 * @param sp    Pointer to it, freed by mem_deref()
 * @param q     Queue
 * @param looks It looks at what there is, else it finishes recordings
 * @param doneh A job is done, on the loop; its argument is what is made
 *
 * @return 0 if success, otherwise errorcode
 */
int hrec_slot_alloc(struct hrec_slot **sp, struct hrec_queue *q, bool looks,
		   jobthread_done_h *doneh)
{
	struct hrec_slot *slot;
	struct worker *w = NULL;
	int err;

	slot = mem_zalloc(sizeof(*slot), slot_destructor);
	if (!slot)
		return ENOMEM;

	slot->q = q;
	err = worker_alloc(&w, q, looks);
	if (!err)
		err = jobthread_alloc(&slot->jt, looks ? look_handler
				      : finish_handler, w, doneh, slot);
	if (err) {
		mem_deref(w);
		mem_deref(slot);
		return err;
	}

	*sp = slot;

	return 0;
}
