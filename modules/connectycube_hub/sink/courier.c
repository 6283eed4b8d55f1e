/**
 * @file connectycube_hub/sink/courier.c  Hands records on, one by one
 *
 * At least once each: their ids tell those that come again. What fails is
 * tried again after a second, two, four, up to ten minutes, for three days;
 * then it is a dead letter, which stays in the database. One record that is
 * refused holds up no other; a receiver that is down is tried with one. Whether
 * it is down, or one record is more than it can take (500), the next new one
 * tells.
 */
#include <errno.h>
#include <string.h>
#include <sqlite3.h>
#include <re.h>
#include "base/backoff.h"
#include "base/log.h"
#include "base/mono.h"
#include "../clock.h"
#include "../hub.h"
#include "sink.h"
#include "deliver.h"
#include "courier.h"


enum {
	AT_ONCE = 32,           /**< Tries of a run                        */
	AGAIN_FIRST = 1000,     /**< After it has failed [ms]              */
	AGAIN_MOST = 600000,    /**< Longest [ms]                          */
	CLOCK_FIRST = 1000,     /**< What its clock shows in the beginning */
};

/** For so long a record is tried [ms] */
#define DEAD_AFTER (72 * 3600 * 1000ll)

struct hub_courier {
	char *name;             /**< Of the sink (owned)                   */
	hub_give_h *giveh;      /**< Hands one on                          */
	hub_given_h *givenh;    /**< They have it, or NULL                 */
	hub_reach_h *reachh;    /**< Are they there? NULL=yes, or not yet
				     known                                 */
	hub_dead_h *deadh;      /**< One is given up, or NULL              */
	hub_tidy_h *tidyh;      /**< Does what is left, or NULL            */
	void *arg;              /**< Their argument (owned)                */
	int64_t at;             /**< What its clock showed [ms], 0=it does
				     not go yet                            */
	uint64_t mono;          /**< ... when that was [ms]                */
};

/** A record that is tried */
struct attempt {
	struct hub_delivery d;
	char id[HUB_ID];        /**< Its id                                */
	bool fresh;             /**< For the first time                    */
	bool found;             /**< There is one                          */
};


static void destructor(void *data)
{
	struct hub_courier *c = data;

	mem_deref(c->arg);
	mem_deref(c->name);
}


/**
 * Make a courier
 *
 * @param cp     Pointer to it, freed by mem_deref()
 * @param name   Name of the sink
 * @param reachh Tells whether they are there, NULL=only records show that
 * @param giveh  Hands one on
 * @param givenh Notes that they have it, NULL=nothing is to be noted
 * @param arg    Their argument, owned by the courier if this succeeds
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_courier_alloc(struct hub_courier **cp, const char *name,
		      hub_reach_h *reachh, hub_give_h *giveh,
		      hub_given_h *givenh, void *arg)
{
	struct hub_courier *c;
	int err;

	if (!cp || !name || !giveh)
		return EINVAL;

	c = mem_zalloc(sizeof(*c), destructor);
	if (!c)
		return ENOMEM;

	err = str_dup(&c->name, name);
	if (err) {
		mem_deref(c);
		return err;
	}

	c->reachh = reachh;
	c->giveh  = giveh;
	c->givenh = givenh;
	c->arg    = arg;
	*cp = c;

	return 0;
}


/**
 * Have a courier tidy up
 *
 * @param c     Courier
 * @param deadh A record is given up
 * @param tidyh Does what is left to do, after each run
 */
void hub_courier_tidy(struct hub_courier *c, hub_dead_h *deadh,
		      hub_tidy_h *tidyh)
{
	c->deadh = deadh;
	c->tidyh = tidyh;
}


static int fresh_handler(int64_t seq, struct sqlite3_stmt *row, void *arg)
{
	const char *json = (const char *)sqlite3_column_text(row, 1);
	const char *id   = (const char *)sqlite3_column_text(row, 2);
	struct attempt *a = arg;
	int err;

	if (!json || !id)
		return ENOMEM;

	err = str_dup(&a->d.json, json);
	if (err)
		return err;

	str_ncpy(a->id, id, sizeof(a->id));
	a->d.seq = seq;
	a->fresh = a->found = true;

	return 0;
}


