/**
 * @file cube/rest.c  The REST API of the cloud: session
 *
 *   rest_login() --> token still valid? --yes--> answered at once
 *                          | no
 *                          +--> POST /session.json --> token
 *
 * Requests with the token are in restreq.c.
 */
#include <string.h>
#include <time.h>
#include <re.h>
#include "base/log.h"
#include "base/mono.h"
#include "session.h"
#include "ws.h"
#include "rest.h"
#include "restconn.h"


static void destructor(void *data)
{
	struct rest *r = data;

	tmr_cancel(&r->tmr);
	mem_deref(r->ws);
	mem_deref(r->url);
	mem_deref(r->ca_file);
	mem_deref(r->app_id);
	mem_deref(r->auth_key);

	/* secrets do not stay behind in freed memory */
	explicit_bzero(&r->session, sizeof(r->session));
	if (r->auth_secret)
		explicit_bzero(r->auth_secret, str_len(r->auth_secret));
	if (r->password)
		explicit_bzero(r->password, str_len(r->password));

	mem_deref(r->auth_secret);
	mem_deref(r->login);
	mem_deref(r->password);
}


/**
 * Allocate a REST client
 *
 * @param rp      Returned client; no request is made yet
 * @param url     "https://host[:port]"
 * @param ca_file PEM file of trusted CAs, NULL=system's
 * @param prm     The user; strings are copied
 *
 * @return 0 if success; EINVAL something is missing; ENOMEM
 */
int rest_alloc(struct rest **rp, const char *url, const char *ca_file,
	       const struct session_prm *prm)
{
	struct rest *r;
	int err;

	if (!rp || !url || !prm || !prm->app_id || !prm->auth_key ||
	    !prm->login || !prm->password)
		return EINVAL;

	r = mem_zalloc(sizeof(*r), destructor);
	if (!r)
		return ENOMEM;

	err = str_dup(&r->url, url);
	if (!err && ca_file)
		err = str_dup(&r->ca_file, ca_file);
	if (!err)
		err = str_dup(&r->app_id, prm->app_id);
	if (!err)
		err = str_dup(&r->auth_key, prm->auth_key);
	if (!err && prm->auth_secret)
		err = str_dup(&r->auth_secret, prm->auth_secret);
	if (!err)
		err = str_dup(&r->login, prm->login);
	if (!err)
		err = str_dup(&r->password, prm->password);

	if (err)
		mem_deref(r);
	else
		*rp = r;

	return err;
}


static void report(struct rest *r, int err, const char *reason)
{
	rest_login_h *loginh = r->loginh;

	r->loginh = NULL;
	if (loginh)
		loginh(err, rest_hold(r), reason, r->arg);
}


/**
 * Note that the cloud answered: it prolonged the token, or wants peace
 *
 * @param r     REST client
 * @param scode HTTP status
 * @param after Retry-After, 0=none [s]
 *
 * @return 0 if the answer can be used, otherwise EAGAIN
 */
int rest_note(struct rest *r, unsigned scode, uint32_t after)
{
	const uint64_t now = mono_ms();
	uint64_t hold;

	if (scode != 429 && scode < 500) {
		r->valid_until = now + REST_TOKEN_TIME - REST_TOKEN_SPARE;
		return 0;
	}

	hold = after ? (uint64_t)after * 1000 : REST_HOLD;
	r->hold_until = now + min(hold, (uint64_t)REST_HOLD_MAX);

	clog_info("cube: REST API answered %u, quiet for %u ms\n", scode,
		  rest_hold(r));

	return EAGAIN;
}


/* the server's words are shown to people, so they must not repeat secrets */
static void safe_reason(const struct rest *r, char *buf, size_t size,
			const struct ws_resp *resp)
{
	/* without words in the API's form: something else may be there */
	(void)re_snprintf(buf, size, "%s: HTTP status %u", r->url,
			  resp->scode);
	session_error(buf, size, resp->body, resp->len);

	if (strstr(buf, r->password) || strstr(buf, r->auth_key) ||
	    (r->auth_secret && strstr(buf, r->auth_secret)))
		(void)re_snprintf(buf, size, "HTTP status %u", resp->scode);
}


