/**
 * @file connectycube_hub/timeline/timeline.h
 * How good a call was, over its time
 *
 *   feed.h: `stats` of calls --> collect.c --> line, by the id of its record
 *           record is stored --> keep.c ---> line --(thread)--> SQLite
 *
 * A line has so many samples at most, however long the call is: when it is
 * full every second one goes, and those that come are twice as far apart.
 */

enum {
	TIMELINE_SAMPLES = 180, /**< Most of a call                        */
	TIMELINE_LEGS = 4,      /**< Parties that are looked at, the first ones */
	TIMELINE_LINES = 4000,  /**< Calls at a time                       */
	TIMELINE_WAIT = 600000, /**< Nothing more is heard of a call, and there
				     is no record: forgotten then [ms]     */
	TIMELINE_ID = 48,       /**< Size of a record's id [bytes]         */
};

struct json_t;
struct timelines;

/* collect.c: pure. Time is an argument: what samples show is since 1970, when
   they come and how long nothing does goes by one that nobody sets [ms] */
int  timelines_alloc(struct timelines **tp);
void timelines_stats(struct timelines *t, const struct json_t *stats,
		     uint64_t wall, uint64_t now);
int  timelines_take(struct timelines *t, char **jsonp, const char *id);
void timelines_forget(struct timelines *t, uint64_t now);
size_t timelines_count(const struct timelines *t);

/* keep.c */
int  timeline_start(const char *db);
void timeline_stop(void);
