/**
 * @file peervideo_rig.h  Two real peers with audio and video
 */
#include "peer_rig.h"
#include "peer/cand.h"
#include "peer/jsep.h"


#define ALL_FB (PEER_FB_NACK | PEER_FB_NACK_PLI | PEER_FB_CCM_FIR | \
		PEER_FB_REMB | PEER_FB_TWCC)

enum {
	BURST = 100,            /* packets of a keyframe */
	LARGE = 1400,           /* RTP packet [bytes] */
};

static const struct peer_fmt full_fmtv[] = {
	{96, "VP8", 90000, 1, "", ALL_FB, 97},
	{102, "H264", 90000, 1, "level-asymmetry-allowed=1;"
	 "packetization-mode=1;profile-level-id=42e01f", ALL_FB, 103},
	{104, "H264", 90000, 1, "level-asymmetry-allowed=1;"
	 "packetization-mode=0;profile-level-id=42e01f", ALL_FB, 0},
};

static const struct peer_fmt some_fmtv[] = {
	{120, "H264", 90000, 1, "packetization-mode=1;"
	 "profile-level-id=428015",
	 PEER_FB_NACK | PEER_FB_NACK_PLI | PEER_FB_TWCC, 121},
	{122, "VP8", 90000, 1, "max-fs=1200", PEER_FB_NACK_PLI, 0},
};

static const struct peer_media_prm full = {
	.fmtv = full_fmtv, .fmtc = ARRAY_SIZE(full_fmtv),
	.ext = {2, 3, 13}, .bandwidth = 2000000,
};

static const struct peer_media_prm some = {
	.fmtv = some_fmtv, .fmtc = ARRAY_SIZE(some_fmtv),
	.ext = {0, 1, 1}, .bandwidth = 768000,
};


static void init(struct side sv[2], const struct peer_media_prm *a,
		 const struct peer_media_prm *b)
{
	rig_init(sv);
	if (a)
		assert_int_equal(peer_set_media(sv[0].p, PEER_VIDEO, a), 0);
	if (b)
		assert_int_equal(peer_set_media(sv[1].p, PEER_VIDEO, b), 0);
}


static void put32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}


/* With a header extension of one word, filled */
static int send_video(struct side *s, uint8_t pt, uint16_t seq,
		      uint32_t ssrc, size_t len)
{
	uint8_t pkt[LARGE + PEER_RTP_ROOM];

	memset(pkt, 0x77, sizeof(pkt));
	pkt[0] = 0x90;
	pkt[1] = pt;
	pkt[2] = (uint8_t)(seq >> 8);
	pkt[3] = (uint8_t)seq;
	put32(&pkt[8], ssrc);
	put32(&pkt[12], 0xbede0001);

	return peer_send_rtp(s->p, pkt, len, len + PEER_RTP_ROOM);
}


static const struct peer_media *video(const struct side *s)
{
	return peer_media(s->p, PEER_VIDEO);
}


#define T(fn) cmocka_unit_test(fn)
