/**
 * @file connectycube_hub/sink/sink.c  From the store to wherever
 *
 * Each sink has a thread, and the database open there: one that hangs holds up
 * nobody else. What fails is tried again, for as long as it takes.
 */
#include <errno.h>
#include <re.h>
#include "base/backoff.h"
#include "base/jobthread.h"
#include "base/log.h"
#include "base/mono.h"
#include "../hub.h"
#include "sink.h"
#include "deliver.h"
#include "sinksay.h"


enum {
	RETRY_FIRST = 1000,     /**< After it has failed [ms]              */
	RETRY_MOST = 60000,     /**< Longest [ms]                          */
};

/** A run */
struct job {
	struct le le;           /**< Of the thread                         */
	struct hub_run run;     /**< What came of it                       */
	int err;
	bool retry;             /**< What has failed is to be tried now    */
	int64_t waiting;        /**< Records that wait behind it, -1=?     */
	int64_t oldest;         /**< When the oldest of all came           */
};

/** What the thread works with */
struct worker {
	char *name;             /**< Of the sink (owned)                   */
	char *db;               /**< Path of the database (owned)          */
	struct hub_store *store; /**< If it is open (owned)                */
	enum hub_table table;   /**< What it hands on                      */
	hub_run_h *runh;        /**< What the sink does                    */
	void *state;            /**< Its argument (owned)                  */
};

struct hub_sink {
	struct le le;           /**< Member of the hub's list              */
	struct jobthread *jt;   /**< Its thread                            */
	struct tmr tmr;         /**< Until it is tried again               */
	struct tmr tmr_due;     /**< Until some of it is                   */
	char *name;             /**< Its name (owned)                      */
	char *where;            /**< Where it leads to (owned)             */
	bool busy;              /**< It runs                               */
	bool again;             /**< There is more since                   */
	bool retry;             /**< What has failed is to be tried now    */
	enum hub_table table;   /**< What it hands on                      */
	uint64_t done;          /**< Records that have got there           */
	uint64_t refused;       /**< Tries in that one was refused         */
	uint64_t down;          /**< ... in that none was taken            */
	uint64_t errors;        /**< Runs that have failed without any     */
	int64_t waiting;        /**< Records that wait, -1=not known       */
	int64_t oldest;         /**< When the oldest came [ms since 1970]  */
	int64_t kept;           /**< ... have failed, and wait             */
	int64_t dead;           /**< ... are given up                      */
	struct sinksay say;     /**< What is wrong                         */
};


static void job_destructor(void *data)
{
	struct job *job = data;

	list_unlink(&job->le);
}


static void worker_destructor(void *data)
{
	struct worker *w = data;

	mem_deref(w->state);
	mem_deref(w->store);
	mem_deref(w->name);
	mem_deref(w->db);
}


/* Also of one that has failed: what waits there waits longest */
static int count_waiting(struct worker *w, struct job *job, int failed)
{
	struct hub_run *run = &job->run;
	char why[HUB_WHY] = "";
	int err;

	if (!w->store)
		return failed;

	err = hub_sink_depth(w->store, w->name, &job->waiting, &job->oldest,
			     why, sizeof(why));
	if (err)
		job->waiting = -1;
	if (err && !failed)
		str_ncpy(run->why, why, sizeof(run->why));

	return failed ? failed : err;
}


static void work_handler(void *data, size_t behind, void *arg)
{
	struct worker *w = arg;
	struct job *job = data;
	struct hub_run *run = &job->run;
	int err = 0;
	(void)behind;

	job->waiting = -1;

	if (w->store && hub_store_check(w->store, run->why, sizeof(run->why)))
		w->store = mem_deref(w->store);

	if (!w->store)
		err = hub_store_open(&w->store, w->db, run->why,
				     sizeof(run->why));
	if (!err) {
		hub_store_use(w->store, w->table);
		run->store = w->store;
		err = job->retry ? hub_deliver_retry(w->store, w->name,
			run->why, sizeof(run->why)) : 0;
		job->retry &= err != 0;
	}
	if (!err)
		err = w->runh(w->state, run);

	err = count_waiting(w, job, err);
	if (err)
		w->store = mem_deref(w->store);

	run->store = NULL;
	job->err   = err;
}


