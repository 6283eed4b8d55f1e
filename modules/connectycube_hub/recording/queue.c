/**
 * @file connectycube_hub/recording/queue.c  Recordings that wait to be finished
 */
#include <string.h>
#include <unistd.h>
#include <re.h>
#include "base/backoff.h"
#include "base/jobthread.h"
#include "base/log.h"
#include "base/mono.h"
#include "../hub.h"
#include "recfacts.h"
#include "recording.h"
#include "child.h"
#include "queue.h"


enum {
	LOOK = 30000,           /**< Every [ms]                            */
	LOOK_SOON = 1000,       /**< After somebody has told us [ms]       */
	HURRY = 3,              /**< ... so often: it may still be locked  */
	RETRY_FIRST = 1000,     /**< After it has failed [ms]              */
	RETRY_MOST = 600000,    /**< Longest [ms]                          */
};

static void look(struct hrec_queue *q);
static void dispatch(struct hrec_queue *q);


static void entry_destructor(void *data)
{
	struct hrec_entry *e = data;

	list_unlink(&e->le);
}


static struct hrec_entry *find(const struct hrec_queue *q, const char *id)
{
	struct le *le;

	for (le=list_head(&q->entryl); le; le=le->next) {

		struct hrec_entry *e = le->data;

		if (!strcmp(e->id, id))
			return e;
	}

	return NULL;
}


/* A new one is in the database */
static void told(struct hrec_queue *q, const struct hrec_job *job)
{
	struct hub_record *r;

	if (!job->json)
		return;

	if (!hub_record_alloc(&r, job->id, job->json))
		(void)hrec_recent_add(q, r);

	if (job->result == REC_DONE)
		++q->finished;
	else
		++q->failed;

	q->freshh(job->json, q->arg);
}


static void try_again(struct hrec_entry *e, const struct hrec_job *job)
{
	if (!e->failures++ || strcmp(e->why, job->why))
		clog_warning("hub: recording %s waits: %s\n", e->id,
			     job->why);

	str_ncpy(e->why, job->why, sizeof(e->why));
	e->next = mono_ms() + backoff_time(e->failures, RETRY_FIRST,
					  RETRY_MOST);
}


static void finished(struct hrec_queue *q, struct hrec_entry *e,
		     const struct hrec_job *job)
{
	switch (job->result) {

	case REC_DONE:
		clog_info("hub: recording %s is finished\n", job->id);
		told(q, job);
		mem_deref(e);
		break;

	case REC_ASIDE:
		clog_warning("hub: recording %s is set aside, in %s/bad: %s\n",
			     job->id, q->cfg->spool, job->why);
		++q->aside;
		told(q, job);
		mem_deref(e);
		break;

	case REC_FAULT:
		++e->faults;
		try_again(e, job);
		break;

	case REC_LATER:
		try_again(e, job);
		break;

	/* the next look finds it again */
	case REC_WRITING:
		mem_deref(e);
		break;
	}
}


static void done_handler(void *data, void *arg)
{
	struct hrec_slot *slot = arg;
	struct hrec_queue *q = slot->q;
	struct hrec_job *job = data;
	struct hrec_entry *e = find(q, job->id);

	slot->busy = false;
	if (e) {
		e->busy = false;
		finished(q, e, job);
	}

	mem_deref(job);
	dispatch(q);
}


static void begin(struct hrec_slot *slot, struct hrec_entry *e)
{
	struct hrec_job *job;

	if (hrec_job_alloc(&job, e->id, e->faults))
		return;

	if (jobthread_push(slot->jt, &job->le, job)) {
		mem_deref(job);
		return;
	}

	slot->busy = e->busy = true;
}


/* Those that have failed come after those that have not, or less often: one
   that takes its time each time would keep all others waiting */
static struct hrec_entry *next_entry(const struct hrec_queue *q, uint64_t now)
{
	struct hrec_entry *best = NULL;
	struct le *le;

	for (le=list_head(&q->entryl); le; le=le->next) {

		struct hrec_entry *e = le->data;

		if (e->busy || e->next > now)
			continue;
		if (!best || e->failures < best->failures)
			best = e;
		if (!best->failures)
			break;
	}

	return best;
}


static void next_handler(void *arg)
{
	dispatch(arg);
}


static void arm_next(struct hrec_queue *q, uint64_t now)
{
	uint64_t first = UINT64_MAX;
	struct le *le;

	for (le=list_head(&q->entryl); le; le=le->next) {

		const struct hrec_entry *e = le->data;

		if (!e->busy && e->next > now)
			first = min(first, e->next);
	}

	if (first == UINT64_MAX)
		tmr_cancel(&q->tmr_next);
	else
		tmr_start(&q->tmr_next, first - now, next_handler, q);
}


static void dispatch(struct hrec_queue *q)
{
	const uint64_t now = mono_ms();
	struct hrec_entry *e;
	struct le *le;

	for (le=list_head(&q->slotl); le; le=le->next) {

		struct hrec_slot *slot = le->data;

		if (slot->busy)
			continue;

		e = next_entry(q, now);
		if (!e)
			break;

		begin(slot, e);
	}

	arm_next(q, now);
}


