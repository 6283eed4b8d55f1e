/**
 * @file call/directory.c  Users of the users file who are named, not numbered
 */
#include <string.h>
#include <re.h>
#include "config/userid.h"
#include "call/directory.h"


/** A name */
struct entry {
	struct le le;           /**< Member of the directory's list        */
	char *ref;              /**< As it stands in the users file (owner) */
	enum userid_kind kind;  /**< What it is                            */
	char *name;             /**< Without prefix and escapes (owner)    */
	char *id;               /**< User's id, NULL=none is known (owner) */
	char *fresh;            /**< The same of this answer (owner)       */
	bool used;              /**< The users file has it                 */
	bool due;               /**< Is to be asked for                    */
	bool offered;           /**< Was given out, to be asked for        */
	bool asked;             /**< Is being asked for                    */
	bool answered;          /**< There was an answer                   */
};

struct directory {
	struct list entryl;     /**< struct entry (owner)                  */
};


static void entry_destructor(void *data)
{
	struct entry *e = data;

	list_unlink(&e->le);
	mem_deref(e->ref);
	mem_deref(e->name);
	mem_deref(e->id);
	mem_deref(e->fresh);
}


static void destructor(void *data)
{
	struct directory *d = data;

	list_flush(&d->entryl);
}


/**
 * Allocate a directory
 *
 * @param dp Returned directory, empty
 *
 * @return 0 if success; EINVAL no argument; ENOMEM
 */
int directory_alloc(struct directory **dp)
{
	if (!dp)
		return EINVAL;

	*dp = mem_zalloc(sizeof(**dp), destructor);

	return *dp ? 0 : ENOMEM;
}


static struct entry *find(const struct directory *d, const char *ref)
{
	struct le *le;

	for (le = d ? list_head(&d->entryl) : NULL; le; le = le->next) {

		struct entry *e = le->data;

		if (0 == str_cmp(e->ref, ref))
			return e;
	}

	return NULL;
}


/**
 * The users file was read: what is not added until directory_end() goes
 *
 * @param d Directory
 */
void directory_begin(struct directory *d)
{
	struct le *le;

	for (le = list_head(&d->entryl); le; le = le->next)
		((struct entry *)le->data)->used = false;
}


/**
 * Add a name, if it is not there yet
 *
 * @param d   Directory
 * @param ref Name as in the users file, see userid.h
 *
 * @return 0 if success; otherwise as of userid_decode()
 */
int directory_add(struct directory *d, const char *ref)
{
	struct entry *e;
	struct pl pl;
	int err;

	if (!d || !ref)
		return EINVAL;

	e = find(d, ref);
	if (e) {
		e->used = true;
		return 0;
	}

	e = mem_zalloc(sizeof(*e), entry_destructor);
	if (!e)
		return ENOMEM;

	pl_set_str(&pl, ref);
	err = userid_decode(&e->kind, &e->name, &pl);
	if (!err)
		err = str_dup(&e->ref, ref);
	if (err) {
		mem_deref(e);
		return err;
	}

	/* a number needs no one to find it */
	e->used = true;
	e->due  = e->kind != USERID_ID;
	list_append(&d->entryl, &e->le, e);

	return 0;
}


/**
 * All that is in the users file was added
 *
 * @param d Directory
 */
void directory_end(struct directory *d)
{
	struct le *le = list_head(&d->entryl);

	while (le) {

		struct entry *e = le->data;

		le = le->next;
		if (!e->used)
			mem_deref(e);
	}
}


/**
 * Find the id of a user
 *
 * @param d   Directory
 * @param ref Name as in the users file; an id is its own
 * @param idp Returned id, as long as the directory is not changed
 *
 * @return 0 if success; ENOENT there is no such user; EAGAIN that is not known
 *         yet
 */
int directory_find(const struct directory *d, const char *ref,
		   const char **idp)
{
	const struct entry *e;

	if (userid_kind(ref) == USERID_ID) {
		*idp = ref;
		return 0;
	}

	e = find(d, ref);
	if (!e || !e->id)
		return e && e->answered ? ENOENT : EAGAIN;

	*idp = e->id;

	return 0;
}


/**
 * Have a name asked for
 *
 * @param d   Directory
 * @param ref Name
 */
