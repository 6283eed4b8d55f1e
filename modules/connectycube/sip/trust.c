/**
 * @file sip/trust.c  Who is believed, and who may be told (RFC 3325)
 *
 *   who may ring     the account's servers, connectycube_sip_allow
 *   who is believed  the account's servers, connectycube_sip_trust
 *
 * A phone that may ring could say that it is anybody. What a server vouches
 * for is only read from one that is believed, and only told to such a one.
 */
#include <re.h>
#include <baresip.h>
#include "sip/sip.h"
#include "sip/leg.h"
#include "sip/pure/allow.h"
#include "sip/pure/target.h"
#include "sip/callers.h"


static const struct allow *trust; /* beside the servers (pointer) */


/**
 * Set who is believed beside the accounts' servers
 *
 * @param more Who, stays with the caller; NULL=nobody
 */
void sip_set_trust(const struct allow *more)
{
	trust = more;
}


/**
 * May somebody ring a User-Agent?
 *
 * @param ua  User-Agent
 * @param src Where the INVITE comes from
 *
 * @return True if it may
 */
bool sip_room_may_ring(const struct ua *ua, const struct sa *src)
{
	struct callers *c = sip_room_callers(ua);

	return c && callers_may(c, src);
}


/**
 * Is somebody believed?
 *
 * @param ua  User-Agent
 * @param src Where the message comes from
 *
 * @return True if it is
 */
bool sip_room_trusts(const struct ua *ua, const struct sa *src)
{
	const struct callers *c = sip_room_callers(ua);

	return allow_has(trust, src) || (c && callers_serve(c, src));
}


/**
 * Does an address stand in the list of those who are believed?
 *
 * @param host Host, as a URI has it
 *
 * @return True if it does
 */
bool sip_trust_named(const struct pl *host)
{
	return target_in(trust, host);
}


/**
 * May the server be told that a request to a URI goes to?
 *
 * @param ua  User-Agent that sends it
 * @param uri URI
 *
 * @return True if it may
 */
bool sip_room_trusts_uri(const struct ua *ua, const char *uri)
{
	const struct callers *c = sip_room_callers(ua);
	struct sip_addr addr;
	struct sa sa;
	struct pl pl;

	if (!c || !uri)
		return false;

	/* to them it goes first, whatever stands behind */
	if (account_outbound(ua_account(ua), 0))
		return true;

	pl_set_str(&pl, uri);
	if (sip_addr_decode(&addr, &pl))
		return false;

	if (callers_is_host(c, &addr.uri.host))
		return true;

	return !sa_set(&sa, &addr.uri.host, 0) && sip_room_trusts(ua, &sa);
}
