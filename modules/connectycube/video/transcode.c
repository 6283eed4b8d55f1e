/**
 * @file video/transcode.c  The legs share no codec: transcode
 *
 * The work is done on the thread of a struct vxcode, one for each route that
 * needs it, made when its first packet comes.
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
#include "video/rtp/seqmap.h"
#include "video_priv.h"


enum {
	MAKE_TIME = 200000,     /**< Between two transcoders of a route: each
				     has a thread of its own [us]          */
};


struct vtrans {
	struct video_fmt in;    /**< What arrives                          */
	struct video_fmt out;   /**< What is sent                          */
	size_t pktsize;         /**< Longest payload [bytes]               */
	struct vxcode *x;       /**< Transcoder (owner), NULL=cannot be made */
};


static void destructor(void *arg)
{
	struct vtrans *vt = arg;

	mem_deref(vt->x);
}


/**
 * Check if one codec can be made into another
 *
 * @param cfg  Configuration
 * @param from Codec that arrives
 * @param to   Codec to send
 *
 * @return True if it can be transcoded, otherwise false
 */
bool video_can_transcode(const struct video_config *cfg, enum video_codec from,
			 enum video_codec to)
{
	if (!cfg || !cfg->vcodecl || cfg->stills_only || !from || !to)
		return false;

	return vcodec_find(cfg->vcodecl, from, false) &&
		vcodec_find(cfg->vcodecl, to, true);
}


static void out_handler(bool marker, uint32_t ts, bool key,
			const uint8_t *buf, size_t len, void *arg)
{
	struct video_route *rt = arg;

	vmade_send(rt, VIDEO_XCODE, marker, ts, key, buf, len, media_clock());
	vroute_wake(rt);
}


static void need_key_handler(void *arg)
{
	struct video_route *rt = arg;

	vkey_want(rt->in, media_clock());
	vroute_wake(rt);
}


static bool is_same(const struct video_fmt *a, const struct video_fmt *b)
{
	return a->codec == b->codec && !strcmp(a->fmtp, b->fmtp);
}


static bool fits(const struct vtrans *vt, const struct video_route *rt,
		 const struct video_fmt *in)
{
	return is_same(&vt->in, in) && is_same(&vt->out, &rt->out->end.tx) &&
		vt->pktsize == vtx_payload_max(rt->out);
}


static int x_alloc(struct vtrans *vt, struct video_route *rt)
{
	const struct video_config *cfg = &rt->out->cfg;
	struct vxcode_param prm = {
		.dec         = vcodec_find(cfg->vcodecl, vt->in.codec, false),
		.dec_fmtp    = vt->in.fmtp,
		.enc         = vcodec_find(cfg->vcodecl, vt->out.codec, true),
		.enc_fmtp    = vt->out.fmtp,
		.pktsize     = vt->pktsize,
		.width_max   = cfg->width_max,
		.height_max  = cfg->height_max,
		.fps_max     = cfg->fps_max,
		.bitrate     = min(vlimit_tx(rt->out), cfg->bitrate_start),
		.bitrate_min = cfg->bitrate_min,
	};

	if (rt->out->bwe_heard)
		prm.bitrate = vlimit_tx(rt->out);

	return vxcode_alloc(&vt->x, &prm, out_handler, need_key_handler, rt);
}


/**
 * Give up the transcoder, if there is one; what it did goes on to be counted
 *
 * @param rt Route
 */
void vtrans_close(struct video_route *rt)
{
	if (!rt->trans)
		return;

	vtrans_stats(rt, &rt->out->st);
	rt->trans = mem_deref(rt->trans);
}


/* One that cannot be made is not tried again for each packet; a source that
   is another one with each packet gets few */
