/**
 * @file video/h264_params.c  Parameter sets of H.264 that is forwarded
 *
 * The stream's last SPS and PPS are kept and put before every IDR whose
 * picture did not bring them, so that a receiver can begin at any.
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
#include "video/payload/h264.h"
#include "video/rtp/fb.h"
#include "video/rtp/hdrext.h"
#include "keyframe.h"
#include "video/rtp/loss.h"
#include "video/bwe/bwe.h"
#include "video/rtp/seqmap.h"
#include "video/rtp/vorder.h"
#include "video_priv.h"
#include "h264_repair.h"


/* They are taken when they are new: a re-INVITE repeats what the stream may
   have replaced long ago */
static void take_sdp(struct vh264 *h, const struct h264_fmtp *f)
{
	const uint32_t hash = hash_fast((const char *)f->sps, f->spslen) * 31 +
		hash_fast((const char *)f->pps, f->ppslen);

	if (h->sps.len && h->pps.len && h->sdp == hash)
		return;

	h->sdp = hash;

	memcpy(h->sps.nal, f->sps, f->spslen);
	memcpy(h->pps.nal, f->pps, f->ppslen);
	h->sps.len = f->spslen;
	h->pps.len = f->ppslen;
}


/**
 * Take the parameter sets of the SDP: good until the stream has some
 *
 * @param h  Repair
 * @param in Leg that the stream comes from
 */
void vh264ps_init(struct vh264 *h, const struct video_port *in)
{
	struct h264_fmtp f;
	size_t i;

	for (i=0; i<in->end.rxc; i++) {

		if (in->end.rxv[i].codec != VIDEO_H264 ||
		    h264_fmtp_decode(&f, in->end.rxv[i].fmtp) ||
		    !f.spslen || !f.ppslen)
			continue;

		take_sdp(h, &f);
		break;
	}
}


static void pset_note(struct vh264 *h, const uint8_t *nal, size_t len)
{
	struct pset *ps = NULL;

	switch (h264_type(nal[0])) {

	case H264_SPS: ps = &h->sps; break;
	case H264_PPS: ps = &h->pps; break;
	default:       return;
	}

	ps->seen = true;

	if (len > sizeof(ps->nal))
		return;

	memcpy(ps->nal, nal, len);
	ps->len = len;
}


/* Keep the parameter sets that a packet brings, alone or aggregated */
static void psets_note(struct vh264 *h, const uint8_t *buf, size_t len)
{
	const uint8_t *nal;
	size_t nlen, pos = 1;

	if (h264_type(buf[0]) != H264_STAP_A) {
		pset_note(h, buf, len);
		return;
	}

	while (pos < len && !h264_stap_next(buf, len, &pos, &nal, &nlen))
		pset_note(h, nal, nlen);
}


/* Put before an IDR what its picture has not brought */
static void psets_insert(struct emit *e)
{
	struct vh264 *h = e->rt->h264;
	const bool sps = !h->sps.seen && h->sps.len;
	const bool pps = !h->pps.seen && h->pps.len;
	uint8_t buf[5 + 2 * H264_PS_MAX];
	size_t len;

	if (sps && pps && e->rt->out->mode &&
	    !h264_pack_ps(buf, min(sizeof(buf), vtx_payload_max(e->rt->out)),
			  &len, h->sps.nal, h->sps.len,
			  h->pps.nal, h->pps.len)) {
		(void)vh264cut_payload(buf, len, false, e);
		return;
	}

	if (sps)
		(void)vh264cut_payload(h->sps.nal, h->sps.len, false, e);
	if (pps)
		(void)vh264cut_payload(h->pps.nal, h->pps.len, false, e);
}


/**
 * Look at a packet's parameter sets, and put those before an IDR that its
 * picture has not brought
 *
 * @param e Packet
 */
void vh264ps_picture(struct emit *e)
{
	struct vh264 *h = e->rt->h264;

	if (!e->late && (!h->on || h->ts != e->o.ts)) {
		h->on  = true;
		h->ts  = e->o.ts;
		h->idr = h->sps.seen = h->pps.seen = false;
	}

	if (e->pay->sps || e->pay->pps)
		psets_note(h, e->buf, e->len);

	if (e->late || !e->pay->idr || h->idr)
		return;

	/* nothing goes between the fragments of a NAL unit */
	h->idr = true;
	if (e->pay->start)
		psets_insert(e);
}
