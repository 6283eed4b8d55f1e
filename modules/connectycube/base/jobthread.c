/**
 * @file base/jobthread.c  A thread that does jobs, in order
 *
 * The thread is made for the first job. Whoever is done with it on the loop
 * does not wait for it: it is told to end after the job it is at, and joined
 * when another one comes or goes, or at last by jobthread_wait().
 */
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <re.h>
#include "base/jobthread.h"


enum {
	NICENESS = 5,           /**< Audio on the loop comes first         */
};

/** What loop and thread both touch */
struct shared {
	struct le le;           /**< Member of leavingl, loop only         */
	pthread_t tid;          /**< The thread, if it runs                */
	pthread_mutex_t mutex;  /**< For all below                         */
	pthread_cond_t cond;    /**< There is a job, or an end             */
	pthread_cond_t idle;    /**< There is none                         */
	struct list jobl;       /**< Jobs to do (owner)                    */
	struct list donel;      /**< Jobs done (owner)                     */
	bool busy;              /**< A job is being done                   */
	bool quit;              /**< The thread shall end                  */
	bool rest;              /**< ... after all jobs that wait          */
	struct mqueue *mq;      /**< Wakes the loop; NULL=nobody listens   */
	jobthread_work_h *workh;  /**< Does a job                            */
	void *work;             /**< Handed to it (owner)                  */
};

struct jobthread {
	struct shared *s;       /**< Shared state (owner)                  */
	struct mqueue *mq;      /**< Wakes the loop (owner)                */
	bool runs;              /**< There is a thread                     */
	bool rest;              /**< It ends after all jobs that wait      */
	jobthread_done_h *doneh;  /**< NULL=stopped                          */
	void *arg;              /**< Handler argument                      */
};


/* Threads that are told to end and not joined yet; the loop's alone */
static struct list leavingl;


static void shared_destructor(void *data)
{
	struct shared *s = data;

	list_unlink(&s->le);
	list_flush(&s->jobl);
	list_flush(&s->donel);
	mem_deref(s->work);
	pthread_cond_destroy(&s->idle);
	pthread_cond_destroy(&s->cond);
	pthread_mutex_destroy(&s->mutex);
}


/* One message is enough for all that is done until the loop comes for it */
static void done(struct shared *s, struct le *le)
{
	const bool first = list_isempty(&s->donel);

	list_append(&s->donel, le, le->data);

	if (first && s->mq)
		(void)mqueue_push(s->mq, 0, NULL);
}


/* Called and returns with the mutex held */
static struct le *next_job(struct shared *s)
{
	struct le *le;

	s->busy = false;
	if (list_isempty(&s->jobl))
		pthread_cond_signal(&s->idle);

	while (!s->quit && list_isempty(&s->jobl))
		pthread_cond_wait(&s->cond, &s->mutex);

	if (s->quit && (!s->rest || list_isempty(&s->jobl)))
		return NULL;

	le = s->jobl.head;
	list_unlink(le);
	s->busy = true;

	return le;
}


static void *thread(void *arg)
{
	struct shared *s = arg;
	struct le *le;

	/* of this thread alone on Linux */
	(void)setpriority(PRIO_PROCESS, 0, NICENESS);

	pthread_mutex_lock(&s->mutex);

	while ((le = next_job(s))) {

		const size_t behind = list_count(&s->jobl);

		pthread_mutex_unlock(&s->mutex);
		s->workh(le->data, behind, s->work);
		pthread_mutex_lock(&s->mutex);

		done(s, le);
	}

	pthread_mutex_unlock(&s->mutex);

	/* codecs end on the thread that they worked on */
	s->work = mem_deref(s->work);

	return NULL;
}


/* Signals are the loop's */
static int thread_start(struct shared *s)
{
	sigset_t all, old;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);

	err = pthread_create(&s->tid, NULL, thread, s);

	pthread_sigmask(SIG_SETMASK, &old, NULL);

	return err;
}


static void join_those_that_ended(void)
{
	struct le *le = leavingl.head;

	while (le) {

		struct shared *s = le->data;

		le = le->next;

		if (!pthread_tryjoin_np(s->tid, NULL))
			mem_deref(s);
	}
}


static void leave(struct shared *s, bool rest)
{
	pthread_mutex_lock(&s->mutex);
	s->quit = true;
	s->rest = rest;
	s->mq   = NULL;
	pthread_cond_signal(&s->cond);
	pthread_mutex_unlock(&s->mutex);

	list_append(&leavingl, &s->le, s);
}


static void destructor(void *data)
{
	struct jobthread *t = data;

	if (t->runs)
		leave(t->s, t->rest);
	else
		mem_deref(t->s);

	mem_deref(t->mq);

	join_those_that_ended();
}


static struct le *next_done(struct shared *s)
{
	struct le *le;

	pthread_mutex_lock(&s->mutex);

	le = list_head(&s->donel);
	if (le)
		list_unlink(le);

	pthread_mutex_unlock(&s->mutex);

	return le;
}


static void tell(struct jobthread *t)
{
	struct le *le;

	mem_ref(t);

	while (t->doneh && (le = next_done(t->s)))
		t->doneh(le->data, t->arg);

	mem_deref(t);
}


