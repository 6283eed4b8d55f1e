/**
 * @file fuzz_rtcp.c  RTCP compound parser
 */
#include <stdlib.h>
#include <re.h>
#include "rtp/rtcp.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static volatile uint8_t sum;


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rtcp_part part;
	size_t pos = 0, i;

	while (!rtcp_part_next(&part, data, size, &pos)) {

		struct rtcp_sender snd;
		uint64_t ntp;
		struct rtcp_block blk;
		struct pl cname;
		uint32_t ssrc = 0;
		unsigned b;

		if (part.p < data || part.p + part.len > data + size)
			abort();

		(void)rtcp_part_ssrc(&part, &ssrc);
		(void)rtcp_part_sender(&part, &snd);
		(void)rtcp_part_bye(&part, ssrc);
		(void)rtcp_part_rrtr(&part, &ntp);

		for (b=0; !rtcp_part_block(&part, b, &blk); b++)
			;

		if (!rtcp_part_cname(&part, ssrc, &cname)) {
			for (i=0; i<cname.l; i++)
				sum += (uint8_t)cname.p[i];
		}
	}

	if (pos > size)
		abort();

	return 0;
}
