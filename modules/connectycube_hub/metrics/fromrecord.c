/**
 * @file connectycube_hub/metrics/fromrecord.c  What a record of a call adds
 *
 * Members that are missing, or of another kind, add nothing: a record may be
 * of another version than the hub.
 */
#include <errno.h>
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include "registry.h"
#include "families.h"
#include "metrics.h"


enum { WORD = 32 };             /* longest value of dir, result, reason */

/** A record that is read */
struct reading {
	struct metrics *m;
	const json_t *j;        /**< All of it                             */
	const char *ext;        /**< Whose it is                           */
	const char *dir;        /**< Direction                             */
	uint64_t now;
};


static const char *text(const json_t *j, const char *key)
{
	return json_string_value(json_object_get(j, key));
}


/* Words are of closed lists; what else may be there makes no series */
static const char *word(char *buf, const char *str)
{
	size_t i;

	for (i=0; str && str[i]; i++) {

		const char c = str[i];

		if (i >= WORD - 1)
			return "other";
		if (c >= 'A' && c <= 'Z')
			buf[i] = (char)(c - 'A' + 'a');
		else if (c == '_' || c == '-' || (c >= 'a' && c <= 'z'))
			buf[i] = c;
		else
			return "other";
	}

	buf[i] = '\0';

	return buf;
}


/* A number that is there, in its base unit */
static bool number(double *value, const json_t *j, const char *key,
		   double factor)
{
	const json_t *n = json_object_get(j, key);

	if (!json_is_number(n))
		return false;

	*value = json_number_value(n) * factor;

	return *value >= 0;
}


static void observe_ms(const struct reading *r, unsigned family,
		       const char *key)
{
	double value;

	if (number(&value, r->j, key, 0.001))
		metrics_observe(r->m, family, METRIC_LABELS(r->ext, r->dir),
				value, r->now);
}


static void count_call(const struct reading *r)
{
	char result[WORD], reason[WORD];
	const char *disposition = text(r->j, "disposition");

	metrics_add(r->m, MET_CALLS,
		    METRIC_LABELS(r->ext, r->dir, word(result, disposition),
				  word(reason, text(r->j, "reason"))),
		    1, r->now);

	observe_ms(r, MET_PDD, "pdd_ms");
	observe_ms(r, MET_SETUP, "setup_ms");
	if (disposition && !strcmp(disposition, "ANSWERED"))
		observe_ms(r, MET_DURATION, "bill_ms");
}


static void count_dir(const struct reading *r, const json_t *media,
		      const char *leg, const char *dir)
{
	const json_t *d = json_object_get(media, dir);
	const char *const *labelv = METRIC_LABELS(r->ext, leg, dir);
	double value;

	if (!json_is_object(d))
		return;

	if (number(&value, d, "packets", 1))
		metrics_add(r->m, MET_PACKETS, labelv, value, r->now);

	/* less than none: some came twice */
	if (number(&value, d, "packets", 1))
		metrics_add(r->m, MET_LOST, labelv, json_number_value(
			    json_object_get(d, "lost")), r->now);

	/* of what no packet came there is no jitter */
	if (number(&value, d, "packets", 1) && value > 0 &&
	    number(&value, d, "jitter_avg_ms", 0.001))
		metrics_observe(r->m, MET_JITTER, labelv, value, r->now);
	if (number(&value, d, "mos", 1))
		metrics_observe(r->m, MET_MOS, labelv, value, r->now);
}


static void count_media(const struct reading *r, const json_t *media,
			const char *leg)
{
	static const struct {
		const char *key;
		unsigned family;
	} timev[] = {
		{"rtt_avg_ms",     MET_RTT},
		{"latency_p50_ms", MET_LATENCY},
		{"latency_p99_ms", MET_LATENCY_P99},
	};
	double value;
	size_t i;

	count_dir(r, media, leg, "rx");
	count_dir(r, media, leg, "tx");

	for (i=0; i<ARRAY_SIZE(timev); i++) {
		if (number(&value, media, timev[i].key, 0.001))
			metrics_observe(r->m, timev[i].family,
					METRIC_LABELS(r->ext, leg), value,
					r->now);
	}
}


