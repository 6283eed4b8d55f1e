/**
 * @file test_webroute.c  The hub's HTTP: targets, routes, requests, replies
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
#include <re_mbuf.h>
#include <re_mem.h>
#include <re_sys.h>
#include "connectycube_hub/web/route.h"


static int target(struct web_target *t, const char *str)
{
	struct pl pl;

	pl_set_str(&pl, str);

	return web_target(t, &pl);
}


static void test_decode(void **state)
{
	static const struct {
		const char *in, *out;   /* NULL=refused */
		bool query;
	} v[] = {
		{"", "", false}, {"abc", "abc", false},
		{"a%20b%2f%41", "a b/A", false},
		{"a+b", "a+b", false}, {"a+b%2B", "a b+", true},
		{"B%C3%B6ll", "Böll", false}, {"B%F6ll", NULL, false},
		{"%C0%AE", NULL, false}, {"%00", NULL, false},
		{"%0a", NULL, false}, {"%7f", NULL, false}, {"%", NULL, false},
		{"%4", NULL, false}, {"%4g", NULL, false}, {"%%41", NULL, false},
		{"a b", NULL, false}, {"\xc3\xb6", NULL, false},
		{"a#b", NULL, false}, {"a\\b", NULL, false},
		{"123456789", NULL, false}, {"%31%32345678", "12345678", false},
	};
	char dst[9];
	size_t i;
	(void)state;

	for (i=0; i<sizeof(v) / sizeof(v[0]); i++) {

		struct pl pl;
		int err;

		pl_set_str(&pl, v[i].in);
		err = web_decode(dst, sizeof(dst), &pl, v[i].query);
		assert_int_equal(!v[i].out, err != 0);
		if (v[i].out)
			assert_string_equal(v[i].out, dst);
	}
}


static void test_target(void **state)
{
	static const char *badv[] = {
		"", "*", "a", "http://host/", "//", "/a//b", "/a/", "/./a",
		"/a/..", "/a/%2e%2e/b", "/a%2fb", "/a%5cb", "/a?x=1&x=2",
		"/a?=1", "/a?%", "/1/2/3/4/5/6/7/8/9",
		"/a?1&2&3&4&5&6&7&8&9&10&11&12&13&14&15&16&17", "/a#b",
	};
	static char longest[WEB_TARGET + 2];
	struct web_target t;
	size_t i;
	(void)state;

	assert_int_equal(0, target(&t, "/"));
	assert_int_equal(0, t.segc);
	assert_int_equal(0, target(&t, "/api/v1/B%C3%B6ll?a=1&&b=x+y%26&c"));
	assert_int_equal(3, t.segc);
	assert_string_equal("Böll", t.segv[2]);
	assert_int_equal(3, t.queryc);
	assert_string_equal("1", web_target_query(&t, "a"));
	assert_string_equal("x y&", web_target_query(&t, "b"));
	assert_string_equal("", web_target_query(&t, "c"));
	assert_null(web_target_query(&t, "d"));

	for (i=0; i<sizeof(badv) / sizeof(badv[0]); i++) {
		if (!target(&t, badv[i]))
			fail_msg("taken: %s", badv[i]);
	}

	memset(longest, 'a', WEB_TARGET + 1);
	longest[0] = '/';
	assert_int_equal(EOVERFLOW, target(&t, longest));
	longest[WEB_TARGET] = '\0';
	assert_int_equal(0, target(&t, longest));
	assert_int_equal(WEB_TARGET - 1, strlen(t.segv[0]));
}


static void nothing(struct web_req *req)
{
	(void)req;
}


static const struct web_route firstv[] = {
	{WEB_GET, "/", WEB_ANYBODY, nothing, NULL},
	{WEB_GET, "/api/v1/calls", WEB_READONLY, nothing, NULL},
	{WEB_POST, "/api/v1/calls", WEB_OPERATOR, nothing, NULL},
	{0},
};

static const struct web_route secondv[] = {
	{WEB_GET, "/api/v1/calls/{id}", WEB_READONLY, nothing, NULL},
	{WEB_POST, "/api/v1/calls/{id}/legs/{leg}", WEB_ADMIN, nothing, NULL},
	{0},
};

