/**
 * @file connectycube_hub/live/model.h  The model's insides
 */

enum {
	MODEL_URI = 128,        /**< Size of addresses [bytes]             */
	MODEL_NAME = 96,        /**< Size of names and ids [bytes]         */
	MODEL_TEXT = 160,       /**< Size of why something is so [bytes]   */
	MODEL_WORD = 24,        /**< Size of words of closed lists [bytes] */
	MODEL_BUCKETS = 256,
	MODEL_ENDED = 64,       /**< Calls of a bridge that are known to be
				     over                                  */
};

struct hlive {
	struct list bridgel;    /**< struct mbridge (owner)                */
	struct list extl;       /**< struct mext (owner)                   */
	struct list calll;      /**< struct mcall (owner)                  */
	struct list numv[MODEL_BUCKETS]; /**< ... by their numbers         */
	struct list alarml;     /**< struct malarm that are on (owner)     */
	struct list clearedl;   /**< ... and that are over (owner)         */
	uint64_t alarms;        /**< Number of the last alarm              */
	int64_t ahead;          /**< The wall clock is [ms]                */
	hlive_change_h *changeh; /**< NULL=nobody wants to know            */
	void *arg;
};

/** A bridge */
struct mbridge {
	struct le le;
	char name[MODEL_NAME];  /**< Its name                              */
	uint64_t conn;          /**< Number of its connection, 0=gone      */
	unsigned version;       /**< Of the protocol                       */
	uint64_t t_conn;        /**< When it came, or went                 */
	uint64_t started;       /**< When its process was, 0=unknown       */
	uint64_t seen;          /**< When its state came last, 0=never     */
	bool draining;          /**< It takes no more calls                */
	bool removed;           /**< It is not to come back                */
	char product[MODEL_NAME]; /**< Version of what runs                */
	bool recorder;          /**< It records:                           */
	json_int_t rec_started; /**< ... so many there were                */
	json_int_t rec_failed;  /**< ... that came to no file              */
	json_int_t rec_lost;    /**< ... packets that were lost            */
	json_int_t rec_waiting_kb; /**< ... waits for the disk             */
	bool rec_bad;           /**< ... the disk does not take it         */
	json_int_t pid;
	json_int_t memory_kb;
	json_int_t cpu_ms;
	json_int_t stall_ms;
	bool spool;             /**< It has told of its spool              */
	json_int_t waiting;     /**< Records in its spool                  */
	json_int_t lost;        /**< Records that are lost                 */
	uint64_t lost_here;     /**< ... since it came first               */
	bool disk_bad;          /**< Its spool cannot be written           */
	uint64_t t_pbx;         /**< Its link with the PBX's manager is away
				     since then, 0=it is not, or has none  */
	char pbx_error[MODEL_TEXT]; /**< ... and why                      */
	uint32_t callc;         /**< Calls it has in the model             */
	char endedv[MODEL_ENDED][HLIVE_ID]; /**< Calls that are over       */
	size_t endedc;          /**< How many there ever were              */
};

/** A side of an extension: SIP, or the cloud */
struct mside {
	bool up;                /**< It is there                           */
	char state[MODEL_WORD]; /**< Cloud: its word                       */
	uint64_t since;         /**< Since when it is as it is             */
	char error[MODEL_TEXT]; /**< Why it is not, ""=unknown, or it is   */
	char last[MODEL_TEXT];  /**< The last reason that there was        */
	uint64_t t_last;        /**< ... and when it was heard of          */
};

/** An extension */
struct mext {
	struct le le;
	struct mbridge *bridge; /**< Whose (pointer)                       */
	char aor[MODEL_URI];    /**< Its SIP address                       */
	char name[MODEL_NAME];
	char dnd[MODEL_TEXT];   /**< Who is not to be disturbed            */
	char user[MODEL_NAME];  /**< Its user in the cloud                 */
	bool registers;         /**< It is to be registered                */
	bool draining;          /**< Its bridge was, when it was told last */
	char server[MODEL_URI]; /**< Its SIP server                        */
	struct mside sip;
	struct mside cloud;
	size_t calls;           /**< That it has in the model              */
	json_t *pbx;            /**< Channels at its PBX, NULL=its bridge has no
				     link with one's manager (owned)       */
	bool there;             /**< It was in the last state              */
	bool dirty;             /**< To be told                            */
};

