/**
 * @file sip/ruri.c  Whom a Request-URI is for (pure)
 *
 * A user part is written in many ways, which baresip takes for as many users:
 *
 *   sip:1000@h   sip:%31000@h   sip:1000;phone-context=x@h   tel:1000
 */
#include <string.h>
#include <re.h>
#include "sip/ruri.h"


enum {
	USER_MAX = 256,         /**< Longest user part [bytes]             */
};


static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';

	c |= 0x20;

	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}


/* Without escapes and what is behind a ';' (RFC 3261, 19.1.4 and 19.1.6); skip
   are characters for the eye. False if it is too long */
static bool plain(struct pl *pl, char *buf, const struct pl *user,
		  const char *skip)
{
	size_t i, n = 0;

	for (i=0; i<user->l && user->p[i] != ';'; i++) {

		char c = user->p[i];

		if (c == '%' && i + 2 < user->l && hex(user->p[i+1]) >= 0 &&
		    hex(user->p[i+2]) >= 0) {
			c = (char)(hex(user->p[i+1]) << 4 |
				   hex(user->p[i+2]));
			i += 2;
		}
		else if (c && strchr(skip, c)) {
			continue;
		}

		if (n >= USER_MAX)
			return false;

		buf[n++] = c;
	}

	pl->p = buf;
	pl->l = n;

	return true;
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
