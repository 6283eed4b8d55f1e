/**
 * @file connectycube_ami/amiconfig.c  Where Asterisk's manager is
 *
 * Pure.
 */
#include <stddef.h>
#include <string.h>
#include <re.h>
#include "config/confget.h"
#include "config/hostport.h"
#include "message.h"
#include "table.h"
#include "session.h"
#include "client.h"
#include "order.h"
#include "ami.h"


#define AT(field) CFG_IN(struct ami_config, field)


static int check_server(struct bridge_config *cfg, const struct cfg_val *val)
{
	char host[256], server[512];
	uint16_t port = AMI_PORT;
	(void)cfg;

	return pl_strcpy(&val->pl, server, sizeof(server)) ||
		host_port(host, sizeof(host), &port, server) ?
		cfg_bad(val, "HOST, HOST:PORT or [ADDRESS]:PORT") : 0;
}


static int check_ca_file(struct bridge_config *cfg, const struct cfg_val *val)
{
	char path[512];
	(void)cfg;

	return pl_strcpy(&val->pl, path, sizeof(path)) ?
		cfg_bad(val, "the path of a file") : cfg_check_ca(val, path);
}


static int check_user(struct bridge_config *cfg, const struct cfg_val *val)
{
	char user[128];
	(void)cfg;

	return pl_strcpy(&val->pl, user, sizeof(user)) ||
		!ami_value_is_sane(user) ?
		cfg_bad(val, "the name of a user of manager.conf") : 0;
}


static int check_context(struct bridge_config *cfg, const struct cfg_val *val)
{
	char context[128];
	(void)cfg;

	return pl_strcpy(&val->pl, context, sizeof(context)) ||
		!ami_word_is_sane(context) ?
		cfg_bad(val, "the name of a context of extensions.conf") : 0;
}


/* [EXTEN]@CONTEXT */
static int check_place(struct bridge_config *cfg, const struct cfg_val *val)
{
	char place[128], *at;
	(void)cfg;

	if (!pl_strcpy(&val->pl, place, sizeof(place))) {

		at = strchr(place, '@');
		if (at)
			*at++ = '\0';
		if (at && ami_word_is_sane(at) &&
		    (!place[0] || ami_word_is_sane(place)))
			return 0;
	}

	return cfg_bad(val, "EXTEN@CONTEXT, or @CONTEXT, of extensions.conf");
}


static const struct cfg_key keyv[] = {

	/* HOST[:PORT] */
	{"connectycube_ami_server", CFG_STR, AT(server), .h = check_server},

	/* PATH; where the hub serves bridges, with one link for all */
	{"connectycube_ami_socket", CFG_STR, AT(socket),
	 .h = cfg_check_socket},

	{"connectycube_ami_tls", CFG_BOOL, AT(tls), .dflt = "no"},

	/* PATH; default: the system's */
	{"connectycube_ami_ca_file", CFG_STR, AT(ca_file),
	 .h = check_ca_file},

	{"connectycube_ami_user", CFG_STR, AT(user), .h = check_user},

	{"connectycube_ami_secret", CFG_SECRET, AT(secret)},

	/* plain is yes */
	{"connectycube_ami_login", CFG_WORD, AT(plain),
	 .words = "md5|plain", .dflt = "md5"},

	{"connectycube_ami_context", CFG_STR, AT(context),
	 .dflt = "from-internal", .h = check_context},

	{"connectycube_ami_records", CFG_BOOL, AT(records), .dflt = "yes"},

	/* [EXTEN]@CONTEXT; EXTEN: who was called */
	{"connectycube_ami_accepted", CFG_STR, AT(accepted),
	 .dflt = "@bridge-accepted", .h = check_place},

	/* [EXTEN]@CONTEXT; default: the caller is hung up on */
	{"connectycube_ami_fallback", CFG_STR, AT(fallback),
	 .h = check_place},

	/* message is yes */
	{"connectycube_ami_tell", CFG_WORD, AT(by_message),
	 .words = "signal|message", .dflt = "signal"},
};


/* With the hub's socket alone, nobody has to log in */
static int check_missing(const struct ami_config *cfg,
			 const struct cfg_reading *rd)
{
	const char *what = !cfg->server ? "connectycube_ami_server" :
		!cfg->user ? "connectycube_ami_user" :
		!cfg->secret ? "connectycube_ami_secret" : NULL;

	if (!what || (!cfg->server && cfg->socket))
		return 0;

	return cfg_fault(rd, what, "is missing%s", cfg->server ? "" :
			 ", and so is connectycube_ami_socket");
}


/* A secret that goes over a network in clear is everybody's */
static int finish(void *data, const struct cfg_reading *rd)
{
	const struct ami_config *cfg = data;
	char host[256];
	uint16_t port = AMI_PORT;
	struct sa sa;

	if (check_missing(cfg, rd))
		return EINVAL;
	if (!cfg->server)
		return 0;

	if (!ami_value_is_sane(cfg->secret)) {
		return cfg_fault(rd, "connectycube_ami_secret", "is longer"
				 " than %u bytes, or has control characters",
				 AMI_VALUE_MAX);
	}

	if (cfg->ca_file && !cfg->tls) {
		return cfg_fault(rd, "connectycube_ami_ca_file", "says whose"
				 " certificates are trusted, but there is no"
				 " connectycube_ami_tls yes");
	}

	if (!cfg->plain || cfg->tls)
		return 0;

	if (!host_port(host, sizeof(host), &port, cfg->server) &&
	    (!str_casecmp(host, "localhost") ||
	     (!sa_set_str(&sa, host, port) && sa_is_loopback(&sa))))
		return 0;

	return cfg_fault(rd, "connectycube_ami_login", "'plain' sends the"
			 " secret as it is: only with connectycube_ami_tls"
			 " yes, or to this host");
}


static const struct cfg_area area = {keyv, ARRAY_SIZE(keyv), finish};


static void destructor(void *data)
{
	struct ami_config *cfg = data;

	mem_deref(cfg->server);
	mem_deref(cfg->socket);
	mem_deref(cfg->ca_file);
	mem_deref(cfg->user);
	mem_deref(cfg->secret);
	mem_deref(cfg->context);
	mem_deref(cfg->accepted);
	mem_deref(cfg->fallback);
}


static const struct cfg_area *const areav[] = {&area};

static const struct cfg_module module = {
	"connectycube_ami_", areav, ARRAY_SIZE(areav),
	sizeof(struct ami_config), destructor, CFG_REST_NO
};


/**
 * Read and check the configuration, see cfg_module_read()
 *
 * @param cfgp    Pointer to new configuration
 * @param profile Folder of the profile
 *
 * @return 0 if success, otherwise errorcode
 */
int ami_config_read(struct ami_config **cfgp, const char *profile)
{
	return cfg_module_read(cfgp, &module, profile);
}


/**
 * Get one of all keys
 *
 * @param n Which one, from 0
 *
 * @return Key, NULL if there are not so many
 */
const struct cfg_key *ami_config_key(size_t n)
{
	return cfg_module_key(&module, n);
}


/**
 * Get the usual port
 *
 * @param cfg Configuration
 *
 * @return Port
 */
uint16_t ami_config_port(const struct ami_config *cfg)
{
	return cfg && cfg->tls ? AMI_PORT_TLS : AMI_PORT;
}
