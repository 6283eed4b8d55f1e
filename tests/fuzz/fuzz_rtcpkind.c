/**
 * @file tests/fuzz/fuzz_rtcpkind.c  Which kinds of media RTCP is about
 *
 * The first byte says which SSRCs are known.
 */
#include <stdint.h>
#include <stdlib.h>
#include <re.h>
#include "peer/rtcpkind.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static uint32_t ssrc_handler(uint32_t ssrc, const void *arg)
{
	const uint8_t *mask = arg;

	return ssrc & *mask & 3;
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t kinds;

	if (!size)
		return 0;

	kinds = rtcpkind(&data[1], size - 1, data[0] >> 6, ssrc_handler,
			 data);

	/* nothing is made up */
	if (kinds & ~(uint32_t)(data[0] | data[0] >> 6) & 3)
		abort();

	return 0;
}
