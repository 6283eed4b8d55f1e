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
 * libnice emits signals from inside its functions, so they are noted and
 * told a moment later. Remote candidates wait until the remote's
 * credentials are known.
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


enum {
	COMP         = 1,       /**< The one component                     */
	PACING       = 5,       /**< RFC 8445's least Ta: media is there in
				     20 ms; with libnice's 20: 65 ms [ms]  */
	WAITING_MAX  = 64,      /**< Remote candidates that wait           */
	REMOTE_MAX   = 128,     /**< Remote candidates of a generation: each
				     makes a pair with each of ours        */
	IDLE         = 5000,    /**< Checks go on so long for candidates
				     that may yet come [ms]                */
	IDLE_MEDIA   = 50,      /**< The same once there is media; ticks
				     that often cost as much as media [ms] */
};

/** Something to be told, by libnice's signals */
struct event {
	struct le le;
	enum {
		EV_CAND,
		EV_GATHERED,
		EV_STATE,
		EV_PAIR,
	} type;
	struct cand cand;       /**< EV_CAND                               */
	enum ice_state state;   /**< EV_STATE                              */
};

/** A remote candidate that waits for the remote's description */
struct waiting {
	struct le le;
	struct cand cand;
};

struct ice {
	struct gloop *gl;       /**< Owner                                 */
	NiceAgent *agent;       /**< Owner                                 */
	struct ice_direct *direct; /**< Owner; NULL=all through the agent  */
	bool go_direct;         /**< Media may pass the agent by           */
	bool bursts;            /**< ... and comes in bursts               */
	guint stream;           /**< The one stream, 0=none                */
	bool turn;              /**< TURN servers are in use               */
	bool gathering;         /**< ice_gather() was called               */
	bool remote;            /**< The remote's credentials are known    */
	bool remote_done;       /**< The remote has no more candidates     */
	enum ice_state state;   /**< As told by libnice                    */
	char *ufrag;            /**< Owner; ours                           */
	char *pwd;              /**< Owner; ours                           */
	char rufrag[257];       /**< The remote's                          */
	unsigned remotec;       /**< Its candidates of this generation     */
	struct list eventl;     /**< Owner; struct event                   */
	struct list waitingl;   /**< Owner; struct waiting                 */
	struct tmr tmr;         /**< Tells the events                      */
	struct warm warm;       /**< What a packet that comes will need    */
	struct ice_handlers h;  /**< Handlers                              */
	void *arg;              /**< Handler argument                      */
};


static void event_destructor(void *arg)
{
	struct event *ev = arg;

	list_unlink(&ev->le);
}


static void waiting_destructor(void *arg)
{
	struct waiting *w = arg;

	list_unlink(&w->le);
}


static void destructor(void *arg)
{
	struct ice *ice = arg;

	tmr_cancel(&ice->tmr);
	list_flush(&ice->eventl);
	list_flush(&ice->waitingl);

	/* its socket before the agent's, whose address it shares */
	mem_deref(ice->direct);

	if (ice->agent) {
		g_signal_handlers_disconnect_by_data(ice->agent, ice);
		if (ice->stream)
			(void)nice_agent_attach_recv(ice->agent, ice->stream,
					COMP, gloop_context(ice->gl), NULL,
					NULL);
	}

	/* the agent before its context */
	if (!ice->agent || !ice->turn || !ice_linger(ice->agent, ice->gl)) {
		if (ice->agent)
			g_object_unref(ice->agent);
		mem_deref(ice->gl);
	}

	g_free(ice->ufrag);
	g_free(ice->pwd);
}


/* With the pair that is selected now, if it can be */
static void direct_update(struct ice *ice)
{
	int err;

	if (!ice->go_direct || !ice->h.recvh)
		return;

	g_object_set(ice->agent, "idle-timeout", (guint)IDLE_MEDIA, NULL);

	ice->direct = mem_deref(ice->direct);

	err = ice_direct_alloc(&ice->direct, ice->agent, ice->stream,
			       ice->bursts, &ice->warm, ice->h.recvh, ice->arg);
	if (err)
		clog_debug("ice: media through libnice (%m)\n", err);
}


