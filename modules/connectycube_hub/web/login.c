/**
 * @file connectycube_hub/web/login.c  Pages log in by a token, and out
 */
#include <string.h>
#include <openssl/crypto.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include "route.h"
#include "head.h"
#include "guard.h"
#include "routes.h"
#include "sse.h"
#include "web.h"


static json_t *who(const struct web_req *req)
{
	return json_pack("{ss,ss,sI}", "name", req->who, "role",
			 web_role_name(req->role), "session_s", (json_int_t)
			 web_session_longest(web_guard(), req->role));
}


/* Its session, if it has said the cookie of one */
static struct web_session *session(const struct web_req *req)
{
	struct web_token *t;
	struct pl cookie;

	if (!req->cookie)
		return NULL;

	pl_set_str(&cookie, req->cookie);

	return web_gate_session(web_guard(), &cookie, req->tls, &t);
}


static int set_cookie(struct web_req *req, const char *value,
		      const char *more)
{
	return web_header(req, "Set-Cookie", "%s=%s; Path=/; HttpOnly;"
			  " SameSite=Strict%s%s", req->tls ? WEB_COOKIE_TLS :
			  WEB_COOKIE, value, req->tls ? "; Secure" : "",
			  more);
}


/* A page has one session: whoever it was before is so no longer */
static void begin(struct web_req *req, const struct web_token *t)
{
	struct web_guard *g = web_guard();
	char cookie[WEB_SECRET];
	int err;

	mem_deref(session(req));
	(void)re_snprintf(req->who, sizeof(req->who), "%s", t->name);
	req->role = t->role;

	err = web_session_add(g, cookie, sizeof(cookie), t);
	if (!err)
		err = set_cookie(req, cookie, "");
	OPENSSL_cleanse(cookie, sizeof(cookie));

	if (err)
		web_problem(req, 500, NULL);
	else
		web_json(req, 200, who(req));
	sse_look();
}


/* POST /api/v1/session {"token": TOKEN} */
static void log_in(struct web_req *req)
{
	const struct web_token *t;
	const char *token;
	struct pl pl;
	json_t *j;

	/* a form of a page of somebody else can send all but this */
	if (!req->json) {
		web_problem(req, 415, "the body is to be application/json");
		return;
	}

	j = web_body(req);
	if (!j)
		return;

	token = json_string_value(json_object_get(j, "token"));
	if (token) {
		pl_set_str(&pl, token);
		t = web_gate_token(web_guard(), req, &pl);
		if (t)
			begin(req, t);
	}
	else {
		web_problem(req, 400, "token: is missing");
	}

	json_decref(j);
}


/* GET /api/v1/session */
static void get_session(struct web_req *req)
{
	web_json(req, 200, who(req));
}


/* DELETE /api/v1/session */
static void log_out(struct web_req *req)
{
	mem_deref(session(req));
	sse_look();
	(void)set_cookie(req, "", "; Max-Age=0");
	web_none(req, 204);
}


const struct web_route web_login_routev[] = {
	{WEB_POST, "/api/v1/session", WEB_ANYBODY, log_in, NULL},
	{WEB_GET, "/api/v1/session", WEB_READONLY, get_session, NULL},
	{WEB_DELETE, "/api/v1/session", WEB_READONLY, log_out, NULL},
	{0},
};
