/**
 * @file cube/link.c  The link of one user to the cloud
 */
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "base/mono.h"
#include "peer/peer.h"
#include "cube.h"
#include "session.h"
#include "rest.h"
#include "ws.h"
#include "wsctx.h"
#include "xmpp.h"
#include "link.h"
#include "linkconn.h"


static void destructor(void *data)
{
	struct cube_link *l = data;

	link_stop(l);
	list_flush(&l->queuel);
	mem_deref(l->rest);
	mem_deref(l->chat_url);
	mem_deref(l->domain);
	mem_deref(l->ca_file);
	mem_deref(l->app_id);
	if (l->password)
		explicit_bzero(l->password, strlen(l->password));
	mem_deref(l->password);
}


/**
 * Change the state, and tell the owner, who may stop the link in its handler:
 * callers check l->run after
 *
 * @param l      Link
 * @param state  State
 * @param reason Why, NULL=as ordered
 */
void link_set_state(struct cube_link *l, enum cube_state state,
		    const char *reason)
{
	clog_debug("cube: link %s: %s -> %s%s%s\n",
		   link_user_id(l) ? link_user_id(l) : "?",
		   cube_state_name(l->state), cube_state_name(state),
		   reason ? ": " : "", reason ? reason : "");

	l->state = state;

	if (l->stateh)
		l->stateh(state, reason, l->arg);
}


static void retry_handler(void *arg)
{
	struct cube_link *l = arg;

	mem_ref(l);
	link_attempt(l);
	mem_deref(l);
}


/**
 * Drop the connection, and what the session was asked for
 *
 * @param l Link
 */
void link_drop(struct cube_link *l)
{
	rest_cancel(l->rest, l);
	l->xmpp = mem_deref(l->xmpp);
	l->ws   = mem_deref(l->ws);
}


/**
 * The connection is gone, or was not made: it is tried again
 *
 * @param l      Link
 * @param hold   The cloud wants no request before that [ms]
 * @param reason Why
 */
void link_down(struct cube_link *l, uint32_t hold, const char *reason)
{
	uint32_t delay;

	if (!l->run)
		return;

	delay = l->state != CUBE_ONLINE ? link_pace_failed(&l->pace, rand_u32())
		: link_pace_lost(&l->pace, mono_ms() - l->online_since,
				 rand_u32());

	link_drop(l);

	/* all bridges were told the same time */
	delay += hold;

	/* the state's handler says why to people, once */
	clog_debug("cube: offline (%s), next attempt in %u ms\n", reason,
		   delay);

	tmr_start(&l->tmr, delay, retry_handler, l);
	link_set_state(l, CUBE_OFFLINE, reason);
}


/**
 * The cloud does not want us. That may be the cloud's fault, and over in a
 * moment; if not, nothing but time or a new config helps
 *
 * @param l      Link
 * @param hold   The cloud wants no request before that [ms]
 * @param reason Why
 */
void link_refused(struct cube_link *l, uint32_t hold, const char *reason)
{
	uint32_t delay;

	if (!l->run)
		return;

	link_drop(l);

	/* with jitter, too: what refuses one bridge may refuse them all */
	delay = hold + link_pace_refused(&l->pace, rand_u32());

	clog_debug("cube: refused: %s (next attempt in %u ms)\n", reason,
		     delay);

	tmr_start(&l->tmr, delay, retry_handler, l);
	link_set_state(l, CUBE_REFUSED, reason);
}


/**
 * Is it memory or descriptors that are missing, and not what is wrong with a
 * URL?
 *
 * @param err Error
 *
 * @return True if so
 */
bool link_is_ours(int err)
{
	return err == ENOMEM || err == EMFILE || err == ENFILE;
}


static void login_handler(int err, uint32_t hold, const char *reason,
			  void *arg)
{
	struct cube_link *l = arg;

	mem_ref(l);

	if (!err)
		link_chat_connect(l);
	else if (err == EACCES)
		link_refused(l, hold, reason);
	else
		link_down(l, hold, reason);

	mem_deref(l);
}


/**
 * Try to come online, now
 *
 * @param l Link
 */
void link_attempt(struct cube_link *l)
{
	int err;

	tmr_cancel(&l->tmr);

	link_set_state(l, CUBE_SESSION, NULL);
	if (!l->run)
		return;

	/* to load the system's CAs takes 20 ms: not with each attempt, for
	   calls go on meanwhile. Its failure is that of the login, too */
	if (!l->ctx)
		l->ctx = 0 == wsctx_ref();

	/* without its own login an attempt stands on an old session */
	l->fresh = !rest_has_token(l->rest);

	err = rest_login(l->rest, login_handler, l);
	if (err == EALREADY)
		link_down(l, 0, "a request logs in");
	else if (link_is_ours(err))
		link_down(l, 0, "no memory or file descriptor is left");
	else if (err)
		link_refused(l, 0, err == EPERM ? "API URL without TLS"
					   : "API URL cannot be used");
}


