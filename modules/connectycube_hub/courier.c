/**
 * @file connectycube_hub/courier.c  Hands records on, one by one
 *
 * At least once each: their ids tell those that come again. What fails is
 * tried again after a second, two, four, up to ten minutes, for three days;
 * then it is a dead letter, which stays in the database. One record that is
 * refused holds up no other; a receiver that is down is tried with one.
 */
#include <errno.h>
#include <string.h>
#include <sqlite3.h>
#include <re.h>
#include "base/log.h"
#include "base/mono.h"
#include "hub.h"
#include "deliver.h"
#include "courier.h"


enum {
	AT_ONCE = 32,           /**< Tries of a run                        */
	AGAIN_FIRST = 1000,     /**< After it has failed [ms]              */
	AGAIN_MOST = 600000,    /**< Longest [ms]                          */
};

/** For so long a record is tried [ms] */
#define DEAD_AFTER (72 * 3600 * 1000ll)

struct hub_courier {
	char *name;             /**< Of the sink (owned)                   */
	hub_give_h *giveh;      /**< Hands one on                          */
	hub_given_h *givenh;    /**< They have it, or NULL                 */
	void *arg;              /**< Its argument (owned)                  */
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
 * @param giveh  Hands one on
 * @param givenh Notes that they have it, NULL=nothing is to be noted
 * @param arg    Their argument, owned by the courier if this succeeds
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_courier_alloc(struct hub_courier **cp, const char *name,
		   hub_give_h *giveh, hub_given_h *givenh, void *arg)
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

	c->giveh  = giveh;
	c->givenh = givenh;
	c->arg    = arg;
	*cp = c;

	return 0;
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


/* What is tried now: what has failed before and is due, or the next new one */
static int find(struct attempt *a, const struct hub_courier *c,
		struct hub_run *run, int64_t after, int64_t now)
{
	const size_t size = sizeof(run->why);
	int err;

	memset(a, 0, sizeof(*a));

	err = hub_deliver_due(run->store, c->name, now, AGAIN_MOST, &a->d,
			      &a->found, run->why, size);
	if (err)
		return err;

	if (a->found)
		return hub_store_each(run->store, a->d.seq - 1, 1, "id",
				      id_handler, a, run->why, size);

	a->d.first = now;

	return hub_store_each(run->store, after, 1, "json,id", fresh_handler,
			      a, run->why, size);
}


static int failed(struct attempt *a, const struct hub_courier *c,
		  struct hub_run *run, int64_t now, const char *reason)
{
	const size_t size = sizeof(run->why);
	int err;

	/* the clock may have been set back */
	a->d.first = min(a->d.first, now);

	++a->d.tries;
	a->d.next = now + hub_backoff(a->d.tries, AGAIN_FIRST, AGAIN_MOST);

	err = hub_deliver_keep(run->store, c->name, &a->d, reason, run->why,
			       size);
	if (err || now - a->d.first < DEAD_AFTER)
		return err;

	clog_warning("hub: %s: record %s is given up after three days: %s\n",
		     c->name, a->id, reason);

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


/* One record. ECONNREFUSED: nothing more is to be tried now */
static int attempt(struct hub_courier *c, struct hub_run *run,
		   struct hub_pos *pos, bool *foundp)
{
	const int64_t now = (int64_t)(wall_us() / 1000);
	enum hub_given given;
	char reason[HUB_WHY] = "";
	struct attempt a;
	int err;

	err = find(&a, c, run, pos->seq, now);
	*foundp = a.found;
	if (err || !a.found)
		goto out;

	given = c->giveh(a.id, a.d.json, reason, sizeof(reason), c->arg);
	run->answered |= given != HUB_GIVEN_DOWN;

	if (given == HUB_GIVEN)
		err = gave(&a, c, run);
	else
		err = failed(&a, c, run, now, reason);

	if (!err && a.fresh) {
		pos->seq = a.d.seq;
		err = hub_store_set_pos(run->store, c->name, pos, run->why,
					sizeof(run->why));
	}

	if (!err && given == HUB_GIVEN)
		++run->done;

	if (!err && given == HUB_GIVEN_DOWN) {
		str_ncpy(run->why, reason, sizeof(run->why));
		run->retry_most = AGAIN_MOST;
		err = ECONNREFUSED;
	}

 out:
	mem_deref(a.d.json);

	return err;
}


/* When there is something to do without anything new */
static int look_ahead(struct hub_courier *c, struct hub_run *run)
{
	const int64_t now = (int64_t)(wall_us() / 1000);
	int64_t next = 0;
	int err;

	err = hub_deliver_next(run->store, c->name, &next, run->why,
			       sizeof(run->why));
	if (!err)
		err = hub_deliver_count(run->store, c->name, &run->kept,
					&run->dead, run->why,
					sizeof(run->why));
	if (next > now + AGAIN_MOST)
		next = now;
	if (!err && next)
		run->again_ms = next > now ? (uint32_t)(next - now) : 1;

	return err;
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
	struct hub_pos pos;
	bool found = true;
	unsigned n;
	int err, ahead;

	if (!c || !run)
		return EINVAL;

	err = hub_store_pos(run->store, c->name, &pos, run->why,
			    sizeof(run->why));

	for (n=0; !err && found && n<AT_ONCE; n++)
		err = attempt(c, run, &pos, &found);

	run->more = found;
	ahead = err == ECONNREFUSED || !err ? look_ahead(c, run) : 0;

	return err ? err : ahead;
}
