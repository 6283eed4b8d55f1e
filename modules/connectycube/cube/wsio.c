/**
 * @file cube/wsio.c  HTTPS requests and WebSockets: what passes over them
 */
#include <string.h>
#include <libwebsockets.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <re.h>
#include "base/log.h"
#include "url.h"
#include "resolve.h"
#include "ws.h"
#include "wsctx.h"
#include "wsconn.h"


/** A message that waits to be sent */
struct frame {
	struct le le;           /**< Member of its connection's sendl      */
	size_t len;             /**< Length of the message [bytes]         */
	uint8_t buf[];          /**< LWS_PRE bytes of room, the message    */
};


static void frame_destructor(void *data)
{
	struct frame *f = data;

	list_unlink(&f->le);
}


/**
 * Send a text message over an open WebSocket
 *
 * @param ws  Connection
 * @param buf Text, UTF-8
 * @param len Length of the text [bytes]
 *
 * @return 0 if success; EINVAL no argument; ENOTCONN not open; ENOBUFS more
 *         than WS_SEND_MAX would be waiting; ENOMEM
 */
int ws_send(struct ws *ws, const char *buf, size_t len)
{
	struct frame *f;

	if (!ws || !buf || !len)
		return EINVAL;

	if (ws->state != WS_OPEN || !ws->wsi)
		return ENOTCONN;

	if (ws->pending + len > WS_SEND_MAX)
		return ENOBUFS;

	f = mem_zalloc(sizeof(*f) + LWS_PRE + len, frame_destructor);
	if (!f)
		return ENOMEM;

	f->len = len;
	memcpy(&f->buf[LWS_PRE], buf, len);
	list_append(&ws->sendl, &f->le, f);
	ws->pending += len;

	if (lws_callback_on_writable(ws->wsi) < 0)
		return ENOTCONN;

	wsctx_kick();

	return 0;
}


/**
 * Make a request (RFC 9112) with a JSON body
 *
 * @param wsp     Returned request; dereferencing it cancels
 * @param url     "https://host[:port]"; "http://" to loopback only
 * @param ca_file PEM file of trusted CAs, NULL=system's
 * @param method  HTTP method
 * @param path    Path and query, begins with '/'
 * @param token   Value of the CB-Token header (secret), NULL=none
 * @param body    JSON text (may hold secrets), NULL=none
 * @param resph   Called once
 * @param arg     Handler argument
 *
 * @return 0 if success; EINVAL no argument; EBADMSG, ENOTSUP, EOVERFLOW no
 *         usable URL; EPERM it would be without TLS; ENOSYS no GLib plug-in;
 *         ENOMEM
 */
int ws_request(struct ws **wsp, const char *url, const char *ca_file,
	       const char *method, const char *path, const char *token,
	       const char *body, ws_resp_h *resph, void *arg)
{
	struct ws *ws;
	int err;

	if (!wsp || !url || !method || !path || !resph)
		return EINVAL;

	err = ws_alloc(&ws, url, ca_file);
	if (err)
		return err;

	ws->resph = resph;
	ws->arg   = arg;

	if (str_len(path) >= sizeof(ws->url.path))
		err = EOVERFLOW;
	else
		str_ncpy(ws->url.path, path, sizeof(ws->url.path));

	if (!err)
		err = str_dup(&ws->method, method);
	if (!err && token)
		err = str_dup(&ws->token, token);
	if (!err && body)
		err = str_dup(&ws->body, body);

	if (err)
		mem_deref(ws);
	else
		*wsp = ws;

	return err;
}


static int add_header(struct lws *wsi, const char *name, const char *value,
		      unsigned char **p, unsigned char *end)
{
	return lws_add_http_header_by_name(wsi, (const unsigned char *)name,
					   (const unsigned char *)value,
					   (int)str_len(value), p, end);
}


static int write_headers(struct ws *ws, struct lws *wsi, unsigned char **p,
			 size_t room)
{
	unsigned char *end = *p + room;
	char num[16];
	int err = 0;

	if (!ws->method)
		return 0;

	err |= add_header(wsi, "CB-SDK:", "baresip-connectycube", p, end);
	err |= add_header(wsi, "Accept:", "application/json", p, end);

	if (ws->token)
		err |= add_header(wsi, "CB-Token:", ws->token, p, end);

	if (ws->body) {
		(void)re_snprintf(num, sizeof(num), "%zu",
				  str_len(ws->body));
		err |= add_header(wsi, "Content-Type:",
				  "application/json;charset=utf-8", p, end);
		err |= add_header(wsi, "Content-Length:", num, p, end);

		lws_client_http_body_pending(wsi, 1);
		(void)lws_callback_on_writable(wsi);
	}

	return err ? -1 : 0;
}


