/**
 * @file cube/ws.c  HTTPS requests and WebSockets: the connection
 *
 *   RESOLVING --> CONNECTING --> OPEN --> CLOSED
 *                  ^      |
 *                  +------+ next address
 *
 * What passes over an open connection is in wsio.c.
 */
#include <string.h>
#include <sys/socket.h>
#include <libwebsockets.h>
#include <re.h>
#include "base/log.h"
#include "base/mono.h"
#include "base/netlink.h"
#include "base/resolve.h"
#include "url.h"
#include "ws.h"
#include "wsctx.h"
#include "wsconn.h"


/* lws' own keep-alive pings must not end a link whose server ignores them;
   the XMPP layer has its own */
static const lws_retry_bo_t no_validity = {
	.secs_since_valid_ping   = 65000,
	.secs_since_valid_hangup = 65100,
};


static void connect_next(struct ws *ws);
static void start_timer(struct ws *ws);


static const char *state_name(enum ws_state state)
{
	switch (state) {

	case WS_RESOLVING:  return "resolving";
	case WS_CONNECTING: return "connecting";
	case WS_OPEN:       return "open";
	case WS_CLOSED:     return "closed";
	default:            return "?";
	}
}


/**
 * Change the state of a connection
 *
 * @param ws    Connection
 * @param state New state
 */
void ws_set_state(struct ws *ws, enum ws_state state)
{
	if (ws->state == state)
		return;

	clog_debug("cube: %s:%u %s -> %s\n", ws->url.host, ws->url.port,
		   state_name(ws->state), state_name(state));

	ws->state = state;
}


/*
 * Part from lws' connection. Inside its own callback it only loses sight of
 * us, and the callback's return value closes it
 */
static void detach(struct ws *ws)
{
	struct lws *wsi = ws->wsi;

	ws->wsi = NULL;
	if (!wsi)
		return;

	lws_set_opaque_user_data(wsi, NULL);

	if (!ws->depth) {
		lws_set_timeout(wsi, PENDING_TIMEOUT_USER_REASON_BASE,
				LWS_TO_KILL_SYNC);
		wsctx_kick();
	}
}


static void wipe(char *secret)
{
	if (secret)
		explicit_bzero(secret, strlen(secret));

	mem_deref(secret);
}


static void destructor(void *data)
{
	struct ws *ws = data;

	tmr_cancel(&ws->tmr);
	tmr_cancel(&ws->tmr_fail);
	mem_deref(ws->resolve);
	ws_flush(ws);
	detach(ws);
	list_flush(&ws->sendl);
	mem_deref(ws->rx);
	mem_deref(ws->ca_file);
	mem_deref(ws->proto);
	mem_deref(ws->method);
	mem_deref(ws->path);
	wipe(ws->token);
	wipe(ws->body);
	if (ws->ctx)
		wsctx_unref();
}


/**
 * Close a connection and tell its owner, once
 *
 * @param ws     Connection; may be gone afterwards, unless the caller holds it
 * @param err    As of ws_close_h; 0 if a request was answered
 * @param reason Readable reason
 * @param resp   Answer, or NULL
 */
void ws_finish(struct ws *ws, int err, const char *reason,
	       const struct ws_resp *resp)
{
	ws_close_h *closeh = ws->closeh;
	ws_resp_h *resph = ws->resph;

	ws->closeh = NULL;
	ws->resph  = NULL;
	ws->openh  = NULL;
	ws->recvh  = NULL;

	ws_set_state(ws, WS_CLOSED);
	tmr_cancel(&ws->tmr);
	tmr_cancel(&ws->tmr_fail);
	ws->resolve = mem_deref(ws->resolve);
	detach(ws);

	/* reason and answer may be the connection's own */
	mem_ref(ws);
	if (closeh)
		closeh(err, reason, ws->arg);
	else if (resph)
		resph(err, reason, resp, ws->arg);
	mem_deref(ws);
}


static void fail_handler(void *arg)
{
	struct ws *ws = arg;

	ws_finish(ws, ws->err, ws->reason, NULL);
}


/**
 * Have a connection fail from a fresh stack
 *
 * @param ws     Connection
 * @param err    As of ws_close_h
 * @param reason Readable reason
 */
void ws_fail_later(struct ws *ws, int err, const char *reason)
{
	ws->err = err;
	if (reason != ws->reason)
		str_ncpy(ws->reason, reason, sizeof(ws->reason));
	tmr_start(&ws->tmr_fail, 0, fail_handler, ws);
}


