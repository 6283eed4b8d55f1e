/**
 * @file test_webbody.c  The hub's HTTP: what may stand in a body
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
#include <re_mbuf.h>
#include <re_mem.h>
#include "connectycube_hub/web/route.h"
#include "connectycube_hub/web/bodycheck.h"


static const struct web_field fieldv[] = {
	{.name = "target", .needed = true},
	{.name = "side", .words = "app phone"},
	{.name = "on", .kind = WEB_BOOL},
	{.name = "keys", .secret = true, .most = 4, .chars = "0123456789*#"},
	{0},
};

static const struct web_field nonev[] = {{0}};


static json_t *json(const char *text)
{
	json_t *j = json_loads(text, 0, NULL);

	assert_non_null(j);

	return j;
}


static void test_taken(void **state)
{
	static const char *const v[] = {
		"{\"target\":\"1\"}",
		"{\"target\":\"B\xc3\xb6ll \\u00e9\",\"side\":\"phone\"}",
		"{\"side\":\"app\",\"on\":false,\"target\":\"x\"}",
		"{\"target\":\"1\",\"keys\":\"1*#9\"}",
	};
	struct web_wrong wrong;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {
		json_t *j = json(v[i]);

		assert_int_equal(0, web_fields_check(&wrong, j, fieldv));
		assert_string_equal("", wrong.why);
		json_decref(j);
	}
}


static void test_refused(void **state)
{
	static const struct {
		const char *body, *member, *why;
	} v[] = {
		{"{}", "target", "target: is missing"},
		{"{\"target\":null}", "target", "target: is to be text"},
		{"{\"target\":1}", "target", "target: is to be text"},
		{"{\"target\":[\"1\"]}", "target", "target: is to be text"},
		{"{\"target\":\"\"}", "target", "target: is empty"},
		{"{\"target\":\"1\\n2\"}", "target", "target: has a control"
		 " character in it"},
		{"{\"target\":\"1\\u007f\"}", "target", "target: has a"
		 " control character in it"},
		{"{\"target\":\"1\",\"side\":\"ap\"}", "side", "side: is to"
		 " be one of: app phone"},
		{"{\"target\":\"1\",\"side\":\"app phone\"}", "side", "side:"
		 " is to be one of: app phone"},
		{"{\"target\":\"1\",\"side\":\"\"}", "side", "side: is to be"
		 " one of: app phone"},
		{"{\"target\":\"1\",\"side\":7}", "side", "side: is to be one"
		 " of: app phone"},
		{"{\"target\":\"1\",\"on\":\"true\"}", "on", "on: is to be"
		 " true or false"},
		{"{\"target\":\"1\",\"on\":0}", "on", "on: is to be true or"
		 " false"},
		{"{\"target\":\"1\",\"keys\":\"12345\"}", "keys", "keys: is"
		 " longer than 4 bytes"},
		{"{\"target\":\"1\",\"keys\":\"12x\"}", "keys", "keys: is to"
		 " be of 0123456789*#"},
		{"{\"target\":\"1\",\"taget\":\"2\"}", "taget", "taget: is not"
		 " known here: there is target, side, on, keys"},
		{"{\"\":\"2\"}", "", ": is not known here: there is target,"
		 " side, on, keys"},
	};
	struct web_wrong wrong;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {
		json_t *j = json(v[i].body);

		assert_int_equal(EINVAL, web_fields_check(&wrong, j, fieldv));
		assert_string_equal(v[i].member, wrong.member);
		assert_string_equal(v[i].why, wrong.why);
		json_decref(j);
	}
}


/* A name is said as it is, or how long it is: never a part of it */
static void test_long(void **state)
{
	char name[WEB_TEXT_MOST + 2];
	struct web_wrong wrong;
	json_t *j;
	(void)state;

	memset(name, 'n', 64);
	name[64] = '\0';
	j = json_pack("{ss}", name, "1");
	assert_int_equal(EINVAL, web_fields_check(&wrong, j, nonev));
	assert_string_equal(name, wrong.member);
	json_decref(j);

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	j = json_pack("{ss}", name, "1");
	assert_int_equal(EINVAL, web_fields_check(&wrong, j, nonev));
	assert_string_equal("", wrong.member);
	assert_string_equal("a name of 256 bytes is not known here: there is"
			    " nothing to be said here", wrong.why);
	json_decref(j);

	j = json_pack("{ss}", "target", name);
	assert_int_equal(EINVAL, web_fields_check(&wrong, j, fieldv));
	assert_string_equal("target: is longer than 255 bytes", wrong.why);
	json_decref(j);

	j = json_array();
	assert_int_equal(EINVAL, web_fields_check(&wrong, j, fieldv));
	json_decref(j);
}


/* What is secret is not in it */
static void test_note(void **state)
{
	json_t *j = json("{\"target\":\"1\",\"on\":true,\"keys\":\"12#\","
			 "\"other\":1}");
	json_t *note = web_fields_note(j, fieldv);
	char *text = json_dumps(note, JSON_COMPACT | JSON_SORT_KEYS);
	(void)state;

	assert_string_equal("{\"keys\":3,\"on\":true,\"target\":\"1\"}", text);
	free(text);
	json_decref(note);
	json_decref(j);
}


/* The answer says what is wrong, and where */
static void test_answer(void **state)
{
	static const char body[] = "{\"keys\":\"1234\"}";
	struct web_req *req;
	struct pl pl;
	(void)state;

	assert_int_equal(0, web_req_alloc(&req, NULL, NULL));
	req->body = mbuf_alloc(sizeof(body));
	req->json = true;
	assert_int_equal(0, mbuf_write_str(req->body, body));
	assert_null(web_fields(req, fieldv));
	assert_null(req->note);
	assert_int_equal(400, req->reply.status);
	pl.p = (char *)req->reply.body->buf;
	pl.l = req->reply.body->end;
	assert_int_equal(0, pl_strcmp(&pl, "{\"type\":\"about:blank\","
		"\"title\":\"Bad Request\",\"status\":400,\"detail\":"
		"\"target: is missing\",\"code\":\"invalid\",\"member\":"
		"\"target\"}"));
	mem_deref(req);

	assert_int_equal(0, web_req_alloc(&req, NULL, NULL));
	assert_non_null(req);
	json_decref(web_fields(req, nonev));
	assert_int_equal(0, req->reply.status);
	mem_deref(req);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_taken),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_note),
		cmocka_unit_test(test_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
