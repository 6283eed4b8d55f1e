/**
 * @file connectycube_hub/web/ring.c  The last events
 *
 * Pure.
 */
#include <errno.h>
#include <string.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mem.h>
#include "base/text.h"
#include "ring.h"


static void destructor(void *data)
{
	struct ring_event *ev = data;

	list_unlink(&ev->le);
	mem_deref(ev->type);
	mem_deref(ev->ext);
	mem_deref(ev->text);
}


static void drop_first(struct ring *r)
{
	struct ring_event *ev = list_ledata(list_head(&r->eventl));

	r->bytes -= ev->len;
	mem_deref(ev);
}


/**
 * Keep an event
 *
 * @param r    Ring
 * @param type What it is, a word
 * @param ext  Extension that it is about, ""=none
 * @param json What there is to say, JSON in one line
 *
 * @return Event, valid until the next one; NULL if there is no memory: it has
 *         a number all the same, so that it is known to be lost
 */
const struct ring_event *ring_put(struct ring *r, const char *type,
				  const char *ext, const char *json)
{
	struct ring_event *ev;
	int err;

	++r->last;

	ev = mem_zalloc(sizeof(*ev), destructor);
	if (!ev) {
		ring_skip(r);
		return NULL;
	}

	ev->num = r->last;
	err  = str_dup(&ev->type, type);
	err |= str_dup(&ev->ext, ext);
	err |= re_sdprintf(&ev->text, "id: %llx-%llu\nevent: %s\n"
			   "data: %s\n\n", r->epoch, ev->num, type, json);
	if (err) {
		mem_deref(ev);
		ring_skip(r);
		return NULL;
	}

	ev->len = strlen(ev->text);
	r->bytes += ev->len;
	list_append(&r->eventl, &ev->le, ev);

	while (list_count(&r->eventl) > 1 && (r->bytes > RING_BYTES ||
		list_count(&r->eventl) > RING_EVENTS))
		drop_first(r);

	return ev;
}


/**
 * Forget them all: what comes next does not follow on what was before
 *
 * @param r Ring
 */
void ring_skip(struct ring *r)
{
	list_flush(&r->eventl);
	r->bytes = 0;
}


/* EPOCH-NUMBER of ours, and not of later */
static bool read_id(uint64_t *num, const struct ring *r, const char *id)
{
	struct pl pl, epoch, n;
	uint64_t v = 0;
	size_t i;

	pl_set_str(&pl, id);
	if (!text_split(&pl, '-', &epoch, &n) || !epoch.l || epoch.l > 16 ||
	    !n.l || n.l > 18)
		return false;

	for (i=0; i<epoch.l; i++) {
		if (!strchr("0123456789abcdef", epoch.p[i]) || !epoch.p[i])
			return false;
	}
	for (i=0; i<n.l; i++) {
		if (n.p[i] < '0' || n.p[i] > '9')
			return false;
		v = v * 10 + (unsigned)(n.p[i] - '0');
	}

	*num = v;

	return pl_x64(&epoch) == r->epoch && v <= r->last;
}


/**
 * Where does somebody go on who has had an event?
 *
 * @param r     Ring
 * @param id    Id of it, NULL=he is new
 * @param after Set to the number of the event that he has had last
 * @param lost  Set to how many he has missed, -1=nobody knows
 *
 * @return True if he has missed some that are not there any more
 */
bool ring_after(const struct ring *r, const char *id, uint64_t *after,
		int64_t *lost)
{
	const struct ring_event *first = list_ledata(list_head(&r->eventl));
	uint64_t num;

	*after = r->last;
	*lost  = 0;
	if (!id)
		return false;

	if (!read_id(&num, r, id)) {
		*lost = -1;
		return true;
	}

	if (num == r->last)
		return false;

	*after = first ? first->num - 1 : r->last;
	if (num >= *after) {
		*after = num;
		return false;
	}

	*lost = (int64_t)(*after - num);

	return true;
}


/**
 * Is an event what somebody wants?
 *
 * @param ev    Event
 * @param types Types, joined by commas; ""=all
 * @param ext   Extension, ""=all
 *
 * @return True if it is
 */
bool ring_wanted(const struct ring_event *ev, const char *types,
		 const char *ext)
{
	struct pl rest, one;

	if (ext[0] && strcmp(ext, ev->ext))
		return false;

	if (!types[0])
		return true;

	pl_set_str(&rest, types);
	while (text_next(&rest, &one, ',')) {
		if (!pl_strcmp(&one, ev->type))
			return true;
	}

	return false;
}
