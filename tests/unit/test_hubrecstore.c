/**
 * @file test_hubrecstore.c  The hub's database of recordings
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <sqlite3.h>
#include <re.h>
#include "connectycube_hub/hub.h"
#include "connectycube_hub/store.h"
#include "connectycube_hub/sink/deliver.h"
#include "connectycube_hub/prune.h"
#include "connectycube_hub/recording/recstore.h"
#include "hub_rig.h"

#define DAY (86400 * 1000ll)


/* The first column of the only row */
static const char *get(struct hub_store *s, const char *sql)
{
	static char text[1024];
	sqlite3_stmt *stmt;
	const char *str;

	assert_int_equal(SQLITE_OK, sqlite3_prepare_v2(s->db, sql, -1, &stmt,
						       NULL));
	assert_int_equal(SQLITE_ROW, sqlite3_step(stmt));
	str = (const char *)sqlite3_column_text(stmt, 0);
	str_ncpy(text, str ? str : "(null)", sizeof(text));
	assert_int_equal(SQLITE_DONE, sqlite3_step(stmt));
	(void)sqlite3_finalize(stmt);

	return text;
}


static void put(struct hub_store *s, const char *id, const char *more)
{
	struct list l = LIST_INIT;
	uint32_t fresh;

	rig_add(&l, id, more);
	assert_int_equal(0, hub_store_put(s, &l, &fresh, why, sizeof(why)));
	assert_int_equal(1, fresh);
	list_flush(&l);
}


static void finish(struct hub_store *s, const char *id, const char *more)
{
	char json[1024];

	(void)re_snprintf(json, sizeof(json), "{\"id\":\"%s\"%s}", id, more);
	assert_int_equal(0, hrec_store_finish(s, id, json, why, sizeof(why)));
}


static enum hrec_known known(struct hub_store *s, const char *id)
{
	enum hrec_known k;

	assert_int_equal(0, hrec_store_known(s, &k, id, why, sizeof(why)));

	return k;
}


/* Whichever comes first, the record has both in the end */
static void test_completes(void **state)
{
	static const char done[] = ",\"file\":\"a/b.ogg\",\"format\":\"ogg\","
		"\"sha256\":\"00ff\",\"duration_ms\":1234";
	static const char tells[] = ",\"recordings\":[7,{\"id\":\"x\"},"
		"{\"id\":\"r1\",\"mode\":\"audio\"},{\"id\":null}]";
	struct hub_store *s = rig_open();
	const char *want;
	unsigned i;
	(void)state;

	put(s, "early", tells);
	finish(s, "r1", done);
	put(s, "late", tells);

	for (i=0; i<2; i++) {
		want = get(s, i ? "SELECT json_extract(json,'$.recordings')"
			   " FROM records WHERE id='late'"
			   : "SELECT json_extract(json,'$.recordings')"
			   " FROM records WHERE id='early'");
		assert_string_equal(want, "[7,{\"id\":\"x\"},{\"id\":\"r1\","
				    "\"mode\":\"audio\",\"file\":\"a/b.ogg\","
				    "\"format\":\"ogg\",\"sha256\":\"00ff\","
				    "\"duration_ms\":1234},{\"id\":null}]");
	}

	assert_string_equal("2", get(s, "SELECT count(*) FROM recorded"
				     " WHERE id='r1'"));
	assert_int_equal(0, store_exec(s, "DELETE FROM records WHERE"
				       " id='early'", why, sizeof(why)));
	assert_string_equal("1", get(s, "SELECT count(*) FROM recorded"
				     " WHERE id='r1'"));

	mem_deref(s);
}


