/**
 * @file config/iceserver.c  URIs of STUN and TURN servers (RFC 7064, RFC 7065)
 *
 *   stun:HOST[:PORT]
 *   turn:HOST[:PORT][?transport=udp|tcp]
 *   turns:HOST[:PORT][?transport=tcp]
 *
 * HOST is a name, an IPv4 address, or an IPv6 address in brackets. Pure.
 */
#include <string.h>
#include <re.h>
#include "base/text.h"
#include "peer/peer.h"
#include "iceserver.h"


enum {
	PORT      = 3478,       /**< STUN and TURN (RFC 8489, 8.1)         */
	PORT_TURNS = 5349,      /**< TURN over TLS (RFC 8656, 3)           */
};


/* What stands before a character, which is skipped; false if there is none */
static bool split(struct pl *head, struct pl *pl, char c)
{
	const char *p = pl_strchr(pl, c);

	if (!p)
		return false;

	head->p = pl->p;
	head->l = p - pl->p;
	pl_advance(pl, head->l + 1);

	return true;
}


static int decode_type(struct peer_server *srv, const struct pl *scheme,
		       const struct pl *query)
{
	bool tcp = false;

	if (query->l && !pl_strcasecmp(query, "transport=tcp"))
		tcp = true;
	else if (query->l && pl_strcasecmp(query, "transport=udp"))
		return EINVAL;

	if (!pl_strcasecmp(scheme, "stun"))
		srv->type = PEER_STUN;
	else if (!pl_strcasecmp(scheme, "turn"))
		srv->type = tcp ? PEER_TURN_TCP : PEER_TURN_UDP;
	else if (!pl_strcasecmp(scheme, "turns"))
		srv->type = PEER_TURN_TLS;
	else
		return EINVAL;

	/* there is neither STUN with a transport nor TURN over DTLS here */
	if (query->l && (srv->type == PEER_STUN ||
			 (srv->type == PEER_TURN_TLS && !tcp)))
		return EINVAL;

	return 0;
}


/* HOST or [HOST]; what follows it stays in pl */
static int decode_host(struct peer_server *srv, struct pl *pl)
{
	struct pl host = PL_INIT;
	struct sa sa;
	size_t i;

	if (pl->l && *pl->p == '[') {
		pl_advance(pl, 1);
		if (!split(&host, pl, ']') || sa_set(&sa, &host, 0) ||
		    sa_af(&sa) != AF_INET6)
			return EINVAL;
	}
	else {
		const char *colon = pl_strchr(pl, ':');

		host.p = pl->p;
		host.l = colon ? (size_t)(colon - pl->p) : pl->l;
		pl_advance(pl, host.l);

		for (i=0; i<host.l; i++) {
			if (strchr("/[]@ \t", host.p[i]))
				return EINVAL;
		}
	}

	if (!host.l || host.l >= sizeof(srv->host))
		return EINVAL;

	return text_str(srv->host, sizeof(srv->host), &host);
}


static int decode_port(struct peer_server *srv, struct pl *pl)
{
	uint32_t port;
	size_t i;

	if (!pl->l) {
		srv->port = srv->type == PEER_TURN_TLS ? PORT_TURNS : PORT;
		return 0;
	}

	if (*pl->p != ':' || pl->l < 2 || pl->l > 6)
		return EINVAL;

	pl_advance(pl, 1);
	for (i=0; i<pl->l; i++) {
		if (pl->p[i] < '0' || pl->p[i] > '9')
			return EINVAL;
	}

	port = pl_u32(pl);
	if (!port || port > 65535)
		return EINVAL;

	srv->port = (uint16_t)port;

	return 0;
}


/**
 * Decode the URI of a server
 *
 * @param srv Server: its type, host and port are set
 * @param uri URI, without anything behind it
 *
 * @return 0 if success, otherwise EINVAL
 */
int ice_server_decode(struct peer_server *srv, const struct pl *uri)
{
	struct pl pl, scheme, addr, query = PL_INIT;
	int err;

	if (!srv || !uri || !uri->p)
		return EINVAL;

	pl = *uri;
	if (!split(&scheme, &pl, ':'))
		return EINVAL;

	addr = pl;
	if (split(&addr, &pl, '?')) {
		query = pl;
		if (!query.l)
			return EINVAL;
	}

	err = decode_type(srv, &scheme, &query);
	if (err)
		return err;

	err = decode_host(srv, &addr);
	if (err)
		return err;

	return decode_port(srv, &addr);
}