/** A sample, for graphs */
struct msample {
	uint64_t time;
	uint32_t jitter_us;
	uint32_t lost;          /**< Since the one before                  */
	uint16_t mos_100;       /**< 0=unknown                             */
	int16_t level_10;       /**< 0=unknown                             */
};

/** A direction of a party's audio, or video */
struct mdir {
	char codec[MODEL_WORD]; /**< ""=none                               */
	json_int_t packets;
	json_int_t bytes;
	json_int_t lost;
	json_int_t frames;      /**< Video                                 */
	json_int_t jitter_us;
	json_int_t mos_100;
	json_int_t mos_now_100;
	uint32_t bitrate;       /**< Of late [bit/s]                       */
	double fps;             /**< Video: of late                        */
};

/** A party */
struct mleg {
	struct le le;
	uint32_t num;
	char side[MODEL_WORD];  /**< phone, app                            */
	char uri[MODEL_URI];
	char name[MODEL_NAME];
	char user[MODEL_NAME];
	char id[MODEL_NAME];    /**< Call-ID, session                      */
	char srtp[32];
	char one_way[MODEL_WORD]; /**< It is not heard, ""=it is           */
	bool holds;
	bool path_lost;
	bool forwarded;         /**< What it is sent is not transcoded     */
	bool video;
	uint64_t seen;          /**< When it was measured last, 0=never    */
	struct mdir rx, tx;
	struct mdir vrx, vtx;
	json_int_t width, height;
	json_int_t rtt_us;
	json_int_t lat50_us, lat99_us;
	json_int_t level_10, level_now_10;
	json_int_t dead_air_ms, silent_ms;
	bool there;             /**< It was in the last stats              */
	struct msample samplev[HLIVE_SAMPLES]; /**< A ring                 */
	size_t samplec;         /**< How many there ever were              */
};

enum mstate {
	MCALL_CALLING = 0,
	MCALL_RINGING,
	MCALL_EARLY,
	MCALL_UP,
	MCALL_UNKNOWN,          /**< Its bridge has gone                   */
};

/** A call */
struct mcall {
	struct le le;
	struct le nle;          /**< Member of those of its number         */
	struct mbridge *bridge; /**< Whose (pointer)                       */
	uint32_t num;           /**< Its number there                      */
	char id[HLIVE_ID];      /**< Of its record                         */
	char linked[HLIVE_ID];  /**< ... of the first of those that have
				     shared a party                        */
	char ext[MODEL_URI];
	char session[MODEL_NAME];
	char callid[MODEL_NAME];
	bool from_app;
	enum mstate state;
	uint64_t t_start, t_answer, t_media; /**< Of the wall clock, 0=not yet */
	char user[MODEL_NAME];  /**< App's, as events have it              */
	char uri[MODEL_URI];    /**< Phone's                               */
	char name[MODEL_NAME];
	char dialled[MODEL_NAME];
	char channel[MODEL_NAME]; /**< That waited for it at the PBX, =none */
	char channel_linked[MODEL_NAME]; /**< ... Linkedid of all of its call */
	char recording[MODEL_WORD]; /**< ""=none                           */
	char rec_id[48];
	char transfer[MODEL_WORD]; /**< Its state, ""=none                 */
	char target[MODEL_URI];
	struct list legl;       /**< struct mleg (owner)                   */
	uint64_t seen;          /**< Something of it was heard             */
	uint64_t t_unknown;     /**< Since when it is                      */
	uint64_t told;          /**< When it was told last                 */
	bool dirty;             /**< To be told, when it is time           */
	bool listed;            /**< It is in the state at hand            */
};

enum malarm_kind {
	MALARM_BRIDGE = 0,      /**< Its bridge has gone                   */
	MALARM_SIP,             /**< Not registered                        */
	MALARM_CLOUD,           /**< Not online                            */
	MALARM_REFUSED,         /**< The cloud refuses its login           */
	MALARM_DEAD_AIR,
	MALARM_ONE_WAY,
	MALARM_PATH,            /**< Path of a party is lost               */
	MALARM_RECORDING,       /**< It is not whole, or failed            */
	MALARM_DISK,            /**< The spool cannot be written           */
	MALARM_SPOOL,           /**< Records are lost                      */
	MALARM_FULL,            /**< A disk of the hub is nearly full      */
	MALARM_PBX,             /**< A bridge's link with the PBX is away  */
};

