/**
 * @file cube/xmpp.h  One XMPP stream (RFC 6120) in WebSocket framing
 *
 *   link: ws opened  --xmpp_start()-->          --readyh--> online
 *         ws message --xmpp_recv()--> [stream]  --stanzah--> message
 *         ws_send()  <----sendh-----            --closeh--> link down
 *
 * The stream does not know what carries it. One is made for each
 * connection and thrown away with it.
 */

enum {
	XMPP_SETUP_TIMEOUT = 20000, /**< From start until ready [ms]       */
	XMPP_PING_TIMEOUT  = 10000, /**< For the answer to a ping [ms]     */
};

/** Why a stream ended */
enum xmpp_end {
	XMPP_END_AUTH = 0,      /**< Login refused                         */
	XMPP_END_CONFLICT,      /**< Replaced by another connection        */
	XMPP_END_ERROR,         /**< Stream error, protocol error          */
	XMPP_END_TIMEOUT,       /**< No answer                             */
	XMPP_END_CLOSED,        /**< Closed by the server                  */
};

/** Who logs in. The strings are copied */
struct xmpp_prm {
	const char *domain;     /**< XMPP domain                           */
	const char *user;       /**< Local part of the JID                 */
	const char *password;   /**< Password or session token (secret)    */
	uint32_t ping;          /**< Ping after this silence [ms], 0=never */
};

struct xmpp;
struct xml;

/** Send one element over what carries the stream */
typedef int (xmpp_send_h)(const char *buf, size_t len, void *arg);

/** Bound and present */
typedef void (xmpp_ready_h)(const char *jid, void *arg);

/** A message has come, or a presence or iq, which may tell of a user */
typedef void (xmpp_message_h)(struct xml *msg, void *arg);

/** The stream ended; called once. The owner derefs it, then or later */
typedef void (xmpp_close_h)(enum xmpp_end end, const char *reason, void *arg);

int  xmpp_alloc(struct xmpp **xp, const struct xmpp_prm *prm,
		xmpp_send_h *sendh, xmpp_ready_h *readyh,
		xmpp_message_h *messageh, xmpp_close_h *closeh, void *arg);
int  xmpp_start(struct xmpp *x);
void xmpp_recv(struct xmpp *x, const char *buf, size_t len);
void xmpp_probe(struct xmpp *x);
int  xmpp_send(struct xmpp *x, const char *buf, size_t len);
