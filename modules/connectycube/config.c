/**
 * @file config.c  Every configuration key: name, range, default
 *
 *   connectycube_api_url       https://host[:port]     required
 *   connectycube_chat_url      wss://host[:port]/path  required
 *   connectycube_chat_domain   NAME                    host of chat_url
 *   connectycube_app_id        NUMBER                  required
 *   connectycube_auth_key      SECRET                  required
 *   connectycube_auth_secret   SECRET                  none: not signed
 *   connectycube_ca_file       PATH                    system's CAs
 *   connectycube_chat_password user|token              user
 *   connectycube_ping          0-3600 s                30
 *   connectycube_retry_min     1-60 s                  1
 *   connectycube_retry_max     1-3600 s                60
 *   connectycube_users         PATH                    PROFILE/users
 *   connectycube_ring_time     5-600 s                 60
 *   connectycube_max_calls     0-1000                  16
 *   connectycube_latch_time    0-60 s                  5
 *   connectycube_codec_policy  opus|relay              opus
 *   connectycube_opus_complexity  0-10                 2
 *   connectycube_rtp_timeout_sip  0, 10-86400 s        0
 *   connectycube_rtp_timeout_app  0, 10-86400 s        0
 *   connectycube_rtp_keepalive 0-60 s                  15
 *   connectycube_dtmf_sip      auto|rtp|info|info-dtmf auto
 *   connectycube_dtmf_info     yes|no                  yes
 *   connectycube_dtmf_inband   auto|yes|no             auto
 *   connectycube_video...      see config_video.c
 *   connectycube_ice_server    URI[;user=U;pass=P]     none, up to 8
 *   connectycube_ice_ports     MIN-MAX                 any
 *   connectycube_ice_bind      ADDRESS                 all interfaces
 *   connectycube_ice_gather    100-10000 ms            2000
 *   connectycube_loopback      yes|no                  no
 *   connectycube_relay_only    yes|no                  no
 *
 * A secret may be given as KEY_file PATH or KEY_env NAME instead; the password
 * of a server as pass_file=PATH or pass_env=NAME.
 */
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "peer/peer.h"
#include "media/media.h"
#include "video/video.h"
#include "iceserver.h"
#include "confget.h"
#include "config.h"


static void destructor(void *data)
{
	struct bridge_config *cfg = data;

	mem_deref(cfg->api_url);
	mem_deref(cfg->chat_url);
	mem_deref(cfg->chat_domain);
	mem_deref(cfg->app_id);
	mem_deref(cfg->auth_key);
	mem_deref(cfg->auth_secret);
	mem_deref(cfg->ca_file);
	mem_deref(cfg->users);
	mem_deref(cfg->avatar);
	mem_deref(cfg->hwenc);
	mem_deref(cfg->hwdec);
	mem_deref(cfg->hwdev);
}


/**
 * Read a secret from where it is: the value itself, a file, or the
 * environment. The secret never appears in a message
 *
 * @param valp Pointer to the secret, new memory; unchanged if none is given
 * @param what Name for messages
 * @param val  The value itself, or unset
 * @param file Path of a file that holds it, or unset. One trailing line end
 *             is not part of it
 * @param env  Name of an environment variable, or unset
 *
 * @return 0 if success, otherwise errorcode
 */
int config_secret(char **valp, const char *what, const struct pl *val,
		  const struct pl *file, const struct pl *env)
{
	char path[512], buf[1024];
	const char *e;
	size_t n;
	FILE *f;

	if (pl_isset(val))
		return pl_strdup(valp, val);

	if (pl_isset(env)) {
		(void)pl_strcpy(env, path, sizeof(path));
		e = getenv(path);
		if (e)
			return str_dup(valp, e);

		warning("connectycube: %s: environment variable %s"
			" is not set\n", what, path);
		return ENOENT;
	}

	if (!pl_isset(file))
		return 0;

	(void)pl_strcpy(file, path, sizeof(path));

	f = fopen(path, "r");
	if (!f) {
		const int err = errno;

		warning("connectycube: %s: cannot read %s: %m\n", what, path,
			err);
		return err;
	}

	n = fread(buf, 1, sizeof(buf) - 1, f);
	(void)fclose(f);

	while (n && (buf[n-1] == '\n' || buf[n-1] == '\r'))
		--n;
	buf[n] = '\0';

	return str_dup(valp, buf);
}


static int get_secret(char **valp, const struct conf *conf, const char *key,
		      bool required)
{
	struct pl val = PL_INIT, file = PL_INIT, env = PL_INIT;
	char name[64];
	int err;

	(void)conf_get(conf, key, &val);

	(void)re_snprintf(name, sizeof(name), "%s_file", key);
	(void)conf_get(conf, name, &file);

	(void)re_snprintf(name, sizeof(name), "%s_env", key);
	(void)conf_get(conf, name, &env);

	err = config_secret(valp, key, &val, &file, &env);
	if (err)
		return err;

	if (required && !str_isset(*valp)) {
		warning("connectycube: config: %s is missing\n", key);
		return ENOENT;
	}

	return 0;
}


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