/** An alarm */
struct malarm {
	struct le le;
	uint64_t num;
	enum malarm_kind kind;
	char bridge[MODEL_NAME];
	char ext[MODEL_URI];    /**< ""=all of them                        */
	char call[HLIVE_ID];    /**< ""=no call's                          */
	char text[MODEL_TEXT];
	uint64_t since;
	uint64_t cleared;       /**< 0=it is on                            */
};

/* read.c: members of what bridges tell, which may be anything */
void mread_str(char *dst, size_t size, const json_t *j, const char *key);
json_int_t mread_int(const json_t *j, const char *key);
uint64_t mread_time(const json_t *j, const char *key);
bool mread_u32(uint32_t *v, const json_t *j, const char *key);
bool mread_bool(const json_t *j, const char *key);

/* model.c */
uint64_t model_wall(const struct hlive *l, uint64_t t);
void model_change(const struct hlive *l, const char *type, const char *ext,
		  json_t *j);

/* bridge.c */
struct mbridge *mbridge_find(const struct hlive *l, uint64_t conn,
			     const char *name);
void mbridge_came(struct hlive *l, const struct hub_tell *t, uint64_t now);
void mbridge_went(struct hlive *l, const struct hub_tell *t, uint64_t now);
void mbridge_state(struct hlive *l, struct mbridge *b, const json_t *state,
		   uint64_t now);
bool mbridge_tick(struct hlive *l, uint64_t now);
bool mbridge_is_over(const struct mbridge *b, const char *id);

/* pbx.c */
void mpbx_state(struct mext *e, const json_t *state);

/* ext.c */
const struct mext *mext_find(const struct hlive *l, const char *ext);
void mext_count(struct hlive *l, const struct mbridge *b, const char *aor);
void mext_state(struct hlive *l, struct mbridge *b, const json_t *state,
		uint64_t now);
void mext_gone(struct hlive *l, struct mbridge *b);
void mext_forget(struct hlive *l, struct mext *e, uint64_t now);
bool mext_tick(struct hlive *l, uint64_t now);

/* call.c */
struct mcall *mcall_find_id(const struct hlive *l, const char *id);
struct mcall *mcall_known(struct hlive *l, struct mbridge *b, const json_t *j);
struct mcall *mcall_get(struct hlive *l, struct mbridge *b, const json_t *j,
			const char *extkey, uint64_t now);
void mcall_end(struct hlive *l, struct mcall *c);
void mcall_set_state(struct mcall *c, enum mstate state);
void mcall_word(struct mcall *c, const char *word, bool early);
void mcall_stats(struct hlive *l, struct mbridge *b, const json_t *stats,
		 uint64_t now);
void mcall_reconcile(struct hlive *l, struct mbridge *b,
		     const json_t *state);
void mcall_unknown(struct hlive *l, const struct mbridge *b, uint64_t now);
void mcall_record(struct hlive *l, const json_t *record);
bool mcall_tick(struct hlive *l, uint64_t now);

/* event.c */
void mevent(struct hlive *l, struct mbridge *b, const json_t *ev,
	    uint64_t now);

/* leg.c */
struct mleg *mleg_find(const struct mcall *c, uint32_t num);
struct mleg *mleg_get(struct mcall *c, uint32_t num);
void mleg_stats(struct mcall *c, const json_t *legs, uint64_t now);

/* alarm.c */
const char *malarm_name(enum malarm_kind kind);
void malarm_set(struct hlive *l, enum malarm_kind kind, bool on,
		const struct mbridge *b, const char *ext, const char *call,
		uint64_t since, uint64_t now, const char *text);
void malarm_call_over(struct hlive *l, const struct mcall *c, uint64_t now);

/* json.c */
json_t *mext_json(const struct hlive *l, const struct mext *e);
json_t *mcall_json(const struct mcall *c);
json_t *malarm_json(const struct hlive *l, const struct malarm *a);
const char *mstate_name(enum mstate state);
