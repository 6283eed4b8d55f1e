/**
 * @file connectycube_hub/recording/recstore.c
 * The database's side of recordings
 */
#include <errno.h>
#include <string.h>
#include <sqlite3.h>
#include <re.h>
#include "base/mono.h"
#include "../clock.h"
#include "../hub.h"
#include "../store.h"
#include "../query.h"
#include "recstore.h"


static int64_t now_ms(void)
{
	return (int64_t)(wall_us() / 1000);
}


static int get_text(char **strp, const struct query *q, int col)
{
	const char *text = (const char *)sqlite3_column_text(q->stmt, col);

	return text ? str_dup(strp, text) : ENOMEM;
}


/**
 * Find out what is known of a recording
 *
 * @param s      Store
 * @param knownp Set to it
 * @param id     Its id
 * @param why    Set to what is wrong
 * @param size   Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int hrec_store_known(struct hub_store *s, enum hrec_known *knownp,
		    const char *id, char *why, size_t size)
{
	struct query q;
	int err;

	err = query_begin(&q, s, "SELECT file IS NULL FROM recordings"
			  " WHERE id=?1", id, why, size);
	if (!err)
		err = query_row(&q);
	if (!err)
		*knownp = sqlite3_column_int(q.stmt, 0) ? REC_FAILED
			: REC_FINISHED;
	if (err == ENOENT) {
		*knownp = REC_UNKNOWN;
		err = 0;
	}

	return query_end(&q, err);
}


/**
 * Note which name a recording is about to get
 *
 * @param s    Store
 * @param id   Its id
 * @param p    Name, and what will be told
 * @param why  Set to what is wrong
 * @param size Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int hrec_store_place(struct hub_store *s, const char *id,
		    const struct hrec_placing *p, char *why, size_t size)
{
	struct query q;
	int err;

	err = query_begin(&q, s, "INSERT OR REPLACE INTO placing"
			  "(id,file,sha256,json) VALUES(?1,?2,?3,?4)", id,
			  why, size);
	if (err)
		return query_end(&q, err);

	query_text(&q, 2, p->file);
	query_text(&q, 3, p->sha256);
	query_text(&q, 4, p->json);

	return query_run(&q);
}


/**
 * Get which name a recording has been about to get
 *
 * @param s    Store
 * @param p    Set to it; freed by hrec_placing_free()
 * @param id   Its id
 * @param why  Set to what is wrong
 * @param size Room there [bytes]
 *
 * @return 0 if success, ENOENT if none, otherwise errorcode
 */
int hrec_store_placing(struct hub_store *s, struct hrec_placing *p,
		      const char *id, char *why, size_t size)
{
	struct query q;
	int err;

	memset(p, 0, sizeof(*p));

	err = query_begin(&q, s, "SELECT file,sha256,json FROM placing"
			  " WHERE id=?1", id, why, size);
	if (!err)
		err = query_row(&q);
	if (!err) {
		err  = get_text(&p->file, &q, 0);
		err |= get_text(&p->sha256, &q, 1);
		err |= get_text(&p->json, &q, 2);
		if (err)
			err = ENOMEM;
	}

	if (err)
		hrec_placing_free(p);

	return query_end(&q, err);
}


/**
 * Free what is in it
 *
 * @param p Name, and what is told
 */
void hrec_placing_free(struct hrec_placing *p)
{
	p->file   = mem_deref(p->file);
	p->sha256 = mem_deref(p->sha256);
	p->json   = mem_deref(p->json);
}


static int exec_id(struct hub_store *s, const char *sql, const char *id,
		   char *why, size_t size)
{
	struct query q;
	const int err = query_begin(&q, s, sql, id, why, size);

	return err ? query_end(&q, err) : query_run(&q);
}


static int insert(struct hub_store *s, const char *id, const char *json,
		  char *why, size_t size)
{
	struct query q;
	int err;

	err = query_begin(&q, s, "INSERT INTO recordings(id,stored,json)"
			  " VALUES(?1,?2,?3)", id, why, size);
	if (err)
		return query_end(&q, err);

	query_int(&q, 2, now_ms());
	query_text(&q, 3, json);

	return query_run(&q);
}


/* One that had failed before gets a new number: everybody is told anew */
static int finish(struct hub_store *s, const char *id, const char *json,
		  char *why, size_t size)
{
	int err;

	err = exec_id(s, "DELETE FROM deliveries WHERE (sink='s3' OR"
		      " sink LIKE '%-recordings') AND seq=(SELECT seq FROM"
		      " recordings WHERE id=?1 AND file IS NULL)", id, why,
		      size);
	if (!err)
		err = exec_id(s, "DELETE FROM recordings WHERE id=?1 AND file"
			      " IS NULL", id, why, size);
	if (!err)
		err = exec_id(s, "DELETE FROM placing WHERE id=?1", id, why,
			      size);
	if (!err)
		err = insert(s, id, json, why, size);

	return err ? err : store_exec(s, "COMMIT", why, size);
}


