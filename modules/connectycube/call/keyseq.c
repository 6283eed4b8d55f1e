/**
 * @file call/keyseq.c  Sequences among the keys that are pressed
 *
 * Pure. Keys may be a PIN: they are in no log.
 */
#include <string.h>
#include <re.h>
#include "call/keyseq.h"


/* A sequence that begins with all that is kept */
static const char *find(const struct keyseq *ks, keyseq_get_h *geth,
			void *arg)
{
	const char *seq;
	size_t i;

	for (i=0; (seq = geth(i, arg)); i++) {
		if (str_len(seq) >= ks->n && !memcmp(seq, ks->keyv, ks->n))
			return seq;
	}

	return NULL;
}


static void drop_first(struct keyseq *ks)
{
	--ks->n;
	memmove(ks->keyv, ks->keyv + 1, ks->n);
	ks->keyv[ks->n] = '\0';
}


/**
 * A key was pressed: does that complete a sequence?
 *
 * @param ks    What was pressed before
 * @param key   Key
 * @param now   Time [ms]
 * @param limit Longest pause between two keys of a sequence [ms]
 * @param geth  Gives the sequences; none of them begins with another one
 * @param arg   Handler argument
 *
 * @return The sequence, NULL if there is none yet
 */
const char *keyseq_put(struct keyseq *ks, char key, uint64_t now,
		       uint32_t limit, keyseq_get_h *geth, void *arg)
{
	const char *seq;

	if (!ks || !geth)
		return NULL;

	if (ks->n && now > ks->t + limit)
		memset(ks, 0, sizeof(*ks));

	if (ks->n == KEYSEQ_MAX)
		drop_first(ks);

	ks->keyv[ks->n++] = key;
	ks->t = now;

	/* what it ends with may begin another one */
	while (!(seq = find(ks, geth, arg)) && ks->n)
		drop_first(ks);

	if (!ks->n || str_len(seq) != ks->n)
		return NULL;

	memset(ks, 0, sizeof(*ks));

	return seq;
}


/**
 * Does one sequence begin with the other, so that only one could be pressed?
 *
 * @param a One
 * @param b Other
 *
 * @return True if it does
 */
bool keyseq_clash(const char *a, const char *b)
{
	const size_t n = min(str_len(a), str_len(b));

	return !strncmp(a ? a : "", b ? b : "", n);
}