static void retry_handler(void *arg)
{
	hub_sink_poke(arg);
}


static void failed(struct hub_sink *sk, const char *why, uint32_t least,
		   uint32_t most)
{
	uint32_t t;

	most = most ? most : RETRY_MOST;
	sinksay_failed(&sk->say, why, max(most, least));
	t = backoff_time(sk->say.failures, RETRY_FIRST, most);
	tmr_start(&sk->tmr, max(t, least), retry_handler, sk);
}


static void add_counts(struct hub_sink *sk, const struct job *job)
{
	const struct hub_run *run = &job->run;

	sk->done    += run->done;
	sk->refused += run->refused;
	sk->down    += run->down;
	sk->errors  += job->err && !run->refused && !run->down;
	sk->kept     = run->kept;
	sk->dead     = run->dead;

	if (job->waiting >= 0) {
		sk->waiting = job->waiting;
		sk->oldest  = job->oldest;
	}
}


static void done_handler(void *data, void *arg)
{
	struct hub_sink *sk = arg;
	struct job *job = data;
	const bool more = job->run.more || sk->again;
	const bool now = sk->retry; /* somebody has asked for it meanwhile */

	sk->busy   = false;
	sk->retry |= job->retry;
	add_counts(sk, job);

	/* any other failure has found out nothing of them */
	if (!job->err || job->err == ECONNREFUSED)
		sinksay_refusals(&sk->say, &job->run);

	if (job->err) {
		failed(sk, job->run.why, job->run.after_ms,
		       job->run.retry_most);
		if (now)
			hub_sink_retry(sk);
	}
	else {
		/* that nothing was due does not mean that it works */
		if (job->run.answered || !job->run.kept)
			sinksay_works(&sk->say);

		if (more)
			hub_sink_poke(sk);
		else if (job->run.again_ms)
			tmr_start(&sk->tmr_due, job->run.again_ms,
				  retry_handler, sk);
	}

	mem_deref(job);
}


/**
 * There may be something to do
 *
 * @param sk Sink
 */
void hub_sink_poke(struct hub_sink *sk)
{
	struct job *job;
	int err;

	sk->again = true;
	if (sk->busy || tmr_isrunning(&sk->tmr))
		return;

	job = mem_zalloc(sizeof(*job), job_destructor);
	if (!job)
		return;

	job->retry = sk->retry;
	err = jobthread_push(sk->jt, &job->le, job);
	if (err) {
		mem_deref(job);
		failed(sk, "no thread", 0, 0);
		return;
	}

	sk->busy  = true;
	sk->again = false;
	sk->retry = false;
}


/**
 * There is more to hand on, of which a run that is to come is told by the
 * database
 *
 * @param sk Sink
 * @param n  How many records more
 */
void hub_sink_more(struct hub_sink *sk, uint32_t n)
{
	/* one that runs counts them itself; one that waits does so late */
	if (!sk->busy && sk->waiting >= 0 && n) {
		sk->waiting += n;
		if (!sk->oldest)
			sk->oldest = (int64_t)(wall_us() / 1000);
	}

	hub_sink_poke(sk);
}


/**
 * All that has failed is tried again now, what was given up, too
 *
 * @param sk Sink
 */
void hub_sink_retry(struct hub_sink *sk)
{
	tmr_cancel(&sk->tmr);
	sk->retry = true;
	hub_sink_poke(sk);
}


/**
 * Get a sink's name
 *
 * @param sk Sink
 *
 * @return Name
 */
const char *hub_sink_name(const struct hub_sink *sk)
{
	return sk->name;
}


/**
 * Get what a sink hands on
 *
 * @param sk Sink
 *
 * @return Table
 */
