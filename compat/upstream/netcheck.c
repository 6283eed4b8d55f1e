/**
 * @file compat/upstream/netcheck.c  baresip 4.x's network after a change
 *
 * 4.x leaves it to a module (netroam) to look for what has changed.
 */
#include <re.h>
#include <baresip.h>


/** What is looked for */
struct look {
	struct network *net;
	struct sa sa;           /**< Found (output)                        */
	bool changed;
};


static bool is_same(const char *ifname, const struct sa *sa, void *arg)
{
	(void)ifname;

	return sa_cmp(sa, arg, SA_ADDR);
}


static bool add_handler(const char *ifname, const struct sa *sa, void *arg)
{
	struct look *l = arg;

	if (net_ifaddr_filter(l->net, ifname, sa) &&
	    !net_laddr_apply(l->net, is_same, (void *)sa) &&
	    !net_add_address_ifname(l->net, sa, ifname))
		l->changed = true;

	return false;
}


/** An address that is looked for at this host */
struct own {
	const struct sa *sa;
	bool there;             /**< Found (output)                        */
};


static bool own_handler(const char *ifname, const struct sa *sa, void *arg)
{
	struct own *own = arg;

	return own->there = is_same(ifname, sa, (void *)own->sa);
}


/* One at a time: the list must not change while it is gone through */
static bool gone_handler(const char *ifname, const struct sa *sa, void *arg)
{
	struct own own = {.sa = sa};
	struct look *l = arg;
	(void)ifname;

	/* what cannot be looked at stays */
	if (net_if_apply(own_handler, &own) || own.there)
		return false;

	l->sa = *sa;

	return true;
}


/**
 * Let baresip know the addresses that this host has now
 *
 * @param net Network
 *
 * @return True if they are not the same as before
 */
bool net_check(struct network *net)
{
	struct look l = {.net = net};

	(void)net_if_apply(add_handler, &l);

	while (net_laddr_apply(net, gone_handler, &l) &&
	       !net_rm_address(net, &l.sa))
		l.changed = true;

	return l.changed;
}
