/**
 * @file sip/pure/infokey.c  Keys in SIP INFO bodies
 *
 *   application/dtmf-relay   Signal=5      application/dtmf   5
 *                            Duration=160
 *
 * Neither is in an RFC; what Cisco and Asterisk write and read is the rule.
 * Pure: bytes in, a key out.
 */
#include <re.h>
#include "infokey.h"


/**
 * Get the type of a body
 *
 * @param type    Content type
 * @param subtype Content subtype
 *
 * @return Type, INFOKEY_NONE if it holds no keys
 */
enum infokey_type infokey_type(const struct pl *type,
			       const struct pl *subtype)
{
	if (!type || !subtype || pl_strcasecmp(type, "application"))
		return INFOKEY_NONE;

	if (!pl_strcasecmp(subtype, "dtmf-relay"))
		return INFOKEY_RELAY;

	if (!pl_strcasecmp(subtype, "dtmf"))
		return INFOKEY_PLAIN;

	return INFOKEY_NONE;
}


/* A key, or its event number (RFC 4733, 3.2), as some write * and # */
static int decode_key(char *key, const struct pl *pl)
{
	static const char keyv[] = "*#ABCD";
	const char c = pl->l ? *pl->p : '\0';

	if (pl->l == 2 && c == '1' && pl->p[1] >= '0' && pl->p[1] <= '5') {
		*key = keyv[pl->p[1] - '0'];
		return 0;
	}

	if (pl->l != 1)
		return EBADMSG;

	if ((c >= '0' && c <= '9') || c == '*' || c == '#' ||
	    (c >= 'A' && c <= 'D'))
		*key = c;
	else if (c >= 'a' && c <= 'd')
		*key = (char)(c - 'a' + 'A');
	else
		return EBADMSG;

	return 0;
}


/**
 * Decode a body
 *
 * @param type Type of the body
 * @param body Body
 * @param key  Key: 0-9, *, #, A-D (output)
 * @param ms   Duration [ms] (output)
 *
 * @return 0 if success, EINVAL for missing arguments, EBADMSG if there is no
 *         key in it
 */
int infokey_decode(enum infokey_type type, const struct pl *body, char *key,
		   uint32_t *ms)
{
	struct pl sig, dur;

	if (!body || !body->p || !key || !ms)
		return EINVAL;

	*ms = INFOKEY_DUR;

	if (type == INFOKEY_PLAIN) {
		if (re_regex(body->p, body->l, "[^ \t\r\n]+", &sig))
			return EBADMSG;

		return decode_key(key, &sig);
	}

	if (type != INFOKEY_RELAY)
		return EINVAL;

	if (re_regex(body->p, body->l, "Signal[ \t]*=[ \t]*[^ \t\r\n]+",
		     NULL, NULL, &sig))
		return EBADMSG;

	if (!re_regex(body->p, body->l, "Duration[ \t]*=[ \t]*[0-9]+",
		      NULL, NULL, &dur) && dur.l <= 5)
		*ms = pl_u32(&dur);

	return decode_key(key, &sig);
}


/**
 * Encode a body
 *
 * @param str  Body (output)
 * @param size Room at str, 64 are always enough [bytes]
 * @param type Type of the body
 * @param key  Key
 * @param ms   Duration [ms]
 *
 * @return 0 if success, EINVAL for bad arguments, ENOMEM if the room is too
 *         small
 */
int infokey_encode(char *str, size_t size, enum infokey_type type, char key,
		   uint32_t ms)
{
	int n;

	if (!str || type == INFOKEY_NONE)
		return EINVAL;

	if (type == INFOKEY_PLAIN)
		n = re_snprintf(str, size, "%c\r\n", key);
	else
		n = re_snprintf(str, size, "Signal=%c\r\nDuration=%u\r\n",
				key, ms);

	return n < 0 ? ENOMEM : 0;
}
