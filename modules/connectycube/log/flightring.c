/**
 * @file log/flightring.c  The rings of the flight recorder
 *
 *   held (Call-ID)  --an event names it--> call 5
 */
#include <string.h>
#include <re.h>
#include "base/text.h"
#include "call/event.h"
#include "log/flightring.h"


static void item_destructor(void *data)
{
	struct flight_item *item = data;

	list_unlink(&item->le);
}


static void flight_destructor(void *data)
{
	struct flight *f = data;

	list_unlink(&f->le);
	tmr_cancel(&f->tmr);
	list_flush(&f->iteml);
}


static struct flight *flight_alloc(struct list *lst, uint32_t call)
{
	struct flight *f = mem_zalloc(sizeof(*f), flight_destructor);

	if (!f)
		return NULL;

	f->call = call;
	list_append(lst, &f->le, f);

	return f;
}


static bool has_id(const struct flight *f, const struct pl *id)
{
	size_t i;

	for (i=0; i<f->idc; i++) {
		if (!pl_strcasecmp(id, f->idv[i]))
			return true;
	}

	return false;
}


/**
 * Find a call
 *
 * @param r    Rings
 * @param call Its number
 *
 * @return Its ring, NULL=there is none
 */
struct flight *flightring_find(const struct flightrings *r,
				uint32_t call)
{
	struct le *le;

	for (le = list_head(&r->calll); le; le = le->next) {

		struct flight *f = le->data;

		if (f->call == call)
			return f;
	}

	return NULL;
}


static struct flight *find_held(const struct flightrings *r,
				const struct pl *id)
{
	struct le *le;

	for (le = list_head(&r->heldl); le; le = le->next) {

		struct flight *f = le->data;

		if (has_id(f, id))
			return f;
	}

	return NULL;
}


/* The oldest ones go */
static void make_room(const struct flightrings *r, struct flight *f)
{
	while (f->size > r->size && f->iteml.head) {

		struct flight_item *item = f->iteml.head->data;

		f->size -= item->size;
		++f->left_out;
		mem_deref(item);
	}
}


/* In order, whenever it is added */
static void insert(struct flight *f, struct flight_item *item)
{
	struct le *le = list_tail(&f->iteml);

	while (le && ((struct flight_item *)le->data)->seq > item->seq)
		le = le->prev;

	if (le)
		list_insert_after(&f->iteml, le, &item->le, item);
	else
		list_prepend(&f->iteml, &item->le, item);

	f->size += item->size;
}


/**
 * Record something
 *
 * @param r  Rings
 * @param f  The call's
 * @param mb All of it: as it will be written
 */
void flightring_put(struct flightrings *r, struct flight *f,
		    const struct mbuf *mb)
{
	struct flight_item *item = mem_zalloc(sizeof(*item) + mb->end + 1,
				       item_destructor);

	if (!item)
		return;

	item->seq  = ++r->seq;
	item->size = sizeof(*item) + mb->end;
	memcpy(item->text, mb->buf, mb->end);
	insert(f, item);
	make_room(r, f);
}


/* What waited for its call to be known */
static void claim(struct flightrings *r, struct flight *f,
		  const struct pl *id)
{
	struct flight *held = find_held(r, id);
	struct le *le;

	if (!held)
		return;

	while ((le = list_head(&held->iteml))) {

		struct flight_item *item = le->data;

		list_unlink(le);
		insert(f, item);
	}

	f->left_out += held->left_out;
	mem_deref(held);
	make_room(r, f);
}


/**
 * A call has an id. What came with it before is its own from now on
 *
 * @param r   Rings
 * @param f   The call's
 * @param str Call-ID or session id, may be NULL
 */
void flightring_add_id(struct flightrings *r, struct flight *f,
		       const char *str)
{
	struct pl id;

	pl_set_str(&id, str);
	if (!id.l || has_id(f, &id) || f->idc >= ARRAY_SIZE(f->idv))
		return;

	(void)str_ncpy(f->idv[f->idc++], str, sizeof(f->idv[0]));
	claim(r, f, &id);
}


/**
 * Begin a call
 *
 * @param r    Rings
 * @param call Its number
 *
 * @return Its ring, NULL if there is no memory
 */
struct flight *flightring_add(struct flightrings *r, uint32_t call)
{
	return flight_alloc(&r->calll, call);
}


/* Calls from one extension to another one are two, of one Call-ID */
static bool add_to_calls(struct flightrings *r, const struct pl *id,
			 const struct mbuf *mb)
{
	bool found = false;
	struct le *le;

	for (le = list_head(&r->calll); le; le = le->next) {

		struct flight *f = le->data;

		if (has_id(f, id)) {
			flightring_put(r, f, mb);
			found = true;
		}
	}

	return found;
}


static struct flight *hold(struct flightrings *r, const struct pl *id)
{
	struct flight *f;

	if (list_count(&r->heldl) >= FLIGHT_HELD)
		mem_deref(list_ledata(list_head(&r->heldl)));

	f = flight_alloc(&r->heldl, 0);
	if (f && !text_str(f->idv[0], sizeof(f->idv[0]), id))
		f->idc = 1;

	return f;
}


/**
 * Record a message
 *
 * @param r      Rings
 * @param id     Its Call-ID or session id
 * @param mb     All of it: as it will be written
 * @param begins It may begin a call
 */
void flightring_message(struct flightrings *r, const struct pl *id,
			const struct mbuf *mb, bool begins)
{
	struct flight *held;

	if (add_to_calls(r, id, mb))
		return;

	held = find_held(r, id);
	if (!held && begins)
		held = hold(r, id);
	if (held)
		flightring_put(r, held, mb);
}


/**
 * Forget all
 *
 * @param r Rings
 */
void flightring_flush(struct flightrings *r)
{
	list_flush(&r->calll);
	list_flush(&r->heldl);
}
