/**
 * @file connectycube_hub/api/order.c  Requests that a bridge carries out
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
#include "order.h"


enum {
	BUSY_RETRY = 2,         /**< A bridge that is busy: ask again [s]  */
	NAME = 65,              /**< Size of a bridge's name [bytes]       */
};

/** A request that waits for a bridge */
struct order {
	struct web_req *req;    /**< Request (reference)                   */
	order_h *h;             /**< Answers, NULL=the result is the answer */
	char bridge[NAME];      /**< Its name                              */
};


static void destructor(void *data)
{
	struct order *o = data;

	mem_deref(o->req);
}


/**
 * Answer as a bridge has, if it has not done what it was to
 *
 * @param req  Request
 * @param word Its word (docs/HUB.md)
 * @param text Why, for people; may be empty
 *
 * @return True if the request has been answered, false if it is done
 */
bool order_problem(struct web_req *req, const char *word, const char *text)
{
	static const struct {
		const char *word;
		unsigned status;
	} v[] = {
		{"invalid", 400}, {"forbidden", 403}, {"not_found", 404},
		{"busy", 409}, {"unsupported", 422}, {"unknown", 501},
		{"failed", 502}, {"gone", 502}, {"timeout", 504},
	};
	size_t i;

	if (!strcmp(word, "ok"))
		return false;

	for (i=0; i<ARRAY_SIZE(v); i++) {
		if (!strcmp(v[i].word, word)) {
			web_fault(req, v[i].status, v[i].word, NULL, "%s",
				  text[0] ? text : v[i].word);
			return true;
		}
	}

	/* of a bridge that is newer than we */
	web_fault(req, 502, "failed", NULL, "%s", text[0] ? text : word);

	return true;
}


/**
 * Answer that a bridge could not be ordered
 *
 * @param req Request
 * @param err Errorcode of hub_command()
 */
void order_not_sent(struct web_req *req, int err)
{
	switch (err) {

	case ENOTSUP:
		web_fault(req, 501, "unknown", NULL, "its bridge is of an"
			  " older version, and takes no orders");
		break;

	case EBUSY:
		(void)web_header(req, "Retry-After", "%d", BUSY_RETRY);
		web_fault(req, 503, "busy", NULL, "its bridge has not answered"
			  " many others");
		break;

	case ENOENT:
	case ENOTCONN:
		web_fault(req, 502, "gone", NULL, "its bridge has gone");
		break;

	case EMSGSIZE:
		web_fault(req, 400, "invalid", NULL, "it is too long");
		break;

	default:
		web_problem(req, 500, NULL);
		break;
	}
}


/* Who has asked may have gone */
static void reply_handler(const char *word, const char *text,
			  const json_t *result, void *arg)
{
	struct order *o = arg;

	if (order_problem(o->req, word, text))
		;
	else if (o->h)
		o->h(o->req, o->bridge, result);
	else
		web_json(o->req, 200, result ? json_incref((json_t *)result)
			 : json_object());

	mem_deref(o);
}


/**
 * Order a bridge, and answer the request when it has answered
 *
 * @param req    Request
 * @param bridge Name of the bridge
 * @param name   What it is to do
 * @param params Object of parameters; its reference is taken. NULL=there was
 *               no memory for it
 * @param h      Answers if it is done, NULL=what came of it is the answer
 */
void order_send(struct web_req *req, const char *bridge, const char *name,
		json_t *params, order_h *h)
{
	struct order *o = mem_zalloc(sizeof(*o), destructor);
	int err;

	if (o && params) {
		o->req = mem_ref(req);
		o->h   = h;
		(void)re_snprintf(o->bridge, sizeof(o->bridge), "%s", bridge);
		err = hub_command(NULL, bridge, name, params, reply_handler,
				  o);
	}
	else {
		err = ENOMEM;
	}

	json_decref(params);
	if (!err)
		return;

	mem_deref(o);
	order_not_sent(req, err);
}


/**
 * Find the call that the path names. If there is none, that is answered
 *
 * @param req     Request
 * @param bridgep Set to its bridge (pointer, until the loop goes on)
 * @param nump    Set to its number there
 *
 * @return True if success, false if the request has been answered
 */
bool order_find_call(struct web_req *req, const char **bridgep,
		     uint32_t *nump)
{
	const char *id = web_param(req, 0);
	json_t *j;

	*bridgep = hlive_call_bridge(hublive(), id, nump);
	if (*bridgep)
		return true;

	j = hlive_json_call(hublive(), id);
	if (j)
		order_not_sent(req, ENOTCONN);
	else
		web_fault(req, 404, "not_found", NULL,
			  "there is no such call now");
	json_decref(j);

	return false;
}


/**
 * Find the bridge of an extension. If there is none, that is answered
 *
 * @param req     Request
 * @param bridgep Set to its bridge (pointer, until the loop goes on)
 * @param ext     Its SIP address
 *
 * @return True if success, false if the request has been answered
 */
bool order_find_ext(struct web_req *req, const char **bridgep,
		    const char *ext)
{
	json_t *j;

	*bridgep = hlive_ext_bridge(hublive(), ext);
	if (*bridgep)
		return true;

	j = hlive_json_ext(hublive(), ext);
	if (j)
		order_not_sent(req, ENOTCONN);
	else
		web_fault(req, 404, "not_found", NULL,
			  "there is no such extension");
	json_decref(j);

	return false;
}


/**
 * Read a body that names an extension, and find its bridge. What is wrong is
 * answered
 *
 * @param req     Request
 * @param bridgep Set to its bridge (pointer, until the loop goes on)
 * @param fieldv  What may stand in it, `extension` among that
 *
 * @return Body, json_decref(); NULL if the request has been answered
 */
json_t *order_read_ext(struct web_req *req, const char **bridgep,
		       const struct web_field *fieldv)
{
	json_t *j = web_fields(req, fieldv);

	if (j && !order_find_ext(req, bridgep, json_string_value(
					 json_object_get(j, "extension")))) {
		json_decref(j);
		return NULL;
	}

	return j;
}
