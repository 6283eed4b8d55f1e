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
#include "base/text.h"
#include "sip/pure/userpart.h"
#include "sip/pure/privacy.h"
#include "sip/pure/shown.h"
#include "sip/pure/identity.h"


/* "Ann \"Boss\" Smith": returns what is behind the closing quote, NULL if
   there is none */
static const char *unquote(struct shown *t, const char *p, const char *end)
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

	shown_add(t, buf, n);

	return p + 1;
}


static const char *find(const struct pl *pl, char c)
{
	return pl->l ? memchr(pl->p, c, pl->l) : NULL;
}


/* Splits off a display name; what remains is the URI */
static int split(struct shown *name, struct pl *uri, const struct pl *val)
{
	struct pl pl = *val;
	const char *p;

	text_trim(&pl);

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
			shown_add(name, pl.p, p - pl.p);
	}

	if (!p) {
		/* parameters are the header's (RFC 3261, 20.10) */
		p = find(&pl, ';');
		if (p)
			pl.l = p - pl.p;
		*uri = pl;
		text_trim(uri);
		return 0;
	}

	pl_advance(&pl, p + 1 - pl.p);
	p = find(&pl, '>');
	if (!p)
		return EBADMSG;

	uri->p = pl.p;
	uri->l = p - pl.p;
	text_trim(uri);

	return 0;
}


/* A user part, or a number */
static void set_number(struct identity *id, const struct pl *user,
		       const char *skip)
{
	struct shown t;
	char buf[512];
	size_t n;

	(void)userpart_plain(buf, sizeof(buf), &n, user, skip);

	shown_init(&t, id->number, sizeof(id->number));
	shown_add(&t, buf, n);
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
	struct shown t;

	if (!colon)
		return EBADMSG;

	scheme.l = colon - uri->p;
	pl_advance(&rest, scheme.l + 1);
	shown_init(&t, id->uri, sizeof(id->uri));

	if (!pl_strcasecmp(&scheme, "tel")) {
		user = upto(&rest, ';');
		set_number(id, &user, "-.() ");
		shown_add(&t, uri->p, uri->l);
		return 0;
	}

	if (pl_strcasecmp(&scheme, "sip") && pl_strcasecmp(&scheme, "sips")) {
		shown_add(&t, uri->p, uri->l);
		return 0;
	}

	at = find(&rest, '@');
	if (!at) {
		shown_add(&t, uri->p, uri->l);
		return 0;
	}

	host   = rest;
	pl_advance(&host, at - rest.p);
	rest.l = at - rest.p;
	rest   = upto(&rest, ':');      /* a password is nobody's business */
	user   = upto(&rest, ';');

	set_number(id, &user, is_phone(&host) ? "-.()" : "");
	shown_add(&t, uri->p, scheme.l + 1);
	shown_add(&t, rest.p, rest.l);
	shown_add(&t, host.p, host.l);

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
	struct shown name;
	struct pl uri;
	int err;

	if (!id || !val || (val->l && !val->p))
		return EINVAL;

	memset(id, 0, sizeof(*id));
	shown_init(&name, id->name, sizeof(id->name));

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


/* Whom a message does not come from. In a call PBXs go by who began it, or by
   who sends that message */
static const char *other_party(const struct sip_msg *msg)
{
	if (!msg->req)
		return "calling";

	return pl_isset(&msg->to.tag) ? NULL : "called";
}


static bool remote_party_handler(const struct sip_hdr *hdr,
				 const struct sip_msg *msg, void *arg)
{
	const char *other = other_party(msg);
	struct identity more;

	/* the far end's, and not one that is to be hidden */
	if ((other && param_is(&hdr->val, "party", other)) ||
	    param_is(&hdr->val, "privacy", "full") ||
	    param_is(&hdr->val, "privacy", "name") ||
	    param_is(&hdr->val, "privacy", "uri") ||
	    identity_decode(&more, &hdr->val))
		return false;

	*(struct identity *)arg = more;

	return true;
}


/* As RFC 3323, 4.1.1.3 has it, and as gateways do */
static bool is_anonymous(const struct identity *id)
{
	const char *host = strchr(id->uri, '@');

	return !strcasecmp(id->number, "anonymous") ||
		(host && !strncasecmp(host, "@anonymous.invalid", 18));
}


static void set_anonymous(struct identity *id)
{
	memset(id, 0, sizeof(*id));
	str_ncpy(id->name, "Anonymous", sizeof(id->name));
	str_ncpy(id->uri, "sip:anonymous@anonymous.invalid",
		 sizeof(id->uri));
	id->anonymous = true;
}


/* What a server vouches for; empty if it does not */
static void read_asserted(struct identity *by, const struct sip_msg *msg)
{
	memset(by, 0, sizeof(*by));

	(void)sip_msg_hdr_apply(msg, true, SIP_HDR_P_ASSERTED_IDENTITY,
				asserted_handler, by);
	if (!by->uri[0])
		(void)sip_msg_xhdr_apply(msg, true, "Remote-Party-ID",
					 remote_party_handler, by);
}


static void read_from(struct identity *id, const struct sip_msg *msg)
{
	/* a name that is quoted badly is no reason to refuse anybody */
	if (identity_decode(id, &msg->from.val))
		(void)identity_decode(id, &msg->from.auri);
}


/**
 * Find out who calls
 *
 * @param id      Identity, filled in; empty if it cannot be read
 * @param msg     INVITE
 * @param trusted What it vouches for is believed: it comes from a server
 *
 * @return 0 if success, EINVAL
 */
int identity_caller(struct identity *id, const struct sip_msg *msg,
		    bool trusted)
{
	struct identity from, by;
	uint32_t priv;

	if (!id || !msg)
		return EINVAL;

	memset(&by, 0, sizeof(by));
	priv = privacy_decode(msg);
	read_from(&from, msg);

	/* who wants to be private says in From what may be shown */
	if (trusted && !(priv & PRIVACY_CALLER))
		read_asserted(&by, msg);

	if (!by.uri[0]) {
		*id = from;
		if ((priv & PRIVACY_USER) || is_anonymous(id))
			set_anonymous(id);
		return 0;
	}

	/* the name in From may be a trunk's */
	if (!by.name[0] && !strcmp(by.number, from.number))
		str_ncpy(by.name, from.name, sizeof(by.name));

	*id = by;
	if (is_anonymous(id))
		set_anonymous(id);

	return 0;
}


/**
 * Is somebody else at the far end of a call now? Told by what a server vouches
 * for, or by another From than before (RFC 4916)
 *
 * @param id      Who it is now, unless ENOENT
 * @param msg     Request within the call, or response to our INVITE
 * @param before  From of the request before; updated. NULL=From is not the
 *                far end's
 * @param trusted What it vouches for is believed
 *
 * @return 0 if that was said, ENOENT if not
 */
int identity_connected(struct identity *id, const struct sip_msg *msg,
		       struct identity *before, bool trusted)
{
	const uint32_t priv = privacy_decode(msg);
	bool said = false;

	memset(id, 0, sizeof(*id));
	if (trusted)
		read_asserted(id, msg);

	if (id->uri[0]) {
		said = true;
	}
	else if (before) {
		read_from(id, msg);
		said = id->uri[0] && (strcmp(id->uri, before->uri) ||
				      strcmp(id->name, before->name));
		if (said)
			*before = *id;
	}

	if (said && ((priv & PRIVACY_CALLER) || is_anonymous(id)))
		set_anonymous(id);

	return said ? 0 : ENOENT;
}
