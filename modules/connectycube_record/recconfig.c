/**
 * @file connectycube_record/recconfig.c  The configuration of recordings
 *
 * Pure.
 */
#include <stddef.h>
#include <re.h>
#include "config/confget.h"
#include "record.h"


#define AT(field) CFG_IN(struct record_config, field)

static const struct cfg_key keyv[] = {

	/* PATH; the hub has the same key */
	{"connectycube_record_spool", CFG_STR, AT(spool),
	 .dflt = "/var/spool/connectycube-bridge"},

	/* MB */
	{"connectycube_record_queue", CFG_U32, AT(queue),
	 .dflt = "16", .min = 1, .max = 1024},
};

static const struct cfg_area area = {keyv, ARRAY_SIZE(keyv), NULL};


static void destructor(void *data)
{
	struct record_config *cfg = data;

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
int record_config_read(struct record_config **cfgp, const char *profile)
{
	static const struct cfg_area *const areav[] = {&area};
	struct record_config *cfg;
	int err;

	if (!cfgp || !profile)
		return EINVAL;

	cfg = mem_zalloc(sizeof(*cfg), destructor);
	if (!cfg)
		return ENOMEM;

	err = cfg_read_profile(cfg, "connectycube_record_", areav,
			       ARRAY_SIZE(areav), profile);
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
const struct cfg_key *record_config_key(size_t n)
{
	return n < ARRAY_SIZE(keyv) ? &keyv[n] : NULL;
}
