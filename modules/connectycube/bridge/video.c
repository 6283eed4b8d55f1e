/**
 * @file bridge/video.c  Tells a call's video pair its two ends
 *
 * Where the SIP leg's and the WebRTC peer's view of video meet. The app's
 * side is negotiated once and stays; the phone may add video, drop it and
 * hold it at any time.
 */
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "peer/peer.h"
#include "cube/cube.h"
#include "media/media.h"
#include "media/rtcp.h"
#include "media/avsync.h"
#include "video/video.h"
#include "sip/sip.h"
#include "config.h"
#include "bridge/users.h"
#include "bridge/vpolicy.h"
#include "bridge/bvideo.h"
#include "bridge/bridge.h"


enum {
	MTU_SIP = 1400,         /**< RTP packet towards a phone [bytes]    */
	MTU_APP = 1200,         /**< The same towards an app, as Chromium's */
};

/** The header extensions of our offers, by Chromium's numbers */
static const struct peer_ext exts = {
	.abs_time = 2,
	.twcc     = 3,
	.orient   = 13,
};


/* The narrower of two limits [bit/s], 0=none */
static uint32_t narrower(uint32_t a, uint32_t b)
{
	return a && b ? min(a, b) : max(a, b);
}


/**
 * What an app is offered, or answered
 *
 * @param v   Filled in; prm points into it
 * @param vid The phone's video, NULL if it is not known yet
 *
 * @return Parameters, NULL if there is no video
 */
const struct peer_media_prm *bvideo_app(struct bvideo_app *v,
					const struct sipleg_video *vid)
{
	struct vpolicy vp;

	if (!bridge_config()->video)
		return NULL;

	bvideo_policy(&vp);
	memset(&v->prm, 0, sizeof(v->prm));
	v->prm.fmtv      = v->fmtv;
	v->prm.fmtc      = vpolicy_app(v->fmtv, &vp, vid);
	v->prm.ext       = exts;
	v->prm.bandwidth = narrower(bridge_config()->vprm.bitrate_max,
				    vid ? vid->bandwidth : 0);

	return v->prm.fmtc ? &v->prm : NULL;
}


/**
 * What a phone is offered, or answered
 *
 * @param v   Filled in; prm points into it
 * @param pm  The app's video, NULL if it is not known yet
 * @param max The app takes no more [bit/s], 0=unset
 *
 * @return Parameters, NULL if there is no video
 */
const struct sipleg_video_prm *bvideo_sip(struct bvideo_sip *v,
					  const struct peer_media *pm,
					  uint32_t max)
{
	struct vpolicy vp;

	if (!bridge_config()->video)
		return NULL;

	bvideo_policy(&vp);
	memset(&v->prm, 0, sizeof(v->prm));
	v->prm.fmtv      = v->fmtv;
	v->prm.fmtc      = vpolicy_sip(v->fmtv, &vp, pm);
	v->prm.bandwidth = narrower(bridge_config()->vprm.bitrate_max, max);
	v->prm.on        = v->prm.fmtc > 0;

	return v->prm.on ? &v->prm : NULL;
}


/**
 * Is a phone's call worth offering video to an app?
 *
 * @param vid The phone's video, NULL if it is not known yet
 *
 * @return True if it is
 */
bool bvideo_wanted(const struct sipleg_video *vid)
{
	const struct bridge_config *cfg = bridge_config();

	return cfg->video && (cfg->video_offer == VIDEO_OFFER_ALWAYS ||
			      (vid && vid->txc));
}


/**
 * The app's limit, which it states for what it sends and receives
 *
 * @param call The app's call
 *
 * @return userInfo.maxBandwidth [bit/s], 0=unset
 */
uint32_t bvideo_app_max(const struct cube_call *call)
{
	const char *val = cube_call_info(call, "maxBandwidth");
	const double kbps = val ? strtod(val, NULL) : 0;

	return kbps >= 1 && kbps <= 1000000 ? (uint32_t)(kbps * 1000) : 0;
}


