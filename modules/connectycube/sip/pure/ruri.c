/**
 * @file sip/pure/ruri.c  Whom a Request-URI is for (pure)
 *
 * A user part is written in many ways, which baresip takes for as many users:
 *
 *   sip:1000@h   sip:%31000@h   sip:1000;phone-context=x@h   tel:1000
 */
#include <strings.h>
#include <re.h>
#include "userpart.h"
#include "ruri.h"


enum {
	USER_MAX = 256,         /**< Longest user part [bytes]             */
};


/* Without what is behind a ';' (RFC 3261, 19.1.6); false if it is too long */
static bool plain(struct pl *pl, char *buf, const struct pl *user,
		  const char *skip)
{
	const char *end = pl_strchr(user, ';');
	struct pl head = *user;

	if (end)
		head.l = end - user->p;

	pl->p = buf;

	return userpart_plain(buf, USER_MAX, &pl->l, &head, skip);
}


/**
 * Is a Request-URI for a user?
 *
 * @param uri  Request-URI: sip:, sips: or tel:
 * @param user User part, as it is configured
 *
 * @return True if it is
 */
bool ruri_is_for(const struct uri *uri, const struct pl *user)
{
	char asked[USER_MAX], own[USER_MAX];
	const char *skip = "";
	struct pl a, b;
	bool tel;

	if (!uri || !pl_isset(user))
		return false;

	/* RFC 3966, 5.1.1; libre reads the number as a host */
	tel = !pl_strcasecmp(&uri->scheme, "tel");
	if (tel)
		skip = "-.()";

	return plain(&a, asked, tel && !pl_isset(&uri->user) ? &uri->host :
		     &uri->user, skip) &&
		plain(&b, own, user, skip) &&
		a.l && a.l == b.l && !strncasecmp(a.p, b.p, a.l);
}
