/**
 * @file video/xcode/declimit.c  What a receiver can decode, by its fmtp
 *
 * H.264: profile-level-id and what goes beyond it (RFC 6184, 8.1). VP8 and
 * VP9: max-fs and max-fr (RFC 7741, 6.1; RFC 9628, 6.1).
 */
#include <string.h>
#include <re.h>
#include "audio/audio.h"
#include "video/video.h"
#include "video/payload/h264.h"
#include "declimit.h"


enum {
	LEVEL_DEFAULT = 30,     /**< level_idc of who states none          */
	BR_MAX = 240000,        /**< As much as we know [1000 bit/s]       */
};

/** ITU-T H.264 table A-1 */
static const struct level {
	uint8_t idc;            /**< level_idc                             */
	unsigned mbps;          /**< MaxMBPS                               */
	unsigned fs;            /**< MaxFS                                 */
	unsigned br;            /**< MaxBR [1000 bit/s]                    */
} levelv[] = {
	{ 10,   1485,    99,    64},
	{ 11,   3000,   396,   192},
	{ 12,   6000,   396,   384},
	{ 13,  11880,   396,   768},
	{ 20,  11880,   396,  2000},
	{ 21,  19800,   792,  4000},
	{ 22,  20250,  1620,  4000},
	{ 30,  40500,  1620, 10000},
	{ 31, 108000,  3600, 14000},
	{ 32, 216000,  5120, 20000},
	{ 40, 245760,  8192, 20000},
	{ 41, 245760,  8192, 50000},
	{ 42, 522240,  8704, 50000},
	{ 50, 589824, 22080, 135000},
	{ 51, 983040, 36864, BR_MAX},
};


/* The highest one up to it; one that we do not know is a higher one */
static const struct level *level_find(uint8_t idc)
{
	const struct level *l = &levelv[0];
	size_t i;

	for (i=0; i<ARRAY_SIZE(levelv) && levelv[i].idc <= idc; i++)
		l = &levelv[i];

	return l;
}


static bool param(const char *fmtp, const char *name, struct pl *val)
{
	struct pl pl;

	pl_set_str(&pl, fmtp);

	return fmt_param_get(&pl, name, val);
}


static unsigned number(const char *fmtp, const char *name)
{
	struct pl val;

	return param(fmtp, name, &val) ? pl_u32(&val) : 0;
}


/* Phones that state no level decode more than level 1, whatever RFC 6184
   takes it to mean */
static void h264_limit(struct vxlimit *l, const char *fmtp)
{
	const struct level *lev;
	struct h264_fmtp f;

	if (h264_fmtp_decode(&f, fmtp))
		return;

	lev = level_find(f.stated ? f.level : LEVEL_DEFAULT);

	l->mbs     = max(lev->fs, f.max_fs);
	l->mbps    = max(lev->mbps, f.max_mbps);
	l->bitrate = min(max(lev->br, f.max_br), (unsigned)BR_MAX) * 1000;
}


/**
 * Read what a receiver can decode
 *
 * @param l     Limits
 * @param codec Codec
 * @param fmtp  Its format parameters, or NULL
 */
void vxlimit_decode(struct vxlimit *l, enum video_codec codec,
		    const char *fmtp)
{
	memset(l, 0, sizeof(*l));

	if (codec == VIDEO_H264) {
		h264_limit(l, fmtp ? fmtp : "");
	}
	else if (fmtp) {
		l->mbs = number(fmtp, "max-fs");
		l->fps = number(fmtp, "max-fr");
	}
}
