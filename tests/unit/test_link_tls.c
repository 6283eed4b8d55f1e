/**
 * @file test_link_tls.c  A link to a cloud over TLS: whom it believes
 */
#include "link_rig.h"


static void refused_with(const char *cert, const char *reason)
{
	char expect[160];

	cloud_stop();
	cloud_listen(cert);
	u.cfg.retry_min = u.cfg.retry_max = 2000;
	start();
	wait_state(CUBE_REFUSED);
	re_snprintf(expect, sizeof(expect), "certificate of localhost"
		    " refused: %s", reason);
	assert_string_equal(expect, cube_reason(u.c));
	assert_int_equal(0, cl.sessionc);
}


static void test_unknown_ca(void **state)
{
	(void)state;

	u.cfg.ca_file = u.strange_ca;
	refused_with(u.good, "unable to get local issuer certificate");
}


static void test_system_cas(void **state)
{
	(void)state;

	u.cfg.ca_file = NULL;
	refused_with(u.good, "unable to get local issuer certificate");
}


static void test_expired(void **state)
{
	(void)state;

	refused_with(u.expired, "certificate has expired");
}


static void test_other_host(void **state)
{
	(void)state;

	refused_with(u.other, "hostname mismatch");
}


static void test_no_tls(void **state)
{
	(void)state;

	u.cfg.api_url = "http://api.example.com";
	assert_int_equal(EPERM, cube_alloc(&u.c, &u.cfg, NULL, NULL, NULL));
	u.cfg.api_url = "not an url";
	assert_int_equal(EBADMSG, cube_alloc(&u.c, &u.cfg, NULL, NULL, NULL));
	u.cfg.api_url = NULL;
	assert_int_equal(EINVAL, cube_alloc(&u.c, &u.cfg, NULL, NULL, NULL));
}


static void test_backs_off(void **state)
{
	(void)state;

	cl.fail_times  = 1;
	cl.fail_status = 429;
	cl.retry_after = 2;
	start();
	wait_state(CUBE_OFFLINE);
	assert_string_equal("HTTP status 429", cube_reason(u.c));
	assert_in_range(cube_retry_after(u.c), 2, 3);
	tu_run(400);
	assert_int_equal(1, cl.sessionc);
	wait_state(CUBE_ONLINE);
}


static void test_ping(void **state)
{
	(void)state;

	u.cfg.ping = 50;
	start();
	wait_state(CUBE_ONLINE);
	tu_run(400);
	assert_in_range(cl.pingc, 2, 8);
	assert_int_equal(CUBE_ONLINE, cube_state(u.c));
}


static void test_deref_in_handler(void **state)
{
	(void)state;

	u.deref_online = true;
	start();
	wait_state(CUBE_ONLINE);
	assert_null(u.c);
	tu_run(50);
}


static void test_cancel_anywhere(void **state)
{
	unsigned i;
	(void)state;

	/* wherever it is just then: resolving, TLS, REST, WebSocket, XMPP */
	for (i=0; i<40; i++) {
		start();
		tu_run(i);
		u.c = mem_deref(u.c);
	}
}


static void resp_handler(int err, unsigned scode, const char *body,
			 size_t len, void *arg)
{
	(void)arg;

	assert_int_equal(0, err);
	assert_int_equal(len, strlen(body));
	u.scode = scode;
	str_ncpy(u.resp, body, sizeof(u.resp));
	++u.respc;
}


static bool has_resp(void *arg)
{
	(void)arg;

	return u.respc > 0;
}


static void request(struct rest *r)
{
	struct rest_req *req;

	u.respc = 0;
	assert_int_equal(0, rest_request(&req, r, "POST", "/events.json",
					 "{}", resp_handler, NULL));
	assert_true(tu_wait(has_resp, NULL, WAIT));
	assert_int_equal(1, u.respc);
	mem_deref(req);
}


static void test_rest_request(void **state)
{
	const struct session_prm prm = {
		.app_id = "5476", .auth_key = "AUTHKEY", .login = "alice",
		.password = "alice-pass-1",
	};
	struct rest *r;
	(void)state;

	assert_int_equal(0, rest_alloc(&r, cl.url, cl.ca, &prm));

	/* logs in first */
	request(r);
	assert_int_equal(200, u.scode);
	assert_string_equal("{\"a\":1}", u.resp);
	assert_int_equal(1, cl.sessionc);
	assert_int_equal(1, cl.otherc);

	/* the token is used again */
	request(r);
	assert_int_equal(1, cl.sessionc);

	/* expired: a new session, and repeated once */
	str_ncpy(cl.token, "other", sizeof(cl.token));
	request(r);
	assert_int_equal(200, u.scode);
	assert_int_equal(2, cl.sessionc);
	assert_int_equal(4, cl.otherc);

	mem_deref(r);
}


