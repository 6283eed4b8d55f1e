/**
 * @file cube/signal.h  Call signals: what is in a headline message
 *
 *   struct xml --signal_decode()--> struct signal --> call
 *   call --> struct signal --signal_encode()--> text --> link
 *
 * Pure. The same struct serves both ways; SDP and candidates are opaque.
 */

enum {
	SIGNAL_CAND_MAX     = 64,    /**< Candidates in one signal         */
	SIGNAL_INFO_MAX     = 64,    /**< userInfo values in one signal    */
	SIGNAL_OPPONENT_MAX = 16,    /**< Opponents in one signal          */
	SIGNAL_INFO_DEPTH   = 6,     /**< Nesting of userInfo              */
	SIGNAL_INFO_NAME    = 255,   /**< Nested names of one value [bytes] */
	SIGNAL_ID_SIZE      = 25,    /**< Size of a message id [bytes]     */
	SIGNAL_SID_SIZE     = 37,    /**< Size of our session ids [bytes]  */
	SIGNAL_SID_MAX      = 63,    /**< Longest session id taken [bytes] */
};

enum signal_type {
	SIGNAL_CALL = 0,
	SIGNAL_ACCEPT,
	SIGNAL_REJECT,
	SIGNAL_HANGUP,
	SIGNAL_CANDIDATES,
	SIGNAL_RESTART,
	SIGNAL_RESTART_ACCEPT,
	SIGNAL_UPDATE,

	SIGNAL_TYPE_MAX
};

/** An ICE candidate as it is trickled */
struct signal_cand {
	const char *cand;       /**< "candidate:..."                       */
	const char *mid;        /**< Media identification, may be ""       */
	unsigned mline;         /**< Index of its m-line                   */
};

/**
 * A call signal. The strings of a decoded one are owned by it; those of one
 * to encode by whoever made it
 */
struct signal {
	enum signal_type type;  /**< What it says                          */
	const char *from;       /**< Sender's full JID; decoded only       */
	const char *sid;        /**< Session id                            */
	enum cube_call_type call_type; /**< Never 0 when decoded           */
	const char *caller;     /**< User id of the initiator, NULL=unknown */
	const char *opponentv[SIGNAL_OPPONENT_MAX]; /**< User ids          */
	size_t opponentc;       /**< Number of opponents                   */
	const char *sdp;        /**< CRLF line ends when decoded, or NULL  */
	struct signal_cand candv[SIGNAL_CAND_MAX]; /**< Candidates         */
	size_t candc;           /**< Number of candidates                  */
	struct cube_info infov[SIGNAL_INFO_MAX]; /**< userInfo             */
	size_t infoc;           /**< Number of userInfo values             */
	const char *platform;   /**< Sender's platform, or NULL            */
	bool stale;             /**< Was delivered late (XEP-0203)         */

	struct xml *xml;        /**< What most strings point into (owner)  */
	char *sdpbuf;           /**< The SDP (owner)                       */
	char *pathv[SIGNAL_INFO_MAX]; /**< Names in infov (owner)          */
};

int  signal_decode(struct signal **sp, struct xml *msg);
int  signal_encode(struct mbuf *mb, const struct signal *sig,
		   const char *to, const char *id);
const char *signal_type_name(enum signal_type type);
const char *signal_info(const struct signal *sig, const char *name);
bool signal_is_busy(const struct signal *sig);
void signal_id(char id[SIGNAL_ID_SIZE]);
void signal_sid(char sid[SIGNAL_SID_SIZE]);
