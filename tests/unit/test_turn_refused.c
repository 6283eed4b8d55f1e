/**
 * @file test_turn_refused.c  TURN over TLS: servers that are none, and what comes back
 */
#include "turn_rig.h"


static void check_refused(const char *host, const char *ca, const char *why)
{
	const struct peer_server srv = server(host);
	const struct peer_config cfg = config(ca);
	const uint8_t secret[] = "not for everybody";

	r.up = false;
	r.rx = 0;
	user_connect(&srv, &cfg, AF_INET);
	user_send(secret, sizeof(secret));
	assert_true(tu_wait_flag(&r.user_closed, 60000));
	tu_run(20);
	assert_int_equal(r.rx, 0);
	print_message("%s", logged);
	if (!strstr(logged, why))
		fail_msg("\"%s\" lacks \"%s\"", logged, why);
	r.user = mem_deref(r.user);
}


static void test_refused(void **state)
{
	char cert[128], old[128], ca[128], other[128];
	(void)state;

	make_ca(other, sizeof(other), "other.pem", "Stranger");
	make_ca(ca, sizeof(ca), "ca.pem", "CA");
	write_cert(cert, sizeof(cert), "good.pem", "localhost", 30);
	write_cert(old, sizeof(old), "old.pem", "localhost", -1);

	server_start("127.0.0.1", cert);
	check_refused("localhost", other, "unable to get local issuer");
	check_refused("127.0.0.1", ca, "IP address mismatch");

	/* who is not asked for is not told again; another fault is */
	assert_int_equal(logc, 2);
	check_refused("127.0.0.1", ca, "IP address mismatch");
	assert_int_equal(logc, 2);

	r.sock = mem_deref(r.sock);
	r.tls  = mem_deref(r.tls);
	server_start("127.0.0.1", old);
	check_refused("localhost", ca, "certificate has expired");

	/* nobody is there */
	r.sock = mem_deref(r.sock);
	check_refused("localhost", ca, "onnection refused");
	check_refused("no-such-host.invalid", ca, "no-such-host.invalid");
}


/* a server that speaks no TLS hears nothing of what it should not */
static void test_not_tls(void **state)
{
	const uint8_t hello[] = "220 this is no TLS\r\n";
	(void)state;

	start(false, AF_INET);
	assert_true(tu_wait_flag(&r.up, 60000));
	server_send(hello, sizeof(hello));
	assert_true(tu_wait_flag(&r.user_closed, 60000));
	assert_true(strstr(logged, "wrong version number") != NULL);
}


/* a server that says nothing is given up, and so is what waits for it */
static void test_mute(void **state)
{
	(void)state;

	r.mute = true;
	start(false, AF_INET);
	assert_true(tu_wait_flag(&r.user_closed, TURN_CONNECT_MAX + 5000));
	assert_true(strstr(logged, "in time") != NULL);
}


/* A connection that was given up is tried again, a hopeless one is not */
static void test_given_up(void **state)
{
	const uint8_t data[] = {0, 1, 2, 3};
	(void)state;

	giveup = 1;
	start(true, AF_INET);
	user_send(data, sizeof(data));
	assert_true(tu_wait_flag(&r.up, 60000));
	assert_int_equal(dialed, 2);
	assert_string_equal(logged, "");

	/* nothing else to try */
	r.user = mem_deref(r.user);
	dialed = 0;
	giveup = 10;
	r.srv = server("127.0.0.1");
	user_connect(&r.srv, &r.cfg, AF_INET);
	assert_true(tu_wait_flag(&r.user_closed, 60000));
	assert_int_equal(dialed, 1);
	assert_non_null(strstr(logged, "onnection refused"));

	/* each family, and no more */
	r.user = mem_deref(r.user);
	dialed = 0;
	r.srv = server("localhost");
	user_connect(&r.srv, &r.cfg, AF_INET);
	assert_true(tu_wait_flag(&r.user_closed, 60000));
	assert_int_equal(dialed, 3);
	assert_non_null(strstr(logged, "onnection refused"));
}


