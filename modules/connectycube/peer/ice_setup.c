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
#include "turn.h"


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


/* No other host can use these */
static bool is_local(const struct sa *sa)
{
	return !sa_isset(sa, SA_ADDR) || sa_is_loopback(sa) ||
		sa_is_linklocal(sa);
}


static bool if_handler(const char *ifname, const struct sa *sa, void *arg)
{
	(void)ifname;

	if (!is_local(sa))
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


static bool is_ipv4_handler(const char *ifname, const struct sa *sa, void *arg)
{
	(void)ifname;
	(void)arg;

	return sa_af(sa) == AF_INET && !is_local(sa);
}


/* libnice asks a server from addresses of its family only */
static int front_af(const struct peer_config *cfg)
{
	struct sa sa;

	if (cfg->bind[0] && !sa_set_str(&sa, cfg->bind, 0))
		return sa_af(&sa);

	return cfg->loopback || net_if_apply(is_ipv4_handler, NULL) ?
		AF_INET : AF_INET6;
}


/**
 * Open what servers need on this host, and check it. Peers do so by
 * themselves, but then it is too late to say what is wrong
 *
 * @param cfg Configuration: servers, bind, ca_file
 *
 * @return 0 if success; EINVAL; ENOMEM; ENOENT if no CAs can be read; or the
 *         errors of sockets
 */
int peer_open_servers(const struct peer_config *cfg)
{
	struct sa sa;
	size_t i;
	int err;

	if (!cfg)
		return EINVAL;

	for (i=0; i<cfg->serverc; i++) {

		if (cfg->serverv[i].type != PEER_TURN_TLS)
			continue;

		err = turn_front_find(&cfg->serverv[i], cfg, front_af(cfg),
				      &sa);
		if (err)
			return err;
	}

	return 0;
}


/* TLS is not libnice's: see turn_front.c */
static int add_turn(NiceAgent *agent, unsigned stream,
		    const struct peer_config *cfg,
		    const struct peer_server *srv)
{
	const char *host = srv->host;
	uint16_t port = srv->port;
	NiceRelayType type;
	char buf[64];
	struct sa sa;
	int err;

	switch (srv->type) {

	case PEER_TURN_TLS:
		err = turn_front_find(srv, cfg, front_af(cfg), &sa);
		if (err)
			return err;
		(void)re_snprintf(buf, sizeof(buf), "%j", &sa);
		host = buf;
		port = sa_port(&sa);
		type = NICE_RELAY_TYPE_TURN_TCP;
		break;

	case PEER_TURN_TCP:
		type = NICE_RELAY_TYPE_TURN_TCP;
		break;

	default:
		type = NICE_RELAY_TYPE_TURN_UDP;
		break;
	}

	if (!nice_agent_set_relay_info(agent, stream, 1, host, port,
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
 * @param cfg    Configuration: servers, bind, ca_file
 * @param turn   Set if there is a TURN server
 *
 * @return 0 if success, EINVAL if libnice refuses a server, or the errors of
 *         peer_open_servers()
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

		err = add_turn(agent, stream, cfg, srv);
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
