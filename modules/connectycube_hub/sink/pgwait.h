/**
 * @file connectycube_hub/sink/pgwait.h  libpq, with an end to waiting
 */

struct pg_conn;
struct pg_result;

/* pgwait.c */
int  pgwait_connect(struct pg_conn **connp, const char *const *keyv,
		    const char *const *valuev, uint32_t ms, char *why,
		    size_t size);
int  pgwait_exec(struct pg_result **resp, struct pg_conn *conn,
		 const char *sql, unsigned n, const char *const *valuev,
		 uint32_t ms, char *why, size_t size);
void pgwait_say(char *why, size_t size, const char *msg);

/* pghosts.c */
struct pghosts;

int  pghosts_alloc(struct pghosts **hp, const char *conninfo);
void pghosts_next(struct pghosts *h);
unsigned pghosts_args(const struct pghosts *h, const char **keyv,
		      const char **valuev);
