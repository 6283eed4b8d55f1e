/**
 * @file connectycube_hub/web/basic.c  What is asked before anything else
 */
#include <re_types.h>
#include "route.h"
#include "routes.h"


/* This process lives, and its loop turns */
static void healthz(struct web_req *req)
{
	web_text(req, 200, "text/plain; charset=utf-8", "ok\n", 3);
}


const struct web_route web_basic_routev[] = {
	{WEB_GET, "/healthz", WEB_ANYBODY, healthz, "text/plain"},
	{0},
};
