/**
 * @file config/dialplan.c  Names in an Asterisk's dialplan
 *
 * Pure. What is more than a name there (a pattern, a list, an application's
 * arguments) is none.
 */
#include <string.h>
#include <re.h>
#include "base/text.h"
#include "config/dialplan.h"


/**
 * May this be the name of a context, or an extension, or a variable?
 *
 * @param pl Word
 *
 * @return false if it is longer than DIALPLAN_WORD, or there is anything in it
 *         that dialplans take for more than a name
 */
bool dialplan_is_word(const struct pl *pl)
{
	static const char also[] = "_.-+*#";
	size_t i;

	if (!pl_isset(pl) || pl->l > DIALPLAN_WORD)
		return false;

	for (i=0; i<pl->l; i++) {

		const char ch = pl->p[i];

		if (!((ch >= '0' && ch <= '9') || (ch >= 'a' && ch <= 'z') ||
		      (ch >= 'A' && ch <= 'Z') ||
		      (ch && strchr(also, ch))))
			return false;
	}

	return true;
}


/**
 * May this be called?
 *
 * @param pl TECHNOLOGY/PEER, as PJSIP/1001, or PJSIP/1001@trunk. Local/ would
 *           run any context: places are for that
 *
 * @return true if so
 */
bool dialplan_is_device(const struct pl *pl)
{
	static const char *const techv[] = {
		"PJSIP/", "SIP/", "IAX2/", "DAHDI/", "SCCP/"
	};
	struct pl rest, peer;
	size_t i, len = 0;

	if (!pl_isset(pl))
		return false;

	for (i=0; i<ARRAY_SIZE(techv); i++) {

		len = strlen(techv[i]);
		if (pl->l > len && !memcmp(pl->p, techv[i], len))
			break;
	}
	if (i == ARRAY_SIZE(techv))
		return false;

	rest.p = pl->p + len;
	rest.l = pl->l - len;
	(void)text_next(&rest, &peer, '@');

	return dialplan_is_word(&peer) &&
		(!rest.p || dialplan_is_word(&rest));
}


/**
 * Are these names of contexts?
 *
 * @param pl Names joined by +
 *
 * @return true if so, and there is one
 */
bool dialplan_is_contexts(const struct pl *pl)
{
	struct pl rest, one;

	if (!pl_isset(pl))
		return false;

	rest = *pl;
	while (text_next(&rest, &one, '+')) {
		if (!dialplan_is_word(&one))
			return false;
	}

	return true;
}
