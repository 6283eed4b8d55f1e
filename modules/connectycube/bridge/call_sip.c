/**
 * @file bridge/call_sip.c  A bridged call's SIP leg
 *
 * See call.c for the states.
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
#include "bridge/vpolicy.h"
#include "bridge/bvideo.h"
#include "bridge/bridge.h"


static void sip_close_handler(uint16_t scode, const char *reason, void *arg)
{
	struct bcall *bc = arg;
	char why[128];

	(void)re_snprintf(why, sizeof(why), "SIP: %u %s", scode, reason);

	bcall_end_app(bc, scode, reason);
	bcall_close(bc, EVENT_PHONE, scode, why);
}


static void sip_ringing_handler(void *arg)
{
	struct bcall *bc = arg;

	if (bc->state == BCALL_CALLING)
		bcall_set_state(bc, BCALL_RINGING);
}


static void update_media(struct bcall *bc)
{
	(void)bcall_audio_update(bc);
	bcall_video_update(bc);
}


static void sip_media_handler(const struct sipleg_audio *au, void *arg)
{
	struct bcall *bc = arg;
	(void)au;

	bcall_keys_reset(bc);

	if (!bcall_audio_update(bc))
		return;

	raise_not_bridged(bc, "audio", 0);
}


static void sip_estab_handler(void *arg)
{
	struct bcall *bc = arg;

	tmr_cancel(&bc->tmr);

	/* an answer without any codec that was offered */
	if (!policy_sip_tx(sipleg_audio(bc->leg), NULL)) {
		bcall_end(bc, 488, "no codec in common with the phone");
		return;
	}

	if (bc->from_app && !bcall_is_answered(bc))
		bcall_accept_app(bc);
	else
		update_media(bc);
}


static const struct sipleg_handlers sip_handlers = {
	.ringingh = sip_ringing_handler,
	.mediah   = sip_media_handler,
	.estabh   = sip_estab_handler,
	.rtph     = bcall_sip_rtp,
	.rtcph    = bcall_sip_rtcp,
	.keyh     = bcall_sip_key,
	.videoh   = bcall_sip_video,
	.vrtph    = bcall_sip_vrtp,
	.vrtcph   = bcall_sip_vrtcp,
	.fasth    = bcall_sip_fast_update,
	.closeh   = sip_close_handler,
};


static void get_handlers(struct sipleg_handlers *h)
{
	*h = sip_handlers;

	if (!bridge_config()->dtmf_info)
		h->keyh = NULL;
}


/* "sip:number@domain" of the extension's account */
static int complete(char **urip, const struct ext *ext, const char *number)
{
	const struct uri *luri;
	struct uri uri;
	struct pl user;
	char *esc;
	int err;

	if (strchr(number, ':'))
		return str_dup(urip, number);

	luri = account_luri(ua_account(ext->ua));

	/* a '#' is none in a URI (RFC 3261, 25.1) */
	pl_set_str(&user, number);
	err = re_sdprintf(&esc, "%H", uri_user_escape, &user);
	if (err)
		return err;

	memset(&uri, 0, sizeof(uri));
	pl_set_str(&uri.scheme, "sip");
	pl_set_str(&uri.user, esc);
	uri.host = luri->host;
	uri.af   = luri->af;
	uri.port = luri->port;

	err = re_sdprintf(urip, "%H", uri_encode, &uri);
	mem_deref(esc);

	return err;
}


/**
 * Dial the extension's SIP address
 *
 * @param bc     Call
 * @param number Number to dial instead, NULL for dial= of the users file
 *
 * @return 0 if success, otherwise errorcode
 */
int bcall_connect_sip(struct bcall *bc, const char *number)
{
	const struct peer_media *pm;
	struct sipleg_handlers h;
	struct bvideo_sip v;
	struct sipleg_audio_prm au;
	char *uri = NULL;
	int err;

	if (!sip_ua_exists(bc->ext->ua))
		return ENOENT;

	err = complete(&uri, bc->ext, number ? number : bc->ext->map->dial);
	if (err)
		return err;

	raise_leg(bc, EVENT_LEG_NEW, EVENT_PHONE, uri);

	policy_state_phone(&au, peer_media(cube_call_peer(bc->cube),
					   PEER_AUDIO));

	pm  = peer_media(cube_call_peer(bc->cube), PEER_VIDEO);
	get_handlers(&h);
	err = sipleg_connect(&bc->leg, bc->ext->ua, uri, &au,
			     pm && pm->active
			     ? bvideo_sip(&v, pm, bvideo_app_max(bc->cube))
			     : NULL, &h, bc);
	mem_deref(uri);

	return err;
}


/**
 * A phone calls: ring the extension's cloud users
 *
 * @param ext Extension
 * @param leg SIP leg, taken over
 */
void bcall_from_sip(struct ext *ext, struct sipleg *leg)
{
	const char *name = sipleg_peer_name(leg);
	struct sipleg_handlers h;
	struct bcall *bc;
	uint16_t scode = 0;

	if (bridge_full(false))
		scode = 486;
	else if (!ext->map->callc)
		scode = 404;
	else if (!ext_is_online(ext))
		scode = 503;

	if (!scode && bcall_alloc(&bc, ext, false))
		scode = 500;

	if (scode) {
		sipleg_end(leg, scode,
			   scode == 503 ? cube_retry_after(ext->cube) : 0);
		mem_deref(leg);
		return;
	}

	bc->leg = leg;
	get_handlers(&h);
	sipleg_set_handlers(leg, &h, bc);
	bcall_start_ringing(bc);

	if (!str_isset(name))
		name = sipleg_peer_user(leg);

	if (bcall_connect_app(bc, (const char *const *)ext->map->callv,
			 ext->map->callc, name, sipleg_peer_user(leg),
			 sipleg_peer_uri(leg), sipleg_audio(leg),
			 sipleg_video(leg))) {
		bcall_end_sip(bc, 503);
		bcall_close(bc, EVENT_BRIDGE, 503, "cloud: cannot call");
	}
}
