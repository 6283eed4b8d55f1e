/**
 * @file connectycube_link/pending.c  Records that the hub has not got yet
 *
 * There may be very many, after a day without a hub. What is looked for is
 * near one of the ends: the new ones are written, the old ones are sent.
 *
 * Pure.
 */
#include <stdlib.h>
#include <re.h>
#include "call/event.h"
#include "record.h"
#include "spool.h"
#include "pending.h"


struct pending {
	struct list entryl;     /**< Records (struct entry), oldest first  */
	size_t countv[ENTRY_STATES]; /**< How many are in a state          */
	size_t count;           /**< How many there are                    */
	size_t failed;          /**< ... that the disk could not take      */
};


static void destructor(void *data)
{
	struct pending *p = data;

	list_flush(&p->entryl);
}


static void entry_destructor(void *data)
{
	struct entry *e = data;

	--e->pending->countv[e->state];
	--e->pending->count;
	e->pending->failed -= e->failed;
	list_unlink(&e->le);
	mem_deref(e->mb);
}


/**
 * Begin with none
 *
 * @param pp Pointer to the list, freed by mem_deref() with all that is in it
 *
 * @return 0 if success, otherwise errorcode
 */
int pending_alloc(struct pending **pp)
{
	if (!pp)
		return EINVAL;

	*pp = mem_zalloc(sizeof(**pp), destructor);

	return *pp ? 0 : ENOMEM;
}


/**
 * Add a record, the newest one, which is on no disk yet
 *
 * @param ep   Pointer to it; mem_deref() removes it
 * @param p    List
 * @param name Its name in the spool
 *
 * @return 0 if success, otherwise errorcode
 */
int pending_add(struct entry **ep, struct pending *p, const char *name)
{
	struct entry *e;

	if (!ep || !p || !name)
		return EINVAL;

	e = mem_zalloc(sizeof(*e), entry_destructor);
	if (!e)
		return ENOMEM;

	e->pending = p;
	e->state   = ENTRY_UNSAVED;
	str_ncpy(e->name, name, sizeof(e->name));
	list_append(&p->entryl, &e->le, e);
	++p->countv[e->state];
	++p->count;
	*ep = e;

	return 0;
}


/**
 * A record has got further
 *
 * @param e     Record
 * @param state How far
 */
void pending_set(struct entry *e, enum entry_state state)
{
	if (!e)
		return;

	--e->pending->countv[e->state];
	++e->pending->countv[state];
	e->state = state;
}


/**
 * The disk could not take a record, or has done so now
 *
 * @param e      Record
 * @param failed It could not
 */
void pending_set_failed(struct entry *e, bool failed)
{
	if (!e || e->failed == failed)
		return;

	e->failed = failed;
	if (failed)
		++e->pending->failed;
	else
		--e->pending->failed;
}


/**
 * What was sent may not have arrived
 *
 * @param p List
 */
void pending_back(struct pending *p)
{
	struct le *le;

	for (le = p ? list_head(&p->entryl) : NULL; le; le = le->next) {

		struct entry *e = le->data;

		if (!pending_on_their_way(p))
			break;

		if (e->state == ENTRY_SENDING || e->state == ENTRY_SENT)
			pending_set(e, e->on_disk ? ENTRY_SAVED
				    : ENTRY_UNSAVED);
	}
}


/**
 * Find a record by its name; the newest one first
 *
 * @param p    List
 * @param name Its name
 *
 * @return Record, NULL=there is none
 */
struct entry *pending_find(const struct pending *p, const char *name)
{
	struct le *le;

	for (le = p ? list_tail(&p->entryl) : NULL; le; le = le->prev) {

		struct entry *e = le->data;

		if (0 == str_cmp(e->name, name))
			return e;
	}

	return NULL;
}


/**
 * Find a record by its id; the oldest one first
 *
 * @param p  List
 * @param id Its id
 *
 * @return Record, NULL=there is none
 */
