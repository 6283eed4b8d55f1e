/**
 * @file connectycube_hub/live/live.h  What there is now: extensions and calls
 *
 *   feed.c --> hlive_tell() --> model.c --+--> json.c       the API
 *                                 |       +--> each.c       metrics
 *     bridges                     |       +--> print.c      the console
 *                                 |       `--> hlive_change_h
 *                                 +--> bridge.c, ext.c, pbx.c  `state`
 *                                 +--> call.c, leg.c    `stats`, events
 *                                 `--> alarm.c
 *
 * What bridges tell is a copy of what is: `state` and `stats` come again every
 * few seconds, whole, and put right whatever an event has not told, or told
 * twice. All is bounded. Time is an argument, by a clock that nobody sets [ms]:
 * so is what is older than something known. What is shown is of the wall clock,
 * and what bridges tell of theirs is turned into ours as it comes.
 *
 * Pure. No file here includes re.h, whose names clash with jansson's.
 */

enum {
	HLIVE_BRIDGES = 1000,   /**< Bridges, those that have gone, too    */
	HLIVE_EXTS = 4000,      /**< Extensions of all                     */
	HLIVE_CALLS = 4000,     /**< Calls of all                          */
	HLIVE_CALLS_BRIDGE = 1000, /**< Calls of a bridge                  */
	HLIVE_LEGS = 16,        /**< Parties of a call                     */
	HLIVE_CHANNELS = 64,    /**< Channels of an extension at its PBX   */
	HLIVE_SAMPLES = 60,     /**< Samples of a party                    */
	HLIVE_ALARMS = 1000,    /**< Alarms that are on                    */
	HLIVE_CLEARED = 100,    /**< ... and that are over                 */
	HLIVE_WAIT = 60000,     /**< Calls of a bridge that has gone stay for
				     so long [ms]                          */
	HLIVE_GRACE = 10000,    /**< What is not there for so long is an
				     alarm [ms]                            */
	HLIVE_GONE = 86400000,  /**< A bridge that has gone is forgotten then
				     [ms]                                  */
	HLIVE_NEWS = 1000,      /**< A call is told anew at most each [ms] */
	HLIVE_ID = 40,          /**< Size of a call's id, its record's     */
};

struct hlive;
struct hub_tell;
struct json_t;
struct re_printf;

/**
 * Something is not as it was
 *
 * @param type `extension`, `extension_gone`, `call`, `call_ended` or `alarm`
 * @param ext  Extension that it is about, ""=none
 * @param j    What it is now (borrowed)
 * @param arg  Handler argument
 */
typedef void (hlive_change_h)(const char *type, const char *ext,
			      struct json_t *j, void *arg);

/* model.c */
int  hlive_alloc(struct hlive **lp);
void hlive_set_wall(struct hlive *l, uint64_t now, uint64_t wall);
void hlive_set_handler(struct hlive *l, hlive_change_h *changeh, void *arg);
void hlive_tell(struct hlive *l, const struct hub_tell *t, uint64_t now);
bool hlive_tick(struct hlive *l, uint64_t now);

/* alarm.c */
void hlive_disk(struct hlive *l, const char *text, uint64_t now);
void hlive_recording_alarm(struct hlive *l, const char *why, uint64_t now);

/* json.c: NULL if there is no memory, or no such thing. json_decref() */
struct json_t *hlive_json_exts(const struct hlive *l);
struct json_t *hlive_json_ext(const struct hlive *l, const char *ext);
struct json_t *hlive_json_calls(const struct hlive *l, const char *ext);
struct json_t *hlive_json_call(const struct hlive *l, const char *id);
struct json_t *hlive_json_stats(const struct hlive *l, const char *id);
struct json_t *hlive_json_alarms(const struct hlive *l);

/* pbx.c */
struct json_t *hlive_json_channels(const struct hlive *l, const char *ext);
const char *hlive_channel_bridge(const struct hlive *l, const char *id,
				 const char **extp, const char **chanp);

/* find.c: whom to order about a call, or an extension; NULL if it cannot be now */
const char *hlive_call_bridge(const struct hlive *l, const char *id,
			      uint32_t *num);
const char *hlive_ext_bridge(const struct hlive *l, const char *ext);

const char *hlive_call_of(const struct hlive *l, const char *bridge,
			  uint32_t num);

/** An extension */
struct hlive_ext {
	const char *aor;        /**< Its SIP address (pointer)             */
	bool here;              /**< Its bridge is, and has told of it     */
	uint64_t t_gone;        /**< Not here: since when [ms]             */
	bool registers;         /**< It is to be registered                */
	bool registered;        /**< It is                                 */
	bool online;            /**< Its cloud link is                     */
	bool refused;           /**< Its login is refused                  */
	bool draining;          /**< Its bridge takes no more calls        */
	bool spool;             /**< First one of a bridge that has told of
				     its spool:                            */
	int64_t waiting;        /**< Records that wait there               */
	uint64_t lost;          /**< Records it has lost since it came     */
};

typedef void (hlive_ext_h)(const struct hlive_ext *e, void *arg);
typedef void (hlive_call_h)(const char *ext, bool from_app, bool transcoded,
			    void *arg);

/* each.c */
void hlive_each_ext(const struct hlive *l, hlive_ext_h *h, void *arg);
void hlive_each_call(const struct hlive *l, hlive_call_h *h, void *arg);

/* print.c */
int hlive_print_exts(struct re_printf *pf, const struct hlive *l,
		     uint64_t now);
int hlive_print_calls(struct re_printf *pf, const struct hlive *l,
		      uint64_t now);
