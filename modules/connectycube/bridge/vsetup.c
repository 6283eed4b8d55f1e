/**
 * @file bridge/vsetup.c  What all video pairs have in common
 *
 * The configuration, the codecs to transcode with, and what follows from
 * both for the choice of codecs.
 */
#include <re.h>
#include <rem.h>
#include <baresip.h>
#include "peer/peer.h"
#include "cube/cube.h"
#include "media/media.h"
#include "video/video.h"
#include "video/vcodec.h"
#include "video/vxcode.h"
#include "video/vstill.h"
#include "video/hwcodec.h"
#include "sip/sip.h"
#include "config.h"
#include "bridge/vpolicy.h"
#include "bridge/bvideo.h"


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
}


/* Hardware is put in front of the software that it falls back to */
static void add_hardware(void)
{
	const struct bridge_config *cfg = bv.cfg;
	char why[128];

	if (cfg->hwenc && hwenc_add(&bv.codecl, cfg->hwenc, cfg->hwdev, why,
				    sizeof(why)))
		warning("connectycube: config: connectycube_video_hwenc: %s:"
			" %s; software encodes\n", cfg->hwenc, why);

	if (cfg->hwdec && hwdec_add(&bv.codecl, cfg->hwdec, cfg->hwdev, why,
				    sizeof(why)))
		warning("connectycube: config: connectycube_video_hwdec: %s:"
			" %s; software decodes\n", cfg->hwdec, why);
}


/**
 * All modules are loaded, no User-Agent is attached yet: find the codecs to
 * transcode with, and look at the avatar. Who has none goes on without
 */
void bvideo_ready(void)
{
	struct bvideo_sip v;
	char why[128];
	int err;

	if (!bv.cfg->video)
		return;

	if (bv.video.avatar &&
	    vstill_check(bv.video.avatar, why, sizeof(why))) {
		warning("connectycube: config: connectycube_video_avatar:"
			" %s: %s\n", bv.video.avatar, why);
		bv.video.avatar = NULL;
	}

	if (bv.video.vcodecl) {
		err = sip_vidcodec_wrap(&bv.codecl);
		if (err)
			warning("connectycube: video codecs: %m\n", err);

		add_hardware();
	}

	err = sip_set_video(bvideo_sip(&v, NULL, 0));
	if (err)
		warning("connectycube: video: %m\n", err);
}


/**
 * End; no video pair is left
 */
void bvideo_close(void)
{
	list_flush(&bv.codecl);
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


static bool can_transcode(enum video_codec a, enum video_codec b)
{
	return video_can_transcode(&bv.video, a, b) &&
		video_can_transcode(&bv.video, b, a);
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
	vp->xcodeh = bv.cfg->transcode ? can_transcode : NULL;
}
