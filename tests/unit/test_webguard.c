/**
 * @file test_webguard.c  The hub's HTTP: who is let in
 */
#include "webguard_rig.h"


static void test_fails(void **state)
{
	unsigned i;
	char from[16];
	(void)state;

	for (i=0; i<WEB_FAILS_MOST; i++) {
		assert_int_equal(0, web_fails_wait(&guard, "192.0.2.1"));
		web_fails_add(&guard, "192.0.2.1");
	}
	assert_int_equal(WEB_FAILS_TIME, web_fails_wait(&guard,
							"192.0.2.1"));
	assert_int_equal(0, web_fails_wait(&guard, "192.0.2.2"));
	guard.now += WEB_FAILS_TIME - 1;
	assert_int_equal(1, web_fails_wait(&guard, "192.0.2.1"));
	guard.now += 1;
	assert_int_equal(0, web_fails_wait(&guard, "192.0.2.1"));

	/* many others: there is no more room, and nothing else */
	for (i=0; i<10 * WEB_FAILS; i++) {
		(void)re_snprintf(from, sizeof(from), "10.0.%u.%u", i / 100,
				  i % 100);
		web_fails_add(&guard, from);
	}
}


static enum web_pass passed;    /* by what the last one was let in */
static bool crypted;

/* What somebody asks, and what he gets: 0=he is let in */
static unsigned gate(enum web_method method, enum web_role least,
		     const char *fields, bool local, bool owner,
		     enum web_role *role)
{
	const struct web_route route = {method, "/x", least, NULL, NULL};
	struct web_head h;
	struct web_req *req;
	char text[1024];
	unsigned status;
	bool in;

	(void)re_snprintf(text, sizeof(text), "%s /x HTTP/1.1\r\n%s\r\n",
			  web_method_name(method), fields);
	assert_int_equal(0, web_head(&h, text, strlen(text)));
	assert_int_equal(0, web_req_alloc(&req, NULL, NULL));
	(void)strcpy(req->net, "192.0.2.9");
	req->method = method;
	req->route  = &route;
	req->local  = local;
	req->owner  = owner;
	in = web_gate(&guard, req, &h);
	status = req->reply.status;
	assert_int_equal(in, !status);
	passed  = req->pass;
	crypted = req->tls;
	if (role)
		*role = req->role;
	mem_deref(req);

	return status;
}


#define HOST "Host: localhost:80\r\n"

static void test_roles(void **state)
{
	enum web_role least, role;
	char fields[256];
	size_t i;
	(void)state;

	for (i=0; i<3; i++) {

		(void)re_snprintf(fields, sizeof(fields), HOST
				  "Authorization: Bearer %s\r\n", secretv[i]);

		for (least=WEB_READONLY; least<=WEB_ADMIN; least++) {

			const bool may = (unsigned)least <= i + 1;

			assert_int_equal(may ? 0 : 403,
					 gate(WEB_POST, least, fields, false,
					      false, NULL));
		}
	}

	assert_int_equal(0, gate(WEB_GET, WEB_ANYBODY, HOST, false, false,
				 NULL));
	assert_int_equal(401, gate(WEB_GET, WEB_READONLY, HOST, false, false,
				   NULL));
	assert_int_equal(401, gate(WEB_GET, WEB_READONLY, HOST, true, false,
				   NULL));
	assert_int_equal(0, gate(WEB_POST, WEB_ADMIN, HOST, true, true,
				 &role));
	assert_int_equal(WEB_ADMIN, role);
	assert_int_equal(401, gate(WEB_GET, WEB_READONLY,
				   HOST "Via: 1.1 x\r\n", true, true, NULL));
	guard.owner = false;
	assert_int_equal(401, gate(WEB_GET, WEB_READONLY, HOST, true, true,
				   NULL));

	/* a token that is less is what counts */
	guard.owner = true;
	(void)re_snprintf(fields, sizeof(fields), HOST
			  "Authorization: Bearer %s\r\n", secretv[0]);
	assert_int_equal(403, gate(WEB_POST, WEB_ADMIN, fields, true, true,
				   NULL));
	assert_int_equal(401, gate(WEB_GET, WEB_READONLY, HOST
				   "Authorization: Bearer x\r\n", true, true,
				   NULL));
}


