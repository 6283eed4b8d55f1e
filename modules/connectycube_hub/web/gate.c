/**
 * @file connectycube_hub/web/gate.c  Whether a request is let in
 *
 * Pure.
 */
#include <errno.h>
#include <string.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mem.h>
#include "base/log.h"
#include "route.h"
#include "head.h"
#include "guard.h"


/**
 * Forget all tokens and sessions
 *
 * @param g Guard
 */
void web_guard_close(struct web_guard *g)
{
	list_flush(&g->sessionl);
	list_flush(&g->tokenl);
}


/**
 * Find the token that somebody says. If there is none, that is answered
 *
 * @param g      Guard
 * @param req    Request
 * @param secret What he says
 *
 * @return Token, NULL if the request has been answered
 */
struct web_token *web_gate_token(struct web_guard *g, struct web_req *req,
				 const struct pl *secret)
{
	struct web_token *t = web_token_find(&g->tokenl, secret, g->wall);
	uint32_t wait;

	if (t)
		return t;

	wait = web_fails_wait(g, req->net);
	if (wait) {
		(void)web_header(req, "Retry-After", "%u", wait);
		web_problem(req, 429, "too many tokens were wrong");
		return NULL;
	}

	clog_warning("hub: http: %s says a token that is none\n", req->from);
	web_fails_add(g, req->net);
	(void)web_header(req, "WWW-Authenticate", "Bearer"
			 " error=\"invalid_token\"");
	web_problem(req, 401, "there is no such token, or its time is over");

	return NULL;
}


/**
 * Find the session of a page by its cookies
 *
 * There are two names. With TLS that one alone counts which nobody else can
 * have set: the other one may be of a page of a host beside ours, or of who
 * answered for us in the clear, and would have somebody work in a session that
 * is not his own.
 *
 * @param g      Guard, whose times are now
 * @param cookie Cookies, as they came
 * @param tls    They have come by TLS
 * @param tokenp Set to its token
 *
 * @return Session, NULL if there is none
 */
struct web_session *web_gate_session(struct web_guard *g,
				     const struct pl *cookie, bool tls,
				     struct web_token **tokenp)
{
	struct web_session *s = NULL;
	struct pl secret;

	if (web_cookie(&secret, cookie, WEB_COOKIE_TLS))
		s = web_session_find(g, &secret, tokenp);
	if (!s && !tls && web_cookie(&secret, cookie, WEB_COOKIE))
		s = web_session_find(g, &secret, tokenp);

	return s;
}


/**
 * May somebody stay who was let in before?
 *
 * @param g    Guard, whose times are now
 * @param pass By what he was let in
 * @param hash Its hash
 *
 * @return True if so, false if his token, or his session, has ended
 */
bool web_gate_holds(const struct web_guard *g, enum web_pass pass,
		    const uint8_t hash[WEB_HASH])
{
	switch (pass) {

	case WEB_PASS_TOKEN:
		return web_token_hash(&g->tokenl, hash, g->wall) != NULL;

	case WEB_PASS_SESSION:
		return web_session_holds(g, hash);

	default:
		return true;
	}
}


static bool is_https(const struct pl *origin)
{
	return origin->l > 8 && !memcmp(origin->p, "https://", 8);
}


static bool changes(const struct web_req *req)
{
	return req->method & ~(WEB_GET | WEB_HEAD | WEB_OPTIONS);
}


/* Does a page of ours ask, or no page at all? One that came in the clear is
   anybody's on the way, where TLS is spoken */
static bool is_ours(struct web_req *req, const struct web_head *h)
{
	const bool https = is_https(&h->origin), tls = req->tls;

	/* whoever stands before us ends it */
	req->tls |= https;

	if (h->origin.p)
		return (https || !tls) &&
			web_same_origin(&h->origin, &h->host);

	return !h->site.p || !pl_strcmp(&h->site, "same-origin") ||
		!pl_strcmp(&h->site, "none");
}


/* A page of somebody else must not reach us through who looks at it */
static bool is_own_page(const struct web_guard *g, struct web_req *req,
			const struct web_head *h)
{
	if (!req->local && h->host.p &&
	    !web_is_ours(&h->host, g->names)) {
		web_problem(req, 421, "Host: that is none of this hub's names"
			    " (connectycube_hub_http_names)");
		return false;
	}

	if (!changes(req))
		return true;

	if (is_ours(req, h))
		return true;

	web_problem(req, 403, "Origin: a page of somebody else may not");

	return false;
}


static void is_token(struct web_req *req, const struct web_token *t,
		     enum web_pass pass, const uint8_t *hash)
{
	req->pass = pass;
	memcpy(req->hash, hash, sizeof(req->hash));
	(void)re_snprintf(req->who, sizeof(req->who), "%s", t->name);
	req->role = t->role;
}


/* By what he says, by his cookie, by who the kernel says he is */
static bool identify(struct web_guard *g, struct web_req *req,
		     const struct web_head *h)
{
	const struct web_session *s;
	struct web_token *t;
	struct pl secret;

	if (h->auth.p) {
		if (!web_bearer(&secret, &h->auth))
			return true;

		t = web_gate_token(g, req, &secret);
		if (t)
			is_token(req, t, WEB_PASS_TOKEN, t->hash);
		return t != NULL;
	}

	s = web_gate_session(g, &h->cookie, req->tls, &t);
	if (s) {
		is_token(req, t, WEB_PASS_SESSION, s->hash);
		if (!changes(req) || h->csrf.l)
			return true;

		web_problem(req, 403, "X-ConnectyCube: is missing");
		return false;
	}

	/* who passes it on is not who asks */
	if (req->owner && g->owner && !h->proxied) {
		(void)re_snprintf(req->who, sizeof(req->who), "uid:%u",
				  req->uid);
		req->role = WEB_ADMIN;
	}

	return true;
}


static enum web_role least_role(const struct web_guard *g,
				const struct web_route *route)
{
	return g->metrics && !strcmp(route->path, "/metrics") ?
		WEB_ANYBODY : route->role;
}


/**
 * Let a request in. If not, that is answered
 *
 * @param g   Guard, whose times are now
 * @param req Request, with its route; who asks is set
 * @param h   Its head
 *
 * @return True if it is let in, false if it has been answered
 */
bool web_gate(struct web_guard *g, struct web_req *req,
	      const struct web_head *h)
{
	const enum web_role least = least_role(g, req->route);

	/* whoever stands before us ends it */
	req->tls |= h->https;

	if (!is_own_page(g, req, h))
		return false;

	if (least == WEB_ANYBODY) {
		if (h->body <= WEB_BODY_ANYBODY)
			return true;
		web_problem(req, 413, "the body is too long");
		return false;
	}

	if (!identify(g, req, h))
		return false;

	if (req->role >= least)
		return true;

	if (req->role == WEB_ANYBODY) {
		(void)web_header(req, "WWW-Authenticate", "Bearer");
		web_problem(req, 401, "say a token: /hub_token makes one");
	}
	else {
		web_problem(req, 403, "%s is %s, this is for %s", req->who,
			    web_role_name(req->role), web_role_name(least));
	}

	return false;
}
