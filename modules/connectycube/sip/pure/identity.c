/**
 * @file sip/pure/identity.c  Who calls: names, numbers and URIs of SIP headers
 *
 * Pure. What comes is wire text: quoted, escaped, in any character set, and in
 * up to three headers. What leaves can be shown to people.
 *
 *   P-Asserted-Identity (RFC 3325)   what a server vouches for
 *   Remote-Party-ID                  the same, older
 *   From                             what the caller says, or a trunk's account
 */
#include <string.h>
#include <re.h>
#include "userpart.h"
#include "identity.h"


/** A text that grows, without what cannot be shown */
struct text {
	char *str;
	size_t size;            /**< Of the buffer, with its end           */
	size_t len;
	bool gap;               /**< White space, if more follows          */
};


static void text_init(struct text *t, char *str, size_t size)
{
	t->str  = str;
	t->size = size;
	t->len  = 0;
	t->gap  = false;
	str[0]  = '\0';
}


/* One character, or none if it does not fit as a whole */
static void put(struct text *t, const char *p, size_t n)
{
	const size_t gap = t->gap && t->len ? 1 : 0;

	if (t->len + gap + n >= t->size) {
		t->size = 0;    /* and nothing behind it */
		return;
	}

	if (gap)
		t->str[t->len++] = ' ';
	t->gap = false;

	memcpy(&t->str[t->len], p, n);
	t->len += n;
	t->str[t->len] = '\0';
}


/* Length of a valid UTF-8 sequence (RFC 3629), 0 if there is none */
static size_t utf8_len(const uint8_t *p, size_t n)
{
	size_t i, len;
	uint32_t c;

	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;

	len = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (len > n)
		return 0;

	c = p[0] & (0x7f >> len);
	for (i=1; i<len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}

	if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) ||
	    (len == 3 && c < 0x800) || (len == 4 && c < 0x10000))
		return 0;

	return len;
}


/* What is not UTF-8 is taken for Latin-1, which old PBXs send */
static void put_text(struct text *t, const char *str, size_t n)
{
	const uint8_t *p = (const uint8_t *)str;
	char latin[2];
	size_t len;

	for (; n; p += len, n -= len) {

		len = utf8_len(p, n);

		if (p[0] <= ' ' || p[0] == 0x7f) {
			t->gap = true;
			len = 1;
		}
		else if (!len) {
			len = 1;
			if (p[0] < 0xa0)
				continue;

			latin[0] = (char)(0xc0 | p[0] >> 6);
			latin[1] = (char)(0x80 | (p[0] & 0x3f));
			put(t, latin, 2);
		}
		else if (len != 2 || p[0] != 0xc2 || p[1] >= 0xa0) {
			put(t, (const char *)p, len);
		}
	}
}


/* "Ann \"Boss\" Smith": returns what is behind the closing quote, NULL if
   there is none */
static const char *unquote(struct text *t, const char *p, const char *end)
{
	char buf[512] = "";
	size_t n = 0;

	for (++p; p < end && *p != '"'; ++p) {

		if (*p == '\\' && p + 1 < end)
			++p;

		if (n < sizeof(buf))
			buf[n++] = *p;
	}

	if (p >= end)
		return NULL;

	put_text(t, buf, n);

	return p + 1;
}


static void trim(struct pl *pl)
{
	while (pl->l && strchr(" \t\r\n", *pl->p))
		pl_advance(pl, 1);

	while (pl->l && strchr(" \t\r\n", pl->p[pl->l - 1]))
		--pl->l;
}


static const char *find(const struct pl *pl, char c)
{
	return pl->l ? memchr(pl->p, c, pl->l) : NULL;
}


/* Splits off a display name; what remains is the URI */
static int split(struct text *name, struct pl *uri, const struct pl *val)
{
	struct pl pl = *val;
	const char *p;

	trim(&pl);

	p = pl.l && *pl.p == '"' ? unquote(name, pl.p, pl.p + pl.l) : NULL;
	if (p) {
		pl_advance(&pl, p - pl.p);
		p = find(&pl, '<');
		if (!p)
			return EBADMSG;
	}
	else {
		/* not quoted, or not to the end */
		if (pl.l && *pl.p == '"')
			pl_advance(&pl, 1);

		p = find(&pl, '<');
		if (p)
			put_text(name, pl.p, p - pl.p);
	}

	if (!p) {
		/* parameters are the header's (RFC 3261, 20.10) */
		p = find(&pl, ';');
		if (p)
			pl.l = p - pl.p;
		*uri = pl;
		trim(uri);
		return 0;
	}

	pl_advance(&pl, p + 1 - pl.p);
	p = find(&pl, '>');
	if (!p)
		return EBADMSG;

	uri->p = pl.p;
	uri->l = p - pl.p;
	trim(uri);

	return 0;
}


/* A user part, or a number */
static void set_number(struct identity *id, const struct pl *user,
		       const char *skip)
{
	struct text t;
	char buf[512];
	size_t n;

	(void)userpart_plain(buf, sizeof(buf), &n, user, skip);

	text_init(&t, id->number, sizeof(id->number));
	put_text(&t, buf, n);
}


/* Up to a character, all of it if there is none */
static struct pl upto(const struct pl *pl, char c)
{
	const char *p = find(pl, c);
	struct pl head = *pl;

	if (p)
		head.l = p - pl->p;

	return head;
}


static bool is_phone(const struct pl *host)
{
	return 0 == re_regex(host->p, host->l, ";user=phone");
}