/* --- the ends ---------------------------------------------------------- */


static int send_sip_rtp(uint8_t *pkt, size_t len, size_t size, void *arg)
{
	struct bcall *bc = arg;

	return sipleg_send_video_rtp(bc->leg, pkt, len, size);
}


static int send_sip_rtcp(uint8_t *pkt, size_t len, size_t size, void *arg)
{
	struct bcall *bc = arg;

	return sipleg_send_video_rtcp(bc->leg, pkt, len, size);
}


static int send_fast_update(void *arg)
{
	struct bcall *bc = arg;

	return sipleg_send_fast_update(bc->leg);
}


static void from_sip(struct video_fmt *dst, const struct sipleg_fmt *src)
{
	dst->pt    = src->pt;
	dst->codec = video_codec_find(src->name);
	str_ncpy(dst->fmtp, src->fmtp, sizeof(dst->fmtp));
}


static void from_peer(struct video_fmt *dst, const struct peer_fmt *src)
{
	dst->pt     = src->pt;
	dst->rtx_pt = src->rtx;
	dst->codec  = video_codec_find(src->name);
	str_ncpy(dst->fmtp, src->fmtp, sizeof(dst->fmtp));
}


static uint32_t fb_from_sip(uint32_t fb)
{
	return (fb & SIPLEG_FB_NACK  ? VIDEO_FB_NACK  : 0) |
		(fb & SIPLEG_FB_PLI   ? VIDEO_FB_PLI   : 0) |
		(fb & SIPLEG_FB_FIR   ? VIDEO_FB_FIR   : 0) |
		(fb & SIPLEG_FB_TMMBR ? VIDEO_FB_TMMBR : 0) |
		(fb & SIPLEG_FB_REMB  ? VIDEO_FB_REMB  : 0);
}


static uint32_t fb_from_peer(uint32_t fb)
{
	return (fb & PEER_FB_NACK     ? VIDEO_FB_NACK : 0) |
		(fb & PEER_FB_NACK_PLI ? VIDEO_FB_PLI  : 0) |
		(fb & PEER_FB_CCM_FIR  ? VIDEO_FB_FIR  : 0) |
		(fb & PEER_FB_REMB     ? VIDEO_FB_REMB : 0) |
		(fb & PEER_FB_TWCC     ? VIDEO_FB_TWCC : 0);
}


static void sip_end(struct video_end *end, struct bcall *bc,
		    const struct sipleg_video *vid,
		    const struct sipleg_fmt *tx)
{
	memset(end, 0, sizeof(*end));

	for (end->rxc = 0; end->rxc < min(vid->rxc, (size_t)VIDEO_FMT_MAX);
	     ++end->rxc)
		from_sip(&end->rxv[end->rxc], &vid->rxv[end->rxc]);

	from_sip(&end->tx, tx);

	end->ssrc       = vid->ssrc;
	end->send       = vid->send;
	end->recv       = vid->recv;
	end->fb         = fb_from_sip(vid->fb);
	end->rtcp_rsize = vid->rtcp_rsize;
	end->plain      = true;
	end->bw_max     = vid->bandwidth;
	end->mtu        = MTU_SIP;
	end->rtph       = send_sip_rtp;
	end->rtcph      = send_sip_rtcp;
	end->fasth      = send_fast_update;
	end->arg        = bc;

	str_ncpy(end->cname, bc->ext->map->aor, sizeof(end->cname));
}


