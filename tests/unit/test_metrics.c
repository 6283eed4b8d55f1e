/**
 * @file test_metrics.c  What is counted, and how Prometheus reads it
 */
#include <math.h>
#include "testutil.h"
#include "connectycube_hub/metrics/registry.h"

enum { F_CALLS = 0, F_UP, F_TIME, F_PLAIN, F_BYTES, FAMILIES };

static const struct metric_desc descv[FAMILIES] = {
	[F_CALLS] = {"x_calls_total", "Calls, a \\\\ b", METRIC_COUNTER,
		     {"extension", "dir"}, {0}},
	[F_UP]    = {"x_up", "Is there", METRIC_GAUGE, {"extension"}, {0}},
	[F_TIME]  = {"x_time_seconds", "Time", METRIC_HISTOGRAM,
		     {"extension"}, {0.1, 0.5, 1}},
	[F_PLAIN] = {"x_wait_seconds", "Wait", METRIC_HISTOGRAM, {NULL},
		     {2}},
	[F_BYTES] = {"x_free_bytes", "Free", METRIC_GAUGE, {NULL}, {0}},
};

static struct metrics *m;
static char *text;


static int setup(void **state)
{
	(void)state;

	return metrics_alloc(&m, descv, FAMILIES, 5);
}


static int teardown(void **state)
{
	(void)state;
	m    = mem_deref(m);
	text = mem_deref(text);

	return 0;
}


static const char *print(void)
{
	text = mem_deref(text);
	assert_int_equal(0, re_sdprintf(&text, "%H", metrics_text, m));

	return text;
}


static void call(const char *ext, const char *dir, uint64_t now)
{
	metrics_add(m, F_CALLS, METRIC_LABELS(ext, dir), 1, now);
}


static void test_text(void **state)
{
	(void)state;

	assert_string_equal(print(), "");

	call("sip:1@a", "in", 1);
	call("sip:1@a", "in", 1);
	call("sip:1@a", NULL, 1);
	metrics_set(m, F_BYTES, NULL, 12345678901234., 1);
	metrics_observe(m, F_PLAIN, NULL, 2, 1);
	metrics_observe(m, F_PLAIN, NULL, 2.5, 1);

	assert_string_equal(print(),
		"# HELP x_calls_total Calls, a \\\\ b\n"
		"# TYPE x_calls_total counter\n"
		"x_calls_total{extension=\"sip:1@a\",dir=\"in\"} 2\n"
		"x_calls_total{extension=\"sip:1@a\",dir=\"\"} 1\n"
		"# HELP x_wait_seconds Wait\n"
		"# TYPE x_wait_seconds histogram\n"
		"x_wait_seconds_bucket{le=\"2\"} 1\n"
		"x_wait_seconds_bucket{le=\"+Inf\"} 2\n"
		"x_wait_seconds_sum 4.5\n"
		"x_wait_seconds_count 2\n"
		"# HELP x_free_bytes Free\n"
		"# TYPE x_free_bytes gauge\n"
		"x_free_bytes 12345678901234\n");
}


static void test_histogram(void **state)
{
	static const double v[] = {0.0625, 0.875, 1, 2, 3, 3.0625};
	size_t i;
	(void)state;

	metrics_observe(m, F_TIME, METRIC_LABELS("e"), 0, 1);
	metrics_observe(m, F_TIME, METRIC_LABELS("e"), 0.1, 1);
	metrics_observe(m, F_TIME, METRIC_LABELS("e"), 0.7, 1);
	for (i=0; i<ARRAY_SIZE(v); i++)
		metrics_observe(m, F_TIME, METRIC_LABELS("e"), v[i], 1);

	assert_non_null(strstr(print(),
		"x_time_seconds_bucket{extension=\"e\",le=\"0.1\"} 3\n"
		"x_time_seconds_bucket{extension=\"e\",le=\"0.5\"} 3\n"
		"x_time_seconds_bucket{extension=\"e\",le=\"1\"} 6\n"
		"x_time_seconds_bucket{extension=\"e\",le=\"+Inf\"} 9\n"
		"x_time_seconds_sum{extension=\"e\"} 10.8\n"
		"x_time_seconds_count{extension=\"e\"} 9\n"));

	/* of another kind: not for it */
	metrics_observe(m, F_UP, METRIC_LABELS("e"), 1, 1);
	assert_non_null(strstr(print(), "x_up{extension=\"e\"} 0\n"));
}


