/**
 * @file test_metricsrec.c  What records and events add to what is counted
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <stdio.h>
#include <cmocka.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mem.h>
#include "connectycube_hub/metrics/registry.h"
#include "connectycube_hub/metrics/families.h"
#include "connectycube_hub/metrics/metrics.h"

#define EXT "extension=\"sip:1@a\""

static struct metrics *m;
static char *text;


static int setup(void **state)
{
	(void)state;

	return metrics_alloc(&m, metrics_familyv, MET_FAMILIES,
			     METRICS_SERIES);
}


static int teardown(void **state)
{
	(void)state;
	m    = mem_deref(m);
	text = mem_deref(text);

	return 0;
}


static void count(void (*h)(struct metrics *, const json_t *, uint64_t),
		  const char *str)
{
	json_t *j = json_loads(str, 0, NULL);

	assert_non_null(j);
	h(m, j, 1);
	json_decref(j);
	text = mem_deref(text);
	assert_int_equal(0, re_sdprintf(&text, "%H", metrics_text, m));
}


static void has(const char *line)
{
	char str[512];

	(void)re_snprintf(str, sizeof(str), "\nconnectycube_%s\n", line);
	if (!strstr(text, str))
		fail_msg("no %s in\n%s", line, text);
}


static void has_not(const char *what)
{
	if (strstr(text, what))
		fail_msg("%s in\n%s", what, text);
}


#define QUALITY \
	"\"rtt_avg_ms\":40.5,\"latency_p50_ms\":0.2,\"latency_p99_ms\":0.7," \
	"\"dead_air_ms\":2500,"

static const char record[] =
	"{\"extension\":\"sip:1@a\",\"direction\":\"sip-to-app\","
	"\"disposition\":\"ANSWERED\",\"reason\":\"normal\","
	"\"pdd_ms\":300,\"setup_ms\":80,\"bill_ms\":61000,"
	"\"pushes\":2,\"push_to_online_ms\":1500,"
	"\"legs\":["
	"{\"side\":\"phone\",\"media\":{" QUALITY "\"one_way\":\"silence\","
	"\"rx\":{\"packets\":3000,\"lost\":30,\"jitter_avg_ms\":4,"
	"\"mos\":4.1},"
	"\"tx\":{\"packets\":3010,\"lost\":-2,\"jitter_avg_ms\":0,"
	"\"mos\":null}}},"
	"{\"side\":\"app\",\"media\":{\"rtt_avg_ms\":null,\"one_way\":null,"
	"\"dead_air_ms\":2500,\"rx\":{\"packets\":0,\"lost\":0,"
	"\"jitter_avg_ms\":0,\"mos\":null},\"tx\":null}},"
	"{\"side\":\"phone\",\"media\":{\"dead_air_ms\":0,"
	"\"one_way\":\"silence\"}},"
	"{\"side\":\"app\",\"media\":null}],"
	"\"recordings\":[{\"state\":\"complete\"},{\"state\":\"failed\"}]}";


static void test_record(void **state)
{
	(void)state;

	count(metrics_record, record);

	has("calls_total{" EXT ",dir=\"sip-to-app\",result=\"answered\","
	    "reason=\"normal\"} 1");
	has("call_pdd_seconds_bucket{" EXT ",dir=\"sip-to-app\","
	    "le=\"0.25\"} 0");
	has("call_pdd_seconds_bucket{" EXT ",dir=\"sip-to-app\","
	    "le=\"0.5\"} 1");
	has("call_setup_seconds_sum{" EXT ",dir=\"sip-to-app\"} 0.08");
	has("call_duration_seconds_sum{" EXT ",dir=\"sip-to-app\"} 61");

	has("rtp_packets_total{" EXT ",leg=\"phone\",dir=\"rx\"} 3000");
	has("rtp_packets_total{" EXT ",leg=\"phone\",dir=\"tx\"} 3010");
	has("rtp_packets_total{" EXT ",leg=\"app\",dir=\"rx\"} 0");
	has("rtp_lost_total{" EXT ",leg=\"phone\",dir=\"rx\"} 30");
	has("rtp_lost_total{" EXT ",leg=\"phone\",dir=\"tx\"} 0");
	has("jitter_seconds_sum{" EXT ",leg=\"phone\",dir=\"rx\"} 0.004");
	has("jitter_seconds_count{" EXT ",leg=\"phone\",dir=\"tx\"} 1");
	has("rtt_seconds_sum{" EXT ",leg=\"phone\"} 0.0405");
	has("mos_sum{" EXT ",leg=\"phone\",dir=\"rx\"} 4.1");
	has("bridge_latency_seconds_sum{" EXT ",leg=\"phone\"} 0.0002");
	has("bridge_latency_p99_seconds_sum{" EXT ",leg=\"phone\"} 0.0007");
	has_not("jitter_seconds_count{" EXT ",leg=\"app\"");
	has_not("mos_count{" EXT ",leg=\"phone\",dir=\"tx\"");
	has_not("rtt_seconds_count{" EXT ",leg=\"app\"");

	/* two phones were not heard, and nobody was: one call */
	has("one_way_calls_total{" EXT ",leg=\"phone\"} 1");
	has("one_way_calls_total{" EXT ",leg=\"app\"} 0");
	has("dead_air_calls_total{" EXT "} 1");
	has("dead_air_seconds_total{" EXT "} 2.5");

	has("push_total{" EXT ",result=\"sent\"} 2");
	has("push_total{" EXT ",result=\"online\"} 1");
	has("push_online_seconds_sum{" EXT "} 1.5");
	has("call_recordings_total{" EXT ",result=\"complete\"} 1");
	has("call_recordings_total{" EXT ",result=\"failed\"} 1");
}


