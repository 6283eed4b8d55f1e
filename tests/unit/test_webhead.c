/**
 * @file test_webhead.c  The hub's HTTP: heads of requests, and their fields
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <re_types.h>
#include <re_fmt.h>
#include "connectycube_hub/web/route.h"
#include "connectycube_hub/web/head.h"


#define HOST "Host: localhost:8080\r\n"
#define GET "GET /a HTTP/1.1\r\n" HOST
#define POST "POST /a HTTP/1.1\r\n" HOST

static bool same(const struct pl *pl, const char *str)
{
	return !pl_strcmp(pl, str);
}


/* Each beginning of it is not all; what follows is not looked at */
static void test_whole(void **state)
{
	static const char text[] = "POST /a?b=1 HTTP/1.1\r\n"
		"host:localhost\r\nContent-Length:  5 \r\nCookie: a=1; b=2\r\n"
		"X-Other: \xc3\xb6\tx\r\nExpect: 100-Continue\r\n"
		"Content-Type: application/json\r\nAccept:\r\n\r\nhello\n";
	const size_t all = sizeof(text) - 1, len = all - 6;
	struct web_head h;
	size_t i;
	(void)state;

	for (i=0; i<len; i++) {
		/* a copy, so that what is beyond is found */
		char *part = malloc(i + 1);

		assert_non_null(part);
		memcpy(part, text, i);
		assert_int_equal(EAGAIN, web_head(&h, part, i));
		free(part);
	}

	assert_int_equal(0, web_head(&h, text, all));
	assert_int_equal(len, h.len);
	assert_int_equal(WEB_POST, h.method);
	assert_true(h.keep && h.sized && h.wait && !h.old && !h.proxied);
	assert_int_equal(5, h.body);
	assert_true(same(&h.target, "/a?b=1"));
	assert_true(same(&h.host, "localhost"));
	assert_true(same(&h.cookie, "a=1; b=2"));
	assert_true(same(&h.type, "application/json"));

	assert_int_equal(0, web_head(&h, "GET / HTTP/1.0\r\n\r\n", 18));
	assert_true(h.old && !h.keep);
	assert_int_equal(0, web_head(&h, GET "Connection: a, Close\r\n"
				     "X-forwarded-for: 1\r\n\r\n",
				     sizeof(GET) - 1 + 45));
	assert_true(!h.keep && h.proxied);
}


