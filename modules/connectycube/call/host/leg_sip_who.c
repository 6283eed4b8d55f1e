/**
 * @file call/host/leg_sip_who.c  Who is at the far end of a SIP leg, and for
 *                                whom it is called
 *
 * Between what SIP says and what a leg is shown as stands the plan of numbers.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "peer/peer.h"
#include "cube/cube.h"
#include "audio/audio.h"
#include "video/video.h"
#include "sip/sip.h"
#include "sip/pure/about.h"
#include "sip/pure/identitytx.h"
#include "config/config.h"
#include "call/event.h"
#include "call/raise.h"
#include "call/snapshot.h"
#include "config/users.h"
#include "call/legmedia.h"
#include "call/policy.h"
#include "call/policy_video.h"
#include "call/dtmf_dedup.h"
#include "call/leg.h"
#include "call/leg_sip.h"
#include "call/call.h"
#include "call/bridge.h"


/**
 * Take over who is at the far end
 *
 * @param ls Leg
 * @param np How numbers are written
 *
 * @return 0 if success, ENOMEM
 */
int leg_sip_know_peer(struct leg_sip *ls, const struct numplan *np)
{
	const char *user = sipleg_peer_user(ls->sl);
	char number[NUMPLAN_SIZE];

	numplan_from_pbx(number, sizeof(number), np, user ? user : "");
	ls->leg.peer.anonymous = sipleg_anonymous(ls->sl);

	return leg_set_peer(&ls->leg, sipleg_peer_name(ls->sl), number,
			    sipleg_peer_uri(ls->sl));
}


static void plan_number(const struct numplan *np, char *number, size_t size)
{
	char buf[NUMPLAN_SIZE];

	numplan_from_pbx(buf, sizeof(buf), np, number);
	str_ncpy(number, buf, size);
}


/**
 * Take over what the caller's INVITE said
 *
 * @param ls Leg
 * @param np How numbers are written
 */
void leg_sip_know_about(struct leg_sip *ls, const struct numplan *np)
{
	struct about *ab = sipleg_about(ls->sl);

	if (!ab)
		return;

	plan_number(np, ab->dialed, sizeof(ab->dialed));
	plan_number(np, ab->diverted, sizeof(ab->diverted));
	plan_number(np, ab->diverted_first, sizeof(ab->diverted_first));

	ls->about = mem_ref(ab);
	ls->leg.peer.about = ab;
}


/**
 * Find out for whom a phone is called: the other party, whom the PBX knows by
 * another number than the cloud does
 *
 * @param who    Returned, points into the call
 * @param number Buffer for its number, NUMPLAN_SIZE
 * @param np     How numbers are written
 * @param other  The other party's leg, or NULL
 *
 * @return Who, NULL if it is nobody
 */
const struct who *leg_sip_who(struct who *who, char *number,
			      const struct numplan *np,
			      const struct leg *other)
{
	memset(who, 0, sizeof(*who));
	number[0] = '\0';

	if (!other)
		return NULL;

	if (other->ops->side == EVENT_APP)
		(void)numplan_of_user(number, NUMPLAN_SIZE, np,
				      other->peer.number);
	else if (other->peer.number)
		numplan_to_pbx(number, NUMPLAN_SIZE, np, other->peer.number);

	who->name      = other->peer.name;
	who->number    = number;
	who->anonymous = other->peer.anonymous;
	who->trace     = other->call ? other->call->trace : NULL;

	return who;
}
