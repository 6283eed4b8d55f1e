/**
 * @file connectycube_hub/sink/postgres.c  Records into PostgreSQL, by libpq
 *
 * On the thread of its sink, which waits for it and for nobody else, and not
 * for long (pgwait.c). Of the table's columns those are filled that are known
 * (pgcolumns.c). A record that is there already is left as it is.
 */
#include <errno.h>
#include <string.h>
#include <libpq-fe.h>
#include <re.h>
#include "../hub.h"
#include "courier.h"
#include "postgres.h"
#include "pgwait.h"


enum {
	CONNECT_TIME = 5000,    /**< Until it is connected [ms]            */
	ANSWER_TIME = 10000,    /**< Until it has answered [ms]            */
	COLUMNS_MAX = 64,       /**< Columns that are filled               */
};

#define NAME_CHARS "abcdefghijklmnopqrstuvwxyz0123456789_."

/* Sooner than we do the server itself gives up, and what it was at goes: none
   of its processes waits for a lock whose outcome nobody wants to know */
#define GIVE_UP "SELECT set_config('statement_timeout','8s',false)"

struct hub_pg {
	PGconn *conn;           /**< Connection (owned), NULL=none         */
	char *conninfo;         /**< How to connect (owned)                */
	struct pghosts *hosts;  /**< Where to (owned)                      */
	char *table;            /**< Table, may be SCHEMA.TABLE (owned)    */
	enum hub_table what;    /**< What is put there                     */
	char *sql;              /**< Stores a record (owned)               */
	const struct hub_pg_column *columnv[COLUMNS_MAX];
	unsigned columnc;
};


static void disconnect(struct hub_pg *pg)
{
	if (pg->conn)
		PQfinish(pg->conn);

	pg->conn    = NULL;
	pg->sql     = mem_deref(pg->sql);
	pg->columnc = 0;
}


static void destructor(void *data)
{
	struct hub_pg *pg = data;

	disconnect(pg);
	mem_deref(pg->conninfo);
	mem_deref(pg->hosts);
	mem_deref(pg->table);
}


/* What is special in a password that is not written as %xx makes a host, a port
   or a database of the rest of it, and would be shown */
static bool is_odd(const PQconninfoOption *o, bool url)
{
	if (!o->val || !o->val[0])
		return false;

	if (!strcmp(o->keyword, "port"))
		return o->val[strspn(o->val, "0123456789,")] != '\0';

	if (!strcmp(o->keyword, "host"))
		return strchr(o->val + 1, '@') != NULL;

	return url && !strcmp(o->keyword, "dbname") && strchr(o->val, '@');
}


/**
 * Check how PostgreSQL is reached
 *
 * @param conninfo How to connect: KEY=VALUE ..., a postgresql: URL, or a name
 *
 * @return 0 if it can be read, otherwise errorcode
 */
int hub_pg_check(const char *conninfo)
{
	PQconninfoOption *options, *o;
	int err;

	if (!conninfo)
		return EINVAL;

	/* the name of a database here */
	if (!strchr(conninfo, '=') && !strstr(conninfo, "://"))
		return 0;

	options = PQconninfoParse(conninfo, NULL);
	err = options ? 0 : EBADMSG;
	for (o=options; o && o->keyword; o++) {
		if (is_odd(o, strstr(conninfo, "://") != NULL))
			err = EBADMSG;
	}

	PQconninfoFree(options);

	return err;
}


/**
 * Make a way into PostgreSQL; it is connected for the first record
 *
 * @param pgp      Pointer to it, freed by mem_deref()
 * @param what     What is put there
 * @param conninfo How to connect: KEY=VALUE ..., or a postgresql: URL
 * @param table    Table
 *
 * @return 0 if success, EBADMSG if the table's name is not of small letters,
 *         digits and underscores, otherwise errorcode
 */
int hub_pg_alloc(struct hub_pg **pgp, enum hub_table what,
		 const char *conninfo, const char *table)
{
	struct hub_pg *pg;
	int err;

	if (!pgp || !conninfo || !table)
		return EINVAL;

	/* it becomes part of what is executed */
	if (!table[0] || table[strspn(table, NAME_CHARS)])
		return EBADMSG;

	pg = mem_zalloc(sizeof(*pg), destructor);
	if (!pg)
		return ENOMEM;

	pg->what = what;
	err  = str_dup(&pg->conninfo, conninfo);
	err |= str_dup(&pg->table, table);
	if (!err)
		err = pghosts_alloc(&pg->hosts, conninfo);

	if (err)
		mem_deref(pg);
	else
		*pgp = pg;

	return err;
}