/* "HOST:PORT/PATH: reason": what is wrong may be the URL. The paths of requests
   are our own */
static void name_place(const struct ws *ws, char *buf, size_t size,
		       const char *reason)
{
	const bool ip6 = NULL != strchr(ws->url.host, ':');

	(void)re_snprintf(buf, size, "%s%s%s:%u%s: %s", ip6 ? "[" : "",
			  ws->url.host, ip6 ? "]" : "", ws->url.port,
			  ws->method ? "" : ws->url.path, reason);
}


/**
 * A connection did not open: try the next address, or fail
 *
 * @param ws     Connection
 * @param err    As of ws_close_h
 * @param reason Readable reason
 */
void ws_attempt_failed(struct ws *ws, int err, const char *reason)
{
	char where[sizeof(ws->reason)];

	/* another address of the same host has the same certificate */
	if (err != EACCES && ws->addri < ws->addrc &&
	    mono_ms() < ws->deadline) {
		clog_debug("cube: %s:%u: %s\n", ws->url.host, ws->url.port,
			   reason);
		connect_next(ws);
		return;
	}

	/* a refused certificate has been said to be that of the host */
	if (err != EACCES) {
		name_place(ws, where, sizeof(where), reason);
		reason = where;
	}

	ws_fail_later(ws, err, reason);
}


static void timeout_handler(void *arg)
{
	struct ws *ws = arg;

	/* an answer that is on its way has all of the time */
	if (ws->state == WS_OPEN && mono_ms() < ws->deadline) {
		start_timer(ws);
		return;
	}

	if (ws->state != WS_CONNECTING || ws->addri >= ws->addrc ||
	    mono_ms() >= ws->deadline) {
		char where[sizeof(ws->reason)];

		name_place(ws, where, sizeof(where), "no answer in time");
		ws_finish(ws, ETIMEDOUT, where, NULL);
		return;
	}

	detach(ws);
	ws_attempt_failed(ws, ETIMEDOUT, "no answer in time");
}


static void start_timer(struct ws *ws)
{
	const uint64_t now = mono_ms();
	uint64_t left = ws->deadline > now ? ws->deadline - now : 1;

	if (ws->state != WS_OPEN && ws->addri < ws->addrc)
		left = min(left, (uint64_t)WS_ADDR_TIMEOUT);

	tmr_start(&ws->tmr, left, timeout_handler, ws);
}


static int host_header(char *buf, size_t size, const struct url *url)
{
	const bool std = url->port == (url->tls ? 443 : 80);
	const bool ip6 = NULL != strchr(url->host, ':');
	const char *fmt = ip6 ? (std ? "[%s]" : "[%s]:%u")
			      : (std ? "%s"   : "%s:%u");

	return re_snprintf(buf, size, fmt, url->host, url->port) < 0
		? EOVERFLOW : 0;
}


static int connect_addr(struct ws *ws, const struct sa *addr)
{
	struct lws_client_connect_info ci;
	struct lws_vhost *vh;
	char ip[64], host[300];
	struct lws *wsi = NULL;
	int err;

	err = wsctx_vhost(&vh, ws->ca_file);
	if (err)
		return err;

	err = host_header(host, sizeof(host), &ws->url);
	if (err)
		return err;

	if (re_snprintf(ip, sizeof(ip), "%j", addr) < 0)
		return EOVERFLOW;

	memset(&ci, 0, sizeof(ci));
	ci.context             = wsctx_lws();
	ci.vhost               = vh;
	ci.address             = ip;
	ci.port                = ws->url.port;
	ci.host                = host;
	ci.origin              = host;
	ci.path                = ws->path ? ws->path : ws->url.path;
	ci.ssl_connection      = LCCSCF_HTTP_NO_FOLLOW_REDIRECT |
		(ws->url.tls ? LCCSCF_USE_SSL : 0);
	ci.alpn                = "http/1.1";
	ci.method              = ws->method;
	ci.protocol            = ws->proto;
	ci.local_protocol_name = "cube";
	ci.opaque_user_data    = ws;
	ci.retry_and_idle_policy = &no_validity;
	ci.pwsi                = &wsi;

	/* nothing of an attempt before this one counts: the whole request
	   is sent again, and its answer is a new one */
	ws->body_sent = false;
	ws->answered  = false;
	memset(&ws->resp, 0, sizeof(ws->resp));
	ws->rx = mem_deref(ws->rx);

	/* what fails inside is seen here, not in the callback */
	ws->reason[0] = '\0';
	wsctx_enter();
	++ws->depth;
	ws->wsi = lws_client_connect_via_info(&ci);
	--ws->depth;
	wsctx_leave();
	wsctx_kick();

	return ws->wsi ? 0 : ECONNREFUSED;
}


