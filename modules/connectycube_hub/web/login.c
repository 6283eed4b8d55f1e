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
	return json_pack("{ss,ss}", "name", req->who, "role",
			 web_role_name(req->role));
}


static void begin(struct web_req *req, const struct web_token *t)
{
	struct web_guard *g = web_guard();
	char cookie[WEB_SECRET];
	int err;

	(void)re_snprintf(req->who, sizeof(req->who), "%s", t->name);
	req->role = t->role;

	err = web_session_add(g, cookie, sizeof(cookie), t);
	if (!err)
		err = web_header(req, "Set-Cookie", "%s=%s; Path=/; HttpOnly;"
				 " SameSite=Strict%s", WEB_COOKIE, cookie,
				 req->tls ? "; Secure" : "");
	OPENSSL_cleanse(cookie, sizeof(cookie));

	if (err)
		web_problem(req, 500, NULL);
	else
		web_json(req, 200, who(req));
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
	struct web_session *s = NULL;
	struct web_token *t;
	struct pl cookie, value;

	if (req->cookie) {
		pl_set_str(&cookie, req->cookie);
		if (web_cookie(&value, &cookie, WEB_COOKIE))
			s = web_session_find(web_guard(), &value, &t);
	}

	mem_deref(s);
	sse_look();
	(void)web_header(req, "Set-Cookie", "%s=; Path=/; HttpOnly;"
			 " SameSite=Strict; Max-Age=0", WEB_COOKIE);
	web_none(req, 204);
}


const struct web_route web_login_routev[] = {
	{WEB_POST, "/api/v1/session", WEB_ANYBODY, log_in, NULL},
	{WEB_GET, "/api/v1/session", WEB_READONLY, get_session, NULL},
	{WEB_DELETE, "/api/v1/session", WEB_READONLY, log_out, NULL},
	{0},
};
