/**
 * @file connectycube_hub/live/json.c  What there is now, for programs
 *
 * What is not known is null. Times are since 1970 [ms].
 */
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include "live.h"
#include "model.h"


/* What fails is missing: whoever is given the object checks for memory once */
static json_t *set(json_t *o, const char *key, json_t *v)
{
	(void)json_object_set_new(o, key, v);

	return o;
}


static json_t *str(const char *text)
{
	return text[0] ? json_string(text) : json_null();
}


static json_t *at(uint64_t t)
{
	return t ? json_integer((json_int_t)t) : json_null();
}


/* In parts of one; 0=not known */
static json_t *part(json_int_t v, int n)
{
	return v ? json_real((double)v / n) : json_null();
}


/**
 * Get the name of a call's state
 *
 * @param state State
 *
 * @return Its name
 */
const char *mstate_name(enum mstate state)
{
	switch (state) {

	case MCALL_CALLING: return "calling";
	case MCALL_RINGING: return "ringing";
	case MCALL_EARLY:   return "early";
	case MCALL_UP:      return "up";
	default:            return "unknown";
	}
}


static json_t *side_json(const struct hlive *l, const struct mside *s,
			 bool here)
{
	json_t *o = json_object();

	set(o, "since", at(model_wall(l, s->since)));
	set(o, "error", here ? str(s->error) : json_null());
	set(o, "last_error", str(s->last));

	return set(o, "last_error_time", at(model_wall(l, s->t_last)));
}


static json_t *recorder_json(const struct mbridge *b)
{
	json_t *o;

	if (!b->recorder)
		return json_null();

	o = json_object();
	set(o, "started", json_integer(b->rec_started));
	set(o, "failed", json_integer(b->rec_failed));
	set(o, "packets_lost", json_integer(b->rec_lost));
	set(o, "waiting_kb", json_integer(b->rec_waiting_kb));

	return set(o, "disk_works", json_boolean(!b->rec_bad));
}


static json_t *bridge_json(const struct hlive *l, const struct mbridge *b)
{
	json_t *o = json_object();

	set(o, "name", json_string(b->name));
	set(o, "here", json_boolean(b->conn != 0));
	set(o, "since", at(model_wall(l, b->t_conn)));
	set(o, "version", str(b->product));
	set(o, "protocol", json_integer(b->version));
	set(o, "started", at(b->started));
	set(o, "pid", at((uint64_t)b->pid));
	set(o, "memory_kb", at((uint64_t)b->memory_kb));
	set(o, "cpu_ms", at((uint64_t)b->cpu_ms));
	set(o, "loop_stall_ms", json_integer(b->stall_ms));
	set(o, "records_waiting", json_integer(b->waiting));
	set(o, "records_lost", json_integer(b->lost));
	set(o, "recorder", recorder_json(b));

	return set(o, "disk_works", json_boolean(!b->disk_bad));
}


/**
 * Make an extension an object
 *
 * @param l Model
 * @param e Extension
 *
 * @return Object, NULL=no memory
 */
json_t *mext_json(const struct hlive *l, const struct mext *e)
{
	const bool here = e->bridge->conn != 0;
	json_t *o = json_object(), *sip = side_json(l, &e->sip, here);
	json_t *cloud = side_json(l, &e->cloud, here);

	set(o, "extension", json_string(e->aor));
	set(o, "name", str(e->name));
	set(sip, "server", str(e->server));
	set(sip, "registered", json_boolean(here && e->sip.up));
	set(o, "sip", set(sip, "registers", json_boolean(e->registers)));
	set(cloud, "state", here ? str(e->cloud.state) : json_null());
	set(cloud, "online", json_boolean(here && e->cloud.up));
	set(o, "cloud", set(cloud, "user", str(e->user)));
	set(o, "dnd", str(e->dnd));
	set(o, "draining", json_boolean(e->bridge->draining));
	set(o, "calls", json_integer((json_int_t)e->calls));
	set(o, "pbx", e->pbx ? json_deep_copy(e->pbx) : json_null());

	return set(o, "bridge", bridge_json(l, e->bridge));
}