static const struct web_route *const tablev[] = {firstv, secondv, NULL};


static const struct web_route *route(enum web_method method, const char *str,
				     const char **paramv, unsigned *allowed)
{
	static struct web_target t;

	assert_int_equal(0, target(&t, str));

	return web_route(tablev, method, &t, paramv, allowed);
}


static void test_route(void **state)
{
	const char *paramv[WEB_PARAMS] = {NULL};
	unsigned allowed;
	char str[64];
	(void)state;

	assert_ptr_equal(&firstv[0], route(WEB_GET, "/", paramv, &allowed));
	assert_ptr_equal(&firstv[1], route(WEB_HEAD, "/api/v1/calls?a=1",
					   paramv, &allowed));
	assert_int_equal(0, web_allow(str, sizeof(str), allowed));
	assert_string_equal("GET, HEAD, POST, OPTIONS", str);
	assert_int_equal(ENOMEM, web_allow(str, 8, allowed));
	assert_ptr_equal(&firstv[2], route(WEB_POST, "/api/v1/calls", paramv,
					   &allowed));

	assert_ptr_equal(&secondv[0], route(WEB_GET, "/api/v1/calls/7",
					    paramv, &allowed));
	assert_string_equal("7", paramv[0]);
	assert_ptr_equal(&secondv[1], route(WEB_POST, "/api/v1/calls/8/legs/"
					    "b%20c", paramv, &allowed));
	assert_string_equal("8", paramv[0]);
	assert_string_equal("b c", paramv[1]);

	assert_null(route(WEB_DELETE, "/api/v1/calls/7", paramv, &allowed));
	assert_int_equal(WEB_GET | WEB_HEAD | WEB_OPTIONS, allowed);
	assert_null(route(WEB_OPTIONS, "/api/v1/calls/7", paramv, &allowed));
	assert_int_not_equal(0, allowed);

	assert_null(route(WEB_GET, "/api", paramv, &allowed));
	assert_int_equal(0, allowed);
	assert_null(route(WEB_GET, "/api/v1/call", paramv, &allowed));
	assert_null(route(WEB_GET, "/api/v1/callsx", paramv, &allowed));
	assert_null(route(WEB_GET, "/api/v1/calls/7/legs", paramv, &allowed));
	assert_null(route(WEB_GET, "/api/v1/calls/7/legs/8/9", paramv,
			  &allowed));
	assert_int_equal(0, allowed);
}


static void test_names(void **state)
{
	enum web_role role;
	struct pl pl;
	(void)state;

	pl_set_str(&pl, "DELETE");
	assert_int_equal(WEB_DELETE, web_method(&pl));
	pl_set_str(&pl, "delete");
	assert_int_equal(0, web_method(&pl));
	pl_set_str(&pl, "TRACE");
	assert_int_equal(0, web_method(&pl));
	assert_string_equal("PATCH", web_method_name(WEB_PATCH));

	assert_int_equal(0, web_role(&role, "operator"));
	assert_int_equal(WEB_OPERATOR, role);
	assert_int_equal(EINVAL, web_role(&role, "anybody"));
	assert_int_equal(EINVAL, web_role(&role, "Admin"));
	assert_string_equal("admin", web_role_name(WEB_ADMIN));
	assert_true(WEB_ANYBODY < WEB_READONLY && WEB_READONLY < WEB_OPERATOR
		    && WEB_OPERATOR < WEB_ADMIN);
}


static void done_handler(struct web_req *req, void *arg)
{
	assert_int_not_equal(0, req->reply.status);
	++*(unsigned *)arg;
}


static void check_body(const struct web_req *req, const char *text)
{
	const struct mbuf *mb = req->reply.body;

	assert_non_null(mb);
	assert_int_equal(strlen(text), mb->end);
	assert_memory_equal(text, mb->buf, mb->end);
}


