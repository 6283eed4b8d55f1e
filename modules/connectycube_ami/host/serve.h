/**
 * @file connectycube_ami/host/serve.h  The link with an Asterisk: our own, the
 *                                      hub's, or ours that serves others
 */

struct observe;

/* serve.c */
bool serve_is_hub(void);
int  serve_start(struct ami_client **cp, const struct ami_config *cfg,
		 const struct ami_client_handlers *h,
		 const struct observe *ob, char *why, size_t size);
void serve_ready(bool ready);
void serve_event(const struct ami_message *msg);
int  serve_print(struct re_printf *pf, void *unused);
void serve_stop(void);

/* who.c */
int  who_start(struct ami_client *client, const struct observe *ob);
int  who_write(struct mbuf *mb, void *ob);
void who_stop(void);
