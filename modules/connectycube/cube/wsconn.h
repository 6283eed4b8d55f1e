/**
 * @file cube/wsconn.h  Inside of a connection; for ws*.c alone
 */

enum ws_state {
	WS_RESOLVING = 0,       /**< Waiting for the name                  */
	WS_CONNECTING,          /**< TCP, TLS and HTTP being set up        */
	WS_OPEN,                /**< WebSocket open, or answer coming      */
	WS_CLOSED,              /**< Over; the owner has been told         */
};

/** A request or a WebSocket */
struct ws {
	struct url url;         /**< Where to                              */
	char *ca_file;          /**< PEM file, NULL=system's (owner)       */
	char *proto;            /**< Sub-protocol; NULL=request (owner)    */
	char *method;           /**< HTTP method; NULL=WebSocket (owner)   */
	char *path;             /**< Its path, NULL=the URL's (owner)      */
	char *token;            /**< Session token (secret), NULL (owner)  */
	char *body;             /**< Request's body (secret), NULL (owner) */
	bool body_sent;         /**< The body was handed to lws            */
	bool ctx;               /**< Holds a reference on the context      */

	enum ws_state state;    /**< Only by ws_set_state()                */
	struct resolve *resolve;/**< Owner                                 */
	struct sa addrv[RESOLVE_MAX]; /**< Addresses of the host           */
	size_t addrc;           /**< Number of addresses                   */
	size_t addri;           /**< The next one to try                   */
	struct lws *wsi;        /**< lws' connection (pointer), or NULL    */
	unsigned depth;         /**< Its callbacks on the stack            */

	struct tmr tmr;         /**< Set-up time-out                       */
	struct tmr tmr_fail;    /**< Fails from a fresh stack              */
	uint64_t deadline;      /**< When set-up is given up [ms]          */
	int err;                /**< For tmr_fail                          */
	char reason[160];       /**< For tmr_fail; a refused certificate   */

	struct list sendl;      /**< struct frame, waiting (owner)         */
	size_t pending;         /**< Waiting [bytes]                       */
	struct mbuf *rx;        /**< Message or body so far (owner)        */
	struct ws_resp resp;    /**< Answer so far                         */
	bool answered;          /**< Its header has come                   */

	ws_open_h *openh;       /**< Handlers; NULL once over              */
	ws_recv_h *recvh;
	ws_close_h *closeh;
	ws_resp_h *resph;
	void *arg;              /**< Handler argument                      */
};

int  ws_alloc(struct ws **wsp, const char *url, const char *ca_file);
void ws_set_state(struct ws *ws, enum ws_state state);
void ws_finish(struct ws *ws, int err, const char *reason,
	       const struct ws_resp *resp);
void ws_fail_later(struct ws *ws, int err, const char *reason);
void ws_attempt_failed(struct ws *ws, int err, const char *reason);
void ws_flush(struct ws *ws);
int  ws_append(struct ws *ws, const void *buf, size_t len);

/* wshttp.c */
int  wshttp_headers(struct ws *ws, struct lws *wsi, unsigned char **p,
		    size_t room);
int  wshttp_body(struct ws *ws, struct lws *wsi);
void wshttp_recv_header(struct ws *ws, struct lws *wsi);
int  wshttp_recv_body(struct lws *wsi);
void wshttp_done(struct ws *ws);
