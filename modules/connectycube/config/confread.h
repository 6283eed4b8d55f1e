/**
 * @file config/confread.h  A reading of the configuration, from the inside
 *
 *   confget.c    the lines of the file, keys of ours
 *   confother.c  keys that are not ours, and what was meant by them
 *   confnames.c  the names of all keys of all modules
 */

/** All keys of the project begin with it */
#define CFG_PREFIX "connectycube_"

enum {
	CFG_KEYS = 256,         /**< Keys of all areas                     */
};

/** A reading */
struct cfg_reading {
	const struct cfg_module *m; /**< Whose keys                        */
	void *cfg;              /**< What is filled in                     */
	const char *path;       /**< Of the file                           */
	const char *profile;    /**< Folder that it is in                  */
	unsigned linev[CFG_KEYS]; /**< Where a key stands, 0=nowhere       */
	const struct cfg_key *keyv[CFG_KEYS]; /**< Keys of all areas       */
	size_t keyc;
	unsigned loaded;        /**< Modules that the file names, a bit for
				     each that has keys                    */
	bool rest;              /**< We name what nobody knows             */
	unsigned wrong;         /**< Mistakes found                        */
};

/* confother.c */
void confother_begin(struct cfg_reading *rd, const struct pl *text);
void confother_line(struct cfg_reading *rd, const struct conf_line *cl);

/* confnames.c */
const char *confnames_get(size_t n, bool *secretp);
bool confnames_known(const struct pl *name);
bool confnames_is_key(const char *key, bool secret, const struct pl *name,
		      struct pl *suffix);