/* Of one that was not answered there is no duration */
static void test_unanswered(void **state)
{
	(void)state;

	count(metrics_record, "{\"extension\":\"sip:1@a\",\"direction\":"
	      "\"app-to-sip\",\"disposition\":\"NO_ANSWER\",\"reason\":"
	      "\"answered_elsewhere\",\"pdd_ms\":null,\"bill_ms\":0,"
	      "\"legs\":[],\"pushes\":0,\"push_to_online_ms\":null}");
	has("calls_total{" EXT ",dir=\"app-to-sip\",result=\"no_answer\","
	    "reason=\"answered_elsewhere\"} 1");
	has("dead_air_seconds_total{" EXT "} 0");
	has_not("duration");
	has_not("pdd");
	has_not("push_");
}


/* Whatever comes, words are few and numbers are numbers */
static void test_strange(void **state)
{
	(void)state;

	count(metrics_record, "{}");
	has("calls_total{extension=\"\",dir=\"\",result=\"\",reason=\"\"} 1");
	count(metrics_record, "[]");

	count(metrics_record, "{\"extension\":7,\"direction\":\"a b\","
	      "\"disposition\":\"x1\",\"reason\":\"aaaaaaaaaaaaaaaaaaaaaaaa"
	      "aaaaaaaaaaaaaaaa\",\"pdd_ms\":\"1\",\"setup_ms\":-5,"
	      "\"legs\":[1,{\"side\":\"a\\\"\",\"media\":{\"rx\":[],"
	      "\"tx\":{\"packets\":true}}}],\"recordings\":{}}");
	has("calls_total{extension=\"\",dir=\"other\",result=\"other\","
	    "reason=\"other\"} 1");
	has_not("pdd");
	has_not("setup");
	has_not("packets");
}


static void test_recording(void **state)
{
	(void)state;

	count(metrics_recording, "{\"extension\":\"sip:1@a\",\"state\":"
	      "\"degraded\"}");
	has("recordings_total{" EXT ",result=\"degraded\"} 1");
}


static void test_event(void **state)
{
	(void)state;

	count(metrics_event, "{\"type\":\"push.failed\",\"ext\":\"sip:1@a\"}");
	count(metrics_event, "{\"type\":\"reg.failed\",\"ext\":\"sip:1@a\"}");
	count(metrics_event, "{\"type\":\"cloud.refused\",\"ext\":\"sip:1@a\","
	      "\"again\":false}");
	count(metrics_event, "{\"type\":\"cloud.refused\",\"ext\":\"sip:1@a\","
	      "\"again\":true}");
	count(metrics_event, "{\"type\":\"cloud.offline\","
	      "\"ext\":\"sip:1@a\"}");
	count(metrics_event, "{\"type\":\"call.ended\",\"ext\":\"sip:1@a\"}");
	count(metrics_event, "{\"type\":\"reg.failed\",\"ext\":null}");
	count(metrics_event, "{\"ext\":\"sip:1@a\"}");

	has("push_total{" EXT ",result=\"failed\"} 1");
	has("sip_registration_failures_total{" EXT "} 1");
	has("cloud_losses_total{" EXT ",reason=\"refused\"} 1");
	has("cloud_losses_total{" EXT ",reason=\"offline\"} 1");
	assert_int_equal(metrics_count(m), 4);
}


static void test_process(void **state)
{
	double start, cpu, resident, fds, fds_max;
	(void)state;

	metrics_process(m, 1);
	assert_int_equal(0, re_sdprintf(&text, "\n%H", metrics_text, m));
	assert_int_equal(1, sscanf(strstr(text, "\nprocess_start"),
			 "\nprocess_start_time_seconds %lf", &start));
	assert_int_equal(1, sscanf(strstr(text, "\nprocess_cpu"),
			 "\nprocess_cpu_seconds_total %lf", &cpu));
	assert_int_equal(1, sscanf(strstr(text, "\nprocess_resident"),
			 "\nprocess_resident_memory_bytes %lf", &resident));
	assert_int_equal(1, sscanf(strstr(text, "\nprocess_open"),
			 "\nprocess_open_fds %lf", &fds));
	assert_int_equal(1, sscanf(strstr(text, "\nprocess_max"),
			 "\nprocess_max_fds %lf", &fds_max));

	assert_true(start > 1.6e9 && start < 1e10);
	assert_true(cpu >= 0 && cpu < 1000);
	assert_true(resident > 1e6);
	assert_true(fds >= 3 && fds < fds_max);
}


#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_record), T(test_unanswered), T(test_strange),
		T(test_recording), T(test_event), T(test_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
