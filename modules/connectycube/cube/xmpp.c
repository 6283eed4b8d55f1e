/**
 * @file cube/xmpp.c  One XMPP stream in WebSocket framing (RFC 7395)
 *
 *   IDLE -> OPENING -> AUTH -> REOPENING -> BINDING -> [SESSION] -> READY
 *                 any of them -> CLOSED
 *
 * SASL PLAIN (RFC 4616) only, as the web SDK does: the link is TLS with a
 * verified certificate. Carbons (XEP-0280) are not enabled: the bridge wants
 * no copy of what another connection of the same user sends or gets, and
 * pays nothing for it.
 */
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "xml.h"
#include "xmpp.h"


#define NS_FRAMING "urn:ietf:params:xml:ns:xmpp-framing"
#define NS_STREAM  "http://etherx.jabber.org/streams"
#define NS_SASL    "urn:ietf:params:xml:ns:xmpp-sasl"
#define NS_BIND    "urn:ietf:params:xml:ns:xmpp-bind"
#define NS_SESSION "urn:ietf:params:xml:ns:xmpp-session"
#define NS_PING    "urn:xmpp:ping"


enum state {
	IDLE = 0,
	OPENING,                /* first stream: waiting for features      */
	AUTH,                   /* credentials sent                        */
	REOPENING,              /* second stream: waiting for features     */
	BINDING,                /* resource asked for                      */
	SESSION,                /* RFC 3921 session, old servers only      */
	READY,                  /* bound and present                       */
	CLOSED,
};

struct xmpp {
	enum state state;       /**< Only by set_state()                   */
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


static void wipe(char **secret)
{
	if (*secret)
		explicit_bzero(*secret, strlen(*secret));

	*secret = mem_deref(*secret);
}


static void destructor(void *data)
{
	struct xmpp *x = data;

	tmr_cancel(&x->tmr);
	mem_deref(x->domain);
	mem_deref(x->user);
	wipe(&x->password);
	mem_deref(x->jid);
}


static const char *state_name(enum state state)
{
	switch (state) {

	case IDLE:      return "idle";
	case OPENING:   return "opening";
	case AUTH:      return "authenticating";
	case REOPENING: return "reopening";
	case BINDING:   return "binding";
	case SESSION:   return "session";
	case READY:     return "ready";
	case CLOSED:    return "closed";
	default:        return "?";
	}
}


static void set_state(struct xmpp *x, enum state state)
{
	clog_debug("cube: xmpp %s: %s -> %s\n", x->user,
		   state_name(x->state), state_name(state));

	x->state = state;
}


static void finish(struct xmpp *x, enum xmpp_end end, const char *fmt, ...)
{
	xmpp_close_h *closeh = x->closeh;
	char reason[160];
	va_list ap;

	if (x->state == CLOSED)
		return;

	va_start(ap, fmt);
	(void)re_vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);

	set_state(x, CLOSED);
	tmr_cancel(&x->tmr);

	x->closeh = NULL;
	if (closeh)
		closeh(end, reason, x->arg);
}


static int send_fmt(struct xmpp *x, const char *fmt, ...)
{
	char *str = NULL;
	va_list ap;
	int err;

	va_start(ap, fmt);
	err = re_vsdprintf(&str, fmt, ap);
	va_end(ap);

	if (!err)
		err = x->sendh(str, strlen(str), x->arg);

	/* it may have held credentials */
	wipe(&str);

	return err;
}


static void timeout_handler(void *arg)
{
	struct xmpp *x = arg;

	finish(x, XMPP_END_TIMEOUT, "no answer while %s",
	       state_name(x->state));
}


static void ping_handler(void *arg);


/* the timer runs for the silence that is left, so a busy stream wakes up
   no more often than an idle one */
static void start_ping(struct xmpp *x)
{
	const uint64_t now = tmr_jiffies();
	const uint64_t next = x->last_rx + x->ping;

	if (x->ping)
		tmr_start(&x->tmr, next > now ? next - now : 1,
			  ping_handler, x);
}


