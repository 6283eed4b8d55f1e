/**
 * @file connectycube_hub/timeline/collect.c  What was measured of calls
 *
 * Pure.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mem.h>
#include "../live/live.h"
#include "../live/model.h"
#include "timeline.h"


enum {
	GROW = 16,              /**< Samples there is room for at first    */
	DIGITS = 6,             /**< Of a number that is no integer        */
};

/** What was measured of a party; see docs/HUB.md. What is not known is -1, a
    level that is not 0 */
struct value {
	int16_t mos_100;
	int16_t level_10;
	int32_t lost;           /**< Since the party's beginning           */
	int32_t jitter_us;
	int32_t rtt_us;
};

struct sample {
	uint64_t time;          /**< Since 1970 [ms]                       */
	struct value valuev[TIMELINE_LEGS];
};

/** A party */
struct who {
	uint32_t num;           /**< Its number in the call, 0=none        */
	char side[8];
	char user[64];          /**< Id of the app's user                  */
	char uri[128];          /**< Address of a phone                    */
};

/** A call */
struct line {
	struct le le;
	char id[TIMELINE_ID];   /**< Of its record                         */
	struct who whov[TIMELINE_LEGS];
	struct sample *samplev; /**< (owned)                               */
	size_t n;               /**< How many                              */
	size_t size;            /**< There is room for                     */
	uint64_t first;         /**< When the first one came               */
	uint64_t last;          /**< ... the last one                      */
	uint64_t step;          /**< They are so far apart [ms], 0=as they come */
	uint64_t seen;          /**< Something of it was heard             */
};

struct timelines {
	struct list linel;      /**< struct line (owner)                   */
};


static void line_destructor(void *data)
{
	struct line *l = data;

	list_unlink(&l->le);
	mem_deref(l->samplev);
}


static void destructor(void *data)
{
	struct timelines *t = data;

	list_flush(&t->linel);
}


/**
 * Allocate
 *
 * @param tp Pointer to it, freed by mem_deref()
 *
 * @return 0 if success, otherwise errorcode
 */
int timelines_alloc(struct timelines **tp)
{
	if (!tp)
		return EINVAL;

	*tp = mem_zalloc(sizeof(**tp), destructor);

	return *tp ? 0 : ENOMEM;
}


static struct line *find(const struct timelines *t, const char *id)
{
	struct le *le;

	/* those that are up are told of in turn */
	for (le = list_head(&t->linel); le; le = le->next) {

		struct line *l = le->data;

		if (!strcmp(l->id, id))
			return l;
	}

	return NULL;
}


static struct line *get(struct timelines *t, const char *id)
{
	struct line *l = find(t, id);

	if (l || list_count(&t->linel) >= TIMELINE_LINES)
		return l;

	l = mem_zalloc(sizeof(*l), line_destructor);
	if (!l)
		return NULL;

	(void)re_snprintf(l->id, sizeof(l->id), "%s", id);
	list_append(&t->linel, &l->le, l);

	return l;
}


/* Every second one goes */
static void thin(struct line *l)
{
	const uint64_t span = l->last - l->first;
	size_t i;

	for (i=0; 2 * i < l->n; i++)
		l->samplev[i] = l->samplev[2 * i];

	l->n    = i;
	l->step = 2 * span / TIMELINE_SAMPLES;
}


static struct sample *next_sample(struct line *l, uint64_t now)
{
	const uint64_t step = l->step ? l->step : 1;

	if (l->n && now < l->last + step)
		return NULL;

	if (l->n == TIMELINE_SAMPLES)
		thin(l);

	if (l->n == l->size) {

		const size_t size = l->size ? MIN(l->size * 2,
						  (size_t)TIMELINE_SAMPLES)
			: GROW;
		struct sample *v = l->samplev ?
			mem_realloc(l->samplev, size * sizeof(*v)) :
			mem_alloc(size * sizeof(*v), NULL);

		if (!v)
			return NULL;
		l->samplev = v;
		l->size    = size;
	}

	if (!l->n)
		l->first = now;
	l->last = now;

	return &l->samplev[l->n++];
}


static struct who *find_who(struct line *l, uint32_t num, size_t *ip)
{
	size_t i;

	for (i=0; i<TIMELINE_LEGS; i++) {

		if (l->whov[i].num && l->whov[i].num != num)
			continue;

		l->whov[i].num = num;
		*ip = i;
		return &l->whov[i];
	}

	return NULL;
}


static int32_t number(const json_t *j, const char *key, int32_t most)
{
	const json_t *v = json_object_get(j, key);
	const json_int_t n = json_integer_value(v);

	return !json_is_integer(v) ? -1 : n < -most ? -most :
		n > most ? most : (int32_t)n;
}


/* Bridges leave away what is 0; that more came than was sent is none lost */
static int32_t count(const json_t *rx, const char *key)
{
	return json_is_object(rx) ? MAX(number(rx, key, INT32_MAX), 0) : -1;
}


