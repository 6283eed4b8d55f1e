/**
 * @file bridge/bridge.h  Pairs a SIP call with a cloud call
 *
 *                       +-----------+
 *      SIP leg  <-----> |   bcall   | <-----> cube call (WebRTC peer)
 *         |             +-----------+              |
 *         +-----------> audio pair <---------------+
 *
 * (The video pair, if the app has video, stands beside the audio pair.)
 *
 * An extension (struct ext) is one SIP User-Agent, one line of the users
 * file and one cloud user. A bridged call (struct bcall) belongs to an
 * extension and has two legs, either of which may have called.
 */

#include "call/event.h"
#include "call/raise.h"

struct ext;
struct bcall;
struct user_map;
struct ua;
struct bcall_keys;
struct sipleg_audio;
struct sipleg_video;

/** State of a bridged call */
enum bcall_state {
	BCALL_IDLE = 0,
	BCALL_CALLING,          /**< The callee is being reached           */
	BCALL_RINGING,          /**< The callee rings                      */
	BCALL_ANSWERED,         /**< Answered, the media path is made      */
	BCALL_ESTABLISHED,      /**< Media may flow                        */
	BCALL_CLOSED,
};

/** An extension */
struct ext {
	struct le le;           /**< Member of the bridge's list           */
	struct ua *ua;          /**< SIP side (pointer), NULL=removed      */
	struct user_map *map;   /**< Its line of the users file (owned)    */
	struct cube *cube;      /**< Cloud side (owned)                    */
	struct list calll;      /**< Calls (struct bcall)                  */
	struct tmr tmr;         /**< Until it is freed, if it is leaving   */
	char *trouble;          /**< Why the cloud is not there, as it was
				     said (owned), NULL=it is              */
	bool leaving;           /**< Takes no more calls, and goes with the
				     last one                              */
	char *unreachable;      /**< Why its SIP server is not, or NULL (owned) */
	bool registered;        /**< It is, as was last told               */
	char *reg_cause;        /**< Why not, as was last told (owned)     */
	uint64_t reg_time;      /**< When it was registered [ms], 0=never  */
	uint64_t online_time;   /**< When it came online [ms], 0=never     */
};

/** A bridged call */
struct bcall {
	struct le le;           /**< Member of the extension's list        */
	struct ext *ext;        /**< Extension (parent)                    */
	struct sipleg *leg;     /**< SIP leg (owned)                       */
	struct cube_call *cube; /**< Cloud leg (owned)                     */
	struct audio_pair *audio; /**< Their audio (owned)                 */
	struct video_pair *video; /**< Their video (owned), NULL=none      */
	struct bcall_keys *keys; /**< Keys of its phone (owned)            */
	struct tmr tmr;         /**< Ring time                             */
	struct tmr tmr_watch;   /**< Silence of a leg                      */
	enum bcall_state state; /**< State                                 */
	bool from_app;          /**< The app called                        */
	bool lost;              /**< The app's media path is lost          */
	uint32_t id;            /**< Number for console and log            */
	uint64_t t_start;       /**< When it began [ms]                    */
	uint64_t t_answer;      /**< When it was answered [ms], 0=not yet  */
	uint64_t t_estab;       /**< When media could flow [ms], 0=not yet */
};

/* bridge.c */
int  bridge_init(const struct bridge_config *cfg);
void bridge_close(void);
const struct bridge_config *bridge_config(void);
const struct list *bridge_codecs(void);
const struct list *bridge_exts(void);
void bridge_add(struct ext *ext);
struct ext *bridge_find(const char *aor);
struct bcall *bridge_find_call(uint32_t id);
bool bridge_full(bool from_app);
size_t bridge_hangup_all(const char *reason);

/* network.c */
void network_init(void);
void network_close(void);

/* ext.c */
int  ext_alloc(struct ext **extp, struct user_map *map, struct ua *ua);
size_t ext_hangup(struct ext *ext, const char *reason);
void ext_remove(struct ext *ext);
void ext_leave(struct ext *ext);
void ext_call_ended(struct ext *ext);
void ext_registered(struct ext *ext, bool ok, const char *cause);
bool ext_is_online(const struct ext *ext);

