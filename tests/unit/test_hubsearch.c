/**
 * @file test_hubsearch.c  Records of calls are looked for
 */
#include "testutil.h"
#include <sqlite3.h>
#include "connectycube_hub/hub.h"
#include "connectycube_hub/store.h"
#include "connectycube_hub/api/search.h"
#include "hub_rig.h"


static struct hub_store *s;


static int setup(void **state)
{
	static const char *const morev[] = {
		",\"t_start\":1000,\"extension\":\"sip:1@h\",\"from\":{\"uri\":"
		"\"sip:+49301@h\"},\"to\":{\"user\":\"77\"},\"disposition\":"
		"\"ANSWERED\",\"class\":\"success\",\"bill_ms\":6000,"
		"\"pdd_ms\":300",
		",\"t_start\":2000,\"extension\":\"sip:1@h\",\"from\":{\"user\":"
		"\"77\"},\"to\":{\"uri\":\"sip:5%_'@h\"},\"disposition\":"
		"\"BUSY\",\"class\":\"client\",\"bill_ms\":0,\"pdd_ms\":500",
		",\"t_start\":2000,\"extension\":\"sip:2@h\",\"from\":{\"user\":"
		"\"78\"},\"dialled\":\"4930\",\"disposition\":\"FAILED\","
		"\"class\":\"server\",\"bill_ms\":0,\"pdd_ms\":null",
		",\"t_start\":null",
	};
	struct list l = LIST_INIT;
	uint32_t fresh;
	char id[8];
	size_t i;

	if (rig_setup(state))
		return -1;

	s = rig_open();
	for (i=0; i<ARRAY_SIZE(morev); i++) {
		(void)re_snprintf(id, sizeof(id), "r%zu", i);
		rig_add(&l, id, morev[i]);
	}
	assert_int_equal(0, hub_store_put(s, &l, &fresh, why, sizeof(why)));
	list_flush(&l);

	return 0;
}


static int teardown(void **state)
{
	s = mem_deref(s);

	return rig_teardown(state);
}


static const char *run(const struct search *what)
{
	struct search q = *what;
	struct mbuf *mb = mbuf_alloc(64);
	static char text[4096];
	int err;

	q.to = q.to ? q.to : INT64_MAX;
	if (!q.started) {
		q.started = INT64_MAX;
		q.seq = INT64_MAX;
	}
	q.limit = q.limit ? q.limit : 10;

	err = search_run(s, &q, mb, why, sizeof(why));
	if (err)
		print_message("%s\n", why);
	assert_int_equal(0, err);
	(void)re_snprintf(text, sizeof(text), "%b", mb->buf, mb->end);
	mem_deref(mb);

	return text;
}


/* Ids in the order they came in */
static void found(const struct search *q, const char *ids)
{
	const char *p = run(q);
	char got[64] = "";

	while ((p = strstr(p, "\"id\":\"r"))) {
		(void)re_snprintf(got + strlen(got), sizeof(got) -
				  strlen(got), "%b", p + 7, (size_t)1);
		++p;
	}

	assert_string_equal(ids, got);
}


static void test_filters(void **state)
{
	(void)state;

	found(&(struct search){0}, "210");
	found(&(struct search){.from = 1000, .to = 2000}, "0");
	found(&(struct search){.from = 1001}, "21");
	found(&(struct search){.user = "77"}, "10");
	found(&(struct search){.number = "49301"}, "0");
	found(&(struct search){.number = "493"}, "20");
	found(&(struct search){.number = "5%_'"}, "1");
	found(&(struct search){.number = "%"}, "1");
	found(&(struct search){.ext = "sip:2@h"}, "2");
	found(&(struct search){.disposition = "BUSY", .user = "77"}, "1");
	found(&(struct search){.ext = "' OR 1=1 --"}, "");
	found(&(struct search){.direction = "app-to-sip"}, "");
	found(&(struct search){.any = "4930"}, "20");
	found(&(struct search){.any = "SIP:5"}, "1");
	found(&(struct search){.any = "77"}, "10");
	found(&(struct search){.any = "7"}, "");
	found(&(struct search){.prefix = "r"}, "210");
	found(&(struct search){.prefix = "r1"}, "1");
	found(&(struct search){.prefix = "r1x"}, "");
	found(&(struct search){.prefix = "R"}, "");
	found(&(struct search){.prefix = "r", .ext = "sip:1@h"}, "10");
	found(&(struct search){.id = "r1", .ext = "sip:2@h"}, "1");
	found(&(struct search){.id = "r3"}, "3");
}


/* Two that began at once are not lost between two pages */
static void test_pages(void **state)
{
	struct search q = {.limit = 1};
	char cursor[SEARCH_CURSOR];
	const char *p;
	unsigned n;
	(void)state;

	for (n=0; n<3; n++) {

		static const char *const idv[] = {"2", "1", "0"};

		found(&q, idv[n]);
		p = strstr(run(&q), "\"next\":");
		assert_non_null(p);
		if (n == 2) {
			assert_string_equal("\"next\":null}", p);
			break;
		}
		assert_int_equal(1, sscanf(p, "\"next\":\"%40[0-9-]", cursor));
		assert_true(search_cursor(&q, cursor));
	}

	assert_false(search_cursor(&q, ""));
	assert_false(search_cursor(&q, "1"));
	assert_false(search_cursor(&q, "1-"));
	assert_false(search_cursor(&q, "-1"));
	assert_false(search_cursor(&q, "1-2x"));
	assert_false(search_cursor(&q, "99999999999999999999-1"));
}


