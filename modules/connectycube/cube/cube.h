/**
 * @file cube/cube.h  The cloud: REST session, XMPP link, call signalling
 *
 *   bridge --> cube_call --> signal (XML) --> xmpp --> ws --> cloud
 *                  |                            |
 *                 peer                     rest (token)
 *
 * One struct cube is one ConnectyCube user, logged in and kept online: REST
 * session and token (rest.c), XMPP over WebSocket (xmpp.c, ws.c), automatic
 * reconnection. Calls (call.c) own their WebRTC peer and live on when the
 * XMPP link drops.
 */

enum {
	CUBE_TARGET_MAX = 16,   /**< Users rung by one call                */
	CUBE_REPEAT     = 5000, /**< Interval of repeated `call` [ms]      */
	CUBE_ID_SIZE    = 1024, /**< Of a user id: local parts of JIDs have
				     up to 1023 bytes (RFC 7622)           */
};

/** State of a user's presence in the cloud */
enum cube_state {
	CUBE_OFFLINE = 0,       /**< Not started, or waiting to retry      */
	CUBE_SESSION,           /**< Asking for a REST session             */
	CUBE_CONNECTING,        /**< WebSocket and XMPP stream being set up */
	CUBE_ONLINE,            /**< Bound and present: calls can be made  */
	CUBE_REFUSED,           /**< Login refused; retried, ever slower   */
};

/** To whom a push notification goes that rings the app */
enum cube_push_mode {
	CUBE_PUSH_OFF = 0,      /**< Nobody                                */
	CUBE_PUSH_OFFLINE,      /**< Who is not there when a call begins   */
	CUBE_PUSH_ALWAYS,       /**< Everybody, at once                    */
};

/** Type of a call */
enum cube_call_type {
	CUBE_CALL_VIDEO = 1,
	CUBE_CALL_AUDIO = 2,
};

/** Parameters of a cloud user. Strings are copied */
struct cube_config {
	const char *api_url;    /**< https://host[:port]                   */
	const char *chat_url;   /**< wss://host[:port]/path                */
	const char *chat_domain;/**< XMPP domain; NULL=host of chat_url    */
	const char *app_id;     /**< Application id                        */
	const char *auth_key;   /**< Application's authorization key       */
	const char *auth_secret;/**< HMAC secret, NULL=unsigned            */
	const char *login;      /**< User's login, or e-mail if it has '@' */
	const char *password;   /**< User's password                       */
	const char *ca_file;    /**< PEM file, NULL=system's CAs           */
	bool chat_token;        /**< Chat password is the session token    */
	uint32_t ping;          /**< XMPP ping interval [ms], 0=off        */
	uint32_t retry_min;     /**< First reconnection delay [ms]         */
	uint32_t retry_max;     /**< Longest reconnection delay [ms]       */
	enum cube_push_mode push; /**< Who is pushed to                    */
	bool push_production;   /**< ... with the app's certificates for
				     that, else those for development      */
	uint32_t lost_time;     /**< Path lost until the end [ms], 0=30 s  */
	struct peer_config peer;/**< For the calls' WebRTC peers           */
};

/** One element of a signal's userInfo: nested names joined with '/' */
struct cube_info {
	const char *name;
	const char *value;
};

/** Why a call ended, as the far side or the network had it */
enum cube_end {
	CUBE_END_HANGUP = 0,    /**< The far side hung up                  */
	CUBE_END_GONE,          /**< It has left without a word: its page
				     was closed, or loaded anew            */
	CUBE_END_REJECTED,      /**< All rejected, at least one by choice  */
	CUBE_END_BUSY,          /**< All rejected, every one as busy       */
	CUBE_END_LOST,          /**< ICE lost for too long: the app is gone */
	CUBE_END_NOMEDIA,       /**< Unusable SDP or no codec in common    */
	CUBE_END_ICE,           /**< No media path could be made           */
	CUBE_END_DTLS,          /**< DTLS or fingerprint failed            */
	CUBE_END_OFFLINE,       /**< The cloud link is down: nothing sent  */
	CUBE_END_ERROR,         /**< Anything else                         */
};

struct cube;
struct cube_call;
struct control;
struct warm;

/**
 * A request to the REST API was answered (err is 0), or failed
 *
 * @param err   Errorcode; EAGAIN the cloud is busy
 * @param scode HTTP status
 * @param body  Body, zero-terminated JSON text
 * @param len   Length of the body [bytes]
 */
