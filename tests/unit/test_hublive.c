/**
 * @file test_hublive.c  What there is now, as the hub has it from its bridges
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


/* Of an older bridge there is nothing else; each may come twice */
static void test_events(void **unused)
{
	int i;
	(void)unused;

	came(1, "b");
	event(1, "leg.new", 7, ",'leg_num':1");
	event(1, "call.ended", 6, "");
	tell(HUB_TOLD_EVENT, 1, "b", "{'type':'call.new','call':7}");
	assert_int_equal(0, calls());

	for (i=0; i<2; i++)
		event(1, "call.new", 7, ",'state':'CALLING','direction':"
		      "'sip-to-app','uri':'sip:5@h','name':'Ann','user':"
		      "'42'");
	assert_string_equal("\"calling\"", of("7@b", "state"));
	assert_string_equal("{\"name\":\"Ann\",\"side\":\"phone\",\"uri\":"
			    "\"sip:5@h\",\"user\":null}", of("7@b", "from"));
	event(1, "call.ringing", 7, ",'state':'RINGING','direction':"
	      "'sip-to-app'");
	assert_string_equal("\"ringing\"", of("7@b", "state"));
	event(1, "call.early", 7, ",'state':'RINGING'");
	assert_string_equal("\"early\"", of("7@b", "state"));
	now += 10;
	event(1, "call.answered", 7, ",'state':'ANSWERED'");
	now += 10;
	event(1, "call.answered", 7, ",'state':'ANSWERED'");
	assert_string_equal("\"up\"", of("7@b", "state"));
	assert_string_equal("1000000010", of("7@b", "t_answer"));

	/* late ones change nothing back */
	event(1, "call.ringing", 7, "");
	event(1, "call.early", 7, "");
	assert_string_equal("\"up\"", of("7@b", "state"));

	event(1, "leg.new", 7, ",'leg_num':2,'side':'app'");
	event(1, "leg.held", 7, ",'leg_num':2,'side':'app'");
	assert_string_equal("[\"app\"]", of("7@b", "held_by"));
	event(1, "leg.resumed", 7, ",'leg_num':2");
	assert_string_equal("[]", of("7@b", "held_by"));
	event(1, "transfer", 7, ",'state':'ringing','target':'sip:9@h'");
	assert_string_equal("\"ringing\"", of("7@b", "transfer"));
	event(1, "transfer", 7, ",'state':'done','target':'sip:9@h'");
	assert_string_equal("null", of("7@b", "transfer"));
	event(1, "record", 7, ",'state':'started'");
	event(1, "record", 7, ",'state':'paused'");
	assert_string_equal("\"paused\"", of("7@b", "recording"));
	event(1, "leg.ended", 7, ",'leg_num':2");
	assert_string_equal("[]", of("7@b", "legs"));

	for (i=0; i<2; i++)
		event(1, "call.ended", 7, "");
	event(1, "call.answered", 7, "");
	stats(1, 7, 1, 0);
	assert_int_equal(0, calls());
}


static void test_stats(void **unused)
{
	json_t *j, *leg, *s;
	unsigned i;
	(void)unused;

	came(1, "b");
	state(1, 50, "7", true, "online");
	stats(1, 7, 100, 5);
	assert_string_equal("\"up\"", of("7@b", "state"));
	assert_string_equal("7000", of("7@b", "t_answer"));
	assert_string_equal("[\"phone\"]", of("7@b", "held_by"));
	assert_string_equal("\"s7\"", of("7@b", "session"));
	assert_string_equal("\"1@b\"", of("7@b", "linked_id"));

	for (i=0; i<100; i++) {
		now += 2000;
		stats(1, 7, 200 + 100 * i, 5 + i);
		/* twice, and one of before */
		stats(1, 7, 200 + 100 * i, 5 + i);
	}

	j = hlive_json_stats(l, "7@b");
	leg = json_array_get(json_object_get(j, "legs"), 0);
	s = json_object_get(leg, "samples");
	assert_int_equal(HLIVE_SAMPLES, json_array_size(s));
	s = json_array_get(s, HLIVE_SAMPLES - 1);
	assert_int_equal(1, json_integer_value(json_object_get(s, "lost")));
	assert_int_equal((json_int_t)now, json_integer_value(
		json_object_get(s, "time")));
	/* 10000 bytes in 2 s */
	assert_int_equal(40, json_integer_value(json_object_get(
		json_object_get(leg, "rx"), "kbps")));
	json_decref(j);

	/* another stream counts from its beginning */
	now += 2000;
	stats(1, 7, 1, 0);
	j = hlive_json_stats(l, "7@b");
	s = json_object_get(json_array_get(json_object_get(j, "legs"), 0),
			    "samples");
	s = json_array_get(s, HLIVE_SAMPLES - 1);
	assert_int_equal(0, json_integer_value(json_object_get(s, "lost")));
	json_decref(j);
}


