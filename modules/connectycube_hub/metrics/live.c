/**
 * @file metrics/live.c  Extensions that there are
 *
 *   bridge: state --> live_ext --> gauges, when somebody asks
 *                 `-> counters: records lost, how late its loop was
 *
 * Of a bridge that is gone it is known that it is, and nothing else. So that a
 * number that is alarming when it grows has been 0 before, those of an
 * extension begin with it.
 */
#include <errno.h>
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mem.h>
#include "../feed.h"
#include "registry.h"
#include "families.h"
#include "metrics.h"
#include "live_core.h"


static void unlink_destructor(void *data)
{
	list_unlink(data);
}


static void destructor(void *data)
{
	struct metrics_live *l = data;

	list_flush(&l->extl);
	list_flush(&l->calll);
	list_flush(&l->bridgel);
}


/**
 * Make what knows the extensions
 *
 * @param lp Pointer to it, freed by mem_deref()
 *
 * @return 0 if success, otherwise errorcode
 */
int metrics_live_alloc(struct metrics_live **lp)
{
	if (!lp)
		return EINVAL;

	*lp = mem_zalloc(sizeof(**lp), destructor);

	return *lp ? 0 : ENOMEM;
}


static struct live_ext *find(const struct metrics_live *l, uint64_t conn,
			     const char *name)
{
	struct le *le;

	for (le=list_head(&l->extl); le; le=le->next) {

		struct live_ext *e = le->data;

		if (e->conn == conn && !strcmp(e->name, name))
			return e;
	}

	return NULL;
}


/* One that had gone is back */
static struct live_ext *get(struct metrics_live *l, uint64_t conn,
			    const char *name)
{
	struct live_ext *e = find(l, conn, name);

	if (!e)
		e = find(l, 0, name);

	if (!e && list_count(&l->extl) < LIVE_EXTS &&
	    strlen(name) < LIVE_NAME) {
		e = mem_zalloc(sizeof(*e), unlink_destructor);
		if (!e)
			return NULL;
		str_ncpy(e->name, name, sizeof(e->name));
		list_append(&l->extl, &e->le, e);
	}

	if (e)
		e->conn = conn;

	return e;
}


static void read_ext(struct live_ext *e, const json_t *j)
{
	const json_t *sip = json_object_get(j, "sip");
	const char *cloud = json_string_value(json_object_get(
		json_object_get(j, "cloud"), "state"));

	e->there      = true;
	e->registers  = json_is_true(json_object_get(sip, "registers"));
	e->registered = json_is_true(json_object_get(sip, "registered"));
	e->online     = cloud && !strcmp(cloud, "online");
	e->refused    = cloud && !strcmp(cloud, "refused");
}


static struct live_bridge *get_bridge(struct metrics_live *l, uint64_t conn)
{
	struct live_bridge *b;
	struct le *le;

	for (le=list_head(&l->bridgel); le; le=le->next) {
		b = le->data;
		if (b->conn == conn)
			return b;
	}

	b = mem_zalloc(sizeof(*b), unlink_destructor);
	if (b) {
		b->conn = conn;
		list_append(&l->bridgel, &b->le, b);
	}

	return b;
}


/* What a bridge has for all its extensions stands at the first of them */
static void read_bridge(struct metrics_live *l, struct metrics *m,
			struct live_ext *e, const json_t *state, uint64_t now)
{
	const json_t *spool = json_object_get(state, "spool");
	const json_t *stall = json_object_get(state, "loop_stall_ms");
	const json_t *lost = json_object_get(spool, "lost");
	struct live_bridge *b = get_bridge(l, e->conn);

	e->first = true;
	e->spool_known = json_is_number(json_object_get(spool, "waiting"));
	e->spool = json_number_value(json_object_get(spool, "waiting"));

	if (json_is_number(stall))
		metrics_observe(m, MET_STALL, METRIC_LABELS(e->name),
				json_number_value(stall) / 1000, now);

	/* it counts since its start; what a hub of before has seen of that,
	   this one has not */
	if (!b || !json_is_number(lost))
		return;

	metrics_add(m, MET_SPOOL_LOST, METRIC_LABELS(e->name), b->known ?
		    json_number_value(lost) - b->lost : 0, now);
	b->lost  = json_number_value(lost);
	b->known = true;
}


static void drop_exts(struct metrics_live *l, uint64_t conn)
{
	struct le *le = list_head(&l->extl);

	while (le) {

		struct live_ext *e = le->data;

		le = le->next;
		if (e->conn == conn && !e->there)
			mem_deref(e);
	}
}


static void state(struct metrics_live *l, struct metrics *m,
		  const struct hub_tell *t, uint64_t now)
{
	const bool draining = json_is_true(json_object_get(t->body,
							   "draining"));
	const json_t *j;
	struct le *le;
	size_t i;

	for (le=list_head(&l->extl); le; le=le->next)
		((struct live_ext *)le->data)->there = false;

	json_array_foreach(json_object_get(t->body, "extensions"), i, j) {

		const char *name = json_string_value(
			json_object_get(j, "extension"));
		struct live_ext *e = name ? get(l, t->conn, name) : NULL;

		if (!e)
			continue;

		read_ext(e, j);
		e->draining = draining;
		e->first    = false;
		if (!i)
			read_bridge(l, m, e, t->body, now);
	}

	drop_exts(l, t->conn);
	live_calls_state(l, t->conn, json_object_get(t->body, "calls"));
}


