/**
 * @file connectycube_hub/web/conn_core.h  A connection, for its files alone
 */

/** What it is at */
enum web_state {
	WEB_IDLE = 0,           /**< Nothing of the next request is there  */
	WEB_READ_HEAD,          /**< Some of its head is                   */
	WEB_READ_BODY,          /**< Its body is read                      */
	WEB_ANSWER,             /**< A handler has it                      */
	WEB_SEND,               /**< The answer goes out                   */
	WEB_STREAM,             /**< ... and on                            */
	WEB_LINGER,             /**< All is said; what comes is thrown away,
				     so that it is read                    */
	WEB_CLOSED,
};

struct web_conn {
	struct web_out outh;    /**< What streams write to; the first      */
	struct le le;           /**< Member of the server's list           */
	struct web_shared *sh;  /**< What all have in common (pointer)     */
	struct web_peer peer;   /**< Who it is; its fd is in io            */
	struct web_io io;       /**< Socket                                */
	enum web_state state;   /**< What it is at                         */
	struct mbuf *in;        /**< What has come (owned)                 */
	struct mbuf *out;       /**< What waits to go out (owned)          */
	struct web_wait *piece; /**< Of a file, that is read (owned), or NULL */
	struct web_req *req;    /**< Request (owned), NULL=none            */
	size_t body;            /**< Length of its body [bytes]            */
	size_t thrown;          /**< Thrown away [bytes]                   */
	struct web_pace pace;   /**< How fast an answer is taken           */
	struct tmr tmr;         /**< It is too slow                        */
	struct tmr turn;        /**< It goes on after others               */
	bool keep;              /**< Another request may follow            */
	bool full;              /**< There are too many: it is sent away   */
	bool running;           /**< Further up on the stack               */
};


/* conn.c */
void web_conn_state(struct web_conn *c, enum web_state state);
void web_conn_go_on(struct web_conn *c);

/* connread.c */
int  web_conn_read(struct web_conn *c);

/* serve.c */
bool web_serve_head(struct web_conn *c);
void web_serve_body(struct web_conn *c);
void web_serve_late(struct web_conn *c);