static json_t *dir_json(const struct mdir *d, const struct mleg *leg,
			bool rx)
{
	json_t *o;

	if (!d->codec[0])
		return json_null();

	o = json_object();
	set(o, "codec", json_string(d->codec));
	set(o, "packets", json_integer(d->packets));
	set(o, "lost", json_integer(d->lost));
	set(o, "jitter_ms", json_real((double)d->jitter_us / 1000));
	set(o, "kbps", json_integer(d->bitrate / 1000));
	if (d == &leg->vrx || d == &leg->vtx)
		return set(o, "fps", part((json_int_t)(d->fps * 10), 10));

	set(o, "mos", part(d->mos_100, 100));
	set(o, "mos_now", part(d->mos_now_100, 100));
	if (rx) {
		set(o, "level_dbov", part(leg->level_10, 10));
		set(o, "level_now_dbov", part(leg->level_now_10, 10));
	}

	return o;
}


static json_t *leg_json(const struct mleg *leg)
{
	json_t *o = json_object();

	set(o, "leg_num", json_integer(leg->num));
	set(o, "side", str(leg->side));
	set(o, "uri", str(leg->uri));
	set(o, "name", str(leg->name));
	set(o, "user", str(leg->user));
	set(o, "holds", json_boolean(leg->holds));
	set(o, "path_lost", json_boolean(leg->path_lost));
	set(o, "one_way", str(leg->one_way));
	set(o, "srtp", str(leg->srtp));
	set(o, "rx", dir_json(&leg->rx, leg, true));
	set(o, "tx", dir_json(&leg->tx, leg, false));
	set(o, "transcoded", json_boolean(leg->tx.codec[0] &&
					  !leg->forwarded));
	set(o, "rtt_ms", part(leg->rtt_us, 1000));
	set(o, "latency_p50_ms", part(leg->lat50_us, 1000));
	set(o, "latency_p99_ms", part(leg->lat99_us, 1000));
	set(o, "video_rx", dir_json(&leg->vrx, leg, true));
	set(o, "video_tx", dir_json(&leg->vtx, leg, false));
	set(o, "width", at((uint64_t)leg->width));

	return set(o, "height", at((uint64_t)leg->height));
}


static json_t *side_of(const struct mcall *c, const char *side)
{
	const bool app = !strcmp(side, "app");
	const struct mleg *leg = NULL;
	json_t *o = json_object();
	struct le *le;

	/* who came first, if there are more */
	for (le = c->legl.head; le && !leg; le = le->next) {
		leg = le->data;
		if (strcmp(leg->side, side))
			leg = NULL;
	}

	set(o, "side", json_string(side));
	set(o, "user", app ? str(leg && leg->user[0] ? leg->user : c->user)
	    : json_null());
	set(o, "uri", app ? json_null() : str(leg && leg->uri[0] ? leg->uri
					     : c->uri));

	return set(o, "name", str(leg && leg->name[0] ? leg->name :
				  app ? "" : c->name));
}


/**
 * Make a call an object
 *
 * @param c Call
 *
 * @return Object, NULL=no memory
 */
json_t *mcall_json(const struct mcall *c)
{
	json_t *o = json_object(), *legs = json_array(), *held = json_array();
	struct le *le;

	for (le = c->legl.head; le; le = le->next) {

		const struct mleg *leg = le->data;

		(void)json_array_append_new(legs, leg_json(leg));
		if (leg->holds)
			(void)json_array_append_new(held, str(leg->side));
	}

	set(o, "id", json_string(c->id));
	set(o, "bridge", json_string(c->bridge->name));
	set(o, "call", json_integer(c->num));
	set(o, "linked_id", str(c->linked));
	set(o, "extension", str(c->ext));
	set(o, "direction", json_string(c->from_app ? "app-to-sip"
					: "sip-to-app"));
	set(o, "state", json_string(mstate_name(c->state)));
	set(o, "from", side_of(c, c->from_app ? "app" : "phone"));
	set(o, "to", side_of(c, c->from_app ? "phone" : "app"));
	set(o, "dialled", str(c->dialled));
	set(o, "channel", str(c->channel));
	set(o, "channel_linked", str(c->channel_linked));
	set(o, "session", str(c->session));
	set(o, "call_id", str(c->callid));
	set(o, "t_start", at(c->t_start));
	set(o, "t_answer", at(c->t_answer));
	set(o, "t_media", at(c->t_media));
	set(o, "held_by", held);
	set(o, "transfer", str(c->transfer));
	set(o, "transfer_target", str(c->target));
	set(o, "recording", str(c->recording));

	return set(o, "legs", legs);
}


/**
 * Make an alarm an object
 *
 * @param l Model
 * @param a Alarm
 *
 * @return Object, NULL=no memory
 */
