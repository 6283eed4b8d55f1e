/**
 * @file fuzz_hep.c  What becomes of SIP and RTCP on its way to Homer
 *
 * The first byte chooses: SIP, with or without texts, or RTCP.
 */
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include "base/wire.h"
#include "connectycube_hep/hep.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void fuzz_sip(const uint8_t *data, size_t size, bool texts,
		     struct mbuf *mb)
{
	struct hep_config cfg = {
		.sip = HEP_SIP_ALL, .texts = texts, .id = 1, .key = "key",
	};
	const struct wire w = {
		.kind = WIRE_SIP, .buf = (const char *)data, .len = size,
	};
	struct hep_pkt *pkt;
	bool wanted;

	if (hep_sip_pkt(&pkt, &w, &cfg, &wanted))
		return;

	if (pkt->mb->end > size)
		abort();
	if (!hep_encode(mb, pkt, &cfg, pkt->id) && mb->end > HEP_MAX)
		abort();

	mem_deref(pkt);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mbuf *mb;

	if (!size)
		return 0;

	mb = mbuf_alloc(1024);
	if (!mb)
		return 0;

	if (*data & 1)
		(void)hep_rtcp_json(mb, data + 1, size - 1);
	else
		fuzz_sip(data + 1, size - 1, *data & 2, mb);

	mem_deref(mb);

	return 0;
}
