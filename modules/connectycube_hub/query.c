/**
 * @file connectycube_hub/query.c  A statement that is used once
 */
#include <errno.h>
#include <sqlite3.h>
#include <re.h>
#include "hub.h"
#include "store.h"
#include "query.h"


/**
 * Begin a statement
 *
 * @param q     Statement, filled in
 * @param s     Store
 * @param sql   SQL
 * @param first Its first parameter, as long as it runs; NULL=none yet
 * @param why   Set to what is wrong
 * @param size  Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode. query_end() in either case
 */
int query_begin(struct query *q, struct hub_store *s, const char *sql,
		const char *first, char *why, size_t size)
{
	q->s    = s;
	q->stmt = NULL;
	q->why  = why;
	q->size = size;

	if (!s || !sql || !why || !size)
		return EINVAL;

	if (sqlite3_prepare_v2(s->db, sql, -1, &q->stmt, NULL) != SQLITE_OK)
		return store_error(s, why, size);

	if (first)
		query_text(q, 1, first);

	return 0;
}


/**
 * Set a parameter to a number
 *
 * @param q     Statement
 * @param n     Which one, from 1
 * @param value Number
 */
void query_int(struct query *q, int n, int64_t value)
{
	(void)sqlite3_bind_int64(q->stmt, n, value);
}


/**
 * Set a parameter to a text
 *
 * @param q    Statement
 * @param n    Which one, from 1
 * @param text Text, as long as it runs; NULL=null
 */
void query_text(struct query *q, int n, const char *text)
{
	(void)sqlite3_bind_text(q->stmt, n, text, -1, SQLITE_STATIC);
}


/**
 * Go on to the next row
 *
 * @param q Statement
 *
 * @return 0 if success, ENOENT if there is none, otherwise errorcode
 */
int query_row(struct query *q)
{
	switch (sqlite3_step(q->stmt)) {

	case SQLITE_ROW:  return 0;
	case SQLITE_DONE: return ENOENT;
	default:          return store_error(q->s, q->why, q->size);
	}
}


/**
 * End a statement
 *
 * @param q   Statement
 * @param err What came of it
 *
 * @return err
 */
int query_end(struct query *q, int err)
{
	(void)sqlite3_finalize(q->stmt);

	return err;
}


/**
 * Run a statement that has no rows, and end it
 *
 * @param q Statement
 *
 * @return 0 if success, otherwise errorcode
 */
int query_run(struct query *q)
{
	const int err = query_row(q);

	return query_end(q, err == ENOENT ? 0 : err);
}
