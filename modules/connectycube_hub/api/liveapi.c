/**
 * @file connectycube_hub/api/liveapi.c  What there is now: /api/v1/extensions,
 *                                       calls, alarms
 */
#include <jansson.h>
#include <re_types.h>
#include "../hublive.h"
#include "../live/live.h"
#include "../web/route.h"
#include "api.h"


static void answer(struct web_req *req, json_t *j, const char *what)
{
	if (j)
		web_json(req, 200, j);
	else
		web_problem(req, 404, "there is no such %s", what);
}


static void get_extensions(struct web_req *req)
{
	answer(req, hlive_json_exts(hublive()), "hub");
}


static void get_extension(struct web_req *req)
{
	answer(req, hlive_json_ext(hublive(), web_param(req, 0)),
	       "extension");
}


static void get_calls(struct web_req *req)
{
	static const char *const namev[] = {"extension", NULL};

	if (!web_query_only(req, namev))
		return;

	answer(req, hlive_json_calls(hublive(), web_query(req, "extension")),
	       "hub");
}


static void get_call(struct web_req *req)
{
	answer(req, hlive_json_call(hublive(), web_param(req, 0)), "call");
}


static void get_stats(struct web_req *req)
{
	answer(req, hlive_json_stats(hublive(), web_param(req, 0)), "call");
}


static void get_alarms(struct web_req *req)
{
	answer(req, hlive_json_alarms(hublive()), "hub");
}


const struct web_route api_live_routev[] = {
	{WEB_GET, "/api/v1/extensions", WEB_READONLY, get_extensions, NULL},
	{WEB_GET, "/api/v1/extensions/{}", WEB_READONLY, get_extension, NULL},
	{WEB_GET, "/api/v1/calls", WEB_READONLY, get_calls, NULL},
	{WEB_GET, "/api/v1/calls/{}", WEB_READONLY, get_call, NULL},
	{WEB_GET, "/api/v1/calls/{}/stats", WEB_READONLY, get_stats, NULL},
	{WEB_GET, "/api/v1/alarms", WEB_READONLY, get_alarms, NULL},
	{0},
};
