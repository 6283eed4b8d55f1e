/**
 * @file cube/core.h  Inside of the cloud room: users and calls
 *
 * Files, and who calls whom (handlers go the other way):
 *
 *   cube.c      the user: API, state
 *   cubesig.c   ... incoming signals to their calls
 *   cubectl.c   ... system messages: what apps ask for, what they are told
 *   call.c      a call: states, end, its peer's handlers, API
 *   callout.c   a call to apps: ringing, first accept wins
 *   callin.c    a call from an app: preparing, accepting, rejecting
 *   callapi.c   ... what an owner can ask it
 *   callsig.c   a call's signals: who may send them, sending, candidates
 *   callice.c   a call's ICE: path lost, restart
 *   callpush.c  a call to apps that are closed, or come late
 *   pushq.c     ... its push notifications on their way
 *     |
 *   chatlink.c  texts; dialog.c: where apps file them
 *   link.c, linkq.c  keep the user online: back-off, queue
 *     |-- rest.c, restreq.c, linkrest.c  session token; session.c (pure)
 *     |-- xmpp.c, xmppin.c     XMPP stream
 *     `-- ws.c, wsio.c, wshttp.c, wsctx.c  lws; url.c (pure)
 *
 *   pure: xml.c, xmlprint.c, signal.c, signalenc.c, control.c, controlmem.c,
 *         activity.c, push.c
 */

enum {
	CALL_SIGNAL_KEEP  = 30000,  /**< Signals wait for the link [ms]    */
	CALL_TRICKLE      = 20,     /**< Candidates are collected [ms]     */
	CALL_LOST_MAX     = 30000,  /**< Path lost until the end, unless
					 the config says otherwise [ms]    */
	CALL_RESTART_WAIT = 1000,   /**< Path lost until ICE restart [ms]  */
	CALL_CLOSE_WAIT   = 300,    /**< DTLS closed until the end: the
					 signal that says why is slower [ms] */
	CALL_HANGUP_WAIT  = 500,    /**< hangUp of another device: media that
				     was under way has come, and then some
				     of it still comes [ms]            */
	CALL_RESTART_EACH = 10000,  /**< ICE restart repeated [ms]         */
	CALL_STRANGER_MAX = 8,      /**< Devices known to be left out      */
	CUBE_ENDED_MAX    = 128,    /**< Ended calls remembered            */
	CUBE_ENDED_TIME   = 300000, /**< ... for this long [ms]            */
	CUBE_CALLS_MAX    = 256,    /**< Calls of one user at a time       */
	CUBE_WAIT_MAX     = 256,    /**< Signals that wait for a turn      */
	CUBE_DIALOG_WAIT  = 3000,   /**< A text waits for its dialog [ms]  */
};

struct cube_link;
struct xml;
struct signal;
struct control_memory;
struct push;

/** Sends a stanza in place of the link, for tests */
typedef int (cube_send_h)(const char *buf, size_t len, void *arg);

/**
 * Makes a POST in place of the link, for tests, which call the handler later,
 * with the job
 */
typedef void (cube_posted_h)(int err, unsigned scode, const char *body,
			     size_t len, void *arg);
typedef int (cube_post_h)(const char *path, const char *body,
			  cube_posted_h *postedh, void *job, void *arg);

struct cube {
	enum cube_state state;  /**< Only by set_state()                   */
	char *reason;           /**< Why it is not online, or NULL (owner) */
	struct cube_link *link; /**< Owner                                 */
	char *app_id;           /**< Owner                                 */
	char *domain;           /**< XMPP domain (owner)                   */
	char *user_id;          /**< NULL before the first login (owner)   */
	struct peer_config peer;/**< For the calls                         */
	struct peer_server *serverv; /**< What peer points to (owner)      */
	struct list calll;      /**< struct cube_call (pointers)           */
	struct list endedl;     /**< struct ended (owner)                  */
	struct list waitl;      /**< struct waiting (owner)                */
	struct list senderl;    /**< struct sender, who sent these         */
	struct tmr tmr_wait;    /**< The loop's next turn, for them        */
	struct control_memory *memory; /**< Requests heard (owner)         */
	struct list pushl;      /**< struct push_job (owner)               */
	struct tmr tmr_push;    /**< Starts the next ones                  */
	enum cube_push_mode push; /**< Who is pushed to                    */
	bool push_production;   /**< For the stores' apps                  */
	uint32_t lost_time;     /**< Path lost until the end [ms]          */
	cube_send_h *sendh;     /**< Tests only, NULL=link                 */
	cube_post_h *posth;     /**< Tests only, NULL=link                 */
	void *send_arg;         /**< Handler argument                      */
	cube_state_h *stateh;
	cube_incoming_h *incomingh;
	cube_control_h *controlh; /**< Requests about no call, or NULL     */
	cube_late_h *lateh;     /**< hangUp of no call, or NULL            */
	cube_contact_h *contacth; /**< May a user see ours? NULL=nobody   */
	struct list attendl;    /**< Who is looked after, see attend.c     */
	cube_attend_h *attendh; /**< Told when one of them comes or goes   */
	char *show;             /**< What apps see, NULL=available (owner) */
	char *status;           /**< ... and text, or NULL (owner)         */
	cube_chat_h *chath;     /**< Texts, NULL=dropped                   */
	struct list textl;      /**< struct cube_text (pointers)           */
	struct list seenl;      /**< Texts that have come (owner)          */
	struct list dialogl;    /**< Dialogs with others (owner)           */
	uint32_t dialog_wait;   /**< For the cloud to name one [ms]        */
	void *arg;              /**< Handler argument                      */
};

