/**
 * @file call/token.c  Words that tie an INVITE to a call that waits for it
 *
 * Pure. See token.h. There are as many as calls that wait, and those of the
 * last minute: a list will do.
 */
#include <string.h>
#include <re.h>
#include "call/token.h"


/** A token */
struct token {
	struct le le;           /* member of the list */
	char word[TOKEN_SIZE];  /* itself */
	const void *owner;      /* who may take it (compared only) */
	void *what;             /* what waits (pointer), NULL=spent */
	enum token_state state; /* what is known of it */
	uint64_t until;         /* it is known till then [ms], 0=for good */
};

/** All of them */
struct tokens {
	struct list tokenl;     /* struct token (owned) */
};


static void token_destructor(void *data)
{
	struct token *tk = data;

	list_unlink(&tk->le);
}


static void destructor(void *data)
{
	struct tokens *t = data;

	list_flush(&t->tokenl);
}


/* In a time that does not tell how much of a guess was right */
static bool is_same(const char *a, const char *b)
{
	const size_t len = strlen(a);
	unsigned char diff = 0;
	size_t i;

	if (strlen(b) != len)
		return false;

	for (i=0; i<len; i++)
		diff |= (unsigned char)(a[i] ^ b[i]);

	return !diff;
}


static void forget_old(struct tokens *t, uint64_t now)
{
	struct le *le = t->tokenl.head;

	while (le) {

		struct token *tk = le->data;

		le = le->next;
		if (tk->until && tk->until <= now)
			mem_deref(tk);
	}
}


static struct token *find(const struct tokens *t, const char *word)
{
	struct le *le;

	for (le = t->tokenl.head; le; le = le->next) {

		struct token *tk = le->data;

		if (is_same(tk->word, word))
			return tk;
	}

	return NULL;
}


static void spend(struct token *tk, enum token_state state, uint64_t now)
{
	tk->state = state;
	tk->what  = NULL;
	tk->until = now + TOKEN_KEPT;
}


/**
 * Make a table of tokens
 *
 * @param tp Pointer to it, freed by mem_deref()
 *
 * @return 0 if success, EINVAL, ENOMEM
 */
int tokens_alloc(struct tokens **tp)
{
	struct tokens *t;

	if (!tp)
		return EINVAL;

	t = mem_zalloc(sizeof(*t), destructor);
	if (!t)
		return ENOMEM;

	*tp = t;

	return 0;
}


/**
 * Something waits for who brings a token
 *
 * @param t     Table
 * @param word  Token, copied
 * @param owner Of whom it must be asked; compared only
 * @param what  What waits; until it is taken, or over
 * @param now   Time [ms]
 *
 * @return 0 if success; EINVAL if it is too long, or empty; EALREADY if there
 *         is the same one; ENOMEM
 */
int token_add(struct tokens *t, const char *word, const void *owner,
	      void *what, uint64_t now)
{
	struct token *tk;

	if (!t || !str_isset(word) || strlen(word) >= TOKEN_SIZE || !what)
		return EINVAL;

	forget_old(t, now);
	if (find(t, word))
		return EALREADY;

	tk = mem_zalloc(sizeof(*tk), token_destructor);
	if (!tk)
		return ENOMEM;

	str_ncpy(tk->word, word, sizeof(tk->word));
	tk->owner = owner;
	tk->what  = what;
	tk->state = TOKEN_WAITING;
	list_append(&t->tokenl, &tk->le, tk);

	return 0;
}


static enum token_state look(struct token **tkp, struct tokens *t,
			     const char *word, const void *owner,
			     void **whatp, uint64_t now)
{
	struct token *tk;

	if (!t || !str_isset(word) || !whatp)
		return TOKEN_UNKNOWN;

	forget_old(t, now);
	tk = find(t, word);
	if (!tk || tk->owner != owner)
		return TOKEN_UNKNOWN;

	if (tk->state == TOKEN_WAITING)
		*whatp = tk->what;
	*tkp = tk;

	return tk->state;
}


/**
 * Somebody brings a token: if something waits for it, that is his
 *
 * @param t     Table
 * @param word  Token
 * @param owner Of whom it is asked: to anybody else it means nothing, and stays
 * @param whatp Set to what waits, if something does
 * @param now   Time [ms]
 *
 * @return What was known of it: TOKEN_WAITING if it was good
 */
enum token_state token_take(struct tokens *t, const char *word,
			    const void *owner, void **whatp, uint64_t now)
{
	struct token *tk = NULL;
	const enum token_state state = look(&tk, t, word, owner, whatp, now);

	if (state == TOKEN_WAITING)
		spend(tk, TOKEN_USED, now);

	return state;
}


/**
 * Look what waits for a token: that goes on to
 *
 * @param t     Table
 * @param word  Token
 * @param owner Of whom it is asked: to anybody else it means nothing
 * @param whatp Set to what waits, if something does
 * @param now   Time [ms]
 *
 * @return What is known of it: TOKEN_WAITING if it is good
 */
enum token_state token_look(struct tokens *t, const char *word,
			    const void *owner, void **whatp, uint64_t now)
{
	struct token *tk;

	return look(&tk, t, word, owner, whatp, now);
}


/**
 * Nothing waits any more for who brings a token
 *
 * @param t    Table
 * @param word Token; one that is spent, or not there, is left
 * @param now  Time [ms]
 */
void token_over(struct tokens *t, const char *word, uint64_t now)
{
	struct token *tk = t && str_isset(word) ? find(t, word) : NULL;

	if (tk && tk->state == TOKEN_WAITING)
		spend(tk, TOKEN_OVER, now);
}


/**
 * Count the tokens
 *
 * @param t Table
 *
 * @return How many are known, good or not
 */
size_t tokens_count(const struct tokens *t)
{
	return t ? list_count(&t->tokenl) : 0;
}
