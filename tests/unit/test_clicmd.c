/**
 * @file test_clicmd.c  cube: what its commands ask, and what they say
 */
#include "cli_rig.h"

#define EXT(aor, reg, more) "{\"extension\":\"sip:" aor "\",\"name\":null," \
	"\"sip\":{\"registered\":" reg ",\"registers\":true," \
	"\"since\":1796056631588,\"error\":" more "},\"cloud\":{\"state\":" \
	"\"online\",\"online\":true,\"since\":1796013491588,\"user\":\"200\"" \
	"},\"dnd\":null,\"draining\":false,\"calls\":0," \
	"\"bridge\":{\"name\":\"sales\",\"here\":true}}"
#define LEG(num, side, codec, mos) "{\"leg_num\":" num ",\"side\":\"" side \
	"\",\"rx\":{\"codec\":\"" codec "\",\"packets\":98,\"lost\":2," \
	"\"jitter_ms\":2.5,\"kbps\":64,\"mos\":4.2,\"mos_now\":" mos "," \
	"\"level_now_dbov\":-9.0},\"tx\":null,\"transcoded\":true," \
	"\"rtt_ms\":12.5,\"latency_p50_ms\":0.2,\"latency_p99_ms\":2.5," \
	"\"samples\":[{\"mos\":4.4},{\"mos\":null},{\"mos\":1.5}]}"
#define CALL(id, state, legs) "{\"id\":\"" id "\",\"bridge\":\"sales\"," \
	"\"extension\":\"sip:1001@pbx\",\"state\":\"" state "\",\"from\":" \
	"{\"side\":\"phone\",\"user\":null,\"uri\":\"sip:0301@pbx\"," \
	"\"name\":\"B\\u00f6ll\"},\"to\":{\"side\":\"app\",\"user\":\"7\"," \
	"\"uri\":null,\"name\":null},\"t_start\":1796056681588," \
	"\"t_answer\":1796056684588,\"held_by\":[\"app\"]," \
	"\"recording\":\"paused\",\"legs\":[" legs "]}"
#define LEGS LEG("2", "app", "opus/48000/2", "3.3") "," \
	LEG("1", "phone", "PCMU/8000", "4.3")

static const char uuid_call[] = "{\"calls\":["
	CALL("0e61a46f-8e73-4712-8baf-217eec7df640", "up", LEGS) ","
	CALL("0e61a46f-9e73-4712-8baf-217eec7df640", "ringing", "") "]}";


static const struct reply well[] = {
	{"/api/v1/health", 200, "{\"ready\":true,\"alarms\":[]}"},
	{"/api/v1/extensions", 200, "{\"extensions\":["
	 EXT("1001@pbx", "true", "null") "]}"},
	{"/api/v1/calls", 200, "{\"calls\":[" CALL("1@sales", "up", LEGS)
	 "]}"},
	{NULL, 0, NULL},
};

static const struct reply ill[] = {
	{"/api/v1/health", 200, "{\"ready\":false,\"alarms\":[{\"alarm\":"
	 "\"not_registered\",\"extension\":\"sip:1001@pbx\",\"bridge\":"
	 "\"sales\",\"call\":null,\"text\":\"403 \\u001b[2JForbidden\","
	 "\"since\":1796056631588,\"cleared\":null}]}"},
	{"/api/v1/extensions", 200, "{\"extensions\":["
	 EXT("1001@pbx", "false", "\"403 \\u001b[2JForbidden\"") "]}"},
	{"/api/v1/calls", 200, "{\"calls\":[]}"},
	{NULL, 0, NULL},
};


static void test_status(void **state)
{
	static struct rig rig;
	json_t *j;
	(void)state;

	run_well(&rig, "status", well);
	assert_string_equal("extensions  1 of 1 takes calls\n"
			    "calls       1 up, 0 not answered yet\n"
			    "alarms      none\n\n"
			    "EXTENSION  SIP         SINCE  CLOUD   SINCE  USER"
			    "  CALLS\n"
			    "1001@pbx   registered   60 s  online   12 h  200 "
			    "      1\n", rig.said);

	assert_int_equal(CLI_WRONG, run_line(&rig, "status", ill));
	assert_string_equal("", rig.wrong);
	assert_non_null(strstr(rig.said, "extensions  0 of 1 take calls\n"));
	assert_non_null(strstr(rig.said, "alarms      1\n"));
	assert_non_null(strstr(rig.said, "SIP: 403 \xef\xbf\xbd[2JForbidden"));
	assert_non_null(strstr(rig.said, "not_registered  16:37:11  1001@pbx"));
	assert_null(strchr(rig.said, '\033'));

	assert_int_equal(CLI_WRONG, run_line(&rig, "status --json", ill));
	j = json_loads(rig.said, 0, NULL);
	assert_int_equal(3, json_object_size(j));
	assert_int_equal(1, json_array_size(cli_get(j, "extensions")));
	assert_int_equal(1, json_array_size(cli_get(j, "health.alarms")));
	json_decref(j);
}


