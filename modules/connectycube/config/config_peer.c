/**
 * @file config/config_peer.c  The configuration keys of WebRTC
 */
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "base/text.h"
#include "peer/peer.h"
#include "audio/audio.h"
#include "video/video.h"
#include "iceserver.h"
#include "conftext.h"
#include "confget.h"
#include "config.h"


/** Parameters of a server */
struct params {
	struct pl user;
	struct pl pass;
	struct pl pass_file;
	struct pl pass_env;
};


static int server_param(struct params *prm, const struct cfg_val *val,
			const struct pl *param)
{
	const struct {
		const char *name;
		struct pl *pl;
	} v[] = {
		{"user",      &prm->user},
		{"pass",      &prm->pass},
		{"pass_file", &prm->pass_file},
		{"pass_env",  &prm->pass_env},
	};
	struct pl name = *param, value = PL_INIT;
	const char *eq = pl_strchr(param, '=');
	struct conf_near near;
	size_t i;

	if (eq) {
		name.l  = eq - param->p;
		value.p = eq + 1;
		value.l = param->l - name.l - 1;
	}

	conf_near_init(&near, &name);

	for (i=0; i<ARRAY_SIZE(v); i++) {

		if (pl_strcasecmp(&name, v[i].name)) {
			conf_near_try(&near, v[i].name);
			continue;
		}

		if (!value.l)
			return cfg_wrong(val, EINVAL, ";%s= has no value",
					 v[i].name);
		if (v[i].pl->l)
			return cfg_wrong(val, EINVAL, ";%s= stands there"
					 " twice", v[i].name);

		*v[i].pl = value;
		return 0;
	}

	/* what is no name may be a secret */
	if (!conf_is_name(&name))
		return cfg_wrong(val, EINVAL, "a parameter is not of the form"
				 " ;name=value");

	/* not shown: the end of a password that has a ';' in it, perhaps */
	if (prm->pass.l && !near.best)
		return cfg_wrong(val, EINVAL, "unknown parameter behind ;pass="
				 " (a password with ';' goes by ;pass_file=)");

	return cfg_wrong(val, EINVAL, "unknown parameter ;%r%s%s%s", &name,
			 near.best ? ": is ;" : "",
			 near.best ? near.best : "",
			 near.best ? "= meant?" : "");
}


/* ;user=U;pass=P: what is between semicolons */
static int server_params(struct params *prm, const struct cfg_val *val,
			 struct pl pl)
{
	struct pl param;

	while (!re_regex(pl.p, pl.l, "[^;]+", &param)) {

		const int err = server_param(prm, val, &param);
		if (err)
			return err;

		pl.l -= param.p + param.l - pl.p;
		pl.p  = param.p + param.l;
	}

	return 0;
}


static int server_login(struct peer_server *srv, const struct params *prm,
			const struct cfg_val *val)
{
	char what[768], *secret = NULL;
	int err = 0;

	if (prm->user.l >= sizeof(srv->user))
		return cfg_wrong(val, EOVERFLOW, "the user is too long");

	if (prm->user.l)
		(void)text_str(srv->user, sizeof(srv->user), &prm->user);

	(void)re_snprintf(what, sizeof(what), "%s:%u: %s", val->path,
			  val->line, val->key->name);

	err = config_secret(&secret, what, &prm->pass, &prm->pass_file,
			    &prm->pass_env);
	if (err)
		return err;

	if (str_len(secret) >= sizeof(srv->pass))
		err = cfg_wrong(val, EOVERFLOW, "the password is too long");
	else if (secret)
		str_ncpy(srv->pass, secret, sizeof(srv->pass));

	if (secret)
		explicit_bzero(secret, strlen(secret));
	mem_deref(secret);

	/* RFC 8656: a TURN server allows nothing to strangers */
	if (!err && srv->type != PEER_STUN &&
	    (!str_isset(srv->user) || !str_isset(srv->pass)))
		err = cfg_wrong(val, EINVAL, "a TURN server wants ;user= and"
				" ;pass= (or ;pass_file=, ;pass_env=)");

	return err;
}


