/**
 * @file sip/pure/referto.c  What a transfer names: Refer-To, Replaces
 *
 *   Refer-To: <sip:2000@pbx.example;method=INVITE?Replaces=a%3Bto-tag%3D...>
 *   Replaces: a@phone;to-tag=1;from-tag=2;early-only
 *
 * All of it comes from the network, and most of it leaves again in requests of
 * ours: nothing is passed on that could end a header.
 */
#include <string.h>
#include <re.h>
#include "base/text.h"
#include "sip/pure/referto.h"


static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
		(c >= 'A' && c <= 'Z');
}


/* Characters of a token (RFC 3261, 25.1) */
static bool is_token(char c)
{
	return is_alnum(c) || (c && strchr("-.!%*_+`'~", c));
}


/* Characters of a Call-ID's words, but for those that would end it here */
static bool is_callid(char c)
{
	return is_token(c) || (c && strchr("@()<>:\\\"/[]?{}", c));
}


/* Characters of an address that may stand between < and > */
static bool is_uri(char c)
{
	return is_alnum(c) || (c && strchr("-_.!~*'()%&=+$,;?/:@[]#", c));
}


static int copy(char *buf, size_t size, const struct pl *pl,
		bool (*ish)(char c))
{
	size_t i;

	if (!pl->l)
		return EBADMSG;
	if (pl->l >= size)
		return EOVERFLOW;

	for (i=0; i<pl->l; i++) {
		if (!ish(pl->p[i]))
			return EBADMSG;
	}

	return text_str(buf, size, pl);
}


static int param(struct replaces *rep, struct pl *part)
{
	struct pl name;
	const bool has_value = pl_strchr(part, '=') != NULL;
	char *dst;

	(void)text_next(part, &name, '=');
	text_trim(&name);
	text_trim(part);

	if (!pl_strcasecmp(&name, "early-only")) {
		rep->early = true;
		return 0;
	}

	if (!pl_strcasecmp(&name, "to-tag"))
		dst = rep->ltag;
	else if (!pl_strcasecmp(&name, "from-tag"))
		dst = rep->rtag;
	else
		return 0;

	/* each of them once */
	if (!has_value || dst[0])
		return EBADMSG;

	return copy(dst, REFERTO_TAG, part, is_token);
}


/**
 * Decode which dialog is to be replaced (RFC 3891)
 *
 * @param rep Filled in
 * @param val Value of Replaces
 *
 * @return 0 if success, EBADMSG malformed, EOVERFLOW too long
 */
int replaces_decode(struct replaces *rep, const struct pl *val)
{
	struct pl rest, part;
	int err;

	if (!rep || !val)
		return EINVAL;

	memset(rep, 0, sizeof(*rep));

	rest = *val;
	if (!text_next(&rest, &part, ';'))
		return EBADMSG;

	text_trim(&part);
	err = copy(rep->callid, sizeof(rep->callid), &part, is_callid);

	while (!err && text_next(&rest, &part, ';'))
		err = param(rep, &part);

	if (!err && (!rep->ltag[0] || !rep->rtag[0]))
		err = EBADMSG;
	if (err)
		memset(rep, 0, sizeof(*rep));

	return err;
}


/**
 * Print the value of Replaces
 *
 * @param pf  Print function
 * @param rep Dialog
 *
 * @return 0 if success, otherwise errorcode
 */
int replaces_print(struct re_printf *pf, const struct replaces *rep)
{
	return re_hprintf(pf, "%s;to-tag=%s;from-tag=%s%s", rep->callid,
			  rep->ltag, rep->rtag,
			  rep->early ? ";early-only" : "");
}


/* Undo the escapes of a URI's header. What would end a header is refused by
   whoever reads the result */
static int unescape(char *buf, size_t size, const struct pl *pl)
{
	size_t i, n = 0;

	for (i=0; i<pl->l; i++) {

		char c = pl->p[i];

		if (c == '%') {
			const int v = i + 2 < pl->l ? text_hex(&pl->p[i + 1])
				: -1;

			if (v < 0)
				return EBADMSG;

			c  = (char)v;
			i += 2;
		}

		if (!c)
			return EBADMSG;
		if (n + 1 >= size)
			return EOVERFLOW;

		buf[n++] = c;
	}

	buf[n] = '\0';

	return 0;
}


/* Of a target's headers only Replaces is of use: what else it would have us
   send is not its business */
static int headers(struct referto *rt, struct pl rest)
{
	char buf[REFERTO_ID + 2 * REFERTO_TAG + 64];
	struct pl part, name, val;
	bool seen = false;
	int err = 0;

	while (!err && text_next(&rest, &part, '&')) {

		(void)text_next(&part, &name, '=');
		if (pl_strcasecmp(&name, "Replaces"))
			continue;

		/* each call is of one dialog */
		if (seen || !part.p)
			return EBADMSG;

		seen = true;
		err  = unescape(buf, sizeof(buf), &part);
		if (!err) {
			pl_set_str(&val, buf);
			err = replaces_decode(&rt->rep, &val);
		}
	}

	return err;
}


/* A transfer is a call: another method is none */
static int check_method(const struct pl *params)
{
	struct pl rest = *params, part, name;

	while (text_next(&rest, &part, ';')) {

		(void)text_next(&part, &name, '=');
		if (!pl_strcasecmp(&name, "method") &&
		    pl_strcasecmp(&part, "INVITE"))
			return ENOTSUP;
	}

	return 0;
}


/* A number, and nothing that could be an address of SIP (RFC 3966). Who writes
   it for people puts something between its digits */
