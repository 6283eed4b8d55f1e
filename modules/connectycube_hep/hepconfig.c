/**
 * @file connectycube_hep/hepconfig.c  HEP's configuration
 *
 * Pure.
 */
#include <stddef.h>
#include <string.h>
#include <re.h>
#include "config/confget.h"
#include "config/hostport.h"
#include "hep.h"


#define AT(field) CFG_IN(struct hep_config, field)

static int check_server(struct bridge_config *cfg, const struct cfg_val *val)
{
	char host[256], server[512];
	uint16_t port = HEP_PORT;
	(void)cfg;

	return pl_strcpy(&val->pl, server, sizeof(server)) ||
		host_port(host, sizeof(host), &port, server) ?
		cfg_bad(val, "HOST, HOST:PORT or [ADDRESS]:PORT") : 0;
}


static const struct cfg_key keyv[] = {

	/* HOST[:PORT] */
	{"connectycube_hep_server", CFG_STR, AT(server), .required = true,
	 .h = check_server},

	{"connectycube_hep_id", CFG_U32, AT(id), .dflt = "2001",
	 .min = 1, .max = 2147483647},

	/* WORD; default: the name of the profile's folder */
	{"connectycube_hep_name", CFG_STR, AT(name), .named = true},

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


static const struct cfg_area *const areav[] = {&area};

static const struct cfg_module module = {
	"connectycube_hep_", areav, ARRAY_SIZE(areav),
	sizeof(struct hep_config), destructor, CFG_REST_NO
};


/**
 * Read and check the configuration, see cfg_module_read()
 *
 * @param cfgp    Pointer to new configuration
 * @param profile Folder of the profile
 *
 * @return 0 if success, otherwise errorcode
 */
int hep_config_read(struct hep_config **cfgp, const char *profile)
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
const struct cfg_key *hep_config_key(size_t n)
{
	return cfg_module_key(&module, n);
}
