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
	HUBCONN_STRANGER,       /**< Somebody else is                      */
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
	struct tmr tmr;
	uint32_t retry;         /**< Until the next attempt [ms]           */
	uint64_t lost;          /**< Events that found no room             */
	const struct hubconn_h *h;
	void *arg;
};

/* hubconn.c */
int  hubconn_put(struct hubconn *hc, struct json_t *j);
void hubconn_flush(struct hubconn *hc);
void hubconn_is_there(struct hubconn *hc);

/* hubrecv.c */
int hubconn_line(const char *line, size_t len, void *arg);