static int decode_tel(struct referto *rt, const struct pl *uri)
{
	struct pl number = *uri, part;
	size_t i, n = 0;

	number.p += 4;
	number.l -= 4;
	(void)text_next(&number, &part, ';');

	for (i=0; i<part.l; i++) {

		const char c = part.p[i];

		if (strchr("-.()", c))
			continue;
		if (!strchr("0123456789*#+ABCDEFabcdef", c))
			return EBADMSG;

		rt->user[n++] = c;
	}

	rt->user[n] = '\0';

	return n ? 0 : EBADMSG;
}


static int decode_sip(struct referto *rt, const struct pl *pl)
{
	struct uri uri;
	int err;

	if (uri_decode(&uri, pl) || !uri.host.l)
		return EBADMSG;

	err = check_method(&uri.params);
	if (!err)
		err = copy(rt->host, sizeof(rt->host), &uri.host, is_uri);
	if (!err && uri.user.l)
		err = copy(rt->user, sizeof(rt->user), &uri.user, is_uri);

	return err;
}


static bool has_scheme(const struct pl *uri, const char *scheme)
{
	const struct pl pl = {uri->p, strlen(scheme)};

	return uri->l >= pl.l && !pl_strcasecmp(&pl, scheme);
}


static int decode_uri(struct referto *rt, struct pl *rest)
{
	struct pl uri;
	int err;

	if (!text_next(rest, &uri, '?'))
		return EBADMSG;

	err = copy(rt->uri, sizeof(rt->uri), &uri, is_uri);
	if (err)
		return err;

	/* the copy: libre looks for the end of a string in places */
	pl_set_str(&uri, rt->uri);

	if (has_scheme(&uri, "tel:"))
		err = decode_tel(rt, &uri);
	else if (has_scheme(&uri, "sip:") || has_scheme(&uri, "sips:"))
		err = decode_sip(rt, &uri);
	else
		err = ENOTSUP;

	return err;
}


/* The address in "Name" <address>;param, or in address;param */
static int address(struct pl *uri, const struct pl *val)
{
	struct pl rest = *val, part;
	bool quoted = false;
	size_t i;

	for (i=0; i<val->l; i++) {

		const char c = val->p[i];

		if (quoted && c == '\\')
			++i;
		else if (c == '"')
			quoted = !quoted;
		else if (c == '<' && !quoted)
			break;
	}

	if (i >= val->l) {

		/* without brackets what follows is the header's */
		*uri = rest;
		if (!pl_strchr(&rest, '?') && text_next(&rest, &part, ';'))
			*uri = part;

		text_trim(uri);
		return 0;
	}

	rest.p += i + 1;
	rest.l -= i + 1;

	if (!pl_strchr(&rest, '>') || !text_next(&rest, uri, '>'))
		return EBADMSG;

	text_trim(uri);

	return 0;
}


/**
 * Decode where somebody is to be transferred to (RFC 3515)
 *
 * @param rt  Filled in
 * @param val Value of Refer-To
 *
 * @return 0 if success, EBADMSG malformed, EOVERFLOW too long, ENOTSUP neither
 *         sip:, sips: nor tel:, or no call
 */
int referto_decode(struct referto *rt, const struct pl *val)
{
	struct pl uri = PL_INIT;
	int err;

	if (!rt || !val)
		return EINVAL;

	memset(rt, 0, sizeof(*rt));

	err = val->l ? address(&uri, val) : EBADMSG;
	if (!err)
		err = uri.l ? decode_uri(rt, &uri) : EBADMSG;
	if (!err)
		err = headers(rt, uri);
	if (err)
		memset(rt, 0, sizeof(*rt));

	return err;
}


static int print_escaped(const char *p, size_t size, void *arg)
{
	struct re_printf *pf = arg;
	int err = 0;
	size_t i;

	for (i=0; i<size && !err; i++) {

		const char c = p[i];

		err = is_alnum(c) || strchr("-_.!~*'()", c)
			? pf->vph(&c, 1, pf->arg)
			: re_hprintf(pf, "%%%02X", (uint8_t)c);
	}

	return err;
}


/**
 * Print the value of Refer-To
 *
 * @param pf Print function
 * @param rt Target
 *
 * @return 0 if success, otherwise errorcode
 */
int referto_print(struct re_printf *pf, const struct referto *rt)
{
	struct re_printf esc = {print_escaped, pf};
	int err;

	err = re_hprintf(pf, "<%s", rt->uri);
	if (!err && rt->rep.callid[0]) {
		err = re_hprintf(pf, "?Replaces=");
		if (!err)
			err = replaces_print(&esc, &rt->rep);
	}

	return err ? err : re_hprintf(pf, ">");
}


/**
 * Decode who has ordered a transfer (RFC 3892), to be passed on. A token of
 * its, which would be in a body, is left out
 *
 * @param buf  Filled in: an address in brackets
 * @param size Size of the buffer
 * @param val  Value of Referred-By
 *
 * @return 0 if success, EBADMSG malformed, EOVERFLOW too long
 */
int referto_by_decode(char *buf, size_t size, const struct pl *val)
{
	struct pl uri = PL_INIT, rest;
	char addr[REFERTO_URI];
	int err;

	if (!buf || !val || !val->l)
		return EINVAL;

	err = address(&rest, val);
	if (!err && !text_next(&rest, &uri, '?'))
		err = EBADMSG;
	if (!err)
		err = copy(addr, sizeof(addr), &uri, is_uri);
	if (!err && !strchr(addr, ':'))
		err = EBADMSG;
	if (!err && strlen(addr) + 3 > size)
		err = EOVERFLOW;
	if (!err)
		(void)re_snprintf(buf, size, "<%s>", addr);

	return err;
}