/* XEP-0199: what is dead does not answer */
static void ping_handler(void *arg)
{
	struct xmpp *x = arg;
	int err;

	if (x->pinged) {
		finish(x, XMPP_END_TIMEOUT, "no answer to a ping");
		return;
	}

	if (tmr_jiffies() < x->last_rx + x->ping) {
		start_ping(x);
		return;
	}

	err = send_fmt(x, "<iq xmlns=\"jabber:client\" type=\"get\""
		       " id=\"ping%u\" to=\"%H\"><ping xmlns=\"" NS_PING
		       "\"/></iq>", ++x->id, xml_attr_print, x->domain);
	if (err) {
		finish(x, XMPP_END_ERROR, "ping not sent: %m", err);
		return;
	}

	x->pinged = true;
	tmr_start(&x->tmr, XMPP_PING_TIMEOUT, ping_handler, x);
}


static int send_open(struct xmpp *x)
{
	return send_fmt(x, "<open xmlns=\"" NS_FRAMING "\" to=\"%H\""
			" version=\"1.0\"/>", xml_attr_print, x->domain);
}


static int send_plain(struct xmpp *x, const uint8_t *plain, size_t len)
{
	size_t b64len = (len + 2) / 3 * 4;
	char *b64;
	int err;

	b64 = mem_zalloc(b64len + 1, NULL);
	if (!b64)
		return ENOMEM;

	err = base64_encode(plain, len, b64, &b64len);
	if (!err)
		err = send_fmt(x, "<auth xmlns=\"" NS_SASL "\""
			       " mechanism=\"PLAIN\">%s</auth>", b64);

	wipe(&b64);

	return err;
}


/* [authzid] NUL authcid NUL passwd, RFC 4616 section 2 */
static int send_auth(struct xmpp *x)
{
	const size_t ul = str_len(x->user), pl = str_len(x->password);
	const size_t len = ul + pl + 2;
	uint8_t *plain;
	int err;

	plain = mem_zalloc(len, NULL);
	if (!plain)
		return ENOMEM;

	memcpy(&plain[1], x->user, ul);
	memcpy(&plain[2 + ul], x->password, pl);

	err = send_plain(x, plain, len);

	explicit_bzero(plain, len);
	mem_deref(plain);

	return err;
}


/* two connections on one resource throw each other out, so it is random */
static int send_bind(struct xmpp *x)
{
	return send_fmt(x, "<iq xmlns=\"jabber:client\" type=\"set\""
			" id=\"bind%u\"><bind xmlns=\"" NS_BIND "\">"
			"<resource>bridge-%08x%08x</resource></bind></iq>",
			++x->id, rand_u32(), rand_u32());
}


static int send_session(struct xmpp *x)
{
	return send_fmt(x, "<iq xmlns=\"jabber:client\" type=\"set\""
			" id=\"session%u\"><session xmlns=\"" NS_SESSION
			"\"/></iq>", ++x->id);
}


static void become_ready(struct xmpp *x)
{
	int err = send_fmt(x, "<presence xmlns=\"jabber:client\"/>");

	if (err) {
		finish(x, XMPP_END_ERROR, "presence not sent: %m", err);
		return;
	}

	tmr_cancel(&x->tmr);
	set_state(x, READY);
	start_ping(x);

	if (x->readyh)
		x->readyh(x->jid, x->arg);
}


static bool offers_plain(const struct xml *features)
{
	const struct xml *mechs = xml_child(features, "mechanisms", NS_SASL);
	struct le *le;

	for (le = mechs ? list_head(&mechs->childl) : NULL; le;
	     le = le->next) {

		if (0 == str_casecmp(xml_text(le->data), "PLAIN"))
			return true;
	}

	return false;
}


static void recv_features(struct xmpp *x, const struct xml *el)
{
	const struct xml *session;
	int err;

	if (x->state == OPENING) {

		if (!offers_plain(el)) {
			finish(x, XMPP_END_ERROR,
			       "server offers no SASL PLAIN");
			return;
		}

		set_state(x, AUTH);
		err = send_auth(x);
	}
	else if (x->state == REOPENING) {

		if (!xml_child(el, "bind", NS_BIND)) {
			finish(x, XMPP_END_ERROR, "server offers no bind");
			return;
		}

		session = xml_child(el, "session", NS_SESSION);
		x->old_session = session &&
			!xml_child(session, "optional", NULL);

		set_state(x, BINDING);
		err = send_bind(x);
	}
	else {
		return;
	}

	if (err)
		finish(x, XMPP_END_ERROR, "not sent: %m", err);
}