/* What a bridge says is stored, whatever it is */
static void test_odd(void **state)
{
	static const char *const oddv[] = {
		",\"recordings\":7", ",\"recordings\":\"x\"",
		",\"recordings\":null", ",\"recordings\":[[[]],\"{\",1e99]",
		",\"recordings\":{\"a\":{\"id\":\"r1\"},\"b\":[]}",
		",\"recordings\":[{\"id\":{\"id\":\"r1\"}},{\"id\":[1]}]",
		",\"recordings\":[{\"id\":\"r1\"},{\"id\":\"r1\"}]",
		",\"recordings\":{\"a\":{\"id\":\"r2\",\"state\":"
		"\"failed\"}}",
		",\"recordings\":[{\"state\":\"failed\"},{\"id\":null,"
		"\"state\":\"failed\"},\"failed\",{\"state\":[\"failed\"]}]",
	};
	struct hub_store *s = rig_open();
	char id[8];
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(oddv); i++) {
		(void)re_snprintf(id, sizeof(id), "o%zu", i);
		put(s, id, oddv[i]);
	}

	finish(s, "r1", ",\"file\":\"f\"");
	assert_string_equal("1", get(s, "SELECT count(*) FROM recordings"));
	mem_deref(s);
}


/* One that never had a file is known by the record of its call alone */
static void test_no_file(void **state)
{
	static const char tells[] = ",\"host\":\"h\",\"from\":{\"number\":"
		"\"7\"},\"call_id\":\"c\",\"recordings\":[{\"id\":\"r1\","
		"\"state\":\"failed\",\"reason\":\"no room\",\"by\":"
		"\"always\",\"t_start\":5},{\"id\":\"r2\",\"state\":"
		"\"complete\"},{\"id\":\"r1\",\"state\":\"failed\"}]";
	struct hub_store *s = rig_open();
	uint64_t ok, failed;
	(void)state;

	put(s, "a", tells);
	assert_string_equal("{\"v\":1,\"type\":\"recording\",\"id\":\"r1\","
			    "\"host\":\"h\",\"extension\":null,\"call\":null,"
			    "\"record_id\":\"a\",\"linked_id\":null,"
			    "\"call_id\":\"c\","
			    "\"session\":null,\"direction\":null,\"from\":"
			    "{\"number\":\"7\"},\"to\":null,\"mode\":null,"
			    "\"by\":\"always\",\"t_start\":5,\"t_end\":null,"
			    "\"state\":\"failed\",\"reason\":\"no room\","
			    "\"file\":null,\"format\":null,\"sha256\":null,"
			    "\"bytes\":null,\"encrypted\":false,"
			    "\"duration_ms\":null}",
			    get(s, "SELECT json FROM recordings"));
	assert_int_equal(REC_FAILED, known(s, "r1"));
	assert_int_equal(0, hrec_store_count(s, &ok, &failed, why,
					    sizeof(why)));
	assert_int_equal(1, failed);

	/* it has one after all; what says otherwise later is late */
	finish(s, "r1", ",\"file\":\"f\"");
	put(s, "b", tells);
	assert_int_equal(REC_FINISHED, known(s, "r1"));
	assert_string_equal("f", get(s, "SELECT json_extract(json,"
				     "'$.recordings[0].file') FROM records"
				     " WHERE id='b'"));
	mem_deref(s);
}


#define CRASHED ",\"reason\":\"crash\",\"t_start\":1000,\"t_end\":2000," \
	"\"recordings\":[]"
#define OF_CRASHED(record) ",\"record_id\":\"" record "\",\"mode\":" \
	"\"audio\",\"by\":\"always\",\"t_start\":1500,\"t_end\":2000," \
	"\"state\":\"degraded\",\"reason\":\"crash\",\"paused_ms\":7," \
	"\"file\":\"f\",\"format\":\"ogg\",\"sha256\":\"00\"," \
	"\"duration_ms\":500"
#define WANT_CRASHED(id) "[{\"id\":\"" id "\",\"mode\":\"audio\",\"by\":" \
	"\"always\",\"t_start\":1500,\"t_end\":2000,\"state\":" \
	"\"degraded\",\"reason\":\"crash\",\"paused_ms\":7,\"file\":" \
	"\"f\",\"format\":\"ogg\",\"sha256\":\"00\",\"duration_ms\":500}]"

