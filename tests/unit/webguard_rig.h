/**
 * @file tests/unit/webguard_rig.h  A guard of the hub's HTTP that knows three
 *                                  tokens: of who looks, steers and owns
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include <re_sys.h>
#include "connectycube_hub/web/route.h"
#include "connectycube_hub/web/head.h"
#include "connectycube_hub/web/guard.h"


#define DAY 86400u

static struct web_guard guard;
static char secretv[3][WEB_SECRET];


static inline int setup(void **state)
{
	static const char * const namev[] = {"looks", "steers", "owns"};
	size_t i;
	(void)state;

	memset(&guard, 0, sizeof(guard));
	guard.idle  = 1800;
	guard.wall  = 1000000;
	guard.now   = 5000;
	guard.owner = true;
	guard.names = "hub.example";

	for (i=0; i<3; i++)
		assert_int_equal(0, web_token_add(&guard.tokenl, secretv[i],
			WEB_SECRET, namev[i],
			(enum web_role)(WEB_READONLY + i), 0, guard.wall));

	return 0;
}


static inline int teardown(void **state)
{
	(void)state;
	web_guard_close(&guard);

	return 0;
}


static inline struct web_token *find(const char *secret)
{
	struct pl pl;

	pl_set_str(&pl, secret);

	return web_token_find(&guard.tokenl, &pl, guard.wall);
}
