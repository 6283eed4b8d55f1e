/**
 * @file config/confprofile.c  Reading the keys of a profile
 */
#include <re.h>
#include "confget.h"


/**
 * Read and check the `config` of a profile. All that is wrong in it is said in
 * the log
 *
 * @param cfg     Configuration, filled in: see cfg_read()
 * @param prefix  What its keys begin with
 * @param areav   Tables of its keys
 * @param areac   Number of tables
 * @param profile Folder of the profile
 *
 * @return 0 if success, EINVAL if something is wrong in it, otherwise why it
 *         cannot be read
 */
int cfg_read_profile(void *cfg, const char *prefix,
		     const struct cfg_area *const *areav, size_t areac,
		     const char *profile)
{
	char path[512];

	if (!profile)
		return EINVAL;

	if (re_snprintf(path, sizeof(path), "%s/config", profile) < 0)
		return ENAMETOOLONG;

	return cfg_read(cfg, prefix, areav, areac, path);
}


/**
 * Get the name of a profile's folder: of /etc/bridge/1001/ it is 1001
 *
 * @param namep   Pointer to new name
 * @param profile Folder of the profile
 *
 * @return 0 if success, otherwise errorcode
 */
int cfg_folder_name(char **namep, const char *profile)
{
	struct pl pl;

	if (!namep || !profile)
		return EINVAL;

	pl_set_str(&pl, profile);
	while (pl.l && pl.p[pl.l - 1] == '/')
		--pl.l;

	for (pl.p += pl.l, pl.l = 0; pl.p > profile && pl.p[-1] != '/';
	     ++pl.l)
		--pl.p;

	return pl_strdup(namep, &pl);
}
