/**
 * @file bridge/call_app.c  A bridged call's cloud leg
 *
 * See call.c for the states.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/mono.h"
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


/**
 * Reject an app's call
 *
 * @param call   The app's call
 * @param scode  SIP status code, for userInfo
 * @param reason Readable reason, for userInfo
 */
void bcall_refuse_app(struct cube_call *call, uint16_t scode,
		      const char *reason)
{
	struct policy_reject rej;
	struct cube_info infov[3];
	char code[8];
	size_t n = 0;

	policy_reject(&rej, scode, reason);
	(void)re_snprintf(code, sizeof(code), "%u", rej.code);

	if (rej.busy)
		infov[n++] = (struct cube_info){"busy", "true"};

	infov[n++] = (struct cube_info){"sip_code", code};
	infov[n++] = (struct cube_info){"reason", rej.reason};

	cube_call_reject(call, infov, n);
}


/** Audio to offer or answer an app */
struct app_audio {
	struct peer_fmt fmtv[POLICY_FMT_MAX];
	struct peer_media_prm prm;
};


static const struct peer_media_prm *app_audio(struct app_audio *a,
					      const struct sipleg_audio *au)
{
	const size_t n = policy_offer(a->fmtv, bridge_config()->policy, au);

	policy_state_app(&a->prm, a->fmtv, n, au);

	return &a->prm;
}


/**
 * The phone has answered: accept the app's call
 *
 * @param bc Call; it may be gone afterwards
 */
void bcall_accept_app(struct bcall *bc)
{
	const struct peer_media_prm *video = NULL;
	struct bvideo_app v;
	struct app_audio a;
	int err;

	if (cube_call_type(bc->cube) == CUBE_CALL_VIDEO)
		video = bvideo_app(&v, sipleg_video(bc->leg));

	bcall_set_answered(bc);

	err = cube_call_accept(bc->cube,
			       app_audio(&a, sipleg_audio(bc->leg)), video,
			       NULL, 0);
	if (!err)
		err = bcall_audio_update(bc);

	if (err)
		bcall_end(bc, 488, "cannot accept the app's call");
	else
		bcall_video_update(bc);
}


static void cube_ringing_handler(void *arg)
{
	struct bcall *bc = arg;
	int err;

	if (bc->state != BCALL_CALLING)
		return;

	bcall_set_state(bc, BCALL_RINGING);

	err = bc->leg ? sipleg_ring(bc->leg) : 0;
	if (err)
		bcall_end(bc, 500, "SIP: cannot ring");
}


static void cube_answer_handler(const char *jid, void *arg)
{
	struct bcall *bc = arg;
	const struct peer_media *pm;
	struct bvideo_sip v;
	struct sipleg_audio_prm au;
	int err;

	raise_leg(bc, EVENT_LEG_ANSWERED, EVENT_APP, jid);
	bcall_set_answered(bc);

	/* called from the console: now the phone */
	if (!bc->leg) {
		bcall_limit_ringing(bc);
		if (bcall_connect_sip(bc, NULL))
			bcall_end(bc, 500, "cannot dial");
		return;
	}

	policy_state_phone(&au, peer_media(cube_call_peer(bc->cube),
					   PEER_AUDIO));
	if (!au.codec) {
		bcall_end(bc, 488, "no codec in common with the app");
		return;
	}

	pm  = peer_media(cube_call_peer(bc->cube), PEER_VIDEO);
	err = sipleg_answer(bc->leg, &au,
			    pm && pm->active ? bvideo_sip(&v, pm, 0) : NULL);
	if (err)
		bcall_end(bc, 500, "SIP: cannot answer");
}


static void cube_estab_handler(void *arg)
{
	struct bcall *bc = arg;

	bc->t_estab = mono_ms();
	bcall_set_state(bc, BCALL_ESTABLISHED);
	bcall_warm(bc);
	bcall_watch(bc);        /* last: it may end the call */
}


static void cube_path_handler(bool lost, void *arg)
{
	struct bcall *bc = arg;

	bc->lost = lost;
	raise_path(bc, lost);
}


static void cube_close_handler(enum cube_end end, const char *reason,
			       const struct cube_info *infov, size_t infoc,
			       void *arg)
{
	const uint16_t scode = policy_scode(end,
					    bridge_config()->reject_code);
	struct bcall *bc = arg;
	char why[128];
	(void)infov;
	(void)infoc;

	(void)re_snprintf(why, sizeof(why), "app: %s", reason);

	bcall_end_sip(bc, scode);
	bcall_close(bc, EVENT_APP, end == CUBE_END_HANGUP ? 0 : scode, why);
}


