/**
 * @file test_hubline.c  What bridges and the hub say to each other
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mem.h>
#include <re_mbuf.h>
#include "connectycube_link/hubline.h"


enum { LINE_KEPT = 64 };

/** Lines that came */
struct heard {
	struct hubline *hl;
	char linev[8][LINE_KEPT];
	size_t lenv[8];
	size_t n;
	size_t stop;            /* at which one, 0=never */
	bool gone;              /* it is freed then */
};


static int line_handler(const char *line, size_t len, void *arg)
{
	struct heard *h = arg;

	assert_true(h->n < ARRAY_SIZE(h->linev));
	memcpy(h->linev[h->n], line, len < LINE_KEPT ? len : LINE_KEPT - 1);
	h->lenv[h->n++] = len;

	if (h->n != h->stop)
		return 0;

	if (h->gone)
		h->hl = mem_deref(h->hl);

	return ECONNABORTED;
}


static int input(struct heard *h, const char *str, size_t len)
{
	return hubline_input(h->hl, (const uint8_t *)str, len);
}


static void test_lines(void **state)
{
	static const char text[] = "one\n\ntwo\r\nthree\nrest";
	size_t step, i;
	(void)state;

	/* cut anywhere, it is the same */
	for (step=1; step<sizeof(text); step++) {

		struct heard h = {.n = 0};

		assert_int_equal(0, hubline_alloc(&h.hl, line_handler, &h));
		for (i=0; i<sizeof(text) - 1; i+=step) {

			const size_t left = sizeof(text) - 1 - i;

			assert_int_equal(0, input(&h, &text[i], left < step
						  ? left : step));
		}

		assert_int_equal(3, h.n);
		assert_string_equal("one", h.linev[0]);
		assert_string_equal("two\r", h.linev[1]);
		assert_string_equal("three", h.linev[2]);

		assert_int_equal(0, input(&h, "!\n", 2));
		assert_string_equal("rest!", h.linev[3]);
		mem_deref(h.hl);
	}
}


static void test_long(void **state)
{
	struct heard h = {.n = 0};
	char *text;
	size_t i;
	(void)state;

	text = mem_zalloc(HUBLINE_MAX + 2, NULL);
	assert_non_null(text);
	memset(text, 'x', HUBLINE_MAX + 1);
	text[HUBLINE_MAX] = '\n';

	/* the longest one, at once and in pieces */
	assert_int_equal(0, hubline_alloc(&h.hl, line_handler, &h));
	assert_int_equal(0, input(&h, text, HUBLINE_MAX + 1));
	for (i=0; i<=HUBLINE_MAX; i+=1000) {

		const size_t left = HUBLINE_MAX + 1 - i;

		assert_int_equal(0, input(&h, &text[i],
					  left < 1000 ? left : 1000));
	}
	assert_int_equal(2, h.n);
	assert_int_equal(HUBLINE_MAX, h.lenv[0]);
	assert_int_equal(HUBLINE_MAX, h.lenv[1]);

	/* one byte more */
	assert_int_equal(0, input(&h, text, HUBLINE_MAX));
	assert_int_equal(EMSGSIZE, input(&h, text, 1));
	mem_deref(h.hl);

	text[HUBLINE_MAX]     = 'x';
	text[HUBLINE_MAX + 1] = '\n';
	assert_int_equal(0, hubline_alloc(&h.hl, line_handler, &h));
	assert_int_equal(EMSGSIZE, input(&h, text, HUBLINE_MAX + 2));
	assert_int_equal(2, h.n);

	mem_deref(h.hl);
	mem_deref(text);
}


static void test_stop(void **state)
{
	struct heard h = {.stop = 1}, g = {.stop = 2, .gone = true};
	(void)state;

	assert_int_equal(0, hubline_alloc(&h.hl, line_handler, &h));
	assert_int_equal(ECONNABORTED, input(&h, "a\nb\n", 4));
	assert_int_equal(1, h.n);
	mem_deref(h.hl);

	assert_int_equal(0, hubline_alloc(&g.hl, line_handler, &g));
	assert_int_equal(0, input(&g, "a\nb", 3));
	assert_int_equal(ECONNABORTED, input(&g, "\nc\n", 3));
	assert_int_equal(2, g.n);
	assert_null(g.hl);

	assert_int_equal(EINVAL, hubline_alloc(NULL, line_handler, &h));
	assert_int_equal(EINVAL, hubline_alloc(&h.hl, NULL, &h));
	assert_int_equal(EINVAL, hubline_input(NULL, (uint8_t *)"", 0));
}


