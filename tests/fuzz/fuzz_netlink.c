/**
 * @file fuzz_netlink.c  Parser of netlink's changes of addresses and routes
 */
#include <re.h>
#include "base/netlink.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct netlink_seen seen = {.addrc = 0};

	(void)netlink_decode(&seen, data, size);

	return 0;
}
