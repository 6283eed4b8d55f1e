/**
 * @file config/config_video.c  The configuration keys of video
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <re.h>
#include "base/log.h"
#include "base/text.h"
#include "peer/peer.h"
#include "audio/audio.h"
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


static int add_codec(struct bridge_config *cfg, const struct cfg_val *val)
{
	enum video_codec codec;
	char name[16] = "";

	(void)text_str(name, sizeof(name), &val->pl);
	codec = video_codec_find(name);
	if (codec == VIDEO_NONE)
		return cfg_bad(val, "H264, VP8 or VP9");

	if (!has_codec(cfg, codec))
		cfg->vcodecv[cfg->vcodecc++] = codec;

	return 0;
}


static int read_codecs(struct bridge_config *cfg, const struct cfg_val *val)
{
	struct cfg_val name = *val;
	struct pl list = val->pl;
	int err = 0;

	if (list.p[list.l - 1] == ',')
		return cfg_bad(val, "a list of codecs without blanks");

	while (!err && !re_regex(list.p, list.l, "[^,]+", &name.pl)) {

		err = add_codec(cfg, &name);
		pl_advance(&list, name.pl.p + name.pl.l - list.p);
	}

	return err;
}


static int read_size(struct bridge_config *cfg, const struct cfg_val *val)
{
	struct video_config *prm = &cfg->vprm;
	struct pl pl = val->pl, w = PL_INIT, h = PL_INIT;

	if (!re_regex(pl.p, pl.l, "[0-9]+x[0-9]+", &w, &h)) {
		prm->width_max  = pl_u32(&w);
		prm->height_max = pl_u32(&h);
	}

	/* all of it, and no number that overflowed */
	if (w.p != pl.p || h.p + h.l != pl.p + pl.l || w.l > 4 || h.l > 4 ||
	    min(prm->width_max, prm->height_max) < SIDE_MIN ||
	    max(prm->width_max, prm->height_max) > SIDE_MAX)
		return cfg_bad(val, "WIDTHxHEIGHT, each 64-4096");

	return 0;
}


static int set_bitrate(struct bridge_config *cfg, const struct cfg_val *val)
{
	struct video_config *prm = &cfg->vprm;

	prm->bitrate_max   = pl_u32(&val->pl) * 1000;
	prm->bitrate_min   = BITRATE_MIN;
	prm->bitrate_start = min((uint32_t)BITRATE_START, prm->bitrate_max);

	return 0;
}


static int set_avatar(struct bridge_config *cfg, const struct cfg_val *val)
{
	if (access(cfg->avatar, R_OK))
		return cfg_wrong(val, EINVAL, "cannot read %s: %m",
				 cfg->avatar, errno);

	cfg->vprm.avatar = cfg->avatar;

	return cfg_note_at(&cfg->avatar_at, val);
}


/* What there is of hardware is known to libav, which is loaded later */
static int note_hwenc(struct bridge_config *cfg, const struct cfg_val *val)
{
	return cfg_note_at(&cfg->hwenc_at, val);
}


static int note_hwdec(struct bridge_config *cfg, const struct cfg_val *val)
{
	return cfg_note_at(&cfg->hwdec_at, val);
}


static const struct cfg_key keyv[] = {
	{"connectycube_video", CFG_BOOL, CFG_AT(video), .dflt = "yes"},
	{"connectycube_video_offer", CFG_WORD, CFG_AT(video_offer),
	 .dflt = "phone", .words = "phone|always"},

	/* NAME[,NAME...] */
	{"connectycube_video_codecs", CFG_OTHER, .h = read_codecs,
	 .dflt = "H264,VP8,VP9"},

	/* [kbit/s] */
	{"connectycube_video_bitrate", CFG_U32, CFG_AT(vprm.bitrate_max),
	 .dflt = "2000", .min = BITRATE_MIN / 1000, .max = 20000,
	 .h = set_bitrate},

	{"connectycube_video_transcode", CFG_BOOL, CFG_AT(transcode),
	 .dflt = "yes"},
	{"connectycube_video_size", CFG_OTHER, .h = read_size,
	 .dflt = "1280x720"},
	{"connectycube_video_fps", CFG_U32, CFG_AT(vprm.fps_max),
	 .dflt = "30", .min = 5, .max = 60},

	/* default: software; the first device of its type */
	{"connectycube_video_hwenc", CFG_STR, CFG_AT(hwenc), .h = note_hwenc},
	{"connectycube_video_hwdec", CFG_STR, CFG_AT(hwdec), .h = note_hwdec},
	{"connectycube_video_hwdev", CFG_STR, CFG_AT(hwdev)},

	/* PATH; default: none */
	{"connectycube_video_avatar", CFG_STR, CFG_AT(avatar),
	 .h = set_avatar},
	{"connectycube_video_freeze", CFG_BOOL, CFG_AT(vprm.freeze),
	 .dflt = "no"},
};

const struct cfg_area config_video = {keyv, ARRAY_SIZE(keyv), NULL};
