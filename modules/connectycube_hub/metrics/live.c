/**
 * @file connectycube_hub/metrics/live.c  Extensions and calls that there are
 *
 *   bridge: state --> model (live/) --> gauges, when somebody asks
 *
 * Of a bridge that is gone it is known that it is, and nothing else. So that a
 * number that is alarming when it grows has been 0 before, those of an
 * extension begin with it.
 */
#include <re_types.h>
#include <re_fmt.h>
#include "../live/live.h"
#include "registry.h"
#include "families.h"
#include "metrics.h"


/** What is being counted */
struct count {
	struct metrics *m;
	uint64_t now;           /**< Time [ms]                             */
};


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


/* What calls mostly come to, and what an office wants to know at the first
   one: as fromrecord.c has it */
static void begin_calls(struct metrics *m, const char *ext, const char *dir,
			uint64_t now)
{
	static const char *const beginv[][2] = {
		{"answered", "normal"}, {"no_answer", "no_answer"},
		{"busy", "busy"}, {"rejected", "rejected"},
		{"canceled", "canceled"}, {"failed", "failed"},
	};
	size_t i;

	for (i=0; i<ARRAY_SIZE(beginv); i++)
		metrics_add(m, MET_CALLS, METRIC_LABELS(ext, dir,
			    beginv[i][0], beginv[i][1]), 0, now);
}


static void count_ext(const struct hlive_ext *e, const struct count *c)
{
	static const char *const dirv[] = {"sip-to-app", "app-to-sip"};
	const char *const *labelv = METRIC_LABELS(e->aor);
	size_t i;

	metrics_set(c->m, MET_EXT_UP, labelv, 1, c->now);
	metrics_set(c->m, MET_CLOUD, labelv, e->online, c->now);
	metrics_set(c->m, MET_CLOUD_REFUSED, labelv, e->refused, c->now);
	metrics_set(c->m, MET_DRAINING, labelv, e->draining, c->now);
	if (e->registers)
		metrics_set(c->m, MET_REGISTERED, labelv, e->registered,
			    c->now);
	if (e->spool) {
		metrics_set(c->m, MET_SPOOL, labelv, (double)e->waiting,
			    c->now);
		metrics_set(c->m, MET_SPOOL_LOST, labelv, (double)e->lost,
			    c->now);
	}

	for (i=0; i<ARRAY_SIZE(dirv); i++) {
		metrics_add(c->m, MET_ACTIVE, METRIC_LABELS(e->aor, dirv[i]),
			    0, c->now);
		begin_calls(c->m, e->aor, dirv[i], c->now);
	}
	metrics_add(c->m, MET_TRANSCODED, labelv, 0, c->now);
	begin_counts(c->m, e->aor, c->now);
}


static void ext_handler(const struct hlive_ext *e, void *arg)
{
	const struct count *c = arg;
	const uint64_t gone = c->now > e->t_gone ? c->now - e->t_gone : 0;

	if (e->here)
		count_ext(e, c);

	/* the time is that when it was there: nothing of it is kept longer.
	   Another bridge may have it now */
	else if (gone <= METRICS_KEEP && gone < c->now)
		metrics_add(c->m, MET_EXT_UP, METRIC_LABELS(e->aor), 0,
			    c->now - gone);
}


static void call_handler(const char *ext, bool from_app, bool transcoded,
			 void *arg)
{
	const struct count *c = arg;

	metrics_add(c->m, MET_ACTIVE, METRIC_LABELS(ext, from_app ?
		    "app-to-sip" : "sip-to-app"), 1, c->now);
	metrics_add(c->m, MET_TRANSCODED, METRIC_LABELS(ext), transcoded,
		    c->now);
}


/**
 * Set what there is
 *
 * @param m   Registry
 * @param l   What there is
 * @param now Time, of the same clock [ms]
 */
void metrics_live(struct metrics *m, const struct hlive *l, uint64_t now)
{
	static const unsigned familyv[] = {
		MET_EXT_UP, MET_REGISTERED, MET_CLOUD, MET_CLOUD_REFUSED,
		MET_DRAINING, MET_ACTIVE, MET_TRANSCODED, MET_SPOOL,
	};
	struct count c = {m, now};
	size_t i;

	for (i=0; i<ARRAY_SIZE(familyv); i++)
		metrics_clear(m, familyv[i]);

	hlive_each_ext(l, ext_handler, &c);
	hlive_each_call(l, call_handler, &c);
}
