/**
 * @file sip/pure/sdpline.c  Lines of SDP, and words of lines
 *
 * Pure.
 */
#include <string.h>
#include <ctype.h>
#include <re.h>
#include "base/fmtp.h"
#include "sdpline.h"


/**
 * Is this a blank? NULs are: some phones send their string's end
 *
 * @param c Character
 *
 * @return True if it is
 */
bool sdpline_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\0';
}


/**
 * Take blanks off both ends
 *
 * @param pl Text
 *
 * @return What is left
 */
struct pl sdpline_trim(struct pl pl)
{
	while (pl.l && sdpline_is_blank(*pl.p))
		pl_advance(&pl, 1);

	while (pl.l && sdpline_is_blank(pl.p[pl.l - 1]))
		--pl.l;

	return pl;
}


/**
 * Take the next word off a text
 *
 * @param pl Text, what is behind the word is left
 *
 * @return The word, empty if there is none any more
 */
struct pl sdpline_word(struct pl *pl)
{
	struct pl word;

	*pl = sdpline_trim(*pl);
	word.p = pl->p;
	word.l = 0;

	while (pl->l && !sdpline_is_blank(*pl->p)) {
		pl_advance(pl, 1);
		++word.l;
	}

	return word;
}


/**
 * Take the next line off a text; what is no line is passed over
 *
 * @param line Its type and value (output)
 * @param rest Text, what is behind the line is left
 *
 * @return False if there is none any more
 */
bool sdpline_next(struct sdpline *line, struct pl *rest)
{
	while (rest->l) {

		struct pl text = {rest->p, 0};

		while (rest->l && *rest->p != '\r' && *rest->p != '\n') {
			pl_advance(rest, 1);
			++text.l;
		}

		if (rest->l)
			pl_advance(rest, 1);

		text = sdpline_trim(text);

		if (text.l < 2 || text.p[1] != '=' ||
		    !isalpha((unsigned char)text.p[0]))
			continue;

		line->type = (char)tolower((unsigned char)text.p[0]);
		line->val.p = text.p + 2;
		line->val.l = text.l - 2;
		line->val = sdpline_trim(line->val);

		return true;
	}

	return false;
}


/**
 * Take digits off a text
 *
 * @param pl Text, what is behind them is left
 *
 * @return The digits, may be none
 */
struct pl sdpline_digits(struct pl *pl)
{
	struct pl num = {pl->p, 0};

	while (pl->l && isdigit((unsigned char)*pl->p)) {
		pl_advance(pl, 1);
		++num.l;
	}

	return num;
}


/**
 * Read an address: "IN IP4 address[/ttl[/number]]"
 *
 * @param addr Address without what is behind it (output)
 * @param ip6  It is one of IPv6 (output)
 * @param val  Text
 *
 * @return False if it is none, or a host's name
 */
bool sdpline_addr(struct pl *addr, bool *ip6, struct pl val)
{
	struct pl net = sdpline_word(&val), type = sdpline_word(&val);
	const char *sep;
	struct sa sa;

	*addr = sdpline_word(&val);

	if (pl_strcasecmp(&net, "IN"))
		return false;

	sep = pl_strchr(addr, '/');
	if (sep)
		addr->l = sep - addr->p;

	if (!addr->l || sa_set(&sa, addr, 0))
		return false;

	/* some say IP4 of everything */
	*ip6 = sa_af(&sa) == AF_INET6;

	return !pl_strcasecmp(&type, "IP4") || !pl_strcasecmp(&type, "IP6");
}


/**
 * Is a host's name in the place of an address? It could be looked up, but that
 * takes its time, and who calls would choose whom we ask
 *
 * @param val Text: "IN IP4 host.example.com"
 *
 * @return True if it is
 */
bool sdpline_is_host(struct pl val)
{
	const struct pl net = sdpline_word(&val), type = sdpline_word(&val);
	const struct pl host = sdpline_word(&val);
	bool letter = false;
	size_t i;

	if (pl_strcasecmp(&net, "IN") || type.l != 3 ||
	    strncasecmp(type.p, "IP", 2))
		return false;

	for (i=0; i<host.l; i++) {

		const unsigned char c = (unsigned char)host.p[i];

		if (isalpha(c))
			letter = true;
		else if (!isdigit(c) && c != '.' && c != '-')
			return false;
	}

	return letter;
}


/**
 * Copy format parameters. If there is too little room for all, the longest
 * ones are left out: a cut one would say something else, and what matters is
 * short (H.264's parameter sets are repeated in the stream)
 *
 * @param dst  Parameters (output)
 * @param size Room at dst [bytes]
 * @param src  Parameters, may be NULL
 */
void sdpline_fit_fmtp(char *dst, size_t size, const char *src)
{
	struct pl pl = PL_INIT;

	if (src)
		pl_set_str(&pl, src);

	fmtp_fit(dst, size, &pl);
}