static void recv_success(struct xmpp *x)
{
	int err;

	if (x->state != AUTH)
		return;

	wipe(&x->password);
	set_state(x, REOPENING);

	err = send_open(x);
	if (err)
		finish(x, XMPP_END_ERROR, "not sent: %m", err);
}


/* RFC 6120 section 6.5: some failures are no verdict on the credentials */
static void recv_failure(struct xmpp *x, const struct xml *el)
{
	const struct xml *cond = xml_child(el, NULL, NS_SASL);
	const char *name = cond ? cond->name : "failure";
	const bool temporary =
		0 == str_cmp(name, "temporary-auth-failure") ||
		0 == str_cmp(name, "aborted");

	if (x->state != AUTH)
		return;

	finish(x, temporary ? XMPP_END_ERROR : XMPP_END_AUTH,
	       "login refused: %s", name);
}


/* RFC 6120 section 4.9 */
static void recv_error(struct xmpp *x, const struct xml *el)
{
	struct le *le = list_head(&el->childl);
	const struct xml *cond = list_ledata(le);
	const char *name = cond ? cond->name : "unknown";

	if (0 == str_cmp(name, "not-authorized"))
		finish(x, XMPP_END_AUTH, "stream error: %s", name);
	else if (0 == str_cmp(name, "conflict"))
		finish(x, XMPP_END_CONFLICT, "stream error: %s", name);
	else
		finish(x, XMPP_END_ERROR, "stream error: %s", name);
}


static void recv_bound(struct xmpp *x, const struct xml *iq)
{
	const struct xml *bind = xml_child(iq, "bind", NS_BIND);
	const char *jid = xml_child_text(bind, "jid");
	int err;

	if (0 != str_casecmp(xml_attr(iq, "type"), "result") || !jid ||
	    !*jid) {
		finish(x, XMPP_END_ERROR, "no resource bound");
		return;
	}

	err = str_dup(&x->jid, jid);
	if (err) {
		finish(x, XMPP_END_ERROR, "%m", err);
		return;
	}

	if (!x->old_session) {
		become_ready(x);
		return;
	}

	set_state(x, SESSION);
	err = send_session(x);
	if (err)
		finish(x, XMPP_END_ERROR, "not sent: %m", err);
}


/* RFC 6120 section 8.2.3: each get and set is answered */
static void recv_request(struct xmpp *x, const struct xml *iq)
{
	const char *id = xml_attr(iq, "id"), *from = xml_attr(iq, "from");
	const bool ping = xml_child(iq, "ping", NS_PING) != NULL;
	char *to = NULL;
	int err = 0;

	if (!id)
		return;

	if (from)
		err = re_sdprintf(&to, " to=\"%H\"", xml_attr_print, from);

	if (!err)
		err = ping ?
			send_fmt(x, "<iq xmlns=\"jabber:client\""
				 " type=\"result\" id=\"%H\"%s/>",
				 xml_attr_print, id, to ? to : "") :
			send_fmt(x, "<iq xmlns=\"jabber:client\""
				 " type=\"error\" id=\"%H\"%s>"
				 "<error type=\"cancel\"><service-unavailable"
				 " xmlns=\"urn:ietf:params:xml:ns:"
				 "xmpp-stanzas\"/></error></iq>",
				 xml_attr_print, id, to ? to : "");

	mem_deref(to);

	if (err)
		clog_debug("cube: xmpp: iq not answered (%m)\n", err);
}


static void recv_iq(struct xmpp *x, const struct xml *iq)
{
	const char *type = xml_attr(iq, "type");

	if (0 == str_casecmp(type, "get") || 0 == str_casecmp(type, "set"))
		recv_request(x, iq);
	else if (x->state == BINDING)
		recv_bound(x, iq);
	else if (x->state == SESSION)
		become_ready(x);
}


static void recv_element(struct xmpp *x, struct xml *el)
{
	if (xml_is(el, "message", NULL)) {
		if (x->state == READY && x->messageh)
			x->messageh(el, x->arg);
	}
	else if (xml_is(el, "iq", NULL))
		recv_iq(x, el);
	else if (xml_is(el, "features", NS_STREAM))
		recv_features(x, el);
	else if (xml_is(el, "success", NS_SASL))
		recv_success(x);
	else if (xml_is(el, "failure", NS_SASL))
		recv_failure(x, el);
	else if (xml_is(el, "error", NS_STREAM))
		recv_error(x, el);
	else if (xml_is(el, "close", NS_FRAMING))
		finish(x, XMPP_END_CLOSED, "closed by the server");

	/* the rest is presence, the answer to our open, what is unknown */
}