/* Parties may have come and gone: each side counts once a call */
static void count_unheard(const struct reading *r, const json_t *legs)
{
	static const char *const sidev[] = {"phone", "app"};
	bool one_way[ARRAY_SIZE(sidev)] = {false};
	double dead = 0, value;
	const json_t *leg;
	size_t n, i;

	json_array_foreach(legs, n, leg) {

		const json_t *media = json_object_get(leg, "media");
		const char *side = text(leg, "side");

		/* nobody was heard: all parties say the same of it */
		if (number(&value, media, "dead_air_ms", 0.001) &&
		    value > dead)
			dead = value;

		for (i=0; side && i<ARRAY_SIZE(sidev); i++) {
			if (!strcmp(side, sidev[i]) && text(media, "one_way"))
				one_way[i] = true;
		}
	}

	for (i=0; i<ARRAY_SIZE(sidev); i++)
		metrics_add(r->m, MET_ONE_WAY, METRIC_LABELS(r->ext,
			    sidev[i]), one_way[i], r->now);

	metrics_add(r->m, MET_DEAD_AIR_CALLS, METRIC_LABELS(r->ext),
		    dead > 0, r->now);
	metrics_add(r->m, MET_DEAD_AIR, METRIC_LABELS(r->ext), dead, r->now);
}


static void count_legs(const struct reading *r)
{
	const json_t *legs = json_object_get(r->j, "legs");
	const json_t *leg;
	char side[WORD];
	size_t n;

	json_array_foreach(legs, n, leg) {

		const json_t *media = json_object_get(leg, "media");

		if (json_is_object(media))
			count_media(r, media, word(side, text(leg, "side")));
	}

	count_unheard(r, legs);
}


static void count_pushes(const struct reading *r)
{
	double value;

	if (number(&value, r->j, "pushes", 1) && value > 0)
		metrics_add(r->m, MET_PUSH, METRIC_LABELS(r->ext, "sent"),
			    value, r->now);

	if (!number(&value, r->j, "push_to_online_ms", 0.001))
		return;

	metrics_add(r->m, MET_PUSH, METRIC_LABELS(r->ext, "online"), 1,
		    r->now);
	metrics_observe(r->m, MET_PUSH_ONLINE, METRIC_LABELS(r->ext), value,
			r->now);
}


static void count_recordings(const struct reading *r)
{
	const json_t *rec;
	char result[WORD];
	size_t n;

	json_array_foreach(json_object_get(r->j, "recordings"), n, rec) {
		metrics_add(r->m, MET_CALL_RECORDINGS, METRIC_LABELS(r->ext,
			    word(result, text(rec, "state"))), 1, r->now);
	}
}


/**
 * Count a call that is over
 *
 * @param m      Registry
 * @param record Its record, which was not there before
 * @param now    Time [ms]
 */
void metrics_record(struct metrics *m, const json_t *record, uint64_t now)
{
	struct reading r = {.m = m, .j = record, .now = now};
	char dir[WORD];

	/* no call of the bridge: its channels are counted as they are told */
	if (!str_cmp(text(record, "kind"), "pbx"))
		return;

	r.ext = text(record, "extension");
	r.dir = word(dir, text(record, "direction"));

	count_call(&r);
	count_legs(&r);
	count_pushes(&r);
	count_recordings(&r);
}


/**
 * Count a recording of which the hub knows now what became of it
 *
 * @param m         Registry
 * @param recording What is told of it
 * @param now       Time [ms]
 */
void metrics_recording(struct metrics *m, const json_t *recording,
		       uint64_t now)
{
	char result[WORD];

	metrics_add(m, MET_RECORDINGS, METRIC_LABELS(text(recording,
		    "extension"), word(result, text(recording, "state"))), 1,
		    now);
}
