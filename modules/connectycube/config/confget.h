/**
 * @file config/confget.h  Keys of the configuration: tables of them, and reading
 *
 * A key is one row of a table in config_AREA.c. All that is known of it stands
 * there: where its value goes, its range, its default. Whatever has no row is
 * refused as unknown. Modules beside the bridge have prefixes and structs of
 * their own, and no keys with handlers.
 *
 *     {"connectycube_ring_time", CFG_U32, CFG_AT(ring_time), .dflt = "60",
 *      .min = 5, .max = 600},                          a number, [s]
 *     {"connectycube_loopback", CFG_BOOL, CFG_AT(loopback), .dflt = "no"},
 *     {"connectycube_codec_policy", CFG_WORD, CFG_AT(policy),
 *      .words = "opus|relay", .dflt = "opus"},         0 or 1, to an enum
 *     {"connectycube_ice_bind", CFG_OTHER, .h = read_bind},
 */

struct bridge_config;
struct cfg_key;

/** Kinds of keys, and the C types of their values */
enum cfg_kind {
	CFG_U32 = 1,            /**< uint32_t: min to max                  */
	CFG_BOOL,               /**< bool: yes or no                       */
	CFG_WORD,               /**< bool or enum: which one of the words  */
	CFG_STR,                /**< char *: new memory                    */
	CFG_SECRET,             /**< The same; also as KEY_file, KEY_env   */
	CFG_OTHER,              /**< Whatever its handler makes of it      */
};

/** A value as it was written */
struct cfg_val {
	const struct cfg_key *key; /**< Its key                            */
	struct pl pl;           /**< Value                                 */
	const char *path;       /**< File                                  */
	unsigned line;          /**< Number of the line, 0=the default     */
};

/**
 * Takes a value of CFG_OTHER; of other kinds it checks one that was taken
 *
 * @return 0, or the error of cfg_bad() and cfg_wrong()
 */
typedef int (cfg_h)(struct bridge_config *cfg, const struct cfg_val *val);

/** A key */
struct cfg_key {
	const char *name;       /**< Name, with its prefix                 */
	enum cfg_kind kind;     /**< Kind                                  */
	size_t off;             /**< Where in struct bridge_config         */
	size_t size;            /**< Size of the value there               */
	const char *dflt;       /**< Default as it would be written, NULL=
				     nothing is set                        */
	uint32_t min;           /**< Smallest number                       */
	uint32_t max;           /**< Largest number                        */
	const char *words;      /**< Words, joined by '|'                  */
	cfg_h *h;               /**< Handler, or NULL                      */
	bool required;          /**< Must be there                         */
	bool many;              /**< May be there more than once           */
};

/** Where a value goes: .off and .size of a key */
#define CFG_IN(type, field) .off = offsetof(type, field), \
	.size = sizeof(((type *)0)->field)
#define CFG_AT(field) CFG_IN(struct bridge_config, field)

/** The keys of an area */
struct cfg_area {
	const struct cfg_key *keyv;
	size_t keyc;
	int (*finish)(struct bridge_config *cfg,
		      const char *path); /**< After all, or NULL   */
};

int cfg_read(void *cfg, const char *prefix,
	     const struct cfg_area *const *areav, size_t areac,
	     const char *path);
int cfg_read_profile(void *cfg, const char *prefix,
		     const struct cfg_area *const *areav, size_t areac,
		     const char *profile);
int cfg_folder_name(char **namep, const char *profile);
int cfg_value(void *cfg, const struct cfg_val *val, const struct pl *suffix);
int cfg_bad(const struct cfg_val *val, const char *want);
int cfg_wrong(const struct cfg_val *val, int err, const char *fmt, ...);