static void tell(struct ice *ice, const struct event *ev)
{
	switch (ev->type) {

	case EV_CAND:
		if (ice->h.candh)
			ice->h.candh(&ev->cand, ice->arg);
		break;

	case EV_GATHERED:
		if (ice->h.gatherh)
			ice->h.gatherh(ice->arg);
		break;

	case EV_STATE:
		if (ice->h.stateh)
			ice->h.stateh(ev->state, ice->arg);
		break;

	case EV_PAIR:
		direct_update(ice);
		break;
	}
}


/* Any handler may deref the ice */
static void tell_handler(void *arg)
{
	struct ice *ice = arg;
	struct le *le;

	mem_ref(ice);

	while (mem_nrefs(ice) > 1 && (le = list_head(&ice->eventl))) {
		struct event *ev = le->data;

		list_unlink(&ev->le);
		tell(ice, ev);
		mem_deref(ev);
	}

	mem_deref(ice);
}


static struct event *event_add(struct ice *ice)
{
	struct event *ev;

	ev = mem_zalloc(sizeof(*ev), event_destructor);
	if (!ev)
		return NULL;

	list_append(&ice->eventl, &ev->le, ev);
	tmr_start(&ice->tmr, 0, tell_handler, ice);

	return ev;
}


static void cand_handler(NiceAgent *agent, NiceCandidate *nc, gpointer arg)
{
	struct ice *ice = arg;
	struct event *ev;
	struct cand c;

	(void)agent;

	if (ice_conv_from(&c, nc, ice->ufrag))
		return;

	ev = event_add(ice);
	if (ev) {
		ev->type = EV_CAND;
		ev->cand = c;
	}
}


static void gathered_handler(NiceAgent *agent, guint stream, gpointer arg)
{
	struct event *ev = event_add(arg);

	(void)agent;
	(void)stream;

	if (ev)
		ev->type = EV_GATHERED;
}


static void set_state(struct ice *ice, enum ice_state state)
{
	struct event *ev;

	if (ice->state == state)
		return;

	ice->state = state;

	ev = event_add(ice);
	if (ev) {
		ev->type  = EV_STATE;
		ev->state = state;
	}
}


/* During a restart libnice goes back to gathering, but the old pair stays
 * in use: only what has an effect on sending is a state here */
static void state_handler(NiceAgent *agent, guint stream, guint comp,
			  guint state, gpointer arg)
{
	struct ice *ice = arg;

	(void)agent;
	(void)stream;
	(void)comp;

	switch (state) {

	case NICE_COMPONENT_STATE_CONNECTED:
	case NICE_COMPONENT_STATE_READY:
		set_state(ice, ICE_CONNECTED);
		break;

	case NICE_COMPONENT_STATE_FAILED:
		if (ice->state == ICE_CONNECTED || ice->state == ICE_LOST)
			set_state(ice, ICE_LOST);
		else if (ice->remote_done)
			set_state(ice, ICE_FAILED);
		break;

	default:
		if (ice->state == ICE_FAILED)
			set_state(ice, ICE_IDLE);
		break;
	}
}


static void pair_handler(NiceAgent *agent, guint stream, guint comp,
			 NiceCandidate *local, NiceCandidate *remote,
			 gpointer arg)
{
	struct ice *ice = arg;
	struct event *ev;

	(void)agent;
	(void)stream;
	(void)comp;
	(void)local;
	(void)remote;

	ev = ice->go_direct ? event_add(ice) : NULL;
	if (ev)
		ev->type = EV_PAIR;
}


