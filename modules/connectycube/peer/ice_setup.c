/**
 * @file peer/ice_setup.c  What ICE gathers from: addresses and servers
 */
#include <string.h>
#include <sys/socket.h>
#include <nice/agent.h>
#include <re.h>
#include "../base/log.h"
#include "peer.h"
#include "cand.h"
#include "ice.h"


static int add_addr(NiceAgent *agent, const struct sa *sa)
{
	NiceAddress na;
	int err;

	err = ice_conv_addr(&na, sa);
	if (err)
		return err;

	nice_address_set_port(&na, 0);

	return nice_agent_add_local_address(agent, &na) ? 0 : ENOMEM;
}


static bool if_handler(const char *ifname, const struct sa *sa, void *arg)
{
	(void)ifname;

	/* no other host can use these */
	if (!sa_isset(sa, SA_ADDR) || sa_is_loopback(sa) ||
	    sa_is_linklocal(sa))
		return false;

	(void)add_addr(arg, sa);

	return false;
}


/**
 * Tell the agent which local addresses to gather from
 *
 * @param agent Agent
 * @param cfg   Configuration: bind, loopback
 *
 * @return 0 if success; EINVAL if bind is not an address; ENOMEM
 */
int ice_setup_addrs(NiceAgent *agent, const struct peer_config *cfg)
{
	struct sa sa;
	int err;

	if (cfg->bind[0]) {
		if (sa_set_str(&sa, cfg->bind, 0))
			return EINVAL;

		return add_addr(agent, &sa);
	}

	err = net_if_apply(if_handler, agent);
	if (err)
		return err;

	if (cfg->loopback && !sa_set_str(&sa, "127.0.0.1", 0))
		err = add_addr(agent, &sa);

	return err;
}


static int add_turn(NiceAgent *agent, unsigned stream,
		    const struct peer_server *srv)
{
	NiceRelayType type;

	switch (srv->type) {

	case PEER_TURN_TCP: type = NICE_RELAY_TYPE_TURN_TCP; break;
	case PEER_TURN_TLS: type = NICE_RELAY_TYPE_TURN_TLS; break;
	default:            type = NICE_RELAY_TYPE_TURN_UDP; break;
	}

	if (!nice_agent_set_relay_info(agent, stream, 1, srv->host, srv->port,
				       srv->user, srv->pass, type))
		return EINVAL;

	return 0;
}


/**
 * Tell the agent of the STUN and TURN servers
 *
 * libnice asks one STUN server only: the first one counts. It resolves
 * names by GLib's resolver, outside of this thread; of a name with several
 * addresses 0.1.21 can use the first one only (it forgets the port of the
 * others), so that an address is the safer thing to give.
 *
 * @param agent  Agent
 * @param stream Stream
 * @param cfg    Configuration: servers
 * @param turn   Set if there is a TURN server
 *
 * @return 0 if success, EINVAL if libnice refuses a server
 */
int ice_setup_servers(NiceAgent *agent, unsigned stream,
		      const struct peer_config *cfg, bool *turn)
{
	bool stun = false;
	size_t i;
	int err;

	for (i=0; i<cfg->serverc; i++) {
		const struct peer_server *srv = &cfg->serverv[i];

		if (srv->type == PEER_STUN) {
			if (!stun)
				g_object_set(agent, "stun-server", srv->host,
					     "stun-server-port",
					     (guint)srv->port, NULL);
			stun = true;
			continue;
		}

		err = add_turn(agent, stream, srv);
		if (err) {
			clog_warning("ice: TURN server %s:%u refused (%m)\n",
				     srv->host, srv->port, err);
			return err;
		}
		*turn = true;
	}

	return 0;
}


/**
 * Have the kernel keep more of what arrives or leaves at once, as far as the
 * system's limits go (net.core.rmem_max, wmem_max)
 *
 * @param fd UDP socket
 */
void ice_setup_buffers(int fd)
{
	const int size = ICE_SOCK_BUF;

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
}


/**
 * The same for the agent's own UDP sockets, which media takes if it goes by
 * TURN
 *
 * @param agent  Agent, gathering
 * @param stream Stream
 */
void ice_setup_sockets(NiceAgent *agent, unsigned stream)
{
	GPtrArray *v;
	guint i;

	v = nice_agent_get_sockets(agent, stream, 1);
	for (i=0; v && i<v->len; i++) {
		GSocket *sock = g_ptr_array_index(v, i);

		if (g_socket_get_socket_type(sock) == G_SOCKET_TYPE_DATAGRAM)
			ice_setup_buffers(g_socket_get_fd(sock));
	}

	if (v)
		g_ptr_array_unref(v);
}
