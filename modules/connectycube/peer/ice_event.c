/**
 * @file peer/ice_event.c  What libnice has to tell of ICE
 *
 * libnice emits signals from inside its functions, so they are noted and told
 * a moment later, when none of its or our functions is on the stack. Packets
 * are handed on at once.
 */
#include <string.h>
#include <nice/agent.h>
#include <re.h>
#include "../base/warm.h"
#include "peer.h"
#include "cand.h"
#include "ice.h"
#include "ice_core.h"


/** Something to be told, by libnice's signals */
struct event {
	struct le le;
	enum {
		EV_CAND,
		EV_GATHERED,
		EV_STATE,
		EV_PAIR,
	} type;
	const NiceAgent *agent; /**< Whose event; never dereferenced       */
	struct cand cand;       /**< EV_CAND                               */
	enum ice_state state;   /**< EV_STATE                              */
};


static void event_destructor(void *arg)
{
	struct event *ev = arg;

	list_unlink(&ev->le);
}


static void tell(struct ice *ice, const struct event *ev)
{
	/* what an agent that was renewed had to tell is of no interest */
	if (ev->type != EV_STATE && ev->agent != ice->agent)
		return;

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
		ice_path_update(ice);
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

	ev->agent = ice->agent;
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


/**
 * Note a new state, to be told a moment later
 *
 * @param ice   ICE
 * @param state State
 */
void ice_event_set_state(struct ice *ice, enum ice_state state)
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
		ice_event_set_state(ice, ICE_CONNECTED);
		break;

	case NICE_COMPONENT_STATE_FAILED:
		if (ice->state == ICE_CONNECTED || ice->state == ICE_LOST)
			ice_event_set_state(ice, ICE_LOST);
		else if (ice->remote_done)
			ice_event_set_state(ice, ICE_FAILED);
		break;

	default:
		if (ice->state == ICE_FAILED)
			ice_event_set_state(ice, ICE_IDLE);
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


/**
 * Take a packet from libnice, see NiceAgentRecvFunc
 *
 * @param agent  Agent
 * @param stream Stream
 * @param comp   Component
 * @param len    Length of the packet [bytes]
 * @param buf    Packet
 * @param arg    ICE
 */
void ice_event_recv(NiceAgent *agent, guint stream, guint comp, guint len,
		    gchar *buf, gpointer arg)
{
	struct ice *ice = arg;

	(void)agent;
	(void)stream;
	(void)comp;

	/* which of its pairs it was libnice does not say */
	ice->from = ice->direct ? ICE_FROM_AGENT : ICE_FROM_PAIR;

	if (ice->h.recvh && len)
		ice->h.recvh((uint8_t *)buf, len, ice->arg);
}


/**
 * Listen to an agent's signals
 *
 * @param ice ICE with its agent
 */
void ice_event_connect(struct ice *ice)
{
	g_signal_connect(ice->agent, "new-candidate-full",
			 G_CALLBACK(cand_handler), ice);
	g_signal_connect(ice->agent, "candidate-gathering-done",
			 G_CALLBACK(gathered_handler), ice);
	g_signal_connect(ice->agent, "component-state-changed",
			 G_CALLBACK(state_handler), ice);
	g_signal_connect(ice->agent, "new-selected-pair-full",
			 G_CALLBACK(pair_handler), ice);
}
