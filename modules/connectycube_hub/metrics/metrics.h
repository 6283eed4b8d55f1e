/**
 * @file metrics/metrics.h  What feeds the registry
 *
 *   records, once each --> fromrecord.c --+
 *   events             --> fromevent.c  --+
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

/* process.c */
void metrics_process(struct metrics *m, uint64_t now);
