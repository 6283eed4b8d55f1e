/**
 * @file connectycube_hub/live/call.c  Calls that are up
 */
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mem.h>
#include "live.h"
#include "model.h"


static void destructor(void *data)
{
	struct mcall *c = data;

	--c->bridge->callc;
	list_unlink(&c->nle);
	list_unlink(&c->le);
	list_flush(&c->legl);
}


/* A call by its number there */
static struct mcall *mcall_find(const struct hlive *l, const struct mbridge *b,
				uint32_t num)
{
	struct le *le;

	for (le = l->numv[num % MODEL_BUCKETS].head; le; le = le->next) {

		struct mcall *c = le->data;

		if (c->num == num && c->bridge == b)
			return c;
	}

	return NULL;
}


/**
 * Find a call by its id
 *
 * @param l  Model
 * @param id Id
 *
 * @return Call, or NULL
 */
struct mcall *mcall_find_id(const struct hlive *l, const char *id)
{
	struct le *le;

	for (le = l ? l->calll.head : NULL; le; le = le->next) {

		struct mcall *c = le->data;

		if (!strcmp(c->id, id))
			return c;
	}

	return NULL;
}


/**
 * Get a call that is known. Another one of its number is of a process that is
 * no more, and over
 *
 * @param l Model
 * @param b Its bridge
 * @param j What is told of it: its number there, `record_id`
 *
 * @return Call, NULL if there is none
 */
struct mcall *mcall_known(struct hlive *l, struct mbridge *b, const json_t *j)
{
	char id[HLIVE_ID];
	struct mcall *c;
	uint32_t num;

	c = mread_u32(&num, j, "call") ? mcall_find(l, b, num) : NULL;
	if (!c)
		return NULL;

	mread_str(id, sizeof(id), j, "record_id");
	if (!id[0] || !strcmp(id, c->id))
		return c;

	mcall_end(l, c);

	return NULL;
}


/**
 * Get a call; it is made if it is new, and there is room for it
 *
 * @param l      Model
 * @param b      Its bridge
 * @param j      What is told of it: its number there, `record_id`
 * @param extkey Name of the member that is its extension
 * @param now    Time
 *
 * @return Call, NULL if there is none, or it is over
 */
struct mcall *mcall_get(struct hlive *l, struct mbridge *b, const json_t *j,
			const char *extkey, uint64_t now)
{
	struct mcall *c = mcall_known(l, b, j);
	char id[HLIVE_ID];
	uint32_t num;

	if (c) {
		c->seen = now;
		return c;
	}

	mread_str(id, sizeof(id), j, "record_id");
	if (!id[0] || !mread_u32(&num, j, "call") || mbridge_is_over(b, id) ||
	    b->callc >= HLIVE_CALLS_BRIDGE ||
	    list_count(&l->calll) >= HLIVE_CALLS)
		return NULL;

	c = mem_zalloc(sizeof(*c), destructor);
	if (!c)
		return NULL;

	c->bridge = b;
	c->num    = num;
	c->seen   = now;
	c->t_start = model_wall(l, now);
	c->dirty  = true;
	++b->callc;
	str_ncpy(c->id, id, sizeof(c->id));
	str_ncpy(c->linked, id, sizeof(c->linked));
	mread_str(c->ext, sizeof(c->ext), j, extkey);
	list_append(&l->calll, &c->le, c);
	list_append(&l->numv[num % MODEL_BUCKETS], &c->nle, c);
	mext_count(l, b, c->ext);

	return c;
}


/**
 * A call is over: what comes of it later is too late
 *
 * @param l Model
 * @param c Call, freed
 */
void mcall_end(struct hlive *l, struct mcall *c)
{
	struct mbridge *b = c->bridge;
	char ext[MODEL_URI];

	str_ncpy(ext, c->ext, sizeof(ext));
	str_ncpy(b->endedv[b->endedc++ % MODEL_ENDED], c->id, HLIVE_ID);
	malarm_call_over(l, c, c->seen);
	if (l->changeh)
		model_change(l, "call_ended", c->ext, mcall_json(c));
	mem_deref(c);
	mext_count(l, b, ext);
}


/**
 * Set the state of a call. It is told at once
 *
 * @param c     Call
 * @param state State
 */
void mcall_set_state(struct mcall *c, enum mstate state)
{
	if (c->state == state)
		return;

	c->state = state;
	c->dirty = true;
	c->told  = 0;
}


/**
 * Set the state of a call to what its bridge calls it
 *
 * @param c     Call
 * @param word  State there
 * @param early It is heard before the answer
 */
void mcall_word(struct mcall *c, const char *word, bool early)
{
	if (!strcmp(word, "CALLING"))
		mcall_set_state(c, MCALL_CALLING);
	else if (!strcmp(word, "RINGING"))
		mcall_set_state(c, early || c->state == MCALL_EARLY ?
				MCALL_EARLY : MCALL_RINGING);
	else if (!strcmp(word, "ANSWERED") || !strcmp(word, "ESTABLISHED"))
		mcall_set_state(c, MCALL_UP);
}


