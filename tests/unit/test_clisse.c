/**
 * @file test_clisse.c  cube: server-sent events are read
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <errno.h>
#include <string.h>
#include <cmocka.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mem.h>
#include "cube/cli.h"


/** What was told: NAME#ID=DATA; of each event */
struct told {
	char text[512];
	int err;                /**< What the handler returns              */
};


static int handler(const char *event, const char *id, const char *data,
		   size_t len, void *arg)
{
	struct told *t = arg;
	const size_t n = strlen(t->text);

	(void)re_snprintf(t->text + n, sizeof(t->text) - n, "%s#%s=%b;",
			  event, id, data, len);

	return t->err;
}


/* The same, in pieces of any size */
static void assert_told(const char *text, const char *wanted)
{
	const size_t len = strlen(text);
	size_t piece;

	for (piece=1; piece<=len; piece++) {

		struct told t = {.err = 0};
		struct cli_sse *s = NULL;
		size_t i;

		assert_int_equal(0, cli_sse_alloc(&s, handler, &t));
		for (i=0; i<len; i+=piece)
			assert_int_equal(0, cli_sse_feed(s, text + i,
							 min(piece, len - i)));
		assert_string_equal(wanted, t.text);
		mem_deref(s);
	}
}


static void test_events(void **state)
{
	(void)state;

	/* as the hub writes them */
	assert_told("id: ab-1\nevent: call\ndata: {\"x\":1}\n\n"
		    "id: ab-2\nretry: 3000\n\n:\n\n"
		    "event: gap\ndata: {\"lost\":null}\n\n",
		    "call#ab-1={\"x\":1};gap#ab-2={\"lost\":null};");

	/* WHATWG HTML section 9.2.6 and its examples */
	assert_told("data: YHOO\ndata: +2\ndata: 10\n\n",
		    "message#=YHOO\n+2\n10;");
	assert_told(": test stream\n\ndata: first event\nid: 1\n\n"
		    "data:second event\nid\n\ndata:  third event\n\n",
		    "message#1=first event;message#=second event;"
		    "message#= third event;");
	assert_told("data\n\ndata\ndata\n\ndata:", "message#=;message#=\n;");
	assert_told("data: a\r\n\r\ndata: b\r\rdata: c\n\r\n",
		    "message#=a;message#=b;message#=c;");
	assert_told("\xef\xbb\xbf" "data: bom\n\n", "message#=bom;");
	assert_told("event: x\n\ndata: the name is forgotten\n\n",
		    "message#=the name is forgotten;");
	assert_told("datas: no\nnonsense\n\n", "");
}


static void test_id_and_retry(void **state)
{
	static const char first[] = "id: 7\nretry: 2500\ndata: a\n\n"
		"id: 8\nevent: call\ndata: hal";
	static const char next[] = "f\n\ndata: b\n\n";
	struct told t = {.err = 0};
	struct cli_sse *s = NULL;
	char id[300];
	(void)state;

	assert_int_equal(0, cli_sse_alloc(&s, handler, &t));
	assert_int_equal(0, cli_sse_retry(s));
	assert_int_equal(0, cli_sse_feed(s, first, sizeof(first) - 1));
	assert_string_equal("7", cli_sse_id(s));
	assert_int_equal(2500, cli_sse_retry(s));

	/* what was not whole when the connection ended has not been */
	cli_sse_reset(s);
	assert_string_equal("7", cli_sse_id(s));
	assert_int_equal(0, cli_sse_feed(s, next, sizeof(next) - 1));
	assert_string_equal("message#7=a;message#7=b;", t.text);

	/* a number, and not for ever; an id that is too long is none */
	assert_int_equal(0, cli_sse_feed(s, "retry: 5x\nretry: -1\nretry:\n",
					 27));
	assert_int_equal(2500, cli_sse_retry(s));
	assert_int_equal(0, cli_sse_feed(s, "retry: 99999999\n", 16));
	assert_int_equal(60000, cli_sse_retry(s));
	(void)re_snprintf(id, sizeof(id), "id: %0200u\n\n", 1);
	assert_int_equal(0, cli_sse_feed(s, id, strlen(id)));
	assert_string_equal("7", cli_sse_id(s));
	mem_deref(s);
}


static void test_limits(void **state)
{
	static char line[1<<16];
	struct told t = {.err = ECANCELED};
	struct cli_sse *s = NULL;
	unsigned i;
	int err = 0;
	(void)state;

	assert_int_equal(0, cli_sse_alloc(&s, handler, &t));
	assert_int_equal(ECANCELED, cli_sse_feed(s, "data: a\n\n", 9));

	memset(line, 'x', sizeof(line));
	for (i=0; i<17 && !err; i++)
		err = cli_sse_feed(s, line, sizeof(line));
	assert_int_equal(EMSGSIZE, err);

	/* lines that are short make an event that is long */
	cli_sse_reset(s);
	memcpy(line, "data:", 5);
	line[sizeof(line) - 1] = '\n';
	for (i=0, err=0; i<17 && !err; i++)
		err = cli_sse_feed(s, line, sizeof(line));
	assert_int_equal(EMSGSIZE, err);
	mem_deref(s);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_id_and_retry),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