static void test_calls(void **state)
{
	static const struct reply uuids[] = {
		{"/api/v1/calls", 200, uuid_call}, {NULL, 0, NULL}};
	static const struct reply none[] = {
		{"/api/v1/calls", 200, "{\"calls\":[]}"}, {NULL, 0, NULL}};
	static struct rig rig;
	(void)state;

	run_well(&rig, "calls", well);
	assert_string_equal("GET /api/v1/calls;", rig.asked);
	assert_string_equal(
		"ID       STATE   FOR  FROM         TO     EXTENSION  CODECS"
		"     MOS   LOST  REMARK\n"
		"1@sales  up     0:07  0301 (B\xc3\xb6ll)  app 7  1001@pbx  "
		" PCMU opus  3.3  2.0 %  held by app, recording: paused\n",
		rig.said);

	/* as much of an id as tells one from the other */
	run_well(&rig, "calls", uuids);
	assert_non_null(strstr(rig.said, "\n0e61a46f-8  up "));
	assert_non_null(strstr(rig.said, "\n0e61a46f-9  ringing "));

	run_well(&rig, "calls", none);
	assert_string_equal("no calls\n", rig.said);

	run_well(&rig, "calls -e 1001", well);
	assert_string_equal("GET /api/v1/extensions;"
			    "GET /api/v1/calls?extension=sip%3A1001%40pbx;",
			    rig.asked);
}


static void test_call(void **state)
{
	static const struct reply replyv[] = {
		{"/api/v1/calls/1%40sales/stats", 200,
		 "{\"id\":\"1@sales\",\"legs\":[" LEGS "]}"},
		{"/api/v1/calls/1%40sales", 200, CALL("1@sales", "up", LEGS)},
		{"/api/v1/calls", 200, "{\"calls\":["
		 CALL("12@sales", "up", LEGS) "," CALL("1@sales", "up", LEGS)
		 "]}"},
		{NULL, 0, NULL},
	};
	static struct rig rig;
	const char *phone, *app;
	json_t *j;
	(void)state;

	run_well(&rig, "calls 1", replyv);
	assert_non_null(strstr(rig.said, "call        1@sales\n"));
	assert_non_null(strstr(rig.said, "answered    16:38:04, 0:07 ago\n"));
	assert_non_null(strstr(rig.said, "\nnow         held by app, "));
	phone = strstr(rig.said, "\nphone  from it  PCMU/8000          98     2"
		       "  2.5 ms  4.20  4.30  -9.0 dB  64 kbit/s\n");
	app = strstr(rig.said, "\napp    from it  opus/48000/2");
	assert_true(phone && app && phone < app);
	assert_non_null(strstr(rig.said, "0.2, at most 2.5 ms  transcoded  "
			       "\xe2\x96\x87.\xe2\x96\x82\n"));

	run_well(&rig, "calls 1@sales --json", replyv);
	j = json_loads(rig.said, 0, NULL);
	assert_string_equal("up", cli_str(j, "state"));
	assert_int_equal(3, json_array_size(cli_get(json_array_get(
		cli_get(j, "legs"), 0), "samples")));
	json_decref(j);
}


