/**
 * @file connectycube_hub/metrics/fromevent.c
 * What an event adds, or a bridge's state
 *
 * Of calls nothing: their records are what is sure to come, once each.
 */
#include <errno.h>
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include "registry.h"
#include "families.h"
#include "metrics.h"


static const struct {
	const char *type;       /**< Event                                 */
	unsigned family;        /**< What it counts for                    */
	const char *label;      /**< Value of the second label, or NULL    */
} countv[] = {
	{"push.failed",   MET_PUSH,         "failed"},
	{"reg.failed",    MET_REG_FAILURES, NULL},
	{"cloud.offline", MET_CLOUD_LOSSES, "offline"},
	{"cloud.refused", MET_CLOUD_LOSSES, "refused"},
	{"pbx.created",     MET_PBX_EVENTS, "created"},
	{"pbx.ringing",     MET_PBX_EVENTS, "ringing"},
	{"pbx.answered",    MET_PBX_EVENTS, "answered"},
	{"pbx.held",        MET_PBX_EVENTS, "held"},
	{"pbx.transferred", MET_PBX_EVENTS, "transferred"},
	{"pbx.hung_up",     MET_PBX_EVENTS, "hung_up"},
};


/**
 * Count an event
 *
 * @param m     Registry
 * @param event Event, see call/eventjson.c
 * @param now   Time [ms]
 */
void metrics_event(struct metrics *m, const json_t *event, uint64_t now)
{
	const char *type = json_string_value(json_object_get(event, "type"));
	const char *ext = json_string_value(json_object_get(event, "ext"));
	size_t i;

	/* the same was told before: it is not lost again */
	if (!type || !ext || json_is_true(json_object_get(event, "again")))
		return;

	for (i=0; i<ARRAY_SIZE(countv); i++) {
		if (!strcmp(type, countv[i].type))
			metrics_add(m, countv[i].family, METRIC_LABELS(ext,
				    countv[i].label), 1, now);
	}
}


/**
 * Count what a bridge has told of how it stands. What it has for all its
 * extensions stands at the first of them
 *
 * @param m     Registry
 * @param state State
 * @param now   Time [ms]
 */
void metrics_state(struct metrics *m, const json_t *state, uint64_t now)
{
	const char *ext = json_string_value(json_object_get(json_array_get(
		json_object_get(state, "extensions"), 0), "extension"));
	const json_t *stall = json_object_get(state, "loop_stall_ms");

	if (ext && json_is_number(stall))
		metrics_observe(m, MET_STALL, METRIC_LABELS(ext),
				json_number_value(stall) / 1000, now);
}
