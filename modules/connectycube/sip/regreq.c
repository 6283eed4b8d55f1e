/**
 * @file sip/regreq.c  The REGISTER of an account, and where it goes
 */
#include <string.h>
#include <re.h>
#include "compat_re.h"
#include <baresip.h>
#include "base/hosts.h"
#include "base/version.h"
#include "sip/sip.h"
#include "sip/pure/ability.h"
#include "sip/pure/regcred.h"
#include "sip/regcli.h"
#include "sip/regcore.h"


static const char *next_uri(const struct regcli *r)
{
	return r->target ? r->target : r->outbound ? r->outbound : r->ruri;
}


static int check_server(const struct regcli *r, const struct sa *dst)
{
	struct uri uri;
	struct pl pl;

	pl_set_str(&pl, next_uri(r));

	return uri_decode(&uri, &pl) ? EINVAL
		: siptls_trusts(dst, r->acc, &uri.host);
}


static int send_handler(SIP_SEND_PARAMS)
{
	struct regcli *r = arg;
	const struct sa *addr = sa_isset(&r->mapped, SA_ALL) ? &r->mapped
		: src;
	int err;

	err = tp == SIP_TRANSP_TLS ? check_server(r, dst) : 0;
	if (err)
		return err;

	r->tp    = tp;
	r->laddr = *src;
	r->peer  = *dst;

	if (r->last)
		return mbuf_printf(mb, "Contact: <%s>;expires=0\r\n",
				   r->bound);

	if (re_snprintf(r->contact, sizeof(r->contact), "sip:%s@%J%s",
			r->cuser, addr, sip_transp_param(tp)) < 0)
		return EOVERFLOW;

	err = mbuf_printf(mb, "Contact: <%s>;expires=%u", r->contact,
			  r->expires);
	if (r->prm.instance)
		err |= mbuf_printf(mb, ";+sip.instance=\"<urn:uuid:%s>\"",
				   r->prm.instance);

	/* where we were is where nobody answers */
	if (r->bound[0] && strcmp(r->bound, r->contact))
		err |= mbuf_printf(mb, ", <%s>;expires=0", r->bound);

	return err | mbuf_write_str(mb, "\r\n");
}


static int print_cred(struct re_printf *pf, struct regcli *r)
{
	return regcred_print(pf, r->cred, "REGISTER",
			     r->target ? r->target : r->ruri);
}


static int print_from(struct re_printf *pf, const struct regcli *r)
{
	const char *name = account_display_name(r->acc);

	return str_isset(name)
		? re_hprintf(pf, "\"%s\" <%s>", name, account_aor(r->acc))
		: re_hprintf(pf, "<%s>", account_aor(r->acc));
}


static int print_route(struct re_printf *pf, const struct regcli *r)
{
	return r->outbound && !r->target
		? re_hprintf(pf, "Route: <%s;lr>\r\n", r->outbound) : 0;
}


static int print_allow(struct re_printf *pf, const struct ua *ua)
{
	return ua ? re_hprintf(pf, "Allow: %H\r\n", ability_print_allow, NULL)
		: 0;
}


/* Names of /etc/hosts are none to libre */
static bool local_name(struct regcli *r, struct sa *sa, const struct pl *host)
{
	struct sa l;

	if (!sa_set(&l, host, 0))
		return false;

	return (hosts_find(sa, host, AF_INET) &&
		!sip_transp_laddr(r->sip, &l, SIP_TRANSP_UDP, sa)) ||
		(hosts_find(sa, host, AF_INET6) &&
		 !sip_transp_laddr(r->sip, &l, SIP_TRANSP_UDP, sa));
}


/* Then calls have to be told, too: by a proxy of that address */
static int set_base(struct regcli *r, const struct uri *next,
		    const struct sa *sa)
{
	struct uri uri = *next;
	struct pl host;
	char buf[64];
	int err;

	(void)re_snprintf(buf, sizeof(buf), "%j", sa);
	pl_set_str(&host, buf);
	uri_drop_password(&uri);
	uri.user = uri.headers = pl_null;
	uri.host = host;
	uri.af   = sa_af(sa);

	r->base = mem_deref(r->base);
	err = re_sdprintf(&r->base, "%H", uri_encode, &uri);
	if (err)
		return err;

	return account_set_outbound(r->acc, r->base, 0);
}


static int next_hop(struct regcli *r, struct uri *next, char *host,
		    size_t size)
{
	struct pl pl;
	struct sa sa;
	int err;

	pl_set_str(&pl, next_uri(r));
	err = uri_decode(next, &pl);
	if (err)
		return err;

	if (!local_name(r, &sa, &next->host)) {
		r->base = mem_deref(r->base);
		return 0;
	}

	if (!r->target && !r->closing) {
		err = set_base(r, next, &sa);
		if (err)
			return err;
	}

	(void)re_snprintf(host, size, "%j", &sa);
	pl_set_str(&next->host, host);
	next->af = sa_af(&sa);

	return 0;
}


/**
 * Is it from whom we register with? Before the first REGISTER anybody may be
 *
 * @param r   Registration
 * @param src Source of a message
 *
 * @return True if it is
 */
bool regcli_is_from(const struct regcli *r, const struct sa *src)
{
	return !sa_isset(&r->peer, SA_ADDR) || sa_cmp(&r->peer, src, SA_ADDR);
}


/**
 * Who answered last, or is asked?
 *
 * @param sa Its address (output)
 * @param r  Registration
 *
 * @return True if there is one
 */
bool regcli_peer(struct sa *sa, const struct regcli *r)
{
	*sa = r->peer;

	return sa_isset(sa, SA_ADDR);
}


/**
 * Send a REGISTER
 *
 * @param r Registration
 *
 * @return 0 if success, otherwise errorcode
 */
int regcli_request(struct regcli *r)
{
	const char *uri = r->target ? r->target : r->ruri;
	struct uri next;
	char host[64];
	int err;

	err = next_hop(r, &next, host, sizeof(host));
	if (err)
		return err;

	r->last = r->closing;

	return sip_requestf(&r->req, r->sip, true, "REGISTER", uri, &next,
			    NULL, send_handler, regcli_response, r,
			    "%H"
			    "To: <%s>\r\n"
			    "From: %H;tag=%s\r\n"
			    "Call-ID: %s\r\n"
			    "CSeq: %u REGISTER\r\n"
			    "%H"
			    "%H"
			    "Expires: %u\r\n"
			    "Supported: path\r\n"
			    "User-Agent: connectycube-bridge/%s\r\n"
			    "Content-Length: 0\r\n"
			    "\r\n",
			    print_route, r,
			    account_aor(r->acc), print_from, r, r->tag,
			    r->callid, ++r->cseq,
			    print_cred, r, print_allow, r->ua,
			    r->last ? 0 : r->expires, build_version());
}
