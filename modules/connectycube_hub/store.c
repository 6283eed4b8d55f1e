/**
 * @file connectycube_hub/store.c  The database: records, and how far sinks got
 */
#include <errno.h>
#include <string.h>
#include <sqlite3.h>
#include <re.h>
#include "base/mono.h"
#include "hub.h"
#include "store.h"


static void record_destructor(void *data)
{
	struct hub_record *r = data;

	list_unlink(&r->le);
	hub_body_free(r->body);
	mem_deref(r->json);
}


/**
 * Make a record
 *
 * @param rp   Pointer to it, freed by mem_deref()
 * @param id   Its id
 * @param json All of it
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_record_alloc(struct hub_record **rp, const char *id,
		     const char *json)
{
	struct hub_record *r;
	int err;

	if (!rp || !id || !json)
		return EINVAL;

	if (!id[0] || strlen(id) >= sizeof(r->id))
		return EMSGSIZE;

	r = mem_zalloc(sizeof(*r), record_destructor);
	if (!r)
		return ENOMEM;

	(void)str_ncpy(r->id, id, sizeof(r->id));
	err = str_dup(&r->json, json);

	if (err)
		mem_deref(r);
	else
		*rp = r;

	return err;
}


static int prepare(struct hub_store *s, sqlite3_stmt **stmtp, const char *sql,
		   char *why, size_t size)
{
	return sqlite3_prepare_v2(s->db, sql, -1, stmtp, NULL) == SQLITE_OK ?
		0 : store_error(s, why, size);
}


static int put_one(struct hub_store *s, struct hub_record *r, char *why,
		   size_t size)
{
	int rc;

	(void)sqlite3_bind_text(s->put, 1, r->id, -1, SQLITE_STATIC);
	(void)sqlite3_bind_int64(s->put, 2, (int64_t)(wall_us() / 1000));
	(void)sqlite3_bind_text(s->put, 3, r->json, -1, SQLITE_STATIC);

	rc = sqlite3_step(s->put);
	r->fresh = rc == SQLITE_DONE && sqlite3_changes(s->db) > 0;
	if (rc != SQLITE_DONE)
		rc = store_error(s, why, size);
	else
		rc = 0;

	(void)sqlite3_reset(s->put);

	return rc;
}


static int put_all(struct hub_store *s, struct list *recordl, char *why,
		   size_t size)
{
	struct le *le;
	int err = 0;

	for (le=list_head(recordl); le && !err; le=le->next)
		err = put_one(s, le->data, why, size);

	return err ? err : store_exec(s, "COMMIT", why, size);
}


/**
 * Store records, all or none; those that are there already are left as they
 * are. When this returns they are on the disk
 *
 * @param s       Store
 * @param recordl Records; `fresh` is set
 * @param freshp  Set to how many had not been there
 * @param why     Set to what is wrong
 * @param size    Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_store_put(struct hub_store *s, struct list *recordl,
		  uint32_t *freshp, char *why, size_t size)
{
	struct le *le;
	int err = 0;

	if (!s || !recordl || !freshp || !why || !size)
		return EINVAL;

	*freshp = 0;

	/* a conflict alone would take a number, and leave a hole */
	if (!s->put)
		err = prepare(s, &s->put, "INSERT INTO records"
			      "(id,received,json) SELECT ?1,?2,?3"
			      " WHERE NOT EXISTS(SELECT 1 FROM records"
			      " WHERE id=?1) ON CONFLICT(id) DO NOTHING", why,
			      size);
	if (!err)
		err = store_exec(s, "BEGIN IMMEDIATE", why, size);
	if (err)
		return err;

	err = put_all(s, recordl, why, size);
	if (err) {
		(void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
		return err;
	}

	for (le=list_head(recordl); le; le=le->next) {
		const struct hub_record *r = le->data;

		*freshp += r->fresh;
	}

	return 0;
}


/**
 * Set which table is handed on by who has it open; records of calls unless set
 *
 * @param s     Store
 * @param table Table
 */
void hub_store_use(struct hub_store *s, enum hub_table table)
{
	if (s)
		s->table = table;
}


/**
 * Get the name of the table that is handed on
 *
 * @param s Store
 *
 * @return Name
 */
const char *store_table(const struct hub_store *s)
{
	return s->table == HUB_RECORDINGS ? "recordings" : "records";
}


/* The number in the only row there is, 0 if there is none or it is NULL */
static int get_number(struct hub_store *s, int64_t *np, const char *what,
		      const char *arg, char *why, size_t size)
{
	sqlite3_stmt *stmt = NULL;
	char sql[128];
	int rc, err;

	(void)re_snprintf(sql, sizeof(sql), "SELECT %s FROM %s%s", what,
			  store_table(s), arg ? " WHERE id=?1" : "");

	err = prepare(s, &stmt, sql, why, size);
	if (err)
		return err;

	if (arg)
		(void)sqlite3_bind_text(stmt, 1, arg, -1, SQLITE_STATIC);

	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		*np = sqlite3_column_int64(stmt, 0);
	else if (rc == SQLITE_DONE)
		*np = 0;
	else
		err = store_error(s, why, size);

	(void)sqlite3_finalize(stmt);

	return err;
}


