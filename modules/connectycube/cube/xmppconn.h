/**
 * @file cube/xmppconn.h  Inside of an XMPP stream; for xmpp*.c alone
 */

#define NS_FRAMING "urn:ietf:params:xml:ns:xmpp-framing"
#define NS_STREAM  "http://etherx.jabber.org/streams"
#define NS_SASL    "urn:ietf:params:xml:ns:xmpp-sasl"
#define NS_BIND    "urn:ietf:params:xml:ns:xmpp-bind"
#define NS_SESSION "urn:ietf:params:xml:ns:xmpp-session"
#define NS_PING    "urn:xmpp:ping"

enum xmpp_state {
	XMPP_IDLE = 0,
	XMPP_OPENING,           /**< Waiting for the first features        */
	XMPP_AUTH,              /**< Credentials sent                      */
	XMPP_REOPENING,         /**< Waiting for the second features       */
	XMPP_BINDING,           /**< Resource asked for                    */
	XMPP_SESSION,           /**< RFC 3921 session, old servers only    */
	XMPP_READY,             /**< Bound and present                     */
	XMPP_CLOSED,
};

struct xmpp {
	enum xmpp_state state;  /**< Only by xmpp_set_state()              */
	char *domain;           /**< XMPP domain (owner)                   */
	char *user;             /**< Local part (owner)                    */
	char *password;         /**< Secret (owner); wiped once used       */
	char *jid;              /**< Full JID once bound (owner)           */
	struct tmr tmr;         /**< Set-up time-out, then the ping        */
	uint32_t ping;          /**< Ping after this silence [ms]          */
	uint64_t last_rx;       /**< When something last came [ms]         */
	bool pinged;            /**< A ping waits for any sign of life     */
	unsigned id;            /**< Of the last iq sent                   */
	bool old_session;       /**< Server wants a session after bind     */
	xmpp_send_h *sendh;
	xmpp_ready_h *readyh;
	xmpp_message_h *messageh;
	xmpp_close_h *closeh;
	void *arg;              /**< Handler argument                      */
};

void xmpp_set_state(struct xmpp *x, enum xmpp_state state);
void xmpp_finish(struct xmpp *x, enum xmpp_end end, const char *fmt, ...);
int  xmpp_send_fmt(struct xmpp *x, const char *fmt, ...);
int  xmpp_send_open(struct xmpp *x);
int  xmpp_send_auth(struct xmpp *x);
int  xmpp_send_bind(struct xmpp *x);
int  xmpp_send_session(struct xmpp *x);
void xmpp_become_ready(struct xmpp *x);
void xmpp_wipe(char **secret);
void xmpp_recv_element(struct xmpp *x, struct xml *el);
