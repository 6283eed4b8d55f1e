/**
 * @file connectycube_hub/timeline/keep.c  Lines of calls into the database
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mem.h>
#include <re_tmr.h>
#include "base/jobthread.h"
#include "base/log.h"
#include "base/mono.h"
#include "../hub.h"
#include "../dbworker.h"
#include "../query.h"
#include "../feed.h"
#include "timeline.h"


enum {
	TICK = 60000,           /**< Old ones are looked for each [ms]     */
	JOBS_MOST = 1000,       /**< Lines that wait to be written         */
};

/** A line that is written */
struct job {
	struct le le;           /**< Of the thread                         */
	char id[TIMELINE_ID];
	char *json;             /**< (owned)                               */
	int err;
	char why[HUB_WHY];
};

static struct {
	struct timelines *lines; /* (owned) */
	struct hub_feed *feed;  /* (owned) */
	struct jobthread *thread;
	struct tmr tmr;
	bool failing;
} keep;


static void job_destructor(void *data)
{
	struct job *job = data;

	list_unlink(&job->le);
	free(job->json);
}


/* Not without its record, with which it goes */
static int write_line(struct hub_store *s, struct job *job)
{
	struct query q;
	int err;

	err = query_begin(&q, s, "INSERT OR REPLACE INTO timelines(id,json)"
			  " SELECT id,?2 FROM records WHERE id=?1", job->id,
			  job->why, sizeof(job->why));
	if (err)
		return query_end(&q, err);

	query_text(&q, 2, job->json);

	return query_run(&q);
}


static void work_handler(void *data, size_t behind, void *work)
{
	struct dbworker *w = work;
	struct job *job = data;
	struct hub_store *store;
	(void)behind;

	job->err = dbworker_open(w, &store, job->why, sizeof(job->why));
	if (!job->err)
		job->err = write_line(store, job);
	if (job->err)
		dbworker_close(w);
}


static void done_handler(void *data, void *arg)
{
	struct job *job = data;
	(void)arg;

	if (job->err && !keep.failing)
		clog_warning("hub: what was measured of a call is not kept:"
			     " %s\n", job->why);
	keep.failing = job->err != 0;
	mem_deref(job);
}


static void over(const char *id)
{
	struct job *job;
	char *json;

	if (!id || timelines_take(keep.lines, &json, id))
		return;

	job = jobthread_waiting(keep.thread) < JOBS_MOST ?
		mem_zalloc(sizeof(*job), job_destructor) : NULL;
	if (!job) {
		free(json);
		return;
	}

	(void)re_snprintf(job->id, sizeof(job->id), "%s", id);
	job->json = json;
	if (jobthread_push(keep.thread, &job->le, job))
		mem_deref(job);
}


static void feed_handler(const struct hub_tell *t, void *arg)
{
	(void)arg;

	if (t->what == HUB_TOLD_STATS)
		timelines_stats(keep.lines, t->body, wall_us() / 1000,
				mono_ms());
	else
		over(json_string_value(json_object_get(t->body, "id")));
}


static void tick(void *arg)
{
	(void)arg;

	timelines_forget(keep.lines, mono_ms());
	tmr_start(&keep.tmr, TICK, tick, NULL);
}


/**
 * Begin to keep what is measured of calls
 *
 * @param db Path of the database
 *
 * @return 0 if success, otherwise errorcode
 */
int timeline_start(const char *db)
{
	int err;

	err = dbworker_thread(&keep.thread, db, work_handler, done_handler);
	if (!err)
		err = timelines_alloc(&keep.lines);
	if (!err)
		err = hub_feed_listen(&keep.feed, HUB_TOLD_STATS |
				      HUB_TOLD_RECORD, feed_handler, NULL);
	if (err)
		timeline_stop();
	else
		tmr_start(&keep.tmr, TICK, tick, NULL);

	return err;
}


/**
 * End. What waits is written
 */
void timeline_stop(void)
{
	tmr_cancel(&keep.tmr);
	keep.feed  = mem_deref(keep.feed);
	keep.lines = mem_deref(keep.lines);
	jobthread_finish(keep.thread);
	keep.thread = NULL;
}
