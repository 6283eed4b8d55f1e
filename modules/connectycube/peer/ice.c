/**
 * @file peer/ice.c  ICE (RFC 8445), by libnice
 *
 *   peer --> ice --> NiceAgent <-- sockets, timers
 *    ^        |          |
 *    |        |        gloop <---- libre's loop
 *    |        v          |
 *    +---- tmr 0 ms <----+  signals: candidates, gathered, state
 *    +-------------------+  packets, directly
 *
 * The files of it are listed in ice_core.h.
 */
#include <string.h>
#include <nice/agent.h>
#include <re.h>
#include "../base/fdset.h"
#include "../base/gloop.h"
#include "../base/log.h"
#include "../base/warm.h"
#include "peer.h"
#include "cand.h"
#include "ice.h"
#include "ice_core.h"


enum {
	PACING       = 5,       /**< RFC 8445's least Ta: media is there in
				     20 ms; with libnice's 20: 65 ms [ms]  */
};

static void destructor(void *arg)
{
	struct ice *ice = arg;

	tmr_cancel(&ice->tmr);
	list_flush(&ice->eventl);
	list_flush(&ice->waitingl);
	list_flush(&ice->remotel);

	/* their sockets before the agent's, whose addresses they share */
	mem_deref(ice->early);
	ice_path_drop(ice);

	/* the agent before its context */
	if (ice->agent)
		ice_drop_agent(ice, ice->agent, ice->stream, ice->turn);
	mem_deref(ice->gl);

	g_free(ice->ufrag);
	g_free(ice->pwd);
	mem_deref(ice->rpwd);
}


/**
 * Be done with an agent; it may go on for a while, to release what it has at
 * TURN servers
 *
 * @param ice    ICE
 * @param agent  Agent, owned by the caller up to now
 * @param stream Its stream, 0=none
 * @param turn   TURN servers are in use
 */
void ice_drop_agent(struct ice *ice, NiceAgent *agent, guint stream,
		    bool turn)
{
	g_signal_handlers_disconnect_by_data(agent, ice);
	if (stream)
		(void)nice_agent_attach_recv(agent, stream, ICE_COMP,
					     gloop_context(ice->gl), NULL,
					     NULL);

	if (!turn || !ice_linger(agent, ice->gl))
		g_object_unref(agent);
}


/**
 * Learn our credentials, which a restart changes
 *
 * @param ice ICE
 *
 * @return 0 if success, ENOMEM
 */
int ice_get_credentials(struct ice *ice)
{
	g_free(ice->ufrag);
	g_free(ice->pwd);
	ice->ufrag = ice->pwd = NULL;

	if (!nice_agent_get_local_credentials(ice->agent, ice->stream,
					      &ice->ufrag, &ice->pwd))
		return ENOMEM;

	return 0;
}


/* Every check nominates (RFC 5245 section 8.1.1.2, which who does not state
   ice2 may do): the first pair that works carries DTLS and media at once, and
   better ones take over as they come. With regular nomination libnice tells
   of no pair before the checks to all that cannot be reached have timed out,
   2 s after the answer. No TCP, no UPnP */
static int make_agent(struct ice *ice, const struct peer_config *cfg)
{
	const NiceAgentOption opt = NICE_AGENT_OPTION_ICE_TRICKLE |
		NICE_AGENT_OPTION_CONSENT_FRESHNESS;

	ice->agent = nice_agent_new_full(gloop_context(ice->gl),
					 NICE_COMPATIBILITY_RFC5245, opt);
	if (!ice->agent)
		return ENOMEM;

	g_object_set(ice->agent, "upnp", FALSE, "ice-tcp", FALSE,
		     "stun-pacing-timer", (guint)PACING,
		     "force-relay", (gboolean)cfg->relay_only,
		     "controlling-mode", (gboolean)ice->controlling, NULL);

	ice_event_connect(ice);

	return 0;
}


static int make_stream(struct ice *ice, const struct peer_config *cfg)
{
	int err;

	/* a component has a context of its own, with an fd */
	fdset_low_block();
	ice->stream = nice_agent_add_stream(ice->agent, 1);
	fdset_low_free();
	if (!ice->stream)
		return ENOMEM;

	if (cfg->port_min || cfg->port_max)
		nice_agent_set_port_range(ice->agent, ice->stream, ICE_COMP,
					  cfg->port_min, cfg->port_max ?
					  cfg->port_max : 65535);

	err = ice_setup_addrs(ice->agent, cfg);
	if (err)
		return err;

	err = ice_setup_servers(ice->agent, ice->stream, cfg, &ice->turn);
	if (err)
		return err;

	if (!nice_agent_attach_recv(ice->agent, ice->stream, ICE_COMP,
				    gloop_context(ice->gl), ice_event_recv,
				    ice))
		return ENOMEM;

	return ice_get_credentials(ice);
}


/**
 * Make an agent with its stream; nothing is sent yet
 *
 * @param ice ICE without an agent; with an error its owner drops what is there
 * @param cfg Configuration, used in here only
 *
 * @return 0 if success; EINVAL, ENOMEM
 */
int ice_make(struct ice *ice, const struct peer_config *cfg)
{
	const int err = make_agent(ice, cfg);

	return err ? err : make_stream(ice, cfg);
}


