/**
 * @file sip/moved.c  SIP goes with this host from address to address
 *
 *   transports anew --> REGISTER --> re-INVITE in calls
 *
 * baresip does so, too, but leaves it all for good if one transport cannot
 * be opened: at an address of IPv6 that is new and not yet checked for
 * doubles, or at one that we had some seconds ago, whose port old transactions
 * still hold.
 */
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "sip/host.h"
#include "sip/sip.h"
#include "sip/leg.h"


enum {
	RETRY_MIN = 1000,       /**< Until the second attempt, doubled [ms] */
	RETRY_MAX = 30*1000,
};

static struct {
	struct tmr tmr;         /* the next attempt */
	uint32_t failc;         /* attempts that have failed */
} moved;


static void reset_handler(void *arg)
{
	struct le *le;
	uint32_t ms;
	int err;
	(void)arg;

	host_free_ports();
	err = uag_reset_transp(false, false);
	conns_transports();

	if (!err)
		clog_info("SIP is at all addresses of this host\n");

	/* what is there is used, whatever is missing */
	for (le = list_head(uag_list()); le; le = le->next)
		(void)ua_register(le->data);

	if (!err || !moved.failc)
		sip_mnat_moved();

	if (!err) {
		moved.failc = 0;
		return;
	}

	ms = min(RETRY_MIN << min(moved.failc, 8), RETRY_MAX);
	++moved.failc;
	clog_warning("SIP is not at all addresses of this host (%m);"
		     " again in %u s\n", err, ms / 1000);
	tmr_start(&moved.tmr, ms, reset_handler, NULL);
}


/**
 * This host's addresses may have changed: be reachable at the new ones
 */
void sip_network_changed(void)
{
	/* it says which, and nothing is to be done if ours is the same */
	if (!net_check(baresip_network()) && !tmr_isrunning(&moved.tmr))
		return;

	moved.failc = 0;
	tmr_cancel(&moved.tmr);
	reset_handler(NULL);
}


/**
 * Forget that something is still to be done
 */
void sip_network_close(void)
{
	tmr_cancel(&moved.tmr);
}
