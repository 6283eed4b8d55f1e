/**
 * @file call/host/network.c  This host's network changes: both sides are told
 *
 *   base/netlink --> event --> SIP: transports, REGISTER, re-INVITE
 *                         |         (sip/moved.c)
 *                         `--> each cloud user: its link, its calls' ICE
 *
 * baresip itself looks once a minute only.
 */
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "base/netlink.h"
#include "peer/peer.h"
#include "cube/cube.h"
#include "audio/audio.h"
#include "video/video.h"
#include "sip/sip.h"
#include "config/config.h"
#include "call/event.h"
#include "call/raise.h"
#include "config/users.h"
#include "call/bridge.h"


static struct netlink *netlink;
static struct event_sub *sub;


static void change_handler(void *arg)
{
	(void)arg;

	raise_network();
}


static void event_handler(const struct event *ev, void *arg)
{
	struct le *le;
	(void)ev;
	(void)arg;

	sip_network_changed();

	for (le = bridge_exts()->head; le; le = le->next) {
		struct ext *ext = le->data;

		cube_network_changed(ext->cube);
	}
}


/**
 * Listen to changes of this host's network
 */
void network_init(void)
{
	int err;

	err = event_subscribe(&sub, EVENT_HOST, event_handler, NULL);
	if (!err)
		err = netlink_alloc(&netlink, change_handler, NULL);

	if (err)
		clog_warning("changes of the network are noticed"
			     " late (%m)\n", err);
}


/**
 * Undo network_init()
 */
void network_close(void)
{
	netlink = mem_deref(netlink);
	sub     = mem_deref(sub);
	sip_network_close();
}
