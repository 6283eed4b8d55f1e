/**
 * @file cube/linkchat.c  A link's connection to the chat: XMPP by WebSocket
 *
 *   link.c --> link_chat_connect() --> ws.c --> xmpp.c
 *     ^                                  |        |
 *     `--- up, lost, refused, message ---+--------'
 */
#include <errno.h>
#include <re.h>
#include "base/log.h"
#include "base/mono.h"
#include "base/wire.h"
#include "peer/peer.h"
#include "cube.h"
#include "session.h"
#include "rest.h"
#include "ws.h"
#include "xmpp.h"
#include "link.h"
#include "linkconn.h"


static int xmpp_send_handler(const char *buf, size_t len, void *arg)
{
	struct cube_link *l = arg;

	wire_tell_text(WIRE_XMPP, true, link_user_id(l), buf, len);

	return ws_send(l->ws, buf, len);
}


static void xmpp_ready_handler(const char *jid, void *arg)
{
	struct cube_link *l = arg;

	clog_info("cube: online as %s\n", jid);

	l->online_since = mono_ms();
	link_pace_online(&l->pace);
	linkq_flush(&l->queuel, l->xmpp);
	link_set_state(l, CUBE_ONLINE, NULL);
}


static void xmpp_message_handler(struct xml *msg, void *arg)
{
	struct cube_link *l = arg;

	if (l->messageh)
		l->messageh(msg, l->arg);
}


static void xmpp_close_handler(enum xmpp_end end, const char *reason,
			       void *arg)
{
	struct cube_link *l = arg;

	mem_ref(l);

	if (end != XMPP_END_AUTH) {
		link_down(l, 0, reason);
	}
	else if (!l->fresh) {

		/* the token may have expired before its time */
		clog_debug("cube: %s; trying with a new session\n", reason);
		link_drop(l);
		rest_forget(l->rest);
		link_attempt(l);
	}
	else {
		/* the next attempt is not to trust this session either */
		rest_forget(l->rest);
		link_refused(l, 0, reason);
	}

	mem_deref(l);
}


static void ws_open_handler(void *arg)
{
	struct cube_link *l = arg;
	struct xmpp_prm prm = {
		.domain   = l->domain,
		.password = l->chat_token ? rest_token(l->rest) : l->password,
		.ping     = l->ping,
	};
	char *user = NULL;
	int err;

	mem_ref(l);

	err = re_sdprintf(&user, "%s-%s", rest_user_id(l->rest), l->app_id);
	prm.user = user;

	if (!err)
		err = xmpp_alloc(&l->xmpp, &prm, xmpp_send_handler,
				 xmpp_ready_handler, xmpp_message_handler,
				 xmpp_close_handler, l);
	if (!err)
		err = xmpp_start(l->xmpp);
	if (err)
		link_down(l, 0, "out of memory");

	mem_deref(user);
	mem_deref(l);
}


static void ws_recv_handler(const char *buf, size_t len, void *arg)
{
	struct cube_link *l = arg;

	wire_tell_text(WIRE_XMPP, false, link_user_id(l), buf, len);
	xmpp_recv(l->xmpp, buf, len);
}


static void ws_close_handler(int err, const char *reason, void *arg)
{
	struct cube_link *l = arg;

	mem_ref(l);

	if (err == EACCES)
		link_refused(l, 0, reason);
	else
		link_down(l, 0, reason);

	mem_deref(l);
}


/**
 * Connect to the chat, with the session that there is
 *
 * @param l Link
 */
void link_chat_connect(struct cube_link *l)
{
	int err;

	link_set_state(l, CUBE_CONNECTING, NULL);
	if (!l->run)
		return;

	err = ws_connect(&l->ws, l->chat_url, l->ca_file, "xmpp",
			 ws_open_handler, ws_recv_handler, ws_close_handler,
			 l);
	if (link_is_ours(err))
		link_down(l, 0, "no memory or file descriptor is left");
	else if (err)
		link_refused(l, 0, err == EPERM ? "chat URL without TLS"
					   : "chat URL cannot be used");
}