static int set_uri(struct identity *id, const struct pl *uri)
{
	const char *colon = find(uri, ':'), *at;
	struct pl scheme = *uri, rest = *uri, user, host;
	struct text t;

	if (!colon)
		return EBADMSG;

	scheme.l = colon - uri->p;
	pl_advance(&rest, scheme.l + 1);
	text_init(&t, id->uri, sizeof(id->uri));

	if (!pl_strcasecmp(&scheme, "tel")) {
		user = upto(&rest, ';');
		set_number(id, &user, "-.() ");
		put_text(&t, uri->p, uri->l);
		return 0;
	}

	if (pl_strcasecmp(&scheme, "sip") && pl_strcasecmp(&scheme, "sips")) {
		put_text(&t, uri->p, uri->l);
		return 0;
	}

	at = find(&rest, '@');
	if (!at) {
		put_text(&t, uri->p, uri->l);
		return 0;
	}

	host   = rest;
	pl_advance(&host, at - rest.p);
	rest.l = at - rest.p;
	rest   = upto(&rest, ':');      /* a password is nobody's business */
	user   = upto(&rest, ';');

	set_number(id, &user, is_phone(&host) ? "-.()" : "");
	put_text(&t, uri->p, scheme.l + 1);
	put_text(&t, rest.p, rest.l);
	put_text(&t, host.p, host.l);

	return 0;
}


/**
 * Decode a name-addr or addr-spec: "Ann" <sip:1@example.com>
 *
 * @param id  Identity; all empty on failure
 * @param val Value of a header such as From, or a URI
 *
 * @return 0 if success; EINVAL; EBADMSG
 */
int identity_decode(struct identity *id, const struct pl *val)
{
	struct text name;
	struct pl uri;
	int err;

	if (!id || !val || (val->l && !val->p))
		return EINVAL;

	memset(id, 0, sizeof(*id));
	text_init(&name, id->name, sizeof(id->name));

	err = split(&name, &uri, val);
	if (!err)
		err = set_uri(id, &uri);
	if (err)
		memset(id, 0, sizeof(*id));

	return err;
}


static bool param_is(const struct pl *val, const char *name,
		     const char *want)
{
	const char *p = find(val, '>');
	struct pl params = *val, pl;

	if (!p)
		return false;

	pl_advance(&params, p - val->p);

	return !msg_param_decode(&params, name, &pl) &&
		!pl_strcasecmp(&pl, want);
}


/* Of two, a sip: and a tel: URI (RFC 3325, 9.1), the number is the latter's */
static bool asserted_handler(const struct sip_hdr *hdr,
			     const struct sip_msg *msg, void *arg)
{
	struct identity *id = arg, more;
	(void)msg;

	if (identity_decode(&more, &hdr->val))
		return false;

	if (!id->uri[0]) {
		*id = more;
		return false;
	}

	if (!id->name[0])
		str_ncpy(id->name, more.name, sizeof(id->name));

	if (more.number[0] && !strncmp(more.uri, "tel:", 4))
		str_ncpy(id->number, more.number, sizeof(id->number));

	return true;
}


static bool remote_party_handler(const struct sip_hdr *hdr,
				 const struct sip_msg *msg, void *arg)
{
	struct identity more;
	(void)msg;

	/* the caller's, and not one that is to be hidden */
	if (param_is(&hdr->val, "party", "called") ||
	    param_is(&hdr->val, "privacy", "full") ||
	    param_is(&hdr->val, "privacy", "name") ||
	    param_is(&hdr->val, "privacy", "uri") ||
	    identity_decode(&more, &hdr->val))
		return false;

	*(struct identity *)arg = more;

	return true;
}


/* "critical; id": of several headers all count (RFC 3323, 4.2; RFC 3325, 9.3) */
static bool private_handler(const struct sip_hdr *hdr,
			    const struct sip_msg *msg, void *arg)
{
	static const char *const hiddenv[] = {"id", "user", "header"};
	struct pl rest = hdr->val, word;
	size_t i;
	(void)msg;
	(void)arg;

	while (!re_regex(rest.p, rest.l, "[^;, \t\r\n]+", &word)) {

		for (i=0; i<ARRAY_SIZE(hiddenv); i++) {
			if (!pl_strcasecmp(&word, hiddenv[i]))
				return true;
		}

		pl_advance(&rest, word.p + word.l - rest.p);
	}

	return false;
}


static bool is_private(const struct sip_msg *msg)
{
	return sip_msg_hdr_apply(msg, true, SIP_HDR_PRIVACY,
				 private_handler, NULL) != NULL;
}


/**
 * Find out who calls
 *
 * @param id  Identity, filled in; empty if it cannot be read
 * @param msg INVITE
 *
 * @return 0 if success, EINVAL
 */
int identity_caller(struct identity *id, const struct sip_msg *msg)
{
	struct identity from, by;

	if (!id || !msg)
		return EINVAL;

	/* a name that is quoted badly is no reason to refuse anybody */
	if (identity_decode(&from, &msg->from.val))
		(void)identity_decode(&from, &msg->from.auri);

	memset(&by, 0, sizeof(by));

	/* who wants to be private says in From what may be shown */
	if (!is_private(msg)) {
		(void)sip_msg_hdr_apply(msg, true,
					SIP_HDR_P_ASSERTED_IDENTITY,
					asserted_handler, &by);
		if (!by.uri[0])
			(void)sip_msg_xhdr_apply(msg, true, "Remote-Party-ID",
						 remote_party_handler, &by);
	}

	if (!by.uri[0]) {
		*id = from;
		return 0;
	}

	/* the name in From may be a trunk's */
	if (!by.name[0] && !strcmp(by.number, from.number))
		str_ncpy(by.name, from.name, sizeof(by.name));

	*id = by;

	return 0;
}