static void test_sums(void **state)
{
	const char *p;
	(void)state;

	p = run(&(struct search){.sums = true});
	assert_non_null(strstr(p, "{\"ANSWERED\":1,\"BUSY\":1,\"FAILED\":1}"));
	assert_non_null(strstr(p, "\"calls\":3,\"bill_ms\":6000,\"asr\":0.3333,"
			       "\"ner\":0.6666,\"pdd_avg_ms\":400.0000,"
			       "\"bill_avg_ms\":6000.0000,\"hours\":null}"));
	p = run(&(struct search){.sums = true, .from = 9000});
	assert_non_null(strstr(p, "{},\"calls\":0,\"bill_ms\":0,\"asr\":null"));
	p = run(&(struct search){.sums = true, .to = 3000});
	assert_non_null(strstr(p, ",\"hours\":[{\"from\":0,\"calls\":3,"
			       "\"answered\":1}]}"));
	p = run(&(struct search){.sums = true, .from = 1001, .to = 3601000});
	assert_non_null(strstr(p, ",\"hours\":[{\"from\":1001,\"calls\":2,"
			       "\"answered\":0}]}"));
	p = run(&(struct search){.sums = true, .from = 3000, .to = 2000});
	assert_non_null(strstr(p, ",\"hours\":null}"));
}


static void test_time(void **state)
{
	static const struct {
		const char *str;
		uint64_t t;
	} v[] = {
		{"1796032800000", 1796032800000}, {"0", 0},
		{"1970-01-02", 86400000}, {"1970-01-01T00:00:01Z", 1000},
		{"1970-01-01T01:00", 3600000},
	};
	static const char *const badv[] = {
		"", "x", "1970-13-01", "1970-01-01T", "1970-01-01 10:00",
		"1970-01-01T00:00:01+02:00", "1969-01-01", "-1",
		"1234567890123456",
	};
	uint64_t t;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {
		assert_true(search_time(&t, v[i].str));
		assert_int_equal(v[i].t, t);
	}
	for (i=0; i<ARRAY_SIZE(badv); i++)
		assert_false(search_time(&t, badv[i]));
}


/* What a file is; whether it is encrypted, and there, is true or false */
static void test_recording(void **state)
{
	struct search q = {.recording = true};
	(void)state;

	assert_int_equal(SQLITE_OK, sqlite3_exec(s->db, "INSERT INTO"
		" recordings(id,stored,json,removed) VALUES"
		"('plain',1,'{\"file\":\"a.ogg\",\"encrypted\":false}',NULL),"
		"('sealed',2,'{\"file\":\"a.cms\",\"encrypted\":true}',7),"
		"('old',3,'{\"file\":\"b.ogg\"}',NULL)", NULL, NULL, NULL));

	str_ncpy(q.id, "plain", sizeof(q.id));
	assert_string_equal("{\"file\":\"a.ogg\",\"format\":null,\"sha256\":"
			    "null,\"encrypted\":false,\"removed\":false}",
			    run(&q));
	str_ncpy(q.id, "sealed", sizeof(q.id));
	assert_string_equal("{\"file\":\"a.cms\",\"format\":null,\"sha256\":"
			    "null,\"encrypted\":true,\"removed\":true}",
			    run(&q));
	str_ncpy(q.id, "old", sizeof(q.id));
	assert_non_null(strstr(run(&q), "\"encrypted\":false,"));
}


/* One that would look at very much has its end, and the next one its time */
static void test_late(void **state)
{
	struct search q = {.to = INT64_MAX, .started = INT64_MAX,
		.seq = INT64_MAX, .limit = 1, .any = "nobody", .ms = 1};
	struct mbuf *mb = mbuf_alloc(64);
	(void)state;

	assert_int_equal(SQLITE_OK, sqlite3_exec(s->db, "INSERT INTO"
		" records(id,received,json) WITH RECURSIVE c(n) AS"
		" (SELECT 1 UNION ALL SELECT n+1 FROM c WHERE n<30000)"
		" SELECT 'x'||n,1,json_object('id','x'||n,'t_start',n,"
		"'dialled','1') FROM c", NULL, NULL, NULL));

	assert_int_equal(ETIMEDOUT, search_run(s, &q, mb, why, sizeof(why)));
	q.sums = true;
	assert_int_equal(ETIMEDOUT, search_run(s, &q, mb, why, sizeof(why)));

	q.sums = false;
	q.ms   = 60000;
	mbuf_rewind(mb);
	assert_int_equal(0, search_run(s, &q, mb, why, sizeof(why)));
	mem_deref(mb);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_filters, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_pages, setup, teardown),
		cmocka_unit_test_setup_teardown(test_sums, setup, teardown),
		cmocka_unit_test_setup_teardown(test_late, setup, teardown),
		cmocka_unit_test_setup_teardown(test_recording, setup,
						teardown),
		cmocka_unit_test(test_time),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