static int write_body(struct ws *ws, struct lws *wsi)
{
	const size_t len = str_len(ws->body);
	uint8_t *buf;
	int n;

	if (!ws->body || ws->body_sent)
		return 0;

	buf = mem_alloc(LWS_PRE + len, NULL);
	if (!buf)
		return -1;

	memcpy(&buf[LWS_PRE], ws->body, len);
	ws->body_sent = true;
	lws_client_http_body_pending(wsi, 0);

	/* what the socket does not take at once lws keeps and sends */
	n = lws_write(wsi, &buf[LWS_PRE], len, LWS_WRITE_HTTP_FINAL);
	mem_deref(buf);

	return n < 0 ? -1 : 0;
}


static int write_frame(struct ws *ws, struct lws *wsi)
{
	struct frame *f = list_ledata(list_head(&ws->sendl));
	int n;

	if (!f)
		return 0;

	n = lws_write(wsi, &f->buf[LWS_PRE], f->len, LWS_WRITE_TEXT);

	ws->pending -= f->len;
	mem_deref(f);

	if (n < 0)
		return -1;

	if (!list_isempty(&ws->sendl))
		(void)lws_callback_on_writable(wsi);

	return 0;
}


/**
 * Hand what waits over to lws at once, as the connection is going to be
 * closed: the last words of a call are worth the attempt
 *
 * @param ws Connection
 */
void ws_flush(struct ws *ws)
{
	struct le *le;

	if (ws->state != WS_OPEN || !ws->proto || !ws->wsi)
		return;

	while ((le = list_head(&ws->sendl))) {

		struct frame *f = le->data;

		if (lws_write(ws->wsi, &f->buf[LWS_PRE], f->len,
			      LWS_WRITE_TEXT) < 0)
			break;

		mem_deref(f);
	}
}


static int append(struct ws *ws, const void *buf, size_t len)
{
	if (!ws->rx)
		ws->rx = mbuf_alloc(len + 1);

	if (!ws->rx)
		return ENOMEM;

	if (ws->rx->end + len > WS_RECV_MAX)
		return EMSGSIZE;

	return mbuf_write_mem(ws->rx, buf, len);
}


static void recv_frame(struct ws *ws, struct lws *wsi, const void *buf,
		       size_t len)
{
	struct mbuf *rx;
	int err;

	err = append(ws, buf, len);
	if (err) {
		ws_finish(ws, err, "message too large", NULL);
		return;
	}

	if (lws_remaining_packet_payload(wsi) ||
	    !lws_is_final_fragment(wsi))
		return;

	rx = ws->rx;
	ws->rx = NULL;

	if (ws->recvh)
		ws->recvh((const char *)rx->buf, rx->end, ws->arg);

	mem_deref(rx);
}


static void recv_header(struct ws *ws, struct lws *wsi)
{
	char buf[32];
	struct pl pl;
	int n;

	ws->resp.scode = lws_http_client_http_response(wsi);

	/* a WebSocket that is refused comes here, too */
	if (!ws->method)
		return;

	ws_set_state(ws, WS_OPEN);
	ws->answered = true;

	n = lws_hdr_copy(wsi, buf, sizeof(buf), WSI_TOKEN_HTTP_RETRY_AFTER);
	if (n > 0) {
		/* the form with a date is not worth its parser: 0 */
		pl_set_str(&pl, buf);
		ws->resp.retry_after = pl_u32(&pl);
	}
}


static int recv_body(struct lws *wsi)
{
	char buf[LWS_PRE + 4096];
	char *p = &buf[LWS_PRE];
	int len = sizeof(buf) - LWS_PRE;

	/* comes back as LWS_CALLBACK_RECEIVE_CLIENT_HTTP_READ */
	return lws_http_client_read(wsi, &p, &len) < 0 ? -1 : 0;
}


static void request_done(struct ws *ws)
{
	if (append(ws, "", 1)) {
		ws_finish(ws, ENOMEM, "out of memory", NULL);
		return;
	}

	ws->resp.body = (const char *)ws->rx->buf;
	ws->resp.len  = ws->rx->end - 1;

	ws_finish(ws, 0, NULL, &ws->resp);
}


/*
 * lws' connection ends: neither side must see the other any more. False if
 * it was an attempt before the present one, or one that fails as it is made
 */
static bool forget(struct ws *ws, struct lws *wsi)
{
	lws_set_opaque_user_data(wsi, NULL);

	if (ws->wsi != wsi)
		return false;

	ws->wsi = NULL;

	return true;
}


/* a length is not always stated, so the end of the stream may end a body */
static void lost(struct ws *ws, struct lws *wsi)
{
	if (!forget(ws, wsi))
		return;

	if (ws->state == WS_CLOSED)
		return;

	if (ws->method && ws->answered && ws->rx)
		request_done(ws);
	else if (ws->state == WS_OPEN)
		ws_finish(ws, ECONNRESET, "connection closed", NULL);
	else
		ws_attempt_failed(ws, ECONNREFUSED, "connection closed");
}


