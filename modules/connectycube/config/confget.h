/**
 * @file config/confget.h  Keys of the configuration: tables, and reading
 *
 * A key is one row of a table in config_AREA.c. All that is known of it stands
 * there: where its value goes, its range, its default. Whatever has no row is
 * refused as unknown. Modules beside the bridge have prefixes and structs of
 * their own; handlers of their keys look at the value alone.
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
	const char *place;      /**< Default: this in the profile's folder */
	bool named;             /**< Default: the name of that folder      */
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

/** A reading, to those who look at what has been read */
struct cfg_reading;

/** The keys of an area */
struct cfg_area {
	const struct cfg_key *keyv;
	size_t keyc;

	/** When all keys of all areas are read and right, or NULL: what
	    belongs together. 0, or the error of cfg_fault() */
	int (*finish)(void *cfg, const struct cfg_reading *rd);
};

/** Who names the keys that begin like ours, and are known to nobody */
enum cfg_rest {
	CFG_REST_NO = 0,        /**< Somebody else                         */
	CFG_REST_ALONE,         /**< We, if there is no bridge beside us   */
	CFG_REST_YES,           /**< We                                    */
};

/** A module that has keys */
struct cfg_module {
	const char *prefix;     /**< What its keys begin with              */
	const struct cfg_area *const *areav; /**< Tables of its keys       */
	size_t areac;
	size_t size;            /**< Of its struct [bytes]                 */
	void (*destroy)(void *cfg); /**< Frees what is in it               */
	enum cfg_rest rest;
};

/* config/confmodule.c */
int cfg_module_read(void *cfgp, const struct cfg_module *m,
		    const char *profile);
const struct cfg_key *cfg_module_key(const struct cfg_module *m, size_t n);

/* config/confca.c */
int cfg_check_ca(const struct cfg_val *val, const char *path);

/* config/confget.c */
int cfg_read(void *cfg, const struct cfg_module *m, const char *profile);
int cfg_fault(const struct cfg_reading *rd, const char *name, const char *fmt,
	      ...);

/* config/confpath.c */
int cfg_path_error(const char *path, bool folder);
void cfg_path_remedy(char *why, size_t size, const char *path,
		     const char *group);
int cfg_check_socket(struct bridge_config *cfg, const struct cfg_val *val);

/* config/confvalue.c */
int cfg_value(void *cfg, const struct cfg_val *val, const struct pl *suffix);
int cfg_value_default(void *cfg, const struct cfg_key *key, const char *path,
		      const char *profile);
int cfg_bad(const struct cfg_val *val, const char *want);
int cfg_wrong(const struct cfg_val *val, int err, const char *fmt, ...);
int cfg_note_at(char **atp, const struct cfg_val *val);
