/**
 * @file call/snapshot.h  What there is right now, as values
 *
 *   extensions, calls, legs --> snapshot.c --> struct snapshot
 *                                                 |--> status.c
 *                                                 +--> statusjson.c
 *                                                 `--> livejson.c
 *
 * One tree from which all that shows the state of the bridge is printed: the
 * console's text and JSON, and what the hub asks for (cmdstate.c). It points to nothing that lives, so that it
 * can be kept, and handed on. What is counted is counted where it happens, and
 * is read here; no second place counts.
 */

/** Where the packets of a leg go */
struct snap_path {
	bool on;                /**< There is one                          */
	uint16_t port;          /**< Ours                                  */
	char remote[64];        /**< Where to, ""=unknown                  */
	bool latched;           /**< That was learnt from packets          */
	uint64_t refused;       /**< Packets of strangers, or no RTP       */
	char srtp[32];          /**< Suite, ""=not encrypted               */
};

/** A party of a call */
struct snap_leg {
	struct le le;           /**< Member of its call                    */
	uint32_t num;           /**< Its number, in events, too            */
	char name[16];          /**< What it is, for people                */
	char key[16];           /**< The same, for programs                */
	enum event_side side;   /**< The same, in events                   */
	char uri[EVENT_URI];    /**< Its address                           */
	char peer[EVENT_TEXT];  /**< Its name                              */
	char user[EVENT_ID];    /**< App: its user id                      */
	char id[EVENT_ID];      /**< SIP's Call-ID, the app's session      */
	char state[16];         /**< App: state of its signalling          */
	char how[EVENT_URI];    /**< App: its media path, as ICE has it    */
	unsigned pushed;        /**< App: users that were pushed to        */
	uint32_t push_ms;       /**< ... until it was there [ms], 0=it is not */
	bool held;              /**< It has put us on hold                 */
	bool lost;              /**< Its media path is lost                */
	struct snap_path path;  /**< Phone: of audio                       */
	struct snap_path vpath; /**< ... of video                          */
	struct media_stats audio; /**< Its audio                           */
	char srtp[32];          /**< SRTP suite of it, ""=not encrypted    */
	char ice_local[8];      /**< App: type of our candidate, ""=no pair */
	char ice_remote[8];     /**< ... and of its                        */
	uint32_t silent_ms;     /**< It was not heard, for so long [ms]    */
	enum event_unheard one_way; /**< It was not, and the other one was */
	uint32_t dead_air_ms;   /**< Nobody was heard, for so long [ms]    */
	bool has_video;         /**< It has video                          */
	struct video_stats video; /**< Its video                           */
};

/** A call */
struct snap_call {
	struct le le;           /**< Member of its extension               */
	uint32_t id;            /**< Number                                */
	char record[EVENT_UUID]; /**< Id of its record                     */
	char linked[EVENT_UUID]; /**< ... of one of those that have shared a
				     party, the same of all                */
	bool from_app;          /**< The app called                        */
	char state[16];         /**< State                                 */
	uint64_t t_start;       /**< When it began [ms]                    */
	uint64_t t_answer;      /**< When it was answered [ms], 0=not yet  */
	uint64_t t_media;       /**< When media could flow [ms], 0=not yet */
	struct list legl;       /**< struct snap_leg (owned), phones first */
};

/** An extension */
struct snap_ext {
	struct le le;           /**< Member of the snapshot                */
	char aor[EVENT_URI];    /**< Its address                           */
	char name[EVENT_TEXT];  /**< Its name                              */
	char cloud[16];         /**< State of its cloud link               */
	char reason[EVENT_TEXT];/**< Why, ""=it is online                  */
	char user[EVENT_ID];    /**< Its user id in the cloud              */
	uint64_t t_online;      /**< When it came online [ms], 0=never     */
	uint64_t t_offline;     /**< Since when it is not [ms], 0=it is    */
	char server[EVENT_URI]; /**< Its SIP server, ""=its account is gone */
	bool registered;        /**< Its SIP account is                    */
	bool registers;         /**< It is to be (regint=0: it is not)     */
	uint64_t t_reg;         /**< When it was registered [ms], 0=never  */
	uint64_t t_unreg;       /**< Since when it is not [ms], 0=it is    */
	char sip_reason[EVENT_TEXT]; /**< Why not, ""=it is, or not known  */
	char dnd[EVENT_TEXT];   /**< Who is not to be disturbed, joined by
				     commas; "all"=everybody, ""=nobody    */
	uint32_t callc;         /**< How many calls it has                 */
	struct list calll;      /**< Those that were looked at: struct
				     snap_call (owned)                     */
};

/** What there is */
struct snapshot {
	uint64_t now;           /**< When it was taken, monotonic [ms]     */
	struct list extl;       /**< struct snap_ext (owned)               */
};

int snapshot_take(struct snapshot **snapp);
int snapshot_take_exts(struct snapshot **snapp);
int snapshot_take_calls(struct snapshot **snapp, uint32_t after, size_t most);

/* livepart.c */
struct live_part;
typedef int (live_part_h)(struct mbuf *mb, void *arg);

int  live_part_add(struct live_part **pp, live_part_h *h, void *arg);
int  live_parts_print(struct mbuf *mb);

/* livejson.c: for the hub, docs/HUB.md */
int live_print_exts(struct mbuf *mb, const struct snapshot *snap,
		    uint64_t wall);
int live_print_calls(struct mbuf *mb, const struct snapshot *snap,
		     uint64_t wall, uint32_t *lastp, size_t *np);
