/**
 * @file test_clifind.c  cube: which one is meant, and what the hub refuses
 */
#include "cli_rig.h"


static const struct reply replyv[] = {
	{"/api/v1/calls/", 404, "{\"title\":\"Not Found\",\"status\":404,"
	 "\"detail\":\"there is no such call\"}"},
	{"/api/v1/calls", 200, "{\"calls\":[{\"id\":\"1@sales\"},"
	 "{\"id\":\"12@sales\"},{\"id\":\"1@shop\"},{\"id\":\"77@shop\"}]}"},
	{"/api/v1/extensions", 200, "{\"extensions\":["
	 "{\"extension\":\"sip:100@pbx\"},{\"extension\":\"sip:1001@pbx\"},"
	 "{\"extension\":\"sip:1001@pbx\"},{\"extension\":\"sip:7@a\"},"
	 "{\"extension\":\"sip:7@b\"}]}"},
	{NULL, 0, NULL},
};


static void assert_meant(const char *what, const char *said,
			 const char *path)
{
	static struct rig rig;
	char line[128];

	(void)re_snprintf(line, sizeof(line), "calls %s %s", what, said);
	(void)run_line(&rig, line, replyv);
	assert_non_null(strstr(rig.asked, path));
}


static void assert_not(const char *line, const char *why)
{
	static struct rig rig;

	assert_int_equal(CLI_WRONG, run_line(&rig, line, replyv));
	assert_string_equal(why, rig.wrong);
	assert_string_equal("", rig.said);
}


static void test_find(void **state)
{
	static const struct reply none[] = {
		{"/api/v1/calls", 200, "{\"calls\":[]}"}, {NULL, 0, NULL}};
	static struct rig rig;
	(void)state;

	assert_meant("", "12", "/calls/12%40sales;");
	assert_meant("", "1@sales", "/calls/1%40sales;");
	assert_meant("", "1@sh", "/calls/1%40shop;");
	assert_meant("", "7", "/calls/77%40shop;");
	assert_meant("-e", "100", "?extension=sip%3A100%40pbx;");
	assert_meant("-e", "sip:7@b", "?extension=sip%3A7%40b;");
	assert_meant("-e", "7@b", "?extension=sip%3A7%40b;");
	/* of two bridges */
	assert_meant("-e", "1001", "?extension=sip%3A1001%40pbx;");

	assert_not("calls 1",
		   "cube: 1: may mean more than one call (2): say more"
		   " of it\n");
	assert_not("calls 9", "cube: 9: there is no such call\n");
	assert_not("calls -e 7",
		   "cube: 7: may mean more than one extension (2): say more"
		   " of it\n");
	assert_not("calls -e 10", "cube: 10: there is no such extension\n");
	/* it has ended meanwhile */
	assert_not("calls 77", "cube: the hub says: there is no such call\n");

	assert_int_equal(CLI_WRONG, run_line(&rig, "calls 1", none));
	assert_string_equal("cube: 1: there is no such call, nor any other"
			    " one\n", rig.wrong);
}


static void assert_trouble(unsigned status, const char *json, int exit_status,
			   const char *why)
{
	const struct reply v[] = {{"/", status, json}, {NULL, 0, NULL}};
	static struct rig rig;

	assert_int_equal(exit_status, run_line(&rig, "alarms", v));
	assert_string_equal("", rig.said);
	if (!strstr(rig.wrong, why))
		fail_msg("%s: %s", why, rig.wrong);
}


/* The hub is asked for what begins so, however old it is */
static void test_find_record(void **state)
{
	static const struct reply v[] = {
		{"/api/v1/cdr?limit=200&id=0e61", 200, "{\"records\":["
		 "{\"id\":\"0e61a46f\"}]}"},
		{"/api/v1/cdr?limit=200&id=0", 200, "{\"records\":["
		 "{\"id\":\"0e61a46f\"},{\"id\":\"0f\"}]}"},
		{"/api/v1/cdr?", 200, "{\"records\":[]}"},
		{"/api/v1/cdr/0e61a46f", 200, "{\"id\":\"0e61a46f\"}"},
		{NULL, 0, NULL}};
	static struct rig rig;
	(void)state;

	run_well(&rig, "cdr 0e61", v);
	assert_string_equal("GET /api/v1/cdr?limit=200&id=0e61;"
			    "GET /api/v1/cdr/0e61a46f;", rig.asked);
	assert_int_equal(CLI_WRONG, run_line(&rig, "cdr 0", v));
	assert_string_equal("cube: 0: may mean more than one record (2): say"
			    " more of it\n", rig.wrong);
	assert_int_equal(CLI_WRONG, run_line(&rig, "cdr &x", v));
	assert_string_equal("cube: &x: there is no such record\n", rig.wrong);
	assert_string_equal("GET /api/v1/cdr?limit=200&id=%26x;", rig.asked);
}


