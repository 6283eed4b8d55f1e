/**
 * @file test_clisteer.c  cube: calls and extensions are steered
 */
#include "cli_rig.h"

#define CALL "GET /api/v1/calls;POST /api/v1/calls/1%40sales/"
#define EXT "GET /api/v1/extensions;POST /api/v1/extensions/sip%3A1001%40pbx/"


static const struct reply replyv[] = {
	{"/api/v1/extensions/sip%3A1001%40pbx/drain", 200, "{\"calls\":2}"},
	{"/api/v1/extensions/", 200, "{}"},
	{"/api/v1/calls/", 200, "{}"},
	{"/api/v1/calls", 200, "{\"id\":\"77\",\"calls\":[{\"id\":\"1@sales\"}"
	 "]}"},
	{"/api/v1/extensions", 200, "{\"extensions\":["
	 "{\"extension\":\"sip:1001@pbx\"}]}"},
	{NULL, 0, NULL},
};


static void assert_steer(const char *line, const char *asked,
			 const char *said)
{
	static struct rig rig;

	run_well(&rig, line, replyv);
	assert_string_equal(asked, rig.asked);
	assert_string_equal(said, rig.said);
}


static void test_steer(void **state)
{
	(void)state;

	assert_steer("hangup 1", CALL "hangup {};", "1@sales: hung up\n");
	assert_steer("hangup 1 --json", CALL "hangup {};", "{}\n");
	assert_steer("hold 1", CALL "hold {};", "1@sales: on hold\n");
	assert_steer("resume 1 --side phone",
		     CALL "resume {\"side\":\"phone\"};",
		     "1@sales: goes on\n");
	assert_steer("transfer 1 user:7 --side=app", CALL
		     "transfer {\"target\":\"user:7\",\"side\":\"app\"};",
		     "1@sales: transfer has begun\n");
	assert_steer("record 1 start --mode video",
		     CALL "record {\"state\":\"start\",\"mode\":\"video\"};",
		     "1@sales: record start: done\n");
	assert_steer("dnd 1001 on --user 7",
		     EXT "dnd {\"on\":true,\"user\":\"7\"};",
		     "sip:1001@pbx: dnd on: done\n");
	assert_steer("dnd 1001 off", EXT "dnd {\"on\":false};",
		     "sip:1001@pbx: dnd off: done\n");
	assert_steer("reload 1001", EXT "reload {};",
		     "sip:1001@pbx: its bridge reads again\n");
	assert_steer("drain 1001", EXT "drain {\"on\":true};",
		     "sip:1001@pbx: drain on: done; 2 calls are up\n");
	assert_steer("call 1001 0301 user:7 --video", "GET /api/v1/extensions;"
		     "POST /api/v1/calls {\"extension\":\"sip:1001@pbx\","
		     "\"to\":\"0301\",\"from\":\"user:7\",\"video\":true};",
		     "77: rings\n");
}


static void assert_usage(const char *line, const char *why)
{
	static struct rig rig;

	assert_int_equal(CLI_USAGE, run_line(&rig, line, replyv));
	assert_string_equal("", rig.asked);
	assert_string_equal(why, rig.wrong);
}


static void test_wrong(void **state)
{
	static const struct reply busy[] = {
		{"/api/v1/calls/", 409, "{\"title\":\"Conflict\",\"code\":"
		 "\"busy\",\"detail\":\"nobody has answered\"}"},
		{"/api/v1/calls", 200, "{\"calls\":[{\"id\":\"1@sales\"}]}"},
		{NULL, 0, NULL}};
	static const struct reply failed[] = {
		{"/api/v1/calls/", 502, "{\"title\":\"Bad Gateway\",\"code\":"
		 "\"failed\",\"detail\":\"x\"}"},
		{"/api/v1/calls", 200, "{\"calls\":[{\"id\":\"1@sales\"}]}"},
		{NULL, 0, NULL}};
	static struct rig rig;
	(void)state;

	assert_usage("hold 1 --side ap", "cube: hold: ap: must be one of:"
		     " app phone\n");
	assert_usage("record 1 begin", "cube: record: begin: must be one of:"
		     " start stop pause resume\n");
	assert_usage("record 1 start --mode both", "cube: record: both: must"
		     " be one of: audio video\n");
	assert_usage("dnd 1001 yes", "cube: dnd: yes: must be one of:"
		     " on off\n");

	assert_int_equal(CLI_WRONG, run_line(&rig, "hold 1", busy));
	assert_string_equal("cube: the hub says: nobody has answered\n",
			    rig.wrong);
	assert_int_equal(CLI_WRONG, run_line(&rig, "hold 1", failed));
	assert_string_equal("", rig.said);
}


