/**
 * @file test_probe.c  Trying a STUN or TURN server: what is told, and once
 */
#include "testutil.h"
#include "base/gloop.h"
#include "peer/peer.h"
#include "peer/probe.h"


static struct {
	struct udp_sock *us;    /* the server */
	struct stun *stun;      /* what it answers with, NULL=it is silent */
	struct peer_config cfg;
	struct peer_server srv;
	struct probe *probe;
	bool asked;
	bool done;
	bool ok;
	unsigned told;
	char text[128];
} r;


static void told(bool ok, const char *text, void *arg)
{
	(void)arg;

	++r.told;
	r.ok   = ok;
	r.done = true;
	str_ncpy(r.text, text, sizeof(r.text));
	r.probe = mem_deref(r.probe);
}


static void server(const struct sa *src, struct mbuf *mb, void *arg)
{
	struct stun_unknown_attr ua;
	struct stun_msg *msg;
	(void)arg;

	r.asked = true;
	if (!r.stun || stun_msg_decode(&msg, mb, &ua))
		return;

	(void)stun_reply(IPPROTO_UDP, r.us, src, 0, msg, NULL, 0, false, 1,
			 STUN_ATTR_XOR_MAPPED_ADDR, src);
	mem_deref(msg);
}


static int setup(void **state)
{
	struct sa sa;
	(void)state;

	memset(&r, 0, sizeof(r));
	sa_set_str(&sa, "127.0.0.1", 0);
	assert_int_equal(udp_listen(&r.us, &sa, server, NULL), 0);
	assert_int_equal(udp_local_get(r.us, &sa), 0);

	r.srv.type = PEER_STUN;
	r.srv.port = sa_port(&sa);
	str_ncpy(r.srv.host, "127.0.0.1", sizeof(r.srv.host));
	str_ncpy(r.srv.user, "user", sizeof(r.srv.user));
	str_ncpy(r.srv.pass, "pass", sizeof(r.srv.pass));

	return 0;
}


static int teardown(void **state)
{
	(void)state;
	r.probe = mem_deref(r.probe);
	r.stun  = mem_deref(r.stun);
	r.us    = mem_deref(r.us);

	return 0;
}


static void start(int type)
{
	r.srv.type = type;
	assert_int_equal(probe_alloc(&r.probe, &r.cfg, &r.srv, told, NULL),
			 0);
	assert_int_equal(r.told, 0);
}


static void test_answer(void **state)
{
	(void)state;

	assert_int_equal(stun_alloc(&r.stun, NULL, NULL, NULL), 0);
	start(PEER_STUN);
	assert_true(tu_wait_flag(&r.done, 5000));
	assert_true(r.ok);
	assert_memory_equal(r.text, "sees us at 127.0.0.1:", 21);
}


/* a STUN client tells of requests that end with it, as of those that fail */
static void test_silent(void **state)
{
	(void)state;

	start(PEER_STUN);
	assert_true(tu_wait_flag(&r.done, PROBE_MAX + 5000));
	tu_run(50);
	assert_int_equal(r.told, 1);
	assert_false(r.ok);
	assert_string_equal(r.text, "no answer");
}


static void test_cancel(void **state)
{
	static const int typev[] = {PEER_STUN, PEER_TURN_UDP};
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(typev); i++) {
		r.asked = false;
		start(typev[i]);
		assert_true(tu_wait_flag(&r.asked, 5000));
		r.probe = mem_deref(r.probe);
		tu_run(50);
		assert_int_equal(r.told, 0);
	}
}


static void test_refused(void **state)
{
	(void)state;

	/* nobody listens there for TCP */
	start(PEER_TURN_TCP);
	assert_true(tu_wait_flag(&r.done, 5000));
	assert_false(r.ok);
	assert_string_equal(r.text, "no connection: Connection refused");
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_answer, setup, teardown),
		cmocka_unit_test_setup_teardown(test_silent, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cancel, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
