/**
 * @file video/h264_profile.c  H.264 profiles: who can decode what
 *
 *   Constrained Baseline < Main < High < High 10 < High 4:2:2 < High 4:4:4
 *
 * Baseline is taken for Constrained Baseline. It adds flexible macroblock
 * ordering, arbitrary slice order and redundant slices, which no phone or
 * browser sends; but many write 42001f or 42801f and mean 42e01f.
 */
#include <re.h>
#include "media/media.h"
#include "video.h"
#include "h264.h"


enum {
	PROFILE_BASELINE = 66,
	PROFILE_MAIN     = 77,
	PROFILE_EXTENDED = 88,
	PROFILE_HIGH     = 100,
	PROFILE_HIGH10   = 110,
	PROFILE_HIGH422  = 122,
	PROFILE_HIGH444  = 244,

	IOP_BASELINE = 0x80,    /**< constraint_set0_flag                  */
	IOP_MAIN     = 0x40,    /**< constraint_set1_flag                  */

	RANK_NONE = 0,          /**< Not in the row                        */
	RANK_BASELINE,
	RANK_MAIN,
};


static unsigned rank(const struct h264_fmtp *f)
{
	if (f->profile == PROFILE_BASELINE || f->iop & IOP_BASELINE)
		return RANK_BASELINE;

	if (f->profile == PROFILE_MAIN || f->iop & IOP_MAIN)
		return RANK_MAIN;

	switch (f->profile) {

	case PROFILE_HIGH:    return RANK_MAIN + 1;
	case PROFILE_HIGH10:  return RANK_MAIN + 2;
	case PROFILE_HIGH422: return RANK_MAIN + 3;
	case PROFILE_HIGH444: return RANK_MAIN + 4;
	default:              return RANK_NONE;
	}
}


/**
 * Tell if a stream may be sent to a decoder, by their profiles.
 *
 * Baseline counts as Constrained Baseline, see above. The level is no reason
 * to refuse: real decoders take more than they say, and the size and rate of
 * what is sent are bound elsewhere. Nor is the packetization-mode, which the
 * bridge converts.
 *
 * @param stream  What the sender says about its stream
 * @param decoder What the receiver says that it can decode
 *
 * @return true if it may be sent
 */
bool h264_decodable(const struct h264_fmtp *stream,
		    const struct h264_fmtp *decoder)
{
	unsigned s, d;

	if (!stream || !decoder)
		return false;

	s = rank(stream);
	d = rank(decoder);

	/* Extended, and the profiles of scalable and stereo video, contain
	   Constrained Baseline */
	if (!d)
		return s == RANK_BASELINE ||
			stream->profile == decoder->profile;

	return s && s <= d;
}
