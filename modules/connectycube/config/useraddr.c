/**
 * @file config/useraddr.c  Whose line it is: the address that it begins with
 *
 * Pure. libre takes what stands between the brackets as it is; a blank there is
 * a slip of the pen, with which nobody could register (RFC 3261 25.1).
 */
#include <re.h>
#include "compat_re.h"
#include "config/users.h"


/**
 * Read the address of a line
 *
 * @param addr Set to it; points into the line
 * @param line Line, without its line end: "Name" <sip:user@host>;params
 *
 * @return 0 if success, EBADMSG if it is none, or has no user
 */
int users_address(struct sip_addr *addr, const struct pl *line)
{
	size_t i;

	if (!addr || !line || sip_addr_decode(addr, line) ||
	    !pl_isset(&addr->uri.user) || !pl_isset(&addr->uri.host))
		return EBADMSG;

	for (i=0; i<addr->auri.l; i++) {

		const unsigned char c = addr->auri.p[i];

		if (c <= ' ' || c == 0x7f || c == '"' || c == '<')
			return EBADMSG;
	}

	return 0;
}


/**
 * Print an address as baresip knows its account: without parameters
 *
 * @param pf  Print handler
 * @param uri Address
 *
 * @return 0 if success, otherwise errorcode
 */
int users_print_aor(struct re_printf *pf, const struct uri *uri)
{
	struct uri bare = *uri;

	uri_drop_password(&bare);
	bare.params = bare.headers = pl_null;

	return uri_encode(pf, &bare);
}
