/**
 * @file connectycube_hub/web/field.c  Values of a request's fields
 *
 * Pure.
 */
#include <errno.h>
#include <string.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_sa.h>
#include "base/text.h"
#include "route.h"
#include "head.h"


/**
 * Find a cookie (RFC 6265 section 4.2)
 *
 * @param value  Set to its value
 * @param cookie Value of Cookie
 * @param name   Its name
 *
 * @return True if it is there, once
 */
bool web_cookie(struct pl *value, const struct pl *cookie, const char *name)
{
	struct pl rest = *cookie, one, key, val;
	unsigned n = 0;

	while (text_next(&rest, &one, ';')) {

		if (text_split(&one, '=', &key, &val) &&
		    !pl_strcmp(&key, name)) {
			*value = val;
			++n;
		}
	}

	/* who set the other one? */
	return n == 1;
}


/**
 * Get the token of Authorization: Bearer TOKEN (RFC 6750)
 *
 * @param token Set to it
 * @param auth  Value of Authorization
 *
 * @return True if there is one
 */
bool web_bearer(struct pl *token, const struct pl *auth)
{
	struct pl scheme;

	if (auth->l < 8)
		return false;

	scheme.p = auth->p;
	scheme.l = 6;
	if (pl_strcasecmp(&scheme, "Bearer") || auth->p[6] != ' ')
		return false;

	token->p = auth->p + 7;
	token->l = auth->l - 7;
	text_trim(token);

	return token->l != 0;
}


/* Of TYPE; NAME=VALUE the first */
static struct pl media_type(const struct pl *pl)
{
	struct pl type, more;

	(void)text_split(pl, ';', &type, &more);

	return type;
}


/**
 * Is a Content-Type of that kind, whatever its parameters?
 *
 * @param type Value of Content-Type
 * @param name Type: application/json
 *
 * @return True if it is
 */
bool web_is_type(const struct pl *type, const char *name)
{
	const struct pl one = media_type(type);

	return !pl_strcasecmp(&one, name);
}


/* RFC 9110 section 12.4.2: q=0, q=0.0, ... is "not acceptable" */
static bool is_unwanted(const struct pl *params)
{
	struct pl rest = *params, one, name, value;

	while (text_next(&rest, &one, ';')) {

		size_t i;

		if (!text_split(&one, '=', &name, &value) ||
		    pl_strcasecmp(&name, "q") || !value.l)
			continue;

		for (i=0; i<value.l && strchr("0.", value.p[i]); i++)
			;
		return i == value.l;
	}

	return false;
}


/* How closely does a range of types fit: 3, 2, 1; 0=not at all */
static unsigned closeness(const struct pl *range, const char *type)
{
	const size_t slash = strcspn(type, "/");

	if (!pl_strcasecmp(range, type))
		return 3;
	if (!pl_strcmp(range, "*/*"))
		return 1;
	if (range->l == slash + 2 && range->p[slash + 1] == '*' &&
	    !memcmp(range->p, type, slash + 1))
		return 2;

	return 0;
}


/**
 * Is a type taken by whoever asks (RFC 9110 section 12.5.1)?
 *
 * @param accept Value of Accept, unset=all are
 * @param type   Type, without parameters
 *
 * @return True if it is
 */
bool web_accepts(const struct pl *accept, const char *type)
{
	struct pl rest = *accept, one, range, params;
	unsigned best = 0;
	bool wanted = true;

	if (!accept->l)
		return true;

	while (text_next(&rest, &one, ',')) {

		unsigned n;

		(void)text_split(&one, ';', &range, &params);
		n = closeness(&range, type);
		if (n > best) {
			best   = n;
			wanted = !is_unwanted(&params);
		}
	}

	return best && wanted;
}


static int read_u64(uint64_t *v, const struct pl *pl)
{
	size_t i;

	*v = 0;
	if (!pl->l || pl->l > 18)
		return EBADMSG;

	for (i=0; i<pl->l; i++) {
		if (pl->p[i] < '0' || pl->p[i] > '9')
			return EBADMSG;
		*v = *v * 10 + (unsigned)(pl->p[i] - '0');
	}

	return 0;
}


/**
 * Read a Range of one part (RFC 9110 section 14.1.2). Several parts, other
 * units, and what is none are passed over, as that section has it
 *
 * @param off   Set to where it begins [bytes]
 * @param len   Set to its length [bytes]
 * @param range Value of Range, NULL=none
 * @param size  Size of all [bytes]
 *
 * @return What is asked for
 */
enum web_range web_range(uint64_t *off, uint64_t *len, const char *range,
			 uint64_t size)
{
	struct pl pl, first, last;
	uint64_t a = 0, b = 0;

	*off = 0;
	*len = size;
	if (!range || strncmp(range, "bytes=", 6))
		return WEB_RANGE_ALL;

	pl_set_str(&pl, range + 6);
	if (!text_split(&pl, '-', &first, &last) ||
	    (first.l && read_u64(&a, &first)) ||
	    (last.l && read_u64(&b, &last)) || (!first.l && !last.l))
		return WEB_RANGE_ALL;

	if (!first.l) {
		/* the last ones */
		if (!b || !size)
			return WEB_RANGE_NONE;
		*len = b < size ? b : size;
		*off = size - *len;
		return WEB_RANGE_PART;
	}

	if (last.l && b < a)
		return WEB_RANGE_ALL;
	if (a >= size)
		return WEB_RANGE_NONE;

	*off = a;
	*len = (last.l && b < size ? b + 1 : size) - a;

	return WEB_RANGE_PART;
}


