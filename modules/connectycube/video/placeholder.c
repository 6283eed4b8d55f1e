/**
 * @file video/placeholder.c  What the app sees while the phone sends no video
 *
 *   a keyframe of the phone --vkeep.c--> frozen +
 *                                               +--> still picture --> app
 *   picture file -------------------------------+
 *
 * Only if it is configured: else the app's stream just stops. The picture
 * gives way to the phone's first keyframe.
 */
#include <string.h>
#include <re.h>
#include <rem.h>
#include "base/log.h"
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
#include "video/xcode/codec.h"
#include "video/xcode/transcoder.h"
#include "video/xcode/still.h"
#include "video/rtp/seqmap.h"
#include "keyframe_store.h"
#include "video_priv.h"


enum {
	IDLE_TIME  = 2000000,   /**< Silent for so long [us]               */
	GRACE_TIME = 500000,    /**< After an end was set [us]             */
};


struct vidle {
	struct vstill *vs;      /**< Picture that is being sent (owner)    */
	struct video_fmt out;   /**< What it is sent as                    */
	bool failed;            /**< It cannot be made                     */
	uint64_t since;         /**< When an end was set, or the phone came
				     back [us]                             */
	uint64_t due;           /**< When to look again [us], 0=never      */
	struct vkeep *keep;     /**< The phone's last frame, or NULL (owner) */
};


static void destructor(void *arg)
{
	struct vidle *idle = arg;

	mem_deref(idle->vs);
	mem_deref(idle->keep);
}


/**
 * Allocate the picture of a route, if one is configured
 *
 * @param rt Route
 *
 * @return 0 if success or not configured, ENOMEM
 */
int vidle_alloc(struct video_route *rt)
{
	const struct video_config *cfg = &rt->out->cfg;
	struct vidle *idle;
	int err = 0;

	if (!cfg->vcodecl || (!cfg->avatar && !cfg->freeze))
		return 0;

	idle = mem_zalloc(sizeof(*idle), destructor);
	if (!idle)
		return ENOMEM;

	if (cfg->freeze)
		err = vkeep_alloc(&idle->keep);

	if (err)
		mem_deref(idle);
	else
		rt->idle = idle;

	return err;
}


/* --- the picture -------------------------------------------------------- */

static void out_handler(bool marker, uint32_t ts, bool key,
			const uint8_t *buf, size_t len, void *arg)
{
	struct video_route *rt = arg;

	vmade_send(rt, VIDEO_STILL, marker, ts, key, buf, len, media_clock());
	vroute_wake(rt);
}


static int start(struct video_route *rt)
{
	const struct video_config *cfg = &rt->out->cfg;
	struct vidle *idle = rt->idle;
	const struct video_fmt *fmt;
	struct vstill_param prm;

	memset(&prm, 0, sizeof(prm));

	prm.enc        = vcodec_find(cfg->vcodecl, rt->out->end.tx.codec,
				     true);
	prm.enc_fmtp   = rt->out->end.tx.fmtp;
	prm.pktsize    = vtx_payload_max(rt->out);
	prm.width_max  = cfg->width_max;
	prm.height_max = cfg->height_max;
	prm.bitrate    = min(vlimit_tx(rt->out), cfg->bitrate_start);

	fmt = vkeep_get(idle->keep, &prm.keyv, &prm.keyc);
	if (fmt) {
		prm.dec = vcodec_find(cfg->vcodecl, fmt->codec, false);
		prm.dec_fmtp = fmt->fmtp;
	}

	/* no frame of the phone, or none that can be read */
	if (!prm.dec && !cfg->avatar)
		return ENOENT;

	if (!prm.dec)
		prm.file = cfg->avatar;

	if (!prm.enc)
		return ENOTSUP;

	return vstill_alloc(&idle->vs, &prm, out_handler, rt);
}


static void stop(struct video_route *rt, uint64_t now)
{
	struct vidle *idle = rt->idle;

	idle->vs    = mem_deref(idle->vs);
	idle->since = now;
	idle->due   = now + IDLE_TIME;

	if (rt->mode == VIDEO_STILL)
		rt->mode = VIDEO_IDLE;
}


static bool can_come(const struct video_port *in)
{
	size_t i;

	if (!in->set || !in->end.recv)
		return false;

	for (i=0; i<in->end.rxc; i++) {
		if (in->hv[i])
			return true;
	}

	return false;
}


/* When the phone's video is to be missed */
static uint64_t missed_at(const struct video_route *rt)
{
	const struct vidle *idle = rt->idle;

	if (!can_come(rt->in))
		return idle->since + GRACE_TIME;

	return max(rt->in->rx_last, idle->since) + IDLE_TIME;
}


static bool fits(const struct vidle *idle, const struct video_port *out)
{
	return out->end.send && idle->out.codec == out->end.tx.codec &&
		!strcmp(idle->out.fmtp, out->end.tx.fmtp);
}


/**
 * An end was set: look anew
 *
 * @param rt  Route
 * @param now Time [us]
 */
void vidle_setup(struct video_route *rt, uint64_t now)
{
	struct vidle *idle = rt->idle;

	if (!idle)
		return;

	if (idle->vs && !fits(idle, rt->out))
		stop(rt, now);

	idle->failed = false;
	idle->since  = now;
	idle->due    = 0;

	if (rt->out->end.send && !idle->vs)
		idle->due = missed_at(rt);
}


/**
 * Get the time at which vidle_poll() is to be called
 *
 * @param rt Route
 *
 * @return Time [us], 0=never
 */
uint64_t vidle_due(const struct video_route *rt)
{
	return rt->idle ? rt->idle->due : 0;
}


/**
 * Look if the phone's video is missed
 *
 * @param rt  Route, with a picture
 * @param now Time [us]
 */
void vidle_poll(struct video_route *rt, uint64_t now)
{
	struct vidle *idle = rt->idle;
	int err;

	idle->due = missed_at(rt);
	if (now < idle->due)
		return;

	idle->due = 0;

	if (idle->failed)
		return;

	idle->out = rt->out->end.tx;
	err = start(rt);
	if (!err)
		return;

	idle->failed = true;

	/* no frame yet is no failure of anything */
	if (err != ENOENT)
		clog_warning("video: no still picture for the app: %m\n", err);
}


/**
 * A packet of the phone has come
 *
 * @param rt Route
 * @param in Packet
 *
 * @return True if it goes its way; false while the picture is shown
 */
bool vidle_pass(struct video_route *rt, const struct video_in *in)
{
	struct vidle *idle = rt->idle;

	if (!idle)
		return true;

	vkeep_note(idle->keep, in, rt->in->rxf);

	/* it was told to stop when nothing came; now something does */
	if (!idle->due && !idle->vs && rt->out->end.send)
		idle->due = in->now + IDLE_TIME;
	idle->failed = false;

	if (!idle->vs)
		return true;

	if (!in->key || in->res == RXSTAT_LATE) {
		vkey_want(rt->in, in->now);
		return false;
	}

	stop(rt, in->now);

	return true;
}


/**
 * Check if a picture is sent, and make the next one a keyframe
 *
 * @param rt Route
 *
 * @return True if so, false if the source has to be asked
 */
bool vidle_keyframe(struct video_route *rt)
{
	if (!rt->idle || !rt->idle->vs)
		return false;

	vstill_keyframe(rt->idle->vs);

	return true;
}