/**
 * A recording is finished, or has failed. When this returns that is on the
 * disk
 *
 * @param s    Store
 * @param id   Its id
 * @param json What is told of it; without `file` if it has failed
 * @param why  Set to what is wrong
 * @param size Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int hrec_store_finish(struct hub_store *s, const char *id, const char *json,
		     char *why, size_t size)
{
	int err;

	err = store_exec(s, "BEGIN IMMEDIATE", why, size);
	if (err)
		return err;

	err = finish(s, id, json, why, size);
	if (err)
		(void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);

	return err;
}


/**
 * A recording has been uploaded
 *
 * @param s      Store
 * @param id     Its id
 * @param object Where to
 * @param why    Set to what is wrong
 * @param size   Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int hrec_store_uploaded(struct hub_store *s, const char *id,
		       const char *object, char *why, size_t size)
{
	struct query q;
	int err;

	err = query_begin(&q, s, "UPDATE recordings SET uploaded=?2,object=?3"
			  " WHERE id=?1", id, why, size);
	if (err)
		return query_end(&q, err);

	query_int(&q, 2, now_ms());
	query_text(&q, 3, object);

	return query_run(&q);
}


/* Came while the clock was ahead, or knew of no date */
#define IS_ODD "removed IS NULL AND stored NOT BETWEEN ?2 AND ?3"

static int run_odd(struct query *q, int64_t now)
{
	query_int(q, 2, HUB_TIME_MIN);
	query_int(q, 3, now + HUB_SOUND);

	return query_row(q);
}


/**
 * What came while the clock was ahead, or knew of no date, counts as of now
 *
 * @param s    Store
 * @param now  Now, which is right [ms since 1970]
 * @param why  Set to what is wrong
 * @param size Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int hrec_store_come_now(struct hub_store *s, int64_t now, char *why,
			size_t size)
{
	struct query q;
	int err;

	/* to look is nobody's trouble, to write is */
	err = query_begin(&q, s, "SELECT 1 FROM recordings WHERE " IS_ODD
			  " LIMIT 1", NULL, why, size);
	err = query_end(&q, err ? err : run_odd(&q, now));
	if (err)
		return err == ENOENT ? 0 : err;

	err = query_begin(&q, s, "UPDATE recordings SET stored=?1 WHERE "
			  IS_ODD, NULL, why, size);
	if (!err) {
		query_int(&q, 1, now);
		err = run_odd(&q, now);
	}

	return query_end(&q, err == ENOENT ? 0 : err);
}


/* When it began. What has no time, or one that cannot be, counts from when it
   came */
#define BEGAN \
	"CASE WHEN started BETWEEN ?5 AND stored THEN started ELSE stored END"


/**
 * Get the oldest recording that is there
 *
 * @param s      Store
 * @param old    Set to it; its `file` is freed by mem_deref()
 * @param behind The next one behind that which it has been set to
 * @param before It has begun before that [ms since 1970]
 * @param sent   Only of those that have been uploaded
 * @param why    Set to what is wrong
 * @param size   Room there [bytes]
 *
 * @return 0 if success, ENOENT if there is none, otherwise errorcode
 */
int hrec_store_old(struct hub_store *s, struct hrec_old *old, bool behind,
		  int64_t before, bool sent, char *why, size_t size)
{
	const int64_t time = behind ? old->time : INT64_MIN;
	const int64_t seq = behind ? old->seq : 0;
	struct query q;
	int err;

	memset(old, 0, sizeof(*old));

	err = query_begin(&q, s, "SELECT seq,id,file," BEGAN
			  " FROM recordings WHERE removed IS NULL AND"
			  " file IS NOT NULL AND " BEGAN "<?1"
			  " AND (uploaded IS NOT NULL OR NOT ?2) AND"
			  " (" BEGAN ",seq)>(?3,?4)"
			  " ORDER BY " BEGAN ",seq LIMIT 1",
			  NULL, why, size);
	if (!err) {
		query_int(&q, 1, before);
		query_int(&q, 2, sent);
		query_int(&q, 3, time);
		query_int(&q, 4, seq);
		query_int(&q, 5, HUB_TIME_MIN);
		err = query_row(&q);
	}
	if (!err) {
		old->seq  = sqlite3_column_int64(q.stmt, 0);
		old->time = sqlite3_column_int64(q.stmt, 3);
		str_ncpy(old->id, (const char *)sqlite3_column_text(q.stmt,
								    1),
			 sizeof(old->id));
		err = get_text(&old->file, &q, 2);
	}

	return query_end(&q, err);
}


/**
 * A recording has been removed
 *
 * @param s      Store
 * @param seq    Its number
 * @param reason Why
 * @param why    Set to what is wrong
 * @param size   Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int hrec_store_removed(struct hub_store *s, int64_t seq, const char *reason,
		      char *why, size_t size)
{
	struct query q;
	int err;

	err = query_begin(&q, s, "UPDATE recordings SET removed=?2,"
			  "removed_why=?3 WHERE seq=?1", NULL, why, size);
	if (err)
		return query_end(&q, err);

	query_int(&q, 1, seq);
	query_int(&q, 2, now_ms());
	query_text(&q, 3, reason);

	return query_run(&q);
}


/**
 * Count recordings
 *
 * @param s         Store
 * @param finishedp Set to those that have been finished
 * @param failedp   Set to those that nothing could be made of
 * @param why       Set to what is wrong
 * @param size      Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int hrec_store_count(struct hub_store *s, uint64_t *finishedp,
		    uint64_t *failedp, char *why, size_t size)
{
	struct query q;
	int err;

	err = query_begin(&q, s, "SELECT count(file),count(*)-count(file)"
			  " FROM recordings", NULL, why, size);
	if (!err)
		err = query_row(&q);
	if (!err) {
		*finishedp = (uint64_t)sqlite3_column_int64(q.stmt, 0);
		*failedp   = (uint64_t)sqlite3_column_int64(q.stmt, 1);
	}

	return query_end(&q, err);
}
