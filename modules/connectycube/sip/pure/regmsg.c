/**
 * @file sip/pure/regmsg.c  What a registrar's answers mean
 *
 * Pure, with chance as an argument.
 */
#include <string.h>
#include <re.h>
#include "compat_re.h"
#include "regmsg.h"


struct granted {
	struct pl contact;      /**< As we sent it                         */
	struct uri uri;         /**< The same, decoded                     */
	uint32_t expires;       /**< What counts without a parameter [s]   */
	uint32_t exact;         /**< Of the same URI [s]                   */
	uint32_t user;          /**< Of the same user part [s]             */
	bool has_exact, has_user;
};


/** The best of several contacts */
struct redirect {
	struct pl uri;          /**< Its URI, pointing into the response   */
	uint32_t q;             /**< How much it is liked [1/1000]         */
	bool secure;            /**< TLS is wanted                         */
	bool tls;               /**< It is, or need not be, by TLS         */
	bool found;             /**< There is one                          */
};


static int print_param(struct re_printf *pf, const struct pl *params,
		       const char *name)
{
	struct pl val;

	if (!pl_isset(params) || msg_param_decode(params, name, &val))
		return 0;

	return re_hprintf(pf, ";%s=%r", name, &val);
}


static int print_place(struct re_printf *pf, const struct pl *params)
{
	return print_param(pf, params, "transport") |
		print_param(pf, params, "maddr");
}


/**
 * The registrar of an account: its address without its user (RFC 3261, 10.2).
 * Of its parameters nothing but where it is: what was meant for us, such as a
 * password, is nobody's business
 *
 * @param urip Pointer to new string
 * @param luri Address of the account
 *
 * @return 0 if success, otherwise errorcode
 */
int regmsg_registrar(char **urip, const struct uri *luri)
{
	struct uri uri = *luri;

	uri_drop_password(&uri);
	uri.user = uri.params = uri.headers = pl_null;

	return re_sdprintf(urip, "%H%H", uri_encode, &uri, print_place,
			   &luri->params);
}


static uint32_t seconds(const struct pl *pl, uint32_t max)
{
	size_t i;

	for (i=0; i<pl->l && pl->p[i] >= '0' && pl->p[i] <= '9'; i++)
		;

	/* more digits than a number has are as much as there is */
	if (i > 9)
		return max;

	return min(pl_u32(&(struct pl){pl->p, i}), max);
}


static bool contact_handler(const struct sip_hdr *hdr,
			    const struct sip_msg *msg, void *arg)
{
	struct granted *g = arg;
	uint32_t expires = g->expires;
	struct sip_addr addr;
	struct pl pl;
	(void)msg;

	if (sip_addr_decode(&addr, &hdr->val))
		return false;

	if (!msg_param_decode(&addr.params, "expires", &pl))
		expires = seconds(&pl, REG_EXPIRES_MAX);

	if (!pl_cmp(&addr.auri, &g->contact)) {
		g->has_exact = true;
		g->exact     = expires;
	}
	else if (!pl_cmp(&addr.uri.user, &g->uri.user)) {
		g->has_user = true;
		g->user     = max(g->user, expires);
	}

	return false;
}


/**
 * How long are we registered? Some registrars list our contact as it was, some
 * with another address, and some say Expires alone
 *
 * @param msg     200
 * @param contact URI that was registered
 * @param asked   What was asked for [s]
 *
 * @return Time [s], 0=not at all
 */
uint32_t regmsg_granted(const struct sip_msg *msg, const char *contact,
			uint32_t asked)
{
	struct granted g;

	if (!msg || !contact)
		return 0;

	memset(&g, 0, sizeof(g));
	pl_set_str(&g.contact, contact);
	if (uri_decode(&g.uri, &g.contact))
		return 0;

	g.expires = pl_isset(&msg->expires)
		? seconds(&msg->expires, REG_EXPIRES_MAX) : asked;

	(void)sip_msg_hdr_apply(msg, true, SIP_HDR_CONTACT, contact_handler,
				&g);

	return g.has_exact ? g.exact : g.has_user ? g.user : g.expires;
}


/**
 * The time that a 423 wants
 *
 * @param msg Response
 *
 * @return Time [s], 0=none is named
 */
uint32_t regmsg_min_expires(const struct sip_msg *msg)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_MIN_EXPIRES);

	return hdr ? seconds(&hdr->val, REG_EXPIRES_MAX) : 0;
}


/**
 * When a registrar wants to be asked again
 *
 * @param msg Response, NULL=there was none
 *
 * @return Time [s], 0=it does not say
 */
uint32_t regmsg_retry_after(const struct sip_msg *msg)
{
	const struct sip_hdr *hdr;

	hdr = msg ? sip_msg_hdr(msg, SIP_HDR_RETRY_AFTER) : NULL;

	/* "120 (I'm in a meeting);duration=3600" */
	return hdr ? seconds(&hdr->val, REG_RETRY_AFTER_MAX) : 0;
}


/**
 * Is an address reached by TLS?
 *
 * @param uri URI
 *
 * @return True if it is
 */
bool regmsg_is_tls(const struct uri *uri)
{
	struct pl pl;

	return pl_isset(&uri->params) &&
		!msg_param_decode(&uri->params, "transport", &pl) &&
		!pl_strcasecmp(&pl, "tls");
}


/* "0.75" in thousandths; what is not said, or cannot be read, is 1 */
static uint32_t quality(const struct pl *params)
{
	uint32_t q = 0, unit = 1000;
	struct pl pl;
	size_t i;

	if (!pl_isset(params) || msg_param_decode(params, "q", &pl))
		return 1000;

	for (i=0; i<pl.l && unit; i++) {

		if (i == 1 && pl.p[i] == '.')
			continue;

		if (pl.p[i] < '0' || pl.p[i] > '9' || (i == 1))
			return 1000;

		q += (pl.p[i] - '0') * unit;
		unit /= 10;
	}

	return min(q, 1000U);
}