/* The record of a call that died with its bridge, which does not tell of a
 * recording, is older than that or younger
 */
static void test_crashed(void **state)
{
	struct hub_store *s = rig_open();
	(void)state;

	put(s, "early", CRASHED);
	finish(s, "r1", OF_CRASHED("early"));
	finish(s, "r2", OF_CRASHED("late"));
	put(s, "late", CRASHED);
	put(s, "other", CRASHED);

	assert_string_equal(WANT_CRASHED("r1"), get(s, "SELECT json_extract("
			    "json,'$.recordings') FROM records WHERE"
			    " id='early'"));
	assert_string_equal(WANT_CRASHED("r2"), get(s, "SELECT json_extract("
			    "json,'$.recordings') FROM records WHERE"
			    " id='late'"));
	assert_string_equal("[]", get(s, "SELECT json_extract(json,"
				      "'$.recordings') FROM records WHERE"
				      " id='other'"));
	mem_deref(s);
}


static void test_placing(void **state)
{
	struct hrec_placing p = {"a.ogg", "00", "{}"}, q;
	struct hub_store *s = rig_open();
	(void)state;

	assert_int_equal(ENOENT, hrec_store_placing(s, &q, "r1", why,
						   sizeof(why)));
	assert_int_equal(0, hrec_store_place(s, "r1", &p, why, sizeof(why)));
	p.file = "b.ogg";
	assert_int_equal(0, hrec_store_place(s, "r1", &p, why, sizeof(why)));
	assert_int_equal(0, hrec_store_placing(s, &q, "r1", why,
					      sizeof(why)));
	assert_string_equal("b.ogg", q.file);
	hrec_placing_free(&q);
	assert_int_equal(REC_UNKNOWN, known(s, "r1"));

	finish(s, "r1", ",\"file\":\"b.ogg\"");
	assert_int_equal(ENOENT, hrec_store_placing(s, &q, "r1", why,
						   sizeof(why)));
	assert_int_equal(REC_FINISHED, known(s, "r1"));

	/* there is one already: it stays as it is */
	assert_int_not_equal(0, hrec_store_finish(s, "r1", "{}", why,
						 sizeof(why)));
	assert_int_equal(REC_FINISHED, known(s, "r1"));
	mem_deref(s);
}


/* It has failed, and somebody has mended what it was */
static void test_again(void **state)
{
	struct hub_delivery d = {.seq = 1, .tries = 1};
	struct hub_store *s = rig_open();
	int64_t waiting, dead, seq;
	uint64_t ok, failed;
	(void)state;

	finish(s, "r1", ",\"reason\":\"damaged\"");
	assert_int_equal(REC_FAILED, known(s, "r1"));
	assert_int_equal(0, hub_deliver_keep(s, "s3", &d, "x", why,
					     sizeof(why)));
	assert_int_equal(0, hrec_store_count(s, &ok, &failed, why,
					    sizeof(why)));
	assert_int_equal(0, ok);
	assert_int_equal(1, failed);

	finish(s, "r1", ",\"file\":\"f\"");
	assert_int_equal(REC_FINISHED, known(s, "r1"));
	assert_int_equal(0, hub_deliver_count(s, "s3", &waiting, &dead, why,
					      sizeof(why)));
	assert_int_equal(0, waiting);
	hub_store_use(s, HUB_RECORDINGS);
	assert_int_equal(0, hub_store_seq(s, &seq, "r1", why, sizeof(why)));
	assert_int_equal(2, seq);
	mem_deref(s);
}


#define T0 1700000000000ll      /* [ms since 1970] */

static const char *oldest(struct hub_store *s, int64_t before, bool sent,
			  int64_t *seqp)
{
	static char id[HUB_ID];
	struct hrec_old old;
	int err;

	err = hrec_store_old(s, &old, false, before, sent, why,
			     sizeof(why));
	if (err == ENOENT)
		return "";
	assert_int_equal(0, err);
	str_ncpy(id, old.id, sizeof(id));
	*seqp = old.seq;
	mem_deref(old.file);

	return id;
}


