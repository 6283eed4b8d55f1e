/**
 * @file call/host/video_setup.c  What all video has in common
 *
 * The configuration, the codecs to transcode with, and what follows from
 * both for the choice of codecs.
 */
#include <re.h>
#include <rem.h>
#include <baresip.h>
#include "base/log.h"
#include "peer/peer.h"
#include "cube/cube.h"
#include "audio/audio.h"
#include "video/video.h"
#include "video/xcode/codec.h"
#include "video/xcode/transcoder.h"
#include "video/xcode/still.h"
#include "base/jobthread.h"
#include "video/xcode/libav.h"
#include "sip/sip.h"
#include "config/config.h"
#include "call/event.h"
#include "call/raise.h"
#include "call/legmedia.h"
#include "call/policy.h"
#include "call/policy_video.h"
#include "call/dtmf_dedup.h"
#include "call/leg.h"
#include "call/leg_sip.h"
#include "call/video_setup.h"


static struct {
	const struct bridge_config *cfg; /* pointer */
	struct video_config video;
	struct list codecl;     /* struct vcodec, owned */
} bv;


/**
 * Begin with a configuration
 *
 * @param cfg Configuration, must outlive it
 */
void bvideo_init(const struct bridge_config *cfg)
{
	bv.cfg   = cfg;
	bv.video = cfg->vprm;

	if (cfg->transcode || cfg->avatar || cfg->vprm.freeze)
		bv.video.vcodecl = &bv.codecl;

	bv.video.stills_only = !cfg->transcode;
}


static bool can_transcode(enum video_codec a, enum video_codec b)
{
	return video_can_transcode(&bv.video, a, b) &&
		video_can_transcode(&bv.video, b, a);
}


static bool transcodes(void)
{
	const struct bridge_config *cfg = bv.cfg;
	size_t i, j;

	for (i=1; i<cfg->vcodecc; i++) {
		for (j=0; j<i; j++) {
			if (can_transcode(cfg->vcodecv[i], cfg->vcodecv[j]))
				return true;
		}
	}

	return false;
}


/* Who needs nothing of it is spared a hundred libraries. Now, since it takes
   longer than a call can wait */
static void load_av(void)
{
	const struct bridge_config *cfg = bv.cfg;
	char why[256];

	if (!cfg->avatar && !cfg->hwenc && !cfg->hwdec && !transcodes() &&
	    !(cfg->vprm.freeze && !list_isempty(&bv.codecl)))
		return;

	if (vav_load(why, sizeof(why)))
		clog_warning("video: no avatar, no hardware codecs,"
			     " pictures are scaled roughly: %s (it is"
			     " installed beside connectycube.so, and needs"
			     " libavcodec, libavformat, libavutil and"
			     " libswscale)\n", why);
}


static void check_avatar(void)
{
	char why[128];

	if (!bv.video.avatar)
		return;

	if (!vav_get()) {
		bv.video.avatar = NULL;
		return;
	}

	if (vstill_check(bv.video.avatar, why, sizeof(why))) {
		clog_warning("%s: %s: %s\n", bv.cfg->avatar_at,
			     bv.video.avatar, why);
		bv.video.avatar = NULL;
	}
}


/* Hardware is put in front of the software that it falls back to */
static void add_hardware(void)
{
	const struct bridge_config *cfg = bv.cfg;
	const struct vav *av = vav_get();
	char why[128];

	if (!av)
		return;

	if (cfg->hwenc && av->hwenc(&bv.codecl, cfg->hwenc, cfg->hwdev, why,
				    sizeof(why)))
		clog_warning("%s: %s: %s; software encodes\n",
			     cfg->hwenc_at, cfg->hwenc, why);

	if (cfg->hwdec && av->hwdec(&bv.codecl, cfg->hwdec, cfg->hwdev, why,
				    sizeof(why)))
		clog_warning("%s: %s: %s; software decodes\n",
			     cfg->hwdec_at, cfg->hwdec, why);
}


static void find_codecs(void)
{
	int err;

	if (!bv.video.vcodecl)
		return;

	err = sip_vidcodec_wrap(&bv.codecl);
	if (err)
		clog_warning("video codecs: %m\n", err);
}


/**
 * All modules are loaded, no User-Agent is attached yet: find the codecs to
 * transcode with, and look at the avatar. Who has none goes on without
 */
void bvideo_ready(void)
{
	struct leg_sip_video v;
	int err;

	if (!bv.cfg->video)
		return;

	find_codecs();
	load_av();
	check_avatar();

	if (bv.video.vcodecl)
		add_hardware();

	err = sip_set_video(leg_sip_video(&v, NULL, 0));
	if (err)
		clog_warning("video: %m\n", err);
}


/**
 * End; no video is left
 */
void bvideo_close(void)
{
	jobthread_wait();
	list_flush(&bv.codecl);
	vav_close();
}


/**
 * Get what all video pairs have in common
 *
 * @return Configuration
 */
const struct video_config *bvideo_config(void)
{
	return &bv.video;
}


/**
 * Get what is allowed
 *
 * @param vp Filled in
 */
void bvideo_policy(struct vpolicy *vp)
{
	vp->codecv = bv.cfg->vcodecv;
	vp->codecc = bv.cfg->vcodecc;
	vp->large  = bv.video.width_max * bv.video.height_max > 1280 * 720;
	vp->xcodeh = can_transcode;
}


/**
 * The narrower of two limits
 *
 * @param a Limit [bit/s], 0=none
 * @param b Limit [bit/s], 0=none
 *
 * @return Limit [bit/s], 0=none
 */
uint32_t bvideo_narrower(uint32_t a, uint32_t b)
{
	return a && b ? min(a, b) : max(a, b);
}
