/**
 * @file fuzz_rtp.c  RTP header parser, header extensions, retransmissions
 */
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include "rtp/rtp.h"
#include "video/rtp/hdrext.h"
#include "video/rtp/loss.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static uint8_t buf[65536], back[65536];


static void extensions(const struct rtp_pkt *rp)
{
	unsigned id;

	for (id=0; id<256; id++) {

		size_t len;
		const uint8_t *p = hdrext_find(rp, id, &len);

		if (p && (p < rp->ext || p + len > rp->ext + rp->extlen))
			abort();
	}
}


static void patch(const uint8_t *data, size_t size)
{
	const struct hdrext ext = {
		.abs_id = 3, .abs_time = 1, .twcc_id = 5, .twcc_seq = 2
	};

	memcpy(buf, data, size);
	hdrext_patch(buf, size, &ext);
}


/* Made a retransmission and read back, nothing but padding is missing */
static void retransmit(const struct rtp_pkt *rp, const uint8_t *data,
		       size_t size)
{
	size_t len = vcache_rtx_write(buf, sizeof(buf), data, size, 97, 1, 2);

	if (len != size - rp->padlen + 2)
		abort();

	memcpy(back, buf, len);

	if (vcache_rtx_read(back, &len, rp->pt, rp->ssrc)) {
		if (rp->plen)
			abort();
		return;
	}

	if (len != size - rp->padlen || (back[0] | 0x20) != (data[0] | 0x20) ||
	    memcmp(back + 1, data + 1, len - 1))
		abort();

	/* whatever came, as if it were one */
	memcpy(back, data, size);
	len = size;
	(void)vcache_rtx_read(back, &len, 96, 1);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rtp_pkt rp;

	if (size > sizeof(buf) - 2)
		return 0;

	if (rtp_pkt_parse(&rp, data, size))
		return 0;

	/* what was found lies inside, and all of it is accounted for */
	if (rp.payload < data + RTP_HEADER_SIZE ||
	    rp.payload + rp.plen + rp.padlen != data + size)
		abort();

	if (rp.ext && (rp.ext < data + 16 ||
		       rp.ext + rp.extlen != rp.payload))
		abort();

	extensions(&rp);
	patch(data, size);
	retransmit(&rp, data, size);

	return 0;
}
