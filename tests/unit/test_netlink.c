/**
 * @file tests/unit/test_netlink.c  Changes of this host's network
 */
#include "testutil.h"
#include <sys/socket.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include "base/netlink.h"


struct msg {
	struct nlmsghdr h;
	union {
		struct ifaddrmsg addr;
		struct rtmsg rt;
	} u;
};


static void addr(struct msg *m, uint16_t type)
{
	memset(m, 0, sizeof(*m));
	m->h.nlmsg_type = type;
	m->h.nlmsg_len  = sizeof(m->h) + sizeof(m->u.addr);
}


static void route(struct msg *m, uint8_t dst_len, uint8_t table)
{
	memset(m, 0, sizeof(*m));
	m->h.nlmsg_type  = RTM_NEWROUTE;
	m->h.nlmsg_len   = sizeof(m->h) + sizeof(m->u.rt);
	m->u.rt.rtm_dst_len = dst_len;
	m->u.rt.rtm_table   = table;
	m->u.rt.rtm_type    = RTN_UNICAST;
}


static bool is_change(const struct msg *m)
{
	return netlink_decode((const uint8_t *)m, m->h.nlmsg_len);
}


static void test_decode(void **state)
{
	struct msg m, v[2];
	(void)state;

	addr(&m, RTM_NEWADDR);
	assert_true(is_change(&m));
	addr(&m, RTM_DELADDR);
	assert_true(is_change(&m));
	addr(&m, RTM_NEWLINK);
	assert_false(is_change(&m));
	route(&m, 0, RT_TABLE_MAIN);
	assert_true(is_change(&m));
	route(&m, 24, RT_TABLE_MAIN);
	assert_false(is_change(&m));
	route(&m, 0, RT_TABLE_LOCAL);
	assert_false(is_change(&m));

	/* the second of two, and what is cut off or lies */
	memset(v, 0, sizeof(v));
	route(&v[0], 24, RT_TABLE_MAIN);
	memcpy((uint8_t *)v + v[0].h.nlmsg_len, (addr(&m, RTM_DELADDR), &m),
	       m.h.nlmsg_len);
	assert_true(netlink_decode((uint8_t *)v, v[0].h.nlmsg_len +
				   m.h.nlmsg_len));
	assert_false(netlink_decode((uint8_t *)v, v[0].h.nlmsg_len +
				    m.h.nlmsg_len - 1));
	m.h.nlmsg_len = 3;
	assert_false(netlink_decode((uint8_t *)&m, sizeof(m)));
	assert_false(netlink_decode((uint8_t *)&m, 0));
	assert_false(netlink_decode(NULL, 0));
}


static void test_is_ours(void **state)
{
	struct sa sa;
	(void)state;

	assert_int_equal(sa_set_str(&sa, "127.0.0.1", 5060), 0);
	assert_true(netlink_is_ours(&sa));
	assert_int_equal(sa_set_str(&sa, "192.0.2.77", 5060), 0);
	assert_false(netlink_is_ours(&sa));
}


static void never(void *arg)
{
	(void)arg;
	fail();
}


static void test_listen(void **state)
{
	struct netlink *nl;
	(void)state;

	assert_int_equal(netlink_alloc(&nl, NULL, NULL), EINVAL);
	assert_int_equal(netlink_alloc(&nl, never, NULL), 0);
	mem_deref(nl);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_is_ours),
		cmocka_unit_test(test_listen),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
