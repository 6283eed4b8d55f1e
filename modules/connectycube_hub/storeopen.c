/**
 * @file connectycube_hub/storeopen.c  The database, opened and brought to date
 *
 * SQLite with a write-ahead log: readers and the writer do not wait for each
 * other, whoever they are. What is committed is on the disk.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include <sqlite3.h>
#include <re.h>
#include "base/folder.h"
#include "hub.h"
#include "store.h"


enum {
	PATIENCE = 5000,        /**< For another one's transaction [ms]    */
	MODE = 0640,            /**< Of the file                           */
};

#define COLUMN(name, path) \
	name " AS (json_extract(json,'$." path "')) VIRTUAL,"

/* Of an entry of a record's recordings[]; whatever else is there has none */
#define ID_OF_ENTRY \
	"CASE WHEN e.type='object' AND typeof(e.key)='integer'" \
	" THEN json_extract(e.value,'$.id') END"

#define ENTRY(name) \
	"'$.recordings['||e.key||']." name "',json_extract(r.json,'$." name "')"

/* What is known of the recording `new.id` into the records that tell of it */
#define COMPLETE_RECORDS \
	"UPDATE records SET json=coalesce((SELECT json_set(records.json," \
	ENTRY("file") "," ENTRY("format") "," ENTRY("sha256") "," \
	ENTRY("duration_ms") ")" \
	" FROM json_each(records.json,'$.recordings') e JOIN recordings r" \
	" ON r.id=" ID_OF_ENTRY " WHERE r.id=new.id LIMIT 1),json)" \
	" WHERE seq IN (SELECT record FROM recorded WHERE id=new.id);"

#define OF_RECORD(name) "'" name "',json_extract(new.json,'$." name "'),"
#define OF_ENTRY(name)  "'" name "',json_extract(e.value,'$." name "'),"

/* A recording without a file, as the record of its call tells it; as if we had
   failed to finish it. Whatever is known of it already stays */
#define FAILED_RECORDINGS \
	"INSERT OR IGNORE INTO recordings(id,stored,json)" \
	" SELECT " ID_OF_ENTRY ",new.received,json_object('v',1," \
	"'type','recording'," OF_ENTRY("id") OF_RECORD("host") \
	OF_RECORD("extension") "'call',null,'record_id',new.id," \
	OF_RECORD("linked_id") \
	OF_RECORD("call_id") OF_RECORD("session") OF_RECORD("direction") \
	OF_RECORD("from") OF_RECORD("to") OF_ENTRY("mode") OF_ENTRY("by") \
	OF_ENTRY("t_start") OF_ENTRY("t_end") OF_ENTRY("state") \
	OF_ENTRY("reason") "'file',null,'format',null,'sha256',null," \
	"'bytes',null,'encrypted',json('false'),'duration_ms',null)" \
	" FROM json_each(new.json,'$.recordings') e" \
	" WHERE CASE WHEN e.type='object' AND typeof(e.key)='integer'" \
	" THEN json_extract(e.value,'$.state') END='failed';"

/* The record of a call that died with its bridge may be older than a recording
   of it: that is added, by whichever of both comes later */
#define OF_CALL(rec, call) \
	rec ".record_id=" call ".id AND " call ".reason='crash'" \
	" AND json_type(" call ".json,'$.recordings')='array'"

#define ADDED(rec) \
	"json_insert(records.json,'$.recordings[#]',json_object('id'," rec ".id," \
	"'mode'," rec ".mode,'by',json_extract(" rec ".json,'$.by')," \
	"'t_start'," rec ".started,'t_end'," rec ".ended,'state'," rec ".state," \
	"'reason'," rec ".reason,'paused_ms'," \
	"coalesce(json_extract(" rec ".json,'$.paused_ms'),0)))"

