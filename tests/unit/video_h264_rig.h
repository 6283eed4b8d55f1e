/**
 * @file video_h264_rig.h  NAL units in, NAL units out
 */
#include "testutil.h"
#include "audio/audio.h"
#include "rtp/rtp.h"
#include "rtp/rtcp.h"
#include "rtp/rxstat.h"
#include "rtp/clock.h"
#include "video/video.h"
#include "video/payload/vpay.h"
#include "video/payload/h264.h"
#include "video/rtp/fb.h"
#include "video/rtp/hdrext.h"
#include "video/keyframe.h"
#include "video/rtp/loss.h"
#include "video/rtp/seqmap.h"
#include "video/video_priv.h"
#include "video_rig.h"

enum {
	NALS = 64,
};

struct nalset {
	struct {
		uint8_t *p;
		size_t len;
		bool marker;
	} v[NALS];
	size_t c;
};

struct feeder {
	struct vrig *rig;
	enum media_leg leg;
	struct vrig_src *src;
};


static int nal_add(const uint8_t *nal, size_t len, bool marker, void *arg)
{
	struct nalset *ns = arg;

	assert_true(ns->c < NALS);
	ns->v[ns->c].p = mem_alloc(len, NULL);
	memcpy(ns->v[ns->c].p, nal, len);
	ns->v[ns->c].len = len;
	ns->v[ns->c++].marker = marker;

	return 0;
}


static void nals_flush(struct nalset *ns)
{
	while (ns->c)
		mem_deref(ns->v[--ns->c].p);
}


/* NAL unit of a type, filled with what looks like nothing else */
static void nal_make(struct nalset *ns, uint8_t hdr, size_t len, bool marker)
{
	uint8_t *buf = mem_alloc(len, NULL);
	size_t i;

	buf[0] = hdr;
	for (i=1; i<len; i++)
		buf[i] = (uint8_t)(i * 7 + len + ns->c);

	(void)nal_add(buf, len, marker, ns);
	mem_deref(buf);
}


static int feed_h(const uint8_t *buf, size_t len, bool marker, void *arg)
{
	struct feeder *f = arg;

	vsrc_send(f->rig, f->leg, f->src, marker, buf, len);

	return 0;
}


static void feed(struct vrig *rig, enum media_leg leg, struct vrig_src *src,
		 const struct nalset *ns, unsigned mode, size_t max)
{
	struct feeder f = {.rig = rig, .leg = leg, .src = src};
	size_t i;

	for (i=0; i<ns->c; i++) {

		assert_int_equal(h264_pack(ns->v[i].p, ns->v[i].len, mode, max,
					   ns->v[i].marker, feed_h, &f), 0);
		if (ns->v[i].marker)
			vsrc_frame(rig, src);
	}
}


/* The NAL units in what was sent, which has no gaps */
static void sink_nals(const struct vrig_sink *sink, struct nalset *ns)
{
	struct h264_unpack u;
	size_t i;

	memset(&u, 0, sizeof(u));
	memset(ns, 0, sizeof(*ns));

	for (i=0; i<sink->pktc; i++) {

		const struct vrig_pkt *p = &sink->pktv[i];

		assert_int_equal((uint16_t)(p->seq - sink->pktv[0].seq), i);
		assert_int_equal(h264_unpack(&u, p->marker, p->seq, p->buf,
					     p->len, nal_add, ns), 0);
	}

	h264_unpack_reset(&u);
}


static void nals_equal(const struct nalset *a, const struct nalset *b)
{
	size_t i;

	assert_int_equal(a->c, b->c);

	for (i=0; i<a->c; i++) {
		assert_int_equal(a->v[i].len, b->v[i].len);
		assert_int_equal(a->v[i].marker, b->v[i].marker);
		assert_memory_equal(a->v[i].p, b->v[i].p, a->v[i].len);
	}
}


static void fu(struct vrig *rig, struct vrig_src *src, uint16_t seq,
	       uint8_t flags)
{
	uint8_t buf[500];

	memset(buf, (uint8_t)seq, sizeof(buf));
	buf[0] = 0x5c;
	buf[1] = flags | 1;
	vrig_rtp(rig, LEG_CUBE, src, seq, flags & H264_FU_E, buf, sizeof(buf));
}


static void single(struct vrig *rig, struct vrig_src *src, uint16_t seq)
{
	uint8_t buf[400] = {0x41};

	vrig_rtp(rig, LEG_CUBE, src, seq, true, buf, sizeof(buf));
}
