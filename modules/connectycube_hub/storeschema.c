/**
 * @file connectycube_hub/storeschema.c  What is in the database, step by step
 *
 * Pure.
 */
#include <re.h>
#include "hub.h"
#include "store.h"


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
   Columns are read out of the record, so that nothing is to be kept in step.

   A hub of before a step goes on with what it makes (who goes back does not
   lose what has come meanwhile) as long as it adds: tables, indexes, triggers,
   columns that are not to be written. A step that does more says so:
   UPDATE compat SET least=N+1 */
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

	("CREATE TABLE IF NOT EXISTS compat(least INTEGER NOT NULL);"
	 "INSERT INTO compat SELECT 12 WHERE NOT EXISTS(SELECT 1 FROM"
	 " compat);"),

	("ALTER TABLE records ADD COLUMN channel TEXT"
	 " AS (json_extract(json,'$.channel')) VIRTUAL;"
	 "ALTER TABLE records ADD COLUMN channel_linked TEXT"
	 " AS (json_extract(json,'$.channel_linked')) VIRTUAL;"),
};


/**
 * Get a step
 *
 * @param n Version that it begins with: it makes the next one of that
 *
 * @return SQL, NULL if that is the last version that is known
 */
const char *store_schema_step(size_t n)
{
	return n < ARRAY_SIZE(stepv) ? stepv[n] : NULL;
}


/**
 * Get the last version that is known
 *
 * @return Version
 */
int store_schema_last(void)
{
	return (int)ARRAY_SIZE(stepv);
}
