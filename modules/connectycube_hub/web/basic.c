/**
 * @file connectycube_hub/web/basic.c  What those ask that watch the hub
 */
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include "base/text.h"
#include "../hublive.h"
#include "../hubmetrics.h"
#include "../live/live.h"
#include "../metrics/registry.h"
#include "route.h"
#include "routes.h"


enum {
	METRICS_SIZE = 16384,   /**< Room at first [bytes]                 */
};


/* This process lives, and its loop turns */
static void healthz(struct web_req *req)
{
	web_text(req, 200, "text/plain; charset=utf-8", "ok\n", 3);
}


static bool is_true(const json_t *o, const char *what, const char *key)
{
	return json_is_true(json_object_get(json_object_get(o, what), key));
}


/**
 * Count extensions that take calls: registered, if they register, their cloud
 * user online, not draining
 *
 * @param j   Extensions (hlive_json_exts())
 * @param all Set to how many there are
 *
 * @return How many of them do
 */
size_t web_ready(const json_t *j, size_t *all)
{
	const json_t *v = json_object_get(j, "extensions"), *e;
	size_t i, n = 0;

	*all = json_array_size(v);

	json_array_foreach(v, i, e) {

		n += (is_true(e, "sip", "registered") ||
		      !is_true(e, "sip", "registers")) &&
			is_true(e, "cloud", "online") &&
			is_true(e, "bridge", "here") &&
			!json_is_true(json_object_get(e, "draining"));
	}

	return n;
}


/* All of them; nobody is told which it is that does not */
static void readyz(struct web_req *req)
{
	json_t *j = hlive_json_exts(hublive());
	size_t all, n;

	n = web_ready(j, &all);
	json_decref(j);

	if (!all)
		web_problem(req, 503, "no bridge has come");
	else if (n < all)
		web_problem(req, 503, "%zu of %zu %s calls", n, all,
			    text_plural(all, "extension takes",
					"extensions take"));
	else
		web_text(req, 200, "text/plain; charset=utf-8", "ready\n", 6);
}


/* GET /api/v1/health */
static void get_health(struct web_req *req)
{
	json_t *j = hlive_json_exts(hublive());
	json_t *alarms = hlive_json_alarms(hublive());
	size_t all, n;

	n = web_ready(j, &all);
	json_decref(j);

	web_json(req, 200, json_pack("{sb,sI,sI,sO?}", "ready",
				     all && n == all,
				     "extensions", (json_int_t)all,
				     "extensions_ready", (json_int_t)n,
				     "alarms", json_object_get(alarms,
							       "alarms")));
	json_decref(alarms);
}


static void get_metrics(struct web_req *req)
{
	struct mbuf *mb = mbuf_alloc(METRICS_SIZE);

	if (mb && mbuf_printf(mb, "%H", metrics_print, NULL))
		mb = mem_deref(mb);

	web_mbuf(req, 200, METRICS_TYPE, mb);
}


const struct web_route web_basic_routev[] = {
	{WEB_GET, "/healthz", WEB_ANYBODY, healthz, "text/plain"},
	{WEB_GET, "/readyz", WEB_ANYBODY, readyz, "text/plain"},
	{WEB_GET, "/metrics", WEB_READONLY, get_metrics, "text/plain"},
	{WEB_GET, "/api/v1/health", WEB_READONLY, get_health, NULL},
	{0},
};
