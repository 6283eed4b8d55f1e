/**
 * @file connectycube_hub/live/pbx.c  Channels of extensions at their PBX
 *
 *   `pbx` of a bridge's state --> here --> `pbx` of an extension
 *
 * A bridge tells all that there are whenever one has changed. Two bridges that
 * have a link to the same Asterisk tell of one channel, if one extension calls
 * the other: in the list of all it is there once.
 */
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include "live.h"
#include "model.h"


enum {
	TEXT = 160,             /**< Size of a name, or an id [bytes]      */
	SAME = 1000,            /**< That clocks differ by is nothing [ms] */
};


static void copy_str(json_t *o, const json_t *j, const char *key)
{
	char text[TEXT];

	mread_str(text, sizeof(text), j, key);
	(void)json_object_set_new(o, key, text[0] ? json_string(text) :
				  json_null());
}


static const json_t *find(const json_t *pbx, const char *id)
{
	const json_t *channels = json_object_get(pbx, "channels"), *one;
	size_t i;

	json_array_foreach(channels, i, one) {

		const char *its = json_string_value(json_object_get(
						one, "uniqueid"));

		if (its && !strcmp(its, id))
			return one;
	}

	return NULL;
}


/* A clock of two that is reckoned from another one jumps by a moment */
static void copy_time(json_t *o, const json_t *j, const json_t *old,
		      const char *key)
{
	const json_int_t told = (json_int_t)mread_time(j, key);
	const json_int_t was = (json_int_t)mread_time(old, key);
	const bool same = was && told < was + SAME && was < told + SAME;

	(void)json_object_set_new(o, key, !told ? json_null() :
				  json_integer(same ? was : told));
}


static json_t *read_channel(const json_t *j, const json_t *before)
{
	static const char *const textv[] = {
		"channel", "uniqueid", "linkedid", "state", "number", "name",
		"peer_number", "peer_name", "exten", "context", "bridge"
	};
	json_t *o = json_object();
	const json_t *old;
	char id[TEXT];
	size_t i;

	mread_str(id, sizeof(id), j, "uniqueid");
	old = find(before, id);

	for (i=0; i<ARRAY_SIZE(textv); i++)
		copy_str(o, j, textv[i]);

	(void)json_object_set_new(o, "held",
				  json_boolean(mread_bool(j, "held")));
	(void)json_object_set_new(o, "own",
				  json_boolean(mread_bool(j, "own")));
	copy_time(o, j, old, "t_start");
	copy_time(o, j, old, "t_answer");

	return o;
}


/**
 * A bridge has told of the channels of an extension at its PBX
 *
 * @param e     Extension
 * @param state What the bridge has told; without `pbx` it knows of none
 */
void mpbx_state(struct mext *e, const json_t *state)
{
	const json_t *pbx = json_object_get(state, "pbx"), *one;
	json_t *o = NULL, *channels;
	char ext[MODEL_URI], name[TEXT];
	size_t i;

	if (json_is_object(pbx)) {

		o = json_object();
		channels = json_array();
		(void)json_object_set_new(o, "ready", json_boolean(
						  mread_bool(pbx, "ready")));
		copy_str(o, pbx, "error");
		json_array_foreach(json_object_get(pbx, "channels"), i, one) {

			mread_str(ext, sizeof(ext), one, "extension");
			mread_str(name, sizeof(name), one, "channel");
			if (strcmp(ext, e->aor) || !name[0] ||
			    json_array_size(channels) >= HLIVE_CHANNELS)
				continue;

			(void)json_array_append_new(channels, read_channel(
							    one, e->pbx));
		}
		(void)json_object_set_new(o, "channels", channels);
	}

	if (o && e->pbx ? !json_equal(o, e->pbx) : o != e->pbx)
		e->dirty = true;

	json_decref(e->pbx);
	e->pbx = o;
}


static bool is_listed(const json_t *array, const json_t *chan, size_t *at)
{
	const json_t *one;
	size_t i;

	json_array_foreach(array, i, one) {

		if (json_equal(json_object_get(one, "uniqueid"),
			       json_object_get(chan, "uniqueid")) &&
		    json_equal(json_object_get(one, "channel"),
			       json_object_get(chan, "channel"))) {
			*at = i;
			return true;
		}
	}

	return false;
}


static void add(json_t *array, const struct mext *e, const json_t *chan,
		bool every)
{
	json_t *o = json_deep_copy(chan);
	size_t at = 0;

	(void)json_object_set_new(o, "extension", json_string(e->aor));

	if (every || !is_listed(array, chan, &at))
		(void)json_array_append_new(array, o);
	else if (mread_bool(chan, "own"))
		(void)json_array_set_new(array, at, o);
	else
		json_decref(o);
}


/**
 * Get the channels of extensions at their PBX
 *
 * @param l   Model
 * @param ext Only those of an extension, NULL=all: each once, with the
 *            extension whose own it is, if it is one's
 *
 * @return {channels: [...]}
 */
json_t *hlive_json_channels(const struct hlive *l, const char *ext)
{
	json_t *array;
	const json_t *one;
	struct le *le;
	size_t i;

	if (!l)
		return NULL;

	array = json_array();
	for (le = list_head(&l->extl); le; le = le->next) {

		const struct mext *e = le->data;

		if (!e->bridge->conn || (ext && strcmp(ext, e->aor)))
			continue;

		json_array_foreach(json_object_get(e->pbx, "channels"), i, one)
			add(array, e, one, ext != NULL);
	}

	return json_pack("{so}", "channels", array);
}


/**
 * Find a channel, and who can be ordered about it
 *
 * @param l      Model
 * @param id     Its uniqueid
 * @param extp   Set to its extension's address (pointer)
 * @param chanp  Set to its full name (pointer)
 *
 * @return Name of the bridge, NULL if there is no such channel. All pointers
 *         are valid until the model is told something
 */
const char *hlive_channel_bridge(const struct hlive *l, const char *id,
				 const char **extp, const char **chanp)
{
	const char *bridge = NULL;
	const json_t *chan;
	struct le *le;

	for (le = l ? list_head(&l->extl) : NULL; le; le = le->next) {

		const struct mext *e = le->data;

		chan = e->bridge->conn ? find(e->pbx, id) : NULL;
		if (!chan || (bridge && !mread_bool(chan, "own")))
			continue;

		bridge = e->bridge->name;
		*extp  = e->aor;
		*chanp = json_string_value(json_object_get(chan, "channel"));
	}

	return bridge;
}
