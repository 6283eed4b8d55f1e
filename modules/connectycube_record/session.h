/**
 * @file connectycube_record/session.h  Who is recorded when
 *
 *   app, phone, console --> sessions_ask() --+
 *   parties come, go, are up --> sessions_look() --> state of each call
 *                                            |            |
 *          prompt to all who have not heard it            v
 *          (no prompt, no recording) ---------> capture, beeps, what is told
 *
 *   OFF --start--> ASKING --heard by all--> ON <--pause, resume--> PAUSED
 *    ^               |                       |    (a party that is new is
 *    +--failed, stop-+---------stop----------+     asked in a pause, too)
 *
 * Pure: what is done, and what time it is, is in a table.
 */

/** The tone that is repeated: Hz, ms; as it is known of recorded calls */
#define SESSION_BEEP_TONE "1400:200/0"

struct sessions;
struct capture;

/** What is wanted */
enum session_cmd {
	SESSION_START = 0,
	SESSION_STOP,
	SESSION_PAUSE,
	SESSION_RESUME,
	SESSION_TOGGLE,         /**< Start, or stop                        */
	SESSION_TOGGLE_PAUSE,   /**< Pause, or resume                      */
};

/** What is heard of it */
enum session_sound {
	SESSION_PROMPT = 0,
	SESSION_BEEP,
};

/** What is told of it */
enum session_told {
	SESSION_STARTED = 0,
	SESSION_PAUSED,
	SESSION_RESUMED,
	SESSION_ENDED,
	SESSION_FAILED,
};

/** What sessions do, and know. None of them may call sessions_*() in return */
struct session_ops {
	/** Get the time [ms] */
	uint64_t (*clock)(void *arg);
	/** sessions_due() may have changed, by what none of sessions_*() did */
	void (*wake)(void *arg);
	/** Get what a call is now; ENOENT if it is over */
	int (*get_call)(struct steer_call *sc, uint32_t call, void *arg);
	/** Play a sound to a party, 0=all; mem_deref() ends it */
	int (*play)(void **playp, uint32_t call, uint32_t leg,
		    enum session_sound sound, prompt_h *h, void *harg,
		    void *arg);

	/** See capture_start() and its sisters */
	int (*start)(struct capture **capp, const struct capture_prm *prm,
		     capture_h *h, void *harg, void *arg);
	int (*pause)(struct capture *cap);
	int (*resume)(struct capture *cap);
	/** End it; its handler is not called any more */
	void (*stop)(struct capture *cap, const char *why);
	/** Its call is over, and so will it be; handler as above */
	void (*leave)(struct capture *cap);

	/** Tell whoever is in the call */
	void (*tell)(uint32_t call, enum session_told told, const char *why,
		     void *arg);
	/** Tell the operator of a recording that was never begun */
	void (*failed)(uint32_t call, const struct capture_prm *prm,
		       const char *why, void *arg);
};

/** What holds for all calls */
struct session_config {
	enum steer_policy policy; /**< Unless the extension says otherwise */
	bool video;             /**< The same                              */
	bool prompt;            /**< All are to hear a prompt first        */
	uint32_t beep;          /**< A tone each so many [s], 0=none       */
};

int  sessions_alloc(struct sessions **ssp, const struct session_config *cfg,
		    const struct session_ops *ops, void *arg);
void sessions_look(struct sessions *ss, uint32_t call);
void sessions_other(struct sessions *ss, uint32_t call, uint32_t leg);
void sessions_over(struct sessions *ss, uint32_t call);
int  sessions_ask(struct sessions *ss, uint32_t call, enum session_cmd cmd,
		  enum steer_mode mode, const char *by,
		  const char **reasonp);
uint64_t sessions_due(const struct sessions *ss);
void sessions_poll(struct sessions *ss);
int  sessions_print(struct re_printf *pf, const struct sessions *ss,
		    uint32_t call);
int  session_cmd_find(enum session_cmd *cmd, const char *name);
const char *session_told_name(enum session_told told);