/* What was passed on, and nobody knows what came of it: whoever looks at the
   status does not ask again. What was not passed on may be asked again */
static void test_unsure(void **state)
{
	static const struct {
		unsigned status;
		const char *code;
		int exit;
	} v[] = {
		{502, "\"gone\"", CLI_UNSURE}, {504, "\"timeout\"", CLI_UNSURE},
		{502, "\"outcome_unknown\"", CLI_UNSURE},
		{409, "\"in_flight\"", CLI_UNSURE},
		{502, "null", CLI_UNSURE}, {504, "null", CLI_UNSURE},
		{503, "\"busy\"", CLI_LATER}, {503, "null", CLI_LATER},
		{429, "null", CLI_LATER}, {408, "null", CLI_LATER},
	};
	static struct rig rig;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {

		struct reply answerv[] = {
			{"/api/v1/calls/", v[i].status, NULL},
			{"/api/v1/calls", 200,
			 "{\"calls\":[{\"id\":\"1@sales\"}]}"},
			{NULL, 0, NULL}};
		const bool unsure = v[i].exit == CLI_UNSURE;
		char json[128];

		(void)re_snprintf(json, sizeof(json), "{\"title\":\"T\",\"code"
				  "\":%s,\"detail\":\"no\"}", v[i].code);
		answerv[0].json = json;
		assert_int_equal(v[i].exit, run_line(&rig, "hold 1", answerv));
		assert_int_equal(unsure, strstr(rig.wrong, "it may have been"
						" done: look") != NULL);

		/* who only looks may look again */
		answerv[0].path = "/api/v1/alarms";
		assert_int_not_equal(CLI_UNSURE, run_line(&rig, "alarms",
							  answerv));
	}
}


static int run_keys(struct rig *rig, const char *line, const char *keys)
{
	FILE *f = tmpfile();
	const int old = dup(STDIN_FILENO);
	int status;

	assert_true(f && old >= 0);
	(void)fputs(keys, f);
	rewind(f);
	assert_true(dup2(fileno(f), STDIN_FILENO) >= 0);
	clearerr(stdin);
	status = run_line(rig, line, replyv);
	(void)fflush(stdin);
	assert_true(dup2(old, STDIN_FILENO) >= 0);
	(void)close(old);
	(void)fclose(f);

	return status;
}


static void test_dtmf(void **state)
{
	static struct rig rig;
	(void)state;

	/* nobody sees them among the arguments */
	assert_int_equal(0, setvbuf(stdin, NULL, _IONBF, 0));
	assert_int_equal(CLI_OK, run_keys(&rig, "dtmf 1 --side app",
					  "4711#\n"));
	assert_string_equal(CALL "dtmf {\"keys\":\"4711#\",\"to\":\"app\"};",
			    rig.asked);
	assert_string_equal("1@sales: pressed\n", rig.said);

	assert_int_equal(CLI_USAGE, run_keys(&rig, "dtmf 1", "47x\n"));
	assert_string_equal("cube: dtmf: a line of up to 32 of 0-9 * # A-D is"
			    " read from stdin\n", rig.wrong);
	assert_int_equal(CLI_USAGE, run_keys(&rig, "dtmf 1", ""));
	assert_int_equal(CLI_USAGE, run_keys(&rig, "dtmf 1",
		"000000000000000000000000000000000\n"));
	assert_string_equal("", rig.asked);
}


