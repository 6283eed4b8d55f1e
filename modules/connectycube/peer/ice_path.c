/**
 * @file peer/ice_path.c  ICE's selected pair: media past libnice, sending
 */
#include <string.h>
#include <nice/agent.h>
#include <re.h>
#include "../base/gloop.h"
#include "../base/log.h"
#include "../base/warm.h"
#include "peer.h"
#include "cand.h"
#include "ice.h"
#include "ice_core.h"


enum {
	IDLE_MEDIA   = 50,      /**< Checks go on so long once there is media;
				     ticks cost as much as media [ms]      */
};


/**
 * Have media pass libnice by on the pair that is selected now, if it can be
 *
 * @param ice ICE
 */
void ice_path_update(struct ice *ice)
{
	int err;

	if (!ice->go_direct || !ice->h.recvh)
		return;

	g_object_set(ice->agent, "idle-timeout", (guint)IDLE_MEDIA, NULL);

	/* there is media: the one remote is known, and its DTLS is over */
	ice->early = mem_deref(ice->early);
	list_flush(&ice->remotel);
	ice->direct = mem_deref(ice->direct);

	err = ice_direct_alloc(&ice->direct, ice->agent, ice->stream,
			       ice->bursts, &ice->warm, ice->h.recvh, ice->arg);
	if (err)
		clog_debug("ice: media through libnice (%m)\n", err);
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

	if (!nice_agent_get_selected_pair(ice->agent, ice->stream, ICE_COMP,
					  &local, &remote))
		return;

	str_ncpy(lfound, local->foundation, sizeof(lfound));
	str_ncpy(rfound, remote->foundation, sizeof(rfound));
	if (nice_agent_set_selected_pair(ice->agent, ice->stream, ICE_COMP,
					 lfound, rfound))
		ice_event_set_state(ice, ICE_CONNECTED);

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
	ice_path_update(ice);
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

	if (nice_agent_send(ice->agent, ice->stream, ICE_COMP, (guint)len,
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
