/**
 * @file test_clitail.c  cube tail: what happens, whatever becomes of the hub
 */
#include "cli_rig.h"

#define CALL(state, more) "event: call\ndata: {\"id\":\"1@sales\",\"state\":" \
	"\"" state "\",\"from\":{\"side\":\"phone\",\"uri\":\"sip:0301@pbx\"" \
	"},\"to\":{\"side\":\"app\",\"user\":\"7\"}" more "}\n\n"


/** What comes of following, once each */
struct act {
	unsigned status;
	const char *text;       /**< Events                                */
	const char *last;       /**< The id that is to be known then       */
};

static const struct act *actv;
static uint32_t waited;


static int follow(struct cli_answer *a, const char *path,
		  struct cli_sse *sse, uint32_t ms, void *arg)
{
	struct rig *rig = arg;
	const struct act *act = &actv[rig->n++];
	const size_t n = strlen(rig->asked);

	waited = ms;
	cli_sse_reset(sse);
	(void)re_snprintf(rig->asked + n, sizeof(rig->asked) - n, "%s %s;",
			  path, cli_sse_id(sse));

	a->status = act->status;
	a->exit   = CLI_NOHUB;
	if (act->status == 200)
		return cli_sse_feed(sse, act->text, strlen(act->text));

	if (act->status)
		a->j = json_pack("{ss,ss}", "title", "T", "detail", act->text);
	else
		(void)re_snprintf(a->why, sizeof(a->why), "%s", act->text);

	return 0;
}


static const struct reply none[] = {{NULL, 0, NULL}};


/* Without the times before them */
static void assert_lines(const char *said, const char *wanted)
{
	char buf[2048] = "";
	size_t n = 0;

	while (*said) {

		const char *end = strchr(said, '\n');

		assert_non_null(end);
		assert_true(end - said > 10 && said[2] == ':');
		n += (size_t)snprintf(buf + n, sizeof(buf) - n, "%.*s",
				      (int)(end - said - 9), said + 10);
		said = end + 1;
	}

	assert_string_equal(wanted, buf);
}


static void test_news(void **state)
{
	static const struct act v[] = {{200, "id: a-1\n" CALL("ringing", "")
		CALL("up", "") CALL("up", ",\"legs\":[]") CALL("up", "")
		"event: call_ended\ndata: {\"id\":\"1@sales\"}\n\n"
		CALL("up", ",\"recording\":\"recording\"")
		"event: alarm\ndata: {\"alarm\":\"dead_air\",\"extension\":"
		"\"sip:1@pbx\",\"text\":\"5 \\u001b[J s\"}\n\n"
		"event: alarm\ndata: {\"alarm\":\"bridge_gone\",\"bridge\":"
		"\"sales\",\"cleared\":7}\n\n"
		"event: gap\ndata: {\"lost\":3}\n\n"
		CALL("up", ",\"recording\":\"recording\"")
		"event: other\ndata: [1]\n\n", ""}};
	static struct rig rig = {.followh = follow};
	(void)state;

	actv = v;
	run_well(&rig, "tail -n 9 --type=call,alarm", none);
	assert_string_equal("/api/v1/events?type=call%2Calarm ;", rig.asked);
	assert_null(strchr(rig.said, '\033'));
	assert_lines(rig.said,
		     "call 1@sales ringing: 0301 to app 7\n"
		     "call 1@sales up: 0301 to app 7\n"
		     "call 1@sales over:  to \n"
		     "call 1@sales up: 0301 to app 7; recording\n"
		     "alarm dead_air on: 1@pbx: 5 \xef\xbf\xbd[J s\n"
		     "alarm bridge_gone over: sales\n"
		     "gap: events that are lost: 3\n"
		     "call 1@sales up: 0301 to app 7; recording\n"
		     "other [1]\n");
}


static void test_json(void **state)
{
	static const struct act v[] = {{200, "id: a-1\n" CALL("up", "")
		"event: gap\ndata: {\"lost\":null}\n\n" CALL("up", ""), ""}};
	static struct rig rig = {.followh = follow};
	json_t *j;
	(void)state;

	/* all of them, a line each */
	actv = v;
	run_well(&rig, "tail --json --count 3", none);
	assert_string_equal("{\"event\":\"gap\",\"id\":\"a-1\",\"data\":"
			    "{\"lost\":null}}", strtok(strchr(rig.said, '\n'),
						       "\n"));
	j = json_loads(strtok(NULL, "\n"), 0, NULL);
	assert_string_equal("up", cli_str(j, "data.state"));
	assert_string_equal("call", cli_str(j, "event"));
	assert_null(strtok(NULL, "\n"));
	json_decref(j);
}


/* Also where somebody looks: lines, and nothing that a terminal obeys */
static void test_json_seen(void **state)
{
	static const struct act v[] = {{200, "event: gap\ndata: {\"lost\":"
		"\"\xc2\x9b" "2J\xe2\x80\xae\"}\n\n", ""}};
	static struct rig rig = {.followh = follow, .tty = true};
	(void)state;

	actv = v;
	run_well(&rig, "tail --json --count 1", none);
	assert_string_equal("{\"event\":\"gap\",\"data\":{\"lost\":"
			    "\"\\u009B2J\\u202E\"}}\n", rig.said);
}


static void test_again(void **state)
{
	static const struct act v[] = {
		{200, "id: a-1\nretry: 3000\n" CALL("up", ""), ""},
		{0, "nobody is there", ""},
		{503, "too many", ""},
		{200, "id: a-2\n" CALL("ringing", ""), ""},
		{200, CALL("up", ""), ""},
	};
	static struct rig rig = {.followh = follow};
	(void)state;

	actv = v;
	assert_int_equal(CLI_OK, run_line(&rig, "tail -n 3", none));
	assert_string_equal("/api/v1/events ;/api/v1/events a-1;"
			    "/api/v1/events a-1;/api/v1/events a-1;"
			    "/api/v1/events a-2;", rig.asked);
	assert_int_equal(3000, waited);
	assert_string_equal("cube: the hub has gone; it is waited for\n"
			    "cube: the hub has gone; it is waited for\n",
			    rig.wrong);
}


static void test_refused(void **state)
{
	static const struct act down[] = {{0, "nobody is there", ""}};
	static const struct act token[] = {
		{200, "id: a-1\n" CALL("up", ""), ""},
		{401, "there is no such token", ""},
	};
	static const struct act odd[] = {{200, "data: {\n\n", ""}};
	static struct rig rig = {.followh = follow};
	(void)state;

	/* one that never was there is not waited for */
	actv = down;
	assert_int_equal(CLI_NOHUB, run_line(&rig, "tail", none));
	assert_string_equal("cube: nobody is there\n", rig.wrong);

	actv = token;
	assert_int_equal(CLI_DENIED, run_line(&rig, "tail", none));
	assert_non_null(strstr(rig.wrong, "there is no such token"));

	actv = odd;
	assert_int_equal(CLI_PROTOCOL, run_line(&rig, "tail", none));
	assert_string_equal("cube: what comes are no events of a hub\n",
			    rig.wrong);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_news),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_json_seen),
		cmocka_unit_test(test_again),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