static void went(struct metrics_live *l, uint64_t conn, uint64_t now)
{
	struct le *le;

	live_calls_gone(l, conn);

	for (le=list_head(&l->extl); le; le=le->next) {

		struct live_ext *e = le->data;

		if (e->conn == conn) {
			e->conn = 0;
			e->gone = now;
		}
	}

	le = list_head(&l->bridgel);
	while (le) {

		struct live_bridge *b = le->data;

		le = le->next;
		if (b->conn == conn)
			mem_deref(b);
	}
}


/**
 * A bridge has told something
 *
 * @param l   Live state
 * @param m   Registry
 * @param t   What
 * @param now Time [ms]
 */
void metrics_live_tell(struct metrics_live *l, struct metrics *m,
		       const struct hub_tell *t, uint64_t now)
{
	switch (t->what) {

	case HUB_TOLD_WENT:
		went(l, t->conn, now);
		break;

	case HUB_TOLD_STATE:
		state(l, m, t, now);
		break;

	case HUB_TOLD_STATS:
		live_calls_stats(l, t->conn, t->body);
		break;

	case HUB_TOLD_EVENT:
		live_calls_event(l, t->conn, t->body);
		break;

	default:
		break;
	}
}


/* Of what alarms the first one is to be seen as one more */
static void begin_counts(struct metrics *m, const char *ext, uint64_t now)
{
	static const struct {
		unsigned family;
		const char *label;
	} beginv[] = {
		{MET_ONE_WAY, "phone"}, {MET_ONE_WAY, "app"},
		{MET_DEAD_AIR_CALLS, NULL}, {MET_DEAD_AIR, NULL},
		{MET_CALL_RECORDINGS, "complete"},
		{MET_CALL_RECORDINGS, "degraded"},
		{MET_CALL_RECORDINGS, "failed"},
		{MET_RECORDINGS, "complete"}, {MET_RECORDINGS, "degraded"},
		{MET_RECORDINGS, "failed"},
		{MET_PUSH, "sent"}, {MET_PUSH, "online"}, {MET_PUSH, "failed"},
		{MET_REG_FAILURES, NULL},
		{MET_CLOUD_LOSSES, "offline"}, {MET_CLOUD_LOSSES, "refused"},
	};
	size_t i;

	for (i=0; i<ARRAY_SIZE(beginv); i++)
		metrics_add(m, beginv[i].family, METRIC_LABELS(ext,
			    beginv[i].label), 0, now);
}


static void collect_ext(const struct live_ext *e, struct metrics *m,
			uint64_t now)
{
	const char *const *labelv = METRIC_LABELS(e->name);

	metrics_set(m, MET_EXT_UP, labelv, 1, now);
	metrics_set(m, MET_CLOUD, labelv, e->online, now);
	metrics_set(m, MET_CLOUD_REFUSED, labelv, e->refused, now);
	metrics_set(m, MET_DRAINING, labelv, e->draining, now);
	if (e->registers)
		metrics_set(m, MET_REGISTERED, labelv, e->registered, now);
	if (e->first && e->spool_known)
		metrics_set(m, MET_SPOOL, labelv, e->spool, now);

	metrics_add(m, MET_ACTIVE, METRIC_LABELS(e->name, "sip-to-app"), 0,
		    now);
	metrics_add(m, MET_ACTIVE, METRIC_LABELS(e->name, "app-to-sip"), 0,
		    now);
	metrics_add(m, MET_TRANSCODED, labelv, 0, now);
	begin_counts(m, e->name, now);
}


static void collect_gone(struct metrics_live *l, struct metrics *m,
			 uint64_t now)
{
	struct le *le = list_head(&l->extl);

	while (le) {

		struct live_ext *e = le->data;

		le = le->next;
		if (e->conn)
			continue;

		/* the time is that when it was there: nothing of it is kept
		   longer */
		if (e->gone + METRICS_KEEP < now)
			mem_deref(e);
		else
			metrics_add(m, MET_EXT_UP, METRIC_LABELS(e->name), 0,
				    e->gone);
	}
}


/**
 * Set what there is
 *
 * @param l   Live state
 * @param m   Registry
 * @param now Time [ms]
 */
void metrics_live_collect(struct metrics_live *l, struct metrics *m,
			  uint64_t now)
{
	static const unsigned familyv[] = {
		MET_EXT_UP, MET_REGISTERED, MET_CLOUD, MET_CLOUD_REFUSED,
		MET_DRAINING, MET_ACTIVE, MET_TRANSCODED, MET_SPOOL,
	};
	struct le *le;
	size_t i;

	for (i=0; i<ARRAY_SIZE(familyv); i++)
		metrics_clear(m, familyv[i]);

	for (le=list_head(&l->extl); le; le=le->next) {

		const struct live_ext *e = le->data;

		if (e->conn)
			collect_ext(e, m, now);
	}

	collect_gone(l, m, now);
	live_calls_collect(l, m, now);
}