typedef void (cube_resp_h)(int err, unsigned scode, const char *body,
			   size_t len, void *arg);

/** The user's state changed. reason is readable, never holds a secret */
typedef void (cube_state_h)(enum cube_state state, const char *reason,
			    void *arg);

/**
 * An app calls. Whoever takes the call uses cube_call_set_handlers() inside
 * the handler: the call is its own from then on, to accept or reject now or
 * later, and to deref. A call that nobody took is rejected when the handler
 * returns.
 */
typedef void (cube_incoming_h)(struct cube_call *call, void *arg);

/**
 * A user hangs up in a call that is over, or that there never was
 *
 * @param sid  Session id
 * @param user User id
 * @param arg  Handler argument
 *
 * @return True if something has ended by that
 */
typedef bool (cube_late_h)(const char *sid, const char *user, void *arg);

/** May a user of the application see whether ours is there, and busy? */
typedef bool (cube_contact_h)(const char *user, void *arg);

/** A user that is looked after has come or gone, see cube_attend() */
typedef void (cube_attend_h)(void *arg);

typedef void (cube_call_ringing_h)(void *arg);
typedef void (cube_call_answer_h)(const char *jid, void *arg);
/** A user that is rung wants no call, on any device; others may ring on */
typedef void (cube_call_declined_h)(const char *user, void *arg);
typedef void (cube_call_estab_h)(void *arg);
typedef void (cube_call_path_h)(bool lost, void *arg);
typedef void (cube_call_update_h)(const struct cube_info *infov, size_t infoc,
				  void *arg);
/**
 * The app asks for something by a system message. It is party of the call, and
 * asks for the first time
 *
 * @param ctl     What it asks for; to be kept by mem_ref() if that takes a while
 * @param reasonp Why it is refused, if that is not what the errorcode says
 * @param arg     Handler argument
 *
 * @return 0 if it is done, EINPROGRESS if cube_control_done() will tell,
 *         otherwise errorcode: it is refused
 */
typedef int (cube_call_control_h)(const struct control *ctl,
				  const char **reasonp, void *arg);

/** How a push notification fares */
enum cube_push_state {
	CUBE_PUSH_SENT = 0,     /**< The cloud has taken it                */
	CUBE_PUSH_FAILED,       /**< It has not                            */
	CUBE_PUSH_ONLINE,       /**< The app is there                      */
};

/** A push notification. The strings are valid in the handler only */
struct cube_push {
	enum cube_push_state state;
	const char *user;       /**< User id                               */
	uint32_t online_ms;     /**< Online: time that it took [ms]        */
	const char *why;        /**< Failed: readable reason               */
};

typedef void (cube_call_push_h)(const struct cube_push *push, void *arg);
/**
 * An app asks for something by a system message that is about no call, for the
 * first time
 *
 * @param ctl     What it asks for
 * @param user    Its user id: whether that may is not known here
 * @param reasonp Why it is refused
 * @param arg     Handler argument
 *
 * @return As of cube_call_control_h
 */
typedef int (cube_control_h)(const struct control *ctl, const char *user,
			     const char **reasonp, void *arg);
typedef void (cube_call_pkt_h)(enum peer_kind kind, uint8_t *pkt, size_t len,
			       void *arg);
typedef void (cube_call_close_h)(enum cube_end end, const char *reason,
				 const struct cube_info *infov, size_t infoc,
				 void *arg);

/**
 * A call's handlers, each may be NULL. closeh tells what the far side or the
 * network did: it is not called for one's own hangup or reject. A call may
 * be dereferenced in any of them; that alone sends nothing
 */
struct cube_call_handlers {
	cube_call_ringing_h *ringingh; /**< First `call` is on the wire    */
	cube_call_answer_h *answerh;   /**< Accepted, media negotiated     */
	cube_call_declined_h *declinedh; /**< By one of those that ring    */
	cube_call_estab_h *estabh;     /**< DTLS up: media may flow        */
	cube_call_path_h *pathh;       /**< ICE path lost or back          */
	cube_call_update_h *updateh;   /**< `update` signal                */
	cube_call_control_h *controlh; /**< A request, NULL=all refused    */
	cube_call_push_h *pushh;       /**< How a push notification fares  */
	cube_call_pkt_h *rtph;         /**< Decrypted RTP                  */
	cube_call_pkt_h *rtcph;        /**< Decrypted RTCP                 */
	cube_call_close_h *closeh;     /**< Over; once; owner then derefs  */
};