struct entry *pending_find_id(const struct pending *p, const char *id)
{
	struct le *le;

	for (le = p ? list_head(&p->entryl) : NULL; le; le = le->next) {

		struct entry *e = le->data;

		if (0 == str_cmp(entry_id(e), id))
			return e;
	}

	return NULL;
}


/**
 * Find the oldest record that has got so far
 *
 * @param p     List
 * @param state How far
 *
 * @return Record, NULL=there is none
 */
struct entry *pending_next(const struct pending *p, enum entry_state state)
{
	return pending_after(p, NULL, state);
}


/**
 * Find the next one that has got so far
 *
 * @param p     List
 * @param e     Record that it is behind, NULL=the oldest one is looked for
 * @param state How far
 *
 * @return Record, NULL=there is none
 */
struct entry *pending_after(const struct pending *p, const struct entry *e,
			    enum entry_state state)
{
	struct le *le;

	if (!p || !p->countv[state])
		return NULL;

	for (le = e ? e->le.next : list_head(&p->entryl); le; le = le->next) {

		struct entry *next = le->data;

		if (next->state == state)
			return next;
	}

	return NULL;
}


/**
 * Find the oldest record that nobody is at
 *
 * @param p List
 *
 * @return Record, NULL=there is none
 */
struct entry *pending_victim(const struct pending *p)
{
	struct le *le;

	for (le = p ? list_head(&p->entryl) : NULL; le; le = le->next) {

		struct entry *e = le->data;

		if (e->state == ENTRY_SAVED || e->state == ENTRY_UNSAVED)
			return e;
	}

	return NULL;
}


/**
 * How many are there?
 *
 * @param p List
 *
 * @return Their number
 */
size_t pending_count(const struct pending *p)
{
	return p ? p->count : 0;
}


/**
 * When did the call of the oldest one end?
 *
 * @param p List
 *
 * @return Time [ms since 1970], 0=there is none that it is known of
 */
uint64_t pending_oldest(const struct pending *p)
{
	struct le *le;

	/* those of a journal have no time in their name */
	for (le = p ? list_head(&p->entryl) : NULL; le; le = le->next) {

		const struct entry *e = le->data;
		const uint64_t ms = strtoull(e->name, NULL, 10);

		if (ms)
			return ms;
	}

	return 0;
}


/**
 * How many are on their way to the hub?
 *
 * @param p List
 *
 * @return Their number
 */
size_t pending_on_their_way(const struct pending *p)
{
	return p ? p->countv[ENTRY_SENDING] + p->countv[ENTRY_SENT] : 0;
}


/**
 * How many have got so far?
 *
 * @param p     List
 * @param state How far
 *
 * @return Their number
 */
size_t pending_in_state(const struct pending *p, enum entry_state state)
{
	return p ? p->countv[state] : 0;
}


/**
 * Is there any that the disk could not take when it was tried last?
 *
 * @param p List
 *
 * @return True if so
 */
bool pending_has_failed(const struct pending *p)
{
	return p && p->failed;
}


/**
 * Append the lines of those that are on no disk, or not known to be
 *
 * @param mb Buffer
 * @param p  List
 *
 * @return 0 if success, otherwise errorcode
 */
int pending_journal(struct mbuf *mb, const struct pending *p)
{
	struct le *le;
	int err = 0;

	for (le = p ? list_head(&p->entryl) : NULL; le; le = le->next) {

		const struct entry *e = le->data;

		if (!err && e->mb && !e->on_disk)
			err = mbuf_write_mem(mb, e->mb->buf, e->mb->end);
	}

	return err;
}


/**
 * Get a record's id, which its name ends with
 *
 * @param e Record
 *
 * @return Id
 */
const char *entry_id(const struct entry *e)
{
	const size_t len = str_len(e->name), id = UUID_SIZE - 1;

	return &e->name[len < id ? 0 : len - id];
}
