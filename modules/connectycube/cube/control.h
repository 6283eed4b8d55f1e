/**
 * @file cube/control.h  System messages between app and bridge
 *
 *   struct xml --control_decode()-----+
 *                                     +--> struct control --> cubectl.c
 *   `update` --control_from_signal()--+
 *   stanza <--control_encode()-- cubectl.c
 *
 * What an app and the bridge tell each other in a call, beside the call's own
 * signals. An app asks with `action`, and is answered with `event`; the bridge
 * tells what has happened with `event`, too. All values are text, with
 * `bridge=1` in front. docs/APPS.md tells app developers which there are.
 *
 * Pure, both this and what is remembered of requests. Values may hold keys
 * that were pressed: they are not to be logged.
 */

enum {
	CONTROL_VALUE_MAX   = 16, /**< Values in one message               */
	CONTROL_ACTION_MAX  = 31, /**< Longest name of an action [bytes]   */
	CONTROL_REQUEST_MAX = 63, /**< Longest id of a request [bytes]     */
	CONTROL_KEYS_MAX    = 32, /**< Keys in one request                 */
	CONTROL_SEEN_MAX    = 128, /**< Requests that are remembered; then
				       the oldest of who asks most goes    */
	CONTROL_SEEN_TIME   = 120000, /**< ... for this long [ms]          */
};

struct xml;
struct signal;

/** What came. The strings are its own, as long as it lives */
struct control {
	const char *from;       /**< Sender's full JID                     */
	const char *action;     /**< What is asked for, NULL=it tells      */
	const char *session;    /**< Session id of the call, NULL=none     */
	const char *request;    /**< Id of the request, NULL=none          */
	const char *fault;      /**< What is wrong with it, NULL=nothing   */
	struct cube_info infov[CONTROL_VALUE_MAX]; /**< All that it has    */
	size_t infoc;           /**< How many                              */
	bool stale;             /**< Was delivered late (XEP-0203)         */
	void *src;              /**< What the strings are in (owner of a
				     reference)                            */
};

/** What is known of a request */
enum control_seen {
	CONTROL_NEW = 0,        /**< It was not there before               */
	CONTROL_RUNNING,        /**< It is being done                      */
	CONTROL_DONE,           /**< It was done, or refused               */
};

struct control_memory;

/* control.c */
int  control_decode(struct control **ctlp, struct xml *msg);
int  control_from_signal(struct control **ctlp, struct signal *sig);
int  control_encode(struct mbuf *mb, const struct cube_info *infov,
		    size_t infoc, const char *to, const char *id);
const char *control_value(const struct control *ctl, const char *name);
const char *control_keys(const struct control *ctl, char *buf, size_t size);

/* controlmem.c */
int  control_memory_alloc(struct control_memory **cmp);
enum control_seen control_memory_find(struct control_memory *cm,
				      const char *user,
				      const struct control *ctl,
				      uint64_t now, const char **reasonp);
int  control_memory_add(struct control_memory *cm, const char *user,
			const struct control *ctl, uint64_t now);
void control_memory_done(struct control_memory *cm, const char *user,
			 const struct control *ctl, const char *reason);