static void resp_handler(int err, const char *reason,
			 const struct ws_resp *resp, void *arg)
{
	struct rest *r = arg;
	char buf[256];

	r->ws = mem_deref(r->ws);

	if (err) {
		report(r, err, reason);
		return;
	}

	if (rest_note(r, resp->scode, resp->retry_after)) {
		(void)re_snprintf(buf, sizeof(buf), "HTTP status %u",
				  resp->scode);
		report(r, EAGAIN, buf);
		return;
	}

	if (resp->scode < 200 || resp->scode > 299) {
		safe_reason(r, buf, sizeof(buf), resp);
		report(r, resp->scode >= 400 ? EACCES : EPROTO, buf);
		return;
	}

	err = session_decode(&r->session, resp->body, resp->len);
	if (err) {
		(void)re_snprintf(buf, sizeof(buf), "%s: no session in the"
				  " answer: not the API?", r->url);
		report(r, EPROTO, buf);
		return;
	}

	clog_debug("cube: REST session of user %s\n", r->session.user_id);
	report(r, 0, NULL);
}


static void tmr_handler(void *arg)
{
	report(arg, 0, NULL);
}


/**
 * Make sure that there is a session: the one at hand if it is still valid,
 * otherwise a new one
 *
 * @param r      REST client
 * @param loginh Called once, later; rest_cancel() prevents it
 * @param arg    Handler argument
 *
 * @return 0 if success; EINVAL no argument; EALREADY one is under way;
 *         otherwise as of ws_request()
 */
int rest_login(struct rest *r, rest_login_h *loginh, void *arg)
{
	const struct session_prm prm = {
		.app_id      = r ? r->app_id : NULL,
		.auth_key    = r ? r->auth_key : NULL,
		.auth_secret = r ? r->auth_secret : NULL,
		.login       = r ? r->login : NULL,
		.password    = r ? r->password : NULL,
	};
	char *body = NULL;
	int err;

	if (!r || !loginh)
		return EINVAL;

	if (r->loginh)
		return EALREADY;

	r->loginh = loginh;
	r->arg    = arg;

	if (rest_has_token(r)) {
		tmr_start(&r->tmr, 0, tmr_handler, r);
		return 0;
	}

	rest_forget(r);

	err = session_request(&body, &prm, (uint64_t)time(NULL),
			      rand_u32() & 0x7fffffff);
	if (!err)
		err = ws_request(&r->ws, r->url, r->ca_file, "POST",
				 "/session.json", NULL, body, resp_handler, r);

	if (body) {
		explicit_bzero(body, str_len(body));
		mem_deref(body);
	}

	if (err)
		r->loginh = NULL;

	return err;
}


/**
 * Cancel a login that is under way, unless it is of someone else
 *
 * @param r   REST client
 * @param arg Handler argument that rest_login() was given
 */
void rest_cancel(struct rest *r, const void *arg)
{
	if (!r || !r->loginh || r->arg != arg)
		return;

	tmr_cancel(&r->tmr);
	r->loginh = NULL;
	r->ws = mem_deref(r->ws);
}


/**
 * Forget the session; the next login makes a new one
 *
 * @param r REST client
 */
void rest_forget(struct rest *r)
{
	if (!r)
		return;

	/* the user id is kept: it does not change */
	explicit_bzero(r->session.token, sizeof(r->session.token));
}


/**
 * Tell whether there is a token that should still be valid
 *
 * @param r REST client
 *
 * @return true if so
 */
bool rest_has_token(const struct rest *r)
{
	return r && r->session.token[0] && mono_ms() < r->valid_until;
}


/**
 * Get the session token
 *
 * @param r REST client
 *
 * @return Token (secret), "" if there is none
 */
const char *rest_token(const struct rest *r)
{
	return r ? r->session.token : "";
}


/**
 * Get the user's id
 *
 * @param r REST client
 *
 * @return User id, NULL before the first session
 */
const char *rest_user_id(const struct rest *r)
{
	return r && r->session.user_id[0] ? r->session.user_id : NULL;
}


/**
 * Get the time for which the cloud wants no requests
 *
 * @param r REST client
 *
 * @return Time [ms], 0=none
 */
uint32_t rest_hold(const struct rest *r)
{
	const uint64_t now = mono_ms();

	/* no longer than that even if the clock was set back */
	return r && r->hold_until > now
		? (uint32_t)min(r->hold_until - now, (uint64_t)REST_HOLD_MAX)
		: 0;
}