static void recv_handler(NiceAgent *agent, guint stream, guint comp,
			 guint len, gchar *buf, gpointer arg)
{
	struct ice *ice = arg;

	(void)agent;
	(void)stream;
	(void)comp;

	if (ice->h.recvh && len)
		ice->h.recvh((uint8_t *)buf, len, ice->arg);
}


static int get_credentials(struct ice *ice)
{
	g_free(ice->ufrag);
	g_free(ice->pwd);
	ice->ufrag = ice->pwd = NULL;

	if (!nice_agent_get_local_credentials(ice->agent, ice->stream,
					      &ice->ufrag, &ice->pwd))
		return ENOMEM;

	return 0;
}


/* Regular nomination (RFC 8445; aggressive is gone there), no TCP, no UPnP */
static int make_agent(struct ice *ice, const struct peer_config *cfg)
{
	const NiceAgentOption opt = NICE_AGENT_OPTION_REGULAR_NOMINATION |
		NICE_AGENT_OPTION_ICE_TRICKLE |
		NICE_AGENT_OPTION_CONSENT_FRESHNESS;

	ice->agent = nice_agent_new_full(gloop_context(ice->gl),
					 NICE_COMPATIBILITY_RFC5245, opt);
	if (!ice->agent)
		return ENOMEM;

	g_object_set(ice->agent, "upnp", FALSE, "ice-tcp", FALSE,
		     "stun-pacing-timer", (guint)PACING,
		     "force-relay", (gboolean)cfg->relay_only, NULL);

	g_signal_connect(ice->agent, "new-candidate-full",
			 G_CALLBACK(cand_handler), ice);
	g_signal_connect(ice->agent, "candidate-gathering-done",
			 G_CALLBACK(gathered_handler), ice);
	g_signal_connect(ice->agent, "component-state-changed",
			 G_CALLBACK(state_handler), ice);
	g_signal_connect(ice->agent, "new-selected-pair-full",
			 G_CALLBACK(pair_handler), ice);

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
		nice_agent_set_port_range(ice->agent, ice->stream, COMP,
					  cfg->port_min, cfg->port_max ?
					  cfg->port_max : 65535);

	err = ice_setup_addrs(ice->agent, cfg);
	if (err)
		return err;

	err = ice_setup_servers(ice->agent, ice->stream, cfg, &ice->turn);
	if (err)
		return err;

	if (!nice_agent_attach_recv(ice->agent, ice->stream, COMP,
				    gloop_context(ice->gl), recv_handler,
				    ice))
		return ENOMEM;

	return get_credentials(ice);
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

	err = gloop_share(&ice->gl);
	if (!err)
		err = make_agent(ice, cfg);
	if (!err)
		err = make_stream(ice, cfg);

	if (err)
		mem_deref(ice);
	else
		*icep = ice;

	return err;
}


/**
 * Set the role (RFC 8445 section 6.1.1): the offerer controls
 *
 * @param ice         ICE
 * @param controlling True for the controlling role
 */
void ice_set_controlling(struct ice *ice, bool controlling)
{
	if (ice)
		g_object_set(ice->agent, "controlling-mode",
			     (gboolean)controlling, NULL);
}


/**
 * Start gathering local candidates; once only
 *
 * @param ice ICE
 *
 * @return 0 if success, or already started; EINVAL; EADDRNOTAVAIL if no
 *         socket can be opened: no address, or no port left in the range
 */