static void connect_next(struct ws *ws)
{
	int err = ECONNREFUSED;

	ws_set_state(ws, WS_CONNECTING);

	while (ws->addri < ws->addrc) {

		err = connect_addr(ws, &ws->addrv[ws->addri++]);
		if (!err) {
			start_timer(ws);
			return;
		}

		if (err == ENOENT)
			break;
	}

	ws_fail_later(ws, err == ENOENT ? EACCES : ECONNREFUSED,
		      err == ENOENT ? "no CA certificates to verify with" :
		      ws->reason[0] ? ws->reason : "not connected");
}


static void resolve_handler(int err, const struct sa *addrv, size_t addrc,
			    const char *reason, void *arg)
{
	struct ws *ws = arg;

	if (err) {
		ws_fail_later(ws, err, reason);
		return;
	}

	memcpy(ws->addrv, addrv, addrc * sizeof(*addrv));
	ws->addrc = addrc;

	connect_next(ws);
}


/**
 * Allocate a connection and start it
 *
 * @param wsp     Returned connection
 * @param url     Where to
 * @param ca_file PEM file, NULL=system's
 *
 * @return 0 if success; EINVAL; EPERM it would be without TLS; ENOENT no
 *         CAs in ca_file; ENOSYS no GLib plug-in; ENOMEM
 */
int ws_alloc(struct ws **wsp, const char *url, const char *ca_file)
{
	struct ws *ws;
	int err;

	ws = mem_zalloc(sizeof(*ws), destructor);
	if (!ws)
		return ENOMEM;

	err = url_decode(&ws->url, url);
	if (err)
		goto out;

	if (!url_is_allowed(&ws->url)) {
		clog_warning("cube: %s: not allowed without TLS\n",
			     ws->url.host);
		err = EPERM;
		goto out;
	}

	err = wsctx_ref();
	if (err)
		goto out;
	ws->ctx = true;

	if (ca_file)
		err = str_dup(&ws->ca_file, ca_file);
	if (err)
		goto out;

	ws->deadline = mono_ms() + WS_TIMEOUT;

	err = resolve_alloc(&ws->resolve, wsctx_gloop(), ws->url.host,
			    resolve_handler, ws);
	if (!err)
		start_timer(ws);

 out:
	if (err)
		mem_deref(ws);
	else
		*wsp = ws;

	return err;
}


/**
 * Open a WebSocket (RFC 6455)
 *
 * @param wsp      Returned connection; dereferencing it closes
 * @param url      "wss://host[:port]/path"; "ws://" to loopback only
 * @param ca_file  PEM file of trusted CAs, NULL=system's
 * @param subproto Sub-protocol to ask for
 * @param openh    Called when it is open
 * @param recvh    Called for each message
 * @param closeh   Called once, when it closed or did not open
 * @param arg      Handler argument
 *
 * @return 0 if success; EINVAL no argument; EBADMSG, ENOTSUP, EOVERFLOW no
 *         usable URL; EPERM it would be without TLS; ENOSYS no GLib plug-in;
 *         ENOMEM
 */
int ws_connect(struct ws **wsp, const char *url, const char *ca_file,
	       const char *subproto, ws_open_h *openh, ws_recv_h *recvh,
	       ws_close_h *closeh, void *arg)
{
	struct ws *ws;
	int err;

	if (!wsp || !url || !subproto || !openh || !recvh || !closeh)
		return EINVAL;

	err = ws_alloc(&ws, url, ca_file);
	if (err)
		return err;

	ws->openh  = openh;
	ws->recvh  = recvh;
	ws->closeh = closeh;
	ws->arg    = arg;

	err = str_dup(&ws->proto, subproto);
	if (err)
		mem_deref(ws);
	else
		*wsp = ws;

	return err;
}


/**
 * Tell if a connection is dead because its own address is not this host's any
 * more
 *
 * @param ws Connection
 *
 * @return true if so
 */
bool ws_is_stale(const struct ws *ws)
{
	struct sa sa;

	if (!ws || !ws->wsi)
		return false;

	sa.len = sizeof(sa.u);

	return !getsockname(lws_get_socket_fd(ws->wsi), &sa.u.sa, &sa.len) &&
		sa_isset(&sa, SA_ADDR) && !netlink_is_ours(&sa);
}
