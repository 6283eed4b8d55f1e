/**
 * @file cube/ws.h  HTTPS requests and WebSockets, by libwebsockets
 *
 *   rest ---ws_request()--+                    +-- resolve (GLib, async)
 *                         +--> ws --> wsctx ---+
 *   link ---ws_connect()--+    (connection)    +-- lws context on a gloop
 *
 * All connections of the process share one lws context, made with the first
 * and closed with the last. Certificates are always verified against the
 * host's name, even though lws is given a resolved address. URLs without
 * TLS are refused but for this machine's own loopback.
 *
 * Handlers run on libre's loop and never from inside the function that
 * caused them; a connection may be dereferenced in any of them.
 */

enum {
	WS_RECV_MAX   = 262144, /**< Largest message or body taken [bytes] */
	WS_SEND_MAX   = 1048576,/**< Most that may wait to be sent [bytes] */
	WS_PATH_MAX   = 2048,   /**< Longest path of a request [bytes]     */
	WS_TIMEOUT    = 15000,  /**< For a request; for a ws to open [ms]  */
	WS_ADDR_TIMEOUT = 5000, /**< For one address if more are left [ms] */
};

struct ws;

/** The answer to a request */
struct ws_resp {
	unsigned scode;         /**< HTTP status                           */
	uint32_t retry_after;   /**< Retry-After, 0=none [s]               */
	const char *body;       /**< Body, zero-terminated, never NULL     */
	size_t len;             /**< Length of the body [bytes]            */
};

/** The WebSocket is open */
typedef void (ws_open_h)(void *arg);

/** One whole text message has come */
typedef void (ws_recv_h)(const char *buf, size_t len, void *arg);

/**
 * The WebSocket closed, or never opened; called once
 *
 * @param err    ECONNRESET closed by the server; ENOENT name not found;
 *               ETIMEDOUT; EACCES the certificate was refused; ECONNREFUSED
 *               anything else that kept it from opening; EMSGSIZE
 * @param reason Readable reason
 */
typedef void (ws_close_h)(int err, const char *reason, void *arg);

/** A request was answered (err is 0), or failed as with ws_close_h */
typedef void (ws_resp_h)(int err, const char *reason,
			 const struct ws_resp *resp, void *arg);

int  ws_connect(struct ws **wsp, const char *url, const char *ca_file,
		const char *subproto, ws_open_h *openh, ws_recv_h *recvh,
		ws_close_h *closeh, void *arg);
int  ws_request(struct ws **wsp, const char *url, const char *ca_file,
		const char *method, const char *path, const char *token,
		const char *body, ws_resp_h *resph, void *arg);
bool ws_is_stale(const struct ws *ws);
int  ws_send(struct ws *ws, const char *buf, size_t len);