/* What it says, and what is to be done about it */
static void say_result(const struct hub_pg *pg, const PGresult *res, char *why,
		       size_t size)
{
	pgwait_say(why, size, PQerrorMessage(pg->conn));
	hub_pg_hint(why, size, PQresultErrorField(res, PG_DIAG_SQLSTATE),
		    pg->what, pg->table, PQuser(pg->conn));
}


static int add_column(struct hub_pg *pg, struct mbuf *names,
		      struct mbuf *values, const char *name)
{
	const struct hub_pg_column *col = hub_pg_column(pg->what, name);
	const char *comma = pg->columnc ? "," : "";
	int err;

	if (!col || pg->columnc >= COLUMNS_MAX)
		return 0;

	pg->columnv[pg->columnc++] = col;

	err  = mbuf_printf(names, "%s\"%s\"", comma, col->name);
	err |= mbuf_printf(values, "%s", comma);
	err |= mbuf_printf(values, col->expr, pg->columnc);

	return err;
}


/* A recording that had failed may be there after all */
static const char *on_conflict(const struct hub_pg *pg)
{
	return pg->what == HUB_RECORDINGS ? "(id) DO UPDATE SET" : "DO NOTHING";
}


/* ... and each column is what it is now */
static int add_updates(struct mbuf *mb, const struct hub_pg *pg)
{
	unsigned i;
	int err = 0;

	for (i=0; i<pg->columnc && pg->what == HUB_RECORDINGS; i++)
		err |= mbuf_printf(mb, "%s\"%s\"=EXCLUDED.\"%s\"",
				   i ? "," : " ", pg->columnv[i]->name,
				   pg->columnv[i]->name);

	return err;
}


/* What is to be executed for each record, by the columns that there are */
static int make_sql(struct hub_pg *pg, const PGresult *res)
{
	struct mbuf *names = mbuf_alloc(512), *values = mbuf_alloc(512);
	struct mbuf *updates = mbuf_alloc(512);
	int i, err = names && values && updates ? 0 : ENOMEM;

	for (i=0; !err && i<PQntuples(res); i++)
		err = add_column(pg, names, values, PQgetvalue(res, i, 0));

	if (!err)
		err = add_updates(updates, pg);
	if (!err)
		err = re_sdprintf(&pg->sql, "INSERT INTO %s(%b) VALUES(%b)"
				  " ON CONFLICT %s%b", pg->table,
				  names->buf, names->end, values->buf,
				  values->end, on_conflict(pg), updates->buf,
				  updates->end);
	mem_deref(updates);

	mem_deref(names);
	mem_deref(values);

	return err;
}


static bool has_id(const struct hub_pg *pg)
{
	unsigned i;

	for (i=0; i<pg->columnc; i++) {
		if (!strcmp(pg->columnv[i]->name, "id"))
			return true;
	}

	return false;
}


static int set_limit(struct hub_pg *pg, char *why, size_t size)
{
	PGresult *res = NULL;
	int err;

	/* one that knows of no such limit is none that we need to wait for */
	err = pgwait_exec(&res, pg->conn, GIVE_UP, 0, NULL, ANSWER_TIME, why,
			  size);
	PQclear(res);

	return err;
}


static int look_at_table(struct hub_pg *pg, char *why, size_t size)
{
	const char *const paramv[] = {pg->table};
	PGresult *res = NULL;
	int err;

	err = pgwait_exec(&res, pg->conn, "SELECT attname FROM pg_attribute"
			  " WHERE attrelid=$1::regclass AND attnum>0 AND NOT"
			  " attisdropped ORDER BY attnum", 1, paramv,
			  ANSWER_TIME, why, size);
	if (err)
		return err;

	if (PQresultStatus(res) != PGRES_TUPLES_OK) {
		say_result(pg, res, why, size);
		err = ENOENT;
	}
	else {
		err = make_sql(pg, res);
	}

	PQclear(res);

	if (!err && !has_id(pg)) {
		(void)re_snprintf(why, size, "table %s has no column id:"
				  " contrib/sql/postgresql.sql makes one",
				  pg->table);
		err = ENOENT;
	}

	return err;
}


