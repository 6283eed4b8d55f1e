/**
 * @file test_rest.c  REST: signature, session, URLs, back-off
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>
#include "peer/peer.h"
#include "cube/cube.h"
#include "cube/url.h"
#include "cube/session.h"
#include "cube/link.h"


static void test_sign(void **state)
{
	char sign[SESSION_SIGN_SIZE];
	(void)state;

	/* RFC 2202 section 3, test case 2 */
	assert_int_equal(0, session_sign(sign, "Jefe",
					 "what do ya want for nothing?"));
	assert_string_equal("effcdf6ae5eb2fa2d27416d5f184df9c259a7c79", sign);
}


static void test_request(void **state)
{
	struct session_prm prm = {
		.app_id = "5476", .auth_key = "KEY", .login = "alice",
		.password = "p\"w",
	};
	char sign[SESSION_SIGN_SIZE], expect[256];
	char *body = NULL;
	(void)state;

	assert_int_equal(0, session_request(&body, &prm, 1, 2));
	assert_string_equal("{\"application_id\":5476,\"auth_key\":\"KEY\","
			    "\"user\":{\"login\":\"alice\","
			    "\"password\":\"p\\\"w\"}}", body);
	mem_deref(body);

	/* with a secret it is signed; an e-mail is told apart */
	prm.auth_secret = "SECRET";
	prm.login = "a@b.c";
	session_sign(sign, "SECRET", "application_id=5476&auth_key=KEY"
		     "&nonce=2&timestamp=1&user[email]=a@b.c"
		     "&user[password]=p\"w");
	re_snprintf(expect, sizeof(expect), "\"timestamp\":1,\"nonce\":2,"
		    "\"signature\":\"%s\"}", sign);

	assert_int_equal(0, session_request(&body, &prm, 1, 2));
	assert_non_null(strstr(body, expect));
	assert_non_null(strstr(body, "\"email\":\"a@b.c\""));
	mem_deref(body);

	prm.password = NULL;
	assert_int_equal(EINVAL, session_request(&body, &prm, 1, 2));
	prm.password = "\xff";
	assert_int_equal(EINVAL, session_request(&body, &prm, 1, 2));
}


static int decode(struct session *s, const char *str)
{
	return session_decode(s, str, strlen(str));
}


static void test_session(void **state)
{
	struct session s;
	(void)state;

	assert_int_equal(0, decode(&s, "{\"session\":{\"token\":\"50300b\","
				   "\"user_id\":101,\"user\":{\"id\":101}}}"));
	assert_string_equal("50300b", s.token);
	assert_string_equal("101", s.user_id);

	assert_int_equal(0, decode(&s, "{\"session\":{\"token\":\"t\","
				   "\"user_id\":\"7\"}}"));
	assert_string_equal("7", s.user_id);

	assert_int_equal(EBADMSG, decode(&s, ""));
	assert_int_equal(EBADMSG, decode(&s, "[]"));
	assert_int_equal(EBADMSG, decode(&s, "{\"session\":{}}"));
	assert_int_equal(EBADMSG, decode(&s, "{\"session\":{\"token\":\"t\","
					 "\"user_id\":null}}"));
	assert_int_equal(EBADMSG, decode(&s, "{\"session\":{\"token\":\"t\","
					 "\"user_id\":\"1@x\"}}"));
	assert_int_equal(EBADMSG, decode(&s, "{\"session\":{\"token\":"
					 "\"t\\r\\nX: y\",\"user_id\":1}}"));
}


static void test_error(void **state)
{
	char r[64] = "default";
	const char *str;
	(void)state;

	str = "{\"errors\":{\"base\":[\"Required session does not exist\"]}}";
	session_error(r, sizeof(r), str, strlen(str));
	assert_string_equal("Required session does not exist", r);

	str = "{\"errors\":[\"Unauthorized\\nx\"]}";
	session_error(r, sizeof(r), str, strlen(str));
	assert_string_equal("Unauthorized.x", r);

	session_error(r, sizeof(r), "<html>", 6);
	assert_string_equal("Unauthorized.x", r);
}


