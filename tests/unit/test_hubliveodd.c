/**
 * @file test_hubliveodd.c  Bridges may tell the hub anything, all is bounded
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include "connectycube_hub/feed.h"
#include "connectycube_hub/live/live.h"
#include "hublive_rig.h"


static void test_limits(void **unused)
{
	static char longer[4000], text[5000];
	unsigned i;
	(void)unused;

	came(1, "b");
	for (i=1; i<=HLIVE_CALLS_BRIDGE + 10; i++)
		event(1, "call.new", i, "");
	assert_int_equal(HLIVE_CALLS_BRIDGE, calls());

	for (i=1; i<=HLIVE_LEGS + 5; i++) {
		(void)re_snprintf(text, sizeof(text), ",'leg_num':%u", i);
		event(1, "leg.new", 1, text);
	}
	assert_int_equal(HLIVE_LEGS, count(hlive_json_call(l, "1@b"),
					   "legs"));

	/* cut between characters */
	for (i=0; i<sizeof(longer) - 2; i+=2)
		memcpy(&longer[i], "\xc3\xb6", 2);
	(void)re_snprintf(text, sizeof(text), ",'name':'%s'", longer);
	event(1, "call.ringing", 2, text);
	assert_non_null(strstr(of("2@b", "from"), "\xc3\xb6\""));
}


/* Members that are of another kind, or are not there */
static void test_rubbish(void **unused)
{
	static const char *const textv[] = {
		"{}", "{'calls':7,'extensions':7,'recordings':7}",
		"{'calls':[7,'x',{},[],-1,4294967296,{'call':'x'},{'call':7,"
		"'legs':{}},{'call':8,'legs':[7,{},{'leg_num':-1},{'leg_num':1,"
		"'rx':7,'rtt_us':'x'}]}],'extensions':[7,{},{'extension':7},"
		"{'extension':'e','sip':7,'cloud':[]}],'recordings':[{},7]}",
		"{'type':7}", "{'type':'call.new'}",
		"{'type':'call.new','call':9,'time':'x','ext':7}",
		"{'type':'leg.held','call':9,'leg_num':'x'}",
	};
	static const enum hub_told whatv[] = {HUB_TOLD_EVENT, HUB_TOLD_STATE,
		HUB_TOLD_STATS, HUB_TOLD_RECORD};
	size_t i, n;
	(void)unused;

	for (i=0; i<ARRAY_SIZE(whatv); i++) {
		tell(whatv[i], 1, "b", "{}"); /* nobody's */
		for (n=0; n<ARRAY_SIZE(textv); n++) {
			came(i + 1, "b");
			tell(whatv[i], i + 1, "b", "%s", textv[n]);
		}
	}

	json_decref(hlive_json_calls(l, EXT));
	assert_int_equal(1, count(hlive_json_exts(l), "extensions"));
	assert_null(hlive_json_call(l, "x"));
	assert_null(hlive_json_stats(l, ""));
	assert_null(hlive_json_ext(l, "x"));
}


/* Numbers that no bridge has: none becomes one that is none */
static void test_numbers(void **unused)
{
	static const char *const numv[] = {
		"9223372036854775807", "-9223372036854775808", "1e300", "0",
	};
	size_t i;
	(void)unused;

	came(1, "b");
	for (i=0; i<2 * ARRAY_SIZE(numv); i++) {

		const char *n = numv[i % ARRAY_SIZE(numv)];

		now += 1000;
		tell(HUB_TOLD_STATS, 1, "b", "{'calls':[{'call':7,'record_id':"
		     "'7@b','extension':'" EXT "','t_start':%s,'t_answer':%s,"
		     "'legs':[{'leg_num':1,'width':%s,'rtt_us':%s,'rx':{"
		     "'codec':'x','bytes':%s,'lost':%s,'packets':%s,"
		     "'jitter_us':%s,'mos_now_100':%s},'video_rx':{'codec':"
		     "'y','frames':%s,'bytes':%s}}]}]}", n, n, n, n, n, n, n,
		     n, n, n, n);
		json_decref(hlive_json_stats(l, "7@b"));
		tell(HUB_TOLD_STATE, 1, "b", "{'started':5,'pid':%s,"
		     "'memory_kb':%s,'spool':{'lost':%s,'waiting':%s},"
		     "'extensions':[{'extension':'" EXT "','sip':{'since':%s}"
		     "}]}", n, n, n, n, n);
		json_decref(hlive_json_exts(l));
		(void)hlive_tick(l, now);
	}
}


static void test_order(void **unused)
{
	static const char *const comev[] = {
		"sip:1002@pbx", "sip:999@pbx", "sip:1000@pbx:5070", "sip:ann@pbx",
		"sip:1000@pbx", "sip:10@pbx",
	};
	static const char *const wantv[] = {
		"sip:10@pbx", "sip:999@pbx", "sip:1000@pbx", "sip:1000@pbx:5070",
		"sip:1002@pbx", "sip:ann@pbx",
	};
	json_t *j, *exts;
	size_t i;
	(void)unused;

	for (i=0; i<ARRAY_SIZE(comev); i++) {
		char name[] = {'a', 'a' + (char)i, '\0'};

		came(i + 1, name);
		tell(HUB_TOLD_STATE, i + 1, name, "{'started':5,'extensions':"
		     "[{'extension':'%s'}]}", comev[i]);
	}

	j = hlive_json_exts(l);
	exts = json_object_get(j, "extensions");
	assert_int_equal(ARRAY_SIZE(wantv), json_array_size(exts));
	for (i=0; i<ARRAY_SIZE(wantv); i++)
		assert_string_equal(wantv[i], json_string_value(
			json_object_get(json_array_get(exts, i),
					"extension")));
	json_decref(j);
}


/* Removed, it is missed by nobody, and one of its name begins anew */
static void test_removed(void **unused)
{
	unsigned i;
	(void)unused;

	for (i=0; i<2; i++) {
		came(1, "b");
		tell(HUB_TOLD_STATE, 1, "b", "{'started':5,'extensions':[{"
		     "'extension':'" EXT "'}]}");
		went(1, "b");
		now += 60000;
		(void)hlive_tick(l, now);
		assert_int_equal(1, count(hlive_json_exts(l), "extensions"));
		assert_int_equal(1, count(hlive_json_alarms(l), "alarms"));

		came(2, "b");
		tell(HUB_TOLD_STATE, 2, "b", "{'extensions':[],'removed':%s}",
		     i ? "true" : "false");
		went(2, "b");
		now += 60000;
		(void)hlive_tick(l, now);
		assert_int_equal(0, count(hlive_json_exts(l), "extensions"));
		assert_int_equal(!i, count(hlive_json_alarms(l), "alarms"));
	}
}


int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_limits), TEST(test_rubbish), TEST(test_numbers),
		TEST(test_order), TEST(test_removed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
