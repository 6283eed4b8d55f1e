/**
 * @file fuzz_fb.c  RTCP feedback: parser, builders on what was parsed, and
 * the bandwidth estimate that it moves
 */
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include "rtp/rtcp.h"
#include "video/rtp/fb.h"
#include "video/bwe/bwe.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static struct fb fb, back;
static uint8_t buf[8192];


static int encode(size_t *len)
{
	const bool request = fb.type == FB_TMMBR;

	switch (fb.type) {

	case FB_NACK:
		return fb_nack_write(buf, sizeof(buf), len, fb.ssrc, fb.media,
				     fb.u.nack.seqv, fb.u.nack.seqc);
	case FB_PLI:
		return fb_pli_write(buf, sizeof(buf), len, fb.ssrc, fb.media);
	case FB_FIR:
		return fb_fir_write(buf, sizeof(buf), len, fb.ssrc, fb.media,
				    fb.u.fir.nr);
	case FB_TMMBR:
	case FB_TMMBN:
		return fb_tmmb_write(buf, sizeof(buf), len, request, fb.ssrc,
				     fb.media, fb.u.bw.bitrate,
				     fb.u.bw.overhead);
	case FB_REMB:
		return fb_remb_write(buf, sizeof(buf), len, fb.ssrc,
				     fb.u.bw.bitrate, &fb.media, 1);
	case FB_TWCC:
		return fb_twcc_write(buf, sizeof(buf), len, fb.ssrc, fb.media,
				     fb.u.twcc.nr, fb.u.twcc.pktv,
				     fb.u.twcc.pktc);
	default:
		return ENOENT;
	}
}


static void check(bool ok)
{
	if (!ok)
		abort();
}


static void compare_twcc(void)
{
	size_t i;

	check(back.u.twcc.nr == fb.u.twcc.nr);
	check(back.u.twcc.pktc == fb.u.twcc.pktc);

	for (i=0; i<fb.u.twcc.pktc; i++) {

		const struct fb_twcc_pkt *a = &fb.u.twcc.pktv[i];
		const struct fb_twcc_pkt *b = &back.u.twcc.pktv[i];

		/* times are modulo 2^24 * 64 ms */
		check(a->seq == b->seq && a->received == b->received);
		check((a->t - b->t) % (64000LL << 24) == 0);
	}
}


static void compare(void)
{
	check(back.type == fb.type && back.ssrc == fb.ssrc);
	check(back.media == fb.media);

	if (fb.type == FB_TMMBR || fb.type == FB_TMMBN || fb.type == FB_REMB) {
		check(back.u.bw.bitrate <= fb.u.bw.bitrate);
		check(back.u.bw.bitrate >= fb.u.bw.bitrate / 4 * 3);
		check(back.u.bw.overhead == fb.u.bw.overhead);
	}
	else if (fb.type == FB_FIR) {
		check(back.u.fir.nr == fb.u.fir.nr);
	}
	else if (fb.type == FB_TWCC) {
		compare_twcc();
	}
}


static void round_trip(uint32_t want)
{
	struct rtcp_part part;
	size_t len = 0, pos = 0;
	int err;

	err = encode(&len);
	if (err) {
		/* all lost, or too long between two arrivals */
		check(fb.type == FB_NONE || fb.type == FB_TWCC);
		check(len == 0);
		return;
	}

	check(!(len & 3) && len <= sizeof(buf));
	check(!rtcp_part_next(&part, buf, len, &pos) && pos == len);
	check(!fb_decode(&back, &part, want));
	compare();
}


static void estimate(struct bwe_tx *bwe, uint64_t now)
{
	bwe_tx_feedback(bwe, &fb, now);

	check(bwe_tx_bitrate(bwe) >= 100000);
	check(bwe_tx_bitrate(bwe) <= 3000000);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bwe_tx *bwe = NULL;
	struct rtcp_part part;
	uint64_t now = 1000000;
	unsigned i;
	uint32_t want;
	size_t pos = 0;

	check(!bwe_tx_alloc(&bwe, 500000, 100000, 3000000));
	for (i=0; i<600; i++)
		bwe_tx_sent(bwe, (uint16_t)(65300 + i), 1200, now += 5000);

	while (!rtcp_part_next(&part, data, size, &pos)) {

		want = 0;

		if (!fb_decode(&fb, &part, want)) {
			round_trip(want);
			estimate(bwe, now += 100000);
		}
		else {
			check(fb.type == FB_NONE);
		}

		if (part.len >= 12)
			memcpy(&want, part.p + 8, 4);

		if (!fb_decode(&fb, &part, want))
			round_trip(fb.media);
	}

	mem_deref(bwe);

	return 0;
}
