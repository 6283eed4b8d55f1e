/**
 * @file connectycube_hub/sink/postgres.h  Records into PostgreSQL
 */

struct hub_pg;
struct hub_fault;

int hub_pg_check(const char *conninfo);
int hub_pg_alloc(struct hub_pg **pgp, enum hub_table what,
		 const char *conninfo, const char *table);
bool hub_pg_reach(char *why, size_t size, void *arg);
enum hub_given hub_pg_give(const char *id, const char *json,
			   struct hub_fault *fault, void *arg);

/* pgwhere.c */

int  hub_pg_where(char **wherep, const char *conninfo, const char *table);
void hub_pg_hint(char *why, size_t size, const char *state,
		 enum hub_table what, const char *table, const char *user);
bool hub_pg_is_refused(const char *state);


/* pgcolumns.c */

/** A column that may be filled */
struct hub_pg_column {
	const char *name;       /**< Its name                              */
	const char *path;       /**< Members of the record that lead to it,
				     joined by dots; ""=all of it          */
	const char *expr;       /**< SQL of the value, %u is its parameter */
};

const struct hub_pg_column *hub_pg_column(enum hub_table table,
					  const char *name);
void hub_pg_values(char **valuev, const struct hub_pg_column *const *columnv,
		   size_t n, const char *json);
