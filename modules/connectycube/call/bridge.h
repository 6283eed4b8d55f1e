/**
 * @file call/bridge.h  The bridge: its extensions, and what they share
 *
 *   extension --+-- SIP User-Agent, cloud user, line of the users file
 *               `-- calls (call.h) -- legs (leg.h) -- phone, app
 *
 * An extension (struct ext) is one SIP User-Agent, one line of the users
 * file and one cloud user. A call (struct bcall) belongs to an extension.
 */

struct ext;
struct app_refusal;
struct bcall;
struct user_map;
struct bcall_env;
struct sipleg;
struct cube_call;
struct ua;

/** An extension */
struct ext {
	struct le le;           /**< Member of the bridge's list           */
	struct ua *ua;          /**< SIP side (pointer), NULL=removed, or
				     there is none: mode_has_sip()         */
	struct user_map *map;   /**< Its line of the users file (owned)    */
	struct cube *cube;      /**< Cloud side (owned)                    */
	struct list calll;      /**< Calls (struct bcall)                  */
	struct list dndl;       /**< Who is not to be disturbed, see dnd.h */
	struct tmr tmr;         /**< Until it is freed, if it is leaving   */
	char *trouble;          /**< Why the cloud is not there, as it was
				     said (owned), NULL=it is              */
	bool leaving;           /**< Takes no more calls, and goes with the
				     last one                              */
	char *unreachable;      /**< Why its SIP server is not, or NULL (owned) */
	bool registered;        /**< It is, as was last told               */
	char *reg_cause;        /**< Why not, as was last told (owned)     */
	uint64_t reg_time;      /**< When it was registered [ms], 0=never  */
	uint64_t reg_lost;      /**< Since when it is not [ms], 0=it is    */
	uint64_t online_time;   /**< When it came online [ms], 0=never     */
	uint64_t online_lost;   /**< Since when it is not [ms], 0=it is    */
	struct sipwatch *watch; /**< Tells SIP of its state (owned), NULL=
				     not wanted                            */
	struct phonewatch *desk; /**< Watches its desk phone (owned), NULL=
				     there is none                         */
	bool desk_busy;         /**< That one is in a call                 */
};

/* bridge.c */
int  bridge_init(const struct bridge_config *cfg);
void bridge_close(void);
const struct bridge_config *bridge_config(void);
const struct bcall_env *bridge_env(void);
const struct list *bridge_exts(void);
void bridge_add(struct ext *ext);
struct ext *bridge_find(const char *aor);
struct ext *bridge_find_ua(const struct ua *ua);
struct bcall *bridge_find_call(uint32_t id);
bool bridge_full(bool from_app);
size_t bridge_hangup_all(enum end_reason reason, const char *why);

/* drain.c */
int  drain_init(void);
void drain_close(void);
void bridge_set_drain(bool on);
bool bridge_is_draining(void);
size_t bridge_calls(void);

/* shutdown.c */
typedef void (shutdown_end_h)(void);
void shutdown_begin(shutdown_end_h *endh);
void shutdown_call_ended(void);
uint32_t shutdown_left(void);
void shutdown_close(void);

/* service.c */
int  service_init(void);
void service_look(void);
void service_close(void);

/* network.c */
void network_init(void);
void network_close(void);

/* ext.c */
int  ext_alloc(struct ext **extp, struct user_map *map, struct ua *ua);
size_t ext_hangup(struct ext *ext, enum end_reason reason, const char *why);
void ext_remove(struct ext *ext);
void ext_leave(struct ext *ext);
void ext_call_ended(struct ext *ext);
void ext_registered(struct ext *ext, bool ok, const char *cause);
bool ext_is_online(const struct ext *ext);
bool ext_registers(const struct ext *ext);

/* reach.c */
struct control;
struct leg_cause;
bool ext_rings(const struct ext *ext, const char *user);
size_t ext_users(const struct ext *ext, const char **idv);
int  ext_may_call(const struct ext *ext, const char *user);
bool ext_may_ring(const struct ext *ext, const char *user,
		  struct leg_cause *cause);
int  ext_set_dnd(struct ext *ext, const char *user, bool on,
		 enum event_side by);
int  ext_control(const struct control *ctl, const char *user,
		 const char **reasonp, void *arg);

/* presence.c */
int  presence_init(void);
int  presence_add(struct ext *ext);
void presence_line(struct ext *ext);
void presence_remove(struct ext *ext);
void presence_changed(void);
void presence_close(void);

/* listeners.c */
int  listeners_init(const struct bridge_config *cfg);
void listeners_close(void);

/* admit.c */
int  admit_init(void);
uint16_t admit_app(struct app_refusal *r, struct ext *ext,
		   const struct cube_call *call, const char *number);
struct raise_refused;
bool admit_phone(struct raise_refused *r, const struct ext *ext);
void admit_close(void);

/* userfile.c */
int  userfile_read(const struct bridge_config *cfg, const char *profile);
void userfile_start(const char *path);
int  userfile_reload(const struct bridge_config *cfg, const char *profile);
void userfile_close(void);

/* dial.c */
void bcall_from_sip(struct ext *ext, struct sipleg *sl);
void bcall_from_app(struct ext *ext, struct cube_call *cc);
int  bcall_ring_users(struct bcall *bc);

/* await.c */
bool await_take(struct ext *ext, struct sipleg *sl);
void await_close(void);

/* notice.c */
int  notice_ring(struct bcall *bc, const char *const *idv, size_t idc);

/* status.c */
int  bridge_print_status(struct re_printf *pf, void *unused);
int  bridge_print_json(struct re_printf *pf, void *unused);
int  bridge_print_users(struct re_printf *pf, void *unused);
