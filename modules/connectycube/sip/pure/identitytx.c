/**
 * @file sip/pure/identitytx.c  Who calls, for SIP headers of our own
 *
 * Names and numbers are text of somebody else's: what could end a header, or
 * the quotes and the URI in it, is escaped or left out.
 */
#include <string.h>
#include <re.h>
#include "sip/pure/shown.h"
#include "sip/pure/identitytx.h"


/**
 * Print a name as the inside of a quoted string (RFC 3261, 25.1)
 *
 * @param pf   Print function
 * @param name Name, in any form
 *
 * @return 0 if success, otherwise errorcode
 */
int identity_print_name(struct re_printf *pf, const char *name)
{
	char buf[WHO_NAME_MAX + 1];
	struct pl pl;
	const char *p;
	int err = 0;

	pl_set_str(&pl, name ? name : "");
	shown_pl(buf, sizeof(buf), &pl);

	for (p = buf; *p && !err; p++) {
		if (*p == '"' || *p == '\\')
			err = pf->vph("\\", 1, pf->arg);
		if (!err)
			err = pf->vph(p, 1, pf->arg);
	}

	return err;
}


/* libre's takes bytes for signed numbers, and leaves ';' as it is */
static void escape(char *buf, size_t size, const char *str)
{
	size_t n = 0;

	for (; *str && n + 4 <= size; str++) {

		if ((*str >= '0' && *str <= '9') ||
		    ((*str | 0x20) >= 'a' && (*str | 0x20) <= 'z') ||
		    strchr("-_.!~*'()&=+$,", *str))
			buf[n++] = *str;
		else
			n += (size_t)re_snprintf(&buf[n], size - n, "%%%02X",
						 (uint8_t)*str);
	}

	buf[n] = '\0';
}


/**
 * Print the URI of a number
 *
 * @param pf Print function
 * @param wu Number, and its domain
 *
 * @return 0 if success, otherwise errorcode
 */
int identity_print_uri(struct re_printf *pf, const struct who_uri *wu)
{
	char number[WHO_NUMBER_MAX + 1], user[3 * WHO_NUMBER_MAX + 1];
	struct uri uri;
	struct pl pl;

	memset(&uri, 0, sizeof(uri));
	pl_set_str(&uri.scheme, "sip");
	uri.host = wu->at->host;
	uri.af   = wu->at->af;
	uri.port = wu->at->port;
	uri.user = wu->at->user;

	if (str_isset(wu->who->number)) {
		pl_set_str(&pl, wu->who->number);
		shown_pl(number, sizeof(number), &pl);
		pl_set_str(&pl, number);
		escape(user, sizeof(user), number);
		pl_set_str(&uri.user, user);
	}

	return uri_encode(pf, &uri);
}


/**
 * Print a name and the URI of a number: "Ann" <sip:100@example.com>
 *
 * @param pf Print function
 * @param wu Who, and the domain
 *
 * @return 0 if success, otherwise errorcode
 */
int identity_print_addr(struct re_printf *pf, const struct who_uri *wu)
{
	int err = 0;

	if (str_isset(wu->who->name))
		err = re_hprintf(pf, "\"%H\" ", identity_print_name,
				 wu->who->name);

	return err ? err : re_hprintf(pf, "<%H>", identity_print_uri, wu);
}
