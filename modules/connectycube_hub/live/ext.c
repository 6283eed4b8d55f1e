/**
 * @file connectycube_hub/live/ext.c  Extensions: SIP and cloud
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
	struct mext *e = data;

	list_unlink(&e->le);
	json_decref(e->pbx);
}


static struct mext *find(const struct hlive *l, const struct mbridge *b,
			 const char *aor)
{
	struct le *le;

	for (le = l->extl.head; le; le = le->next) {

		struct mext *e = le->data;

		if (e->bridge == b && !strcmp(e->aor, aor))
			return e;
	}

	return NULL;
}


/**
 * Find an extension. That of a bridge that is here goes first
 *
 * @param l   Model, may be NULL
 * @param ext Its SIP address
 *
 * @return Extension, or NULL
 */
const struct mext *mext_find(const struct hlive *l, const char *ext)
{
	const struct mext *found = NULL;
	struct le *le;

	for (le = l ? list_head(&l->extl) : NULL; le; le = le->next) {

		const struct mext *e = le->data;

		if (strcmp(e->aor, ext))
			continue;
		if (e->bridge->conn)
			return e;
		found = e;
	}

	return found;
}


/**
 * There is a call more, or less: its extension has as many as there are in the
 * model. `state` says how many, too, but seconds later
 *
 * @param l   Model
 * @param b   Its bridge
 * @param aor SIP address of the extension, which may not be there
 */
void mext_count(struct hlive *l, const struct mbridge *b, const char *aor)
{
	struct mext *e = find(l, b, aor);
	struct le *le;
	size_t n = 0;

	if (!e)
		return;

	for (le = l->calll.head; le; le = le->next) {

		const struct mcall *c = le->data;

		n += c->bridge == b && !strcmp(c->ext, aor);
	}

	e->dirty |= n != e->calls;
	e->calls  = n;
}


static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}


/* 999 is before 1000: of digits more are more */
static int compare(const char *a, const char *b)
{
	size_t na, nb;
	int diff;

	for (; *a && *b; a += max(na, 1), b += max(nb, 1)) {

		for (na = 0; is_digit(a[na]); na++)
			;
		for (nb = 0; is_digit(b[nb]); nb++)
			;

		diff = na && nb && na != nb ? (na < nb ? -1 : 1)
			: strncmp(a, b, na && nb ? na : 1);
		if (diff)
			return diff;
	}

	return *a - *b;
}


/* As people look for them, not as they have come. (Those of one address, of two
   bridges, stand as they have come) */
static void insert(struct hlive *l, struct mext *e)
{
	struct le *le = l->extl.tail;

	while (le && compare(((struct mext *)le->data)->aor, e->aor) > 0)
		le = le->prev;

	if (le)
		list_insert_after(&l->extl, le, &e->le, e);
	else
		list_prepend(&l->extl, &e->le, e);
}


static struct mext *get(struct hlive *l, struct mbridge *b, const json_t *j)
{
	char aor[MODEL_URI];
	struct mext *e;

	mread_str(aor, sizeof(aor), j, "extension");
	if (!aor[0])
		return NULL;

	e = find(l, b, aor);
	if (e || list_count(&l->extl) >= HLIVE_EXTS)
		return e;

	e = mem_zalloc(sizeof(*e), destructor);
	if (!e)
		return NULL;

	e->bridge = b;
	e->dirty  = true;
	str_ncpy(e->aor, aor, sizeof(e->aor));
	insert(l, e);
	mext_count(l, b, aor);

	return e;
}


/* As told by a clock that was set since the last time, maybe: how long ago that
   was is what does not change */
static uint64_t read_since(const json_t *j, uint64_t told, uint64_t now)
{
	const uint64_t since = mread_time(j, "since");
	const uint64_t age = told > since ? told - since : 0;

	if (!since)
		return 0;

	return now > age ? now - age : 1;
}


static bool read_side(struct mside *s, const json_t *j, bool up, uint64_t told,
		      uint64_t now)
{
	char error[MODEL_TEXT];
	const uint64_t since = read_since(j, told, now);
	bool changed = s->up != up;

	mread_str(error, sizeof(error), j, "error");
	changed |= strcmp(error, s->error) != 0;

	/* that of two clocks it is the same may differ by a moment */
	changed |= since > s->since + 1000 || s->since > since + 1000;
	if (changed)
		s->since = since;
	if (error[0] && (changed || !s->t_last)) {
		str_ncpy(s->last, error, sizeof(s->last));
		s->t_last = now;
	}

	s->up = up;
	str_ncpy(s->error, error, sizeof(s->error));

	return changed;
}


static bool read_bool(bool *dst, bool value)
{
	const bool changed = *dst != value;

	*dst = value;

	return changed;
}


static bool read_text(char *dst, size_t size, const json_t *j,
		      const char *key)
{
	char text[MODEL_TEXT];

	mread_str(text, min(size, sizeof(text)), j, key);
	if (!strcmp(dst, text))
		return false;

	str_ncpy(dst, text, size);

	return true;
}


