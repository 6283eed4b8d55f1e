/**
 * @file tests/unit/test_netlink.c  Changes of this host's network
 */
#include "testutil.h"
#include <sys/socket.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include "base/netlink.h"


struct attr {
	struct rtattr rta;
	uint32_t val;
};

struct msg {
	struct nlmsghdr h;
	union {
		struct {
			struct ifaddrmsg addr;
			struct attr attrv[3];
		};
		struct rtmsg rt;
	} u;
};

static struct netlink_seen seen;


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
	return netlink_decode(&seen, (const uint8_t *)m, m->h.nlmsg_len);
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
	assert_true(netlink_decode(&seen, (uint8_t *)v, v[0].h.nlmsg_len +
				   m.h.nlmsg_len));
	assert_false(netlink_decode(&seen, (uint8_t *)v, v[0].h.nlmsg_len +
				    m.h.nlmsg_len - 1));
	m.h.nlmsg_len = 3;
	assert_false(netlink_decode(&seen, (uint8_t *)&m, sizeof(m)));
	assert_false(netlink_decode(&seen, (uint8_t *)&m, 0));
	assert_false(netlink_decode(&seen, NULL, 0));
}


static void attr(struct msg *m, size_t i, uint16_t type, uint32_t val)
{
	m->u.attrv[i].rta.rta_type = type;
	m->u.attrv[i].rta.rta_len  = sizeof(m->u.attrv[i]);
	m->u.attrv[i].val = val;
	m->h.nlmsg_len += sizeof(m->u.attrv[i]);
}


static void full_addr(struct msg *m, uint16_t type, uint32_t ip,
		      uint32_t flags)
{
	addr(m, type);
	m->u.addr.ifa_family    = AF_INET;
	m->u.addr.ifa_prefixlen = 24;
	m->u.addr.ifa_index     = 2;

	/* the other end, ours, flags that are newer than ifa_flags */
	attr(m, 0, IFA_ADDRESS, 7);
	attr(m, 1, IFA_LOCAL, ip);
	attr(m, 2, IFA_FLAGS, flags);
}


/* a router advertisement, or a lease that is renewed, changes nothing */
static void test_refresh(void **state)
{
	struct msg m;
	size_t i;
	(void)state;

	memset(&seen, 0, sizeof(seen));

	/* the list that was asked for */
	full_addr(&m, RTM_NEWADDR, 1, 0);
	m.h.nlmsg_flags = NLM_F_MULTI;
	assert_false(is_change(&m));
	full_addr(&m, RTM_NEWADDR, 1, 0);
	assert_false(is_change(&m));

	full_addr(&m, RTM_NEWADDR, 2, IFA_F_TENTATIVE);
	assert_true(is_change(&m));
	assert_false(is_change(&m));
	full_addr(&m, RTM_NEWADDR, 2, 0);
	assert_true(is_change(&m));
	assert_false(is_change(&m));

	/* gone for a moment; on another link */
	full_addr(&m, RTM_DELADDR, 2, 0);
	assert_true(is_change(&m));
	full_addr(&m, RTM_NEWADDR, 2, 0);
	assert_true(is_change(&m));
	m.u.addr.ifa_index = 3;
	assert_true(is_change(&m));
	assert_int_equal(seen.addrc, 3);

	/* rather once too often than not at all */
	for (i=0; i<2*NETLINK_SEEN_MAX; i++) {
		full_addr(&m, RTM_NEWADDR, 100 + (uint32_t)i, 0);
		assert_true(is_change(&m));
	}
	assert_int_equal(seen.addrc, NETLINK_SEEN_MAX);
	assert_true(is_change(&m));

	/* attributes that lie */
	full_addr(&m, RTM_NEWADDR, 1, 0);
	m.u.attrv[0].rta.rta_len = 3;
	assert_true(is_change(&m));
	m.u.attrv[0].rta.rta_len = 100;
	assert_true(is_change(&m));
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
		cmocka_unit_test(test_refresh),
		cmocka_unit_test(test_is_ours),
		cmocka_unit_test(test_listen),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