static bool redirect_handler(const struct sip_hdr *hdr,
			     const struct sip_msg *msg, void *arg)
{
	struct redirect *rd = arg;
	struct sip_addr addr;
	bool tls;
	uint32_t q;
	(void)msg;

	if (sip_addr_decode(&addr, &hdr->val) ||
	    pl_strcasecmp(&addr.uri.scheme, "sip") ||
	    !pl_isset(&addr.uri.host))
		return false;

	q   = quality(&addr.params);
	tls = !rd->secure || regmsg_is_tls(&addr.uri);

	if (rd->found && (tls != rd->tls ? rd->tls : q <= rd->q))
		return false;

	rd->found = true;
	rd->uri   = addr.auri;
	rd->tls   = tls;
	rd->q     = q;

	return false;
}


/**
 * Where a 3xx sends us: of all that it names the one that it likes best, and of
 * the same the first (RFC 3261, 8.1.3.4)
 *
 * @param uri    URI, pointing into the response
 * @param msg    Response
 * @param secure By TLS; another one only if there is none
 *
 * @return True if there is somewhere to go
 */
bool regmsg_redirect(struct pl *uri, const struct sip_msg *msg, bool secure)
{
	struct redirect rd;

	if (msg->scode != 300 && msg->scode != 301 && msg->scode != 302)
		return false;

	memset(&rd, 0, sizeof(rd));
	rd.secure = secure;

	(void)sip_msg_hdr_apply(msg, true, SIP_HDR_CONTACT, redirect_handler,
				&rd);

	*uri = rd.uri;

	return rd.found;
}


/**
 * The address that a registrar saw us with
 *
 * @param sa  Address
 * @param msg Response
 *
 * @return True if it says
 */
bool regmsg_mapped(struct sa *sa, const struct sip_msg *msg)
{
	struct pl pl;

	*sa = msg->via.addr;

	if (!msg_param_decode(&msg->via.params, "rport", &pl) &&
	    pl_isset(&pl) && pl_u32(&pl) && pl_u32(&pl) < 65536)
		sa_set_port(sa, (uint16_t)pl_u32(&pl));

	if (!msg_param_decode(&msg->via.params, "received", &pl))
		return 0 == sa_set(sa, &pl, sa_port(sa));

	return sa_isset(sa, SA_ALL);
}


static bool route_handler(const struct sip_hdr *hdr,
			  const struct sip_msg *msg, void *arg)
{
	struct mbuf *mb = arg;
	struct sip_addr addr;
	struct pl rest, lr;
	const char *p;
	(void)msg;

	if (sip_addr_decode(&addr, &hdr->val))
		return false;

	/* baresip adds <, > and ;lr itself */
	if (mb->end)
		(void)mbuf_write_str(mb, ";lr>, <");

	p = memmem(addr.auri.p, addr.auri.l, ";lr", 3);
	if (!p)
		return mbuf_write_pl(mb, &addr.auri);

	lr.p = addr.auri.p;
	lr.l = p - addr.auri.p;
	rest = addr.auri;
	pl_advance(&rest, lr.l + 3);

	/* ";lr" and ";lr=on", not ";lrx" */
	if (rest.l && *rest.p == '=') {
		while (rest.l && *rest.p != ';')
			pl_advance(&rest, 1);
	}
	else if (rest.l && *rest.p != ';') {
		return mbuf_write_pl(mb, &addr.auri);
	}

	return mbuf_write_pl(mb, &lr) || mbuf_write_pl(mb, &rest);
}


/**
 * The proxies that calls are to go by: Service-Route (RFC 3608), as baresip
 * wants them in an account's outbound
 *
 * @param routep Pointer to new string, NULL if there are none
 * @param msg    200
 *
 * @return 0 if success, otherwise errorcode
 */
int regmsg_route(char **routep, const struct sip_msg *msg)
{
	struct mbuf *mb = mbuf_alloc(256);
	int err = 0;

	*routep = NULL;
	if (!mb)
		return ENOMEM;

	if (sip_msg_hdr_apply(msg, true, SIP_HDR_SERVICE_ROUTE,
			      route_handler, mb)) {
		err = ENOMEM;
	}
	else if (mb->end) {
		mb->pos = 0;
		err = mbuf_strdup(mb, routep, mb->end);
	}

	mem_deref(mb);

	return err;
}


/**
 * How long to wait after a failure
 *
 * @param failc       Number of failures in a row, from 1
 * @param refused     It refuses what we are, and will again
 * @param retry_after What the registrar says [s], 0=nothing
 * @param rnd         Chance: not all phones of a site at once
 *
 * @return Time [ms]
 */
uint64_t regmsg_wait(uint32_t failc, bool refused, uint32_t retry_after,
		     uint16_t rnd)
{
	uint64_t ms;

	if (retry_after)
		return (uint64_t)retry_after * 1000 + rnd % 1000;

	ms = 1000ULL << min(failc, 6U);
	if (refused)
		ms = max(ms, 30000ULL);

	ms = min(ms, (uint64_t)REG_RETRY_MAX * 1000);

	return ms / 2 + ms / 2 * rnd / 65535;
}


/**
 * How long to wait before the registration is refreshed
 *
 * @param granted How long it is valid [s]
 *
 * @return Time [ms]
 */
uint64_t regmsg_refresh(uint32_t granted)
{
	/* a tenth, and for a lost packet's sake no less than 5 s */
	const uint32_t early = max(granted / 10, 5U);

	return granted > 2 * early ? (granted - early) * 1000ULL
		: max(granted * 500ULL, 1000ULL);
}