enum call_state {
	CALL_IDLE = 0,
	CALL_GATHERING,         /**< Out: collecting candidates            */
	CALL_RINGING,           /**< Out: `call` sent, nobody accepted yet */
	CALL_INCOMING,          /**< In: waits for our accept or reject    */
	CALL_CONNECTING,        /**< Accepted: ICE and DTLS under way      */
	CALL_ESTABLISHED,       /**< Media may flow                        */
	CALL_CLOSED,            /**< Over                                  */
};

/** One user that an outgoing call rings */
struct call_target {
	char *id;               /**< User id (owner)                       */
	enum {
		TARGET_RINGING = 0,
		TARGET_REJECTED,        /**< By choice                     */
		TARGET_BUSY,
		TARGET_BOUND,           /**< Accepted first                */
		TARGET_DROPPED,         /**< Another one was first         */
	} state;
	bool waits;             /**< Whether it is there is not known yet  */
	bool away;              /**< It was not, as far as is known        */
	bool streamed;          /**< The server tells when that changes    */
	bool pushed;            /**< A push was sent, to ring              */
	bool unsent;            /**< ... which the cloud did not take      */
	bool unpushed;          /**< One to ring no more was, or needs not */
	uint64_t push_time;     /**< When it was sent [ms]                 */
	uint32_t online_ms;     /**< From then until it was there [ms], 0=
				     it is not                             */
	uint64_t called;        /**< When it was last rung for being there */
	char *seen;             /**< Its device that was (owner), or NULL  */
};

struct cube_call {
	struct le le;           /**< Member of its user's calll            */
	struct cube *c;         /**< Its user (parent), NULL=gone          */
	struct peer *peer;      /**< WebRTC peer (owner), NULL=none        */
	enum call_state state;  /**< Only by call_set_state()              */
	bool outgoing;          /**< We call                               */
	enum cube_call_type type; /**< Audio or video                      */
	char *sid;              /**< Session id (owner)                    */
	char *caller;           /**< User id of the initiator (owner)      */
	char *user;             /**< The one far user, or NULL (owner)     */
	char *jid;              /**< Far side's full JID, or NULL (owner)  */
	char platform[16];      /**< What its app runs on, ""=not said     */
	char *strangerv[CALL_STRANGER_MAX]; /**< JIDs left out (owner)     */
	size_t strangerc;       /**< Number of them                        */
	struct signal *offer;   /**< In: the `call`; out: the `accept` (owner
				     of a reference)                       */

	struct call_target targetv[CUBE_TARGET_MAX]; /**< Out: whom it rings */
	size_t targetc;         /**< Number of targets                     */
	struct cube_info *infov;/**< Out: userInfo of `call` (owner)       */
	size_t infoc;           /**< Number of values                      */
	char *sdp;              /**< Our SDP as sent, or NULL (owner)      */

	struct list candl;      /**< Candidates to trickle (owner)         */
	struct tmr tmr_cand;    /**< Collects them                         */
	struct tmr tmr_repeat;  /**< Out: the next `call`                  */
	struct tmr tmr_push;    /**< Out: the server has not said who is
				     there                                 */
	struct tmr tmr_lost;    /**< Path lost to the end                  */
	struct tmr tmr_restart; /**< The next ICE restart                  */
	struct tmr tmr_close;   /**< DTLS closed to the end                */
	struct tmr tmr_ring;    /**< Out: tells that `call` was sent       */
	struct tmr tmr_doubt;   /**< Out: whose hangUp it was is seen      */
	struct signal *hangup;  /**< Out: that hangUp (owner of a reference) */
	bool doubt_late;        /**< Out: what was under way has come      */
	uint32_t rxc;           /**< Packets of media that came            */
	uint32_t doubt_rxc;     /**< Out: ... up to then                   */
	bool lost;              /**< ICE path lost                         */
	bool restarting;        /**< Our ICE restart is not answered yet   */
	uint64_t estab_time;    /**< When media came up [ms]               */