static void take_raw(struct hrec_queue *q, const struct list *rawl)
{
	struct le *le;

	for (le=list_head(&q->entryl); le; le=le->next)
		((struct hrec_entry *)le->data)->there = false;

	for (le=list_head(rawl); le; le=le->next) {

		const struct hrec_raw *raw = le->data;
		struct hrec_entry *e = find(q, raw->id);

		if (!e) {
			e = mem_zalloc(sizeof(*e), entry_destructor);
			if (!e)
				return;
			str_ncpy(e->id, raw->id, sizeof(e->id));
			list_append(&q->entryl, &e->le, e);
		}
		e->there = true;
	}

	/* somebody has taken them away */
	le = list_head(&q->entryl);
	while (le) {

		struct hrec_entry *e = le->data;

		le = le->next;
		if (!e->there && !e->busy && list_count(rawl) < REC_RAW_MAX)
			mem_deref(e);
	}
}


static void say_once(char *had, const char *why, const char *what)
{
	if (why[0] && strcmp(had, why))
		clog_warning("hub: %s: %s\n", what, why);

	str_ncpy(had, why, HUB_WHY);
}


static void looked(struct hrec_queue *q, struct hrec_scan *sc)
{
	struct le *le;

	say_once(q->why, sc->err ? sc->why : "", "recordings");
	say_once(q->short_of, sc->short_of, "recordings");
	memcpy(q->diskv, sc->diskv, sizeof(q->diskv));
	q->retry |= sc->retry;
	if (sc->err)
		return;

	if (q->program[0] && !sc->program[0])
		clog_info("hub: recordings can be finished again\n");
	say_once(q->program, sc->program, "recordings");
	if (q->programh)
		q->programh(q->program, q->arg);

	while ((le = list_head(&sc->recentl))) {

		struct hub_record *r = le->data;

		/* those of before were told by who was here then */
		if (hrec_recent_add(q, r) && !sc->first)
			q->freshh(r->json, q->arg);
	}

	q->first    = false;
	q->seen     = sc->seen;
	q->finished = sc->finished;
	q->failed   = sc->failed;
	q->writing  = sc->writing;
	q->aside    = sc->aside;
	take_raw(q, &sc->rawl);
	dispatch(q);
}


static void tmr_handler(void *arg)
{
	look(arg);
}


static void looked_handler(void *data, void *arg)
{
	struct hrec_slot *slot = arg;
	struct hrec_queue *q = slot->q;
	struct hrec_scan *sc = data;

	slot->busy = false;
	looked(q, sc);
	mem_deref(sc);

	if (q->again) {
		look(q);
		return;
	}

	if (q->hurry)
		--q->hurry;
	tmr_start(&q->tmr_look, q->hurry ? LOOK_SOON : LOOK, tmr_handler, q);
}


static void look(struct hrec_queue *q)
{
	struct hrec_scan *sc;

	q->again = true;
	if (q->looks->busy)
		return;

	tmr_start(&q->tmr_look, LOOK, tmr_handler, q);
	if (hrec_scan_alloc(&sc))
		return;

	sc->first = q->first;
	sc->seen  = q->seen;
	sc->retry = q->retry;
	if (jobthread_push(q->looks->jt, &sc->le, sc)) {
		mem_deref(sc);
		return;
	}

	q->looks->busy = true;
	q->again = q->retry = false;
}


/**
 * Let somebody be told, at each look, whether recordings can be finished
 *
 * @param q        Queue
 * @param programh Handler, its argument is that of hrec_queue_alloc()
 */
void hrec_queue_set_program(struct hrec_queue *q, hrec_program_h *programh)
{
	if (q)
		q->programh = programh;
}


/**
 * There may be something to finish
 *
 * @param q     Queue
 * @param retry What was set aside is tried again, and what waits at once
 */
void hrec_queue_poke(struct hrec_queue *q, bool retry)
{
	struct le *le;

	if (!q)
		return;

	for (le=list_head(&q->entryl); le && retry; le=le->next) {

		struct hrec_entry *e = le->data;

		e->faults = 0;
		e->next   = 0;
	}

	q->retry = q->retry || retry;
	q->hurry = HURRY;
	look(q);
}


static void destructor(void *data)
{
	struct hrec_queue *q = data;

	child_quit(true);
	tmr_cancel(&q->tmr_look);
	tmr_cancel(&q->tmr_next);
	mem_deref(q->looks);
	list_flush(&q->slotl);
	list_flush(&q->entryl);
	list_flush(&q->recentl);
	mem_deref(q->db);
}


static int add_slots(struct hrec_queue *q)
{
	struct hrec_slot *slot;
	uint32_t n;
	int err;

	err = hrec_slot_alloc(&q->looks, q, true, looked_handler);

	for (n=0; n<q->cfg->jobs && !err; n++) {
		err = hrec_slot_alloc(&slot, q, false, done_handler);
		if (!err)
			list_append(&q->slotl, &slot->le, slot);
	}

	return err;
}


/**
 * Begin to finish recordings
 *
 * @param qp     Pointer to the queue, freed by mem_deref()
 * @param cfg    Configuration, which lives as long as all threads
 * @param db     Path of the database
 * @param freshh There are new ones
 * @param arg    Its argument
 *
 * @return 0 if success, otherwise errorcode, which has been said
 */
int hrec_queue_alloc(struct hrec_queue **qp, const struct hrec_config *cfg,
		    const char *db, hrec_fresh_h *freshh, void *arg)
{
	struct hrec_queue *q;
	int err;

	if (!qp || !cfg || !db || !freshh)
		return EINVAL;

	q = mem_zalloc(sizeof(*q), destructor);
	if (!q)
		return ENOMEM;

	child_quit(false);
	q->cfg    = cfg;
	q->first  = true;
	q->seen   = -1;
	q->freshh = freshh;
	q->arg    = arg;

	err = str_dup(&q->db, db);
	if (!err)
		err = add_slots(q);
	if (err) {
		mem_deref(q);
		return err;
	}

	look(q);
	*qp = q;

	return 0;
}
