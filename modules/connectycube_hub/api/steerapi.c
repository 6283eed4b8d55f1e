/**
 * @file connectycube_hub/api/steerapi.c  Calls and extensions are steered:
 *                                        POST /api/v1/calls/{id}/hangup, ...
 *
 * What the last part of the path says is what the bridge is ordered, and the
 * body is the order's parameters (docs/HUB.md), once it has been looked at.
 */
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include "../web/route.h"
#include "../web/bodycheck.h"
#include "api.h"
#include "order.h"

#define KEYS "0123456789*#ABCD"
#define SIDES "app phone"

enum {
	KEYS_MOST = 32,         /**< As bridges take at once               */
};


static const struct web_field nonev[] = {
	{0},
};

static const struct web_field sidev[] = {
	{.name = "side", .words = SIDES},
	{0},
};

static const struct web_field transferv[] = {
	{.name = "target", .needed = true},
	{.name = "side", .words = SIDES},
	{0},
};

static const struct web_field dtmfv[] = {
	{.name = "keys", .needed = true, .secret = true, .most = KEYS_MOST,
	 .chars = KEYS},
	{.name = "to", .words = SIDES},
	{0},
};

static const struct web_field recordv[] = {
	{.name = "state", .needed = true, .words = "start stop pause resume"},
	{.name = "mode", .words = "audio video"},
	{0},
};

static const struct web_field dndv[] = {
	{.name = "on", .kind = WEB_BOOL, .needed = true},
	{.name = "user"},
	{0},
};

static const struct web_field drainv[] = {
	{.name = "on", .kind = WEB_BOOL},
	{0},
};

/** By the last part of the path */
static const struct {
	const char *name;
	const struct web_field *fieldv;
} orderv[] = {
	{"hangup",   nonev},
	{"hold",     sidev},
	{"resume",   sidev},
	{"transfer", transferv},
	{"dtmf",     dtmfv},
	{"record",   recordv},
	{"dnd",      dndv},
	{"reload",   nonev},
	{"drain",    drainv},
};


/* What is to be done, and its parameters; NULL if that has been answered */
static json_t *read_order(struct web_req *req, const char **namep)
{
	const char *name = req->target.segv[req->target.segc - 1];
	size_t i;

	for (i=0; i<ARRAY_SIZE(orderv); i++) {
		if (!strcmp(orderv[i].name, name)) {
			*namep = orderv[i].name;
			return web_fields(req, orderv[i].fieldv);
		}
	}

	web_problem(req, 404, NULL);

	return NULL;
}


static void post_call(struct web_req *req)
{
	const char *name, *bridge;
	uint32_t num;
	json_t *j;

	j = read_order(req, &name);
	if (!j)
		return;

	if (!order_find_call(req, &bridge, &num)) {
		json_decref(j);
		return;
	}

	(void)json_object_set_new(j, "call", json_integer(num));
	order_send(req, bridge, name, j, NULL);
}


static void post_ext(struct web_req *req)
{
	const char *name, *bridge, *ext = web_param(req, 0);
	json_t *j;

	j = read_order(req, &name);
	if (!j)
		return;

	if (!order_find_ext(req, &bridge, ext)) {
		json_decref(j);
		return;
	}

	(void)json_object_set_new(j, "extension", json_string(ext));
	order_send(req, bridge, name, j, NULL);
}


#define CALL "/api/v1/calls/{}/"
#define EXT "/api/v1/extensions/{}/"

/* what is the whole bridge's is for admins: it is no call's alone */
const struct web_route api_steer_routev[] = {
	{WEB_POST, CALL "hangup", WEB_OPERATOR, post_call, NULL},
	{WEB_POST, CALL "hold", WEB_OPERATOR, post_call, NULL},
	{WEB_POST, CALL "resume", WEB_OPERATOR, post_call, NULL},
	{WEB_POST, CALL "transfer", WEB_OPERATOR, post_call, NULL},
	{WEB_POST, CALL "dtmf", WEB_OPERATOR, post_call, NULL},
	{WEB_POST, CALL "record", WEB_OPERATOR, post_call, NULL},
	{WEB_POST, EXT "dnd", WEB_OPERATOR, post_ext, NULL},
	{WEB_POST, EXT "reload", WEB_ADMIN, post_ext, NULL},
	{WEB_POST, EXT "drain", WEB_ADMIN, post_ext, NULL},
	{0},
};
