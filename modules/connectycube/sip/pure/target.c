/**
 * @file sip/pure/target.c  Whom we call because somebody else says so (pure)
 *
 * See target.h.
 */
#include <string.h>
#include <re.h>
#include "base/text.h"
#include "sip/pure/allow.h"
#include "sip/pure/target.h"


/* A name has a letter, and a dot: a word without one is a mistake */
static bool is_name(const struct pl *pl)
{
	bool letter = false, dot = false;
	size_t i;

	for (i=0; i<pl->l; i++) {

		const char c = pl->p[i];

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
			letter = true;
		else if (c == '.')
			dot = true;
		else if ((c < '0' || c > '9') && c != '-' && c != '_')
			return false;
	}

	return letter && dot && pl->l < TARGET_HOST;
}


static int add_word(struct target_list *tl, const struct pl *word)
{
	if (!pl_strcasecmp(word, "no")) {
		tl->no = true;
		return 0;
	}

	if (!pl_strcasecmp(word, "domain"))
		return 0;

	if (!is_name(word))
		return allow_add(&tl->nets, word);

	if (tl->hostc >= TARGET_HOSTS)
		return E2BIG;

	return text_str(tl->hostv[tl->hostc++], TARGET_HOST, word);
}


/**
 * Add to a list what is written in the configuration
 *
 * @param tl   List
 * @param list Words between commas: NAME, ADDRESS, ADDRESS/BITS, `any`, `no`;
 *             `domain` and `registrar` add nothing
 *
 * @return 0 if success, EINVAL if a word is none of these, E2BIG if there are
 *         too many
 */
int target_add(struct target_list *tl, const struct pl *list)
{
	struct pl pl, word;
	int err = 0;

	if (!tl || !list)
		return EINVAL;

	pl = *list;

	while (!err && !re_regex(pl.p, pl.l, "[^ \t,]+", &word)) {

		pl.l -= word.p + word.l - pl.p;
		pl.p  = word.p + word.l;

		err = add_word(tl, &word);
	}

	return err;
}


/**
 * Is a host an address of one of these networks? Who has all of them in it
 * names none
 *
 * @param al   Networks
 * @param host Host, as a URI has it
 *
 * @return True if it is
 */
bool target_in(const struct allow *al, const struct pl *host)
{
	struct allow nets = {.netc = 0};
	struct sa sa;
	size_t i;

	if (!al || !host || sa_set(&sa, host, 0))
		return false;

	for (i=0; i<al->netc; i++) {
		if (al->netv[i].bits)
			nets.netv[nets.netc++] = al->netv[i];
	}

	return allow_has(&nets, &sa);
}


/**
 * Is a host in a list?
 *
 * @param tl   List
 * @param host Host, as a URI has it
 *
 * @return True if it is
 */
bool target_has(const struct target_list *tl, const struct pl *host)
{
	struct sa sa;
	size_t i;

	if (!tl || !host)
		return false;

	if (tl->nets.any ||
	    (!sa_set(&sa, host, 0) && allow_has(&tl->nets, &sa)))
		return true;

	for (i=0; i<tl->hostc; i++) {
		if (!pl_strcasecmp(host, tl->hostv[i]))
			return true;
	}

	return false;
}
