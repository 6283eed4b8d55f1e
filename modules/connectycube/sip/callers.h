/**
 * @file sip/callers.h  Who may ring: the servers of an account, and more
 */

struct ua;
struct callers;

int  callers_init(const struct allow *more);
void callers_close(void);
int  callers_alloc(struct callers **cp, const struct ua *ua);
void callers_registered(struct callers *c, const struct ua *ua);
void callers_heard(struct callers *c, const struct ua *ua);
void callers_set_contact(struct ua *ua);
bool callers_may(struct callers *c, const struct sa *src);
bool callers_serve(const struct callers *c, const struct sa *src);
bool callers_is_host(const struct callers *c, const struct pl *host);
bool callers_named(const struct pl *host);
bool callers_know(const struct callers *c, const struct sa *src);
