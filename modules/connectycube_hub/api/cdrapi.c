/**
 * @file connectycube_hub/api/cdrapi.c  Records of calls: /api/v1/cdr, and what
 *                                      they come to: /api/v1/today
 */
#include <errno.h>
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include "base/mono.h"
#include "../web/route.h"
#include "../web/bodycheck.h"
#include "search.h"
#include "api.h"

#define FILTERS "from", "to", "user", "number", "q", "extension", \
	"direction", "disposition", "kind"

#define DISPOSITIONS "ANSWERED NO_ANSWER BUSY REJECTED CANCELED FAILED" \
	" CONGESTION"

enum { DAY = 86400000 };        /* [ms] */


/* Who has asked may have gone */
static void found_handler(int err, struct mbuf *json, const char *why,
			  void *arg)
{
	struct web_req *req = arg;

	if (!err)
		web_mbuf(req, 200, "application/json", mem_ref(json));
	else if (err == ENOENT)
		web_fault(req, 404, "not_found", NULL,
			  "there is no such record, or nothing was measured");
	else if (err == ETIMEDOUT)
		web_problem(req, 503, "the search takes too long: less time,"
			    " or more that is known, makes it shorter");
	else
		web_problem(req, 500, "the database: %s", why);

	mem_deref(req);
}


static void ask(struct web_req *req, const struct search *q)
{
	const int err = searcher_ask(q, req->who, found_handler,
				     mem_ref(req));

	if (!err)
		return;

	if (err == EBUSY) {
		(void)web_header(req, "Retry-After", "%d", 1);
		web_problem(req, 503, "too many searches wait");
	}
	else {
		web_problem(req, 500, "the search cannot be made");
	}
	mem_deref(req);
}


static bool get_text(struct web_req *req, char *dst, const char *name)
{
	const char *str = web_query(req, name);

	if (str && strlen(str) >= SEARCH_TEXT) {
		web_fault(req, 400, "invalid", name, "%s: is too long", name);
		return false;
	}

	if (str)
		str_ncpy(dst, str, SEARCH_TEXT);

	return true;
}


static bool get_time(struct web_req *req, uint64_t *t, const char *name)
{
	const char *str = web_query(req, name);

	if (!str || search_time(t, str))
		return true;

	web_fault(req, 400, "invalid", name, "%s: is no time: ms since 1970,"
		  " or 2026-11-30T10:00:00Z", name);

	return false;
}


static bool get_word(struct web_req *req, char *dst, const char *name,
		     const char *words)
{
	if (!get_text(req, dst, name))
		return false;
	if (!web_query(req, name) || web_is_word(words, dst))
		return true;

	web_fault(req, 400, "invalid", name, "%s: is to be one of: %s", name,
		  words);

	return false;
}


static bool get_filter(struct web_req *req, struct search *q)
{
	return get_time(req, &q->from, "from") &&
		get_time(req, &q->to, "to") &&
		get_text(req, q->user, "user") &&
		get_text(req, q->number, "number") &&
		get_text(req, q->ext, "extension") &&
		get_text(req, q->any, "q") &&
		get_word(req, q->direction, "direction",
			 "app-to-sip sip-to-app pbx-to-phone phone-to-pbx") &&
		get_word(req, q->kind, "kind", "bridge pbx") &&
		get_word(req, q->disposition, "disposition", DISPOSITIONS);
}


static void get_cdr(struct web_req *req)
{
	static const char *const namev[] = {
		FILTERS, "id", "cursor", "limit", NULL
	};
	struct search q = {.to = INT64_MAX, .started = INT64_MAX,
		.seq = INT64_MAX};
	const char *cursor = web_query(req, "cursor");

	if (!web_query_only(req, namev) || !get_filter(req, &q) ||
	    !get_text(req, q.prefix, "id") ||
	    !web_query_u32(req, "limit", &q.limit, SEARCH_LIMIT, 1,
			   SEARCH_MOST))
		return;

	if (cursor && !search_cursor(&q, cursor)) {
		web_fault(req, 400, "invalid", "cursor", "cursor: is none that"
			  " was in an answer (next)");
		return;
	}

	ask(req, &q);
}


static void ask_one(struct web_req *req, bool timeline)
{
	struct search q = {.timeline = timeline};
	const char *id = web_param(req, 0);

	if (strlen(id) < sizeof(q.id)) {
		str_ncpy(q.id, id, sizeof(q.id));
		ask(req, &q);
	}
	else {
		web_fault(req, 404, "not_found", NULL,
			  "there is no such record");
	}
}


static void get_record(struct web_req *req)
{
	ask_one(req, false);
}


static void get_timeline(struct web_req *req)
{
	ask_one(req, true);
}


/* By default the day as UTC has it; a page says when its own one began */
static void get_today(struct web_req *req)
{
	static const char *const namev[] = {FILTERS, NULL};
	struct search q = {.sums = true};
	const uint64_t now = wall_us() / 1000;

	q.from = now - now % DAY;
	q.to   = q.from + DAY;
	/* what went through no bridge is none of its figures, unless wanted */
	str_ncpy(q.kind, "bridge", sizeof(q.kind));
	if (web_query_only(req, namev) && get_filter(req, &q))
		ask(req, &q);
}


const struct web_route api_cdr_routev[] = {
	{WEB_GET, "/api/v1/cdr", WEB_READONLY, get_cdr, NULL},
	{WEB_GET, "/api/v1/cdr/{}", WEB_READONLY, get_record, NULL},
	{WEB_GET, "/api/v1/cdr/{}/timeline", WEB_READONLY, get_timeline, NULL},
	{WEB_GET, "/api/v1/today", WEB_READONLY, get_today, NULL},
	{0},
};
