/**
 * @file fuzz_webring.c  Last-Event-ID of those who follow the hub's events
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include "connectycube_hub/web/ring.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ring r = {.epoch = 0xa, .last = 7};
	char id[64];
	uint64_t after;
	int64_t lost;

	if (size >= sizeof(id))
		return 0;
	memcpy(id, data, size);
	id[size] = '\0';

	/* of 1 to 9 some are there: 8 and 9 */
	if (!ring_put(&r, "a", "", "{}") || !ring_put(&r, "a", "", "{}"))
		abort();

	if (ring_after(&r, id, &after, &lost) ? !lost || lost > 7 : lost)
		abort();
	if (after < 7 || after > r.last)
		abort();

	ring_skip(&r);

	return 0;
}
