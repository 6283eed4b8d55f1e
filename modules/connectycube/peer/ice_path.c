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
 * Let go of our own sockets: before the agent's, whose addresses they share
 *
 * @param ice ICE
 */
void ice_path_drop(struct ice *ice)
{
	list_flush(&ice->sidel);
	ice->direct = mem_deref(ice->direct);
	ice->awayc  = 0;
}


/**
 * Take a packet that passed libnice by, see ice_direct.c
 *
 * @param d   Where it came
 * @param src Its source
 * @param buf Packet
 * @param len Length of the packet [bytes]
 * @param arg ICE
 */
void ice_path_recv(struct ice_direct *d, const struct sa *src, uint8_t *buf,
		   size_t len, void *arg)
{
	struct ice *ice = arg;

	if (ice_direct_is_remote(d, src)) {
		ice->from = ICE_FROM_PAIR;
	}
	else {
		ice->from = ICE_FROM_SRC;
		ice->by   = d;
		ice->src  = src;
	}

	ice->h.recvh(buf, len, ice->arg);
}


static int go_direct(struct ice *ice)
{
	NiceCandidate *local, *remote;
	struct sa raddr;
	GSocket *sock;
	int err;

	/* none if the pair is by TURN or TCP */
	sock = nice_agent_get_selected_socket(ice->agent, ice->stream,
					      ICE_COMP);
	if (!sock)
		return ENOTSUP;

	if (nice_agent_get_selected_pair(ice->agent, ice->stream, ICE_COMP,
					 &local, &remote))
		err = ice_conv_sa(&raddr, &remote->addr);
	else
		err = ENOTSUP;
	if (err)
		goto out;

	/* what is in a socket's queue is lost with it */
	if (ice_direct_move(ice->direct, g_socket_get_fd(sock), &raddr,
			    ice->bursts))
		goto out;

	ice_path_drop(ice);
	err = ice_direct_alloc(&ice->direct, g_socket_get_fd(sock), &raddr,
			       ice->bursts, &ice->warm, ice_path_recv, ice);

 out:

	g_object_unref(sock);

	return err;
}


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
	ice_early_close(ice->early);
	list_flush(&ice->remotel);

	list_flush(&ice->sidel);
	ice->awayc = 0;
	err = go_direct(ice);
	if (!err)
		return;

	ice_path_drop(ice);
	clog_debug("ice: media through libnice (%m)\n", err);
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
 * Get the age of the media packet that is being handled
 *
 * @param ice ICE
 *
 * @return See rxage_us(); 0 also if it came through libnice
 */
uint32_t ice_rx_age(const struct ice *ice)
{
	return ice && ice->direct ? ice_direct_rx_age(ice->direct) : 0;
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
