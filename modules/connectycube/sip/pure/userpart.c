/**
 * @file sip/pure/userpart.c  The user part of a URI, as it is meant (pure)
 */
#include <string.h>
#include <re.h>
#include "base/text.h"
#include "userpart.h"


/**
 * Copy a user part, or a number, without its escapes (RFC 3261, 19.1.4)
 *
 * @param buf  Returned text, without an end
 * @param size Size of the buffer [bytes]
 * @param lenp Returned length [bytes]
 * @param user User part, as it stands
 * @param skip Characters that are only there for the eye (RFC 3966, 5.1.1)
 *
 * @return False if it was cut
 */
bool userpart_plain(char *buf, size_t size, size_t *lenp,
		    const struct pl *user, const char *skip)
{
	bool whole = true;
	size_t i, n = 0;

	for (i=0; i<user->l; i++) {

		char c = user->p[i];

		if (c == '%' && i + 2 < user->l &&
		    text_hex(&user->p[i + 1]) >= 0) {
			c  = (char)text_hex(&user->p[i + 1]);
			i += 2;
		}
		else if (c && strchr(skip, c)) {
			continue;
		}

		if (n >= size) {
			whole = false;
			break;
		}

		buf[n++] = c;
	}

	*lenp = n;

	return whole;
}