static int read_cloud(struct bridge_config *cfg, const struct conf *conf)
{
	int err;

	err = cfg_str(&cfg->api_url, conf, "connectycube_api_url", true);
	if (err)
		return err;

	err = cfg_str(&cfg->chat_url, conf, "connectycube_chat_url", true);
	if (err)
		return err;

	err = cfg_str(&cfg->chat_domain, conf, "connectycube_chat_domain",
		      false);
	if (err)
		return err;

	err = cfg_str(&cfg->app_id, conf, "connectycube_app_id", true);
	if (err)
		return err;

	err = get_secret(&cfg->auth_key, conf, "connectycube_auth_key", true);
	if (err)
		return err;

	err = get_secret(&cfg->auth_secret, conf, "connectycube_auth_secret",
			 false);
	if (err)
		return err;

	err = cfg_str(&cfg->ca_file, conf, "connectycube_ca_file", false);
	if (err)
		return err;

	err = cfg_choice(&cfg->chat_token, conf, "connectycube_chat_password",
			 "user", "token");
	if (err)
		return err;

	err = cfg_u32(&cfg->ping, conf, "connectycube_ping", 0, 3600, 30);
	if (err)
		return err;

	err = cfg_u32(&cfg->retry_min, conf, "connectycube_retry_min",
		      1, 60, 1);
	if (err)
		return err;

	return cfg_u32(&cfg->retry_max, conf, "connectycube_retry_max",
		       1, 3600, 60);
}


static int read_calls(struct bridge_config *cfg, const struct conf *conf)
{
	bool relay;
	int err;

	err = cfg_u32(&cfg->ring_time, conf, "connectycube_ring_time",
		      5, 600, 60);
	if (err)
		return err;

	err = cfg_u32(&cfg->max_calls, conf, "connectycube_max_calls",
		      0, 1000, 16);
	if (err)
		return err;

	err = cfg_u32(&cfg->latch_time, conf, "connectycube_latch_time",
		      0, 60, 5);
	if (err)
		return err;

	err = cfg_choice(&relay, conf, "connectycube_codec_policy",
			 "opus", "relay");
	if (err)
		return err;

	cfg->policy = relay ? POLICY_RELAY : POLICY_OPUS;

	return cfg_u32(&cfg->complexity, conf, "connectycube_opus_complexity",
		       0, 10, 2);
}


/* A time that is not so short that a pause looks like the end */
static int get_timeout(uint32_t *valp, const struct conf *conf,
		       const char *key)
{
	struct pl pl;
	int err;

	err = cfg_u32(valp, conf, key, 0, 86400, 0);
	if (err || !*valp || *valp >= 10 || conf_get(conf, key, &pl))
		return err;

	return cfg_bad(key, &pl, "0, or a number from 10 to 86400");
}


static int read_silence(struct bridge_config *cfg, const struct conf *conf)
{
	int err;

	err = get_timeout(&cfg->timeout_sip, conf,
			  "connectycube_rtp_timeout_sip");
	if (err)
		return err;

	err = get_timeout(&cfg->timeout_app, conf,
			  "connectycube_rtp_timeout_app");
	if (err)
		return err;

	return cfg_u32(&cfg->keepalive, conf, "connectycube_rtp_keepalive",
		       0, 60, 15);
}


static int read_dtmf(struct bridge_config *cfg, const struct conf *conf)
{
	static const char *const sipv[] = {"auto", "rtp", "info",
		"info-dtmf"};
	static const char *const inbandv[] = {"auto", "yes", "no"};
	unsigned v;
	int err;

	err = cfg_word(&v, conf, "connectycube_dtmf_sip", sipv,
		       ARRAY_SIZE(sipv));
	if (err)
		return err;

	cfg->dtmf_sip = (enum dtmf_sip)v;

	err = cfg_bool(&cfg->dtmf_info, conf, "connectycube_dtmf_info",
		       true);
	if (err)
		return err;

	err = cfg_word(&v, conf, "connectycube_dtmf_inband", inbandv,
		       ARRAY_SIZE(inbandv));

	cfg->inband = (enum dtmf_inband)v;

	return err;
}


static int read_ice(struct bridge_config *cfg, const struct conf *conf)
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


/**
 * Read and check the configuration. What is wrong is said in the log
 *
 * @param cfgp    Pointer to new configuration
 * @param conf    baresip's configuration
 * @param profile Folder of the profile
 *
 * @return 0 if success, otherwise errorcode
 */
int config_read(struct bridge_config **cfgp, const struct conf *conf,
		const char *profile)
{
	struct bridge_config *cfg;
	int err;

	if (!cfgp || !conf || !profile)
		return EINVAL;

	cfg = mem_zalloc(sizeof(*cfg), destructor);
	if (!cfg)
		return ENOMEM;

	err = read_cloud(cfg, conf);
	if (err)
		goto out;

	err = read_calls(cfg, conf);
	if (err)
		goto out;

	err = read_silence(cfg, conf);
	if (err)
		goto out;

	err = read_dtmf(cfg, conf);
	if (err)
		goto out;

	err = config_read_video(cfg, conf);
	if (err)
		goto out;

	err = read_ice(cfg, conf);
	if (err)
		goto out;

	err = cfg_str(&cfg->users, conf, "connectycube_users", false);
	if (err || cfg->users)
		goto out;

	err = re_sdprintf(&cfg->users, "%s/users", profile);

 out:
	if (err)
		mem_deref(cfg);
	else
		*cfgp = cfg;

	return err;
}
