/**
 * @file test_hubmetrics.c  What the hub says of itself
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <sqlite3.h>
#include <re.h>
#include "base/mono.h"
#include "connectycube_hub/hub.h"
#include "connectycube_hub/sink/sink.h"
#include "connectycube_hub/store.h"
#include "connectycube_hub/sink/deliver.h"
#include "connectycube_hub/recording/recfacts.h"
#include "connectycube_hub/recording/recording.h"
#include "connectycube_hub/metrics/registry.h"
#include "connectycube_hub/metrics/families.h"
#include "connectycube_hub/metrics/metrics.h"
#include "hub_rig.h"


static void run(struct hub_store *s, const char *sql)
{
	if (store_exec(s, sql, why, sizeof(why)))
		fail_msg("%s", why);
}


static void depth(struct hub_store *s, int64_t waiting, int64_t oldest)
{
	int64_t n = -1, t = -1;

	assert_int_equal(0, hub_sink_depth(s, "webhook", &n, &t, why,
					   sizeof(why)));
	assert_int_equal(waiting, n);
	assert_int_equal(oldest, t);
}


static void move(struct hub_store *s, int64_t seq)
{
	const struct hub_pos pos = {.seq = seq};

	assert_int_equal(0, hub_store_set_pos(s, "webhook", &pos, why,
					      sizeof(why)));
}


/* The oldest of what waits, tried or not; what is given up does not */
static void test_depth(void **state)
{
	struct hub_delivery d = {.seq = 2, .tries = 1, .first = 1, .next = 2};
	struct hub_store *s = rig_open();
	(void)state;

	depth(s, 0, 0);

	assert_int_equal(4, rig_put(s, "a", 4));
	run(s, "UPDATE records SET received=seq*1000");
	depth(s, 4, 1000);

	move(s, 3);
	depth(s, 1, 4000);

	assert_int_equal(0, hub_deliver_keep(s, "webhook", &d, "busy", why,
					     sizeof(why)));
	depth(s, 1, 2000);
	move(s, 4);
	depth(s, 0, 2000);

	assert_int_equal(0, hub_deliver_dead(s, "webhook", 2, why,
					     sizeof(why)));
	depth(s, 0, 0);

	/* those of another sink are not ours */
	d.seq = 1;
	assert_int_equal(0, hub_deliver_keep(s, "postgres", &d, "busy", why,
					     sizeof(why)));
	depth(s, 0, 0);

	/* all are forgotten */
	run(s, "DELETE FROM records");
	depth(s, 0, 0);

	/* of recordings there are others */
	hub_store_use(s, HUB_RECORDINGS);
	move(s, 0);
	run(s, "INSERT INTO recordings(id,stored,json) VALUES('r',77,'{}')");
	depth(s, 1, 77);

	mem_deref(s);
}


static char *text;

static const char *print(struct metrics *m)
{
	text = mem_deref(text);
	assert_int_equal(0, re_sdprintf(&text, "%H", metrics_text, m));

	return text;
}


#define HAS(what) assert_non_null(strstr(text, "\nconnectycube_" what "\n"))
#define HAS_NOT(what) assert_null(strstr(text, "connectycube_" what))

static void test_collect(void **state)
{
	const struct hub_inbox_counts inbox = {true, 70, 7, 2, 3, 1};
	struct hub_sink_counts n = {.done = 5, .refused = 2, .down = 1,
		.waiting = 4, .oldest = 90000, .kept = 3, .dead = 1};
	struct hrec_counts rec = {.writing = 1, .waiting = 2, .at_work = 3,
		.aside = 4, .failing = 1};
	struct metrics *m;
	(void)state;

	assert_int_equal(0, metrics_alloc(&m, metrics_familyv, MET_FAMILIES,
					  METRICS_SERIES));
	metrics_inbox(m, &inbox, 1);
	metrics_sinks_begin(m);
	metrics_sink(m, "webhook", &n, 100500, 1);
	metrics_sink(m, "webhook-recordings", &n, 100500, 1);
	n.failing = true;
	n.waiting = -1;
	metrics_sink(m, "postgres", &n, 100500, 1);
	rec.diskv[HUB_DISK_DB] = (struct hub_disk){1000, 10};
	metrics_spool(m, &rec, 1);
	metrics_self(m, "v1", 2, 1);

	print(m);
	HAS("records_total 7");
	HAS("records_repeated_total 2");
	HAS("records_stored 70");
	HAS("records_waiting 3");
	HAS("records_store_failures 1");
	HAS("sink_up{sink=\"webhook\"} 1");
	HAS("sink_up{sink=\"postgres\"} 0");
	HAS("sink_delivered_total{sink=\"webhook\"} 5");
	HAS("sink_failures_total{sink=\"webhook\",reason=\"refused\"} 2");
	HAS("sink_waiting_records{sink=\"webhook\"} 4");
	HAS("sink_oldest_seconds{sink=\"webhook\"} 10.5");
	HAS_NOT("sink_waiting_records{sink=\"postgres\"");
	HAS_NOT("sink_oldest_seconds{sink=\"postgres\"");
	HAS("sink_retrying_records{sink=\"webhook\"} 3");
	HAS("sink_dead_letters{sink=\"webhook\"} 1");
	HAS("webhook_deliveries_total{result=\"ok\"} 10");
	HAS("webhook_deliveries_total{result=\"down\"} 2");
	HAS("recording_spool_files{state=\"aside\"} 4");
	HAS("recordings_failing 1");
	HAS("disk_free_bytes{place=\"database\"} 10");
	HAS_NOT("disk_free_bytes{place=\"recordings\"");
	HAS("bridges_connected 2");
	assert_non_null(strstr(text, "build_info{version=\"v1\",libre="));
	HAS("metrics_dropped_total 0");

	/* the next time it is as it is then; and the clock may be set back */
	rec.diskv[HUB_DISK_DB].size = 0;
	n = (struct hub_sink_counts){.done = 6, .waiting = 1,
		.oldest = 90000};
	metrics_sinks_begin(m);
	metrics_sink(m, "webhook", &n, 80000, 2);
	metrics_spool(m, &rec, 2);
	print(m);
	HAS("webhook_deliveries_total{result=\"ok\"} 6");
	HAS("sink_oldest_seconds{sink=\"webhook\"} 0");
	HAS_NOT("disk_");

	text = mem_deref(text);
	mem_deref(m);
}


static void test_disk(void **state)
{
	struct hub_disk d = {1, 1}, of_file;
	(void)state;

	hub_disk_look(&d, "/nowhere/at/all", false);
	assert_int_equal(0, d.size);
	hub_disk_look(&of_file, dbpath, true);
	hub_disk_look(&d, dir, false);
	assert_true(d.size > 0 && d.free <= d.size);
	assert_int_equal(of_file.size, d.size);
	hub_disk_look(&d, "records.db", true);
	assert_true(d.size > 0);
}


#define T(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_depth), T(test_collect), T(test_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