static void take_time(uint64_t *t, const json_t *j, const char *key)
{
	const uint64_t new = mread_time(j, key);

	/* it goes by two clocks: a moment is no change */
	if (new && (new > *t + 1000 || *t > new + 1000))
		*t = new;
}


static void read_call(struct mcall *c, const json_t *j, uint64_t now)
{
	char word[MODEL_WORD], dir[MODEL_WORD], linked[HLIVE_ID];

	mread_str(word, sizeof(word), j, "state");
	mread_str(dir, sizeof(dir), j, "direction");
	mread_str(linked, sizeof(linked), j, "linked_id");
	if (linked[0])
		str_ncpy(c->linked, linked, sizeof(c->linked));
	if (dir[0])
		c->from_app = !strcmp(dir, "app-to-sip");
	take_time(&c->t_start,  j, "t_start");
	take_time(&c->t_answer, j, "t_answer");
	take_time(&c->t_media,  j, "t_media");
	mcall_word(c, word, false);
	mleg_stats(c, json_object_get(j, "legs"), now);
	c->dirty = true;
}


/**
 * A bridge has told of calls, whole
 *
 * @param l     Model
 * @param b     Bridge
 * @param stats What it has told
 * @param now   Time
 */
void mcall_stats(struct hlive *l, struct mbridge *b, const json_t *stats,
		 uint64_t now)
{
	const json_t *j;
	size_t i;

	json_array_foreach(json_object_get(stats, "calls"), i, j) {

		struct mcall *c = mcall_get(l, b, j, "extension", now);

		if (c)
			read_call(c, j, now);
	}
}


static void read_recordings(struct hlive *l, struct mbridge *b,
			    const json_t *recordings)
{
	const json_t *j;
	uint32_t num;
	size_t i;

	json_array_foreach(recordings, i, j) {

		struct mcall *c;

		c = mread_u32(&num, j, "call") ? mcall_find(l, b, num) : NULL;
		if (!c)
			continue;

		mread_str(c->recording, sizeof(c->recording), j, "state");
		mread_str(c->rec_id, sizeof(c->rec_id), j, "id");
		c->dirty = true;
	}
}


/**
 * A bridge has told which calls there are: others are over, though their end
 * was not heard of
 *
 * @param l     Model
 * @param b     Bridge
 * @param state What it has told
 */
void mcall_reconcile(struct hlive *l, struct mbridge *b, const json_t *state)
{
	const json_t *calls = json_object_get(state, "calls"), *j;
	struct le *le;
	size_t i;

	if (!json_is_array(calls))
		return;

	json_array_foreach(calls, i, j) {

		const json_int_t num = json_integer_value(j);
		struct mcall *c = num > 0 && num <= UINT32_MAX ?
			mcall_find(l, b, (uint32_t)num) : NULL;

		if (c)
			c->listed = true;
	}

	le = l->calll.head;
	while (le) {

		struct mcall *c = le->data;

		le = le->next;
		if (c->bridge != b)
			continue;

		if (!c->listed)
			mcall_end(l, c);
		else
			c->listed = false;
	}

	read_recordings(l, b, json_object_get(state, "recordings"));
}


/**
 * A bridge has gone: nobody knows what becomes of its calls
 *
 * @param l   Model
 * @param b   Bridge
 * @param now Time
 */
void mcall_unknown(struct hlive *l, const struct mbridge *b, uint64_t now)
{
	struct le *le;

	for (le = l->calll.head; le; le = le->next) {

		struct mcall *c = le->data;

		if (c->bridge != b || c->state == MCALL_UNKNOWN)
			continue;

		c->t_unknown = now;
		mcall_set_state(c, MCALL_UNKNOWN);
	}
}


/**
 * There is a record: its call is over, though its bridge had gone, or its end
 * was not heard of
 *
 * @param l      Model
 * @param record Record
 */
void mcall_record(struct hlive *l, const json_t *record)
{
	char id[HLIVE_ID];
	struct mcall *c;

	mread_str(id, sizeof(id), record, "id");
	c = id[0] ? mcall_find_id(l, id) : NULL;
	if (c)
		mcall_end(l, c);
}


/**
 * Time passes: what has changed is told, and what nobody knows is forgotten
 *
 * @param l   Model
 * @param now Time
 *
 * @return True if this is to be looked at again soon
 */
bool mcall_tick(struct hlive *l, uint64_t now)
{
	struct le *le = l->calll.head;
	bool again = false;

	while (le) {

		struct mcall *c = le->data;

		le = le->next;
		if (c->state == MCALL_UNKNOWN) {

			again = true;
			if (now > c->t_unknown &&
			    now - c->t_unknown >= HLIVE_WAIT) {
				mcall_end(l, c);
				continue;
			}
		}

		if (!c->dirty || !l->changeh)
			continue;

		if (now < c->told + HLIVE_NEWS && c->told <= now) {
			again = true;
			continue;
		}

		c->dirty = false;
		c->told  = now;
		model_change(l, "call", c->ext, mcall_json(c));
	}

	return again;
}
