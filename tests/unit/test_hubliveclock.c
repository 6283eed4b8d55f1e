/**
 * @file test_hubliveclock.c  Alarms, and a clock that is set
 *
 * Bridges tell what the wall clock shows. `now` is the time that nobody sets.
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


enum {
	HOUR = 3600000,
};

static uint64_t wall;


/* The clock is set to that: the bridge, of this host, tells its times by it,
   and how long it is like that by none */
static void set(uint64_t to)
{
	wall = to;
	hlive_set_wall(l, now, wall);
}


static void pass(uint64_t ms)
{
	now  += ms;
	wall += ms;
	(void)hlive_tick(l, now);
}


static void offline(uint64_t age)
{
	tell(HUB_TOLD_STATE, 1, "b", "{'time':%llu,'started':5,'extensions':[{"
	     "'extension':'" EXT "','sip':{'registered':false,'registers':true"
	     ",'since':%llu},'cloud':{'state':'online','since':%llu}}]}",
	     wall, wall - age, wall - age);
}


static json_int_t member(const char *list, const char *key)
{
	json_t *j = hlive_json_alarms(l);
	const json_int_t n = json_integer_value(json_object_get(
		json_array_get(json_object_get(j, list), 0), key));

	json_decref(j);

	return n;
}


static void test_extension(void **unused)
{
	uint64_t since;
	(void)unused;

	set(1700000000000);
	came(1, "b");
	offline(1000);
	since = wall - 1000;

	/* an hour ahead: nothing has happened for that */
	set(wall + HOUR);
	pass(1000);
	assert_string_equal("", alarms());
	offline(2000);
	assert_string_equal("", alarms());

	/* two hours back: it is an alarm when it is time, and since then */
	set(wall - 2 * HOUR);
	since -= HOUR;
	pass(HLIVE_GRACE - 2000);
	assert_string_equal("not_registered ", alarms());
	assert_int_equal(since, member("alarms", "since"));

	set(wall + HOUR);
	pass(5000);
	tell(HUB_TOLD_STATE, 1, "b", "{'time':%llu,'started':5,'extensions':[{"
	     "'extension':'" EXT "','sip':{'registered':true,'since':%llu}}]}",
	     wall, wall);
	assert_int_equal(wall, member("cleared", "cleared"));
}


/* A hub that comes later hears how long it has been so */
static void test_later(void **unused)
{
	(void)unused;

	set(1700000000000);
	came(1, "b");
	offline(HLIVE_GRACE + 5);
	assert_string_equal("not_registered ", alarms());
	assert_int_equal(wall - HLIVE_GRACE - 5, member("alarms", "since"));
}


static void test_bridge(void **unused)
{
	json_t *j;
	(void)unused;

	set(1700000000000);
	came(1, "b");
	event(1, "call.new", 7, "");
	offline(0);
	went(1, "b");

	set(wall + 48ull * HOUR);
	pass(1);
	assert_string_equal("", alarms());
	assert_string_equal("\"unknown\"", of("7@b", "state"));

	set(wall - 96ull * HOUR);
	pass(HLIVE_GRACE);
	assert_string_equal("bridge_gone ", alarms());
	assert_int_equal(wall - HLIVE_GRACE - 1, member("alarms", "since"));

	/* nobody knows of the call for a minute, and of the bridge for a day */
	pass(HLIVE_WAIT - HLIVE_GRACE);
	assert_int_equal(0, calls());
	pass(HLIVE_GONE - HLIVE_WAIT);
	assert_string_equal("", alarms());
	j = hlive_json_ext(l, EXT);
	assert_null(j);
}


int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_extension), TEST(test_later), TEST(test_bridge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
