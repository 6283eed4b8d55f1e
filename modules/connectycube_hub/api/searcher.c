/**
 * @file connectycube_hub/api/searcher.c  The threads on that records are looked
 *                                        for
 *
 * What an id names is found at once: nobody waits for that behind those who
 * look through all there is. These take turns, who by who: a search of
 * somebody waits for one of each other one at most, and each has its end
 * (SEARCH_TIME).
 *
 * Pure.
 */
#include <string.h>
#include <re.h>
#include "base/jobthread.h"
#include "../hub.h"
#include "../dbworker.h"
#include "search.h"


/** Somebody who waits for a search, of which the loop alone knows */
struct asker {
	struct le le;           /**< Member of askerl                      */
	search_h *h;            /**< Is told                               */
	void *arg;              /**< Its argument                          */
};

/** A search */
struct job {
	struct le le;           /**< Of a thread, or of waitl              */
	struct search q;        /**< What                                  */
	char who[SEARCH_WHO];   /**< Whose                                 */
	struct mbuf *mb;        /**< What was found (owned)                */
	int err;
	char why[HUB_WHY];      /**< What is wrong                         */
	struct asker *asker;    /**< Who waits (pointer)                   */
};

static struct jobthread *byid;  /* what has an id */
static struct jobthread *slow;  /* one of the others at a time */
static struct list waitl;       /* struct job (owner): for it */
static struct list askerl;      /* struct asker (owner) */
static bool busy;               /* it has one */


static void job_destructor(void *data)
{
	struct job *job = data;

	list_unlink(&job->le);
	mem_deref(job->mb);
}


static void asker_destructor(void *data)
{
	struct asker *asker = data;

	list_unlink(&asker->le);
}


/* Once */
static void tell(struct asker *asker, int err, struct mbuf *mb,
		 const char *why)
{
	list_unlink(&asker->le);
	asker->h(err, mb, why, asker->arg);
	mem_deref(asker);
}


static void work_handler(void *data, size_t behind, void *work)
{
	struct dbworker *w = work;
	struct job *job = data;
	struct hub_store *store;
	(void)behind;

	job->err = dbworker_open(w, &store, job->why, sizeof(job->why));
	if (!job->err)
		job->err = search_run(store, &job->q, job->mb, job->why,
				      sizeof(job->why));
	if (job->err && job->err != ETIMEDOUT && job->err != ENOENT)
		dbworker_close(w);
}


static void done_handler(void *data, void *arg)
{
	struct job *job = data;
	(void)arg;

	job->mb->pos = 0;
	tell(job->asker, job->err, job->mb, job->why);
	mem_deref(job);
}


static unsigned count(const char *who)
{
	const struct le *le;
	unsigned n = 0;

	for (le = list_head(&waitl); le; le = le->next)
		n += !strcmp(((const struct job *)le->data)->who, who);

	return n;
}


static void next(void)
{
	struct job *job = list_ledata(list_head(&waitl));

	if (busy || !job)
		return;

	list_unlink(&job->le);
	busy = !jobthread_push(slow, &job->le, job);
	if (busy)
		return;

	job->err = ENOMEM;
	done_handler(job, NULL);
}


/* It was his turn: what he waits for goes behind what others do */
static void give_way(const char *who)
{
	struct le *le = list_head(&waitl), *last = list_tail(&waitl);

	while (le) {

		struct job *job = le->data;
		struct le *following = le == last ? NULL : le->next;

		if (!strcmp(job->who, who)) {
			list_unlink(&job->le);
			list_append(&waitl, &job->le, job);
		}
		le = following;
	}
}


static void slow_handler(void *data, void *arg)
{
	const struct job *job = data;

	busy = false;
	give_way(job->who);
	next();
	done_handler(data, arg);
}


/**
 * Begin; nothing is opened before somebody asks
 *
 * @param db Path of the database
 *
 * @return 0 if success, otherwise errorcode
 */
int searcher_start(const char *db)
{
	int err;

	err = dbworker_thread(&byid, db, work_handler, done_handler);
	if (!err)
		err = dbworker_thread(&slow, db, work_handler, slow_handler);
	if (err)
		searcher_stop();

	return err;
}


/**
 * End. Who waits is told that nothing comes (ECANCELED), without a text, what
 * is being looked for included
 */
void searcher_stop(void)
{
	struct le *le;

	jobthread_stop(byid);
	jobthread_stop(slow);
	byid = slow = NULL;
	busy = false;
	list_flush(&waitl);

	while ((le = list_head(&askerl)))
		tell(le->data, ECANCELED, NULL, "the hub ends");
}


static int push(struct job *job)
{
	if (job->q.id[0])
		return jobthread_push(byid, &job->le, job);

	list_append(&waitl, &job->le, job);
	next();

	return 0;
}


/**
 * Look for records
 *
 * @param q   What
 * @param who Whose search it is
 * @param h   Told of what was found, later; or at the end that nothing is
 * @param arg Its argument
 *
 * @return 0 if success, EBUSY if too many wait, of him or of all; otherwise
 *         errorcode: h is not called then
 */
int searcher_ask(const struct search *q, const char *who, search_h *h,
		 void *arg)
{
	struct asker *asker;
	struct job *job;
	int err;

	if (!q || !who || !h)
		return EINVAL;
	if (!byid || !slow)
		return ENOTCONN;
	if (q->id[0] ? jobthread_waiting(byid) >= SEARCH_WAIT
	    : list_count(&waitl) >= SEARCH_WAIT || count(who) >= SEARCH_OF)
		return EBUSY;

	job = mem_zalloc(sizeof(*job), job_destructor);
	asker = mem_zalloc(sizeof(*asker), asker_destructor);
	if (!job || !asker) {
		mem_deref(job);
		mem_deref(asker);
		return ENOMEM;
	}

	asker->h   = h;
	asker->arg = arg;
	list_append(&askerl, &asker->le, asker);

	job->q     = *q;
	job->asker = asker;
	job->mb    = mbuf_alloc(4096);
	str_ncpy(job->who, who, sizeof(job->who));
	err = job->mb ? push(job) : ENOMEM;
	if (err) {
		mem_deref(job);
		mem_deref(asker);
	}

	return err;
}
