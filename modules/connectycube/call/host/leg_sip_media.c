/**
 * @file call/host/leg_sip_media.c  A SIP leg's media: what it states and sends
 */
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
#include "call/dtmf_dedup.h"
#include "call/leg.h"
#include "call/leg_sip.h"
#include "call/call.h"
#include "call/bridge.h"


enum {
	MTU = 1400,             /**< RTP packet towards a phone [bytes]    */
};


/**
 * What a phone is offered, or answered, as video
 *
 * @param v     Filled in; prm points into it
 * @param other The other leg's video, NULL if it is not known yet
 * @param max   The other leg takes no more [bit/s], 0=unset
 *
 * @return Parameters, NULL if there is no video
 */
const struct sipleg_video_prm *leg_sip_video(struct leg_sip_video *v,
					     const struct leg_video *other,
					     uint32_t max)
{
	struct vpolicy vp;

	if (!bridge_config()->video)
		return NULL;

	bvideo_policy(&vp);
	memset(&v->prm, 0, sizeof(v->prm));
	v->prm.fmtv      = v->fmtv;
	v->prm.fmtc      = vpolicy_sip(v->fmtv, &vp, other);
	v->prm.bandwidth = bvideo_narrower(bridge_config()->vprm.bitrate_max,
					   max);
	v->prm.on        = v->prm.fmtc > 0;

	return v->prm.on ? &v->prm : NULL;
}


/**
 * The other party holds this one, or is back; see struct leg_ops.
 * A phone that is not told hears the music all the same
 *
 * @param leg  Leg
 * @param hold It is on hold
 */
void leg_sip_hold(struct leg *leg, bool hold)
{
	struct leg_sip *ls = (struct leg_sip *)leg;

	(void)sipleg_hold(ls->sl, hold);
}


/**
 * Tell the phone that the call is recorded, or not; see struct leg_ops
 *
 * @param leg   Leg
 * @param state Which of both
 * @param how   By SDP (RFC 7866), or by INFO
 *
 * @return 0 if it is on its way, otherwise errorcode
 */
int leg_sip_tell_record(struct leg *leg, enum steer_record state,
			enum steer_tell how)
{
	struct leg_sip *ls = (struct leg_sip *)leg;
	const char *record = state == STEER_RECORD_ON ? "on" :
		state == STEER_RECORD_PAUSED ? "paused" : "off";

	return how == STEER_TELL_SDP ? sipleg_offer_record(ls->sl, record)
		: sipleg_send_record(ls->sl, record);
}


/**
 * Tell other legs what they have to know of its media; see struct leg_ops
 *
 * @param leg Leg
 * @param lm  Set to it
 */
void leg_sip_media(const struct leg *leg, struct leg_media *lm)
{
	const struct leg_sip *ls = (const struct leg_sip *)leg;

	legmedia_audio_sip(&lm->audio, sipleg_audio(ls->sl));
	legmedia_video_sip(&lm->video, sipleg_video(ls->sl));
}


/**
 * Tell how its media gets here; left as it is if that is not known.
 * See struct leg_ops
 *
 * @param leg  Leg
 * @param path Set to it
 */
void leg_sip_path(const struct leg *leg, struct leg_path *path)
{
	const struct leg_sip *ls = (const struct leg_sip *)leg;
	struct sipleg_stats st;

	memset(&st, 0, sizeof(st));
	sipleg_stats(ls->sl, &st);

	if (st.lport)
		str_ncpy(path->srtp, st.suite ? st.suite : "",
			 sizeof(path->srtp));
}


/**
 * It is not heard: have its media path made anew; see struct leg_ops
 *
 * @param leg Leg
 *
 * @return What is done, a word, NULL=nothing
 */
const char *leg_sip_revive(struct leg *leg)
{
	struct leg_sip *ls = (struct leg_sip *)leg;

	return sipleg_revive(ls->sl) ? NULL : "reinvite";
}


/* --- audio ------------------------------------------------------------- */


static int send_rtp(uint8_t *pkt, size_t len, size_t size, void *arg)
{
	return sipleg_send_rtp(arg, pkt, len, size);
}


static int send_rtcp(uint8_t *pkt, size_t len, size_t size, void *arg)
{
	return sipleg_send_rtcp(arg, pkt, len, size);
}


static uint32_t rx_age(void *arg)
{
	return sipleg_rx_age(arg);
}


static void set_fmt(struct media_fmt *dst, const struct sipleg_fmt *src)
{
	dst->pt    = src->pt;
	dst->crate = src->crate;
	dst->ch    = src->ch;
	str_ncpy(dst->name, src->name, sizeof(dst->name));
	str_ncpy(dst->fmtp, src->fmtp, sizeof(dst->fmtp));
}


