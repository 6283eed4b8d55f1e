/**
 * @file connectycube_ami/session.h  A connection with Asterisk's manager
 *
 *             banner     Challenge, Login     FullyBooted     the list's end
 *   CLOSED -> GREETING -> LOGIN ----------> BOOTING -> LISTING ------> READY
 *      ^                                                                |
 *      +---- refused, stalled, cut: all that waits for an answer fails -+
 *
 * What is said and when, without a socket: bytes and time come as arguments.
 * client.c has the socket. The table of channels (table.h) stays over the end
 * of a connection, and is set right by the list of the next one.
 */

enum {
	AMI_TIMEOUT = 10000,    /**< For an answer, and each step of the
				     beginning [ms]                          */
	AMI_LIST_TIMES = 6,     /**< So many times that long for a list, as
				     long as it comes                        */
	AMI_PING = 30000,       /**< Asterisk is asked each [ms]             */
	AMI_PONG = 15000,       /**< Without an answer, it is gone [ms]      */
	AMI_BOOT_WAIT = 3000,   /**< For FullyBooted, which only those get
				     who may read "system" [ms]              */
	AMI_REQUESTS_MAX = 256, /**< Actions that wait for their answer      */
};

/** How far it is */
enum ami_session_state {
	AMI_CLOSED = 0,
	AMI_GREETING,           /**< The banner is awaited                   */
	AMI_LOGIN,
	AMI_BOOTING,
	AMI_LISTING,            /**< The list of channels comes              */
	AMI_READY,
};

/** Who logs in, and how */
struct ami_session_config {
	const char *user;       /**< As in manager.conf (not owned)          */
	const char *secret;     /**< Its secret (not owned)                  */
	bool plain;             /**< Send the secret itself: for servers that
				     do not know a challenge                 */
};

struct ami_session;

/**
 * An action has been answered, or will not be
 *
 * @param err Error code: 0 it was done; EPERM the manager's user may not, `why`
 *            names the right that is missing;
 *            EREMOTEIO Asterisk says no; ETIMEDOUT no answer came; ENOTCONN the
 *            connection was lost. After the last two it may have been done
 * @param msg What was answered, NULL if nothing was
 * @param why What is wrong, "" if nothing is
 * @param arg Handler argument
 */
typedef void (ami_reply_h)(int err, const struct ami_message *msg,
			   const char *why, void *arg);

/** What a session tells; none of them may free it */
struct ami_session_handlers {
	/** Send these bytes */
	int (*sendh)(struct mbuf *mb, void *arg);
	/** The state is another one */
	void (*stateh)(enum ami_session_state state, void *arg);
	/** An event has come (optional) */
	void (*eventh)(const struct ami_message *msg, void *arg);
	ami_change_h *changeh;  /**< A channel has changed                   */
	void *arg;              /**< Their argument                          */
};

int  ami_session_alloc(struct ami_session **sp,
		       const struct ami_session_config *cfg,
		       const struct ami_session_handlers *h);
void ami_session_set_hub(struct ami_session *s, bool hub, bool patient,
			 int (*whoh)(struct mbuf *mb, void *arg), void *arg);
int  ami_session_open(struct ami_session *s, uint64_t now);
int  ami_session_input(struct ami_session *s, const uint8_t *buf, size_t len,
		       uint64_t now);
int  ami_session_tick(struct ami_session *s, uint64_t now);
uint64_t ami_session_next(const struct ami_session *s);
void ami_session_close(struct ami_session *s);
int  ami_session_begin(struct ami_session *s, struct mbuf *mb,
		       const char *action);
int  ami_session_request(struct ami_session *s, struct mbuf *mb,
			 uint64_t now, uint32_t wait, const char *until,
			 ami_reply_h *h, void *arg);
bool ami_session_is_busy(const struct ami_session *s);
void ami_session_forget(struct ami_session *s, const void *arg);
enum ami_session_state ami_session_state(const struct ami_session *s);
bool ami_session_is_refused(const struct ami_session *s);
const char *ami_session_why(const struct ami_session *s);
const char *ami_session_banner(const struct ami_session *s);
const struct ami_table *ami_session_table(const struct ami_session *s);
bool ami_session_is_filtered(const struct ami_session *s);
const char *ami_session_state_name(enum ami_session_state state);
