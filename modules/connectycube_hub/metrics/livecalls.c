/**
 * @file metrics/livecalls.c  Calls that there are
 *
 * Told of by their events, if the bridge tells events; by what it tells of
 * each call every few seconds; and its state has the numbers of all.
 */
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mem.h>
#include "registry.h"
#include "families.h"
#include "metrics.h"
#include "live_core.h"


static void destructor(void *data)
{
	struct live_call *c = data;

	list_unlink(&c->le);
}


static struct live_call *find(const struct metrics_live *l, uint64_t conn,
			      json_int_t num)
{
	struct le *le;

	for (le=list_head(&l->calll); le; le=le->next) {

		struct live_call *c = le->data;

		if (c->conn == conn && c->num == num)
			return c;
	}

	return NULL;
}


/* NULL: it is no call, or there are too many */
static struct live_call *get(struct metrics_live *l, uint64_t conn,
			     const json_t *j, const char *ext)
{
	const char *dir = json_string_value(json_object_get(j, "direction"));
	const json_t *num = json_object_get(j, "call");
	struct live_call *c;

	if (!ext || !dir || !json_is_integer(num))
		return NULL;

	c = find(l, conn, json_integer_value(num));
	if (!c && list_count(&l->calll) < LIVE_CALLS) {
		c = mem_zalloc(sizeof(*c), destructor);
		if (!c)
			return NULL;
		c->conn = conn;
		c->num  = json_integer_value(num);
		list_append(&l->calll, &c->le, c);
	}
	if (!c)
		return NULL;

	str_ncpy(c->ext, ext, sizeof(c->ext));
	c->from_app = !strcmp(dir, "app-to-sip");

	return c;
}


/* A bridge may still be at it when it has told that it is over */
static void note_ended(struct metrics_live *l, uint64_t conn, json_int_t num)
{
	const size_t i = l->endedc++ % LIVE_ENDED;

	l->endedv[i].conn = conn;
	l->endedv[i].num  = num;
}


static bool has_ended(const struct metrics_live *l, uint64_t conn,
		      const json_t *call)
{
	const json_int_t num = json_integer_value(json_object_get(call,
								  "call"));
	size_t i;

	for (i=0; i<LIVE_ENDED && i<l->endedc; i++) {
		if (l->endedv[i].conn == conn && l->endedv[i].num == num)
			return true;
	}

	return false;
}


static const char *codec(const json_t *leg, const char *dir)
{
	return json_string_value(json_object_get(json_object_get(leg, dir),
						 "codec"));
}


/* Something comes from one party, and goes to another one as something else */
static bool is_transcoded(const json_t *legs)
{
	const json_t *from, *to;
	size_t i, k;

	json_array_foreach(legs, i, from) {

		const char *rx = codec(from, "rx");

		json_array_foreach(legs, k, to) {

			const char *tx = i == k ? NULL : codec(to, "tx");

			if (rx && tx && strcmp(rx, tx))
				return true;
		}
	}

	return false;
}


/**
 * A bridge tells of some of its calls
 *
 * @param l     Live state
 * @param conn  Its connection
 * @param stats What it tells
 */
void live_calls_stats(struct metrics_live *l, uint64_t conn,
		      const json_t *stats)
{
	const json_t *j;
	size_t i;

	json_array_foreach(json_object_get(stats, "calls"), i, j) {

		struct live_call *c = has_ended(l, conn, j) ? NULL :
			get(l, conn, j, json_string_value(
				json_object_get(j, "extension")));

		if (c)
			c->transcoded = is_transcoded(json_object_get(j,
								      "legs"));
	}
}


/**
 * A bridge tells of an event
 *
 * @param l     Live state
 * @param conn  Its connection
 * @param event Event
 */
void live_calls_event(struct metrics_live *l, uint64_t conn,
		      const json_t *event)
{
	const char *type = json_string_value(json_object_get(event, "type"));
	const json_t *num = json_object_get(event, "call");

	if (!type || !json_is_integer(num))
		return;

	if (!strcmp(type, "call.ended")) {
		mem_deref(find(l, conn, json_integer_value(num)));
		note_ended(l, conn, json_integer_value(num));
	}
	else if (!strcmp(type, "call.new"))
		(void)get(l, conn, event, json_string_value(
			  json_object_get(event, "ext")));
}


static void drop(struct metrics_live *l, uint64_t conn, bool all)
{
	struct le *le = list_head(&l->calll);

	while (le) {

		struct live_call *c = le->data;

		le = le->next;
		if (c->conn == conn && (all || !c->there))
			mem_deref(c);
	}
}


/**
 * A bridge tells which calls there are: what is not among them is over
 *
 * @param l       Live state
 * @param conn    Its connection
 * @param numbers Their numbers
 */
void live_calls_state(struct metrics_live *l, uint64_t conn,
		      const json_t *numbers)
{
	const json_t *num;
	struct le *le;
	size_t i;

	if (!json_is_array(numbers))
		return;

	for (le=list_head(&l->calll); le; le=le->next)
		((struct live_call *)le->data)->there = false;

	json_array_foreach(numbers, i, num) {

		struct live_call *c = json_is_integer(num) ?
			find(l, conn, json_integer_value(num)) : NULL;

		if (c)
			c->there = true;
	}

	drop(l, conn, false);
}


/**
 * A bridge has gone: of its calls nothing is known
 *
 * @param l    Live state
 * @param conn Its connection
 */
void live_calls_gone(struct metrics_live *l, uint64_t conn)
{
	drop(l, conn, true);
}


/**
 * Count the calls. Extensions without any have been set to 0
 *
 * @param l   Live state
 * @param m   Registry
 * @param now Time [ms]
 */
void live_calls_collect(const struct metrics_live *l, struct metrics *m,
			uint64_t now)
{
	struct le *le;

	for (le=list_head(&l->calll); le; le=le->next) {

		const struct live_call *c = le->data;

		metrics_add(m, MET_ACTIVE, METRIC_LABELS(c->ext, c->from_app ?
			    "app-to-sip" : "sip-to-app"), 1, now);
		metrics_add(m, MET_TRANSCODED, METRIC_LABELS(c->ext),
			    c->transcoded, now);
	}
}
