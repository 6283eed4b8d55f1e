/**
 * @file connectycube_hub/api/searcher.c  The thread on that records are looked
 *                                        for
 *
 * Pure.
 */
#include <string.h>
#include <re.h>
#include "base/jobthread.h"
#include "../hub.h"
#include "../dbworker.h"
#include "search.h"


/** A search */
struct job {
	struct le le;           /**< Of the thread                         */
	struct search q;        /**< What                                  */
	struct mbuf *mb;        /**< What was found (owned)                */
	int err;
	char why[HUB_WHY];      /**< What is wrong                         */
	search_h *h;            /**< Is told                               */
	void *arg;
};

static struct jobthread *thread;


static void job_destructor(void *data)
{
	struct job *job = data;

	list_unlink(&job->le);
	mem_deref(job->mb);
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
	job->h(job->err, job->mb, job->why, job->arg);
	mem_deref(job);
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
	return dbworker_thread(&thread, db, work_handler, done_handler);
}


/**
 * End. Who waits is told nothing
 */
void searcher_stop(void)
{
	jobthread_stop(thread);
	thread = NULL;
}


/**
 * Look for records
 *
 * @param q   What
 * @param h   Told of what was found, later
 * @param arg Its argument
 *
 * @return 0 if success, EBUSY if too many wait, otherwise errorcode: h is not
 *         called then
 */
int searcher_ask(const struct search *q, search_h *h, void *arg)
{
	struct job *job;
	int err;

	if (!q || !h)
		return EINVAL;
	if (!thread)
		return ENOTCONN;
	if (jobthread_waiting(thread) >= SEARCH_WAIT)
		return EBUSY;

	job = mem_zalloc(sizeof(*job), job_destructor);
	if (!job)
		return ENOMEM;

	job->q   = *q;
	job->h   = h;
	job->arg = arg;
	job->mb  = mbuf_alloc(4096);
	err = job->mb ? jobthread_push(thread, &job->le, job) : ENOMEM;
	if (err)
		mem_deref(job);

	return err;
}
