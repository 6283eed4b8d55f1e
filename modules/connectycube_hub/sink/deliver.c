/**
 * @file connectycube_hub/sink/deliver.c  Records whose delivery has failed
 */
#include <errno.h>
#include <sqlite3.h>
#include <re.h>
#include "../hub.h"
#include "../store.h"
#include "../query.h"
#include "deliver.h"


/**
 * Get the record that is to be tried again first, if it is time
 *
 * @param s      Store
 * @param sink   Name of the sink
 * @param now    Time, by the sink's clock [ms]
 * @param d      Set to it; its `json` is freed by mem_deref()
 * @param foundp Set to whether there is one
 * @param why    Set to what is wrong
 * @param size   Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_deliver_due(struct hub_store *s, const char *sink, int64_t now,
		    struct hub_delivery *d, bool *foundp, char *why,
		    size_t size)
{
	const char *json;
	struct query q;
	char sql[256];
	int err;

	if (!s || !d || !foundp)
		return EINVAL;

	*foundp = false;

	(void)re_snprintf(sql, sizeof(sql), "SELECT d.seq,d.tries,d.first,"
			  "d.next,r.json FROM deliveries d JOIN %s r"
			  " ON r.seq=d.seq WHERE d.sink=?1 AND NOT d.dead AND"
			  " d.next<=?2 ORDER BY d.next LIMIT 1",
			  store_table(s));

	err = query_begin(&q, s, sql, sink, why, size);
	if (err)
		return err;

	query_int(&q, 2, now);

	err = query_row(&q);
	if (err)
		return query_end(&q, err == ENOENT ? 0 : err);

	d->seq   = sqlite3_column_int64(q.stmt, 0);
	d->tries = (uint32_t)sqlite3_column_int64(q.stmt, 1);
	d->first = sqlite3_column_int64(q.stmt, 2);
	d->next  = sqlite3_column_int64(q.stmt, 3);
	json     = (const char *)sqlite3_column_text(q.stmt, 4);

	err = json ? str_dup(&d->json, json) : ENOMEM;
	*foundp = !err;

	return query_end(&q, err);
}


/**
 * Keep a record that is to be tried again
 *
 * @param s      Store
 * @param sink   Name of the sink
 * @param d      Record, and when
 * @param reason Why it has failed
 * @param why    Set to what is wrong
 * @param size   Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_deliver_keep(struct hub_store *s, const char *sink,
		     const struct hub_delivery *d, const char *reason,
		     char *why, size_t size)
{
	struct query q;
	int err;

	if (!d)
		return EINVAL;

	err = query_begin(&q, s, "INSERT INTO deliveries"
			  "(sink,seq,tries,first,next,dead,why)"
			  " VALUES(?1,?2,?3,?4,?5,0,?6)"
			  " ON CONFLICT(sink,seq) DO UPDATE"
			  " SET tries=?3,first=?4,next=?5,why=?6", sink, why, size);
	if (err)
		return err;

	query_int(&q, 2, d->seq);
	query_int(&q, 3, d->tries);
	query_int(&q, 4, d->first);
	query_int(&q, 5, d->next);
	query_text(&q, 6, reason);

	return query_run(&q);
}


static int change(struct hub_store *s, const char *sql, const char *sink,
		  int64_t value, char *why, size_t size)
{
	struct query q;
	int err;

	err = query_begin(&q, s, sql, sink, why, size);
	if (err)
		return err;

	query_int(&q, 2, value);

	return query_run(&q);
}


/**
 * A record has got there
 *
 * @param s    Store
 * @param sink Name of the sink
 * @param seq  Number of the record
 * @param why  Set to what is wrong
 * @param size Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_deliver_done(struct hub_store *s, const char *sink, int64_t seq,
		     char *why, size_t size)
{
	return change(s, "DELETE FROM deliveries WHERE sink=?1 AND seq=?2",
		      sink, seq, why, size);
}


/**
 * A record is given up
 *
 * @param s    Store
 * @param sink Name of the sink
 * @param seq  Number of the record
 * @param why  Set to what is wrong
 * @param size Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_deliver_dead(struct hub_store *s, const char *sink, int64_t seq,
		     char *why, size_t size)
{
	return change(s, "UPDATE deliveries SET dead=1 WHERE sink=?1 AND"
		      " seq=?2", sink, seq, why, size);
}


/**
 * All that has failed is tried again now, what was given up for another three
 * days
 *
 * @param s    Store
 * @param sink Name of the sink
 * @param why  Set to what is wrong
 * @param size Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_deliver_retry(struct hub_store *s, const char *sink, char *why,
		      size_t size)
{
	struct query q;
	int err;

	/* what was given up is tried for the first time next time */
	err = query_begin(&q, s, "UPDATE deliveries SET"
			  " first=CASE WHEN dead THEN 9223372036854775807"
			  " ELSE first END,tries=CASE WHEN dead THEN 0 ELSE"
			  " tries END,next=1,dead=0 WHERE sink=?1", sink, why,
			  size);

	return err ? err : query_run(&q);
}