static void test_refused(void **state)
{
	static const struct {
		unsigned status;
		const char *text;
	} v[] = {
		/* lines that some end elsewhere */
		{400, "GET /a HTTP/1.1\n"},
		{400, GET "X: 1\n\n"},
		{400, GET "X: 1\r2\r\n\r\n"},
		{400, GET "X: 1\r\n 2\r\n\r\n"},
		{400, GET "X: 1\r\n\tContent-Length: 3\r\n\r\n"},
		{400, GET " X: 1\r\n\r\n"},
		{400, GET "X : 1\r\n\r\n"},
		{400, GET "X\r\n\r\n"},
		{400, GET ": 1\r\n\r\n"},
		{400, GET "X(: 1\r\n\r\n"},
		{400, GET "X: \x01\r\n\r\n"},
		{400, GET "X: \x7f\r\n\r\n"},

		/* lengths that some read otherwise */
		{400, POST "Content-Length: 3\r\nContent-Length: 3\r\n\r\n"},
		{400, POST "Content-Length: 3, 3\r\n\r\n"},
		{400, POST "Content-Length: +3\r\n\r\n"},
		{400, POST "Content-Length: -3\r\n\r\n"},
		{400, POST "Content-Length: 0x3\r\n\r\n"},
		{400, POST "Content-Length: 3 3\r\n\r\n"},
		{400, POST "Content-Length:\r\n\r\n"},
		{400, POST "Content-Length: 3\r\nTransfer-Encoding: chunked"
			"\r\n\r\n"},
		{400, POST "Transfer-Encoding: x\r\nContent-Length: 3\r\n\r\n"},
		{400, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"},
		{411, POST "Transfer-Encoding: chunked\r\n\r\n"},
		{411, POST "Transfer-Encoding: identity\r\n\r\n"},
		{413, POST "Content-Length: 1048577\r\n\r\n"},
		{413, POST "Content-Length: 99999999999999999999999\r\n\r\n"},

		/* fields that there is one of */
		{400, "GET /a HTTP/1.1\r\n\r\n"},
		{400, GET HOST "\r\n"},
		{400, GET "Authorization: a\r\nAuthorization: a\r\n\r\n"},
		{400, GET "Cookie: a=1\r\ncookie: a=1\r\n\r\n"},
		{400, GET "Origin: a\r\nOrigin:\r\n\r\n"},
		{417, GET "Expect: more\r\n\r\n"},

		/* first lines */
		{400, "\r\n\r\n"},
		{400, "GET /a\r\n\r\n"},
		{400, "GET  /a HTTP/1.1\r\n\r\n"},
		{400, "GET /a  HTTP/1.1\r\n\r\n"},
		{400, "GET /a HTTP/1.1 \r\n\r\n"},
		{400, "GET /a b HTTP/1.1\r\n\r\n"},
		{400, " GET /a HTTP/1.1\r\n\r\n"},
		{400, "GET\t/a HTTP/1.1\r\n\r\n"},
		{400, "GET /a http/1.1\r\n\r\n"},
		{400, "GET /a HTTP/1.10\r\n\r\n"},
		{400, "G@T /a HTTP/1.1\r\n\r\n"},
		{501, "BREW /a HTTP/1.1\r\n" HOST "\r\n"},
		{501, "get /a HTTP/1.1\r\n" HOST "\r\n"},
		{505, "PRI * HTTP/2.0\r\n\r\n"},
		{505, "GET /a HTTP/1.2\r\n" HOST "\r\n"},
	};
	struct web_head h;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {

		const int err = web_head(&h, v[i].text, strlen(v[i].text));

		if (err != EBADMSG || h.status != v[i].status)
			fail_msg("%d, %u: %s", err, h.status, v[i].text);
	}
}


/* nor does a NUL end anything */
static void test_nul(void **state)
{
	static const char inside[] = GET "X: a\0\r\n\r\n";
	static const char first[] = "GET /\0 HTTP/1.1\r\n" HOST "\r\n";
	struct web_head h;
	(void)state;

	assert_int_equal(EBADMSG, web_head(&h, inside, sizeof(inside) - 1));
	assert_int_equal(400, h.status);
	assert_int_equal(EBADMSG, web_head(&h, first, sizeof(first) - 1));
	assert_int_equal(400, h.status);
}


static void test_limits(void **state)
{
	static char buf[WEB_HEAD_MAX + 64];
	struct web_head h;
	size_t n;
	(void)state;

	memset(buf, 'a', sizeof(buf));
	memcpy(buf, GET "X: ", sizeof(GET "X: ") - 1);
	assert_int_equal(EAGAIN, web_head(&h, buf, WEB_HEAD_MAX - 1));
	assert_int_equal(EBADMSG, web_head(&h, buf, WEB_HEAD_MAX));
	assert_int_equal(431, h.status);
	memcpy(&buf[WEB_HEAD_MAX - 4], "\r\n\r\n", 4);
	assert_int_equal(0, web_head(&h, buf, sizeof(buf)));
	assert_int_equal(WEB_HEAD_MAX, h.len);

	n = (size_t)re_snprintf(buf, sizeof(buf), "%s", GET);
	while (n < 6 * (WEB_FIELDS + 8))
		n += (size_t)re_snprintf(&buf[n], sizeof(buf) - n, "X:1\r\n");
	(void)re_snprintf(&buf[n], sizeof(buf) - n, "\r\n");
	assert_int_equal(EBADMSG, web_head(&h, buf, strlen(buf)));
	assert_int_equal(431, h.status);

	n = (size_t)re_snprintf(buf, sizeof(buf), "GET /");
	memset(&buf[n], 'a', WEB_TARGET);
	(void)re_snprintf(&buf[n + WEB_TARGET], 64, " HTTP/1.1\r\n\r\n");
	assert_int_equal(EBADMSG, web_head(&h, buf, strlen(buf)));
	assert_int_equal(414, h.status);
}


static struct pl pls(const char *str)
{
	struct pl pl;

	pl_set_str(&pl, str);

	return pl;
}


static void test_cookie(void **state)
{
	struct pl pl = pls("a=1; session=abc;b = 2"), value;
	(void)state;

	assert_true(web_cookie(&value, &pl, "session"));
	assert_true(same(&value, "abc"));
	assert_true(web_cookie(&value, &pl, "b"));
	assert_false(web_cookie(&value, &pl, "c"));
	pl = pls("session=abc; session=abd");
	assert_false(web_cookie(&value, &pl, "session"));
	pl = pls("xsession=abc; session");
	assert_false(web_cookie(&value, &pl, "session"));
	pl = pls("");
	assert_false(web_cookie(&value, &pl, "session"));

	pl = pls("bearer  t0ken");
	assert_true(web_bearer(&value, &pl));
	assert_true(same(&value, "t0ken"));
	pl = pls("Bearer   ");
	assert_false(web_bearer(&value, &pl));
	pl = pls("Basic t0ken");
	assert_false(web_bearer(&value, &pl));
	pl = pls("Bearert0ken");
	assert_false(web_bearer(&value, &pl));
}


static bool accepts(const char *accept)
{
	const struct pl pl = pls(accept);

	return web_accepts(&pl, "application/json");
}


static void test_types(void **state)
{
	const struct pl none = {NULL, 0};
	struct pl pl = pls("Application/JSON; charset=utf-8");
	(void)state;

	assert_true(web_is_type(&pl, "application/json"));
	pl = pls("application/jsonx");
	assert_false(web_is_type(&pl, "application/json"));
	pl = pls("");
	assert_false(web_is_type(&pl, "application/json"));
	assert_false(web_is_type(&none, "application/json"));
	assert_false(web_cookie(&pl, &none, "session"));
	assert_false(web_bearer(&pl, &none));
	assert_true(web_accepts(&none, "application/json"));

	assert_true(accepts(""));
	assert_true(accepts("*/*"));
	assert_true(accepts("text/html, application/*;q=0.5"));
	assert_true(accepts("application/json;q=0.001"));
	assert_false(accepts("text/html"));
	assert_false(accepts("*/*, application/json;q=0"));
	assert_true(accepts("*/*;q=0, application/json"));
	assert_false(accepts("application/json; q=0.00"));
	assert_false(accepts("applicatio/*"));
	assert_true(accepts("*/*;q=0.1;q=0"));
}


static void test_range(void **state)
{
	static const struct {
		const char *range;
		enum web_range what;
		uint64_t off, len;
	} v[] = {
		{NULL, WEB_RANGE_ALL, 0, 100},
		{"bytes=0-9", WEB_RANGE_PART, 0, 10},
		{"bytes=90-", WEB_RANGE_PART, 90, 10},
		{"bytes=90-1000", WEB_RANGE_PART, 90, 10},
		{"bytes=99-99", WEB_RANGE_PART, 99, 1},
		{"bytes=-10", WEB_RANGE_PART, 90, 10},
		{"bytes=-1000", WEB_RANGE_PART, 0, 100},
		{"bytes=100-", WEB_RANGE_NONE, 0, 0},
		{"bytes=-0", WEB_RANGE_NONE, 0, 0},
		{"bytes=9-8", WEB_RANGE_ALL, 0, 100},
		{"bytes=0-1,5-6", WEB_RANGE_ALL, 0, 100},
		{"bytes=", WEB_RANGE_ALL, 0, 100},
		{"bytes=-", WEB_RANGE_ALL, 0, 100},
		{"bytes=a-b", WEB_RANGE_ALL, 0, 100},
		{"items=0-9", WEB_RANGE_ALL, 0, 100},
		{"bytes=0-99999999999999999999", WEB_RANGE_ALL, 0, 100},
		{"bytes=0-999999999999999999", WEB_RANGE_PART, 0, 100},
	};
	uint64_t off, len;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {

		assert_int_equal(v[i].what, web_range(&off, &len, v[i].range,
						      100));
		if (v[i].what == WEB_RANGE_NONE)
			continue;
		assert_int_equal(v[i].off, off);
		assert_int_equal(v[i].len, len);
	}

	assert_int_equal(WEB_RANGE_NONE, web_range(&off, &len, "bytes=-5", 0));
	assert_int_equal(WEB_RANGE_NONE, web_range(&off, &len, "bytes=0-", 0));
}


static void test_etag(void **state)
{
	(void)state;

	assert_true(web_etag_match("\"a1\"", "\"a1\""));
	assert_true(web_etag_match("W/\"a1\"", "\"a1\""));
	assert_true(web_etag_match("\"b\" , \"a1\"", "\"a1\""));
	assert_true(web_etag_match("*", "\"a1\""));
	assert_false(web_etag_match("\"a\"", "\"a1\""));
	assert_false(web_etag_match("a1", "\"a1\""));
	assert_false(web_etag_match("", "\"a1\""));
	assert_false(web_etag_match(",,", "\"a1\""));
	assert_false(web_etag_match(NULL, "\"a1\""));
}


static void test_key(void **state)
{
	char key[WEB_KEY];
	struct pl pl = pls("\"8e03978e-40d5\"");
	(void)state;

	assert_true(web_key(key, sizeof(key), &pl));
	assert_string_equal("8e03978e-40d5", key);
	pl = pls("abc");
	assert_true(web_key(key, sizeof(key), &pl));
	pl = pls("\"\"");
	assert_false(web_key(key, sizeof(key), &pl));
	pl = pls("a b");
	assert_false(web_key(key, sizeof(key), &pl));
	pl = pls("a\"b");
	assert_false(web_key(key, sizeof(key), &pl));
	assert_true(web_key(key, 4, &(struct pl){"abc", 3}));
	assert_false(web_key(key, 4, &(struct pl){"abcd", 4}));
}


static bool ours(const char *host, const char *names)
{
	const struct pl pl = pls(host);

	return web_is_ours(&pl, names);
}


static bool origin(const char *o, const char *h)
{
	const struct pl opl = pls(o), hpl = pls(h);

	return web_same_origin(&opl, &hpl);
}


static void test_host(void **state)
{
	(void)state;

	assert_true(ours("localhost:8080", NULL));
	assert_true(ours("LOCALHOST", NULL));
	assert_true(ours("127.0.0.1", NULL));
	assert_true(ours("[::1]:80", NULL));
	assert_true(ours("192.0.2.7:443", NULL));
	assert_true(ours("hub.example", "a.example, Hub.example"));
	assert_false(ours("hub.example", "a.hub.example hub.example.org"));
	assert_false(ours("evil.example", NULL));
	assert_false(ours("localhost.evil.example", NULL));
	assert_false(ours("127.0.0.1.evil.example", NULL));
	assert_false(ours("evil@localhost", NULL));
	assert_false(ours("localhost:0", NULL));
	assert_false(ours("localhost:80x", NULL));
	assert_false(ours("localhost:", NULL));
	assert_false(ours("[::1", NULL));
	assert_false(ours("[::1]x", NULL));
	assert_false(ours("", NULL));
	assert_false(ours(":80", ""));

	assert_true(origin("http://localhost:8080", "localhost:8080"));
	assert_true(origin("https://hub.example", "hub.example"));
	assert_true(origin("https://hub.example", "Hub.example:443"));
	assert_true(origin("http://[::1]:80", "[::1]"));
	assert_false(origin("http://localhost", "localhost:8080"));
	assert_false(origin("http://localhost:8081", "localhost:8080"));
	assert_false(origin("http://evil.example", "localhost"));
	assert_false(origin("http://localhost/", "localhost"));
	assert_false(origin("null", "localhost"));
	assert_false(origin("", "localhost"));
	assert_false(origin("ftp://localhost", "localhost"));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_cookie),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_range),
		cmocka_unit_test(test_etag),
		cmocka_unit_test(test_key),
		cmocka_unit_test(test_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
