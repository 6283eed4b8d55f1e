/**
 * @file video_rig.h  A video pair between two fake ends, with a fake clock
 *
 * The test makes packets of a source and feeds them to a leg in any order
 * and at any time; a sink keeps what comes out of each leg, RTP and RTCP.
 */

#include "video_pair.h"

enum {
	VRIG_PKTS = 4096,       /**< Packets kept by a sink                */
	VRIG_RTCP = 1024,       /**< RTCP packets kept by a sink           */
	VRIG_SEQ  = 60000,      /**< First sequence number of a source     */
};

struct vrig_pkt {
	bool marker;
	uint8_t pt;
	uint16_t seq;
	uint32_t ts;
	uint32_t ssrc;
	size_t len;             /**< Payload [bytes]                       */
	uint8_t *buf;           /**< Payload                               */
	uint8_t ext[64];        /**< Header extension data                 */
	size_t extlen;
	uint64_t t;             /**< When it was sent [us]                 */
};

struct vrig_rtcp {
	uint8_t buf[1500];
	size_t len;
	uint64_t t;             /**< When it was sent [us]                 */
};

struct vrig_sink {
	struct vrig_pkt *pktv;
	size_t pktc;
	struct vrig_rtcp *rtcpv;
	size_t rtcpc;
	unsigned infos;         /**< Keyframes asked for by SIP INFO       */
	int err;                /**< What the handlers return              */
};

struct vrig_src {
	uint8_t pt;
	uint16_t seq;
	uint32_t ts;
	uint32_t ssrc;
};

struct vrig {
	struct video_pair *vp;
	struct video_config cfg;
	struct video_end endv[LEG_MAX];
	struct vrig_sink sinkv[LEG_MAX]; /**< What is sent on each leg     */
};

static uint64_t vrig_now;


static inline uint64_t vrig_clock(void)
{
	return vrig_now;
}


static inline int vrig_rtp_h(uint8_t *pkt, size_t len, size_t size, void *arg)
{
	struct vrig_sink *sink = arg;
	struct vrig_pkt *p;
	struct rtp_pkt rp;

	assert_true(size >= len + VIDEO_TAILROOM);
	memset(pkt + len, 0xa5, size - len);

	if (sink->err)
		return sink->err;

	assert_int_equal(rtp_pkt_parse(&rp, pkt, len), 0);
	assert_int_equal(pkt[0] & 0x2f, 0);
	assert_true(sink->pktc < VRIG_PKTS);

	p = &sink->pktv[sink->pktc++];
	memset(p, 0, sizeof(*p));
	p->marker = rp.marker;
	p->pt     = rp.pt;
	p->seq    = rp.seq;
	p->ts     = rp.ts;
	p->ssrc   = rp.ssrc;
	p->len    = rp.plen;
	p->t      = vrig_now;
	p->buf    = mem_alloc(rp.plen + 1, NULL);
	p->extlen = min(rp.extlen, sizeof(p->ext));
	memcpy(p->buf, rp.payload, rp.plen);
	if (rp.ext)
		memcpy(p->ext, rp.ext, p->extlen);

	return 0;
}


static inline int vrig_rtcp_h(uint8_t *pkt, size_t len, size_t size,
			      void *arg)
{
	struct vrig_sink *sink = arg;
	struct vrig_rtcp *r;

	assert_true(size >= len + VIDEO_TAILROOM);
	memset(pkt + len, 0xa5, size - len);

	if (sink->err)
		return sink->err;

	assert_true(len <= sizeof(r->buf));
	assert_true(sink->rtcpc < VRIG_RTCP);

	r = &sink->rtcpv[sink->rtcpc++];
	memcpy(r->buf, pkt, len);
	r->len = len;
	r->t   = vrig_now;

	return 0;
}


static inline int vrig_fast_h(void *arg)
{
	struct vrig_sink *sink = arg;

	++sink->infos;

	return sink->err;
}


static inline void vrig_init(struct vrig *rig)
{
	size_t i;

	memset(rig, 0, sizeof(*rig));

	vrig_now = 1000000000ULL;
	media_clock_set(vrig_clock);

	rig->cfg.width_max     = 1280;
	rig->cfg.height_max    = 720;
	rig->cfg.fps_max       = 30;
	rig->cfg.bitrate_min   = 64000;
	rig->cfg.bitrate_start = 600000;
	rig->cfg.bitrate_max   = 2000000;

	for (i=0; i<LEG_MAX; i++) {
		rig->sinkv[i].pktv = mem_zalloc(
			sizeof(struct vrig_pkt) * VRIG_PKTS, NULL);
		rig->sinkv[i].rtcpv = mem_zalloc(
			sizeof(struct vrig_rtcp) * VRIG_RTCP, NULL);
	}
}


static inline void vrig_start(struct vrig *rig)
{
	assert_int_equal(video_pair_alloc(&rig->vp, &rig->cfg), 0);
}


/* Forget what was sent */
static inline void vsink_flush(struct vrig_sink *sink)
{
	while (sink->pktc)
		mem_deref(sink->pktv[--sink->pktc].buf);
	sink->rtcpc = 0;
}