#define ADD_RECORDING \
	"UPDATE records SET json=" ADDED("new") " WHERE " OF_CALL("new", "records") \
	" AND NOT EXISTS(SELECT 1 FROM recorded WHERE id=new.id);" \
	"INSERT OR IGNORE INTO recorded SELECT new.id,records.seq FROM records," \
	"json_each(records.json,'$.recordings') e WHERE " \
	OF_CALL("new", "records") " AND " ID_OF_ENTRY "=new.id;"

#define ADD_TO_RECORD \
	"UPDATE records SET json=" ADDED("r") " FROM recordings r" \
	" WHERE records.seq=new.seq AND " OF_CALL("r", "new") \
	" AND NOT EXISTS(SELECT 1 FROM json_each(new.json,'$.recordings') e" \
	" WHERE " ID_OF_ENTRY "=r.id);" \
	"INSERT OR IGNORE INTO recorded SELECT " ID_OF_ENTRY ",new.seq" \
	" FROM records,json_each(records.json,'$.recordings') e" \
	" WHERE records.seq=new.seq AND " ID_OF_ENTRY " IS NOT NULL;"

/* What the record says that tells of a row of recordings */
#define RECORD_OF(name) \
	"(SELECT r." name " FROM recorded d JOIN records r ON r.seq=d.record" \
	" WHERE d.id=recordings.id LIMIT 1)"

/* Step N makes version N+1 of version N; once released it is never changed.
   Columns are read out of the record, so that nothing is to be kept in step */
