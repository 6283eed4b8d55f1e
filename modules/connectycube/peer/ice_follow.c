/**
 * @file peer/ice_follow.c  The remote's media comes by another pair
 *
 *   authentic packet --+-- of the selected pair: all is well
 *                      +-- of another source: follow, when it is sure
 *                      `-- through libnice, which does not tell the source:
 *                          take the media of all sockets from it, and see
 *
 * libnice stays with the pair of the highest priority that was ever nominated,
 * even if the remote has moved on to a lower one (the first one's network is
 * gone). What is authentic by SRTP's keys comes from where the remote is. It
 * is followed to addresses that are known from signalling or authentic STUN.
 *
 * What comes by a relay of ours (TURN) is not followed: libnice unwraps it, and
 * says nothing of the address inside. There the remote's nomination of a better
 * pair, its restart of ICE, or ours once consent is lost, is what moves us.
 */
#include <string.h>
#include <nice/agent.h>
#include <re.h>
#include "../base/gloop.h"
#include "../base/log.h"
#include "../base/mono.h"
#include "../base/warm.h"
#include "peer.h"
#include "cand.h"
#include "ice.h"
#include "ice_core.h"


enum {
	AWAY_MIN  = 3,          /**< Packets in a row: none is on its way  */
	AWAY_TIME = 500,        /**< Nothing by the selected pair for so
				     long, if it is we who control: a
				     remote that is controlled follows us,
				     and we must not swap for ever [ms]    */
};


static bool find_foundation(char *found, GSList *candl, const struct sa *sa,
			    bool host)
{
	GSList *i;
	bool ok = false;

	for (i = candl; i && !ok; i = i->next) {
		const NiceCandidate *nc = i->data;
		struct sa addr;

		if ((host && nc->type != NICE_CANDIDATE_TYPE_HOST) ||
		    nc->transport != NICE_CANDIDATE_TRANSPORT_UDP ||
		    ice_conv_sa(&addr, &nc->addr) ||
		    !sa_cmp(&addr, sa, SA_ALL))
			continue;

		str_ncpy(found, nc->foundation, NICE_CANDIDATE_MAX_FOUNDATION);
		ok = true;
	}

	g_slist_free_full(candl, (GDestroyNotify)nice_candidate_free);

	return ok;
}


static bool select_pair(struct ice *ice, const char *lfound,
			const char *rfound)
{
	const bool ok = nice_agent_set_selected_pair(ice->agent, ice->stream,
						     ICE_COMP, lfound, rfound);

	if (ok)
		ice_event_set_state(ice, ICE_CONNECTED);
	gloop_kick(ice->gl);

	return ok;
}


/* The pair by which the packet at hand has come */
static bool follow(struct ice *ice)
{
	char lfound[NICE_CANDIDATE_MAX_FOUNDATION];
	char rfound[NICE_CANDIDATE_MAX_FOUNDATION];
	struct sa laddr;

	if (!ice->remote || ice_direct_local(ice->by, &laddr))
		return false;

	if (!find_foundation(lfound, nice_agent_get_local_candidates(
			     ice->agent, ice->stream, ICE_COMP), &laddr,
			     true) ||
	    !find_foundation(rfound, nice_agent_get_remote_candidates(
			     ice->agent, ice->stream, ICE_COMP), ice->src,
			     false))
		return false;

	ice->awayc = 0;
	if (!select_pair(ice, lfound, rfound))
		return false;

	clog_info("ice: the remote is at %J now, seen from %J\n", ice->src,
		  &laddr);

	return true;
}


/* All sockets but that of the selected pair, which is ours already */
static void widen(struct ice *ice)
{
	GSocket *sel = nice_agent_get_selected_socket(ice->agent, ice->stream,
						      ICE_COMP);
	GPtrArray *v = nice_agent_get_sockets(ice->agent, ice->stream,
					      ICE_COMP);
	guint i;

	for (i=0; v && i<v->len; i++) {
		GSocket *sock = g_ptr_array_index(v, i);
		struct ice_direct *d;

		if (sock == sel || g_socket_get_socket_type(sock) !=
		    G_SOCKET_TYPE_DATAGRAM)
			continue;

		if (!ice_direct_alloc(&d, g_socket_get_fd(sock), NULL,
				      ice->bursts, &ice->warm, ice_path_recv,
				      ice))
			ice_direct_append(d, &ice->sidel);
	}

	if (v)
		g_ptr_array_unref(v);
	if (sel)
		g_object_unref(sel);
}


/**
 * The packet at hand is authentic: follow the remote if it has moved. To be
 * called inside the handler of packets
 *
 * @param ice ICE
 */
void ice_heard(struct ice *ice)
{
	uint64_t now;

	if (ice->from == ICE_FROM_PAIR) {
		ice->awayc = 0;
		return;
	}

	now = mono_ms();
	if (!ice->awayc++)
		ice->away_since = now;
	if (ice->awayc < AWAY_MIN || ice->state != ICE_CONNECTED)
		return;

	if (ice->from == ICE_FROM_AGENT) {
		if (list_isempty(&ice->sidel))
			widen(ice);
	}
	else if (!ice->controlling || now >= ice->away_since + AWAY_TIME) {
		(void)follow(ice);
	}
}


/**
 * The remote was heard again after its consent had expired. libnice never
 * takes a pair back by itself, so select it anew, which asks for consent. To be
 * called inside the handler of packets
 *
 * What came by another pair, of which libnice says no more, does not bring the
 * selected one back: we would send to where nobody is. If it was to another
 * socket, the next one is known, and followed
 *
 * @param ice ICE
 *
 * @return false if the path is as lost as before
 */
bool ice_revive(struct ice *ice)
{
	NiceCandidate *local, *remote;
	char lfound[NICE_CANDIDATE_MAX_FOUNDATION];
	char rfound[NICE_CANDIDATE_MAX_FOUNDATION];

	if (!ice || ice->state != ICE_LOST || !ice->remote)
		return true;

	if (ice->from == ICE_FROM_AGENT) {
		if (list_isempty(&ice->sidel))
			widen(ice);
		return false;
	}

	if (ice->from == ICE_FROM_SRC && follow(ice))
		return true;

	if (!nice_agent_get_selected_pair(ice->agent, ice->stream, ICE_COMP,
					  &local, &remote))
		return true;

	str_ncpy(lfound, local->foundation, sizeof(lfound));
	str_ncpy(rfound, remote->foundation, sizeof(rfound));
	(void)select_pair(ice, lfound, rfound);

	return true;
}
