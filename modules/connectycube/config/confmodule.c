/**
 * @file config/confmodule.c  A module's keys, read into its struct
 */
#include <string.h>
#include <re.h>
#include "confget.h"


/**
 * Make a module's configuration of the `config` of a profile. All that is
 * wrong in it is said in the log
 *
 * @param cfgp    Pointer to the pointer to it, which is freed by mem_deref();
 *                unchanged if there is an error
 * @param m       Module
 * @param profile Folder of the profile
 *
 * @return 0 if success, EINVAL if something is wrong in it, otherwise why it
 *         cannot be read
 */
int cfg_module_read(void *cfgp, const struct cfg_module *m,
		    const char *profile)
{
	void *cfg;
	int err;

	if (!cfgp || !m || !profile)
		return EINVAL;

	cfg = mem_zalloc(m->size, m->destroy);
	if (!cfg)
		return ENOMEM;

	err = cfg_read(cfg, m, profile);
	if (err)
		mem_deref(cfg);
	else
		memcpy(cfgp, &cfg, sizeof(cfg));

	return err;
}


/**
 * Get one of a module's keys
 *
 * @param m Module
 * @param n Which one, from 0
 *
 * @return Key, NULL if there are not so many
 */
const struct cfg_key *cfg_module_key(const struct cfg_module *m, size_t n)
{
	size_t i;

	for (i=0; i<m->areac; i++) {
		if (n < m->areav[i]->keyc)
			return &m->areav[i]->keyv[n];
		n -= m->areav[i]->keyc;
	}

	return NULL;
}
