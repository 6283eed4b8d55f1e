/**
 * @file cube/wshttp.c  HTTPS requests and their answers
 */
#include <string.h>
#include <libwebsockets.h>
#include <re.h>
#include "base/resolve.h"
#include "base/wire.h"
#include "url.h"
#include "ws.h"
#include "wsconn.h"


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

	if (str_len(path) > WS_PATH_MAX)
		err = EOVERFLOW;
	if (!err)
		err = str_dup(&ws->path, path);
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


/* For who looks at messages; who is that blanks its secrets */
static void tell(const struct ws *ws, bool tx, const char *body)
{
	char *text = NULL;
	int err;

	if (!wire_wanted(WIRE_HTTP))
		return;

	body = body ? body : "";
	err  = tx ? re_sdprintf(&text, "%s %s\n\n%s", ws->method, ws->path,
				body) :
		re_sdprintf(&text, "%u to %s %s\n\n%s", ws->resp.scode,
			    ws->method, ws->path, body);
	if (err)
		return;

	wire_tell_text(WIRE_HTTP, tx, ws->url.host, text, strlen(text));
	explicit_bzero(text, strlen(text));
	mem_deref(text);
}


/**
 * Add the request's headers to those of lws
 *
 * @param ws   Connection
 * @param wsi  lws' connection
 * @param p    Where to write; moved on
 * @param room Room at p [bytes]
 *
 * @return 0 if success, -1 if there is no room
 */
int wshttp_headers(struct ws *ws, struct lws *wsi, unsigned char **p,
			 size_t room)
{
	unsigned char *end = *p + room;
	char num[16];
	int err = 0;

	if (!ws->method)
		return 0;

	tell(ws, true, ws->body);

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


/**
 * Send the request's body
 *
 * @param ws  Connection
 * @param wsi lws' connection
 *
 * @return 0 if success, otherwise -1
 */
int wshttp_body(struct ws *ws, struct lws *wsi)
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
	explicit_bzero(&buf[LWS_PRE], len);
	mem_deref(buf);

	return n < 0 ? -1 : 0;
}


/**
 * Take the answer's header
 *
 * @param ws  Connection
 * @param wsi lws' connection
 */
void wshttp_recv_header(struct ws *ws, struct lws *wsi)
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


/**
 * Have lws hand over what it has of the answer's body
 *
 * @param wsi lws' connection
 *
 * @return 0 if success, otherwise -1
 */
int wshttp_recv_body(struct lws *wsi)
{
	char buf[LWS_PRE + 4096];
	char *p = &buf[LWS_PRE];
	int len = sizeof(buf) - LWS_PRE;

	/* comes back as LWS_CALLBACK_RECEIVE_CLIENT_HTTP_READ */
	return lws_http_client_read(wsi, &p, &len) < 0 ? -1 : 0;
}


/**
 * The answer is complete
 *
 * @param ws Connection
 */
void wshttp_done(struct ws *ws)
{
	if (ws_append(ws, "", 1)) {
		ws_finish(ws, ENOMEM, "out of memory", NULL);
		return;
	}

	ws->resp.body = (const char *)ws->rx->buf;
	ws->resp.len  = ws->rx->end - 1;

	tell(ws, false, ws->resp.body);

	ws_finish(ws, 0, NULL, &ws->resp);
}
