/**
 * @file call/host/leg_cube_media.c  A cloud leg's media: what it states and sends
 */
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "peer/peer.h"
#include "cube/cube.h"
#include "audio/audio.h"
#include "video/video.h"
#include "sip/sip.h"
#include "config/config.h"
#include "call/event.h"
#include "call/raise.h"
#include "call/legmedia.h"
#include "call/policy.h"
#include "call/policy_video.h"
#include "call/video_setup.h"
#include "call/leg.h"
#include "call/leg_cube.h"
#include "call/call.h"
#include "call/bridge.h"


enum {
	MTU = 1200,             /**< RTP packet of video, as Chromium's
				     [bytes]                               */
};

/** The header extensions of our offers, by Chromium's numbers */
static const struct peer_ext exts = {
	.abs_time = 2,
	.twcc     = 3,
	.orient   = 13,
};


/**
 * What an app is offered, or answered, as audio
 *
 * @param a     Filled in; prm points into it
 * @param other The other leg's audio, NULL if it is not known yet
 *
 * @return Parameters
 */
const struct peer_media_prm *leg_cube_audio(struct leg_cube_audio *a,
					    const struct leg_audio *other)
{
	const size_t n = policy_offer(a->fmtv, bridge_config()->policy,
				      other);

	policy_state_app(&a->prm, a->fmtv, n, other);

	return &a->prm;
}


/**
 * What an app is offered, or answered, as video
 *
 * @param v     Filled in; prm points into it
 * @param other The other leg's video, NULL if it is not known yet
 *
 * @return Parameters, NULL if there is no video
 */
const struct peer_media_prm *leg_cube_video(struct leg_cube_video *v,
					    const struct leg_video *other)
{
	struct vpolicy vp;

	if (!bridge_config()->video)
		return NULL;

	bvideo_policy(&vp);
	memset(&v->prm, 0, sizeof(v->prm));
	v->prm.fmtv      = v->fmtv;
	v->prm.fmtc      = vpolicy_app(v->fmtv, &vp, other);
	v->prm.ext       = exts;
	v->prm.bandwidth = bvideo_narrower(bridge_config()->vprm.bitrate_max,
					   other ? other->bandwidth : 0);

	return v->prm.fmtc ? &v->prm : NULL;
}


/* The app's limit, which it states for what it sends and receives, in
   userInfo.maxBandwidth [bit/s], 0=unset */
static uint32_t bandwidth_max(const struct cube_call *cc)
{
	const char *val = cube_call_info(cc, "maxBandwidth");
	const double kbps = val ? strtod(val, NULL) : 0;

	return kbps >= 1 && kbps <= 1000000 ? (uint32_t)(kbps * 1000) : 0;
}


static const struct peer_media *media(const struct leg_cube *lc,
				      enum peer_kind kind)
{
	return peer_media(cube_call_peer(lc->cc), kind);
}


/**
 * The other party holds this one, or is back; see struct leg_ops
 *
 * @param leg  Leg
 * @param hold It is on hold
 */
void leg_cube_hold(struct leg *leg, bool hold)
{
	struct leg_cube *lc = (struct leg_cube *)leg;

	(void)cube_call_tell(lc->cc, hold ? "held" : "resumed", NULL, 0);
}


/**
 * Tell other legs what they have to know of its media; see struct leg_ops
 *
 * @param leg Leg
 * @param lm  Set to it
 */
void leg_cube_media(const struct leg *leg, struct leg_media *lm)
{
	const struct leg_cube *lc = (const struct leg_cube *)leg;

	legmedia_audio_peer(&lm->audio, media(lc, PEER_AUDIO));
	legmedia_video_peer(&lm->video, media(lc, PEER_VIDEO));

	lm->video.bandwidth = bandwidth_max(lc->cc);
}


/**
 * Tell how its media gets here; left as it is if that is not known.
 * See struct leg_ops
 *
 * @param leg  Leg
 * @param path Set to it
 */
void leg_cube_path(const struct leg *leg, struct leg_path *path)
{
	const struct leg_cube *lc = (const struct leg_cube *)leg;
	const char *srtp, *local, *remote;

	if (!peer_path(cube_call_peer(lc->cc), &srtp, &local, &remote))
		return;

	str_ncpy(path->srtp,       srtp,   sizeof(path->srtp));
	str_ncpy(path->ice_local,  local,  sizeof(path->ice_local));
	str_ncpy(path->ice_remote, remote, sizeof(path->ice_remote));
}


/**
 * It is not heard: have its media path made anew; see struct leg_ops.
 * SDKs that call take no restart of ours
 *
 * @param leg Leg
 *
 * @return What is done, a word, NULL=nothing
 */
const char *leg_cube_revive(struct leg *leg)
{
	struct leg_cube *lc = (struct leg_cube *)leg;

	return cube_call_restart(lc->cc) ? NULL : "ice_restart";
}


/* --- the ends ---------------------------------------------------------- */


/* for both kinds of media: they share the peer's one transport */
static int send_rtp(uint8_t *pkt, size_t len, size_t size, void *arg)
{
	return peer_send_rtp(cube_call_peer(arg), pkt, len, size);
}


static int send_rtcp(uint8_t *pkt, size_t len, size_t size, void *arg)
{
	return peer_send_rtcp(cube_call_peer(arg), pkt, len, size);
}


static uint32_t rx_age(void *arg)
{
	return peer_rx_age(cube_call_peer(arg));
}


static void set_fmt(struct media_fmt *dst, const struct peer_fmt *src)
{
	dst->pt    = src->pt;
	dst->crate = src->crate;
	dst->ch    = src->ch;
	str_ncpy(dst->name, src->name, sizeof(dst->name));
	str_ncpy(dst->fmtp, src->fmtp, sizeof(dst->fmtp));
}


