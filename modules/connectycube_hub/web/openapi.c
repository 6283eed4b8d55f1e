/**
 * @file connectycube_hub/web/openapi.c  What the API is, for programs:
 *                                       /api/v1/openapi.json
 *
 * docs/openapi.json is in the module, so that it is never of another version.
 * The table of routes is held to it by tests (tests/e2e/hub-openapi.test.mjs).
 */
#include <re_types.h>
#include <re_fmt.h>
#include "route.h"
#include "routes.h"

/* the path counts from where the compiler runs: the top of the tree */
__asm__(".pushsection .rodata\n"
	".globl openapi_json\n.hidden openapi_json\n"
	".globl openapi_json_end\n.hidden openapi_json_end\n"
	"openapi_json:\n"
	".incbin \"docs/openapi.json\"\n"
	"openapi_json_end:\n.byte 0\n"
	".popsection\n");
extern const char openapi_json[], openapi_json_end[];


static void get_openapi(struct web_req *req)
{
	web_text(req, 200, "application/json", openapi_json,
		 (size_t)(openapi_json_end - openapi_json));
}


/**
 * Print all routes: method, path, least role
 *
 * @param pf     Print function
 * @param unused Unused
 *
 * @return 0 if success, otherwise errorcode
 */
int web_routes_print(struct re_printf *pf, void *unused)
{
	const struct web_route *const *tablev;
	const struct web_route *r;
	int err = 0;
	(void)unused;

	for (tablev = web_tables(); *tablev; tablev++) {
		for (r = *tablev; r->path; r++)
			err |= re_hprintf(pf, "%s %s %s\n",
					  web_method_name(r->method), r->path,
					  web_role_name(r->role));
	}

	return err;
}


const struct web_route web_openapi_routev[] = {
	{WEB_GET, "/api/v1/openapi.json", WEB_READONLY, get_openapi, NULL},
	{0},
};