/**
 * Get the number of records
 *
 * @param s    Store
 * @param np   Set to it
 * @param why  Set to what is wrong
 * @param size Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_store_count(struct hub_store *s, uint64_t *np, char *why, size_t size)
{
	int64_t n;
	int err;

	err = get_number(s, &n, "count(*)", NULL, why, size);
	if (!err)
		*np = (uint64_t)n;

	return err;
}


/**
 * Get the number of the record with an id
 *
 * @param s    Store
 * @param seqp Set to it, 0=there is none
 * @param id   Id
 * @param why  Set to what is wrong
 * @param size Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_store_seq(struct hub_store *s, int64_t *seqp, const char *id,
		  char *why, size_t size)
{
	return get_number(s, seqp, "seq", id, why, size);
}


/**
 * Get the number of the last record
 *
 * @param s    Store
 * @param seqp Set to it, 0=there is none
 * @param why  Set to what is wrong
 * @param size Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_store_last(struct hub_store *s, int64_t *seqp, char *why, size_t size)
{
	return get_number(s, seqp, "max(seq)", NULL, why, size);
}


/**
 * Read records in order
 *
 * @param s       Store
 * @param after   Number of the record to begin behind
 * @param most    How many
 * @param columns SQL: what of them; it is behind their number in a row
 * @param h       Takes a row; an error of its ends it all
 * @param arg     Its argument
 * @param why     Set to what is wrong with the store
 * @param size    Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_store_each(struct hub_store *s, int64_t after, uint32_t most,
		   const char *columns, hub_row_h *h, void *arg, char *why,
		   size_t size)
{
	sqlite3_stmt *stmt = NULL;
	char *sql = NULL;
	int rc, err;

	if (!s || !columns || !h || !why || !size)
		return EINVAL;

	err = re_sdprintf(&sql, "SELECT seq,%s FROM %s WHERE seq>?1"
			  " ORDER BY seq LIMIT ?2", columns, store_table(s));
	if (!err)
		err = prepare(s, &stmt, sql, why, size);
	if (err)
		goto out;

	(void)sqlite3_bind_int64(stmt, 1, after);
	(void)sqlite3_bind_int64(stmt, 2, most);

	while (!err && (rc = sqlite3_step(stmt)) == SQLITE_ROW)
		err = h(sqlite3_column_int64(stmt, 0), stmt, arg);

	if (!err && rc != SQLITE_DONE)
		err = store_error(s, why, size);

 out:
	(void)sqlite3_finalize(stmt);
	mem_deref(sql);

	return err;
}


static int recent_handler(int64_t seq, sqlite3_stmt *row, void *arg)
{
	const char *id   = (const char *)sqlite3_column_text(row, 1);
	const char *json = (const char *)sqlite3_column_text(row, 2);
	struct list *recordl = arg;
	struct hub_record *r;
	(void)seq;

	/* one that is not of our making does no harm */
	if (hub_record_alloc(&r, id, json))
		return 0;

	list_append(recordl, &r->le, r);

	return 0;
}


/**
 * Read the last records
 *
 * @param s       Store
 * @param recordl Those are appended to it, the last one last
 * @param why     Set to what is wrong
 * @param size    Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_store_recent(struct hub_store *s, struct list *recordl, char *why,
		     size_t size)
{
	int64_t last;
	int err;

	err = hub_store_last(s, &last, why, size);
	if (err)
		return err;

	return hub_store_each(s, last - HUB_RECENT, HUB_RECENT, "id,json",
			      recent_handler, recordl, why, size);
}


/**
 * Get how far a sink got
 *
 * @param s    Store
 * @param sink Its name
 * @param pos  Set to it; all zero if it is new
 * @param why  Set to what is wrong
 * @param size Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_store_pos(struct hub_store *s, const char *sink, struct hub_pos *pos,
		  char *why, size_t size)
{
	sqlite3_stmt *stmt = NULL;
	int rc, err;

	memset(pos, 0, sizeof(*pos));

	err = prepare(s, &stmt, "SELECT seq,dev,ino,offset FROM sinks"
		      " WHERE name=?1", why, size);
	if (err)
		return err;

	(void)sqlite3_bind_text(stmt, 1, sink, -1, SQLITE_STATIC);

	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW) {
		pos->seq    = sqlite3_column_int64(stmt, 0);
		pos->dev    = (uint64_t)sqlite3_column_int64(stmt, 1);
		pos->ino    = (uint64_t)sqlite3_column_int64(stmt, 2);
		pos->offset = sqlite3_column_int64(stmt, 3);
	}
	else if (rc != SQLITE_DONE) {
		err = store_error(s, why, size);
	}

	(void)sqlite3_finalize(stmt);

	return err;
}


/**
 * Keep how far a sink got
 *
 * @param s    Store
 * @param sink Its name
 * @param pos  Position
 * @param why  Set to what is wrong
 * @param size Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_store_set_pos(struct hub_store *s, const char *sink,
		      const struct hub_pos *pos, char *why, size_t size)
{
	sqlite3_stmt *stmt = NULL;
	int err;

	err = prepare(s, &stmt, "INSERT INTO sinks(name,seq,dev,ino,offset)"
		      " VALUES(?1,?2,?3,?4,?5) ON CONFLICT(name) DO UPDATE"
		      " SET seq=?2,dev=?3,ino=?4,offset=?5", why, size);
	if (err)
		return err;

	(void)sqlite3_bind_text(stmt, 1, sink, -1, SQLITE_STATIC);
	(void)sqlite3_bind_int64(stmt, 2, pos->seq);
	(void)sqlite3_bind_int64(stmt, 3, (int64_t)pos->dev);
	(void)sqlite3_bind_int64(stmt, 4, (int64_t)pos->ino);
	(void)sqlite3_bind_int64(stmt, 5, pos->offset);

	if (sqlite3_step(stmt) != SQLITE_DONE)
		err = store_error(s, why, size);

	(void)sqlite3_finalize(stmt);

	return err;
}