static void login_handler(int err, uint32_t hold, const char *reason,
			  void *arg)
{
	(void)hold;
	(void)reason;

	assert_int_equal(0, err);
	++*(unsigned *)arg;
}


static bool is_told(void *arg)
{
	return *(unsigned *)arg > 0;
}


/* a link and a request share the login, but not its end */
static void test_rest_shared(void **state)
{
	const struct session_prm prm = {
		.app_id = "5476", .auth_key = "AUTHKEY", .login = "alice",
		.password = "alice-pass-1",
	};
	struct rest_req *req;
	unsigned loginc = 0;
	struct rest *r;
	(void)state;

	assert_int_equal(0, rest_alloc(&r, cl.url, cl.ca, &prm));
	assert_int_equal(0, rest_request(&req, r, "POST", "/events.json",
					 "{}", resp_handler, NULL));
	assert_int_equal(EALREADY, rest_login(r, login_handler, &loginc));
	rest_cancel(r, &loginc);
	assert_true(tu_wait(has_resp, NULL, WAIT));
	assert_int_equal(200, u.scode);

	/* the request is over, the login is the link's */
	rest_forget(r);
	assert_int_equal(0, rest_login(r, login_handler, &loginc));
	mem_deref(req);
	assert_true(tu_wait(is_told, &loginc, WAIT));
	assert_int_equal(1, loginc);

	/* its own, that it does not wait for */
	rest_forget(r);
	assert_int_equal(0, rest_request(&req, r, "POST", "/events.json",
					 "{}", resp_handler, NULL));
	mem_deref(req);
	assert_int_equal(0, rest_login(r, login_handler, &loginc));
	rest_cancel(r, &loginc);
	tu_run(50);
	assert_int_equal(1, loginc);
	assert_int_equal(1, u.respc);
	mem_deref(r);
}


static void ws_resp_handler(int err, const char *reason,
			    const struct ws_resp *resp, void *arg)
{
	(void)reason;
	(void)arg;

	++u.respc;
	u.scode = err ? 0 : resp->scode;
}


static bool is_resolved(void *arg)
{
	return ((struct ws *)arg)->addrc > 0;
}


/* one address takes the request and hangs up, the next one answers */
static void test_next_address(void **state)
{
	struct ws *ws;
	(void)state;

	cl.drop_times = 1;
	assert_int_equal(0, ws_request(&ws, cl.url, cl.ca, "POST",
				       "/session.json", NULL,
				       "{\"password\":\"alice-pass-1\"}",
				       ws_resp_handler, NULL));
	assert_true(tu_wait(is_resolved, ws, WAIT));
	assert_int_equal(0, sa_set_str(&ws->addrv[ws->addrc++], "127.0.0.1",
				       0));

	assert_true(tu_wait(has_resp, NULL, WAIT));
	assert_int_equal(0, cl.drop_times);
	assert_int_equal(201, u.scode);
	assert_int_equal(1, u.respc);
	mem_deref(ws);
}


/* CAs take long to load: once, unless their file changes */
static void test_cas_kept(void **state)
{
	const struct timespec epoch[2] = {{0, 0}, {0, 0}};
	struct lws_vhost *first, *vh;
	(void)state;

	start();
	wait_state(CUBE_ONLINE);
	assert_int_equal(0, wsctx_vhost(&first, cl.ca));

	cloud_drop();
	wait_state(CUBE_OFFLINE);
	wait_state(CUBE_ONLINE);
	assert_int_equal(0, wsctx_vhost(&vh, cl.ca));
	assert_ptr_equal(first, vh);

	assert_int_equal(0, utimensat(AT_FDCWD, cl.ca, epoch, 0));
	assert_int_equal(0, wsctx_vhost(&vh, cl.ca));
	assert_ptr_not_equal(first, vh);

	u.c = mem_deref(u.c);
	tu_run(5);
	assert_null(wsctx_lws());
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_unknown_ca),
		T(test_system_cas),
		T(test_expired),
		T(test_other_host),
		T(test_no_tls),
		T(test_backs_off),
		T(test_ping),
		T(test_deref_in_handler),
		T(test_cancel_anywhere),
		T(test_cas_kept),
		T(test_rest_request),
		T(test_rest_shared),
		T(test_next_address),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
