/**
 * @file test_hubpbx.c  Channels at the extensions' PBX, as the hub has them
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

#define OTHER "sip:1002@pbx"


static void pbx(uint64_t conn, const char *bridge, const char *ext,
		const char *channels)
{
	tell(HUB_TOLD_STATE, conn, bridge, "{'time':%llu,'started':50,"
	     "'extensions':[{'extension':'%s','sip':{},'cloud':{'state':"
	     "'online'}}]%s}", now, ext, channels);
}


#define CHANNEL(ext, name, id, more) \
	"{'extension':'" ext "','channel':'" name "','uniqueid':'" id "'" \
	more "}"
#define PBX(channels) ",'pbx':{'ready':true,'channels':[" channels "]}"
#define ONE CHANNEL(EXT, "PJSIP/1001-1", "1.1", \
		    ",'own':true,'t_start':5000,'state':'up'")


/* Those of all, as NAME EXTENSION each */
static const char *all(const char *ext)
{
	json_t *j = hlive_json_channels(l, ext), *a;
	static char text[1024];
	size_t i;

	text[0] = '\0';
	json_array_foreach(json_object_get(j, "channels"), i, a)
		(void)re_snprintf(text + strlen(text),
				  sizeof(text) - strlen(text), "%s %s\n",
				  json_string_value(json_object_get(
							  a, "channel")),
				  json_string_value(json_object_get(
							  a, "extension")));
	json_decref(j);

	return text;
}


static const char *of_ext(const char *key)
{
	static char text[4096];
	json_t *j = hlive_json_ext(l, EXT);
	char *dump = json_dumps(json_object_get(j, key), JSON_ENCODE_ANY |
				JSON_COMPACT | JSON_SORT_KEYS);

	(void)re_snprintf(text, sizeof(text), "%s", dump);
	free(dump);
	json_decref(j);

	return text;
}


/* Each change is told once, and a clock that jumps by a moment is none */
static void test_told(void **unused)
{
	(void)unused;

	hlive_set_handler(l, change_handler, NULL);
	came(1, "b");
	pbx(1, "b", EXT, "");
	assert_string_equal("null", of_ext("pbx"));
	assert_string_equal("", all(NULL));

	news[0] = '\0';
	pbx(1, "b", EXT, PBX(""));
	assert_string_equal("extension ", news);
	assert_string_equal("{\"channels\":[],\"error\":null,\"ready\":true}",
			    of_ext("pbx"));
	pbx(1, "b", EXT, PBX(ONE));
	assert_string_equal("extension extension ", news);
	assert_string_equal("{\"channels\":[{\"bridge\":null,"
			    "\"channel\":\"PJSIP/1001-1\","
			    "\"context\":null,\"exten\":null,"
			    "\"held\":false,\"linkedid\":null,"
			    "\"name\":null,\"number\":null,\"own\":true,"
			    "\"peer_name\":null,\"peer_number\":null,"
			    "\"state\":\"up\",\"t_answer\":null,"
			    "\"t_start\":5000,\"uniqueid\":\"1.1\"}],"
			    "\"error\":null,\"ready\":true}", of_ext("pbx"));

	pbx(1, "b", EXT, PBX(CHANNEL(EXT, "PJSIP/1001-1", "1.1",
		",'own':true,'t_start':5001,'state':'up'")));
	assert_string_equal("extension extension ", news);
	pbx(1, "b", EXT, PBX(CHANNEL(EXT, "PJSIP/1001-1", "1.1",
		",'own':true,'t_start':5001,'state':'up','held':true")));
	assert_string_equal("extension extension extension ", news);

	/* whose bridge has gone has none */
	went(1, "b");
	assert_string_equal("null", of_ext("pbx"));
}


/* Two bridges tell of one channel; and what a bridge tells may be anything */
static void test_list(void **unused)
{
	const char *ext = NULL, *chan = NULL;
	(void)unused;

	came(1, "a");
	came(2, "b");
	pbx(2, "b", OTHER, PBX(
		CHANNEL(OTHER, "PJSIP/1002-2", "1.2", ",'own':true") ","
		CHANNEL(OTHER, "PJSIP/1001-1", "1.1", "") ","
		CHANNEL("sip:x@y", "PJSIP/x-1", "1.3", "") ",1,{},"
		"{'extension':'" OTHER "'}"));
	assert_string_equal("PJSIP/1002-2 " OTHER "\n"
			    "PJSIP/1001-1 " OTHER "\n", all(NULL));

	pbx(1, "a", EXT, PBX(ONE ","
		CHANNEL(EXT, "PJSIP/1002-2", "1.2", "")));
	assert_string_equal("PJSIP/1001-1 " EXT "\n"
			    "PJSIP/1002-2 " OTHER "\n", all(NULL));
	assert_string_equal("PJSIP/1001-1 " EXT "\nPJSIP/1002-2 " EXT "\n",
			    all(EXT));

	/* who is ordered is the one whose own it is */
	assert_string_equal("a", hlive_channel_bridge(l, "1.1", &ext, &chan));
	assert_string_equal(EXT, ext);
	assert_string_equal("PJSIP/1001-1", chan);
	assert_string_equal("b", hlive_channel_bridge(l, "1.2", &ext, &chan));
	assert_null(hlive_channel_bridge(l, "1", &ext, &chan));
	assert_null(hlive_channel_bridge(NULL, "1.1", &ext, &chan));

	went(1, "a");
	assert_string_equal("b", hlive_channel_bridge(l, "1.1", &ext, &chan));
}


/* Without a link with the PBX's manager for a while, somebody should look */
static void test_away(void **unused)
{
	json_t *j;
	(void)unused;

	came(1, "b");
	pbx(1, "b", EXT, PBX(""));
	assert_false(hlive_tick(l, now));
	assert_string_equal("", alarms());

	pbx(1, "b", EXT, ",'pbx':{'ready':false,'error':'login refused'}");
	now += HLIVE_GRACE - 1;
	assert_true(hlive_tick(l, now));
	assert_string_equal("", alarms());
	now += 1;
	(void)hlive_tick(l, now);
	assert_string_equal("pbx_away ", alarms());
	j = hlive_json_alarms(l);
	assert_string_equal("login refused", json_string_value(
		json_object_get(json_array_get(json_object_get(j, "alarms"),
					       0), "text")));
	json_decref(j);

	pbx(1, "b", EXT, PBX(""));
	assert_string_equal("", alarms());

	/* a bridge that has gone is an alarm of its own */
	pbx(1, "b", EXT, ",'pbx':{'ready':false}");
	now += HLIVE_GRACE;
	(void)hlive_tick(l, now);
	assert_string_equal("pbx_away ", alarms());
	went(1, "b");
	assert_string_equal("", alarms());
}


int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_told), TEST(test_list), TEST(test_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