static int copy_config(struct cube_link *l, const struct cube_config *cfg,
		       const char *domain)
{
	int err;

	l->chat_token = cfg->chat_token;
	l->ping       = cfg->ping;
	l->pace.min   = cfg->retry_min ? cfg->retry_min : LINK_RETRY_MIN;
	l->pace.max   = cfg->retry_max ? cfg->retry_max : LINK_RETRY_MAX;
	l->pace.max   = max(l->pace.min, l->pace.max);

	err = str_dup(&l->chat_url, cfg->chat_url);
	if (!err)
		err = str_dup(&l->domain, domain);
	if (!err && cfg->ca_file)
		err = str_dup(&l->ca_file, cfg->ca_file);
	if (!err)
		err = str_dup(&l->app_id, cfg->app_id);
	if (!err)
		err = str_dup(&l->password, cfg->password);

	return err;
}


/**
 * Allocate a link
 *
 * @param lp       Returned link, not started
 * @param cfg      The user; strings are copied
 * @param domain   XMPP domain
 * @param stateh   Called for each change of state
 * @param messageh Called for each message stanza
 * @param arg      Handler argument
 *
 * @return 0 if success; EINVAL something is missing; ENOMEM
 */
int link_alloc(struct cube_link **lp, const struct cube_config *cfg,
	       const char *domain, link_state_h *stateh,
	       link_message_h *messageh, void *arg)
{
	struct session_prm prm;
	struct cube_link *l;
	int err;

	if (!lp || !cfg || !domain || !cfg->chat_url || !cfg->app_id ||
	    !cfg->password)
		return EINVAL;

	l = mem_zalloc(sizeof(*l), destructor);
	if (!l)
		return ENOMEM;

	l->stateh   = stateh;
	l->messageh = messageh;
	l->arg      = arg;

	prm.app_id      = cfg->app_id;
	prm.auth_key    = cfg->auth_key;
	prm.auth_secret = cfg->auth_secret;
	prm.login       = cfg->login;
	prm.password    = cfg->password;

	err = copy_config(l, cfg, domain);
	if (!err)
		err = rest_alloc(&l->rest, cfg->api_url, cfg->ca_file, &prm);

	if (err)
		mem_deref(l);
	else
		*lp = l;

	return err;
}


/**
 * Start a link: from now on it is kept online
 *
 * @param l     Link
 * @param delay Until it begins [ms]
 *
 * @return 0 if success; EINVAL no argument; EALREADY was started
 */
int link_start(struct cube_link *l, uint32_t delay)
{
	if (!l)
		return EINVAL;

	if (l->run)
		return EALREADY;

	l->run = true;
	tmr_start(&l->tmr, delay, retry_handler, l);

	return 0;
}


/**
 * Stop a link for good. What was handed over to be sent still is; no
 * handler is called any more
 *
 * @param l Link
 */
void link_stop(struct cube_link *l)
{
	if (!l)
		return;

	l->run      = false;
	l->stateh   = NULL;
	l->messageh = NULL;
	l->state    = CUBE_OFFLINE;
	tmr_cancel(&l->tmr);
	link_drop(l);

	if (l->ctx)
		wsctx_unref();
	l->ctx = false;
}


/**
 * Send a stanza, now or when the link is back
 *
 * @param l    Link
 * @param buf  Text of the stanza
 * @param len  Length of the text [bytes]
 * @param keep Send it later if the link is back within this time [ms]
 *
 * @return 0 if success, sent or kept; EINVAL no argument; ENOTCONN the link
 *         is down and keep is 0; ENOMEM
 */
int link_send(struct cube_link *l, const char *buf, size_t len, uint32_t keep)
{
	int err;

	if (!l || !buf)
		return EINVAL;

	err = l->xmpp ? xmpp_send(l->xmpp, buf, len) : ENOTCONN;

	if (err && keep && l->run)
		err = linkq_keep(&l->queuel, buf, len, keep);

	return err;
}


/**
 * This host's network has changed: a connection from an address that has gone
 * is dead, any other is asked; what waits for its next attempt makes it now,
 * unless the cloud wants no requests
 *
 * @param l Link
 */
void link_network_changed(struct cube_link *l)
{
	if (!l || !l->run || l->state == CUBE_REFUSED)
		return;

	if (l->ws && !ws_is_stale(l->ws)) {
		xmpp_probe(l->xmpp);
		return;
	}

	mem_ref(l);
	if (l->ws)
		link_down(l, 0, "own address has gone");
	if (l->run && tmr_isrunning(&l->tmr)) {
		link_pace_online(&l->pace);
		tmr_start(&l->tmr, rest_hold(l->rest), retry_handler, l);
	}
	mem_deref(l);
}


/**
 * Get the user's id
 *
 * @param l Link
 *
 * @return User id, NULL before the first session
 */
const char *link_user_id(const struct cube_link *l)
{
	return l ? rest_user_id(l->rest) : NULL;
}


/**
 * Get the time until the next attempt to come online
 *
 * @param l Link
 *
 * @return Time [ms], 0=online or an attempt is under way
 */
uint64_t link_retry_in(const struct cube_link *l)
{
	return l && tmr_isrunning(&l->tmr) ? tmr_get_expire(&l->tmr) : 0;
}
