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
	struct netlink_seen seen; /**< Addresses                           */
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


/* What an address has for attributes */
static void read_attrs(struct netlink_addr *a, const uint8_t *p, size_t len)
{
	bool local = false;
	struct rtattr rta;

	while (len >= sizeof(rta)) {

		const uint8_t *val = p + sizeof(rta);
		size_t n, vlen;

		memcpy(&rta, p, sizeof(rta));
		if (rta.rta_len < sizeof(rta) || rta.rta_len > len)
			break;

		vlen = rta.rta_len - sizeof(rta);

		/* of a point-to-point link IFA_ADDRESS is the other end */
		if (rta.rta_type == IFA_LOCAL ||
		    (rta.rta_type == IFA_ADDRESS && !local)) {
			memset(a->addr, 0, sizeof(a->addr));
			memcpy(a->addr, val, min(vlen, sizeof(a->addr)));
			local = rta.rta_type == IFA_LOCAL;
		}
		else if (rta.rta_type == IFA_FLAGS &&
			 vlen == sizeof(a->flags)) {
			memcpy(&a->flags, val, vlen);
		}

		n = RTA_ALIGN((size_t)rta.rta_len);
		if (n > len)
			break;
		p   += n;
		len -= n;
	}
}


static struct netlink_addr *find(struct netlink_seen *seen,
				 const struct netlink_addr *a)
{
	size_t i;

	for (i=0; i<seen->addrc; i++) {

		struct netlink_addr *s = &seen->addrv[i];

		if (s->family == a->family && s->prefix == a->prefix &&
		    s->ifindex == a->ifindex &&
		    !memcmp(s->addr, a->addr, sizeof(a->addr)))
			return s;
	}

	return NULL;
}


/* An address has come: is it another one, or in another state (tentative)? */
static bool is_news(struct netlink_seen *seen, const struct netlink_addr *a)
{
	struct netlink_addr *s = find(seen, a);

	if (s) {
		const bool other = s->flags != a->flags;

		s->flags = a->flags;
		return other;
	}

	if (seen->addrc < ARRAY_SIZE(seen->addrv))
		seen->addrv[seen->addrc++] = *a;

	return true;
}


static bool is_address(struct netlink_seen *seen, const struct nlmsghdr *h,
		       const uint8_t *data, size_t len)
{
	struct netlink_addr a, *s;
	struct ifaddrmsg ifa;

	if (len < sizeof(ifa))
		return false;

	memcpy(&ifa, data, sizeof(ifa));
	memset(&a, 0, sizeof(a));
	a.family  = ifa.ifa_family;
	a.prefix  = ifa.ifa_prefixlen;
	a.ifindex = ifa.ifa_index;
	a.flags   = ifa.ifa_flags;
	if (len > NLMSG_ALIGN(sizeof(ifa)))
		read_attrs(&a, data + NLMSG_ALIGN(sizeof(ifa)),
			   len - NLMSG_ALIGN(sizeof(ifa)));

	if (h->nlmsg_type == RTM_DELADDR) {
		s = find(seen, &a);
		if (s)
			*s = seen->addrv[--seen->addrc];
		return true;
	}

	/* part of the list that was asked for: as it is */
	return is_news(seen, &a) && !(h->nlmsg_flags & NLM_F_MULTI);
}


static bool is_change(struct netlink_seen *seen, const struct nlmsghdr *h,
		      const uint8_t *data, size_t len)
{
	switch (h->nlmsg_type) {

	case RTM_NEWADDR:
	case RTM_DELADDR:
		return is_address(seen, h, data, len);

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
 * @param seen Addresses that are known, updated
 * @param buf  Datagram
 * @param len  Length of the datagram [bytes]
 *
 * @return true if so; of what is malformed only what comes before counts
 */
bool netlink_decode(struct netlink_seen *seen, const uint8_t *buf, size_t len)
{
	bool change = false;
	struct nlmsghdr h;

	while (seen && buf && len >= sizeof(h)) {
		size_t n;

		memcpy(&h, buf, sizeof(h));
		if (h.nlmsg_len < sizeof(h) || h.nlmsg_len > len)
			break;

		change |= is_change(seen, &h, buf + sizeof(h),
				    h.nlmsg_len - sizeof(h));

		n = NLMSG_ALIGN((size_t)h.nlmsg_len);
		if (n > len)
			break;
		buf += n;
		len -= n;
	}

	return change;
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
	       (n < 0 && errno == ENOBUFS)) {
		if (n < 0)
			nl->seen.addrc = 0;
		change |= n < 0 || netlink_decode(&nl->seen, buf, (size_t)n);
	}

	/* not put off by what follows */
	if (change && !tmr_isrunning(&nl->tmr))
		tmr_start(&nl->tmr, NETLINK_CALM, calm_handler, nl);
}


/* The list comes as changes do. Without it each address is news once */
static void ask(const struct netlink *nl)
{
	const struct {
		struct nlmsghdr h;
		struct ifaddrmsg ifa;
	} req = {
		.h = {
			.nlmsg_len   = sizeof(req),
			.nlmsg_type  = RTM_GETADDR,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		},
		.ifa = {.ifa_family = AF_UNSPEC},
	};

	(void)send(nl->fd, &req, sizeof(req), 0);
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

	if (err) {
		mem_deref(nl);
		return err;
	}

	ask(nl);
	*nlp = nl;

	return 0;
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