/**
 * Take one element from what carries the stream
 *
 * What is no XML is dropped, and the stream goes on. Any handler may be
 * called from here, and may dereference the stream.
 *
 * @param x   Stream
 * @param buf Text of one whole element
 * @param len Length of the text [bytes]
 */
void xmpp_recv(struct xmpp *x, const char *buf, size_t len)
{
	struct xml *el;
	int err;

	if (!x || !buf || x->state == IDLE || x->state == CLOSED)
		return;

	x->last_rx = tmr_jiffies();

	if (x->pinged) {
		x->pinged = false;
		start_ping(x);
	}

	err = xml_decode(&el, buf, len);
	if (err) {
		clog_debug("cube: xmpp: dropped %zu bytes (%m)\n", len, err);
		return;
	}

	mem_ref(x);
	recv_element(x, el);
	mem_deref(x);

	mem_deref(el);
}


/**
 * Allocate a stream
 *
 * @param xp       Returned stream
 * @param prm      Who logs in
 * @param sendh    Sends one element
 * @param readyh   Called when it is ready
 * @param messageh Called for each message stanza
 * @param closeh   Called once when it ended
 * @param arg      Handler argument
 *
 * @return 0 if success; EINVAL no argument; ENOMEM
 */
int xmpp_alloc(struct xmpp **xp, const struct xmpp_prm *prm,
	       xmpp_send_h *sendh, xmpp_ready_h *readyh,
	       xmpp_message_h *messageh, xmpp_close_h *closeh, void *arg)
{
	struct xmpp *x;
	int err;

	if (!xp || !prm || !prm->domain || !prm->user || !prm->password ||
	    !sendh)
		return EINVAL;

	x = mem_zalloc(sizeof(*x), destructor);
	if (!x)
		return ENOMEM;

	x->ping     = prm->ping;
	x->sendh    = sendh;
	x->readyh   = readyh;
	x->messageh = messageh;
	x->closeh   = closeh;
	x->arg      = arg;

	err = str_dup(&x->domain, prm->domain);
	if (!err)
		err = str_dup(&x->user, prm->user);
	if (!err)
		err = str_dup(&x->password, prm->password);

	if (err)
		mem_deref(x);
	else
		*xp = x;

	return err;
}


/**
 * Start a stream; what carries it is open
 *
 * @param x Stream
 *
 * @return 0 if success; EINVAL no argument; EALREADY was started; otherwise
 *         what sendh returned
 */
int xmpp_start(struct xmpp *x)
{
	if (!x)
		return EINVAL;

	if (x->state != IDLE)
		return EALREADY;

	set_state(x, OPENING);
	tmr_start(&x->tmr, XMPP_SETUP_TIMEOUT, timeout_handler, x);

	return send_open(x);
}


/**
 * Send a stanza
 *
 * @param x   Stream
 * @param buf Text of the stanza
 * @param len Length of the text [bytes]
 *
 * @return 0 if success; EINVAL no argument; ENOTCONN not ready; otherwise
 *         what sendh returned
 */
int xmpp_send(struct xmpp *x, const char *buf, size_t len)
{
	if (!x || !buf)
		return EINVAL;

	return x->state == READY ? x->sendh(buf, len, x->arg) : ENOTCONN;
}


/**
 * Tell whether a stream is bound and present
 *
 * @param x Stream
 *
 * @return true if so
 */
bool xmpp_is_ready(const struct xmpp *x)
{
	return x && x->state == READY;
}


/**
 * Get the full JID
 *
 * @param x Stream
 *
 * @return JID, NULL until bound
 */
const char *xmpp_jid(const struct xmpp *x)
{
	return x ? x->jid : NULL;
}


/**
 * Get the name of a stream's state
 *
 * @param x Stream
 *
 * @return Name
 */
const char *xmpp_state_name(const struct xmpp *x)
{
	return state_name(x ? x->state : IDLE);
}