static int trans_alloc(struct video_route *rt, const struct video_fmt *in,
		       uint64_t now)
{
	struct vtrans *vt;
	int err;

	vtrans_close(rt);

	/* another encoder's picture ids and timestamps */
	if (rt->mode == VIDEO_XCODE)
		rt->mode = VIDEO_IDLE;

	if (rt->trans_t && now - rt->trans_t < MAKE_TIME)
		return EAGAIN;

	vt = mem_zalloc(sizeof(*vt), destructor);
	if (!vt)
		return ENOMEM;

	vt->in      = *in;
	vt->out     = rt->out->end.tx;
	vt->pktsize = vtx_payload_max(rt->out);

	err = x_alloc(vt, rt);
	if (err)
		clog_warning("video: %s cannot be made into %s (%m)\n",
			     video_codec_name(in->codec),
			     video_codec_name(vt->out.codec), err);

	rt->trans   = vt;
	rt->trans_t = now;

	return 0;
}


/**
 * An end was set: keep a transcoder that still fits
 *
 * @param rt Route
 */
void vtrans_keep(struct video_route *rt)
{
	size_t i;

	if (!rt->trans)
		return;

	for (i=0; i<rt->in->end.rxc; i++) {
		if (rt->in->hv[i] == vtrans_rx &&
		    fits(rt->trans, rt, &rt->in->end.rxv[i]))
			return;
	}

	vtrans_close(rt);
	rt->trans_t = 0;
}


/* The clock of a source that begins anew, with a keyframe, may go back by less
   than what a transcoder takes for another source: it would wait until the
   time has come again. Not so soon after the last one that it knows no time */
static bool is_restart(struct video_route *rt, const struct video_in *in)
{
	return in->res != RXSTAT_LATE && vforward_timeline(rt, in) &&
		in->key && in->now - rt->trans_t >= MAKE_TIME;
}


/**
 * Transcode a packet. See vroute_h
 *
 * @param rt Route to the other leg
 * @param in Packet
 *
 * @return 0 if success (or nothing is to be sent), ENOTSUP if there is no
 *         transcoder, EAGAIN if it is too soon for another one, ENOMEM
 */
int vtrans_rx(struct video_route *rt, struct video_in *in)
{
	const struct rtp_pkt *rp = in->rp;
	bool restart;
	int err;

	vforward_leave(rt);

	if (!rt->out->end.send)
		return 0;

	restart = is_restart(rt, in);

	if (!rt->trans || in->res == RXSTAT_NEW || restart ||
	    !fits(rt->trans, rt, rt->in->rxf)) {

		err = trans_alloc(rt, rt->in->rxf, in->now);
		if (err)
			return err;

		if (!in->key)
			vkey_start(rt->in, in->now);
	}

	/* a handler may have changed the ends */
	if (!rt->trans || !rt->trans->x)
		return ENOTSUP;

	vxcode_put(rt->trans->x, rp->marker, rp->seq, rp->ts, rp->payload,
		   rp->plen);

	return 0;
}


/**
 * Nothing more will come of what is missing
 *
 * @param rt Route
 */
void vtrans_lost(struct video_route *rt)
{
	if (rt->trans)
		vxcode_lost(rt->trans->x);
}


/**
 * The receiver wants a keyframe
 *
 * @param rt Route
 */
void vtrans_keyframe(struct video_route *rt)
{
	if (rt->trans)
		vxcode_keyframe(rt->trans->x);
}


/**
 * The receiver can take so much
 *
 * @param rt      Route
 * @param bitrate Limit [bit/s]
 */
void vtrans_set_bitrate(struct video_route *rt, uint32_t bitrate)
{
	if (rt->trans)
		vxcode_set_bitrate(rt->trans->x, bitrate);
}


/**
 * Add what there is to be told of the transcoder, if there is one
 *
 * @param rt Route
 * @param st Statistics of the leg that gets its frames; what earlier ones
 *           did is in there
 */
void vtrans_stats(const struct video_route *rt, struct video_stats *st)
{
	struct vxcode_stats x = {0};

	if (rt->trans)
		vxcode_stats(rt->trans->x, &x);

	st->late       += x.late;
	st->cpu_codec  += x.cpu;
	st->cpu_worker += x.cpu_thread;
}
