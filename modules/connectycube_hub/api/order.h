/**
 * @file connectycube_hub/api/order.h  Requests that a bridge carries out
 *
 *   steerapi.c, ... --> order.c --> command.c ==> bridge
 *        request  <------- answer, or a problem, in time
 *
 * web/route.h goes first.
 */

struct json_t;
struct web_field;

/**
 * A bridge has done as it was ordered. The handler answers the request
 *
 * @param req    Request
 * @param bridge Name of the bridge
 * @param result What came of it, an object; NULL=nothing (borrowed)
 */
typedef void (order_h)(struct web_req *req, const char *bridge,
		       const struct json_t *result);

bool order_find_call(struct web_req *req, const char **bridgep,
		     uint32_t *nump);
bool order_find_ext(struct web_req *req, const char **bridgep,
		    const char *ext);
struct json_t *order_read_ext(struct web_req *req, const char **bridgep,
			      const struct web_field *fieldv);
void order_send(struct web_req *req, const char *bridge, const char *name,
		struct json_t *params, order_h *h);
bool order_problem(struct web_req *req, const char *word, const char *text);
void order_not_sent(struct web_req *req, int err);
