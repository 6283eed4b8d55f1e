/**
 * @file sip/target.c  Whom we call because somebody else says so: 3xx, REFER
 *
 *   the account's servers   its domain, its proxies, whoever registers it
 *   connectycube_sip_allow, connectycube_sip_trust   addresses that stand there
 *   connectycube_redirect   whoever else stands there
 *   who says so             its own address: it is sent requests anyway
 *
 * Whoever may ring could have us call any other host otherwise: a gateway that takes
 * calls from our address and bills them to us, or what hides behind a firewall.
 */
#include <re.h>
#include <baresip.h>
#include "sip/sip.h"
#include "sip/leg.h"
#include "sip/hostsess.h"
#include "sip/pure/allow.h"
#include "sip/pure/redirect.h"
#include "sip/pure/referto.h"
#include "sip/pure/target.h"
#include "sip/callers.h"


static const struct target_list *list; /* of the configuration (pointer) */


/**
 * Set who may be called because somebody else says so
 *
 * @param tl Hosts, stay with the caller; NULL=the account's servers alone
 */
void sip_set_targets(const struct target_list *tl)
{
	list = tl;
}


static bool is_host_of(const char *uri, const struct pl *host)
{
	struct sip_addr addr;
	struct pl pl;

	if (!uri)
		return false;

	pl_set_str(&pl, uri);

	return !sip_addr_decode(&addr, &pl) &&
		!pl_casecmp(&addr.uri.host, host);
}


/* Its domain and proxies by name, and by what these are resolved to */
static bool is_server(const struct ua *ua, const struct pl *host)
{
	const struct account *acc = ua_account(ua);
	const struct callers *c = sip_room_callers(ua);
	struct sa sa;

	if (!pl_casecmp(&account_luri(acc)->host, host) ||
	    is_host_of(account_outbound(acc, 0), host) ||
	    is_host_of(account_outbound(acc, 1), host))
		return true;

	return c && (callers_is_host(c, host) ||
		     (!sa_set(&sa, host, 0) && callers_serve(c, &sa)));
}


/* Whoever has taken a call of ours is asked again, at most */
static bool is_peer(const struct sipleg *leg, const struct pl *host)
{
	return (!leg->ftag && is_host_of(leg->peer_uri, host)) ||
		is_host_of(host_dialog_target(sipleg_dialog(leg)), host);
}


static bool of_account(const struct pl *host, void *arg)
{
	return target_has(list, host) || is_server(arg, host) ||
		callers_named(host) || sip_trust_named(host);
}


/**
 * May a host be called because the far end of a leg says so?
 *
 * @param leg  Leg
 * @param host Host
 *
 * @return True if it may
 */
bool sipleg_may_target(const struct sipleg *leg, const struct pl *host)
{
	return of_account(host, leg->ua) || is_peer(leg, host);
}


/* See redirect_may_h */
static bool of_leg(const struct pl *host, void *arg)
{
	return sipleg_may_target(arg, host);
}


/* Where it goes: libre does what maddr= says. A number goes to the account's
   server */
static bool may_go(const struct referto *rt, redirect_may_h *mayh, void *arg)
{
	struct pl host, pl, maddr;
	struct uri uri;

	pl_set_str(&host, rt->host);
	if (!host.l)
		return true;

	pl_set_str(&pl, rt->uri);
	if (uri_decode(&uri, &pl))
		return false;

	return mayh(&host, arg) &&
		(msg_param_decode(&uri.params, "maddr", &maddr) ||
		 mayh(&maddr, arg));
}


/**
 * May an address be called because the far end of a leg says so?
 *
 * @param leg Leg
 * @param rt  Address
 *
 * @return True if it may
 */
bool sipleg_may_go(struct sipleg *leg, const struct referto *rt)
{
	return may_go(rt, of_leg, leg);
}


/**
 * May an address be called because somebody says so who takes no part in any
 * call?
 *
 * @param ua Account that calls
 * @param rt Address
 *
 * @return True if it may
 */
bool sip_may_go(struct ua *ua, const struct referto *rt)
{
	return may_go(rt, of_account, ua);
}


/**
 * Do the requests of a leg's account go by TLS?
 *
 * @param leg Leg
 *
 * @return True if they do
 */
bool sipleg_is_secure(const struct sipleg *leg)
{
	const struct uri *luri = account_luri(ua_account(leg->ua));
	struct pl name = PL("transport"), val;

	return !pl_strcasecmp(&luri->scheme, "sips") ||
		(!uri_param_get(&luri->params, &name, &val) &&
		 !pl_strcasecmp(&val, "tls"));
}


/**
 * Are calls that are sent on (3xx) followed at all?
 *
 * @return True if they are
 */
bool sip_follows(void)
{
	return !list || !list->no;
}