	struct cube_call_handlers h;
	bool owned;             /**< In: handlers were set                 */
	void *arg;              /**< Handler argument                      */
};

/* cube.c, cubesig.c */
int  cube_send(struct cube *c, const char *buf, size_t len, uint32_t keep);
void cube_recv(struct cube *c, struct xml *msg);
int  cube_user_of(char *user, size_t size, const struct cube *c,
		  const char *jid);
void cube_remember_ended(struct cube *c, const char *user, const char *sid);
struct cube_call *cube_find_call(const struct cube *c, const char *sid);
void cube_set_test_link(struct cube *c, const char *user_id,
			cube_send_h *sendh, void *arg);
bool cube_is_up(const struct cube *c);

/* callpush.c, for attend.c */
int  cube_ask_activity(struct cube *c, const char *user, bool stream,
		       bool enable);

/* attend.c */
enum activity;
bool cube_attends(const struct cube *c, const char *user);
void cube_attend_online(struct cube *c);
void cube_attend_recv(struct cube *c, const char *user, enum activity act,
		      bool one);

/* presence.c */
void cube_presence_online(struct cube *c);
void cube_recv_presence(struct cube *c, const struct xml *msg);

/* cubectl.c */
int  cube_bare_jid(char **jidp, const struct cube *c, const char *user);
void cube_recv_control(struct cube *c, const struct control *ctl,
		       const char *user);
int  call_tell_answered(struct cube_call *call);

/* chatlink.c */
bool chat_recv(struct cube *c, struct xml *msg);
void chat_link_down(struct cube *c);
void chat_flush(struct cube *c);
void chat_dialog_told(struct cube *c, const char *user);

/* dialog.c */
const char *dialog_find(const struct cube *c, const char *user);
void dialog_learn(struct cube *c, const char *user, const char *id);
bool dialog_wait(struct cube *c, const char *user);
void dialog_flush(struct cube *c);

/* call.c */
int  call_alloc(struct cube_call **callp, struct cube *c, const char *sid,
		const char *caller, enum cube_call_type type);
void call_set_state(struct cube_call *call, enum call_state state);
void call_close(struct cube_call *call, enum cube_end end,
		const char *reason, const struct cube_info *infov,
		size_t infoc);
int  call_peer_alloc(struct cube_call *call,
		     const struct peer_media_prm *audio,
		     const struct peer_media_prm *video);
int  call_make_sdp(struct cube_call *call,
		   int (*makeh)(struct peer *p, struct mbuf **sdp));
void call_recv(struct cube_call *call, const struct signal *sig,
	       const char *user);

/* callout.c */
void callout_gathered(struct cube_call *call);
void callout_recv(struct cube_call *call, const struct signal *sig,
		  const char *user);
void callout_hangup(struct cube_call *call, const struct cube_info *infov,
		    size_t infoc);
struct call_target *callout_target(struct cube_call *call, const char *user);

/* callin.c */
void callin_offer(struct cube *c, struct signal *sig, const char *user);
void callin_recv(struct cube_call *call, const struct signal *sig);

/* callsig.c */
int  call_signal(struct cube_call *call, enum signal_type type,
		 const char *user, const char *jid,
		 const struct cube_info *infov, size_t infoc);
bool call_is_party(struct cube_call *call, const struct signal *sig);
int  call_send_signal(struct cube *c, const struct signal *sig,
		      const char *user, const char *jid);
void call_rebind(struct cube_call *call, const struct signal *sig);
void call_add_stranger(struct cube_call *call, const char *jid);
void call_doubt_hangup(struct cube_call *call, const struct signal *sig);
void call_cand_handler(const char *cand, const char *mid, unsigned mline,
		       void *arg);
void call_flush_candidates(struct cube_call *call);
void call_add_candidates(struct cube_call *call, const struct signal *sig);

/* callice.c */
void call_path_handler(bool lost, void *arg);
void call_network_changed(struct cube_call *call);
void call_recv_restart(struct cube_call *call, const struct signal *sig);
void call_recv_restart_accept(struct cube_call *call,
			      const struct signal *sig);
void call_lost_retry(struct cube_call *call, const char *user);

/* callpush.c */
void call_push_begin(struct cube_call *call);
void call_push_end(struct cube_call *call, struct call_target *t);
void call_push_close(struct cube_call *call);
bool call_push_wanted(const struct cube *c, const char *sid,
		      const char *user);
void call_push_told(struct cube *c, const char *sid, const char *user,
		    const char *why);
void cube_recv_activity(struct cube *c, const struct xml *el);
bool cube_is_streamed(const struct cube *c, const char *user);

/* pushq.c */
int  push_queue(struct cube *c, const struct push *p);
