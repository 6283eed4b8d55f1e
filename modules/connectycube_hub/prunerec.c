/**
 * @file connectycube_hub/prunerec.c
 * Recordings are forgotten with the records of their calls
 *
 * A row of a recording says who talked to whom, as its call's record does: it
 * goes when that has gone, and its file has. What is uploaded stays where it
 * is, and nobody here knows of it any more: the log says where that is.
 */
#include <errno.h>
#include <string.h>
#include <sqlite3.h>
#include <re.h>
#include "base/log.h"
#include "hub.h"
#include "prune.h"
#include "query.h"
#include "store.h"


enum {
	STEP = 50,              /**< Recordings of a step                  */
};

#define DAY (86400 * 1000ll)

/** A recording that goes */
struct row {
	struct le le;           /**< Member of a list                      */
	int64_t seq;            /**< Its number                            */
	char id[HUB_ID];        /**< Its id                                */
	char *object;           /**< Where it is uploaded to (owned), or NULL */
};


static void row_destructor(void *data)
{
	struct row *row = data;

	list_unlink(&row->le);
	mem_deref(row->object);
}


static int add_row(struct list *rowl, const struct query *q)
{
	const char *id = (const char *)sqlite3_column_text(q->stmt, 1);
	const char *object = (const char *)sqlite3_column_text(q->stmt, 2);
	struct row *row = mem_zalloc(sizeof(*row), row_destructor);
	int err = 0;

	if (!row)
		return ENOMEM;

	row->seq = sqlite3_column_int64(q->stmt, 0);
	str_ncpy(row->id, id ? id : "", sizeof(row->id));
	if (object)
		err = str_dup(&row->object, object);
	if (err)
		mem_deref(row);
	else
		list_append(rowl, &row->le, row);

	return err;
}


/* One whose record has not come yet waits as long as that would have stayed;
   one that came while the clock was ahead has no age */
static int find(struct list *rowl, struct hub_store *s,
		const struct hub_prune_limit *lim, char *why, size_t size)
{
	struct query q;
	int err;

	err = query_begin(&q, s, "SELECT seq,id,object FROM recordings o WHERE"
			  " seq<=?4 AND (stored<?3 OR stored>?5) AND"
			  " (removed IS NOT NULL OR file IS NULL) AND NOT"
			  " EXISTS (SELECT 1 FROM records r WHERE"
			  " r.id=o.record_id) AND NOT EXISTS (SELECT 1 FROM"
			  " recorded d WHERE d.id=o.id) AND NOT EXISTS (SELECT"
			  " 1 FROM deliveries d WHERE d.seq=o.seq AND NOT"
			  " d.dead AND d.sink IN (SELECT value FROM"
			  " json_each(?1))) ORDER BY seq LIMIT ?2",
			  lim->sinks, why, size);
	if (err)
		return query_end(&q, err);

	query_int(&q, 2, STEP);
	query_int(&q, 3, lim->now - lim->days * DAY);
	query_int(&q, 4, lim->last);
	query_int(&q, 5, lim->now + DAY);

	while (!err && !(err = query_row(&q)))
		err = add_row(rowl, &q);

	return query_end(&q, err == ENOENT ? 0 : err);
}


static int forget(struct hub_store *s, int64_t seq, const char *sql,
		  const char *sinks, char *why, size_t size)
{
	struct query q;
	const int err = query_begin(&q, s, sql, sinks, why, size);

	if (err)
		return query_end(&q, err);

	query_int(&q, 2, seq);

	return query_run(&q);
}


static int forget_all(struct hub_store *s, const struct list *rowl,
		      const char *sinks, char *why, size_t size)
{
	struct le *le;
	int err;

	err = store_exec(s, "BEGIN IMMEDIATE", why, size);
	if (err)
		return err;

	for (le = list_head(rowl); le && !err; le = le->next) {

		const struct row *row = le->data;

		err = forget(s, row->seq, "DELETE FROM recordings WHERE"
			     " seq=?2", NULL, why, size);
		if (!err)
			err = forget(s, row->seq, "DELETE FROM deliveries"
				     " WHERE seq=?2 AND sink IN (SELECT value"
				     " FROM json_each(?1))", sinks, why,
				     size);
	}

	if (!err)
		err = store_exec(s, "COMMIT", why, size);
	if (err)
		(void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);

	return err;
}


/**
 * Forget some of the recordings whose file has gone, and the record of whose
 * call has, too
 *
 * @param s    Store
 * @param lim  Which may go
 * @param np   Set to how many have gone
 * @param why  Set to what is wrong
 * @param size Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_prune_recordings(struct hub_store *s, const struct hub_prune_limit *lim,
			 uint32_t *np, char *why, size_t size)
{
	struct list rowl = LIST_INIT;
	struct le *le;
	int err;

	if (!s || !lim || !lim->sinks || !np)
		return EINVAL;

	*np = 0;

	/* it may take a while to find that there is none: bridges go on */
	err = find(&rowl, s, lim, why, size);
	if (!err && rowl.head)
		err = forget_all(s, &rowl, lim->sinks, why, size);

	for (le = rowl.head; le && !err; le = le->next) {

		const struct row *row = le->data;

		clog_info("hub: recording %s is forgotten, as its call is%s%s"
			  "\n", row->id, row->object ? "; it stays uploaded: "
			  : "", row->object ? row->object : "");
		++*np;
	}

	list_flush(&rowl);

	return err;
}
