/**
 * @file test_hubcommand.c  Commands to bridges: answered, late, or never
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <cmocka.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_main.h>
#include <re_sys.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include <re_tmr.h>
#include "base/jobthread.h"
#include "connectycube_link/hubline.h"
#include "connectycube_hub/hub.h"
#include "connectycube_hub/command.h"


static struct hub_inbox *ib;
static struct list connl;
static struct hub_conn *conn;
static int peer = -1;
static char answer[256];        /* "word text result" */
static unsigned answers;


static void ack_handler(struct hub_record *r, void *arg)
{
	(void)r;
	(void)arg;
}


static void fresh_handler(uint32_t n, void *arg)
{
	(void)n;
	(void)arg;
}


static void reply_handler(const char *word, const char *text,
			  const json_t *result, void *arg)
{
	char *json = result ? json_dumps(result, JSON_COMPACT) : NULL;

	(void)re_snprintf(answer, sizeof(answer), "%s|%s|%s", word, text,
			  json ? json : "");
	free(json);
	++answers;
	if (arg)
		*(struct hub_command **)arg =
			mem_deref(*(struct hub_command **)arg);
}


static void say(const char *line)
{
	(void)hub_conn_line(line, strlen(line), conn);
}


static void hello(int v)
{
	char line[128];

	(void)re_snprintf(line, sizeof(line), "{\"t\":\"hello\",\"v\":%d,"
			  "\"min\":1,\"name\":\"1001\"}", v);
	say(line);
}


/* What the bridge was sent last, and its number */
static json_t *sent(void)
{
	static char buf[65536];
	const ssize_t n = recv(peer, buf, sizeof(buf) - 1, MSG_DONTWAIT);
	json_t *j = NULL;
	char *line, *save = NULL;

	assert_true(n > 0);
	buf[n] = '\0';
	for (line = strtok_r(buf, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		json_decref(j);
		j = json_loads(line, 0, NULL);
	}

	assert_non_null(j);

	return j;
}


static void reply(const char *rest)
{
	json_t *j = sent();
	char line[512];

	assert_string_equal("command", hubmsg_str(j, "t"));
	(void)re_snprintf(line, sizeof(line), "{\"t\":\"reply\",\"n\":%lld%s}",
			  json_integer_value(json_object_get(j, "n")), rest);
	json_decref(j);
	say(line);
}


static int setup(void **state)
{
	int fdv[2];
	(void)state;

	answers = 0;
	answer[0] = '\0';
	if (!ib && hub_inbox_alloc(&ib, "/dev/null/records.db", ack_handler,
				   fresh_handler, NULL))
		return -1;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fdv))
		return -1;
	peer = fdv[1];

	return hub_conn_alloc(&conn, &connl, fdv[0], 1, ib);
}


static int teardown(void **state)
{
	(void)state;

	list_flush(&connl);
	(void)close(peer);

	return 0;
}


static void test_answered(void **state)
{
	json_t *params = json_pack("{s:i}", "call", 7), *j;
	struct hub_command *cmd = NULL;
	(void)state;

	hello(2);
	assert_int_equal(0, hub_command_send(&cmd, conn, "stats", params,
					     reply_handler, &cmd));
	j = json_object_get(params, "call");
	assert_non_null(j);
	reply(",\"word\":\"ok\",\"text\":\"\",\"result\":{\"a\":1}");
	assert_string_equal("ok||{\"a\":1}", answer);
	assert_null(cmd);

	/* what it was asked for */
	assert_int_equal(0, hub_command_send(NULL, conn, "hangup", params,
					     reply_handler, NULL));
	j = sent();
	assert_string_equal("hangup", hubmsg_str(j, "name"));
	assert_true(json_equal(params, json_object_get(j, "params")));
	json_decref(j);

	/* refused; by a line without a word, as an older one answers */
	assert_int_equal(0, hub_command_send(NULL, conn, "x", NULL,
					     reply_handler, NULL));
	reply(",\"word\":\"unknown\",\"text\":\"no such\"");
	assert_string_equal("unknown|no such|", answer);
	assert_int_equal(0, hub_command_send(NULL, conn, "x", NULL,
					     reply_handler, NULL));
	reply(",\"text\":\"what\",\"result\":7");
	assert_string_equal("failed|what|", answer);
	assert_int_equal(3, answers);
	json_decref(params);
}


static void test_dropped(void **state)
{
	struct hub_command *cmd = NULL;
	(void)state;

	hello(2);
	assert_int_equal(0, hub_command_send(&cmd, conn, "calls", NULL,
					     reply_handler, NULL));
	cmd = mem_deref(cmd);
	reply(",\"word\":\"ok\",\"text\":\"\"");
	assert_int_equal(0, answers);
	assert_int_equal(1, conn->n.unknown);

	/* nobody has asked */
	say("{\"t\":\"reply\",\"n\":-1,\"text\":\"\"}");
	assert_int_equal(2, conn->n.unknown);
}


static void test_gone(void **state)
{
	unsigned i;
	(void)state;

	hello(2);
	for (i=0; i<HUB_COMMANDS; i++)
		assert_int_equal(0, hub_command_send(NULL, conn, "calls",
						     NULL, reply_handler,
						     NULL));
	assert_int_equal(EBUSY, hub_command_send(NULL, conn, "calls", NULL,
						 reply_handler, NULL));
	hub_conn_bye(conn, "test");
	assert_int_equal(HUB_COMMANDS, answers);
	assert_string_equal("gone|the bridge has gone|", answer);
	assert_int_equal(ENOENT, hub_command(NULL, "1001", "calls", NULL,
					     reply_handler, NULL));
}


/* One version older: it would take a command for rubbish, and go */
static void test_versions(void **state)
{
	(void)state;

	assert_int_equal(ENOTSUP, hub_command_send(NULL, conn, "calls", NULL,
						   reply_handler, NULL));
	hello(1);
	assert_int_equal(ENOTSUP, hub_command_send(NULL, conn, "calls", NULL,
						   reply_handler, NULL));
	teardown(state);
	setup(state);

	/* one newer */
	hello(4);
	assert_int_equal(3, conn->version);
	assert_int_equal(0, hub_command_send(NULL, conn, "calls", NULL,
					     reply_handler, NULL));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_answered, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_dropped, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_gone, setup, teardown),
		cmocka_unit_test_setup_teardown(test_versions, setup,
						teardown),
	};
	int n;

	if (libre_init())
		return 1;

	n = cmocka_run_group_tests(tests, NULL, NULL);
	mem_deref(ib);
	jobthread_wait();
	libre_close();

	return n;
}