/* admit.c */
int  admit_init(void);
uint16_t admit_app(struct ext *ext, const struct cube_call *call,
		   const char *number, const char **reasonp);
void admit_close(void);

/* userfile.c */
int  userfile_read(const char *path, const char *profile);
void userfile_start(const char *path);
int  userfile_reload(const char *path, const char *profile);
void userfile_close(void);

/* call.c */
int  bcall_dial(struct bcall **bcp, struct ext *ext, const char *id);
void bcall_hangup(struct bcall *bc, const char *reason);
const char *bcall_state_name(enum bcall_state state);

/* call.c, for the two legs */
int  bcall_alloc(struct bcall **bcp, struct ext *ext, bool from_app);
bool bcall_is_answered(const struct bcall *bc);
void bcall_set_state(struct bcall *bc, enum bcall_state state);
void bcall_set_answered(struct bcall *bc);
void bcall_limit_ringing(struct bcall *bc);
void bcall_start_ringing(struct bcall *bc);
void bcall_end_app(struct bcall *bc, uint16_t scode, const char *reason);
void bcall_end_sip(struct bcall *bc, uint16_t scode);
void bcall_end(struct bcall *bc, uint16_t scode, const char *why);
void bcall_close(struct bcall *bc, enum event_side by, uint16_t scode,
		 const char *why);

/* call_sip.c */
void bcall_from_sip(struct ext *ext, struct sipleg *leg);
int  bcall_connect_sip(struct bcall *bc, const char *number);

/* warm.c */
void bcall_warm(struct bcall *bc);

/* call_app.c */
void bcall_from_app(struct ext *ext, struct cube_call *call);
void bcall_accept_app(struct bcall *bc);
void bcall_refuse_app(struct cube_call *call, uint16_t scode,
		      const char *reason);
int  bcall_connect_app(struct bcall *bc, const char *const *idv, size_t idc,
		       const char *name, const char *number,
		       const char *uri, const struct sipleg_audio *au,
		       const struct sipleg_video *vid);

/* audio.c */
int  bcall_audio_update(struct bcall *bc);
int  bcall_send_cube_rtp(uint8_t *pkt, size_t len, size_t size, void *arg);
int  bcall_send_cube_rtcp(uint8_t *pkt, size_t len, size_t size, void *arg);
void bcall_sip_rtp(uint8_t *pkt, size_t len, void *arg);
void bcall_sip_rtcp(uint8_t *pkt, size_t len, void *arg);
void bcall_cube_rtp(enum peer_kind kind, uint8_t *pkt, size_t len,
		    void *arg);
void bcall_cube_rtcp(enum peer_kind kind, uint8_t *pkt, size_t len,
		     void *arg);

/* video.c */
void bcall_video_update(struct bcall *bc);
void bcall_sip_video(const struct sipleg_video *vid, void *arg);
void bcall_sip_vrtp(uint8_t *pkt, size_t len, void *arg);
void bcall_sip_vrtcp(uint8_t *pkt, size_t len, void *arg);
void bcall_sip_fast_update(void *arg);

/* watch.c */
void bcall_watch(struct bcall *bc);

/* keys.c */
int  bcall_keys_alloc(struct bcall_keys **keysp, struct bcall *bc);
void bcall_keys_reset(struct bcall *bc);
bool bcall_keys_deaf(const struct bcall *bc);
void bcall_media_key(enum media_leg leg, char key, bool down, uint32_t ms,
		     bool sent, void *arg);
void bcall_sip_key(char key, uint32_t ms, void *arg);
void bcall_cube_update(const struct cube_info *infov, size_t infoc,
		       void *arg);

/* status.c */
int  bridge_print_status(struct re_printf *pf, void *unused);
int  bridge_print_json(struct re_printf *pf, void *unused);
int  bridge_print_users(struct re_printf *pf, void *unused);