void directory_due(struct directory *d, const char *ref)
{
	struct entry *e = find(d, ref);

	if (e)
		e->due = true;
}


/**
 * Have all names asked for again
 *
 * @param d       Directory
 * @param numbers And numbers, which may be wrong as well
 */
void directory_due_all(struct directory *d, bool numbers)
{
	struct le *le;

	for (le = list_head(&d->entryl); le; le = le->next) {

		struct entry *e = le->data;

		e->due |= numbers || e->kind != USERID_ID;
	}
}


/**
 * Get names of one kind that are to be asked for
 *
 * @param d     Directory
 * @param kind  Returned kind
 * @param namev Returned names, without prefix (the directory's)
 * @param max   Size of namev
 *
 * @return How many; directory_asked() is then told how many of them were
 */
size_t directory_batch(struct directory *d, enum userid_kind *kind,
		       const char **namev, size_t max)
{
	struct le *le;
	size_t n = 0;

	for (le = list_head(&d->entryl); le; le = le->next) {

		struct entry *e = le->data;

		e->offered = false;
		if (!e->due || n >= max || (n && e->kind != *kind))
			continue;

		*kind = e->kind;
		e->offered = true;
		namev[n++] = e->name;
	}

	return n;
}


/**
 * Names were asked for
 *
 * @param d Directory
 * @param n How many of those that directory_batch() gave, from the first
 */
void directory_asked(struct directory *d, size_t n)
{
	struct le *le;

	for (le = list_head(&d->entryl); le && n; le = le->next) {

		struct entry *e = le->data;

		if (!e->offered)
			continue;

		e->asked = true;
		e->fresh = mem_deref(e->fresh);
		--n;
	}
}


/* Phone numbers are written in many ways */
static bool same_digits(const char *a, const char *b)
{
	for (;;) {
		while (*a && (*a < '0' || *a > '9'))
			++a;
		while (*b && (*b < '0' || *b > '9'))
			++b;
		if (*a != *b)
			return false;
		if (!*a)
			return true;
		++a;
		++b;
	}
}


static bool is_name(const struct entry *e, const char *value)
{
	switch (e->kind) {

	case USERID_TEL:   return same_digits(e->name, value);
	case USERID_EMAIL: return 0 == str_casecmp(e->name, value);
	default:           return 0 == str_cmp(e->name, value);
	}
}


/**
 * A user is in the answer
 *
 * @param d     Directory
 * @param value Its name, without prefix
 * @param id    Its id
 */
void directory_found(struct directory *d, const char *value, const char *id)
{
	struct le *le;

	for (le = list_head(&d->entryl); le; le = le->next) {

		struct entry *e = le->data;

		if (e->asked && !e->fresh && is_name(e, value))
			(void)str_dup(&e->fresh, id);
	}
}


/**
 * The answer is complete: whom it does not hold does not exist
 *
 * @param d   Directory
 * @param h   Called for each name whose user has changed, or is not there, and
 *            was not told so before
 * @param arg Handler argument
 */
void directory_answered(struct directory *d, directory_h *h, void *arg)
{
	struct directory_state st;
	struct le *le;

	for (le = list_head(&d->entryl); le; le = le->next) {

		struct entry *e = le->data;
		bool changed;

		if (!e->asked)
			continue;

		changed = !e->answered ||
			((e->id || e->fresh) && str_cmp(e->id, e->fresh));
		mem_deref(e->id);
		e->id       = e->fresh;
		e->fresh    = NULL;
		e->answered = true;
		e->asked    = e->due = false;

		st.ref = e->ref;
		st.id  = e->id;
		if (changed && h)
			h(&st, arg);
	}
}


/**
 * There was no answer: what was known stays, and is asked for again
 *
 * @param d Directory
 */
void directory_failed(struct directory *d)
{
	struct le *le;

	for (le = list_head(&d->entryl); le; le = le->next) {

		struct entry *e = le->data;

		e->asked = false;
		e->fresh = mem_deref(e->fresh);
	}
}


/**
 * Get the user that a name is of, as the cloud has said last
 *
 * @param d   Directory
 * @param ref Name, an id too
 *
 * @return Its id, NULL if none is known
 */
const char *directory_user(const struct directory *d, const char *ref)
{
	const struct entry *e = find(d, ref);

	return e ? e->id : NULL;
}
