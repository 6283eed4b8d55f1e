/**
 * @file peer/ice_linger.c  Agents that release what they have at TURN servers
 *
 * Allocations at TURN servers are released by a request, which takes the
 * agent and its loop some round trips after the call is over.
 */
#include <nice/agent.h>
#include <re.h>
#include "../base/gloop.h"
#include "peer.h"
#include "cand.h"
#include "ice.h"


enum {
	LINGER = 10000,         /**< Longest wait for TURN's release [ms]  */
};

/** An agent that outlives its ice to release what it has at TURN servers */
struct lingering {
	struct le le;
	struct tmr tmr;
	NiceAgent *agent;       /**< Owner                                 */
	struct gloop *gl;       /**< Owner                                 */
};

static struct list lingerl;


static void linger_destructor(void *arg)
{
	struct lingering *l = arg;

	list_unlink(&l->le);
	tmr_cancel(&l->tmr);
	g_object_unref(l->agent);
	mem_deref(l->gl);
}


static void linger_timeout(void *arg)
{
	mem_deref(arg);
}


static void linger_done(GObject *obj, GAsyncResult *res, gpointer arg)
{
	struct lingering *l = arg;
	struct le *le;

	(void)obj;
	(void)res;

	/* it may have timed out before; never from inside the dispatch */
	for (le = list_head(&lingerl); le; le = le->next) {
		if (le->data == l)
			tmr_start(&l->tmr, 0, linger_timeout, l);
	}
}


/**
 * Keep an agent and its loop until its allocations are released
 *
 * @param agent Agent; taken over, if successful
 * @param gl    Its loop
 *
 * @return false if out of memory: the caller keeps the agent
 */
bool ice_linger(NiceAgent *agent, struct gloop *gl)
{
	struct lingering *l;

	l = mem_zalloc(sizeof(*l), linger_destructor);
	if (!l)
		return false;

	l->agent = agent;
	l->gl    = mem_ref(gl);
	list_append(&lingerl, &l->le, l);
	tmr_start(&l->tmr, LINGER, linger_timeout, l);

	/* the task's callback runs in the context that is default now */
	g_main_context_push_thread_default(gloop_context(l->gl));
	nice_agent_close_async(l->agent, linger_done, l);
	g_main_context_pop_thread_default(gloop_context(l->gl));
	gloop_kick(l->gl);

	return true;
}


/**
 * Drop the agents that still release allocations at TURN servers
 */
void ice_close(void)
{
	list_flush(&lingerl);
}