/**
 * Forget what was to be tried again of records that are gone: they went while
 * the configuration named no such sink
 *
 * @param s    Store
 * @param sink Name of the sink
 * @param why  Set to what is wrong
 * @param size Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_deliver_tidy(struct hub_store *s, const char *sink, char *why,
		     size_t size)
{
	char sql[128];
	struct query q;
	int err;

	(void)re_snprintf(sql, sizeof(sql), "DELETE FROM deliveries WHERE"
			  " sink=?1 AND seq NOT IN (SELECT seq FROM %s)",
			  store_table(s));

	err = query_begin(&q, s, sql, sink, why, size);

	return err ? query_end(&q, err) : query_run(&q);
}


/**
 * Get when something is to be tried again
 *
 * @param s     Store
 * @param sink  Name of the sink
 * @param nextp Set to when, by its clock [ms], 0=nothing is
 * @param why   Set to what is wrong
 * @param size  Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_deliver_next(struct hub_store *s, const char *sink, int64_t *nextp,
		     char *why, size_t size)
{
	struct query q;
	int err;

	err = query_begin(&q, s, "SELECT min(next) FROM deliveries WHERE"
			  " sink=?1 AND NOT dead", sink, why, size);
	if (!err)
		err = query_row(&q);
	if (!err)
		*nextp = sqlite3_column_int64(q.stmt, 0);

	return query_end(&q, err);
}


/**
 * Count what has failed
 *
 * @param s        Store
 * @param sink     Name of the sink
 * @param waitingp Set to how many wait to be tried again
 * @param deadp    Set to how many are given up
 * @param why      Set to what is wrong
 * @param size     Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_deliver_count(struct hub_store *s, const char *sink,
		      int64_t *waitingp, int64_t *deadp, char *why,
		      size_t size)
{
	struct query q;
	int err;

	err = query_begin(&q, s, "SELECT count(*)-total(dead),total(dead)"
			  " FROM deliveries WHERE sink=?1", sink, why, size);
	if (!err)
		err = query_row(&q);
	if (!err) {
		*waitingp = sqlite3_column_int64(q.stmt, 0);
		*deadp    = sqlite3_column_int64(q.stmt, 1);
	}

	return query_end(&q, err);
}


/**
 * Get the last record that has failed, and why it has
 *
 * @param s       Store
 * @param sink    Name of the sink
 * @param refusal Set to it, as people read it, unless there is none
 * @param why     Set to what is wrong
 * @param size    Room in each of both [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_deliver_refusal(struct hub_store *s, const char *sink, char *refusal,
			char *why, size_t size)
{
	char sql[192];
	struct query q;
	int err;

	(void)re_snprintf(sql, sizeof(sql), "SELECT r.id,d.why FROM deliveries"
			  " d JOIN %s r ON r.seq=d.seq WHERE d.sink=?1"
			  " ORDER BY d.dead,d.next DESC LIMIT 1",
			  store_table(s));

	err = query_begin(&q, s, sql, sink, why, size);
	if (!err)
		err = query_row(&q);
	if (!err)
		(void)re_snprintf(refusal, size, "%s: %s",
				  sqlite3_column_text(q.stmt, 0),
				  sqlite3_column_text(q.stmt, 1));

	return query_end(&q, err == ENOENT ? 0 : err);
}
