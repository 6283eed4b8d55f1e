/**
 * @file cube/rest.h  The REST API of the cloud, as one user
 *
 * Keeps the session token for as long as it is valid, and makes a new
 * session when the cloud no longer knows it.
 */

enum {
	REST_TOKEN_TIME = 7200000, /**< A token's life after a request [ms] */
	REST_TOKEN_SPARE = 300000, /**< Renewed this long before that [ms] */
	REST_HOLD       = 1000,    /**< Rest after 429, 5xx by default [ms] */
	REST_HOLD_MAX   = 300000,  /**< Longest Retry-After obeyed [ms]    */
};

struct rest;

/**
 * A session is there, or not
 *
 * @param err    0 if success; EACCES login or certificate refused; EAGAIN
 *               too many requests or server error; EPROTO unusable answer;
 *               otherwise as of ws_close_h
 * @param hold   Do not try again within this time [ms], 0=as you like
 * @param reason Readable reason, holds no secret
 */
typedef void (rest_login_h)(int err, uint32_t hold, const char *reason,
			    void *arg);

/**
 * A request was answered, or failed
 *
 * @param err   0 if there is an answer, else as of rest_login_h
 * @param scode HTTP status
 * @param body  Body, zero-terminated JSON text
 * @param len   Length of the body [bytes]
 */
typedef void (rest_resp_h)(int err, unsigned scode, const char *body,
			   size_t len, void *arg);

struct rest_req;

int  rest_alloc(struct rest **rp, const char *url, const char *ca_file,
		const struct session_prm *prm);
int  rest_login(struct rest *r, rest_login_h *loginh, void *arg);
void rest_cancel(struct rest *r, const void *arg);
void rest_forget(struct rest *r);
bool rest_has_token(const struct rest *r);
const char *rest_token(const struct rest *r);
const char *rest_user_id(const struct rest *r);
uint32_t rest_hold(const struct rest *r);
int  rest_request(struct rest_req **reqp, struct rest *r, const char *method,
		  const char *path, const char *body, rest_resp_h *resph,
		  void *arg);

/* linkrest.c */
struct cube_link;
int  link_request(struct cube_link *l, struct rest_req **reqp,
		  const char *method, const char *path, const char *body,
		  rest_resp_h *resph, void *arg);
uint32_t link_rest_hold(const struct cube_link *l);
