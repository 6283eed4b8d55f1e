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
	NETLINK_SEEN_MAX = 64,  /**< Addresses that are remembered         */
};

/** Addresses that are known: with each router advertisement, or renewal of a
    lease, the kernel tells them anew for their lifetime alone */
struct netlink_seen {
	struct netlink_addr {
		uint8_t addr[16];
		uint32_t ifindex;
		uint32_t flags;     /**< IFA_F_*                           */
		uint8_t family;
		uint8_t prefix;     /**< [bits]                            */
	} addrv[NETLINK_SEEN_MAX];
	size_t addrc;
};

struct netlink;

/** Addresses or default routes have changed */
typedef void (netlink_h)(void *arg);

int  netlink_alloc(struct netlink **nlp, netlink_h *h, void *arg);
bool netlink_decode(struct netlink_seen *seen, const uint8_t *buf, size_t len);
bool netlink_is_ours(const struct sa *sa);
