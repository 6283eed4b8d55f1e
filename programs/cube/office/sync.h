/**
 * @file sync.h  cube sync: instances are made of the files of an office
 *
 *   struct office --> confcheck.c  what modules say of common.conf
 *        |
 *        `----------> render.c, secret.c --> plan.c --> folder.c  files in /run
 *                     ports.c  ports, kept ---'    |
 *                                                  `--> systemctl.c
 *
 * Begins with office.h.
 *
 *   /run/connectycube-bridge/instances/NAME/   config, accounts, users
 *                                              todo   what is not done yet
 *                                              delay  when many start [ms]
 *                                              turn   how it was (upgrade.h)
 *                              .synced         when all was as the files say
 *                              .hub-turn       how the hub was
 *   /var/lib/connectycube-bridge/.ports        NAME SIP [VERSION], a line each
 *                              .hub  socket of the hub, if common.conf says it
 *   /var/spool/connectycube-bridge/from/NAME/  what it records, which it sees in
 *                                              the place of the spool
 *   /usr/lib/connectycube-bridge/versions/     modules of versions that were
 *                                              installed before (upgrade.h)
 */

enum {
	SYNC_PATH = 1024,       /**< Size of a path [bytes]                */
	SYNC_NAME = 256,        /**< Size of an instance's name            */
	SYNC_VERSION = 64,      /**< Size of a version                     */
};

/** File of what is to be done with an instance, until it is */
#define SYNC_TODO "todo"

/** File of how long it waits when it is started with many others [ms] */
#define SYNC_DELAY "delay"

/** File whose time is that of the last sync that has done all */
#define SYNC_STAMP ".synced"

/** File of the ports of all of them */
#define SYNC_PORTS ".ports"

/** File of how an instance was before its turn of an upgrade, while that lasts */
#define SYNC_TURN "turn"

/** The same of the hub, beside the instances */
#define SYNC_HUB_TURN ".hub-turn"

/** File of where the hub is, for those that are no more */
#define SYNC_HUB ".hub"

/** Unit of an instance, by its name */
#define SYNC_UNIT "connectycube-bridge@%s.service"

/** What is written for an instance */
enum sync_file {
	SYNC_CONFIG,
	SYNC_ACCOUNTS,
	SYNC_USERS,
	SYNC_FILES
};

/** What is done with an instance; what is more comes later */
enum sync_verb {
	SYNC_NOTHING = 0,
	SYNC_KEEP,              /**< Its line is wrong: stays as it was    */
	SYNC_RELOAD,            /**< Reads `users` again                   */
	SYNC_RESTART,
	SYNC_START,
	SYNC_STOP,
	SYNC_VERBS
};

/** Ports of an instance */
struct sync_ports {
	char name[SYNC_NAME];   /**< Whose                                 */
	uint16_t sip;           /**< SIP, TLS is the next one              */
	char pin[SYNC_VERSION]; /**< Version that it runs, ""=what is
				     installed                             */
	bool used;              /**< There is such an instance             */
};

/** An instance */
struct sync_inst {
	char name[SYNC_NAME];
	enum sync_verb verb;
	bool there;             /**< It was there before                   */
	bool changedv[SYNC_FILES]; /**< Files that are written anew        */
	struct mbuf *mbv[SYNC_FILES]; /**< What they shall be (owned,
				     wiped), NULL=as they are              */
};

/** A sync */
struct sync {
	const struct office *o; /**< Office (pointer)                      */
	char instances[SYNC_PATH]; /**< Folder of the instances            */
	char state[SYNC_PATH];  /**< Folder of what lasts                  */
	char creds[SYNC_PATH];  /**< Folder of encrypted credentials       */
	char versions[SYNC_PATH]; /**< Folder of versions                  */
	char spool[SYNC_PATH];  /**< Folder of recordings, while they are made */
	char modules[SYNC_PATH]; /**< Folder of the modules installed      */
	bool all;               /**< What has not changed is started, too  */
	bool quiet;             /**< Only written: somebody else restarts  */
	bool later;             /**< A secret is not there, perhaps yet    */
	bool spoiled;           /**< Something was not done, and was said  */
	struct sync_ports *portv;
	size_t portc;
	unsigned slot;          /**< Where free ports are looked for next  */
	struct sync_inst *instv;
	size_t instc;
	struct office_fault *faultv; /**< What is found here               */
	size_t faultc;
};