static void test_old(void **state)
{
	struct hub_store *s = rig_open();
	int64_t seq = 0;
	(void)state;

	finish(s, "new", ",\"file\":\"n\",\"t_start\":1700000003000");
	finish(s, "old", ",\"file\":\"o\",\"t_start\":1700000001000");
	finish(s, "mid", ",\"file\":\"m\",\"t_start\":1700000002000");
	finish(s, "bad", ",\"t_start\":1");

	assert_string_equal("", oldest(s, T0 + 1000, false, &seq));
	assert_string_equal("", oldest(s, T0 + 9000, true, &seq));
	assert_int_equal(0, hrec_store_uploaded(s, "mid", "s3://b/m", why,
					       sizeof(why)));
	assert_string_equal("mid", oldest(s, T0 + 9000, true, &seq));
	assert_string_equal("old", oldest(s, T0 + 9000, false, &seq));
	assert_int_equal(0, hrec_store_removed(s, seq, "old", why,
					      sizeof(why)));
	assert_string_equal("mid", oldest(s, T0 + 9000, false, &seq));
	assert_string_equal("old", get(s, "SELECT removed_why FROM recordings"
				       " WHERE id='old'"));
	assert_string_equal("s3://b/m", get(s, "SELECT object FROM recordings"
					    " WHERE id='mid'"));
	mem_deref(s);
}


static uint32_t forget(struct hub_store *s, int64_t last)
{
	const struct hub_prune_limit lim = {
		.now = 100 * DAY, .days = 30, .last = last,
		.sinks = "[\"s3\",\"webhook-recordings\"]",
	};
	uint32_t n;

	assert_int_equal(0, hub_prune_recordings(s, &lim, &n, why,
						 sizeof(why)));

	return n;
}


static void run(struct hub_store *s, const char *sql)
{
	assert_int_equal(0, store_exec(s, sql, why, sizeof(why)));
}


static const char *left(struct hub_store *s)
{
	return get(s, "SELECT coalesce(group_concat(id),'none') FROM (SELECT"
		   " id FROM recordings ORDER BY seq)");
}


/* A recording without a file goes with the record of its call */
static void test_forgotten(void **state)
{
	static const char of[] = ",\"record_id\":\"c\",\"file\":\"f\"";
	struct hub_store *s = rig_open();
	(void)state;

	put(s, "c", ",\"recordings\":[{\"id\":\"gone\"}]");
	finish(s, "gone", of);
	finish(s, "there", of);
	finish(s, "sent", of);
	finish(s, "bad", ",\"record_id\":\"c\"");
	finish(s, "tells", of);
	finish(s, "again", of);
	finish(s, "young", of);
	finish(s, "old", ",\"file\":\"o\"");
	finish(s, "ahead", of);
	put(s, "other", ",\"recordings\":[{\"id\":\"tells\"}]");
	run(s, "UPDATE recordings SET removed=7,removed_why='old',stored=7"
	    " WHERE id NOT IN ('there','bad');"
	    "UPDATE recordings SET stored=7 WHERE id IN ('there','bad');"
	    "UPDATE recordings SET stored=71*86400000 WHERE id='young';"
	    "UPDATE recordings SET stored=999*86400000 WHERE id='ahead';"
	    "UPDATE recordings SET object='s3://b/k' WHERE id='sent';"
	    "INSERT INTO deliveries SELECT 'webhook-recordings',seq,1,0,0,0,"
	    "'refused' FROM recordings WHERE id='again';"
	    "INSERT INTO deliveries SELECT 'webhook-recordings',seq,9,0,0,1,"
	    "'dead' FROM recordings WHERE id='gone';"
	    "INSERT INTO deliveries SELECT 'webhook',seq,9,0,0,1,"
	    "'of a record' FROM recordings WHERE id='gone'");

	/* the record of its call is there; of a bridge of before it is not
	   known */
	assert_int_equal(1, forget(s, 99));
	assert_string_equal("gone,there,sent,bad,tells,again,young,ahead",
			    left(s));
	run(s, "DELETE FROM records WHERE id='c'");

	/* a sink has not come so far */
	assert_int_equal(2, forget(s, 3));
	assert_string_equal("there,bad,tells,again,young,ahead", left(s));
	assert_string_equal("of a record", get(s, "SELECT why FROM deliveries"
					       " WHERE dead"));
	assert_int_equal(2, forget(s, 99));
	assert_string_equal("there,tells,again,young", left(s));
	assert_int_equal(0, forget(s, 99));

	/* what they waited for is over */
	run(s, "UPDATE recordings SET removed=7,stored=7;"
	    "DELETE FROM records; UPDATE deliveries SET dead=1");
	assert_int_equal(4, forget(s, 99));
	assert_string_equal("none", left(s));
	mem_deref(s);
}