/* Each that changes is told, once */
static void test_told(void **unused)
{
#define STATE(draining, registers, more) \
	"'draining':" draining ",'extensions':[{'extension':'" EXT "'," more \
	"'sip':{'registered':true,'registers':" registers "}," \
	"'cloud':{'state':'online'}}]"

	static const char *const statev[] = {
		STATE("false", "true", ""), STATE("true", "true", ""),
		STATE("true", "false", ""),
		STATE("true", "false", "'dnd':'all',"),
	};
	size_t i;
	int k;
	(void)unused;

	hlive_set_handler(l, change_handler, NULL);
	came(1, "b");
	for (i=0; i<ARRAY_SIZE(statev); i++) {
		news[0] = '\0';
		for (k=0; k<2; k++)
			tell(HUB_TOLD_STATE, 1, "b", "{%s}", statev[i]);
		assert_string_equal("extension ", news);
	}
}


/* The end of a call was not heard of */
static void test_reconcile(void **unused)
{
	(void)unused;

	came(1, "b");
	state(1, 50, "7,8", true, "online");
	stats(1, 7, 1, 0);
	stats(1, 8, 1, 0);
	state(1, 50, "8", true, "online");
	assert_int_equal(1, calls());
	assert_string_equal("\"up\"", of("8@b", "state"));
	stats(1, 7, 2, 0);
	assert_int_equal(1, calls());
}


static void test_gone(void **unused)
{
	(void)unused;

	came(1, "b");
	state(1, 50, "7,8,9", true, "online");
	stats(1, 7, 1, 0);
	stats(1, 8, 1, 0);
	stats(1, 9, 1, 0);
	went(1, "b");
	assert_string_equal("\"unknown\"", of("7@b", "state"));
	assert_null(hlive_ext_bridge(l, EXT));

	/* it is back: one has ended meanwhile, one's record comes */
	came(2, "b");
	state(1, 50, "", true, "online"); /* of the old one: not heard */
	assert_int_equal(3, calls());
	state(2, 50, "8,9", true, "online");
	assert_int_equal(2, calls());
	assert_string_equal("\"unknown\"", of("8@b", "state"));
	tell(HUB_TOLD_RECORD, 2, "b", "{'id':'5@b'}");
	assert_int_equal(2, calls());
	tell(HUB_TOLD_RECORD, 2, "b", "{'id':'9@b'}");
	assert_int_equal(1, calls());
	stats(2, 8, 2, 0);
	assert_string_equal("\"up\"", of("8@b", "state"));
	assert_string_equal("b", hlive_ext_bridge(l, EXT));

	/* gone for ever */
	went(2, "b");
	assert_true(hlive_tick(l, now + HLIVE_WAIT - 1));
	assert_int_equal(1, calls());
	assert_string_equal("bridge_gone ", alarms());
	(void)hlive_tick(l, now + HLIVE_WAIT);
	assert_int_equal(0, calls());
	(void)hlive_tick(l, now + HLIVE_GONE);
	assert_int_equal(0, count(hlive_json_exts(l), "extensions"));
	assert_string_equal("", alarms());
}


