/**
 * @file connectycube_hub/web/request.c  A request, and what handlers ask of it
 *
 * Pure.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include "base/text.h"
#include "../shallow.h"
#include "route.h"


static void destructor(void *data)
{
	struct web_req *req = data;

	if (req->keeph)
		req->keeph(req, req->keep);
	mem_deref(req->range);
	mem_deref(req->if_range);
	mem_deref(req->last_id);
	mem_deref(req->none_match);
	mem_deref(req->cookie);
	mem_deref(req->body);
	json_decref(req->note);
	mem_deref(req->reply.stream);
	mem_deref(req->reply.head);
	mem_deref(req->reply.body);
	if (req->reply.fd >= 0)
		(void)close(req->reply.fd);
}


/**
 * Allocate a request
 *
 * @param reqp  Pointer to it, freed by mem_deref()
 * @param doneh Takes the answer
 * @param arg   Its argument
 *
 * @return 0 if success, otherwise errorcode
 */
int web_req_alloc(struct web_req **reqp, web_done_h *doneh, void *arg)
{
	struct web_req *req;

	if (!reqp)
		return EINVAL;

	req = mem_zalloc(sizeof(*req), destructor);
	if (!req)
		return ENOMEM;

	req->method   = WEB_GET;
	req->reply.fd = -1;
	req->doneh    = doneh;
	req->arg      = arg;
	*reqp = req;

	return 0;
}


/**
 * Get what a {} of the route took
 *
 * @param req Request
 * @param n   Which one, from 0
 *
 * @return Part of the path, never empty; "" if the route has not so many
 */
const char *web_param(const struct web_req *req, size_t n)
{
	return req && n < WEB_PARAMS && req->paramv[n] ? req->paramv[n] : "";
}


/**
 * Get a parameter of the query
 *
 * @param req  Request
 * @param name Its name
 *
 * @return Its value, may be empty; NULL if it is not there
 */
const char *web_query(const struct web_req *req, const char *name)
{
	return req ? web_target_query(&req->target, name) : NULL;
}


/**
 * Check that nothing is in the query but what is known. If something is, that
 * is answered
 *
 * @param req   Request
 * @param namev Names that are known, NULL at the end
 *
 * @return True if success, false if the request has been answered
 */
bool web_query_only(struct web_req *req, const char *const *namev)
{
	size_t i, n;

	for (i=0; i<req->target.queryc; i++) {

		const char *name = req->target.queryv[i].name;

		for (n=0; namev[n] && strcmp(namev[n], name); n++)
			;

		if (!namev[n]) {
			web_fault(req, 400, "invalid", name,
				  "%s: is not known here", name);
			return false;
		}
	}

	return true;
}


/**
 * Get a number of the query. If it is wrong, that is answered
 *
 * @param req  Request
 * @param name Its name
 * @param v    Set to it
 * @param dflt What it is if it is not there
 * @param min  Smallest
 * @param max  Largest
 *
 * @return True if success, false if the request has been answered
 */
bool web_query_u32(struct web_req *req, const char *name, uint32_t *v,
		   uint32_t dflt, uint32_t min, uint32_t max)
{
	const char *str = web_query(req, name);
	struct pl pl;

	*v = dflt;
	if (!str)
		return true;

	pl_set_str(&pl, str);
	if (!text_u32(v, &pl, max) && *v >= min)
		return true;

	web_fault(req, 400, "invalid", name, "%s: is no number from %u to %u",
		  name, min, max);

	return false;
}


/**
 * Get the body: a JSON object. If it is none, that is answered
 *
 * @param req Request
 *
 * @return Object, which the caller frees by json_decref(); NULL if the
 *         request has been answered
 */
struct json_t *web_body(struct web_req *req)
{
	json_error_t error;
	json_t *j;

	if (!req)
		return NULL;

	/* nothing is an object without anything in it */
	if (!req->body || !req->body->end)
		return json_object();

	if (!req->json) {
		web_problem(req, 415, "the body is to be application/json");
		return NULL;
	}

	j = json_loadb((const char *)req->body->buf, req->body->end,
		       JSON_REJECT_DUPLICATES, &error);
	if (!j)
		web_problem(req, 400, "the body is no JSON: line %d, column"
			    " %d: %s", error.line, error.column, error.text);
	else if (!json_is_object(j))
		web_problem(req, 400, "the body is no JSON object");
	else if (!json_is_shallow(j, WEB_DEPTH))
		web_problem(req, 400, "the body is nested too deep");
	else
		return j;

	json_decref(j);

	return NULL;
}
