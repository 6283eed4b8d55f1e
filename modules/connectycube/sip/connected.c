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
 * Read what is at the far end: its software, as it calls itself, and where its
 * messages come from
 *
 * @param leg Leg
 * @param msg Message of it
 */
void connected_client(struct sipleg *leg, const struct sip_msg *msg)
{
	const struct sip_hdr *hdr;

	hdr = sip_msg_hdr(msg, SIP_HDR_USER_AGENT);
	if (!hdr)
		hdr = sip_msg_hdr(msg, SIP_HDR_SERVER);

	leg->addr = msg->src;

	if (hdr && pl_isset(&hdr->val) &&
	    (!leg->agent || pl_strcmp(&hdr->val, leg->agent))) {
		leg->agent = mem_deref(leg->agent);
		(void)pl_strdup(&leg->agent, &hdr->val);
	}
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

	connected_client(leg, msg);

	if (identity_connected(&id, msg, msg->req ? &leg->from : NULL,
			       sip_room_trusts(leg->ua, &msg->src)))
		return;

	if (is_same(leg, &id) || sipleg_set_peer(leg, &id))
		return;

	if (leg->h.identityh)
		leg->h.identityh(leg->arg);
}