static void mqueue_handler(int id, void *data, void *arg)
{
	(void)id;
	(void)data;

	tell(arg);
}


static int shared_alloc(struct shared **sp, jobthread_work_h *workh)
{
	struct shared *s;

	s = mem_zalloc(sizeof(*s), shared_destructor);
	if (!s)
		return ENOMEM;

	pthread_mutex_init(&s->mutex, NULL);
	pthread_cond_init(&s->cond, NULL);
	pthread_cond_init(&s->idle, NULL);
	s->workh = workh;

	*sp = s;

	return 0;
}


/**
 * Allocate a thread for jobs; it begins with the first one
 *
 * @param tp    Pointer to allocated thread; free it with jobthread_stop()
 * @param workh Does a job, on the thread
 * @param work  Given to it; owned by the thread if this succeeds
 * @param doneh Takes a job that was done, on the loop
 * @param arg   Its argument
 *
 * @return 0 if success, otherwise errorcode
 */
int jobthread_alloc(struct jobthread **tp, jobthread_work_h *workh, void *work,
		    jobthread_done_h *doneh, void *arg)
{
	struct jobthread *t;
	int err;

	if (!tp || !workh || !doneh)
		return EINVAL;

	t = mem_zalloc(sizeof(*t), destructor);
	if (!t)
		return ENOMEM;

	t->doneh = doneh;
	t->arg   = arg;

	err = shared_alloc(&t->s, workh);
	if (err)
		goto out;

	err = mqueue_alloc(&t->mq, mqueue_handler, t);
	if (err)
		goto out;

	t->s->mq   = t->mq;
	t->s->work = work;

 out:
	if (err)
		mem_deref(t);
	else
		*tp = t;

	return err;
}


/**
 * Have a job done
 *
 * @param t   Thread
 * @param le  List element of the job
 * @param job Job, a libre object; owned by the thread if this succeeds
 *
 * @return 0 if success, otherwise errorcode: no thread can be made
 */
int jobthread_push(struct jobthread *t, struct le *le, void *job)
{
	int err;

	if (!t || !le || !job)
		return EINVAL;

	if (!t->runs) {
		join_those_that_ended();

		err = thread_start(t->s);
		if (err)
			return err;

		t->runs = true;
	}

	pthread_mutex_lock(&t->s->mutex);
	list_append(&t->s->jobl, le, job);
	pthread_cond_signal(&t->s->cond);
	pthread_mutex_unlock(&t->s->mutex);

	return 0;
}


/**
 * Get the number of jobs that wait
 *
 * @param t Thread
 *
 * @return Number of jobs, without the one that is being done
 */
size_t jobthread_waiting(const struct jobthread *t)
{
	size_t n;

	if (!t)
		return 0;

	pthread_mutex_lock(&t->s->mutex);
	n = list_count(&t->s->jobl);
	pthread_mutex_unlock(&t->s->mutex);

	return n;
}


/**
 * Forget the jobs that wait
 *
 * @param t Thread
 *
 * @return How many there were
 */
size_t jobthread_drop(struct jobthread *t)
{
	struct list jobl = LIST_INIT;
	struct le *le;
	size_t n = 0;

	if (!t)
		return 0;

	pthread_mutex_lock(&t->s->mutex);
	while ((le = list_head(&t->s->jobl))) {
		list_unlink(le);
		list_append(&jobl, le, le->data);
		++n;
	}
	pthread_mutex_unlock(&t->s->mutex);

	list_flush(&jobl);

	return n;
}


/**
 * Wait until all jobs are done, and tell of them now: for an end that depends
 * on what became of them. The loop stands still meanwhile
 *
 * @param t Thread, may be NULL
 */
void jobthread_settle(struct jobthread *t)
{
	if (!t || !t->runs)
		return;

	pthread_mutex_lock(&t->s->mutex);
	while (t->s->busy || !list_isempty(&t->s->jobl))
		pthread_cond_wait(&t->s->idle, &t->s->mutex);
	pthread_mutex_unlock(&t->s->mutex);

	tell(t);
}


/**
 * Free a thread. It ends after the job that it is at, and nothing is told
 * any more; the caller does not wait
 *
 * @param t Thread, may be NULL
 */
void jobthread_stop(struct jobthread *t)
{
	if (!t)
		return;

	t->doneh = NULL;
	mem_deref(t);
}


/**
 * Free a thread when it has done all jobs that wait: they are things that must
 * not be lost. Nothing is told any more; jobthread_wait() waits for it
 *
 * @param t Thread, may be NULL
 */
void jobthread_finish(struct jobthread *t)
{
	if (!t)
		return;

	t->rest = true;
	jobthread_stop(t);
}


/**
 * Wait for all threads that are ending. To be called before anything that
 * they use goes: codecs, their modules, this module
 */
void jobthread_wait(void)
{
	struct le *le;

	while ((le = list_head(&leavingl))) {

		struct shared *s = le->data;

		pthread_join(s->tid, NULL);
		mem_deref(s);
	}
}
