/**
 * @file connectycube_hep/hepconfig.c  HEP's configuration
 *
 * Pure.
 */
#include <stddef.h>
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "base/text.h"
#include "config/confget.h"
#include "hep.h"


#define AT(field) CFG_IN(struct hep_config, field)

static const struct cfg_key keyv[] = {

	/* HOST[:PORT] */
	{"connectycube_hep_server", CFG_STR, AT(server)},

	{"connectycube_hep_id", CFG_U32, AT(id), .dflt = "2001",
	 .min = 1, .max = 2147483647},

	/* WORD; default: the name of the profile's folder */
	{"connectycube_hep_name", CFG_STR, AT(name)},

	{"connectycube_hep_key", CFG_SECRET, AT(key)},

	/* to enum hep_sip */
	{"connectycube_hep_sip", CFG_WORD, AT(sip),
	 .words = "calls|all|none", .dflt = "calls"},

	{"connectycube_hep_texts", CFG_BOOL, AT(texts), .dflt = "no"},

	{"connectycube_hep_rtcp", CFG_BOOL, AT(rtcp), .dflt = "yes"},

	{"connectycube_hep_report", CFG_BOOL, AT(report), .dflt = "yes"},

	{"connectycube_hep_record", CFG_BOOL, AT(record), .dflt = "yes"},

	/* KiB */
	{"connectycube_hep_queue", CFG_U32, AT(queue), .dflt = "1024",
	 .min = 64, .max = 65536},
};

static const struct cfg_area area = {keyv, ARRAY_SIZE(keyv), NULL};


static void destructor(void *data)
{
	struct hep_config *cfg = data;

	mem_deref(cfg->server);
	mem_deref(cfg->name);
	mem_deref(cfg->key);
}


/**
 * Get one of all keys
 *
 * @param n Which one, from 0
 *
 * @return Key, NULL if there are not so many
 */
const struct cfg_key *hep_config_key(size_t n)
{
	return n < ARRAY_SIZE(keyv) ? &keyv[n] : NULL;
}


/**
 * Read where Homer is
 *
 * @param host   Set to its name or address, without brackets
 * @param size   Room there [bytes]
 * @param port   Set to its port
 * @param server HOST, HOST:PORT, IPv6, or [IPv6]:PORT
 *
 * @return 0 if success, otherwise EINVAL
 */
int hep_server(char *host, size_t size, uint16_t *port, const char *server)
{
	const char *close = NULL, *colon = NULL;
	struct pl h, p = PL_INIT;
	uint32_t v = HEP_PORT;
	size_t i;

	if (!host || !size || !port || !str_isset(server))
		return EINVAL;

	pl_set_str(&h, server);

	if (*server == '[') {
		close = strchr(server, ']');
		if (!close || (close[1] && close[1] != ':'))
			return EINVAL;

		h.p   = server + 1;
		h.l   = (size_t)(close - h.p);
		colon = close[1] ? close + 1 : NULL;
	}
	else {
		/* more than one is an IPv6 address */
		colon = strchr(server, ':');
		if (colon && strchr(colon + 1, ':'))
			colon = NULL;
		else if (colon)
			h.l = (size_t)(colon - server);
	}

	if (colon)
		pl_set_str(&p, colon + 1);

	for (i=0; i<h.l; i++) {
		if (h.p[i] <= ' ' || strchr("/@[]?#", h.p[i]))
			return EINVAL;
	}

	if (!h.l || h.l >= size || (colon && text_u32(&v, &p, 65535)) || !v ||
	    text_str(host, size, &h))
		return EINVAL;

	*port = (uint16_t)v;

	return 0;
}


/**
 * Read and check the configuration. All that is wrong is said in the log
 *
 * @param cfgp    Pointer to new configuration
 * @param profile Folder of the profile
 *
 * @return 0 if success, EINVAL if something is wrong in it, otherwise why it
 *         cannot be read
 */
int hep_config_read(struct hep_config **cfgp, const char *profile)
{
	static const struct cfg_area *const areav[] = {&area};
	struct hep_config *cfg;
	char host[256];
	uint16_t port;
	int err;

	if (!cfgp || !profile)
		return EINVAL;

	cfg = mem_zalloc(sizeof(*cfg), destructor);
	if (!cfg)
		return ENOMEM;

	err = cfg_read_profile(cfg, "connectycube_hep_", areav,
			       ARRAY_SIZE(areav), profile);
	if (!err && !cfg->name)
		err = cfg_folder_name(&cfg->name, profile);
	if (!err && hep_server(host, sizeof(host), &port, cfg->server)) {
		clog_warning("hep: connectycube_hep_server: %s is no HOST,"
			     " HOST:PORT or [ADDRESS]:PORT\n",
			     cfg->server ? cfg->server : "(nothing)");
		err = EINVAL;
	}

	if (err)
		mem_deref(cfg);
	else
		*cfgp = cfg;

	return err;
}
