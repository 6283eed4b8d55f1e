/**
 * @file connectycube_hub/web/idemstore.c  Answers that are kept by their
 *                                         Idempotency-Key
 *
 * Pure. That something is begun is on the disk before it is begun: if the hub
 * dies meanwhile, nobody does it again who has not heard that it may have been
 * done.
 */
#include <errno.h>
#include <string.h>
#include <sqlite3.h>
#include <re.h>
#include "../hub.h"
#include "../store.h"
#include "../query.h"
#include "idemstore.h"


/* What is old is so by a clock that has been right for a day: one that was set
   ahead would have all of it done again */
static int forget_old(struct hub_store *s, int64_t now, char *why,
		      size_t size)
{
	struct query q;
	int err;

	err = query_begin(&q, s, "DELETE FROM idempotent WHERE began<?1",
			  NULL, why, size);
	if (err)
		return query_end(&q, err);

	query_int(&q, 1, now - IDEM_TIME);

	return query_run(&q);
}


/* There are too many of him: nobody else's go for that */
static int forget_most(struct hub_store *s, const char *who, char *why,
		       size_t size)
{
	struct query q;
	int err;

	err = query_begin(&q, s, "DELETE FROM idempotent WHERE who=?1 AND"
			  " seq<=(SELECT seq FROM idempotent WHERE who=?1"
			  " ORDER BY seq DESC LIMIT 1 OFFSET ?2)", who, why,
			  size);
	if (err)
		return query_end(&q, err);

	query_int(&q, 2, IDEM_MOST - 1);

	return query_run(&q);
}


static int insert(struct hub_store *s, const struct idem_row *row,
		  int64_t now, bool *freshp, char *why, size_t size)
{
	struct query q;
	int err;

	err = query_begin(&q, s, "INSERT OR IGNORE INTO idempotent"
			  "(who,key,hash,began,status) VALUES(?1,?2,?3,?4,0)",
			  row->who, why, size);
	if (err)
		return query_end(&q, err);

	query_text(&q, 2, row->key);
	query_text(&q, 3, row->hash);
	query_int(&q, 4, now);
	err = query_run(&q);
	*freshp = !err && sqlite3_changes(s->db) > 0;

	return err;
}


static int column_mbuf(struct mbuf **mbp, sqlite3_stmt *stmt, int col)
{
	const int len = sqlite3_column_bytes(stmt, col);
	const void *p = sqlite3_column_blob(stmt, col);

	*mbp = mem_deref(*mbp);
	if (!p || len <= 0)
		return 0;

	*mbp = mbuf_alloc((size_t)len);

	return *mbp ? mbuf_write_mem(*mbp, p, (size_t)len) : ENOMEM;
}


static int look_up(struct hub_store *s, struct idem_row *row, char *why,
		   size_t size)
{
	struct query q;
	int err;

	err = query_begin(&q, s, "SELECT hash,status,problem,head,body"
			  " FROM idempotent WHERE who=?1 AND key=?2",
			  row->who, why, size);
	if (!err) {
		query_text(&q, 2, row->key);
		err = query_row(&q);
	}
	if (err)
		return query_end(&q, err);

	str_ncpy(row->hash, (const char *)sqlite3_column_text(q.stmt, 0),
		 sizeof(row->hash));
	row->status  = (unsigned)sqlite3_column_int(q.stmt, 1);
	row->problem = sqlite3_column_int(q.stmt, 2) != 0;
	err  = column_mbuf(&row->head, q.stmt, 3);
	err |= column_mbuf(&row->body, q.stmt, 4);

	return query_end(&q, err);
}


/**
 * Something is to be begun: note that, if it was not asked before
 *
 * @param s      Database
 * @param row    Who, key and what. If he has said the key before, set to what
 *               he had asked then, and the answer
 * @param now    Now [s since 1970]
 * @param sound  The clock has been right for a day (clock.h)
 * @param freshp Set to true if it is the first time
 * @param why    Set to what is wrong
 * @param size   Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode: nothing is to be begun
 */
int idem_row_begin(struct hub_store *s, struct idem_row *row, int64_t now,
		   bool sound, bool *freshp, char *why, size_t size)
{
	int err;

	if (!s || !row || !freshp || !why || !size)
		return EINVAL;

	err = sound ? forget_old(s, now, why, size) : 0;
	if (!err)
		err = forget_most(s, row->who, why, size);
	if (!err)
		err = insert(s, row, now, freshp, why, size);
	if (err || *freshp)
		return err;

	return look_up(s, row, why, size);
}


/**
 * It is answered: keep that. An answer that says that nothing was tried is
 * not: he may ask again
 *
 * @param s    Database
 * @param row  Who, key and the answer; status 0=nothing was tried
 * @param why  Set to what is wrong
 * @param size Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int idem_row_end(struct hub_store *s, const struct idem_row *row, char *why,
		 size_t size)
{
	const struct mbuf *head = row->head, *body = row->body;
	struct query q;
	int err;

	err = query_begin(&q, s, row->status ?
			  "UPDATE idempotent SET status=?3,problem=?4,head=?5,"
			  "body=?6 WHERE who=?1 AND key=?2" :
			  "DELETE FROM idempotent WHERE who=?1 AND key=?2",
			  row->who, why, size);
	if (err)
		return query_end(&q, err);

	query_text(&q, 2, row->key);
	if (row->status) {
		query_int(&q, 3, row->status);
		query_int(&q, 4, row->problem);
		(void)sqlite3_bind_blob(q.stmt, 5, head ? head->buf : NULL,
					head ? (int)head->end : 0,
					SQLITE_STATIC);
		(void)sqlite3_bind_blob(q.stmt, 6, body ? body->buf : NULL,
					body ? (int)body->end : 0,
					SQLITE_STATIC);
	}

	return query_run(&q);
}