static void test_no_ca(void **state)
{
	struct peer_server srv;
	struct peer_config cfg = {.ca_file = "/no/such/file.pem"};
	struct sa sa;
	(void)state;

	srv = server("localhost");
	assert_int_equal(turn_front_find(&srv, &cfg, AF_INET, &sa), ENOENT);
	assert_true(strstr(logged, "/no/such/file.pem") != NULL);

	cfg.serverv = &srv;
	cfg.serverc = 1;
	assert_int_equal(peer_open_servers(&cfg), ENOENT);
	cfg.ca_file = NULL;
	assert_int_equal(peer_open_servers(&cfg), 0);
}


/* --- frames -------------------------------------------------------------- */

static const uint8_t other_error[] = {
	0x01, 0x13, 0, 8, 0x21, 0x12, 0xa4, 0x42,
	1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
	0, 9, 0, 4, 0, 0, 4, 1,
};
static const uint8_t alternate[] = {
	0x01, 0x13, 0, 24, 0x21, 0x12, 0xa4, 0x42,
	1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
	0, 9, 0, 5, 0, 0, 4, 1, 'x', 0, 0, 0,
	0x80, 0x23, 0, 8, 0, 1, 0, 80, 192, 0, 2, 1,
};
static const uint8_t channel[] = {0x7f, 0xff, 0, 3, 1, 0x13, 9, 0};


/* cut at every place, the same passes */
static void test_frames_pass(void **state)
{
	uint8_t buf[128];
	size_t len = 0, cut, n, m;
	(void)state;

	memcpy(buf, channel, sizeof(channel));
	len += sizeof(channel);
	memcpy(&buf[len], other_error, sizeof(other_error));
	len += sizeof(other_error);
	memcpy(&buf[len], channel, sizeof(channel));
	len += sizeof(channel);

	for (cut=0; cut<=len; cut++) {

		struct turn_frames tf = {0};

		assert_int_equal(turn_frames_pass(&tf, buf, cut, &n), 0);
		assert_true(n <= cut);

		/* the error response is seen whole */
		if (cut < sizeof(channel) + sizeof(other_error))
			assert_true(n <= sizeof(channel));
		assert_int_equal(turn_frames_pass(&tf, &buf[n], len - n, &m),
				 0);
		assert_int_equal(n + m, len);
	}
}


static void test_frames_refuse(void **state)
{
	struct turn_frames tf = {0};
	uint8_t buf[64];
	size_t n;
	(void)state;

	memcpy(buf, channel, sizeof(channel));
	memcpy(&buf[sizeof(channel)], alternate, sizeof(alternate));
	assert_int_equal(turn_frames_pass(&tf, buf, sizeof(channel) +
					  sizeof(alternate), &n), EREMCHG);
	assert_int_equal(n, sizeof(channel));

	/* neither kind */
	memset(&tf, 0, sizeof(tf));
	memset(buf, 0x80, sizeof(buf));
	assert_int_equal(turn_frames_pass(&tf, buf, 4, &n), EBADMSG);
	assert_int_equal(n, 0);

	/* too long to look at */
	memcpy(buf, alternate, 20);
	buf[2] = 0xff;
	assert_int_equal(turn_frames_pass(&tf, buf, 4, &n), EBADMSG);
	assert_int_equal(turn_frames_pass(NULL, buf, 4, &n), EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_refused, case_setup, case_teardown),
		cmocka_unit_test_setup_teardown(test_not_tls, case_setup, case_teardown),
		cmocka_unit_test_setup_teardown(test_mute, case_setup, case_teardown),
		cmocka_unit_test_setup_teardown(test_given_up, case_setup, case_teardown),
		cmocka_unit_test_setup_teardown(test_no_ca, case_setup, case_teardown),
		cmocka_unit_test(test_frames_pass),
		cmocka_unit_test(test_frames_refuse),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
