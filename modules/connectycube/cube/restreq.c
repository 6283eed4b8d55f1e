/**
 * @file cube/restreq.c  The REST API of the cloud: any other request
 *
 *   rest_request() --> request --401--> rest_login() --> request, once more
 */
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "session.h"
#include "ws.h"
#include "rest.h"
#include "restconn.h"


/** One request */
struct rest_req {
	struct rest *rest;      /**< Client (owner of a reference)         */
	struct ws *ws;          /**< Running request (owner)               */
	char *method;           /**< HTTP method (owner)                   */
	char *path;             /**< Path (owner)                          */
	char *body;             /**< JSON text or NULL (owner)             */
	bool repeated;          /**< Was repeated with a new session       */
	rest_resp_h *resph;     /**< Handler, NULL once called             */
	void *arg;              /**< Handler argument                      */
};


static void destructor(void *data)
{
	struct rest_req *req = data;

	rest_cancel(req->rest, req);
	mem_deref(req->ws);
	mem_deref(req->method);
	mem_deref(req->path);
	mem_deref(req->body);
	mem_deref(req->rest);
}


static void finish(struct rest_req *req, int err, const struct ws_resp *resp)
{
	rest_resp_h *resph = req->resph;

	req->resph = NULL;
	if (resph)
		resph(err, resp ? resp->scode : 0, resp ? resp->body : "",
		      resp ? resp->len : 0, req->arg);
}


static int send_request(struct rest_req *req);


static void login_handler(int err, uint32_t hold, const char *reason,
			  void *arg)
{
	struct rest_req *req = arg;
	(void)hold;
	(void)reason;

	if (!err)
		err = send_request(req);
	if (err)
		finish(req, err, NULL);
}


static int login_first(struct rest_req *req)
{
	int err = rest_login(req->rest, login_handler, req);

	/* someone else's login is under way: our caller may try again */
	return err == EALREADY ? EAGAIN : err;
}


static void resp_handler(int err, const char *reason,
			 const struct ws_resp *resp, void *arg)
{
	struct rest_req *req = arg;
	(void)reason;

	if (!err)
		err = rest_note(req->rest, resp->scode, resp->retry_after);

	if (!err && resp->scode == 401 && !req->repeated) {

		/* the session expired: a new one, and once more */
		req->repeated = true;
		req->ws = mem_deref(req->ws);
		rest_forget(req->rest);

		err = login_first(req);
		if (err)
			finish(req, err, NULL);
		return;
	}

	finish(req, err, resp);
}


static int send_request(struct rest_req *req)
{
	req->ws = mem_deref(req->ws);

	return ws_request(&req->ws, req->rest->url, req->rest->ca_file,
			  req->method, req->path, rest_token(req->rest),
			  req->body, resp_handler, req);
}


/**
 * Make a request with the session token. A 401 gets a new session and
 * repeats the request once
 *
 * @param reqp   Returned request; dereferencing it cancels
 * @param r      REST client
 * @param method HTTP method
 * @param path   Path and query, begins with '/'
 * @param body   JSON text, NULL=none
 * @param resph  Called once, later
 * @param arg    Handler argument
 *
 * @return 0 if success; EINVAL no argument; EAGAIN the cloud wants no
 *         requests now (rest_hold()), or a login is under way; ENOMEM;
 *         otherwise as of ws_request()
 */
int rest_request(struct rest_req **reqp, struct rest *r, const char *method,
		 const char *path, const char *body, rest_resp_h *resph,
		 void *arg)
{
	struct rest_req *req;
	int err;

	if (!reqp || !r || !method || !path || !resph)
		return EINVAL;

	if (rest_hold(r))
		return EAGAIN;

	req = mem_zalloc(sizeof(*req), destructor);
	if (!req)
		return ENOMEM;

	req->rest  = mem_ref(r);
	req->resph = resph;
	req->arg   = arg;

	err = str_dup(&req->method, method);
	if (!err)
		err = str_dup(&req->path, path);
	if (!err && body)
		err = str_dup(&req->body, body);
	if (!err)
		err = rest_has_token(r) ? send_request(req)
					: login_first(req);

	if (err)
		mem_deref(req);
	else
		*reqp = req;

	return err;
}