static bool use_inband(const struct sipleg_audio *au)
{
	switch (bridge_config()->inband) {

	case INBAND_YES: return true;
	case INBAND_NO:  return false;
	default:         return !policy_sip_event(au, NULL);
	}
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
int leg_sip_audio_end(struct leg *leg, struct media_end *end,
		      const struct leg_audio *other)
{
	struct leg_sip *ls = (struct leg_sip *)leg;
	const struct sipleg_audio *au = sipleg_audio(ls->sl);
	const struct sipleg_fmt *tx = policy_sip_tx(au, other);
	const struct sipleg_fmt *ev;

	if (!tx)
		return ENOENT;

	ev = policy_sip_event(au, tx);
	memset(end, 0, sizeof(*end));

	for (end->rxc = 0; end->rxc < au->rxc; ++end->rxc)
		set_fmt(&end->rxv[end->rxc], &au->rxv[end->rxc]);

	set_fmt(&end->tx, tx);

	if (ev && bridge_config()->dtmf_sip <= DTMF_RTP)
		set_fmt(&end->ev, ev);

	end->inband     = use_inband(au) && !ls->deaf;
	end->keepalive  = bridge_config()->keepalive * 1000;

	end->ptime      = au->ptime;
	end->maxptime   = au->maxptime;
	end->ssrc       = au->ssrc;
	end->send       = au->send;
	end->recv       = au->recv;
	end->rtcp_rsize = au->rtcp_rsize;
	end->rtph       = send_rtp;
	end->rtcph      = send_rtcp;
	end->ageh       = rx_age;
	end->arg        = ls->sl;

	str_ncpy(end->cname, ls->cname, sizeof(end->cname));

	return 0;
}


/**
 * RTP of its audio has come from the phone
 *
 * @param pkt Packet
 * @param len Its length [bytes]
 * @param arg Leg
 */
void leg_sip_rtp(uint8_t *pkt, size_t len, void *arg)
{
	const struct leg *leg = arg;

	audio_port_rtp(leg->audio, pkt, len);
}


static bool is_speech(const struct sipleg_audio *au, uint8_t pt)
{
	size_t i;

	for (i=0; i<au->rxc; i++) {
		if (au->rxv[i].pt == pt)
			return policy_is_audio(au->rxv[i].name);
	}

	return false;
}


/**
 * The same, until something is heard of a phone that we call
 *
 * @param pkt Packet
 * @param len Its length [bytes]
 * @param arg Leg
 */
void leg_sip_early_rtp(uint8_t *pkt, size_t len, void *arg)
{
	struct leg_sip *ls = arg;

	if (is_speech(sipleg_audio(ls->sl), pkt[1] & 0x7f))
		leg_sip_heard_early(ls);

	leg_sip_rtp(pkt, len, arg);
}


/**
 * RTCP of its audio has come from the phone
 *
 * @param pkt Packet
 * @param len Its length [bytes]
 * @param arg Leg
 */
void leg_sip_rtcp(uint8_t *pkt, size_t len, void *arg)
{
	const struct leg *leg = arg;

	audio_port_rtcp(leg->audio, pkt, len);
}


/* --- video ------------------------------------------------------------- */


static int send_vrtp(uint8_t *pkt, size_t len, size_t size, void *arg)
{
	return sipleg_send_video_rtp(arg, pkt, len, size);
}


static int send_vrtcp(uint8_t *pkt, size_t len, size_t size, void *arg)
{
	return sipleg_send_video_rtcp(arg, pkt, len, size);
}


static int send_fast_update(void *arg)
{
	return sipleg_send_fast_update(arg);
}


static void set_vfmt(struct video_fmt *dst, const struct sipleg_fmt *src)
{
	dst->pt    = src->pt;
	dst->codec = video_codec_find(src->name);
	str_ncpy(dst->fmtp, src->fmtp, sizeof(dst->fmtp));
}


static uint32_t feedback(uint32_t fb)
{
	return (fb & SIPLEG_FB_NACK  ? VIDEO_FB_NACK  : 0) |
		(fb & SIPLEG_FB_PLI   ? VIDEO_FB_PLI   : 0) |
		(fb & SIPLEG_FB_FIR   ? VIDEO_FB_FIR   : 0) |
		(fb & SIPLEG_FB_TMMBR ? VIDEO_FB_TMMBR : 0) |
		(fb & SIPLEG_FB_REMB  ? VIDEO_FB_REMB  : 0);
}


/**
 * Get its video as it is negotiated; see struct leg_ops
 *
 * @param leg   Leg
 * @param end   Set to it
 * @param other Video of the leg that it is towards
 *
 * @return 0 if success, ENOENT if it has none
 */
int leg_sip_video_end(struct leg *leg, struct video_end *end,
		      const struct leg_video *other)
{
	struct leg_sip *ls = (struct leg_sip *)leg;
	const struct sipleg_video *vid = sipleg_video(ls->sl);
	const struct sipleg_fmt *tx = vpolicy_sip_tx(vid, other);

	if (!tx)
		return ENOENT;

	memset(end, 0, sizeof(*end));

	for (end->rxc = 0; end->rxc < min(vid->rxc, (size_t)VIDEO_FMT_MAX);
	     ++end->rxc)
		set_vfmt(&end->rxv[end->rxc], &vid->rxv[end->rxc]);

	set_vfmt(&end->tx, tx);

	end->ssrc       = vid->ssrc;
	end->send       = vid->send;
	end->recv       = vid->recv;
	end->fb         = feedback(vid->fb);
	end->rtcp_rsize = vid->rtcp_rsize;
	end->plain      = true;
	end->bw_max     = vid->bandwidth;
	end->mtu        = MTU;
	end->rtph       = send_vrtp;
	end->rtcph      = send_vrtcp;
	end->fasth      = send_fast_update;
	end->arg        = ls->sl;

	str_ncpy(end->cname, ls->cname, sizeof(end->cname));

	return 0;
}


/**
 * RTP of its video has come from the phone
 *
 * @param pkt Packet
 * @param len Its length [bytes]
 * @param arg Leg
 */
void leg_sip_vrtp(uint8_t *pkt, size_t len, void *arg)
{
	const struct leg *leg = arg;

	video_port_rtp(leg->video, pkt, len);
}


/**
 * RTCP of its video has come from the phone
 *
 * @param pkt Packet
 * @param len Its length [bytes]
 * @param arg Leg
 */
void leg_sip_vrtcp(uint8_t *pkt, size_t len, void *arg)
{
	const struct leg *leg = arg;

	video_port_rtcp(leg->video, pkt, len);
}