static inline void vrig_close(struct vrig *rig)
{
	size_t i;

	rig->vp = mem_deref(rig->vp);

	for (i=0; i<LEG_MAX; i++) {
		vsink_flush(&rig->sinkv[i]);
		mem_deref(rig->sinkv[i].pktv);
		mem_deref(rig->sinkv[i].rtcpv);
	}

	media_clock_set(NULL);
}


static inline uint8_t vrig_pt(enum media_leg leg, enum video_codec codec)
{
	return (leg == LEG_SIP ? 100 : 110) + (uint8_t)codec;
}


static inline uint8_t vrig_rtx(enum media_leg leg, enum video_codec codec)
{
	return vrig_pt(leg, codec) + 5;
}


/* An end that can all codecs; SIP: plain RTP; app: as a browser has it */
static inline struct video_end *vrig_end(struct vrig *rig,
					 enum media_leg leg,
					 enum video_codec codec,
					 const char *fmtp)
{
	struct video_end *end = &rig->endv[leg];
	int i;

	memset(end, 0, sizeof(*end));

	for (i=VIDEO_H264; i<VIDEO_CODEC_MAX; i++) {

		struct video_fmt *fmt = &end->rxv[end->rxc++];

		fmt->codec = (enum video_codec)i;
		fmt->pt    = vrig_pt(leg, fmt->codec);
		if (leg == LEG_CUBE)
			fmt->rtx_pt = vrig_rtx(leg, fmt->codec);
	}

	end->tx.codec = codec;
	end->tx.pt    = vrig_pt(leg, codec);
	str_ncpy(end->tx.fmtp, fmtp ? fmtp : "", sizeof(end->tx.fmtp));

	end->ssrc  = leg == LEG_SIP ? 0x51515151 : 0xcbcbcbcb;
	end->send  = true;
	end->recv  = true;
	end->rtph  = vrig_rtp_h;
	end->rtcph = vrig_rtcp_h;
	end->arg   = &rig->sinkv[leg];

	if (leg == LEG_SIP) {
		end->fasth = vrig_fast_h;
		end->mtu   = 1400;
		strcpy(end->cname, "sip@bridge");
		return end;
	}

	end->tx.rtx_pt    = vrig_rtx(leg, codec);
	end->ssrc_rtx     = 0xcbcbcbcc;
	end->rtcp_rsize   = true;
	end->fb           = VIDEO_FB_NACK | VIDEO_FB_PLI | VIDEO_FB_FIR |
		VIDEO_FB_REMB | VIDEO_FB_TWCC;
	end->ext.abs_time = 2;
	end->ext.twcc     = 3;
	end->ext.orient   = 4;
	strcpy(end->cname, "cube@bridge");

	return end;
}


static inline void vrig_set(struct vrig *rig, enum media_leg leg)
{
	assert_int_equal(video_pair_set_end(rig->vp, leg, &rig->endv[leg]),
			 0);
}


/* Both ends with one codec */
static inline void vrig_both(struct vrig *rig, enum video_codec codec,
			     const char *sip_fmtp, const char *cube_fmtp)
{
	(void)vrig_end(rig, LEG_SIP, codec, sip_fmtp);
	(void)vrig_end(rig, LEG_CUBE, codec, cube_fmtp);
	vrig_start(rig);
	vrig_set(rig, LEG_SIP);
	vrig_set(rig, LEG_CUBE);
}


static inline void vsrc_init(struct vrig_src *src, enum media_leg leg,
			     enum video_codec codec)
{
	src->pt   = vrig_pt(leg, codec);
	src->seq  = VRIG_SEQ;
	src->ts   = 77777;
	src->ssrc = 0x12345678;
}


/* Feed one packet, with whatever number */
static inline void vrig_rtp(struct vrig *rig, enum media_leg leg,
			    const struct vrig_src *src, uint16_t seq,
			    bool marker, const uint8_t *payload, size_t len)
{
	static uint8_t buf[RTP_HEADER_SIZE + VIDEO_DATAGRAM_MAX];

	assert_true(len <= VIDEO_DATAGRAM_MAX);

	rtp_hdr_write(buf, marker, src->pt, seq, src->ts, src->ssrc);
	memcpy(buf + RTP_HEADER_SIZE, payload, len);

	video_pair_rtp(rig->vp, leg, buf, RTP_HEADER_SIZE + len);
}


/* Feed the next packet of a source */
static inline void vsrc_send(struct vrig *rig, enum media_leg leg,
			     struct vrig_src *src, bool marker,
			     const uint8_t *payload, size_t len)
{
	vrig_rtp(rig, leg, src, src->seq++, marker, payload, len);
}


/* Time passes; what is due is done */
static inline void vrig_pass(struct vrig *rig, uint64_t us)
{
	const uint64_t end = vrig_now + us;

	while (vrig_now < end) {
		vrig_now = min(vrig_now + 5000, end);
		video_pair_poll(rig->vp, vrig_now);
	}
}


/* The next frame of a source, 33 ms later */
static inline void vsrc_frame(struct vrig *rig, struct vrig_src *src)
{
	src->ts += 3000;
	vrig_pass(rig, 33333);
}


static inline struct vrig_pkt *vsink_pkt(struct vrig_sink *sink, size_t i)
{
	assert_true(i < sink->pktc);

	return &sink->pktv[i];
}


static inline struct vrig_pkt *vsink_last(struct vrig_sink *sink)
{
	return vsink_pkt(sink, sink->pktc - 1);
}