/* The process was another one: its numbers begin anew */
static void test_restarted(void **unused)
{
	(void)unused;

	came(1, "b");
	state(1, 50, "1,2", true, "online");
	stats(1, 1, 1, 0);
	stats(1, 2, 1, 0);
	event(1, "call.new", 3, "");
	event(1, "call.ended", 3, "");
	went(1, "b");
	came(2, "b");
	proc = "later";
	event(2, "leg.held", 2, ",'leg_num':1");
	assert_string_equal("", of("2@b", "state"));
	event(2, "call.new", 1, ",'state':'CALLING'");
	assert_string_equal("\"calling\"", of("1@later", "state"));
	assert_string_equal("[]", of("1@later", "legs"));
	assert_string_equal("", of("1@b", "state"));
	state(2, 60, "1", true, "online");
	assert_int_equal(1, calls());
	event(2, "call.new", 3, ",'state':'CALLING'");
	assert_int_equal(2, calls());
}


/* Two bridges that have the same extension, or even the same name */
static void test_twins(void **unused)
{
	uint32_t num = 0;
	(void)unused;

	came(1, "b");
	came(2, "c");
	state(1, 50, "7", true, "online");
	state(2, 51, "7", false, "offline");
	stats(1, 7, 1, 0);
	proc = "c";
	stats(2, 7, 1, 0);
	assert_int_equal(2, calls());
	assert_int_equal(2, count(hlive_json_exts(l), "extensions"));
	assert_string_equal("c", hlive_call_bridge(l, "7@c", &num));
	assert_int_equal(7, num);
	went(1, "b");
	assert_string_equal("c", hlive_ext_bridge(l, EXT));
	assert_null(hlive_call_bridge(l, "7@b", &num));

	came(3, "c");
	assert_string_equal("\"unknown\"", of("7@c", "state"));
	went(2, "c");
	stats(2, 7, 2, 0);
	assert_string_equal("\"unknown\"", of("7@c", "state"));
	stats(3, 7, 2, 0);
	assert_string_equal("\"up\"", of("7@c", "state"));
}


static void test_alarms(void **unused)
{
	(void)unused;

	came(1, "b");
	state(1, 50, "7", false, "connecting");
	assert_string_equal("", alarms());
	assert_true(hlive_tick(l, now));
	(void)hlive_tick(l, now + HLIVE_GRACE);
	assert_string_equal("not_registered cloud_offline ", alarms());
	state(1, 50, "7", true, "refused");
	assert_string_equal("cloud_refused ", alarms());
	state(1, 50, "7", true, "online");
	assert_string_equal("", alarms());
	assert_int_equal(3, count(hlive_json_alarms(l), "cleared"));

	/* not registered, for it takes no more calls */
	draining = true;
	state(1, 50, "7", false, "online");
	(void)hlive_tick(l, now + HLIVE_GRACE);
	assert_string_equal("", alarms());
	draining = false;
	state(1, 50, "7", false, "online");
	(void)hlive_tick(l, now + HLIVE_GRACE);
	assert_string_equal("not_registered ", alarms());
	state(1, 50, "7", true, "online");
	assert_string_equal("", alarms());

	stats(1, 7, 1, 0);
	event(1, "media.dead_air", 7, ",'ms':5000");
	event(1, "media.dead_air", 7, ",'ms':6000");
	event(1, "media.one_way", 7, ",'side':'app','ms':5000");
	assert_string_equal("dead_air one_way ", alarms());
	event(1, "media.heard", 7, ",'what':'dead_air','ms':6000");
	assert_string_equal("one_way ", alarms());
	event(1, "call.ended", 7, "");
	assert_string_equal("", alarms());

	/* the hub's own: once, whatever becomes of bridges */
	hlive_disk(l, "less than 512 MB are free: database", now);
	hlive_disk(l, "less than 512 MB are free: database", now);
	went(1, "b");
	(void)hlive_tick(l, now + HLIVE_GONE);
	assert_string_equal("disk_full ", alarms());
	hlive_disk(l, "", now);
	hlive_disk(l, "", now);
	assert_string_equal("", alarms());
}


/* Of the hub itself, and of nobody's call */
static void test_program(void **unused)
{
	(void)unused;

	came(1, "b");
	hlive_recording_alarm(l, "cannot be run", now);
	assert_string_equal("recording ", alarms());
	hlive_recording_alarm(l, "cannot be run, for another reason", now);
	stats(1, 7, 1, 0);
	event(1, "call.ended", 7, "");
	assert_string_equal("recording ", alarms());
	hlive_recording_alarm(l, "", now);
	assert_string_equal("", alarms());
	hlive_recording_alarm(l, "", now);
	assert_int_equal(1, count(hlive_json_alarms(l), "cleared"));
}