/* Who was let in stays no longer than his token, or his session, does */
static void test_holds(void **state)
{
	char cookie[WEB_SECRET];
	uint8_t token[WEB_HASH], page[WEB_HASH] = {0};
	struct web_token *t;
	struct pl pl;
	(void)state;

	pl_set_str(&pl, secretv[1]);
	web_hash(token, &pl);
	assert_true(web_gate_holds(&guard, WEB_PASS_NONE, page));
	assert_true(web_gate_holds(&guard, WEB_PASS_TOKEN, token));
	assert_false(web_gate_holds(&guard, WEB_PASS_TOKEN, page));
	assert_false(web_gate_holds(&guard, WEB_PASS_SESSION, token));

	assert_int_equal(0, web_session_add(&guard, cookie, sizeof(cookie),
					    find(secretv[1])));
	pl_set_str(&pl, cookie);
	web_hash(page, &pl);
	assert_true(web_gate_holds(&guard, WEB_PASS_SESSION, page));

	/* to look is no request: it ends nevertheless */
	guard.now += guard.idle - 1;
	assert_true(web_gate_holds(&guard, WEB_PASS_SESSION, page));
	guard.now += 1;
	assert_false(web_gate_holds(&guard, WEB_PASS_SESSION, page));
	assert_null(web_session_find(&guard, &pl, &t));

	assert_int_equal(0, web_session_add(&guard, cookie, sizeof(cookie),
					    find(secretv[1])));
	web_hash(page, &pl);
	assert_int_equal(0, web_token_remove(&guard.tokenl, "steers"));
	assert_false(web_gate_holds(&guard, WEB_PASS_TOKEN, token));
	assert_false(web_gate_holds(&guard, WEB_PASS_SESSION, page));
}


/* By what somebody is let in is known afterwards; whom nobody knows says
   little */
static void test_pass(void **state)
{
	char cookie[WEB_SECRET], fields[300];
	(void)state;

	(void)re_snprintf(fields, sizeof(fields), HOST
			  "Authorization: Bearer %s\r\n", secretv[0]);
	assert_int_equal(0, gate(WEB_GET, WEB_READONLY, fields, true, true,
				 NULL));
	assert_int_equal(WEB_PASS_TOKEN, passed);
	assert_int_equal(0, gate(WEB_GET, WEB_READONLY, HOST, true, true,
				 NULL));
	assert_int_equal(WEB_PASS_NONE, passed);
	assert_int_equal(0, web_session_add(&guard, cookie, sizeof(cookie),
					    find(secretv[1])));
	(void)re_snprintf(fields, sizeof(fields), HOST "Cookie: "
			  WEB_COOKIE "=%s\r\n", cookie);
	assert_int_equal(0, gate(WEB_GET, WEB_READONLY, fields, false, false,
				 NULL));
	assert_int_equal(WEB_PASS_SESSION, passed);
	assert_false(crypted);

	assert_int_equal(0, gate(WEB_POST, WEB_ANYBODY, HOST
				 "Content-Length: 4096\r\n", false, false,
				 NULL));
	assert_int_equal(413, gate(WEB_POST, WEB_ANYBODY, HOST
				   "Content-Length: 4097\r\n", false, false,
				   NULL));
	assert_int_equal(0, gate(WEB_POST, WEB_OPERATOR, HOST
				 "Content-Length: 4097\r\n", true, true,
				 NULL));

	/* whoever stands before us speaks TLS */
	assert_int_equal(0, gate(WEB_POST, WEB_ANYBODY, HOST
				 "Origin: http://localhost:80\r\n", false,
				 false, NULL));
	assert_false(crypted);
	assert_int_equal(0, gate(WEB_POST, WEB_ANYBODY, "Host: localhost\r\n"
				 "Origin: https://localhost\r\n", false,
				 false, NULL));
	assert_true(crypted);
}


/* A cookie with a session, by TLS or not: the gate's status */
static int by_cookie(const char *name, const char *value, const char *more)
{
	char fields[400];

	assert_true(re_snprintf(fields, sizeof(fields), HOST "Cookie: %s=%s%s"
				"\r\n", name, value, more) > 0);

	return gate(WEB_GET, WEB_OPERATOR, fields, false, false, NULL);
}


