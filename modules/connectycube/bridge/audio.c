/**
 * @file bridge/audio.c  Tells a call's audio pair its two ends
 *
 * The only place where the SIP leg's and the WebRTC peer's view of a codec
 * meet.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "peer/peer.h"
#include "cube/cube.h"
#include "media/media.h"
#include "video/video.h"
#include "sip/sip.h"
#include "config.h"
#include "bridge/users.h"
#include "bridge/policy.h"
#include "bridge/bridge.h"


static int send_sip_rtp(uint8_t *pkt, size_t len, size_t size, void *arg)
{
	struct bcall *bc = arg;

	return sipleg_send_rtp(bc->leg, pkt, len, size);
}


static int send_sip_rtcp(uint8_t *pkt, size_t len, size_t size, void *arg)
{
	struct bcall *bc = arg;

	return sipleg_send_rtcp(bc->leg, pkt, len, size);
}


/* for both kinds of media: they share the peer's one transport */
int bcall_send_cube_rtp(uint8_t *pkt, size_t len, size_t size, void *arg)
{
	struct bcall *bc = arg;

	return peer_send_rtp(cube_call_peer(bc->cube), pkt, len, size);
}


int bcall_send_cube_rtcp(uint8_t *pkt, size_t len, size_t size, void *arg)
{
	struct bcall *bc = arg;

	return peer_send_rtcp(cube_call_peer(bc->cube), pkt, len, size);
}


static void from_sip(struct media_fmt *dst, const struct sipleg_fmt *src)
{
	dst->pt    = src->pt;
	dst->crate = src->crate;
	dst->ch    = src->ch;
	str_ncpy(dst->name, src->name, sizeof(dst->name));
	str_ncpy(dst->fmtp, src->fmtp, sizeof(dst->fmtp));
}


static void from_peer(struct media_fmt *dst, const struct peer_fmt *src)
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


static void sip_end(struct media_end *end, struct bcall *bc,
		    const struct sipleg_audio *au,
		    const struct sipleg_fmt *tx)
{
	const struct sipleg_fmt *ev = policy_sip_event(au, tx);

	memset(end, 0, sizeof(*end));

	for (end->rxc = 0; end->rxc < au->rxc; ++end->rxc)
		from_sip(&end->rxv[end->rxc], &au->rxv[end->rxc]);

	from_sip(&end->tx, tx);

	if (ev && bridge_config()->dtmf_sip <= DTMF_RTP)
		from_sip(&end->ev, ev);

	end->inband     = use_inband(au) && !bcall_keys_deaf(bc);
	end->keepalive  = bridge_config()->keepalive * 1000;

	end->ptime      = au->ptime;
	end->maxptime   = au->maxptime;
	end->ssrc       = au->ssrc;
	end->send       = au->send;
	end->recv       = au->recv;
	end->rtcp_rsize = au->rtcp_rsize;
	end->rtph       = send_sip_rtp;
	end->rtcph      = send_sip_rtcp;
	end->arg        = bc;

	str_ncpy(end->cname, bc->ext->map->aor, sizeof(end->cname));
}


static void cube_end(struct media_end *end, struct bcall *bc,
		     const struct peer_media *pm, const struct peer_fmt *tx)
{
	const struct peer_fmt *ev = policy_cube_event(pm);

	memset(end, 0, sizeof(*end));

	for (end->rxc = 0; end->rxc < pm->fmtc; ++end->rxc)
		from_peer(&end->rxv[end->rxc], &pm->fmtv[end->rxc]);

	from_peer(&end->tx, tx);

	if (ev)
		from_peer(&end->ev, ev);

	end->ptime      = pm->ptime;
	end->maxptime   = pm->maxptime;
	end->ssrc       = pm->ssrc;
	end->send       = pm->dir & SDP_SENDONLY;
	end->recv       = pm->dir & SDP_RECVONLY;
	end->rtcp_rsize = pm->rtcp_rsize;
	end->rtph       = bcall_send_cube_rtp;
	end->rtcph      = bcall_send_cube_rtcp;
	end->arg        = bc;

	str_ncpy(end->cname, peer_cname(cube_call_peer(bc->cube)),
		 sizeof(end->cname));
}


/**
 * Something was negotiated on either leg: set both ends anew, if both are
 * known by now
 *
 * @param bc Call
 *
 * @return 0 if success or nothing to do yet, otherwise errorcode
 */
int bcall_audio_update(struct bcall *bc)
{
	const struct sipleg_audio *au = sipleg_audio(bc->leg);
	const struct peer_media *pm;
	const struct sipleg_fmt *stx;
	const struct peer_fmt *ctx;
	struct media_end end;
	int err;

	pm  = peer_media(cube_call_peer(bc->cube), PEER_AUDIO);
	ctx = policy_cube_tx(pm);
	stx = policy_sip_tx(au, pm);
	if (!ctx || !stx)
		return 0;

	sip_end(&end, bc, au, stx);
	err = audio_pair_set_end(bc->audio, LEG_SIP, &end);
	if (err)
		return err;

	cube_end(&end, bc, pm, ctx);
	err = audio_pair_set_end(bc->audio, LEG_CUBE, &end);
	if (!err)
		bcall_warm(bc);

	return err;
}


void bcall_sip_rtp(uint8_t *pkt, size_t len, void *arg)
{
	struct bcall *bc = arg;

	audio_pair_rtp(bc->audio, LEG_SIP, pkt, len);
}


void bcall_sip_rtcp(uint8_t *pkt, size_t len, void *arg)
{
	struct bcall *bc = arg;

	audio_pair_rtcp(bc->audio, LEG_SIP, pkt, len);
}


void bcall_cube_rtp(enum peer_kind kind, uint8_t *pkt, size_t len, void *arg)
{
	struct bcall *bc = arg;

	if (kind == PEER_AUDIO)
		audio_pair_rtp(bc->audio, LEG_CUBE, pkt, len);
	else if (bc->video)
		video_pair_rtp(bc->video, LEG_CUBE, pkt, len);
}


void bcall_cube_rtcp(enum peer_kind kind, uint8_t *pkt, size_t len,
		     void *arg)
{
	struct bcall *bc = arg;

	if (kind == PEER_AUDIO)
		audio_pair_rtcp(bc->audio, LEG_CUBE, pkt, len);
	else if (bc->video)
		video_pair_rtcp(bc->video, LEG_CUBE, pkt, len);
}
