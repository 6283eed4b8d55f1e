/**
 * @file test_link.c  A link to a cloud over TLS: it logs in, and stays
 */
#include "link_rig.h"


static void test_login(void **state)
{
	(void)state;

	start();
	wait_state(CUBE_ONLINE);
	assert_int_equal(CUBE_ONLINE, cube_state(u.c));
	assert_string_equal("101", cube_user_id(u.c));
	assert_int_equal(0, cube_retry_after(u.c));
	assert_null(cube_reason(u.c));
	assert_int_equal(1, cl.sessionc);
	assert_int_equal(1, cl.authc);
	assert_int_equal(0, u.statec[CUBE_OFFLINE]);
}


static void test_login_with_token(void **state)
{
	(void)state;

	u.cfg.chat_token = cl.chat_token = true;
	start();
	wait_state(CUBE_ONLINE);
}


static void test_reconnect(void **state)
{
	(void)state;

	start();
	wait_state(CUBE_ONLINE);
	cloud_drop();
	wait_state(CUBE_OFFLINE);
	assert_true(cube_retry_after(u.c) >= 1);
	wait_state(CUBE_ONLINE);

	/* the token was still good */
	assert_int_equal(1, cl.sessionc);
	assert_int_equal(2, cl.connc);
}


static void test_server_away(void **state)
{
	(void)state;

	start();
	wait_state(CUBE_ONLINE);
	cloud_stop();
	wait_state(CUBE_OFFLINE);
	wait_state(CUBE_OFFLINE);
	wait_state(CUBE_OFFLINE);
	cloud_listen(u.good);
	wait_state(CUBE_ONLINE);
}


static void test_queue(void **state)
{
	static const char *msg = "<message to='x'/>";
	(void)state;

	start();
	wait_state(CUBE_ONLINE);
	cloud_drop();
	wait_state(CUBE_OFFLINE);
	assert_int_equal(ENOTCONN, cube_send(u.c, msg, strlen(msg), 0));
	assert_int_equal(0, cube_send(u.c, msg, strlen(msg), 30000));
	wait_state(CUBE_ONLINE);
	tu_run(50);
	assert_string_equal(msg, cl.stanza);
}


static void test_last_words(void **state)
{
	static const char *msg = "<message to='bye'/>";
	(void)state;

	start();
	wait_state(CUBE_ONLINE);
	assert_int_equal(0, cube_send(u.c, msg, strlen(msg), 0));
	cube_shutdown(u.c);
	assert_int_equal(CUBE_OFFLINE, cube_state(u.c));
	u.c = mem_deref(u.c);
	tu_run(50);
	assert_string_equal(msg, cl.stanza);
	assert_int_equal(0, u.statec[CUBE_OFFLINE]);
}


static void test_token_expired(void **state)
{
	(void)state;

	u.cfg.chat_token = cl.chat_token = true;
	start();
	wait_state(CUBE_ONLINE);
	str_ncpy(cl.token, "other", sizeof(cl.token));
	cloud_drop();
	wait_state(CUBE_OFFLINE);
	wait_state(CUBE_ONLINE);

	/* the old one once, then a new one */
	assert_int_equal(2, cl.sessionc);
	assert_int_equal(3, cl.authc);
	assert_int_equal(0, u.statec[CUBE_REFUSED]);
}


static void test_wrong_password(void **state)
{
	(void)state;

	u.cfg.password  = "wr0ng-pass";
	u.cfg.retry_min = u.cfg.retry_max = 400;
	start();
	wait_state(CUBE_REFUSED);
	assert_string_equal("Unauthorized", cube_reason(u.c));
	assert_int_equal(0, cl.connc);
	assert_int_equal(1, cl.sessionc);
	tu_run(100);
	assert_int_equal(1, cl.sessionc);

	/* it tries again, at its pace */
	wait_state(CUBE_REFUSED);
	assert_int_equal(2, cl.sessionc);
	cl.password = "wr0ng-pass";
	wait_state(CUBE_ONLINE);
}


static void test_sasl_refused(void **state)
{
	(void)state;

	/* REST is content, chat wants a token that we do not send */
	cl.chat_token = true;
	u.cfg.retry_min = u.cfg.retry_max = 2000;
	start();
	wait_state(CUBE_REFUSED);
	assert_string_equal("login refused: not-authorized",
			    cube_reason(u.c));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_login),
		T(test_login_with_token),
		T(test_reconnect),
		T(test_server_away),
		T(test_queue),
		T(test_last_words),
		T(test_token_expired),
		T(test_wrong_password),
		T(test_sasl_refused),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
