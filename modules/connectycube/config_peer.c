/**
 * @file config_peer.c  The configuration keys of WebRTC
 *
 *   connectycube_ice_server    URI[;user=U;pass=P]     none, up to 8
 *   connectycube_ice_ports     MIN-MAX                 any
 *   connectycube_ice_bind      ADDRESS                 all interfaces
 *   connectycube_ice_gather    100-10000 ms            2000
 *   connectycube_loopback      yes|no                  no
 *   connectycube_relay_only    yes|no                  no
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "peer/peer.h"
#include "media/media.h"
#include "video/video.h"
#include "iceserver.h"
#include "confget.h"
#include "config.h"


/* A parameter that fits, or none */
static int server_param(char *str, size_t size, const struct pl *params,
			const char *name)
{
	struct pl pl;

	if (msg_param_decode(params, name, &pl))
		return 0;

	return pl.l < size ? pl_strcpy(&pl, str, size) : EOVERFLOW;
}


/* An URI, then ;user= and ;pass= or ;pass_file= or ;pass_env= */
static int ice_server(const struct pl *val, void *arg)
{
	const char *key = "connectycube_ice_server";
	struct bridge_config *cfg = arg;
	struct pl uri = *val, params = PL_INIT;
	struct pl pl = PL_INIT, file = PL_INIT, env = PL_INIT;
	struct peer_server *srv;
	const char *semi;
	char *secret = NULL;
	int err;

	if (cfg->peer.serverc >= ARRAY_SIZE(cfg->serverv)) {
		warning("connectycube: config: more than %zu %s\n",
			ARRAY_SIZE(cfg->serverv), key);
		return E2BIG;
	}

	srv = &cfg->serverv[cfg->peer.serverc];

	/* what follows holds a secret and is not for the log */
	semi = pl_strchr(val, ';');
	if (semi) {
		uri.l = semi - val->p;
		params = *val;
		pl_advance(&params, uri.l);
	}

	while (uri.l && strchr(" \t", uri.p[uri.l - 1]))
		--uri.l;

	if (ice_server_decode(srv, &uri))
		return cfg_bad(key, &uri, "a STUN or TURN URI");

	if (server_param(srv->user, sizeof(srv->user), &params, "user"))
		return cfg_bad(key, &uri, "given a user that is short enough");

	(void)msg_param_decode(&params, "pass", &pl);
	(void)msg_param_decode(&params, "pass_file", &file);
	(void)msg_param_decode(&params, "pass_env", &env);

	err = config_secret(&secret, key, &pl, &file, &env);
	if (err)
		return err;

	if (str_len(secret) >= sizeof(srv->pass))
		err = cfg_bad(key, &uri, "given a password that is short enough");
	else if (secret)
		str_ncpy(srv->pass, secret, sizeof(srv->pass));
	mem_deref(secret);
	if (err)
		return err;

	++cfg->peer.serverc;

	return 0;
}


static int get_ports(struct peer_config *peer, const struct conf *conf)
{
	const char *key = "connectycube_ice_ports";
	struct pl pl, min, max;
	uint32_t lo, hi;

	if (conf_get(conf, key, &pl))
		return 0;

	if (re_regex(pl.p, pl.l, "[0-9]+-[0-9]+", &min, &max))
		return cfg_bad(key, &pl, "MIN-MAX");

	lo = pl_u32(&min);
	hi = pl_u32(&max);

	if (lo < 1024 || hi > 65535 || lo > hi)
		return cfg_bad(key, &pl, "a range within 1024-65535");

	peer->port_min = (uint16_t)lo;
	peer->port_max = (uint16_t)hi;

	return 0;
}


/**
 * Read and check the keys of WebRTC. What is wrong is said in the log
 *
 * @param cfg  Configuration, filled in
 * @param conf baresip's configuration
 *
 * @return 0 if success, otherwise errorcode
 */
int config_read_peer(struct bridge_config *cfg, const struct conf *conf)
{
	struct peer_config *peer = &cfg->peer;
	struct pl pl;
	int err;

	peer->serverv = cfg->serverv;

	err = conf_apply(conf, "connectycube_ice_server", ice_server, cfg);
	if (err)
		return err;

	err = get_ports(peer, conf);
	if (err)
		return err;

	if (0 == conf_get(conf, "connectycube_ice_bind", &pl)) {
		struct sa sa;

		(void)pl_strcpy(&pl, peer->bind, sizeof(peer->bind));
		if (sa_set_str(&sa, peer->bind, 0))
			return cfg_bad("connectycube_ice_bind", &pl,
				   "an IP address");
	}

	err = cfg_u32(&peer->gather_max, conf, "connectycube_ice_gather",
		      100, 10000, 2000);
	if (err)
		return err;

	err = cfg_bool(&peer->loopback, conf, "connectycube_loopback", false);
	if (err)
		return err;

	return cfg_bool(&peer->relay_only, conf, "connectycube_relay_only",
			false);
}
