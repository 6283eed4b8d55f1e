/**
 * @file config/userid.c  How a cloud user is named in the users file
 *
 * Pure.
 */
#include <string.h>
#include <re.h>
#include "base/text.h"
#include "userid.h"


static const struct {
	const char *prefix;     /**< In the users file                     */
	const char *field;      /**< In the REST API                       */
} kindv[USERID_KIND_MAX] = {
	[USERID_ID]    = {"",       "id"},
	[USERID_LOGIN] = {"login:", "login"},
	[USERID_EMAIL] = {"email:", "email"},
	[USERID_TEL]   = {"tel:",   "phone"},
	[USERID_EXT]   = {"ext:",   "external_id"},
};


static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}


/* Number of bytes of a name at p, up to what separates ids */
static size_t name_len(const struct pl *pl, enum userid_kind kind)
{
	bool at = false;
	size_t i;

	for (i=0; i<pl->l; i++) {

		const char c = pl->p[i];

		if (kind == USERID_ID || kind == USERID_TEL) {
			if (is_digit(c) ||
			    (kind == USERID_TEL && c == '+' && !i))
				continue;
			break;
		}

		if (c == '%') {
			if (i + 2 >= pl->l || text_hex(&pl->p[i + 1]) < 0)
				break;
			i += 2;
			continue;
		}

		at |= c == '@';
		if (c == '+' && kind == USERID_EMAIL && !at)
			continue;

		if ((uint8_t)c <= ' ' || c == 0x7f || strchr("+:,;\"<>", c))
			break;
	}

	return i;
}


static enum userid_kind find_kind(const struct pl *pl)
{
	enum userid_kind k;

	for (k = USERID_LOGIN; k < USERID_KIND_MAX; k++) {

		const size_t n = strlen(kindv[k].prefix);

		if (pl->l >= n && !strncmp(pl->p, kindv[k].prefix, n))
			return k;
	}

	return USERID_ID;
}


static bool is_complete(const struct pl *name, enum userid_kind kind)
{
	if (kind == USERID_EMAIL)
		return pl_strchr(name, '@') != NULL;
	if (kind == USERID_TEL)
		return name->l > (size_t)(*name->p == '+');

	return true;
}


/**
 * Take one user's name from the front of a text; what separates it from the
 * next one stays
 *
 * @param id   Returned name, with its prefix and as it is written
 * @param rest Text; behind the name afterwards
 *
 * @return 0 if success; EINVAL no argument; EBADMSG there is none; EOVERFLOW it
 *         is too long
 */
int userid_next(struct pl *id, struct pl *rest)
{
	enum userid_kind kind;
	struct pl name;
	size_t n;

	if (!id || !rest || !rest->p)
		return EINVAL;

	kind = find_kind(rest);
	name = *rest;
	pl_advance(&name, (ssize_t)strlen(kindv[kind].prefix));
	name.l = name_len(&name, kind);

	if (!name.l || !is_complete(&name, kind))
		return EBADMSG;

	if (name.l > (kind == USERID_ID ? USERID_DIGITS : USERID_NAME))
		return EOVERFLOW;

	n = name.l + strlen(kindv[kind].prefix);
	id->p = rest->p;
	id->l = n;
	pl_advance(rest, (ssize_t)n);

	return 0;
}


/**
 * Get what a name says, without prefix and escapes
 *
 * @param kind  Returned kind
 * @param namep Returned name; the caller derefs it
 * @param id    Name, the whole of it
 *
 * @return 0 if success; EINVAL no argument; EBADMSG it is none; EOVERFLOW;
 *         ENOMEM
 */
int userid_decode(enum userid_kind *kind, char **namep, const struct pl *id)
{
	struct pl one, rest;
	size_t i, n = 0;
	char *name;
	int err;

	if (!kind || !namep || !id)
		return EINVAL;

	rest = *id;
	err = userid_next(&one, &rest);
	if (err)
		return err;
	if (rest.l)
		return EBADMSG;

	*kind = find_kind(&one);
	pl_advance(&one, (ssize_t)strlen(kindv[*kind].prefix));

	name = mem_zalloc(one.l + 1, NULL);
	if (!name)
		return ENOMEM;

	for (i=0; i<one.l; i++) {

		char c = one.p[i];

		if (c == '%' && *kind != USERID_TEL) {
			c  = (char)text_hex(&one.p[i + 1]);
			i += 2;
		}

		/* what no name has, and no request is to carry */
		if ((uint8_t)c < ' ' || c == 0x7f) {
			mem_deref(name);
			return EBADMSG;
		}

		name[n++] = c;
	}

	*namep = name;

	return 0;
}


/**
 * Get the kind of a name
 *
 * @param id Name
 *
 * @return Kind
 */
enum userid_kind userid_kind(const char *id)
{
	struct pl pl;

	pl_set_str(&pl, id ? id : "");

	return find_kind(&pl);
}


/**
 * Get what the REST API calls a kind of names
 *
 * @param kind Kind
 *
 * @return Name of the field of a user
 */
const char *userid_field(enum userid_kind kind)
{
	return (unsigned)kind < USERID_KIND_MAX ? kindv[kind].field : "id";
}