static void open_failed(struct ws *ws, struct lws *wsi,
			const char *in, size_t len)
{
	char reason[128];
	const char *tls;

	if (!forget(ws, wsi))
		return;

	if (ws->state == WS_CLOSED)
		return;

	/* set by verify(), which knows better */
	if (ws->reason[0]) {
		ws_attempt_failed(ws, EACCES, ws->reason);
		return;
	}

	tls = ERR_reason_error_string(ERR_peek_last_error());

	if (ws->resp.scode)
		(void)re_snprintf(reason, sizeof(reason), "HTTP status %u",
				  ws->resp.scode);
	else if (tls)
		(void)re_snprintf(reason, sizeof(reason), "TLS: %s", tls);
	else
		(void)re_snprintf(reason, sizeof(reason), "%b", in ? in : "",
				  in ? len : (size_t)0);

	ws_attempt_failed(ws, ECONNREFUSED,
			  reason[0] ? reason : "not connected");
}


/* called for each certificate of the chain; must return 0 */
static void verify(struct ws *ws, X509_STORE_CTX *store, bool ok)
{
	const int err = X509_STORE_CTX_get_error(store);

	if (ok || err == X509_V_OK || ws->reason[0])
		return;

	(void)re_snprintf(ws->reason, sizeof(ws->reason),
			  "certificate of %s refused: %s", ws->url.host,
			  X509_verify_cert_error_string(err));
}


static int dispatch(struct ws *ws, struct lws *wsi, int reason, void *in,
		    size_t len)
{
	switch (reason) {

	case LWS_CALLBACK_OPENSSL_PERFORM_SERVER_CERT_VERIFICATION:
		break;

	case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
		return write_headers(ws, wsi, in, len);

	case LWS_CALLBACK_CLIENT_HTTP_WRITEABLE:
		return write_body(ws, wsi);

	case LWS_CALLBACK_ESTABLISHED_CLIENT_HTTP:
		recv_header(ws, wsi);
		break;

	case LWS_CALLBACK_RECEIVE_CLIENT_HTTP:
		return recv_body(wsi);

	case LWS_CALLBACK_RECEIVE_CLIENT_HTTP_READ:
		if (append(ws, in, len))
			ws_finish(ws, EMSGSIZE, "answer too large", NULL);
		break;

	case LWS_CALLBACK_COMPLETED_CLIENT_HTTP:
		request_done(ws);
		break;

	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		tmr_cancel(&ws->tmr);
		ws_set_state(ws, WS_OPEN);
		if (ws->openh)
			ws->openh(ws->arg);
		break;

	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return write_frame(ws, wsi);

	case LWS_CALLBACK_CLIENT_RECEIVE:
		recv_frame(ws, wsi, in, len);
		break;

	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		open_failed(ws, wsi, in, len);
		break;

	case LWS_CALLBACK_CLIENT_CLOSED:
	case LWS_CALLBACK_CLOSED_CLIENT_HTTP:
	case LWS_CALLBACK_WSI_DESTROY:
		lost(ws, wsi);
		break;

	default:
		break;
	}

	return 0;
}


/* the owner may dereference the connection in any handler */
static int guarded_dispatch(struct ws *ws, struct lws *wsi, int reason,
			    void *in, size_t len)
{
	int r;

	mem_ref(ws);
	++ws->depth;

	r = dispatch(ws, wsi, reason, in, len);

	/* dereferenced or finished meanwhile: lws is to close it, on return */
	if (mem_nrefs(ws) == 1 && ws->wsi == wsi) {
		lws_set_opaque_user_data(wsi, NULL);
		ws->wsi = NULL;
		r = -1;
	}
	else if (ws->state == WS_CLOSED) {
		r = -1;
	}

	--ws->depth;
	mem_deref(ws);

	return r;
}


/**
 * Take a callback of lws
 *
 * @param wsi    lws' connection
 * @param reason enum lws_callback_reasons
 * @param in     Depends on the reason
 * @param len    Depends on the reason
 *
 * @return 0 to go on, -1 to have lws close the connection
 */
int ws_lws_handler(struct lws *wsi, int reason, void *in, size_t len)
{
	struct ws *ws = wsi ? lws_get_opaque_user_data(wsi) : NULL;
	int r;

	if (reason == LWS_CALLBACK_OPENSSL_PERFORM_SERVER_CERT_VERIFICATION) {

		/* its `user` is the store, which comes here as `in` */
		if (ws && in)
			verify(ws, in, len != 0);
		return 0;
	}

	if (ws) {
		wsctx_enter();
		r = guarded_dispatch(ws, wsi, reason, in, len);
		wsctx_leave();
		return r;
	}

	switch (reason) {

	case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
	case LWS_CALLBACK_CLIENT_RECEIVE:
	case LWS_CALLBACK_CLIENT_WRITEABLE:
	case LWS_CALLBACK_ESTABLISHED_CLIENT_HTTP:
	case LWS_CALLBACK_RECEIVE_CLIENT_HTTP:
	case LWS_CALLBACK_CLIENT_HTTP_WRITEABLE:
		/* nobody wants this connection any more */
		return -1;

	default:
		return 0;
	}
}