int ice_gather(struct ice *ice)
{
	bool ok;

	if (!ice)
		return EINVAL;
	if (ice->gathering)
		return 0;

	/* its sockets are not libre's to watch */
	fdset_low_block();
	ok = nice_agent_gather_candidates(ice->agent, ice->stream);
	fdset_low_free();
	if (!ok)
		return EADDRNOTAVAIL;

	ice_setup_sockets(ice->agent, ice->stream);
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

	nc = ice_conv_to(cand, ice->stream);
	if (!nc)
		return;

	l = g_slist_append(NULL, nc);
	(void)nice_agent_set_remote_candidates(ice->agent, ice->stream, COMP,
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
 * @return 0 if success; EINVAL
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
	if (!ice || !cand || cand->comp != COMP || !sa_port(&cand->addr))
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

	g_object_set(ice->agent, "idle-timeout", (guint)IDLE, NULL);
	if (!nice_agent_restart_stream(ice->agent, ice->stream))
		return EINVAL;

	ice->remote      = false;
	ice->remote_done = false;
	gloop_kick(ice->gl);

	return get_credentials(ice);
}


/**
 * The remote was heard again after its consent had expired. libnice never
 * takes a pair back by itself, so select it anew, which asks for consent
 *
 * @param ice ICE
 */
void ice_revive(struct ice *ice)
{
	NiceCandidate *local, *remote;
	char lfound[NICE_CANDIDATE_MAX_FOUNDATION];
	char rfound[NICE_CANDIDATE_MAX_FOUNDATION];

	if (!ice || ice->state != ICE_LOST || !ice->remote)
		return;

	if (!nice_agent_get_selected_pair(ice->agent, ice->stream, COMP,
					  &local, &remote))
		return;

	str_ncpy(lfound, local->foundation, sizeof(lfound));
	str_ncpy(rfound, remote->foundation, sizeof(rfound));
	if (nice_agent_set_selected_pair(ice->agent, ice->stream, COMP,
					 lfound, rfound))
		set_state(ice, ICE_CONNECTED);

	gloop_kick(ice->gl);
}


/**
 * Media begins: it may pass libnice by, see ice_direct.c
 *
 * @param ice    ICE
 * @param bursts Datagrams come in bursts, as those of video do
 */
void ice_go_direct(struct ice *ice, bool bursts)
{
	if (!ice)
		return;

	ice->go_direct = true;
	ice->bursts    = bursts;
	direct_update(ice);
}


/**
 * Send a datagram on the selected pair
 *
 * @param ice ICE
 * @param buf Datagram
 * @param len Length of the datagram [bytes]
 *
 * @return 0 if success; EINVAL; EAGAIN if the socket is full; ENOTCONN if
 *         there is no pair, or its consent has expired
 */
int ice_send(struct ice *ice, const uint8_t *buf, size_t len)
{
	int err;

	if (!ice || !buf || !len)
		return EINVAL;

	/* RFC 7675 section 5.1: nothing without consent */
	if (ice->direct && ice->state == ICE_CONNECTED) {
		err = ice_direct_send(ice->direct, buf, len);
		return err && err != EAGAIN ? ENOTCONN : err;
	}

	if (nice_agent_send(ice->agent, ice->stream, COMP, (guint)len,
			    (const gchar *)buf) != (gint)len)
		return ENOTCONN;

	return 0;
}


/**
 * Say what a packet that comes will need of memory
 *
 * @param ice ICE
 * @param w   List, copied
 */
void ice_set_warm(struct ice *ice, const struct warm *w)
{
	if (ice && w)
		ice->warm = *w;
}


/**
 * Add what sending needs to a list
 *
 * @param ice ICE
 * @param w   List
 */
void ice_warm(const struct ice *ice, struct warm *w)
{
	if (!ice)
		return;

	warm_add(w, ice, offsetof(struct ice, ufrag));
	if (ice->direct)
		ice_direct_warm(ice->direct, w);
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
	NiceCandidate *local, *remote;
	struct cand l, r;
	int err;

	if (!ice)
		return 0;

	err = re_hprintf(pf, "ice=%s", namev[ice->state]);
	if (err || !nice_agent_get_selected_pair(ice->agent, ice->stream,
						 COMP, &local, &remote) ||
	    ice_conv_from(&l, local, NULL) || ice_conv_from(&r, remote, NULL))
		return err;

	return re_hprintf(pf, " %s %J -> %s %J", cand_type_name(l.type),
			  &l.addr, cand_type_name(r.type), &r.addr);
}
