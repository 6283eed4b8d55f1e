/**
 * @file upgrade.h  cube upgrade, cube rollback: one instance after the other,
 *                  and the hub last
 *
 *   cmd_upgrade.c --> upgradelook.c  who is there, and what it runs
 *       |         --> upgradepkg.c   packages: dpkg-query, apt-get
 *       |         --> upgradebroken.c  a turn that has come to no end
 *       |         --> upgradesay.c   what became of it
 *       |
 *       `--> upgradeturn.c  turn of an instance --+--> drain.c, systemctl.c
 *            upgradehub.c   turn of the hub ------'
 *
 * Begins with cube/cli.h, office.h, sync.h.
 */

/** An error that has been said */
#define UPGRADE_SAID ECANCELED

enum {
	UPGRADE_WAIT = 3600,    /**< For calls of an instance [s]          */
	UPGRADE_READY = 60,     /**< Until it is as it was before [s]      */
};

/** What a process runs */
enum upgrade_runs {
	UPGRADE_NOTHING,        /**< There is none                         */
	UPGRADE_UNKNOWN,
	UPGRADE_INSTALLED,      /**< What is installed                     */
	UPGRADE_GONE,           /**< What was installed until another one was */
	UPGRADE_KEPT,           /**< A version that is kept                */
};

/** What became of an instance */
enum upgrade_end {
	UPGRADE_WAITS,          /**< Has not had its turn                  */
	UPGRADE_SAME,           /**< Ran what it is to run                 */
	UPGRADE_CHANGED,
	UPGRADE_STOPPED,        /**< Does not run, and was left so         */
	UPGRADE_BACK,           /**< Has failed, and is what it was        */
	UPGRADE_FAILED,         /**< ... and is not                        */
	UPGRADE_ENDS
};

/** An instance, or the hub */
struct upgrade_one {
	char name[SYNC_NAME];
	char unit[SYNC_NAME + 32];
	struct unit_look how;   /**< How it was when it was looked at last */
	enum upgrade_runs runs; /**< What it ran in the beginning          */
	char pin[SYNC_VERSION]; /**< What it was pinned to then, ""=nothing */
	bool stale;             /**< Runs with what an older cube wrote    */
	char was[SYNC_PATH];    /**< How it was before a turn that has come to
				     no end (kill -9), ""=there was none   */
	enum upgrade_end end;
	uint32_t calls;         /**< That did not end by themselves        */
};

/** An upgrade */
struct upgrade {
	struct cli *c;
	const char *root;       /**< Folder that all is in, ""=/           */
	bool back;              /**< It is a rollback                      */
	bool dry;               /**< Only said                             */
	uint32_t wait;          /**< For calls of an instance [s]          */
	struct upgrade_one *instv; /**< Instances (owned)                  */
	size_t instc;
	struct upgrade_one hub;
	bool has_hub;           /**< There is one that runs                */
	bool keeps;             /**< What is installed is to be kept       */
	char installed[SYNC_VERSION]; /**< What that is called             */
	char before[SYNC_VERSION]; /**< What was installed before, ""=none */
};

/* upgradelook.c */
int  upgrade_look(struct upgrade *u);
int  upgrade_look_kept(struct upgrade *u);
int  upgrade_look_at(const struct upgrade *u, struct upgrade_one *one);
enum upgrade_runs upgrade_runs(uint32_t pid, const char *module);
enum upgrade_runs upgrade_runs_map(const char *line, const char *module);

/* upgradebroken.c */
int  upgrade_begin(const struct upgrade *u, const struct upgrade_one *one,
		   const char *as);
void upgrade_over(const struct upgrade *u, struct upgrade_one *one);
void upgrade_find_broken(const struct upgrade *u, struct upgrade_one *one);
void upgrade_mend(struct upgrade *u);

/* upgradepkg.c */
bool upgrade_is_version(const char *version);
int  upgrade_install(const struct upgrade *u);

/* upgradeturn.c */
int  upgrade_pin(const struct upgrade *u, const char *name,
		 const char *version);
int  upgrade_settle(const struct upgrade *u, struct upgrade_one *one);
int  upgrade_turn(struct upgrade *u, struct upgrade_one *one, const char *to);

/* upgradehub.c */
int  upgrade_hub_pinned(char *version, size_t size, const char *root);
int  upgrade_hub_pin(const struct upgrade *u, const char *version);
int  upgrade_hub_turn(struct upgrade *u, const char *to);

/* upgradesay.c */
void upgrade_say(struct upgrade *u, const struct upgrade_one *one);
void upgrade_say_dry(struct upgrade *u, const struct upgrade_one *one);
void upgrade_say_json(struct upgrade *u, bool done);