/* What changes all the time is told once a second, states at once */
static void test_news(void **unused)
{
	(void)unused;

	hlive_set_handler(l, change_handler, NULL);
	came(1, "b");
	state(1, 50, "", true, "online");
	assert_string_equal("extension ", news);
	state(1, 50, "", true, "online");
	assert_string_equal("extension ", news);

	news[0] = '\0';
	event(1, "call.new", 7, ",'state':'CALLING'");
	(void)hlive_tick(l, now);
	now += 100;
	event(1, "call.answered", 7, ",'state':'ANSWERED'");
	(void)hlive_tick(l, now);
	assert_string_equal("call extension call ", news);
	now += 100;
	stats(1, 7, 1, 0);
	assert_true(hlive_tick(l, now));
	assert_string_equal("call extension call ", news);
	now += HLIVE_NEWS;
	(void)hlive_tick(l, now);
	assert_string_equal("call extension call call ", news);
	event(1, "call.ended", 7, "");
	assert_string_equal("call extension call call call_ended ", news);
	assert_false(hlive_tick(l, now));
}


/* One that its bridge does not have any more, or whose bridge is forgotten */
static void test_extension_gone(void **unused)
{
	(void)unused;

	hlive_set_handler(l, change_handler, NULL);
	came(1, "b");
	state(1, 50, "", false, "online");
	(void)hlive_tick(l, now + HLIVE_GRACE);
	assert_string_equal("extension alarm ", news);
	tell(HUB_TOLD_STATE, 1, "b", "{'started':50,'extensions':[]}");
	assert_string_equal("extension alarm alarm extension_gone ", news);
	assert_int_equal(0, count(hlive_json_exts(l), "extensions"));

	state(1, 50, "", true, "online");
	went(1, "b");
	news[0] = '\0';
	(void)hlive_tick(l, now + HLIVE_GONE);
	assert_string_equal("extension_gone ", news);
	assert_int_equal(0, count(hlive_json_exts(l), "extensions"));
}


static json_int_t ext_calls(void)
{
	json_t *j = hlive_json_ext(l, EXT);
	const json_int_t n = json_integer_value(json_object_get(j, "calls"));

	json_decref(j);

	return n;
}


/* As many as there are in the list of calls, whatever `state` says, which comes
   later */
static void test_ext_calls(void **unused)
{
	(void)unused;

	hlive_set_handler(l, change_handler, NULL);
	came(1, "b");
	event(1, "call.new", 7, ",'state':'CALLING'");
	state(1, 50, "7", true, "online");
	assert_int_equal(1, ext_calls());
	(void)hlive_tick(l, now);
	news[0] = '\0';

	event(1, "call.new", 8, ",'state':'CALLING'");
	assert_int_equal(2, ext_calls());
	(void)hlive_tick(l, now);
	assert_string_equal("call extension ", news);
	(void)hlive_tick(l, now);
	assert_string_equal("call extension ", news);

	event(1, "call.ended", 7, "");
	event(1, "call.ended", 8, "");
	assert_int_equal(0, ext_calls());
	(void)hlive_tick(l, now);
	assert_string_equal("call extension call_ended call_ended extension ",
			    news);

	/* what is said of it is late */
	state(1, 50, "", true, "online");
	assert_int_equal(0, ext_calls());

	/* the extension comes back, its call has been there all the time */
	event(1, "call.new", 9, "");
	tell(HUB_TOLD_STATE, 1, "b", "{'started':50,'calls':[9],"
	     "'extensions':[]}");
	state(1, 50, "9", true, "online");
	assert_int_equal(1, ext_calls());
}


int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_events), TEST(test_stats), TEST(test_told), TEST(test_reconcile),
		TEST(test_gone), TEST(test_restarted), TEST(test_twins),
		TEST(test_alarms), TEST(test_program), TEST(test_news),
		TEST(test_extension_gone), TEST(test_ext_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