static const char *const stepv[] = {

	"CREATE TABLE records("
	" seq INTEGER PRIMARY KEY AUTOINCREMENT,"
	" id TEXT NOT NULL UNIQUE,"
	" received INTEGER NOT NULL,"
	" json TEXT NOT NULL,"
	COLUMN("linked_id TEXT",     "linked_id")
	COLUMN("host TEXT",          "host")
	COLUMN("extension TEXT",     "extension")
	COLUMN("direction TEXT",     "direction")
	COLUMN("from_user TEXT",     "from.user")
	COLUMN("from_uri TEXT",      "from.uri")
	COLUMN("to_user TEXT",       "to.user")
	COLUMN("to_uri TEXT",        "to.uri")
	COLUMN("started INTEGER",    "t_start")
	COLUMN("answered INTEGER",   "t_answer")
	COLUMN("ended INTEGER",      "t_end")
	COLUMN("ring_ms INTEGER",    "ring_ms")
	COLUMN("bill_ms INTEGER",    "bill_ms")
	COLUMN("disposition TEXT",   "disposition")
	COLUMN("reason TEXT",        "reason")
	" sip_code INTEGER AS (json_extract(json,'$.sip_code')) VIRTUAL);"
	"CREATE INDEX records_started ON records(started);"
	"CREATE INDEX records_extension ON records(extension,started);"
	"CREATE INDEX records_linked ON records(linked_id);"
	"CREATE TABLE sinks("
	" name TEXT PRIMARY KEY, seq INTEGER NOT NULL, dev INTEGER NOT NULL,"
	" ino INTEGER NOT NULL, offset INTEGER NOT NULL) WITHOUT ROWID;",

	"CREATE TABLE deliveries("
	" sink TEXT NOT NULL, seq INTEGER NOT NULL, tries INTEGER NOT NULL,"
	" first INTEGER NOT NULL, next INTEGER NOT NULL,"
	" dead INTEGER NOT NULL, why TEXT,"
	" PRIMARY KEY(sink,seq)) WITHOUT ROWID;"
	"CREATE INDEX deliveries_next ON deliveries(sink,dead,next);",

	/* `placing`: what is about to get its name in the folder; `recorded`:
	   which records tell of a recording. Whichever of record and
	   recording comes later completes the record */
	"CREATE TABLE recordings("
	" seq INTEGER PRIMARY KEY AUTOINCREMENT,"
	" id TEXT NOT NULL UNIQUE,"
	" stored INTEGER NOT NULL,"
	" json TEXT NOT NULL,"
	" uploaded INTEGER, object TEXT,"
	" removed INTEGER, removed_why TEXT,"
	COLUMN("linked_id TEXT",     "linked_id")
	COLUMN("host TEXT",          "host")
	COLUMN("extension TEXT",     "extension")
	COLUMN("call INTEGER",       "call")
	COLUMN("call_id TEXT",       "call_id")
	COLUMN("session TEXT",       "session")
	COLUMN("mode TEXT",          "mode")
	COLUMN("state TEXT",         "state")
	COLUMN("reason TEXT",        "reason")
	COLUMN("file TEXT",          "file")
	COLUMN("format TEXT",        "format")
	COLUMN("bytes INTEGER",      "bytes")
	COLUMN("sha256 TEXT",        "sha256")
	COLUMN("duration_ms INTEGER", "duration_ms")
	COLUMN("started INTEGER",    "t_start")
	" ended INTEGER AS (json_extract(json,'$.t_end')) VIRTUAL);"
	"CREATE INDEX recordings_started ON recordings(started);"
	"CREATE INDEX recordings_extension ON recordings(extension,started);"
	"CREATE INDEX recordings_call ON recordings(linked_id);"
	"CREATE INDEX recordings_there ON recordings(started)"
	" WHERE removed IS NULL;"
	"CREATE TABLE placing(id TEXT PRIMARY KEY, file TEXT NOT NULL,"
	" sha256 TEXT NOT NULL, json TEXT NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE recorded(id TEXT NOT NULL, record INTEGER NOT NULL,"
	" PRIMARY KEY(id,record)) WITHOUT ROWID;"
	"CREATE INDEX recorded_record ON recorded(record);"

	"CREATE TRIGGER record_recorded AFTER INSERT ON records BEGIN"
	" INSERT OR IGNORE INTO recorded SELECT " ID_OF_ENTRY ",new.seq"
	" FROM json_each(new.json,'$.recordings') e"
	" WHERE " ID_OF_ENTRY " IS NOT NULL; END;"
	"CREATE TRIGGER record_gone AFTER DELETE ON records BEGIN"
	" DELETE FROM recorded WHERE record=old.seq; END;"
	"CREATE TRIGGER recorded_complete AFTER INSERT ON recorded BEGIN "
	COMPLETE_RECORDS " END;"
	"CREATE TRIGGER recording_complete AFTER INSERT ON recordings BEGIN "
	COMPLETE_RECORDS " END;",

	/* `linked_id` of a recording was a number; what its record says is
	   known, if that is here */
	"UPDATE recordings SET json=json_set(json,"
	"'$.record_id'," RECORD_OF("id") ",'$.linked_id',"
	RECORD_OF("linked_id") ");"
	"ALTER TABLE recordings ADD COLUMN record_id TEXT"
	" AS (json_extract(json,'$.record_id')) VIRTUAL;"
	"CREATE INDEX recordings_record ON recordings(record_id);",

	"CREATE TRIGGER record_failed AFTER INSERT ON records BEGIN "
	FAILED_RECORDINGS " END;"
	"CREATE TRIGGER recording_added AFTER INSERT ON recordings BEGIN "
	ADD_RECORDING " END;"
	"CREATE TRIGGER record_added AFTER INSERT ON records"
	" WHEN new.reason='crash' BEGIN " ADD_TO_RECORD " END;",

	/* `status` 0: it was begun, and nobody has heard what came of it */
	"CREATE TABLE IF NOT EXISTS idempotent("
	" seq INTEGER PRIMARY KEY AUTOINCREMENT,"
	" who TEXT NOT NULL, key TEXT NOT NULL, hash TEXT NOT NULL,"
	" began INTEGER NOT NULL, status INTEGER NOT NULL,"
	" problem INTEGER, head BLOB, body BLOB, UNIQUE(who,key));"
	"CREATE INDEX IF NOT EXISTS idempotent_began ON idempotent(began);",

	/* clock.h; times of deliveries were of the wall clock */
	"CREATE TABLE IF NOT EXISTS clocks("
	" name TEXT PRIMARY KEY, at INTEGER NOT NULL,"
	" sound INTEGER NOT NULL) WITHOUT ROWID;"
	"UPDATE deliveries SET next=1,first=9223372036854775807;",

	"CREATE TABLE IF NOT EXISTS timelines(id TEXT PRIMARY KEY, json TEXT NOT NULL)"
	" WITHOUT ROWID;"
	"CREATE TRIGGER IF NOT EXISTS timeline_gone AFTER DELETE ON records BEGIN"
	" DELETE FROM timelines WHERE id=old.id; END;",

	"CREATE INDEX IF NOT EXISTS idempotent_who ON idempotent(who);",

	"CREATE INDEX IF NOT EXISTS records_received ON records(received);",

	"ALTER TABLE records ADD COLUMN from_number TEXT"
	" AS (json_extract(json,'$.from.number')) VIRTUAL;"
	"ALTER TABLE records ADD COLUMN to_number TEXT"
	" AS (json_extract(json,'$.to.number')) VIRTUAL;",
};