#define PROBLEM(text) "{\"title\":\"T\",\"detail\":\"" text "\"}"

static void test_trouble(void **state)
{
	static const struct reply none[] = {{NULL, 0, NULL}};
	static struct rig rig;
	(void)state;

	assert_trouble(401, PROBLEM("say a token"), CLI_DENIED,
		       "cube: the hub says: say a token; on its console"
		       " /hub_token add NAME operator makes one");
	assert_trouble(403, PROBLEM("a is readonly"), CLI_DENIED,
		       "a is readonly; a token of another role");
	assert_trouble(404, PROBLEM("no"), CLI_WRONG, "the hub says: no\n");
	assert_trouble(400, PROBLEM("from: is no time"), CLI_USAGE,
		       "the hub says: from: is no time\n");
	assert_trouble(503, "{\"title\":\"Service Unavailable\"}", CLI_LATER,
		       "the hub says: Service Unavailable\n");
	assert_trouble(500, PROBLEM("x"), CLI_PROTOCOL, "the hub says: x\n");

	/* a terminal is not told what they like */
	assert_trouble(404, PROBLEM("\\u001b[2J\\nx"), CLI_WRONG,
		       "[2J x\n");

	/* something else answers */
	assert_trouble(404, NULL, CLI_PROTOCOL, "(HTTP 404) does not speak");
	assert_trouble(200, NULL, CLI_PROTOCOL, "(HTTP 200) does not speak");
	assert_trouble(302, "{}", CLI_PROTOCOL, "(HTTP 302) does not speak");

	assert_int_equal(CLI_NOHUB, run_line(&rig, "alarms", none));
	assert_string_equal("cube: nobody is there\n", rig.wrong);
}


static void assert_unreachable(int err, int status, const char *wanted)
{
	char why[CLI_WHY];

	assert_int_equal(status, cli_unreachable(why, sizeof(why), "/s", err));
	if (!strstr(why, wanted))
		fail_msg("%s: %s", wanted, why);
}


static void test_unreachable(void **state)
{
	(void)state;

	assert_unreachable(ENOENT, CLI_NOHUB, "/s is not there: ");
	assert_unreachable(ECONNREFUSED, CLI_NOHUB, "nobody answers at /s");
	assert_unreachable(EACCES, CLI_DENIED, "/s: you may not");
	assert_unreachable(EAGAIN, CLI_LATER, "try again");
	assert_unreachable(ENAMETOOLONG, CLI_NOHUB, "/s: File name too long");
}


static void write_token(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	(void)fputs(text, f);
	(void)fclose(f);
}


static void test_token(void **state)
{
	char token[CLI_TOKEN], why[CLI_WHY], path[] = "/tmp/cubetokenXXXXXX";
	char text[400];
	(void)state;

	assert_true(close(mkstemp(path)) == 0);
	(void)unsetenv("CUBE_TOKEN");
	(void)unsetenv("CUBE_TOKEN_FILE");

	assert_int_equal(0, cli_token(token, sizeof(token), NULL, why,
				      sizeof(why)));
	assert_string_equal("", token);

	write_token(path, "cube_abc\r\nmore\n");
	assert_int_equal(0, cli_token(token, sizeof(token), path, why,
				      sizeof(why)));
	assert_string_equal("cube_abc", token);

	(void)setenv("CUBE_TOKEN_FILE", path, 1);
	assert_int_equal(0, cli_token(token, sizeof(token), NULL, why,
				      sizeof(why)));
	assert_string_equal("cube_abc", token);
	(void)setenv("CUBE_TOKEN", "cube_env", 1);
	assert_int_equal(0, cli_token(token, sizeof(token), NULL, why,
				      sizeof(why)));
	assert_string_equal("cube_env", token);

	/* what is none is not shown */
	(void)setenv("CUBE_TOKEN", "two words", 1);
	assert_int_equal(EBADMSG, cli_token(token, sizeof(token), NULL, why,
					    sizeof(why)));
	assert_string_equal("CUBE_TOKEN: is no token", why);
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	write_token(path, text);
	assert_int_equal(EBADMSG, cli_token(token, sizeof(token), path, why,
					    sizeof(why)));
	write_token(path, "");
	assert_int_equal(EBADMSG, cli_token(token, sizeof(token), path, why,
					    sizeof(why)));
	assert_non_null(strstr(why, ": its first line is no token"));
	assert_int_equal(0, unlink(path));
	assert_int_equal(ENOENT, cli_token(token, sizeof(token), path, why,
					   sizeof(why)));
	(void)unsetenv("CUBE_TOKEN");
	(void)unsetenv("CUBE_TOKEN_FILE");
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_find_record),
		cmocka_unit_test(test_trouble),
		cmocka_unit_test(test_unreachable),
		cmocka_unit_test(test_token),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
