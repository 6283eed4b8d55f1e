/**
 * @file sip/pure/allow.c  Networks that may call (pure)
 */
#include <string.h>
#include <re.h>
#include "allow.h"


/* The bytes of an address, and their number */
static size_t bytes(uint8_t *p, const struct sa *sa)
{
	uint32_t addr;

	switch (sa_af(sa)) {

	case AF_INET:
		addr = htonl(sa_in(sa));
		memcpy(p, &addr, 4);
		return 4;

	case AF_INET6:
		sa_in6(sa, p);
		return 16;

	default:
		return 0;
	}
}


static bool is_number(const struct pl *pl)
{
	size_t i;

	for (i=0; i<pl->l; i++) {
		if (pl->p[i] < '0' || pl->p[i] > '9')
			return false;
	}

	return pl->l && pl->l <= 3;
}


static int add_net(struct allow *al, const struct pl *word)
{
	struct allow_net *net;
	struct pl addr = *word, bits = PL_INIT;
	const char *slash = pl_strchr(word, '/');
	uint8_t buf[16];
	size_t max;

	if (al->netc >= ARRAY_SIZE(al->netv))
		return E2BIG;

	if (slash) {
		addr.l = slash - word->p;
		bits.p = slash + 1;
		bits.l = word->l - addr.l - 1;
		if (!is_number(&bits))
			return EINVAL;
	}

	net = &al->netv[al->netc];
	if (sa_set(&net->sa, &addr, 0))
		return EINVAL;

	max = 8 * bytes(buf, &net->sa);
	net->bits = slash ? pl_u32(&bits) : max;
	if (net->bits > max)
		return EINVAL;

	++al->netc;

	return 0;
}


/**
 * Add to a list what is written in the configuration
 *
 * @param al   List
 * @param list Words between commas: ADDRESS, ADDRESS/BITS, `any`, or
 *             `registrar`, which adds nothing
 *
 * @return 0 if success, EINVAL if a word is none of these, E2BIG if there are
 *         too many
 */
int allow_add(struct allow *al, const struct pl *list)
{
	struct pl pl, word;
	int err;

	if (!al || !list)
		return EINVAL;

	pl = *list;

	while (!re_regex(pl.p, pl.l, "[^ \t,]+", &word)) {

		pl.l -= word.p + word.l - pl.p;
		pl.p  = word.p + word.l;

		if (!pl_strcasecmp(&word, "registrar"))
			continue;

		if (!pl_strcasecmp(&word, "any")) {
			al->any = true;
			continue;
		}

		err = add_net(al, &word);
		if (err)
			return err;
	}

	return 0;
}


static bool net_has(const struct allow_net *net, const struct sa *sa)
{
	uint8_t a[16], b[16];
	const size_t n = bytes(a, &net->sa);
	const unsigned rest = net->bits % 8;
	const size_t whole = net->bits / 8;

	if (!n || n != bytes(b, sa) || memcmp(a, b, whole))
		return false;

	return !rest || !((a[whole] ^ b[whole]) >> (8 - rest));
}


/**
 * Is an address in a list?
 *
 * @param al List
 * @param sa Address; its port is not looked at
 *
 * @return True if it is
 */
bool allow_has(const struct allow *al, const struct sa *sa)
{
	size_t i;

	if (!al || !sa)
		return false;

	for (i=0; i<al->netc; i++) {
		if (net_has(&al->netv[i], sa))
			return true;
	}

	return al->any;
}
