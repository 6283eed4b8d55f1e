/**
 * @file test_timeline.c  The hub: what was measured of calls
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <cmocka.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mem.h>
#include "connectycube_hub/timeline/timeline.h"


static struct timelines *t;


static int setup(void **state)
{
	(void)state;

	return timelines_alloc(&t);
}


static int teardown(void **state)
{
	(void)state;
	t = mem_deref(t);

	return 0;
}


/* What a bridge tells by its clock, at a time that nobody sets */
static void stats_at(uint64_t time, uint64_t now, const char *calls)
{
	char text[4096];
	json_t *j;
	char *p;

	(void)re_snprintf(text, sizeof(text), "{'time':%llu,'calls':[%s]}",
			  time, calls);
	for (p = text; *p; p++)
		*p = *p == '\'' ? '"' : *p;
	j = json_loads(text, 0, NULL);
	assert_non_null(j);
	timelines_stats(t, j, time, now);
	json_decref(j);
}


static void stats(uint64_t time, const char *calls)
{
	stats_at(time, time, calls);
}


static void test_line(void **state)
{
	char *json;
	(void)state;

	stats(1000, "{'record_id':'a','legs':[{'leg_num':2,'side':'phone',"
	      "'uri':'sip:1@h','rx':{'mos_now_100':430,'lost':2,'jitter_us':"
	      "1500},'level_now_10':-305,'rtt_us':20500}]}");
	stats(3000, "{'record_id':'a','legs':[{'leg_num':2,'side':'phone',"
	      "'rx':{'lost':7}},{'leg_num':3,'side':'app','user':'77'}]},"
	      "{'record_id':'b'},{'legs':[]},7,{'record_id':9}");
	assert_int_equal(2, timelines_count(t));
	assert_int_equal(0, timelines_take(t, &json, "a"));
	assert_string_equal("{\"id\":\"a\",\"times\":[1000,3000],\"legs\":["
		"{\"leg_num\":2,\"side\":\"phone\",\"user\":null,\"uri\":null,"
		"\"mos\":[4.3,null],\"lost\":[2,5],\"level_dbov\":[-30.5,null],"
		"\"jitter_ms\":[1.5,0.0],\"rtt_ms\":[20.5,null]},"
		"{\"leg_num\":3,\"side\":\"app\",\"user\":\"77\",\"uri\":null,"
		"\"mos\":[null,null],\"lost\":[null,null],\"level_dbov\":"
		"[null,null],\"jitter_ms\":[null,null],\"rtt_ms\":"
		"[null,null]}]}", json);
	free(json);
	assert_int_equal(ENOENT, timelines_take(t, &json, "a"));
}


/* A call of a day has so many samples, from its beginning to its end */
static void test_long(void **state)
{
	json_t *j, *times;
	uint64_t time, step = 0, last = 0;
	size_t i, n;
	char *json;
	(void)state;

	for (time = 2000; time <= 86400000; time += 2000)
		stats(time, "{'record_id':'a','legs':[{'leg_num':1,'side':"
		      "'app'}]}");

	assert_int_equal(0, timelines_take(t, &json, "a"));
	j = json_loads(json, 0, NULL);
	free(json);
	times = json_object_get(j, "times");
	n = json_array_size(times);
	assert_in_range(n, TIMELINE_SAMPLES / 2, TIMELINE_SAMPLES);
	for (i=0; i<n; i++) {
		time = (uint64_t)json_integer_value(json_array_get(times, i));
		if (!i)
			assert_int_equal(2000, time);
		else
			step = time - last > step ? time - last : step;
		last = time;
	}
	assert_in_range(step, 86400000 / TIMELINE_SAMPLES,
			86400000 / TIMELINE_SAMPLES * 3);
	assert_in_range(last, 86400000 - step, 86400000);
	json_decref(j);
}


