/**
 * @file cube/xmpp.c  One XMPP stream in WebSocket framing (RFC 7395)
 *
 *   IDLE -> OPENING -> AUTH -> REOPENING -> BINDING -> [SESSION]
 *        -> READY -> CLOSED
 *
 * What comes in is taken in xmppin.c. SASL PLAIN (RFC 4616) only, as the
 * web SDK does: the link is TLS with a verified certificate. Carbons
 * (XEP-0280) are not enabled: the bridge wants no copy of what another
 * connection of the same user sends or gets, and pays nothing for it.
 */
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "base/mono.h"
#include "xml.h"
#include "xmpp.h"
#include "xmppconn.h"


/**
 * Free a secret, leaving nothing behind
 *
 * @param secret Pointer to the string; NULL afterwards
 */
void xmpp_wipe(char **secret)
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
	xmpp_wipe(&x->password);
	mem_deref(x->jid);
}


static const char *state_name(enum xmpp_state state)
{
	switch (state) {

	case XMPP_IDLE:      return "idle";
	case XMPP_OPENING:   return "opening";
	case XMPP_AUTH:      return "authenticating";
	case XMPP_REOPENING: return "reopening";
	case XMPP_BINDING:   return "binding";
	case XMPP_SESSION:   return "session";
	case XMPP_READY:     return "ready";
	case XMPP_CLOSED:    return "closed";
	default:             return "?";
	}
}


/**
 * Change the state of a stream
 *
 * @param x     Stream
 * @param state New state
 */
void xmpp_set_state(struct xmpp *x, enum xmpp_state state)
{
	clog_debug("cube: xmpp %s: %s -> %s\n", x->user,
		   state_name(x->state), state_name(state));

	x->state = state;
}


/**
 * End a stream and tell its owner, once
 *
 * @param x   Stream; may be gone afterwards
 * @param end Why
 * @param fmt Readable reason, formatted
 */
void xmpp_finish(struct xmpp *x, enum xmpp_end end, const char *fmt, ...)
{
	xmpp_close_h *closeh = x->closeh;
	char reason[160];
	va_list ap;

	if (x->state == XMPP_CLOSED)
		return;

	va_start(ap, fmt);
	(void)re_vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);

	xmpp_set_state(x, XMPP_CLOSED);
	tmr_cancel(&x->tmr);

	x->closeh = NULL;
	if (closeh)
		closeh(end, reason, x->arg);
}


/**
 * Send one element
 *
 * @param x   Stream
 * @param fmt Text of the element, formatted
 *
 * @return 0 if success; ENOMEM; otherwise what the send handler returned
 */
int xmpp_send_fmt(struct xmpp *x, const char *fmt, ...)
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
	xmpp_wipe(&str);

	return err;
}


static void timeout_handler(void *arg)
{
	struct xmpp *x = arg;

	xmpp_finish(x, XMPP_END_TIMEOUT, "no answer while %s",
		    state_name(x->state));
}


static void ping_handler(void *arg);


/* the timer runs for the silence that is left, so a busy stream wakes up
   no more often than an idle one */
static void start_ping(struct xmpp *x)
{
	const uint64_t now = mono_ms();
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
		xmpp_finish(x, XMPP_END_TIMEOUT, "no answer to a ping");
		return;
	}

	if (mono_ms() < x->last_rx + x->ping) {
		start_ping(x);
		return;
	}

	err = xmpp_send_fmt(x, "<iq xmlns=\"jabber:client\" type=\"get\""
			    " id=\"ping%u\" to=\"%H\"><ping xmlns=\"" NS_PING
			    "\"/></iq>", ++x->id, xml_attr_print, x->domain);
	if (err) {
		xmpp_finish(x, XMPP_END_ERROR, "ping not sent: %m", err);
		return;
	}

	x->pinged = true;
	tmr_start(&x->tmr, XMPP_PING_TIMEOUT, ping_handler, x);
}


/**
 * Ask now whether the server is there: the network has changed
 *
 * @param x Stream
 */
void xmpp_probe(struct xmpp *x)
{
	if (!x || x->state != XMPP_READY || x->pinged)
		return;

	x->last_rx = mono_ms() - x->ping;
	tmr_start(&x->tmr, 0, ping_handler, x);
}


/**
 * Open the stream, at first and after SASL
 *
 * @param x Stream
 *
 * @return 0 if success; otherwise as of xmpp_send_fmt()
 */
int xmpp_send_open(struct xmpp *x)
{
	return xmpp_send_fmt(x, "<open xmlns=\"" NS_FRAMING "\" to=\"%H\""
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
		err = xmpp_send_fmt(x, "<auth xmlns=\"" NS_SASL "\""
				    " mechanism=\"PLAIN\">%s</auth>", b64);

	xmpp_wipe(&b64);

	return err;
}


/**
 * Send the credentials: [authzid] NUL authcid NUL passwd (RFC 4616)
 *
 * @param x Stream
 *
 * @return 0 if success; otherwise as of xmpp_send_fmt()
 */
int xmpp_send_auth(struct xmpp *x)
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


/**
 * Ask for a resource. Two connections on one throw each other out, so it is
 * a random one
 *
 * @param x Stream
 *
 * @return 0 if success; otherwise as of xmpp_send_fmt()
 */
int xmpp_send_bind(struct xmpp *x)
{
	return xmpp_send_fmt(x, "<iq xmlns=\"jabber:client\" type=\"set\""
			     " id=\"bind%u\"><bind xmlns=\"" NS_BIND "\">"
			     "<resource>bridge-%08x%08x</resource></bind>"
			     "</iq>",
			     ++x->id, rand_u32(), rand_u32());
}


/**
 * Ask for a session (RFC 3921 section 3), of servers that insist
 *
 * @param x Stream
 *
 * @return 0 if success; otherwise as of xmpp_send_fmt()
 */
int xmpp_send_session(struct xmpp *x)
{
	return xmpp_send_fmt(x, "<iq xmlns=\"jabber:client\" type=\"set\""
			     " id=\"session%u\"><session xmlns=\"" NS_SESSION
			     "\"/></iq>", ++x->id);
}


/**
 * The stream is bound: send presence and tell the owner
 *
 * @param x Stream; may be gone afterwards
 */
void xmpp_become_ready(struct xmpp *x)
{
	int err = xmpp_send_fmt(x, "<presence xmlns=\"jabber:client\"/>");

	if (err) {
		xmpp_finish(x, XMPP_END_ERROR, "presence not sent: %m", err);
		return;
	}

	tmr_cancel(&x->tmr);
	xmpp_set_state(x, XMPP_READY);
	start_ping(x);

	if (x->readyh)
		x->readyh(x->jid, x->arg);
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

	if (!x || !buf || x->state == XMPP_IDLE || x->state == XMPP_CLOSED)
		return;

	x->last_rx = mono_ms();

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
	xmpp_recv_element(x, el);
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

	if (x->state != XMPP_IDLE)
		return EALREADY;

	xmpp_set_state(x, XMPP_OPENING);
	tmr_start(&x->tmr, XMPP_SETUP_TIMEOUT, timeout_handler, x);

	return xmpp_send_open(x);
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

	return x->state == XMPP_READY ? x->sendh(buf, len, x->arg) : ENOTCONN;
}