/* Whoever chooses a name writes no lines of his own */
static void test_escape(void **state)
{
	(void)state;

	call("a\"b\\c\nd\xff\xc3\xa4\xc3", "", 1);
	assert_non_null(strstr(print(),
		"{extension=\"a\\\"b\\\\c\\nd?\xc3\xa4?\",dir=\"\"} 1\n"));
}


static void test_numbers(void **state)
{
	static const struct {
		double value;
		const char *text;
	} testv[] = {
		{0, "0"}, {-1, "-1"}, {0.1, "0.1"}, {0.02, "0.02"},
		{1e21, "1e+21"}, {1764500000.123, "1764500000.123"},
		{9007199254740991., "9007199254740991"},
		{INFINITY, "+Inf"}, {-INFINITY, "-Inf"}, {NAN, "NaN"},
	};
	char want[64];
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(testv); i++) {
		metrics_set(m, F_BYTES, NULL, testv[i].value, 1);
		(void)re_snprintf(want, sizeof(want), "\nx_free_bytes %s\n",
				  testv[i].text);
		assert_non_null(strstr(print(), want));
	}
}


/* A counter never falls */
static void test_counter(void **state)
{
	(void)state;

	call("e", "in", 1);
	metrics_add(m, F_CALLS, METRIC_LABELS("e", "in"), -5, 1);
	metrics_add(m, F_CALLS, METRIC_LABELS("e", "in"), NAN, 1);
	metrics_add(m, F_CALLS, METRIC_LABELS("e", "out"), 0, 1);
	assert_non_null(strstr(print(), "dir=\"in\"} 1\n"));
	assert_non_null(strstr(text, "dir=\"out\"} 0\n"));
}


static void test_most(void **state)
{
	char name[16];
	unsigned i;
	(void)state;

	for (i=0; i<8; i++) {
		(void)re_snprintf(name, sizeof(name), "e%u", i);
		call(name, "in", 1);
	}

	assert_int_equal(metrics_count(m), 5);
	assert_int_equal(metrics_dropped(m), 3);
	call("e0", "in", 1);
	assert_non_null(strstr(print(), "extension=\"e0\",dir=\"in\"} 2\n"));
	assert_null(strstr(text, "e5"));

	/* there is no such family */
	metrics_add(m, FAMILIES, NULL, 1, 1);
	assert_int_equal(metrics_dropped(m), 3);

	metrics_clear(m, F_CALLS);
	assert_int_equal(metrics_count(m), 0);
	call("e7", "in", 1);
	assert_string_equal(strstr(print(), "\nx_"), "\nx_calls_total"
			    "{extension=\"e7\",dir=\"in\"} 1\n");
}


/* Those of an extension that is gone leave, and only those */
static void test_forget(void **state)
{
	(void)state;

	call("old", "in", 100);
	metrics_set(m, F_UP, METRIC_LABELS("old"), 1, 100);
	call("new", "in", 100);
	metrics_set(m, F_BYTES, NULL, 1, 100);
	metrics_add(m, F_CALLS, METRIC_LABELS("new", "in"), 0, 200);
	metrics_add(m, F_CALLS, METRIC_LABELS("new", "in"), 0, 150);

	metrics_forget(m, 100);
	assert_int_equal(metrics_count(m), 4);
	metrics_forget(m, 200);
	assert_int_equal(metrics_count(m), 2);
	assert_null(strstr(print(), "old"));
	assert_non_null(strstr(text, "extension=\"new\",dir=\"in\"} 1\n"));

	/* it comes back, and begins anew */
	call("old", "in", 300);
	metrics_forget(m, 250);
	assert_string_equal(strstr(print(), "\nx_"),
			    "\nx_calls_total{extension=\"old\",dir=\"in\"} 1\n"
			    "# HELP x_free_bytes Free\n"
			    "# TYPE x_free_bytes gauge\nx_free_bytes 1\n");
}


static void test_args(void **state)
{
	struct metrics *none = NULL;
	(void)state;

	assert_int_equal(metrics_alloc(NULL, descv, 1, 1), EINVAL);
	assert_int_equal(metrics_alloc(&none, NULL, 1, 1), EINVAL);
	assert_int_equal(metrics_alloc(&none, descv, 0, 1), EINVAL);

	/* nothing is counted before there is anything to count with */
	metrics_add(NULL, 0, NULL, 1, 1);
	metrics_clear(NULL, 0);
	metrics_forget(NULL, 1);
	assert_int_equal(metrics_count(NULL), 0);
}


#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_text), T(test_histogram), T(test_escape),
		T(test_numbers), T(test_counter), T(test_most),
		T(test_forget), T(test_args),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