static void test_reply(void **state)
{
	struct web_req *req;
	unsigned done = 0;
	(void)state;

	assert_int_equal(0, web_req_alloc(&req, done_handler, &done));
	assert_int_equal(0, web_header(req, "X-A", "%u", 5u));
	assert_int_equal(EBADMSG, web_header(req, "X-B", "%s",
					     "a\r\nX-Evil: 1"));
	assert_int_equal(0, web_header(req, "X-C", "c"));
	assert_int_equal(strlen("X-A: 5\r\nX-C: c\r\n"), req->reply.head->end);
	assert_memory_equal("X-A: 5\r\nX-C: c\r\n", req->reply.head->buf,
			    req->reply.head->end);
	web_json(req, 200, json_pack("{si}", "a", 1));
	assert_int_equal(1, done);
	assert_int_equal(200, req->reply.status);
	check_body(req, "{\"a\":1}");

	/* once */
	web_problem(req, 500, "never");
	web_json(req, 201, json_object());
	web_text(req, 201, "text/plain", "x", 1);
	web_none(req, 204);
	assert_int_equal(1, done);
	check_body(req, "{\"a\":1}");
	mem_deref(req);

	assert_int_equal(0, web_req_alloc(&req, done_handler, &done));
	web_problem(req, 404, "there is no call %s", "\"7\"");
	assert_string_equal("application/problem+json", req->reply.type);
	check_body(req, "{\"type\":\"about:blank\",\"title\":\"Not Found\","
		   "\"status\":404,\"detail\":\"there is no call"
		   " \\\"7\\\"\"}");
	mem_deref(req);

	assert_int_equal(0, web_req_alloc(&req, done_handler, &done));
	web_json(req, 200, NULL);
	assert_int_equal(500, req->reply.status);
	mem_deref(req);
	assert_int_equal(3, done);
}


static struct web_req *request(const char *str, const char *body, bool json)
{
	struct web_req *req;

	assert_int_equal(0, web_req_alloc(&req, NULL, NULL));
	assert_int_equal(0, target(&req->target, str));
	req->json = json;
	if (body) {
		req->body = mbuf_alloc(strlen(body) + 1);
		assert_int_equal(0, mbuf_write_str(req->body, body));
	}

	return req;
}


static void test_query(void **state)
{
	static const char *badv[] = {"/?n=", "/?n=-1", "/?n=0", "/?n=11",
		"/?n=1x", "/?n=99999999999"};
	struct web_req *req = request("/?n=10", NULL, false);
	uint32_t v;
	size_t i;
	(void)state;

	assert_true(web_query_u32(req, "n", &v, 5, 1, 10));
	assert_int_equal(10, v);
	assert_true(web_query_u32(req, "m", &v, 5, 1, 10));
	assert_int_equal(5, v);
	assert_string_equal("10", web_query(req, "n"));
	assert_string_equal("", web_param(req, 0));
	assert_string_equal("", web_param(req, WEB_PARAMS));
	mem_deref(req);

	for (i=0; i<sizeof(badv) / sizeof(badv[0]); i++) {
		req = request(badv[i], NULL, false);
		assert_false(web_query_u32(req, "n", &v, 5, 1, 10));
		assert_int_equal(400, req->reply.status);
		mem_deref(req);
	}
}


static void test_body(void **state)
{
	static const struct {
		const char *body;
		bool json;
		unsigned status;        /* 0=taken */
	} v[] = {
		{NULL, false, 0}, {"", false, 0}, {"{}", true, 0},
		{"{\"a\":[1]}", true, 0}, {"{}", false, 415},
		{"[]", true, 400}, {"{", true, 400}, {"{}x", true, 400},
		{"{\"a\":1,\"a\":2}", true, 400}, {"\xff", true, 400},
		{"{\"a\":[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]}", true, 400},
	};
	size_t i;
	(void)state;

	for (i=0; i<sizeof(v) / sizeof(v[0]); i++) {

		struct web_req *req = request("/", v[i].body, v[i].json);
		json_t *j = web_body(req);

		assert_int_equal(v[i].status, req->reply.status);
		assert_int_equal(v[i].status == 0, j != NULL);
		json_decref(j);
		mem_deref(req);
	}
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_target),
		cmocka_unit_test(test_route),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_reply),
		cmocka_unit_test(test_query),
		cmocka_unit_test(test_body),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