/**
 * Say what SQLite says
 *
 * @param s    Store
 * @param why  Set to it
 * @param size Room there [bytes]
 *
 * @return Error: never 0
 */
int store_error(struct hub_store *s, char *why, size_t size)
{
	const int rc  = sqlite3_errcode(s->db) & 0xff;
	const int sys = sqlite3_system_errno(s->db);

	if (sys && (rc == SQLITE_IOERR || rc == SQLITE_CANTOPEN ||
		    rc == SQLITE_FULL))
		(void)re_snprintf(why, size, "%s: %s (%m)", s->path,
				  sqlite3_errmsg(s->db), sys);
	else
		(void)re_snprintf(why, size, "%s: %s", s->path,
				  sqlite3_errmsg(s->db));

	switch (rc) {

	case SQLITE_FULL:   return ENOSPC;
	case SQLITE_BUSY:
	case SQLITE_LOCKED: return EBUSY;
	case SQLITE_NOMEM:  return ENOMEM;
	default:            return EIO;
	}
}


/**
 * Execute SQL that has no rows
 *
 * @param s    Store
 * @param sql  SQL
 * @param why  Set to what is wrong
 * @param size Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int store_exec(struct hub_store *s, const char *sql, char *why, size_t size)
{
	return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK ?
		0 : store_error(s, why, size);
}


static void destructor(void *data)
{
	struct hub_store *s = data;

	(void)sqlite3_finalize(s->put);
	(void)sqlite3_close(s->db);
	mem_deref(s->path);
}


/* SQLite would make it for everybody to read, and its log with it. It is made
   before anybody has it open: closing it would end the locks that this process
   has on it */
static int make_file(const char *path, char *why, size_t size)
{
	int fd, err = 0;

	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, MODE);
	if (fd < 0)
		err = errno == EEXIST ? 0 : errno;

	if (fd >= 0) {
		if (fchmod(fd, MODE))
			err = errno;
		(void)close(fd);
		if (!err)
			err = folder_sync(path);
	}

	if (err)
		(void)re_snprintf(why, size, "%s: %m", path, err);

	return err;
}


/* SQLite gives an empty file a mode of its own, unless it is told whose */
static int open_file(struct hub_store *s, char *why, size_t size)
{
	char enc[1024], uri[sizeof(enc) * 2 + 32];
	size_t i, n = 0;

	for (i=0; s->path[i] && n + 4 < sizeof(enc); i++) {

		const char c = s->path[i];

		if (strchr("%?#&+ ", c))
			n += (size_t)re_snprintf(&enc[n], 4, "%%%02x", c);
		else
			enc[n++] = c;
	}
	enc[n] = '\0';

	if (s->path[i] ||
	    re_snprintf(uri, sizeof(uri), "file:%s?modeof=%s", enc, enc) < 0) {
		(void)re_snprintf(why, size, "%s: is too long", s->path);
		return ENAMETOOLONG;
	}

	return sqlite3_open_v2(uri, &s->db, SQLITE_OPEN_READWRITE |
			       SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI,
			       NULL) == SQLITE_OK ?
		0 : store_error(s, why, size);
}


