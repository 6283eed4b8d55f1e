/**
 * @file connectycube_hub/metrics/collect.c  What the hub says of itself
 *
 * It counts these itself, and is asked each time: they are set, not added.
 */
#include <string.h>
#include <re.h>
#include "../hub.h"
#include "../sink/sink.h"
#include "../recording/recfacts.h"
#include "../recording/recording.h"
#include "registry.h"
#include "families.h"
#include "metrics.h"


/**
 * Set what became of records
 *
 * @param m   Registry
 * @param n   What became of them
 * @param now Time [ms]
 */
void metrics_inbox(struct metrics *m, const struct hub_inbox_counts *n,
		   uint64_t now)
{
	metrics_set(m, MET_RECORDS, NULL, (double)n->fresh, now);
	metrics_set(m, MET_REPEATED, NULL, (double)n->doubles, now);
	metrics_set(m, MET_INBOX_WAITING, NULL, n->waiting, now);
	metrics_set(m, MET_INBOX_FAILURES, NULL, n->failures, now);
	if (n->known)
		metrics_set(m, MET_STORED, NULL, (double)n->stored, now);
}


/**
 * Begin with the sinks
 *
 * @param m Registry
 */
void metrics_sinks_begin(struct metrics *m)
{
	static const unsigned familyv[] = {
		MET_SINK_WAITING, MET_SINK_OLDEST, MET_WEBHOOK,
	};
	size_t i;

	for (i=0; i<ARRAY_SIZE(familyv); i++)
		metrics_clear(m, familyv[i]);
}


/* Both of records, and of recordings */
static void add_webhook(struct metrics *m, const struct hub_sink_counts *n,
			uint64_t now)
{
	metrics_add(m, MET_WEBHOOK, METRIC_LABELS("ok"), (double)n->done,
		    now);
	metrics_add(m, MET_WEBHOOK, METRIC_LABELS("refused"),
		    (double)n->refused, now);
	metrics_add(m, MET_WEBHOOK, METRIC_LABELS("down"), (double)n->down,
		    now);
}


/**
 * Set how far a sink is
 *
 * @param m    Registry
 * @param sink Its name
 * @param n    How far it is
 * @param wall Time since 1970 [ms]
 * @param now  Time [ms]
 */
void metrics_sink(struct metrics *m, const char *sink,
		  const struct hub_sink_counts *n, int64_t wall, uint64_t now)
{
	const char *const *labelv = METRIC_LABELS(sink);
	const int64_t age = n->oldest ? wall - n->oldest : 0;

	metrics_set(m, MET_SINK_UP, labelv, !n->failing, now);
	metrics_set(m, MET_SINK_DONE, labelv, (double)n->done, now);
	metrics_set(m, MET_SINK_FAILURES, METRIC_LABELS(sink, "refused"),
		    (double)n->refused, now);
	metrics_set(m, MET_SINK_FAILURES, METRIC_LABELS(sink, "down"),
		    (double)n->down, now);
	metrics_set(m, MET_SINK_FAILURES, METRIC_LABELS(sink, "error"),
		    (double)n->errors, now);
	metrics_set(m, MET_SINK_RETRIED, labelv, (double)n->kept, now);
	metrics_set(m, MET_SINK_DEAD, labelv, (double)n->dead, now);

	/* nobody has looked yet */
	if (n->waiting >= 0) {
		metrics_set(m, MET_SINK_WAITING, labelv, (double)n->waiting,
			    now);
		metrics_set(m, MET_SINK_OLDEST, labelv,
			    age > 0 ? (double)age / 1000 : 0, now);
	}

	if (!strcmp(sink, "webhook") || !strcmp(sink, "webhook-recordings"))
		add_webhook(m, n, now);
}


/**
 * Set what waits to be finished, and how much room there is
 *
 * @param m   Registry
 * @param n   What waits
 * @param now Time [ms]
 */
void metrics_spool(struct metrics *m, const struct hrec_counts *n,
		   uint64_t now)
{
	static const char *const placev[HUB_DISKS] = {
		[HUB_DISK_DB]    = "database",
		[HUB_DISK_ROOT]  = "recordings",
		[HUB_DISK_SPOOL] = "recording_spool",
	};
	size_t i;

	metrics_set(m, MET_REC_SPOOL, METRIC_LABELS("written"), n->writing,
		    now);
	metrics_set(m, MET_REC_SPOOL, METRIC_LABELS("waiting"), n->waiting,
		    now);
	metrics_set(m, MET_REC_SPOOL, METRIC_LABELS("at_work"), n->at_work,
		    now);
	metrics_set(m, MET_REC_SPOOL, METRIC_LABELS("aside"), n->aside, now);
	metrics_set(m, MET_REC_FAILING, NULL, n->failing, now);

	metrics_clear(m, MET_DISK_FREE);
	metrics_clear(m, MET_DISK_SIZE);
	for (i=0; i<HUB_DISKS; i++) {

		const struct hub_disk *d = &n->diskv[i];

		if (!d->size)
			continue;

		metrics_set(m, MET_DISK_FREE, METRIC_LABELS(placev[i]),
			    (double)d->free, now);
		metrics_set(m, MET_DISK_SIZE, METRIC_LABELS(placev[i]),
			    (double)d->size, now);
	}
}


/**
 * Set what is of the hub as such, last of all
 *
 * @param m       Registry
 * @param version What runs
 * @param bridges Bridges that are connected
 * @param now     Time [ms]
 */
void metrics_self(struct metrics *m, const char *version, uint32_t bridges,
		  uint64_t now)
{
	metrics_set(m, MET_BRIDGES, NULL, bridges, now);
	metrics_set(m, MET_BUILD, METRIC_LABELS(version,
		    sys_libre_version_get()), 1, now);
	metrics_process(m, now);
	metrics_set(m, MET_DROPPED, NULL, (double)metrics_dropped(m), now);
	metrics_set(m, MET_SERIES, NULL, (double)metrics_count(m) + 1, now);
}
