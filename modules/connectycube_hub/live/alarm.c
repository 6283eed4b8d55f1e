/**
 * @file connectycube_hub/live/alarm.c  What somebody should look at
 */
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mem.h>
#include "live.h"
#include "model.h"


static const struct mbridge nobody; /* of whom the hub's own alarms are */


static void destructor(void *data)
{
	struct malarm *a = data;

	list_unlink(&a->le);
}


/**
 * Get the name of a kind of alarms
 *
 * @param kind Kind
 *
 * @return Its name
 */
const char *malarm_name(enum malarm_kind kind)
{
	switch (kind) {

	case MALARM_BRIDGE:    return "bridge_gone";
	case MALARM_SIP:       return "not_registered";
	case MALARM_CLOUD:     return "cloud_offline";
	case MALARM_REFUSED:   return "cloud_refused";
	case MALARM_DEAD_AIR:  return "dead_air";
	case MALARM_ONE_WAY:   return "one_way";
	case MALARM_PATH:      return "path_lost";
	case MALARM_RECORDING: return "recording";
	case MALARM_DISK:      return "spool_disk";
	case MALARM_SPOOL:     return "records_lost";
	case MALARM_FULL:      return "disk_full";
	case MALARM_PBX:       return "pbx_away";
	default:               return "?";
	}
}


static struct malarm *find(const struct hlive *l, enum malarm_kind kind,
			   const char *bridge, const char *ext,
			   const char *call)
{
	struct le *le;

	for (le = l->alarml.head; le; le = le->next) {

		struct malarm *a = le->data;

		if (a->kind == kind && !strcmp(a->bridge, bridge) &&
		    !strcmp(a->ext, ext) && !strcmp(a->call, call))
			return a;
	}

	return NULL;
}


static void tell(const struct hlive *l, const struct malarm *a)
{
	if (l->changeh)
		model_change(l, "alarm", a->ext, malarm_json(l, a));
}


static void clear(struct hlive *l, struct malarm *a, uint64_t now)
{
	a->cleared = now;
	list_unlink(&a->le);
	list_append(&l->clearedl, &a->le, a);
	tell(l, a);

	while (list_count(&l->clearedl) > HLIVE_CLEARED)
		mem_deref(list_ledata(l->clearedl.head));
}


static void raise_new(struct hlive *l, const struct malarm *what)
{
	struct malarm *a;

	if (list_count(&l->alarml) >= HLIVE_ALARMS)
		return;

	a = mem_zalloc(sizeof(*a), destructor);
	if (!a)
		return;

	*a = *what;
	memset(&a->le, 0, sizeof(a->le));
	a->num = ++l->alarms;
	list_append(&l->alarml, &a->le, a);
	tell(l, a);
}


/**
 * Something is wrong, or right again
 *
 * @param l     Model
 * @param kind  What
 * @param on    It is wrong
 * @param b     Bridge
 * @param ext   Extension that it is about, ""=all of them
 * @param call  Id of the call, ""=none
 * @param since Since when it is wrong
 * @param now   Time
 * @param text  Why, or more of it
 */
void malarm_set(struct hlive *l, enum malarm_kind kind, bool on,
		const struct mbridge *b, const char *ext, const char *call,
		uint64_t since, uint64_t now, const char *text)
{
	struct malarm *a = find(l, kind, b->name, ext, call), new = {
		.kind = kind, .since = since,
	};

	if (a && !on) {
		clear(l, a, now);
	}
	else if (a && strncmp(a->text, text, sizeof(a->text) - 1)) {
		str_ncpy(a->text, text, sizeof(a->text));
		tell(l, a);
	}
	else if (!a && on) {
		str_ncpy(new.bridge, b->name, sizeof(new.bridge));
		str_ncpy(new.ext, ext, sizeof(new.ext));
		str_ncpy(new.call, call, sizeof(new.call));
		str_ncpy(new.text, text, sizeof(new.text));
		raise_new(l, &new);
	}
}


/**
 * Disks of the hub's own are nearly full, or no longer
 *
 * @param l    Model, may be NULL
 * @param text Which, ""=none
 * @param now  Time
 */
void hlive_disk(struct hlive *l, const char *text, uint64_t now)
{
	if (l && text)
		malarm_set(l, MALARM_FULL, text[0] != '\0', &nobody, "", "",
			   now, now, text);
}


/**
 * A call is over, and what was wrong with it
 *
 * @param l   Model
 * @param c   Call
 * @param now Time
 */
void malarm_call_over(struct hlive *l, const struct mcall *c, uint64_t now)
{
	struct le *le = l->alarml.head;

	while (le) {

		struct malarm *a = le->data;

		le = le->next;
		if (!strcmp(a->call, c->id))
			clear(l, a, now);
	}
}


/**
 * Recordings cannot be finished by the hub, whosever they are; or can be again
 *
 * @param l   Model, may be NULL
 * @param why Why, ""=they can be
 * @param now Time
 */
void hlive_recording_alarm(struct hlive *l, const char *why, uint64_t now)
{
	if (l && why)
		malarm_set(l, MALARM_RECORDING, why[0] != '\0', &nobody, "",
			   "", now, now, why);
}