static void set_vfmt(struct video_fmt *dst, const struct peer_fmt *src)
{
	dst->pt     = src->pt;
	dst->rtx_pt = src->rtx;
	dst->codec  = video_codec_find(src->name);
	str_ncpy(dst->fmtp, src->fmtp, sizeof(dst->fmtp));
}


static uint32_t feedback(uint32_t fb)
{
	return (fb & PEER_FB_NACK     ? VIDEO_FB_NACK : 0) |
		(fb & PEER_FB_NACK_PLI ? VIDEO_FB_PLI  : 0) |
		(fb & PEER_FB_CCM_FIR  ? VIDEO_FB_FIR  : 0) |
		(fb & PEER_FB_REMB     ? VIDEO_FB_REMB : 0) |
		(fb & PEER_FB_TWCC     ? VIDEO_FB_TWCC : 0);
}


/**
 * Get its audio as it is negotiated; see struct leg_ops
 *
 * @param leg   Leg
 * @param end   Set to it
 * @param other Audio of the leg that it is towards
 *
 * @return 0 if success, ENOENT if there is none yet
 */
int leg_cube_audio_end(struct leg *leg, struct media_end *end,
		       const struct leg_audio *other)
{
	struct leg_cube *lc = (struct leg_cube *)leg;
	const struct peer_media *pm = media(lc, PEER_AUDIO);
	const struct peer_fmt *tx = policy_cube_tx(pm);
	const struct peer_fmt *ev = policy_cube_event(pm);
	(void)other;

	if (!tx)
		return ENOENT;

	memset(end, 0, sizeof(*end));

	for (end->rxc = 0; end->rxc < pm->fmtc; ++end->rxc)
		set_fmt(&end->rxv[end->rxc], &pm->fmtv[end->rxc]);

	set_fmt(&end->tx, tx);

	if (ev)
		set_fmt(&end->ev, ev);

	end->ptime      = pm->ptime;
	end->maxptime   = pm->maxptime;
	end->ssrc       = pm->ssrc;
	end->send       = pm->dir & SDP_SENDONLY;
	end->recv       = pm->dir & SDP_RECVONLY;
	end->rtcp_rsize = pm->rtcp_rsize;
	end->rtph       = send_rtp;
	end->rtcph      = send_rtcp;
	end->ageh       = rx_age;
	end->arg        = lc->cc;

	str_ncpy(end->cname, peer_cname(cube_call_peer(lc->cc)),
		 sizeof(end->cname));

	return 0;
}


/**
 * Get its video as it is negotiated; see struct leg_ops.
 * Negotiated once, and stays
 *
 * @param leg   Leg
 * @param end   Set to it
 * @param other Video of the leg that it is towards
 *
 * @return 0 if success, ENOENT if it has none
 */
int leg_cube_video_end(struct leg *leg, struct video_end *end,
		       const struct leg_video *other)
{
	struct leg_cube *lc = (struct leg_cube *)leg;
	const struct peer_media *pm = media(lc, PEER_VIDEO);
	const struct peer_fmt *tx = vpolicy_app_tx(pm, other);

	if (!tx)
		return ENOENT;

	memset(end, 0, sizeof(*end));

	for (end->rxc = 0; end->rxc < min(pm->fmtc, (size_t)VIDEO_FMT_MAX);
	     ++end->rxc)
		set_vfmt(&end->rxv[end->rxc], &pm->fmtv[end->rxc]);

	set_vfmt(&end->tx, tx);

	end->ssrc       = pm->ssrc;
	end->ssrc_rtx   = tx->rtx ? pm->ssrc_rtx : 0;
	end->send       = pm->dir & SDP_SENDONLY;
	end->recv       = pm->dir & SDP_RECVONLY;
	end->fb         = feedback(tx->fb);
	end->rtcp_rsize = pm->rtcp_rsize;
	end->bw_max     = bvideo_narrower(pm->bandwidth,
					  bandwidth_max(lc->cc));
	end->mtu        = MTU;
	end->still      = true;
	end->rtph       = send_rtp;
	end->rtcph      = send_rtcp;
	end->arg        = lc->cc;

	end->ext.abs_time = pm->ext.abs_time;
	end->ext.twcc     = pm->ext.twcc;
	end->ext.orient   = pm->ext.orient;

	str_ncpy(end->cname, peer_cname(cube_call_peer(lc->cc)),
		 sizeof(end->cname));

	return 0;
}


/* --- packets that come ------------------------------------------------- */


/**
 * RTP has come from the app
 *
 * @param kind Audio, or video
 * @param pkt  Packet, decrypted
 * @param len  Its length [bytes]
 * @param arg  Leg
 */
void leg_cube_rtp(enum peer_kind kind, uint8_t *pkt, size_t len, void *arg)
{
	const struct leg *leg = arg;

	if (kind == PEER_AUDIO)
		audio_port_rtp(leg->audio, pkt, len);
	else
		video_port_rtp(leg->video, pkt, len);
}


/**
 * RTCP has come from the app
 *
 * @param kind Audio, or video
 * @param pkt  Packet, decrypted
 * @param len  Its length [bytes]
 * @param arg  Leg
 */
void leg_cube_rtcp(enum peer_kind kind, uint8_t *pkt, size_t len, void *arg)
{
	const struct leg *leg = arg;

	if (kind == PEER_AUDIO)
		audio_port_rtcp(leg->audio, pkt, len);
	else
		video_port_rtcp(leg->video, pkt, len);
}
