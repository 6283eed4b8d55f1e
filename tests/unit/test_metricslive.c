/**
 * @file test_metricslive.c  Extensions and calls that there are, as counted
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mem.h>
#include "connectycube_hub/feed.h"
#include "connectycube_hub/live/live.h"
#include "connectycube_hub/metrics/registry.h"
#include "connectycube_hub/metrics/families.h"
#include "connectycube_hub/metrics/metrics.h"

#define ONE "extension=\"sip:1@a\""
#define TWO "extension=\"sip:2@a\""

static struct hlive *l;
static struct metrics *m;
static char *text;
static uint64_t now;


static int setup(void **state)
{
	(void)state;

	now = 10000000;

	return hlive_alloc(&l) || metrics_alloc(&m, metrics_familyv,
						MET_FAMILIES, METRICS_SERIES);
}


static int teardown(void **state)
{
	(void)state;
	l    = mem_deref(l);
	m    = mem_deref(m);
	text = mem_deref(text);

	return 0;
}


/* The first two connections are of two bridges, later ones of the first */
static void tell(enum hub_told what, uint64_t conn, const char *str)
{
	struct hub_tell t = {.what = what, .conn = conn,
		.bridge = conn == 2 ? "c" : "b"};
	json_t *j = str ? json_loads(str, 0, NULL) : NULL;

	assert_true(!str || j);
	t.body = j;
	hlive_tell(l, &t, now);
	if (what == HUB_TOLD_STATE)
		metrics_state(m, j, now);
	json_decref(j);
}


static void came(uint64_t conn)
{
	tell(HUB_TOLD_CAME, conn, NULL);
}


