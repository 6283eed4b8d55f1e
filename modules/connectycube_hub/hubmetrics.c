/**
 * @file connectycube_hub/hubmetrics.c  What the hub shows to Prometheus
 *
 *   feed: records, events, state --> registry <-- what there is, when somebody
 *                                                 asks
 */
#include <errno.h>
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include <re_tmr.h>
#include "base/mono.h"
#include "hub.h"
#include "sink/sink.h"
#include "feed.h"
#include "hublive.h"
#include "recording/recfacts.h"
#include "recording/recording.h"
#include "metrics/registry.h"
#include "metrics/families.h"
#include "metrics/metrics.h"
#include "hubmetrics.h"


/** The only one of this process */
static struct {
	struct hub_parts parts; /* what is asked */
	struct metrics *m;      /* what is counted (owned) */
	struct hub_feed *feed;  /* what bridges tell (owned) */
} met;


static void feed_handler(const struct hub_tell *t, void *arg)
{
	(void)arg;

	if (t->what == HUB_TOLD_RECORD)
		metrics_record(met.m, t->body, mono_ms());
	else if (t->what == HUB_TOLD_EVENT)
		metrics_event(met.m, t->body, mono_ms());
	else
		metrics_state(met.m, t->body, mono_ms());
}


/**
 * Begin to count
 *
 * @param parts What is asked, which lives as long
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_metrics_start(const struct hub_parts *parts)
{
	int err;

	if (!parts)
		return EINVAL;

	met.parts = *parts;

	err = metrics_alloc(&met.m, metrics_familyv, MET_FAMILIES,
			    METRICS_SERIES);
	if (!err)
		err = hub_feed_listen(&met.feed, HUB_TOLD_RECORD |
				      HUB_TOLD_EVENT | HUB_TOLD_STATE,
				      feed_handler, NULL);
	if (err)
		hub_metrics_stop();

	return err;
}


/**
 * End. All counts begin anew with the next start
 */
void hub_metrics_stop(void)
{
	met.feed = mem_deref(met.feed);
	met.m    = mem_deref(met.m);
	memset(&met.parts, 0, sizeof(met.parts));
}


/**
 * The hub knows what became of a recording
 *
 * @param json What is told of it
 */
void hub_metrics_recording(const char *json)
{
	json_t *j = met.m ? json_loads(json, 0, NULL) : NULL;

	if (j)
		metrics_recording(met.m, j, mono_ms());
	json_decref(j);
}


static uint32_t count_bridges(void)
{
	uint32_t n = 0;
	struct le *le;

	for (le=list_head(met.parts.connl); le; le=le->next)
		n += ((const struct hub_conn *)le->data)->name[0] != '\0';

	return n;
}


static void collect_sinks(uint64_t now)
{
	const int64_t wall = (int64_t)(wall_us() / 1000);
	struct hub_sink_counts n;
	struct le *le;

	metrics_sinks_begin(met.m);

	for (le=list_head(met.parts.sinkl); le; le=le->next) {
		hub_sink_counts(&n, le->data);
		metrics_sink(met.m, hub_sink_name(le->data), &n, wall, now);
	}
}


static void collect(void)
{
	const uint64_t now = mono_ms();
	struct hub_inbox_counts inbox;
	struct hrec_counts spool;

	metrics_live(met.m, hublive(), now);
	hub_inbox_counts(&inbox, met.parts.ib);
	metrics_inbox(met.m, &inbox, now);
	collect_sinks(now);

	if (met.parts.rec) {
		hrec_queue_counts(&spool, met.parts.rec);
		metrics_spool(met.m, &spool, now);
	}

	if (now > METRICS_KEEP)
		metrics_forget(met.m, now - METRICS_KEEP);
	metrics_self(met.m, met.parts.version, count_bridges(), now);
}


/**
 * Print all that is counted, and what there is now (METRICS_TYPE)
 *
 * @param pf     Print handler
 * @param unused Unused parameter
 *
 * @return 0 if success, otherwise errorcode
 */
int metrics_print(struct re_printf *pf, void *unused)
{
	(void)unused;

	if (!met.m)
		return 0;

	collect();

	return metrics_text(pf, met.m);
}
