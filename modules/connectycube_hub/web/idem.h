/**
 * @file connectycube_hub/web/idem.h  What is asked twice is done once
 *
 *   serve.c --> idem.c --(thread)--> idemstore.c: was it asked before?
 *     no:  handler --> answer --> kept, by its key
 *     yes: the answer as it was
 *
 * web/route.h goes first.
 */

/** Has the request answered by its handler */
typedef void (web_idem_h)(struct web_req *req);

int  web_idem_start(const char *db);
void web_idem_stop(void);
bool web_idem_wanted(const struct web_req *req);
void web_idem(struct web_req *req, web_idem_h *h);