static int connect_to(struct hub_pg *pg, char *why, size_t size)
{
	const char *keyv[8]   = {"dbname", "application_name",
				 "client_encoding"};
	const char *valuev[8] = {pg->conninfo, "connectycube-hub", "UTF8"};
	int err;

	(void)pghosts_args(pg->hosts, &keyv[3], &valuev[3]);

	err = pgwait_connect(&pg->conn, keyv, valuev, CONNECT_TIME, why,
			     size);
	if (!err)
		err = set_limit(pg, why, size);
	if (!err)
		err = look_at_table(pg, why, size);

	/* it may be another one that answers */
	if (err == ETIMEDOUT)
		pghosts_next(pg->hosts);
	if (err)
		disconnect(pg);

	return err;
}


static enum hub_given insert(struct hub_pg *pg, const char *json, char *why,
			     size_t size)
{
	char *valuev[COLUMNS_MAX] = {NULL};
	enum hub_given given = HUB_GIVEN;
	PGresult *res = NULL;
	unsigned i;
	int err;

	hub_pg_values(valuev, pg->columnv, pg->columnc, json);

	err = pgwait_exec(&res, pg->conn, pg->sql, pg->columnc,
			  (const char *const *)valuev, ANSWER_TIME, why,
			  size);
	if (err) {
		given = HUB_GIVEN_DOWN;
	}
	else if (PQresultStatus(res) != PGRES_COMMAND_OK) {
		say_result(pg, res, why, size);
		given = hub_pg_is_refused(PQresultErrorField(res,
			PG_DIAG_SQLSTATE)) ? HUB_GIVEN_REFUSED : HUB_GIVEN_DOWN;
	}

	PQclear(res);
	for (i=0; i<pg->columnc; i++)
		mem_deref(valuev[i]);

	/* the table may have changed, or the server */
	if (given == HUB_GIVEN_DOWN)
		disconnect(pg);

	return given;
}


/* EXPLAIN does nothing, but what it explains has to be allowed */
static bool may_insert(struct hub_pg *pg, char *why, size_t size)
{
	const char *valuev[COLUMNS_MAX] = {NULL};
	PGresult *res = NULL;
	char *sql = NULL;
	bool ok = false;

	if (re_sdprintf(&sql, "EXPLAIN %s", pg->sql)) {
		str_ncpy(why, "no memory", size);
		return false;
	}

	if (!pgwait_exec(&res, pg->conn, sql, pg->columnc, valuev, ANSWER_TIME,
			 why, size)) {
		ok = PQresultStatus(res) == PGRES_TUPLES_OK;
		if (!ok)
			say_result(pg, res, why, size);
	}

	PQclear(res);
	mem_deref(sql);

	return ok;
}


/**
 * Tell whether records would be taken; see hub_reach_h
 *
 * @param why  Set to why not
 * @param size Room there [bytes]
 * @param arg  The way into PostgreSQL (struct hub_pg)
 *
 * @return True if there is a table, and we may fill it
 */
bool hub_pg_reach(char *why, size_t size, void *arg)
{
	struct hub_pg *pg = arg;
	bool ok;

	if (!pg->conn && connect_to(pg, why, size))
		return false;

	ok = may_insert(pg, why, size);
	if (!ok)
		disconnect(pg);

	return ok;
}


/**
 * Store a record; see hub_give_h
 *
 * @param id    Its id
 * @param json  All of it
 * @param fault Set to why it is not there
 * @param arg   The way into PostgreSQL (struct hub_pg)
 *
 * @return What came of it
 */
enum hub_given hub_pg_give(const char *id, const char *json,
			   struct hub_fault *fault, void *arg)
{
	const size_t size = sizeof(fault->why);
	struct hub_pg *pg = arg;
	(void)id;

	if (!pg->conn && connect_to(pg, fault->why, size))
		return HUB_GIVEN_DOWN;

	return insert(pg, json, fault->why, size);
}
