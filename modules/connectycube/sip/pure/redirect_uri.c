/**
 * @file sip/pure/redirect_uri.c  An address that a 3xx names, as one of ours
 *
 * Pure. See redirect.h.
 */
#include <string.h>
#include <re.h>
#include "sip/pure/redirect.h"


enum {
	URI_MAX = 512,          /**< Longest address [bytes]               */
};


/* Nothing that could be another header, or end this one */
static bool is_clean(const struct pl *pl)
{
	size_t i;

	for (i=0; i<pl->l; i++) {

		const uint8_t c = (uint8_t)pl->p[i];

		if (c <= ' ' || c >= 0x7f || strchr("<>\"\\,", c))
			return false;
	}

	return true;
}


static int print_host(struct re_printf *pf, const struct uri *uri)
{
	int err;

	err = re_hprintf(pf, uri->af == AF_INET6 ? "[%r]" : "%r",
			 &uri->host);
	if (!err && uri->port)
		err = re_hprintf(pf, ":%u", uri->port);

	return err;
}


/* What would lead elsewhere than to the host that was looked at, or is none of a
   Request-URI (RFC 3261, 19.1.1). What TLS stands for is said by us */
static bool is_left_out(const struct pl *name, bool secure)
{
	static const char *const namev[] = {
		"maddr", "method", "ttl", "lr", "comp", "transport"
	};
	size_t i;

	for (i=0; i<ARRAY_SIZE(namev) - (secure ? 0 : 1); i++) {
		if (!pl_strcasecmp(name, namev[i]))
			return true;
	}

	return false;
}


/** What param_handler() knows */
struct printing {
	struct mbuf *mb;
	bool secure;
	int err;
};


static void param_handler(const struct pl *name, const struct pl *val,
			  void *arg)
{
	struct printing *p = arg;

	if (p->err || is_left_out(name, p->secure))
		return;

	p->err = mbuf_printf(p->mb, pl_isset(val) ? ";%r=%r" : ";%r", name,
			     val);
}


/* All of them (RFC 3261, 8.1.3.4): a server may know by a parameter of its own
   what it is to do (line, gr) */
static int print_params(struct mbuf *mb, const struct uri *uri, bool secure)
{
	struct printing p = {mb, secure, 0};

	(void)fmt_param_apply(&uri->params, param_handler, &p);

	return p.err;
}


/* A telephone number is one of the account's domain */
static int print_tel(struct mbuf *mb, const struct pl *auri,
		     const struct redirect_rules *rules)
{
	size_t i, n = 0;
	int err;

	err = mbuf_write_str(mb, "sip:");

	for (i=4; !err && i<auri->l && auri->p[i] != ';'; i++) {

		const char c = auri->p[i];

		if (strchr("-.()", c))
			continue;
		if (!strchr("0123456789*#+", c))
			return EBADMSG;

		err = c == '#' ? mbuf_write_str(mb, "%23")
			: mbuf_write_u8(mb, (uint8_t)c);
		++n;
	}

	if (!n)
		return EBADMSG;
	if (!err)
		err = mbuf_printf(mb, "@%r", &rules->domain);
	if (!err && rules->port)
		err = mbuf_printf(mb, ":%u", rules->port);

	return err;
}


static int print_sip(struct mbuf *mb, const struct pl *auri,
		     const struct redirect_rules *rules)
{
	struct uri uri;
	bool sips;
	int err;

	err = uri_decode(&uri, auri);
	if (err)
		return err;

	sips = !pl_strcasecmp(&uri.scheme, "sips");
	if (!sips && pl_strcasecmp(&uri.scheme, "sip"))
		return EPROTONOSUPPORT;

	if (!pl_isset(&uri.host))
		return EBADMSG;

	if (!rules->mayh(&uri.host, rules->arg))
		return EACCES;

	err = mbuf_write_str(mb, "sip:");
	if (!err && pl_isset(&uri.user))
		err = mbuf_printf(mb, "%r@", &uri.user);
	if (!err)
		err = mbuf_printf(mb, "%H", print_host, &uri);

	/* baresip knows no sips: as a target, but what it means */
	if (!err && sips && !rules->secure)
		err = mbuf_write_str(mb, ";transport=tls");
	if (!err)
		err = print_params(mb, &uri, sips || rules->secure);

	return err;
}


static bool is_host(const struct uri *uri)
{
	static const char alnumv[] = "0123456789abcdefghijklmnopqrstuvwxyz"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ-._";
	size_t i;

	for (i=0; i<uri->host.l; i++) {

		const char c = uri->host.p[i];

		if (!strchr(alnumv, c) &&
		    (uri->af != AF_INET6 || !strchr(":%", c)))
			return false;
	}

	return pl_isset(&uri->host);
}


/* libre reads more than RFC 3261 allows, "[:]" as the host ":", too: what does
   not read as it was meant is no address */
static bool is_sound(const struct mbuf *mb, size_t begin)
{
	const struct pl pl = {(const char *)mb->buf + begin, mb->pos - begin};
	struct uri uri;

	return !uri_decode(&uri, &pl) && !pl_strcmp(&uri.scheme, "sip") &&
		is_host(&uri) && !pl_isset(&uri.headers);
}


/**
 * Print the address to call for one that a 3xx names
 *
 * @param mb    Buffer to append to
 * @param auri  Address that is named
 * @param rules What may be followed
 *
 * @return 0 if success, EBADMSG malformed or too long, EPROTONOSUPPORT neither
 *         sip:, sips: nor tel:, EACCES a host that the rules forbid, ENOMEM
 */
int redirect_uri_print(struct mbuf *mb, const struct pl *auri,
		       const struct redirect_rules *rules)
{
	const size_t begin = mb->pos;
	int err;

	if (auri->l > URI_MAX || !is_clean(auri))
		return EBADMSG;

	err = auri->l > 4 && !strncasecmp(auri->p, "tel:", 4)
		? print_tel(mb, auri, rules) : print_sip(mb, auri, rules);

	return !err && !is_sound(mb, begin) ? EBADMSG : err;
}