/* A host beside ours, or whoever answers for us in the clear, can set the one
   cookie, but not the other */
static void test_cookies(void **state)
{
	static const char tls[] = "\r\nX-Forwarded-Proto: https";
	char cookie[WEB_SECRET], both[200];
	(void)state;

	assert_int_equal(0, web_session_add(&guard, cookie, sizeof(cookie),
					    find(secretv[1])));

	assert_int_equal(0, by_cookie(WEB_COOKIE, cookie, ""));
	assert_int_equal(401, by_cookie(WEB_COOKIE, cookie, tls));
	assert_int_equal(0, by_cookie(WEB_COOKIE_TLS, cookie, ""));
	assert_int_equal(0, by_cookie(WEB_COOKIE_TLS, cookie, tls));
	assert_true(crypted);

	/* one that is over hides none */
	(void)re_snprintf(both, sizeof(both), "; " WEB_COOKIE "=%s", cookie);
	assert_int_equal(0, by_cookie(WEB_COOKIE_TLS, "gone", both));
	(void)strcat(both, tls);
	assert_int_equal(401, by_cookie(WEB_COOKIE_TLS, "gone", both));
}


static void test_pages(void **state)
{
	char cookie[WEB_SECRET], fields[256], csrf[300];
	(void)state;

	assert_int_equal(0, web_session_add(&guard, cookie, sizeof(cookie),
					    find(secretv[1])));
	(void)re_snprintf(fields, sizeof(fields), HOST "Cookie: a=1; "
			  WEB_COOKIE "=%s\r\n", cookie);
	(void)re_snprintf(csrf, sizeof(csrf), "%sX-ConnectyCube: 1\r\n",
			  fields);

	assert_int_equal(0, gate(WEB_GET, WEB_OPERATOR, fields, false, false,
				 NULL));
	assert_int_equal(403, gate(WEB_POST, WEB_OPERATOR, fields, false,
				   false, NULL));
	assert_int_equal(0, gate(WEB_POST, WEB_OPERATOR, csrf, false, false,
				 NULL));
	assert_int_equal(403, gate(WEB_POST, WEB_ADMIN, csrf, false, false,
				   NULL));

	/* a page of somebody else, whatever it has */
	(void)strcat(csrf, "Origin: http://evil.example\r\n");
	assert_int_equal(403, gate(WEB_POST, WEB_OPERATOR, csrf, false,
				   false, NULL));
	assert_int_equal(403, gate(WEB_DELETE, WEB_ANYBODY, HOST
				   "Origin: null\r\n", true, true, NULL));
	assert_int_equal(403, gate(WEB_POST, WEB_ANYBODY, HOST
				   "Sec-Fetch-Site: cross-site\r\n", true,
				   true, NULL));
	assert_int_equal(0, gate(WEB_POST, WEB_ANYBODY, HOST
				 "Origin: http://localhost\r\n", false,
				 false, NULL));

	/* where TLS is spoken, a page in the clear is anybody's */
#define TLS "X-Forwarded-Proto: https\r\n"
	assert_int_equal(403, gate(WEB_POST, WEB_ANYBODY, "Host: localhost\r\n"
				   TLS "Origin: http://localhost\r\n", false,
				   false, NULL));
	assert_int_equal(0, gate(WEB_POST, WEB_ANYBODY, "Host: localhost\r\n"
				 TLS "Origin: https://localhost\r\n", false,
				 false, NULL));

	assert_int_equal(421, gate(WEB_GET, WEB_ANYBODY,
				   "Host: evil.example\r\n", false, false,
				   NULL));
	assert_int_equal(0, gate(WEB_GET, WEB_ANYBODY,
				 "Host: hub.example:80\r\n", false, false,
				 NULL));
	/* no browser comes there */
	assert_int_equal(0, gate(WEB_GET, WEB_ANYBODY,
				 "Host: whatever\r\n", true, false, NULL));
}


#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_holds),
		TEST(test_pass),
		TEST(test_fails),
		TEST(test_roles),
		TEST(test_cookies),
		TEST(test_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