struct chat;
struct chat_text;
struct cube_text;

/**
 * A user has written to ours
 *
 * @param chat Text, to be kept by mem_ref() if that takes a while
 * @param user Its user id: whether that may is not known here
 * @param err  0 if it is whole, EOVERFLOW it is too long
 * @param arg  Handler argument, of the user's handlers
 */
typedef void (cube_chat_h)(const struct chat *chat, const char *user, int err,
			   void *arg);

/**
 * A text was taken by the cloud, or not. Called once
 *
 * @param err    0 if it was; EPERM it was refused; ENOTCONN, ETIMEDOUT that is
 *               not known
 * @param reason Readable reason
 * @param arg    Handler argument
 */
typedef void (cube_chat_sent_h)(int err, const char *reason, void *arg);

int  cube_alloc(struct cube **cp, const struct cube_config *cfg,
		cube_state_h *stateh, cube_incoming_h *incomingh, void *arg);
void cube_set_control_handler(struct cube *c, cube_control_h *h);
void cube_set_late_handler(struct cube *c, cube_late_h *h);
int  cube_start(struct cube *c);
void cube_attend(struct cube *c, const char *const *userv, size_t userc);
bool cube_is_there(const struct cube *c, const char *user);
void cube_set_attend_handler(struct cube *c, cube_attend_h *h);
void cube_set_contact_handler(struct cube *c, cube_contact_h *h);
void cube_set_presence(struct cube *c, const char *show, const char *status);
void cube_shutdown(struct cube *c);
void cube_network_changed(struct cube *c);
enum cube_state cube_state(const struct cube *c);
const char *cube_state_name(enum cube_state state);
const char *cube_reason(const struct cube *c);
const char *cube_user_id(const struct cube *c);
uint32_t cube_retry_after(const struct cube *c);
struct rest_req;
int  cube_request(struct rest_req **reqp, struct cube *c, const char *method,
		  const char *path, const char *body, cube_resp_h *resph,
		  void *arg);

int  cube_call_connect(struct cube_call **callp, struct cube *c,
		       const char *const *idv, size_t idc,
		       enum cube_call_type type,
		       const struct peer_media_prm *audio,
		       const struct peer_media_prm *video,
		       const struct cube_info *infov, size_t infoc,
		       const struct cube_call_handlers *h, void *arg);
void cube_call_set_handlers(struct cube_call *call,
			    const struct cube_call_handlers *h, void *arg);
int  cube_call_prepare(struct cube_call *call,
		       const struct peer_media_prm *audio,
		       const struct peer_media_prm *video);
int  cube_call_accept(struct cube_call *call,
		      const struct peer_media_prm *audio,
		      const struct peer_media_prm *video,
		      const struct cube_info *infov, size_t infoc);
void cube_call_reject(struct cube_call *call,
		      const struct cube_info *infov, size_t infoc);
void cube_call_hangup(struct cube_call *call,
		      const struct cube_info *infov, size_t infoc);
int  cube_call_update(struct cube_call *call,
		      const struct cube_info *infov, size_t infoc);
int  cube_call_tell(struct cube_call *call, const char *event,
		    const struct cube_info *infov, size_t infoc);
int  cube_tell(struct cube *c, const char *user, const char *event,
	       const struct cube_info *infov, size_t infoc);
void cube_control_done(struct cube *c, const struct control *ctl,
		       const char *reason);
void cube_set_chat_handler(struct cube *c, cube_chat_h *h);
int  cube_chat_send(struct cube_text **tp, struct cube *c, const char *user,
		    const struct chat_text *text, cube_chat_sent_h *h,
		    void *arg);
int  cube_chat_received(struct cube *c, const struct chat *chat);
struct peer *cube_call_peer(const struct cube_call *call);
void cube_call_push_stat(const struct cube_call *call, unsigned *pushedp,
			 uint32_t *onlinep);
int  cube_call_restart(struct cube_call *call);
void cube_call_warm(const struct cube_call *call, struct warm *w);
const char *cube_call_id(const struct cube_call *call);
const char *cube_call_state_name(const struct cube_call *call);
bool cube_call_rings(const struct cube_call *call, const char *user);
const char *cube_call_user(const struct cube_call *call);
const char *cube_call_platform(const struct cube_call *call);
int  cube_call_print_users(struct re_printf *pf, const struct cube_call *call);
enum cube_call_type cube_call_type(const struct cube_call *call);
const char *cube_call_info(const struct cube_call *call, const char *name);