json_t *malarm_json(const struct hlive *l, const struct malarm *a)
{
	json_t *o = json_object();

	set(o, "id", json_integer((json_int_t)a->num));
	set(o, "alarm", json_string(malarm_name(a->kind)));
	set(o, "bridge", str(a->bridge));
	set(o, "extension", str(a->ext));
	set(o, "call", str(a->call));
	set(o, "text", str(a->text));
	set(o, "since", at(model_wall(l, a->since)));

	return set(o, "cleared", at(model_wall(l, a->cleared)));
}


/**
 * Get all extensions
 *
 * @param l Model
 *
 * @return {extensions: [...]}
 */
json_t *hlive_json_exts(const struct hlive *l)
{
	json_t *array;
	struct le *le;

	if (!l)
		return NULL;

	array = json_array();
	for (le = list_head(&l->extl); le; le = le->next)
		(void)json_array_append_new(array, mext_json(l, le->data));

	return set(json_object(), "extensions", array);
}


/**
 * Get an extension
 *
 * @param l   Model
 * @param ext Its SIP address
 *
 * @return Object, NULL if there is none
 */
json_t *hlive_json_ext(const struct hlive *l, const char *ext)
{
	const struct mext *e = mext_find(l, ext);

	return e ? mext_json(l, e) : NULL;
}


/**
 * Get the calls
 *
 * @param l   Model
 * @param ext Only those of an extension, NULL=all
 *
 * @return {calls: [...]}
 */
json_t *hlive_json_calls(const struct hlive *l, const char *ext)
{
	json_t *array;
	struct le *le;

	if (!l)
		return NULL;

	array = json_array();
	for (le = list_head(&l->calll); le; le = le->next) {

		const struct mcall *c = le->data;

		if (!ext || !strcmp(c->ext, ext))
			(void)json_array_append_new(array, mcall_json(c));
	}

	return set(json_object(), "calls", array);
}


/**
 * Get a call
 *
 * @param l  Model
 * @param id Its id
 *
 * @return Object, NULL if there is none
 */
json_t *hlive_json_call(const struct hlive *l, const char *id)
{
	const struct mcall *c = mcall_find_id(l, id);

	return c ? mcall_json(c) : NULL;
}


static json_t *samples_json(const struct hlive *l, const struct mleg *leg)
{
	const size_t n = min(leg->samplec, (size_t)HLIVE_SAMPLES);
	json_t *array = json_array();
	size_t i;

	for (i = leg->samplec - n; i < leg->samplec; i++) {

		const struct msample *s = &leg->samplev[i % HLIVE_SAMPLES];
		json_t *o = json_object();

		set(o, "time", at(model_wall(l, s->time)));
		set(o, "mos", part(s->mos_100, 100));
		set(o, "lost", json_integer(s->lost));
		set(o, "level_dbov", part(s->level_10, 10));
		set(o, "jitter_ms", json_real((double)s->jitter_us / 1000));
		(void)json_array_append_new(array, o);
	}

	return array;
}


/**
 * Get what was measured of a call of late
 *
 * @param l  Model
 * @param id Its id
 *
 * @return Object, NULL if there is none
 */
json_t *hlive_json_stats(const struct hlive *l, const char *id)
{
	const struct mcall *c = mcall_find_id(l, id);
	json_t *array, *o;
	struct le *le;

	if (!c)
		return NULL;

	array = json_array();
	for (le = c->legl.head; le; le = le->next) {
		o = leg_json(le->data);
		set(o, "samples", samples_json(l, le->data));
		(void)json_array_append_new(array, o);
	}

	o = json_object();
	set(o, "id", json_string(c->id));

	return set(o, "legs", array);
}


/**
 * Get the alarms that are on, and those that were the last to end
 *
 * @param l Model
 *
 * @return {alarms: [...], cleared: [...]}
 */
json_t *hlive_json_alarms(const struct hlive *l)
{
	json_t *on, *off;
	struct le *le;

	if (!l)
		return NULL;

	on  = json_array();
	off = json_array();
	for (le = list_head(&l->alarml); le; le = le->next)
		(void)json_array_append_new(on, malarm_json(l, le->data));
	for (le = list_head(&l->clearedl); le; le = le->next)
		(void)json_array_append_new(off, malarm_json(l, le->data));

	return set(set(json_object(), "alarms", on), "cleared", off);
}
