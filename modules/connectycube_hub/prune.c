/**
 * @file connectycube_hub/prune.c
 * Records that are old enough are forgotten, and with them what is left of the
 * recordings of their calls (prunerec.c)
 *
 * In small steps on a thread, with the database free for bridges between them.
 * What a sink has not handed on yet stays, however old it is, and holds up none
 * of those behind it; so does what is tried again. A record that is given up goes like any other.
 */
#include <string.h>
#include <sqlite3.h>
#include <re.h>
#include "base/jobthread.h"
#include "base/log.h"
#include "base/mono.h"
#include "base/text.h"
#include "clock.h"
#include "hub.h"
#include "sink/sink.h"
#include "prune.h"
#include "query.h"
#include "store.h"


enum {
	STEP = 200,             /**< Records that go at once               */
	SEQ_MAX = 22,           /**< Characters of a number, with a comma  */
	FIRST = 60000,          /**< After the start [ms]                  */
	NEXT = 600000,          /**< Between two times [ms]                */
	SOON = 100,             /**< Between two steps [ms]                */
};

#define DAY (86400 * 1000ll)

/** A step */
struct job {
	struct le le;           /**< Of the thread                         */
	int err;
	uint32_t n;             /**< Records that have gone                */
	uint32_t recordings;    /**< ... recordings                        */
	bool sound;             /**< The clock has been right for a day    */
	char why[HUB_WHY];      /**< What is wrong                         */
};

/** Sinks that need what may go */
struct needy {
	char namev[HUB_PRUNE_SINKS][HUB_NAME]; /**< Their names            */
	size_t namec;
	char json[1280];        /**< The same, as JSON                     */
};

/** What the thread works with */
struct worker {
	char *db;               /**< Path of the database (owned)          */
	struct hub_store *store; /**< If it is open (owned)                */
	uint32_t days;          /**< Older ones go                         */
	struct needy records;   /**< Of records                            */
	struct needy recordings; /**< Of recordings                        */
};

struct hub_prune {
	struct jobthread *jt;   /**< Its thread                            */
	struct tmr tmr;         /**< Until the next step                   */
	uint64_t n;             /**< Records that have gone                */
	bool held;              /**< None go: the clock may be wrong       */
	uint32_t round;         /**< ... since the last one that found none */
	char why[HUB_WHY];      /**< What is wrong, ""=nothing             */
};


static void worker_destructor(void *data)
{
	struct worker *w = data;

	mem_deref(w->store);
	mem_deref(w->db);
}


static void job_destructor(void *data)
{
	struct job *job = data;

	list_unlink(&job->le);
}


/* All sinks have what is numbered up to there */
static int find_last(struct hub_store *s, const struct needy *n,
		     int64_t *lastp, char *why, size_t size)
{
	int64_t last = INT64_MAX;
	struct hub_pos pos;
	size_t i;
	int err = 0;

	for (i=0; i<n->namec && !err; i++) {

		err = hub_store_pos(s, n->namev[i], &pos, why, size);
		last = MIN(last, pos.seq);
	}

	*lastp = last;

	return err;
}


static int forget_dead(struct hub_store *s, const char *sinks, char *why,
		       size_t size)
{
	struct query q;
	int err;

	err = query_begin(&q, s, "DELETE FROM deliveries WHERE dead AND sink"
			  " IN (SELECT value FROM json_each(?1)) AND seq<"
			  "(SELECT coalesce(min(seq),9223372036854775807)"
			  " FROM records)", sinks, why, size);

	return err ? query_end(&q, err) : query_run(&q);
}


/* What seems to be of before that came while the clock knew of no date */
static int64_t time_min(int64_t now)
{
	return now < HUB_TIME_MIN ? INT64_MIN : HUB_TIME_MIN;
}


/* What came while the clock was ahead would stay for as long as that was, what
   came while it knew of no date would go at once: it counts as of now */
static int come_now(struct hub_store *s, int64_t now, char *why, size_t size)
{
	struct query q;
	int err;

	err = query_begin(&q, s, "UPDATE records SET received=?1 WHERE seq IN"
			  " (SELECT seq FROM records WHERE received>?2 OR"
			  " received<?4 LIMIT ?3)", NULL, why, size);
	if (err)
		return query_end(&q, err);

	query_int(&q, 1, now);
	query_int(&q, 2, now + DAY);
	query_int(&q, 3, STEP);
	query_int(&q, 4, time_min(now));

	return query_run(&q);
}


