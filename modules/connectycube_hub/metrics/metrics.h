/**
 * @file connectycube_hub/metrics/metrics.h  What feeds the registry
 *
 *   records, once each --> fromrecord.c --+
 *   events, state      --> fromevent.c  --+
 *   extensions, calls  --> live.c       --+
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
void metrics_state(struct metrics *m, const struct json_t *state,
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
struct hlive;

void metrics_live(struct metrics *m, const struct hlive *l, uint64_t now);

/* process.c */
void metrics_process(struct metrics *m, uint64_t now);
