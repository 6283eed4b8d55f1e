/**
 * @file connectycube_hub/dbworker.c  A thread that works with the database
 *
 * Pure. It is opened when it is needed, and anew if it has been moved, or if
 * something went wrong with it.
 */
#include <errno.h>
#include <re.h>
#include "base/jobthread.h"
#include "hub.h"
#include "dbworker.h"


struct dbworker {
	char *path;             /**< Of the database (owned)               */
	struct hub_store *store; /**< If it is open (owned)                */
};


static void destructor(void *data)
{
	struct dbworker *w = data;

	mem_deref(w->store);
	mem_deref(w->path);
}


/**
 * Begin a thread; nothing is opened yet
 *
 * @param tp    Set to it: jobthread_stop(), jobthread_finish()
 * @param path  Path of the database
 * @param workh Does a job, with a worker
 * @param doneh Told of it when it is done, on the loop
 *
 * @return 0 if success, otherwise errorcode
 */
int dbworker_thread(struct jobthread **tp, const char *path,
		    jobthread_work_h *workh, jobthread_done_h *doneh)
{
	struct dbworker *w;
	int err;

	if (!path)
		return EINVAL;

	w = mem_zalloc(sizeof(*w), destructor);
	if (!w)
		return ENOMEM;

	err = str_dup(&w->path, path);
	if (!err)
		err = jobthread_alloc(tp, workh, w, doneh, NULL);
	if (err)
		mem_deref(w);

	return err;
}


/**
 * Get the database
 *
 * @param w    Worker
 * @param sp   Set to it, which stays the worker's
 * @param why  Set to what is wrong
 * @param size Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int dbworker_open(struct dbworker *w, struct hub_store **sp, char *why,
		  size_t size)
{
	int err;

	if (!w || !sp)
		return EINVAL;

	if (w->store && hub_store_check(w->store, why, size))
		w->store = mem_deref(w->store);

	err = w->store ? 0 : hub_store_open(&w->store, w->path, why, size);
	*sp = w->store;

	return err;
}


/**
 * Something went wrong: it is opened anew next time
 *
 * @param w Worker
 */
void dbworker_close(struct dbworker *w)
{
	if (w)
		w->store = mem_deref(w->store);
}