static void collect(void)
{
	metrics_live(m, l, now);
	if (now > METRICS_KEEP)
		metrics_forget(m, now - METRICS_KEEP);
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


#define EXT(name, registered, cloud) \
	"{\"extension\":\"" name "\",\"calls\":0,\"sip\":{\"registered\":" \
	registered ",\"registers\":true},\"cloud\":{\"state\":\"" cloud "\"}}"

#define STATE(more, exts) \
	"{\"draining\":false," more "\"extensions\":[" exts "]}"


static void test_extensions(void **state)
{
	(void)state;

	came(1);
	collect();
	assert_string_equal(text, "");

	tell(HUB_TOLD_STATE, 1, STATE("\"loop_stall_ms\":30,\"spool\":"
	     "{\"waiting\":3,\"lost\":5},", EXT("sip:1@a", "true", "online")
	     "," EXT("sip:2@a", "false", "refused")));
	collect();
	has("extension_up{" ONE "} 1");
	has("sip_registered{" ONE "} 1");
	has("sip_registered{" TWO "} 0");
	has("cloud_connected{" ONE "} 1");
	has("cloud_connected{" TWO "} 0");
	has("cloud_refused{" TWO "} 1");
	has("draining{" ONE "} 0");
	has("calls_active{" ONE ",dir=\"sip-to-app\"} 0");
	has("transcoded_active{" ONE "} 0");

	/* the bridge's own, at its first extension */
	has("bridge_spool_records{" ONE "} 3");
	has("bridge_records_lost_total{" ONE "} 0");
	has("loop_stall_seconds_bucket{" ONE ",le=\"0.02\"} 0");
	has("loop_stall_seconds_bucket{" ONE ",le=\"0.05\"} 1");
	has_not("spool_records{" TWO);

	/* the first one that fails is one more, as is the first call */
	has("calls_total{" TWO ",dir=\"app-to-sip\",result=\"answered\","
	    "reason=\"normal\"} 0");
	has("recordings_total{" TWO ",result=\"failed\"} 0");
	has("one_way_calls_total{" TWO ",leg=\"app\"} 0");

	tell(HUB_TOLD_STATE, 1, STATE("\"loop_stall_ms\":0,\"spool\":"
	     "{\"waiting\":0,\"lost\":7},",
	     EXT("sip:1@a", "false", "connecting")));
	collect();
	has("sip_registered{" ONE "} 0");
	has("cloud_connected{" ONE "} 0");
	has("cloud_refused{" ONE "} 0");
	has("bridge_spool_records{" ONE "} 0");
	has("bridge_records_lost_total{" ONE "} 2");
	has("loop_stall_seconds_count{" ONE "} 2");

	/* an account was removed: nobody is to be alarmed */
	has_not("extension_up{" TWO);
	has_not("sip_registered{" TWO);
	has("recordings_total{" TWO ",result=\"failed\"} 0");
}


/* One that does not register is not missing at its server */
static void test_no_registration(void **state)
{
	(void)state;

	came(1);
	tell(HUB_TOLD_STATE, 1, STATE("", "{\"extension\":\"sip:1@a\",\"sip\":"
	     "{\"registered\":false,\"registers\":false},\"cloud\":{}}"));
	collect();
	has("extension_up{" ONE "} 1");
	has_not("sip_registered{");
	has_not("bridge_spool_records{");
}


static void test_gone(void **state)
{
	(void)state;

	came(1);
	tell(HUB_TOLD_STATE, 1, STATE("", EXT("sip:1@a", "true", "online")));
	tell(HUB_TOLD_EVENT, 1, "{\"type\":\"call.new\",\"call\":1,"
	     "\"record_id\":\"a\",\"ext\":\"sip:1@a\",\"direction\":\"sip-to-app\"}");
	collect();
	has("calls_active{" ONE ",dir=\"sip-to-app\"} 1");

	/* of a bridge that is gone only that is known */
	now += 1000;
	tell(HUB_TOLD_WENT, 1, NULL);
	collect();
	has("extension_up{" ONE "} 0");
	has("recordings_total{" ONE ",result=\"failed\"} 0");
	has_not("sip_registered{");
	has_not("calls_active{");

	/* it is back; its old connection ends late */
	came(3);
	collect();
	has("extension_up{" ONE "} 0");
	tell(HUB_TOLD_STATE, 3, STATE("", EXT("sip:1@a", "true", "online")));
	came(4);
	tell(HUB_TOLD_STATE, 4, STATE("", EXT("sip:1@a", "true", "online")));
	tell(HUB_TOLD_WENT, 3, NULL);
	collect();
	has("extension_up{" ONE "} 1");

	/* and for good: in an hour nothing of it is left */
	tell(HUB_TOLD_WENT, 4, NULL);
	now += METRICS_KEEP - 1000;
	collect();
	has("extension_up{" ONE "} 0");
	now += 2000;
	collect();
	assert_string_equal(text, "");
}


static void test_calls(void **state)
{
	(void)state;

	came(1);
	came(2);
	tell(HUB_TOLD_STATE, 1, STATE("", EXT("sip:1@a", "true", "online")));
	tell(HUB_TOLD_STATE, 2, STATE("", EXT("sip:2@a", "true", "online")));

	/* a hub that has come late is told of calls by their statistics */
	tell(HUB_TOLD_STATS, 1, "{\"calls\":["
	     "{\"call\":7,\"record_id\":\"7\",\"extension\":\"sip:1@a\",\"direction\":"
	     "\"app-to-sip\",\"legs\":["
	     "{\"leg_num\":1,\"rx\":{\"codec\":\"PCMU/8000\"},\"tx\":{\"codec\":"
	     "\"PCMU/8000\"}},"
	     "{\"leg_num\":2,\"rx\":{\"codec\":\"PCMU/8000\"},\"tx\":{\"codec\":"
	     "\"PCMU/8000\"}}]},"
	     "{\"call\":8,\"record_id\":\"8\",\"extension\":\"sip:1@a\",\"direction\":"
	     "\"app-to-sip\",\"legs\":["
	     "{\"leg_num\":1,\"rx\":{\"codec\":\"PCMU/8000\"},\"tx\":{\"codec\":"
	     "\"PCMU/8000\"}},"
	     "{\"leg_num\":2,\"rx\":{\"codec\":\"opus/48000\"},\"tx\":{\"codec\":"
	     "\"opus/48000\"}}]},"
	     "{\"call\":\"9\"},7]}");
	tell(HUB_TOLD_EVENT, 2, "{\"type\":\"call.new\",\"call\":7,"
	     "\"record_id\":\"7\",\"ext\":"
	     "\"sip:2@a\",\"direction\":\"sip-to-app\"}");
	tell(HUB_TOLD_EVENT, 2, "{\"type\":\"call.new\",\"call\":7,"
	     "\"record_id\":\"7\",\"ext\":"
	     "\"sip:2@a\",\"direction\":\"sip-to-app\"}");
	tell(HUB_TOLD_EVENT, 2, "{\"type\":\"call.new\",\"call\":8,"
	     "\"record_id\":\"8\",\"ext\":"
	     "\"sip:2@a\",\"direction\":\"sip-to-app\"}");
	collect();
	has("calls_active{" ONE ",dir=\"app-to-sip\"} 2");
	has("calls_active{" ONE ",dir=\"sip-to-app\"} 0");
	has("calls_active{" TWO ",dir=\"sip-to-app\"} 2");
	has("transcoded_active{" ONE "} 1");
	has("transcoded_active{" TWO "} 0");

	/* each bridge has its own numbers */
	tell(HUB_TOLD_EVENT, 2, "{\"type\":\"call.ended\",\"call\":8}");
	tell(HUB_TOLD_EVENT, 2, "{\"type\":\"call.ended\",\"call\":99}");
	collect();
	has("calls_active{" ONE ",dir=\"app-to-sip\"} 2");
	has("calls_active{" TWO ",dir=\"sip-to-app\"} 1");

	/* it is still measured there: it is over all the same */
	tell(HUB_TOLD_STATS, 2, "{\"calls\":[{\"call\":8,"
	     "\"record_id\":\"8\",\"extension\":"
	     "\"sip:2@a\",\"direction\":\"sip-to-app\",\"legs\":[]}]}");
	collect();
	has("calls_active{" TWO ",dir=\"sip-to-app\"} 1");

	/* an event was lost: its state tells, too */
	tell(HUB_TOLD_STATE, 1, STATE("\"calls\":[7,12],",
	     EXT("sip:1@a", "true", "online")));
	collect();
	has("calls_active{" ONE ",dir=\"app-to-sip\"} 1");
	has("calls_active{" TWO ",dir=\"sip-to-app\"} 1");
	has("transcoded_active{" ONE "} 0");
}


/* A bridge of another version may tell anything */
static void test_strange(void **state)
{
	(void)state;

	came(1);
	tell(HUB_TOLD_STATE, 1, "{}");
	tell(HUB_TOLD_STATE, 1, "{\"extensions\":{},\"calls\":{}}");
	tell(HUB_TOLD_STATE, 1, "{\"extensions\":[7,{\"extension\":null},"
	     "{\"extension\":\"sip:1@a\",\"sip\":7}],\"spool\":[],"
	     "\"loop_stall_ms\":\"x\"}");
	tell(HUB_TOLD_STATS, 1, "{\"calls\":7}");
	tell(HUB_TOLD_EVENT, 1, "{\"type\":7}");
	collect();
	has("extension_up{" ONE "} 1");
	has("cloud_connected{" ONE "} 0");
}


#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_extensions), T(test_no_registration), T(test_gone),
		T(test_calls), T(test_strange),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