/**
 * Allocate ICE with its agent; nothing is sent yet
 *
 * @param icep Pointer to allocated object
 * @param cfg  Configuration, used in here only
 * @param h    Handlers, copied
 * @param arg  Handler argument
 *
 * @return 0 if success; EINVAL, ENOMEM, or the errors of gloop_share()
 */
int ice_alloc(struct ice **icep, const struct peer_config *cfg,
	      const struct ice_handlers *h, void *arg)
{
	struct ice *ice;
	int err;

	if (!icep || !cfg || !h)
		return EINVAL;

	ice = mem_zalloc(sizeof(*ice), destructor);
	if (!ice)
		return ENOMEM;

	tmr_init(&ice->tmr);
	ice->h   = *h;
	ice->arg = arg;
	ice->controlling = true;

	err = gloop_share(&ice->gl);
	if (!err)
		err = ice_make(ice, cfg);

	if (err)
		mem_deref(ice);
	else
		*icep = ice;

	return err;
}


/**
 * Set the role (RFC 8445 section 6.1.1): the offerer controls, or the one
 * that is not lite
 *
 * @param ice         ICE
 * @param controlling True for the controlling role
 */
void ice_set_controlling(struct ice *ice, bool controlling)
{
	if (!ice)
		return;

	ice->controlling = controlling;
	g_object_set(ice->agent, "controlling-mode", (gboolean)controlling,
		     NULL);
}


/**
 * Start gathering local candidates; once only
 *
 * @param ice     ICE
 * @param several Several remotes may start with what is gathered, before one
 *                of them is set: DTLS is told with its source
 *
 * @return 0 if success, or already started; EINVAL; EADDRNOTAVAIL if no
 *         socket can be opened: no address, or no port left in the range
 */
int ice_gather(struct ice *ice, bool several)
{
	bool ok;
	int err;

	if (!ice)
		return EINVAL;
	if (ice->gathering)
		return 0;

	/* its sockets are not libre's to watch */
	fdset_low_block();
	ok = nice_agent_gather_candidates(ice->agent, ice->stream);
	fdset_low_free();
	if (!ok) {
		clog_warning("ice: no socket can be opened: is there a network,"
			     " a free port of connectycube_ice_ports, a file"
			     " descriptor?\n");
		return EADDRNOTAVAIL;
	}

	ice_setup_sockets(ice->agent, ice->stream);

	if (several && ice->h.earlyh) {
		err = ice_early_alloc(&ice->early, ice->agent, ice->stream,
				      ice->h.earlyh, ice->arg);
		if (err)
			clog_debug("ice: DTLS through libnice (%m)\n", err);
	}

	ice->gathering = true;
	gloop_kick(ice->gl);

	return 0;
}


/**
 * Get our user name fragment
 *
 * @param ice ICE
 *
 * @return User name fragment, changes with a restart
 */
const char *ice_ufrag(const struct ice *ice)
{
	return ice ? ice->ufrag : NULL;
}


/**
 * Get our password (never to be logged)
 *
 * @param ice ICE
 *
 * @return Password, changes with a restart
 */
const char *ice_pwd(const struct ice *ice)
{
	return ice ? ice->pwd : NULL;
}


/**
 * Get the state
 *
 * @param ice ICE
 *
 * @return State
 */
enum ice_state ice_state(const struct ice *ice)
{
	return ice ? ice->state : ICE_IDLE;
}


static bool selected(const struct ice *ice, struct cand *l, struct cand *r)
{
	NiceCandidate *local, *remote;

	return nice_agent_get_selected_pair(ice->agent, ice->stream, ICE_COMP,
					    &local, &remote) &&
		!ice_conv_from(l, local, NULL) &&
		!ice_conv_from(r, remote, NULL);
}


/**
 * Get the types of the selected pair's candidates
 *
 * @param ice    ICE
 * @param local  Set to the name of ours
 * @param remote Set to the name of the remote's
 *
 * @return True if there is a pair
 */
bool ice_types(const struct ice *ice, const char **local, const char **remote)
{
	struct cand l, r;

	if (!ice || !ice->agent || !selected(ice, &l, &r))
		return false;

	*local  = cand_type_name(l.type);
	*remote = cand_type_name(r.type);

	return true;
}


/**
 * Get the addresses of the selected pair
 *
 * @param ice    ICE
 * @param local  Set to our own, whatever the remote sees
 * @param remote Set to the remote's
 *
 * @return True if there is a pair
 */
bool ice_addrs(const struct ice *ice, struct sa *local, struct sa *remote)
{
	struct cand l, r;

	if (!ice || !ice->agent || !selected(ice, &l, &r))
		return false;

	*local  = sa_isset(&l.raddr, SA_ADDR) ? l.raddr : l.addr;
	*remote = r.addr;

	return true;
}


/**
 * Print the selected pair
 *
 * @param pf  Print function
 * @param ice ICE
 *
 * @return 0 if success, otherwise errorcode
 */
int ice_debug(struct re_printf *pf, const struct ice *ice)
{
	static const char *namev[] = {"idle", "connected", "lost", "failed"};
	struct cand l, r;
	int err;

	if (!ice)
		return 0;

	err = re_hprintf(pf, "ice=%s", namev[ice->state]);
	if (err || !selected(ice, &l, &r))
		return err;

	return re_hprintf(pf, " %s %J -> %s %J", cand_type_name(l.type),
			  &l.addr, cand_type_name(r.type), &r.addr);
}
