/**
 * @file peer/ice_remote.c  ICE's remote: credentials, candidates, restart
 *
 * Candidates wait until the credentials that they belong to are known.
 */
#include <string.h>
#include <nice/agent.h>
#include <re.h>
#include "../base/gloop.h"
#include "../base/warm.h"
#include "peer.h"
#include "cand.h"
#include "ice.h"
#include "ice_core.h"


enum {
	WAITING_MAX  = 64,      /**< Remote candidates that wait           */
	REMOTE_MAX   = 128,     /**< Remote candidates of a generation: each
				     makes a pair with each of ours        */
};

/** A remote candidate that waits for the remote's description */
struct waiting {
	struct le le;
	struct cand cand;
};


/** Where the remote said it may be */
struct known {
	struct le le;
	struct sa addr;
};


static void waiting_destructor(void *arg)
{
	struct waiting *w = arg;

	list_unlink(&w->le);
}


static void known_destructor(void *arg)
{
	struct known *k = arg;

	list_unlink(&k->le);
}


/* Until there is media it may have to be told from another remote */
static void remember(struct ice *ice, const struct sa *addr)
{
	struct known *k;

	if (!ice->early || ice->go_direct)
		return;

	k = mem_zalloc(sizeof(*k), known_destructor);
	if (!k)
		return;

	sa_cpy(&k->addr, addr);
	list_append(&ice->remotel, &k->le, k);
}


/**
 * Tell if an address is the remote's that was set, and not of another one
 * that started with what we offered
 *
 * @param ice  ICE
 * @param addr Address that a datagram came from
 *
 * @return true if it is the remote's of the selected pair, or of a candidate
 *         that it told us
 */
bool ice_is_remote(const struct ice *ice, const struct sa *addr)
{
	NiceCandidate *local, *remote;
	struct le *le;
	struct sa sa;

	if (!ice || !addr)
		return false;

	for (le = list_head(&ice->remotel); le; le = le->next) {
		const struct known *k = le->data;

		if (sa_cmp(&k->addr, addr, SA_ALL))
			return true;
	}

	if (!nice_agent_get_selected_pair(ice->agent, ice->stream, ICE_COMP,
					  &local, &remote))
		return false;

	sa.len = sizeof(sa.u);
	nice_address_copy_to_sockaddr(&remote->addr, &sa.u.sa);

	return sa_cmp(&sa, addr, SA_ALL);
}


static void add_now(struct ice *ice, const struct cand *cand)
{
	NiceCandidate *nc;
	GSList *l;

	/* left over from before a restart, or ahead of one */
	if (cand->ufrag[0] && str_cmp(cand->ufrag, ice->rufrag))
		return;

	if (ice->remotec >= REMOTE_MAX)
		return;
	++ice->remotec;
	remember(ice, &cand->addr);

	nc = ice_conv_to(cand, ice->stream);
	if (!nc)
		return;

	/* of one each: libnice knows pairs by foundations, and with only one
	   component nothing is gained by trying the same kind but once */
	(void)re_snprintf(nc->foundation, sizeof(nc->foundation), "r%u",
			  ice->remotec);

	l = g_slist_append(NULL, nc);
	(void)nice_agent_set_remote_candidates(ice->agent, ice->stream, ICE_COMP,
					       l);
	g_slist_free(l);
	nice_candidate_free(nc);
}


/**
 * Set the remote's credentials: checks start
 *
 * @param ice   ICE
 * @param ufrag The remote's user name fragment
 * @param pwd   The remote's password
 *
 * @return 0 if success; EINVAL, ENOMEM
 */
int ice_set_remote(struct ice *ice, const char *ufrag, const char *pwd)
{
	struct le *le;

	if (!ice || !ufrag || !pwd)
		return EINVAL;

	if (!nice_agent_set_remote_credentials(ice->agent, ice->stream, ufrag,
					       pwd))
		return EINVAL;

	if (str_cmp(ice->rufrag, ufrag))
		ice->remotec = 0;

	ice->rpwd = mem_deref(ice->rpwd);
	if (str_dup(&ice->rpwd, pwd))
		return ENOMEM;

	str_ncpy(ice->rufrag, ufrag, sizeof(ice->rufrag));
	ice->remote = true;

	for (le = list_head(&ice->waitingl); le; le = le->next) {
		const struct waiting *w = le->data;

		add_now(ice, &w->cand);
	}
	list_flush(&ice->waitingl);

	if (ice->remote_done)
		(void)nice_agent_peer_candidate_gathering_done(ice->agent,
							       ice->stream);
	gloop_kick(ice->gl);

	return 0;
}


static void wait_for_remote(struct ice *ice, const struct cand *cand)
{
	struct waiting *w;

	if (list_count(&ice->waitingl) >= WAITING_MAX)
		return;

	w = mem_zalloc(sizeof(*w), waiting_destructor);
	if (!w)
		return;

	w->cand = *cand;
	list_append(&ice->waitingl, &w->le, w);
}


/**
 * Add a remote candidate; it waits if the remote's credentials, or those
 * that the candidate names, are not known yet
 *
 * @param ice  ICE
 * @param cand Candidate
 */
void ice_add_remote(struct ice *ice, const struct cand *cand)
{
	if (!ice || !cand || cand->comp != ICE_COMP || !sa_port(&cand->addr))
		return;

	if (!ice->remote ||
	    (cand->ufrag[0] && str_cmp(cand->ufrag, ice->rufrag))) {
		wait_for_remote(ice, cand);
		return;
	}

	add_now(ice, cand);
	gloop_kick(ice->gl);
}


/**
 * The remote has no more candidates (RFC 8838 section 8.2)
 *
 * @param ice ICE
 */
void ice_remote_done(struct ice *ice)
{
	if (!ice)
		return;

	ice->remote_done = true;
	if (ice->remote)
		(void)nice_agent_peer_candidate_gathering_done(ice->agent,
							       ice->stream);
}


/**
 * Restart (RFC 8445 section 9): new credentials, the same candidates. The
 * selected pair stays in use until a new one is found
 *
 * @param ice ICE
 *
 * @return 0 if success; EINVAL, ENOMEM
 */
int ice_restart(struct ice *ice)
{
	if (!ice)
		return EINVAL;

	g_object_set(ice->agent, "idle-timeout", (guint)ICE_IDLE_TIME, NULL);
	if (!nice_agent_restart_stream(ice->agent, ice->stream))
		return EINVAL;

	ice->remote      = false;
	ice->remote_done = false;
	gloop_kick(ice->gl);

	return ice_get_credentials(ice);
}
