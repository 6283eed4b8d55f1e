/**
 * @file connectycube_hub/api/pbxapi.c  Channels at the extensions' PBX:
 *                                      /api/v1/pbx/...
 *
 *   request --> `pbx_hangup`, ... ==> bridge --> the PBX
 *           --> `pbx_result`      ==> running, running, ... what came of it
 *
 * A bridge does not call back: it is asked until it knows. Nothing is ordered
 * twice.
 */
#include <errno.h>
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include <re_tmr.h>
#include "../command.h"
#include "../hublive.h"
#include "../live/live.h"
#include "../web/route.h"
#include "../web/bodycheck.h"
#include "api.h"
#include "order.h"


enum {
	FIRST = 50,             /**< Until it is asked first [ms]          */
	AGAIN = 200,            /**< Between two questions [ms]            */
	ASKED = 250,            /**< Most of them: longer than a phone rings,
				     and its answer may take               */
	WAITING = 64,           /**< Orders at a time                      */
	WAITING_OF = 8,         /**< ... of somebody                       */
	BUSY_RETRY = 5,         /**< One too many: ask again [s]           */
	NAME = 65,              /**< Size of a bridge's name [bytes]       */
};

/** An order that waits for the PBX */
struct pbxorder {
	struct le le;           /**< Member of orderl                      */
	struct web_req *req;    /**< Who waits (reference)                 */
	struct hub_command *cmd; /**< Bridge is asked (owned)              */
	struct tmr tmr;         /**< Until it is asked again               */
	char bridge[NAME];      /**< Name of the bridge                    */
	json_int_t num;         /**< Number of the order there             */
	unsigned asked;         /**< So often                              */
	bool begins;            /**< It begins a call                      */
};

static struct list orderl;


static void destructor(void *data)
{
	struct pbxorder *o = data;

	list_unlink(&o->le);
	tmr_cancel(&o->tmr);
	mem_deref(o->cmd);
	mem_deref(o->req);
}


static json_t *member(const json_t *j, const char *key)
{
	json_t *value = json_object_get(j, key);

	return value ? json_incref(value) : json_null();
}


static const char *text_of(const json_t *j, const char *key)
{
	const char *text = json_string_value(json_object_get(j, key));

	return text ? text : "";
}


static void answer(struct pbxorder *o, const json_t *result)
{
	if (order_problem(o->req, text_of(result, "word"),
			  text_of(result, "text")))
		;
	else if (o->begins)
		web_json(o->req, 201, json_pack(
				 "{soso}", "channel", member(result, "channel"),
				 "uniqueid", member(result, "uniqueid")));
	else
		web_json(o->req, 200, json_object());
}


static void ask(void *arg);


static void result_handler(const char *word, const char *text,
			   const json_t *result, void *arg)
{
	struct pbxorder *o = arg;

	o->cmd = mem_deref(o->cmd);

	if (!strcmp(word, "ok") &&
	    json_is_true(json_object_get(result, "running")) &&
	    o->asked < ASKED) {
		tmr_start(&o->tmr, AGAIN, ask, o);
		return;
	}

	if (order_problem(o->req, word, text))
		;
	else if (o->asked < ASKED)
		answer(o, result);
	else
		web_fault(o->req, 504, "timeout", NULL, "the PBX has not"
			  " answered: it may have been done");

	mem_deref(o);
}


static void ask(void *arg)
{
	struct pbxorder *o = arg;
	json_t *params = json_pack("{sI}", "order", o->num);
	int err;

	++o->asked;
	err = params ? hub_command(&o->cmd, o->bridge, "pbx_result", params,
				   result_handler, o) : ENOMEM;
	json_decref(params);
	if (!err)
		return;

	/* it was sent: nobody shall be told that it was not */
	web_fault(o->req, 502, "gone", NULL, "its bridge has gone: it may"
		  " have been done");
	mem_deref(o);
}


static void begun_handler(const char *word, const char *text,
			  const json_t *result, void *arg)
{
	struct pbxorder *o = arg;

	o->cmd = mem_deref(o->cmd);

	if (order_problem(o->req, word, text)) {
		mem_deref(o);
		return;
	}

	o->num = json_integer_value(json_object_get(result, "order"));
	tmr_start(&o->tmr, FIRST, ask, o);
}