/* A database of before has none of these columns */
#define NO_NUMBERS \
	"ALTER TABLE records DROP COLUMN from_number;" \
	"ALTER TABLE records DROP COLUMN to_number;" \
	"ALTER TABLE records DROP COLUMN channel;" \
	"ALTER TABLE records DROP COLUMN channel_linked;"


/* A database of before */
static void test_migrates(void **state)
{
	struct hub_store *s = rig_open();
	(void)state;

	assert_int_equal(0, store_exec(s, "DROP TABLE recordings;"
				       "DROP TABLE placing;"
				       "DROP TRIGGER record_recorded;"
				       "DROP TRIGGER record_gone;"
				       "DROP TRIGGER record_failed;"
				       "DROP TRIGGER record_added;"
				       "DROP TABLE recorded;" NO_NUMBERS
				       "PRAGMA user_version=2", why,
				       sizeof(why)));
	mem_deref(s);

	s = rig_open();
	put(s, "a", ",\"recordings\":[{\"id\":\"r1\"}]");
	finish(s, "r1", ",\"file\":\"f\"");
	assert_string_equal("f", get(s, "SELECT json_extract(json,"
				     "'$.recordings[0].file') FROM records"));
	mem_deref(s);
}


/* ... where recordings told a number of the call, and no id of its record */
static void test_migrates_ids(void **state)
{
	struct hub_store *s = rig_open();
	(void)state;

	assert_int_equal(0, store_exec(s, "DROP TRIGGER record_failed;"
				       "DROP TRIGGER recording_added;"
				       "DROP TRIGGER record_added;"
				       "DROP INDEX recordings_record;"
				       "ALTER TABLE recordings"
				       " DROP COLUMN record_id;" NO_NUMBERS
				       "PRAGMA user_version=3", why,
				       sizeof(why)));
	put(s, "a", ",\"linked_id\":\"l\","
	    "\"recordings\":[{\"id\":\"r1\"}]");
	finish(s, "r1", ",\"linked_id\":7,\"call\":7");
	finish(s, "r2", ",\"linked_id\":8");
	mem_deref(s);

	s = rig_open();
	assert_string_equal("a l 7", get(s, "SELECT record_id||' '||linked_id"
					 "||' '||call FROM recordings"
					 " WHERE id='r1'"));
	assert_string_equal("a", get(s, "SELECT json_extract(json,"
				     "'$.record_id') FROM recordings"
				     " WHERE id='r1'"));
	assert_string_equal("null null", get(s, "SELECT json_type(json,"
		"'$.record_id')||' '||json_type(json,'$.linked_id')"
		" FROM recordings WHERE id='r2'"));
	mem_deref(s);
}


#define TEST(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_completes),
		TEST(test_odd),
		TEST(test_no_file),
		TEST(test_crashed),
		TEST(test_placing),
		TEST(test_again),
		TEST(test_old),
		TEST(test_forgotten),
		TEST(test_migrates),
		TEST(test_migrates_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
