/**
 * @file connectycube_hub/web/serve.c  A connection's requests: from head to
 *                                     handler, and its answer back
 */
#include <errno.h>
#include <string.h>
#include <time.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include <re_tmr.h>
#include "base/log.h"
#include "base/mono.h"
#include "route.h"
#include "head.h"
#include "guard.h"
#include "idem.h"
#include "web.h"
#include "conn_core.h"


enum {
	FULL_RETRY = 5,         /**< When to come again [s]                */
	KEEP_RETRY = 1,         /**< ... when what is done is kept [s]     */
};


/* RFC 9110 section 5.6.7, whatever the locale */
static void date(char *str, size_t size)
{
	static const char dayv[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu",
		"Fri", "Sat"};
	static const char monthv[12][4] = {"Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	const time_t now = (time_t)(wall_us() / 1000000);
	struct tm tm;

	(void)gmtime_r(&now, &tm);
	(void)re_snprintf(str, size, "%s, %02d %s %d %02d:%02d:%02d GMT",
			  dayv[tm.tm_wday], tm.tm_mday, monthv[tm.tm_mon],
			  tm.tm_year + 1900, tm.tm_hour, tm.tm_min,
			  tm.tm_sec);
}


/* A body that was not read: where does the next request begin? */
static bool is_unread(const struct web_conn *c)
{
	return c->body && (!c->req->body || c->req->body->end < c->body);
}


/* The answer is there */
static void done_handler(struct web_req *req, void *arg)
{
	struct web_conn *c = arg;
	struct web_reply *r = &req->reply;
	char str[64];
	int err;

	web_audit(c->sh, req);

	if (is_unread(c) || r->openh)
		c->keep = false;

	date(str, sizeof(str));
	c->out->pos = c->out->end;
	err = web_reply_head(c->out, req, c->keep, str);
	if (r->body && !req->head)
		err |= mbuf_write_mem(c->out, r->body->buf, r->body->end);
	c->out->pos = 0;
	if (req->head)
		r->len = 0;

	if (err) {
		c->keep = false;
		c->out->end = 0;
	}

	if (r->openh && !req->head && !err) {
		web_conn_state(c, WEB_STREAM);
		r->openh(&c->outh, r->stream);
	}
	else {
		web_conn_state(c, WEB_SEND);
	}

	web_conn_go_on(c);
}


static int new_request(struct web_conn *c)
{
	struct web_req *req;
	int err;

	err = web_req_alloc(&req, done_handler, c);
	if (err)
		return err;

	memcpy(req->from, c->peer.from, sizeof(req->from));
	memcpy(req->net, c->peer.net, sizeof(req->net));
	req->tls   = c->peer.tls;
	req->local = c->peer.local;
	req->owner = c->peer.owner;
	req->uid   = c->peer.uid;
	c->req = req;

	return 0;
}


static int keep_pl(char **strp, const struct pl *pl)
{
	return pl->p ? pl_strdup(strp, pl) : 0;
}


/* What handlers may ask for */
static int keep_fields(struct web_req *req, const struct web_head *h)
{
	int err;

	req->json = web_is_type(&h->type, "application/json");

	err  = keep_pl(&req->range, &h->range);
	err |= keep_pl(&req->if_range, &h->if_range);
	err |= keep_pl(&req->last_id, &h->last_id);
	err |= keep_pl(&req->none_match, &h->none_match);
	err |= keep_pl(&req->cookie, &h->cookie);

	return err;
}


/* By which route; that there is none is answered */
static bool find_route(struct web_conn *c, const struct web_head *h)
{
	struct web_req *req = c->req;
	unsigned allowed;
	char allow[64];
	int err;

	err = web_target(&req->target, &h->target);
	if (err) {
		c->keep = false;
		web_problem(req, err == EOVERFLOW ? 414 : 400,
			    "that is no path of this hub");
		return false;
	}

	req->head   = h->method == WEB_HEAD;
	req->method = req->head ? WEB_GET : h->method;
	req->route  = web_route(c->sh->tablev, h->method, &req->target,
				req->paramv, &allowed);
	if (req->route)
		return true;

	if (!allowed) {
		web_problem(req, 404, NULL);
		return false;
	}

	(void)web_allow(allow, sizeof(allow), allowed);
	(void)web_header(req, "Allow", "%s", allow);
	if (h->method == WEB_OPTIONS)
		web_none(req, 204);
	else
		web_problem(req, 405, "here there is %s", allow);

	return false;
}


/* Nobody does more than can be written down of it */
static bool is_kept(const struct web_conn *c)
{
	const struct web_req *req = c->req;

	return (req->method == WEB_GET && req->route->role < WEB_OPERATOR) ||
		!web_save_is_behind(c->sh->save);
}


/* Is it taken, as far as its head says? If not, that is answered */
static bool is_taken(struct web_conn *c, const struct web_head *h)
{
	struct web_req *req = c->req;
	const char *type;

	if (c->full) {
		(void)web_header(req, "Retry-After", "%u", FULL_RETRY);
		web_problem(req, 503, "there are too many connections");
		return false;
	}

	if (!find_route(c, h))
		return false;

	if (!web_gate(web_guard_now(), req, h))
		return false;

	/* of what is not done there is no line either */
	if (!is_kept(c)) {
		req->route = NULL;
		(void)web_header(req, "Retry-After", "%u", KEEP_RETRY);
		web_problem(req, 503, "the audit log is behind");
		return false;
	}

	type = req->route->type ? req->route->type : "application/json";
	if (type[0] && !web_accepts(&h->accept, type)) {
		web_problem(req, 406, "there is %s alone", type);
		return false;
	}

	if (h->key.p && !web_key(req->key, sizeof(req->key), &h->key)) {
		web_problem(req, 400, "Idempotency-Key: is to be of at most"
			    " %d printable characters", WEB_KEY - 1);
		return false;
	}

	if (!keep_fields(req, h))
		return true;

	web_problem(req, 500, NULL);

	return false;
}


/* Nobody has taken a reference who could answer later: it has failed */
static void run(struct web_req *req)
{
	const uint32_t n = mem_nrefs(req);

	req->route->h(req);
	if (!req->reply.status && mem_nrefs(req) <= n)
		web_problem(req, 500, NULL);
}


static void handle(struct web_conn *c)
{
	struct web_req *req = mem_ref(c->req);

	web_conn_state(c, WEB_ANSWER);
	if (web_idem_wanted(req))
		web_idem(req, run);
	else
		run(req);

	mem_deref(req);
}


/* What of the body has come with the head */
static int begin_body(struct web_conn *c, const struct web_head *h)
{
	const size_t behind = mbuf_get_left(c->in);
	const size_t n = behind < c->body ? behind : c->body;
	int err;

	c->req->body = mbuf_alloc(n + 1);
	if (!c->req->body)
		return ENOMEM;

	err = mbuf_write_mem(c->req->body, mbuf_buf(c->in), n);
	mbuf_advance(c->in, (ssize_t)n);
	if (h->wait && n < c->body) {
		c->out->pos = c->out->end;
		err |= mbuf_write_str(c->out, "HTTP/1.1 100 Continue\r\n"
				      "\r\n");
		c->out->pos = 0;
	}

	return err;
}


/**
 * Look whether the head of a request is there, and begin with it
 *
 * @param c Connection
 *
 * @return True if so, false if more is to be read
 */
bool web_serve_head(struct web_conn *c)
{
	struct web_head h;
	int err;

	err = web_head(&h, (const char *)c->in->buf, c->in->end);
	if (err == EAGAIN)
		return false;

	c->keep = false;
	c->body = 0;
	if (new_request(c)) {
		web_conn_state(c, WEB_LINGER);
		return true;
	}

	web_conn_state(c, WEB_ANSWER);
	if (err) {
		web_problem(c->req, h.status, h.why ? "%s" : NULL, h.why);
		return true;
	}

	c->body = h.body;
	c->keep = h.keep && !c->full;
	if (!is_taken(c, &h)) {
		c->in->pos = h.len;
		return true;
	}

	c->in->pos = h.len;
	if (!c->body)
		handle(c);
	else if (begin_body(c, &h))
		web_problem(c->req, 500, NULL);
	else
		web_conn_state(c, WEB_READ_BODY);

	return true;
}


/**
 * The body of a request is there
 *
 * @param c Connection
 */
void web_serve_body(struct web_conn *c)
{
	handle(c);
}


/**
 * Time is over, and a request is not all there
 *
 * @param c Connection
 */
void web_serve_late(struct web_conn *c)
{
	c->keep = false;
	if (!c->req && new_request(c)) {
		web_conn_state(c, WEB_LINGER);
		return;
	}

	web_problem(c->req, 408, NULL);
}
