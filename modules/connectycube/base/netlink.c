/**
 * @file base/netlink.c  Changes of this host's network, told by the kernel
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <re.h>
#include "log.h"
#include "fdset.h"
#include "netlink.h"


struct netlink {
	struct tmr tmr;         /**< Until it is calm                      */
	int fd;                 /**< Owner; -1 if none                     */
	netlink_h *h;           /**< Told of changes                       */
	void *arg;              /**< Handler argument                      */
};


static void destructor(void *arg)
{
	struct netlink *nl = arg;

	tmr_cancel(&nl->tmr);
	if (nl->fd >= 0) {
		fdset_close(nl->fd);
		(void)close(nl->fd);
	}
}


/* A host may have routes that change all the time; the default one tells by
   which address the world is reached */
static bool is_default_route(const uint8_t *data, size_t len)
{
	struct rtmsg rt;

	if (len < sizeof(rt))
		return false;

	memcpy(&rt, data, sizeof(rt));

	return !rt.rtm_dst_len && rt.rtm_type == RTN_UNICAST &&
		rt.rtm_table == RT_TABLE_MAIN;
}


static bool is_change(const struct nlmsghdr *h, const uint8_t *data,
		      size_t len)
{
	switch (h->nlmsg_type) {

	case RTM_NEWADDR:
	case RTM_DELADDR:
		return len >= sizeof(struct ifaddrmsg);

	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		return is_default_route(data, len);

	default:
		return false;
	}
}


/**
 * Tell if a datagram of netlink's says that addresses or default routes have
 * changed
 *
 * @param buf Datagram
 * @param len Length of the datagram [bytes]
 *
 * @return true if so; of what is malformed only what comes before counts
 */
bool netlink_decode(const uint8_t *buf, size_t len)
{
	struct nlmsghdr h;

	while (buf && len >= sizeof(h)) {
		size_t n;

		memcpy(&h, buf, sizeof(h));
		if (h.nlmsg_len < sizeof(h) || h.nlmsg_len > len)
			break;

		if (is_change(&h, buf + sizeof(h), h.nlmsg_len - sizeof(h)))
			return true;

		n = NLMSG_ALIGN((size_t)h.nlmsg_len);
		if (n > len)
			break;
		buf += n;
		len -= n;
	}

	return false;
}


static void calm_handler(void *arg)
{
	struct netlink *nl = arg;

	nl->h(nl->arg);
}


static void fd_handler(int flags, void *arg)
{
	struct netlink *nl = arg;
	uint8_t buf[8192];
	bool change = false;
	ssize_t n;
	(void)flags;

	/* ENOBUFS: there was more than the kernel keeps, whatever it was */
	while ((n = recv(nl->fd, buf, sizeof(buf), 0)) > 0 ||
	       (n < 0 && errno == ENOBUFS))
		change |= n < 0 || netlink_decode(buf, (size_t)n);

	/* not put off by what follows */
	if (change && !tmr_isrunning(&nl->tmr))
		tmr_start(&nl->tmr, NETLINK_CALM, calm_handler, nl);
}


/**
 * Listen to the kernel's changes of addresses and default routes
 *
 * @param nlp Pointer to allocated object
 * @param h   Told of changes
 * @param arg Handler argument
 *
 * @return 0 if success; EINVAL, ENOMEM, or the error of a system call
 */
int netlink_alloc(struct netlink **nlp, netlink_h *h, void *arg)
{
	struct sockaddr_nl sa = {
		.nl_family = AF_NETLINK,
		.nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR |
			     RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE,
	};
	struct netlink *nl;
	int err = 0;

	if (!nlp || !h)
		return EINVAL;

	nl = mem_zalloc(sizeof(*nl), destructor);
	if (!nl)
		return ENOMEM;

	tmr_init(&nl->tmr);
	nl->h   = h;
	nl->arg = arg;

	nl->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC,
			NETLINK_ROUTE);
	if (nl->fd < 0 || bind(nl->fd, (struct sockaddr *)&sa, sizeof(sa)))
		err = errno;
	if (!err)
		err = fdset_listen(&nl->fd, fd_handler, nl);

	if (err)
		mem_deref(nl);
	else
		*nlp = nl;

	return err;
}


struct search {
	const struct sa *sa;
	bool found;
};


static bool if_handler(const char *ifname, const struct sa *sa, void *arg)
{
	struct search *s = arg;

	(void)ifname;
	s->found = sa_cmp(s->sa, sa, SA_ADDR);

	return s->found;
}


/**
 * Tell if an address is one of this host's
 *
 * @param sa Address
 *
 * @return true if it is; also if that cannot be found out
 */
bool netlink_is_ours(const struct sa *sa)
{
	struct search s = {.sa = sa, .found = false};

	return net_if_apply(if_handler, &s) || s.found;
}
