/**
 * @file cube/known.c  What is remembered of users, with an end to it
 *
 * Pure. See known.h.
 */
#include <re.h>
#include "known.h"


static size_t count_of(const struct list *l, const char *user)
{
	struct le *le;
	size_t n = 0;

	for (le = list_head(l); le; le = le->next) {

		const struct known *k = le->data;

		if (0 == str_cmp(k->user, user))
			++n;
	}

	return n;
}


/* The oldest one of whoever has most. As lists are short, and full when
   somebody floods us, nothing is kept sorted */
static struct known *find_victim(const struct list *l)
{
	struct known *victim = NULL;
	size_t most = 0;
	struct le *le;

	for (le = list_head(l); le; le = le->next) {

		struct known *k = le->data;
		const size_t n = count_of(l, k->user);

		if (n > most) {
			most   = n;
			victim = k;
		}
	}

	return victim;
}


/**
 * Remember something of a user, and forget something else if that is too much
 *
 * @param l    What is remembered, the oldest first
 * @param k    Member of what is remembered now: its first one, zero
 * @param user Whose it is, NULL=nobody's
 * @param max  How much of all is remembered
 *
 * @return 0 if success; EINVAL no argument; ENOMEM
 */
int known_add(struct list *l, struct known *k, const char *user, size_t max)
{
	int err;

	if (!l || !k || !max)
		return EINVAL;

	err = str_dup(&k->user, user ? user : "");
	if (err)
		return err;

	while (list_count(l) >= max)
		mem_deref(find_victim(l));

	list_append(l, &k->le, k);

	return 0;
}


/**
 * Release it; for the destructor of what it is the first member of
 *
 * @param k Member
 */
void known_reset(struct known *k)
{
	list_unlink(&k->le);
	k->user = mem_deref(k->user);
}
