/**
 * @file connectycube_link/linkconfig.c  The link's configuration
 *
 * Pure.
 */
#include <stddef.h>
#include <re.h>
#include "config/confget.h"
#include "link.h"


#define AT(field) CFG_IN(struct link_config, field)

static const struct cfg_key keyv[] = {

	/* PATH; where the hub listens */
	{"connectycube_link_socket", CFG_STR, AT(socket),
	 .dflt = "/run/connectycube-bridge/hub.sock"},

	/* WORD; default: the name of the profile's folder */
	{"connectycube_link_name", CFG_STR, AT(name)},

	/* PATH; default: PROFILE/spool */
	{"connectycube_link_spool", CFG_STR, AT(spool)},

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

static const struct cfg_area area = {keyv, ARRAY_SIZE(keyv), NULL};


static void destructor(void *data)
{
	struct link_config *cfg = data;

	mem_deref(cfg->socket);
	mem_deref(cfg->name);
	mem_deref(cfg->spool);
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
int link_config_read(struct link_config **cfgp, const char *profile)
{
	static const struct cfg_area *const areav[] = {&area};
	struct link_config *cfg;
	int err;

	if (!cfgp || !profile)
		return EINVAL;

	cfg = mem_zalloc(sizeof(*cfg), destructor);
	if (!cfg)
		return ENOMEM;

	err = cfg_read_profile(cfg, "connectycube_link_", areav,
			       ARRAY_SIZE(areav), profile);
	if (!err && !cfg->spool)
		err = re_sdprintf(&cfg->spool, "%s/spool", profile);
	if (!err && !cfg->name)
		err = cfg_folder_name(&cfg->name, profile);

	if (err)
		mem_deref(cfg);
	else
		*cfgp = cfg;

	return err;
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
	return n < ARRAY_SIZE(keyv) ? &keyv[n] : NULL;
}