static int id_handler(int64_t seq, struct sqlite3_stmt *row, void *arg)
{
	const char *id = (const char *)sqlite3_column_text(row, 1);
	struct attempt *a = arg;
	(void)seq;

	if (id)
		str_ncpy(a->id, id, sizeof(a->id));

	return 0;
}


/* Its clock goes on where it was when something had failed last: else nobody
   asks what it shows */
static int64_t clock_now(const struct hub_courier *c)
{
	return c->at + (int64_t)(mono_ms() - c->mono);
}


static int clock_start(struct hub_courier *c, struct hub_run *run)
{
	int64_t at = CLOCK_FIRST;
	int err;

	if (c->at)
		return 0;

	err = hub_clock_load(run->store, c->name, &at, NULL, run->why,
			     sizeof(run->why));
	if (!err)
		err = hub_deliver_tidy(run->store, c->name, run->why,
				       sizeof(run->why));
	if (err)
		return err;

	c->at   = at;
	c->mono = mono_ms();

	return 0;
}


/** A run */
struct round {
	struct hub_courier *c;
	struct hub_run *run;
	struct hub_pos pos;     /**< Position                              */
	bool probe;             /**< With a new one: is it down?           */
	bool found;             /**< There was something to try            */
};


/* What is tried now: what has failed before and is due, or the next new one */
static int find(struct attempt *a, const struct round *r, int64_t now)
{
	const struct hub_courier *c = r->c;
	struct hub_run *run = r->run;
	const size_t size = sizeof(run->why);
	int err;

	memset(a, 0, sizeof(*a));

	err = r->probe ? 0 : hub_deliver_due(run->store, c->name, now, &a->d,
					     &a->found, run->why, size);
	if (err)
		return err;

	if (a->found)
		return hub_store_each(run->store, a->d.seq - 1, 1, "id",
				      id_handler, a, run->why, size);

	a->d.first = now;

	return hub_store_each(run->store, r->pos.seq, 1, "json,id",
			      fresh_handler, a, run->why, size);
}


static int failed(struct attempt *a, const struct hub_courier *c,
		  struct hub_run *run, int64_t now,
		  const struct hub_fault *fault)
{
	const size_t size = sizeof(run->why);
	int err;

	/* of one that was given up it is the first time again */
	a->d.first = min(a->d.first, now);

	++a->d.tries;
	a->d.next = now + max(backoff_time(a->d.tries, AGAIN_FIRST, AGAIN_MOST),
			      fault->after_ms);

	err = hub_deliver_keep(run->store, c->name, &a->d, fault->why,
			       run->why, size);
	if (!err)
		err = hub_clock_save(run->store, c->name, now, 0, run->why,
				     size);
	if (err || now - a->d.first < DEAD_AFTER)
		return err;

	clog_warning("hub: %s: record %s is given up after three days: %s\n",
		     c->name, a->id, fault->why);

	if (c->deadh)
		c->deadh(a->id, c->arg);

	return hub_deliver_dead(run->store, c->name, a->d.seq, run->why,
				size);
}


static int gave(const struct attempt *a, const struct hub_courier *c,
		struct hub_run *run)
{
	const size_t size = sizeof(run->why);
	int err = 0;

	if (c->givenh)
		err = c->givenh(run->store, a->id, run->why, size, c->arg);

	return err || a->fresh ? err
		: hub_deliver_done(run->store, c->name, a->d.seq, run->why,
				   size);
}


/* It does not answer, or not as it should. One that has failed before may be why:
   then another one gets there */
static int is_down(struct round *r, const struct attempt *a,
		   const struct hub_fault *fault)
{
	r->run->retry_most = AGAIN_MOST;
	r->run->after_ms   = fault->after_ms;
	str_ncpy(r->run->why, fault->why, sizeof(r->run->why));

	if (a->fresh)
		return ECONNREFUSED;

	r->probe = true;

	return 0;
}