/* An URI, then ;user= and ;pass= or ;pass_file= or ;pass_env= */
static int read_server(struct bridge_config *cfg, const struct cfg_val *val)
{
	struct pl params = PL_INIT;
	struct params prm = {.user = PL_INIT};
	struct cfg_val uri = *val;
	struct peer_server *srv;
	const char *semi;
	int err;

	if (cfg->peer.serverc >= ARRAY_SIZE(cfg->serverv))
		return cfg_wrong(val, E2BIG, "more than %zu of them",
				 ARRAY_SIZE(cfg->serverv));

	srv = &cfg->serverv[cfg->peer.serverc];

	/* what follows it holds a secret and is not for the log */
	semi = pl_strchr(&val->pl, ';');
	if (semi) {
		uri.pl.l = semi - val->pl.p;
		params   = val->pl;
		pl_advance(&params, uri.pl.l);
	}

	/* USER:PASSWORD@HOST is not for the log either */
	if (pl_strchr(&uri.pl, '@'))
		return cfg_wrong(val, EINVAL, "a URI without '@', please: the"
				 " user is ;user=, the password ;pass=");

	if (ice_server_decode(srv, &uri.pl))
		return cfg_bad(&uri, "a STUN or TURN URI");

	err = server_params(&prm, val, params);
	if (!err)
		err = server_login(srv, &prm, val);
	if (!err)
		++cfg->peer.serverc;

	return err;
}


static int read_ports(struct bridge_config *cfg, const struct cfg_val *val)
{
	const struct pl *pl = &val->pl;
	struct pl lo = PL_INIT, hi = PL_INIT;

	if (re_regex(pl->p, pl->l, "[0-9]+-[0-9]+", &lo, &hi) ||
	    lo.p != pl->p || hi.p + hi.l != pl->p + pl->l)
		return cfg_bad(val, "MIN-MAX");

	if (lo.l > 5 || hi.l > 5 || pl_u32(&lo) < 1024 ||
	    pl_u32(&hi) > 65535 || pl_u32(&lo) > pl_u32(&hi))
		return cfg_bad(val, "a range within 1024-65535");

	cfg->peer.port_min = (uint16_t)pl_u32(&lo);
	cfg->peer.port_max = (uint16_t)pl_u32(&hi);

	return 0;
}


static int read_bind(struct bridge_config *cfg, const struct cfg_val *val)
{
	char *str = cfg->peer.bind;
	struct sa sa;

	if (text_str(str, sizeof(cfg->peer.bind), &val->pl) ||
	    sa_set_str(&sa, str, 0))
		return cfg_bad(val, "an IP address");

	return 0;
}


static int check_ca_file(struct bridge_config *cfg, const struct cfg_val *val)
{
	return cfg_check_ca(val, cfg->ice_ca_file);
}


static int finish(void *data, const struct cfg_reading *rd)
{
	struct bridge_config *cfg = data;
	(void)rd;

	cfg->peer.serverv = cfg->serverv;
	cfg->peer.ca_file = cfg->ice_ca_file ? cfg->ice_ca_file
					     : cfg->ca_file;

	return 0;
}


static const struct cfg_key keyv[] = {

	/* URI[;user=U;pass=P], up to 8 */
	{"connectycube_ice_server", CFG_OTHER, .h = read_server,
	 .many = true},

	/* MIN-MAX; default: any */
	{"connectycube_ice_ports", CFG_OTHER, .h = read_ports},

	/* ADDRESS; default: all interfaces */
	{"connectycube_ice_bind", CFG_OTHER, .h = read_bind},

	/* default: that of connectycube_ca_file, or the system's */
	{"connectycube_ice_ca_file", CFG_STR, CFG_AT(ice_ca_file),
	 .h = check_ca_file},

	/* [ms] */
	{"connectycube_ice_gather", CFG_U32, CFG_AT(peer.gather_max),
	 .dflt = "2000", .min = 100, .max = 10000},

	{"connectycube_loopback", CFG_BOOL, CFG_AT(peer.loopback),
	 .dflt = "no"},
	{"connectycube_relay_only", CFG_BOOL, CFG_AT(peer.relay_only),
	 .dflt = "no"},
};

const struct cfg_area config_peer = {keyv, ARRAY_SIZE(keyv), finish};