static void test_cdr(void **state)
{
	static const char page[] = "{\"records\":[{\"id\":"
		"\"0e61a46f-8e\",\"t_start\":1796056681588,"
		"\"from\":{\"side\":\"phone\",\"number\":\"0301\"},\"to\":"
		"{\"side\":\"app\",\"user\":\"7\"},\"extension\":"
		"\"sip:1001@pbx\",\"bill_ms\":61000,\"disposition\":"
		"\"ANSWERED\",\"reason\":\"normal\",\"verdict\":\"phone\","
		"\"recordings\":[{}],\"legs\":[{\"media\":{\"rx\":"
		"{\"mos_avg\":4.2}}}]}],\"next\":%s}";
	static char more[1024], last[1024];
	static const struct reply replyv[] = {
		{"/api/v1/cdr?limit=9", 200, more},
		{"/api/v1/cdr?limit=2", 200, more},
		{"/api/v1/cdr?limit=1&cursor=17-3", 200, more},
		{"/api/v1/cdr?from=1796046000000&user=a%26b&limit=50", 200,
		 last},
		{NULL, 0, NULL},
	};
	static struct rig rig;
	json_t *j;
	(void)state;

	(void)re_snprintf(more, sizeof(more), page, "\"17-3\"");
	(void)re_snprintf(last, sizeof(last), page, "null");

	/* page by page */
	run_well(&rig, "cdr -n 2", replyv);
	assert_string_equal("GET /api/v1/cdr?limit=2;"
			    "GET /api/v1/cdr?limit=1&cursor=17-3;",
			    rig.asked);
	assert_string_equal(
		"ID        BEGAN     FROM  TO     EXTENSION  RESULT    TALKED"
		"  MOS"
		"  REASON  REMARK\n"
		"0e61a46f  16:38:01  0301  app 7  1001@pbx   ANSWERED    1:01"
		"  4.2"
		"  normal  bad: phone, recorded\n"
		"0e61a46f  16:38:01  0301  app 7  1001@pbx   ANSWERED    1:01"
		"  4.2"
		"  normal  bad: phone, recorded\n"
		"there are more: --limit, or --cursor 17-3\n", rig.said);

	run_well(&rig, "cdr -jn2", replyv);
	j = json_loads(rig.said, 0, NULL);
	assert_int_equal(2, json_array_size(cli_get(j, "records")));
	assert_string_equal("17-3", cli_str(j, "next"));
	json_decref(j);

	run_well(&rig, "cdr --from 13:40 --user a&b", replyv);
	assert_null(strstr(rig.said, "there are more"));

	/* one page fails: nothing is said as if it were all */
	assert_int_equal(CLI_NOHUB, run_line(&rig, "cdr -n 9", replyv));
	assert_string_equal("", rig.said);

	assert_int_equal(CLI_USAGE, run_line(&rig, "cdr --to 25:00", replyv));
	assert_non_null(strstr(rig.wrong, "cube: --to 25:00: is no time: "));
	assert_int_equal(CLI_USAGE, run_line(&rig, "cdr -n 0", replyv));
	assert_string_equal("cube: --limit 0: must be a number from 1 to "
			    "100000\n", rig.wrong);
	assert_string_equal("", rig.asked);
}


static void test_today(void **state)
{
	static const struct reply replyv[] = {
		{"/api/v1/today?from=1795996800000&to=1796083200000", 200,
		 "{\"from\":1795996800000,\"to\":1796083200000,\"calls\":3,"
		 "\"dispositions\":{\"ANSWERED\":2,\"BUSY\":1},\"asr\":0.6667,"
		 "\"ner\":null,\"pdd_avg_ms\":1250.5,\"bill_ms\":61000,"
		 "\"bill_avg_ms\":30500}"},
		{NULL, 0, NULL},
	};
	static struct rig rig;
	(void)state;

	run_well(&rig, "today", replyv);
	assert_string_equal("2026-11-30 00:00:00 to 2026-12-01 00:00:00\n"
			    "calls         3\n"
			    "  ANSWERED    2\n"
			    "  BUSY        1\n"
			    "ASR           66.7 %\n"
			    "PDD           1.3 s\n"
			    "talked        1:01\n"
			    "on average    0:30\n", rig.said);
}


static void test_alarms(void **state)
{
	static const struct reply on[] = {
		{"/api/v1/alarms", 200, "{\"alarms\":[{\"alarm\":\"dead_air\","
		 "\"extension\":\"sip:1001@pbx\",\"call\":\"1@sales\","
		 "\"text\":\"5 s\",\"since\":1796056631588}],\"cleared\":[]}"},
		{NULL, 0, NULL}};
	static const struct reply over[] = {
		{"/api/v1/alarms", 200, "{\"alarms\":[],\"cleared\":[{"
		 "\"alarm\":\"bridge_gone\",\"bridge\":\"sales\",\"text\":"
		 "null,\"since\":1796056631588,\"cleared\":1796056641588}]}"},
		{NULL, 0, NULL}};
	static struct rig rig;
	(void)state;

	assert_int_equal(CLI_WRONG, run_line(&rig, "alarms", on));
	assert_string_equal("ALARM     SINCE     EXTENSION  CALL     WHAT\n"
			    "dead_air  16:37:11  1001@pbx   1@sales  5 s\n",
			    rig.said);
	run_well(&rig, "alarms", over);
	assert_string_equal("no alarms\n", rig.said);
	run_well(&rig, "alarms --all", over);
	assert_non_null(strstr(rig.said, "no alarms\n\nover\n"));
	assert_non_null(strstr(rig.said, "bridge_gone  16:37:11  16:37:21  "
			       "sales\n"));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_call),
		cmocka_unit_test(test_cdr),
		cmocka_unit_test(test_today),
		cmocka_unit_test(test_alarms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