static void test_url(void **state)
{
	struct url u;
	(void)state;

	assert_int_equal(0, url_decode(&u, "https://api.connectycube.com"));
	assert_string_equal("api.connectycube.com", u.host);
	assert_int_equal(443, u.port);
	assert_string_equal("/", u.path);
	assert_true(u.tls);
	assert_true(url_is_allowed(&u));

	assert_int_equal(0, url_decode(&u, "wss://chat.x.com:5291/ws?a=1"));
	assert_int_equal(5291, u.port);
	assert_string_equal("/ws?a=1", u.path);

	assert_int_equal(0, url_decode(&u, "wss://[::1]:5291/"));
	assert_string_equal("::1", u.host);
	assert_int_equal(5291, u.port);

	assert_int_equal(0, url_decode(&u, "http://127.0.0.1:8080"));
	assert_true(url_is_allowed(&u));
	assert_int_equal(0, url_decode(&u, "ws://localhost:8080/"));
	assert_true(url_is_allowed(&u));
	assert_int_equal(0, url_decode(&u, "ws://localhost.evil.com/"));
	assert_false(url_is_allowed(&u));
	assert_int_equal(0, url_decode(&u, "http://10.0.0.1"));
	assert_false(url_is_allowed(&u));

	assert_int_equal(ENOTSUP, url_decode(&u, "ftp://x.com"));
	assert_int_equal(EBADMSG, url_decode(&u, "api.connectycube.com"));
	assert_int_equal(EBADMSG, url_decode(&u, "https://"));
	assert_int_equal(EBADMSG, url_decode(&u, "https://x.com:99999"));
	assert_int_equal(EBADMSG, url_decode(&u, "https://x.com:1x"));
	assert_int_equal(EBADMSG, url_decode(&u, "https://u:p@x.com"));
}


static void test_backoff(void **state)
{
	uint32_t rnd[] = {0, 1, 12345, 0x7fffffff, 0xffffffff};
	unsigned i, n;
	(void)state;

	for (i=0; i<ARRAY_SIZE(rnd); i++) {

		struct link_pace p = {.min = 1000, .max = 60000};

		for (n=0; n<40; n++) {
			const uint32_t d = link_pace_failed(&p, rnd[i]);
			const uint32_t top = n < 6 ? 1000u << n : 60000;

			assert_in_range(d, top / 2, top);
		}
	}
}


/* the last thing a pace says is what the next failure begins with */
static void test_pace(void **state)
{
	struct link_pace p = {.min = 1000, .max = 60000};
	unsigned i;
	(void)state;

	/* two refusals cost less than 3 s, however they fall */
	assert_true(link_pace_refused(&p, UINT32_MAX) +
		    link_pace_refused(&p, UINT32_MAX) <= 3000);

	for (i=0; i<10; i++) {
		(void)link_pace_failed(&p, 0);
		(void)link_pace_refused(&p, 0);
	}
	assert_in_range(link_pace_failed(&p, 7), 30000, 60000);
	assert_in_range(link_pace_refused(&p, 7), 30000, 60000);

	/* it works again, and is lost: at once, then from the beginning */
	link_pace_online(&p);
	assert_in_range(link_pace_lost(&p, LINK_STABLE, 250), 0, 250);
	assert_in_range(link_pace_lost(&p, LINK_STABLE, UINT32_MAX), 0, 250);
	assert_in_range(link_pace_failed(&p, 7), 500, 1000);
	assert_in_range(link_pace_refused(&p, 7), 500, 1000);

	/* it comes up and goes down, again and again */
	for (i=0; i<10; i++) {
		link_pace_online(&p);
		(void)link_pace_lost(&p, LINK_STABLE - 1, 0);
	}
	assert_in_range(link_pace_lost(&p, 0, 7), 30000, 60000);
	assert_in_range(link_pace_lost(&p, LINK_STABLE, 7), 0, 250);
	assert_in_range(link_pace_lost(&p, 0, 7), 500, 1000);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sign),
		cmocka_unit_test(test_request),
		cmocka_unit_test(test_session),
		cmocka_unit_test(test_error),
		cmocka_unit_test(test_url),
		cmocka_unit_test(test_backoff),
		cmocka_unit_test(test_pace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