static void test_check(void **state)
{
	static const struct reply v[] = {
		{"/api/v1/extensions/sip%3A1001%40pbx/check", 200,
		 "{\"ok\":true,\"failed\":0,\"lines\":[{\"ok\":true,\"text\":"
		 "\"registered\",\"remedy\":null}]}"},
		{"/api/v1/extensions/sip%3A7%40pbx/check", 200,
		 "{\"ok\":false,\"failed\":1,\"lines\":[{\"ok\":true,\"text\":"
		 "\"a\"},{\"ok\":false,\"text\":\"no cloud\",\"remedy\":"
		 "\"see \\u001b[2J the firewall\"}]}"},
		{"/api/v1/extensions", 200, "{\"extensions\":["
		 "{\"extension\":\"sip:1001@pbx\",\"bridge\":{\"name\":\"a\"}}"
		 ",{\"extension\":\"sip:1002@pbx\",\"bridge\":{\"name\":\"a\"}"
		 "},{\"extension\":\"sip:7@pbx\",\"bridge\":{\"name\":\"b\"}}"
		 "]}"},
		{NULL, 0, NULL}};
	static struct rig rig;
	json_t *j;
	(void)state;

	run_well(&rig, "check 1001", v);
	assert_string_equal("1001@pbx\n  ok    registered\n", rig.said);

	/* of each bridge */
	assert_int_equal(CLI_WRONG, run_line(&rig, "check", v));
	assert_string_equal("1001@pbx\n  ok    registered\n"
			    "7@pbx\n  ok    a\n  FAIL  no cloud\n"
			    "        see \xef\xbf\xbd[2J the firewall\n",
			    rig.said);

	assert_int_equal(CLI_WRONG, run_line(&rig, "check -j", v));
	j = json_loads(rig.said, 0, NULL);
	assert_int_equal(2, json_array_size(j));
	assert_string_equal("sip:7@pbx", cli_str(json_array_get(j, 1),
						 "extension"));
	json_decref(j);
}


static void test_record(void **state)
{
	static const struct reply v[] = {
		{"/api/v1/cdr/0e61a46f-8e73-4712-8baf-217eec7df640", 200,
		 "{\"id\":\"0e61a46f-8e73-4712-8baf-217eec7df640\","
		 "\"linked_id\":\"0e61a46f-8e73-4712-8baf-217eec7df640\","
		 "\"from\":{\"number\":\"0301\",\"name\":\"\\u001b[2J\"},"
		 "\"to\":{\"user\":\"7\"},\"t_start\":1796056681588,"
		 "\"bill_ms\":61000,\"disposition\":\"FAILED\",\"reason\":"
		 "\"failed\",\"sip_code\":500,\"legs\":[{\"side\":\"phone\","
		 "\"media\":{\"rx\":{\"codec\":\"PCMU/8000\",\"packets\":98,"
		 "\"lost\":2,\"jitter_avg_ms\":2.5,\"jitter_max_ms\":8.26,"
		 "\"mos_avg\":4.2,\"mos_min\":3.1},\"tx\":{\"codec\":"
		 "\"PCMU/8000\",\"packets\":98,\"lost\":null}}}],"
		 "\"recordings\":[{\"id\":\"r1\",\"mode\":\"audio\",\"by\":"
		 "\"api\",\"state\":\"degraded\",\"reason\":\"disk\","
		 "\"duration_ms\":7000,\"file\":\"a.ogg\"}]}"},
		{"/api/v1/cdr?limit=200", 200, "{\"records\":[{\"id\":"
		 "\"0e61a46f-8e73-4712-8baf-217eec7df640\"}]}"},
		{NULL, 0, NULL}};
	static struct rig rig;
	(void)state;

	run_well(&rig, "cdr 0e61", v);
	assert_non_null(strstr(rig.said, "\nfrom        0301 (\xef\xbf\xbd[2J)"
			       "\n"));
	assert_non_null(strstr(rig.said, "\ntalked      1:01\n"));
	assert_non_null(strstr(rig.said, "\nreason      failed, SIP 500\n"));
	assert_null(strstr(rig.said, "linked to"));
	assert_non_null(strstr(rig.said, "\nphone  from it  PCMU/8000       98"
			       "     2  2.5 ms  8.3 ms  4.2    3.1\n"
			       "phone  to it    PCMU/8000       98\n"));
	assert_non_null(strstr(rig.said, "\nr1         audio  api  degraded:"
			       " disk    0:07  a.ogg\n"));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steer),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_unsure),
		cmocka_unit_test(test_dtmf),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