/**
 * Read an Idempotency-Key: printable characters, maybe in quotes
 *
 * @param dst  Set to it
 * @param size Room there [bytes]
 * @param key  Value of the field
 *
 * @return True if success
 */
bool web_key(char *dst, size_t size, const struct pl *key)
{
	struct pl pl = *key;
	size_t i;

	if (pl.l >= 2 && pl.p[0] == '"' && pl.p[pl.l - 1] == '"') {
		pl_advance(&pl, 1);
		--pl.l;
	}

	for (i=0; i<pl.l; i++) {
		if (pl.p[i] <= ' ' || pl.p[i] > '~' || pl.p[i] == '"' ||
		    pl.p[i] == '\\')
			return false;
	}

	return pl.l && !text_copy(dst, size, &pl);
}


static bool is_port(const struct pl *port)
{
	uint32_t v;

	return !text_u32(&v, port, 65535) && v;
}


/**
 * Take a Host apart: NAME, NAME:PORT, [V6], [V6]:PORT
 *
 * @param name Set to the name, without brackets
 * @param port Set to the port, unset if there is none
 * @param host Value of Host
 *
 * @return True if success
 */
bool web_host(struct pl *name, struct pl *port, const struct pl *host)
{
	const char *end;
	size_t i;

	*name = *host;
	port->p = NULL;
	port->l = 0;
	if (!host->l)
		return false;

	end = memchr(host->p, host->p[0] == '[' ? ']' : ':', host->l);
	if (host->p[0] == '[') {
		if (!end)
			return false;
		name->p = host->p + 1;
		name->l = (size_t)(end - name->p);
		end = ++end < host->p + host->l ? end : NULL;
	}
	else if (end) {
		name->l = (size_t)(end - host->p);
	}

	if (end) {
		port->p = end + 1;
		port->l = host->l - (size_t)(port->p - host->p);
		if (*end != ':' || !is_port(port))
			return false;
	}

	for (i=0; i<name->l; i++) {
		if (name->p[i] <= ' ' || strchr("/\\@?#[]", name->p[i]))
			return false;
	}

	return name->l != 0;
}


/**
 * Is that our name? A page of somebody else's whose name was made to mean us
 * (DNS rebinding) says its own. An address is what it is
 *
 * @param host  Value of Host
 * @param names Our names, separated by blanks or commas; NULL=none
 *
 * @return True if it is: localhost, an address, or one of the names
 */
bool web_is_ours(const struct pl *host, const char *names)
{
	struct pl name, port;
	char addr[64];
	struct sa sa;

	if (!web_host(&name, &port, host))
		return false;

	if (!pl_strcasecmp(&name, "localhost"))
		return true;

	if (!text_copy(addr, sizeof(addr), &name) && !sa_set_str(&sa, addr, 0))
		return true;

	while (names && *names) {

		const struct pl one = {names, strcspn(names, ", \t")};

		if (one.l == name.l && !pl_casecmp(&one, &name))
			return true;

		names += one.l;
		names += strspn(names, ", \t");
	}

	return false;
}


/**
 * Does a page of ours ask (RFC 6454)? Whoever stands before us may have
 * spoken TLS with it, so http and https are the same here
 *
 * @param origin Value of Origin
 * @param host   Value of Host
 *
 * @return True if it does
 */
bool web_same_origin(const struct pl *origin, const struct pl *host)
{
	struct pl rest = *origin, name, port, oname, oport;
	const char *dflt = NULL;

	if (text_skip(&rest, "https://"))
		dflt = "443";
	else if (text_skip(&rest, "http://"))
		dflt = "80";

	if (!dflt || !web_host(&oname, &oport, &rest) ||
	    !web_host(&name, &port, host) || pl_casecmp(&oname, &name))
		return false;

	if (!port.l)
		pl_set_str(&port, dflt);
	if (!oport.l)
		pl_set_str(&oport, dflt);

	return !pl_cmp(&oport, &port);
}


/**
 * Is what a browser has kept still so (RFC 9110 section 13.1.2)?
 *
 * @param list Value of If-None-Match, NULL=none
 * @param etag ETag that there is, with its quotes
 *
 * @return True if it is in the list
 */
bool web_etag_match(const char *list, const char *etag)
{
	struct pl rest, one;

	if (!list || !etag)
		return false;

	pl_set_str(&rest, list);
	while (text_next(&rest, &one, ',')) {

		text_trim(&one);
		(void)text_skip(&one, "W/");
		if (!pl_strcmp(&one, etag) || !pl_strcmp(&one, "*"))
			return true;
	}

	return false;
}
