/**
 * @file sip/watch.h  Telling SIP of an extension's state
 *
 *                    +--> NOTIFY to who has subscribed      (watch.c)
 *   sipwatch_tell() -+
 *                    `--> PUBLISH to the SIP server         (publish.c)
 */

struct ua;
struct sipwatch;
struct publication;

int  sipwatch_alloc(struct sipwatch **wp, struct ua *ua, bool publish);
void sipwatch_tell(struct sipwatch *w, const struct presdoc *doc);
void sipwatch_registered(struct sipwatch *w);

/* watch.c, for request.c */
bool watch_request(const struct ua *ua, const struct sip_msg *msg);

/* publish.c, for watch.c */
int  publication_alloc(struct publication **pp, struct ua *ua,
		       enum presdoc_kind kind);
void publication_tell(struct publication *p, const struct presdoc *doc);
void publication_again(struct publication *p);
void publication_close(struct publication *p);
