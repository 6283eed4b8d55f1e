/**
 * @file connectycube_record/session_core.h  Who is recorded when, from inside
 *
 *   sessions.c   all calls: what is wanted, what is due, who may
 *   session.c    one call: prompt, recording, what is told
 */

/** State of a recording */
enum session_state {
	SESSION_OFF = 0,        /**< Nothing is recorded                   */
	SESSION_ASKING,         /**< All are to hear the prompt first      */
	SESSION_ON,             /**< It is recorded, unless it pauses      */
};

/** What people are told that it is */
enum shown {
	SHOWN_OFF = 0,
	SHOWN_ON,
	SHOWN_PAUSED,
};

/** A call */
struct session {
	struct le le;           /**< Member of the list of all             */
	struct sessions *ss;    /**< All (parent)                          */
	uint32_t call;          /**< Number of the call                    */
	bool up;                /**< Its media could flow                  */
	enum session_state state; /**< State                               */
	enum shown shown;       /**< What was told last                    */
	struct capture_prm prm; /**< What is recorded, on whose order      */
	bool paused;            /**< A pause is wanted                     */
	bool waits;             /**< A party is to hear the prompt         */
	bool open;              /**< Its file is there                     */
	struct capture *cap;    /**< Recording (pointer), NULL=none        */
	void *prompt;           /**< Is being played (owned), or NULL      */
	void *beep;             /**< The same of the tone                  */
	uint64_t beep_due;      /**< When it is to be played [ms], 0=not   */
	uint64_t due;           /**< When to go on [ms], 0=not             */

	uint32_t askv[STEER_PARTIES]; /**< Who hears the prompt now        */
	size_t askc;            /**< How many                              */
	uint32_t toldv[STEER_PARTIES]; /**< Who has heard it               */
	size_t toldc;           /**< How many                              */
	uint32_t therev[STEER_PARTIES]; /**< Who was there, seen last      */
	size_t therec;          /**< How many                              */
};

/** All calls */
struct sessions {
	struct list l;          /**< Calls (struct session, owned)         */
	struct session_config cfg; /**< What holds for all                 */
	const struct session_ops *ops; /**< What is done (pointer)         */
	void *arg;              /**< Argument of those                     */
};

/* session.c */
uint64_t session_now(const struct sessions *ss);
void session_look(struct session *s);
void session_other(struct session *s, uint32_t leg);
void session_go_on(struct session *s);
void session_beep(struct session *s);
void session_set_pause(struct session *s);
void session_stop(struct session *s, const char *why);
void session_failed(struct session *s, const char *why);
