/**
 * @file seen.c  What was told last of each
 *
 * The hub tells of a call every second, with what is measured; who looks on
 * wants to read what is new. Pure.
 */
#include <errno.h>
#include <string.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_hash.h>
#include <re_mem.h>
#include "cli.h"


enum {
	MOST = 8192,            /**< Of so many is known what was told     */
	BUCKETS = 1024,
};

struct cli_seen {
	struct hash *ht;        /**< By key (owner)                        */
	struct list l;          /**< The oldest first (owner)              */
};

/** What was told */
struct one {
	struct le le;           /**< In the list                           */
	struct le he;           /**< ... by key                            */
	char *key;              /**< Of what (owned)                       */
	char *text;             /**< What (owned)                          */
};


static void one_destructor(void *data)
{
	struct one *o = data;

	list_unlink(&o->le);
	hash_unlink(&o->he);
	mem_deref(o->key);
	mem_deref(o->text);
}


static void destructor(void *data)
{
	struct cli_seen *s = data;

	list_flush(&s->l);
	mem_deref(s->ht);
}


/**
 * Allocate it
 *
 * @param sp Pointer to it
 *
 * @return 0 if success, otherwise errorcode
 */
int cli_seen_alloc(struct cli_seen **sp)
{
	struct cli_seen *s;

	if (!sp)
		return EINVAL;

	s = mem_zalloc(sizeof(*s), destructor);
	if (!s)
		return ENOMEM;

	if (hash_alloc(&s->ht, BUCKETS)) {
		mem_deref(s);
		return ENOMEM;
	}

	*sp = s;

	return 0;
}


static bool has_key(struct le *le, void *arg)
{
	const struct one *o = le->data;

	return !strcmp(o->key, arg);
}


static struct one *find(const struct cli_seen *s, const char *key)
{
	return list_ledata(hash_lookup(s->ht, hash_joaat_str(key), has_key,
				       (void *)key));
}


static void add(struct cli_seen *s, const char *key, const char *text)
{
	struct one *o = mem_zalloc(sizeof(*o), one_destructor);

	if (!o)
		return;

	if (str_dup(&o->key, key) || str_dup(&o->text, text)) {
		mem_deref(o);
		return;
	}

	hash_append(s->ht, hash_joaat_str(key), &o->he, o);
	list_append(&s->l, &o->le, o);
	if (list_count(&s->l) > MOST)
		mem_deref(list_ledata(list_head(&s->l)));
}


/**
 * Tell whether that is what was told last; from now on it is
 *
 * @param s    What was told
 * @param key  Of what
 * @param text What is told now
 *
 * @return True if it is nothing new
 */
bool cli_seen(struct cli_seen *s, const char *key, const char *text)
{
	struct one *o = find(s, key);

	if (o && !strcmp(o->text, text))
		return true;

	mem_deref(o);
	add(s, key, text);

	return false;
}


/**
 * It is over
 *
 * @param s   What was told
 * @param key Of what
 */
void cli_seen_forget(struct cli_seen *s, const char *key)
{
	mem_deref(find(s, key));
}


/**
 * Nothing was told
 *
 * @param s What was told
 */
void cli_seen_clear(struct cli_seen *s)
{
	list_flush(&s->l);
}
