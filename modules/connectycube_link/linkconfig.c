/**
 * @file connectycube_link/linkconfig.c  The link's configuration
 *
 * Pure.
 */
#include <stddef.h>
#include <re.h>
#include "config/confget.h"
#include "link.h"


enum {
	NAME_MAX_LEN = 64,      /**< Longest name that a hub takes         */
};

#define AT(field) CFG_IN(struct link_config, field)

static const struct cfg_key keyv[] = {

	/* PATH; where the hub listens */
	{"connectycube_link_socket", CFG_STR, AT(socket),
	 .dflt = "/run/connectycube-bridge/hub.sock", .h = cfg_check_socket},

	/* WORD; default: the name of the profile's folder */
	{"connectycube_link_name", CFG_STR, AT(name), .named = true},

	/* PATH; default: PROFILE/spool */
	{"connectycube_link_spool", CFG_STR, AT(spool), .place = "spool"},

	/* records */
	{"connectycube_link_spool_max", CFG_U32, AT(spool_max),
	 .dflt = "100000", .min = 100, .max = 10000000},

	/* records a minute, 0=none */
	{"connectycube_link_refused", CFG_U32, AT(refused),
	 .dflt = "60", .min = 0, .max = 100000},

	{"connectycube_link_events", CFG_BOOL, AT(events), .dflt = "yes"},

	/* [s], 0=never */
	{"connectycube_link_stats", CFG_U32, AT(stats),
	 .dflt = "2", .min = 0, .max = 60},
};


/* As the hub takes it; the folder's name may be what is wrong */
static int finish(void *data, const struct cfg_reading *rd)
{
	const struct link_config *cfg = data;
	size_t n;

	for (n=0; cfg->name[n] > ' ' && cfg->name[n] <= '~'; n++)
		;

	return n && n <= NAME_MAX_LEN && !cfg->name[n] ? 0 :
		cfg_fault(rd, "connectycube_link_name", "'%s' is not of 1 to"
			  " %u letters of ASCII without blanks", cfg->name,
			  NAME_MAX_LEN);
}


static const struct cfg_area area = {keyv, ARRAY_SIZE(keyv), finish};


static void destructor(void *data)
{
	struct link_config *cfg = data;

	mem_deref(cfg->socket);
	mem_deref(cfg->name);
	mem_deref(cfg->spool);
}


static const struct cfg_area *const areav[] = {&area};

static const struct cfg_module module = {
	"connectycube_link_", areav, ARRAY_SIZE(areav),
	sizeof(struct link_config), destructor, CFG_REST_NO
};


/**
 * Read and check the configuration, see cfg_module_read()
 *
 * @param cfgp    Pointer to new configuration
 * @param profile Folder of the profile
 *
 * @return 0 if success, otherwise errorcode
 */
int link_config_read(struct link_config **cfgp, const char *profile)
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
const struct cfg_key *link_config_key(size_t n)
{
	return cfg_module_key(&module, n);
}