static void test_bounds(void **state)
{
	char call[64];
	size_t i;
	char *json;
	(void)state;

	stats(1000, "{'record_id':'legs','legs':[{'leg_num':1},{'leg_num':2},"
	      "{'leg_num':3},{'leg_num':4},{'leg_num':5},{'leg_num':0},"
	      "{'leg_num':6,'rx':7}]}");
	assert_int_equal(0, timelines_take(t, &json, "legs"));
	assert_non_null(strstr(json, "\"leg_num\":4"));
	assert_null(strstr(json, "\"leg_num\":5"));
	free(json);

	for (i=0; i<TIMELINE_LINES + 10; i++) {
		(void)re_snprintf(call, sizeof(call), "{'record_id':'%zu'}", i);
		stats(2000, call);
	}
	assert_int_equal(TIMELINE_LINES, timelines_count(t));
	timelines_forget(t, 2000 + TIMELINE_WAIT);
	assert_int_equal(TIMELINE_LINES, timelines_count(t));
	timelines_forget(t, 2001 + TIMELINE_WAIT);
	assert_int_equal(0, timelines_count(t));
}


/* What is 0 bridges leave away: the first loss is one nevertheless, also of who
   came later, or of whom nothing was known for a while */
static void test_lost(void **state)
{
	char *json;
	(void)state;

	stats(1000, "{'record_id':'a','legs':[{'leg_num':2,'rx':{'packets':9}"
	      "}]}");
	stats(3000, "{'record_id':'a','legs':[{'leg_num':2,'rx':{'lost':4}},"
	      "{'leg_num':3,'rx':{'lost':-1}}]}");
	stats(5000, "{'record_id':'a','legs':[{'leg_num':2},{'leg_num':3,'rx':"
	      "{'lost':3}}]}");
	stats(7000, "{'record_id':'a','legs':[{'leg_num':2,'rx':{'lost':6}},"
	      "{'leg_num':3,'rx':{'lost':1}}]}");
	assert_int_equal(0, timelines_take(t, &json, "a"));
	assert_non_null(strstr(json, "\"lost\":[0,4,null,2],"));
	assert_non_null(strstr(json, "\"jitter_ms\":[0.0,0.0,null,0.0],"));
	assert_non_null(strstr(json, "\"lost\":[null,0,3,0],"));
	free(json);
}


/* A clock that is set, by a year and back, costs no sample */
static void test_clock_set(void **state)
{
	static const char call[] = "{'record_id':'a','legs':[]}";
	const uint64_t year = 365 * 86400000ull;
	char *json;
	(void)state;

	stats_at(year, 1000, call);
	stats_at(2 * year, 3000, call);
	stats_at(year + 4000, 5000, call);
	timelines_forget(t, 5000 + TIMELINE_WAIT);
	assert_int_equal(0, timelines_take(t, &json, "a"));
	assert_string_equal("{\"id\":\"a\",\"times\":[31536000000,"
			    "63072000000,31536004000],\"legs\":[]}", json);
	free(json);
}


/* ... not of a long call either */
static void test_clock_set_long(void **state)
{
	static const char call[] = "{'record_id':'a','legs':[]}";
	uint64_t n;
	char *json;
	json_t *j;
	(void)state;

	for (n=1; n <= 2 * TIMELINE_SAMPLES; n++)
		stats_at(n * 2000 + (n > 100 ? 365 * 86400000ull : 0),
			 n * 2000, call);
	assert_int_equal(0, timelines_take(t, &json, "a"));
	j = json_loads(json, 0, NULL);
	free(json);
	assert_in_range(json_array_size(json_object_get(j, "times")),
			TIMELINE_SAMPLES / 2 + 50, TIMELINE_SAMPLES);
	json_decref(j);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_line, setup, teardown),
		cmocka_unit_test_setup_teardown(test_long, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bounds, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lost, setup, teardown),
		cmocka_unit_test_setup_teardown(test_clock_set, setup, teardown),
		cmocka_unit_test_setup_teardown(test_clock_set_long, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
