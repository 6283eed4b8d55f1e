/**
 * @file tests/bench/vcontent.c  Packets of a camera's size, for forwarding
 *
 * What a phone's camera sends as H.264 at 720p30 and 1.5 Mbit/s, to who does
 * not decode it: parameter sets and a keyframe of 40 packets every 2.5 s, in
 * between frames of some five packets, each a slice in fragments (FU-A). The
 * slices are noise.
 */
#include <string.h>
#include <re.h>
#include "video/payload/h264.h"
#include "bench.h"


enum {
	GOP       = FPS * 5 / 2, /**< Frames from key to key               */
	FRAG      = 1140,        /**< Longest payload [bytes]              */
	KEY_LEN   = 40 * (FRAG - 2), /**< A keyframe [bytes]               */
	FRAME_LEN = 5700,        /**< Others, on average [bytes]           */
	SPREAD    = 3000,        /**< From the shortest to the longest     */
};

/* Constrained Baseline, level 3.1, 1280x720 */
static const uint8_t sps[] = {
	0x67, 0x42, 0xe0, 0x1f, 0xda, 0x01, 0x40, 0x16, 0xe4
};
static const uint8_t pps[] = {0x68, 0xce, 0x3c, 0x80};

static uint8_t slice[KEY_LEN];


static uint32_t noise(void)
{
	static uint32_t s = 99;

	s = s * 1664525 + 1013904223;

	return s >> 8;
}


/* Append a packet to a frame; NULL if out of memory */
struct vpkt *vstream_add(struct vframe *frame, const uint8_t *buf, size_t len)
{
	struct vpkt *pkt;

	frame->pktv = mem_reallocarray(frame->pktv, frame->pktc + 1,
				       sizeof(*frame->pktv), NULL);
	if (!frame->pktv)
		return NULL;

	pkt = &frame->pktv[frame->pktc++];

	pkt->buf    = mem_alloc(len, NULL);
	pkt->len    = len;
	pkt->tagged = false;
	if (!pkt->buf)
		return NULL;

	memcpy(pkt->buf, buf, len);

	return pkt;
}


static int frag_handler(const uint8_t *buf, size_t len, bool marker,
			void *arg)
{
	struct vpkt *pkt = vstream_add(arg, buf, len);
	(void)marker;

	if (!pkt)
		return ENOMEM;

	pkt->tagged = true;

	return 0;
}


static int add_sets(struct vframe *frame)
{
	uint8_t buf[64];
	size_t len = 0;
	int err;

	err = h264_pack_ps(buf, sizeof(buf), &len, sps, sizeof(sps), pps,
			   sizeof(pps));
	if (err)
		return err;

	return vstream_add(frame, buf, len) ? 0 : ENOMEM;
}


static int add_slice(struct vframe *frame, bool key)
{
	const size_t len = key ? KEY_LEN
		: FRAME_LEN - SPREAD / 2 + noise() % SPREAD;

	/* the first byte after it: first_mb_in_slice 0, slice_type I or P */
	slice[0] = key ? 0x65 : 0x41;
	slice[1] = key ? 0x88 : 0x9a;

	return h264_pack(slice, len, 1, FRAG, true, frag_handler, frame);
}


int vcontent_camera(struct vstream *st)
{
	size_t i;
	int err = 0;

	for (i=0; i<sizeof(slice); i++)
		slice[i] = (uint8_t)noise();

	st->framec = GOP;
	st->framev = mem_zalloc(GOP * sizeof(*st->framev), NULL);
	if (!st->framev)
		return ENOMEM;

	for (i=0; i<GOP && !err; i++) {

		if (i == 0)
			err = add_sets(&st->framev[i]);
		if (!err)
			err = add_slice(&st->framev[i], i == 0);
	}

	return err;
}