static void test_decode(void **state)
{
	static const struct {
		const char *line;
		enum hubline_type type; /* ... if it is right */
		const char *why;        /* ... or what is wrong, in part */
	} v[] = {
		{"{\"t\":\"hello\",\"v\":1,\"min\":1,\"name\":\"hub\"}",
		 HUBLINE_HELLO, NULL},
		{"{\"t\":\"event\",\"event\":{}}", HUBLINE_EVENT, NULL},
		{"{\"t\":\"state\",\"state\":{}}", HUBLINE_STATE, NULL},
		{"{\"t\":\"stats\",\"stats\":{}}", HUBLINE_STATS, NULL},
		{"{\"t\":\"record\",\"id\":\"a\",\"record\":{\"v\":1}}",
		 HUBLINE_RECORD, NULL},
		{"{\"t\":\"ack\",\"id\":\"a\"}", HUBLINE_ACK, NULL},
		{"{\"t\":\"command\",\"n\":1,\"line\":\"cube_status\"}",
		 HUBLINE_COMMAND, NULL},
		{"{\"t\":\"reply\",\"n\":1,\"text\":\"\"}",
		 HUBLINE_REPLY, NULL},
		{"{\"t\":\"bye\",\"text\":\"done\"} ", HUBLINE_BYE, NULL},

		/* of a later version */
		{"{\"t\":\"newer\",\"x\":[1]}", HUBLINE_UNKNOWN, NULL},
		{"{\"t\":\"ack\",\"id\":\"a\",\"more\":null}",
		 HUBLINE_ACK, NULL},

		{"", 0, "no JSON"},
		{"hello", 0, "no JSON"},
		{"{\"t\":\"ack\",\"id\":\"a\"", 0, "no JSON"},
		{"{\"t\":\"ack\",\"id\":\"a\"}{}", 0, "no JSON"},
		{"{\"t\":\"ack\",\"id\":\"a\",\"id\":\"b\"}", 0, "no JSON"},
		{"{\"t\":\"ack\",\"id\":\"\xff\"}", 0, "no JSON"},
		{"[]", 0, "no message"},
		{"{}", 0, "no message"},
		{"{\"t\":1}", 0, "no message"},
		{"{\"t\":\"ack\"}", 0, "ack: id: is missing"},
		{"{\"t\":\"ack\",\"id\":7}", 0,
		 "ack: id: is of another kind"},
		{"{\"t\":\"hello\",\"v\":1.5,\"min\":1,\"name\":\"x\"}", 0,
		 "hello: v: is of another kind"},
		{"{\"t\":\"record\",\"id\":\"a\",\"record\":[]}", 0,
		 "record: record: is of another kind"},
	};
	enum hubline_type type;
	char why[128];
	json_t *j;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {

		const int err = hubmsg_decode(&j, &type, v[i].line,
					      strlen(v[i].line), why,
					      sizeof(why));

		assert_int_equal(v[i].why ? EBADMSG : 0, err);
		if (err) {
			assert_non_null(strstr(why, v[i].why));
		}
		else {
			assert_int_equal(v[i].type, type);
			json_decref(j);
		}
	}
}


static void test_version(void **state)
{
	static const struct {
		int v;
		int min;
		unsigned spoken; /* 0=none */
	} v[] = {
		{HUBLINE_VERSION, HUBLINE_VERSION_MIN, HUBLINE_VERSION},
		/* one that is newer, and still knows ours, or not */
		{HUBLINE_VERSION + 1, HUBLINE_VERSION, HUBLINE_VERSION},
		{HUBLINE_VERSION + 1, HUBLINE_VERSION + 1, 0},
		{HUBLINE_VERSION_MIN - 1, 0, 0},
		{1, 2, 0},
		{-1, -1, 0},
	};
	char why[128];
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {

		json_t *j = json_pack("{s:s,s:i,s:i,s:s}", "t", "hello", "v",
				      v[i].v, "min", v[i].min, "name", "x");
		unsigned spoken = 0;

		assert_int_equal(v[i].spoken ? 0 : EPROTO,
				 hubmsg_version(&spoken, j, why,
						sizeof(why)));
		assert_int_equal(v[i].spoken, spoken);
		json_decref(j);
	}
	assert_non_null(strstr(why, "it speaks version -1 to -1"));
}


static void test_encode(void **state)
{
	struct heard h = {.n = 0};
	struct mbuf *mb = mbuf_alloc(16);
	json_t *j, *big;
	char *text;
	(void)state;

	/* whatever is in it, it is one line */
	j = json_pack("{s:s,s:s}", "t", "bye", "text", "a\nb\"\xc3\xa9");
	assert_int_equal(0, hubmsg_encode(mb, j));
	assert_int_equal(0, hubmsg_encode(mb, j));

	text = mem_zalloc(HUBLINE_MAX + 1, NULL);
	assert_non_null(text);
	memset(text, 'x', HUBLINE_MAX);
	big = json_pack("{s:s,s:s}", "t", "bye", "text", text);
	assert_int_equal(EMSGSIZE, hubmsg_encode(mb, big));

	assert_int_equal(0, hubline_alloc(&h.hl, line_handler, &h));
	assert_int_equal(0, hubline_input(h.hl, mb->buf, mb->end));
	assert_int_equal(2, h.n);
	assert_string_equal("{\"t\":\"bye\",\"text\":\"a\\nb\\\"\xc3\xa9\"}",
			    h.linev[1]);

	assert_int_equal(EINVAL, hubmsg_encode(NULL, j));
	assert_int_equal(EINVAL, hubmsg_encode(mb, NULL));

	json_decref(big);
	json_decref(j);
	mem_deref(text);
	mem_deref(h.hl);
	mem_deref(mb);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_version),
		cmocka_unit_test(test_encode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
