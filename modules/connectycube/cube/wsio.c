/**
 * @file cube/wsio.c  WebSockets: what passes over them, and lws' callbacks
 */
#include <string.h>
#include <libwebsockets.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <re.h>
#include "base/log.h"
#include "base/resolve.h"
#include "url.h"
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

	/* it may have held credentials */
	explicit_bzero(&f->buf[LWS_PRE], f->len);
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


/**
 * Add to the message or body that is being received
 *
 * @param ws  Connection
 * @param buf What has come
 * @param len Its length [bytes]
 *
 * @return 0 if success; EMSGSIZE more than WS_RECV_MAX; ENOMEM
 */
int ws_append(struct ws *ws, const void *buf, size_t len)
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

	err = ws_append(ws, buf, len);
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
		wshttp_done(ws);
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
		return wshttp_headers(ws, wsi, in, len);

	case LWS_CALLBACK_CLIENT_HTTP_WRITEABLE:
		return wshttp_body(ws, wsi);

	case LWS_CALLBACK_ESTABLISHED_CLIENT_HTTP:
		wshttp_recv_header(ws, wsi);
		break;

	case LWS_CALLBACK_RECEIVE_CLIENT_HTTP:
		return wshttp_recv_body(wsi);

	case LWS_CALLBACK_RECEIVE_CLIENT_HTTP_READ:
		if (ws_append(ws, in, len))
			ws_finish(ws, EMSGSIZE, "answer too large", NULL);
		break;

	case LWS_CALLBACK_COMPLETED_CLIENT_HTTP:
		wshttp_done(ws);
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