static const struct cube_call_handlers cube_handlers = {
	.ringingh = cube_ringing_handler,
	.answerh  = cube_answer_handler,
	.estabh   = cube_estab_handler,
	.pathh    = cube_path_handler,
	.updateh  = bcall_cube_update,
	.rtph     = bcall_cube_rtp,
	.rtcph    = bcall_cube_rtcp,
	.closeh   = cube_close_handler,
};


/**
 * Ring the apps of cloud users
 *
 * @param bc     Call
 * @param idv    User ids
 * @param idc    Number of user ids
 * @param name   Name of the caller, shown to the app
 * @param number Number of the caller, shown to the app
 * @param uri    SIP URI of the caller, shown to the app
 * @param au     Audio of the SIP leg, NULL if not known yet
 * @param vid    Video of the SIP leg, NULL if not known yet
 *
 * @return 0 if success, otherwise errorcode
 */
int bcall_connect_app(struct bcall *bc, const char *const *idv, size_t idc,
		      const char *name, const char *number,
		      const char *uri, const struct sipleg_audio *au,
		      const struct sipleg_video *vid)
{
	const struct user_map *map = bc->ext->map;
	const struct peer_media_prm *video = NULL;
	struct bvideo_app v;
	struct app_audio a;
	char kbps[16];
	struct cube_info infov[6] = {
		{"name",      name},
		{"number",    number},
		{"uri",       uri},
		{"extension", map->name},
	};
	size_t infoc = 4;

	if (map->department)
		infov[infoc++] = (struct cube_info){"department",
			map->department};

	if (bvideo_wanted(vid))
		video = bvideo_app(&v, vid);

	if (video) {
		(void)re_snprintf(kbps, sizeof(kbps), "%u",
				  video->bandwidth / 1000);
		infov[infoc++] = (struct cube_info){"maxBandwidth", kbps};
	}

	return cube_call_connect(&bc->cube, bc->ext->cube, idv, idc,
				 video ? CUBE_CALL_VIDEO : CUBE_CALL_AUDIO,
				 app_audio(&a, au), video, infov, infoc,
				 &cube_handlers, bc);
}


/* The number that the app asks for, if it may: else why not */
static uint16_t dial_number(const char **numberp, const struct ext *ext,
			    const struct cube_call *call)
{
	const char *number = cube_call_info(call, "dial");

	*numberp = NULL;

	if (!str_isset(number))
		return str_isset(ext->map->dial) ? 0 : 404;

	if (!users_dialable(ext->map->dialable, number))
		return 403;

	*numberp = number;

	return 0;
}


static uint16_t prepare(struct cube_call *call)
{
	const struct peer_media_prm *video = NULL;
	struct bvideo_app v;
	struct app_audio a;

	if (cube_call_type(call) == CUBE_CALL_VIDEO)
		video = bvideo_app(&v, NULL);

	if (cube_call_prepare(call, app_audio(&a, NULL), video))
		return 488;

	return policy_cube_tx(peer_media(cube_call_peer(call), PEER_AUDIO))
		? 0 : 488;
}


/**
 * An app calls: dial the extension's SIP address, or the number that the app
 * names if it may
 *
 * @param ext  Extension
 * @param call Cloud call, taken over
 */
void bcall_from_app(struct ext *ext, struct cube_call *call)
{
	const char *number = NULL, *reason = NULL;
	struct bcall *bc = NULL;
	uint16_t scode;

	scode = ext->leaving ? 404 : bridge_full(true) ? 486 :
		dial_number(&number, ext, call);
	if (!scode)
		scode = admit_app(ext, call, number, &reason);
	if (!scode)
		scode = prepare(call);
	if (!scode && bcall_alloc(&bc, ext, true))
		scode = 500;

	if (scode) {
		if (!reason)
			reason = sip_reason(scode);
		raise_refused(ext, cube_call_user(call), cube_call_id(call),
			      scode, reason);
		bcall_refuse_app(call, scode, reason);
		return;         /* never ours: it had no handlers set */
	}

	bc->cube = call;
	cube_call_set_handlers(call, &cube_handlers, bc);
	bcall_start_ringing(bc);

	if (bcall_connect_sip(bc, number))
		bcall_end(bc, 500, "cannot dial");
}
