/**
 * @file test_clipbx.c  cube pbx: channels at the extensions' PBX
 */
#include "cli_rig.h"

#define OTHER "PJSIP/trunk-0000000d"
#define LIST "GET /api/v1/pbx/channels;"
#define POST LIST "POST /api/v1/pbx/channels/1.5/"


static const struct reply replyv[] = {
	{"/api/v1/pbx/channels/", 200, "{}"},
	{"/api/v1/pbx/channels", 200, "{\"channels\":[{\"channel\":"
	 "\"PJSIP/1001-0000000c\",\"uniqueid\":\"1.5\",\"state\":\"up\","
	 "\"number\":\"1001\",\"name\":\"Ann\",\"peer_number\":\"55\","
	 "\"own\":true,\"held\":true,\"extension\":\"sip:1001@pbx\"},"
	 "{\"channel\":\"PJSIP/trunk-0000000d\",\"uniqueid\":\"1.6\","
	 "\"state\":\"ringing\",\"own\":false,\"extension\":"
	 "\"sip:1001@pbx\"}]}"},
	{"/api/v1/pbx/calls", 201, "{\"channel\":\"PJSIP/1001-0000000e\","
	 "\"uniqueid\":\"1.7\"}"},
	{"/api/v1/extensions", 200, "{\"extensions\":["
	 "{\"extension\":\"sip:1001@pbx\"}]}"},
	{NULL, 0, NULL},
};


static void assert_pbx(const char *line, const char *asked, const char *said)
{
	static struct rig rig;

	run_well(&rig, line, replyv);
	assert_string_equal(asked, rig.asked);
	assert_string_equal(said, rig.said);
}


static void test_list(void **state)
{
	static const struct reply none[] = {
		{"/api/v1/pbx/channels", 200, "{\"channels\":[]}"},
		{NULL, 0, NULL}};
	static struct rig rig;
	(void)state;

	run_well(&rig, "pbx", replyv);
	assert_string_equal(LIST, rig.asked);
	assert_non_null(strstr(rig.said, "PJSIP/1001-0000000c"));
	assert_non_null(strstr(rig.said, "1001 (Ann)"));
	assert_non_null(strstr(rig.said, "held"));
	assert_non_null(strstr(rig.said, "of the same call"));

	run_well(&rig, "pbx", none);
	assert_string_equal("no channels\n", rig.said);
	run_well(&rig, "pbx --extension 1001", replyv);
	assert_string_equal("GET /api/v1/extensions;GET /api/v1/pbx/channels"
			    "?extension=sip%3A1001%40pbx;", rig.asked);
}


static void test_steer(void **state)
{
	(void)state;

	assert_pbx("pbx hangup PJSIP/1001-0000000c", POST "hangup {};",
		   "PJSIP/1001-0000000c: hung up\n");
	assert_pbx("pbx hangup 1.5 17", POST "hangup {\"cause\":\"17\"};",
		   "1.5: hung up\n");
	assert_pbx("pbx transfer 1.5 900@out", POST
		   "transfer {\"to\":\"900@out\"};", "1.5: transferred\n");
	assert_pbx("pbx transfer 1.5 900 " OTHER " 901", POST
		   "transfer {\"to\":\"900\",\"with\":\"" OTHER "\","
		   "\"with_to\":\"901\"};", "1.5: transferred\n");
	assert_pbx("pbx bridge 1.5 " OTHER, POST
		   "bridge {\"with\":\"" OTHER "\"};", "1.5: bridged\n");

	/* the other one by its uniqueid, too */
	assert_pbx("pbx bridge 1.5 1.6", POST
		   "bridge {\"with\":\"" OTHER "\"};", "1.5: bridged\n");
	assert_pbx("pbx hangup 1.5 --extension 1001",
		   "GET /api/v1/extensions;GET /api/v1/pbx/channels"
		   "?extension=sip%3A1001%40pbx;"
		   "POST /api/v1/pbx/channels/1.5/hangup {};",
		   "1.5: hung up\n");
	assert_pbx("pbx call 1001 900", "GET /api/v1/extensions;"
		   "POST /api/v1/pbx/calls {\"to\":\"900\",\"extension\":"
		   "\"sip:1001@pbx\"};", "PJSIP/1001-0000000e: answered\n");
}


static void assert_wrong(const char *line, int exit, const char *why)
{
	static struct rig rig;

	assert_int_equal(exit, run_line(&rig, line, replyv));
	assert_string_equal(why, rig.wrong);
	assert_null(strstr(rig.asked, "POST"));
}


/* A channel is never what a name begins with */
static void test_wrong(void **state)
{
	(void)state;

	assert_wrong("pbx hangup PJSIP/1001", CLI_WRONG, "cube: pbx:"
		     " PJSIP/1001: there is no such channel (cube pbx)\n");
	assert_wrong("pbx bridge 1.5 PJSIP/trunk", CLI_WRONG, "cube: pbx:"
		     " PJSIP/trunk: there is no such channel (cube pbx)\n");
	assert_wrong("pbx end 1.5", CLI_USAGE, "cube: pbx: end: must be one"
		     " of: hangup transfer bridge call\n");
	assert_wrong("pbx transfer 1.5 900 PJSIP/x-1", CLI_USAGE, "cube:"
		     " usage: cube pbx transfer CHANNEL TO [CHANNEL TO]\n");
	assert_wrong("pbx bridge 1.5", CLI_USAGE, "cube: usage: cube pbx"
		     " bridge CHANNEL CHANNEL\n");
}


/* Of two PBXs: which one is meant must be said */
static void test_twice(void **state)
{
	static const struct reply twov[] = {
		{"/api/v1/pbx/channels/", 200, "{}"},
		{"/api/v1/pbx/channels", 200, "{\"channels\":[{\"channel\":"
		 "\"PJSIP/1001-1\",\"uniqueid\":\"1.5\"},{\"channel\":"
		 "\"PJSIP/1001-1\",\"uniqueid\":\"2.5\"}]}"},
		{NULL, 0, NULL},
	};
	static struct rig rig;
	(void)state;

	assert_int_equal(CLI_WRONG, run_line(&rig, "pbx hangup PJSIP/1001-1",
					     twov));
	assert_string_equal("cube: pbx: PJSIP/1001-1: may mean more than one"
			    " channel (2): say its uniqueid (cube pbx --json),"
			    " or --extension\n", rig.wrong);
	assert_null(strstr(rig.asked, "POST"));
	run_well(&rig, "pbx hangup 2.5", twov);
	assert_non_null(strstr(rig.asked, "POST /api/v1/pbx/channels/2.5/"));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_steer),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
