/**
 * @file fuzz_netlink.c  Parser of netlink's changes of addresses and routes
 */
#include <re.h>
#include "base/netlink.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	(void)netlink_decode(data, size);

	return 0;
}