static void app_end(struct video_end *end, struct bcall *bc,
		    const struct peer_media *pm, const struct peer_fmt *tx)
{
	memset(end, 0, sizeof(*end));

	for (end->rxc = 0; end->rxc < min(pm->fmtc, (size_t)VIDEO_FMT_MAX);
	     ++end->rxc)
		from_peer(&end->rxv[end->rxc], &pm->fmtv[end->rxc]);

	from_peer(&end->tx, tx);

	end->ssrc       = pm->ssrc;
	end->ssrc_rtx   = tx->rtx ? pm->ssrc_rtx : 0;
	end->send       = pm->dir & SDP_SENDONLY;
	end->recv       = pm->dir & SDP_RECVONLY;
	end->fb         = fb_from_peer(tx->fb);
	end->rtcp_rsize = pm->rtcp_rsize;
	end->bw_max     = narrower(pm->bandwidth, bvideo_app_max(bc->cube));
	end->mtu        = MTU_APP;
	end->rtph       = bcall_send_cube_rtp;
	end->rtcph      = bcall_send_cube_rtcp;
	end->arg        = bc;

	end->ext.abs_time = pm->ext.abs_time;
	end->ext.twcc     = pm->ext.twcc;
	end->ext.orient   = pm->ext.orient;

	str_ncpy(end->cname, peer_cname(cube_call_peer(bc->cube)),
		 sizeof(end->cname));
}


static int set_sip_end(struct bcall *bc, const struct sipleg_video *vid,
		       const struct peer_media *pm)
{
	const struct sipleg_fmt *tx = vpolicy_sip_tx(vid, pm);
	struct video_end end;

	if (!tx)
		return video_pair_set_end(bc->video, LEG_SIP, NULL);

	sip_end(&end, bc, vid, tx);

	return video_pair_set_end(bc->video, LEG_SIP, &end);
}


static int set_app_end(struct bcall *bc, const struct peer_media *pm,
		       const struct peer_fmt *tx)
{
	struct video_end end;

	app_end(&end, bc, pm, tx);

	return video_pair_set_end(bc->video, LEG_CUBE, &end);
}


/* Lips move with the words: both pairs report by one clock */
static int alloc_pair(struct bcall *bc)
{
	struct avsync *av = NULL;
	int err;

	err = video_pair_alloc(&bc->video, bvideo_config());
	if (err)
		return err;

	err = avsync_alloc(&av);
	if (err) {
		bc->video = mem_deref(bc->video);
		return err;
	}

	audio_pair_set_sync(bc->audio, av);
	video_pair_set_sync(bc->video, av);
	mem_deref(av);

	return 0;
}


static int set_ends(struct bcall *bc, const struct sipleg_video *vid,
		    const struct peer_media *pm, const struct peer_fmt *tx)
{
	int err;

	if (!bc->video) {
		err = alloc_pair(bc);
		if (err)
			return err;
	}

	err = set_app_end(bc, pm, tx);
	if (err)
		return err;

	return set_sip_end(bc, vid, pm);
}


/**
 * Something was negotiated on either leg: set both ends anew. A call of which
 * the app has no video gets no video pair. It goes on without video if that
 * fails
 *
 * @param bc Call
 */
void bcall_video_update(struct bcall *bc)
{
	const struct sipleg_video *vid = sipleg_video(bc->leg);
	const struct peer_media *pm;
	const struct peer_fmt *tx;
	int err;

	if (!bridge_config()->video || !bcall_is_answered(bc))
		return;

	pm = peer_media(cube_call_peer(bc->cube), PEER_VIDEO);
	tx = vpolicy_app_tx(pm, vid);
	if (!tx)
		return;

	err = set_ends(bc, vid, pm, tx);
	if (err)
		raise_not_bridged(bc, "video", err);
}


void bcall_sip_video(const struct sipleg_video *vid, void *arg)
{
	struct bcall *bc = arg;
	(void)vid;

	bcall_video_update(bc);
}


void bcall_sip_vrtp(uint8_t *pkt, size_t len, void *arg)
{
	struct bcall *bc = arg;

	if (bc->video)
		video_pair_rtp(bc->video, LEG_SIP, pkt, len);
}


void bcall_sip_vrtcp(uint8_t *pkt, size_t len, void *arg)
{
	struct bcall *bc = arg;

	if (bc->video)
		video_pair_rtcp(bc->video, LEG_SIP, pkt, len);
}


void bcall_sip_fast_update(void *arg)
{
	struct bcall *bc = arg;

	if (bc->video)
		video_pair_fast_update(bc->video, LEG_SIP);
}
