/**
 * @file metrics/metrics.h  What feeds the registry
 *
 *   records, once each --> fromrecord.c --+
 *   events             --> fromevent.c  --+
 *   state and calls    --> live.c       --+
 *   recordings         --> fromrecord.c --+--> registry.c --> text.c
 *   the hub's own      --> collect.c    --+                     |
 *   /proc              --> process.c    --+                     v
 *                                                            /metrics
 *
 * What grows is added as it comes; what is a state is set anew before it is
 * printed. Include jansson.h, or declare struct json_t, first.
 */

struct json_t;
struct metrics;

/* fromrecord.c */
void metrics_record(struct metrics *m, const struct json_t *record,
		    uint64_t now);
void metrics_recording(struct metrics *m, const struct json_t *recording,
		       uint64_t now);

/* fromevent.c */
void metrics_event(struct metrics *m, const struct json_t *event,
		   uint64_t now);

/* collect.c: the hub's own */
struct hub_inbox_counts;
struct hub_sink_counts;
struct hrec_counts;

void metrics_inbox(struct metrics *m, const struct hub_inbox_counts *n,
		   uint64_t now);
void metrics_sinks_begin(struct metrics *m);
void metrics_sink(struct metrics *m, const char *sink,
		  const struct hub_sink_counts *n, int64_t wall, uint64_t now);
void metrics_spool(struct metrics *m, const struct hrec_counts *n,
		   uint64_t now);
void metrics_self(struct metrics *m, const char *version, uint32_t bridges,
		  uint64_t now);

/* live.c: extensions and calls that there are */
struct metrics_live;
struct hub_tell;

int  metrics_live_alloc(struct metrics_live **lp);
void metrics_live_tell(struct metrics_live *l, struct metrics *m,
		       const struct hub_tell *t, uint64_t now);
void metrics_live_collect(struct metrics_live *l, struct metrics *m,
			  uint64_t now);

/* process.c */
void metrics_process(struct metrics *m, uint64_t now);
