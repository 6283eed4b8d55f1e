/**
 * @file config/iceserver.h  URIs of STUN and TURN servers
 */

int ice_server_decode(struct peer_server *srv, const struct pl *uri);
