/**
 * @file video_fb_rig.h  Video of VP8 between two fake ends, and its feedback
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
#include "video/bwe/bwe.h"
#include "video/rtp/seqmap.h"
#include "video/video_priv.h"
#include "video_rig.h"

static const uint8_t vp8_key[30] = {
	0x10, 0x00, 0x00, 0x00, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01
};
static const uint8_t vp8_inter[30] = {0x10, 0x01};


static inline void vp8_start(struct vrig *rig, struct vrig_src *src,
			     enum media_leg leg)
{
	vrig_init(rig);
	(void)vrig_end(rig, LEG_SIP, VIDEO_VP8, NULL);
	(void)vrig_end(rig, LEG_CUBE, VIDEO_VP8, NULL);
	vrig_start(rig);
	vsrc_init(src, leg, VIDEO_VP8);
}


static inline void vp8_set(struct vrig *rig)
{
	vrig_set(rig, LEG_SIP);
	vrig_set(rig, LEG_CUBE);
}


static inline void send_frame(struct vrig *rig, struct vrig_src *src,
			      enum media_leg leg, bool key)
{
	vsrc_send(rig, leg, src, true, key ? vp8_key : vp8_inter, 30);
}


/* Feedback from a remote: what a builder has written */
static inline void from_remote(struct vrig *rig, enum media_leg leg,
			       const uint8_t *buf, size_t len)
{
	video_pair_rtcp(rig->vp, leg, buf, len);
}


/* Find feedback of a type in what was sent from some packet on; the packet
   behind it, or 0 */
static inline size_t find_fb(const struct vrig_sink *sink, size_t from,
			     enum fb_type type, struct fb *fb)
{
	size_t i;

	for (i=from; i<sink->rtcpc; i++) {

		struct rtcp_part part;
		size_t pos = 0;

		while (!rtcp_part_next(&part, sink->rtcpv[i].buf,
				       sink->rtcpv[i].len, &pos)) {

			assert_int_equal(fb_decode(fb, &part, 0), 0);
			if (fb->type == type)
				return i + 1;
		}

		assert_int_equal(pos, sink->rtcpv[i].len);
	}

	return 0;
}


static inline unsigned count_fb(const struct vrig_sink *sink,
				enum fb_type type)
{
	static struct fb fb;
	unsigned n = 0;
	size_t i = 0;

	while ((i = find_fb(sink, i, type, &fb)))
		++n;

	return n;
}
