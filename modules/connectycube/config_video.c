/**
 * @file config_video.c  The configuration keys of video
 *
 *   connectycube_video            yes|no              yes
 *   connectycube_video_offer      phone|always        phone
 *   connectycube_video_codecs     NAME[,NAME...]      H264,VP8,VP9
 *   connectycube_video_bitrate    64-20000 kbit/s     2000
 *   connectycube_video_transcode  yes|no              yes
 *   connectycube_video_size       WIDTHxHEIGHT        1280x720
 *   connectycube_video_fps        5-60                30
 *   connectycube_video_hwenc      ENCODER             none: software
 *   connectycube_video_hwdec      TYPE                none: software
 *   connectycube_video_hwdev      PATH                first of its type
 *   connectycube_video_avatar     PATH                none
 *   connectycube_video_freeze     yes|no              no
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "peer/peer.h"
#include "media/media.h"
#include "video/video.h"
#include "confget.h"
#include "config.h"


enum {
	BITRATE_MIN   = 64000,  /**< Slowest encoded [bit/s]               */
	BITRATE_START = 600000, /**< Until a path is known [bit/s]         */
	SIDE_MIN      = 64,     /**< Smallest side of a picture [pixels]   */
	SIDE_MAX      = 4096,   /**< Largest side of a picture [pixels]    */
};


static bool has_codec(const struct bridge_config *cfg,
		      enum video_codec codec)
{
	size_t i;

	for (i=0; i<cfg->vcodecc; i++) {
		if (cfg->vcodecv[i] == codec)
			return true;
	}

	return false;
}


static int add_codec(struct bridge_config *cfg, const char *key,
		     const struct pl *pl)
{
	enum video_codec codec;
	char name[16] = "";

	(void)pl_strcpy(pl, name, sizeof(name));
	codec = video_codec_find(name);
	if (codec == VIDEO_NONE)
		return cfg_bad(key, pl, "H264, VP8 or VP9");

	if (!has_codec(cfg, codec))
		cfg->vcodecv[cfg->vcodecc++] = codec;

	return 0;
}


static int get_codecs(struct bridge_config *cfg, const struct conf *conf)
{
	static const char *key = "connectycube_video_codecs";
	struct pl list, name;
	int err = 0;

	if (conf_get(conf, key, &list))
		pl_set_str(&list, "H264,VP8,VP9");

	/* what is behind a blank baresip does not give us */
	if (list.p[list.l - 1] == ',')
		return cfg_bad(key, &list, "a list of codecs without blanks");

	while (!err && !re_regex(list.p, list.l, "[^,]+", &name)) {

		err = add_codec(cfg, key, &name);
		pl_advance(&list, name.p + name.l - list.p);
	}

	return err;
}


static int get_size(struct video_config *prm, const struct conf *conf)
{
	static const char *key = "connectycube_video_size";
	struct pl pl, w = PL_INIT, h = PL_INIT;

	prm->width_max  = 1280;
	prm->height_max = 720;

	if (conf_get(conf, key, &pl))
		return 0;

	if (!re_regex(pl.p, pl.l, "[0-9]+x[0-9]+", &w, &h)) {
		prm->width_max  = pl_u32(&w);
		prm->height_max = pl_u32(&h);
	}

	/* all of it, and no number that overflowed */
	if (w.p != pl.p || h.p + h.l != pl.p + pl.l || w.l > 4 || h.l > 4 ||
	    min(prm->width_max, prm->height_max) < SIDE_MIN ||
	    max(prm->width_max, prm->height_max) > SIDE_MAX)
		return cfg_bad(key, &pl, "WIDTHxHEIGHT, each 64-4096");

	return 0;
}


static int read_encoding(struct bridge_config *cfg, const struct conf *conf)
{
	struct video_config *prm = &cfg->vprm;
	uint32_t kbps, fps;
	int err;

	err = cfg_u32(&kbps, conf, "connectycube_video_bitrate",
		      BITRATE_MIN / 1000, 20000, 2000);
	if (err)
		return err;

	prm->bitrate_min   = BITRATE_MIN;
	prm->bitrate_max   = kbps * 1000;
	prm->bitrate_start = min((uint32_t)BITRATE_START, prm->bitrate_max);

	err = cfg_bool(&cfg->transcode, conf, "connectycube_video_transcode",
		       true);
	if (err)
		return err;

	err = get_size(prm, conf);
	if (err)
		return err;

	err = cfg_u32(&fps, conf, "connectycube_video_fps", 5, 60, 30);

	prm->fps_max = fps;

	return err;
}


static int read_hardware(struct bridge_config *cfg, const struct conf *conf)
{
	int err;

	err = cfg_str(&cfg->hwenc, conf, "connectycube_video_hwenc", false);
	if (err)
		return err;

	err = cfg_str(&cfg->hwdec, conf, "connectycube_video_hwdec", false);
	if (err)
		return err;

	return cfg_str(&cfg->hwdev, conf, "connectycube_video_hwdev", false);
}


static int read_still(struct bridge_config *cfg, const struct conf *conf)
{
	int err;

	err = cfg_bool(&cfg->vprm.freeze, conf, "connectycube_video_freeze",
		       false);
	if (err)
		return err;

	err = cfg_str(&cfg->avatar, conf, "connectycube_video_avatar", false);
	if (err)
		return err;

	cfg->vprm.avatar = cfg->avatar;

	return 0;
}


/**
 * Read and check the keys of video. What is wrong is said in the log
 *
 * @param cfg  Configuration, filled in
 * @param conf baresip's configuration
 *
 * @return 0 if success, otherwise errorcode
 */
int config_read_video(struct bridge_config *cfg, const struct conf *conf)
{
	bool always;
	int err;

	err = cfg_bool(&cfg->video, conf, "connectycube_video", true);
	if (err)
		return err;

	err = cfg_choice(&always, conf, "connectycube_video_offer", "phone",
			 "always");
	if (err)
		return err;

	cfg->video_offer = always ? VIDEO_OFFER_ALWAYS : VIDEO_OFFER_PHONE;

	err = get_codecs(cfg, conf);
	if (err)
		return err;

	err = read_encoding(cfg, conf);
	if (err)
		return err;

	err = read_hardware(cfg, conf);
	if (err)
		return err;

	return read_still(cfg, conf);
}
