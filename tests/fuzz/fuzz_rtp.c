/**
 * @file fuzz_rtp.c  RTP header parser
 */
#include <stdlib.h>
#include <re.h>
#include "media/rtp.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rtp_pkt rp;

	if (rtp_pkt_parse(&rp, data, size))
		return 0;

	/* what was found lies inside, and all of it is accounted for */
	if (rp.payload < data + RTP_HEADER_SIZE ||
	    rp.payload + rp.plen + rp.padlen != data + size)
		abort();

	if (rp.ext && (rp.ext < data + 16 ||
		       rp.ext + rp.extlen != rp.payload))
		abort();

	return 0;
}
