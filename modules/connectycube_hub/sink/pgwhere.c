/**
 * @file connectycube_hub/sink/pgwhere.c
 * Where records go in PostgreSQL, for people
 */
#include <errno.h>
#include <string.h>
#include <libpq-fe.h>
#include <re.h>
#include "../hub.h"
#include "courier.h"
#include "postgres.h"


static const char *option(const PQconninfoOption *o, const char *keyword)
{
	for (; o->keyword; o++) {
		if (!strcmp(o->keyword, keyword))
			return o->val && o->val[0] ? o->val : NULL;
	}

	return NULL;
}


/**
 * Get where records go, without the password
 *
 * @param wherep   Set to it, freed by mem_deref()
 * @param conninfo How it is connected to
 * @param table    Table
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_pg_where(char **wherep, const char *conninfo, const char *table)
{
	const char *user, *host, *port, *db;
	PQconninfoOption *o;
	int err;

	/* the name of a database */
	if (!strchr(conninfo, '=') && !strstr(conninfo, "://"))
		return re_sdprintf(wherep, "%s of %s", table, conninfo);

	o = PQconninfoParse(conninfo, NULL);
	if (!o)
		return str_dup(wherep, table);

	user = option(o, "user");
	host = option(o, "host");
	port = option(o, "port");
	db   = option(o, "dbname");

	err = re_sdprintf(wherep, "%s of %s%s%s%s%s/%s", table,
			  user ? user : "", user ? "@" : "",
			  host ? host : "this machine", port ? ":" : "",
			  port ? port : "", db ? db : "");
	PQconninfoFree(o);

	return err;
}


/**
 * Add what is to be done about what PostgreSQL says, where that is known
 *
 * @param why   What it says
 * @param size  Room there [bytes]
 * @param state Its SQLSTATE, may be NULL
 * @param what  What is put there
 * @param table Table
 * @param user  User that we are there
 */
void hub_pg_hint(char *why, size_t size, const char *state,
		 enum hub_table what, const char *table, const char *user)
{
	const size_t n = strlen(why);

	if (!str_cmp(state, "42P01"))           /* undefined_table */
		(void)re_snprintf(why + n, size - n, ": make it (psql -f"
				  " contrib/sql/postgresql.sql)");
	else if (!str_cmp(state, "42501"))      /* insufficient_privilege */
		(void)re_snprintf(why + n, size - n, ": GRANT INSERT, SELECT%s"
				  " ON %s TO %s", what == HUB_RECORDINGS ?
				  ", UPDATE" : "", table, user);
}


/**
 * Is it one record that is not taken? Of its values (22), of what is demanded
 * of them (23), or that one is too long for an index (54): another record may
 * do
 *
 * @param state SQLSTATE, may be NULL
 *
 * @return True if so
 */
bool hub_pg_is_refused(const char *state)
{
	static const char *const classv[] = {"22", "23", "54"};
	size_t i;

	for (i=0; state && i<ARRAY_SIZE(classv); i++) {
		if (!strncmp(state, classv[i], 2))
			return true;
	}

	return false;
}
