/**
 * @file fuzz_webbody.c  Bodies of requests to the hub's HTTP
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include "connectycube_hub/web/route.h"
#include "connectycube_hub/web/bodycheck.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static const struct web_field fieldv[] = {
	{.name = "target", .needed = true},
	{.name = "side", .words = "app phone"},
	{.name = "on", .kind = WEB_BOOL},
	{.name = "keys", .secret = true, .most = 32,
	 .chars = "0123456789*#ABCD"},
	{0},
};


/* It is taken, or it is said what is wrong; keys are never noted */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct web_req *req;
	json_t *j;

	if (web_req_alloc(&req, NULL, NULL))
		return 0;

	req->json = true;
	req->body = mbuf_alloc(size + 1);
	if (!req->body || mbuf_write_mem(req->body, data, size))
		goto out;

	j = web_fields(req, fieldv);
	if (!j) {
		if (req->reply.status != 400)
			abort();
		goto out;
	}

	if (!json_is_string(json_object_get(j, "target")) ||
	    json_is_string(json_object_get(req->note, "keys")) ||
	    json_object_size(j) != json_object_size(req->note))
		abort();
	json_decref(j);

 out:
	mem_deref(req);

	return 0;
}
