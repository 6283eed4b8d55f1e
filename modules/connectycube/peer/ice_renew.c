/**
 * @file peer/ice_renew.c  Our own addresses have changed
 *
 * libnice gathers once only. So there is a new agent, with the credentials of
 * the old one on both sides: to the remote it is the same ICE session with
 * more candidates. It sees our checks come from new addresses, answers them
 * and moves over, whoever controls, without a word of signalling; candidates
 * and, where we may, a restart of ICE are signalled besides.
 *
 * The new agent begins in the role that was intended. If a conflict has turned
 * it round (RFC 8445 section 7.3.1.1), libnice 0.1 does not say so: its
 * property is what was set. Then there is a conflict again, which its first
 * check settles as the first time, for one round trip.
 */
#include <string.h>
#include <nice/agent.h>
#include <re.h>
#include "../base/gloop.h"
#include "../base/log.h"
#include "../base/netlink.h"
#include "../base/warm.h"
#include "peer.h"
#include "cand.h"
#include "ice.h"
#include "ice_core.h"


static bool is_gone(const NiceCandidate *nc)
{
	struct sa sa;

	/* a relayed one's base is its own address, so its servers' loss is
	   left to consent */
	return nc->type != NICE_CANDIDATE_TYPE_RELAYED &&
		!ice_conv_sa(&sa, &nc->base_addr) && !netlink_is_ours(&sa);
}


static bool any_gone(const struct ice *ice)
{
	GSList *l = nice_agent_get_local_candidates(ice->agent, ice->stream,
						    ICE_COMP);
	bool gone = false;
	GSList *i;

	for (i = l; i && !gone; i = i->next)
		gone = is_gone(i->data);
	g_slist_free_full(l, (GDestroyNotify)nice_candidate_free);

	return gone;
}


/**
 * Tell if an address of ours has gone that is needed: that of the pair in use,
 * or any if there is none in use, or it goes by TURN
 *
 * @param ice ICE
 *
 * @return true if so
 */
bool ice_is_stale(const struct ice *ice)
{
	NiceCandidate *local, *remote;

	if (!ice || !ice->gathering)
		return false;

	if (nice_agent_get_selected_pair(ice->agent, ice->stream, ICE_COMP,
					 &local, &remote) &&
	    local->type != NICE_CANDIDATE_TYPE_RELAYED)
		return is_gone(local);

	return any_gone(ice);
}


/* The remote's candidates, also those that were learned from its checks */
static void hand_over(struct ice *ice, GSList *remotel)
{
	GSList *i;

	if (!ice->remote)
		return;

	(void)nice_agent_set_remote_credentials(ice->agent, ice->stream,
						ice->rufrag, ice->rpwd);

	for (i = remotel; i; i = i->next) {
		NiceCandidate *nc = i->data;

		if (nc->type == NICE_CANDIDATE_TYPE_PEER_REFLEXIVE)
			nc->type = NICE_CANDIDATE_TYPE_SERVER_REFLEXIVE;
	}

	(void)nice_agent_set_remote_candidates(ice->agent, ice->stream,
					       ICE_COMP, remotel);
	if (ice->remote_done)
		(void)nice_agent_peer_candidate_gathering_done(ice->agent,
							       ice->stream);
}


static int make_anew(struct ice *ice, const struct peer_config *cfg,
		     const char *ufrag, const char *pwd, bool several)
{
	int err;

	ice->turn = false;
	err = ice_make(ice, cfg);
	if (err)
		return err;

	if (!nice_agent_set_local_credentials(ice->agent, ice->stream, ufrag,
					      pwd))
		return EINVAL;

	err = ice_get_credentials(ice);
	if (err)
		return err;

	ice->gathering = false;

	return ice_gather(ice, several);
}


/**
 * Gather anew, and look for a pair from our new addresses. What was in use is
 * lost until then
 *
 * @param ice ICE
 * @param cfg Configuration, used in here only
 *
 * @return 0 if success; EINVAL, ENOMEM; EADDRNOTAVAIL if there is no address:
 *         all is as it was, then
 */
int ice_renew(struct ice *ice, const struct peer_config *cfg)
{
	struct ice_early *early;
	NiceAgent *agent;
	GSList *remotel;
	gchar *ufrag, *pwd;
	guint stream;
	bool turn, gathering;
	int err;

	if (!ice || !cfg)
		return EINVAL;

	early     = ice->early;
	agent     = ice->agent;
	stream    = ice->stream;
	turn      = ice->turn;
	gathering = ice->gathering;
	ufrag     = g_strdup(ice->ufrag);
	pwd       = g_strdup(ice->pwd);
	remotel   = nice_agent_get_remote_candidates(agent, stream, ICE_COMP);

	ice->early  = NULL;
	ice->agent  = NULL;
	ice->stream = 0;
	err = make_anew(ice, cfg, ufrag, pwd, early && !ice->go_direct);
	if (err) {
		ice->early = early;
		if (ice->agent)
			ice_drop_agent(ice, ice->agent, ice->stream, false);
		ice->agent     = agent;
		ice->stream    = stream;
		ice->turn      = turn;
		ice->gathering = gathering;
		(void)ice_get_credentials(ice);
		goto out;
	}

	ice_path_drop(ice);
	mem_deref(early);
	ice_drop_agent(ice, agent, stream, turn);

	hand_over(ice, remotel);
	if (ice->state == ICE_CONNECTED)
		ice_event_set_state(ice, ICE_LOST);
	gloop_kick(ice->gl);

 out:
	g_slist_free_full(remotel, (GDestroyNotify)nice_candidate_free);
	g_free(ufrag);
	g_free(pwd);

	return err;
}
