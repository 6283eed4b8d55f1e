/**
 * @file connectycube_hub/web/routes.c  All routes of the hub
 */
#include <re_types.h>
#include "route.h"
#include "routes.h"
#include "../api/api.h"


/**
 * Get the routes
 *
 * @return Tables, the last one is NULL
 */
const struct web_route *const *web_tables(void)
{
	static const struct web_route *const tablev[] = {
		web_basic_routev,
		web_login_routev,
		api_live_routev,
		api_steer_routev,
		api_originate_routev,
		api_check_routev,
		api_pbx_routev,
		api_cdr_routev,
		api_recording_routev,
		web_events_routev,
		web_openapi_routev,
		web_page_routev,
		NULL,
	};

	return tablev;
}
