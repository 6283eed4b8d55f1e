/**
 * @file connectycube_hub/api/originateapi.c
 * A call is begun: POST /api/v1/calls
 */
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include "../hublive.h"
#include "../live/live.h"
#include "../web/route.h"
#include "../web/bodycheck.h"
#include "api.h"
#include "order.h"


/* The first party is being rung. Its id is known if the bridge has told of the
   call, as it does before it answers */
static void begun(struct web_req *req, const char *bridge,
		  const json_t *result)
{
	const json_int_t num =
		json_integer_value(json_object_get(result, "call"));
	const char *id = hlive_call_of(hublive(), bridge, (uint32_t)num);

	if (id)
		(void)web_header(req, "Location", "/api/v1/calls/%s", id);

	web_json(req, 201, json_pack("{ss?,sO?}", "id", id, "record",
				     json_object_get(result, "record")));
}


static void post_call(struct web_req *req)
{
	static const struct web_field fieldv[] = {
		{.name = "extension", .needed = true},
		{.name = "to", .needed = true},
		{.name = "from"},
		{.name = "video", .kind = WEB_BOOL},
		{0},
	};
	const char *bridge;
	json_t *j;

	j = order_read_ext(req, &bridge, fieldv);
	if (j)
		order_send(req, bridge, "originate", j, begun);
}


const struct web_route api_originate_routev[] = {
	{WEB_POST, "/api/v1/calls", WEB_OPERATOR, post_call, NULL},
	{0},
};
