/**
 * @file connectycube_link/hubconn_core.h  A connection's insides
 */

enum hubconn_state {
	HUBCONN_OFF,            /**< Not connected                         */
	HUBCONN_HELLO,          /**< Ours is sent                          */
	HUBCONN_UP,             /**< It takes records                      */
};

/** What is said of a hub that is not there: each once, the worst last */
enum hubconn_told {
	HUBCONN_NOTHING,
	HUBCONN_AWAY,           /**< It is not there, or not as it should  */
	HUBCONN_REFUSED,        /**< It says that it does not want us      */
	HUBCONN_STRANGER,       /**< Somebody else is                      */
};

enum {
	HUBCONN_WHY = 192,      /**< Size of why it is not there [bytes]   */
};

struct json_t;

struct hubconn {
	int fd;                 /**< Socket, -1=none                       */
	enum hubconn_state state;
	unsigned version;       /**< That is spoken, when it is up         */
	char *path;             /**< Of the hub's socket (owned)           */
	char *name;             /**< Who we are (owned)                    */
	struct hubline *hl;     /**< What comes (owned)                    */
	struct mbuf *out;       /**< What is still to be sent (owned)      */
	bool listening;         /**< ... which waits for the socket        */
	bool wanting;           /**< Records found no room                 */
	enum hubconn_told told; /**< What was said since it was there      */
	char said[HUBCONN_WHY]; /**< What the hub says against us, for the
				     end of the connection                 */
	char why[HUBCONN_WHY];  /**< Why it is not there, ""=not tried yet */
	uint64_t since;         /**< Since it is there, or not, monotonic [ms] */
	struct tmr tmr;
	unsigned failures;      /**< Attempts, one after the other         */
	uint64_t lost;          /**< Events that found no room             */
	const struct hubconn_h *h;
	void *arg;
};

/* hubconn.c */
int  hubconn_put(struct hubconn *hc, struct json_t *j);
void hubconn_flush(struct hubconn *hc);
void hubconn_is_there(struct hubconn *hc);
void hubconn_says(struct hubconn *hc, const char *fmt, ...);

/* hubrecv.c */
int hubconn_line(const char *line, size_t len, void *arg);
