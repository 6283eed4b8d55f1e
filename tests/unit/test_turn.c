/**
 * @file test_turn.c  TURN over TLS
 *
 *   "libnice" --TCP--> front, pipe --TLS--> server
 *
 * both ends are played here.
 */
#include "turn_rig.h"


enum { BULK = 1000000 };


static bool all_up(void *arg)
{
	(void)arg;

	return r.rx == BULK;
}


static bool all_down(void *arg)
{
	return r.got == *(const size_t *)arg;
}


/* bytes arrive as they were sent, in both directions, and all of them */
static void test_carries(void **state)
{
	static uint8_t buf[BULK];
	const uint8_t chan[] = {0x40, 0, 0, 5, 1, 2, 3, 4, 5, 0, 0, 0};
	size_t i, n;
	(void)state;

	start(true, AF_INET);

	/* libnice does not wait for TLS */
	for (i=0; i<sizeof(buf); i++)
		buf[i] = (uint8_t)(i % 251);
	for (i=0; i<BULK; i += BULK / 4)
		user_send(&buf[i], BULK / 4);
	assert_true(tu_wait(all_up, NULL, 60000));
	assert_false(r.rx_bad);

	/* in pieces that are no messages */
	for (i=0; i<sizeof(buf); i++)
		buf[i] = chan[i % sizeof(chan)];
	n = BULK / 12 * 12;
	for (i=0; i<n; i += 99991)
		server_send(&buf[i], min(n - i, (size_t)99991));
	assert_true(tu_wait(all_down, &n, 60000));
	for (i=0; i<12; i++)
		assert_int_equal(r.last[(n - 12 + i) % sizeof(r.last)],
				 chan[i]);

	assert_false(r.user_closed);
	assert_string_equal(logged, "");

	/* the server's end is told */
	server_closed(0, NULL);
	assert_true(tu_wait_flag(&r.user_closed, 60000));
}


static bool is_gone(void *arg)
{
	(void)arg;

	return !r.tc;
}


/* what libnice says last, its release, still arrives */
static void test_last_words(void **state)
{
	const uint8_t bye[] = {0, 1, 2, 3};
	(void)state;

	start(true, AF_INET);
	user_send(bye, sizeof(bye));
	r.user = mem_deref(r.user);

	assert_true(tu_wait_flag(&r.up, 60000));
	assert_true(tu_wait(is_gone, NULL, 60000));
	assert_int_equal(r.rx, sizeof(bye));
	assert_false(r.rx_bad);
}


/* one more than there may be is closed and told, and harms no other */
static void test_full(void **state)
{
	struct tcp_conn *first;
	struct peer_server srv;
	struct peer_config cfg;
	(void)state;

	r.mute = true;
	server_start("127.0.0.1", NULL);
	srv = server("127.0.0.1");
	cfg = config(NULL);

	turn_front_set_test_max(1);
	user_connect(&srv, &cfg, AF_INET);
	assert_false(r.user_closed);
	first  = r.user;
	r.user = NULL;

	user_connect(&srv, &cfg, AF_INET);
	assert_true(tu_wait_flag(&r.user_closed, 60000));
	assert_non_null(strstr(logged, "1 connections to it are open"));
	assert_int_equal(logc, 1);

	/* told once */
	r.user = mem_deref(r.user);
	user_connect(&srv, &cfg, AF_INET);
	assert_true(tu_wait_flag(&r.user_closed, 60000));
	assert_int_equal(logc, 1);

	/* and when there is room, it is used */
	r.user = mem_deref(r.user);
	r.user_closed = false;
	mem_deref(first);
	turn_front_set_test_max(0);
	user_connect(&srv, &cfg, AF_INET);
	assert_int_equal(logc, 1);
}


/* the other address family, by address */
static void test_ipv6(void **state)
{
	const uint8_t data[] = {0, 1, 2, 3};
	struct sa a, b;
	(void)state;

	if (sa_set_str(&a, "::1", 0) || tcp_listen(&r.sock, &a, NULL, NULL))
		skip();
	r.sock = mem_deref(r.sock);

	start(true, AF_INET6);
	user_send(data, sizeof(data));
	assert_true(tu_wait_flag(&r.up, 60000));
	assert_true(r.up);

	/* one for each server and family */
	assert_int_equal(turn_front_find(&r.srv, &r.cfg, AF_INET6, &a), 0);
	assert_int_equal(turn_front_find(&r.srv, &r.cfg, AF_INET6, &b), 0);
	assert_true(sa_cmp(&a, &b, SA_ALL));
	assert_int_equal(turn_front_find(&r.srv, &r.cfg, AF_INET, &b), 0);
	assert_false(sa_cmp(&a, &b, SA_ALL));
	++r.srv.port;
	assert_int_equal(turn_front_find(&r.srv, &r.cfg, AF_INET6, &b), 0);
	assert_false(sa_cmp(&a, &b, SA_ALL));
}


/* libnice would follow, without TLS */
static void test_alternate(void **state)
{
	const uint8_t first[] = {
		/* channel data of 1 byte, padded */
		0x40, 0, 0, 1, 9, 0, 0, 0,
		/* 300 Try Alternate */
		0x01, 0x13, 0, 8, 0x21, 0x12, 0xa4, 0x42,
		1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
		0, 9, 0, 4, 0, 0, 3, 0,
	};
	(void)state;

	start(true, AF_INET);
	assert_true(tu_wait_flag(&r.up, 60000));
	server_send(first, sizeof(first));
	assert_true(tu_wait_flag(&r.user_closed, 60000));
	assert_true(r.got <= 8);
	assert_true(strstr(logged, "another one") != NULL);
}


/* closed with connections in every state: nothing is left */
static void test_close(void **state)
{
	struct tcp_conn *first;
	(void)state;

	start(true, AF_INET);
	assert_true(tu_wait_flag(&r.up, 60000));
	first = r.user;
	user_connect(&r.srv, &r.cfg, AF_INET);
	turn_front_close();
	assert_true(tu_wait_flag(&r.user_closed, 60000));
	mem_deref(first);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_carries, case_setup, case_teardown),
		cmocka_unit_test_setup_teardown(test_last_words, case_setup, case_teardown),
		cmocka_unit_test_setup_teardown(test_full, case_setup, case_teardown),
		cmocka_unit_test_setup_teardown(test_ipv6, case_setup, case_teardown),
		cmocka_unit_test_setup_teardown(test_alternate, case_setup, case_teardown),
		cmocka_unit_test_setup_teardown(test_close, case_setup, case_teardown),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
