/**
 * @file connectycube_hub/sink/sinkdepth.c  What a sink has still to hand on
 */
#include <errno.h>
#include <sqlite3.h>
#include <re.h>
#include "../hub.h"
#include "sink.h"
#include "../store.h"
#include "../query.h"


/* Number of the first of those that are tried again, 0=there is none */
static int first_tried(struct hub_store *s, const char *sink, int64_t *seqp,
		       char *why, size_t size)
{
	struct query q;
	int err;

	err = query_begin(&q, s, "SELECT min(seq) FROM deliveries WHERE"
			  " sink=?1 AND NOT dead", sink, why, size);
	if (!err)
		err = query_row(&q);
	if (!err)
		*seqp = sqlite3_column_int64(q.stmt, 0);

	return query_end(&q, err);
}


/* When the first one came from a number on [ms since 1970], 0=there is none */
static int when_came(struct hub_store *s, int64_t seq, int64_t *tp, char *why,
		     size_t size)
{
	struct query q;
	char sql[128];
	int err;

	(void)re_snprintf(sql, sizeof(sql), "SELECT %s FROM %s WHERE seq>=?1"
			  " ORDER BY seq LIMIT 1", s->table == HUB_RECORDS ?
			  "received" : "stored", store_table(s));

	*tp = 0;
	err = query_begin(&q, s, sql, NULL, why, size);
	if (err)
		return query_end(&q, err);

	query_int(&q, 1, seq);
	err = query_row(&q);
	if (!err)
		*tp = sqlite3_column_int64(q.stmt, 0);

	return query_end(&q, err == ENOENT ? 0 : err);
}


/**
 * Find out what a sink has still to hand on
 *
 * @param s        Store, which is used for what the sink hands on
 * @param sink     Its name
 * @param waitingp Set to how many records it has not tried yet
 * @param oldestp  Set to when the oldest came of those, and of those that it
 *                 tries again [ms since 1970], 0=there are none
 * @param why      Set to what is wrong
 * @param size     Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_sink_depth(struct hub_store *s, const char *sink, int64_t *waitingp,
		   int64_t *oldestp, char *why, size_t size)
{
	int64_t last, first, tried = 0;
	struct hub_pos pos;
	int err;

	if (!s || !sink || !waitingp || !oldestp)
		return EINVAL;

	err = hub_store_last(s, &last, why, size);
	if (!err)
		err = hub_store_pos(s, sink, &pos, why, size);
	if (!err)
		err = first_tried(s, sink, &tried, why, size);
	if (err)
		return err;

	/* all may have been forgotten meanwhile */
	*waitingp = last > pos.seq ? last - pos.seq : 0;

	/* they came in the order of their numbers */
	first = tried && tried <= pos.seq ? tried : pos.seq + 1;

	return when_came(s, first, oldestp, why, size);
}
