/**
 * @file base/netlink.h  Changes of this host's network, told by the kernel
 *
 *   kernel --RTM_NEWADDR, ...--> netlink_decode() --> 200 ms --> netlinkh
 *
 * An address that comes or goes, or another default route, is told at once,
 * and once for all that happen together. Nothing is polled.
 */

enum {
	NETLINK_CALM = 200,     /**< Changes so close are told as one [ms] */
};

struct netlink;

/** Addresses or default routes have changed */
typedef void (netlink_h)(void *arg);

int  netlink_alloc(struct netlink **nlp, netlink_h *h, void *arg);
bool netlink_decode(const uint8_t *buf, size_t len);
bool netlink_is_ours(const struct sa *sa);