enum hub_table hub_sink_table(const struct hub_sink *sk)
{
	return sk->table;
}


static void destructor(void *data)
{
	struct hub_sink *sk = data;

	list_unlink(&sk->le);
	tmr_cancel(&sk->tmr);
	tmr_cancel(&sk->tmr_due);
	jobthread_stop(sk->jt);
	mem_deref(sk->name);
	mem_deref(sk->where);
}


static int worker_alloc(struct worker **wp, const char *name, const char *db,
			hub_run_h *runh)
{
	struct worker *w;
	int err;

	w = mem_zalloc(sizeof(*w), worker_destructor);
	if (!w)
		return ENOMEM;

	w->runh = runh;
	err  = str_dup(&w->name, name);
	err |= str_dup(&w->db, db);

	if (err)
		mem_deref(w);
	else
		*wp = w;

	return err;
}


/**
 * Make a sink; it begins when it is told to
 *
 * @param skp   Pointer to it, freed by mem_deref()
 * @param sinkl List that it becomes a member of
 * @param table What it hands on
 * @param name  Its name, in the database too
 * @param where Where it leads to, for those who ask
 * @param db    Path of the database
 * @param runh  What it does, on its thread
 * @param state Its argument, owned by the thread if this succeeds
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_sink_alloc(struct hub_sink **skp, struct list *sinkl,
		   enum hub_table table, const char *name, const char *where,
		   const char *db, hub_run_h *runh, void *state)
{
	struct worker *w = NULL;
	struct hub_sink *sk;
	int err;

	if (!skp || !sinkl || !name || !where || !db || !runh)
		return EINVAL;

	sk = mem_zalloc(sizeof(*sk), destructor);
	if (!sk)
		return ENOMEM;

	sk->waiting = -1;
	err  = str_dup(&sk->name, name);
	err |= str_dup(&sk->where, where);
	if (!err)
		err = worker_alloc(&w, name, db, runh);
	if (!err)
		err = jobthread_alloc(&sk->jt, work_handler, w, done_handler,
				      sk);
	if (err) {
		mem_deref(w);
		mem_deref(sk);
		return err;
	}

	w->table = sk->table = sk->say.table = table;
	sk->say.name  = sk->name;
	sk->say.where = sk->where;
	w->state = state;
	list_append(sinkl, &sk->le, sk);
	*skp = sk;

	return 0;
}


/**
 * Count how far a sink is
 *
 * @param n  Set to it
 * @param sk Sink
 */
void hub_sink_counts(struct hub_sink_counts *n, const struct hub_sink *sk)
{
	n->failing = sk->say.failures > 0;
	n->done    = sk->done;
	n->refused = sk->refused;
	n->down    = sk->down;
	n->errors  = sk->errors;
	n->waiting = sk->waiting;
	n->oldest  = sk->oldest;
	n->kept    = sk->kept;
	n->dead    = sk->dead;
}


/**
 * Print how far a sink is
 *
 * @param pf Print handler
 * @param sk Sink
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_sink_print(struct re_printf *pf, const struct hub_sink *sk)
{
	/* what it is at is no longer what it was told of */
	const bool busy = sk->busy || (sk->again && !tmr_isrunning(&sk->tmr));
	int err;

	err = re_hprintf(pf, "sink    %s done=%llu waiting=", sk->name,
			 sk->done);
	err |= sk->waiting < 0 || (busy && !sk->waiting)
		? re_hprintf(pf, "?") : re_hprintf(pf, "%lli", sk->waiting);
	if (busy)
		err |= re_hprintf(pf, " busy");
	if (sk->kept || sk->dead)
		err |= re_hprintf(pf, " failed=%lli dead=%lli", sk->kept,
				  sk->dead);
	err |= re_hprintf(pf, " %s\n", sk->where);

	return err | sinksay_print(pf, &sk->say,
				   tmr_get_expire(&sk->tmr));
}
