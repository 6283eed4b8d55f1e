/**
 * @file test_hubstore.c  The hub's database: each record once, and for good
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
#include "connectycube_hub/prune.h"
#include "connectycube_hub/query.h"
#include "connectycube_hub/store.h"
#include "hub_rig.h"


static uint64_t count(struct hub_store *s)
{
	uint64_t n;

	assert_int_equal(0, hub_store_count(s, &n, why, sizeof(why)));

	return n;
}


static void test_once(void **state)
{
	struct hub_store *s = rig_open(), *other = rig_open();
	struct list l = LIST_INIT;
	uint32_t fresh;
	int64_t seq;
	(void)state;

	assert_int_equal(3, rig_put(s, "a", 3));
	assert_int_equal(2, rig_put(other, "a", 5));

	/* twice in one transaction, and one that is new */
	rig_add(&l, "a1", "");
	rig_add(&l, "b", "");
	rig_add(&l, "b", ",\"other\":1");
	assert_int_equal(0, hub_store_put(s, &l, &fresh, why, sizeof(why)));
	assert_int_equal(1, fresh);
	assert_false(((struct hub_record *)l.head->data)->fresh);
	assert_true(((struct hub_record *)l.head->next->data)->fresh);
	assert_false(((struct hub_record *)l.tail->data)->fresh);
	list_flush(&l);

	assert_int_equal(6, count(s));

	/* doubles take no number */
	assert_int_equal(0, hub_store_seq(s, &seq, "b", why, sizeof(why)));
	assert_int_equal(6, seq);
	assert_int_equal(0, hub_store_seq(s, &seq, "c", why, sizeof(why)));
	assert_int_equal(0, seq);
	assert_int_equal(0, hub_store_last(s, &seq, why, sizeof(why)));
	assert_int_equal(6, seq);

	mem_deref(other);
	mem_deref(s);
}


static void test_recent(void **state)
{
	struct hub_store *s = rig_open();
	struct list l = LIST_INIT;
	(void)state;

	assert_int_equal(0, hub_store_recent(s, &l, why, sizeof(why)));
	assert_true(list_isempty(&l));

	(void)rig_put(s, "a", HUB_RECENT + 7);
	assert_int_equal(0, hub_store_recent(s, &l, why, sizeof(why)));
	assert_int_equal(HUB_RECENT, list_count(&l));
	assert_string_equal("a7", ((struct hub_record *)l.head->data)->id);

	list_flush(&l);
	mem_deref(s);
}


static void test_mode(void **state)
{
	static const char *const suffixv[] = {"", "-wal", "-shm"};
	struct hub_store *s = rig_open();
	struct stat st;
	char path[128];
	size_t i;
	(void)state;

	(void)rig_put(s, "a", 1);

	for (i=0; i<ARRAY_SIZE(suffixv); i++) {
		(void)re_snprintf(path, sizeof(path), "%s%s", dbpath,
				  suffixv[i]);
		assert_int_equal(0, stat(path, &st));
		assert_int_equal(0640, st.st_mode & 0777);
	}

	mem_deref(s);
}


static void test_positions(void **state)
{
	const struct hub_pos want = {.seq = 7, .dev = 1, .ino = UINT64_MAX,
		.offset = 1ll << 40};
	struct hub_store *s = rig_open();
	struct hub_pos pos;
	(void)state;

	assert_int_equal(0, hub_store_pos(s, "a", &pos, why, sizeof(why)));
	assert_int_equal(0, pos.seq);
	assert_int_equal(0, pos.ino);

	assert_int_equal(0, hub_store_set_pos(s, "a", &pos, why,
					      sizeof(why)));
	assert_int_equal(0, hub_store_set_pos(s, "a", &want, why,
					      sizeof(why)));
	mem_deref(s);

	s = rig_open();
	assert_int_equal(0, hub_store_pos(s, "a", &pos, why, sizeof(why)));
	assert_memory_equal(&want, &pos, sizeof(pos));
	assert_int_equal(0, hub_store_pos(s, "b", &pos, why, sizeof(why)));
	assert_int_equal(0, pos.seq);
	mem_deref(s);
}


static void test_columns(void **state)
{
	struct hub_store *s = rig_open();
	struct list l = LIST_INIT;
	sqlite3_stmt *stmt;
	uint32_t fresh;
	(void)state;

	/* what is of another kind than it should be does no harm */
	rig_add(&l, "a", ",\"t_start\":1700000000123,\"from\":{\"uri\":"
		"\"sip:1@x\",\"number\":\"+49\"},\"extension\":\"sip:1@pbx\"");
	rig_add(&l, "b", ",\"t_start\":{\"x\":[]},\"from\":7,\"to\":null,"
		"\"extension\":[1]");
	assert_int_equal(0, hub_store_put(s, &l, &fresh, why, sizeof(why)));
	list_flush(&l);

	assert_int_equal(SQLITE_OK, sqlite3_prepare_v2(s->db, "SELECT id,"
			 "from_uri,from_number FROM records WHERE"
			 " extension='sip:1@pbx'"
			 " AND started=1700000000123", -1, &stmt, NULL));
	assert_int_equal(SQLITE_ROW, sqlite3_step(stmt));
	assert_string_equal("a", (const char *)sqlite3_column_text(stmt, 0));
	assert_string_equal("sip:1@x", (const char *)sqlite3_column_text(stmt, 1));
	assert_string_equal("+49", (const char *)sqlite3_column_text(stmt, 2));
	assert_int_equal(SQLITE_DONE, sqlite3_step(stmt));
	(void)sqlite3_finalize(stmt);
	mem_deref(s);
}