static void read_ext(struct mext *e, const json_t *j, uint64_t told,
		     uint64_t now)
{
	const json_t *sip = json_object_get(j, "sip");
	const json_t *cloud = json_object_get(j, "cloud");

	e->there = true;
	e->dirty |= read_text(e->name, sizeof(e->name), j, "name");
	e->dirty |= read_text(e->dnd, sizeof(e->dnd), j, "dnd");
	e->dirty |= read_text(e->user, sizeof(e->user), cloud, "user");
	e->dirty |= read_text(e->server, sizeof(e->server), sip, "server");
	e->dirty |= read_text(e->cloud.state, sizeof(e->cloud.state), cloud,
			      "state");
	e->dirty |= read_side(&e->sip, sip, mread_bool(sip, "registered"),
			      told, now);
	e->dirty |= read_side(&e->cloud, cloud,
			      !strcmp(e->cloud.state, "online"), told, now);
	e->dirty |= read_bool(&e->registers, mread_bool(sip, "registers"));
	e->dirty |= read_bool(&e->draining, e->bridge->draining);
}


static bool is_late(const struct mside *s, uint64_t now)
{
	return now > s->since && now - s->since >= HLIVE_GRACE;
}


/* A moment without is none; nor is what a bridge has taken back because it takes no
   more calls. True if it may become one */
static bool look(struct hlive *l, const struct mext *e, uint64_t now)
{
	const bool here = e->bridge->conn != 0;
	const bool sip = here && e->registers && !e->sip.up && !e->draining;
	const bool refused = here && !strcmp(e->cloud.state, "refused");
	const bool cloud = here && !e->cloud.up && !refused;

	malarm_set(l, MALARM_SIP, sip && is_late(&e->sip, now), e->bridge,
		   e->aor, "", e->sip.since, now, e->sip.error);
	malarm_set(l, MALARM_REFUSED, refused, e->bridge, e->aor, "",
		   e->cloud.since, now, e->cloud.error);
	malarm_set(l, MALARM_CLOUD, cloud && is_late(&e->cloud, now),
		   e->bridge, e->aor, "", e->cloud.since, now,
		   e->cloud.error);

	return (sip && !is_late(&e->sip, now)) ||
		(cloud && !is_late(&e->cloud, now));
}


static void tell(struct hlive *l, struct mext *e)
{
	if (e->dirty && l->changeh)
		model_change(l, "extension", e->aor, mext_json(l, e));
	e->dirty = false;
}


static void clear_alarms(struct hlive *l, const struct mext *e, uint64_t now)
{
	malarm_set(l, MALARM_SIP, false, e->bridge, e->aor, "", 0, now, "");
	malarm_set(l, MALARM_REFUSED, false, e->bridge, e->aor, "", 0, now,
		   "");
	malarm_set(l, MALARM_CLOUD, false, e->bridge, e->aor, "", 0, now, "");
}


/**
 * An extension is not there any more
 *
 * @param l   Model
 * @param e   Extension, freed
 * @param now Time
 */
void mext_forget(struct hlive *l, struct mext *e, uint64_t now)
{
	clear_alarms(l, e, now);
	if (l->changeh)
		model_change(l, "extension_gone", e->aor,
			     json_pack("{ss,ss}", "extension", e->aor,
				       "bridge", e->bridge->name));
	mem_deref(e);
}


/**
 * A bridge has told of its extensions: those that are not among them are not
 * there any more
 *
 * @param l     Model
 * @param b     Bridge
 * @param state What it has told
 * @param now   Time
 */
void mext_state(struct hlive *l, struct mbridge *b, const json_t *state,
		uint64_t now)
{
	const json_t *exts = json_object_get(state, "extensions"), *j;
	uint64_t told = mread_time(state, "time");
	struct le *le;
	size_t i;

	if (!json_is_array(exts))
		return;

	if (!told)
		told = model_wall(l, now);

	for (le = l->extl.head; le; le = le->next)
		((struct mext *)le->data)->there = false;

	json_array_foreach(exts, i, j) {

		struct mext *e = get(l, b, j);

		if (e) {
			read_ext(e, j, told, now);
			mpbx_state(e, state);
		}
	}

	le = l->extl.head;
	while (le) {

		struct mext *e = le->data;

		le = le->next;
		if (e->bridge != b)
			continue;

		if (e->there) {
			(void)look(l, e, now);
			tell(l, e);
		}
		else {
			mext_forget(l, e, now);
		}
	}
}


/**
 * A bridge has gone, and its extensions with it: they are shown as they were,
 * and are not alarms of their own
 *
 * @param l Model
 * @param b Bridge
 */
void mext_gone(struct hlive *l, struct mbridge *b)
{
	struct le *le;

	for (le = l->extl.head; le; le = le->next) {

		struct mext *e = le->data;

		if (e->bridge != b)
			continue;

		e->dirty = true;
		mpbx_state(e, NULL);
		clear_alarms(l, e, b->t_conn);
		tell(l, e);
	}
}


/**
 * Time passes: what is not there for long is an alarm
 *
 * @param l   Model
 * @param now Time
 *
 * @return True if this is to be looked at again soon
 */
bool mext_tick(struct hlive *l, uint64_t now)
{
	bool again = false;
	struct le *le;

	for (le = l->extl.head; le; le = le->next) {
		again |= look(l, le->data, now);
		tell(l, le->data);
	}

	return again;
}