/* No sink is going to try it again */
#define UNWANTED \
	"NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.seq=o.seq AND NOT" \
	" d.dead AND d.sink IN (SELECT value FROM json_each(?1)))"


/* Set to the numbers of those that may go, as JSON */
static int find_old(struct hub_store *s, const struct hub_prune_limit *lim,
		    char *seqs, size_t seqsz, char *why, size_t size)
{
	struct query q;
	int err;

	/* old ones alone are looked at: bridges go on meanwhile */
	err = query_begin(&q, s, "SELECT json_group_array(seq) FROM (SELECT seq"
			  " FROM records o INDEXED BY records_received WHERE"
			  " received BETWEEN ?5 AND ?3 AND seq<=?4 AND "
			  UNWANTED " ORDER BY received LIMIT ?2)", lim->sinks, why,
			  size);
	if (err)
		return query_end(&q, err);

	query_int(&q, 2, STEP);
	query_int(&q, 3, lim->now - lim->days * DAY - 1);
	query_int(&q, 4, lim->last);
	query_int(&q, 5, time_min(lim->now));
	err = query_row(&q);
	if (!err)
		str_ncpy(seqs, (const char *)sqlite3_column_text(q.stmt, 0),
			 seqsz);

	return query_end(&q, err);
}


static int forget_those(struct hub_store *s, const char *sql,
			const char *sinks, const char *seqs, char *why,
			size_t size)
{
	struct query q;
	const int err = query_begin(&q, s, sql, sinks, why, size);

	if (err)
		return query_end(&q, err);

	query_text(&q, 2, seqs);

	return query_run(&q);
}


/* Somebody may want one again meanwhile (/hub_retry). Of what was given up
   nobody knows any more what it was about */
static int forget(struct hub_store *s, const char *sinks, const char *seqs,
		  uint32_t *np, char *why, size_t size)
{
	int err;

	err = store_exec(s, "BEGIN IMMEDIATE", why, size);
	if (err)
		return err;

	err = forget_those(s, "DELETE FROM records AS o WHERE seq IN (SELECT"
			   " value FROM json_each(?2)) AND " UNWANTED, sinks,
			   seqs, why, size);
	if (!err) {
		*np = (uint32_t)sqlite3_changes(s->db);
		err = forget_those(s, "DELETE FROM deliveries WHERE dead AND"
				   " seq IN (SELECT value FROM json_each(?2))"
				   " AND sink IN (SELECT value FROM"
				   " json_each(?1))", sinks, seqs, why, size);
	}
	if (!err)
		err = store_exec(s, "COMMIT", why, size);
	if (err) {
		*np = 0;
		(void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	}

	return err;
}


/**
 * Forget some of the oldest records, if they are old enough
 *
 * @param s    Store
 * @param lim  Which may go
 * @param np   Set to how many have gone
 * @param why  Set to what is wrong
 * @param size Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_prune_step(struct hub_store *s, const struct hub_prune_limit *lim,
		   uint32_t *np, char *why, size_t size)
{
	char seqs[STEP * SEQ_MAX + 3];
	int err;

	if (!s || !lim || !lim->sinks || !np)
		return EINVAL;

	*np = 0;

	err = come_now(s, lim->now, why, size);
	if (!err)
		err = find_old(s, lim, seqs, sizeof(seqs), why, size);
	if (err || !strcmp(seqs, "[]"))
		return err;

	err = forget(s, lim->sinks, seqs, np, why, size);

	/* what a hub of before has left */
	return err || !*np ? err : forget_dead(s, lim->sinks, why, size);
}


static int work(struct worker *w, struct job *job, struct hub_prune_limit *lim)
{
	const size_t size = sizeof(job->why);
	int err;

	lim->sinks = w->records.json;
	err = find_last(w->store, &w->records, &lim->last, job->why, size);
	if (!err)
		err = hub_prune_step(w->store, lim, &job->n, job->why, size);

	/* a recording goes behind the record of its call */
	if (err || job->n)
		return err;

	lim->sinks = w->recordings.json;
	err = find_last(w->store, &w->recordings, &lim->last, job->why, size);

	return err ? err : hub_prune_recordings(w->store, lim,
						&job->recordings, job->why,
						size);
}