static void test_full(void **state)
{
	struct hub_store *s = rig_open();
	struct list l = LIST_INIT;
	uint32_t fresh;
	char pad[900];
	(void)state;

	(void)rig_put(s, "a", 2);

	memset(pad, 'x', sizeof(pad));
	memcpy(pad, ",\"x\":\"", 6);
	memcpy(&pad[sizeof(pad) - 2], "\"", 2);
	rig_add(&l, "b", "");
	rig_add(&l, "c", pad);

	rig_disk(1);
	assert_int_not_equal(0, hub_store_put(s, &l, &fresh, why,
					      sizeof(why)));
	assert_non_null(strstr(why, dbpath));

	/* all or none */
	rig_disk(0);
	assert_int_equal(2, count(s));
	assert_int_equal(0, hub_store_put(s, &l, &fresh, why, sizeof(why)));
	assert_int_equal(2, fresh);
	assert_int_equal(4, count(s));

	list_flush(&l);
	mem_deref(s);
}


static void test_locked(void **state)
{
	struct hub_store *s = rig_open(), *other = rig_open();
	struct list l = LIST_INIT;
	uint32_t fresh;
	(void)state;

	(void)sqlite3_busy_timeout(s->db, 1);
	rig_add(&l, "a", "");

	assert_int_equal(0, store_exec(other, "BEGIN IMMEDIATE", why,
				       sizeof(why)));
	assert_int_equal(EBUSY, hub_store_put(s, &l, &fresh, why,
					      sizeof(why)));
	assert_int_equal(0, store_exec(other, "ROLLBACK", why, sizeof(why)));
	assert_int_equal(0, hub_store_put(s, &l, &fresh, why, sizeof(why)));
	assert_int_equal(1, fresh);

	list_flush(&l);
	mem_deref(other);
	mem_deref(s);
}


static void test_broken(void **state)
{
	struct hub_store *s = NULL;
	FILE *f;
	(void)state;

	/* no database: it is left as it is */
	f = fopen(dbpath, "w");
	assert_non_null(f);
	assert_true(fputs("this is no database at all, but what a text", f)
		    >= 0);
	(void)fclose(f);

	assert_int_not_equal(0, hub_store_open(&s, dbpath, why,
					       sizeof(why)));
	assert_null(s);
	assert_non_null(strstr(why, "not a database"));
	assert_int_equal(1, rig_count(rig_read(dbpath), "this is no"));

	/* a folder is missing */
	assert_int_equal(ENOENT, hub_store_open(&s, "/nowhere/at/all.db",
						why, sizeof(why)));
	assert_null(s);
}


static void test_later(void **state)
{
	struct hub_store *s = rig_open();
	(void)state;

	/* what it has added is no matter: who goes back goes on with all */
	assert_int_equal(0, store_exec(s, "CREATE TABLE more(x);"
				       "ALTER TABLE records ADD COLUMN more"
				       " AS (json_extract(json,'$.more'));"
				       "PRAGMA user_version=99", why,
				       sizeof(why)));
	mem_deref(s);
	s = rig_open();
	assert_int_equal(1, rig_put(s, "a", 1));

	/* it has changed what there was */
	assert_int_equal(0, store_exec(s, "UPDATE compat SET least=99", why,
				       sizeof(why)));
	mem_deref(s);
	s = NULL;

	assert_int_equal(ENOTSUP, hub_store_open(&s, dbpath, why,
						 sizeof(why)));
	assert_non_null(strstr(why, "later hub"));
}


static void test_moved(void **state)
{
	struct hub_store *s = rig_open();
	char path[128];
	(void)state;

	assert_int_equal(0, hub_store_check(s, why, sizeof(why)));

	(void)re_snprintf(path, sizeof(path), "%s.old", dbpath);
	assert_int_equal(0, rename(dbpath, path));
	assert_int_equal(ESTALE, hub_store_check(s, why, sizeof(why)));
	mem_deref(s);
}


static uint32_t prune(struct hub_store *s, int64_t before, int64_t last)
{
	const struct hub_prune_limit lim = {
		.now = before + 86400000, .days = 1, .last = last,
		.sinks = "[\"webhook\",\"csv\"]",
	};
	uint32_t n = 99;

	assert_int_equal(0, hub_prune_step(s, &lim, &n, why, sizeof(why)));

	return n;
}