static int version(struct hub_store *s, int *vp, char *why, size_t size)
{
	sqlite3_stmt *stmt = NULL;
	int err = 0;

	if (sqlite3_prepare_v2(s->db, "PRAGMA user_version", -1, &stmt,
			       NULL) != SQLITE_OK ||
	    sqlite3_step(stmt) != SQLITE_ROW)
		err = store_error(s, why, size);
	else
		*vp = sqlite3_column_int(stmt, 0);

	(void)sqlite3_finalize(stmt);

	return err;
}


static int migrate_steps(struct hub_store *s, char *why, size_t size)
{
	const int last = (int)ARRAY_SIZE(stepv);
	char sql[64];
	int v, err;

	err = version(s, &v, why, size);
	if (err)
		return err;

	if (v > last) {
		(void)re_snprintf(why, size, "%s: is of version %d, made by"
				  " a later hub; this one knows %d", s->path,
				  v, last);
		return ENOTSUP;
	}

	for (; v < last && !err; v++)
		err = store_exec(s, stepv[v], why, size);

	(void)re_snprintf(sql, sizeof(sql), "PRAGMA user_version=%d", last);

	return err ? err : store_exec(s, sql, why, size);
}


/* All of it or nothing, whoever else begins at the same time */
static int migrate(struct hub_store *s, char *why, size_t size)
{
	int v, err;

	err = version(s, &v, why, size);
	if (err || v == (int)ARRAY_SIZE(stepv))
		return err;

	err = store_exec(s, "BEGIN IMMEDIATE", why, size);
	if (err)
		return err;

	err = migrate_steps(s, why, size);
	if (!err)
		err = store_exec(s, "COMMIT", why, size);
	if (err)
		(void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);

	return err;
}


/**
 * Open the database; it is made if there is none
 *
 * @param sp   Pointer to the store, freed by mem_deref(). One thread at a time
 * @param path Its path
 * @param why  Set to what is wrong
 * @param size Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_store_open(struct hub_store **sp, const char *path, char *why,
		   size_t size)
{
	struct hub_store *s;
	struct stat st;
	int err;

	if (!sp || !path || !why || !size)
		return EINVAL;

	s = mem_zalloc(sizeof(*s), destructor);
	if (!s)
		return ENOMEM;

	err = str_dup(&s->path, path);
	if (!err)
		err = make_file(path, why, size);
	if (!err)
		err = open_file(s, why, size);
	if (err)
		goto out;

	(void)sqlite3_busy_timeout(s->db, PATIENCE);

	err = store_exec(s, "PRAGMA journal_mode=WAL;"
			 "PRAGMA synchronous=FULL", why, size);
	if (!err)
		err = migrate(s, why, size);
	if (err)
		goto out;

	if (!stat(path, &st)) {
		s->dev = st.st_dev;
		s->ino = st.st_ino;
	}

 out:
	if (err)
		mem_deref(s);
	else
		*sp = s;

	return err;
}


/**
 * Check that the file has not been moved or removed, so that what is written
 * is found by whoever looks for it
 *
 * @param s    Store
 * @param why  Set to what is wrong
 * @param size Room there [bytes]
 *
 * @return 0 if it is there, otherwise errorcode
 */
int hub_store_check(struct hub_store *s, char *why, size_t size)
{
	struct stat st;

	if (!stat(s->path, &st) && st.st_dev == s->dev && st.st_ino == s->ino)
		return 0;

	(void)re_snprintf(why, size, "%s: has been moved or removed",
			  s->path);

	return ESTALE;
}
