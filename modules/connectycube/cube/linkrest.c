/**
 * @file cube/linkrest.c  Requests to the REST API as a link's user
 */
#include <re.h>
#include "peer/peer.h"
#include "cube.h"
#include "session.h"
#include "rest.h"
#include "link.h"
#include "linkconn.h"
#include "signal.h"
#include "core.h"


/**
 * Make a request with the user's session
 *
 * @param l      Link
 * @param reqp   Returned request; dereferencing it cancels
 * @param method HTTP method
 * @param path   Path and query, begins with '/'
 * @param body   JSON text, NULL=none
 * @param resph  Called once, later
 * @param arg    Handler argument
 *
 * @return 0 if success; otherwise as of rest_request()
 */
int link_request(struct cube_link *l, struct rest_req **reqp,
		 const char *method, const char *path, const char *body,
		 rest_resp_h *resph, void *arg)
{
	return l ? rest_request(reqp, l->rest, method, path, body, resph, arg)
		: EINVAL;
}


/**
 * Get the time for which the cloud wants no requests
 *
 * @param l Link
 *
 * @return Time [ms], 0=none
 */
uint32_t link_rest_hold(const struct cube_link *l)
{
	return l ? rest_hold(l->rest) : 0;
}


/**
 * Make a request to the REST API as a user
 *
 * @param reqp   Returned request; dereferencing it cancels
 * @param c      User
 * @param method HTTP method
 * @param path   Path and query, begins with '/'
 * @param body   JSON text, NULL=none
 * @param resph  Called once, later
 * @param arg    Handler argument
 *
 * @return 0 if success; EAGAIN the cloud wants no requests now; otherwise as of
 *         rest_request()
 */
int cube_request(struct rest_req **reqp, struct cube *c, const char *method,
		 const char *path, const char *body, cube_resp_h *resph,
		 void *arg)
{
	return c ? link_request(c->link, reqp, method, path, body, resph, arg)
		: EINVAL;
}
