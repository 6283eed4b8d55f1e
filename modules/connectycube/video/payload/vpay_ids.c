/**
 * @file video/payload/vpay_ids.c  Picture ids that go on over a change of the source
 *
 * A receiver takes a jump of the picture ids for lost frames, and one back
 * for old frames. What is written is the source's own id and an offset, so
 * that gaps and late packets of the source stay what they are.
 */
#include <re.h>
#include "audio/audio.h"
#include "rtp/rtp.h"
#include "video/video.h"
#include "vpay.h"


/* How far a is ahead of b, both of some bits */
static int32_t distance(uint16_t a, uint16_t b, unsigned bits)
{
	const int32_t half = 1 << (bits - 1);
	const int32_t d = (a - b) & (2 * half - 1);

	return d < half ? d : d - 2 * half;
}


/* The highest value is kept in 16 bits, whatever is written, so that a sender
   may go over from 7 to 15 bits */
static uint16_t seq_map(struct vpay_seq *seq, uint16_t v, unsigned bits)
{
	int32_t d;

	if (seq->resync && seq->on)
		seq->off = (uint16_t)(seq->max + 1 - v);

	v = (uint16_t)(v + seq->off);
	d = seq->on && !seq->resync ? distance(v, seq->max, bits) : 1;

	if (!seq->on)
		seq->max = v;
	else if (d > 0)
		seq->max = (uint16_t)(seq->max + d);

	seq->on     = true;
	seq->resync = false;

	return v;
}


/**
 * Tell that the next packet is the first of a new source, or the first after
 * packets that were not sent
 *
 * @param ids Picture ids
 */
void vpay_ids_resync(struct vpay_ids *ids)
{
	if (!ids)
		return;

	ids->picid.resync = true;
	ids->tl0.resync   = true;
}


/**
 * Rewrite the picture id and TL0PICIDX of a payload in place. H.264 has none,
 * and is left alone
 *
 * @param ids   Picture ids of what is sent
 * @param codec Codec
 * @param buf   Payload
 * @param len   Length of the payload [bytes]
 * @param vp    What vpay_parse() said about this payload
 */
void vpay_ids_rewrite(struct vpay_ids *ids, enum video_codec codec,
		      uint8_t *buf, size_t len, const struct vpay *vp)
{
	if (!ids || !buf || !vp || vp->hdrlen > len ||
	    (codec != VIDEO_VP8 && codec != VIDEO_VP9))
		return;

	if (vp->picid_pos && vp->picid15)
		rtp_put16(&buf[vp->picid_pos], 0x8000 |
			  seq_map(&ids->picid, (uint16_t)vp->picid, 15));
	else if (vp->picid_pos)
		buf[vp->picid_pos] = 0x7f &
			seq_map(&ids->picid, (uint16_t)vp->picid, 7);

	if (vp->tl0_pos)
		buf[vp->tl0_pos] = (uint8_t)
			seq_map(&ids->tl0, (uint16_t)vp->tl0picidx, 8);
}