/* syncopen.c */
int  sync_open(struct sync *s, struct office **op, const char *root,
	       int *lockp);
int  sync_ports_load(struct sync *s);
int  sync_stamp(const struct sync *s);
bool sync_is_stamped(const struct sync *s, const char *root);

/* confcheck.c */
int  sync_check(struct office *o);

/* render.c */
int  sync_render_base(struct mbuf *mb, const struct office *o);
int  sync_render_config(struct mbuf *mb, const struct sync *s,
			const struct sync_ports *ports);
int  sync_render_no_account(struct mbuf *mb);
int  sync_render_account(struct mbuf *mb, const struct office_ext *ext,
			 const char *password);
int  sync_render_user(struct mbuf *mb, const struct office_ext *ext,
		      const char *password);

/* secret.c */
int  sync_secret(char **valp, const struct office_secret *s,
		 const char *creds, char *why, size_t size);

/* ports.c */

/**
 * Is a port free?
 *
 * @param port Port
 * @param udp  By UDP, otherwise TCP
 *
 * @return True if it is
 */
typedef bool (sync_free_h)(uint16_t port, bool udp);

bool sync_port_free(uint16_t port, bool udp);
int  sync_ports_read(struct sync *s, const struct pl *text);
int  sync_ports_print(struct mbuf *mb, const struct sync *s);
int  sync_ports_get(const struct sync_ports **pp, struct sync *s,
		    const char *name, bool running, sync_free_h *freeh);

/* folder.c */
const char *sync_memory(void);
int  sync_load(struct mbuf **mbp, bool *worldp, const char *dir,
	       const char *name);
int  sync_save(const char *dir, const char *name, const struct mbuf *mb,
	       unsigned mode);
int  sync_folders(struct sync *s, const char *root, int *lockp);
int  sync_remove(const struct sync *s, const char *name);

/* spoolfolder.c */
int  sync_spool(const struct sync *s, const char *name);

/* plan.c */
int  sync_plan(struct sync *s);
struct sync_inst *sync_find(const struct sync *s, const char *name);
void sync_reset(struct sync *s);
const char *sync_file_name(enum sync_file file);

/* apply.c */
int  sync_write(struct sync *s);
void sync_no_delay(const struct sync *s, const char *name);
int  sync_tell(struct sync *s, bool quiet);
const char *sync_verb_name(const struct sync_inst *inst);

/* version.c */
int  version_lock(int *fdp, const struct sync *s);
int  version_keep(const struct sync *s, const char *version);
bool version_is_kept(const struct sync *s, const char *version);
int  version_previous(char *version, size_t size, const struct sync *s);
int  version_prune(const struct sync *s, const char *other);

/* left.c */
int  left_hub(char *path, size_t size, const char *root);
int  left_hand_on(const char *spool, const char *name, const char *socket,
		  unsigned *np);
void left_start(const struct sync *s);

/* systemctl.c */

/** How a unit is */
struct unit_look {
	char status[SYNC_PATH]; /**< STATE TEXT: "active 1 extension ..."  */
	uint32_t pid;           /**< Its process, 0=none, or not known     */
};

int  systemd_hear(struct mbuf **mbp, char *const argv[]);
int  systemd_decrypt(struct mbuf **mbp, const char *name, const char *path);
int  systemd_run(char *const argv[]);
int  systemctl_look(struct unit_look *how, const char *unit);
int  systemctl_run(const char *verb, bool wait, const char *const *namev,
		   size_t namec);
int  systemctl_unit(const char *verb, bool wait, const char *unit);
int  systemctl_interrupt(const char *unit);
