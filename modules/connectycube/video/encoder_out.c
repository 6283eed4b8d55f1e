/**
 * @file video/encoder_out.c  Send what an encoder of ours has made
 *
 * A transcoder or a still picture takes the place of the source: its packets
 * are next in sequence, and its timestamps go on from what was sent before.
 */
#include <string.h>
#include <re.h>
#include "audio/audio.h"
#include "rtp/rtp.h"
#include "rtp/rtcp.h"
#include "rtp/rxstat.h"
#include "rtp/clock.h"
#include "video.h"
#include "video/payload/vpay.h"
#include "video/rtp/fb.h"
#include "video/rtp/hdrext.h"
#include "keyframe.h"
#include "video/rtp/loss.h"
#include "video/bwe/bwe.h"
#include "video/rtp/seqmap.h"
#include "video_priv.h"


enum {
	JUMP = 2 * VIDEO_CRATE, /**< From the timeline: a new one          */
};


static bool jumped(const struct video_route *rt, enum video_mode mode,
		   uint32_t ts, uint64_t now)
{
	const struct video_tx *tx = &rt->out->tx;
	int32_t ahead;

	if (rt->mode != mode || rt->resync || !tx->on)
		return true;

	ahead = (int32_t)(ts + rt->ts_off - tline_at(&tx->tl, now));

	return ahead > JUMP || ahead < -JUMP;
}


static void follow(struct video_route *rt, enum video_mode mode, uint32_t ts,
		   uint64_t now)
{
	if (!jumped(rt, mode, ts, now))
		return;

	rt->mode   = mode;
	rt->resync = false;
	rt->ts_off = vtx_next_ts(&rt->out->tx, now) - ts;

	rt->key_wait = 0;
	vpay_ids_resync(&rt->out->tx.ids);
	vinorder_reset(rt);
	vh264_reset(rt);
}


static bool is_key(struct video_route *rt, bool key, uint32_t ts)
{
	if (!key || (rt->key_on && rt->key_ts == ts))
		return false;

	rt->key_on = true;
	rt->key_ts = ts;

	return true;
}


static void send_vpx(struct video_route *rt, const struct video_out *o,
		     const uint8_t *payload, size_t len,
		     const struct vpay *pay, uint64_t now)
{
	uint8_t buf[VTX_ROOM + VIDEO_PKT_MAX + VIDEO_TAILROOM];

	if (len > VIDEO_PKT_MAX - VTX_ROOM) {
		++rt->out->st.tx.dropped;
		return;
	}

	memcpy(buf + VTX_ROOM, payload, len);
	len = vforward_fit(rt->out, o, rt->out->end.tx.codec, pay,
			   buf + VTX_ROOM, len);

	(void)vtx_send(rt->out, o, buf, len, now);
}


/**
 * Send a packet of an encoder
 *
 * @param rt     Route to the leg
 * @param mode   Whose encoder it is
 * @param marker Last one of its frame
 * @param ts     Timestamp [90 kHz]
 * @param key    It is of a keyframe
 * @param buf    Payload
 * @param len    Its length [bytes]
 * @param now    Time [us]
 */
void vmade_send(struct video_route *rt, enum video_mode mode, bool marker,
		uint32_t ts, bool key, const uint8_t *buf, size_t len,
		uint64_t now)
{
	const enum video_codec codec = rt->out->end.tx.codec;
	struct video_out o;
	struct vpay pay;

	if (!rt->out->end.send || vpay_parse(&pay, codec, buf, len))
		return;

	follow(rt, mode, ts, now);

	o.seq    = vtx_next_seq(&rt->out->tx);
	o.ts     = ts + rt->ts_off;
	o.marker = marker;
	o.key    = is_key(rt, key, ts);
	o.orient = -1;

	if (codec == VIDEO_H264)
		vh264_made(rt, &o, buf, len, &pay, now);
	else
		send_vpx(rt, &o, buf, len, &pay, now);
}
