/**
 * @file call/steer.h  What modules beside the bridge may do in its calls
 *
 *   app ---- action ------> steer.c -----> handler
 *   phone -- keys --------> steerkeys.c -> handler
 *   handler --------------> prompt.c ----> parties hear a sound
 *                     `---> host/steer.c   parties are told
 *
 * Observers get these by observe.h. Calls and parties are given by their
 * numbers, as events have them: a number of what has gone finds nothing.
 * Without any observer a key costs one test, and a packet nothing.
 */

enum {
	STEER_NAME_MAX  = 31,   /**< Longest name of an action [bytes]     */
	STEER_KEYS_MIN  = 2,    /**< Shortest sequence of keys             */
	STEER_KEYS_MAX  = 8,    /**< Longest one                           */
	STEER_KEYS_TIME = 3000, /**< Longest pause between two keys of it
				     [ms]                                  */
	STEER_PARTIES   = 64,   /**< Most parties of a call that are told
				     of one by one                         */
};

struct control;
struct cube_info;
struct leg;
struct bcall;
struct ext;
struct sound;
struct prompt;
struct steer_action;
struct steer_keys;

/** An app asks for something. Valid in the handler only */
struct steer_ask {
	uint32_t call;          /**< Number of the call, 0=of none         */
	uint32_t leg;           /**< Number of the app's leg, 0=of none    */
	const char *ext;        /**< Extension's address                   */
	const char *user;       /**< Id of the user who asks, NULL=unknown */
	const struct control *ctl; /**< All of it: see control_value(). May
				     be referenced, for a later answer     */
};

/**
 * An app asks for something that a module can do
 *
 * @param ask     What
 * @param reasonp Set to why it is refused (pointer)
 * @param arg     Handler argument
 *
 * @return 0 if it is done, EINPROGRESS if steer_answer() will tell, otherwise
 *         errorcode
 */
typedef int (steer_action_h)(const struct steer_ask *ask,
			     const char **reasonp, void *arg);

/**
 * A phone's party has pressed a sequence of keys. Called from the loop, and
 * the call may be over
 *
 * @param call Number of the call
 * @param leg  Number of the phone's leg
 * @param arg  Handler argument
 */
typedef void (steer_keys_h)(uint32_t call, uint32_t leg, void *arg);

/** Who is to hear a sound */
enum prompt_who {
	PROMPT_ALL = 0,         /**< All, or it has failed                 */
	PROMPT_ANY,             /**< Whoever can: who holds, is out of reach
				     or hears something else does without  */
};

/** What becomes of a sound that is played */
enum prompt_end {
	PROMPT_PLAYED = 0,      /**< To its end, to who was to hear it     */
	PROMPT_FAILED,          /**< Somebody could not hear all of it; of
				     PROMPT_ANY: nobody could              */
	PROMPT_LEFT,            /**< Somebody has left, or the call is over */
};

/**
 * A sound was played, or not. Called once, from the loop; may free it
 *
 * @param end What became of it
 * @param why Why it was not played, for people; NULL if it was
 * @param arg Handler argument
 */
typedef void (prompt_h)(enum prompt_end end, const char *why, void *arg);

/** What a party is told of a recording */
enum steer_record {
	STEER_RECORD_OFF = 0,
	STEER_RECORD_ON,
	STEER_RECORD_PAUSED,
};

/** How a phone is told */
enum steer_tell {
	STEER_TELL_INFO = 0,    /**< SIP INFO with a header Record         */
	STEER_TELL_SDP,         /**< re-INVITE with a=record (RFC 7866)    */
};

/** Whether calls of an extension are recorded */
enum steer_policy {
	STEER_POLICY_DEFAULT = 0, /**< As for all                          */
	STEER_POLICY_OFF,       /**< Never                                 */
	STEER_POLICY_DEMAND,    /**< If somebody wants it                  */
	STEER_POLICY_ALWAYS,    /**< From the answer on                    */
};

/** What of them is */
enum steer_mode {
	STEER_MODE_DEFAULT = 0, /**< As for all                            */
	STEER_MODE_AUDIO,
	STEER_MODE_VIDEO,       /**< Audio and video                       */
};

/** A party of a call */
struct steer_party {
	uint32_t leg;           /**< Its number                            */
	enum event_side side;   /**< What it is                            */
	bool up;                /**< Media may flow                        */
};

/** A call, as it is now */
struct steer_call {
	bool up;                /**< It is answered, and media may flow    */
	enum steer_policy policy; /**< Of its extension                    */
	enum steer_mode mode;   /**< The same                              */
	struct steer_party partyv[STEER_PARTIES]; /**< Its parties         */
	size_t partyc;          /**< How many                              */
	bool more;              /**< There are more, who are not in here   */
};

/* steer.c */
int  steer_action(struct steer_action **ap, const char *name, bool in_call,
		  steer_action_h *h, void *arg);
bool steer_has_action(const char *name, bool in_call);
bool steer_ask(const struct steer_ask *ask, int *errp, const char **reasonp);

/* steerkeys.c */
bool steer_keys_valid(const char *keys);
int  steer_keys(struct steer_keys **kp, const char *keys, steer_keys_h *h,
		void *arg);
void steer_key_pressed(struct leg *leg, char key, uint64_t now);

/* prompt.c */
int  prompt_alloc(struct prompt **pp, struct bcall *bc, uint32_t leg,
		  enum prompt_who who, struct sound *s, prompt_h *h,
		  void *arg);
void prompt_gone(struct leg *leg);
void prompt_lost(struct leg *leg);
bool prompt_covers(struct leg *leg);

/* steercall.c */
void steer_read_call(struct steer_call *sc, const struct bcall *bc);

/* host/steer.c */
int  steer_answer(const char *ext, const struct control *ctl,
		  const char *reason);
int  steer_get_call(struct steer_call *sc, uint32_t call);
int  steer_play(struct prompt **pp, uint32_t call, uint32_t leg,
		enum prompt_who who, struct sound *s, prompt_h *h,
		void *arg);
int  steer_tell_app(uint32_t call, const char *event,
		    const struct cube_info *infov, size_t infoc);
int  steer_tell_phone(uint32_t call, enum steer_record state,
		      enum steer_tell how);
int  steer_tell_user(const char *ext, const char *user, const char *event,
		     const struct cube_info *infov, size_t infoc);