static int record_result(struct round *r, struct attempt *a,
			 enum hub_given given, int64_t now,
			 const struct hub_fault *fault)
{
	struct hub_run *run = r->run;
	int err;

	err = given == HUB_GIVEN ? gave(a, r->c, run) :
		failed(a, r->c, run, now, fault);
	if (err || !a->fresh)
		return err;

	r->pos.seq = a->d.seq;

	return hub_store_set_pos(run->store, r->c->name, &r->pos, run->why,
				 sizeof(run->why));
}


/* One record. ECONNREFUSED: nothing more is to be tried now */
static int attempt(struct round *r)
{
	const int64_t now = clock_now(r->c);
	struct hub_fault fault = {.after_ms = 0};
	enum hub_given given;
	struct attempt a;
	int err;

	err = find(&a, r, now);
	r->found = a.found;
	if (err || !a.found)
		goto out;

	given = r->c->giveh(a.id, a.d.json, &fault, r->c->arg);
	fault.after_ms = min(fault.after_ms, (uint32_t)AGAIN_MOST);
	r->run->answered |= given != HUB_GIVEN_DOWN;
	r->run->refused  += given == HUB_GIVEN_REFUSED;
	r->run->down     += given == HUB_GIVEN_DOWN;
	if (given != HUB_GIVEN_DOWN)
		r->c->reachh = NULL;
	if (given == HUB_GIVEN_REFUSED)
		(void)re_snprintf(r->run->refusal, sizeof(r->run->refusal),
				  "%s: %s", a.id, fault.why);

	err = record_result(r, &a, given, now, &fault);
	if (err)
		goto out;

	if (given == HUB_GIVEN_DOWN) {
		err = is_down(r, &a, &fault);
		goto out;
	}

	r->probe = false;
	r->run->why[0] = '\0';
	r->run->retry_most = r->run->after_ms = 0;
	if (given == HUB_GIVEN)
		++r->run->done;

 out:
	mem_deref(a.d.json);

	return err;
}


/* With nothing to hand on, when it begins: whoever has set it up wrong hears of
   it before there is a call */
static int reach(struct hub_courier *c, struct hub_run *run)
{
	if (!c->reachh)
		return 0;

	if (!c->reachh(run->why, sizeof(run->why), c->arg)) {
		run->retry_most = AGAIN_MOST;
		return ECONNREFUSED;
	}

	c->reachh = NULL;
	run->answered = true;

	return 0;
}


/* When there is something to do without anything new */
static int look_ahead(struct hub_courier *c, struct hub_run *run)
{
	const int64_t now = clock_now(c);
	int64_t next = 0;
	int err;

	err = hub_deliver_next(run->store, c->name, &next, run->why,
			       sizeof(run->why));
	if (!err)
		err = hub_deliver_count(run->store, c->name, &run->kept,
					&run->dead, run->why,
					sizeof(run->why));
	if (!err && !run->refusal[0] && (run->kept || run->dead))
		err = hub_deliver_refusal(run->store, c->name, run->refusal,
					  run->why, sizeof(run->why));
	if (!err && next)
		run->again_ms = next > now ? (uint32_t)(next - now) : 1;

	return err;
}


static void tidy(struct hub_courier *c, struct hub_run *run)
{
	const uint32_t t = c->tidyh ? c->tidyh(c->arg) : 0;

	if (t && (!run->again_ms || t < run->again_ms))
		run->again_ms = t;
}


/**
 * Hand on what there is, some of it at a time
 *
 * @param state Courier
 * @param run   Run
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_courier_run(void *state, struct hub_run *run)
{
	struct hub_courier *c = state;
	struct round r = {.c = c, .run = run, .found = true};
	unsigned n;
	int err, ahead;

	if (!c || !run)
		return EINVAL;

	err = clock_start(c, run);
	if (!err)
		err = hub_store_pos(run->store, c->name, &r.pos, run->why,
				    sizeof(run->why));

	for (n=0; !err && r.found && n<AT_ONCE; n++)
		err = attempt(&r);

	if (!err && n == 1 && !r.found)
		err = reach(c, run);

	/* nobody is there to tell otherwise */
	if (!err && r.probe)
		err = ECONNREFUSED;

	run->more = r.found;
	ahead = err == ECONNREFUSED || !err ? look_ahead(c, run) : 0;
	if (!err && !ahead)
		tidy(c, run);

	return err ? err : ahead;
}