static void put_leg(struct line *l, struct sample *s, const json_t *leg)
{
	const json_t *rx = json_object_get(leg, "rx");
	struct who *who;
	uint32_t num;
	size_t i;

	if (!mread_u32(&num, leg, "leg_num"))
		return;

	who = find_who(l, num, &i);
	if (!who)
		return;

	mread_str(who->side, sizeof(who->side), leg, "side");
	mread_str(who->user, sizeof(who->user), leg, "user");
	mread_str(who->uri, sizeof(who->uri), leg, "uri");

	s->valuev[i] = (struct value){
		.mos_100   = (int16_t)number(rx, "mos_now_100", 500),
		.level_10  = (int16_t)number(leg, "level_now_10", 2000),
		.lost      = count(rx, "lost"),
		.jitter_us = count(rx, "jitter_us"),
		.rtt_us    = number(leg, "rtt_us", INT32_MAX),
	};
}


static void put_call(struct timelines *t, const json_t *call, uint64_t time,
		     uint64_t now)
{
	const json_t *legs = json_object_get(call, "legs");
	char id[TIMELINE_ID];
	struct sample *s;
	struct line *l;
	size_t i;

	mread_str(id, sizeof(id), call, "record_id");
	l = id[0] ? get(t, id) : NULL;
	if (!l)
		return;

	l->seen = now;
	s = next_sample(l, now);
	if (!s)
		return;

	memset(s, 0xff, sizeof(*s));
	s->time = time;
	for (i=0; i<json_array_size(legs); i++)
		put_leg(l, s, json_array_get(legs, i));
}


/**
 * A bridge tells what is measured of some of its calls
 *
 * @param t     Lines
 * @param stats What it tells
 * @param wall  Time since 1970 [ms], for one that does not tell its own
 * @param now   Time that nobody sets [ms]
 */
void timelines_stats(struct timelines *t, const json_t *stats, uint64_t wall,
		     uint64_t now)
{
	const json_t *calls = json_object_get(stats, "calls");
	const uint64_t time = mread_time(stats, "time");
	size_t i;

	for (i=0; t && i<json_array_size(calls); i++)
		put_call(t, json_array_get(calls, i), time ? time : wall, now);
}


static json_t *part(int32_t v, bool known, int div)
{
	return known ? json_real((double)v / div) : json_null();
}


static json_t *text(const char *str)
{
	return str[0] ? json_string(str) : json_null();
}


/* Since it was known last; less than then is of another stream */
static json_t *lost_json(int32_t lost, int32_t *beforep)
{
	const int32_t before = *beforep;

	if (lost < 0)
		return json_null();

	*beforep = lost;

	return json_integer(lost < before ? 0 : lost - before);
}


static json_t *leg_json(const struct line *l, size_t n)
{
	json_t *mos = json_array(), *level = json_array();
	json_t *lost = json_array(), *jitter = json_array();
	json_t *rtt = json_array();
	int32_t before = 0;
	size_t i;

	for (i=0; i<l->n; i++) {

		const struct value *v = &l->samplev[i].valuev[n];

		(void)json_array_append_new(mos, part(v->mos_100,
						      v->mos_100 >= 0, 100));
		(void)json_array_append_new(level, part(v->level_10,
							v->level_10 != -1, 10));
		(void)json_array_append_new(lost, lost_json(v->lost,
							     &before));
		(void)json_array_append_new(jitter, part(v->jitter_us,
							 v->jitter_us >= 0,
							 1000));
		(void)json_array_append_new(rtt, part(v->rtt_us, v->rtt_us >= 0,
						      1000));
	}

	return json_pack("{sI,so,so,so,so,so,so,so,so}",
			 "leg_num", (json_int_t)l->whov[n].num,
			 "side", text(l->whov[n].side),
			 "user", text(l->whov[n].user),
			 "uri", text(l->whov[n].uri), "mos", mos,
			 "lost", lost, "level_dbov", level,
			 "jitter_ms", jitter, "rtt_ms", rtt);
}


static json_t *line_json(const struct line *l)
{
	json_t *times = json_array(), *legs = json_array();
	size_t i;

	for (i=0; i<l->n; i++)
		(void)json_array_append_new(times, json_integer(
					  (json_int_t)l->samplev[i].time));

	for (i=0; i<TIMELINE_LEGS && l->whov[i].num; i++)
		(void)json_array_append_new(legs, leg_json(l, i));

	return json_pack("{ss,so,so}", "id", l->id, "times", times, "legs",
			 legs);
}


/**
 * Take what was measured of a call that is over
 *
 * @param t     Lines
 * @param jsonp Set to it, freed by free()
 * @param id    Id of its record
 *
 * @return 0 if success, ENOENT if nothing was, otherwise errorcode
 */
int timelines_take(struct timelines *t, char **jsonp, const char *id)
{
	struct line *l = t && id ? find(t, id) : NULL;
	json_t *j;

	if (!l || !l->n)
		return ENOENT;

	j = line_json(l);
	*jsonp = j ? json_dumps(j, JSON_COMPACT |
				JSON_REAL_PRECISION(DIGITS)) : NULL;
	json_decref(j);
	mem_deref(l);

	return *jsonp ? 0 : ENOMEM;
}


/**
 * Forget calls of which nothing was heard for long
 *
 * @param t   Lines
 * @param now Time that nobody sets [ms]
 */
void timelines_forget(struct timelines *t, uint64_t now)
{
	struct le *le = list_head(&t->linel);

	while (le) {

		struct line *l = le->data;

		le = le->next;
		if (now > l->seen + TIMELINE_WAIT)
			mem_deref(l);
	}
}


/**
 * Count the calls
 *
 * @param t Lines
 *
 * @return How many
 */
size_t timelines_count(const struct timelines *t)
{
	return t ? list_count(&t->linel) : 0;
}
