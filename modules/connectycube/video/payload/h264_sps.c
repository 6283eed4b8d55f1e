/**
 * @file video/payload/h264_sps.c  H.264 sequence parameter sets (ITU-T H.264, 7.3.2.1)
 */
#include <re.h>
#include "audio/audio.h"
#include "video/video.h"
#include "h264.h"
#include "bits.h"


enum {
	MBS_MAX   = 1055,       /**< Macroblocks in a row or column: of level
				     6.2, sqrt(139264 * 8), see A.3.1      */
	CHROMA444 = 3,          /**< chroma_format_idc                     */
	CYCLE_MAX = 255,        /**< num_ref_frames_in_pic_order_cnt_cycle */
};


/** What the size of the picture hangs on */
struct geometry {
	unsigned chroma;        /**< ChromaArrayType                       */
	bool frame_mbs;         /**< frame_mbs_only_flag                   */
	uint32_t mbs_x;         /**< Width [macroblocks]                   */
	uint32_t mbs_y;         /**< Height, of a field if there are any,
				     [macroblocks]                         */
};


static bool is_high(uint8_t profile)
{
	switch (profile) {

	case 100: case 110: case 122: case 244: case 44: case 83: case 86:
	case 118: case 128: case 138: case 139: case 134: case 135:
		return true;

	default:
		return false;
	}
}


/* 7.3.2.1.1.1: the list ends where the next scale is 0 */
static void skip_scaling_list(struct bits *b, unsigned size)
{
	uint32_t next = 8;
	unsigned i;

	for (i = 0; i < size && next && !b->over; i++)
		next = (next + (uint32_t)bits_se(b)) & 0xff;
}


static void skip_scaling_matrix(struct bits *b, unsigned lists)
{
	unsigned i;

	for (i = 0; i < lists && !b->over; i++) {
		if (bits_flag(b))
			skip_scaling_list(b, i < 6 ? 16 : 64);
	}
}


static int parse_high(struct geometry *g, struct bits *b)
{
	const uint32_t chroma = bits_ue(b);
	const bool planes = chroma == CHROMA444 && bits_flag(b);

	if (chroma > CHROMA444)
		return EBADMSG;

	g->chroma = planes ? 0 : chroma;

	(void)bits_ue(b);       /* bit_depth_luma_minus8 */
	(void)bits_ue(b);       /* bit_depth_chroma_minus8 */
	(void)bits_flag(b);     /* qpprime_y_zero_transform_bypass_flag */

	if (bits_flag(b))
		skip_scaling_matrix(b, chroma == CHROMA444 ? 12 : 8);

	return 0;
}


static int skip_order_cycle(struct bits *b)
{
	uint32_t n;

	(void)bits_flag(b);     /* delta_pic_order_always_zero_flag */
	(void)bits_se(b);       /* offset_for_non_ref_pic */
	(void)bits_se(b);       /* offset_for_top_to_bottom_field */

	n = bits_ue(b);
	if (n > CYCLE_MAX)
		return EBADMSG;

	while (n-- && !b->over)
		(void)bits_se(b);

	return 0;
}


static int skip_order(struct bits *b)
{
	(void)bits_ue(b);       /* log2_max_frame_num_minus4 */

	switch (bits_ue(b)) {

	case 0:
		(void)bits_ue(b); /* log2_max_pic_order_cnt_lsb_minus4 */
		return 0;

	case 1:
		return skip_order_cycle(b);

	case 2:
		return 0;

	default:
		return EBADMSG;
	}
}


static int parse_mbs(struct geometry *g, struct bits *b)
{
	(void)bits_ue(b);       /* max_num_ref_frames */
	(void)bits_flag(b);     /* gaps_in_frame_num_value_allowed_flag */

	g->mbs_x = bits_ue(b);
	g->mbs_y = bits_ue(b);
	if (g->mbs_x >= MBS_MAX || g->mbs_y >= MBS_MAX)
		return EBADMSG;

	++g->mbs_x;
	++g->mbs_y;

	g->frame_mbs = bits_flag(b);
	if (!g->frame_mbs)
		(void)bits_flag(b); /* mb_adaptive_frame_field_flag */

	(void)bits_flag(b);     /* direct_8x8_inference_flag */

	return 0;
}


/* Cut both ends of a side by what the cropping rectangle says (7.4.2.1.1) */
static int crop(unsigned *side, uint32_t a, uint32_t b, unsigned unit)
{
	const uint64_t cut = ((uint64_t)a + b) * unit;

	if (cut >= *side)
		return EBADMSG;

	*side -= (unsigned)cut;

	return 0;
}


static int parse_size(struct h264_spsinfo *sps, const struct geometry *g,
		      struct bits *b)
{
	const unsigned fields = g->frame_mbs ? 1 : 2;
	const unsigned sub_w = g->chroma == 1 || g->chroma == 2 ? 2 : 1;
	const unsigned sub_h = g->chroma == 1 ? 2 : 1;
	uint32_t left, right, top, bottom;
	int err;

	sps->width  = g->mbs_x * 16;
	sps->height = g->mbs_y * 16 * fields;

	if (!bits_flag(b))
		return 0;

	left   = bits_ue(b);
	right  = bits_ue(b);
	top    = bits_ue(b);
	bottom = bits_ue(b);

	err = crop(&sps->width, left, right, sub_w);
	if (err)
		return err;

	return crop(&sps->height, top, bottom, sub_h * fields);
}


static int parse(struct h264_spsinfo *sps, struct bits *b)
{
	struct geometry g = {.chroma = 1};
	int err = 0;

	sps->profile = bits_get(b, 8);
	sps->iop     = bits_get(b, 8);
	sps->level   = bits_get(b, 8);
	(void)bits_ue(b);       /* seq_parameter_set_id */

	if (is_high(sps->profile))
		err = parse_high(&g, b);
	if (!err)
		err = skip_order(b);
	if (!err)
		err = parse_mbs(&g, b);
	if (!err)
		err = parse_size(sps, &g, b);

	return b->over ? EBADMSG : err;
}


/**
 * Read a sequence parameter set, up to the size of the picture
 *
 * @param sps Set only on success
 * @param nal NAL unit, header included, no start code
 * @param len Its length [bytes]
 *
 * @return 0 if success, EINVAL for missing arguments, EBADMSG if it is no
 *         SPS, truncated, or has a size that H.264 cannot have
 */
int h264_spsinfo_decode(struct h264_spsinfo *sps, const uint8_t *nal,
			size_t len)
{
	struct bits b = {.emul = true};
	struct h264_spsinfo s;
	int err;

	if (!sps || !nal)
		return EINVAL;

	if (!len || h264_type(nal[0]) != H264_SPS)
		return EBADMSG;

	b.p   = nal + 1;
	b.end = nal + len;

	err = parse(&s, &b);
	if (!err)
		*sps = s;

	return err;
}
