/**
 * @file sip/connected.c  Who is at the far end of a call now (RFC 4916)
 *
 *   re-INVITE, UPDATE    P-Asserted-Identity, Remote-Party-ID, another From
 *   180, 183, 200        P-Asserted-Identity, Remote-Party-ID: who answers
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "sip/sip.h"
#include "sip/leg.h"


static bool is_same(const struct sipleg *leg, const struct identity *id)
{
	return leg->anonymous == id->anonymous &&
		!str_cmp(leg->peer_uri, id->uri) &&
		!str_cmp(leg->peer_user, id->number) &&
		/* a server that vouches for a number need not know a name */
		(!id->name[0] || !str_cmp(leg->peer_name, id->name));
}


/**
 * Read who is at the far end now
 *
 * @param leg Leg
 * @param msg Request of it within the call, or response to our INVITE
 */
void connected_read(struct sipleg *leg, const struct sip_msg *msg)
{
	struct identity id;

	if (identity_connected(&id, msg, msg->req ? &leg->from : NULL,
			       sip_room_trusts(leg->ua, &msg->src)))
		return;

	if (is_same(leg, &id) || sipleg_set_peer(leg, &id))
		return;

	if (leg->h.identityh)
		leg->h.identityh(leg->arg);
}
