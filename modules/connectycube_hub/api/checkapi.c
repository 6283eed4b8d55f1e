/**
 * @file connectycube_hub/api/checkapi.c  Does all work that a bridge needs?
 *                                        POST /api/v1/extensions/{e}/check
 *
 *   request --> `check` ==> bridge begins
 *           --> `check` result ==> running, running, ... what came of it
 *
 * A bridge does not call back: it is asked until it knows.
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
#include "../web/route.h"
#include "../web/bodycheck.h"
#include "api.h"
#include "order.h"


enum {
	CHECK_AGAIN = 300,      /**< Between two questions [ms]            */
	CHECK_ASKED = 100,      /**< Most of them                          */
	CHECKS = 64,            /**< Checks at a time                      */
	CHECKS_OF = 8,          /**< ... of somebody                       */
	BUSY_RETRY = 5,         /**< One too many: ask again [s]           */
	NAME = 65,              /**< Size of a bridge's name [bytes]       */
};

/** A check that goes on */
struct check {
	struct le le;           /**< Member of checkl                      */
	struct web_req *req;    /**< Who waits (reference)                 */
	struct hub_command *cmd; /**< Bridge is asked (owned)              */
	struct tmr tmr;         /**< Until it is asked again               */
	char bridge[NAME];      /**< Name of the bridge                    */
	unsigned asked;         /**< So often                              */
};

static struct list checkl;


static void destructor(void *data)
{
	struct check *ck = data;

	list_unlink(&ck->le);
	tmr_cancel(&ck->tmr);
	mem_deref(ck->cmd);
	mem_deref(ck->req);
}


static void ask(void *arg);


/* It knows */
static void answer(struct web_req *req, const json_t *result)
{
	const json_t *lines = json_object_get(result, "lines");
	const json_int_t failed =
		json_integer_value(json_object_get(result, "failed"));

	if (!json_is_array(lines)) {
		web_fault(req, 501, "unknown", NULL, "its bridge is of an"
			  " older version: /cube_check tells there");
		return;
	}

	web_json(req, 200, json_pack("{sb,sI,sO}", "ok", !failed, "failed",
				     failed, "lines", lines));
}


static void reply_handler(const char *word, const char *text,
			  const json_t *result, void *arg)
{
	struct check *ck = arg;

	ck->cmd = mem_deref(ck->cmd);

	if (!strcmp(word, "ok") && ck->asked < CHECK_ASKED &&
	    (!ck->asked || json_is_true(json_object_get(result, "running")))) {
		tmr_start(&ck->tmr, CHECK_AGAIN, ask, ck);
		return;
	}

	if (!order_problem(ck->req, word, text)) {
		if (ck->asked < CHECK_ASKED)
			answer(ck->req, result);
		else
			web_fault(ck->req, 504, "timeout", NULL,
				  "the check does not end");
	}

	mem_deref(ck);
}


/* First to begin, then what came of it */
static int command(struct check *ck, bool begin)
{
	json_t *params = json_pack("{sb}", "result", !begin);
	int err;

	err = params ? hub_command(&ck->cmd, ck->bridge, "check", params,
				   reply_handler, ck) : ENOMEM;
	json_decref(params);

	return err;
}


static void ask(void *arg)
{
	struct check *ck = arg;
	int err;

	++ck->asked;
	err = command(ck, false);
	if (!err)
		return;

	order_not_sent(ck->req, err);
	mem_deref(ck);
}


/* Also of those who have gone meanwhile */
static bool is_full(const char *who)
{
	const struct le *le;
	unsigned n = 0;

	for (le = list_head(&checkl); le; le = le->next)
		n += !strcmp(((const struct check *)le->data)->req->who, who);

	return n >= CHECKS_OF || list_count(&checkl) >= CHECKS;
}


static void post_check(struct web_req *req)
{
	static const struct web_field nonev[] = {{0}};
	const char *bridge;
	struct check *ck;
	json_t *j;
	int err;

	j = web_fields(req, nonev);
	if (!j)
		return;
	json_decref(j);

	if (!order_find_ext(req, &bridge, web_param(req, 0)))
		return;

	if (is_full(req->who)) {
		(void)web_header(req, "Retry-After", "%d", BUSY_RETRY);
		web_fault(req, 503, "busy", NULL, "too many checks go on");
		return;
	}

	ck = mem_zalloc(sizeof(*ck), destructor);
	if (!ck)
		return;

	ck->req = mem_ref(req);
	(void)re_snprintf(ck->bridge, sizeof(ck->bridge), "%s", bridge);
	list_append(&checkl, &ck->le, ck);

	err = command(ck, true);
	if (!err)
		return;

	order_not_sent(req, err);
	mem_deref(ck);
}


/**
 * Forget those that wait. They are not answered
 */
void api_check_close(void)
{
	list_flush(&checkl);
}


const struct web_route api_check_routev[] = {
	{WEB_POST, "/api/v1/extensions/{}/check", WEB_OPERATOR, post_check,
	 NULL},
	{0},
};