static void work_handler(void *data, size_t behind, void *arg)
{
	struct worker *w = arg;
	struct job *job = data;
	struct hub_prune_limit lim = {
		.now = (int64_t)(wall_us() / 1000), .days = w->days
	};
	(void)behind;

	if (w->store && hub_store_check(w->store, job->why, sizeof(job->why)))
		w->store = mem_deref(w->store);

	if (!w->store)
		job->err = hub_store_open(&w->store, w->db, job->why,
					  sizeof(job->why));
	if (!job->err)
		job->err = hub_clock_sound(w->store, &job->sound, job->why,
					   sizeof(job->why));
	if (!job->err && job->sound)
		job->err = work(w, job, &lim);
	if (job->err)
		w->store = mem_deref(w->store);
}


static void step_handler(void *arg);


static void done_handler(void *data, void *arg)
{
	struct hub_prune *p = arg;
	struct job *job = data;

	if (job->err && strcmp(p->why, job->why))
		clog_warning("hub: old records stay: %s\n", job->why);
	str_ncpy(p->why, job->err ? job->why : "", sizeof(p->why));

	p->held   = !job->err && !job->sound;
	p->n     += job->n;
	p->round += job->n;
	if (!job->n && p->round) {
		clog_info("hub: %u %s gone\n", p->round,
			  text_plural(p->round, "record was old enough, and is",
				      "records were old enough, and are"));
		p->round = 0;
	}

	tmr_start(&p->tmr, job->n || job->recordings ? SOON : NEXT,
		  step_handler, p);
	mem_deref(job);
}


static void step_handler(void *arg)
{
	struct hub_prune *p = arg;
	struct job *job = mem_zalloc(sizeof(*job), job_destructor);

	if (job && !jobthread_push(p->jt, &job->le, job))
		return;

	mem_deref(job);
	tmr_start(&p->tmr, NEXT, step_handler, p);
}


static void destructor(void *data)
{
	struct hub_prune *p = data;

	tmr_cancel(&p->tmr);
	jobthread_stop(p->jt);
}


/* Their names are words of ours */
static void set_needy(struct needy *needy, const struct list *sinkl,
		      enum hub_table table)
{
	struct le *le;
	size_t n = 0;

	needy->json[n++] = '[';
	for (le = list_head(sinkl); le; le = le->next) {

		const char *name = hub_sink_name(le->data);

		if (hub_sink_table(le->data) != table)
			continue;

		str_ncpy(needy->namev[needy->namec], name, HUB_NAME);
		n += (size_t)re_snprintf(&needy->json[n],
					 sizeof(needy->json) - n, "%s\"%s\"",
					 needy->namec++ ? "," : "", name);
	}
	needy->json[n] = ']';
}


/**
 * Begin to forget old records
 *
 * @param pp    Pointer to it, freed by mem_deref()
 * @param db    Path of the database
 * @param days  Records are kept for so long
 * @param sinkl Sinks (struct hub_sink), who may still need some
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_prune_alloc(struct hub_prune **pp, const char *db, uint32_t days,
		    const struct list *sinkl)
{
	struct hub_prune *p = NULL;
	struct worker *w;
	int err;

	if (!pp || !db || !days || list_count(sinkl) > HUB_PRUNE_SINKS)
		return EINVAL;

	w = mem_zalloc(sizeof(*w), worker_destructor);
	if (!w)
		return ENOMEM;

	w->days = days;
	set_needy(&w->records, sinkl, HUB_RECORDS);
	set_needy(&w->recordings, sinkl, HUB_RECORDINGS);

	err = str_dup(&w->db, db);
	p   = mem_zalloc(sizeof(*p), destructor);
	if (!err && !p)
		err = ENOMEM;
	if (!err)
		err = jobthread_alloc(&p->jt, work_handler, w, done_handler,
				      p);
	if (err) {
		mem_deref(w);
		mem_deref(p);
		return err;
	}

	tmr_start(&p->tmr, FIRST, step_handler, p);
	*pp = p;

	return 0;
}


/**
 * Print what has gone
 *
 * @param pf Print function
 * @param p  What forgets them, NULL=nothing does
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_prune_print(struct re_printf *pf, const struct hub_prune *p)
{
	const char *why;

	if (!p)
		return 0;

	why = p->why[0] ? p->why : p->held ? "none go before the clock has"
		" been right for a day" : "";

	return re_hprintf(pf, "old     removed=%llu%s%s\n", p->n,
			  why[0] ? " " : "", why);
}
