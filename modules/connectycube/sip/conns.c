/**
 * @file sip/conns.c  Connections to the SIP port: whose are taken, how long
 *
 *   hostconn.c (libre) --> conns.c --> connlim.c (who goes for whom)
 *
 * Anybody may connect, and within a call must be able to. But libre watches so
 * many file descriptors in all (base/fdset.c), and calls need them.
 */
#include <re.h>
#include <baresip.h>
#include "base/fdset.h"
#include "sip/sip.h"
#include "sip/leg.h"
#include "sip/host.h"
#include "sip/pure/connlim.h"


enum {
	SHARE   = 4,            /* one in so many of libre's may be taken */
	FIRST   = 10*1000,      /* a stranger's first message comes by then;
				   libre waits 32 s [ms] */
	LINGER  = 2*1000,       /* a stranger that was refused reads it [ms] */
};


static void see_handler(void *conn, const struct sa *peer, uint64_t left,
			void *arg)
{
	connlim_see(arg, conn, peer, !sip_room_knows(peer), left);
}


static bool connect_handler(const struct sa *peer)
{
	struct connlim cl = {
		.peer = peer,
		.stranger = !sip_room_knows(peer),
		.max = fdset_low_size() / SHARE,
	};
	void *victim;
	bool take;

	host_conns(see_handler, &cl);

	take = connlim_take(&cl, &victim);
	if (victim)
		(void)host_conn_expire(victim, 0);

	if (victim || !take)
		request_tell_full(peer);

	return take;
}


static void taken_handler(void *conn, const struct sa *peer, uint64_t left,
			  void *arg)
{
	(void)arg;

	if (left > FIRST && !sip_room_knows(peer))
		(void)host_conn_expire(conn, FIRST);
}


/**
 * There may be new transports
 */
void conns_transports(void)
{
	host_take_datagrams();
	host_guard(connect_handler, taken_handler);
}


/**
 * A request was handled. A stranger's connection is not kept for longer than
 * its answer needs, unless it is for a call
 *
 * @param msg Request
 */
void conns_handled(const struct sip_msg *msg)
{
	if (msg->tp != SIP_TRANSP_TCP && msg->tp != SIP_TRANSP_TLS)
		return;

	if (!sip_room_knows(&msg->src) && !host_has_dialog(msg))
		(void)host_conn_expire(msg->sock, LINGER);
}


/**
 * Let libre alone
 */
void conns_close(void)
{
	host_guard(NULL, NULL);
}