/* Old ones go, but for those that a sink needs */
static void test_prune(void **state)
{
	struct hub_store *s = rig_open();
	(void)state;

	(void)rig_put(s, "a", 300);
	assert_int_equal(0, store_exec(s, "UPDATE records SET received=seq;"
		"INSERT INTO deliveries VALUES"
		"('webhook',2,1,0,0,0,'refused'),('webhook',3,9,0,0,1,'dead'),"
		"('gone',4,1,0,0,0,'of no sink'),"
		"('recordings',1,9,0,0,1,'of others')", why, sizeof(why)));

	/* too young; or not handed on yet */
	assert_int_equal(0, prune(s, 1, 300));
	assert_int_equal(0, prune(s, 400, 0));
	assert_int_equal(300, count(s));

	/* some at a time, and not what is tried again */
	assert_int_equal(9, prune(s, 400, 10));
	assert_int_equal(99, prune(s, 110, 300));
	assert_int_equal(191, prune(s, 400, 300) + prune(s, 400, 300));
	assert_int_equal(0, prune(s, 400, 300));
	assert_int_equal(1, count(s));

	/* it got there */
	assert_int_equal(0, store_exec(s, "DELETE FROM deliveries WHERE seq=2",
				       why, sizeof(why)));
	assert_int_equal(1, prune(s, 400, 300));
	assert_int_equal(0, count(s));

	/* numbers are not used again, and of dead ones only ours have gone */
	(void)rig_put(s, "b", 1);
	assert_int_equal(0, store_exec(s, "UPDATE records SET received=1/"
		"((SELECT count(*) FROM deliveries)=2 AND seq=301)", why,
		sizeof(why)));
	assert_int_equal(0, prune(s, 400, 300));
	assert_int_equal(1, prune(s, 400, 301));
	mem_deref(s);
}


/* However many wait for a sink, those behind them go, and what was given up of
   them */
static void test_prune_behind(void **state)
{
	struct hub_store *s = rig_open();
	struct query q;
	(void)state;

	(void)rig_put(s, "a", 300);
	assert_int_equal(0, store_exec(s, "UPDATE records SET received=seq;"
		"INSERT INTO deliveries SELECT 'csv',seq,1,0,0,0,'refused'"
		" FROM records WHERE seq<=250;"
		"INSERT INTO deliveries VALUES"
		"('webhook',251,9,0,0,1,'dead'),('webhook',299,9,0,0,1,'dead')",
		why, sizeof(why)));

	assert_int_equal(40, prune(s, 400, 290));
	assert_int_equal(260, count(s));
	assert_int_equal(0, prune(s, 400, 290));
	assert_int_equal(0, query_begin(&q, s, "SELECT group_concat(seq) FROM"
					" deliveries WHERE dead", NULL, why,
					sizeof(why)));
	assert_int_equal(0, query_row(&q));
	assert_string_equal("299", (const char *)sqlite3_column_text(q.stmt, 0));
	(void)query_end(&q, 0);

	assert_int_equal(10, prune(s, 400, 300));
	assert_int_equal(0, store_exec(s, "DELETE FROM deliveries", why,
				       sizeof(why)));
	assert_int_equal(250, prune(s, 400, 300) + prune(s, 400, 300));
	mem_deref(s);
}


/* What came while the clock was ahead is no younger for it, wherever it is */
static void test_prune_ahead(void **state)
{
	struct hub_store *s = rig_open();
	(void)state;

	(void)rig_put(s, "a", 300);
	assert_int_equal(0, store_exec(s, "UPDATE records SET received="
		"iif(seq<300,100000,9000000000000)", why, sizeof(why)));
	assert_int_equal(0, prune(s, 1000, 300));
	assert_int_equal(0, store_exec(s, "UPDATE records SET received=1/"
		"(received=1000+86400000) WHERE seq=300", why, sizeof(why)));
	mem_deref(s);
}


/* What came while the clock knew of no date is not old, however many they are */
static void test_prune_no_date(void **state)
{
	const struct hub_prune_limit lim = {
		.now = 1800000000000, .days = 30, .last = 300, .sinks = "[]"
	};
	struct hub_store *s = rig_open();
	uint32_t n;
	(void)state;

	(void)rig_put(s, "a", 300);
	assert_int_equal(0, store_exec(s, "UPDATE records SET received="
		"iif(seq=7,1700000000000,1000)", why, sizeof(why)));
	assert_int_equal(0, hub_prune_step(s, &lim, &n, why, sizeof(why)));
	assert_int_equal(1, n);
	assert_int_equal(0, hub_prune_step(s, &lim, &n, why, sizeof(why)));
	assert_int_equal(0, n);
	assert_int_equal(0, store_exec(s, "UPDATE records SET received=1/"
		"(received=1800000000000)", why, sizeof(why)));
	mem_deref(s);
}


#define TEST(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_once),
		TEST(test_recent),
		TEST(test_mode),
		TEST(test_positions),
		TEST(test_columns),
		TEST(test_full),
		TEST(test_locked),
		TEST(test_broken),
		TEST(test_later),
		TEST(test_moved),
		TEST(test_prune),
		TEST(test_prune_behind),
		TEST(test_prune_ahead),
		TEST(test_prune_no_date),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