/* Also of those who have gone meanwhile */
static bool is_full(const char *who)
{
	const struct le *le;
	unsigned n = 0;

	for (le = list_head(&orderl); le; le = le->next)
		n += !strcmp(((const struct pbxorder *)le->data)->req->who,
			     who);

	return n >= WAITING_OF || list_count(&orderl) >= WAITING;
}


/* The reference of the parameters is taken */
static void send_order(struct web_req *req, const char *bridge,
		       const char *name, json_t *params)
{
	struct pbxorder *o = NULL;
	int err = ENOMEM;

	if (is_full(req->who)) {
		(void)web_header(req, "Retry-After", "%d", BUSY_RETRY);
		web_fault(req, 503, "busy", NULL, "too many orders wait for"
			  " the PBX");
		goto out;
	}

	o = mem_zalloc(sizeof(*o), destructor);
	if (o && params) {
		o->req    = mem_ref(req);
		o->begins = !strcmp(name, "pbx_originate");
		(void)re_snprintf(o->bridge, sizeof(o->bridge), "%s", bridge);
		list_append(&orderl, &o->le, o);
		err = hub_command(&o->cmd, bridge, name, params,
				  begun_handler, o);
	}

	if (err) {
		mem_deref(o);
		order_not_sent(req, err);
	}

 out:
	json_decref(params);
}


static void get_channels(struct web_req *req)
{
	static const char *const namev[] = {"extension", NULL};
	json_t *j;

	if (!web_query_only(req, namev))
		return;

	j = hlive_json_channels(hublive(), web_query(req, "extension"));
	if (j)
		web_json(req, 200, j);
	else
		web_problem(req, 404, "there is no hub");
}


static const struct web_field hangupv[] = {
	{.name = "cause", .most = 3, .chars = "0123456789"},
	{0},
};

static const struct web_field transferv[] = {
	{.name = "to", .needed = true, .most = 159},
	{.name = "with"},
	{.name = "with_to", .most = 159},
	{0},
};

static const struct web_field bridgev[] = {
	{.name = "with", .needed = true},
	{0},
};

/** By the last part of the path */
static const struct {
	const char *name;
	const char *order;
	const struct web_field *fieldv;
} orderv[] = {
	{"hangup",   "pbx_hangup",   hangupv},
	{"transfer", "pbx_transfer", transferv},
	{"bridge",   "pbx_bridge",   bridgev},
};


static void post_channel(struct web_req *req)
{
	const char *name = req->target.segv[req->target.segc - 1];
	const char *id = web_param(req, 0), *bridge, *ext, *chan;
	size_t i = 0;
	json_t *j;

	while (i + 1 < ARRAY_SIZE(orderv) && strcmp(orderv[i].name, name))
		++i;

	j = web_fields(req, orderv[i].fieldv);
	if (!j)
		return;

	bridge = hlive_channel_bridge(hublive(), id, &ext, &chan);
	if (!bridge) {
		json_decref(j);
		web_fault(req, 404, "not_found", NULL,
			  "there is no such channel now");
		return;
	}

	(void)json_object_set_new(j, "extension", json_string(ext));
	(void)json_object_set_new(j, "channel", json_string(chan));
	(void)json_object_set_new(j, "uniqueid", json_string(id));
	send_order(req, bridge, orderv[i].order, j);
}


static void post_call(struct web_req *req)
{
	static const struct web_field fieldv[] = {
		{.name = "extension", .needed = true},
		{.name = "to", .needed = true, .most = 159},
		{0},
	};
	const char *bridge;
	json_t *j;

	j = order_read_ext(req, &bridge, fieldv);
	if (j)
		send_order(req, bridge, "pbx_originate", j);
}


/**
 * Forget those that wait. They are not answered
 */
void api_pbx_close(void)
{
	list_flush(&orderl);
}


#define PBX "/api/v1/pbx/"

const struct web_route api_pbx_routev[] = {
	{WEB_GET, PBX "channels", WEB_READONLY, get_channels, NULL},
	{WEB_POST, PBX "channels/{}/hangup", WEB_OPERATOR, post_channel,
	 NULL},
	{WEB_POST, PBX "channels/{}/transfer", WEB_OPERATOR, post_channel,
	 NULL},
	{WEB_POST, PBX "channels/{}/bridge", WEB_OPERATOR, post_channel,
	 NULL},
	{WEB_POST, PBX "calls", WEB_OPERATOR, post_call, NULL},
	{0},
};
